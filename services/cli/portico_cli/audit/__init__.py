"""`portico audit`: verify, archive, hold, restore, search, export and report on the audit log."""

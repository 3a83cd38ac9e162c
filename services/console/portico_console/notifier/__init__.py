"""Telling the hospital's own systems of escalations. A process of its own: a receiver that hangs holds nobody up."""

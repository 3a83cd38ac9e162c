"""The `portico` command: the composition root above all services, and the one-command demo."""

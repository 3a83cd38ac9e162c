"""The tagger of names and places: synthetic text, training, export (issue 3; docs/adr/0009)."""

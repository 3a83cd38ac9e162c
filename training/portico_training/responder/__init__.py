"""Preference pairs of the responder's drafts: their form, their checks and their import."""

"""Approved passages: read, check, index, search. Imports `portico_core` only; the encoder is a given callable."""

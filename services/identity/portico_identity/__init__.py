"""Verification of tokens, one way for gateway and console. It knows signatures, times and what is said about a
patient, not roles."""

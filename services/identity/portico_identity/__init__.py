"""Verification of access tokens, one way for gateway and console. It knows signatures and times, not roles."""

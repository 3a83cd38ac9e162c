"""What the session knows of the patient, found in every writing. It and the recognisers use each other's lists.

The recognisers come first, whichever module of the two is asked for first: the other way round they would meet half
of these lists.
"""

from portico_redaction import recognisers

__all__ = ["recognisers"]

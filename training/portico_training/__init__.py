"""Training of the models that guard a turn: authored messages in, small adapters out.

Nothing here runs when Portico serves. What serving needs is what `export` writes: LoRA factors, a head
of six rows, a temperature and two thresholds.
"""

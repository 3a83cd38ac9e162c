"""The entailment model: authored pairs of passage and sentence, training, threshold, export (issue 5)."""

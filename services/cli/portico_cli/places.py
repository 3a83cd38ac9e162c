"""Where things lie in a checkout. A hospital's image sets the PORTICO_… variables instead."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODEL_REPOSITORY = ROOT / "model_repository"
KNOWLEDGE_INDEX = ROOT / "services" / "knowledge" / "index"
WIDGET = ROOT / "services" / "widget" / "dist" / "portico.js"
TAGGER = ROOT / "services" / "redaction" / "tagger"
PHI_SETS = ROOT / "training" / "data" / "phi"
MESSAGES = ROOT / "training" / "data" / "messages"
ANSWER_SETS = ROOT / "services" / "knowledge" / "evaluation"
STUDY = ROOT / "training" / "data" / "study"
RULES = ROOT / "helm" / "portico" / "rules"

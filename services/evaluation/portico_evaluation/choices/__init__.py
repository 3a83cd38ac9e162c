"""The choices suite: what an LLM that may draft knows of medicine, by questions with one right answer."""

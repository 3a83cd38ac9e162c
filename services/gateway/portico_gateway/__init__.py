"""The gateway: the only process that sees raw patient words. `pipeline.answer_turn` is its spine."""

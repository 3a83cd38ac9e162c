"""What stands between a draft and a patient: deterministic checks, each a guardrails-ai validator of ours with a name.

    from portico_gateway.guards.validate import AnswerValidator, ValidationOutcome, CheckedAnswer

    validator = AnswerValidator(find_spans=redactor_find_spans)        # at start-up: imports guardrails-ai (about 4 s)
    outcome = validator.validate(question, draft_json, passages, today)
    outcome.answer       # CheckedAnswer | None; None escalates
    outcome.validators   # {"schema": "pass", "grounding": "fail", ...}: names of CHECKS, for audit and metrics
    outcome.answer.to_view()   # portico_core.turn.AnswerView

    from portico_gateway.guards.grounding import ground, ground_line
    ground(sentence, passages: Sequence[str]) -> GroundingResult(supported, score, reason)
    ground_line({"sentence", "passages", ...}) -> {..., "supported", "score", "reason"}

`find_spans(text) -> Sequence[PhiSpan]` is injected. `validate` is synchronous and thread-safe, and logs nothing.
A check that raises, or that leaves no verdict, counts as failed by its name; a name that is absent from `validators`
was not reached because an earlier check refused the whole draft (then `answer` is None). An empty list of checks is a
ConfigurationError.
"""

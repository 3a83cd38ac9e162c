"""Thirty ways to take a guard out: a line removed or turned round, and the fast tests that must notice.

Each names a file below `services/`, words that stand in it exactly once, what stands there instead, and a test file.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One guard taken out."""

    guard: str
    file: str
    line: str
    instead: str
    test: str


_TOKENS = "identity/portico_identity/tokens.py"
_COMPACT = "identity/portico_identity/compact.py"
_FORGED = "identity/test_forged_tokens.py"
_BODY = "gateway/portico_gateway/web/body.py"
_ADMISSION = "gateway/portico_gateway/web/admission.py"
_ORIGINS = "gateway/portico_gateway/web/origins.py"
_PIPELINE = "gateway/portico_gateway/pipeline.py"
_VALIDATE = "gateway/portico_gateway/guards/validate.py"
_CHECKS = "gateway/portico_gateway/guards/checks.py"
_VERDICT = "core/portico_core/verdict.py"
_HTTP = "cli/portico_cli/bounded_http.py"
_WALK = "state/portico_state/chain_walk.py"

SABOTAGES = (
    Sabotage("audience of a token", _TOKENS, "or expected.audience not in audiences", "", _FORGED),
    Sabotage("issuer of a token", _TOKENS, 'claims.get("iss") != expected.issuer or ', "", _FORGED),
    Sabotage("end of a token", _TOKENS, "not now - LEEWAY_S < expires <= now + LONGEST_LIFE_S", "False", _FORGED),
    Sabotage("use of a token", _TOKENS, "        _refuse_other_uses(claims)\n", "", _FORGED),
    Sabotage("scopes", _TOKENS, "if not self._expected.scopes <= scopes_of(claims)", "if False", _FORGED),
    Sabotage("signature", _TOKENS, "jws.deserialize_compact(read.text, key, registry=_ANY_HARMLESS_HEADER)", "pass", _FORGED),
    Sabotage("a key twice in a token", _COMPACT, "if len(names) != len(pairs)", "if False", _FORGED),
    Sabotage("header that names a key", _COMPACT, "header.keys() & _REFUSED_HEADERS or ", "", _FORGED),
    Sabotage("depth of a body", _BODY, "nesting_depth(text) > MAX_DEPTH or ", "", "gateway/test_body.py"),
    Sabotage("keys of a body", _BODY, " or count_keys(text) > MAX_KEYS", "", "gateway/test_body.py"),
    Sabotage("size of a body", _BODY, "if len(body) > MAX_BODY_BYTES", "if False", "gateway/test_body.py"),
    Sabotage("headers of a request", _HTTP, "len(names) > MAX_HEADERS or ", "", "cli/test_bounded_http.py"),
    Sabotage("bodies in chunks", _HTTP, ' or b"transfer-encoding" in names', "", "cli/test_bounded_http.py"),
    Sabotage("time of a request", _HTTP, "begun_s + REQUEST_S,", "begun_s + 1e6,", "cli/test_bounded_http.py"),
    Sabotage("turns of one patient", _ADMISSION, "not hogging and ", "", "gateway/test_admission.py"),
    Sabotage("reserve for emergencies", _ADMISSION, "if is_urgent(text) and", "if False and", "gateway/test_admission.py"),
    Sabotage("foreign origins", _ORIGINS, "not in _SAFE and not allowed", "not in _SAFE and False", "gateway/test_origins.py"),
    Sabotage("routes without a rule", "gateway/portico_gateway/web/access.py", "None in declared or ", "", "gateway/test_widget_tokens.py"),
    Sabotage("no redaction, no answer", _PIPELINE, "if redaction is None or degraded:", "if redaction is None:", "gateway/test_pipeline.py"),
    Sabotage("one decision a turn", _PIPELINE, "if receipt != entry.bytes_sha256", "if False", "gateway/test_pipeline.py"),
    Sabotage("confidence", _VERDICT, "verdict.confidence >= policy.thresholds[verdict.label]", "True", "core/test_verdict.py"),
    Sabotage("most severe verdict", _VERDICT, "return max(verdicts", "return min(verdicts", "core/test_verdict.py"),
    Sabotage("a missing check is a failed one", _VALIDATE, "if stands and ran]", "if stands]", "gateway/test_guards_validate.py"),
    Sabotage("a check that breaks fails", _VALIDATE, "        return (False,) * len(evidence.sentences)\n    sound", "        return (True,) * len(evidence.sentences)\n    sound", "gateway/test_guards_validate.py"),
    Sabotage("grounding", _CHECKS, "return [bool(ground_cited(evidence, sentence))", "return [True", "gateway/test_guards_validate.py"),
    Sabotage("identifiers in answers", _CHECKS, "return [not named] *", "return [True] *", "gateway/test_guards_validate.py"),
    Sabotage("an edited record", _WALK, "elif not hmac.compare_digest(record_hash(record, key=key), record[\"hash\"])", "elif False", "state/test_chain_walk.py"),
    Sabotage("a spliced record", _WALK, 'elif record["prev"] != chain.hash', "elif False", "state/test_chain_walk.py"),
    Sabotage("a sealed value in its place", "state/portico_state/sealing.py", "for part in place)", "for part in ())", "state/test_sealing.py"),
    Sabotage("core dumps", "gateway/portico_gateway/logs.py", "resource.setrlimit(", "print(", "gateway/test_logs.py"),
)  # fmt: skip

_WITHOUT = (
    "audience of a token", "issuer of a token", "end of a token", "use of a token", "scopes", "signature",
    "size of a body", "headers of a request", "foreign origins",
)  # fmt: skip
RED_TEAM = (
    *(each for each in SABOTAGES if each.guard in _WITHOUT),
    Sabotage("form of a body", _BODY, "if nesting_depth(text) > MAX_DEPTH or count_keys(text) > MAX_KEYS:", "if False:", ""),
    Sabotage("declared size of a body", _BODY, 'if _is_too_large(request.headers.get("content-length", "")):', "if False:", ""),
    Sabotage("a key twice", _BODY, "if len(dict(pairs)) != len(pairs):", "if False:", ""),
    Sabotage("kind of a body", _BODY, 'if kind != "application/json":', "if False:", ""),
    Sabotage("length of a text", _ADMISSION, "        raise TextTooLong", "        pass", ""),
    Sabotage("route of a verdict", _VERDICT, "    match verdict.label:", "    return Route.ANSWER\n    match verdict.label:", ""),
    Sabotage("fit of a passage", _PIPELINE, "hit.score >= self._parts.good_enough", "True", ""),
    Sabotage("every check", _VALIDATE, "tuple(checks[name](evidence))", "(True,) * len(evidence.sentences)", ""),
)  # fmt: skip
"""What the gateway of the red team's controls lacks, all at once; no unit test is named for these."""

"""What the classifier and the injection rule say of a message together, before anything may answer it."""

from collections.abc import Sequence
from dataclasses import replace

from portico_core.errors import ClassifierUnavailable
from portico_core.text import RedactedText
from portico_core.verdict import Verdict, most_severe
from portico_gateway.guards.injection import find_injection
from portico_gateway.ports import Classifier


async def judge_messages(classifier: Classifier, last: RedactedText, *, earlier: Sequence[RedactedText]) -> Verdict:
    """Judge the last message alone, the conversation as a whole where there is one, and plain injection by rule.

    The most severe verdict stands. Raise ClassifierUnavailable where a text came back without one.
    """
    judged = [last]
    if earlier:
        judged.append(replace(last, text="\n".join(message.text for message in (*earlier, last))))
    verdicts = await classifier.classify(judged)
    if len(verdicts) != len(judged):
        raise ClassifierUnavailable
    injection = find_injection(last.text)
    return most_severe([*verdicts, injection] if injection else verdicts)

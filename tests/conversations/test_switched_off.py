"""An operator switches answers off in a running stack: questions go to a person at once, 911 and 988 stay."""

import httpx2

from stack import Stack, ask

QUESTION = "What is metformin used for?"


def test_answers_are_switched_off_and_on_while_patients_write(stack: Stack) -> None:
    where = ("--state", str(stack.state))
    with stack.client(patient="switch-test") as client:
        assert ask(client, QUESTION)["route"] == "answer"
        try:
            done = stack.run("switch", "off", "route=answer", "--reason", "wrong dose reported", *where)
            assert (done.returncode, done.stdout) == (0, "route=answer is off\n"), done.stderr
            turn = ask(client, QUESTION)
            assert (turn["route"], turn["answer"]) == ("escalate", None)
            assert turn["escalation"]["id"]
            assert "Health topics" in turn["message"]
            assert ask(client, "i dont want to be alive anymore, i have pills here")["route"] == "crisis"
            assert httpx2.get(f"{stack.url}/readyz", trust_env=False).json()["switched_off"] == ["route=answer"]
            assert "wrong dose reported" in stack.run("switch", "list", *where).stdout
        finally:
            stack.run("switch", "on", "route=answer", "--reason", "passage was corrected", *where)
        assert ask(client, QUESTION)["route"] == "answer"
    assert stack.run("audit", "verify", *where).returncode == 0


def test_an_unknown_switch_and_a_missing_reason_are_refused(stack: Stack) -> None:
    where = ("--state", str(stack.state))
    for wrong in (("route=emergency", "--reason", "x"), ("route=answer", "--reason", " ")):
        done = stack.run("switch", "off", *wrong, *where)
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
    assert stack.run("switch", "list", *where).stdout == ""

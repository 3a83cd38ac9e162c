"""Run by `helm test`: every given address must answer 200 within three minutes. Standard library only."""

import sys
import time
import urllib.error
import urllib.request

PATIENCE_S = 180
ATTEMPT_S = 5


def answer_of(url: str) -> str:
    """Return "200", another status with its body, or why nothing answered."""
    try:
        with urllib.request.urlopen(url, timeout=ATTEMPT_S) as answer:  # noqa: S310  http inside the cluster
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return str(error)


def await_answer(url: str, *, patience_s: float = PATIENCE_S) -> bool:
    """Say what an address answers, and whether it was 200 in time."""
    deadline = time.monotonic() + patience_s
    while (said := answer_of(url)) != "200" and time.monotonic() < deadline:
        time.sleep(1)
    print(f"{url}: {said}", flush=True)
    return said == "200"


if __name__ == "__main__":
    answers = [await_answer(url) for url in sys.argv[1:]]
    sys.exit(0 if answers and all(answers) else 1)

"""Measure the classifier on a private Triton, over gRPC, with the golden messages.

python -m portico_models.bench [--repository DIR] [--rounds 5] [--in-flight 1]
"""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tritonclient.grpc as grpcclient

from portico_models.scoring import load_golden
from portico_models.triton_server import start_triton

_DEADLINE_S = 10.0


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path, default=Path("model_repository"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--in-flight", type=int, default=1)
    given = parser.parse_args()
    texts = [message.text for message in load_golden()] * given.rounds
    with (
        tempfile.TemporaryDirectory(prefix="portico-bench-") as state,
        start_triton(given.repository, Path(state), ready_s=120) as server,
        grpcclient.InferenceServerClient(server.grpc_url) as client,
        ThreadPoolExecutor(given.in_flight) as pool,
    ):
        started = time.perf_counter()
        seconds = list(pool.map(lambda text: _time_one(client, text), texts))
        elapsed = time.perf_counter() - started
    p50, p99 = (float(np.percentile(seconds, q)) * 1e3 for q in (50, 99))
    rate = len(seconds) / elapsed
    sys.stdout.write(
        f"n {len(seconds)}, in flight {given.in_flight}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {rate:.0f}/s\n"
    )


def _time_one(client: grpcclient.InferenceServerClient, text: str) -> float:
    tensor = grpcclient.InferInput("TEXT", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[text.encode()]], dtype=np.object_))
    started = time.perf_counter()
    client.infer("safety_classifier", [tensor], client_timeout=_DEADLINE_S)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

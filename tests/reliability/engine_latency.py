"""How long a search takes in this process and in PostgreSQL with pgvector, over one large index of made-up passages.

    PYTHONPATH=tests .venv/bin/python -m reliability.engine_latency [--passages 50000 200000] [--questions 120]

Passages, vectors and questions are those of `search_latency`. PostgreSQL is the one of the tests, on loopback, with 512
MB of shared buffers and at most two parallel workers. Besides the clock, which counts whoever else uses the machine, it
prints processor time: of this process, and of all of PostgreSQL's.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portico_knowledge.engine_search import EngineSearch
from portico_knowledge.index import Index, load_index
from portico_knowledge.local_encoder import open_local_encoder
from portico_knowledge.pgvector_connection import Connections
from portico_knowledge.pgvector_tables import load_into
from portico_knowledge.search import HybridSearch
from postgres_server import PostgresServer, postgres_server
from reliability.search_latency import ENCODER, KNOWLEDGE, make_index

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
Asked = Sequence[tuple[str, NDArray[np.float32]]]


def server_seconds(server: PostgresServer) -> float:
    """Return the processor seconds of the server, of its children, and of those that have ended."""
    own = server.process.pid
    pids = [own, *Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()]
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in pids]
    return sum(sum(map(int, each[11:13])) for each in fields) * TICK_S + sum(map(int, fields[0][13:15])) * TICK_S


def measure(search: HybridSearch | EngineSearch, asked: Asked, server: PostgresServer) -> dict[str, float]:
    """Return the median and 99th percentile by the clock, and mean processor time here and there, in milliseconds."""
    search.search(*asked[0])
    took, worked, there = list[float](), time.process_time(), server_seconds(server)
    for question, vector in asked:
        begun = time.perf_counter()
        search.search(question, vector)
        took.append((time.perf_counter() - begun) * 1000)
    each = 1000 / len(asked)
    p50, p99 = np.percentile(took, [50, 99])
    return {
        "p50_ms": round(float(p50), 1),
        "p99_ms": round(float(p99), 1),
        "here_cpu_ms": round((time.process_time() - worked) * each, 1),
        "server_cpu_ms": round((server_seconds(server) - there) * each, 1),
    }


def compare(index: Index, questions: Sequence[str], server: PostgresServer) -> dict[str, object]:
    """Load an index into the server, ask both, and return what each took and how many first fives differ."""
    memory, encode = HybridSearch(index), open_local_encoder(ENCODER)
    asked: Asked = [(q, encode([memory.wording(q)])[0]) for q in questions]
    begun = time.perf_counter()
    load_into(server.place(deadline_s=60), index, tenant="bench")
    loaded_s = time.perf_counter() - begun
    engine = EngineSearch(Connections(server.place(deadline_s=60)), "bench")
    try:
        begun = time.perf_counter()
        engine.renew(wait=True)
        opened_s = time.perf_counter() - begun
        pairs = [(memory.search(*one)[:5], engine.search(*one)[:5]) for one in asked]
        return {
            "passages": len(index.passages),
            "vectors": len(index.vectors),
            "loaded_s": round(loaded_s, 1),
            "opened_s": round(opened_s, 1),
            "first_five_differ": sum([f.passage for f in a] != [f.passage for f in b] for a, b in pairs),
            "questions": len(asked),
            "memory": measure(memory, asked, server),
            "pgvector": measure(engine, asked, server),
            "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    finally:
        engine.close()


def main() -> int:
    """Print a JSON line for each size; 1 where the engines find other passages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[50_000, 200_000])
    parser.add_argument("--questions", type=int, default=120)
    chosen = parser.parse_args()
    built_in = load_index(KNOWLEDGE / "index")
    lines = (KNOWLEDGE / "evaluation" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [row["question"] for row in map(json.loads, lines) if row["part"] != "test"][: chosen.questions]
    differ = 0
    with postgres_server() as server:
        for count in chosen.passages:
            found = compare(make_index(built_in, count), questions, server)
            differ += int(str(found["first_five_differ"]))
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())

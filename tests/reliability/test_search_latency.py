"""The harness of `make bench-search`, small: what it builds can be searched, and is the same each time."""

import numpy as np

from portico_knowledge.index import load_index
from portico_knowledge.search import HybridSearch
from reliability.search_latency import KNOWLEDGE, make_index, make_passages, measure


def test_a_made_up_index_is_the_same_each_time_and_is_searched() -> None:
    built_in = load_index(KNOWLEDGE / "index")
    index = make_index(built_in, 300)
    assert list(make_passages(built_in.passages, 300)) == list(index.passages)
    assert np.array_equal(make_index(built_in, 300).vectors, index.vectors)
    search = HybridSearch(index)
    title = index.passages[7].title
    asked = [(f"what is {title}", index.vectors[int(np.argmax(index.owners == 7))])] * 4
    assert search.search(*asked[0])[0].passage.title == title
    took = measure(search, asked)
    assert took.shape == (3, 2) and (took > 0).all()

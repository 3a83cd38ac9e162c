"""The search over a server-side engine, which may be away when a gateway starts and be loaded anew while it runs.

Until the engine has answered once, and whenever it does not answer, there is no search: the turn goes to a person. The
texts for emergencies need none, so a gateway starts without it.
"""

import threading

from portico_core.errors import SearchUnavailable
from portico_core.knowledge import FoundPassage, Subjects
from portico_knowledge.engine import Floats
from portico_knowledge.pgvector_connection import Connections
from portico_knowledge.pgvector_engine import PgvectorEngine, active_index
from portico_knowledge.search import HybridSearch


class EngineSearch:
    """The search of one tenant's active index. `renew` reads it, and reads it again where another was loaded."""

    def __init__(self, connections: Connections, tenant: str, *, encoder_version: str | None = None) -> None:
        """Ask the engine nothing yet."""
        self._connections, self._tenant, self._encoder_version = connections, tenant, encoder_version
        self._renewing = threading.Lock()
        self._opened: tuple[int, HybridSearch] | None = None

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """Return the topics of the index that is open; none where none is."""
        return self._opened[1].topic_ids if self._opened else ()

    def renew(self) -> None:
        """Open the active index unless it is open. Asks the engine, so it is for a thread that may wait.

        Raises:
            IndexUnfit: the index is none that this release can search, or there is none.
            SearchUnavailable: the engine does not answer; what is open stays open.
        """
        with self._renewing:
            active = int(active_index(self._connections, self._tenant)["number"])
            if self._opened is None or self._opened[0] != active:
                engine = PgvectorEngine(self._connections, self._tenant, encoder_version=self._encoder_version)
                self._opened = engine.number, HybridSearch(engine)

    def wording(self, question: str) -> str:
        """Return the question to encode; raise SearchUnavailable where no index is open."""
        return self._search().wording(question)

    def subjects(self, text: str) -> Subjects:
        """Return what a text names; raise SearchUnavailable where no index is open."""
        return self._search().subjects(text)

    def search(self, question: str, vector: Floats, *, k: int = 10) -> tuple[FoundPassage, ...]:
        """Return the k best passages that may be served; raise SearchUnavailable."""
        return self._search().search(question, vector, k=k)

    def close(self) -> None:
        """Drop the connections."""
        self._connections.close()

    def _search(self) -> HybridSearch:
        if self._opened is None:
            raise SearchUnavailable
        return self._opened[1]

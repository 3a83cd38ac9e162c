"""The search over a server-side engine, which may be away when a gateway starts and be loaded anew while it runs.

Until the engine has answered once, and whenever it does not answer, there is no search: the turn goes to a person. The
texts for emergencies need none, so a gateway starts without it.
"""

import contextlib
import threading

from portico_core.errors import PorticoError, SearchUnavailable
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
        self._reading = threading.Lock()
        self._opened: tuple[int, HybridSearch] | None = None

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """Return the topics of the index that is open; none where none is."""
        return self._opened[1].topic_ids if self._opened else ()

    def renew(self, *, wait: bool = False) -> None:
        """See whether the active index is the open one, and else read it: beside the searches, or now with `wait`.

        Raises:
            IndexUnfit: the index is none that this release can search, or there is none.
            SearchUnavailable: the engine does not answer, or no index is open yet; what is open stays open.
        """
        row = active_index(self._connections, self._tenant, encoder_version=self._encoder_version)
        if self._opened is None or self._opened[0] != row["number"]:
            if wait:
                self._read()
            elif not self._reading.locked():
                threading.Thread(target=self._read, name="read-index", daemon=True).start()
        if self._opened is None:
            raise SearchUnavailable

    def _read(self) -> None:
        """Read names and stems of the active index, which takes a while for a large one."""
        with self._reading, contextlib.suppress(PorticoError):  # Whoever renews next says why.
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

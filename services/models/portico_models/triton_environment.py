"""Where the pieces of Triton lie: the server binary, the Python backend, its stub, and the libpython it links.

They come from the wheel `nvidia-pytriton` in an environment of its own (`.venv-triton`), because the stub needs
numpy 1 and the rest of Portico needs numpy 2. The environment is described by asking its own interpreter, so the
stub always fits the Python that the models will run on.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portico_models.errors import ModelServerError

_QUESTION = """
import json, sys, sysconfig
print(json.dumps({
    "site_packages": sysconfig.get_path("purelib"), "python": "%d.%d" % sys.version_info[:2],
    "libdir": sysconfig.get_config_var("LIBDIR") or "",
}))
"""
_DEBIAN_LIBDIRS = ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")


@dataclass(frozen=True, slots=True)
class TritonEnvironment:
    """Paths of one Triton environment; `python` is its version, such as 3.11.

    `bin` must stand first on the server's PATH: the stub embeds Python in isolated mode, which ignores PYTHONPATH
    and PYTHONHOME and takes its standard library and packages from the `python3` it finds there.
    """

    bin: Path
    site_packages: Path
    python: str
    libpython_dir: Path

    @property
    def binary(self) -> Path:
        """The server."""
        return self._wheel / "bin" / "tritonserver"

    @property
    def libraries(self) -> Path:
        """The shared libraries that the wheel carries for the server."""
        return self.site_packages / "nvidia_pytriton.libs"

    @property
    def backend_files(self) -> tuple[Path, ...]:
        """What the private backend folder must hold."""
        backend = self._wheel / "backends" / "python"
        stub = self._wheel / "python_backend_stubs" / self.python / "triton_python_backend_stub"
        return backend / "libtriton_python.so", backend / "triton_python_backend_utils.py", stub

    @property
    def library_path(self) -> str:
        """The value of LD_LIBRARY_PATH."""
        return f"{self.libraries}:{self.libpython_dir}"

    @property
    def _wheel(self) -> Path:
        return self.site_packages / "pytriton" / "tritonserver"


def find_environment(folder: Path) -> TritonEnvironment:
    """Describe the Triton environment in a folder.

    Raises:
        ModelServerError: there is none, it lacks a piece, or its Python has no shared library anywhere.
    """
    folder = folder.absolute()
    told = _ask_interpreter(folder / "bin" / "python")
    libpython = _find_libpython(told["python"], told["libdir"])
    environment = TritonEnvironment(folder / "bin", Path(told["site_packages"]), told["python"], libpython)
    for path in (environment.binary, environment.libraries, *environment.backend_files):
        if not path.exists():
            raise ModelServerError(f"{folder} lacks {path.name}; run `make setup`")
    return environment


def _ask_interpreter(interpreter: Path) -> dict[str, str]:
    if not interpreter.exists():
        raise ModelServerError(f"no Triton environment at {interpreter.parent.parent}; run `make setup`")
    try:
        answer = subprocess.run([interpreter, "-I", "-c", _QUESTION], capture_output=True, check=True, timeout=30)
        return dict(json.loads(answer.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        raise ModelServerError(f"{interpreter} does not run; remove its folder and run `make setup`") from None


def _find_libpython(python: str, libdir: str) -> Path:
    """Return the folder of libpython: the interpreter's own where it is built shared, else Debian's."""
    name = f"libpython{python}.so.1.0"
    for folder in (libdir, *_DEBIAN_LIBDIRS):
        if folder and (Path(folder) / name).exists():
            return Path(folder)
    raise ModelServerError(f"Triton needs {name}: install the package libpython{python}, or a Python built shared")

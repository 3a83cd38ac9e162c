"""The shelf that an address names: a folder, or `s3://bucket/prefix`."""

from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_state.archive.s3_shelf import SCHEME, S3Shelf
from portico_state.archive.shelf import ArchiveShelf, FolderShelf


def open_shelf(address: str, *, must_exist: bool = True) -> ArchiveShelf:
    """Open a shelf; raise ConfigurationError for one that is not there. The archive job makes a folder's first."""
    if address.startswith(SCHEME):
        return S3Shelf(address)
    folder = Path(address)
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"the archive {address} is not a folder")
    if must_exist and not folder.is_dir():
        raise ConfigurationError(f"there is no archive in {address}")
    return FolderShelf(folder)

"""The forms of an export; apart from it, because the command line names them before anything else is loaded."""

from enum import StrEnum


class ExportForm(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSONL = "jsonl"

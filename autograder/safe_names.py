"""Names of files and folders that other people chose, as names that do no harm on any file system or screen."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

MAX_DEPTH = 12  # folders in folders
MAX_NAME = 120  # bytes of one file's or folder's name

JUNK = {"__macosx", ".ds_store", ".ipynb_checkpoints", "thumbs.db", "desktop.ini", ".git", "__pycache__", ".venv"}
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class UnreadableError(Exception):
    """Why something is not read and what to do, as the end of a sentence that begins with its name."""


def safe_name(name: str) -> str:
    """A file's name as any file system takes it, that shows as what it is in a terminal; never "", "." or ".."."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    name = "".join(c if c.isprintable() and c not in '/\\:*?"<>|[]' else "_" for c in name).strip()
    name = re.sub(r"^\.+|[. ]+$", "_", name) or "_"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    if len(name.encode()) > MAX_NAME:
        stem, dot, suffix = name.rpartition(".")
        if not dot or len(suffix.encode()) > 10:
            stem, dot, suffix = name, "", ""
        room = MAX_NAME - len((dot + suffix).encode())
        name = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + suffix
    return name


def same_name(*parts: str) -> tuple[str, ...]:
    """What two paths have in common that differ only in case or in how Unicode writes their letters."""
    return tuple(unicodedata.normalize("NFC", unicodedata.normalize("NFKC", part).casefold()) for part in parts)


def safe_parts(name: str) -> tuple[str, ...]:
    """The parts of a path in an archive.

    raises: UnreadableError if it leads out of the archive's own folder, or is none
    """
    path = name.replace("\\", "/")
    if "\0" in path or not path.strip("/. "):
        raise UnreadableError("is no name for a file: ask the student for it again")
    if path.startswith("/") or re.match(r"[A-Za-z]:(?! )", path):
        raise UnreadableError("has an absolute path, which could lead anywhere: ask the student for it again")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if any(part.strip(". ") == "" for part in parts):
        raise UnreadableError("has a path that leads out of its folder: ask the student for it again")
    if len(parts) > MAX_DEPTH:
        raise UnreadableError(f"lies more than {MAX_DEPTH} folders deep: ask the student for the .ipynb file alone")
    return tuple(safe_name(part) for part in parts)


def is_junk(name: str) -> bool:
    """Whether a system or Git put it there, and no person."""
    parts = name.replace("\\", "/").lower().split("/")
    return parts[-1].startswith("._") or any(part in JUNK for part in parts)


def numbered(parts: tuple[str, ...], number: int) -> tuple[str, ...]:
    """A path with a number behind the file's name, as browsers give it."""
    path = Path(parts[-1])
    return (*parts[:-1], safe_name(f"{path.stem} ({number}){path.suffix}"))

"""One file's bytes: whether there is a notebook in them, and that notebook as nbformat 4.5 wants it.

Students hand in what other programs wrote: older formats and encodings, half a download, a PDF, JSON that only Python
reads. What can be mended is mended and said; nothing that a notebook brings along is kept but cells and their names.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.contents import MAX_BYTES
from autograder.repairs import ASK_AGAIN, METADATA, too_large, writable

MAX_CELLS = 2_000
MAX_METADATA_DEPTH = 12

_BLANK = "\0\ufeff \t\r\n"
_BEFORE_JSON = re.compile(rf"[{_BLANK}]*(?=[{{\[])")
_UNIQUE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_OTHER_KINDS = [
    (b"pk\x03\x04", "is a zip archive: unpack it"),
    (b"\x1f\x8b", "is a gzip archive: unpack it"),
    (b"%pdf", "is a PDF: ask the student for the .ipynb file"),
    (b"<!doctype", "is a web page: ask the student for the .ipynb file"),
    (b"<html", "is a web page: ask the student for the .ipynb file"),
]


class NoNotebookError(Exception):
    """Why there is no notebook in a file, as the rest of a sentence that begins with its name."""


@dataclass
class NotebookFile:
    """What a file's bytes turned out to be.

    notebook: valid, of nbformat 4.5, without outputs
    notes   : what had to be mended, as ends of sentences that begin with the file's name
    noted   : what stands in its metadata["autograder"], whoever wrote that; None where there is nothing
    mended  : whether anything had to be, said or not
    raw     : its JSON
    """

    raw: Any = None
    notebook: NotebookNode | None = None
    notes: list[str] = field(default_factory=list)
    noted: Any = None
    mended: bool = False

    def mend(self, note: str = "") -> None:
        self.mended = True
        if note and note not in self.notes:
            self.notes.append(note)

    def is_canonical(self) -> bool:
        """Whether the file is nbformat 4.5 in UTF-8, and nbformat, and so nbgrader, reads it without complaint."""
        if self.mended:
            return False
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                nbformat.validate(nbformat.from_dict(self.raw))
        except Exception:  # jsonschema, nbformat and Python's recursion limit raise whatever they raise
            return False
        return True


def read_notebook(data: bytes) -> NotebookFile:
    """The notebook in the bytes of a file.

    raises: NoNotebookError if there is none; nothing else, whatever the bytes are
    """
    if len(data) > MAX_BYTES:
        raise NoNotebookError(too_large(MAX_BYTES))
    if not re.search(rb"[^\0 \t\r\n]", data):
        raise NoNotebookError(f"is empty ({len(data)} bytes): {ASK_AGAIN}")
    start = data[:64].lstrip().lower()
    for mark, kind in _OTHER_KINDS:
        if start.startswith(mark):
            raise NoNotebookError(kind)
    file = NotebookFile()
    text = _decoded(data, file)
    if not _BEFORE_JSON.match(text):
        raise NoNotebookError("is no notebook but other text: ask the student for the right file")
    file.raw = _parsed(text, file)
    file.notebook = _as_notebook(file.raw, file)
    file.noted = _plain(_dict(file.raw.get("metadata")).get(METADATA))
    return file


def _decoded(data: bytes, file: NotebookFile) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            file.mend("" if encoding == "utf-8-sig" else f"was written in {encoding.upper()}")
            return data.decode(encoding, "replace")
    for zero, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        if data[zero : zero + 8 : 2] == bytes(4):
            file.mend(f"was written in {encoding[:6].upper()}")
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken < sum(not c.isascii() for c in text) - broken:
        file.mend(f"holds {broken} broken characters")
        return text
    file.mend("was not written in UTF-8 but in an older encoding")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parsed(text: str, file: NotebookFile) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict:
        unique = dict(found)
        if len(unique) != len(found):
            file.mend("holds keys twice")
        return unique

    def number(digits: str) -> int:
        if len(digits) < 20:
            return int(digits)
        file.mend("holds numbers too large for JSON")
        return 0

    def constant(name: str) -> None:
        file.mend("holds numbers that JSON has not")

    def fraction(digits: str) -> float | None:
        value = float(digits)
        return value if math.isfinite(value) else constant(digits)

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=number, parse_float=fraction, parse_constant=constant)
    try:
        start = _BEFORE_JSON.match(text).end()
        raw, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        if re.search(r"^<{7} ", text, re.MULTILINE):
            raise NoNotebookError("holds an unresolved git conflict: ask the student to resolve it") from None
        raise NoNotebookError(f"is damaged or cut short (no JSON from line {error.lineno} on): {ASK_AGAIN}") from None
    except RecursionError:
        raise NoNotebookError(f"is nested too deeply for a notebook: {ASK_AGAIN}") from None
    if text[end:].strip(_BLANK):
        file.mend("goes on behind its end, which is left out")
    elif (text[:start] + text[end:]).strip(" \t\r\n"):
        file.mend()
    return raw


def _as_notebook(raw: Any, file: NotebookFile) -> NotebookNode:
    """A valid notebook from JSON that holds one of any version, or something much like it."""
    raw = _dict(raw)
    found = raw.get("cells")
    if not isinstance(found, list):
        worksheets = raw.get("worksheets")
        sheets = [sheet for sheet in worksheets if isinstance(sheet, dict)] if isinstance(worksheets, list) else []
        found = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
        if not sheets:
            raise NoNotebookError("is JSON but no notebook: ask the student for the right file")
        version = raw.get("nbformat")
        file.mend(f"came in nbformat {version}" if isinstance(version, int) else "came in an old nbformat")
    if len(found) > MAX_CELLS:
        raise NoNotebookError(f"has {len(found)} cells, {MAX_CELLS} are the most: {ASK_AGAIN}")
    if raw.get("nbformat") != 4 or raw.get("nbformat_minor") != 5:
        file.mend()
    cells, taken = [], set()
    for number, cell in enumerate(found):
        if isinstance(cell, dict):
            cells.append(_as_cell(cell, number, taken, file))
        else:
            file.mend("held entries that are no cells")
    metadata = _dict(raw.get("metadata"))
    metadata = _plain({name: metadata[name] for name in ("kernelspec", "language_info") if name in metadata})
    if not _has_strings(metadata.get("kernelspec"), "name", "display_name"):
        metadata.pop("kernelspec", None)
    if not _has_strings(metadata.get("language_info"), "name"):
        metadata.pop("language_info", None)
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _as_cell(cell: dict, number: int, taken: set[str], file: NotebookFile) -> dict:
    source = next((cell[name] for name in ("source", "input", "code") if name in cell), None)
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    if not isinstance(source, str):
        file.mend("held cells without text")
        source = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else ""
    clean = writable(source)
    if clean != source:
        file.mend("held half characters")
    cell_type = cell.get("cell_type")
    if cell_type == "heading":
        level = cell.get("level")
        clean = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + clean
        cell_type = "markdown"
    elif cell_type not in ("code", "markdown", "raw"):
        file.mend("held cells of an unknown type")
        cell_type = "code" if "outputs" in cell or "input" in cell else "markdown"
    cell_id = cell.get("id")
    if not isinstance(cell_id, str) or not _UNIQUE_ID.fullmatch(cell_id) or cell_id in taken:
        file.mend()
        cell_id = next(name for n in range(len(taken) + 1) if (name := f"cell-{number}-{n}") not in taken)
    taken.add(cell_id)
    new = {"cell_type": cell_type, "id": cell_id, "metadata": _cell_metadata(cell.get("metadata")), "source": clean}
    if cell_type == "code":
        new.update(execution_count=None, outputs=[])
    elif _is_attachments(cell.get("attachments")):
        new["attachments"] = _plain(cell["attachments"])
    return new


def _cell_metadata(metadata: Any) -> dict:
    """What tells which cell it is, and what nbformat's schema allows."""
    metadata = _dict(metadata)
    kept = {name: metadata[name] for name in ("nbgrader", "id", "deletable", "editable") if name in metadata}
    if isinstance(metadata.get("name"), str) and metadata["name"]:
        kept["name"] = metadata["name"]
    tags = metadata.get("tags")
    if isinstance(tags, list) and all(isinstance(tag, str) and re.fullmatch(r"[^,]+", tag) for tag in tags):
        kept["tags"] = list(dict.fromkeys(tags))
    return _plain(kept)


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _is_attachments(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(data, dict) and all(isinstance(content, str) for content in data.values()) for data in value.values()
    )


def _has_strings(value: Any, *names: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON that can be written again: no depths, no NaN, no halves of characters."""
    if isinstance(value, dict) and depth < MAX_METADATA_DEPTH:
        return {writable(name): _plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list) and depth < MAX_METADATA_DEPTH:
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else None

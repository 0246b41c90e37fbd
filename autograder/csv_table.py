"""CSV files as learning platforms and spreadsheets write them: read whole, written at once, safe to open."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import CourseError
from autograder.submission_folder import os_errors_explained

MAX_BYTES = 50_000_000
# With these a spreadsheet takes a text for a formula; the wide forms count in East Asian ones.
_FORMULA = re.compile(r"[ \xa0]*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*%?|-")
# No formula that begins with a sign can do anything without a bracket, a quote, or a bar or mark of another program.
_HARMLESS = re.compile(r"[-+@][\w.@+-]*")


@dataclass(frozen=True)
class Table:
    """A CSV file: its first line, and all others with as many cells as that.

    bom: whether the file begins with a byte order mark, from which Excel knows UTF-8
    """

    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    bom: bool = True
    newline: str = "\r\n"

    def with_rows(self, rows: list[list[str]]) -> Table:
        return replace(self, rows=rows)

    def text(self) -> str:
        target = io.StringIO()
        writer = csv.writer(target, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerows([self.header, *self.rows])
        return target.getvalue()


def read_table(path: Path) -> Table:
    """A file in UTF-8, UTF-16 or, where it is neither, Windows' Western encoding; with commas, semicolons or tabs.

    raises: CourseError if it cannot be read or has no line
    """
    if not path.is_file():
        raise CourseError(f"there is no file {path}: check its name")
    with os_errors_explained(path):
        if path.stat().st_size > MAX_BYTES:
            raise CourseError(f"{path} is too large for a table of grades: check that it is the right file")
        data = path.read_bytes()
    text = _decoded(data)
    if "\0" in text:
        raise CourseError(f"{path} is no CSV file (perhaps a spreadsheet?): save it as CSV, then try again")
    delimiter = _delimiter(text)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if line]
    except csv.Error as error:
        raise CourseError(f"{path} is no CSV file ({error}): export it again, then try again") from None
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise CourseError(f"{path} has no line with the names of its columns: export it again, then try again")
    header, *rows = lines
    width = len(header)
    if long := next((n for n, row in enumerate(rows, 2) if any(row[width:])), None):
        raise CourseError(f"{path} has more cells in row {long} than columns: export it again, then try again")
    rows = [(row + [""] * width)[:width] for row in rows]
    return Table(header, rows, delimiter, _has_bom(data), "\r\n" if "\r\n" in text else "\n")


def write_whole(path: Path, text: str, *, bom: bool) -> None:
    """Put a text in the place of an earlier one, in one step. raises: CourseError"""
    draft = path.with_name(f".{path.name}.part")
    with os_errors_explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_text(text, encoding="utf-8-sig" if bom else "utf-8", errors="replace", newline="")
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens the file would compute this instead of showing it."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def is_dangerous(text: str) -> bool:
    """Whether what it would compute could do more than show nonsense."""
    return is_formula(text) and not _HARMLESS.fullmatch(text)


def defused(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would compute."""
    return f"'{text}" if is_formula(text) else text


def number(value: float) -> str:
    """With at most five decimals, as Moodle keeps, and a point."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def as_number(text: str) -> float | None:
    """What a platform has written, with a decimal comma or point."""
    try:
        return float(text.strip().replace(",", ".")) if _NUMBER.fullmatch(text.strip()) else None
    except ValueError:
        return None


def _has_bom(data: bytes) -> bool:
    """Whether to write one: it was there, or the text was not in UTF-8, which its reader may not expect then."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return data.startswith(codecs.BOM_UTF8)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The one that cuts the first line into the most cells."""

    def cells(delimiter: str) -> int:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))

    try:
        return max(",;\t", key=cells)
    except csv.Error:
        return ","

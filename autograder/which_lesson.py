"""Which lesson a file belongs to, by what is in it and by its name, and whether it is as students received it."""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections import Counter
from functools import cached_property
from pathlib import Path

from autograder.course import Course

MAX_READ = 32_000_000  # bytes of a notebook that are looked at
_NAMED = re.compile(r'"(?:grade_id|id|name)"\s*:\s*"([^"\\]{1,100})"')
_NUMBERED = re.compile(r"(?:lesson|lektion|unit|week|homework|hw|assignment|exercise|lab|part)[\W_]*0*(\d{1,3})(?!\d)")


class Lessons:
    """What tells a course's lessons apart."""

    def __init__(self, course: Course):
        self.names = course.lesson_names
        self._course = course

    @cached_property
    def _own(self) -> dict[str, str]:
        """Of the names of cells those that one lesson only has, and that lesson."""
        lessons: dict[str, set[str]] = {}
        for lesson in self.names:
            for cell in self._cells(lesson):
                about = cell.get("metadata", {})
                for name in (about.get("nbgrader", {}).get("grade_id"), about.get("name"), cell.get("id")):
                    if isinstance(name, str):
                        lessons.setdefault(name, set()).add(lesson)
        return {name: next(iter(of)) for name, of in lessons.items() if len(of) == 1}

    @cached_property
    def _titles(self) -> dict[str, str]:
        """The first line of each lesson's first cell, as it stands in a notebook's file."""
        titles = {}
        for lesson in self.names:
            for cell in self._cells(lesson)[:1]:
                line = "".join(cell["source"]).partition("\n")[0]
                if len(line) > 8:
                    titles.update({json.dumps(line, ensure_ascii=ascii)[1:-1]: lesson for ascii in (True, False)})
        return titles

    def _cells(self, lesson: str) -> list[dict]:
        try:
            path = self._course.notebooks / lesson / f"{lesson}.ipynb"
            return json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (OSError, ValueError, LookupError):  # it has not been built
            return []

    @cached_property
    def _answers(self) -> dict[str, tuple]:
        return {lesson: _solutions({"cells": self._cells(lesson)}) for lesson in self.names}

    def of_content(self, path: Path) -> str:
        """The lesson of which a notebook is, damaged or not; "" if that cannot be told."""
        with open(path, "rb") as file:
            data = file.read(MAX_READ)
        text = data.decode("utf-16", "replace") if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else None
        text = data.decode("utf-8", "replace") if text is None else text
        cells = Counter(self._own[name] for name in set(_NAMED.findall(text)) if name in self._own)
        (best, number), (_, second) = [*cells.most_common(2), ("", 0), ("", 0)][:2]
        if number > second:
            return best
        found = {lesson for title, lesson in self._titles.items() if title in text}
        return found.pop() if len(found) == 1 else ""

    def of_name(self, name: str) -> str:
        """The lesson after which a file or a folder is called, if it is after one; else ""."""
        plain = _plain(name)
        found = {lesson for lesson in self.names if self._pattern(lesson).search(plain)}
        if not found:
            numbers = {int(number) for number in _NUMBERED.findall(plain)}
            found = {lesson for lesson in self.names if int(re.match(r"\d+", lesson)[0]) in numbers}
        if not found:
            words = re.sub(r"[\W_]+", " ", plain)
            found = {lesson for lesson in self.names if f" {' '.join(lesson.split('_')[1:])} " in f" {words} "}
        return found.pop() if len(found) == 1 else ""

    def is_name(self, name: str) -> bool:
        """Whether a folder's name says which lesson it holds, and nothing else."""
        lesson = self.of_name(name)
        return bool(lesson) and not self.besides(name, lesson)[0].strip()

    def besides(self, stem: str, lesson: str) -> tuple[str, bool]:
        """What a name says besides the lesson, and whether the lesson's own name is in it."""
        match = self._pattern(lesson).search(stem) if lesson else None
        if match:
            left, right = stem[: match.start()], stem[match.end() :]
            return (f"{left} {right}".strip("_-. ") if not (left and right) else f"{left} {right}"), True
        return _NUMBERED.sub(" ", stem) if _NUMBERED.search(stem) else stem, False

    def _pattern(self, lesson: str) -> re.Pattern:
        number, *words = lesson.split("_")
        return re.compile(r"(?<!\d)" + r"[\W_]*".join(map(re.escape, (number, *words))), re.IGNORECASE)

    def is_untouched(self, path: Path, lesson: str) -> bool:
        """Whether the answers in a notebook are those that students received."""
        try:
            if path.stat().st_size > MAX_READ:
                return False
            return _solutions(json.loads(path.read_bytes())) == self._answers[lesson]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return False


def _solutions(notebook: dict) -> tuple:
    """The sources of its solution cells."""
    found = []
    for cell in notebook["cells"]:
        if cell.get("metadata", {}).get("nbgrader", {}).get("solution"):
            found.append("".join(cell["source"]).strip())
    return tuple(found)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()

"""What students must not see, and whether it is in a file that they get."""

from __future__ import annotations

import ast
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable

from autograder.course import Course
from autograder.lesson import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION

# A shorter line, such as `return y`, says nothing.
MIN_LENGTH = 12
_NAMING = (ast.Module, ast.Expr, ast.Assign, ast.Tuple, ast.List, ast.Name, ast.expr_context)


def secrets(course: Course, released: Iterable[str]) -> dict[str, str]:
    """The lines of all solutions and hidden tests, white space made one blank, each with the place where one begins.

    Without those that stand, or are part of what stands, in the open part of a released lesson's source: a lesson
    prints the classes of the one before it.
    """
    found, given = {}, []
    for lesson in course.lesson_names:
        hidden, shown = _parts((course.lessons / f"{lesson}.py").read_text(encoding="utf-8"))
        lines = {plain(line): f"lessons/{lesson}.py:{place}" for line, place in hidden.items()}
        found |= {line: place for line, place in lines.items() if len(line) >= MIN_LENGTH and not _only_names(line)}
        if lesson in released:
            given += shown
    open_text = plain("\n".join(given))
    return {line: place for line, place in found.items() if line not in open_text}


def first_leak(files: dict[str, bytes], course: Course, released: Iterable[str]) -> tuple[str, str, str] | None:
    """A file's name, a secret line that is in it, and where that stands in the lessons' source; None if there is none.

    Of what a lesson yet to come will print, one line may be in the helper package, which goes out with each lesson: it
    says too little to solve an exercise, and some lines are idioms. Two of one exercise may not.
    """
    never, not_yet = secrets(course, course.lesson_names), secrets(course, released)
    for name, data in files.items():
        for line in leaked(name, data, never):
            return name, line, never[line]
        found = leaked(name, data, not_yet)
        often = Counter(not_yet[line] for line in found)
        for line in found:
            if not name.startswith("mlp_helpers/") or often[not_yet[line]] > 1:
                return name, line, not_yet[line]
    return None


def leaked(name: str, data: bytes, secret: Iterable[str]) -> list[str]:
    """The secret lines that are in a file, whatever stands around them: in a notebook, in its outputs, too."""
    text = plain(text_of(name, data))
    return [line for line in secret if line in text]


def text_of(name: str, data: bytes) -> str:
    """All that can be read in a file. name: says by its end what it is"""
    if name.endswith(".gz"):
        try:
            return gzip.decompress(data).decode("utf-8", errors="replace")
        except (OSError, EOFError, zlib.error):
            pass
    text = data.decode("utf-8", errors="replace")
    if name.endswith(".ipynb"):
        try:
            return "\n".join(_strings(json.loads(text)))
        except ValueError:
            pass
    return text


def plain(text: str) -> str:
    return " ".join(text.split())


def _only_names(line: str) -> bool:
    """Whether a line does nothing but name, return or unpack, as `return z, h, y_hat` does: that solves nothing."""
    try:
        nodes = ast.walk(ast.parse(line.removeprefix("return ")))
    except SyntaxError:
        return False
    return all(
        isinstance(node, _NAMING) or (isinstance(node, ast.Constant) and not isinstance(node.value, str))
        for node in nodes
    )


def _parts(source: str) -> tuple[dict[str, int], list[str]]:
    """A lesson's secret lines, each with the number of the line at which its part begins, and its open lines."""
    hidden, shown, begin = {}, [], 0
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip() in (BEGIN_SOLUTION, BEGIN_HIDDEN):
            begin = number
        elif line.strip() in (END_SOLUTION, END_HIDDEN):
            begin = 0
        elif begin:
            hidden[line] = begin
        else:
            shown.append(re.sub(r"^# ?", "", line))  # Markdown stands in comments
    return hidden, shown


def _strings(value: object) -> Iterable[str]:
    """The texts of a notebook; one that is a list of lines is one text, a picture is none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(each, str) for each in value):
            yield "".join(value)
        else:
            for each in value:
                yield from _strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            if not key.startswith("image/") or key == "image/svg+xml":
                yield from _strings(each)

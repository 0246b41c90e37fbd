"""A student's cells: read from whatever was handed in, cut where the lesson cuts, and recognised as the lesson's.

Of what was handed in nothing is taken on trust: not that it is a notebook, nor what its cells say they are.
"""

from __future__ import annotations

import ast
import base64
import re
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice, takewhile
from typing import Any

from autograder.lesson_plan import Given, Plan
from autograder.repairs import METADATA, Repairs, one_line, writable
from autograder.static_look import (
    MAX_LOOK,
    Look,
    first_line,
    is_import,
    is_python,
    look_at,
    names_bound_in,
    say_nothing,
    say_the_same,
    trimmed,
    words_of,
)

MAX_LOOKS = 250_000  # characters of a notebook's cells that are looked into
MAX_COMPARISONS = 20_000  # of a stranger's words with a missing cell's
MAX_PARTS = 5  # into which a cell is cut
MAX_PICTURES = 5_000_000  # characters of Base64
ALIKE = 0.6  # the share of words that two cells have in common if one is an edited copy of the other

_PICTURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}


@dataclass(eq=False)
class StudentCell:
    """A cell as it was handed in.

    names : what it says it is called, the most trustworthy name first
    flags : nbgrader's metadata, whatever it holds
    pictures: the attachments that it shows
    same  : the cells of the lesson whose text is the same
    given : the cell of the lesson that it is, or a copy of; None for one of the student's own
    opaque: whether it is not to be looked into, for want of time
    part  : whether it was merged with others
    """

    source: str
    cell_type: str
    names: list[str] = field(default_factory=list)
    flags: Mapping = field(default_factory=dict)
    pictures: dict = field(default_factory=dict)
    same: list[Given] = field(default_factory=list)
    given: Given | None = None
    opaque: bool = False
    part: bool = False

    @property
    def is_code(self) -> bool:
        return self.cell_type == "code"

    @property
    def edited(self) -> bool:
        return self.given is None or self.text != self.given.text

    @cached_property
    def text(self) -> str:
        return trimmed(self.source)

    @cached_property
    def look(self) -> Look:
        """As if it were code, since students turn code into Markdown by accident; of prose nothing."""
        if self.opaque:
            return Look(None)
        return look_at(self.source) if self.is_code or re.search(r"\bdef |\bclass |=", self.source) else Look([])

    @cached_property
    def is_answer(self) -> bool:
        """For a copy of a solution cell: whether there is more in it than in the stub."""
        if not self.edited or not self.given.is_code or self.opaque:
            return self.edited
        said = (self.look if self.is_code else look_at(self.source)).statements
        return said is None or not (say_nothing(said) or say_the_same(said, self.given.look.statements))

    @cached_property
    def words(self) -> frozenset[str]:
        return words_of(self.source)


def recognised_cells(submitted: Any, plan: Plan) -> tuple[list[StudentCell], Repairs, str]:
    """A student's cells, in order, each with what it is of the lesson.

    submitted: whatever was handed in
    returns: the cells without the empty ones; what is to be told of them, with what the intake noted in the notebook;
        and, where there are no cells, why: else ""
    """
    cells, repairs, problem = _read(submitted)
    looks = 0
    # Those first that say they are the lesson's: of an endless notebook only its beginning is looked into.
    for cell in sorted(cells, key=lambda cell: plan.by_name.keys().isdisjoint(cell.names)):
        cell.same = plan.by_text.get(cell.text, [])
        looks += 0 if cell.same else len(cell.source)
        cell.opaque = looks > MAX_LOOKS
    cells = _cut(plan, _joined(plan, cells, repairs), repairs)
    _recognise(plan, cells, repairs)
    return cells, repairs, problem


def _read(submitted: Any) -> tuple[list[StudentCell], Repairs, str]:
    """The cells that were handed in, what earlier steps noted about them, and why there are none."""
    submitted = _mapping(submitted)
    found, noted = submitted.get("cells"), _mapping(_mapping(submitted.get("metadata")).get(METADATA))
    repairs, problem = noted.get("repairs"), noted.get("problem")
    repairs = repairs[:20] if isinstance(repairs, list) else []
    repairs = [("", one_line(text)) for text in repairs if isinstance(text, str)]
    cells = [_read_cell(cell) for cell in found if isinstance(cell, Mapping)] if isinstance(found, list) else []
    cells = [cell for cell in cells if cell.text]
    if cells:
        return cells, repairs, ""
    problem = one_line(problem) if isinstance(problem, str) and problem else "there is no cell in what was handed in"
    return [], [*repairs, ("", problem)], problem


def _read_cell(cell: Mapping) -> StudentCell:
    source, metadata = cell.get("source"), _mapping(cell.get("metadata"))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = re.sub(r"\r\n?", "\n", source) if isinstance(source, str) else ""
    # nbgrader's feedback stops at the marks of a hidden test where there is none.
    source = re.sub(r"(### (?:BEGIN|END) HIDDEN) TESTS", r"\1 tests", writable(source))
    flags = _mapping(metadata.get("nbgrader"))
    names = [flags.get("grade_id"), cell.get("id"), metadata.get("name"), metadata.get("id")]
    cell_type = cell.get("cell_type")
    if cell_type not in ("code", "markdown", "raw"):
        cell_type = "code" if "outputs" in cell else "markdown"
    names = [name for name in names if isinstance(name, str)]
    return StudentCell(source, cell_type, names, flags, _pictures(cell.get("attachments"), source))


def _mapping(value: Any) -> Mapping:
    return value if isinstance(value, Mapping) else {}


def _pictures(attachments: Any, source: str) -> dict:
    """The pictures pasted into a text that it shows: what a student drew may be her answer."""
    kept, size = {}, 0
    for name, data in _mapping(attachments).items():
        if not isinstance(name, str) or not re.fullmatch(r"[\w .()-]{1,100}", name) or name not in source:
            continue
        for mime, start in _PICTURES.items():
            picture = _mapping(data).get(mime)
            if not isinstance(picture, str) or size + len(picture) > MAX_PICTURES:
                continue
            try:
                is_picture = base64.b64decode(picture).startswith(start)
            except ValueError:
                continue
            if is_picture:
                kept.setdefault(name, {})[mime] = base64.b64encode(base64.b64decode(picture)).decode()
                size += len(picture)
    return kept


# Cells that were cut in two, and cells that were merged.


def _joined(plan: Plan, cells: list[StudentCell], repairs: Repairs) -> list[StudentCell]:
    """Put together again what is Python only together, such as a function whose body fell into the next cell."""
    result, todo = [], deque(cells)
    while todo:
        cell = todo.popleft()
        while cell.is_code and not cell.same and plan.exercises(cell.look):
            rests = list(takewhile(_is_rest, islice(todo, MAX_PARTS)))
            texts = accumulate((rest.source for rest in rests), "{}\n{}".format, initial=cell.source.rstrip())
            wholes = (StudentCell(text, "code", cell.names, cell.flags) for text in islice(texts, 1, None))
            parts, whole = next(((n, w) for n, w in enumerate(wholes, 1) if w.look.statements), (0, cell))
            if not parts:
                break
            repairs.append((plan.exercises(cell.look)[0].key, "was cut into several cells and is one again"))
            for _ in range(parts):
                todo.popleft()
            cell = whole
        result.append(cell)
    return result


def _is_rest(cell: StudentCell) -> bool:
    """Whether no cell begins like this: it is indented, or not Python by itself."""
    if not cell.is_code or cell.same:
        return False
    return bool(re.match(r"\n*[ \t]+[^\s%!?]", cell.source)) or (
        cell.look.statements is None and not re.match(r"\s*[%!?]", cell.source) and len(cell.source) <= MAX_LOOK
    )


def _cut(plan: Plan, cells: list[StudentCell], repairs: Repairs) -> list[StudentCell]:
    """Cut merged cells where another exercise or a test begins, so that an error in one does not keep the next from
    being defined: a test that was merged into such a cell raises if the exercise above it is wrong."""
    result: list[StudentCell] = []
    for cell in cells:
        parts = [] if cell.same else _parts(plan, cell)
        if len(parts) < 2:
            result.append(cell)
            continue
        merged = sorted(plan.exercises(cell.look), key=lambda given: given.place)
        repairs += [(given.key, "was merged with other cells and is a cell of its own again") for given in merged]
        for number, text in enumerate(parts):
            part = StudentCell(text, cell.cell_type, same=plan.by_text.get(trimmed(text), []), part=True)
            if number == 0 or plan.exercises(part.look):
                part.names, part.flags = cell.names, cell.flags
            result.append(part)
    return result


def _parts(plan: Plan, cell: StudentCell) -> list[str]:
    """A merged cell's text, cut before each exercise and each test that does not begin it."""
    if not cell.look.statements or not plan.exercises(cell.look):
        return []
    tests = frozenset().union(*(test.dumps for test in plan.of_kind("test")))
    kinds: list[Given | str | None] = []  # for each statement an exercise, "test", or neither, from the last on
    for statement in reversed(cell.look.statements):
        about = next((plan.definer[name] for name in sorted(names_bound_in(statement)) if name in plan.definer), None)
        tested = ast.dump(statement) in tests and (not is_import(statement) or kinds[-1:] == ["test"])
        kinds.append(about or ("test" if tested else None))
    lines, starts = cell.source.split("\n"), [0]
    part: Given | str | None = None  # what the part so far is
    imports = False
    for statement, kind in zip(cell.look.statements, reversed(kinds), strict=True):
        kind = kind or (None if part == "test" else part)
        begins_test = kind == "test" and is_import(statement) and not imports
        if statement is not cell.look.statements[0] and (begins_test or (kind is not part and part is not None)):
            first = first_line(statement)
            while first > starts[-1] and lines[first - 1].startswith("#"):
                first -= 1
            starts += [first] if first > starts[-1] else []
        part, imports = kind, is_import(statement)
    parts = ["\n".join(lines[start:end]) for start, end in zip(starts, [*starts[1:], None], strict=True)]
    parts = [part for part in parts if part.strip()]
    return parts if len(parts) < 2 or all(map(is_python, parts)) else []


# Which cell is which.


def _recognise(plan: Plan, cells: list[StudentCell], repairs: Repairs) -> None:
    """Set which cell of the lesson each cell is, or is a copy of."""
    taken: set[Given | None] = set()
    for cell in cells:
        named = [plan.by_name[name] for name in cell.names if name in plan.by_name]
        fitting = [given for given in named if given in cell.same] or [g for g in cell.same if g not in taken]
        cell.given = next(iter([*fitting, *cell.same, *named]), None)
        taken.add(cell.given)
    _recognise_names(plan, cells)
    _recognise_likeness(plan, cells, repairs)
    _recognise_places(plan, cells, repairs)


def _recognise_names(plan: Plan, cells: list[StudentCell]) -> None:
    """Find answers by the names that they define.

    A cell that keeps the exercise's docstring is a copy of it; another one counts only where there is no copy.
    """
    others = defaultdict(list)
    for cell in cells:
        if not cell.edited or (cell.given and cell.given.kind == "ordinary"):
            continue
        exercises = plan.exercises(cell.look)
        if cell.given in exercises or not (cell.is_code or cell.look.statements):
            continue
        own = cell.given.look.binds if cell.given else frozenset()
        exercises = [each for each in exercises if (plan.names[each] & cell.look.binds) - own]
        if not exercises:
            continue
        cell.given = None  # it says that it is something else, but what it does counts
        solution = max(exercises, key=lambda given: given.place)
        if any(line in cell.source for line in solution.docstrings):
            cell.given = solution
        else:
            others[solution].append(cell)
    present = {cell.given for cell in cells}
    for solution, found in others.items():
        if solution not in present:
            # As when the notebook runs from top to bottom, that one counts which stands before the test.
            tests = [n for n, cell in enumerate(cells) if _asks_for(cell.given, plan.names[solution])]
            before = [cell for cell in found if tests and cells.index(cell) < tests[-1]]
            (before or found)[-1].given = solution


def _asks_for(given: Given | None, names: frozenset[str]) -> bool:
    return given is not None and given.kind == "test" and bool(given.look.reads & names)


def _recognise_likeness(plan: Plan, cells: list[StudentCell], repairs: Repairs) -> None:
    """Take a stranger for the missing cell whose words it shares."""
    present = {cell.given for cell in cells}
    missing = [given for given in plan.given if given not in present and given.words]
    strangers = [cell for cell in cells if cell.given is None and cell.words and not plan.exercises(cell.look)]
    if len(missing) * len(strangers) > MAX_COMPARISONS:
        return
    pairs = [
        (len(given.words & cell.words) / len(given.words | cell.words), given, cell)
        for given in missing
        for cell in strangers
        if cell.is_code == given.is_code
    ]
    for likeness, given, cell in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= ALIKE and given not in present and cell.given is None:
            cell.given = given
            present.add(given)
            if given.kind == "solution":
                repairs.append((given.key, "was recognised by its likeness to the stub"))


def _recognise_places(plan: Plan, cells: list[StudentCell], repairs: Repairs) -> None:
    """Take a stranger for an exercise that is missing if it stands between that exercise's neighbours."""
    at = {cell.given: n for n, cell in enumerate(cells) if cell.given}
    for solution in plan.of_kind("solution"):
        if solution in at:
            continue
        before = max((at[given] for given in plan.given[: solution.place] if given in at), default=-1)
        after = min((at[given] for given in plan.given[solution.place + 1 :] if given in at), default=len(cells))
        for cell in cells[before + 1 : after]:
            # Code that can be read and does not define what it should is no answer.
            readable = solution.is_code and plan.names[solution] and cell.look.statements is not None
            if cell.given is None and cell.is_code == solution.is_code and not readable:
                cell.given = solution
                repairs.append((solution.key, "was recognised by its place alone"))
                break

"""A gradable notebook out of whatever came: the lesson's own cells, with the student's cells laid in.

Locked cells, tests, metadata and flags are the course's; of a submission only the text of its cells counts. Its cells
are recognised by grade_id, then id, then the names they define, then likeness, then place. They keep the student's
order, with as few changes as it takes that every answer is there when its test is reached: an answer that stands
somewhere else counts, and a stub never overwrites one.
"""

from __future__ import annotations

import ast
import base64
import copy
import hashlib
import re
import symtable
import textwrap
import warnings
from bisect import bisect_left
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice, takewhile
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import CourseError
from autograder.lesson import is_solution, is_test, key, nbgrader, tags

# This entry of the notebook's metadata holds {"repairs": [str, …], "problem": str}, that of a cell's {"skip": True}.
METADATA = "autograder"

# Longer cells are taken as they are: no person wrote them, and a static look at them would take seconds.
MAX_LOOK, MAX_LOOKS = 50_000, 250_000  # characters in one cell, and in all of a notebook
MAX_WORDS = 10_000
MAX_COMPARISONS = 20_000
MAX_PARTS = 5  # into which a cell is cut
MAX_PICTURES = 5_000_000
ALIKE = 0.6  # the share of words that two cells have in common if one is an edited copy of the other

# Magics whose cell is Python that runs in the notebook's namespace.
_PYTHON_MAGICS = {"capture", "debug", "prun", "time", "timeit"}
_PICTURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


@dataclass(frozen=True)
class Rebuilt:
    """notebook: valid and gradable in any case; repairs: for the instructor, a sentence each."""

    notebook: NotebookNode
    repairs: list[str]


# What was repaired, as (the cell's name or "", what became of it): what is said of several cells is said once.
_Repairs = list[tuple[str, str]]


def rebuild(submitted: NotebookNode | None, worked: NotebookNode, release: NotebookNode) -> Rebuilt:
    """Lay what a student handed in into the lesson.

    submitted: anything that was read from a file, of nbformat 4; None where there was no notebook
    worked   : the lesson's notebook in solutions/
    release  : the lesson's notebook in notebooks/
    returns: a notebook without outputs whose cells with a grade_id are exactly those of `worked`, and in whose
        metadata["autograder"] stand "repairs" and, where there was nothing to grade, why: "problem"
    raises : CourseError if `release` was not made from `worked`; nothing because of what is in `submitted`
    """
    plan = _plan(worked, release)
    try:
        return _rebuild(submitted, plan)
    except Exception as error:  # a student's file must never stop a class from being graded
        problem = f"its cells could not be laid into the lesson ({type(error).__name__}): look at it by hand"
        return _written(plan, _arranged(plan, [], {}, []), [("", problem)], problem)


def _rebuild(submitted: Any, plan: _Plan) -> Rebuilt:
    cells, repairs, problem = _read(submitted)
    looks = 0
    # Those first that say they are the lesson's: of an endless notebook only its beginning is looked into.
    for cell in sorted(cells, key=lambda cell: plan.by_name.keys().isdisjoint(cell.names)):
        cell.same = plan.by_text.get(cell.text, [])
        looks += 0 if cell.same else len(cell.source)
        cell.opaque = looks > MAX_LOOKS
    cells = _cut(plan, _joined(plan, cells, repairs), repairs)
    _recognise(plan, cells, repairs)
    line, tests = _laid_in(plan, cells, repairs)
    return _written(plan, _arranged(plan, line, tests, repairs), repairs, problem)


# A static look at code.


@dataclass(frozen=True)
class _Look:
    """What a cell does with names, as far as one can tell without running it.

    statements: its top-level statements, or None where it is not Python
    binds: names that it binds
    eager: names of other cells that it reads when it runs
    lazy : names of other cells that its functions read when they are called
    """

    statements: list[ast.stmt] | None
    binds: frozenset[str] = frozenset()
    eager: frozenset[str] = frozenset()
    lazy: frozenset[str] = frozenset()

    @property
    def reads(self) -> frozenset[str]:
        return self.eager | self.lazy


def _look(source: str) -> _Look:
    for text in _as_python(source):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                statements = ast.parse(text).body
                return _Look(statements, *_names(statements, text))
        except Exception:  # the parser also raises ValueError, RecursionError, MemoryError, …
            continue
    if len(source) > MAX_LOOK:
        return _Look(None)
    defined = re.findall(r"^(?:(?:async )?def|class)\s+(\w+)|^(\w+)\s*=(?!=)", source, re.MULTILINE)
    binds = frozenset(name for pair in defined for name in pair if name)
    # Where nothing is certain, each word may be a name that the cell reads.
    return _Look(None, binds, frozenset(re.findall(r"[^\W\d]\w*", source)) - binds)


def _as_python(source: str) -> Iterator[str]:
    """The cell as Python might take it, line for line: as it is, without magics, and without a common indent."""
    if len(source) > MAX_LOOK:
        return
    if magic := re.match(r"\s*%%(\w*).*", source):
        if magic[1] not in _PYTHON_MAGICS:
            return
        source = source[: magic.start(1) - 2] + source[magic.end() :]
    yield source
    plain = re.sub(r"^([ \t]*)%(?:time|timeit|prun)[ \t]+(?!-)", r"\1", source, flags=re.MULTILINE)
    plain = re.sub(r"^([ \t]*)(?:[%!?].*|[\w.]+\?\??[ \t]*)$", r"\1pass", plain, flags=re.MULTILINE)
    plain = re.sub(r"^([ \t]*[\w, ]+=)[ \t]*[%!].*$", r"\1 None", plain, flags=re.MULTILINE)
    if plain != source:
        yield plain
    if re.match(r"\n*[ \t]", plain):
        yield textwrap.dedent(plain)


def _names(statements: list[ast.stmt], text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a cell binds, reads when it runs, and reads when its functions are called."""
    bound: set[str] = set()
    early: set[str] = set()  # read before they are bound, as x in x = x + 1
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Assert):
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            early |= {node.id for node in names if isinstance(node.ctx, ast.Load)} - bound
            if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                early |= {statement.target.id} - bound
        bound |= _bound(statement)
    eager, lazy = set(), set()
    top = symtable.symtable(text, "cell", "exec")
    tables = [(top, False)]
    while tables:
        table, called = tables.pop()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                (lazy if called else eager).add(symbol.get_name())
            if called and symbol.is_declared_global() and symbol.is_assigned():
                bound.add(symbol.get_name())
        for inner in table.get_children():
            is_function = inner.get_type() == "function" and inner.get_name() not in _COMPREHENSIONS
            tables.append((inner, called or is_function))
    return frozenset(bound), frozenset((eager - bound) | (early & bound)), frozenset(lazy - bound)


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds."""
    names, nodes = set(), [statement]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(map(_alias, node.names))
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
        nodes.extend(ast.iter_child_nodes(node))
    return names


def _alias(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _first_line(statement: ast.stmt) -> int:
    """The index of the line at which a statement or its first decorator begins."""
    return min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))]) - 1


def _shape(source: str) -> str | None:
    """What is left of a cell without comments, layout, docstrings, `...` and `pass`; None if it is not Python."""
    for text in _as_python(source):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
            for node in ast.walk(tree):
                if isinstance(getattr(node, "body", None), list):
                    node.body = [each for each in node.body if not _says_nothing(each)]
            return "".join(map(ast.dump, tree.body))
        except Exception:  # as in _look
            continue
    return None


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _text(source: str) -> str:
    """A source without what editors change by themselves: white space at the ends of lines and of the cell."""
    return "\n".join(line.rstrip() for line in source.split("\n")).strip("\n")


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text[:MAX_WORDS].lower()))


# The lesson.


@dataclass(frozen=True, eq=False)
class _Given:
    """A cell of the lesson.

    place : its index among the lesson's cells
    key   : its grade_id, name or id
    kind  : "solution", "test", "locked" or "ordinary"
    cell  : as it will stand in a rebuilt notebook; a test is whole, a solution is a stub
    text  : what the student received, without white space at the ends
    """

    place: int
    key: str
    kind: str
    cell: NotebookNode
    text: str
    illustrates: bool

    @property
    def is_code(self) -> bool:
        return self.cell.cell_type == "code"

    @cached_property
    def look(self) -> _Look:
        return _look(self.cell.source) if self.is_code else _Look([])

    @cached_property
    def shape(self) -> str | None:
        return _shape(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        return _words(self.text)

    @cached_property
    def docstrings(self) -> list[str]:
        """The first line of each of its functions' docstrings."""
        defined = [each for each in self.look.statements or [] if isinstance(each, ast.FunctionDef | ast.ClassDef)]
        return [text.splitlines()[0] for text in map(ast.get_docstring, defined) if text]

    @cached_property
    def dumps(self) -> frozenset[str]:
        """The statements that the student received, to find them again in another cell."""
        return frozenset(map(ast.dump, _look(self.text).statements or []))


@dataclass
class _Plan:
    """A lesson as rebuilding needs it; nothing in it depends on a submission.

    names  : for each solution in code the names that it defines and a test asks for
    definer: for each of those names its solution
    """

    given: list[_Given]
    kernelspec: dict
    names: dict[_Given, frozenset[str]] = field(default_factory=dict)
    definer: dict[str, _Given] = field(default_factory=dict)
    by_name: dict[str, _Given] = field(default_factory=dict)
    by_text: dict[str, list[_Given]] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> list[_Given]:
        return [given for given in self.given if given.kind in kinds]

    def exercises(self, look: _Look) -> list[_Given]:
        """The exercises of which a cell defines a name."""
        return list(dict.fromkeys(self.definer[name] for name in sorted(look.binds & self.definer.keys())))


_plans: OrderedDict[tuple, _Plan] = OrderedDict()


def _plan(worked: NotebookNode, release: NotebookNode) -> _Plan:
    """The plan of a lesson, made once for as long as the lesson stays the same."""
    digest = tuple((cell.cell_type, cell.get("id"), cell.source, repr(cell.metadata)) for cell in worked.cells)
    digest += tuple((cell.get("id"), cell.source) for cell in release.cells)
    if digest not in _plans:
        _plans[digest] = _new_plan(worked, release)
        while len(_plans) > 16:
            _plans.popitem(last=False)
    _plans.move_to_end(digest)
    return _plans[digest]


def _new_plan(worked: NotebookNode, release: NotebookNode) -> _Plan:
    keys = [key(cell) or cell.id for cell in worked.cells]
    if keys != [key(cell) or cell.id for cell in release.cells]:
        raise CourseError("a notebook in notebooks/ does not fit the one in solutions/: run `autograder build`")
    plan = _Plan([], copy.deepcopy(dict(worked.metadata.get("kernelspec", {}))))
    for place, (cell, released) in enumerate(zip(worked.cells, release.cells, strict=True)):
        flags = nbgrader(cell)
        locked = any(flags.get(flag) for flag in ("grade", "locked", "task"))
        kind = "solution" if is_solution(cell) else "test" if is_test(cell) else "locked" if locked else "ordinary"
        source = cell.source if kind == "test" else released.source
        new = _new_cell(cell.cell_type, cell.id, source, copy.deepcopy(dict(released.metadata)))
        if flags:
            new.metadata["nbgrader"] = NotebookNode(flags, cell_type=cell.cell_type)
            new.metadata["nbgrader"]["checksum"] = _checksum(new)
        illustrates = cell.cell_type == "code" and kind == "ordinary" and "illustration" in tags(cell)
        given = _Given(place, keys[place], kind, new, _text(released.source), illustrates)
        plan.given.append(given)
        plan.by_name.setdefault(given.key, given)
        plan.by_name.setdefault(cell.id, given)
        plan.by_text.setdefault(given.text, []).append(given)
    tested = frozenset().union(*(test.look.reads for test in plan.of_kind("test")))
    for given in plan.of_kind("solution"):
        if given.is_code:
            plan.names[given] = tested & (given.look.binds or _look(worked.cells[given.place].source).binds)
    asked = Counter(name for names in plan.names.values() for name in names)
    for given, names in plan.names.items():
        plan.names[given] = frozenset(name for name in names if asked[name] == 1)
        plan.definer.update(dict.fromkeys(plan.names[given], given))
    return plan


def _checksum(cell: NotebookNode) -> str:
    """nbgrader's checksum of a cell: an answer that still has that of its stub is none."""
    flags = cell.metadata["nbgrader"]
    grade, solution = bool(flags.get("grade")), bool(flags.get("solution"))
    locked = not solution and (grade or bool(flags.get("locked")))
    parts = [cell.source, cell.cell_type, str(grade), str(solution), str(locked), flags["grade_id"]]
    parts += [str(float(flags["points"]))] if grade else []
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _new_cell(cell_type: str, cell_id: str, source: str, metadata: dict) -> NotebookNode:
    cell = {"cell_type": cell_type, "id": cell_id, "metadata": metadata, "source": source}
    if cell_type == "code":
        cell.update(execution_count=None, outputs=[])
    return nbformat.from_dict(cell)


# The submission.


@dataclass(eq=False)
class _Cell:
    """A cell as it was handed in.

    names : what it says it is called, the most trustworthy name first
    flags : nbgrader's metadata, whatever it holds
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
    same: list[_Given] = field(default_factory=list)
    given: _Given | None = None
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
        return _text(self.source)

    @cached_property
    def look(self) -> _Look:
        """As if it were code, since students turn code into Markdown by accident; of prose nothing."""
        if self.opaque:
            return _Look(None)
        return _look(self.source) if self.is_code or re.search(r"\bdef |\bclass |=", self.source) else _Look([])

    @cached_property
    def is_answer(self) -> bool:
        """For a copy of a solution cell: whether there is more in it than in the stub."""
        shape = _shape(self.source) if self.given.is_code and not self.opaque else None
        return self.edited and (shape is None or shape not in ("", self.given.shape))

    @cached_property
    def words(self) -> frozenset[str]:
        return _words(self.source)


def _read(submitted: Any) -> tuple[list[_Cell], _Repairs, str]:
    """The cells that were handed in, what earlier steps noted about them, and why there are none."""
    submitted = submitted if isinstance(submitted, Mapping) else {}
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


def _read_cell(cell: Mapping) -> _Cell:
    source, metadata = cell.get("source"), _mapping(cell.get("metadata"))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = re.sub(r"\r\n?", "\n", source) if isinstance(source, str) else ""
    source = source.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written to a file
    # nbgrader's feedback stops at the marks of a hidden test where there is none.
    source = re.sub(r"(### (?:BEGIN|END) HIDDEN) TESTS", r"\1 tests", source)
    flags = _mapping(metadata.get("nbgrader"))
    names = [flags.get("grade_id"), cell.get("id"), metadata.get("name"), metadata.get("id")]
    cell_type = cell.get("cell_type")
    if cell_type not in ("code", "markdown", "raw"):
        cell_type = "code" if "outputs" in cell else "markdown"
    names = [name for name in names if isinstance(name, str)]
    return _Cell(source, cell_type, names, flags, _pictures(cell.get("attachments"), source))


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


def one_line(text: str) -> str:
    """Somebody's words as one printable line."""
    text = text[:1000].encode("utf-8", "replace").decode("utf-8")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= 300 else text[:299] + "…"


def _sentences(repairs: _Repairs) -> list[str]:
    """A line for each thing that was repaired, with the cells for which it was."""
    about = defaultdict(dict)
    for name, what in repairs:
        about[what][name] = None
    return [one_line(f"{_listed(list(names))}: {what}" if any(names) else what) for what, names in about.items()]


def _listed(names: list[str]) -> str:
    return ", ".join(names if len(names) <= 7 else [*names[:6], f"{len(names) - 6} more"])


# Cells that were cut in two, and cells that were merged.


def _joined(plan: _Plan, cells: list[_Cell], repairs: _Repairs) -> list[_Cell]:
    """Put together again what is Python only together, such as a function whose body fell into the next cell."""
    result, todo = [], deque(cells)
    while todo:
        cell = todo.popleft()
        while cell.is_code and not cell.same and plan.exercises(cell.look):
            rests = list(takewhile(_is_rest, islice(todo, MAX_PARTS)))
            texts = accumulate((rest.source for rest in rests), "{}\n{}".format, initial=cell.source.rstrip())
            wholes = (_Cell(text, "code", cell.names, cell.flags) for text in islice(texts, 1, None))
            parts, whole = next(((n, w) for n, w in enumerate(wholes, 1) if w.look.statements), (0, cell))
            if not parts:
                break
            repairs.append((plan.exercises(cell.look)[0].key, "was cut into several cells and is one again"))
            for _ in range(parts):
                todo.popleft()
            cell = whole
        result.append(cell)
    return result


def _is_rest(cell: _Cell) -> bool:
    """Whether no cell begins like this: it is indented, or not Python by itself."""
    if not cell.is_code or cell.same:
        return False
    return bool(re.match(r"\n*[ \t]+[^\s%!?]", cell.source)) or (
        cell.look.statements is None and not re.match(r"\s*[%!?]", cell.source) and len(cell.source) <= MAX_LOOK
    )


def _cut(plan: _Plan, cells: list[_Cell], repairs: _Repairs) -> list[_Cell]:
    """Cut merged cells where another exercise or a test begins, so that an error in one does not keep the next from
    being defined: a test that was merged into such a cell raises if the exercise above it is wrong."""
    result: list[_Cell] = []
    for cell in cells:
        parts = [] if cell.same else _parts(plan, cell)
        if len(parts) < 2:
            result.append(cell)
            continue
        merged = sorted(plan.exercises(cell.look), key=lambda given: given.place)
        repairs += [(given.key, "was merged with other cells and is a cell of its own again") for given in merged]
        for number, text in enumerate(parts):
            part = _Cell(text, cell.cell_type, same=plan.by_text.get(_text(text), []), part=True)
            if number == 0 or plan.exercises(part.look):
                part.names, part.flags = cell.names, cell.flags
            result.append(part)
    return result


def _parts(plan: _Plan, cell: _Cell) -> list[str]:
    """A merged cell's text, cut before each exercise and each test that does not begin it."""
    if not cell.look.statements or not plan.exercises(cell.look):
        return []
    tests = frozenset().union(*(test.dumps for test in plan.of_kind("test")))
    kinds: list[_Given | str | None] = []  # for each statement an exercise, "test", or neither, from the last on
    for statement in reversed(cell.look.statements):
        about = next((plan.definer[name] for name in sorted(_bound(statement)) if name in plan.definer), None)
        tested = ast.dump(statement) in tests and (not _is_import(statement) or kinds[-1:] == ["test"])
        kinds.append(about or ("test" if tested else None))
    lines, starts = cell.source.split("\n"), [0]
    part: _Given | str | None = None  # what the part so far is
    imports = False
    for statement, kind in zip(cell.look.statements, reversed(kinds), strict=True):
        kind = kind or (None if part == "test" else part)
        begins_test = kind == "test" and _is_import(statement) and not imports
        if statement is not cell.look.statements[0] and (begins_test or (kind is not part and part is not None)):
            first = _first_line(statement)
            while first > starts[-1] and lines[first - 1].startswith("#"):
                first -= 1
            starts += [first] if first > starts[-1] else []
        part, imports = kind, _is_import(statement)
    parts = ["\n".join(lines[start:end]) for start, end in zip(starts, [*starts[1:], None], strict=True)]
    parts = [part for part in parts if part.strip()]
    return parts if all(_shape(part) is not None for part in parts) else []


# Which cell is which.


def _recognise(plan: _Plan, cells: list[_Cell], repairs: _Repairs) -> None:
    """Set which cell of the lesson each cell is, or is a copy of."""
    taken: set[_Given | None] = set()
    for cell in cells:
        named = [plan.by_name[name] for name in cell.names if name in plan.by_name]
        fitting = [given for given in named if given in cell.same] or [g for g in cell.same if g not in taken]
        cell.given = next(iter([*fitting, *cell.same, *named]), None)
        taken.add(cell.given)
    _recognise_names(plan, cells)
    _recognise_likeness(plan, cells, repairs)
    _recognise_places(plan, cells, repairs)


def _recognise_names(plan: _Plan, cells: list[_Cell]) -> None:
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


def _asks_for(given: _Given | None, names: frozenset[str]) -> bool:
    return given is not None and given.kind == "test" and bool(given.look.reads & names)


def _recognise_likeness(plan: _Plan, cells: list[_Cell], repairs: _Repairs) -> None:
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


def _recognise_places(plan: _Plan, cells: list[_Cell], repairs: _Repairs) -> None:
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


# The rebuilt notebook's cells.


@dataclass(eq=False)
class _Item:
    """A cell of the rebuilt notebook.

    given    : the cell of the lesson that it is; None for one of the student's own
    answered : whether it is a solution with an answer in it
    unchanged: whether its text is the lesson's
    copy_of  : the cell of the lesson that it is or is a copy of
    """

    source: str
    cell_type: str
    given: _Given | None = None
    copy_of: _Given | None = None
    answered: bool = False
    unchanged: bool = False
    skip: bool = False
    pictures: dict = field(default_factory=dict)
    looked: _Look | None = None

    @property
    def is_test(self) -> bool:
        return self.given is not None and self.given.kind == "test"

    @property
    def illustrates(self) -> bool:
        """Whether it is a cell of the lesson's that need not be run."""
        return self.unchanged and self.given is not None and self.given.illustrates

    @cached_property
    def look(self) -> _Look:
        if self.cell_type != "code":
            return _Look([])
        return self.given.look if self.given and self.unchanged else self.looked or _look(self.source)


def _original(given: _Given, *, skip: bool = False) -> _Item:
    return _Item(given.cell.source, given.cell.cell_type, given, given, unchanged=True, skip=skip)


def _extra(cell: _Cell) -> _Item:
    """A cell of the student's own. Raw text would pass into an HTML page as it is, so it becomes Markdown."""
    looked = cell.look
    is_answer = cell.given is not None and cell.given.kind == "solution" and cell.given.is_code
    cell_type = "code" if cell.is_code or is_answer else "markdown"
    return _Item(cell.source, cell_type, copy_of=cell.given, pictures=cell.pictures, looked=looked)


def _laid_in(plan: _Plan, cells: list[_Cell], repairs: _Repairs) -> tuple[list[_Item], dict[_Given, _Item | None]]:
    """All but the tests, in the student's order, and for each test that was handed in what it stands behind."""
    line: list[_Item] = []
    tests: dict[_Given, _Item | None] = {}
    copies = defaultdict(list)
    for cell in cells:
        copies[cell.given].append(cell)
    own = copies.pop(None, [])
    counting = {given: _counting(plan, given, found) for given, found in copies.items()}
    needed = _needed(plan, cells) | plan.definer.keys()
    if any(cell.flags for cell in cells):
        for given, found in copies.items():
            repairs += _said_of(given, found)
    elif cells:
        repairs.append(("", "nbgrader's metadata was lost: cells were recognised by their ids and by what they hold"))
    if any(cell.flags.get("grade") or cell.flags.get("solution") for cell in own):
        repairs.append(("", "a cell that is none of the lesson's was flagged as graded: it is an ordinary one now"))
    for cell in cells:
        given = cell.given
        counts = given is not None and cell is counting[given]
        if given is None:
            line.append(_extra(cell))
        elif given.kind in ("test", "locked"):
            is_test = given.kind == "test"
            if is_test and cell.edited and not counts:
                line.append(_extra(cell))
                continue
            added = _additions(cell, given, needed if is_test else None) if cell.edited else []
            line += [_original(given)] if counts and not is_test else []
            line += added
            if counts and is_test:
                tests[given] = line[-1] if line else None
            if cell.edited and counts:
                repairs += _said_of_edit(given, added)
        elif counts:
            line.append(_counted(cell, given))
        # Of an exercise an empty copy is dropped, which would undo an answer; of other code an unchanged copy stays.
        elif cell.is_answer if given.kind == "solution" else cell.edited or (given.is_code and not given.illustrates):
            line.append(_extra(cell))
    return line, tests


def _counted(cell: _Cell, given: _Given) -> _Item:
    """The copy of a solution or an ordinary cell that counts."""
    if not cell.edited:
        return _original(given)
    if given.kind == "solution" and given.is_code and not cell.is_answer and not cell.look.binds:
        return _original(given)
    looked = cell.look if given.is_code else None
    answered = given.kind == "solution" and cell.is_answer
    pictures = {} if given.is_code else cell.pictures
    return _Item(cell.source, given.cell.cell_type, given, given, answered, pictures=pictures, looked=looked)


def _counting(plan: _Plan, given: _Given, copies: list[_Cell]) -> _Cell | None:
    """Which of several copies of a cell counts: of solutions the last one that was edited."""
    if given.kind in ("test", "locked"):
        same = [cell for cell in copies if not cell.edited]
        return (same or copies)[-1 if given.kind == "test" else 0]
    if given.kind == "ordinary":
        fitting = [cell for cell in copies if not cell.edited or cell.cell_type == given.cell.cell_type]
        return ([cell for cell in fitting if cell.edited] or fitting[:1] or [None])[-1]
    answers = [cell for cell in copies if cell.is_answer]
    defining = [cell for cell in answers if given in plan.exercises(cell.look)]
    chosen = (defining or answers or copies)[-1 if answers else 0]
    # An answer below an untouched stub, in a cell that does not say that it is the exercise, stays a cell of its own.
    return chosen if copies[0].edited or given.key in chosen.names or given.cell.id in chosen.names else copies[0]


def _needed(plan: _Plan, cells: list[_Cell]) -> frozenset[str]:
    """Names that the student's own code reads and that nothing but an edited test can bind."""
    own = [
        cell for cell in cells if cell.edited and (cell.is_code if cell.given is None else cell.given.kind != "test")
    ]
    reads = frozenset().union(*(cell.look.reads for cell in own))
    binds = frozenset().union(*(cell.look.binds for cell in own))
    return reads - binds - frozenset().union(*(given.look.binds for given in plan.of_kind("locked", "ordinary")))


def _additions(cell: _Cell, given: _Given, needed: Iterable[str] | None) -> list[_Item]:
    """What a student added to a cell that is locked, as a cell of its own.

    The original is back and what she changed in it is gone: it is the same for everybody, and tests rely on it. But
    her answers may use an import or a function that she added. So those statements are kept that bind only names
    which the original does not; none of them can undo it. A test is changed to experiment, so there it takes a name
    that is needed elsewhere. Locked prose is kept whole, below the original: it can do no harm, and may be an answer.

    needed: names without one of which nothing is kept; None: keep any
    """
    if not given.is_code:
        return [_Item(cell.source, "markdown", pictures=cell.pictures)]
    theirs, lines, kept, binds = _look(given.text).binds, cell.source.split("\n"), [], set()
    for statement in cell.look.statements or []:
        names = _bound(statement)
        if ast.dump(statement) in given.dumps:
            continue
        if _is_import(statement) and names - theirs:
            new = [alias for alias in statement.names if _alias(alias) not in theirs]
            statement = copy.copy(statement)
            statement.names = new
            kept.append(ast.unparse(statement))
        elif names and not names & theirs:
            kept.append(_as_written(statement, lines))
        else:
            continue
        binds |= names - theirs
    if not kept or (needed is not None and not binds & set(needed)):
        return []
    return [_Item("\n".join(kept), "code")]


def _as_written(statement: ast.stmt, lines: list[str]) -> str:
    """A statement's own lines with their comments, or only what it says if it shares them with another one."""
    text = textwrap.dedent("\n".join(lines[_first_line(statement) : statement.end_lineno]))
    is_alone = [ast.dump(each) for each in _look(text).statements or []] == [ast.dump(statement)]
    return text if is_alone else ast.unparse(statement)


def _said_of(given: _Given, copies: list[_Cell]) -> _Repairs:
    """What an instructor should know about the copies of one cell of the lesson."""
    found, own = [], given.cell.metadata.get("nbgrader", {})
    flags = next((cell.flags for cell in copies if cell.flags.get("grade_id") == given.key), {})
    changed = [
        flag
        for flag in ("points", "grade", "solution", "locked", "task", "schema_version")
        if flag in flags and flag in own and flags[flag] != own[flag]
    ]
    grade_ids = {cell.flags.get("grade_id") for cell in copies if isinstance(cell.flags.get("grade_id"), str)}
    if given.kind != "ordinary" and given.key not in grade_ids and not any(cell.part for cell in copies):
        found.append(f"came with {'another' if grade_ids else 'no'} grade_id and was recognised by what it holds")
    if changed:
        found.append(f"came with other {', '.join(changed)} and has the lesson's again")
    if all(cell.cell_type != given.cell.cell_type for cell in copies):
        found.append(f"came as a {copies[-1].cell_type} cell and is a {given.cell.cell_type} cell again")
    if len(copies) > 1 and given.kind != "ordinary":
        rule = "the last copy that was edited counts" if given.kind == "solution" else "once is enough"
        found.append(f"was there more than once: {rule}")
    return [(given.key, what) for what in found]


def _said_of_edit(given: _Given, added: list[_Item]) -> _Repairs:
    what = "what others may need of the edit stands in a cell of its own" if added else "the edit is dropped"
    return [
        (given.key, f"is {'a test' if given.kind == 'test' else 'locked'} and was edited: the original is back, {what}")
    ]


# Their order.


def _arranged(plan: _Plan, line: list[_Item], tests: dict[_Given, _Item | None], repairs: _Repairs) -> list[_Item]:
    """All items in order: what is missing has returned, and tests stand behind what they test.

    line : all but the tests, in the student's order
    tests: for each test that was handed in the item that it stands behind, None for the top of the notebook
    """
    _return_missing(plan, line, tests, repairs)
    _stubs_first(plan, line, repairs)
    line = _providers_first(plan, line, repairs)
    return _with_tests(plan, line, tests, repairs)


def _return_missing(plan: _Plan, line: list[_Item], tests: dict[_Given, _Item | None], repairs: _Repairs) -> None:
    present = {item.given: item for item in line if item.given}
    missing = [given for given in plan.given if given not in present and given not in tests]
    if line and missing:
        repairs += [
            (given.key, "was missing and is back in its place") for given in missing if given.kind != "ordinary"
        ]
        ordinary = sum(given.kind == "ordinary" for given in missing)
        repairs += [("", f"ordinary cells were missing and are back in their places: {ordinary}")] if ordinary else []
    own = [item.look for item in line if not item.unchanged]
    binds = frozenset().union(*(look.binds for look in own))
    reads = frozenset().union(*(look.reads for look in own))
    last = None
    for given in plan.of_kind("solution", "locked", "ordinary"):
        if given not in present:
            # Who deletes a cell that is not locked may bind its names in another way, which it must not undo.
            names = given.look.binds
            undoes = given.kind == "ordinary" and bool(names & binds) and not (names - binds) & reads
            present[given] = _original(given, skip=undoes)
            line.insert(line.index(last) + 1 if last else 0, present[given])
        last = present[given]
    for test in plan.of_kind("test"):
        if test not in tests:
            # Behind what the student added to the exercise.
            before = [given for given in plan.given[: test.place] if given.kind != "test"]
            at = line.index(present[before[-1]]) if before else -1
            while at + 1 < len(line) and line[at + 1].given is None:
                at += 1
            tests[test] = line[at] if at >= 0 else None


def _stubs_first(plan: _Plan, line: list[_Item], repairs: _Repairs) -> None:
    """Move the stub of an exercise that is answered elsewhere before the answer, which it would overwrite."""
    for stub in [item for item in line if item.given in plan.names and not item.answered]:
        names = plan.names[stub.given]
        answers = [n for n, item in enumerate(line) if item.look.binds & names and _answers(item, stub.given)]
        if answers:
            repairs.append((stub.given.key, "is answered in another cell, which counts"))
            if answers[0] < line.index(stub):
                line.remove(stub)
                line.insert(answers[0], stub)


def _answers(item: _Item, solution: _Given) -> bool:
    """Whether an item that binds a name of an exercise answers it: it is neither its stub nor given."""
    return item.answered or (item.given is not solution and not item.unchanged)


def _binders(line: list[_Item]) -> dict[str, list[int]]:
    """For each name the places of the cells that bind it when the notebook is graded."""
    found = defaultdict(list)
    for place, item in enumerate(line):
        if not item.skip and not item.illustrates:
            for name in item.look.binds:
                found[name].append(place)
    return found


def _providers_first(plan: _Plan, line: list[_Item], repairs: _Repairs) -> list[_Item]:
    """The student's order, except where a cell of the lesson or an answer reads a name that only a later cell binds:
    run from top to bottom it could not but fail, so the later one comes first."""
    binders, done, order = _binders(line), set(), []

    def emit(place: int, depth: int, reader: int) -> None:
        if place in done:
            return
        done.add(place)
        item = line[place]
        if place > reader and item.given:
            repairs.append((item.given.key, "stood after a cell that needs it and comes before it now"))
        counts = item.given or plan.exercises(item.look)
        if counts and not item.illustrates and depth < 50:
            for name in sorted(item.look.eager & binders.keys()):
                earlier = bisect_left(binders[name], place)
                emit(binders[name][max(earlier - 1, 0)], depth + 1, reader)
        order.append(item)

    for place in range(len(line)):
        emit(place, 0, place)
    return order


def _with_tests(plan: _Plan, line: list[_Item], tests: dict[_Given, _Item | None], repairs: _Repairs) -> list[_Item]:
    """Put each test where the student had it or, if its answer stands further down, behind that."""
    binders, at = _binders(line), {id(item): place for place, item in enumerate(line)}
    behind = defaultdict(list)
    for test in plan.of_kind("test"):
        base = at[id(tests[test])] + 1 if tests[test] else 0
        slot = _slot(plan, line, binders, test, base)
        if slot > base:
            repairs.append((test.key, "stood before what it tests and comes after it now"))
        behind[slot].append(_original(test))
    result = list(behind[0])
    for place, item in enumerate(line, 1):
        result += [item, *behind[place]]
    return result


def _slot(plan: _Plan, line: list[_Item], binders: dict[str, list[int]], test: _Given, slot: int) -> int:
    """The first place, from this one on, where a test finds its answer and all that the answer's functions call."""
    todo = sorted(test.look.reads & binders.keys())
    seen = set(todo)
    while todo:
        name = todo.pop()
        places, solution = binders[name], plan.definer.get(name)
        answers = [place for place in places if solution and _answers(line[place], solution)]
        if chosen := [place for place in answers if line[place].copy_of is solution]:
            slot = max(slot, chosen[-1] + 1)
        elif answers and answers[0] >= slot:
            slot = answers[-1] + 1
        places = answers or places
        slot = max(slot, places[0] + 1)
        provider = line[places[bisect_left(places, slot) - 1]]
        todo += sorted((provider.look.reads & binders.keys()) - seen)
        seen |= provider.look.reads
    return slot


# What is run, and the notebook.


def _mark_skipped(line: list[_Item]) -> None:
    """Skip what only illustrates, unless some code that runs reads a name that nothing else binds."""
    pictures = [item for item in line if item.illustrates and not item.skip]
    runs = [item for item in line if not item.illustrates and not item.skip]
    only = frozenset().union(*(item.look.binds for item in pictures))
    everywhere = frozenset().union(*(item.look.binds for item in runs if not item.is_test))
    bound: set[str] = set()
    for item in runs:
        if (item.look.eager & only) - bound or (item.look.lazy & only) - everywhere:
            return
        if not item.is_test:
            bound |= item.look.binds
    for item in pictures:
        item.skip = True


def _written(plan: _Plan, line: list[_Item], repairs: _Repairs, problem: str) -> Rebuilt:
    _mark_skipped(line)
    taken = {given.cell.id for given in plan.given}
    free = (name for n in range(1, len(line) + len(taken) + 1) if (name := f"extra-{n}") not in taken)
    cells = []
    for item in line:
        if item.given:
            metadata = copy.deepcopy(item.given.cell.metadata)
            cell = _new_cell(item.cell_type, item.given.cell.id, item.source, metadata)
        else:
            cell = _new_cell(item.cell_type, next(free), item.source, {})
        if item.skip:
            cell.metadata[METADATA] = NotebookNode(skip=True)
        if item.pictures:
            cell["attachments"] = nbformat.from_dict(item.pictures)
        cells.append(cell)
    said = _sentences(repairs)
    metadata = {"kernelspec": copy.deepcopy(plan.kernelspec), METADATA: {"repairs": said, "problem": problem}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return Rebuilt(nbformat.from_dict(notebook), said)

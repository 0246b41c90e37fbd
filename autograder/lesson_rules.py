"""What the build refuses in a lesson. Each rule is a small function that yields what is wrong."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.lesson import (
    BEGIN_HIDDEN,
    BEGIN_SOLUTION,
    END_HIDDEN,
    END_SOLUTION,
    Lesson,
    Problem,
    cell_id,
    is_solution,
    is_test,
    key,
    names_bound,
    names_read,
    nbgrader,
    split,
    tags,
    test_parts,
)

MAX_SECONDS = 10.0


# A cell as written: rules from the cell to messages.


def metadata_can_be_read(cell):
    if "incorrectly_encoded_metadata" in cell.metadata:
        yield "its metadata cannot be read: write key=value pairs, each value as JSON"
    elif not isinstance(cell.metadata.get("nbgrader", {}), dict):
        yield "its nbgrader metadata is not a JSON object"


def code_is_python(cell):
    if cell.cell_type != "code" or cell.source.lstrip().startswith("%%"):
        return
    source = re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        yield f"line {error.lineno} of the cell is not Python: {error.msg}"
    except ValueError as error:
        yield f"not Python: {error}"


def cell_has_a_name(cell):
    if "nbgrader" in cell.metadata and not nbgrader(cell).get("grade_id"):
        yield 'nbgrader metadata without a grade_id: add "grade_id": "…"'
    elif not cell_id(cell):
        yield 'neither a grade_id nor a name: add name="…" to the cell\'s marker'


def nbgrader_metadata_is_complete(cell):
    found = nbgrader(cell)
    missing = {"grade", "locked", "schema_version", "solution", "task"} - set(found)
    if found and missing:
        yield f"its nbgrader metadata lacks {', '.join(sorted(missing))}"
    elif found and found["schema_version"] != 3:
        yield "its nbgrader schema_version is not 3"


def solution_is_marked(cell):
    inside, _, fault = split(cell.source, BEGIN_SOLUTION, END_SOLUTION)
    if fault:
        yield fault
    elif is_solution(cell) and not any(map(str.strip, inside or [])):
        yield f"a solution cell without its answer between {BEGIN_SOLUTION} and {END_SOLUTION}"
    elif inside is not None and not is_solution(cell):
        yield f'{BEGIN_SOLUTION} in a cell whose nbgrader metadata lacks "solution": true'


def test_has_a_visible_and_a_hidden_part(cell):
    inside, outside, fault = split(cell.source, BEGIN_HIDDEN, END_HIDDEN)
    if fault:
        yield fault
    elif inside is not None and not is_test(cell):
        yield f'{BEGIN_HIDDEN} in a cell whose nbgrader metadata lacks "grade": true'
    elif is_test(cell):
        if not _checks_something(inside or []):
            yield f"no hidden part: add a check between {BEGIN_HIDDEN} and {END_HIDDEN}"
        if not _checks_something(outside):
            yield f"no visible check: add one above {BEGIN_HIDDEN}"


def each_part_of_a_test_is_python(cell):
    """The hidden parts of a lesson are run after all visible ones."""
    if is_test(cell):
        for name, part in zip(("visible", "hidden"), test_parts(cell.source), strict=True):
            try:
                compile(part, "<cell>", "exec")
            except (SyntaxError, ValueError) as error:
                yield f"its {name} part alone is not Python: {error.msg if isinstance(error, SyntaxError) else error}"


def _checks_something(lines: list[str]) -> bool:
    """Whether code asserts, raises, or calls something of `checks` that can fail."""
    check = r"^[^#]*?\b(assert\w*|raise|checks\.(?!(seed|needs|is_unwritten|CheckError)\b)\w+)\b"
    return any(re.search(check, line) for line in lines)


def test_may_raise(cell):
    if is_test(cell) and "raises-exception" not in tags(cell):
        yield 'a test cell without tags=["raises-exception"]: Run All would stop at an unfinished exercise'


def graded_cell_has_points(cell):
    found = nbgrader(cell)
    points = found.get("points")
    counts = isinstance(points, int | float) and not isinstance(points, bool) and points > 0
    if (found.get("grade") or found.get("task")) and not counts:
        yield 'a graded cell without points: add "points", a number above 0'


def picture_has_alt_text(cell):
    if cell.cell_type == "markdown" and (re.search(r"!\[\s*\]", cell.source) or not _alt(cell.source)):
        yield "a picture without alt text: say in words what one should see"


def _alt(html: str) -> bool:
    """Whether each <img> has a text in its alt attribute."""
    alt = re.compile(r"""\balt\s*=\s*("\s*[^"\s]|'\s*[^'\s])""", re.IGNORECASE)
    return all(alt.search(image) for image in re.findall(r"<img\b[^>]*>", html, re.IGNORECASE))


# A lesson as written: rules from the lesson to problems.


def names_are_unique(lesson):
    first = {}
    for index, cell in enumerate(lesson.cells):
        other = first.setdefault(cell_id(cell), index) if cell_id(cell) else index
        if other != index:
            what = "grade_id" if nbgrader(cell).get("grade_id") else "name"
            yield lesson.problem(index, f"a duplicated {what}: see the cell at line {lesson.lines[other]}")


def there_is_a_set_up_cell(lesson):
    for index, cell in enumerate(lesson.cells):
        if nbgrader(cell).get("grade_id") == "setup":
            if cell.cell_type != "code" or not nbgrader(cell).get("locked"):
                yield lesson.problem(index, 'the set-up cell must be a code cell with "locked": true')
            return
    if lesson.cells:
        yield lesson.problem(0, "the lesson has no set-up cell: give its cell of imports the grade_id setup")


def tests_rebind_nothing_in_use(lesson):
    """A test cell that binds a name which a later cell reads would change what that cell shows."""
    bound = {}
    for index, cell in enumerate(lesson.cells):
        if cell.cell_type != "code" or (table := _symbols(cell.source)) is None:
            continue
        if is_test(cell):
            imported = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_imported()}
            assigned = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
            bound |= {name: index for name in assigned - imported}
            continue
        for name in sorted(names_read(table) & bound.keys()):
            other = key(lesson.cells[bound[name]])
            yield lesson.problem(index, f"reads {name!r}, which the test cell {other} binds: rename one of the two")
        bound = {name: at for name, at in bound.items() if name not in names_bound(table)}


def _symbols(source: str) -> symtable.SymbolTable | None:
    try:
        return symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError):  # magics
        return None


# An executed cell: rules from the cell and one of its outputs to messages.


def solution_does_not_raise(cell, output):
    if output.output_type == "error":
        yield f"the solution raises {output.ename}: {_first_line(output.evalue)}"


def solution_does_not_warn(cell, output):
    if output.get("name") == "stderr" and "expected-warning" not in tags(cell):
        yield f"writes to stderr, without the tag expected-warning: {_first_line(output.text)}"


def figure_has_alt_text(cell, output):
    data = output.get("data", {})
    html = "".join(data.get("text/html", ""))
    picture = any(kind.startswith("image/") for kind in data)
    if (picture and "<img" not in html) or not _alt(html):
        yield 'a figure without alt text: show it with plots.show(fig, alt="…")'


def exercise_is_written(cell, output):
    if output.get("metadata", {}).get("mlp_helpers", {}).get("unwritten"):
        said = _first_line("".join(output.data.get("text/plain", "")))
        yield f"says that an exercise is unwritten, although this is the solution: {said}"


def output_holds_no_address(cell, output):
    if found := re.search(r"\b[\w.]+ at 0x[0-9a-fA-F]+", "\n".join(_texts(output))):
        yield f"an output that differs from build to build: {found[0]}"


def _texts(output: NotebookNode) -> Iterator[str]:
    yield "".join(output.get("text", ""))
    yield "\n".join(output.get("traceback", []))
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/"):
            yield "".join(value)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]


def cells_are_quick(lesson):
    for index, seconds in lesson.seconds.items():
        if seconds > MAX_SECONDS:
            yield lesson.problem(index, f"takes {seconds:.1f} s; at most {MAX_SECONDS:g} s are allowed")


# A cell of the release, and the release.


def no_marker_survives(cell):
    if marker := re.search(r"\b(BEGIN|END)\s+(SOLUTION|HIDDEN|MARK)\w*.*", cell.source, re.IGNORECASE):
        yield f"a marker survives into the release: {marker[0]}"


def no_answer_survives(lesson):
    answers = {}
    for cell in filter(is_solution, lesson.solution.cells):
        for line in split(cell.source, BEGIN_SOLUTION, END_SOLUTION)[0] or []:
            if tells_the_answer(line):
                answers.setdefault(_squeezed(line), key(cell))
    for index, cell in enumerate(lesson.release.cells):
        shown = {_squeezed(line): line.strip() for text in _code(cell) for line in text.splitlines()}
        for line in shown.keys() & answers.keys():
            yield lesson.problem(index, f"shows students the answer of {answers[line]}: {shown[line]}")


def tells_the_answer(line: str) -> bool:
    """Whether a line of a solution gives something away, as `n = len(x)`, `else:` and comments do not."""
    code = _without_comment(line).strip()
    common = r"(import|from|def|class|for|else|try|except|finally|with|raise|assert|pass)\b|@"
    idiom = r"[\w, ]+ = (len\(\w+\)|\w+\.shape(\[-?\d\])?|\w+\.copy\(\)|np\.random\.default_rng\(\w*\))|[\w.]+\(\)"
    if re.match(common, code) or re.fullmatch(idiom, code):
        return False
    operations = len(re.findall(r"\*\*|//|[-+*/@%<>]=?|[=!]=", code))
    accesses = len(re.findall(r"[(\[]|\.[A-Za-z]", code))
    return operations + accesses >= (1 if operations and code.startswith("return") else 2)


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line)


def _squeezed(line: str) -> str:
    return re.sub(r"\s", "", _without_comment(line))


def _code(cell: NotebookNode) -> Iterator[str]:
    """What a cell shows as code: itself and its outputs, or the fenced and <pre> blocks of Markdown."""
    if cell.cell_type == "code":
        yield cell.source
        for output in cell.outputs:
            yield from _texts(output)
    else:
        for block in re.finditer(r"(?ms)^ *(```+|~~~+)(.*?)^ *\1|<pre>(.*?)</pre>", cell.source):
            yield block[2] or block[3] or ""


READABLE = [metadata_can_be_read, code_is_python]
CELL_RULES = [
    cell_has_a_name,
    nbgrader_metadata_is_complete,
    solution_is_marked,
    test_has_a_visible_and_a_hidden_part,
    each_part_of_a_test_is_python,
    test_may_raise,
    graded_cell_has_points,
    picture_has_alt_text,
]
LESSON_RULES = [names_are_unique, there_is_a_set_up_cell, tests_rebind_nothing_in_use]
OUTPUT_RULES = [
    solution_does_not_raise,
    solution_does_not_warn,
    figure_has_alt_text,
    exercise_is_written,
    output_holds_no_address,
]
RELEASE_RULES = [code_is_python, no_marker_survives]


def unreadable(lesson: Lesson) -> list[Problem]:
    """Problems that leave no sense in going on; those of the other three functions are reported together."""
    return _apply(READABLE, lesson, lesson.cells)


def wrong_as_written(lesson: Lesson) -> list[Problem]:
    found = _apply(CELL_RULES, lesson, lesson.cells)
    return [*found, *(problem for rule in LESSON_RULES for problem in rule(lesson))]


def wrong_when_executed(lesson: Lesson) -> list[Problem]:
    found = [
        lesson.problem(index, text)
        for index, cell in enumerate(lesson.solution.cells)
        for output in cell.get("outputs", [])
        for rule in OUTPUT_RULES
        for text in rule(cell, output)
    ]
    return [*found, *cells_are_quick(lesson)]


def wrong_when_released(lesson: Lesson) -> list[Problem]:
    return [*_apply(RELEASE_RULES, lesson, lesson.release.cells), *no_answer_survives(lesson)]


def _apply(rules: list, lesson: Lesson, cells: list[NotebookNode]) -> list[Problem]:
    found = ((index, text) for index, cell in enumerate(cells) for rule in rules for text in rule(cell))
    return [lesson.problem(index, text) for index, text in found]

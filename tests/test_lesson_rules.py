"""Each rule refuses its defect in an otherwise good lesson, and names the cell and its line."""

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from autograder import lesson_rules
from autograder.build import to_notebook
from autograder.course import Course
from autograder.lesson import key, read_lesson
from autograder.release import make_release

GOOD = Path(__file__).parent / "fixtures" / "01_small.py"
EXERCISE, TEST = '"grade_id": "exercise-1-1"', '"grade_id": "test-1-1"'


@pytest.fixture
def course(tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    return Course(root=tmp_path, classroom=tmp_path / "class")


def read(course, source):
    (course.lessons / "01_small.py").write_text(source, encoding="utf-8")
    lesson, problems = read_lesson(course, "01_small")
    assert not problems
    return lesson


def released(course, source):
    """A lesson with its release, as if executed without outputs."""
    lesson = read(course, source)
    lesson.solution = to_notebook(course, "01_small", lesson)
    lesson.release = nbformat.reads(make_release(nbformat.writes(lesson.solution), "01_small"), as_version=4)
    return lesson


def changed(old, new):
    source = GOOD.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{old!r} should stand once in {GOOD}"
    return source.replace(old, new)


def line_of(source, text):
    return next(n for n, line in enumerate(source.splitlines(), 1) if line.startswith("# %%") and text in line)


def test_a_good_lesson_has_no_problem(course):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    assert not lesson_rules.unreadable(lesson)
    assert not lesson_rules.wrong_as_written(lesson)
    assert not lesson_rules.wrong_when_executed(lesson)
    assert not lesson_rules.wrong_when_released(lesson)


def test_each_cell_is_found_at_its_marker(course):
    source = GOOD.read_text(encoding="utf-8").replace("double(21)", 'text = """\n# %% not a marker\n"""\ndouble(21)')
    lesson = read(course, source)
    written = source.splitlines()
    assert len(lesson.cells) == 8
    for cell, line in zip(lesson.cells, lesson.lines, strict=True):
        assert key(cell) in written[line - 1]


# what is changed in the good lesson, into what; the marker of the cell that is to blame; the message
AS_WRITTEN = {
    "hidden part that is none of its own": (
        "### BEGIN HIDDEN TESTS\n",
        "if True:\n    pass\n### BEGIN HIDDEN TESTS\n    double(0)\n",
        "test-1-1",
        "part alone is not Python",
    ),
    "no grade_id": ('"grade_id": "exercise-1-1", ', "", '"solution": true', "without a grade_id"),
    "empty grade_id": ("exercise-1-1", "", '"solution": true', "without a grade_id"),
    "no name": (' name="result"', "", "# %%", "neither a grade_id nor a name"),
    "duplicated grade_id": (EXERCISE, TEST, "points", "a duplicated grade_id: see the cell at line 3"),
    "duplicated name": (
        'name="result"',
        'name="doubling"',
        'name="doubling"',
        "a duplicated name: see the cell",
    ),
    "name like a grade_id": ('name="result"', 'name="test 1 1"', 'name="test 1 1"', "a duplicated name"),
    "metadata cut short": (
        '"schema_version": 3, "solution": true, "task": false',
        '"solution": true',
        EXERCISE,
        "lacks schema_version, task",
    ),
    "old schema": (
        '"schema_version": 3, "solution": true',
        '"schema_version": 2, "solution": true',
        EXERCISE,
        "not 3",
    ),
    "no set-up cell": ('"setup"', '"imports"', "title", "no set-up cell"),
    "set-up not locked": ('"setup", "locked": true', '"setup", "locked": false', "setup", '"locked": true'),
    "no solution region": (
        "    ### BEGIN SOLUTION\n    return 2 * np.asarray(x)\n    ### END SOLUTION",
        "    return 2 * np.asarray(x)",
        EXERCISE,
        "without its answer between",
    ),
    "empty solution region": ("    return 2 * np.asarray(x)\n", "\n", EXERCISE, "without its answer between"),
    "solution never ends": ("    ### END SOLUTION\n", "", EXERCISE, "### BEGIN SOLUTION without ### END"),
    "solution begins twice": (
        "    ### BEGIN SOLUTION\n",
        "    ### BEGIN SOLUTION\n" * 2,
        EXERCISE,
        "a second ### BEGIN SOLUTION",
    ),
    "solution elsewhere": (
        "double(21)",
        "### BEGIN SOLUTION\ndouble(21)\n### END SOLUTION",
        "result",
        'lacks "solution": true',
    ),
    "no hidden part": (
        "### BEGIN HIDDEN TESTS\nassert np.array_equal(double([1.0, -3.0]), [2.0, -6.0]), "
        '"double is wrong for other numbers"\n### END HIDDEN TESTS',
        "",
        TEST,
        "no hidden part",
    ),
    "hidden part without a check": ("assert np.array_equal(", "print(", TEST, "no hidden part"),
    "no visible check": ("assert double(2) == 4", "double(2), 4", TEST, "no visible check"),
    "visible check in a comment": (
        "assert double(2) == 4",
        "# assert double(2) == 4",
        TEST,
        "no visible check",
    ),
    "hidden tests never end": ("### END HIDDEN TESTS\n", "", TEST, "### BEGIN HIDDEN TESTS without ### END"),
    "hidden tests elsewhere": (
        "double(21)",
        "### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS",
        "result",
        'lacks "grade": true',
    ),
    "test stops Run All": ("raises-exception", "slow", TEST, 'without tags=["raises-exception"]'),
    "no points": ('"points": 2, ', "", TEST, "without points"),
    "zero points": ('"points": 2', '"points": 0', TEST, "without points"),
    "test binds a name in use": (
        "assert double(2) == 4",
        "warnings = 1\nassert double(2) == 4",
        'name="warning"',
        "reads 'warnings', which the test cell test-1-1 binds",
    ),
    "points as text": ('"points": 2', '"points": "2"', TEST, "without points"),
    "Markdown picture": (
        "# For example",
        "# ![](a)\n# For example",
        "doubling",
        "without alt text",
    ),
    "HTML picture": (
        "# For example",
        '# <img src="a">\n# For example',
        "doubling",
        "without alt text",
    ),
}


@pytest.mark.parametrize("defect", AS_WRITTEN)
def test_a_lesson_is_refused_as_written(course, defect):
    old, new, marker, message = AS_WRITTEN[defect]
    source = changed(old, new)
    problems = lesson_rules.wrong_as_written(read(course, source))
    wanted = line_of(source, marker)
    if defect == "no name":
        wanted = source.splitlines().index("# %%") + 1
    elif defect.startswith("duplicated name"):
        wanted = len(source.splitlines()) - source.splitlines()[::-1].index('# %% name="doubling"')
    assert [(problem.line, message in problem.message) for problem in problems] == [(wanted, True)], problems


@pytest.mark.parametrize(
    ("old", "new", "marker", "message"),
    [
        ("double(21)", "double(21", "result", "line 1 of the cell is not Python"),
        (' tags=["illustration"]', " tags=[illustration]", "picture", "metadata cannot be read"),
    ],
)
def test_a_lesson_is_unreadable(course, old, new, marker, message):
    source = changed(old, new)
    (problem,) = lesson_rules.unreadable(read(course, source))
    assert message in problem.message
    assert problem.line == line_of(source, marker)


@pytest.mark.parametrize("code", ["%matplotlib inline\n!ls", "%%time\nwhatever", "await something()", r"'\d'"])
def test_code_that_only_a_notebook_can_run_is_fine(course, code):
    assert not lesson_rules.unreadable(read(course, changed("double(21)", code)))


PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "a line"}


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            v4.new_output("error", ename="NameError", evalue="no x\nmore"),
            "the solution raises NameError: no x",
        ),
        (v4.new_output("stream", name="stderr", text="careful!\n"), "writes to stderr, without the tag"),
        (v4.new_output("display_data", PICTURE), "a figure without alt text"),
        (v4.new_output("display_data", {**PICTURE, "text/html": "<p>Line</p>"}), "a figure without alt text"),
        (
            v4.new_output("display_data", {**PICTURE, "text/html": "<img src='a'>"}),
            "a figure without alt text",
        ),
        (
            v4.new_output("display_data", {**PICTURE, "text/html": '<img alt=" ">'}),
            "a figure without alt text",
        ),
        (v4.new_output("display_data", {"text/html": "<img src='a'>"}), "a figure without alt text"),
        (v4.new_output("display_data", {"image/svg+xml": "<svg/>"}), "a figure without alt text"),
        (
            v4.new_output("display_data", {"text/plain": "Write 1.1"}, metadata={"mlp_helpers": {"unwritten": True}}),
            "says that an exercise is unwritten, although this is the solution: Write 1.1",
        ),
        (
            v4.new_output("execute_result", {"text/plain": "<function double at 0x7f10>"}),
            "differs from build to build: double at 0x7f10",
        ),
        (v4.new_output("stream", text="a <object object at 0xffe0>\n"), "differs from build to build"),
    ],
)
def test_an_executed_lesson_is_refused(course, output, message):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    lesson.solution.cells[5].outputs = [output]
    (problem,) = lesson_rules.wrong_when_executed(lesson)
    assert message in problem.message
    assert (problem.cell, problem.line) == ("result", lesson.lines[5])


@pytest.mark.parametrize(
    "output",
    [
        v4.new_output("display_data", {**PICTURE, "text/html": "<img src='a' alt='A line.'>"}),
        v4.new_output("stream", text="1.0\n"),
        v4.new_output("execute_result", {"text/plain": "0x7f10"}),
    ],
)
def test_good_outputs_are_fine(course, output):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    lesson.solution.cells[5].outputs = [output]
    assert not lesson_rules.wrong_when_executed(lesson)


def test_stderr_is_fine_where_it_is_expected(course):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    lesson.solution.cells[7].outputs = [v4.new_output("stream", name="stderr", text="UserWarning\n")]
    assert not lesson_rules.wrong_when_executed(lesson)


def test_a_slow_cell_is_refused(course):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    lesson.seconds = {1: 9.9, 5: 10.4}
    (problem,) = lesson_rules.wrong_when_executed(lesson)
    assert (problem.cell, problem.message) == ("result", "takes 10.4 s; at most 10 s are allowed")


@pytest.mark.parametrize(
    ("cell", "source", "message"),
    [
        (4, "assert True\n# Begin hidden tests", "a marker survives into the release: Begin hidden tests"),
        (2, "Read on.\n\n### BEGIN SOLUTION", "a marker survives into the release: BEGIN SOLUTION"),
        (5, "if True:\n    return  2*np.asarray(x)  # so", "the answer of exercise-1-1: return  2*np."),
        (2, "```python\nreturn 2 * np.asarray(x)\n```", "the answer of exercise-1-1"),
        (2, "~~~\n  return 2 * np.asarray(x)\n~~~", "the answer of exercise-1-1"),
        (2, "<pre>\nreturn 2 * np.asarray(x)\n</pre>", "the answer of exercise-1-1"),
        (3, "def double(x):\n    pass\n  ...", "line 3 of the cell is not Python"),
    ],
)
def test_a_release_is_refused(course, cell, source, message):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    lesson.release.cells[cell].source = source
    (problem,) = lesson_rules.wrong_when_released(lesson)
    assert message in problem.message
    assert problem.line == lesson.lines[cell]


def test_an_answer_in_a_kept_output_is_refused(course):
    lesson = released(course, GOOD.read_text(encoding="utf-8"))
    lesson.release.cells[6].outputs = [v4.new_output("stream", text="source:\n return 2 * np.asarray(x)\n")]
    (problem,) = lesson_rules.wrong_when_released(lesson)
    assert problem.cell == "picture"


@pytest.mark.parametrize(
    "line",
    [
        "return x @ w + b",
        "return z > 0",
        "grad_w = x.T @ delta",
        "w -= lr * grad",
        "return np.maximum(z, 0)",
        "    z = x @ w + b  # the pre-activation",
        "if np.linalg.norm(step) < tolerance:",
    ],
)
def test_lines_that_tell_the_answer(line):
    assert lesson_rules.tells_the_answer(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# x @ w + b",
        "else:",
        "n = len(x)",
        "N, D = x.shape",
        "w = w.copy()",
        "return w",
        "return w, b",
        "import numpy as np",
        "for start in range(0, n, size):",
        "rng = np.random.default_rng(seed)",
        "y = f(x)",
        "optimizer.update()",
    ],
)
def test_lines_that_do_not(line):
    assert not lesson_rules.tells_the_answer(line)

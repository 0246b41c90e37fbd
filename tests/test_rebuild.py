"""Rebuilding: what is right earns its points whatever happened to the notebook, and nothing of it raises."""

import ast
import contextlib
import copy
import io
import json
import time
import warnings
from functools import cache
from types import SimpleNamespace

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from mini_course import LESSON, make_mini_course
from mutations import MUTATIONS, code, handed_in, markdown
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.configuration import nbgrader_config
from autograder.course import Course, CourseError
from autograder.notebook_file import NoNotebookError, read_notebook
from autograder.rebuild import rebuild
from autograder.release import BEGIN_HIDDEN, END_HIDDEN, make_release
from autograder.repairs import METADATA
from autograder.static_look import say_the_same

LESSONS = [LESSON, "01_perceptron", "06_framework"]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="session")
def lesson(tmp_path_factory):
    """By name: the worked notebook, the release, both as JSON, and the points of each test."""

    @cache
    def named(name):
        course = make_mini_course(tmp_path_factory.mktemp("course")) if name == LESSON else Course()
        worked, release = (
            (folder / name / f"{name}.ipynb").read_text(encoding="utf-8")
            for folder in (course.solutions, course.notebooks)
        )
        return _lesson(worked, release)

    return named


def _lesson(worked, release):
    worked, notebook = nbformat.reads(worked, as_version=4), nbformat.reads(release, as_version=4)
    release = json.loads(release)
    answered = copy.deepcopy(release)
    for cell, solved in zip(answered["cells"], worked.cells, strict=True):
        if solved.metadata.get("nbgrader", {}).get("solution"):
            cell["source"] = _without_marks(solved.source)
    points = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points for cell in worked.cells if is_test(cell)}
    return SimpleNamespace(worked=worked, release=notebook, json=release, answered=answered, points=points)


def _without_marks(source):
    return "\n".join(line for line in source.splitlines() if "### " not in line)


def is_test(cell):
    flags = cell.metadata.get("nbgrader", {})
    return bool(flags.get("grade") and not flags.get("solution"))


def rebuilt(lesson, notebook):
    """What comes of a notebook's JSON or a file's bytes; checked for all that holds for any submission."""
    if isinstance(notebook, bytes):
        notebook = read_notebook(notebook).notebook
    elif notebook is not None:
        notebook = nbformat.from_dict(copy.deepcopy(notebook))
    result = rebuild(notebook, lesson.worked, lesson.release)
    assert_well_formed(lesson, result)
    return result


def assert_well_formed(lesson, result):
    notebook, worked = result.notebook, lesson.worked
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert set(notebook.metadata) == {"kernelspec", METADATA}
    assert notebook.metadata.kernelspec == worked.metadata.kernelspec
    assert notebook.metadata[METADATA].repairs == result.repairs
    assert not [repair for repair in result.repairs if "could not be laid" in repair or len(repair.splitlines()) != 1]
    by_id = {cell.id: cell for cell in notebook.cells}
    assert {cell.id for cell in worked.cells} <= set(by_id)
    for original, released in zip(worked.cells, lesson.release.cells, strict=True):
        cell = by_id.pop(original.id)
        added = {METADATA} if METADATA in cell.metadata else set()
        assert cell.cell_type == original.cell_type
        assert set(cell.metadata) - added == set(released.metadata)
        flags = {**cell.metadata.get("nbgrader", {})}
        assert bool(flags.pop("checksum", "")) == bool(flags.pop("cell_type", "")) == bool(flags)
        assert flags == {**original.metadata.get("nbgrader", {})}
        if is_test(original):
            assert cell.source == original.source
        elif flags.get("locked"):
            assert cell.source == released.source
    for extra in by_id.values():
        assert extra.metadata == {} and extra.cell_type in ("code", "markdown")
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


class Shell:
    """As much of IPython as the cells here ask for."""

    def __init__(self, run):
        self.run = run

    def run_cell_magic(self, name, line, cell):
        if name == "time":
            self.run(cell)

    def run_line_magic(self, *arguments):
        pass

    system = getoutput = run_line_magic


def points(notebook):
    """What the tests of a rebuilt notebook give, run in order in one namespace; other cells may fail."""

    def leave():
        raise SystemExit

    def run(source):
        exec(compile(TransformerManager().transform_cell(source), "cell", "exec"), namespace)

    namespace = {"__name__": "__main__", "exit": leave, "quit": leave, "get_ipython": lambda: Shell(run)}
    earned = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or cell.metadata.get(METADATA, {}).get("skip"):
            continue
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            if is_test(cell):
                flags = cell.metadata.nbgrader
                earned[flags.grade_id] = 0
                with contextlib.suppress(Exception):
                    exec(compile(cell.source, "test", "exec"), dict(namespace))
                    earned[flags.grade_id] = flags.points
            else:
                with contextlib.suppress(BaseException):
                    run(cell.source)
    return earned


def order(notebook):
    return [cell.id for cell in notebook.cells]


def cell_of(notebook, name):
    cells = notebook["cells"] if isinstance(notebook, dict) else notebook.cells
    return next(cell for cell in cells if cell["id"] == name)


# Everything that happens to notebooks.


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("which", LESSONS)
def test_a_right_notebook_gets_everything_whatever_happened_to_it(lesson, which, name):
    this = lesson(which)
    result = rebuilt(this, handed_in(name, this.answered, this.json))
    assert points(result.notebook) == this.points, result.repairs
    assert result.notebook.metadata[METADATA].problem == ""


@pytest.mark.parametrize(
    "name", [name for name in MUTATIONS if name not in ("wrong_draft_first", "outputs_of_60_megabytes")]
)
@pytest.mark.parametrize("body", ["return 41", "...", "raise ValueError"])
def test_a_wrong_answer_costs_no_other_points_whatever_happened(lesson, name, body):
    this = lesson(LESSON)
    answered = copy.deepcopy(this.answered)
    cell_of(answered, "exercise-1-1")["source"] = f"def double(x):\n    {body}"
    result = rebuilt(this, handed_in(name, answered, this.json))
    assert points(result.notebook) == {"test-1-1": 0, "test-1-2": 2}, result.repairs


@pytest.mark.parametrize("which", Course().graded_lessons)
def test_an_untouched_notebook_comes_back_as_it_is(lesson, which):
    this = lesson(which)
    result = rebuilt(this, this.json)
    assert result.repairs == []
    assert order(result.notebook) == order(this.worked)
    skipped = {cell.id for cell in result.notebook.cells if METADATA in cell.metadata}
    assert skipped == {cell.id for cell in this.worked.cells if "illustration" in cell.metadata.get("tags", [])}


@pytest.mark.parametrize("which", LESSONS)
def test_an_untouched_notebook_scores_nothing(lesson, which):
    assert sum(points(rebuilt(lesson(which), lesson(which).json).notebook).values()) == 0


# What nbgrader says.


@pytest.mark.parametrize("name", ["flags_changed", "everything_twice", "extra_cells_flagged_as_graded", "nbformat_3"])
def test_nbgrader_finds_nothing_wrong(lesson, name):
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.utils import compute_checksum, determine_grade

    this = lesson("01_perceptron")
    notebook = rebuilt(this, handed_in(name, this.answered, this.json)).notebook
    MetadataValidator().validate_nb(notebook)
    flagged = [cell for cell in notebook.cells if cell.metadata.get("nbgrader")]
    for cell in flagged:
        unchanged = cell.metadata.nbgrader.checksum == compute_checksum(cell)
        assert unchanged == (not cell.metadata.nbgrader.solution)
    assert sum(determine_grade(cell)[1] for cell in flagged if is_test(cell)) == sum(this.points.values())


def test_nbgrader_saves_its_grades(lesson, tmp_path):
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import CheckCellMetadata, OverwriteCells, SaveAutoGrades, SaveCells

    nbgrader_config(Course(classroom=tmp_path))  # it finds nbgrader's alembic
    this, url = lesson(LESSON), f"sqlite:///{tmp_path / 'gradebook.db'}"
    about = {"notebook": LESSON, "assignment": LESSON, "student": "zoe", "db_url": url}
    with Gradebook(url) as gradebook:
        gradebook.add_assignment(LESSON)
        gradebook.add_student("zoe")
    worked = rebuilt(this, None).notebook  # with hidden tests and without solutions, as nbgrader stores it
    SaveCells().preprocess(worked, {"nbgrader": about})
    with Gradebook(url) as gradebook:
        gradebook.add_submission(LESSON, "zoe")
    notebook = rebuilt(this, handed_in("flags_changed", this.answered, this.json)).notebook
    notebook.cells[-1].outputs = [nbformat.v4.new_output("error", ename="E", evalue="e", traceback=[])]
    before = copy.deepcopy(notebook)
    for step in (OverwriteCells, CheckCellMetadata, SaveAutoGrades):
        notebook, _ = step().preprocess(notebook, {"nbgrader": about})
    assert notebook == before
    with Gradebook(url) as gradebook:
        assert gradebook.find_submission(LESSON, "zoe").score == 1


# Which copy counts, and what stays where.


def test_of_copies_the_last_edited_one_counts(lesson):
    this = lesson(LESSON)
    for bodies, earned in [
        (["41", "2 * x"], 1),
        (["2 * x", "41"], 0),
        (["2 * x", None], 1),
        ([None, "2 * x", None], 1),
    ]:
        notebook = copy.deepcopy(this.answered)
        stub, place = cell_of(this.json, "exercise-1-1"), order(this.release).index("exercise-1-1")
        copies = [{**stub, "source": f"def double(x):\n    return {b}" if b else stub["source"]} for b in bodies]
        notebook["cells"][place : place + 1] = copies[:1]
        notebook["cells"] += copies[1:]
        result = rebuilt(this, notebook)
        assert points(result.notebook)["test-1-1"] == earned, bodies
        assert "exercise-1-1: was there more than once: the last copy that was edited counts" in result.repairs


@pytest.mark.parametrize(
    ("some", "others", "same"),
    [
        ("def f(x):\n    ...", "def f( x ):  # mine\n    'What it does.'\n    pass", True),
        ("class A:\n    def f(self): ...", "class A:\n    'A'\n\n    def f(self): pass", True),
        ("if a:\n    pass", "if a:\n    pass\nelse:\n    ...", True),
        ("def f(x):\n    return x", "def f(x):\n    return (\n        x\n    )", True),
        ("def f(x):\n    return x", "def f(x):\n    return y", False),
        ("def f(x): ...", "def g(x): ...", False),
        ("x = 1", "x = 1\ny = 2", False),
        ("x = 1", "x = 1.0", False),
        ("x = 1", "x = True", False),
        ("f(a, b)", "f(a, b=b)", False),
        ("x[0] += 1", "x[0] -= 1", False),
    ],
)
def test_what_is_no_answer_yet(some, others, same):
    some, others = ast.parse(some).body, ast.parse(others).body
    assert say_the_same(some, others) is say_the_same(others, some) is same
    assert say_the_same(some, some) and say_the_same(others, others)


def test_code_too_deep_to_compare_is_taken_for_an_answer():
    deep = ast.parse(f"x = {'-' * 2000}1").body
    assert not say_the_same(deep, deep)


def test_an_answer_below_the_stub_stays_a_cell_of_its_own(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.json)
    notebook["cells"].append(code("def double(x):\n    return 2 * x"))
    result = rebuilt(this, notebook)
    assert order(result.notebook) == [
        "title",
        "setup",
        "exercise-1-1",
        "exercise-1-2",
        "test-1-2",
        "extra-1",
        "test-1-1",
    ]
    assert cell_of(result.notebook, "exercise-1-1").source == cell_of(this.release, "exercise-1-1").source
    assert points(result.notebook) == {"test-1-1": 1, "test-1-2": 0}
    assert "exercise-1-1: is answered in another cell, which counts" in result.repairs
    assert "test-1-1: stood before what it tests and comes after it now" in result.repairs


def test_an_experiment_after_the_test_does_not_undo_an_answer(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.answered)
    notebook["cells"].append(code("def double(x):\n    return 'an experiment'"))
    result = rebuilt(this, notebook)
    assert points(result.notebook) == this.points
    assert order(result.notebook) == [*order(this.release), "extra-1"]


def test_extra_cells_stay_where_they_are(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.answered)
    notebook["cells"].insert(0, markdown("My name is $a<b$ <script>alert(1)</script>"))
    notebook["cells"].insert(3, code("%pip install x"))
    notebook["cells"].insert(5, {"cell_type": "raw", "id": "r", "metadata": {}, "source": "<b>raw</b>"})
    notebook["cells"].append(code("def broken(:"))
    result = rebuilt(this, notebook)
    assert order(result.notebook) == [
        "extra-1", "title", "setup", "extra-2", "exercise-1-1", "extra-3",
        "test-1-1", "exercise-1-2", "test-1-2", "extra-4",
    ]  # fmt: skip
    extra = [cell for cell in result.notebook.cells if cell.id.startswith("extra")]
    assert [cell.cell_type for cell in extra] == ["markdown", "code", "markdown", "code"]
    assert extra[0].source == "My name is $a<b$ <script>alert(1)</script>"
    assert result.repairs == []


def test_an_answer_that_calls_a_later_cell_is_tested_behind_it(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.answered)
    cell_of(notebook, "exercise-1-1")["source"] = "def double(x):\n    return times(x, 2)"
    notebook["cells"] += [
        code("def times(a, b):\n    return product([a, b])"),
        code("from math import prod as product"),
    ]
    result = rebuilt(this, notebook)
    assert points(result.notebook) == this.points
    assert order(result.notebook)[-1] == "test-1-1"


def test_an_exercise_renamed_by_mistake_is_still_the_exercise(lesson):
    this = lesson("01_perceptron")
    notebook = json.loads(handed_in("metadata_and_ids_stripped", this.answered, this.json))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("def weighted_sum(", "def weighted_sums(")
    result = rebuilt(this, notebook)
    assert "def weighted_sums(" in cell_of(result.notebook, "exercise-1-1").source
    assert "exercise-1-1: was recognised by its likeness to the stub" in result.repairs


def test_an_answer_that_is_no_python_is_found_by_name_or_place(lesson):
    this = lesson(LESSON)
    for source in ("def double(x):\n    return 2 * (x", "dubel x: 2 *"):
        notebook = copy.deepcopy(this.answered)
        cell_of(notebook, "exercise-1-1")["source"] = source
        result = rebuilt(this, handed_in("metadata_and_ids_stripped", notebook, this.json))
        assert cell_of(result.notebook, "exercise-1-1").source == source
        assert points(result.notebook) == {"test-1-1": 0, "test-1-2": 2}


# Locked cells and tests.


def test_what_is_added_to_a_locked_cell_is_kept_in_one_of_its_own(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.answered)
    added = "from statistics import mean\n\n\n@print\ndef helper(x):  # mine\n    return x"
    cell_of(notebook, "setup")["source"] = f"import math, cmath\n{added}\nmath = None; z = 0\nmean.x, y = 1, 2\n1 / 0"
    result = rebuilt(this, notebook)
    assert order(result.notebook)[:3] == ["title", "setup", "extra-1"]
    assert cell_of(result.notebook, "setup").source == "import math"
    kept = "import cmath\nfrom statistics import mean\n@print\ndef helper(x):  # mine\n    return x\n"
    assert cell_of(result.notebook, "extra-1").source == f"{kept}z = 0\nmean.x, y = 1, 2"
    assert points(result.notebook) == this.points
    assert "setup: is locked and was edited: the original is back, " in result.repairs[0]


@pytest.mark.parametrize("edit", ["math = None", "import math  # changed", "this is no Python", "print(1)"])
def test_what_changes_a_locked_cell_is_dropped(lesson, edit):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.answered)
    cell_of(notebook, "setup")["source"] = edit
    result = rebuilt(this, notebook)
    assert order(result.notebook) == order(this.release)
    assert result.repairs == ["setup: is locked and was edited: the original is back, the edit is dropped"]


def test_an_edited_test_is_dropped_and_said(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.json)
    cell_of(notebook, "test-1-1")["source"] = "helper = 1\nassert True"
    result = rebuilt(this, notebook)
    assert order(result.notebook) == order(this.release)
    assert result.repairs == ["test-1-1: is a test and was edited: the original is back, the edit is dropped"]


def test_hidden_test_marks_of_a_student_do_not_stop_feedback(lesson):
    this = lesson(LESSON)
    notebook = copy.deepcopy(this.answered)
    cell_of(notebook, "exercise-1-1")["source"] += f"\n    #{BEGIN_HIDDEN}"
    notebook["cells"].append(markdown(END_HIDDEN))
    for cell in rebuilt(this, notebook).notebook.cells:
        assert is_test(cell) or (BEGIN_HIDDEN not in cell.source and END_HIDDEN not in cell.source)


# What is run.


def _skipped(result):
    return {cell.id for cell in result.notebook.cells if cell.metadata.get(METADATA, {}).get("skip")}


def test_a_name_that_only_an_illustration_binds_lets_all_of_them_run(lesson):
    this = lesson("01_perceptron")
    everything = _skipped(rebuilt(this, this.answered))
    assert {"train-penguins", "figure-penguins", "question-mse"} <= everything
    for source in (
        "print(walk)",
        "def f():\n    return [walk for _ in range(2)]",
        "walk += 1",
        "walk[0] = (",
        "%time walk",
    ):
        assert not _skipped(rebuilt(this, {**this.answered, "cells": [*this.answered["cells"], code(source)]})), source
    for source in ("walk = 1\nprint(walk)", "def f(walk):\n    return walk", "print(penguins)", "# walk", "'walk'"):
        notebook = {**this.answered, "cells": [*this.answered["cells"], code(source)]}
        assert _skipped(rebuilt(this, notebook)) == everything, source


def test_an_illustration_that_was_edited_is_run(lesson):
    this = lesson("01_perceptron")
    notebook = copy.deepcopy(this.answered)
    cell_of(notebook, "figure-penguins")["source"] = "print('mine')"
    skipped = _skipped(rebuilt(this, notebook))
    assert "figure-penguins" not in skipped and "figure-chain" in skipped


def test_given_code_that_was_deleted_does_not_undo_what_stands_for_it(lesson):
    this = lesson("01_perceptron")
    notebook = copy.deepcopy(this.answered)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ("trap", "train-table")]
    assert not {"trap", "train-table"} & _skipped(rebuilt(this, notebook))
    notebook["cells"].insert(3, code("flat = 'my own'"))
    assert {"trap", "train-table"} & _skipped(rebuilt(this, notebook)) == {"trap"}
    notebook["cells"].append(code("print(column)"))
    assert not {"trap", "train-table"} & _skipped(rebuilt(this, notebook))


# Cells that people grade.


@pytest.fixture(scope="module")
def essay():
    """A lesson with a text and code that are graded by hand, and a task."""

    def flags(grade_id, **more):
        common = {"grade": True, "locked": False, "schema_version": 3, "solution": True, "task": False, "points": 5}
        return {"nbgrader": {**common, "grade_id": grade_id, **more}}

    task = {"grade": False, "locked": True, "solution": False, "task": True}
    worked = new_notebook(
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        cells=[
            new_markdown_cell("# Think", id="title"),
            new_markdown_cell("### BEGIN SOLUTION\nBecause.\n### END SOLUTION", metadata=flags("why"), id="why"),
            new_markdown_cell("Now draw.", id="between"),
            new_code_cell("### BEGIN SOLUTION\nprint(1)\n### END SOLUTION", metadata=flags("draw"), id="draw"),
            new_markdown_cell("Do something.", metadata=flags("do", **task), id="do"),
        ],
    )
    text = nbformat.writes(worked)
    return _lesson(text, make_release(text, "essay"))


@pytest.mark.parametrize("name", ["as_it_was_answered", "metadata_and_ids_stripped", "nbformat_3", "flags_changed"])
def test_answers_that_people_grade_are_found(essay, name):
    answered = copy.deepcopy(essay.json)
    cell_of(answered, "why").update(source="Since $a<b$. ![](mine.png)", attachments={"mine.png": {"image/png": PNG}})
    cell_of(answered, "draw")["source"] = "plot(3)"
    cell_of(answered, "do")["source"] = "I did."
    result = rebuilt(essay, handed_in(name, answered, essay.json))
    assert cell_of(result.notebook, "why").source == "Since $a<b$. ![](mine.png)"
    assert cell_of(result.notebook, "draw").source == "plot(3)"
    assert "I did." in [cell.source for cell in result.notebook.cells]
    assert name == "nbformat_3" or cell_of(result.notebook, "why").attachments == {"mine.png": {"image/png": PNG}}


def test_nothing_but_pictures_is_attached(essay):
    answered = copy.deepcopy(essay.json)
    bad = {"a.svg": {"image/svg+xml": "PHN2Zz4="}, "b.png": {"image/png": "PHN2Zz4="}, "c.png": {"image/png": "é"}}
    cell_of(answered, "why").update(source=f"{' '.join(bad)} d.png", attachments={**bad, "<d>.png": {"image/png": PNG}})
    assert "attachments" not in cell_of(rebuilt(essay, answered).notebook, "why")


# Whatever comes.


def test_no_notebook_says_why(lesson):
    this = lesson(LESSON)
    empty = {"cells": [], "metadata": {METADATA: {"problem": "it is a\nPDF"}}, "nbformat": 4, "nbformat_minor": 5}
    for notebook, problem in [(None, "there is no cell in what was handed in"), (empty, "it is a PDF")]:
        result = rebuilt(this, notebook)
        assert result.repairs == [problem] and result.notebook.metadata[METADATA].problem == problem
        assert points(result.notebook) == {"test-1-1": 0, "test-1-2": 0}


def test_what_the_intake_noted_comes_first(lesson):
    this = lesson(LESSON)
    notebook = {**this.answered, "metadata": {METADATA: {"repairs": ["It came late.", 5], "problem": "none"}}}
    result = rebuilt(this, notebook)
    assert result.repairs == ["It came late."] and result.notebook.metadata[METADATA].problem == ""


def test_a_release_of_another_lesson_is_refused(lesson):
    with pytest.raises(CourseError, match="run `autograder build`"):
        rebuild(None, lesson(LESSON).worked, lesson("01_perceptron").release)


def test_neither_the_lesson_nor_the_submission_is_changed(lesson):
    this = lesson(LESSON)
    submitted = nbformat.from_dict(this.answered)
    before = copy.deepcopy((submitted, this.worked, this.release))
    for cell in rebuild(submitted, this.worked, this.release).notebook.cells:
        cell.metadata["changed"] = cell.source = "later"
    assert (submitted, this.worked, this.release) == before
    assert points(rebuilt(this, this.answered).notebook) == this.points


WORDS = st.sampled_from(
    ["double", "root", "exercise-1-1", "test-1-2", "setup", "title", "code", "markdown", "raw", "heading", "", "python"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))
SOURCES = st.sampled_from(
    [
        "def double(x):\n    return 2 * x",
        "assert double(2) == 4",
        "import math",
        "    return",
        "def root(x",
        "%%time\nx",
        "",
    ]
)
FLAGS = st.fixed_dictionaries(
    {},
    optional={name: JSON for name in ("grade_id", "grade", "solution", "locked", "task", "points", "schema_version")},
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": WORDS | JSON,
        "id": WORDS | JSON,
        "source": SOURCES | st.lists(SOURCES | JSON, max_size=3) | JSON,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": FLAGS | JSON, "name": JSON, "tags": JSON}) | JSON,
        "outputs": JSON,
        "attachments": st.dictionaries(WORDS, st.dictionaries(st.just("image/png"), JSON) | JSON, max_size=2) | JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(CELLS | JSON, max_size=8) | JSON,
        "metadata": st.fixed_dictionaries({}, optional={METADATA: JSON, "kernelspec": JSON}) | JSON,
        "worksheets": JSON | st.lists(st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=3)}), max_size=2),
        "nbformat": JSON | st.just(4),
    },
)


@settings(max_examples=300, deadline=None)
@given(notebook=NOTEBOOKS | JSON)
def test_anything_can_be_rebuilt(lesson, notebook):
    this = lesson(LESSON)
    assert_well_formed(this, rebuild(notebook, this.worked, this.release))
    with contextlib.suppress(NoNotebookError):
        readable = read_notebook(json.dumps(notebook).encode()).notebook
        nbformat.validate(readable)
        rebuilt(this, readable)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_order_and_any_loss_can_be_rebuilt(lesson, data):
    this = lesson("06_framework")
    cells = copy.deepcopy(data.draw(st.lists(st.sampled_from(this.answered["cells"]), max_size=80)))
    for cell in data.draw(st.lists(st.sampled_from(cells), max_size=10)) if cells else []:
        lines = "".join(cell["source"]).splitlines(keepends=True)
        cut = data.draw(st.integers(0, len(lines)))
        other = "".join(data.draw(st.sampled_from(this.answered["cells"]))["source"])
        cell["source"] = "".join(
            data.draw(st.sampled_from([lines[:cut], lines[cut:], [*lines[:cut], other], lines[::-1]]))
        )
        cell["metadata"] = data.draw(st.sampled_from([cell["metadata"], {}, this.answered["cells"][cut]["metadata"]]))
    rebuilt(this, {**this.answered, "cells": cells})


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "-" * 49_999 + "1",
        "+".join("1" * 20_000),
        "a" + ".b" * 20_000,
        "x" * 5_000_000,
        "def\n" * 9_000,
        "\n".join(" " * i + f"def f{i}():" for i in range(150)),
        "\x0cdef double(x):\r\n  return 1\u2028",
        "\0\ud800\\",
    ],
)
def test_hostile_code_is_only_text(lesson, source):
    this = lesson(LESSON)
    start = time.process_time()
    result = rebuilt(this, {**this.answered, "cells": [*this.answered["cells"], *[code(source)] * 3]})
    assert time.process_time() - start < 3
    assert points(result.notebook) == this.points


# How long it takes.


def _seconds(function, times=7):
    taken = []
    for _ in range(times):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("name", ["as_it_was_answered", "metadata_and_ids_stripped"])
def test_a_lesson_is_rebuilt_in_milliseconds(lesson, name):
    this = lesson("06_framework")
    submitted = read_notebook(handed_in(name, this.answered, this.json)).notebook
    assert _seconds(lambda: rebuild(submitted, this.worked, this.release)) < 0.08


def test_60_megabytes_of_outputs_take_under_2_seconds(lesson):
    this = lesson("01_perceptron")
    data = handed_in("outputs_of_60_megabytes", this.answered, this.json)
    assert len(data) > 60_000_000
    assert _seconds(lambda: rebuild(read_notebook(data).notebook, this.worked, this.release), times=2) < 2


def test_a_thousand_cells_of_anything_take_seconds(lesson):
    this = lesson("06_framework")
    cells = [code(f"def train():\n    return {i}\nclass Linear: pass\nx{i} = SGD + Adam") for i in range(1000)]
    cells += [code("\n".join(f"a{i} + b{n}" for i in range(2000))) for n in range(50)]
    assert _seconds(lambda: rebuilt(this, {**this.answered, "cells": cells}), times=1) < 8

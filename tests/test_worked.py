"""The demos of each lesson on its own solution, as the lecturers' slides show them."""

import re
import shutil

import nbformat
import pytest
from IPython.utils.capture import capture_output

from autograder import build
from autograder.course import ROOT, SLIDES, Course, CourseError
from autograder.lesson import is_test, key, read_lesson, tags
from autograder.worked import read_cells, worked
from mlp_helpers.board import Board

COURSE = Course()
DEMOS = [(lesson, demo) for lesson in COURSE.graded_lessons for demo in worked(lesson).demos]


@pytest.fixture
def boards(monkeypatch):
    """The boards that are shown."""
    shown = []
    monkeypatch.setattr(Board, "show", lambda board, data, metadata=None: shown.append(board))
    return shown


def picture(board):
    """What a board shows, with all of its numbers."""
    return board.controls, board.values, board.shown


def test_each_lesson_has_demos():
    assert {lesson for lesson, _ in DEMOS} == set(COURSE.graded_lessons)


@pytest.mark.parametrize("lesson", COURSE.lesson_names)
def test_cells_are_read_as_jupytext_reads_them(lesson):
    cells = [cell for cell in read_lesson(COURSE, lesson)[0].cells if cell.cell_type == "code" and not is_test(cell)]
    expected = [(key(cell), cell.source, "illustration" in tags(cell)) for cell in cells]
    assert [tuple(cell) for cell in read_cells((COURSE.lessons / f"{lesson}.py").read_text("utf-8"))] == expected


@pytest.mark.parametrize(("lesson", "demo"), DEMOS)
def test_a_demo_shows_what_it_shows_in_its_lesson(lesson, demo, boards, capsys):
    worked(lesson).show(demo)
    assert len(boards) == 1, capsys.readouterr().out
    namespace = {"__name__": "__main__"}
    with capture_output():
        for cell in worked(lesson).cells:
            if cell.name == demo or not cell.name.startswith(("demo-", "question-")):
                exec(compile(cell.source, cell.name, "exec"), namespace)
            if cell.name == demo:
                break
    assert len(boards) == 2
    assert picture(boards[0]) == picture(boards[1])


def test_a_demo_runs_no_more_than_it_needs():
    assert [name for name, _ in worked("01_perceptron").needed("demo-plane")] == ["setup", "exercise-1-1", "demo-plane"]


def test_of_an_illustration_come_only_the_statements_that_bind_what_is_missing():
    cells = read_cells(
        '# %% name="given"\nx = 1\n'
        '# %% name="figure" tags=["illustration"]\nx = 2\ny = x + 1\nprint(y)\n'
        '# %% name="demo-sum" tags=["illustration"]\nx + y\n'
    )
    found = type(worked("01_perceptron"))("00_small", cells).needed("demo-sum")
    assert found == [("given", "x = 1"), ("figure", "y = x + 1"), ("demo-sum", "x + y")]


def test_an_unknown_lesson():
    with pytest.raises(CourseError, match=r"there is no lesson 09_none: choose from 00_start, 01_perceptron"):
        worked("09_none")


@pytest.mark.parametrize("name", ["demo-none", "exercise-1-1", "figure-activations"])
def test_an_unknown_demo(name):
    with pytest.raises(CourseError, match=rf"01_perceptron has no demo '{name}': choose from demo-plane, demo-line"):
        worked("01_perceptron").show(name)


def test_a_lesson_without_demos():
    with pytest.raises(CourseError, match="choose from none"):
        worked("00_start").show("demo-plane")


# The slides.


def slides():
    return read_lesson(COURSE, SLIDES)[0].cells


def test_each_slide_is_an_idea_a_question_and_a_demo():
    cells = slides()[1:]
    for words, demo in zip(cells[::2], cells[1::2], strict=True):
        assert re.fullmatch(r"## [^\n]+\.\n\n[^\n]*\?[^\n]*", words.source), words.source
        assert 3 <= len(words.metadata["tab"]) <= 11
        called = re.fullmatch(r'worked\("(\w+)"\)\.show\("([\w-]+)"\)', demo.source)
        assert called and called.groups() in DEMOS, demo.source
        assert key(demo) == called[2]


def test_the_built_slides_are_out_of_reach_of_nbgrader_and_of_students():
    path = COURSE.root / SLIDES / f"{SLIDES}.ipynb"
    assert not any(path.is_relative_to(folder) for folder in (COURSE.solutions, COURSE.notebooks))
    assert SLIDES not in COURSE.lesson_names
    sources = "".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert "pip" not in sources and "colab" not in sources.lower()


def test_slides_are_stale_when_a_lesson_is_changed(tmp_path):
    course = Course(root=tmp_path)
    course.lessons.mkdir()
    shutil.copytree(ROOT / "mlp_helpers", tmp_path / "mlp_helpers")
    for name in (SLIDES, "01_small"):
        (course.lessons / f"{name}.py").write_text("x = 1\n")
    before = build._digest(course, SLIDES)
    (course.lessons / "01_small.py").write_text("x = 2\n")
    assert build._digest(course, SLIDES) != before


def test_slides_without_a_source_are_strays(tmp_path):
    course = Course(root=tmp_path)
    (tmp_path / SLIDES).mkdir()
    assert build._strays(course) == ["slides has no lesson: delete it"]

"""The invented class: the same each time, and graded as its makers meant it to be."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from mini_course import LESSON, make_mini_course

from autograder import sample_class
from autograder.course import Course, CourseError


@pytest.fixture
def course(tmp_path):
    mini = make_mini_course(tmp_path / "course")
    return Course(root=mini.root, classroom=mini.root / "demo")


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_class_is_the_same_each_time(course, tmp_path):
    for name in ("one", "two"):
        sample_class.make_class(course, tmp_path / name)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_there_are_at_least_twelve_students_whose_folders_have_plain_names():
    ids = [student.id for student in sample_class.CLASS]
    assert len(set(ids)) == len(ids) >= 12
    assert all(re.fullmatch("[a-z_]+", name) for name in ids)
    assert {student.mistake for student in sample_class.CLASS} - {""} == set(sample_class.MISTAKES)


def test_everybody_hands_in_something_of_their_own(course, tmp_path):
    about = sample_class.make_class(course, tmp_path)
    handed_in = {path.parent.parent.name: path for path in tmp_path.glob("submitted/*/*/*.ipynb")}
    assert set(handed_in) == set(about) == {student.id for student in sample_class.CLASS}

    full, half, blank = (
        {cell.id: cell.source for cell in nbformat.read(handed_in[name], as_version=4).cells}
        for name in ("amara_okafor", "chloe_dubois", "elif_yildiz")
    )
    assert full["exercise-1-1"] == half["exercise-1-1"] == "def double(x):\n    return 2 * x"
    assert half["exercise-1-2"] == blank["exercise-1-2"] == "def root(x):\n    ..."
    assert "HIDDEN" not in "".join(full.values())
    with pytest.raises(json.JSONDecodeError):
        json.loads(handed_in["bjorn_lindqvist"].read_text(encoding="utf-8"))
    assert handed_in["noor_haddad"].name == "01_mini (1).ipynb"
    assert not any(cell.metadata for cell in nbformat.read(handed_in["oskar_nilsen"], as_version=4).cells)
    assert "os.fork()" in handed_in["quentin_leroy"].read_text(encoding="utf-8")
    assert "(1.1, 1.2)" in about["jan_kowalski"]
    assert "(1.2)" in about["lena_mueller"]
    assert "(no occasion yet)" in about["diego_nunez"]


@pytest.mark.parametrize(
    ("mistake", "right", "wrong"),
    [
        ("never transposes", "return x.T @ delta", "return x @ delta"),
        ("mixes up signs", "delta = (y_hat - y) / n", "delta = (y - y_hat) / n"),
        ("mixes up signs", "w = w - lr * slope", "w = w + lr * slope"),
        ("forgets to divide by the number of samples", "a / (2 * len(y)) + b / x.shape[0]", "a / 2 + b"),
        ("forgets to divide by the number of samples", "np.mean(loss) / 2", "np.sum(loss) / 2"),
        ("does not add up over the batch", "(x.T @ d, d.sum(axis=0))", "(x.T @ d, d)"),
        ("does not add up over the batch", "np.sum(d, axis=0)", "d"),
        ("prints instead of returning", "    return f(z), g(z)", "    print(f(z), g(z))"),
        ("writes < for <= and > for >=", "if a <= b >= c:", "if a < b > c:"),
    ],
)
def test_mistakes(mistake, right, wrong):
    assert sample_class._with_mistake(right, mistake) == wrong


def test_the_demo(course, monkeypatch, capsys):
    few = {"amara_okafor", "bjorn_lindqvist", "chloe_dubois", "jan_kowalski", "priya_raman", "quentin_leroy"}
    course = Course(root=course.root, classroom=course.classroom, own_limits={"seconds_per_cell": 1})
    monkeypatch.setattr(sample_class, "CLASS", [s for s in sample_class.CLASS if s.id in few])
    assert sample_class.demo(course) == 0
    screen = capsys.readouterr().out
    assert re.search(r"amara_okafor +│ +3 / 3", screen)
    assert re.search(r"bjorn_lindqvist +│ +0 / 3", screen)
    assert "bjorn_lindqvist 01_mini: 01_mini.ipynb is damaged or cut short" in screen
    assert re.search(r"priya_raman +│ +3 / 3", screen)
    assert re.search(r"quentin_leroy +│ +0 / 3", screen)
    assert re.search(r"chloe_dubois +│ +1 / 3", screen)
    assert re.search(r"jan_kowalski +│ +0 / 3", screen)
    page = screen.split("feedback in a browser: ")[1].splitlines()[0]
    assert page.endswith(f"jan_kowalski/{LESSON}/{LESSON}.html")
    assert "Björn" in _names(course)

    sample_class._clear(course.classroom)
    assert len(files(course.classroom)) == 1


def _names(course):
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook) as gradebook:
        return [student.first_name for student in gradebook.students]


def test_the_demo_says_what_to_do_when_nothing_was_built(course, tmp_path):
    with pytest.raises(CourseError, match="run `autograder build`"):
        sample_class.demo(Course(root=tmp_path / "elsewhere", classroom=tmp_path / "demo"))


def test_the_demo_leaves_a_folder_alone_that_is_not_its_own(course, tmp_path):
    course.classroom.mkdir()
    (course.classroom / "mine.txt").write_text("precious")
    with pytest.raises(CourseError, match="move it away"):
        sample_class.demo(course)
    link = tmp_path / "link"
    link.symlink_to(course.classroom)
    with pytest.raises(CourseError, match="move it away"):
        sample_class.demo(Course(root=course.root, classroom=link))
    assert files(course.classroom) == {Path("mine.txt"): b"precious"}

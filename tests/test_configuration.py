"""nbgrader's settings, and that stock nbgrader works with them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mini_course import LESSON, answered, hand_in, make_mini_course
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.configuration import configure, nbgrader_config
from autograder.course import ROOT, Course, CourseError


def config_file():
    return PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


def test_the_class_is_in_the_root_by_default(monkeypatch):
    monkeypatch.delenv("COURSE_CLASS", raising=False)
    course = config_file().CourseDirectory
    assert course.root == str(ROOT)
    assert (course.source_directory, course.release_directory) == ("solutions", "notebooks")
    assert course.submitted_directory == str(Path("class", "submitted"))
    assert course.db_url == f"sqlite:///{ROOT / 'class' / 'gradebook.db'}"


def test_course_class_names_another_class(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CLASS", str(tmp_path))
    config = config_file()
    assert config.CourseDirectory.submitted_directory == str(tmp_path / "submitted")
    assert config.CourseDirectory.feedback_directory == str(tmp_path / "feedback")
    assert config.CourseDirectory.db_url == f"sqlite:///{tmp_path / 'gradebook.db'}"
    assert config.ExportPlugin.to == str(tmp_path / "grades.csv")


@pytest.mark.parametrize("name", ["autumn (2)", "a+b", "what?"])
def test_a_path_that_nbgrader_would_misread_is_refused(tmp_path, name):
    with pytest.raises(CourseError, match="move it to a path of letters, digits, - and _"):
        configure(Config(), Course(classroom=tmp_path / name))


def test_alembic_is_found_without_activating_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "/usr/bin")
    nbgrader_config(Course(classroom=tmp_path))
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]


def test_stock_nbgrader_releases_grades_gives_feedback_and_exports(tmp_path):
    course = make_mini_course(tmp_path)
    released = course.notebooks / LESSON / f"{LESSON}.ipynb"
    release = released.read_text(encoding="utf-8")
    hand_in(course, "ann", answered(course, root="return 2"))
    (tmp_path / "nbgrader_config.py").write_text(
        "from pathlib import Path\n"
        "from autograder.configuration import configure\n"
        "from autograder.course import Course\n"
        "here = Path(__file__).parent\n"
        "configure(get_config(), Course(root=here, classroom=here / 'class'))\n"
    )
    for command in (
        ["generate_assignment", LESSON, "--force"],
        ["autograde", LESSON],
        ["generate_feedback", LESSON],
        ["export"],
    ):
        # The environment's scripts are not on PATH, as when it was not activated.
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=tmp_path,
            env={**os.environ, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    assert released.read_text(encoding="utf-8") == release
    rows = (course.classroom / "grades.csv").read_text().splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["ann"]
    assert rows[1].endswith(",1.0,0.0,1.0,3.0")
    page = (course.classroom / f"feedback/ann/{LESSON}/{LESSON}.html").read_text(encoding="utf-8")
    assert "not for other numbers" in page
    assert "987654" not in page
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"class", "lessons", "nbgrader_config.py", "notebooks", "solutions"}

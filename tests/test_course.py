"""The course as a whole: what it depends on, what stands where, and what students must not find."""

import re
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement

from autograder import build
from autograder.course import ROOT, Course, CourseError, tomllib


def requirements(path, extra=None):
    project = tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]
    return project["optional-dependencies"][extra] if extra else project["dependencies"]


def test_the_conda_environment_has_the_same_dependencies():
    declared = [Requirement(text) for text in requirements("mlp_helpers/pyproject.toml")]
    declared += [Requirement(text) for text in requirements("pyproject.toml", "grading")]
    expected = {each.name: each.specifier for each in declared}
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    lines += [line for line in lines[-1]["pip"] if not line.startswith("--")]
    given = [Requirement(line) for line in lines if isinstance(line, str)]
    names = {"msgpack-python": "msgpack"}  # conda-forge's name: PyPI's
    found = {names.get(each.name, each.name): each.specifier for each in given}
    assert {name: found[name] for name in found if name not in ("python", "pip")} == expected


def test_both_distributions_ask_for_the_same_python():
    asked = {
        tomllib.loads((ROOT / path).read_text(encoding="utf-8"))["project"]["requires-python"]
        for path in ("pyproject.toml", "mlp_helpers/pyproject.toml")
    }
    assert asked == {">=3.10"}


def test_notebooks_are_up_to_date(capsys):
    assert build.run(Course(), [], check=True) == 0, capsys.readouterr().out


def test_no_file_records_a_registry():
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if not (ROOT / name).exists():
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        assert not re.search(r"--(extra-)?index-url|(files|upload)\.pythonhosted|registry\.npmjs", text) or name == (
            "tests/test_course.py"
        ), name


def test_mlp_helpers_holds_no_backward_pass():
    for path in (ROOT / "mlp_helpers").rglob("*.py"):
        assert not re.search(r"def (backward|\w*_gradients?|relu_prime)\(", path.read_text(encoding="utf-8")), path


def test_importing_mlp_helpers_loads_little_beside_numpy_and_matplotlib():
    """In a lesson's first cell: widgets are loaded when the first of them is shown."""
    code = (
        "import sys, numpy, matplotlib.figure, matplotlib.colors; before = set(sys.modules);"
        "from mlp_helpers import checks, datasets, demos, diagrams, plots, questions;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) <= {"mlp_helpers", "matplotlib", "PIL"}


SERVER = "postgresql+psycopg2://ann:s3cret@db.example.org:5433/mlp?sslmode=require"


def test_only_the_class_of_the_environment_has_the_gradebook_of_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_GRADEBOOK", SERVER)
    monkeypatch.delenv("COURSE_CLASS", raising=False)
    assert Course().gradebook == Course(classroom=ROOT / "class").gradebook == SERVER
    assert Course(classroom=ROOT / "demo" / ".." / "class").gradebook == SERVER
    for other in (ROOT / "demo" / "class", tmp_path):
        assert Course(classroom=other).gradebook == f"sqlite:///{other / 'gradebook.db'}"
        assert Course(classroom=other, db_url=SERVER).gradebook == SERVER
    monkeypatch.setenv("COURSE_CLASS", str(tmp_path))
    assert Course().gradebook == Course(classroom=tmp_path).gradebook == SERVER
    assert Course(classroom=ROOT / "class").gradebook == f"sqlite:///{ROOT / 'class' / 'gradebook.db'}"
    monkeypatch.delenv("COURSE_GRADEBOOK")
    assert Course().gradebook == f"sqlite:///{tmp_path / 'gradebook.db'}"


def test_a_gradebook_is_shown_without_its_password(tmp_path):
    course = Course(classroom=tmp_path, db_url=SERVER)
    assert course.gradebook_shown == "postgresql://ann@db.example.org:5433/mlp"
    assert "s3cret" not in repr(course)
    assert Course(classroom=tmp_path).gradebook_shown == str(tmp_path / "gradebook.db")


def test_a_postgresql_url_gets_a_driver_that_is_installed(monkeypatch):
    for installed, url in (("psycopg", "postgresql+psycopg://h/mlp"), ("psycopg2", "postgresql+psycopg2://h/mlp")):
        monkeypatch.setattr("autograder.course.find_spec", lambda name, only=installed: name == only)
        for scheme in ("postgres", "postgresql"):
            assert Course(db_url=f"{scheme}://h/mlp").gradebook == url
    monkeypatch.setattr("autograder.course.find_spec", lambda name: None)
    assert Course(db_url="postgresql://h/mlp").gradebook == "postgresql://h/mlp"
    assert Course(db_url="mysql://h/mlp").gradebook == "mysql://h/mlp"


def test_a_name_that_is_no_lesson_is_refused():
    with pytest.raises(CourseError, match="there is no lesson 99_nowhere: choose from 00_start, 01_perceptron"):
        Course().chosen_lessons(["99_nowhere"])


def test_all_but_the_start_page_is_graded():
    assert Course().graded_lessons == [name for name in Course().lesson_names if name != "00_start"]
    assert Course().chosen_lessons([], graded=True) == Course().graded_lessons


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "--class", "nowhere"], "there is no "),
        (["grade", "00_start"], "00_start has nothing to grade: "),
        (["build", "99_nowhere"], "there is no "),
    ],
)
def test_the_command_says_what_to_do_in_one_line(arguments, words, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from autograder.cli import main; main()", *arguments],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"autograder: {words}") and done.stderr.count("\n") == 1, done.stderr

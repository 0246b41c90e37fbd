"""`autograder build` on a small course of its own: what it writes, what it leaves alone, what it refuses."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder import build, lesson_rules
from autograder.course import Course, CourseError
from autograder.release import colab_badge, set_up

ROOT = Path(__file__).parent.parent
GOOD = Path(__file__).parent / "fixtures" / "01_small.py"
SETTINGS = '[tool.course]\nstudents_repository = "{}"\n'


def make_course(root, *, students_repository=""):
    """A course of one lesson, with a package of helpers that is empty but for one data set."""
    for folder in ("lessons", "mlp_helpers/data", "mlp_helpers/demos", "class/submitted"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text(SETTINGS.format(students_repository))
    (root / "mlp_helpers" / "__init__.py").touch()
    (root / "mlp_helpers" / "checks.py").touch()
    (root / "mlp_helpers" / "demos" / "__init__.py").touch()
    (root / "mlp_helpers" / "data" / "points.csv").write_text("1,2\n")
    shutil.copy(ROOT / "mlp_helpers" / "pyproject.toml", root / "mlp_helpers")
    shutil.copy(GOOD, root / "lessons")
    return Course(root=root, classroom=root / "class")


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def notebook(course, folder, name="01_small"):
    return nbformat.read(course.root / folder / name / f"{name}.ipynb", as_version=4)


def cell(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("built"))
    before = files(course.root)
    assert build.run(course, []) == 0
    return course, before


@pytest.fixture
def course(built, tmp_path):
    """A built course that a test may spoil."""
    shutil.copytree(built[0].root, tmp_path / "course")
    return Course(root=tmp_path / "course", classroom=tmp_path / "course" / "class")


@pytest.fixture
def no_execution(monkeypatch):
    async def refuse(*_):
        raise AssertionError("the lesson is executed")

    monkeypatch.setattr(build, "_execute", refuse)


# What is written.


def test_a_build_writes_the_two_notebooks_and_nothing_else(built):
    course, before = built
    after = files(course.root)
    new = {Path("solutions/01_small/01_small.ipynb"), Path("notebooks/01_small/01_small.ipynb")}
    assert {path for path in after if "__pycache__" not in path.parts} == new | set(before)
    assert all(after[path] == content for path, content in before.items())


@pytest.mark.parametrize("folder", ["solutions", "notebooks"])
def test_ids_and_metadata(built, folder):
    found = notebook(built[0], folder)
    nbformat.validate(found)
    assert (found.nbformat, found.nbformat_minor) == (4, 5)
    names = "title setup doubling exercise-1-1 test-1-1 result picture warning"
    assert [cell.id for cell in found.cells] == names.split()
    assert found.cells[0].metadata.name == "title"
    assert found.metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert set(found.metadata) - {"course"} == {"kernelspec"}
    kept = {"name", "nbgrader", "tags", "deletable", "editable"}
    assert set().union(*(cell.metadata for cell in found.cells)) <= kept


def test_the_solution_is_executed(built):
    found = notebook(built[0], "solutions")
    assert "42" in cell(found, "result").outputs[0].data["text/plain"]
    assert "return 2 * np.asarray(x)" in cell(found, "exercise-1-1").source
    assert "BEGIN HIDDEN TESTS" in cell(found, "test-1-1").source
    assert set(cell(found, "picture").outputs[0].data) == {"image/png", "text/html", "text/plain"}
    warning = cell(found, "warning").outputs[0].text
    assert warning.startswith("cell:1: UserWarning: as expected"), "no path, which holds a process id"


def test_the_release_is_without_answers_and_keeps_illustrations(built):
    found = notebook(built[0], "notebooks")
    exercise, test = cell(found, "exercise-1-1"), cell(found, "test-1-1")
    assert exercise.source == 'def double(x):\n    """Exercise 1.1. Twice x: (N,) array."""\n    ...'
    assert test.source.endswith('assert double(2) == 4, "double(2) should be 4"')
    assert test.metadata.nbgrader.points == 2 and test.metadata.nbgrader.checksum
    assert test.metadata.tags == ["raises-exception"]
    assert [c.id for c in found.cells if c.get("outputs")] == ["picture", "warning"]
    assert "course" not in found.metadata


def test_two_builds_are_the_same_byte_for_byte(course):
    before = files(course.solutions) | files(course.notebooks)
    shutil.rmtree(course.solutions)
    shutil.rmtree(course.notebooks)
    assert build.run(course, ["01_small"]) == 0
    assert files(course.solutions) | files(course.notebooks) == before


def test_nbgrader_makes_the_same_release(course):
    """Stock `nbgrader generate_assignment`, with a configuration that calls configure_release."""
    shutil.rmtree(course.notebooks)
    (course.root / "nbgrader_config.py").write_text(
        "from autograder.release import configure_release\n"
        "c = get_config()\n"
        "configure_release(c)\n"
        "c.CourseDirectory.source_directory = 'solutions'\n"
        "c.CourseDirectory.release_directory = 'notebooks'\n"
    )
    scripts = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "01_small"]
    done = subprocess.run(command, cwd=course.root, env=os.environ | scripts, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert build.run(course, [], check=True) == 0


# What is done again.


def test_an_unchanged_lesson_is_not_executed(course, no_execution, capsys):
    before = files(course.root)
    assert build.run(course, []) == 0
    assert "unchanged" in capsys.readouterr().out
    assert files(course.root) == before
    assert build.run(course, [], check=True) == 0


def test_what_pip_leaves_beside_the_helpers_changes_nothing(course, no_execution):
    left = course.root / "mlp_helpers" / "build" / "lib" / "mlp_helpers" / "checks.py"
    left.parent.mkdir(parents=True)
    left.touch()
    assert build.run(course, [], check=True) == 0


def test_a_missing_release_is_made_without_executing(course, no_execution, capsys):
    before = files(course.root)
    shutil.rmtree(course.notebooks)
    assert build.run(course, []) == 0
    assert "built" in capsys.readouterr().out
    assert files(course.root) == before


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def edit_cell(path):
    found = nbformat.read(path, as_version=4)
    found.cells[0].source += "!"
    nbformat.write(found, path)


SOLUTION, RELEASE = "solutions/01_small/01_small.ipynb", "notebooks/01_small/01_small.ipynb"
STALE = {
    "the lesson": (lambda root: append(root / "lessons/01_small.py", "\n1 + 1\n"), [SOLUTION]),
    "the helpers": (lambda root: append(root / "mlp_helpers/checks.py", "\n"), [SOLUTION]),
    "their data": (lambda root: append(root / "mlp_helpers/data/points.csv", "3,4\n"), [SOLUTION]),
    "the repository": (lambda root: (root / "pyproject.toml").write_text(SETTINGS.format("/r")), [SOLUTION]),
    "the solution": (lambda root: edit_cell(root / SOLUTION), [SOLUTION, RELEASE]),
    "the release": (lambda root: edit_cell(root / RELEASE), [RELEASE]),
    "no solution": (lambda root: (root / SOLUTION).unlink(), [SOLUTION, RELEASE]),
    "no release": (lambda root: (root / RELEASE).unlink(), [RELEASE]),
    "not JSON": (lambda root: (root / SOLUTION).write_text("{"), [SOLUTION, RELEASE]),
}


@pytest.mark.parametrize("what", STALE)
def test_check_says_what_is_stale(course, no_execution, capsys, what):
    change, stale = STALE[what]
    change(course.root)
    before = files(course.root)
    assert build.run(course, [], check=True) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{path} is stale: run autograder build 01_small" for path in stale]
    assert files(course.root) == before


@pytest.mark.parametrize("what", ["the lesson", "the solution", "not JSON"])
def test_a_build_makes_what_is_stale(course, what):
    STALE[what][0](course.root)
    assert build.run(course, []) == 0
    assert build.run(course, [], check=True) == 0


def test_check_finds_notebooks_without_a_lesson(course, capsys):
    shutil.copytree(course.notebooks / "01_small", course.notebooks / "07_old")
    (course.notebooks / ".ipynb_checkpoints").mkdir()
    assert build.run(course, [], check=True) == 1
    assert capsys.readouterr().out == "notebooks/07_old has no lesson: delete it\n"
    assert build.run(course, ["01_small"], check=True) == 0


# What is refused. The table of defects is in test_lesson_rules.py.

DEFECTS = """
# %% name="raises" tags=["raises-exception"]
1 / 0

# %% name="warns"
import sys
print("careful", file=sys.stderr)

# %% name="slow"
import time
time.sleep(0.4)

# %% name="figure"
from IPython.display import Image
import base64
Image(base64.b64decode(dot))

# %% name="address"
object()

# %% name="answer"
def mine(x):
    return 2 * np.asarray(x)
"""


def test_a_refused_lesson_is_not_written_and_the_others_are(course, capsys, monkeypatch):
    monkeypatch.setattr(lesson_rules, "MAX_SECONDS", 0.3)
    source = GOOD.read_text(encoding="utf-8").replace(' tags=["raises-exception"]', "") + DEFECTS
    (course.lessons / "02_bad.py").write_text(source, encoding="utf-8")
    assert build.run(Course(root=course.root, classroom=course.classroom), []) == 1
    out, err = capsys.readouterr()
    assert sorted(line.split()[:2] for line in out.splitlines()) == [
        ["01_small", "unchanged"],
        ["02_bad", "refused"],
    ]
    lines = source.splitlines()
    expected = [
        ("test-1-1", "a test cell without tags"),
        ("raises", "the solution raises ZeroDivisionError: division by zero"),
        ("warns", "writes to stderr, without the tag expected-warning: careful"),
        ("slow", "takes 0."),
        ("figure", "a figure without alt text"),
        ("address", "an output that differs from build to build: object at 0x"),
        ("answer", "shows students the answer of exercise-1-1: return 2 * np.asarray(x)"),
    ]
    problems = err.splitlines()
    for (name, message), problem in zip(expected, problems, strict=True):
        line = next(n for n, line in enumerate(lines, 1) if line.startswith("# %%") and f'"{name}"' in line)
        assert problem.startswith(f"lessons/02_bad.py:{line}: cell {name}: {message}"), problems
    assert not (course.solutions / "02_bad").exists()
    assert not (course.notebooks / "02_bad").exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("while True:\n    pass", "was stopped after 1 s; at most 0.3 s are allowed"),
        ("import os\nos._exit(1)", "ends the kernel"),
        ("def mine(x):\n    return 2 * np.asarray(x)", "shows students the answer of exercise-1-1"),
    ],
)
def test_one_bad_cell(course, capsys, monkeypatch, code, message):
    monkeypatch.setattr(lesson_rules, "MAX_SECONDS", 0.3)
    append(course.lessons / "01_small.py", f'\n# %% name="last"\n{code}\n')
    before = files(course.root)
    assert build.run(course, []) == 1
    assert f"cell last: {message}" in capsys.readouterr().err
    assert files(course.root) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"# %% name='x'\n\xff\xfe", "1: cell -: cannot be read: UnicodeDecodeError"),
        (b"\n", "1: cell -: the lesson is empty"),
        (b'\n# %% name="x"\n1 +', "2: cell x: line 1 of the cell is not Python"),
        (b"# %% nbgrader={\n1", "1: cell no. 1: its metadata cannot be read"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_a_file_that_cannot_be_read(course, no_execution, capsys, content, message, check):
    (course.lessons / "01_small.py").write_bytes(content)
    assert build.run(course, [], check=check) == 1
    out, err = capsys.readouterr()
    if check:
        assert "01_small" in out and err == ""
    else:
        assert len(err.splitlines()) == 1
        assert err.startswith(f"lessons/01_small.py:{message}")


def test_a_duplicated_name_is_one_line(course, capsys, recwarn):
    append(course.lessons / "01_small.py", '\n# %% name="result"\n1 + 1\n')
    assert build.run(course, []) == 1
    (problem,) = capsys.readouterr().err.splitlines()
    assert "cell result: a duplicated name" in problem
    assert not [warning for warning in recwarn if "cell id" in str(warning.message)]


def test_an_unknown_lesson(course):
    with pytest.raises(CourseError, match="there is no lesson 09_lost: choose from 01_small"):
        build.run(course, ["09_lost"])


def test_no_lessons(tmp_path, capsys):
    assert build.run(make_course(tmp_path / "a"), ["01_small"], check=True) == 1
    (tmp_path / "a" / "lessons" / "01_small.py").unlink()
    assert build.run(Course(root=tmp_path / "a", classroom=tmp_path), []) == 1
    assert "there are no lessons in" in capsys.readouterr().err


# The set-up cell.

GITHUB = "https://github.com/me/mlp-course.git"


def run_set_up(monkeypatch, code, *, returncode=0):
    """Execute the set-up where mlp_helpers is missing; returns what it would have installed."""
    commands = []

    def pip(command, **_):
        commands.append(command)
        monkeypatch.delitem(sys.modules, "mlp_helpers.checks")
        return subprocess.CompletedProcess(command, returncode, stderr="no route to host")

    monkeypatch.setitem(sys.modules, "mlp_helpers.checks", None)  # importing it raises ModuleNotFoundError
    monkeypatch.setattr(subprocess, "run", pip)
    exec(compile(code, "<setup>", "exec"), {})
    ((*start, package),) = commands
    assert start == [sys.executable, "-m", "pip", "install", "--quiet"]
    return package


@pytest.mark.parametrize(
    ("address", "package"),
    [
        (GITHUB, f"git+{GITHUB}#subdirectory=mlp_helpers"),
        (
            "git@github.com:me/c.git",
            "git+ssh://git@github.com/me/c.git#subdirectory=mlp_helpers",
        ),
        ("file:///srv/course", "git+file:///srv/course#subdirectory=mlp_helpers"),
        ("/srv/the course/", "git+file:///srv/the%20course#subdirectory=mlp_helpers"),
    ],
)
def test_the_set_up_installs_from_the_students_repository(tmp_path, monkeypatch, address, package):
    monkeypatch.chdir(tmp_path)
    assert run_set_up(monkeypatch, set_up(address)) == package


@pytest.mark.parametrize("address", ["", GITHUB])
def test_the_set_up_prefers_the_folder_around_it(course, monkeypatch, address):
    monkeypatch.chdir(course.notebooks / "01_small")
    assert run_set_up(monkeypatch, set_up(address)) == str(course.root / "mlp_helpers")


def test_the_set_up_says_what_to_do_where_it_knows_no_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match="Open this notebook inside the course's folder") as caught:
        run_set_up(monkeypatch, set_up(""))
    assert caught.value._render_traceback_() == [str(caught.value)]


def test_the_set_up_passes_on_what_pip_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception, match="no route to host\nThis did not install mlp_helpers"):
        run_set_up(monkeypatch, set_up(GITHUB), returncode=1)


@pytest.mark.parametrize("address", ["", GITHUB])
def test_the_set_up_is_short(address):
    assert len(set_up(address).splitlines()) <= 22
    assert max(map(len, set_up(address).splitlines())) <= 110


def test_the_set_up_stands_before_the_imports_of_the_lesson(course):
    lesson, _ = build.read_lesson(course, "01_small")
    found = cell(build.to_notebook(course, "01_small", lesson), "setup").source
    assert (
        found
        == set_up("") + "\n# ruff: noqa\nimport warnings\n\nimport numpy as np\nfrom IPython.display import display"
    )


@pytest.mark.parametrize(
    "address",
    [
        GITHUB,
        "https://github.com/me/mlp-course",
        "https://github.com/me/mlp-course/",
        "git@github.com:me/mlp-course.git",
        "git+https://github.com/me/mlp-course.git",
    ],
)
def test_the_badge(address):
    assert colab_badge(address, "01_a").endswith(
        "(https://colab.research.google.com/github/me/mlp-course/blob/main/notebooks/01_a/01_a.ipynb)"
    )


def test_the_badge_stands_under_the_title(tmp_path):
    course = make_course(tmp_path / "course", students_repository=GITHUB)
    lesson, _ = build.read_lesson(course, "01_small")
    lines = build.to_notebook(course, "01_small", lesson).cells[0].source.splitlines()
    assert lines[0] == "# Lesson 1: a small lesson"
    assert lines[2] == colab_badge(GITHUB, "01_small")
    assert "It has one of everything" in lines[4]


@pytest.mark.parametrize("address", ["", "/srv/course", "https://gitlab.com/me/mlp-course"])
def test_no_badge_without_github(address):
    assert colab_badge(address, "01_a") == ""


@pytest.fixture
def bare_python(tmp_path):
    """A Python with all packages of this one except mlp_helpers."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    packages = tmp_path / "packages"
    packages.mkdir()
    here = Path(nbformat.__file__).parent.parent
    for path in here.iterdir():
        if "mlp_helpers" not in path.name and path.suffix != ".pth":
            (packages / path.name).symlink_to(path)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (site / "all.pth").write_text(f"{packages}\n")
    return tmp_path / "venv" / "bin" / "python"


EXECUTE = """
import json, nbclient, nbformat
notebook = nbformat.read("01_small.ipynb", as_version=4)
nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
"""


@pytest.mark.parametrize("where", ["repository", "around", "nowhere"])
def test_a_lone_notebook_installs_what_it_needs(tmp_path, bare_python, where):
    """For real: a kernel that lacks mlp_helpers, a folder with nothing but the notebook, and pip."""
    course = make_course(tmp_path / "course")
    alone = tmp_path / ("course/notebooks/01_small" if where == "around" else "alone")
    alone.mkdir(parents=True)
    if where == "repository":
        git = ["git", "-C", course.root, "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Start"]):
            subprocess.run([*git, *command], check=True)
    cells = [
        nbformat.v4.new_code_cell(set_up(str(course.root) if where == "repository" else "")),
        nbformat.v4.new_code_cell("import mlp_helpers\nprint(mlp_helpers.__file__)"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), alone / "01_small.ipynb")
    own = {"JUPYTER_DATA_DIR": str(tmp_path / "jupyter"), "PYTHONPATH": "", "TMPDIR": str(tmp_path)}
    done = subprocess.run([bare_python, "-c", EXECUTE], cwd=alone, env=os.environ | own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    if where == "nowhere":
        (error,) = first
        (text,) = error["traceback"]
        assert text.startswith("mlp_helpers is not installed. Open this notebook inside the course's folder")
    else:
        assert first == []
        assert second[0]["text"].startswith(str(tmp_path / "venv"))

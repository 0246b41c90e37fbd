"""What students get works on its own, and shows them nothing that is hidden."""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from mini_course import LESSON, make_mini_course

from autograder import bundle
from autograder.bundle import MARKER, contents, run, zipped
from autograder.course import ROOT, Course, CourseError, tomllib
from autograder.leaks import first_leak, leaked, plain, secrets, text_of
from autograder.release import set_up

GIT = "https://github.com/you/students"
AT_TOP = {"README.md", "LICENSE", ".gitignore", "environment.yml"}
MODULES = {
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.py", "demos/*.py", "data/*", "board.*")
    for path in (ROOT / "mlp_helpers").glob(pattern)
}


@pytest.fixture(scope="module")
def real():
    """The course as it is, and its bundle."""
    course = Course(root=ROOT)
    return course, contents(course, [])


@pytest.fixture(scope="module")
def unpacked(real, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    zipfile.ZipFile(io.BytesIO(zipped(real[1]))).extractall(folder)
    return folder / bundle.NAME


@pytest.fixture
def course(tmp_path):
    """A small one, with a source that has a solution and a hidden test."""
    course = make_mini_course(tmp_path / "course")
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, course.root / name)
    shutil.copytree(ROOT / "mlp_helpers", course.root / "mlp_helpers", ignore=shutil.ignore_patterns("*.egg-info"))
    start = course.notebooks / "00_start" / "00_start.ipynb"
    start.parent.mkdir()
    start.write_text(json.dumps({"cells": [], "metadata": {}}))
    give_set_up(course, "")
    source = [
        '# "grade": true',
        "### BEGIN SOLUTION\nanswer = forty_two * 1000\n### END SOLUTION",
        "assert answer > 41\n### BEGIN HIDDEN TESTS\nassert answer == 42000\n### END HIDDEN TESTS\n",
    ]
    (course.lessons / f"{LESSON}.py").write_text("\n".join(source))
    return course


def give_set_up(course, address):
    """As the build does it, which the small course has not gone through."""
    path = course.notebooks / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text())
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "setup")
    cell["source"] = f"{set_up(address)}\nimport math"
    path.write_text(json.dumps(notebook))


def set_repository(course, address):
    path = course.root / "pyproject.toml"
    path.write_text(re.sub(r"(?m)^students_repository = .*$", f'students_repository = "{address}"', path.read_text()))
    return Course(root=course.root, classroom=course.classroom)


def hidden_lines(course, released):
    """Lines of solutions and hidden tests, found in a way of its own: whole lines that no open part has."""
    regions = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END (?:SOLUTION|HIDDEN TESTS)", re.DOTALL)
    hidden, shown = set(), set()
    for lesson in course.lesson_names:
        source = (course.lessons / f"{lesson}.py").read_text(encoding="utf-8")
        hidden |= {line.strip() for region in regions.findall(source) for line in region.splitlines()}
        if lesson in released:
            shown |= {line.removeprefix("#").strip() for line in regions.sub("", source).splitlines()}
    does_something = re.compile(r"[-+*/@<>.\[]|\w\(")  # more than to unpack
    return {line for line in hidden - shown if len(line) >= 25 and does_something.search(line)}


def test_it_holds_these_files_and_no_other(real):
    course, files = real
    notebooks = {f"notebooks/{name}/{name}.ipynb" for name in course.lesson_names}
    assert set(files) == AT_TOP | notebooks | MODULES | {"mlp_helpers/pyproject.toml"}
    for name in course.lesson_names:
        path = f"notebooks/{name}/{name}.ipynb"
        assert files[path] == (ROOT / path).read_bytes()


def test_no_solution_and_no_hidden_test_is_in_it(real):
    course, files = real
    hidden = hidden_lines(course, course.lesson_names)
    assert len(hidden) > 200
    for name, data in files.items():
        text = text_of(name, data)
        lines = {line.strip() for line in text.splitlines()}
        assert not hidden & lines, name
        assert "BEGIN SOLUTION" not in text and "HIDDEN TESTS" not in text, name


def test_no_code_of_the_grader_and_no_misconception_is_in_it(real):
    _, files = real
    by_right = plain(set_up("") + set_up(GIT) + MARKER + (ROOT / "lessons/00_start.py").read_text(encoding="utf-8"))
    for other in ROOT.glob("lessons/[0-9]*.py"):
        by_right += plain(other.read_text(encoding="utf-8"))
    paths = [*(ROOT / "autograder").rglob("*.py"), *(ROOT / "autograder/misconceptions").rglob("*.*")]
    grader = {plain(line) for path in paths for line in path.read_text(encoding="utf-8", errors="replace").splitlines()}
    grader = {
        line for line in grader if len(line) >= 40 and line not in by_right and not re.match("from |import ", line)
    }
    assert len(grader) > 2000
    for name, data in files.items():
        lines = {plain(line) for line in text_of(name, data).splitlines()}
        assert not grader & lines, name
        assert "import autograder" not in data.decode("utf-8", errors="replace")
        assert b"misconception" not in data.lower() or name.endswith(".ipynb")


def test_earlier_lessons_do_not_show_what_a_later_one_prints(real):
    course, _ = real
    name = course.graded_lessons[0]
    files = contents(course, [name])
    assert {path for path in files if path.endswith(".ipynb")} == {
        f"notebooks/{each}/{each}.ipynb" for each in ("00_start", name)
    }
    assert len(secrets(course, ["00_start", name])) > len(secrets(course, course.lesson_names))
    assert "02_two" not in files["README.md"].decode()


def test_a_leak_is_found_wherever_it_is(real):
    course, files = real
    secret = secrets(course, course.lesson_names)
    for line in sorted(secret)[::25]:
        planted = f"x = 1\n        {line}  # \n"
        notebook = json.loads(files["notebooks/01_perceptron/01_perceptron.ipynb"])
        cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": [planted[:9], planted[9:]]}}
        for where in ("source", "outputs", "metadata"):
            changed = {
                **cell,
                where: {"source": planted.splitlines(True), "outputs": [output]}.get(where, {"a": planted}),
            }
            data = json.dumps({**notebook, "cells": [cell, changed]}, ensure_ascii=True).encode()
            assert line in leaked("a.ipynb", data, secret), where
        assert line in leaked("a.py", planted.encode(), secret)
        assert line in leaked("a.csv.gz", gzip.compress(planted.encode()), secret)
        assert line in leaked("a.ipynb", b"no notebook " + planted.encode(), secret)


def test_a_lesson_to_come_may_share_an_idiom_with_the_helpers_but_no_exercise(course):
    later = '# "grade": true\nprint(one_line * 100)\nprint(two_lines * 100)\n'
    (course.lessons / "02_later.py").write_text(later)
    path = course.lessons / f"{LESSON}.py"
    path.write_text(
        path.read_text().replace("### END SOL", "print(one_line * 100)\nprint(two_lines * 100)\n### END SOL")
    )
    helper, names = course.root / "mlp_helpers" / "plots.py", ["00_start", LESSON]
    files = {"mlp_helpers/plots.py": helper.read_bytes() + b"\n    print(one_line * 100)\n"}
    assert first_leak(files, course, names) is None
    files["mlp_helpers/plots.py"] += b"    print(two_lines * 100)\n"
    assert first_leak(files, course, names)[0] == "mlp_helpers/plots.py"
    assert first_leak(files, course, [*names, "02_later"]) is None
    assert first_leak({"notebooks/a.ipynb": b"print(one_line * 100)"}, course, names)


@pytest.mark.parametrize("where", ["mlp_helpers/plots.py", f"notebooks/{LESSON}/{LESSON}.ipynb", "LICENSE"])
@pytest.mark.parametrize("line", ["answer = forty_two * 1000", "assert answer == 42000"])
def test_what_would_leak_is_not_written(course, tmp_path, where, line):
    path = course.root / where
    if where.endswith(".ipynb"):
        notebook = json.loads(path.read_text())
        notebook["cells"][0]["source"] = ["# A title\n", f"    {line}"]
        path.write_text(json.dumps(notebook))
    else:
        path.write_text(path.read_text() + f"\n    {line}\n")
    with pytest.raises(CourseError, match=re.escape(where)) as error:
        run(course, [], tmp_path / "out")
    assert line in str(error.value) and LESSON in str(error.value)
    assert not (tmp_path / "out").exists()


def test_the_same_course_makes_the_same_bytes(course, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    run(course, [], first, as_zip=True)
    os.utime(course.root / "LICENSE", (0, 0))
    before = os.umask(0o077)
    try:
        run(course, [], second, as_zip=True)
    finally:
        os.umask(before)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert tree(first) == tree(second)
    assert tree(first) == contents(course, [])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {name: archive.read(f"{bundle.NAME}/{name}") for name in tree(first)} == tree(first)
        assert len(archive.namelist()) == len(tree(first))
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def test_an_earlier_bundle_is_replaced_and_its_repository_kept(course, tmp_path, capsys):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref")
    run(course, [], folder)
    (folder / "slides.pdf").touch()
    (folder / "mlp_helpers" / "old.py").touch()
    (folder / "notebooks" / "01_older").mkdir()
    run(course, [], folder)
    assert (folder / ".git" / "HEAD").read_text() == "ref"
    assert tree(folder) == {**contents(course, []), "slides.pdf": b""}
    assert not (folder / "notebooks" / "01_older").exists()
    assert "slides.pdf is not of a bundle and stays" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["notes.txt", "README.md", ".hidden"])
def test_anything_else_is_not_overwritten(course, tmp_path, name):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / name).write_text("mine")
    with pytest.raises(CourseError, match="something else than a bundle"):
        run(course, [], folder, as_zip=True)
    assert tree(folder) == {name: b"mine"}
    assert not (tmp_path / "out.zip").exists()
    (tmp_path / "new.zip").write_text("mine")
    with pytest.raises(CourseError, match="something else than a bundle"):
        run(course, [], tmp_path / "new", as_zip=True)
    assert (tmp_path / "new.zip").read_text() == "mine"
    with pytest.raises(CourseError, match="is no folder"):
        run(course, [], folder / name)


@pytest.mark.parametrize("moment", range(9))
@pytest.mark.parametrize("again", [False, True])
def test_stopped_anywhere_the_same_command_ends_it(course, tmp_path, monkeypatch, moment, again):
    folder, left = tmp_path / "out", moment
    if again:
        run(course, [], folder)

    def at_most(change):
        def stop(*paths):
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            change(*paths)

        return stop

    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):
            patch.setattr(os, name, at_most(getattr(os, name)))
        try:
            run(course, [], folder)
        except KeyboardInterrupt:
            assert (folder / ".part").exists()
    run(course, [], folder)
    assert tree(folder) == contents(course, [])


def test_the_start_page(course, real):
    page = real[1]["README.md"].decode()
    for link in re.findall(r"\]\(((?!http)[^)]+)\)", page):
        assert link in real[1], link
    assert ("colab" in page.lower().replace("(colab:", "")) == ("github.com" in real[0].students_repository)
    course = set_repository(course, GIT)
    with pytest.raises(CourseError, match=f"another students_repository .*: run `autograder build {LESSON}`"):
        contents(course, [])
    give_set_up(course, GIT)
    page = contents(course, [])["README.md"].decode()
    assert f"git clone {GIT} mlp-course" in page
    badge = "https://colab.research.google.com/github/you/students/blob/main/notebooks/{0}/{0}.ipynb"
    for name in (LESSON, "00_start"):
        assert badge.format(name) in page
    assert page.rstrip().endswith(MARKER)
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in rows}) == 1 and len(rows) == 4


def test_the_environment_is_what_students_need(real):
    _, files = real
    dependencies = yaml.safe_load(files["environment.yml"])["dependencies"]
    project = tomllib.loads(files["mlp_helpers/pyproject.toml"].decode())["project"]
    assert dependencies[-1] == {"pip": ["./mlp_helpers"]}
    assert set(project["dependencies"]) < set(dependencies[:-1])
    assert {re.match(r"[\w-]+", each)[0] for each in dependencies[:-1]} - {
        re.match(r"[\w-]+", each)[0] for each in project["dependencies"]
    } == {"python", "pip", "jupyterlab"}


def test_lessons_that_are_not_there(course):
    with pytest.raises(CourseError, match="there is no lesson 07_none"):
        contents(course, ["07_none"])
    path = course.notebooks / LESSON / f"{LESSON}.ipynb"
    path.write_text("no notebook")
    with pytest.raises(CourseError, match=f"is no notebook: run `autograder build {LESSON}`"):
        contents(course, [])
    path.unlink()
    with pytest.raises(CourseError, match=f"there is no .*: run `autograder build {LESSON}`"):
        contents(course, [])


def pip(*arguments, cwd):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_helpers_only(real, unpacked, tmp_path):
    course, _ = real
    source = shutil.copytree(unpacked / "mlp_helpers", tmp_path / "mlp_helpers")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    secret = secrets(course, course.lesson_names)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {name for name in names if ".dist-info/" not in name} == MODULES
        for name in names:
            assert not leaked(name, archive.read(name), secret), name


def test_it_works_where_a_student_puts_it(unpacked, tmp_path):
    copy, target = shutil.copytree(unpacked, tmp_path / "my course"), tmp_path / "site"
    pip("install", "--no-deps", "--no-build-isolation", "--target", target, "./mlp_helpers", cwd=copy)
    shutil.rmtree(copy / "mlp_helpers")  # it is installed, not found by chance
    lesson = copy / "notebooks" / "01_perceptron"
    code = (
        "import json, sys\n"
        "cells = json.load(open('01_perceptron.ipynb'))['cells']\n"
        "code = [''.join(cell['source']) for cell in cells if cell['cell_type'] == 'code'][:2]\n"
        "names = {}\n"
        "for each in code: exec(each, names)\n"
        "import mlp_helpers, mlp_helpers.demos\n"
        "from mlp_helpers import datasets\n"
        "print(mlp_helpers.__file__)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(target), "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=lesson, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]).is_relative_to(target)

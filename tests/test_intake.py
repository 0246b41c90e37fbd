"""Taking in what was handed in: one canonical notebook in any case, and nothing of what came is lost."""

import copy
import errno
import json
import os
import re
import shutil
import socket
import tempfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_course import LESSON, answered, make_mini_course

from autograder import intake, submission_folder
from autograder.course import CourseError
from autograder.intake import other_files, take_in
from autograder.repairs import METADATA

NAME = f"{LESSON}.ipynb"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return make_mini_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(built, tmp_path):
    """The course with a class folder of its own."""
    return type(built)(root=built.root, classroom=tmp_path / "class")


def folder_of(course, student="zoe"):
    path = course.classroom / "submitted" / student / LESSON
    path.mkdir(parents=True, exist_ok=True)
    return path


def received(course, number=1, student="zoe"):
    return course.classroom / "received" / student / LESSON / str(number)


def text_of(course, **answers):
    return json.dumps(answered(course, **answers))


def hand_in(course, **files):
    """Write files, by their names, into a submission's folder: bytes or text."""
    for name, content in files.items():
        path = folder_of(course) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder_of(course)


def all_bytes(folder):
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def answers_in(notebook):
    return [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]


def assert_canonical(course, result, student="zoe"):
    """The submission holds what stock nbgrader reads, and taking it in again changes nothing."""
    folder = folder_of(course, student)
    assert result.path == folder / NAME and result.path.is_file() and not result.path.is_symlink()
    notebook = nbformat.read(result.path, as_version=4)
    assert json.loads(result.path.read_text(encoding="utf-8"))["nbformat_minor"] == 5
    assert not [path for path in folder.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())]
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in result.notebook.cells]
    assert all(len(note.splitlines()) == 1 for note in [*result.notes, result.problem or "-"])
    nbformat.validate(result.notebook)
    assert result.notebook.metadata[METADATA] == {"repairs": result.notes, "problem": result.problem}
    before = all_bytes(course.classroom)
    again = take_in(course, student, LESSON)
    assert (again.received, again.problem) == (None, result.problem)
    assert again.notes[: len(result.notes)] == result.notes
    assert all_bytes(course.classroom) == before


# A folder that is as it should be.


def test_what_is_canonical_is_left_alone(course):
    folder = hand_in(course, **{NAME: text_of(course), "data.csv": b"1,2", "timestamp.txt": "2024-02-03 10:00:00 UTC"})
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    result = take_in(course, "zoe", LESSON)
    assert (result.notes, result.problem, result.received) == ([], "", None)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    assert not (course.classroom / "received").exists()
    assert_canonical(course, result)


def test_another_notebook_beside_it_is_said_and_left(course):
    folder = hand_in(
        course, **{NAME: text_of(course), "old.ipynb": "", ".ipynb_checkpoints/01_mini-checkpoint.ipynb": "x"}
    )
    result = take_in(course, "zoe", LESSON)
    assert result.notes == ["old.ipynb is there too and is not used."]
    assert (folder / "old.ipynb").exists()


def test_no_submission_is_an_error(course):
    with pytest.raises(CourseError, match="there is no submission in"):
        take_in(course, "nobody", LESSON)


# Names.


@pytest.mark.parametrize(
    "name",
    [
        "01_mini (1).ipynb", "Copy of 01_mini.ipynb", "01_mini_Zoë Müller.ipynb", "homework final FINAL.ipynb",
        "01_mini.ipynb.txt", "01_mini.json", "01_mini.IPYNB", "01_mini.ipynb (1)", "01_mini/01_mini.ipynb", "01_mini",
        "01_mini.ipynb/01_mini.ipynb", "a/b/nb.ipynb", "line\nbreak.ipynb", "📓.ipynb", "-rf.ipynb", "01_mini.txt",
    ],
)  # fmt: skip
def test_a_single_notebook_is_taken_whatever_it_is_called(course, name):
    text = text_of(course)
    folder = hand_in(course, **{name: text, "sub/data.csv": b"1,2", "timestamp.txt": "2024-02-03 10:00:00 UTC"})
    os.utime(folder / name, (1e9, 1e9))
    result = take_in(course, "zoe", LESSON)
    shown = name.replace("\n", "?")
    assert result.notes == [f"The notebook came as {shown}."] and result.problem == ""
    assert answers_in(result.notebook)[0].endswith("return 2 * x")
    assert (received(course) / name).read_text() == text and (received(course) / "sub/data.csv").exists()
    assert result.received == received(course)
    assert (folder / "sub/data.csv").exists() and (folder / "timestamp.txt").exists()
    assert not (folder / name).is_file() and result.path.stat().st_mtime == 1e9
    assert_canonical(course, result)


def test_a_name_that_is_no_text(course):
    folder = folder_of(course)
    with open(os.fsencode(folder) + b"/\xff\xfe.ipynb", "w") as file:
        file.write(text_of(course))
    result = take_in(course, "zoe", LESSON)
    assert result.notes == ["The notebook came as \ufffd\ufffd.ipynb."]
    assert_canonical(course, result)


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (["01_mini (1).ipynb", "01_mini (2).ipynb"], "01_mini (2).ipynb"),  # the newest
        (["01_mini-Copy1.ipynb", "scratch.ipynb"], "01_mini-Copy1.ipynb"),  # the closest name
        (["sub/01_mini.ipynb", "02_other.ipynb"], "sub/01_mini.ipynb"),  # the exact name
        (["my 01_mini.ipynb", "02_mini.ipynb"], "my 01_mini.ipynb"),
        (["nb.ipynb", "config.json"], "nb.ipynb"),
        (["01-mini.ipynb", "._01_mini.ipynb"], "01-mini.ipynb"),
    ],
)
def test_of_several_the_likeliest_is_taken_and_said(course, files, chosen):
    for number, name in enumerate(files):
        folder = hand_in(course, **{name: text_of(course, double=f"return {number}")})
        os.utime(folder / name, (1e9 + number, 1e9 + number))
    result = take_in(course, "zoe", LESSON)
    assert f"The notebook came as {chosen}." in result.notes
    assert answers_in(result.notebook)[0].endswith(f"return {files.index(chosen)}")
    for name in files:
        assert (received(course) / name).exists()
        is_another = name != chosen and name.endswith(".ipynb") and not name.startswith(".")
        assert any(name in note for note in result.notes[1:]) == is_another
    assert_canonical(course, result)


def test_a_damaged_one_makes_way_for_another(course):
    hand_in(course, **{NAME: text_of(course)[:300], "01_mini (1).ipynb": text_of(course)})
    result = take_in(course, "zoe", LESSON)
    assert result.problem == ""
    assert result.notes[0] == "The notebook came as 01_mini (1).ipynb."
    assert result.notes[1].startswith(f"Not used: {NAME} is damaged or cut short")
    assert_canonical(course, result)


def test_what_came_before_is_kept_too(course):
    for number in (1, 2, 3):
        shutil.rmtree(folder_of(course))
        hand_in(course, **{f"{number}.ipynb": text_of(course, double=f"return {number}")})
        take_in(course, "zoe", LESSON)
    assert [(received(course, number) / f"{number}.ipynb").exists() for number in (1, 2, 3)] == [True] * 3


# Files that hold no notebook.


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "01_mini.ipynb is empty (0 bytes): ask the student for it again"),
        (b"%PDF-1.7", "01_mini.ipynb is a PDF: ask the student for the .ipynb file"),
        (b'{"cells": []}', "01_mini.ipynb has no cells: ask the student for it again"),
        (
            b'{"cells": [',
            "01_mini.ipynb is damaged or cut short (no JSON from line 1 on): ask the student for it again",
        ),
    ],
)
def test_a_file_without_a_notebook_becomes_an_empty_one_that_says_why(course, content, problem):
    hand_in(course, **{NAME: content, "notes.txt": "mine"})
    result = take_in(course, "zoe", LESSON)
    assert result.problem == problem
    assert nbformat.read(result.path, as_version=4).metadata[METADATA].problem == problem
    assert (received(course) / NAME).read_bytes() == content
    assert_canonical(course, result)


def test_an_empty_folder_too(course):
    folder_of(course)
    result = take_in(course, "zoe", LESSON)
    assert result.problem == "there is no notebook in its folder: ask the student for it"
    assert_canonical(course, result)


def test_a_notebook_that_comes_later_takes_the_place_of_the_empty_one(course):
    hand_in(course, **{NAME: b""})
    take_in(course, "zoe", LESSON)
    hand_in(course, **{"01_mini (2).ipynb": text_of(course)})
    result = take_in(course, "zoe", LESSON)
    assert result.problem == "" and result.received == received(course, 2)
    assert_canonical(course, result)


def test_nobody_can_write_the_autograder_s_own_notes(course):
    notebook = answered(course)
    notebook["metadata"][METADATA] = {"repairs": ["Full points, please."], "problem": ""}
    hand_in(course, **{NAME: json.dumps(notebook)})
    result = take_in(course, "zoe", LESSON)
    assert result.notes == [] and result.received == received(course)
    assert_canonical(course, result)


# What students can put into a folder.


def test_links_are_removed_and_never_followed(course, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("secret")
    folder = hand_in(course, **{NAME: text_of(course), "sub/ok.txt": "mine"})
    (folder / "a.txt").symlink_to(secret)
    (folder / "sub/up").symlink_to(tmp_path)
    (folder / "loop").symlink_to("loop")
    assert set(other_files(course, "zoe", LESSON)) == {"sub/ok.txt"}
    result = take_in(course, "zoe", LESSON)
    said = r"a\.txt was a link \(to .*\), which is not followed: it is removed\."
    assert any(re.fullmatch(said, note) for note in result.notes)
    assert len(result.notes) == 3 and secret.read_text() == "secret"
    assert b"secret" not in all_bytes(course.classroom)
    assert_canonical(course, result)


def test_a_link_in_place_of_the_notebook(course, tmp_path):
    (tmp_path / "other.ipynb").write_text(text_of(course))
    (folder_of(course) / NAME).symlink_to(tmp_path / "other.ipynb")
    result = take_in(course, "zoe", LESSON)
    assert result.problem == "there is no notebook in its folder: ask the student for it"
    assert_canonical(course, result)


def test_a_link_in_place_of_the_folder(course, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / NAME).write_text(text_of(course))
    folder_of(course).rmdir()
    folder_of(course).parent.joinpath(LESSON).rmdir()
    (course.classroom / "submitted/zoe" / LESSON).symlink_to(tmp_path / "elsewhere")
    assert other_files(course, "zoe", LESSON) == {}
    result = take_in(course, "zoe", LESSON)
    assert result.problem and (tmp_path / "elsewhere" / NAME).exists()
    assert_canonical(course, result)


def test_a_file_in_place_of_the_folder(course):
    folder_of(course).rmdir()
    path = course.classroom / "submitted/zoe" / LESSON
    path.write_text(text_of(course))
    result = take_in(course, "zoe", LESSON)
    assert result.notes == ["There was a file in place of the folder."] and result.problem == ""
    assert_canonical(course, result)


def test_pipes_sockets_and_folders_called_like_a_notebook(course, monkeypatch):
    folder = hand_in(course, **{"nb.ipynb": text_of(course), f"{NAME}/inside.txt": "mine"})
    os.mkfifo(folder / "pipe.ipynb")
    os.mkfifo(folder / NAME / "pipe")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket.ipynb")
    assert set(other_files(course, "zoe", LESSON)) == {"nb.ipynb", f"{NAME}/inside.txt"}
    result = take_in(course, "zoe", LESSON)
    assert sum("a pipe, a socket or a device" in note for note in result.notes) == 3
    assert (folder / f"{NAME}-folder-1/inside.txt").read_text() == "mine"
    assert_canonical(course, result)


def test_a_pipe_in_place_of_the_notebook(course):
    os.mkfifo(folder_of(course) / NAME)
    result = take_in(course, "zoe", LESSON)
    assert result.problem
    assert_canonical(course, result)


@pytest.mark.parametrize("content", ["tomorrow or so", "\0", "9" * 400])
def test_a_date_at_which_nbgrader_would_stop_is_set_aside(course, content):
    folder = hand_in(course, **{NAME: text_of(course), "timestamp.txt": content})
    result = take_in(course, "zoe", LESSON)
    assert not (folder / "timestamp.txt").exists() and (received(course) / "timestamp.txt").read_text() == content
    assert "timestamp.txt holds no date" in result.notes[0]
    assert_canonical(course, result)


@pytest.mark.parametrize(
    "content", ["", "2015-02-02 15:58:23.948203 America/Los_Angeles", "2024-02-03T10:00:00+01:00\n"]
)
def test_nbgrader_s_own_date_stays(course, content):
    folder = hand_in(course, **{"nb.ipynb": text_of(course), "timestamp.txt": content})
    take_in(course, "zoe", LESSON)
    assert (folder / "timestamp.txt").read_text() == content


def test_a_folder_in_place_of_the_date(course):
    folder = hand_in(course, **{NAME: text_of(course), "timestamp.txt/x.txt": "mine"})
    result = take_in(course, "zoe", LESSON)
    assert (folder / "timestamp.txt-folder-1/x.txt").read_text() == "mine"
    assert_canonical(course, result)


def test_folders_in_folders_in_folders(course):
    deep = "/".join(["d"] * 60)
    folder = hand_in(course, **{NAME: text_of(course), f"{deep}/x.txt": "mine"})
    (folder / deep / "link").symlink_to("/etc")
    result = take_in(course, "zoe", LESSON)
    assert "nested too deeply" in result.notes[0]
    assert (received(course) / deep / "x.txt").read_text() == "mine"
    assert_canonical(course, result)


def test_what_cannot_be_read_is_no_reason_to_stop(course, monkeypatch):
    hand_in(course, **{NAME: text_of(course), "nb.ipynb": text_of(course)})
    real = os.open

    def forbidden(path, *arguments, **more):
        if str(path).endswith(f"{LESSON}/{NAME}"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "open", forbidden)
    result = take_in(course, "zoe", LESSON)
    assert result.notes[0] == "The notebook came as nb.ipynb."
    assert result.notes[1].startswith(f"Not used: {NAME} cannot be read (Permission denied)")


def test_permissions_of_an_archive_are_opened(course):
    folder = hand_in(course, **{"nb.ipynb": text_of(course), "sub/x.txt": "mine"})
    (folder / "sub/link").symlink_to("x.txt")
    (folder / "nb.ipynb").chmod(0)
    (folder / "sub").chmod(0)
    folder.chmod(0o500)
    result = take_in(course, "zoe", LESSON)
    assert result.problem == ""
    assert_canonical(course, result)


# When something goes wrong in the middle.


class Killed(BaseException):
    pass


def _steps(monkeypatch, at, stop):
    """Let the at-th change of the file system stop instead of happening; returns what says whether it has."""
    count = 0

    def guarded(function):
        def step(*arguments, **more):
            nonlocal count
            count += 1
            if count == at:
                raise stop
            return function(*arguments, **more)

        return step

    for owner, names in [
        (os, ["rename", "replace", "link", "utime", "chmod"]),
        (Path, ["mkdir", "write_bytes", "unlink"]),
        (tempfile, ["mkstemp"]),
        (nbformat, ["writes"]),
    ]:
        for name in names:
            monkeypatch.setattr(owner, name, guarded(getattr(owner, name)))
    return lambda: count >= at


@pytest.mark.parametrize("stop", [Killed(), OSError(errno.ENOSPC, "No space left on device")], ids=["killed", "full"])
def test_nothing_is_lost_when_it_stops_in_the_middle(built, tmp_path, stop):
    for at in range(1, 60):
        course = type(built)(root=built.root, classroom=tmp_path / str(at))
        content = {f"{NAME}/nb (1).ipynb": text_of(course), "old.ipynb": "{", "data.csv": "1,2", "sub/x.txt": "x"}
        folder = hand_in(course, **content)
        (folder / "link").symlink_to("data.csv")
        came = all_bytes(folder)
        with pytest.MonkeyPatch.context() as patch:
            stopped = _steps(patch, at, stop)
            try:
                take_in(course, "zoe", LESSON)
            except Killed:
                pass
            except CourseError as error:
                assert str(error) == "the disk is full: make room, then try again; nothing was lost"
        assert came <= all_bytes(course.classroom)
        result = take_in(course, "zoe", LESSON)
        assert result.problem == "" and answers_in(result.notebook)[0].endswith("return 2 * x")
        assert came <= all_bytes(course.classroom / "received")
        # Stopped at the very end it leaves the other notebook there.
        assert {path.name for path in folder.iterdir()} - {"old.ipynb"} == {NAME, f"{NAME}-folder-1", "data.csv", "sub"}
        assert not list(folder.rglob(".*")) and not list(received(course).parent.glob(".*"))
        if not stopped():
            break
    assert 10 < at < 59


def test_a_class_folder_that_cannot_be_written_says_so(course, monkeypatch):
    hand_in(course, **{"nb.ipynb": text_of(course)})

    def mkdir(*arguments, **more):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(CourseError, match="may not be read or written: change its permissions"):
        take_in(course, "zoe", LESSON)


# The other files.


def test_of_too_many_files_the_smallest_stay_and_all_are_kept(course):
    folder = hand_in(course, **{NAME: text_of(course)}, **{f"{n:03}.csv": "1" * n for n in range(150)}, big="x" * 10**7)
    result = take_in(course, "zoe", LESSON)
    assert len(list(folder.glob("*.csv"))) == 100 and not (folder / "big").exists()
    assert len(list(result.received.iterdir())) == 152
    assert any("50 other files are in received/ only" in note for note in result.notes), result.notes
    again = take_in(course, "zoe", LESSON)
    assert again.received is None and len(other_files(course, "zoe", LESSON)) == 100


def test_a_name_that_is_slow_to_read_is_read(course):
    hand_in(course, **{"copy " * 40 + "x.ipynb": text_of(course), "1 " * 100 + "x.ipynb": text_of(course)})
    assert take_in(course, "zoe", LESSON).problem == ""


def test_other_files_are_plain_ones(course):
    hand_in(
        course,
        **{
            NAME: text_of(course),
            "timestamp.txt": "2024-02-03",
            "data.csv": "1,2",
            "a/b/c.txt": "c",
            "größe 1.txt": "ok",
        },
        **{"a/b/c/d.txt": "too deep", ".hidden": "h", ".git/config": "g", "a/.x/y": "y", "__MACOSX/._data.csv": "m"},
        **{"Zoë's.txt": "a quote", "new\nline": "n", "-rf": "r", "big.bin": bytes(intake.MAX_OTHER_BYTES)},
        **{"helper.py": "x = 1"},
    )
    files = other_files(course, "zoe", LESSON)
    assert files == {"data.csv": b"1,2", "a/b/c.txt": b"c", "größe 1.txt": b"ok", "helper.py": b"x = 1"}
    assert other_files(course, "nobody", LESSON) == {}


def test_the_assignment_s_own_files_win(built, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(built.root, root)
    course = type(built)(root=root, classroom=tmp_path / "class")
    own = course.notebooks / LESSON
    (own / "data").mkdir()
    (own / "data/points.csv").write_text("true")
    (own / "table").write_text("true")
    (own / ".ipynb_checkpoints").mkdir()
    (own / ".ipynb_checkpoints/x").write_text("no")
    hand_in(course, **{"data": "false", "table/x.txt": "false", "mine.txt": "mine"})
    files = other_files(course, "zoe", LESSON)
    assert files == {"data/points.csv": b"true", "table": b"true", "mine.txt": b"mine"}


def test_large_files_are_kept_too(course, monkeypatch):
    for module in (intake, submission_folder):
        monkeypatch.setattr(module, "MAX_BYTES", 20_000)
    folder = hand_in(course, **{"nb.ipynb": text_of(course), "film.mp4": bytes(30_000), "large.ipynb": b"{" * 30_000})
    result = take_in(course, "zoe", LESSON)
    assert (received(course) / "film.mp4").stat().st_size == (folder / "film.mp4").stat().st_size == 30_000
    assert (received(course) / "large.ipynb").stat().st_size == 30_000 and not (folder / "large.ipynb").exists()
    assert result.notes[0] == "The notebook came as nb.ipynb."


def test_the_outputs_of_a_large_notebook_are_left_out(course):
    notebook = copy.deepcopy(answered(course))
    data = {"image/png": "A" * intake.MAX_CANONICAL, "text/plain": ["x"]}
    notebook["cells"][-1]["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    hand_in(course, **{NAME: json.dumps(notebook)})
    result = take_in(course, "zoe", LESSON)
    assert result.path.stat().st_size < 10_000 and result.notes == []
    assert (received(course) / NAME).stat().st_size > intake.MAX_CANONICAL


NAMES = st.sampled_from(
    [NAME, "nb (1).ipynb", "a.json", "timestamp.txt", "sub", "sub/x.ipynb", "data.csv", ".x", "ü\n"]
)
KINDS = st.sampled_from(["notebook", "old", "junk", "empty", "link", "pipe", "folder", "locked"])


@settings(max_examples=60, deadline=None)
@given(entries=st.dictionaries(NAMES, KINDS, max_size=6))
def test_any_folder_can_be_taken_in(built, tmp_path_factory, entries):
    course = type(built)(root=built.root, classroom=tmp_path_factory.mktemp("class"))
    folder = folder_of(course)
    for name, kind in entries.items():
        path = folder / name
        if os.path.lexists(path) or (os.path.lexists(path.parent) and not path.parent.is_dir()):
            continue
        path.parent.mkdir(exist_ok=True)
        if kind == "link":
            path.symlink_to(folder)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir(mode=0)
        else:
            content = {"notebook": text_of(course), "old": '{"worksheets": [{"cells": [{"input": "x"}]}]}', "empty": ""}
            path.write_text(content.get(kind, "{junk"))
            path.chmod(0 if kind == "locked" else 0o644)
    came = all_bytes(folder)
    result = take_in(course, "zoe", LESSON)
    assert came <= all_bytes(course.classroom)
    assert bool(result.problem) == (not result.notebook.cells)
    other_files(course, "zoe", LESSON)
    assert_canonical(course, result)

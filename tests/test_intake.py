"""Taking in what was handed in: one canonical notebook in any case, and nothing of what came is lost."""

import contextlib
import copy
import errno
import json
import os
import pickle
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_course import LESSON, answered, make_mini_course
from mutations import MUTATIONS, handed_in
from nbgrader.utils import parse_utc

from autograder import intake, notebook_file, submission_folder
from autograder.contents import MAX_OTHER_BYTES, Contents
from autograder.course import CourseError
from autograder.intake import Intake, look
from autograder.repairs import METADATA
from autograder.submission_folder import given_files, read_folder, settle

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


def take_in(course, student, lesson):
    """What intake.take_in does, in the steps in which several processes do it; and what it leaves is in order."""
    contents = _sent(read_folder(course, student, lesson))
    given = given_files(course, lesson)
    seen = _sent(look(contents))
    kept = settle(course, student, lesson, seen.order) if seen.order else None
    after = read_folder(course, student, lesson)
    again = look(after)
    assert again.order is None and again.contents is after
    assert (again.notebook, again.notes, again.problem) == (seen.notebook, seen.notes, seen.problem)
    assert after.digest == seen.contents.digest and after.timestamp == seen.contents.timestamp
    assert intake.other_files(after, given) == intake.other_files(seen.contents, given)
    path = course.classroom / "submitted" / student / lesson / f"{lesson}.ipynb"
    return Intake(path, seen.notebook, seen.notes, seen.problem, kept)


def _sent(value):
    """What another process gets of it."""
    return pickle.loads(pickle.dumps(value))


def other_files(course, student="zoe"):
    return intake.other_files(read_folder(course, student, LESSON), given_files(course, LESSON))


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
    assert set(other_files(course)) == {"sub/ok.txt"}
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
    result = take_in(course, "zoe", LESSON)
    assert other_files(course) == {}
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
    assert set(other_files(course)) == {"nb.ipynb", f"{NAME}/inside.txt"}
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
    result = intake.take_in(course, "zoe", LESSON)
    assert result.notes[0] == "The notebook came as nb.ipynb."
    assert result.notes[1].startswith(f"Not used: {NAME} cannot be read (Permission denied)")


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO])
@pytest.mark.parametrize("take_in", [take_in, intake.take_in])
def test_a_failure_of_the_machine_is_not_the_student_s(course, monkeypatch, take_in, code):
    folder = hand_in(course, **{NAME: text_of(course)})
    real = os.open

    def failing(path, *arguments, **more):
        if str(path).endswith(NAME):
            raise OSError(code, os.strerror(code))
        return real(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", failing)
        with pytest.raises(CourseError, match=r"cannot be read or written .* mend that, then try again"):
            take_in(course, "zoe", LESSON)
    assert [path.name for path in folder.iterdir()] == [NAME] and take_in(course, "zoe", LESSON).problem == ""


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
    ]:
        for name in names:
            monkeypatch.setattr(owner, name, guarded(getattr(owner, name)))
    return lambda: count >= at


@pytest.mark.parametrize("take_in", [take_in, intake.take_in])
@pytest.mark.parametrize("stop", [Killed(), OSError(errno.ENOSPC, "No space left on device")], ids=["killed", "full"])
def test_nothing_is_lost_when_it_stops_in_the_middle(built, tmp_path, stop, take_in):
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


@pytest.mark.parametrize("take_in", [take_in, intake.take_in])
def test_killed_anywhere_it_ends_in_the_same_folder_and_notes(built, tmp_path, take_in):
    files = {"01_mini (1).ipynb": text_of(built), "scratch.ipynb": text_of(built, double="return 7"), "data.csv": "1,2"}
    seen = set()
    for at in range(1, 60):
        course = type(built)(root=built.root, classroom=tmp_path / str(at))
        folder = hand_in(course, **files)
        with pytest.MonkeyPatch.context() as patch:
            stopped = _steps(patch, at, Killed())
            with contextlib.suppress(Killed):
                take_in(course, "zoe", LESSON)
        result = take_in(course, "zoe", LESSON)
        seen.add((*sorted(path.name for path in folder.iterdir()), *result.notes))
        if not stopped():
            break
    assert 5 < at < 59 and len(seen) == 1, seen


def test_another_notebook_of_the_name_that_one_came_by_stays(course):
    folder = hand_in(course, **{"01_mini (1).ipynb": text_of(course)})
    take_in(course, "zoe", LESSON)
    (folder / "01_mini (1).ipynb").write_text(text_of(course, double="return 7"))
    result = take_in(course, "zoe", LESSON)
    assert result.notes[-1] == "01_mini (1).ipynb is there too and is not used."
    assert (folder / "01_mini (1).ipynb").exists()


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
    assert again.received is None and len(other_files(course)) == 100


@pytest.mark.parametrize("name", ["01_mini.json", "01_mini"])
def test_the_notebook_is_not_one_file_too_many(course, name):
    files = {f"{number:03}.csv": "1" for number in range(100)}
    folder = hand_in(course, **{name: text_of(course), ".intake-abc": "x" * 50_000}, **files)
    result = take_in(course, "zoe", LESSON)
    assert result.notes == [f"The notebook came as {name}."] and len(list(folder.iterdir())) == 101
    assert_canonical(course, result)


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
    files = other_files(course)
    assert files == {"data.csv": b"1,2", "a/b/c.txt": b"c", "größe 1.txt": b"ok", "helper.py": b"x = 1"}


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
    files = other_files(course)
    assert files == {"data/points.csv": b"true", "table": b"true", "mine.txt": b"mine"}


def test_large_files_are_kept_too(course, monkeypatch):
    for module in (notebook_file, submission_folder):
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


# What is done apart: one process reads, another looks, the first puts in order.


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("called", [NAME, "nb (1).ipynb"])
def test_whatever_happened_to_a_notebook_it_is_read_the_same_once_it_is_in_order(course, name, called):
    release = json.loads((course.notebooks / LESSON / NAME).read_text(encoding="utf-8"))
    hand_in(course, **{called: handed_in(name, answered(course), release), "data.csv": "1,2"})
    assert_canonical(course, take_in(course, "zoe", LESSON))


def test_more_notes_than_anybody_reads_are_cut_once(course):
    folder = hand_in(course, **{NAME: text_of(course)})
    for number in range(50):
        (folder / f"link-{number}").symlink_to("/etc")
    result = take_in(course, "zoe", LESSON)
    assert len(result.notes) == 20 and result.notes[-1] == "There were 31 more things to say: see received/."
    assert_canonical(course, result)


def test_a_long_notebook_without_outputs_is_put_in_order_once(course, monkeypatch):
    monkeypatch.setattr(intake, "MAX_CANONICAL", 1_000)
    hand_in(course, **{NAME: text_of(course)})
    assert_canonical(course, take_in(course, "zoe", LESSON))


def test_a_notebook_in_a_folder_in_place_of_the_date(course):
    folder = hand_in(course, **{"timestamp.txt/nb.ipynb": text_of(course), "timestamp.txt/x.json": "1"})
    (folder / "timestamp.txt-folder-1").write_text("taken")
    result = take_in(course, "zoe", LESSON)
    assert result.notes[-1] == "The notebook came as timestamp.txt/nb.ipynb." and result.problem == ""
    assert [path.name for path in (folder / "timestamp.txt-folder-2").iterdir()] == ["x.json"]
    assert_canonical(course, result)


def test_a_room_that_others_leave_is_used(course):
    large = b"x" * (MAX_OTHER_BYTES * 2 // 3)
    hand_in(course, **{NAME: text_of(course), "old.ipynb": b"{" + large, "data.csv": large + b"xx"})
    os.mkfifo(folder_of(course) / "pipe")
    assert set(other_files(course)) == {"old.ipynb"}
    take_in(course, "zoe", LESSON)
    assert set(other_files(course)) == {"data.csv"}


def test_what_is_large_is_put_in_order_when_it_is_read(course, monkeypatch):
    monkeypatch.setattr(submission_folder, "MAX_CONTENTS", 50_000)
    notebook = answered(course)
    data = {"text/plain": ["A" * 60_000]}
    notebook["cells"][-1]["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    monkeypatch.setattr(intake, "MAX_CANONICAL", 40_000)
    folder = hand_in(course, **{"nb.ipynb": json.dumps(notebook)})
    contents = read_folder(course, "zoe", LESSON)
    assert sum(map(len, contents.data.values())) < 10_000 and (received(course) / "nb.ipynb").exists()
    seen = look(contents)
    assert seen.order is None and seen.notes == ["The notebook came as nb.ipynb."]
    # Another notebook beside it, which is not used, stays there: it is not sent along.
    (folder / "old.ipynb").write_bytes(b"[" * 45_000)
    (folder / "older.ipynb").write_bytes(b"[" * 45_000)
    contents = read_folder(course, "zoe", LESSON)
    assert sum(map(len, contents.data.values())) < 55_000
    assert look(contents).order is None and not received(course, 2).exists()
    assert look(contents).notes == intake.take_in(course, "zoe", LESSON).notes
    assert_canonical(course, take_in(course, "zoe", LESSON))


def test_reading_a_folder_imports_nothing_heavy():
    code = "import sys, autograder.submission_folder; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "autograder.contents" in modules
    assert not {"nbformat", "nbgrader", "jsonschema", "sqlalchemy", "numpy", "dateutil"} & set(modules)


def _arrives(folder):
    (folder / "late.txt").write_text("mine")


def _is_changed(folder):
    (folder / "nb.ipynb").write_text("{}")


def _is_touched(folder):
    os.utime(folder / "nb.ipynb", (1e9, 1e9))


def _is_gone(folder):
    (folder / "data.csv").unlink()


def _becomes_a_link(folder):
    shutil.move(folder, folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def _link_leads_elsewhere(folder):
    (folder / "link").unlink()
    (folder / "link").symlink_to("elsewhere")


def _vanishes(folder):
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "change",
    [_arrives, _is_changed, _is_touched, _is_gone, _becomes_a_link, _link_leads_elsewhere, _vanishes],
)
def test_what_changes_while_it_is_graded_is_not_put_in_order(course, change):
    folder = hand_in(course, **{"nb.ipynb": text_of(course), "data.csv": "1,2"})
    (folder / "link").symlink_to("data.csv")
    order = look(read_folder(course, "zoe", LESSON)).order
    change(folder)
    before = sorted(folder.iterdir()) if folder.exists() else []
    with pytest.raises(CourseError, match="was changed while it was graded: grade it again"):
        settle(course, "zoe", LESSON, order)
    assert before == (sorted(folder.iterdir()) if folder.exists() else [])
    assert not (course.classroom / "received").exists()


# What is known of a folder without looking into it: its digest and its date.


def _read(course, **files):
    folder = folder_of(course)
    shutil.rmtree(folder)
    hand_in(course, **files)
    return read_folder(course, "zoe", LESSON)


def test_the_digest_changes_with_every_byte_and_name(course):
    text = text_of(course)
    base = {NAME: text, "data.csv": "1,2", "sub/x.txt": "x"}
    changed = [
        {**base, NAME: text + "\n"},
        {**base, "data.csv": "1,3"},
        {**base, "data.csv": "1,2\0"},
        {NAME: text, "data2.csv": "1,2", "sub/x.txt": "x"},
        {NAME: text, "data.csv": "1,2"},
        {NAME: text, "data.csv": "1,2", "sub": "x"},
        {NAME: text, "data.csv": "1,2x", "sub/x.txt": ""},
        {**base, "nb.ipynb": ""},
        {**base, "timestamp.txt": "no date"},
        {**base, "timestamp.txt": "no date either"},
    ]
    contents = [_read(course, **files) for files in [base, *changed]]
    contents.append(Contents("02_other", *(getattr(contents[0], name) for name in ("entries", "candidates", "data"))))
    assert len({each.digest for each in contents}) == len(contents)
    assert all(len(each.digest) == 64 for each in contents)
    assert _read(course, **base).digest == contents[0].digest == _sent(contents[0]).digest


def test_the_digest_changes_with_links_and_with_what_was_taken_in_before(course):
    digests = []
    for target in ("/etc", "/usr"):
        _read(course, **{NAME: text_of(course)})
        (folder_of(course) / "link").symlink_to(target)
        digests.append(read_folder(course, "zoe", LESSON).digest)
    received(course).mkdir(parents=True)
    digests.append(read_folder(course, "zoe", LESSON).digest)
    assert len(set(digests)) == 3


def test_neither_a_date_nor_the_time_of_the_only_notebook_changes_the_digest(course):
    files = {NAME: text_of(course), "data.json": "1"}
    contents = [_read(course, **files)]
    os.utime(folder_of(course) / NAME, (1e9, 1e9))
    contents.append(read_folder(course, "zoe", LESSON))
    dates = ["2024-02-03 10:00:00 UTC", "2025-02-03", ""]
    contents += [_read(course, **files, **{"timestamp.txt": date}) for date in dates]
    assert len({each.digest for each in contents}) == 1
    assert [each.timestamp for each in contents] == [None, None, *dates]


def test_times_count_where_they_decide_which_notebook_it_is(course):
    folder = hand_in(course, **{"01_mini (1).ipynb": text_of(course), "01_mini (2).ipynb": text_of(course)})
    digests = []
    for first, second in [(1e9, 2e9), (1.1e9, 1.9e9), (2e9, 1e9)]:
        os.utime(folder / "01_mini (1).ipynb", (first, first))
        os.utime(folder / "01_mini (2).ipynb", (second, second))
        digests.append(read_folder(course, "zoe", LESSON).digest)
    assert digests[0] == digests[1] != digests[2]


DATES = st.text("0123456789:-+ TZUabc/.", max_size=30) | st.sampled_from(
    [
        "2024-02-03 10:00:00 America/Los_Angeles",
        "2024-02-03T10:00:00+01:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31 23:59:59 -5",
        "2024-02-03 10:00:00 99999999999",
        "2024 1 ../../x",
        "1 1 1",
    ]
)


@settings(max_examples=300, deadline=None)
@given(text=DATES)
def test_nbgrader_reads_every_date_that_stays(text):
    timestamp = Contents(LESSON, (), (), {("timestamp.txt",): text.encode()}).timestamp
    try:
        parse_utc(text.strip()) if text.strip() else None
    except Exception:
        assert timestamp is None
    else:
        assert timestamp == text.strip()


NAMES = st.sampled_from(
    [NAME, "nb (1).ipynb", "a.json", "timestamp.txt", "sub", "sub/x.ipynb", "data.csv", ".x", "ü\n"]
)
KINDS = st.sampled_from(["notebook", "old", "junk", "empty", "link", "pipe", "folder", "locked"])


def _fill(course, student, entries):
    """A folder of these names and kinds of things; returns it."""
    folder = folder_of(course, student)
    for name, kind in entries.items():
        path = folder / name
        if os.path.lexists(path) or (os.path.lexists(path.parent) and not path.parent.is_dir()):
            continue
        path.parent.mkdir(exist_ok=True)
        if kind == "link":
            path.symlink_to("elsewhere")
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir(mode=0)
        else:
            content = {"notebook": text_of(course), "old": '{"worksheets": [{"cells": [{"input": "x"}]}]}', "empty": ""}
            path.write_text(content.get(kind, "{junk"))
            path.chmod(0 if kind == "locked" else 0o644)
            os.utime(path, (1e9, 1e9))
    return folder


@settings(max_examples=100, deadline=None)
@given(entries=st.dictionaries(NAMES, KINDS, max_size=6))
def test_any_folder_can_be_taken_in(built, tmp_path_factory, entries):
    course = type(built)(root=built.root, classroom=tmp_path_factory.mktemp("class"))
    came = all_bytes(_fill(course, "zoe", entries))
    result = take_in(course, "zoe", LESSON)
    assert came <= all_bytes(course.classroom)
    assert bool(result.problem) == (not result.notebook.cells)
    assert_canonical(course, result)
    _fill(course, "adam", entries)
    at_once = intake.take_in(course, "adam", LESSON)
    assert (at_once.notebook, at_once.notes, at_once.problem) == (result.notebook, result.notes, result.problem)
    names = [
        sorted(p.relative_to(folder_of(course, s)) for p in folder_of(course, s).rglob("*")) for s in ("zoe", "adam")
    ]
    assert names[0] == names[1]


@settings(max_examples=100, deadline=None)
@given(
    entries=st.dictionaries(NAMES, KINDS, min_size=1, max_size=4),
    change=st.tuples(NAMES, KINDS),
)
def test_what_has_the_same_digest_is_graded_the_same(built, tmp_path_factory, entries, change):
    course = type(built)(root=built.root, classroom=tmp_path_factory.mktemp("class"))
    contents = []
    for student, these in (("zoe", entries), ("adam", {**entries, change[0]: change[1]})):
        _fill(course, student, these)
        contents.append(read_folder(course, student, LESSON))
    one, other = contents
    seen = [look(each) for each in contents]
    if one.digest == other.digest:
        assert (seen[0].notebook, seen[0].contents.digest) == (seen[1].notebook, seen[1].contents.digest)
        assert intake.other_files(seen[0].contents, {}) == intake.other_files(seen[1].contents, {})
    else:
        assert one.entries != other.entries or one.data != other.data

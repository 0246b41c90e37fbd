"""Collecting: what each platform gives goes to its student and lesson, and nothing that anybody sends does harm."""

import contextlib
import errno
import io
import json
import os
import re
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
import unicodedata
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mini_course import LESSON, answered, make_mini_course

from autograder import archives, class_run, collect, collect_source, collected, grade
from autograder.class_lock import only_run
from autograder.course import CourseError, StopError
from autograder.roster import Sender, name_keys, read_roster
from autograder.safe_names import UnreadableError, safe_name, safe_parts
from autograder.senders import parcels
from autograder.which_lesson import Lessons

OTHER = "02_other"
ROSTER = (
    "id,name,email,canvas_id,moodle_id\njdoe,Jane Doe,jane@uni.edu,4711,1234567\nmull,Jörg Müller,jm@uni.edu,4712,\n"
)


@pytest.fixture
def course(tmp_path):
    course = make_mini_course(tmp_path / "course")
    (course.lessons / f"{OTHER}.py").write_text('"grade": true', encoding="utf-8")
    folder = course.notebooks / OTHER
    folder.mkdir()
    (folder / f"{OTHER}.ipynb").write_text(json.dumps(other_lesson("...")), encoding="utf-8")
    return course


def other_lesson(answer="return 1"):
    about = {"grade_id": "exercise-2-1", "solution": True, "grade": False, "locked": False, "schema_version": 3}
    cells = [
        {"cell_type": "markdown", "id": "title-2", "metadata": {}, "source": "# Lesson 2 · Another one"},
        {
            "cell_type": "code", "id": "exercise-2-1", "metadata": {"nbgrader": about}, "source": answer,
            "outputs": [], "execution_count": None,
        },
    ]  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def notebook(course, answer="return 2 * x"):
    return json.dumps(answered(course, answer)).encode()


def make_zip(path, files, **how):
    """A zip with these files, by name or as ZipInfo: contents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return path


def make_folder(path, files):
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def run(course, *sources, **options):
    """Collect, and say what came of it: the exit code, the lines on screen, and what the class holds then."""
    with contextlib.redirect_stdout(io.StringIO()) as screen:
        code = collect.run(course, list(sources), **options)
    return SimpleNamespace(code=code, screen=screen.getvalue(), lines=screen.getvalue().splitlines())


def submitted(course):
    """The files in class/submitted/, by path."""
    folder = course.classroom / "submitted"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() and not path.is_symlink() else None
        for path in folder.rglob("*")
    }


def roster_file(tmp_path, text=ROSTER, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


# What each platform gives


def moodle(course, path):
    jane, joerg = notebook(course), notebook(course, "return x + x")
    return make_zip(
        path / "Intro-Assignment 1-4321.zip",
        {
            "Jane Doe_1234567_assignsubmission_file_/01_mini.ipynb": jane,
            "Jane Doe_1234567_assignsubmission_file_/data/points.csv": b"1,2",
            "Jane Doe_1234567_assignsubmission_onlinetext_/onlinetext.html": b"<p>Hello</p>",
            "Jörg Müller_1234568_assignsubmission_file_/mine.ipynb": joerg,
        },
    ), ["jdoe/01_mini/01_mini.ipynb", "jdoe/01_mini/data/points.csv", "mull/01_mini/mine.ipynb"]


def moodle_flat(course, path):
    files = {"Jane Doe_1234567_assignsubmission_file_01_mini.ipynb": notebook(course)}
    return make_zip(path / "flat.zip", files), ["jdoe/01_mini/01_mini.ipynb"]


def canvas(course, path):
    files = {
        "doejane_4711_990011_01_mini-1.ipynb": notebook(course),
        "doejane_4711_990012_points.csv": b"1,2",
        "müllerjörg_LATE_4712_990013_01_mini.ipynb": notebook(course),
    }
    return make_zip(path / "submissions.zip", files), [
        "jdoe/01_mini/01_mini-1.ipynb",
        "jdoe/01_mini/points.csv",
        "mull/01_mini/01_mini.ipynb",
    ]


METADATA = """---
submission_86175589:
  :submitters:
  - :name: Jane Doe
    :sid: jdoe
    :email: jane@uni.edu
  :created_at: 2026-03-02 10:15:07.512398000 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_86175590:
  :submitters:
  - :name: Müller, Jörg
    :email: jm@uni.edu
  - :name: Jane Doe
    :email: nobody@uni.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-03-01 09:00:00 Z
"""


def gradescope(course, path):
    files = {
        "assignment_145_export/submission_metadata.yml": METADATA.encode(),
        "assignment_145_export/submission_86175589/01_mini.ipynb": notebook(course),
        "assignment_145_export/submission_86175590/01_mini.ipynb": notebook(course, "return x + x"),
    }
    return make_zip(path / "submissions.zip", files), [
        "jdoe/01_mini/01_mini.ipynb",
        "jdoe/01_mini/timestamp.txt",
        "mull/01_mini/01_mini.ipynb",
    ]


def google(course, path):
    files = {
        "Lesson 1/Jane Doe - Copy of 01_mini.ipynb": notebook(course),
        "Lesson 1/Müller Jörg_01_mini (2).ipynb": notebook(course),
    }
    return make_zip(path / "Lesson 1-20260302T101500Z-001.zip", files), [
        "jdoe/01_mini/Jane Doe - Copy of 01_mini.ipynb",
        "mull/01_mini/Müller Jörg_01_mini (2).ipynb",
    ]


def google_folder(course, path):
    files = {"Jane Doe - 01_mini.ipynb": notebook(course), "JÖRG MULLER/Copy of 01_mini.ipynb": notebook(course)}
    return make_folder(path / "Classroom", files), [
        "jdoe/01_mini/Jane Doe - 01_mini.ipynb",
        "mull/01_mini/Copy of 01_mini.ipynb",
    ]


def blackboard(course, path):
    files = {
        "gradebook_ps1_jdoe_attempt_2026-01-30-15-00-00_01_mini.ipynb": notebook(course, "return 0"),
        "gradebook_ps1_jdoe_attempt_2026-01-31-15-00-00_01_mini.ipynb": notebook(course),
        "gradebook_ps1_mull_attempt_2026-01-29-15-00-00_01_mini.ipynb": notebook(course),
    }
    return make_zip(path / "blackboard.zip", files), [
        "jdoe/01_mini/01_mini.ipynb",
        "jdoe/01_mini/timestamp.txt",
        "mull/01_mini/01_mini.ipynb",
        "mull/01_mini/timestamp.txt",
    ]


def loose(course, path):
    files = {
        "jdoe_01_mini.ipynb": notebook(course),
        "01_mini_mull.ipynb": notebook(course),
        "jane@uni.edu/02_other.ipynb": json.dumps(other_lesson()).encode(),
    }
    return make_folder(path / "loose", files), [
        "jdoe/01_mini/jdoe_01_mini.ipynb",
        "jdoe/02_other/02_other.ipynb",
        "mull/01_mini/01_mini_mull.ipynb",
    ]


def own_layout(course, path):
    files = {
        "jdoe/01_mini/01_mini.ipynb": notebook(course),
        "jdoe/02_other/x.ipynb": json.dumps(other_lesson()).encode(),
    }
    return make_folder(path / "old", files), ["jdoe/01_mini/01_mini.ipynb", "jdoe/02_other/x.ipynb"]


def single(course, path):
    files = {"Doe_Jane-01_mini.ipynb": notebook(course)}
    return make_folder(path, files) / "Doe_Jane-01_mini.ipynb", ["jdoe/01_mini/Doe_Jane-01_mini.ipynb"]


def zips_in_it(course, path):
    inner = make_zip(
        path / "inner.zip", {"my work/01_mini.ipynb": notebook(course), "my work/a.csv": b"1"}
    ).read_bytes()
    files = {
        "Jane Doe_1234567_assignsubmission_file_/all.zip": inner,
        # What an archive of a student's is called inside, says nothing of whose it is.
        "Jörg Müller_1234568_assignsubmission_file_/all.zip": make_zip(
            path / "inner.zip", {"Jane Doe_1234567_assignsubmission_file_/01_mini.ipynb": notebook(course, "return 0")}
        ).read_bytes(),
    }
    return make_zip(path / "moodle.zip", files), [
        "jdoe/01_mini/my work/01_mini.ipynb",
        "jdoe/01_mini/my work/a.csv",
        "mull/01_mini/Jane Doe_1234567_assignsubmission_file_/01_mini.ipynb",
    ]


FORMATS = [
    moodle, moodle_flat, canvas, gradescope, google, google_folder, blackboard, loose, own_layout, single, zips_in_it,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_round_trip(course, tmp_path, form):
    source, expected = form(course, tmp_path / "downloads")
    first = run(course, source, roster=roster_file(tmp_path))
    assert first.code == 0, first.screen
    found = set(submitted(course))
    assert set(expected) <= found, first.screen
    assert {path.split("/")[0] for path in found} == {path.split("/")[0] for path in expected}
    before = everything(course.classroom)
    again = run(course, source, roster=roster_file(tmp_path))
    assert again.code == 0
    assert everything(course.classroom) == before
    assert "new" not in again.screen.split() and "Nothing has changed" in again.screen


@pytest.mark.parametrize("form", [moodle, canvas, gradescope, blackboard, google_folder])
def test_without_a_roster(course, tmp_path, form):
    source, _ = form(course, tmp_path / "downloads")
    assert run(course, source).code == 0
    students = {path.name for path in (course.classroom / "submitted").iterdir()}
    expected = {
        moodle: {"Jane Doe", "Jörg Müller"},
        canvas: {"doejane_4711", "müllerjörg_4712"},
        gradescope: {"jdoe", "jm@uni.edu", "nobody@uni.edu"},
        blackboard: {"jdoe", "mull"},
        google_folder: {"Jane Doe", "JÖRG MULLER"},
    }[form]
    assert students == expected


def test_collected_notebooks_are_graded_and_only_newer_ones_again(course, tmp_path):
    shutil.rmtree(course.notebooks / OTHER)
    (course.lessons / f"{OTHER}.py").unlink()

    def graded():
        with contextlib.redirect_stdout(io.StringIO()):
            found = grade.grade(course, [], [], class_run.Options(workers=1))
        return {outcome.student: (outcome.points, outcome.unchanged) for outcome in found}

    source, _ = canvas(course, tmp_path / "downloads")
    run(course, source)
    assert graded() == {"doejane_4711": (3, False), "müllerjörg_4712": (3, False)}
    run(course, source)
    newer = make_zip(tmp_path / "newer.zip", {"doejane_4711_990020_01_mini-2.ipynb": notebook(course, "return 3")})
    assert "1 newer" in run(course, newer).screen
    assert graded() == {"doejane_4711": (2, False), "müllerjörg_4712": (3, True)}
    run(course, source)  # the older archive again
    assert b"return 3" in submitted(course)["doejane_4711/01_mini/01_mini.ipynb"]  # grading has renamed it


# Which one counts


def attempts(course, path, *moments):
    files = {f"ps_jdoe_attempt_{moment}_01_mini.ipynb": notebook(course, f"return {moment[-2:]}") for moment in moments}
    return make_zip(path, files)


@pytest.mark.parametrize("order", [["11", "12", "13"], ["13", "11", "12"], ["12", "13", "11"]])
def test_the_latest_counts_and_all_are_kept(course, tmp_path, order):
    for number, minute in enumerate(order):
        source = attempts(course, tmp_path / f"{number}.zip", f"2026-01-30-15-00-{minute}")
        assert run(course, source).code == 0
    assert b"return 13" in submitted(course)["jdoe/01_mini/01_mini.ipynb"]
    kept = (course.classroom / "collected/jdoe/01_mini").glob("*/01_mini.ipynb")
    assert sorted(re.search(rb"return (1\d)", path.read_bytes())[1] for path in kept) == [b"11", b"12", b"13"]


def test_time_is_as_nbgrader_reads_it(course, tmp_path):
    from nbgrader.utils import parse_utc

    source, _ = gradescope(course, tmp_path)
    run(course, source)
    text = submitted(course)["jdoe/01_mini/timestamp.txt"].decode()
    assert str(parse_utc(text)) == "2026-03-02 10:15:07.512398"


def test_time_from_moodles_worksheet(course, tmp_path):
    sheet = (
        "Identifier,Full name,ID number,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 1234567,Jane Doe,jdoe,jane@uni.edu,Submitted,,"Monday, 2 March 2026, 10:15 AM"\n'
        "Participant 1234568,Jörg Müller,mull,jm@uni.edu,Submitted,,-\n"
    )
    source, _ = moodle(course, tmp_path)
    assert run(course, source, roster=roster_file(tmp_path, sheet)).code == 0
    assert b"2026-03-02 " in submitted(course)["jdoe/01_mini/timestamp.txt"]
    assert "mull/01_mini/timestamp.txt" not in submitted(course)


def test_a_students_own_time_does_not_count(course, tmp_path):
    folder = "Jane Doe_1_assignsubmission_file_"
    files = {f"{folder}/01_mini.ipynb": notebook(course), f"{folder}/timestamp.txt": b"2000-01-01 00:00:00 UTC"}
    run(course, make_zip(tmp_path / "m.zip", files))
    assert set(submitted(course)) == {
        f"Jane Doe/01_mini/{name}" for name in ("01_mini.ipynb", "timestamp_of_student.txt")
    }


def test_what_stood_there_before_is_kept(course, tmp_path):
    by_hand = make_folder(course.classroom / "submitted/jdoe/01_mini", {"01_mini.ipynb": b"by hand"})
    source, _ = single(course, tmp_path / "downloads")
    assert "1 newer" in run(course, source, roster=roster_file(tmp_path)).screen
    assert not (by_hand / "01_mini.ipynb").exists()
    assert (course.classroom / "collected/jdoe/01_mini/replaced_1/01_mini.ipynb").read_bytes() == b"by hand"


def test_late_is_said(course, tmp_path):
    source, _ = canvas(course, tmp_path)
    assert "1 late" in run(course, source).screen


# Whose it is


@pytest.mark.parametrize(
    "name",
    [
        "Jane Doe",
        "DOE JANE",
        "Doe, Jane",
        "jane  doe",
        "jane-doe",
        "jdoe",
        "JDOE",
        "jane@uni.edu",
        "doejane",
        "janedoe",
    ],
)
def test_names_on_the_roster(tmp_path, name):
    assert read_roster(roster_file(tmp_path)).find(Sender(name)) == "jdoe"


@pytest.mark.parametrize(
    "name", ["Jörg Müller", "Jorg Muller", "JOERG MUELLER", unicodedata.normalize("NFD", "Müller Jörg")]
)
def test_accents_do_not_count(tmp_path, name):
    assert read_roster(roster_file(tmp_path)).find(Sender(name)) == "mull"


@pytest.mark.parametrize("name", ["Jane", "Doe", "Jane Marie Doe", "J Doe", "", "Bob"])
def test_others_are_nobody(tmp_path, name):
    with pytest.raises(LookupError):
        read_roster(roster_file(tmp_path)).find(Sender(name))


def test_two_of_one_name_are_told_apart_by_number_only(tmp_path):
    roster = read_roster(roster_file(tmp_path, "id;name;canvas id\na;Jane Doe;1\nb;Doe, Jane;2\n"))
    with pytest.raises(LookupError, match="any of a, b"):
        roster.find(Sender("Jane Doe"))
    assert roster.find(Sender("doejane", "canvas", "2")) == "b"
    with pytest.raises(LookupError):
        read_roster(roster_file(tmp_path)).find(Sender("Jörg Müller", "canvas", "4711"))  # number and name disagree


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Student ID;Name\njdoe;Jörg Doe\n", "cp1252"),
        ("ID\tFull Name\njdoe\tJörg Doe\n", "utf-16"),
        ("Matrikelnummer,Vorname,Nachname\njdoe,Jörg,Doe\n", "utf-8-sig"),
        ('Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Doe, Jörg",55,x1,jdoe,A\n', "utf-8"),
        ("First Name,Last Name,SID,Email\nJörg,Doe,jdoe,j@uni.edu\n", "utf-8"),
        ("\n\nE-Mail | Username | Name\nj@uni.edu | jdoe | Doe Jörg\n\n", "utf-8"),
        ("Vorname,Nachname,ID-Nummer,E-Mail-Adresse,id number\nJörg,Doe,,j@uni.edu,jdoe\n", "utf-8"),
    ],
)
def test_rosters_of_any_program(tmp_path, text, encoding):
    assert read_roster(roster_file(tmp_path, text, encoding)).find(Sender("Jorg Doe")) == "jdoe"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no column id, name or email"),
        ("id,name\n", "names nobody"),
        ("id,name\n../x,Jane\n", "line 2"),
        ("id,name\n\x1b[31m,Jane\n", "cannot be a folder's name"),
        ('id,name\nx,"' + "y" * 200_000 + '"\n', "no table"),
    ],
)
def test_bad_rosters(tmp_path, text, words):
    with pytest.raises(CourseError, match=words) as error:
        read_roster(roster_file(tmp_path, text))
    assert "\n" not in str(error.value) and "\x1b" not in str(error.value)


def test_nobody_on_the_roster_is_kept_and_can_be_put_right(course, tmp_path):
    source = make_zip(tmp_path / "m.zip", {"Eve Evil_7_assignsubmission_file_/01_mini.ipynb": notebook(course)})
    roster = roster_file(tmp_path)
    found = run(course, source, roster=roster)
    assert found.code == 1 and submitted(course) == {}
    assert "Eve Evil is not on the roster" in found.lines[0]
    (kept,) = (course.classroom / "unknown").iterdir()
    assert str(kept) in found.lines[0]
    before = everything(course.classroom)
    assert run(course, source, roster=roster).code == 1
    assert everything(course.classroom) == before
    assert run(course, kept, student="eve").code == 0
    assert set(submitted(course)) == {"eve/01_mini/01_mini.ipynb"}
    assert not kept.exists()


def test_two_of_one_name_in_moodle_are_not_mixed(course, tmp_path):
    files = {
        f"Jane Doe_{number}_assignsubmission_file_/01_mini.ipynb": notebook(course, f"return {number}")
        for number in (1, 2)
    }
    found = run(course, make_zip(tmp_path / "m.zip", files))
    assert found.code == 1 and submitted(course) == {}
    assert sum("name of several students" in line for line in found.lines) == 2
    assert len(list((course.classroom / "unknown").iterdir())) == 2


@pytest.mark.parametrize(
    "name", ["01_mini.ipynb", "Copy of 01_mini.ipynb", "01_mini (1).ipynb", "01-mini final.ipynb", "x.ipynb"]
)
def test_a_file_that_names_nobody_is_kept(course, tmp_path, name):
    found = run(course, make_folder(tmp_path / "in", {name: notebook(course)}))
    assert found.code == 1 and submitted(course) == {}
    assert "says nowhere whose it is" in found.lines[0]
    (kept,) = (course.classroom / "unknown").rglob("*.ipynb")
    assert kept.read_bytes() == notebook(course)


def test_nobody_hands_in_for_another(course, tmp_path):
    """A student names files and folders, and lists of submissions, but not the outermost folder."""
    files = {
        "jane/bob - 01_mini.ipynb": notebook(course),
        "jane/submission_metadata.yml": METADATA.encode(),
        "jane/Bob Bee_5_assignsubmission_file.ipynb": notebook(course),
        "bob/01_mini.ipynb": notebook(course, "return 0"),
    }
    run(course, make_folder(tmp_path / "in", files))
    assert b"return 0" in submitted(course)["bob/01_mini/01_mini.ipynb"]
    assert {path.split("/")[0] for path in submitted(course)} == {"jane", "bob"}


def test_a_students_own_list_of_submissions_does_not_count(course, tmp_path):
    jane = "Jane Doe_1_assignsubmission_file_"
    files = {
        f"{jane}/submission_metadata.yml": METADATA.encode(),
        f"{jane}/submission_86175590/01_mini.ipynb": notebook(course),
        GOOD: notebook(course, "return 0"),
    }
    assert run(course, make_zip(tmp_path / "m.zip", files)).code == 0
    assert {path.split("/")[0] for path in submitted(course)} == {"Jane Doe", "Good One"}


def test_a_folder_whose_name_differs_in_case_only_is_the_students(course, tmp_path):
    make_folder(course.classroom / "submitted/Jane Doe/01_mini", {"01_mini.ipynb": b"{}"})
    run(course, make_folder(tmp_path / "in", {"jane doe/01_mini.ipynb": notebook(course)}))
    assert {path.split("/")[0] for path in submitted(course)} == {"Jane Doe"}


# Which lesson it is for


def test_content_counts_before_the_name(course, tmp_path):
    files = {"jane/01_mini.ipynb": json.dumps(other_lesson()).encode()}
    found = run(course, make_folder(tmp_path / "in", files))
    assert set(submitted(course)) == {"jane/02_other/01_mini.ipynb"}
    assert "is 02_other by what is in it" in found.lines[0]


@pytest.mark.parametrize("change", ["cut short", "utf-16", "no metadata", "title only", "no title"])
def test_damaged_notebooks_are_recognised(course, tmp_path, change):
    text = json.dumps(other_lesson())
    data = {
        "cut short": text[:-60].encode(),
        "utf-16": text.encode("utf-16"),
        "no metadata": re.sub(r'"nbgrader": \{[^}]*\}', "", text).encode(),
        "no title": text.replace("# Lesson 2 · Another one", "").replace("# Lesson 2 \\u00b7 Another one", "").encode(),
        "title only": json.dumps(
            {"cells": [{"cell_type": "markdown", "source": "# Lesson 2 · Another one\n\nHi"}]}
        ).encode(),
    }[change]
    run(course, make_folder(tmp_path / "in", {"jane/work.ipynb": data}))
    assert set(submitted(course)) == {"jane/02_other/work.ipynb"}


@pytest.mark.parametrize(
    ("name", "lesson"),
    [
        ("01_mini", "01_mini"), ("01-Mini final", "01_mini"), ("Lesson 2", "02_other"), ("homework_02", "02_other"),
        ("my other work", "02_other"), ("201_min", ""), ("mini bar", "01_mini"), ("another", ""), ("Lesson 22", ""),
    ],
)  # fmt: skip
def test_lesson_of_a_name(course, name, lesson):
    assert Lessons(course).of_name(name) == lesson


def test_a_notebook_of_no_lesson_is_kept_and_listed(course, tmp_path):
    files = {"jane/thesis.ipynb": json.dumps({"cells": [], "nbformat": 4}).encode()}
    found = run(course, make_folder(tmp_path / "in", files))
    assert found.code == 1 and "is of no lesson of this course" in found.lines[0]
    (kept,) = (course.classroom / "unknown").iterdir()
    assert run(course, kept, student="jane", lesson=LESSON).code == 0
    assert set(submitted(course)) == {"jane/01_mini/thesis.ipynb"}


def test_lesson_option(course, tmp_path):
    files = {"jane/thesis.ipynb": b"{}", "bob/x.ipynb": json.dumps(other_lesson()).encode(), "eve/01.pdf": b"%PDF"}
    found = run(course, make_folder(tmp_path / "in", files), lesson=LESSON)
    assert set(submitted(course)) == {"jane/01_mini/thesis.ipynb", "eve/01_mini/01.pdf"}
    assert "holds 02_other and not 01_mini" in found.lines[0]
    with pytest.raises(CourseError, match="there is no lesson 09_none"):
        run(course, tmp_path / "in", lesson="09_none")


def test_a_whole_folder_of_lessons(course, tmp_path):
    release = (course.notebooks / LESSON / f"{LESSON}.ipynb").read_bytes()
    files = {
        "jane/course/notebooks/01_mini/01_mini.ipynb": notebook(course),
        "jane/course/notebooks/02_other/02_other.ipynb": json.dumps(other_lesson()).encode(),
        "bob/course/notebooks/01_mini/01_mini.ipynb": release,
        "bob/course/notebooks/02_other/02_other.ipynb": json.dumps(other_lesson()).encode(),
        "eve/01_mini.ipynb": release,
    }
    assert run(course, make_folder(tmp_path / "in", files)).code == 0
    notebooks = {path for path in submitted(course) if path.endswith("ipynb")}
    assert notebooks == {
        *("jane/01_mini/01_mini.ipynb", "jane/02_other/02_other.ipynb"),
        *("bob/02_other/02_other.ipynb", "eve/01_mini/01_mini.ipynb"),
    }


def test_a_notebook_of_two_lessons_is_what_its_name_says(course, tmp_path):
    mixed = answered(course)
    mixed["cells"] = [*mixed["cells"][-1:], *other_lesson()["cells"][-1:]]
    path = tmp_path / "x.ipynb"
    for cell in mixed["cells"]:
        cell.pop("id", None)
    path.write_text(json.dumps(mixed), encoding="utf-8")
    assert Lessons(course).of_content(path) == ""


def test_json(course, tmp_path):
    source, _ = canvas(course, tmp_path)
    said = json.loads(run(course, source, as_json=True).screen)
    assert said["counts"] == {"new": 2}
    assert {each["student"]: each["late"] for each in said["files"]} == {"doejane_4711": False, "müllerjörg_4712": True}


# Malformed archives and names

GOOD = "Good One_1_assignsubmission_file_/01_mini.ipynb"
BAD = "Bad One_2_assignsubmission_file_"


def info(name, mode=0, **fields):
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


def patched(data, old, new, count=-1):
    assert old in data and len(old) == len(new)
    return data.replace(old, new, count)


def with_flag(data, name, flag):
    """A zip where one entry has a flag, in both of its headers."""
    data = bytearray(data)
    for start in [match.start() for match in re.finditer(b"PK\1\2|PK\3\4", bytes(data))]:
        central = data[start + 2] == 1
        place = start + (46 if central else 30)
        if data[place : place + len(name)] == name:
            data[start + (8 if central else 6)] |= flag & 0xFF
            data[start + (9 if central else 7)] |= flag >> 8
    return bytes(data)


# What is in the archive beside a good submission, what is said of it, and whether its work is collected all the same.
ENTRIES = {
    "traversal": ("../../../evil.ipynb", "leads out of its folder", False),
    "traversal in a student's folder": (f"{BAD}/../../evil.ipynb", "leads out of its folder", False),
    "traversal for Windows": ("..\\..\\evil.ipynb", "leads out of its folder", False),
    "traversal with a space": ("x/.. /evil.ipynb", "leads out of its folder", False),
    "absolute path": ("/tmp/evil.ipynb", "absolute path", False),
    "drive letter": ("C:\\Windows\\evil.ipynb", "absolute path", False),
    "drive without a root": ("C:evil.ipynb", "absolute path", False),
    "network path": ("\\\\host\\share\\evil.ipynb", "absolute path", False),
    "symbolic link": (info(f"{BAD}/01_mini.ipynb", stat.S_IFLNK | 0o777), "is a link", False),
    "device": (info(f"{BAD}/01_mini.ipynb", stat.S_IFBLK | 0o666), "a device or a pipe", False),
    "pipe": (info(f"{BAD}/01_mini.ipynb", stat.S_IFIFO | 0o666), "a device or a pipe", False),
    "folders without end": ("a/" * 400 + "01_mini.ipynb", "folders deep", False),
    "unusual compression": (info(f"{BAD}/01_mini.ipynb", compress_type=zipfile.ZIP_LZMA), "unusual way", False),
    "no name": ("//", "a folder by its name", False),
    "dots": ("...", "no name", False),
    "reserved name": (f"{BAD}/NUL.ipynb", "", True),
    "reserved folder": (f"{BAD}/aux/01_mini.ipynb", "", True),
    "very long name": (f"{BAD}/{'é' * 5000}.ipynb", "", True),
    "control characters": (f"{BAD}/\x1b[31mred\x07\r\n.ipynb", "", True),
    "right to left": (f"{BAD}/fdp.\u202eipynb.exe.ipynb", "", True),
    "Windows separators": (f"{BAD}\\01_mini.ipynb", "", True),
    "trailing dots": (f"{BAD}/01_mini.ipynb. . .", "", True),
    "hidden": (f"{BAD}/.01_mini.ipynb", "", True),
    "half a character": (f"{BAD}/Dürer.ipynb", "", True),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_malformed_entries(course, tmp_path, case):
    name, words, works = ENTRIES[case]
    source = make_zip(tmp_path / "in" / "m.zip", [(GOOD, notebook(course)), (name, notebook(course, "return 0"))])
    if case == "half a character":
        source.write_bytes(patched(source.read_bytes(), "ü".encode(), b"\xff\xfe"))
    before, archive = everything(tmp_path), source.read_bytes()
    found = run(course, source)
    _nothing_outside(course, tmp_path, before)
    assert source.read_bytes() == archive
    assert b"2 * x" in submitted(course)["Good One/01_mini/01_mini.ipynb"]
    assert (b"return 0" in b"".join(submitted(course).values())) == works
    assert found.code == int(bool(words))
    said = [line for line in found.lines if words and words in line]
    assert len(said) == int(bool(words)), found.screen
    assert found.screen.replace("\n", "").isprintable()


def _nothing_outside(course, root, before):
    inside = str(course.classroom.relative_to(root))
    assert {path: data for path, data in everything(root).items() if not path.startswith(inside)} == before


def _zip_bytes(tmp_path, files, **how):
    return make_zip(tmp_path / "made" / "made.zip", files, **how).read_bytes()


def overlapping(good, size=2_000):
    """An archive whose table of contents names the same 10 MB of zeros many times."""
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(10_000_000)) + packer.flush()
    crc = zlib.crc32(bytes(10_000_000))
    name = b"x.ipynb"
    body = (
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), 10_000_000, len(name), 0) + name + packed
    )
    table = b""
    for number in range(size):
        each = f"{number:05}".encode() + name
        fields = 20, 20, 0, 8, 0, 0, crc, len(packed), 10_000_000, len(each), 0, 0, 0, 0, 0, 0
        table += struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + each
    return body + table + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, size, size, len(table), len(body), 0)


def many_names(_):
    size = 200_000
    table = struct.pack("<4s6H3L5H2L", b"PK\1\2", *[0] * 9, 1, *[0] * 6)[:46] + b"x"
    table *= size
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(table), 4, 0)
    return b"PK\3\4" + table + end


WHOLE = {
    "truncated": (lambda good: good[: len(good) // 2], "cut short or damaged"),
    "no table of contents": (lambda good: good[: good.rfind(b"PK\1\2")], "cut short or damaged"),
    "empty": (lambda good: b"", "is empty (0 bytes)"),
    "no archive": (lambda good: b"<html>Please log in</html>", "is no zip archive"),
    "a notebook called .zip": (lambda good: b'{"cells": []}', "is no zip archive"),
    "7z": (lambda good: b"7z\xbc\xaf\x27\x1c" + bytes(99), "is no zip but a 7z archive"),
    "rar": (lambda good: b"Rar!\x1a\x07\x01\x00" + bytes(99), "is no zip but a rar archive"),
    "gzip": (lambda good: b"\x1f\x8b\x08\x00" + bytes(99), "is no zip but a gzip archive"),
    "zeros": (lambda good: bytes(1000), "is no zip archive"),
    "overlapping bomb": (overlapping, "would grow from"),
    "endless table of contents": (many_names, "lists more than"),
    "no files": (lambda good: good[-22:][:4] + bytes(18), "holds no file"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_malformed_archives(course, tmp_path, case):
    make, words = WHOLE[case]
    bad = tmp_path / "in" / "bad.zip"
    bad.parent.mkdir()
    bad.write_bytes(make(_zip_bytes(tmp_path, {GOOD: notebook(course)})))
    good = make_zip(tmp_path / "in" / "good.zip", {GOOD: notebook(course)})
    before = everything(tmp_path)
    found = run(course, bad, good)
    _nothing_outside(course, tmp_path, before)
    assert found.code == 1
    assert set(submitted(course)) == {"Good One/01_mini/01_mini.ipynb"}
    assert len([line for line in found.lines if words in line]) == 1, found.screen
    assert len(found.lines) == 3  # that one, what was collected, what to do next


def encrypted(good, inner):
    return with_flag(good, BAD.encode(), 0x1)


def lies_about_size(good, inner):
    """What unpacks to more than it says."""
    start = good.rfind(b"PK\1\2", 0, good.rfind(BAD.encode()))
    return good[: start + 24] + struct.pack("<L", 5) + good[start + 28 :]


def wrong_sum(good, inner):
    start = good.rfind(b"PK\1\2", 0, good.rfind(BAD.encode()))
    return good[: start + 16] + b"abcd" + good[start + 20 :]


def no_header(good, inner):
    start = good.find(b"PK\3\4", 10)
    return good[:start] + b"XXXX" + good[start + 4 :]


def bad_name_in_header(good, inner):
    start = good.find(b"PK\3\4", 10)
    return good[: start + 30] + b"\xff" + good[start + 31 :]


MEMBERS = {
    "encrypted": (encrypted, "is encrypted"),
    "a size that lies": (lies_about_size, "is damaged"),
    "a wrong checksum": (wrong_sum, "is damaged"),
    "no header": (no_header, "is damaged"),
    "another name in its header": (bad_name_in_header, "is damaged"),
}


@pytest.mark.parametrize("case", MEMBERS)
def test_damaged_members(course, tmp_path, case):
    make, words = MEMBERS[case]
    files = {GOOD: notebook(course), f"{BAD}/01_mini.ipynb": notebook(course, "return 0")}
    source = tmp_path / "in.zip"
    source.write_bytes(make(_zip_bytes(tmp_path, files), None))
    found = run(course, source)
    assert found.code == 1
    assert set(submitted(course)) == {"Good One/01_mini/01_mini.ipynb"}
    assert len([line for line in found.lines if words in line]) == 1, found.screen


def test_names_that_are_no_utf8(course, tmp_path):
    """Python refuses the whole archive then."""
    files = {GOOD: notebook(course), f"{BAD}/Dürer 01_mini.ipynb": notebook(course, "return 0")}
    source = tmp_path / "in.zip"
    source.write_bytes(patched(_zip_bytes(tmp_path, files), "ü".encode(), b"\xff\xfe"))
    with pytest.raises(UnicodeDecodeError):
        zipfile.ZipFile(source)
    assert run(course, source).code == 0
    assert {path.split("/")[0] for path in submitted(course)} == {"Good One", "Bad One"}


@pytest.mark.parametrize("encoding", ["cp437", "utf-8"])
def test_names_whose_encoding_is_not_said(course, tmp_path, encoding):
    name = "Jörg Müller_5_assignsubmission_file_/01_mini.ipynb"
    data = _zip_bytes(tmp_path, {name: notebook(course)})
    plain = name.encode(encoding)
    for start in [data.find(b"PK\3\4"), data.find(b"PK\1\2")]:
        assert start >= 0
    data = _renamed(name, plain, notebook(course))
    source = tmp_path / "in.zip"
    source.write_bytes(data)
    run(course, source)
    assert {path.split("/")[0] for path in submitted(course)} == {"Jörg Müller"}


def _renamed(name, raw, content):
    """A stored zip of one file, whose name is these bytes, without the flag that says UTF-8."""
    import zlib

    crc, size = zlib.crc32(content), len(content)
    body = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, crc, size, size, len(raw), 0) + raw + content
    fields = 20, 20, 0, 0, 0, 0, crc, size, size, len(raw), 0, 0, 0, 0, 0, 0
    table = struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + raw
    return body + table + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(table), len(body), 0)


def bomb(tmp_path):
    return make_zip(tmp_path / "bomb" / "bomb.zip", {"01_mini.ipynb": bytes(30_000_000)}).read_bytes()


def escaping(tmp_path, course):
    return _zip_bytes(tmp_path, {"../x.ipynb": b"{}", "01_mini.ipynb": notebook(course)})


def deep_zip(tmp_path, course):
    data = notebook(course)
    for number in range(3):
        data = _zip_bytes(tmp_path, {"01_mini.ipynb" if number == 0 else "again.zip": data})
    return data


@pytest.mark.parametrize(
    ("make", "words", "files"),
    [
        (lambda path, course: bomb(path), "over 200 times its size", set()),
        (deep_zip, "an archive in an archive", {"again.zip"}),
        (lambda path, course: b"PK\3\4 and so on", "cut short or damaged", {"all.zip"}),
        (escaping, "leads out", {"01_mini.ipynb"}),
    ],
)
def test_bad_archives_of_students(course, tmp_path, make, words, files):
    inner = make(tmp_path, course)
    source = make_zip(tmp_path / "in.zip", {GOOD: notebook(course), f"{BAD}/all.zip": inner})
    found = run(course, source, lesson=LESSON)
    assert found.code == 1
    assert len([line for line in found.lines if words in line]) == 1, found.screen
    bad = {path.removeprefix("Bad One/01_mini/") for path in submitted(course) if path.startswith("Bad One")}
    assert bad == files
    assert "Good One/01_mini/01_mini.ipynb" in submitted(course)


@pytest.mark.parametrize("suffix", ["rar", "7z", "tar.gz", "tar"])
def test_other_archives_of_students_are_kept(course, tmp_path, suffix):
    source = make_zip(tmp_path / "in.zip", {f"{BAD}/01_mini.{suffix}": b"Rar!"})
    found = run(course, source)
    assert found.code == 1 and "is not opened: ask the student for the .ipynb file" in found.lines[0]
    assert submitted(course) == {f"Bad One/01_mini/01_mini.{suffix}": b"Rar!"}


@pytest.mark.parametrize("suffix", ["rar", "7z", "tar.gz", "tgz"])
def test_other_archives_are_refused(course, tmp_path, suffix):
    path = tmp_path / f"all.{suffix}"
    path.write_bytes(b"Rar!")
    found = run(course, path)
    assert found.code == 1 and "unpack it, then collect the folder" in found.lines[0]


TWICE = {
    "the same": (["01_mini.ipynb", "01_mini.ipynb"], {"01_mini.ipynb", "01_mini (2).ipynb"}),
    "case": (["01_mini.ipynb", "01_MINI.ipynb"], {"01_mini.ipynb", "01_MINI (2).ipynb"}),
    "normalisation": (["01_mini é.ipynb", "01_mini e\u0301.ipynb"], {"01_mini é.ipynb", "01_mini é (2).ipynb"}),
    "what is left of them": (["01_mini?.ipynb", "01_mini*.ipynb"], {"01_mini_.ipynb", "01_mini_ (2).ipynb"}),
    "a file and a folder": (["x", "x/01_mini.ipynb"], {"x (2)", "x/01_mini.ipynb"}),
}


@pytest.mark.parametrize("case", TWICE)
def test_duplicate_names(course, tmp_path, case):
    names, expected = TWICE[case]
    files = [(f"{BAD}/{name}", notebook(course, f"return {number}")) for number, name in enumerate(names)]
    found = run(course, make_zip(tmp_path / "in.zip", files))
    assert {path.removeprefix("Bad One/01_mini/") for path in submitted(course)} == expected
    assert sum("the name of something else" in line for line in found.lines) == 1
    assert found.code == 0


def test_a_folder_with_anything_in_it(course, tmp_path):
    source = make_folder(tmp_path / "in", {"jane/01_mini.ipynb": notebook(course), "bob/__MACOSX/x.ipynb": b"{}"})
    (source / "bob/01_mini.ipynb").symlink_to("/etc/passwd")
    (source / "eve").symlink_to("/etc")
    os.mkfifo(source / "bob/pipe.ipynb")
    deep = source.joinpath("zoe", *["d"] * 15)
    deep.mkdir(parents=True)
    (deep / "01_mini.ipynb").write_bytes(notebook(course))
    before = everything(tmp_path / "in")
    found = run(course, source)
    assert found.code == 1
    assert set(submitted(course)) == {"jane/01_mini/01_mini.ipynb"}
    assert everything(tmp_path / "in") == before
    for words in ("bob/01_mini.ipynb: is a link", "eve: is a link", "bob/pipe.ipynb: is no file", "folders deep"):
        assert len([line for line in found.lines if words in line]) == 1, (words, found.screen)


def test_too_many_files_and_bytes(course, tmp_path, monkeypatch):
    monkeypatch.setattr(collect_source, "MAX_FILES", 3)
    files = {f"{BAD}/{name}": b"x" for name in "cdefgh"}
    found = run(course, make_zip(tmp_path / "in.zip", {f"{BAD}/01_mini.ipynb": notebook(course), **files}))
    assert found.code == 1 and "has more than 3 files" in found.screen
    assert len(submitted(course)) == 3
    monkeypatch.setattr(archives, "MAX_FILES", 2)
    found = run(course, tmp_path / "in.zip", make_folder(tmp_path / "in", {name: b"" for name in "abc"}))
    assert "lists more than 2 files" in found.lines[0] and "holds more than 2 files" in found.lines[1]


def test_memory_stays_low(course, tmp_path):
    """A hundred times 10 MB that grow by less than is suspicious, and archives of tables without end."""
    import tracemalloc

    block = os.urandom(100_000)
    files = {f"S{number} T_{number}_assignsubmission_file_/01_mini.txt": block * 90 for number in range(6)}
    source = make_zip(tmp_path / "in.zip", {zipfile.ZipInfo(name): data for name, data in files.items()})
    (tmp_path / "many.zip").write_bytes(many_names(None))
    run(course, make_zip(tmp_path / "warm.zip", {GOOD: notebook(course)}))
    tracemalloc.start()
    found = run(course, source, tmp_path / "many.zip", lesson=LESSON)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "6 new" in found.screen
    assert peak < 30_000_000


# A Gradescope export whose list is hostile


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{{", "cannot be read"),
        ("", "empty"),
        ("[1, 2]", "empty"),
        ("a: !!python/object/apply:os.system ['touch /tmp/p6/collect/evil']", "nowhere"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nsubmission_1: [*b,*b,*b,*b,*b]", "nowhere"),
        ("submission_1:\n  :submitters: 7", "nowhere"),
        ("submission_1:\n  :submitters:\n  - 5\n  :created_at: [1]", "nowhere"),
        ("[" * 100_000, "cannot be read"),
        ("a: " + "[" * 100_000 + "]" * 100_000, "cannot be read"),
        ("submission_1: {? [1, 2] : 3}", "cannot be read"),
        ("submission_1: {? {a: b} : 3}", "cannot be read"),
    ],
)
def test_hostile_metadata(course, tmp_path, text, words):
    files = {"e/submission_metadata.yml": text.encode(), "e/submission_1/01_mini.ipynb": notebook(course)}
    found = run(course, make_zip(tmp_path / "in.zip", files))
    assert found.code == 1 and submitted(course) == {}
    assert words in found.lines[0], found.screen


# Any name


ANY_NAME = st.text(st.characters(codec="utf-16"), min_size=1, max_size=60) | st.sampled_from(
    [
        "..",
        "CON",
        "a" * 300,
        "x\u202ey",
        "\x1b[2J",
        "C:",
        "~",
        "-rf",
        ".",
        " ",
        "ß",
        "\ud800",
        "a/b",
        "..\\..",
        "é",
        "e\u0301",
    ]
)


@settings(max_examples=300, deadline=None)
@given(ANY_NAME)
def test_safe_names(name):
    safe = safe_name(name)
    assert safe == safe_name(safe)
    assert safe.isprintable() and safe not in ("", ".", "..") and len(safe.encode()) <= 120
    assert not set('/\\:*?"<>|[]') & set(safe) and safe == safe.strip() and not safe.startswith(".")
    assert safe.upper().partition(".")[0] not in ("CON", "PRN", "AUX", "NUL", "COM1", "LPT9")


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_NAME, min_size=1, max_size=5).map("/".join))
def test_safe_parts(name):
    try:
        parts = safe_parts(name)
    except UnreadableError as error:
        assert str(error).isprintable()
        return
    place = Path("/class/x").joinpath(*parts)
    assert os.path.normpath(place) == str(place)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ANY_NAME, ANY_NAME), min_size=1, max_size=4, unique=True))
def test_any_names_in_an_archive(course, tmp_path, names):
    """Whatever names there are: no exception, all in class/, all that is read is in class/ afterwards."""
    shutil.rmtree(course.classroom, ignore_errors=True)
    files = []
    for number, (student, name) in enumerate(names):
        entry = zipfile.ZipInfo("x")
        entry.filename = f"{student}_{number}_assignsubmission_file_/{name}".encode("utf-8", "replace").decode()
        files.append((entry, notebook(course, f"return {number}")))
    source = make_zip(tmp_path / "in.zip", files)
    before = {path: data for path, data in everything(tmp_path).items() if not path.startswith("course/class")}
    found = run(course, source)
    _nothing_outside(course, tmp_path, before)
    assert found.screen.replace("\n", "").isprintable()
    kept = b"".join(data for data in everything(course.classroom).values() if data)
    said = sum("return" not in line and ": " in line for line in found.lines)
    missing = [number for number in range(len(files)) if b"return %d" % number not in kept]
    assert len(missing) <= said


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_name_keys_ignore_case_and_order(first, last):
    assert name_keys(f"{first} {last}") & name_keys(f"{last} {first}") or not name_keys(f"{first} {last}")


def test_any_file_names_without_a_pattern(course, tmp_path):
    files = {name: b"" for name in ["___", "- - -.ipynb", "(1).ipynb", "a_1_2_3_4_b.ipynb", "😀.ipynb", "_1_2_.ipynb"]}
    sent, nobody = parcels(
        [archives.Item((name,), 0, 0.0, lambda: io.BytesIO()) for name in files], Lessons(course), None
    )
    assert len(nobody) + sum(len(parcel.items) for parcel in sent) == len(files)


# Stopped at any moment


KILLED = """
import os, signal, sys
from pathlib import Path
from autograder import collect, collected
from autograder.course import Course
seen, at = 0, int(sys.argv[2])
def hook(name, arguments):
    global seen
    written = name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if (written or name in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")) and "/class" in str(arguments[0]):
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
root = Path(sys.argv[1])
collect.run(Course(root=root, classroom=root / "class"), [Path(each) for each in sys.argv[3:]])
print("MOMENTS", seen)
"""


def _command(course, at, *sources):
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(course.root), str(at), *map(str, sources)], capture_output=True, text=True
    )


def _state(course):
    """What is in the class, but for the lock."""
    return {path: data for path, data in everything(course.classroom).items() if path != ".grading.lock"}


def test_killed_at_any_moment(course, tmp_path):
    first = attempts(course, tmp_path / "1.zip", "2026-01-30-15-00-11", "2026-01-30-15-00-12")
    make_folder(course.classroom / "submitted/jdoe/01_mini", {"01_mini.ipynb": b"by hand"})
    shutil.copytree(course.classroom, tmp_path / "before")
    whole = _command(course, 0, first)
    expected, moments = _state(course), int(re.search(r"MOMENTS (\d+)", whole.stdout)[1])
    assert moments > 15, whole.stderr
    for at in range(1, moments + 1, max(1, moments // 8)):
        shutil.rmtree(course.classroom)
        shutil.copytree(tmp_path / "before", course.classroom)
        assert _command(course, at, first).returncode == -signal.SIGKILL
        run(course, first)
        assert _state(course) == expected, at


def test_every_moment_of_putting(course, tmp_path, monkeypatch):
    """The same in this process, with an exception at each rename."""
    sources = [attempts(course, tmp_path / f"{n}.zip", f"2026-01-30-15-00-1{n}") for n in (1, 2)]
    make_folder(course.classroom / "submitted/jdoe/01_mini", {"01_mini.ipynb": b"by hand"})
    shutil.copytree(course.classroom, tmp_path / "before")
    run(course, *sources)
    expected, real = _state(course), os.rename
    for at in range(1, 8):
        shutil.rmtree(course.classroom)
        shutil.copytree(tmp_path / "before", course.classroom)
        calls = []

        def rename(old, new, calls=calls, at=at):
            calls.append(new)
            if len(calls) == at:
                raise KeyboardInterrupt
            real(old, new)

        monkeypatch.setattr(collected.os, "rename", rename)
        with contextlib.suppress(KeyboardInterrupt):
            run(course, *sources)
        monkeypatch.setattr(collected.os, "rename", real)
        run(course, *sources)
        assert _state(course) == expected, at


def test_full_disk_is_one_line(course, tmp_path, monkeypatch):
    source, _ = canvas(course, tmp_path)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(collected.shutil, "copytree", full)
    with pytest.raises(StopError, match="the disk is full: make room, then try again"):
        run(course, source)
    monkeypatch.undo()
    assert run(course, source).code == 0 and len(submitted(course)) == 3


def test_only_one_at_a_time(course, tmp_path):
    source, _ = canvas(course, tmp_path)
    with only_run(course), pytest.raises(CourseError, match="wait for it to end"):
        run(course, source)


# What cannot be collected at all


@pytest.mark.parametrize("name", ["nothing.zip", "class", "class/submitted", "."])
def test_sources_that_are_none(course, name):
    (course.classroom / "submitted").mkdir(parents=True)
    with pytest.raises(CourseError, match=r"name a file|name what"):
        run(course, course.root / name)


def test_a_link_in_the_class_leads_nowhere(course, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (course.classroom / "submitted").mkdir(parents=True)
    (course.classroom / "submitted/doejane_4711").symlink_to(outside)
    source, _ = canvas(course, tmp_path / "in")
    with pytest.raises(CourseError, match="is a link"):
        run(course, source)
    assert not list(outside.iterdir())


def test_command_line(course, tmp_path):
    source, _ = canvas(course, tmp_path)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, Path(__file__).parent / "grade_command.py", course.root, "collect", source, "--json"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"new": 2}
    assert time.monotonic() - start < 10

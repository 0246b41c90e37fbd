"""The gradebook holds what nbgrader would have put there, whatever happens on the way."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from gradebook_oracle import (
    CONFIG,
    DATES,
    DUE,
    LATE,
    OUTPUTS,
    PLAIN,
    SLOW,
    book,
    by_hand,
    contents,
    copied,
    dies,
    graded_cells,
    is_sound,
    make_course,
    make_entered,
    released,
    set_due,
    stock_enter,
    stock_record,
    write_lesson,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_course import LESSON, answered, hand_in, make_mini_course
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from autograder import gradebook_connection
from autograder import standings as reading
from autograder.course import ROOT, Course, CourseError, StopError
from autograder.gradebook import Writer, lessons, opened, read_grades, standings


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """A course whose gradebook knows its lesson and when it is due, to be copied."""
    return make_entered(tmp_path_factory.mktemp("entered") / "course")


def test_the_tables_are_nbgraders():
    from nbgrader.api import Base

    tables = [value for value in vars(reading).values() if type(value).__name__ == "TableClause"]
    assert len(tables) == 10
    for table in tables:
        theirs = Base.metadata.tables[table.name].columns
        for column in table.columns:
            assert column.name in theirs
            if type(theirs[column.name].type).__name__ in ("DateTime", "Interval"):
                assert type(column.type) is type(theirs[column.name].type)


BY_HAND = st.dictionaries(
    st.sampled_from(list(PLAIN)),
    st.fixed_dictionaries(
        {},
        optional={
            "manual_score": st.sampled_from([None, 0.0, 0.1, 1.7, 5.0]),
            "extra_credit": st.sampled_from([None, 0.0, 0.3]),
            "manual_comment": st.sampled_from([None, "", "  ", "Nearly."]),
        },
    ),
    max_size=4,
)


@st.composite
def grading(draw):
    """What is done to the gradebook one time: which answers are new, what tests put out, the date; a person's turn."""
    return {
        "written": draw(st.sets(st.sampled_from(["double", "why"]))),
        "outputs": {name: draw(st.sampled_from(OUTPUTS)) for name in ("test-double", "talk")},
        "lost": draw(st.sets(st.sampled_from(list(PLAIN)), max_size=1)),
        "lines": draw(st.booleans()),
        "timestamp": draw(st.sampled_from(DATES)),
        "by_hand": draw(BY_HAND),
        "days": draw(st.sampled_from([None, 0, 2, -1])),
    }


def grades_in(course, student):
    with opened(course) as gradebook:
        return read_grades(course, gradebook, student, LESSON)


def in_lines(cells):
    """As nbformat writes cells."""
    cells = json.loads(json.dumps(cells))
    for cell in cells:
        cell["source"] = cell["source"].splitlines(keepends=True)
        for output in cell.get("outputs", []):
            if "data" in output:
                output["data"]["text/plain"] = [output["data"]["text/plain"]]
    return cells


@settings(SLOW, max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(["ann", "Bob O'Neil"]), grading()), min_size=1, max_size=4))
def test_a_record_is_what_nbgrader_autograde_writes(entered, tmp_path, gradings):
    ours, theirs = copied(entered, tmp_path / "ours"), copied(entered, tmp_path / "theirs")
    cells = released(entered)
    with Writer(ours) as writer:
        for student, what in gradings:
            graded = graded_cells(cells, what)
            cells_given = in_lines(graded) if what["lines"] else graded
            standing, grades = writer.record(student, LESSON, cells_given, what["timestamp"])
            stock_record(theirs, student, graded, what["timestamp"])
            assert contents(ours.gradebook) == contents(theirs.gradebook)
            assert standings(ours)[student, LESSON] == standing
            assert grades_in(ours, student) == grades
            agrees_with_nbgrader(ours, student, standing)
            for course in (ours, theirs):
                by_hand(course, student, what["by_hand"])
                if what["days"] is not None:
                    with book(course) as nbgrader:
                        nbgrader.grant_extension(LESSON, student, days=what["days"])
            agrees_with_nbgrader(ours, student, standings(ours)[student, LESSON])


def agrees_with_nbgrader(course, student, standing):
    with book(course) as nbgrader:
        submission = nbgrader.find_submission(LESSON, student)
        penalty = submission.late_submission_penalty or 0
        assert standing.id == submission.id
        assert standing.points == pytest.approx(max(0.0, submission.score - penalty))
        assert standing.penalty == penalty
        assert standing.by_hand == submission.needs_manual_grade
        assert (standing.handed_in, standing.due) == (submission.timestamp, submission.duedate)
        assert standing.auto == pytest.approx(sum(g.auto_score or 0 for n in submission.notebooks for g in n.grades))
        tests = [g for n in submission.notebooks for g in n.grades if g.name in ("test-double", "talk")]
        ungraded = (test.name for test in tests if test.auto_score is test.manual_score is None)
        assert standing.ungraded == tuple(sorted(ungraded))


def test_the_whole_command_leaves_the_same(tmp_path):
    root = tmp_path / "ours"
    ours = make_mini_course(root)
    (root / "odd_late.py").write_text(LATE)
    place = "Course(root=Path(__file__).parent, classroom=Path(__file__).parent / 'class')"
    config = CONFIG.replace("get_config())", f"get_config(), {place})", 1)
    imports = "from pathlib import Path\nfrom autograder.course import Course\n"
    (root / "nbgrader_config.py").write_text(imports + config)
    for student, answers in (("right", {}), ("half", {"root": "return 2"}), ("none", {"double": None, "root": None})):
        folder = hand_in(ours, student, answered(ours, **answers)).parent
        if student == "half":
            (folder / "timestamp.txt").write_text("2025-11-07 12:00:00 UTC")
    with Writer(ours) as writer:
        writer.enter(LESSON)
    set_due(ours)
    theirs = copied(ours, tmp_path / "theirs")
    command = [sys.executable, "-m", "nbgrader", "autograde", LESSON]
    done = subprocess.run(command, cwd=theirs.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with Writer(ours) as writer:
        for folder in sorted((theirs.classroom / "autograded").iterdir()):
            graded = json.loads((folder / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
            cells = [cell for cell in graded["cells"] if "nbgrader" in cell["metadata"]]
            date = folder / LESSON / "timestamp.txt"
            writer.record(folder.name, LESSON, cells, date.read_text() if date.exists() else None)
    assert contents(ours.gradebook) == contents(theirs.gradebook)
    assert {student: (each.points, each.penalty) for (student, _), each in standings(ours).items()} == {
        "right": (3, 0), "half": (0, 1), "none": (0, 0),
    }  # fmt: skip


def test_dates_and_points_of_a_submission_entered_anew(entered, tmp_path):
    course = copied(entered, tmp_path / "course")
    cells = graded_cells(released(course), {"written": (), "outputs": {}, "lost": ()})
    with Writer(course) as writer:
        first, _ = writer.record("ann", LESSON, cells)
        assert (first.handed_in, first.penalty) == (None, 0)
        late, grades = writer.redate("ann", LESSON, "2025-11-06 00:00:00 CET")
        assert (late.handed_in, late.due) == (datetime(2025, 11, 5, 23), DUE)
        assert standings(course) == {("ann", LESSON): late} and grades_in(course, "ann") == grades
        with book(course) as nbgrader:
            nbgrader.grant_extension(LESSON, "ann", weeks=1)
        in_time, _ = writer.redate("ann", LESSON)
        assert (in_time.handed_in, in_time.due, in_time.penalty) == (late.handed_in, DUE + timedelta(weeks=1), 0)
        assert late.points < first.points == in_time.points
        before = contents(course.gradebook)
        for wrong in ("yesterday", "2025-13-45 00:00:00 UTC", "\ud800"):
            with pytest.raises(CourseError, match=r"timestamp\.txt holds no date"):
                writer.redate("ann", LESSON, wrong)
        for student, lesson in (("bob", LESSON), ("ann", "02_none")):
            with pytest.raises(CourseError, match="the gradebook does not have it: grade it again"):
                writer.redate(student, lesson)
        with pytest.raises(CourseError, match="does not have the lesson 02_none: grade again"):
            writer.record("ann", "02_none", cells)
        assert contents(course.gradebook) == before


def test_what_a_person_gave_has_a_digest_of_its_own(entered, tmp_path):
    course = copied(entered, tmp_path / "course")
    cells = released(course)
    with Writer(course) as writer:
        digests = [writer.record("ann", LESSON, cells).standing.by_person]
        assert writer.redate("ann", LESSON, "2025-11-09 00:00:00 UTC").standing.by_person == ""
        for values in (
            {"why": {"extra_credit": 0.5}},
            {"why": {"manual_score": 0.0}},
            {"talk": {"manual_score": 1.0}},
            {"why": {"manual_comment": "Nearly."}},
            {"why": {"manual_comment": None}, "double": {"manual_comment": "Nearly."}},
        ):
            by_hand(course, "ann", values)
            standing = standings(course)["ann", LESSON]
            assert writer.record("ann", LESSON, cells) == (standing, grades_in(course, "ann"))
            digests.append(standing.by_person)
        by_hand(course, "ann", {"why": dict.fromkeys(["extra_credit", "manual_score", "manual_comment"])})
        by_hand(course, "ann", {"talk": {"manual_score": None}, "double": {"manual_comment": " \n"}})
        assert standings(course)["ann", LESSON].by_person == digests[0] == ""
    assert len(set(digests)) == len(digests)


def test_a_test_without_points_is_named_until_somebody_gives_them(entered, tmp_path):
    course = copied(entered, tmp_path / "course")
    cells = [cell for cell in released(course) if cell["metadata"]["nbgrader"]["grade_id"] not in ("talk", "why")]
    with Writer(course) as writer:
        assert writer.record("ann", LESSON, cells).standing.ungraded == ("talk",)
        by_hand(course, "ann", {"talk": {"manual_score": 1.0}})
        assert writer.redate("ann", LESSON).standing.ungraded == standings(course)["ann", LESSON].ungraded == ()


def test_what_nbgrader_has_no_points_for_changes_nothing(entered, tmp_path):
    course = copied(entered, tmp_path / "course")
    cells = released(course)
    with Writer(course) as writer:
        writer.record("ann", LESSON, cells)
        before = contents(course.gradebook)
        for student in ("ann", "bob"):
            too_much = [{"output_type": "execute_result", "data": {"text/plain": "3"}}]
            wrong = graded_cells(cells, {"written": (), "outputs": {"talk": too_much}, "lost": ()})
            with pytest.raises(CourseError, match="no points for talk: partial credit cannot be greater"):
                writer.record(student, LESSON, wrong)
            renamed = json.loads(json.dumps(cells).replace('"talk"', '"speak"'))
            with pytest.raises(CourseError, match="the gradebook does not know speak of it: grade again"):
                writer.record(student, LESSON, renamed)
        with pytest.raises(CourseError, match="the plugin Odd for late penalties failed: KeyError"):
            writer.record("broken", LESSON, cells, "2025-11-09 00:00:00 UTC")
        assert contents(course.gradebook) == before


@pytest.mark.parametrize("what", ["config", "plugin"])
def test_settings_that_do_not_work_are_said(course, what):
    config = course.root / "nbgrader_config.py"
    config.write_text("1 / 0" if what == "config" else CONFIG.replace("odd_late.Odd", "odd_late.Even"))
    with pytest.raises(CourseError, match=r"nbgrader_config\.py does not work: .*(ZeroDivision|Even)"):
        Writer(course)


def test_without_a_gradebook_nothing_is_read_and_none_is_made(course):
    assert standings(course) == lessons(course) == {}
    course.classroom.mkdir()
    assert standings(course) == lessons(course) == {}
    assert not list(course.classroom.iterdir())
    (course.classroom / "gradebook.db").touch()
    assert standings(course) == lessons(course) == {}
    with Writer(course):
        assert standings(course) == lessons(course) == {}


def test_reading_needs_no_nbgrader(entered):
    code = (
        "import sys; from pathlib import Path; from autograder.course import Course; from autograder import standings;"
        f"course = Course(classroom=Path({str(entered.classroom)!r}));"
        "print(standings.lessons(course), standings.standings(course), 'nbgrader' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "{'01_mini': 8.0} {} False\n"


def test_a_record_that_is_killed_is_made_again(entered, tmp_path):
    course, cells = copied(entered, tmp_path / "course"), released(entered)
    whole = copied(entered, tmp_path / "whole")
    (course.classroom / "gradebook.db").unlink()

    def work(course):
        with Writer(course) as writer:
            writer.record("ann", LESSON, cells, "2025-11-09 00:00:00 UTC")

    work(whole)
    moment = 0
    while dies(lambda: Writer(course).close(), moment):
        moment += 1
    assert moment > 10
    shutil.copy(entered.classroom / "gradebook.db", course.classroom)
    moment = 0
    while dies(lambda: work(course), moment):
        assert contents(course.gradebook) in (contents(entered.gradebook), contents(whole.gradebook))
        moment += 1
    assert moment > 10
    assert is_sound(course)
    work(course)
    assert contents(course.gradebook) == contents(whole.gradebook)


class Locked:
    """Another program that keeps the gradebook locked."""

    def __init__(self, course, how="EXCLUSIVE"):
        self.connection = sqlite3.connect(
            course.classroom / "gradebook.db", isolation_level=None, check_same_thread=False
        )
        self.connection.execute(f"BEGIN {how}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE", "reading"])
def test_a_program_that_has_the_gradebook_for_a_moment_is_waited_for(entered, tmp_path, how, capfd):
    course, cells = copied(entered, tmp_path / "course"), released(entered)
    with Writer(course) as writer, Locked(course, "DEFERRED" if how == "reading" else how) as other:
        if how == "reading":
            other.connection.execute("SELECT * FROM student").fetchall()
        start = time.monotonic()
        threading.Timer(1.5, other.connection.close).start()
        standing, _ = writer.record("ann", LESSON, cells)
        assert 1.4 < time.monotonic() - start < 6
        assert standings(course) == {("ann", LESSON): standing}
    assert capfd.readouterr() == ("", "")


def test_a_program_that_does_not_let_go_is_named_in_one_line(entered, tmp_path, monkeypatch):
    course, cells = copied(entered, tmp_path / "course"), released(entered)
    monkeypatch.setattr(gradebook_connection, "PATIENCE", 0.3)
    said = r"another program has kept the gradebook .*gradebook\.db locked for 0\.3 seconds: close it .* command again"
    before = contents(course.gradebook)
    with Writer(course) as writer:
        with Locked(course):
            for work in (
                lambda: writer.record("ann", LESSON, cells),
                lambda: writer.redate("ann", LESSON),
                lambda: writer.enter(LESSON),
                lambda: standings(course),
                lambda: lessons(course),
                lambda: Writer(course),
            ):
                with pytest.raises(StopError, match=said) as caught:
                    work()
                assert "\n" not in str(caught.value)
        assert contents(course.gradebook) == before
        assert writer.record("ann", LESSON, cells).standing.points == 4


def test_a_full_disk_leaves_the_gradebook_as_it_was(entered, tmp_path, monkeypatch):
    course, cells = copied(entered, tmp_path / "course"), released(entered)
    path = course.classroom / "gradebook.db"

    def no_larger(connection, _):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", no_larger)
    try:
        with (
            Writer(course) as writer,
            pytest.raises(StopError, match=r"the disk is full, and the gradebook .* make room"),
        ):
            for number in range(200):
                before = contents(course.gradebook)
                writer.record(f"student {number}", LESSON, cells)
    finally:
        event.remove(Engine, "connect", no_larger)
    assert contents(course.gradebook) == before
    with Writer(course) as writer:
        writer.record(f"student {number}", LESSON, cells)
    assert (f"student {number}", LESSON) in standings(course)
    assert is_sound(course)
    assert path.exists()


IN_A_SMALL_DISK = """
import os, shutil, subprocess, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from gradebook_oracle import LESSON, contents, released, write_lesson
from autograder.course import Course, StopError
from autograder.gradebook import Writer, standings

course = Course(root=Path({root!r}), classroom=Path({root!r}, "small"))
cells = released(course)
with Writer(course) as writer:
    writer.enter(LESSON)
    for number in range(300):
        before = contents(course.gradebook)
        try:
            writer.record(f"student {{number}}", LESSON, cells)
        except StopError as error:
            print(error)
            break
assert contents(course.gradebook) == before
write_lesson(course, {{"other": "test"}})
with Writer(course) as writer:
    try:
        writer.enter(LESSON)
    except StopError as error:
        print(error)
assert contents(course.gradebook) == before
assert [path.name for path in course.classroom.iterdir()] == ["gradebook.db"], list(course.classroom.iterdir())
subprocess.run(["mount", "-o", "remount,size=20m", course.classroom], check=True)
with Writer(course) as writer:
    print(writer.enter(LESSON).said)
    writer.record(f"student {{number}}", LESSON, released(course))
print(len(standings(course)) == number + 1)
subprocess.run(["mount", "-o", "remount,ro", course.classroom], check=True)
try:
    with Writer(course) as writer:
        writer.record(f"student {{number}}", LESSON, released(course))
except StopError as error:
    print(error)
print(len(standings(course)) == number + 1)
"""


def test_on_a_disk_that_is_full_and_then_read_only(course):
    (course.root / "small").mkdir()
    code = IN_A_SMALL_DISK.format(tests=str(Path(__file__).parent), root=str(course.root))
    mount = 'mount -t tmpfs -o size=500k tmpfs "$1" && exec "$2" -c "$3"'
    command = ["unshare", "-m", "sh", "-c", mount, "sh", str(course.root / "small"), sys.executable, code]
    if os.geteuid() != 0 or subprocess.run([*command[:-1], ""], capture_output=True, cwd=ROOT).returncode:
        pytest.skip("no disk can be mounted here: run the tests as root")
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    full, no_copy, said, grown, read_only, read = done.stdout.splitlines()
    assert re.fullmatch(
        r"the disk is full, and the gradebook \S+ is as it was: make room, then the same command again", full
    )
    assert re.fullmatch(r"the gradebook could not be copied to \S+ \(.*full.*\), so 01_mini's .*: make room.*", no_copy)
    assert "01_mini has other cells" in said
    assert "can be read but not written: see to its owner and permissions" in read_only
    assert grown == read == "True"


def spoil(course, how):
    path = course.classroom / "gradebook.db"
    if how == "text":
        path.write_text("no database, but a long enough text in its place" * 100)
    elif how == "torn":
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how == "other":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE recipe (id INT)")
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(how)


OLD = "was made by an older nbgrader: make a copy of it, run `nbgrader db upgrade`"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("text", "is damaged, or no gradebook: put a copy of it from before in its place"),
        ("torn", "is damaged, or no gradebook: put a copy of it from before in its place"),
        ("folder", "cannot be opened: see that its folder is there"),
        ("other", "holds other tables and no gradebook: name a database of its own|was made by an older"),
        ("ALTER TABLE student DROP COLUMN lms_user_id", OLD),
        ("ALTER TABLE grade DROP COLUMN extra_credit", OLD),
        ("DROP TABLE task_cells", OLD),
        ("DROP TABLE task_cells; DROP TABLE alembic_version", OLD),
    ],
    ids=lambda text: text.split(":")[0][:40],
)
def test_what_cannot_be_used_is_said_in_one_line(entered, tmp_path, how, words):
    course, cells = copied(entered, tmp_path / "course"), released(entered)
    spoil(course, how)

    def write():
        with Writer(course) as writer:
            writer.record("ann", LESSON, cells)

    with pytest.raises(StopError, match=words) as caught:
        write()
    assert "\n" not in str(caught.value)
    assert str(course.classroom / "gradebook.db") in str(caught.value)
    if "lms_user_id" not in how and "task_cells" not in how:
        with pytest.raises(StopError, match=words):
            standings(course)


def test_an_upgraded_gradebook_is_used(course):
    course.classroom.mkdir()
    with Writer(course):
        pass
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as connection:
        connection.executescript(
            "DROP TABLE course; DROP TABLE assignment; ALTER TABLE student DROP COLUMN lms_user_id;"
            "CREATE TABLE assignment (id VARCHAR(32) PRIMARY KEY, name VARCHAR(128) NOT NULL UNIQUE, duedate DATETIME);"
            "UPDATE alembic_version SET version_num = '167914646830'"
        )
    with pytest.raises(StopError, match=OLD):
        Writer(course)
    (course.root / "nbgrader_config.py").write_text(
        "from pathlib import Path\n"
        "from autograder.configuration import configure\n"
        "from autograder.course import Course\n"
        "here = Path(__file__).parent\n"
        "configure(get_config(), Course(root=here, classroom=here / 'class'))"
    )
    command = [sys.executable, "-m", "nbgrader", "db", "upgrade"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with Writer(course) as writer:
        assert writer.enter(LESSON).points == 8
        assert writer.record("ann", LESSON, released(course)).standing.points == 4


def test_what_nbgrader_was_killed_at_making_is_made_whole(course):
    course.classroom.mkdir()
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as connection:
        connection.execute("CREATE TABLE course (id VARCHAR(128) PRIMARY KEY NOT NULL UNIQUE)")
    with Writer(course) as writer:
        writer.enter(LESSON)
    stock_enter(course)
    assert lessons(course) == {LESSON: 8}


def test_no_password_is_said_even_if_the_database_says_it(course):
    course = Course(root=course.root, db_url="postgresql+psycopg2://ann:s3%2Fcret@h/mlp")
    for text in ("bad: 's3/cret' in\n line 1", "bad: s3%2Fcret"):
        with pytest.raises(StopError) as caught, gradebook_connection.gradebook_errors_explained(course):
            raise OperationalError("SELECT 's3/cret'", {"password": "s3/cret"}, Exception(text))
        assert "cret" not in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("no url", "COURSE_GRADEBOOK is no database's URL: write one such as postgresql://"),
        ("sqlite:///gradebook.db", "names no file with its whole path: write sqlite:////folder/gradebook.db"),
        ("postgresql://ann:s3cret@127.0.0.1:1/mlp", "server does not answer at postgresql://ann@127.0.0.1:1/mlp: see"),
        ("postgresql+asyncpg://ann:s3cret@127.0.0.1:1/mlp", "cannot be reached from here .*: install"),
        ("nosuch://ann:s3cret@127.0.0.1:1/mlp", "cannot be reached from here .*: install"),
        ("postgresql://ann:s3cret@127.0.0.1:x/mlp", "COURSE_GRADEBOOK is no database's URL"),
    ],
)
def test_a_database_that_is_not_there_is_said_without_its_password(course, url, words):
    course = Course(root=course.root, classroom=course.classroom, db_url=url)
    for work in (lambda: standings(course), lambda: Writer(course)):
        with pytest.raises(StopError, match=words) as caught:
            work()
        assert "s3cret" not in str(caught.value) + repr(course)
        assert "\n" not in str(caught.value)
    assert not course.classroom.exists()


def test_a_record_takes_milliseconds(entered, tmp_path):
    """Some 4 ms with 14 points and 10 comments; the quickest of many, for other tests run beside this one."""
    course, lesson = copied(entered, tmp_path / "course"), "02_large"
    tests = {f"test-{number}": "test" for number in range(14)}
    write_lesson(course, tests | {f"answer-{number}": "answer" for number in range(10)}, lesson=lesson)
    cells = graded_cells(released(course, lesson), {"written": (), "outputs": {}, "lost": ()})
    first, again = [], []
    with Writer(course) as writer:
        writer.enter(lesson)
        for seconds in (first, again):
            for number in range(12):
                start = time.process_time()
                writer.record(f"student {number}", lesson, cells, "2025-11-08 00:00:00 CET")
                seconds.append(time.process_time() - start)
    assert min(first) < 0.02
    assert min(again) < 0.02


def test_standings_of_a_thousand_take_less_than_half_a_second(entered, tmp_path):
    course, lesson = copied(entered, tmp_path / "course"), "02_large"
    tests = {f"test-{number}": "test" for number in range(14)}
    write_lesson(course, tests | {f"answer-{number}": "answer" for number in range(10)}, lesson=lesson)
    with Writer(course) as writer:
        writer.enter(lesson)
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as connection:
        make = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000) INSERT INTO "
        notebook = "(SELECT id FROM notebook WHERE name = '02_large')"
        cells = f"base_cell WHERE notebook_id = {notebook} AND type ="
        connection.executescript(
            f"{make} student (id) SELECT 'student ' || n FROM n;"
            f"{make} submitted_assignment (id, assignment_id, student_id) SELECT 'a' || n,"
            " (SELECT id FROM assignment WHERE name = '02_large'), 'student ' || n FROM n;"
            f"{make} submitted_notebook (id, notebook_id, assignment_id) SELECT 's' || n, {notebook}, 'a' || n FROM n;"
            f"{make} grade (id, cell_id, notebook_id, auto_score, needs_manual_grade)"
            f" SELECT id || n, id, 's' || n, 0.1 * n, 0 FROM n, {cells} 'GradeCell';"
            f"{make} comment (id, cell_id, notebook_id) SELECT id || n, id, 's' || n FROM n, {cells} 'SolutionCell';"
        )
    seconds = []
    for _ in range(3):
        start = time.process_time()
        found = standings(course)
        seconds.append(time.process_time() - start)
    assert len(found) == 1000
    assert found["student 1000", lesson].points == found["student 1000", lesson].auto == pytest.approx(1400)
    assert min(seconds) < 0.4

"""A gradebook on a PostgreSQL server: the same rows, and a server's own ways to fail."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from gradebook_oracle import (
    OUTPUTS,
    book,
    by_hand,
    contents,
    copied,
    dies,
    graded_cells,
    make_course,
    make_entered,
    released,
    stock_enter,
    stock_record,
    write_lesson,
)
from mini_course import LESSON
from sqlalchemy import create_engine
from test_lesson_entry import nobody_else_writes

from autograder import gradebook_connection
from autograder.course import Course, StopError
from autograder.gradebook import Writer, lessons, opened, read_grades, standings

PASSWORD = "s3cret%41"
QUOTED = "s3cret%2541"
pytestmark = pytest.mark.xdist_group("gradebook server")


class Server:
    """PostgreSQL in a folder of its own, on a Unix socket there, as a user without rights where that is needed."""

    def __init__(self, programs: Path):
        self.programs, self.folder = programs, Path(tempfile.mkdtemp(prefix="gradebook-"))
        self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            shutil.chown(self.folder, "nobody", "nogroup")
        password = self.folder / "password"
        password.write_text(PASSWORD)
        options = [
            "-U",
            "grader",
            "-A",
            "scram-sha-256",
            f"--pwfile={password}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        made = subprocess.run(
            [programs / "initdb", "-D", self.folder / "data", *options],
            cwd=self.folder, capture_output=True, text=True, **self.user,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        self.start()

    def start(self):
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", self.folder, "-D", self.folder / "data"]
        command = [self.programs / "postgres", *options]
        with open(self.folder.with_suffix(".log"), "ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self.user)
        for _ in range(200):
            time.sleep(0.05)
            with contextlib.suppress(Exception):
                self.execute("SELECT 1")
                return
        raise AssertionError(self.folder.with_suffix(".log").read_text())

    def stop(self):
        """At once, as after a power cut."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".log").unlink(missing_ok=True)

    def url(self, database, user="grader", password=QUOTED):
        return f"postgresql+psycopg2://{user}:{password}@/{database}?host={self.folder}"

    def execute(self, *statements, database="postgres"):
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def server():
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))
    missing = [] if programs else ["Debian's package `postgresql`"]
    try:
        import psycopg2  # noqa: F401
    except ModuleNotFoundError:
        missing.append("the Python package psycopg2-binary")
    if missing:
        (pytest.fail if os.environ.get("REQUIRE_POSTGRES") else pytest.skip)(f"install {' and '.join(missing)}")
    running = Server(Path(programs[-1]))
    yield running
    running.close()


@pytest.fixture
def on_server(server, tmp_path):
    """A course whose gradebook is an empty database."""
    name = f"mlp{time.monotonic_ns()}"
    server.execute(f"CREATE DATABASE {name}")
    course = make_course(tmp_path / "on_server")
    return Course(root=course.root, classroom=course.classroom, db_url=server.url(name))


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """The same with a file, which knows its lesson and when it is due, to be copied."""
    return make_entered(tmp_path_factory.mktemp("entered") / "course")


def enter_and_date(course):
    from gradebook_oracle import set_due

    with Writer(course) as writer:
        entry = writer.enter(LESSON)
    set_due(course)
    return entry


def run(course, students=("ann", "bob")):
    """Grade some, by hand, too, and again."""
    cells = released(course)
    with Writer(course) as writer:
        for number, student in enumerate(students):
            what = {"written": ["why"] * number, "outputs": {"talk": OUTPUTS[3 + number]}, "lost": ()}
            writer.record(student, LESSON, graded_cells(cells, what), "2025-11-08 00:00:00 CET")
        by_hand(course, "ann", {"why": {"manual_score": 1.0, "extra_credit": 0.5, "manual_comment": "Nearly."}})
        with book(course) as nbgrader:
            nbgrader.grant_extension(LESSON, "bob", days=2, hours=3)
        return [writer.redate("bob", LESSON).standing, writer.record("ann", LESSON, cells).standing]


def test_a_server_holds_what_a_file_holds(on_server, entered, tmp_path):
    course = copied(entered, tmp_path / "file")
    assert standings(on_server) == lessons(on_server) == {}
    assert enter_and_date(on_server).points == 8
    assert contents(on_server.gradebook) == contents(course.gradebook)
    found = [replace(standing, id="") for standing in run(on_server)]
    assert found == [replace(standing, id="") for standing in run(course)]
    assert contents(on_server.gradebook) == contents(course.gradebook)
    for each in (on_server, course):
        read = standings(each)
        assert [replace(read[student, LESSON], id="") for student in ("bob", "ann")] == found
        with opened(each) as gradebook:
            grades = [read_grades(each, gradebook, student, LESSON) for student in ("bob", "ann")]
        assert (grades[1].comments, grades[1].scores["why"].extra) == ({"why": "Nearly."}, 0.5)
    stock_enter(on_server)
    cells = released(on_server)
    with Writer(course) as writer:
        writer.record("carl", LESSON, cells, "2025-11-08 00:00:00 CET")
    stock_record(on_server, "carl", cells, "2025-11-08 00:00:00 CET")
    assert contents(on_server.gradebook) == contents(course.gradebook)


def test_other_cells_and_a_copy_of_what_was(on_server, entered, tmp_path):
    course = copied(entered, tmp_path / "file")
    enter_and_date(on_server)
    for each in (on_server, course):
        run(each)
    before = contents(on_server.gradebook)
    new = {"double": "program", "test-double": "test", "more": "task", "why": "task"}
    for each in (on_server, course):
        write_lesson(each, new)
    for moment in (3, 12, 20, 28, 36):
        with Writer(course):
            pass
        assert dies(lambda: Writer(on_server).enter(LESSON), moment)
        assert contents(on_server.gradebook) == before
    with Writer(on_server) as writer, Writer(course) as other:
        said, theirs = writer.enter(LESSON).said, other.enter(LESSON).said
    assert said.partition(": the old")[0] == theirs.partition(": the old")[0]
    assert contents(on_server.gradebook) == contents(course.gradebook) != before
    copies = sorted(on_server.classroom.glob("gradebook-before-*.db"))
    assert copies[-1].name in said
    for copy in copies:
        assert contents(f"sqlite:///{copy}") == before
        old = Course(root=on_server.root, classroom=tmp_path, db_url=f"sqlite:///{copy}")
        assert len(standings(old)) == 2
        with book(old) as nbgrader:
            assert nbgrader.find_submission(LESSON, "ann").score > 0


def test_nobody_else_writes_meanwhile(on_server, monkeypatch):
    enter_and_date(on_server)
    nobody_else_writes(on_server, monkeypatch)


def test_two_programs_at_once(on_server):
    enter_and_date(on_server)
    cells, students = released(on_server), [f"student {number}" for number in range(15)]
    writers = [Writer(on_server) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        for student in students:
            done = list(threads.map(lambda writer, who=student: writer.record(who, LESSON, cells).standing, writers))
            assert len(set(done)) == 1
    for writer in writers:
        writer.close()
    assert standings(on_server).keys() == {(student, LESSON) for student in students}


@contextlib.contextmanager
def locked(course):
    engine = create_engine(course.gradebook)
    connection = engine.connect()
    connection.exec_driver_sql("LOCK TABLE grade IN ACCESS EXCLUSIVE MODE")
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


def test_locks(on_server, monkeypatch):
    enter_and_date(on_server)
    cells = released(on_server)
    with Writer(on_server) as writer:
        with locked(on_server) as other:
            threading.Timer(2.5, other.rollback).start()
            start = time.monotonic()
            writer.record("ann", LESSON, cells)
            assert 2 < time.monotonic() - start < 6
        monkeypatch.setattr(gradebook_connection, "PATIENCE", 0.3)
        with locked(on_server):
            for work in (lambda: writer.record("ann", LESSON, cells), lambda: standings(on_server)):
                with pytest.raises(
                    StopError, match=r"another program has kept the gradebook .* locked for 0.3 seconds"
                ):
                    work()
        writer.record("ann", LESSON, cells)


def test_a_server_that_starts_anew_is_waited_for(server, on_server, monkeypatch):
    enter_and_date(on_server)
    cells = released(on_server)
    with Writer(on_server) as writer:
        first = writer.record("ann", LESSON, cells).standing
        server.stop()
        threading.Timer(1.5, server.start).start()
        assert writer.record("ann", LESSON, cells).standing == first
        assert standings(on_server) == {("ann", LESSON): first}
        breaks_off = [True]

        def settle(*arguments, own=writer._settle):
            if breaks_off.pop() if breaks_off else False:
                server.stop()
                server.start()
            return own(*arguments)

        monkeypatch.setattr(writer, "_settle", settle)
        assert writer.record("bob", LESSON, cells).standing.points == first.points
        assert not breaks_off
        monkeypatch.setattr(gradebook_connection, "PATIENCE", 0.3)
        server.stop()
        try:
            with pytest.raises(StopError, match="the gradebook's server does not answer at postgresql://grader@/tmp/"):
                writer.record("ann", LESSON, cells)
            with pytest.raises(StopError, match="the gradebook's server does not answer"):
                standings(on_server)
        finally:
            server.start()


def test_what_a_server_refuses_is_said_without_the_password(server, on_server):
    enter_and_date(on_server)
    name = on_server.db_url.partition("@/")[2].partition("?")[0]
    server.execute(
        "CREATE ROLE reader LOGIN PASSWORD 's3cret%%41'",
        "CREATE ROLE careful LOGIN SUPERUSER PASSWORD 's3cret%%41'",
        "ALTER ROLE careful SET default_transaction_read_only = on",
        "CREATE DATABASE recipes",
    )
    server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", database=name)
    server.execute("CREATE TABLE recipe (id INT)", database="recipes")
    cells = released(on_server)

    def write(url):
        with Writer(Course(root=on_server.root, classroom=on_server.classroom, db_url=url)) as writer:
            writer.record("ann", LESSON, cells)

    for url, words in (
        (server.url(name, password="s3cret"), "does not let you in at .*: mend user and password in COURSE_GRADEBOOK"),
        (server.url(name, user="nobody"), "does not let you in at .*: mend user and password in COURSE_GRADEBOOK"),
        (server.url("nosuch"), "there is no such gradebook as .*: create it on its server, or mend COURSE_GRADEBOOK"),
        (server.url(name, user="reader"), "you may not write the gradebook .*permission denied.*: grant that on its"),
        (server.url(name, user="careful"), "the gradebook .* can only be read: see to it on its server"),
        (server.url("recipes"), "holds other tables and no gradebook: name a database of its own"),
    ):
        with pytest.raises(StopError, match=words) as caught:
            write(url)
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)
    server.execute("ALTER TABLE grade DROP COLUMN extra_credit", database=name)
    for work in (lambda: write(on_server.db_url), lambda: standings(on_server)):
        with pytest.raises(StopError, match="was made by an older nbgrader"):
            work()


def test_a_url_without_a_driver_gets_one_that_is_installed(server, on_server):
    course = Course(root=on_server.root, db_url=on_server.db_url.replace("+psycopg2", ""))
    assert course.gradebook == on_server.db_url
    assert PASSWORD not in course.gradebook_shown + repr(course)
    with Writer(course) as writer:
        writer.enter(LESSON)
    assert lessons(on_server) == {LESSON: 8}

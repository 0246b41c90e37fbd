"""nbgrader's own exchange, end to end: a lesson is released, fetched, submitted, collected, and graded."""

import contextlib
import io
import json
import logging
import os
import pwd
from pathlib import Path

import pytest
from mini_course import LESSON, answered, make_mini_course
from traitlets.config import Config

from autograder import class_run, grade
from autograder.configuration import nbgrader_config
from autograder.gradebook import Writer

pytestmark = pytest.mark.xdist_group("grade")

ME = pwd.getpwuid(os.getuid()).pw_name  # whom nbgrader takes a student to be, in the exchange


@pytest.fixture
def course(tmp_path):
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o777)  # nbgrader wants it to be there, and writable for everybody
    return make_mini_course(tmp_path / "course")


def start(name, config, folder, **options):
    """Run one of nbgrader's exchange commands in a folder. raises: ExchangeError where it fails"""
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange import default as exchange

    config.CourseDirectory.assignment_id = LESSON
    config.Exchange.root = str(folder.parent / "exchange")  # all that is to be configured besides what the course does
    with _working_in(folder):
        parts = {"coursedir": CourseDirectory(config=config), "authenticator": Authenticator(config=config)}
        getattr(exchange, name)(config=config, **parts, **options).start()


@contextlib.contextmanager
def _working_in(folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def test_exchange(course, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL)
    desk = tmp_path / "desk"
    desk.mkdir()
    teacher, student = nbgrader_config(course), Config()
    student.CourseDirectory.course_id = "mlp"  # a student's own configuration, besides Exchange.root
    student.Exchange.cache = str(tmp_path / "cache")
    course.classroom.mkdir()
    with Writer(course) as writer:  # nbgrader releases only what the gradebook knows
        writer.enter(LESSON)

    start("ExchangeReleaseAssignment", teacher, course.root)
    start("ExchangeFetchAssignment", student, desk)
    fetched = desk / LESSON / f"{LESSON}.ipynb"
    assert fetched.read_bytes() == (course.notebooks / LESSON / f"{LESSON}.ipynb").read_bytes()

    fetched.write_text(json.dumps(answered(course, root=None)), encoding="utf-8")
    (desk / LESSON / "points.csv").write_text("1,2")
    start("ExchangeSubmit", student, desk)
    start("ExchangeCollect", teacher, course.root, check_owner=False)
    collected = course.classroom / "submitted" / ME / LESSON
    assert {path.name for path in collected.iterdir()} > {f"{LESSON}.ipynb", "points.csv", "timestamp.txt"}
    assert _graded(course) == {ME: (1, False)}

    fetched.write_text(json.dumps(answered(course)), encoding="utf-8")
    start("ExchangeSubmit", student, desk)
    start("ExchangeCollect", teacher, course.root, check_owner=False)
    assert _graded(course) == {ME: (1, True)}  # without --update nbgrader leaves what was collected before
    start("ExchangeCollect", teacher, course.root, check_owner=False, update=True)
    assert _graded(course) == {ME: (3, False)}


def _graded(course):
    with contextlib.redirect_stdout(io.StringIO()):
        found = grade.grade(course, [], [], class_run.Options(workers=1))
    return {outcome.student: (outcome.points, outcome.unchanged) for outcome in found}

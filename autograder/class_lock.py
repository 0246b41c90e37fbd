"""One run at a time works on a class."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from autograder.course import Course, CourseError
from autograder.submission_folder import os_errors_explained


@contextlib.contextmanager
def only_run(course: Course) -> Iterator[None]:
    """Keep other runs that grade or collect from the class, which is made if there is none yet.

    raises: CourseError if there is one
    """
    with os_errors_explained(course.classroom):
        course.classroom.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(course.classroom / ".grading.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(f"another `autograder` works on {course.classroom}: wait for it to end") from None
        yield
    finally:
        os.close(descriptor)

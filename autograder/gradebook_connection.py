"""The way to the gradebook's database: connections, patience with other programs, and errors in words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, quote_plus

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from autograder.course import Course, StopError

PATIENCE = 30.0  # seconds for which to wait while another program keeps the gradebook locked
_AGAIN = "then the same command again"
# What a server calls a lock that did not come, a deadlock, a conflict between two transactions, and its own end.
_PASSING = {"55P03", "40P01", "40001", "57P01", "57P02", "57P03"}

Result = TypeVar("Result")


def gradebook_url(course: Course) -> URL:
    """raises: StopError for one that says nothing, or says another thing in each folder"""
    try:
        url = make_url(course.gradebook)
    except (ArgumentError, ValueError):
        what = "postgresql://user:password@host/name"
        raise StopError(f"COURSE_GRADEBOOK is no database's URL: write one such as {what}") from None
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_absolute():
        raise StopError("COURSE_GRADEBOOK names no file with its whole path: write sqlite:////folder/gradebook.db")
    return url


def gradebook_place(course: Course) -> str:
    """Where the gradebook is, for people: a file, or a server without the password."""
    url = gradebook_url(course)
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "localhost"
    user, port = f"{url.username}@" if url.username else "", f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{user}{host}{port}/{url.database or ''}"


def has_gradebook(course: Course) -> bool:
    """Whether there can be one: a file that is not there is none, and connecting would make an empty one."""
    url = gradebook_url(course)
    return url.get_backend_name() != "sqlite" or Path(url.database).exists()


def open_engine(course: Course, *, writing: bool = False) -> Engine:
    """Connects when first used. One that is not for writing sees the gradebook as it was when a transaction began.

    raises: StopError, also where the database's driver is not installed
    """
    url = gradebook_url(course)
    options, arguments = {}, {}
    if url.get_backend_name() == "sqlite":
        arguments["timeout"] = min(1.0, PATIENCE)
    elif url.get_backend_name() == "postgresql":
        arguments |= {"connect_timeout": 10} if "connect_timeout" not in url.query else {}
        options["pool_pre_ping"] = True
        if not writing:
            options["isolation_level"] = "REPEATABLE READ"
    with gradebook_errors_explained(course):
        engine = create_engine(url, connect_args=arguments, **options)
    begin = {
        "sqlite": "BEGIN IMMEDIATE" if writing else "BEGIN",
        "postgresql": "SET LOCAL lock_timeout = '1s'",
    }.get(url.get_backend_name())
    if url.get_backend_name() == "sqlite":
        # Left alone Python's sqlite3 begins a transaction only at the first change, after what it depends on was read.
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    if begin:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def patiently(course: Course, work: Callable[[], Result], *, connected: bool = False) -> Result:
    """What a function returns that is one transaction: done again as a whole while another program is in its way.

    connected: whether the server has answered before, so that one that starts anew is waited for
    raises   : StopError
    """
    until = time.monotonic() + PATIENCE
    with gradebook_errors_explained(course):
        while True:
            try:
                return work()
            except DBAPIError as error:
                if not (_passes(error) or (connected and _is_away(error))) or time.monotonic() >= until:
                    raise
            time.sleep(0.05)


@contextmanager
def gradebook_errors_explained(course: Course) -> Iterator[None]:
    """Make a StopError of what the database says: one line, what to do, and no password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, ModuleNotFoundError) as error:
        raise StopError(_explained(course, error)) from None


def upgrade(course: Course) -> str:
    """What to say of a gradebook that an older nbgrader has made."""
    return _UPGRADE.format(place=gradebook_place(course), again=_AGAIN)


def _passes(error: DBAPIError) -> bool:
    """Whether it may go by itself: a lock, or a row that another program has made in the same moment."""
    text = str(error.orig)
    return (
        isinstance(error, IntegrityError)
        or error.connection_invalidated
        or _code(error) in _PASSING
        or "database is locked" in text
        or "database table is locked" in text
    )


def _is_away(error: DBAPIError) -> bool:
    """Whether a server could not be reached: there is nothing then that could have a code."""
    is_of_file = isinstance(error.orig, sqlite3.Error)  # such as of a full disk at the end of a transaction
    return isinstance(error, OperationalError) and error.statement is None and not _code(error) and not is_of_file


def _code(error: Exception) -> str:
    """The SQLSTATE that a server gave, or ""."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""


def _explained(course: Course, error: Exception) -> str:
    url, place = gradebook_url(course), gradebook_place(course)
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    for secret in filter(None, [url.password, url.query.get("password")]):
        for form in (str(secret), quote(str(secret), safe=""), quote_plus(str(secret))):
            text = text.replace(form, "***")
    if isinstance(error, (ModuleNotFoundError, NoSuchModuleError)):
        package = "psycopg2-binary" if url.get_backend_name() == "postgresql" else url.drivername
        return f"{place} cannot be reached from here ({text}): install {package}, {_AGAIN}"
    for codes, words, said in _SQLITE if url.get_backend_name() == "sqlite" else _SERVER:
        if _code(error) in codes or any(word in text for word in words):
            return said.format(place=place, again=_AGAIN, seconds=PATIENCE, text=text)
    return f"the gradebook {place} cannot be used ({text}): see to it, {_AGAIN}"


_UPGRADE = (
    "the gradebook {place} was made by an older nbgrader: make a copy of it, run `nbgrader db upgrade` "
    "in the course's folder, {again}"
)
_LOCKED = (
    "another program has kept the gradebook {place} locked for {seconds:g} seconds: close it (Formgrader, `nbgrader`, "
    "a database browser), {again}"
)
# What a server's error has for a code, what an error's text holds, and what is said then.
_SQLITE = [
    ((), ("is locked",), _LOCKED),
    ((), ("is full",), "the disk is full, and the gradebook {place} is as it was: make room, {again}"),
    (
        (),
        ("readonly database",),
        "the gradebook {place} can be read but not written: see to its owner and permissions, {again}",
    ),
    (
        (),
        ("unable to open",),
        "the gradebook {place} cannot be opened: see that its folder is there and that you may write in it, {again}",
    ),
    (
        (),
        ("not a database", "malformed", "corrupt"),
        "{place} is damaged, or no gradebook: put a copy of it from before in its place, or move it away and grade "
        "everything anew",
    ),
    ((), ("no such table", "no such column", "has no column"), _UPGRADE),
    ((), ("disk I/O error",), "the disk with the gradebook {place} fails: see to it, {again}"),
]
_SERVER = [
    (("55P03", "40P01", "40001"), (), _LOCKED),
    (("53100",), ("No space left",), "the gradebook's server {place} has a full disk: make room there, {again}"),
    (("25006",), (), "the gradebook {place} can only be read: see to it on its server, {again}"),
    (("42501",), (), "you may not write the gradebook {place} ({text}): grant that on its server, {again}"),
    (("42P01", "42703"), (), _UPGRADE),
    (
        ("28P01", "28000"),
        ("authentication failed", "no password supplied", "no pg_hba.conf entry"),
        "the gradebook's server does not let you in at {place}: mend user and password in COURSE_GRADEBOOK, {again}",
    ),
    (
        ("3D000",),
        ("does not exist",),
        "there is no such gradebook as {place} ({text}): create it on its server, or mend COURSE_GRADEBOOK, {again}",
    ),
    (
        ("57P01", "57P02", "57P03"),
        ("refused", "could not translate", "resolve host", "timeout", "No such file", "closed the connection"),
        "the gradebook's server does not answer at {place}: see that it runs and that COURSE_GRADEBOOK is right, "
        "{again}",
    ),
]

"""A copy of the whole gradebook, made while a transaction keeps others from changing it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy import Connection, create_engine, insert, select, text

from autograder.course import Course, StopError


def back_up(connection: Connection, course: Course, lesson: str) -> Path:
    """Copy the gradebook to class/gradebook-before-<lesson>-<time>.db, which nbgrader can open.

    connection: with an open transaction that has changed nothing yet
    raises    : StopError if there is no room for it; sqlite3.Error, SQLAlchemyError
    """
    folder = course.classroom
    path = folder / f"gradebook-before-{lesson}-{datetime.now(timezone.utc):%Y%m%dT%H%M%S.%f}.db"
    part = folder / ".gradebook-before.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        if connection.dialect.name == "sqlite":
            _copy_file(str(connection.engine.url.database), part)
        else:
            _copy_rows(connection, part)
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StopError(
            f"the gradebook could not be copied to {path} ({error}), so {lesson}'s new cells were not entered: "
            "make room there, then grade again"
        ) from None
    return path


def _copy_file(source: str, target: Path) -> None:
    """SQLite's own online backup: page by page what has been committed."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _copy_rows(connection: Connection, target: Path) -> None:
    """Each row of each table into a new SQLite file."""
    from nbgrader.api import Base

    engine = create_engine(f"sqlite:///{target}")
    try:
        with engine.begin() as copy:
            Base.metadata.create_all(copy)
            for table in Base.metadata.sorted_tables:
                rows = connection.execute(select(table)).mappings()
                while batch := rows.fetchmany(1000):
                    copy.execute(insert(table), [dict(row) for row in batch])
            copy.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            for version in connection.execute(text("SELECT version_num FROM alembic_version")).scalars():
                copy.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    finally:
        engine.dispose()

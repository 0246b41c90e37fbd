"""What has been graded, beside the gradebook, which stays nbgrader's: class/graded.jsonl.

A line is written after everything else about a submission; the last one about it counts. So a run that is killed
grades again at most what it was at, and a line that was cut short says nothing.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

NAME = "graded.jsonl"


class Records:
    """By student and lesson ("" for the lesson itself) what was said last."""

    def __init__(self, classroom: Path):
        """raises: OSError if it cannot be read or written"""
        self._path = classroom / NAME
        self._said: dict[tuple[str, str], dict] = {}
        data = self._path.read_bytes() if self._path.exists() else b""
        lines = data.splitlines()
        for line in lines:
            try:
                said = json.loads(line)
                self._said[said["student"], said["lesson"]] = said
            except (ValueError, TypeError, KeyError):
                continue
        if len(lines) != len(self._said) or (lines and not data.endswith(b"\n")):
            self._compact()
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *_) -> None:
        os.close(self._file)

    def of(self, student: str, lesson: str) -> dict:
        """What was said last, {} if nothing."""
        return self._said.get((student, lesson), {})

    def mark(self, student: str, lesson: str, what: dict) -> None:
        """raises: OSError, and then what was there still counts"""
        said = {**what, "student": student, "lesson": lesson}
        line, place = _line(said), os.lseek(self._file, 0, os.SEEK_END)
        try:
            if os.write(self._file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(self._file, place)
            raise
        self._said[student, lesson] = said

    def _compact(self) -> None:
        draft = self._path.with_name(f".{NAME}.part")
        draft.write_bytes(b"".join(map(_line, self._said.values())))
        os.replace(draft, self._path)


def _line(said: dict) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"

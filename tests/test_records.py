"""The side file: what was said last counts, whatever happens while a line is written."""

import errno
import json
import os

import pytest

from autograder.records import NAME, Records


def _read(folder):
    with Records(folder) as records:
        return {key: records.of(*key) for key in records._said}


def test_the_last_line_about_a_submission_counts(tmp_path):
    with Records(tmp_path) as records:
        records.mark("ann", "01", {"key": "a"})
        records.mark("ben", "01", {"key": "b"})
        records.mark("ann", "01", {"key": "c"})
        assert records.of("ann", "01")["key"] == "c"
        assert records.of("ann", "02") == {}
    with Records(tmp_path) as records:
        assert (records.of("ann", "01")["key"], records.of("ben", "01")["key"]) == ("c", "b")
    assert len((tmp_path / NAME).read_text().splitlines()) == 2


def test_cut_anywhere_it_keeps_all_that_was_whole(tmp_path):
    with Records(tmp_path) as records:
        for student in ("ann", "ben", "zoë"):
            records.mark(student, "01", {"key": student})
    whole = (tmp_path / NAME).read_bytes()
    lines = whole.splitlines(keepends=True)
    for length in range(len(whole)):
        (tmp_path / NAME).write_bytes(whole[:length])
        with Records(tmp_path) as records:
            records.mark("eve", "01", {"key": "e"})
        complete = sum(len(b"".join(lines[: n + 1])) - 1 <= length for n in range(3))
        found = _read(tmp_path)
        assert set(found) == {(student, "01") for student in [*["ann", "ben", "zoë"][:complete], "eve"]}


@pytest.mark.parametrize(
    "rubbish", [b"\0\0\0\n", b"[]\n", b"7\n", b'{"student": "ann"}\n', b'{"student": [], "lesson": 1}\n']
)
def test_rubbish_is_passed_over(tmp_path, rubbish):
    good = json.dumps({"student": "ann", "lesson": "01", "key": "a"}).encode()
    (tmp_path / NAME).write_bytes(rubbish + good + b"\n" + rubbish)
    assert set(_read(tmp_path)) == {("ann", "01")}


def test_a_full_disk_takes_nothing_along(tmp_path, monkeypatch):
    write = os.write
    with Records(tmp_path) as records:
        records.mark("ann", "01", {"key": "a"})
        monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:20]))
        with pytest.raises(OSError) as raised:
            records.mark("ann", "01", {"key": "b"})
        assert raised.value.errno == errno.ENOSPC
        assert records.of("ann", "01")["key"] == "a"
        monkeypatch.undo()
        records.mark("ben", "01", {"key": "b"})
    assert _read(tmp_path)["ann", "01"]["key"] == "a"
    assert len((tmp_path / NAME).read_text().splitlines()) == 2

"""Reading one file: a valid notebook from whatever bytes hold one, and else the reason why not."""

import codecs
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_course import answered, make_mini_course

from autograder import notebook_file
from autograder.notebook_file import NoNotebookError, read_notebook


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of an answered notebook."""
    return json.dumps(answered(make_mini_course(tmp_path_factory.mktemp("course")))).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty (0 bytes)"),
        (b" \n\0\0", "is empty (4 bytes)"),
        (b"PK\x03\x04...", "is a zip archive"),
        (b"\x1f\x8b...", "is a gzip archive"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\n<!DOCTYPE html><html>", "is a web page"),
        (b"My answers are in the other file.", "is no notebook but other text"),
        (b'{"cells": [{"cell_type": "code", "sour', "is damaged or cut short (no JSON from line 1 on)"),
        (b'{\n<<<<<<< HEAD\n"cells": []\n=======\n>>>>>>> x\n}', "holds an unresolved git conflict"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"cells":' * 50_000, "is nested too deeply"),
        (b"[1, 2]", "is JSON but no notebook"),
        (b'{"cells": {"a": 1}}', "is JSON but no notebook"),
        (b'{"metadata": {}}', "is JSON but no notebook"),
        (b'{"cells": [' + b"{}," * 2_000 + b"{}]}", "has 2001 cells"),
        ("{"[0:1].encode("utf-16"), "is damaged or cut short"),
    ],
)
def test_where_there_is_no_notebook_it_says_why(data, why):
    with pytest.raises(NoNotebookError) as raised:
        read_notebook(data)
    assert str(raised.value).startswith(why)


def test_what_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(notebook_file, "MAX_BYTES", 100)
    with pytest.raises(NoNotebookError, match="is larger than"):
        read_notebook(b'{"cells": []}' + b" " * 100)


def _small(**more):
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": "é = 1\r\n",
    }
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


@pytest.mark.parametrize(
    ("encode", "notes"),
    [
        (lambda text: text.encode(), []),
        (lambda text: codecs.BOM_UTF8 + text.encode(), []),
        (lambda text: text.encode("utf-16"), ["was written in UTF-16"]),
        (lambda text: text.encode("utf-16-le"), ["was written in UTF-16"]),
        (lambda text: text.encode("utf-16-be"), ["was written in UTF-16"]),
        (lambda text: text.encode("utf-32"), ["was written in UTF-32"]),
        (lambda text: text.encode("latin-1"), ["was not written in UTF-8 but in an older encoding"]),
        (lambda text: b"\n" + text.encode() + b"\0\0\n", []),
        (lambda text: text.encode() + b"}", ["goes on behind its end, which is left out"]),
    ],
)
def test_encodings(encode, notes):
    file = read_notebook(encode(json.dumps(_small(), ensure_ascii=False)))
    assert file.notebook.cells[0].source == "é = 1\r\n"
    assert file.notes == notes


def test_a_broken_character_does_not_spoil_the_others():
    cells = [{"cell_type": "markdown", "source": "ζ ∂ ö BROKEN"}]
    data = json.dumps({"cells": cells}, ensure_ascii=False).encode().replace(b"BROKEN", b"\xfc")
    file = read_notebook(data)
    assert file.notebook.cells[0].source == "ζ ∂ ö \ufffd" and file.notes == ["holds 1 broken characters"]


def test_missing_and_wrong_things_are_mended():
    cells = [
        {"source": ["a = 1\n", "b = 2"], "outputs": "none", "metadata": ["x"], "id": 5},
        {"cell_type": "heading", "level": 2, "source": "Title"},
        {"cell_type": "code", "input": "old", "id": "same"},
        {"cell_type": "code", "source": ["new", None, "er"], "id": "same"},
        {"cell_type": "markdown", "metadata": {"tags": ["a", "a", "b"], "name": "", "nbgrader": {"points": 1e400}}},
        "no cell",
    ]
    text = json.dumps({"cells": cells, "metadata": {"kernelspec": {"name": 5}, "language_info": []}})
    file = read_notebook(text.encode())
    notebook = file.notebook
    nbformat.validate(notebook)
    found = [(cell.cell_type, cell.source) for cell in notebook.cells]
    assert found == [
        ("code", "a = 1\nb = 2"),
        ("markdown", "## Title"),
        ("code", "old"),
        ("code", "newer"),
        ("markdown", ""),
    ]
    assert notebook.cells[4].metadata == {"tags": ["a", "b"], "nbgrader": {"points": None}}
    assert notebook.metadata == {}
    assert "held entries that are no cells" in file.notes and "held cells without text" in file.notes


def test_old_worksheets_are_read():
    sheets = [{"cells": [{"cell_type": "code", "input": ["x", "y"]}]}, {"cells": [{"cell_type": "raw", "source": "z"}]}]
    for version, note in [(3, "came in nbformat 3"), ("\ud800", "came in an old nbformat")]:
        file = read_notebook(json.dumps({"worksheets": sheets, "nbformat": version}).encode())
        assert [cell.source for cell in file.notebook.cells] == ["xy", "z"] and file.notes == [note]


def test_json_that_others_refuse():
    number = "1" * 5_000
    text = f'{{"cells": [], "cells": [{{"source": "x", "metadata": {{"nbgrader": [NaN, {number}, 1e999]}}}}]}}'
    file = read_notebook(text.encode())
    assert file.notebook.cells[0].metadata.nbgrader == [None, 0, None]
    assert set(file.notes) > {"holds keys twice", "holds numbers too large for JSON", "holds numbers that JSON has not"}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_bytes_can_be_read(whole, data):
    start, end = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, len(whole)))
    middle = data.draw(
        st.binary(max_size=20) | st.sampled_from([b"NaN", b'"cells":', b"{", b"]", b"\\ud800", b"9" * 30])
    )
    for spoiled in (whole[:start] + middle + whole[end:], middle, whole[start:]):
        try:
            file = read_notebook(spoiled)
        except NoNotebookError as reason:
            assert str(reason)
        else:
            nbformat.validate(file.notebook)
            nbformat.writes(file.notebook).encode()
            file.is_canonical()


def test_what_nbformat_reads_without_complaint_is_canonical(whole):
    assert read_notebook(whole).is_canonical()
    for spoiled in (
        codecs.BOM_UTF8 + whole,
        whole + b"}",
        whole + b"\0",
        b"\0" + whole,
        whole.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 4'),
    ):
        assert not read_notebook(spoiled).is_canonical()
    assert not read_notebook(json.dumps(_small(more=1)).encode()).is_canonical()

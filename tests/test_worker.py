"""The student's side of the examination, where it must not differ from a notebook, and not load anything twice."""

import importlib
import subprocess
import sys
import textwrap

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from autograder import wire
from autograder.course import ROOT, Course
from autograder.marking import Marker


@pytest.fixture(scope="module")
def worker():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "wire", wire)  # as in the sandbox, where both stand alone
        yield importlib.import_module("autograder.worker")


PIECES = ["x", "f(", ")", "[", "]", "=", "==", "%", "%%", "!", "?", "/", ",", ";", "'", '"', '"""', "\\", "#", ":", "3"]
PIECES += ["\n", "\n", "\n", " ", "    ", "\t", "\f", "\r", "\u2028", "%time", "!ls", "def f():", "f'{x!r}'", "await x"]


@pytest.mark.filterwarnings("ignore:`make_tokens_by_line`")
@settings(max_examples=1000)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("x = \\\n  %time 3")
@example("f(1)? \n")
@example("if x:\n    /f 1")
def test_a_cell_without_what_ipython_looks_for_is_left_as_it_is(worker, source):
    lines = f"{source}\n".splitlines(keepends=True)
    try:
        changed = TransformerManager().do_token_transforms(lines) != lines
    except Exception:
        return  # IPython fails on what is no Python either
    assert not changed or any(map(worker._ESCAPED.search, lines))


def test_most_cells_of_the_lessons_are_not_cut_into_tokens(worker):
    notebooks = [nbformat.read(Course().solutions / name / f"{name}.ipynb", 4) for name in Course().graded_lessons]
    cells = [cell.source for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]
    looked_at = [source for source in cells if any(map(worker._ESCAPED.search, source.splitlines()))]
    assert len(looked_at) < len(cells) / 10


@pytest.mark.parametrize("lesson", Course().graded_lessons)
def test_a_lesson_loads_nothing_that_is_not_there_when_it_begins(lesson):
    code = rf"""
        import sys, nbformat
        sys.path[:0] = [{str(ROOT / "autograder")!r}]
        import worker
        worker.warm_up()
        notebook = nbformat.read({str(Course().solutions / lesson / f"{lesson}.ipynb")!r}, 4)
        before = {{*sys.modules, "encodings.unicode_escape"}}  # which a letter such as \N takes, in no time
        done = [worker._shell.run_cell(cell.source).success for cell in notebook.cells if cell.cell_type == "code"]
        print(*sorted(set(sys.modules) - before), "all" * all(done), file=sys.__stdout__)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, env={"MPLBACKEND": "agg"}, check=True)
    assert done.stdout.splitlines()[-1].split() == ["all"]


def test_no_two_submissions_begin_with_the_same_random_numbers():
    source = (
        "import random\nimport numpy as np\nprint(np.random.rand(), np.random.default_rng().random(), random.random())"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    with Marker() as marker:
        first, second = (marker.mark(notebook).notebook.cells[0].outputs[0].text.split() for _ in range(2))
    assert len({*first, *second}) == 6


@pytest.mark.parametrize("module", ["autograder.examiner", "autograder.submission", "autograder.diagnosis"])
def test_what_starts_with_each_worker_loads_nothing_heavy(module):
    heavy = {"nbformat", "jsonschema", "nbgrader", "nbconvert", "matplotlib", "IPython"}
    code = f"import sys, {module}; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "\n"

"""What the sandbox and the examiner cost, beside the cells that have to run anyway.

    .venv/bin/python benchmarks/marking.py

For each lesson's solution: processor time of its cells and tests in one warm Python, of the same marked from
outside, and the difference; wall time of the latter; then a gradient check of a layer of 60 parameters. One run.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import time
import warnings

import nbformat
from machine import busy
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Course
from autograder.lesson import is_test
from autograder.marking import Marker
from autograder.rebuild import rebuild

ROUNDS = 25


def main() -> None:
    """Print the table."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})  # as each process of `autograder grade` does
    course = Course()
    print(f"{'milliseconds':<28}{'cells':>8}{'marked':>8}{'beyond':>8}{'wall':>8}")
    with Marker() as marker:
        for lesson in course.graded_lessons:
            worked = nbformat.read(course.solutions / lesson / f"{lesson}.ipynb", 4)
            release = nbformat.read(course.notebooks / lesson / f"{lesson}.ipynb", 4)
            notebook = rebuild(worked, worked, release).notebook
            cells = [each.source for each in notebook.cells if each.cell_type == "code" and not _skipped(each)]
            plain = statistics.mean(_plain(cells) for _ in range(ROUNDS)) * 1000
            marker.mark(notebook)
            wall, before = [], busy(core)
            for _ in range(ROUNDS):
                start = time.perf_counter()
                result = marker.mark(notebook)
                wall.append(time.perf_counter() - start)
                assert all(verdict.passed for verdict in result.tests.values()), result
            marked = (busy(core) - before) / ROUNDS * 1000
            print(f"{lesson:<28}{plain:8.0f}{marked:8.0f}{marked - plain:8.0f}{statistics.median(wall) * 1000:8.0f}")
        _gradient_check(marker)


def _skipped(cell) -> bool:
    return bool(cell.metadata.get("autograder", {}).get("skip"))


def _plain(cells) -> float:
    """Processor seconds of the cells, one after the other, in this process."""
    space = {"__name__": "__main__"}
    start = time.process_time()
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        for source in cells:
            exec(compile(source, "cell", "exec"), space)
    return time.process_time() - start


LAYER = """
import numpy as np

def forward(x, w, b):
    return np.tanh(x @ w + b)

def backward(x, w, b, upstream):
    dz = upstream * (1 - forward(x, w, b) ** 2)
    return x.T @ dz, dz.sum(axis=0)
"""
CHECK = """
import time
import numpy as np
from mlp_helpers import checks

rng = checks.seed(1)
x, w, b, upstream = rng.normal(size=(8, 9)), rng.normal(size=(9, 6)), rng.normal(size=6), rng.normal(size=(8, 6))
start = time.perf_counter()
loss = lambda w, b: (upstream * forward(x, w, b)).sum()
checks.gradient(backward, x, w, b, upstream, exercise="0.1", loss=loss, at={"w": w, "b": b}, batch=8)
print(time.perf_counter() - start)
"""


def _gradient_check(marker) -> None:
    """The time of a numerical gradient each of whose steps goes through the student's own forward pass."""
    flags = {"grade": True, "grade_id": "t", "locked": True, "points": 1, "schema_version": 3, "solution": False}
    test = new_code_cell(CHECK, metadata={"nbgrader": {**flags, "task": False}})
    assert is_test(test)
    notebook = new_notebook(cells=[new_code_cell(LAYER), test])
    times = []
    for _ in range(ROUNDS):
        printed = marker.mark(notebook).notebook.cells[1].outputs[0].text
        times.append(float(printed.split()[-1]) * 1000)
    print(f"a gradient check of 60 parameters through the student's forward: {statistics.median(times):.0f} ms")


if __name__ == "__main__":
    main()

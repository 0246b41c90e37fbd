"""Which misconception an answer looks like: its results on fresh inputs, beside those of each wrong formula.

The examiner only tries the student's answer out, and hands on what comes of it; what the catalogue's own formulas give
is computed here, once for all submissions.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import lru_cache
from itertools import combinations

import numpy as np
from nbformat import NotebookNode

from autograder.lesson import BEGIN_HIDDEN, is_solution, is_test, key
from autograder.misconceptions import Catalogue, Misconception, Probe, catalogue, exercise_of

SEEDS = (20250711, 3, 77)
MAX_NUMBERS = 20_000  # in the results of one exercise
RTOL, ATOL = 1e-7, 1e-9


def trial(f, code: str, sources: list[str]) -> list:
    """What a probe makes of f, for each of a few seeds.

    code   : the probe's
    sources: given cells of the lesson that it needs
    raises : whatever f raises
    """
    space = _space(sources)
    exec(compile(code, "<probe>", "exec"), space)
    return [_plain(space["probe"](f, np.random.default_rng(seed))) for seed in SEEDS]


class Diagnosis:
    """Names misconceptions in answers to one lesson."""

    def __init__(self, lesson: str, worked: NotebookNode):
        """worked: the lesson's notebook of solutions/"""
        self.catalogue: Catalogue = catalogue(lesson)
        code = [cell for cell in worked.cells if cell.cell_type == "code"]
        self._given = {key(cell): cell.source for cell in code if not is_test(cell)}
        self.solutions = {exercise_of(key(cell)): cell.source for cell in code if is_solution(cell)}
        self._alone, self._pairs = lru_cache(maxsize=None)(self._results), lru_cache(maxsize=None)(self._results_of_pairs)

    def probes(self) -> dict[str, list]:
        """For the examiner, by exercise: the name to try out, the probe's code and the given cells that it needs."""
        return {
            exercise: [probe.name, probe.code, self._sources(probe)]
            for exercise, probe in self.catalogue.probes.items()
            if exercise in self.solutions
        }

    def names(self, exercise: str, results: list) -> list[str]:
        """The misconceptions that an answer with these results looks like: none, one, or two at once.

        results: as `trial` returns them
        """
        for entries, expected in self._alone(exercise):
            if _same(results, expected):
                return [entry.id for entry in entries]
        for entries, expected in self._pairs(exercise):
            if _same(results, expected):
                return [entry.id for entry in entries]
        return []

    def said(self, names: list[str]) -> str:
        """What a student is told who has these misconceptions."""
        entry = self.catalogue.entry(names[0])
        return f"{entry.hint}\nReread section {entry.reread}." if entry else ""

    def results_of(self, exercise: str, source: str) -> list | None:
        """What comes of this source in the place of the solution; None if that raises."""
        probe = self.catalogue.probes[exercise]
        space = _space([*self._sources(probe)])
        with contextlib.suppress(Exception), _quietly():
            exec(compile(source, f"<{exercise}>", "exec"), space)
            return trial(space[probe.name], probe.code, self._sources(probe))
        return None

    def _sources(self, probe: Probe) -> list[str]:
        return [self._given[name] for name in probe.uses]

    def _results(self, exercise: str) -> list[tuple[tuple[Misconception, ...], list]]:
        wrong = [((entry,), entry.put_into(self.solutions[exercise])) for entry in self.catalogue.entries.get(exercise, ())]
        return self._of_sources(exercise, wrong)

    def _results_of_pairs(self, exercise: str) -> list[tuple[tuple[Misconception, ...], list]]:
        pairs = combinations(self.catalogue.entries.get(exercise, ()), 2)
        return self._of_sources(exercise, [(pair, together(pair, self.solutions[exercise])) for pair in pairs])

    def _of_sources(self, exercise: str, sources) -> list[tuple[tuple[Misconception, ...], list]]:
        found = [(entries, self.results_of(exercise, source)) for entries, source in sources if source]
        return [(entries, results) for entries, results in found if results is not None]


def together(pair: tuple[Misconception, Misconception], source: str) -> str | None:
    """The solution as somebody with both misconceptions writes it; None if they concern the same place."""
    for first, second in (pair, pair[::-1]):
        if not second.code and (one := first.put_into(source)) and (both := second.put_into(one)):
            return both
    return None


def _space(sources: list[str]) -> dict:
    space = {"np": np, "__name__": "__main__"}
    for source in sources:
        exec(compile(source.partition(BEGIN_HIDDEN)[0], "<given>", "exec"), space)
    return space


@contextlib.contextmanager
def _quietly():
    with (
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def _plain(value, room: int = MAX_NUMBERS):
    """Results as lists of float arrays and words. raises: TypeError for anything else, and for far too much"""
    if isinstance(value, (tuple, list)):
        if len(value) > 100:
            raise TypeError("too many results")
        return [_plain(each, room) for each in value]
    if value is None or isinstance(value, str):
        return value
    array = np.array(value, dtype=np.float64)
    if array.size > room:
        raise TypeError("too many numbers")
    return array


def _same(one, other) -> bool:
    if isinstance(one, list) or isinstance(other, list):
        return type(one) is type(other) and len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True)
    return type(one) is type(other) and one == other

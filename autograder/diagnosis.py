"""Which misconception an answer looks like: its results on fresh inputs, beside those of each wrong formula.

The examiner only tries the student's answer out, and hands on what comes of it; what the catalogue's own formulas give
is computed here, once for all submissions.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from itertools import combinations

import numpy as np
from nbformat import NotebookNode

from autograder.lesson import BEGIN_HIDDEN, is_solution, is_test, key
from autograder.misconceptions import Catalogue, Misconception, Probe, catalogue, exercise_of
from mlp_helpers.trial import copies_passed

SEEDS = (20250711, 3, 77)
MAX_NUMBERS = 20_000  # in the results of one exercise
MAX_WORD = 100  # characters
RTOL, ATOL = 1e-7, 1e-9


def trial(f, code: str, sources: list[str], partners: dict | None = None, seeds: tuple[int, ...] = SEEDS) -> list:
    """What a probe makes of f, for each of a few seeds.

    code    : the probe's; attempt(g, …) is there for it, which gives a word where g(…) raises
    sources : given cells of the lesson that it needs
    partners: what these define, by name, on f's side: what is made of them here cannot be handed to f everywhere
    raises  : whatever f raises outside of `attempt`; TypeError for results that are no plain data or far too much, and
              where every attempt raises: what only fails looks like all else that only fails
    """
    outcomes = []

    def attempt(g, *args):
        try:
            result = g(*args)
        except Exception as error:
            outcomes.append(False)
            return "ValueError" if isinstance(error, ValueError) else "an error"
        outcomes.append(True)
        return result

    space = {**_space(sources), **(partners or {}), "attempt": attempt}
    exec(compile(code, "<probe>", "exec"), space)
    before = copies_passed.set(True)  # so that the probe sees here and in the examiner what becomes of its arguments
    try:
        room = [MAX_NUMBERS]
        results = [_plain(space["probe"](f, np.random.default_rng(seed)), room) for seed in seeds]
    finally:
        copies_passed.reset(before)
    if outcomes and not any(outcomes):
        raise TypeError("nothing but errors")
    return results


def defined(sources: list[str]) -> list[str]:
    """The names of the functions and classes that given cells define."""
    return [name for name, value in _space(sources).items() if getattr(value, "__module__", "") == "__main__"]


class Diagnosis:
    """Names misconceptions in answers to one lesson."""

    def __init__(self, lesson: str, worked: NotebookNode):
        """worked: the lesson's notebook of solutions/"""
        self.catalogue: Catalogue = catalogue(lesson)
        code = [cell for cell in worked.cells if cell.cell_type == "code"]
        self._given = {key(cell): cell.source for cell in code if not is_test(cell)}
        self.solutions = {exercise_of(key(cell)): cell.source for cell in code if is_solution(cell)}
        self._right = cache(lambda exercise: self.results_of(exercise, self.solutions[exercise]))
        self._alone, self._pairs = cache(self._results), cache(self._results_of_pairs)

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
        right = self._right(exercise)
        if right is None or _same(results, right):
            return []
        for entry, expected in self._alone(exercise):
            if _same(results, expected):
                return [entry.id]
        for pair, source, first in self._pairs(exercise):  # which are many: for most of them one seed is enough
            if _same(results[:1], first) and _same(results, self.results_of(exercise, source)):
                return [entry.id for entry in pair]
        return []

    def said(self, names: list[str]) -> str:
        """What a student is told who has these misconceptions."""
        entry = self.catalogue.entry(names[0])
        if not entry:
            return ""
        first = "Two things go wrong here. One of them: " if len(names) > 1 else ""
        return f"{first}{entry.hint}\nReread section {entry.reread}."

    def results_of(self, exercise: str, source: str, seeds: tuple[int, ...] = SEEDS) -> list | None:
        """What comes of this source in the place of the solution; None if that raises."""
        probe = self.catalogue.probes[exercise]
        space = _space([*self._sources(probe)])
        with contextlib.suppress(Exception), _quietly():
            exec(compile(source, f"<{exercise}>", "exec"), space)
            return trial(space[probe.name], probe.code, self._sources(probe), seeds=seeds)
        return None

    def _sources(self, probe: Probe) -> list[str]:
        return [self._given[name] for name in probe.uses]

    def _results(self, exercise: str) -> list[tuple[Misconception, list]]:
        entries = self.catalogue.entries.get(exercise, ())
        sources = [(entry, entry.put_into(self.solutions[exercise])) for entry in entries]
        found = [(entry, self.results_of(exercise, source)) for entry, source in sources if source]
        return [(entry, results) for entry, results in found if results is not None]

    def _results_of_pairs(self, exercise: str) -> list[tuple[tuple[Misconception, ...], str, list]]:
        pairs = combinations(self.catalogue.entries.get(exercise, ()), 2)
        sources = [(pair, together(pair, self.solutions[exercise])) for pair in pairs]
        found = [(pair, source, self.results_of(exercise, source, SEEDS[:1])) for pair, source in sources if source]
        return [each for each in found if each[2] is not None]


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
    """Without a word, and with the same numbers from NumPy's global generator every time."""
    state = np.random.get_state()
    with (
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        np.random.seed(SEEDS[0])
        try:
            yield
        finally:
            np.random.set_state(state)


def _plain(value, room: list[int]):
    """Results as lists of float arrays and words. raises: TypeError for anything else, and for far too much

    room: how many numbers and words there may still be, which is counted down
    """
    room[0] -= np.size(value) if isinstance(value, np.ndarray) else 1
    if room[0] < 0:
        raise TypeError("too many results")
    if isinstance(value, (tuple, list)):
        return [_plain(each, room) for each in value]
    if value is None or isinstance(value, str):
        return value[:MAX_WORD] if value else value
    if not isinstance(value, (np.ndarray, np.generic, bool, int, float)):
        raise TypeError("no plain data")
    return np.array(value, dtype=np.float64)


def _same(one, other) -> bool:
    if isinstance(one, list) or isinstance(other, list):
        return type(one) is type(other) and len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True)
    return type(one) is type(other) and one == other

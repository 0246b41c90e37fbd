"""Which misconception an answer looks like: its results on fresh inputs, beside those of each wrong formula.

The examiner only tries the student's answer out, and hands on what comes of it; what the catalogue's own formulas give
is computed here, once for all submissions.
"""

from __future__ import annotations

import contextlib
import io
import marshal
import warnings
from functools import cache, cached_property, lru_cache
from itertools import combinations
from types import CodeType
from typing import TYPE_CHECKING

import numpy as np

from autograder.lesson import BEGIN_HIDDEN, is_solution, is_test, key
from autograder.misconceptions import Catalogue, Misconception, Probe, catalogue, exercise_of
from mlp_helpers.trial import copies_passed

if TYPE_CHECKING:  # which takes most of a second to import
    from nbformat import NotebookNode

SEEDS = (20250711, 3, 77)
MAX_NUMBERS = 20_000  # in the results of one exercise
MAX_WORD = 100  # characters
RTOL, ATOL = 1e-7, 1e-9


def trial(
    f, code: CodeType, given: list[CodeType], partners: dict | None = None, seeds: tuple[int, ...] = SEEDS
) -> list:
    """What a probe makes of f, for each of a few seeds.

    code    : the probe's; attempt(g, …) is there for it, which gives a word where g(…) raises
    given   : cells of the lesson that it needs
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

    space = {**_space(given), **(partners or {}), "attempt": attempt}
    exec(code, space)
    before = copies_passed.set(True)  # so that the probe sees here and in the examiner what becomes of its arguments
    try:
        room = [MAX_NUMBERS]
        results = [_plain(space["probe"](f, np.random.default_rng(seed)), room) for seed in seeds]
    finally:
        copies_passed.reset(before)
    if outcomes and not any(outcomes):
        raise TypeError("nothing but errors")
    return results


class Diagnosis:
    """Names misconceptions in answers to one lesson."""

    def __init__(self, lesson: str, worked: NotebookNode):
        """worked: the lesson's notebook of solutions/"""
        self.catalogue: Catalogue = catalogue(lesson)
        code = [cell for cell in worked.cells if cell.cell_type == "code"]
        self._given = {key(cell): cell.source for cell in code if not is_test(cell)}
        self.solutions = {exercise_of(key(cell)): cell.source for cell in code if is_solution(cell)}
        self._right, self._alone, self._pairs = map(cache, (self._of_solution, self._of_entries, self._of_pairs))

    @cached_property
    def probes(self) -> dict[str, list]:
        """For the examiner, by exercise: the name to try out; the probe and the given cells that it needs, marshalled;
        the names of the functions and classes that these define.
        """
        found = {}
        for exercise, probe in self.catalogue.probes.items():
            if exercise in self.solutions:
                given = self._cells(probe)
                defined = [n for n, value in _space(given).items() if getattr(value, "__module__", "") == "__main__"]
                code, *cells = map(marshal.dumps, [_compiled(probe.code), *given])
                found[exercise] = [probe.name, code, cells, defined]
        return found

    def names(self, exercise: str, results: list) -> list[str]:
        """The misconceptions that an answer with these results looks like: none, one, or two at once.

        results: as `trial` returns them
        """
        right, found = self._right(exercise), Flat(results)
        if right is None or found.looks_like(right):
            return []
        for entry, alone in self._alone(exercise):
            if found.looks_like(alone):
                return [entry.id]
        first = Flat(results[:1])
        for pair, source, both in self._pairs(exercise):
            if first.looks_like(both) and found.looks_like(self._flat(exercise, source)):
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
        given = self._cells(probe)
        space = _space(given)
        with contextlib.suppress(Exception), _quietly():
            exec(compile(source, f"<{exercise}>", "exec"), space)
            return trial(space[probe.name], _compiled(probe.code), given, seeds=seeds)
        return None

    def _cells(self, probe: Probe) -> list[CodeType]:
        return [_compiled(self._given[name]) for name in probe.uses]

    def _of_solution(self, exercise: str) -> Flat | None:
        return self._flat(exercise, self.solutions[exercise])

    def _of_entries(self, exercise: str) -> list[tuple[Misconception, Flat]]:
        entries = self.catalogue.entries.get(exercise, ())
        found = [(entry, self._flat(exercise, entry.put_into(self.solutions[exercise]))) for entry in entries]
        return [(entry, results) for entry, results in found if results]

    def _of_pairs(self, exercise: str) -> list[tuple[tuple[Misconception, Misconception], str, Flat]]:
        """With the results of the first seed, for there are many: for most of them that is enough."""
        pairs = combinations(self.catalogue.entries.get(exercise, ()), 2)
        sources = [(pair, together(pair, self.solutions[exercise])) for pair in pairs]
        found = [(pair, source, self._flat(exercise, source, SEEDS[:1])) for pair, source in sources]
        return [(pair, source, results) for pair, source, results in found if results]

    def _flat(self, exercise: str, source: str | None, seeds: tuple[int, ...] = SEEDS) -> Flat | None:
        """None where there is no source, or it raises."""
        results = self.results_of(exercise, source, seeds) if source else None
        return None if results is None else Flat(results)


def together(pair: tuple[Misconception, Misconception], source: str) -> str | None:
    """The solution as somebody with both misconceptions writes it; None if they concern the same place."""
    for first, second in (pair, pair[::-1]):
        if not second.code and (one := first.put_into(source)) and (both := second.put_into(one)):
            return both
    return None


@lru_cache(maxsize=1000)
def _compiled(source: str) -> CodeType:
    return compile(source.partition(BEGIN_HIDDEN)[0], "<catalogue>", "exec")


def _space(given: list[CodeType]) -> dict:
    space = {"np": np, "__name__": "__main__"}
    for code in given:
        exec(code, space)
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


class Flat:
    """Results that can be compared at once. form: all but the numbers"""

    def __init__(self, results: list):
        self.form, numbers = [], []
        waiting = [results]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                self.form.append(("list", len(value)))
                waiting += value
            elif isinstance(value, np.ndarray):
                self.form.append(("numbers", value.shape))
                numbers.append(value.ravel())
            else:
                self.form.append(value)
        self.numbers = np.concatenate(numbers or [[]])

    def looks_like(self, other: Flat | None) -> bool:
        return (
            other is not None
            and self.form == other.form
            and np.allclose(self.numbers, other.numbers, rtol=RTOL, atol=ATOL, equal_nan=True)
        )

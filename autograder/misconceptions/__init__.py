"""What students believe when an exercise goes wrong: one catalogue a lesson, <lesson>.toml beside this file.

A catalogue says for each exercise how to try an answer out (`probe`), and for each misconception what somebody with
it writes: the worked solution with `right` replaced by `wrong`, or `code` of its own. See README.md here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Misconception:
    """One entry.

    id          : the exercise, a hyphen, and a name for it
    believed    : what the student believed, in a teacher's words
    hint        : what the student is told; it leads on, and does not give the answer
    reread      : the heading of the section to read again
    right, wrong: what stands in the worked solution, and what the student writes instead, pair by pair
    code        : all that the student writes, where no such pairs tell it
    """

    id: str
    exercise: str
    believed: str
    hint: str
    reread: str
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    code: str = ""

    def put_into(self, source: str) -> str | None:
        """The solution of the exercise as somebody with this misconception writes it.

        returns: None if something of `right` does not stand in it exactly once
        """
        if self.code:
            return self.code
        for right, wrong in zip(self.right, self.wrong, strict=True):
            if source.count(right) != 1:
                return None
            source = source.replace(right, wrong)
        return source


@dataclass(frozen=True)
class Probe:
    """How to try out an answer to one exercise.

    name: of the function or class that the exercise asks for
    uses: the grade_ids of the lesson's given cells that `code` and the solution need
    code: defines probe(f, rng), which returns what f makes of fresh inputs: plain data
    """

    name: str
    code: str
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """A lesson's probes and misconceptions, by exercise, such as "1.5"."""

    probes: dict[str, Probe]
    entries: dict[str, tuple[Misconception, ...]]

    def entry(self, name: str) -> Misconception | None:
        """The misconception with this id, None if there is none."""
        exercise = name.partition("-")[0]
        return next((entry for entry in self.entries.get(exercise, ()) if entry.id == name), None)


@lru_cache(maxsize=32)
def catalogue(lesson: str) -> Catalogue:
    """The catalogue of a lesson, an empty one if it has none.

    raises: ValueError for a file that is not as the README here says
    """
    path = HERE / f"{lesson}.toml"
    if not path.exists():
        return Catalogue({}, {})
    entries: dict[str, list[Misconception]] = {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        probes = {
            exercise: Probe(**{**probe, "uses": tuple(probe.get("uses", ()))})
            for exercise, probe in table.get("probe", {}).items()
        }
        for each in table.get("misconception", ()):
            pairs = {key: _texts(each[key]) for key in ("right", "wrong") if key in each}
            entry = Misconception(**{**each, **pairs})
            if not entry.id.startswith(f"{entry.exercise}-") or bool(entry.code) == bool(entry.right):
                raise TypeError(
                    f"{entry.id}: its id begins with its exercise, and it has either code or right and wrong"
                )
            if len(entry.right) != len(entry.wrong):
                raise TypeError(f"{entry.id}: right and wrong are as many")
            entries.setdefault(entry.exercise, []).append(entry)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    return Catalogue(probes, {exercise: tuple(found) for exercise, found in entries.items()})


def exercise_of(grade_id: str) -> str:
    """The exercise to which a cell such as exercise-1-5 or test-1-5-value belongs, as "1.5"; "" for another cell."""
    found = re.match(r"(?:exercise|test)-(\d+)-(\d+)(?:-|$)", grade_id)
    return f"{found[1]}.{found[2]}" if found else ""


def _texts(value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)

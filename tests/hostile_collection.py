"""The attacks in tests/hostile, as read from their files; the README there says how they are written."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

COLLECTION = Path(__file__).parent / "hostile"
EXERCISES = {"double": "exercise-1-1", "root": "exercise-1-2", "scale": "exercise-1-3"}


@dataclass(frozen=True)
class Part:
    """One cell of an attack. place: "before", "markdown", "after", "next", "hand-in", "file" or one of EXERCISES."""

    place: str
    source: str
    file: str = ""


@dataclass(frozen=True)
class Attack:
    theme: str
    name: str
    tries: str
    parts: tuple[Part, ...]

    @property
    def id(self) -> str:
        return f"{self.theme}/{re.sub(r'[^a-zA-Z0-9]+', '_', self.name).strip('_')}"


def attacks(*chosen: str) -> list[Attack]:
    """The collection, or those whose id starts with one of the chosen words."""
    found = []
    for path in sorted(COLLECTION.glob("*.py")):
        shared: list[Part] = []
        for cell in re.split(r"^# %% ?", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, source = cell.partition("\n")
            marker, title = re.fullmatch(r"(?:\[(.+?)\])? ?(.*)", head).groups()
            place, _, file = (marker or "before").partition(" ")
            if place == "markdown":
                source = re.sub(r"^# ?", "", source, flags=re.MULTILINE)
            part = Part(place, textwrap.dedent(source).strip() + "\n", file)
            if place == "shared":
                shared.append(Part("before", part.source))
            elif title:
                name, _, tries = title.partition(": ")
                found.append(Attack(path.stem, name, tries, (*shared, part)))
            else:
                last = found.pop()
                found.append(Attack(last.theme, last.name, last.tries, (*last.parts, part)))
    ids = [attack.id for attack in found]
    if twice := {each for each in ids if ids.count(each) > 1}:
        raise ValueError(f"two attacks have one name: {', '.join(sorted(twice))}")
    return [attack for attack in found if not chosen or attack.id.startswith(chosen)]

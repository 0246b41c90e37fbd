"""What the reader moves in a demo.

A control has a `first` value, as the browser knows it; `state(key)` describes it for board.js, and `read` turns what
the browser sends into what `draw` receives. What makes no sense is read as the first value; `read` never raises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

LONGEST = 200  # characters of an entry


@dataclass(frozen=True)
class Slider:
    """A number from `start` to `stop` in steps of `step`, first at `value`; whole numbers arrive as int."""

    label: str
    start: float
    stop: float
    step: float
    value: float

    @property
    def first(self):
        return self.read(self.value)

    @property
    def _whole(self):
        return all(float(number).is_integer() for number in (self.start, self.stop, self.step, self.value))

    def state(self, key):
        digits = 0 if self._whole else max(-Decimal(f"{self.step:.10g}").as_tuple().exponent, 1)
        limits = {"min": float(self.start), "max": float(self.stop), "step": float(self.step), "digits": digits}
        return {"kind": "range", "key": key, "label": self.label, **limits}

    def read(self, value):
        value = min(max(_number(value, self.value), self.start), self.stop)
        return round(value) if self._whole else float(value)


@dataclass(frozen=True)
class Steps:
    """A slider over listed values, such as epochs or network sizes; `draw` receives the index of one.

    play: whether a button moves it by itself, one step at a time
    """

    label: str
    values: list
    index: int
    play: bool = False

    @property
    def first(self):
        return self.read(self.index)

    def state(self, key):
        limits = {"min": 0, "max": len(self.values) - 1, "step": 1, "words": list(map(str, self.values))}
        return {"kind": "player" if self.play else "range", "key": key, "label": self.label, **limits}

    def read(self, value):
        return round(min(max(_number(value, self.index), 0), len(self.values) - 1))


@dataclass(frozen=True)
class Choice:
    """One of several named things; `values` maps each name to what `draw` receives."""

    label: str
    values: dict
    value: str

    @property
    def first(self):
        return self.value

    def state(self, key):
        return {"kind": "select", "key": key, "label": self.label, "options": list(self.values)}

    def read(self, value):
        return self.values[value if isinstance(value, str) and value in self.values else self.value]


@dataclass(frozen=True)
class Options:
    """A question's answers, of which none is chosen at first; `draw` receives the chosen one or None."""

    label: str
    options: list = field(default_factory=list)
    first: str | None = None

    def state(self, key):
        return {"kind": "radio", "key": key, "label": self.label, "options": self.options}

    def read(self, value):
        return value if value in self.options else None


@dataclass(frozen=True)
class Entry:
    """A line of text."""

    label: str
    first: str = ""

    def state(self, key):
        return {"kind": "entry", "key": key, "label": self.label}

    def read(self, value):
        return value[:LONGEST] if isinstance(value, str) else self.first


@dataclass(frozen=True)
class Press:
    """A button; `draw` receives how often it was pressed."""

    label: str
    first: int = 0

    def state(self, key):
        return {"kind": "press", "key": key, "label": self.label}

    def read(self, value):
        return _count(value, self.first)


@dataclass(frozen=True)
class Training:
    """Play, pause and step: `draw` receives a number that grows by one whenever the next picture is wanted.

    The browser asks for it when the one before the last has come, so a slow page or kernel gets fewer pictures, never
    a queue of them, and a closed page none.
    """

    label: str
    first: int = 0

    def state(self, key):
        return {"kind": "training", "key": key, "label": self.label}

    def read(self, value):
        return _count(value, self.first)


def _number(value, otherwise):
    """What the browser sent, if it is a number; an infinity is one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
    return value if is_number else otherwise


def _count(value, otherwise):
    value = _number(value, otherwise)
    return int(value) if math.isfinite(value) else otherwise

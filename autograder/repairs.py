"""What an instructor is told of a submission that was mended, and how other people's words stand in it."""

from __future__ import annotations

from collections import defaultdict

# This entry of the notebook's metadata holds {"repairs": [str, …], "problem": str}, that of a cell's {"skip": True}.
METADATA = "autograder"

ASK_AGAIN = "ask the student for it again"

# What was repaired, as (the cell's name or "", what became of it): what is said of several cells is said once.
Repairs = list[tuple[str, str]]


def sentences(repairs: Repairs) -> list[str]:
    """A line for each thing that was repaired, with the cells for which it was, in the order of their first mention."""
    about = defaultdict(dict)
    for name, what in repairs:
        about[what][name] = None
    return [one_line(f"{_listed(list(names))}: {what}" if any(names) else what) for what, names in about.items()]


def _listed(names: list[str]) -> str:
    return ", ".join(names if len(names) <= 7 else [*names[:6], f"{len(names) - 6} more"])


def too_large(most: int) -> str:
    """What to say of a file that has more bytes than the most that are read."""
    return f"is larger than {most // 1_000_000} MB: {ASK_AGAIN}, without outputs"


def one_line(text: str) -> str:
    """Somebody's words as one printable line of at most 300 characters."""
    text = writable(text[:1000])
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= 300 else text[:299] + "…"


def writable(text: str) -> str:
    """A text that can be written to a file: JSON can hold half a surrogate pair, UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")

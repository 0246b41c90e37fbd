"""What kinds of things grading has to note about a submission, from the sentences in which it does.

The sentences themselves name cells and files, and a file may bear its author's name: a kind names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """about: what it may mean, for a teacher; look: whether a person should look at such a submission"""

    title: str
    about: str
    look: bool = False


UNREADABLE = Kind(
    "Nothing in it could be read as a notebook",
    "It has no points and counts in no figure of this page. Ask for the file again.",
)
TIMED_OUT = Kind("A cell or a check took too long", "Mostly a loop that does not end. What came after it was graded.")
_MENDED = Kind("Mended in other ways", "A file's name, format or metadata was put right. It costs no points.")
_OTHER = Kind("Other notes", "See the submission's feedback.")

# What stands in a sentence, and its kind: the first that fits counts.
_KINDS = [
    (
        r"(it ran for longer than|took longer than|took too long)",
        TIMED_OUT,
    ),
    (
        r"\bis a test and was edited\b",
        Kind("A check was edited", "Often a line typed into the wrong cell. The original was run instead.", look=True),
    ),
    (
        r"flagged as graded",
        Kind("A cell claimed to be graded", "Copied cells bring this along, too. It was run as an ordinary one.", True),
    ),
    (
        r"came with other .*\bpoints\b",
        Kind("The points of a cell were changed", "Some editors rewrite metadata. The lesson's points counted.", True),
    ),
    (
        r"was a link \(to|was no file but a pipe",
        Kind("A link, pipe or device was in the folder", "Archives may contain links. None was followed.", look=True),
    ),
    (
        r"nested too deeply",
        Kind("Folders were nested very deeply", "Packing a folder into itself does this. They were left out.", True),
    ),
    (
        r"ended Python, or took too much memory|the notebook used .* and was stopped",
        Kind(
            "It ended Python, or used too much of the machine",
            "A call of exit(), or a very large array does this, too. It could not get further than its sandbox.",
            look=True,
        ),
    ),
    (
        r"could not be read\. Is it larger|more code than any person writes",
        Kind("It gave back more than could be read", "A list that grows without end does this, too.", look=True),
    ),
    (
        r"examiner failed|sandbox failed",
        Kind("The grader did not come to its end", "Grade these once more: `autograder grade --rerun`."),
    ),
    (
        r"locked and was edited",
        Kind("A given cell was edited", "The original is back, so that checks find what they need."),
    ),
    (
        r"was there more than once",
        Kind("A cell was there twice", "Copy and paste does this. One of them counted."),
    ),
    (
        r"recognised by|metadata was lost|grade_id",
        Kind("Lost metadata", "Another editor has dropped it. Cells were recognised by what they hold."),
    ),
    (
        r"holds HTML, a link or a picture",
        Kind("A text held HTML, a link or a picture", "No page shows these as such, only as they were written."),
    ),
    (
        r"cut into several cells|merged with other cells|came as an? \w+ cell|is missing|was deleted|is back",
        Kind("Cells were split, merged, changed or deleted", "They were put together again as the lesson has them."),
    ),
    (
        r"Not used:|is there too and is not used|came as .*|whose name is less close",
        Kind("The file had another name, or there were several", "The likeliest one was graded."),
    ),
]


def kinds_of(repairs: Iterable[str], notes: Iterable[str]) -> dict[Kind, list[str]]:
    """The sentences about one submission by their kind."""
    found: dict[Kind, list[str]] = {}
    for sentences, rest in ((repairs, _MENDED), (notes, _OTHER)):
        for sentence in sentences:
            kind = next((kind for pattern, kind in _KINDS if re.search(pattern, sentence)), rest)
            found.setdefault(kind, []).append(sentence)
    return found

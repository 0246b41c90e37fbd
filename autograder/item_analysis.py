"""Exercises that do not tell who knows the rest of the lesson from who does not.

Two things are measured: the item-rest correlation, of the share of an exercise's points with the share of all other
points of the lesson, and the upper-lower index, by how much the third that does best in the rest has more of its points
than the last third. Below 0.2 an item is called poor (Ebel & Frisbie, Essentials of Educational Measurement, 1991,
ch. 13); either number alone is below it by chance more often than both.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.class_data import Lesson, Submission

# In a smaller class the correlation of a good exercise, about 0.4, is below 0.2 too often by chance.
MIN_ANSWERS = 30
MIN_OTHERS = 5  # with all points, and without: where nearly everybody gets the same, there is nothing to tell
POOR = 0.2


@dataclass(frozen=True)
class Weak:
    """An exercise to look at.

    correlation : of its points with those of the rest of the lesson, from −1 to 1
    answers     : written ones, from which it comes
    best, others: in words, how many have all its points in the third that does best in the rest, and in the last third
    """

    lesson: str
    number: str
    title: str
    correlation: float
    answers: int
    best: str
    others: str


def weak_exercises(lesson: Lesson, submissions: Iterable[Submission]) -> list[Weak]:
    """The exercises of a lesson that discriminate badly, the worst first; of few answers nothing is said."""
    submissions, found = list(submissions), []
    for key, (number, title) in lesson.exercises.items():
        pairs = sorted(
            (rest, submission.answers[key].share)
            for submission in submissions
            if key in submission.answers
            and submission.answers[key].written
            and (rest := _rest(submission, key)) is not None
        )
        shares = [share for _, share in pairs]
        full = sum(share == 1 for share in shares)
        if len(pairs) < MIN_ANSWERS or min(full, len(pairs) - full) < MIN_OTHERS:
            continue
        try:
            correlation = statistics.correlation([rest for rest, _ in pairs], shares)
        except statistics.StatisticsError:  # all have the same in the rest
            continue
        third = len(pairs) // 3
        index = statistics.fmean(shares[-third:]) - statistics.fmean(shares[:third])
        if max(correlation, index) < POOR:
            words = _how_many(shares[-third:]), _how_many(shares[:third])
            found.append(Weak(lesson.name, number, title, correlation, len(pairs), *words))
    return sorted(found, key=lambda weak: weak.correlation)


def _rest(submission: Submission, key: str) -> float | None:
    """The share of the points of all other exercises, None where there are fewer than two."""
    others = [answer for other, answer in submission.answers.items() if other != key]
    return sum(each.earned for each in others) / sum(each.possible for each in others) if len(others) > 1 else None


def _how_many(shares: list[float]) -> str:
    """How many have all points; rounded, so that nobody is told by it."""
    full = sum(share == 1 for share in shares)
    if full < 3:
        return "hardly anybody"
    return "nearly everybody" if len(shares) - full < 3 else f"{full / len(shares):.0%}"

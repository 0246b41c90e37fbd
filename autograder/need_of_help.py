"""Students to whom a teacher may want to talk: signs that anybody can check, no prediction and no score."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from autograder.class_data import ClassData, Person, Submission

HALF = 0.5
DROP = 0.3  # of a lesson's points: such a change, seen against the class, is more than one bad day's
FORMER = 2  # lessons from which a former level can be told


@dataclass(frozen=True)
class Need:
    """reasons: sentences, at least one; share: of all points so far, those of lessons not handed in included"""

    person: Person
    reasons: tuple[str, ...]
    share: float


def needs(data: ClassData) -> tuple[Need, ...]:
    """Who may need help: first those with most reasons, of these first those with the fewest points.

    A lesson that less than half of the class has handed in is not missed yet; one that was missed, or handed in mostly
    empty, counts if it is the student's last, or not the only one: everybody has had a bad week.
    """
    handed_in = {name: {s for s, lesson in data.handed_in if lesson == name} for name in data.lessons}
    due = [name for name, students in handed_in.items() if 2 * len(students) >= len(data.people)]
    latest = [data.lessons[name].title for name in due[-1:]]
    possible = sum(data.lessons[name].points for name in due)
    graded: dict[str, dict[str, Submission]] = {student: {} for student in data.people}
    for name in data.lessons:
        for student in handed_in[name]:
            submission = data.submissions.get((student, name))
            if submission and submission.is_counted and data.lessons[name].points:
                graded[student][name] = submission
    medians = _medians(data, graded)
    found = []
    for student, person in data.people.items():
        missed = [data.lessons[name].title for name in due if student not in handed_in[name]]
        reasons = [f"Nothing handed in for {_listed(missed)}."] if len(missed) > 1 or missed == latest else []
        reasons += _of_submissions(data, student)
        reasons += _of_level(data, graded[student], medians)
        if reasons:
            earned = sum(submission.points for name, submission in graded[student].items() if name in due)
            found.append(Need(person, tuple(reasons), earned / possible if possible else 0.0))
    return tuple(sorted(found, key=lambda need: (-len(need.reasons), need.share, need.person.id)))


def _of_submissions(data: ClassData, student: str) -> list[str]:
    unreadable, empty = [], {}
    own = {name: data.submissions[student, name] for name in data.lessons if (student, name) in data.submissions}
    for name, submission in own.items():
        title, answers = data.lessons[name].title, submission.answers.values()
        unwritten = sum(not answer.written for answer in answers)
        if submission.unreadable:
            unreadable.append(f"{title}: nothing in the file could be read.")
        elif submission.is_counted and unwritten and unwritten >= HALF * len(answers):
            empty[name] = f"{title}: {unwritten} of {len(answers)} exercises not written yet."
    counts = len(empty) > 1 or list(empty) == list(own)[-1:]
    return [*unreadable, *(empty.values() if counts else ())]


def _of_level(data: ClassData, graded: dict[str, Submission], medians: dict[str, float]) -> list[str]:
    """Of the points: below half in several lessons, or far below what was before, beyond what changed for all."""
    shares = {name: submission.points / data.lessons[name].points for name, submission in graded.items()}
    reasons = []
    low = [data.lessons[name].title for name, share in shares.items() if share < HALF and share < medians[name]]
    if len(low) > 1:
        reasons.append(f"Less than half of the points, and less than most, in {_listed(low)}.")
    *former, last = shares or [""]
    if len(former) >= FORMER:
        before = statistics.fmean(shares[name] for name in former)
        relative = statistics.fmean(shares[name] - medians[name] for name in former)
        if relative - (shares[last] - medians[last]) >= DROP and before - shares[last] >= DROP:
            title = data.lessons[last].title
            reasons.append(f"{title}: {shares[last]:.0%} of the points, after {before:.0%} in the lessons before it.")
    return reasons


def _medians(data: ClassData, graded: dict[str, dict[str, Submission]]) -> dict[str, float]:
    """By lesson the median share of its points."""
    return {
        name: statistics.median(shares)
        for name, lesson in data.lessons.items()
        if (shares := [found[name].points / lesson.points for found in graded.values() if name in found])
    }


def _listed(titles: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(titles[:-1]), titles[-1])))

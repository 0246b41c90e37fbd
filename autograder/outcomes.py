"""What became of each submission of a run, and how a person and a program are told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

MAX_ROWS = 60  # of the table: a larger class has a gradebook to look at


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    lesson    : the name of the submission's folder, which may be no lesson
    points    : what it has earned, None if it could not be graded
    by_hand   : whether something in it waits for a person to grade it
    problem   : why it could not be graded and what to do about it, in one line; "" if it was graded
    repairs   : what was mended in it, a sentence each; notes: what happened while it ran, likewise
    unreadable: whether there was no notebook in it, so that it has scored nothing; repairs say why
    unchanged : whether it was graded before, and nothing has changed since
    timed_out : whether a cell or a test of it took too long
    misconceptions: by exercise, which its failed answer looks like: ids of the catalogue
    seconds   : that grading it took
    """

    student: str
    lesson: str
    points: float | None = None
    by_hand: bool = False
    problem: str = ""
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unreadable: bool = False
    unchanged: bool = False
    timed_out: bool = False
    misconceptions: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def what(self) -> str:
        """ "failed", "unchanged" or "graded"."""
        return "failed" if self.problem else "unchanged" if self.unchanged else "graded"


def counts(outcomes: list[Outcome]) -> dict[str, int]:
    """How many were graded, unchanged, failed; and of all these unreadable, repaired, timed out."""
    found = {what: sum(outcome.what == what for outcome in outcomes) for what in ("graded", "unchanged", "failed")}
    found["unreadable"] = sum(outcome.unreadable for outcome in outcomes)
    found["repaired"] = sum(bool(outcome.repairs) and not outcome.unreadable for outcome in outcomes)
    found["timed out"] = sum(outcome.timed_out for outcome in outcomes)
    return found


def as_json(outcomes: list[Outcome], points: dict[str, float], seconds: float) -> str:
    """All that is known of a run, for a program. points: what can be earned in each lesson"""
    submissions = [{"what": outcome.what, **asdict(outcome)} for outcome in outcomes]
    said = {"counts": counts(outcomes), "points": points, "seconds": round(seconds, 3), "submissions": submissions}
    return json.dumps(said, indent=1)


def print_all(console: Console, outcomes: list[Outcome], points: dict[str, float], seconds: float) -> None:
    """The table, what went wrong or was mended, and the sums."""
    console.print(table(outcomes, points))
    print_problems(console, outcomes)
    print_repairs(console, [outcome for outcome in outcomes if not outcome.unchanged])
    number = counts(outcomes)
    parts = [f"{number[what]} {what}" for what in ("graded", "unchanged", "failed")]
    more = ", ".join(f"{number[what]} {what}" for what in ("unreadable", "repaired", "timed out") if number[what])
    rate = f", {number['graded'] / seconds:.1f} a second" if number["graded"] and seconds else ""
    console.print(f"{', '.join(parts)}{f' ({more})' if more else ''} in {seconds:.1f} s{rate}")


def with_progress(
    console: Console, outcomes: Iterable[Outcome], total: int, points: dict[str, float]
) -> Iterator[Outcome]:
    """Outcomes as they come: a progress bar on a terminal, a line for each that is new elsewhere."""
    if not console.is_terminal:
        for number, outcome in enumerate(outcomes, 1):
            if not outcome.unchanged:
                said = outcome.problem or _score(outcome, points)
                print(f"{number}/{total} {outcome.student} {outcome.lesson}: {said}", file=console.file, flush=True)
            yield outcome
        return
    columns = [TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), _Pace(), _Failed()]
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=total, failed=0)
        for outcome in outcomes:
            failed = progress.tasks[task].fields["failed"] + bool(outcome.problem)
            progress.update(task, advance=1, failed=failed)
            yield outcome


class _Pace(ProgressColumn):
    """How many a second since the start, and how long it takes at that pace: outcomes come in bursts."""

    def render(self, task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("")
        left = timedelta(seconds=round(task.remaining * task.elapsed / task.completed))
        return Text(f"{task.completed / task.elapsed:.1f}/s, {left} left", style="dim")


class _Failed(ProgressColumn):
    def render(self, task) -> Text:
        failed = task.fields["failed"]
        return Text(f"{failed} failed" if failed else "", style="red")


def table(outcomes: list[Outcome], points: dict[str, float]) -> Table:
    """Student × lesson; of a large class the means only.

    points: what can be earned in each of the lessons to show
    """
    result = Table(show_footer=True)
    students = sorted({outcome.student for outcome in outcomes})
    result.add_column("student", f"mean of {len(students)}", no_wrap=True)
    for lesson, maximum in points.items():
        earned = [o.points for o in outcomes if o.lesson == lesson and o.points is not None]
        mean = f"{sum(earned) / len(earned):.1f} / {maximum:g}" if earned else "–"
        result.add_column(lesson.replace("_", " "), mean, justify="right")
    result.add_column("total", justify="right")
    if len(students) > MAX_ROWS:
        return result
    for student in students:
        own = {outcome.lesson: outcome for outcome in outcomes if outcome.student == student}
        total = sum(own[lesson].points or 0 for lesson in points if lesson in own)
        scores = [_score(own.get(lesson), points) for lesson in points]
        result.add_row(student, *scores, f"{total:g} / {sum(points.values()):g}")
    return result


def _score(outcome: Outcome | None, points: dict[str, float]) -> Text:
    if outcome is None:
        return Text("–", style="dim")
    if outcome.points is None:
        return Text("failed", style="red")
    return Text(f"{outcome.points:g} / {points[outcome.lesson]:g}" + "*" * outcome.by_hand)


def print_repairs(console: Console, outcomes: list[Outcome]) -> None:
    """One line for each kind of repair and of event, with all whom it concerns."""
    concerned: dict[str, list[str]] = {}
    for outcome in outcomes:
        for line in dict.fromkeys((*outcome.repairs, *outcome.notes)):
            concerned.setdefault(line, []).append(f"{outcome.student} {outcome.lesson}")
    for line, whom in concerned.items():
        console.print(f"{_some(whom)}: {line}", style="dim", soft_wrap=True)


def print_problems(console: Console, outcomes: list[Outcome]) -> None:
    """One line for each problem, with all whom it concerns."""
    concerned: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        if outcome.problem:
            concerned.setdefault((outcome.lesson, outcome.problem), []).append(outcome.student)
    for (lesson, problem), students in concerned.items():
        console.print(f"{_some(students)}{f' {lesson}' if lesson else ''}: {problem}", style="red", soft_wrap=True)


def _some(names: list[str]) -> str:
    others = f" and {len(names) - 3} others" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{others}"

"""The class in numbers, and who is behind each of them: all that a report says, as plain data.

`anonymous` makes of it what may be shown to the class: a value without any name, and without the numbers from which a
student could be told.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from autograder.class_data import ClassData, Lesson, Person, Submission
from autograder.grading_notes import TIMED_OUT, UNREADABLE, Kind, kinds_of
from autograder.item_analysis import Weak, weak_exercises
from autograder.misconceptions import Catalogue, catalogue
from autograder.need_of_help import Need, needs

# Whoever belongs to a group of two knows who the other one is; in a group of three nobody is told by belonging to it.
FEW = 3
BINS = 10


@dataclass(frozen=True)
class Group:
    """Some of the students or submissions. count: None where it is too small to be shown; people: sorted by id"""

    count: int | None
    of: int
    people: tuple[Person, ...] = ()

    @property
    def share(self) -> float | None:
        return None if self.count is None or not self.of else self.count / self.of


@dataclass(frozen=True)
class Bin:
    """Marks from low to below high, in percent of the lesson's points; the last one includes its end."""

    low: int
    high: int
    count: int


@dataclass(frozen=True)
class Exercise:
    """What came of an exercise in the submissions that were graded.

    full, part, nothing, unwritten: who has all, some or none of its points, and who has not written anything in it
    median: of the share of its points, None where too few have any
    """

    number: str
    title: str
    full: Group
    part: Group
    nothing: Group
    unwritten: Group
    median: float | None

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.full, self.part, self.nothing, self.unwritten

    @property
    def of(self) -> int:
        return self.full.of


@dataclass(frozen=True)
class LessonSummary:
    """submitted, graded: students; mean, median: in points after the late penalty, of those graded and readable

    unreadable: nothing was found in it that could be graded; late, by_hand and ungraded are of all that handed in
    """

    name: str
    title: str
    points: float
    submitted: int
    graded: int
    mean: float | None
    median: float | None
    by_hand: Group
    late: Group
    ungraded: Group
    unreadable: Group
    bins: tuple[Bin, ...]
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Believed:
    """A misconception in this class.

    believed, hint, reread: as in the catalogue, "" where that has no such entry any more
    group: whose answer it explains, alone or together with another; first: for how many it is named first
    """

    id: str
    lesson: str
    exercise: str
    believed: str
    hint: str
    reread: str
    group: Group
    first: int | None


@dataclass(frozen=True)
class Noted:
    """A kind of thing that grading has noted. sentences: who, in which lesson, and what was noted"""

    kind: Kind
    group: Group
    submissions: int | None
    sentences: tuple[tuple[Person, str, str], ...] = ()


@dataclass(frozen=True)
class Summary:
    """students: in the class; untold: submissions of which only the points are known

    misconceptions: the most frequent first; weak: exercises that say little of who knows the rest; needs: who may need
    help, None where that is not to be shown
    """

    students: int
    lessons: tuple[LessonSummary, ...]
    misconceptions: tuple[Believed, ...]
    weak: tuple[Weak, ...]
    noted: tuple[Noted, ...]
    untold: int
    needs: tuple[Need, ...] | None

    @property
    def is_anonymous(self) -> bool:
        return self.needs is None


def summarise(data: ClassData, catalogue_of: Callable[[str], Catalogue] = catalogue) -> Summary:
    """All that there is to say of a class, with names."""
    by_lesson: dict[str, dict[str, Submission]] = {name: {} for name in data.lessons}
    for (student, lesson), submission in sorted(data.submissions.items()):
        by_lesson[lesson][student] = submission
    counted = {name: {s: found[s] for s in found if found[s].is_counted} for name, found in by_lesson.items()}
    return Summary(
        len(data.people),
        tuple(_lesson(data, lesson, by_lesson[name]) for name, lesson in data.lessons.items()),
        _misconceptions(data, counted, catalogue_of),
        tuple(weak for name, lesson in data.lessons.items() for weak in weak_exercises(lesson, counted[name].values())),
        _noted(data),
        sum(not submission.told for submission in data.submissions.values()),
        needs(data),
    )


def _group(data: ClassData, students: Iterable[str], of: int) -> Group:
    students = sorted(set(students))
    return Group(len(students), of, tuple(data.people[student] for student in students))


def _lesson(data: ClassData, lesson: Lesson, found: dict[str, Submission]) -> LessonSummary:
    handed_in = {student for student, name in data.handed_in if name == lesson.name}
    counted = {student: submission for student, submission in found.items() if submission.is_counted}
    points = [submission.points for submission in counted.values()]

    def those(condition: Callable[[Submission], bool]) -> Group:
        return _group(data, (s for s, submission in found.items() if condition(submission)), len(handed_in))

    ungraded = {s for s in handed_in if s not in found or (found[s].ungraded and not found[s].unreadable)}
    return LessonSummary(
        lesson.name,
        lesson.title,
        lesson.points,
        len(handed_in),
        len(counted),
        statistics.fmean(points) if points else None,
        statistics.median(points) if points else None,
        those(lambda submission: submission.by_hand),
        those(lambda submission: submission.late),
        _group(data, ungraded, len(handed_in)),
        those(lambda submission: submission.unreadable),
        bins([each / lesson.points for each in points]) if lesson.points else (),
        tuple(
            exercise
            for key, (number, title) in lesson.exercises.items()
            if (exercise := _exercise(data, number, title, key, counted))
        ),
    )


def _exercise(data: ClassData, number: str, title: str, key: str, counted: dict[str, Submission]) -> Exercise | None:
    answers = {s: submission.answers[key] for s, submission in counted.items() if key in submission.answers}
    groups: dict[str, list[str]] = {name: [] for name in ("full", "part", "nothing", "unwritten")}
    for student, answer in answers.items():
        which = "full" if answer.share >= 1 - 1e-9 else "part" if answer.share else "nothing"
        groups[which if answer.written else "unwritten"].append(student)
    if not answers:
        return None
    median = statistics.median(answer.share for answer in answers.values())
    return Exercise(number, title, *(_group(data, each, len(answers)) for each in groups.values()), median)


def bins(shares: Iterable[float]) -> tuple[Bin, ...]:
    """Ten bins of the same width, in percent; what is above 100 % is in the last one."""
    counts = [0] * BINS
    for share in shares:
        counts[max(0, min(BINS - 1, int(share * BINS + 1e-9)))] += 1
    width = 100 // BINS
    return tuple(Bin(width * i, width * (i + 1), count) for i, count in enumerate(counts)) if any(counts) else ()


def _misconceptions(
    data: ClassData, counted: dict[str, dict[str, Submission]], catalogue_of: Callable[[str], Catalogue]
) -> tuple[Believed, ...]:
    who, first = defaultdict(set), defaultdict(int)
    for lesson, found in counted.items():
        for student, submission in found.items():
            for exercise, ids in submission.misconceptions.items():
                for place, id in enumerate(ids):
                    who[lesson, exercise, id].add(student)
                    first[lesson, exercise, id] += place == 0
    result = []
    for (lesson, exercise, id), students in who.items():
        entry = catalogue_of(lesson).entry(id)
        told = (entry.believed, entry.hint, entry.reread) if entry else ("", "", "")
        group = _group(data, students, len(counted[lesson]))
        result.append(Believed(id, lesson, exercise, *told, group, first[lesson, exercise, id]))
    return tuple(sorted(result, key=lambda each: (-each.group.count, -each.first, each.lesson, each.id)))


def _noted(data: ClassData) -> tuple[Noted, ...]:
    found: dict[Kind, list[tuple[Person, str, str]]] = defaultdict(list)
    for (student, lesson), submission in sorted(data.submissions.items()):
        kinds = kinds_of(submission.repairs, submission.notes)
        if submission.unreadable:  # why that is stands in its repairs
            why = [line for kind, lines in kinds.items() if not kind.look for line in lines]
            kinds = {UNREADABLE: why or [""], **{kind: lines for kind, lines in kinds.items() if kind.look}}
        if submission.timed_out:
            kinds.setdefault(TIMED_OUT, ["a check of it took too long"])
        for kind, lines in kinds.items():
            found[kind] += [(data.people[student], lesson, line) for line in lines]
    noted = []
    for kind, lines in found.items():
        group = _group(data, {person.id for person, *_ in lines}, len(data.people))
        noted.append(Noted(kind, group, len({(person.id, lesson) for person, lesson, _ in lines}), tuple(lines)))
    first = {UNREADABLE: 0, TIMED_OUT: 1}
    return tuple(sorted(noted, key=lambda each: (first.get(each.kind, 2), -each.group.count, each.kind.title)))


def anonymous(summary: Summary, few: int = FEW) -> Summary:
    """The same for the eyes of the class: no student in it, and no number below `few` from which one could be told.

    Smaller groups have no count, unless nobody is in them; of groups that add up to a known number never only one has
    none, the next smallest goes with it; bins of marks are joined until each is empty or large enough; misconceptions
    and notes of few stand last, in no order of size. How far grading has come is told
    exactly: whose file is unreadable or not graded yet cannot be told from it.
    """

    def small(group: Group) -> Group:
        return Group(None if 0 < group.count < few else group.count, group.of)

    def of_lesson(lesson: LessonSummary) -> LessonSummary:
        shown = lesson.graded >= few
        return replace(
            lesson,
            mean=lesson.mean if shown else None,
            median=lesson.median if shown else None,
            by_hand=replace(lesson.by_hand, people=()),
            late=small(lesson.late),
            ungraded=replace(lesson.ungraded, people=()),
            unreadable=replace(lesson.unreadable, people=()),
            bins=joined(lesson.bins, few) if shown else (),
            exercises=tuple(map(of_exercise, lesson.exercises)),
        )

    def of_exercise(exercise: Exercise) -> Exercise:
        hidden = [0 < group.count < few for group in exercise.groups]
        if sum(hidden) == 1:
            rest = [place for place, is_hidden in enumerate(hidden) if not is_hidden]
            hidden[min(rest, key=lambda place: exercise.groups[place].count)] = True
        groups = [Group(None if h else g.count, g.of) for g, h in zip(exercise.groups, hidden, strict=True)]
        return replace(
            exercise,
            **dict(zip(("full", "part", "nothing", "unwritten"), groups, strict=True)),
            median=exercise.median if exercise.of >= few else None,
        )

    def of_misconception(each: Believed) -> Believed:
        group = small(each.group)
        return replace(each, group=group, first=None)

    def of_noted(each: Noted) -> Noted:
        group = small(each.group)
        return Noted(each.kind, group, None if group.count is None else each.submissions)

    believed = list(map(of_misconception, summary.misconceptions))
    enough = [each for each in believed if each.group.count is not None]
    others = sorted((each for each in believed if each.group.count is None), key=lambda each: (each.lesson, each.id))
    noted = sorted(
        map(of_noted, summary.noted),
        key=lambda each: (each.group.count is None, each.kind.title if each.group.count is None else ""),
    )
    return replace(
        summary,
        lessons=tuple(map(of_lesson, summary.lessons)),
        misconceptions=(*enough, *others),
        noted=tuple(noted),
        needs=None,
    )


def joined(found: tuple[Bin, ...], few: int) -> tuple[Bin, ...]:
    """Neighbouring bins put together until each is empty or holds at least so many."""
    result = list(found)
    while len(result) > 1 and any(0 < each.count < few for each in result):
        place = min(
            (place for place, each in enumerate(result) if 0 < each.count < few), key=lambda place: result[place].count
        )
        beside = [other for other in (place - 1, place + 1) if 0 <= other < len(result)]
        other = min(beside, key=lambda other: (not result[other].count, result[other].count))
        low, high = sorted((place, other))
        result[low : high + 1] = [Bin(result[low].low, result[high].high, result[low].count + result[high].count)]
    return tuple(result)

"""A learning platform's own file of grades: who and which lesson is where in it, and our grades laid in.

Who is not found for sure is left out and named: a grade that is missing is noticed, one in the wrong row may not be.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import CourseError
from autograder.csv_table import Table, as_number, defused, is_dangerous, number
from autograder.grade_entries import BY_HAND, MISSING, UNGRADED, Entry

BLANK = "-"  # Moodle's own sign for no grade
_IDENTIFYING = {
    *("id", "student id", "studentid", "id number", "idnumber", "student number", "matriculation number"),
    *("username", "user name", "login", "login id", "user id", "sis user id", "sis login id", "integration id"),
    *("matrikelnummer", "id-nummer", "anmeldename", "benutzername", "numéro d’identification", "nom d’utilisateur"),
    *("email", "e-mail", "mail", "email address", "e-mail address"),
}
_OF_ROSTER = {"student", "folder", "name of folder"}
_OTHER_DISPLAY = re.compile(r"\((percentage|letter|feedback)\)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Platform:
    """new_columns: whether its importer makes a new item of a column that it does not know"""

    name: str
    new_columns: bool
    advice: str


MOODLE = Platform(
    "moodle",
    True,
    "Import it in Moodle: Grades > Import > CSV file, encoding UTF-8; map the column of ids, then each lesson.",
)
CANVAS = Platform("canvas", False, "Import it in Canvas: Gradebook > Import.")


@dataclass(frozen=True)
class Options:
    """How to lay grades in.

    columns        : the name of a lesson's column, where that is not to be found by the lesson's name
    out_of         : scale each lesson's points to this maximum
    missing_as_zero: 0 for who has handed in nothing and has no grade there yet
    unfinished     : also what still waits for points by hand
    """

    columns: dict[str, str] = field(default_factory=dict)
    out_of: float | None = None
    missing_as_zero: bool = False
    unfinished: bool = False


@dataclass(frozen=True)
class Match:
    """rows: of each student that was found, by number; columns: those that identify; lines: what is to be told"""

    rows: dict[str, int]
    columns: list[int]
    lines: list[str]
    lost: list[str]


@dataclass
class Filled:
    """A file to import. lines: what is to be told; complete: whether all of the gradebook's grades are in it"""

    table: Table
    grades: int
    lines: list[str]
    complete: bool


def check_canvas(table: Table, path: Path) -> None:
    """raises: CourseError for a file that Canvas would not take"""
    first = table.header[0].strip()
    if first not in ("Student", "LastName") or "ID" not in table.header or "Section" not in table.header:
        raise CourseError(
            f"{path} is no gradebook from Canvas (columns Student, ID, …, Section): "
            "choose Gradebook > Export > Export Entire Gradebook there, then try again"
        )


def is_person(platform: Platform, table: Table, row: list[str]) -> bool:
    """Whether a row is a student's: in Canvas some say points and posting, and one is a test student's."""
    if platform is not CANVAS:
        return any(cell.strip() for cell in row)
    return bool(row[table.header.index("ID")].strip()) and row[0].strip() != "Student, Test"


def match(
    platform: Platform, students: list[str], table: Table, path: Path, roster: Table | None = None, by: str = ""
) -> Match:
    """Find each student's row by what stands in one column, the one in which most of them are found.

    roster: says for each student by what else they may be known
    by    : that column's name, "" to choose it
    raises: CourseError if nobody is found
    """
    aliases = _aliases(students, roster) if roster else {student: {student} for student in students}
    people = [i for i, row in enumerate(table.rows) if is_person(platform, table, row)]
    columns = _identifying(platform, table)
    if by:
        if by not in table.header:
            raise CourseError(f"{path} has no column {by!r}: choose from {listed(table.header)}")
        columns = [table.header.index(by)]
    best: tuple[dict[str, int], list[str]] = ({}, [])
    chosen = None
    for column in columns:
        rows, unclear = _found(aliases, table, people, column)
        if len(rows) > len(best[0]):
            best, chosen = (rows, unclear), column
    rows, unclear = best
    if chosen is None:
        where = listed([table.header[i] for i in columns]) if columns else "no column that could identify a student"
        raise CourseError(
            f"no student of the gradebook is in {path} (looked in: {where}): name a column with --match, "
            "or give a --roster that says who is who"
        )
    lost = [student for student in students if student not in rows and student not in unclear]
    lines = []
    if lost:
        lines.append(f"in the gradebook, not in {path.name}: {listed(lost)}")
    if unclear:
        lines.append(f"not clear which row of {path.name} is whose, left out: {listed(unclear)}")
    taken = set(rows.values())
    if others := [table.rows[i][chosen].strip() or f"row {i + 2}" for i in people if i not in taken]:
        lines.append(f"in {path.name}, not in the gradebook: {listed(others)}")
    if platform is CANVAS:
        columns = [table.header.index("ID")]
    return Match(rows, [chosen, *(i for i in columns if i != chosen)], lines, [*lost, *unclear])


def lesson_columns(table: Table, lessons: Iterable[str], given: dict[str, str], path: Path) -> dict[str, int]:
    """The column of each lesson that has one. given: names of columns that are known

    raises: CourseError for a column that is not there, and for a lesson that could have several
    """
    lessons, found = list(lessons), {}
    if unknown := sorted(set(given) - set(lessons)):
        raise CourseError(f"--column {unknown[0]}=…: choose a lesson from {', '.join(lessons)}")
    for lesson in lessons:
        if lesson in given:
            if table.header.count(given[lesson]) != 1:
                raise CourseError(f"{path} has no column {given[lesson]!r}: choose from {listed(table.header)}")
            found[lesson] = table.header.index(given[lesson])
            continue
        meant = [i for i, name in enumerate(table.header) if _is_meant(name, lesson)]
        real = [i for i in meant if table.header[i].rstrip().endswith("(Real)")]
        if len(meant := real if len(real) == 1 else meant) > 1:
            several = listed([table.header[i] for i in meant])
            raise CourseError(f"{path} has several columns for {lesson} ({several}): say --column '{lesson}=NAME'")
        found |= {lesson: meant[0]} if meant else {}
    if len(set(found.values())) < len(found):
        raise CourseError(f"two lessons would go into one column of {path}: say --column LESSON=NAME for each")
    return found


def fill(
    platform: Platform, table: Table, columns: dict[str, int], matched: Match, found: list[Entry], options: Options
) -> Filled:
    """Lay the grades in. columns: of each lesson. raises: CourseError if a column has another maximum"""
    maximum = {entry.lesson: options.out_of or entry.of for entry in found}
    _check_maximum(platform, table, columns, maximum)
    rows, told, grades = [list(row) for row in table.rows], defaultdict(list), 0
    for entry in found:
        if entry.student not in matched.rows or entry.lesson not in columns:
            continue
        row, column = rows[matched.rows[entry.student]], columns[entry.lesson]
        who, there = f"{entry.student} {entry.lesson}", row[column].strip()
        if entry.state == MISSING:
            if options.missing_as_zero and there in ("", BLANK):
                row[column] = "0"
        elif entry.state == UNGRADED:
            told["handed in and not graded, left as it was: run `autograder grade`"].append(who)
        elif entry.state == BY_HAND and not options.unfinished:
            told["waits to be graded by hand, left as it was: use formgrader, or --unfinished"].append(who)
        elif platform is CANVAS and there.upper() in ("EX", "N/A"):
            told["excused or not assigned in Canvas, left as it was"].append(who)
        else:
            row[column] = number(entry.points * (maximum[entry.lesson] / entry.of if entry.of else 1))
            grades += 1
    lines = [f"{what}: {listed(whom)}" for what, whom in told.items()]
    if options.missing_as_zero:
        lines += _zeros(platform, table, rows, columns, matched)
    rows, left_out = _safe(platform, table, rows, matched.columns)
    gone = sum(
        entry.standing is not None and entry.student in matched.rows and matched.rows[entry.student] in left_out
        for entry in found
    )
    if left_out:
        whom = listed([table.rows[i][matched.columns[0]] for i in sorted(left_out)])
        lines.append(f"left out, for a spreadsheet would run what identifies them, enter by hand: {whom}")
    complete = not (told or matched.lost or gone)
    return Filled(table.with_rows(rows), grades - gone, lines, complete)


def _found(aliases: dict[str, set[str]], table: Table, people: list[int], column: int) -> tuple[dict, list[str]]:
    """Each student's row by one column, and those for whom there are several or who share one with another."""
    whole, local = defaultdict(set), defaultdict(set)
    for i in people:
        value = table.rows[i][column].strip().casefold()
        if value:
            whole[value].add(i)
            if "@" in value:
                local[value.split("@")[0]].add(i)
    hits = {}
    for student, names in aliases.items():
        names = {name.strip().casefold() for name in names}
        hits[student] = set().union(*(whole[name] for name in names if name in whole)) or set().union(
            *(local[name] for name in names if name in local)
        )
    owners = defaultdict(list)
    for student, rows in hits.items():
        for row in rows:
            owners[row].append(student)
    unclear = [s for s, rows in hits.items() if len(rows) > 1 or any(len(owners[row]) > 1 for row in rows)]
    return {s: next(iter(rows)) for s, rows in hits.items() if rows and s not in unclear}, unclear


def _aliases(students: list[str], roster: Table) -> dict[str, set[str]]:
    """What each student is known by, of those columns of the roster that identify."""
    columns = _identifying(None, roster)
    names, found = {student: {student} for student in students}, {}
    for column in columns:
        rows, _ = _found(names, roster, range(len(roster.rows)), column)
        found = rows if len(rows) > len(found) else found
    for student, row in found.items():
        names[student] |= {roster.rows[row][column] for column in columns if roster.rows[row][column].strip()}
    return names


def _identifying(platform: Platform | None, table: Table) -> list[int]:
    """The columns by which a student can be found: by their names, or because they hold addresses."""
    found = []
    for i, name in enumerate(table.header):
        name = name.strip().casefold().replace("'", "’")
        values = [row[i] for row in table.rows if row[i].strip()]
        addresses = sum(bool(re.fullmatch(r"\s*\S+@\S+\s*", value)) for value in values)
        if name in _IDENTIFYING or (name in _OF_ROSTER and platform is not CANVAS) or addresses * 2 > len(values):
            found.append(i)
    return found


def _is_meant(header: str, lesson: str) -> bool:
    """Whether a column is a lesson's: "Assignment: 1 Perceptron (Real)" or "Lesson 01: Perceptron (4711)"."""
    if _OTHER_DISPLAY.search(header):
        return False
    name = re.sub(r"\s*\([^()]*\)\s*$", "", header)
    return bool({_plain(name), _plain(name.partition(":")[2])} & {_plain(lesson), _plain(lesson.partition("_")[2])})


def _plain(name: str) -> str:
    words = re.sub(r"[\W_]+", " ", name.casefold()).split()
    words = words[1:] if words[:1] == ["lesson"] else words
    return " ".join(word.lstrip("0") or "0" for word in words) or "\0"


def _check_maximum(platform: Platform, table: Table, columns: dict[str, int], maximum: dict[str, float]) -> None:
    said = [row for row in table.rows if "Points Possible" in row[0]] if platform is CANVAS else []
    for row in said[:1]:
        for lesson, column in columns.items():
            there, name = as_number(row[column]), table.header[column]
            if "read only" in row[column]:
                raise CourseError(f"Canvas computes {name!r} itself: name another column with --column {lesson}=NAME")
            if there is not None and abs(there - maximum[lesson]) > 0.006:
                raise CourseError(
                    f"{name!r} is out of {there:g} in Canvas and {lesson} out of {maximum[lesson]:g}: "
                    f"set that in Canvas and export again, or use --out-of {there:g}"
                )


def _zeros(
    platform: Platform, table: Table, rows: list[list[str]], columns: dict[str, int], matched: Match
) -> list[str]:
    """0 for all who are not in the gradebook, unless one of them may be a student who was not found."""
    taken = set(matched.rows.values())
    others = [i for i, row in enumerate(table.rows) if i not in taken and is_person(platform, table, row)]
    if others and matched.lost:
        return ["no 0 for who is not in the gradebook: they may be those who were not found; see above"]
    for i in others:
        for column in columns.values():
            rows[i][column] = "0" if rows[i][column].strip() in ("", BLANK) else rows[i][column]
    return []


def _safe(platform: Platform, table: Table, rows: list[list[str]], identify: list[int]) -> tuple[list, set[int]]:
    """The rows without what a spreadsheet would run, and which had to be left out for that.

    An apostrophe before a name does no harm, for the platform does not read it. What identifies a student cannot be
    changed. What teachers have written into Canvas's own columns is imported with the grades, and stays.
    """
    width = len(table.header)
    loose = range(table.header.index("Section") + 1) if platform is CANVAS else range(width)
    identify = [table.header.index("ID")] if platform is CANVAS else identify
    left_out = {i for i, row in enumerate(rows) if any(is_dangerous(row[column]) for column in identify)}
    kept = []
    for i, row in enumerate(rows):
        nobody = platform is MOODLE and not any(row[column].strip() for column in identify)
        if i not in left_out and not nobody:
            change = set(loose) - set(identify)
            kept.append([defused(cell) if n in change else cell for n, cell in enumerate(row)])
    return kept, left_out


def listed(names: Iterable[str]) -> str:
    """Names for a terminal: without what it would obey."""
    return ", ".join(name if name.isprintable() else repr(name) for name in names)

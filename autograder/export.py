"""Grades for a learning platform or a spreadsheet: `autograder export`.

Moodle and Canvas read what they have written themselves, so their own export is the template: its cells for the lessons
are filled in, all others stay. What their importers take is known from their sources
(grade/import/csv/classes/load_data.php, lib/gradebook_importer.rb).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from autograder import platform_file
from autograder.course import Course, CourseError
from autograder.csv_table import Table, defused, number, read_table, write_whole
from autograder.grade_entries import BY_HAND, GRADED, Entry, entries, never_graded, points_of
from autograder.platform_file import BLANK, CANVAS, MOODLE, Filled, Match, Platform
from autograder.standings import opened, read_grades

CSV = "csv"
PLATFORMS = {platform.name: platform for platform in (MOODLE, CANVAS)}


@dataclass(frozen=True)
class Options:
    """What to write.

    format   : moodle, canvas or csv
    output   : the file; None: class/export/<format>.csv
    template : a file that the platform has exported
    roster   : a CSV file that says for each student by what the platform knows them
    match    : the column of template or roster in which students are found; "": the one that fits best
    filling  : how to lay grades into it
    exercises: one row for each test instead of one for each submission, in a csv
    """

    format: str
    output: Path | None = None
    template: Path | None = None
    roster: Path | None = None
    match: str = ""
    filling: platform_file.Options = field(default_factory=platform_file.Options)
    exercises: bool = False


def run(course: Course, names: list[str], options: Options) -> int:
    """Write the grades of these lessons, or of all that have been graded, and say who is not among them.

    returns: 1 if a submission's grade is not in the file, else 0
    raises : CourseError, and then no file has been written or changed
    """
    _check(options)
    points = points_of(course, names)
    found = entries(course, points)
    path = options.output or course.classroom / "export" / f"{options.format}.csv"
    if path.is_dir():
        raise CourseError(f"{path} is a folder: name a file as --output")
    if any(source and path.exists() and path.samefile(source) for source in (options.template, options.roster)):
        raise CourseError(f"{path} is what is read: name another --output")
    if options.format == CSV:
        table, lines, complete = _by_test(course, found) if options.exercises else _by_submission(found), [], True
        said = f"{len(table.rows)} rows"
    else:
        filled, matched = _for_platform(PLATFORMS[options.format], found, points, names, options)
        table, lines, complete = filled.table, [*matched.lines, *filled.lines], filled.complete
        said = f"{filled.grades} grades. {PLATFORMS[options.format].advice}"
    write_whole(path, table.text(), bom=table.bom)
    if new := never_graded(course, found):
        lines.append(f"handed in and not in the gradebook: {platform_file.listed(new)}: run `autograder grade`")
    print("\n".join([*lines, f"{path}: {said}"]))
    return int(not complete or bool(new))


def columns_named(said: list[str]) -> dict[str, str]:
    """Columns by lesson. said: each as LESSON=COLUMN. raises: CourseError"""
    if wrong := next((each for each in said if "=" not in each), None):
        raise CourseError(f"--column {wrong}: write it as LESSON=COLUMN, such as --column '01_perceptron=Perceptron'")
    return dict(each.split("=", 1) for each in said)


def _check(options: Options) -> None:
    if options.format not in (*PLATFORMS, CSV):
        raise CourseError(f"--format {options.format}: choose from {', '.join((*PLATFORMS, CSV))}")
    filling = options.filling
    if options.format == CANVAS.name and not options.template:
        raise CourseError("Canvas takes grades in its own file only: Gradebook > Export there, then --template FILE")
    given = [f"--{name}" for name in ("template", "roster", "match") if getattr(options, name)]
    if options.format == CSV and (given or filling != platform_file.Options()):
        raise CourseError(f"{given[0] if given else 'that option'} is for moodle and canvas only: leave it out")
    if options.exercises and options.format != CSV:
        raise CourseError("--exercises is for csv only: leave it out")
    if filling.columns and not options.template:
        raise CourseError("--column names a column of a template: give --template FILE, too")
    if options.match and not (options.template or options.roster):
        raise CourseError("--match names a column of a file: give --template FILE or --roster FILE, too")
    if filling.out_of is not None and not 0 < filling.out_of < float("inf"):
        raise CourseError("--out-of: give a number above 0")


def _for_platform(
    platform: Platform, found: list[Entry], points: dict[str, float], names: list[str], options: Options
) -> tuple[Filled, Match]:
    roster = read_table(options.roster) if options.roster else None
    students = list(dict.fromkeys(entry.student for entry in found))
    columns: dict[str, int] = {}
    if options.template:
        table = read_table(options.template)
        if platform is CANVAS:
            platform_file.check_canvas(table, options.template)
        matched = platform_file.match(platform, students, table, options.template, roster, options.match)
        columns = platform_file.lesson_columns(table, points, options.filling.columns, options.template)
    elif roster:
        matched = platform_file.match(platform, students, roster, options.roster, None, options.match)
        table = dataclasses.replace(
            roster,
            header=[roster.header[i] for i in matched.columns],
            rows=[[row[i] for i in matched.columns] for row in roster.rows],
        )
        matched = dataclasses.replace(matched, columns=list(range(len(matched.columns))))
    else:
        table = Table([_kind(students)], [[student] for student in students])
        matched = Match({student: row for row, student in enumerate(students)}, [0], [], [])
    lines = []
    if new := [lesson for lesson in points if lesson not in columns]:
        if platform.new_columns:
            columns |= {lesson: len(table.header) + i for i, lesson in enumerate(new)}
            rows = [[*row, *[BLANK] * len(new)] for row in table.rows]
            table = dataclasses.replace(table, header=[*table.header, *new], rows=rows)
        else:
            what = f"{options.template} has no column for {', '.join(new)}"
            how = "make that assignment in Canvas and export again, or say --column LESSON=NAME"
            if names or not columns:
                raise CourseError(f"{what}: {how}")
            lines.append(f"{what}, left out: {how}")
    filled = platform_file.fill(platform, table, columns, matched, found, options.filling)
    if platform is MOODLE and not options.filling.out_of:
        maxima = ", ".join(f"{lesson} {number(of)}" for lesson, of in points.items())
        lines.append(f"set the maximum grade of each item in Moodle ({maxima}), or use --out-of 100")
    return dataclasses.replace(filled, lines=[*filled.lines, *lines]), matched


def _kind(students: list[str]) -> str:
    """What Moodle probably calls what our students are called by."""
    if all("@" in student for student in students):
        return "Email address"
    return "ID number" if all(student.isdigit() for student in students) else "Username"


def _by_submission(found: list[Entry]) -> Table:
    """One row for each student and lesson; what there is not is an empty cell. Times are UTC."""
    header = ["student", "lesson", "points", "of", "late_penalty", "handed_in", "state"]
    rows = []
    for entry in found:
        now = entry.standing
        when = now.handed_in.strftime("%Y-%m-%dT%H:%M:%SZ") if now and now.handed_in else ""
        points, penalty = (number(now.points), number(now.penalty)) if now else ("", "")
        rows.append([defused(entry.student), entry.lesson, points, number(entry.of), penalty, when, entry.state])
    return Table(header, rows)


def _by_test(course: Course, found: list[Entry]) -> Table:
    """One row for each graded cell of each submission, before the late penalty, which is the whole submission's."""
    header = ["student", "lesson", "test", "points", "of", "state"]
    rows = []
    with opened(course) as gradebook:
        for entry in found:
            if not entry.standing:
                continue
            for name, score in read_grades(course, gradebook, entry.student, entry.lesson).scores.items():
                given = score.given is not None
                points, state = (number(score.earned), GRADED) if given else ("", BY_HAND)
                rows.append([defused(entry.student), entry.lesson, name, points, number(score.possible), state])
    return Table(header, rows)

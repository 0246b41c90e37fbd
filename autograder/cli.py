"""The `autograder` command: one sub-command a job, each a thin call into the module that does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.course import Course, CourseError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

ClassFolder = Annotated[Path | None, typer.Option("--class", help="The class's folder.")]
Lessons = Annotated[list[str] | None, typer.Argument(help="Lessons such as 01_perceptron; all when none is named.")]


@app.command()
def build(
    lessons: Lessons = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a notebook is stale.")] = False,
) -> None:
    """Make solutions/ and notebooks/ from lessons/."""
    from autograder.build import run

    raise typer.Exit(run(Course(), lessons or [], check=check))


@app.command()
def collect(
    sources: Annotated[list[Path], typer.Argument(help="Archives, folders or notebooks as a platform gave them.")],
    lesson: Annotated[str, typer.Option(help="What all of it is for, if names and notebooks do not say.")] = "",
    roster: Annotated[
        Path | None, typer.Option(help="A CSV file with columns id, name, email …; CLASS/roster.csv if there is one.")
    ] = None,
    student: Annotated[str, typer.Option(help="Who sent all of it, if names do not say.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of each submission as JSON.")] = False,
    classroom: ClassFolder = None,
) -> None:
    """Put what a learning platform gives, such as its archive of all submissions, into the class's folder."""
    from autograder.collect import run

    raise typer.Exit(run(_course(classroom), sources, lesson, roster, student, as_json))


@app.command()
def grade(
    lessons: Lessons = None,
    student: Annotated[list[str] | None, typer.Option(help="Grade this student only; may be repeated.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core if not given.")] = None,
    cluster: Annotated[str, typer.Option(help="Grade on the Dask cluster of this scheduler, as tcp://HOST:8786.")] = "",
    rerun: Annotated[bool, typer.Option("--rerun", help="Grade again what has not changed, too.")] = False,
    all_cells: Annotated[bool, typer.Option("--all-cells", help="Run unchanged illustrations, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of each submission as JSON.")] = False,
    classroom: ClassFolder = None,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run student code with all of your rights: only for code you trust.")
    ] = False,
) -> None:
    """Grade what the class has submitted and has not been graded yet, and print a table."""
    from autograder.class_run import Options
    from autograder.grade import run

    options = Options(workers, cluster, rerun, all_cells, not no_sandbox)
    raise typer.Exit(run(_course(classroom), lessons or [], student or [], options, as_json))


@app.command()
def feedback(
    lessons: Lessons = None,
    student: Annotated[list[str] | None, typer.Option(help="Write this student's pages only; may be repeated.")] = None,
    classroom: ClassFolder = None,
) -> None:
    """Write the feedback pages of what has been graded, with comments and points given by hand."""
    from autograder.feedback_pages import run

    raise typer.Exit(run(_course(classroom), lessons or [], students=student or []))


@app.command()
def export(
    lessons: Lessons = None,
    format: Annotated[str, typer.Option(help="moodle, canvas or csv.")] = "csv",
    output: Annotated[Path | None, typer.Option(help="The file; class/export/<format>.csv if not given.")] = None,
    template: Annotated[Path | None, typer.Option(help="What the platform has exported: it is filled in.")] = None,
    roster: Annotated[Path | None, typer.Option(help="A CSV file that says who is who on the platform.")] = None,
    match: Annotated[str, typer.Option(help="The column in which students are found; else what fits best.")] = "",
    column: Annotated[list[str] | None, typer.Option(help="LESSON=COLUMN of the template; may be repeated.")] = None,
    out_of: Annotated[float | None, typer.Option(help="Scale the points of each lesson to this maximum.")] = None,
    missing_as_zero: Annotated[bool, typer.Option("--missing-as-zero", help="0 for who handed in nothing.")] = False,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Also what waits to be graded by hand.")] = False,
    exercises: Annotated[bool, typer.Option("--exercises", help="One row for each test, in a csv.")] = False,
    classroom: ClassFolder = None,
) -> None:
    """Write the grades for Moodle, Canvas or a spreadsheet."""
    from autograder.export import Options, columns_named, run
    from autograder.platform_file import Options as Filling

    filling = Filling(columns_named(column or []), out_of, missing_as_zero, unfinished)
    options = Options(format, output, template, roster, match, filling, exercises)
    raise typer.Exit(run(_course(classroom), lessons or [], options))


@app.command()
def report(
    lessons: Lessons = None,
    names: Annotated[bool, typer.Option("--names", help="Say who is meant: for teachers, not to be shown.")] = False,
    output: Annotated[Path | None, typer.Option(help="The page; class/report/index.html if not given.")] = None,
    classroom: ClassFolder = None,
) -> None:
    """Write a page about the whole class: marks, exercises, misconceptions, what to look at."""
    from autograder.report import run

    raise typer.Exit(run(_course(classroom), lessons or [], names=names, output=output))


@app.command()
def bundle(
    lessons: Lessons = None,
    output: Annotated[
        Path | None, typer.Option(help="An empty folder or an earlier bundle; else class/bundle.")
    ] = None,
    as_zip: Annotated[bool, typer.Option("--zip", help="Write a zip beside the folder, too.")] = False,
    classroom: ClassFolder = None,
) -> None:
    """Write the folder that students get: released notebooks, mlp_helpers, a start page; a repository's content."""
    from autograder.bundle import run

    raise typer.Exit(run(_course(classroom), lessons or [], output, as_zip=as_zip))


@app.command()
def demo() -> None:
    """Make a sample class in demo/, grade it, and say where the feedback is."""
    from autograder.sample_class import demo

    raise typer.Exit(demo())


def _course(classroom: Path | None) -> Course:
    return Course(classroom=classroom.resolve()) if classroom else Course()


def main() -> None:
    """Run the command; a CourseError becomes one line on stderr and exit code 2."""
    try:
        app()
    except CourseError as error:
        print(f"autograder: {error}", file=sys.stderr)
        sys.exit(2)

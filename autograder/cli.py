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

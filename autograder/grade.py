"""Grade a class: intake, nbgrader's autograde and feedback for each submission on its own, in parallel, and a table.

Whatever is wrong with one submission becomes one line under the table and stops no other.
"""

from __future__ import annotations

import io
import json
import logging
import os
import queue
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from autograder.configuration import COURSE_ID, nbgrader_config, why_unusable
from autograder.course import Course, CourseError


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    lesson : the name of the submission's folder, which may be no lesson
    points : what was earned, None if it could not be graded
    by_hand: whether something in it waits for a person to grade it
    problem: why it could not be graded and what to do about it, in one line; "" if it was graded
    repairs: what was mended in it, and what happened while it ran, a sentence each
    log    : what nbgrader wrote meanwhile
    """

    student: str
    lesson: str
    points: float | None = None
    by_hand: bool = False
    problem: str = ""
    repairs: tuple[str, ...] = ()
    log: str = ""


def run(course: Course, lessons: list[str], students: list[str], *, sandbox: bool = True) -> int:
    """Grade what these students handed in for these lessons (all, where none is named) and print a table.

    sandbox: False runs student code with all rights of whoever grades
    returns: 0 if everything was graded, 1 if something was not
    raises : CourseError if there is nothing that could be graded, or no sandbox to be had
    """
    return 1 if any(outcome.problem for outcome in grade(course, lessons, students, sandbox=sandbox)) else 0


def grade(course: Course, lessons: list[str], students: list[str], *, sandbox: bool = True) -> list[Outcome]:
    """Like run, but returns what became of each submission, sorted by student and lesson."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = 160
    print(_how_confined(sandbox))
    submissions, outcomes = find_submissions(course, course.chosen_lessons(lessons, graded=True), students)
    with _open_log(course) as log:
        points, problems = _register_all(course, sorted({lesson for _, lesson in submissions}), log)
        gradable = [(student, lesson) for student, lesson in submissions if not problems[lesson]]
        outcomes += [Outcome(s, lesson, problem=problems[lesson]) for s, lesson in submissions if problems[lesson]]
        if not gradable:
            _print_problems(console, outcomes)
            what, where = ", ".join(lessons) or "any lesson", course.classroom / "submitted"
            raise CourseError(f"there is no submission of {what} that could be graded in {where}")
        _enter_students(course, {student for student, _ in gradable})
        graded = _grade_in_processes(course, gradable, Path(log.name), sandbox)
        for outcome in _with_progress(console, graded, len(gradable), points):
            print(f"== {outcome.student} {outcome.lesson}\n{outcome.log}", file=log, flush=True)
            outcomes.append(outcome)
    outcomes.sort(key=lambda outcome: (outcome.student, outcome.lesson))
    console.print(table(outcomes, points))
    _print_problems(console, outcomes)
    _print_repairs(console, outcomes)
    if any(outcome.by_hand for outcome in outcomes):
        print("* has something to grade by hand: run `jupyter lab` in the course and open Formgrader")
    print(f"Feedback: {course.classroom / 'feedback'}\nGradebook: {course.classroom / 'gradebook.db'}")
    print(f"nbgrader's log: {log.name}")
    return outcomes


def find_submissions(course: Course, lessons: list[str], students: list[str]) -> tuple[list, list[Outcome]]:
    """The submissions to grade, each a (student, lesson), and an Outcome for each thing that is none.

    A lesson that is not among `lessons` is passed over, and so is a start page that somebody handed in.

    raises: CourseError if there is no class, or nothing from a student in `students`
    """
    submitted = course.classroom / "submitted"
    where = submitted / "<student>" / "<lesson>" / "<lesson>.ipynb"
    if not submitted.is_dir():
        raise CourseError(f"there is no folder {submitted}: put each submission at {where}")
    entries = {path.name: path for path in sorted(submitted.iterdir()) if _is_meant(path)}
    if not entries:
        raise CourseError(f"{submitted} is empty: put each submission at {where}")
    unknown = sorted(set(students) - set(entries))
    if unknown:
        raise CourseError(f"there is nothing from {', '.join(unknown)} in {submitted}")
    found, problems = [], []
    for student in dict.fromkeys(students) or entries:
        path = entries[student]
        folders = [folder for folder in sorted(path.iterdir()) if _is_meant(folder)] if path.is_dir() else []
        if why := why_unusable(student):
            problems.append(Outcome(_shown(student), "", problem=why))
            continue
        if not folders:
            problems.append(Outcome(student, "", problem=f"holds no submission: put each at {where}"))
        for folder in folders:
            if folder.name not in course.lesson_names or not folder.is_dir():
                problem = f"no lesson has that name: rename it to one of {', '.join(course.graded_lessons)}"
                problems.append(Outcome(student, _shown(folder.name), problem=problem))
            elif folder.name in lessons:
                found.append((student, folder.name))
    return found, problems


def _shown(name: str) -> str:
    """A name without what a terminal would obey."""
    return name if name.isprintable() else repr(name)


def _is_meant(path: Path) -> bool:
    """Whether a person put it there, rather than macOS or Jupyter."""
    return not path.name.startswith((".", "__MACOSX"))


def register(course: Course, lesson: str) -> tuple[float, str, str]:
    """Enter a lesson into the gradebook as `nbgrader generate_assignment` does, but leave notebooks/ alone.

    returns: the lesson's points, why it could not be entered or "", and nbgrader's log
    """
    from nbgrader.api import Gradebook
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    source = course.solutions / lesson / f"{lesson}.ipynb"
    if not source.exists():
        return 0, f"it has no worked notebook yet: run `autograder build {lesson}`, then grade again", ""
    with tempfile.TemporaryDirectory() as release:
        config = nbgrader_config(course)
        config.CourseDirectory.release_directory = release
        coursedir = CourseDirectory(config=config, assignment_id=lesson)
        done, log = _start(GenerateAssignment(coursedir=coursedir, config=config, force=True))
    if "Cannot add or remove cells" in log or "Cannot modify existing assignment" in log:
        book = course.classroom / "gradebook.db"
        return 0, f"its cells are not those graded before: move {book} away and grade everything anew", log
    if not done:
        return 0, f"nbgrader could not enter it into the gradebook: {last_error(log)}", log
    with Gradebook(course.gradebook, COURSE_ID) as gradebook:
        return gradebook.find_assignment(lesson).max_score, "", log


def grade_submission(course: Course, lesson: str, student: str, sandbox: bool = True) -> Outcome:
    """Take in one submission, autograde it and write its feedback."""
    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory

    from autograder.feedback_pages import write_feedback
    from autograder.intake import take_in

    taken = take_in(course, student, lesson)
    config = nbgrader_config(course)
    config.Examine.sandbox = sandbox
    coursedir = CourseDirectory(config=config, assignment_id=lesson, student_id=student)
    done, log = _start(Autograde(coursedir=coursedir, config=config, force=True))
    if not done:
        shutil.rmtree(course.classroom / "feedback" / student / lesson, ignore_errors=True)
        return Outcome(student, lesson, problem=_why_not_graded(log), log=log)
    points, by_hand, ungraded = _grades(course, lesson, student)
    if ungraded:
        problem = f"nbgrader gave no points for {', '.join(ungraded)}: see whether the notebook still has it"
        return Outcome(student, lesson, problem=problem, log=log)
    repairs = (*taken.notes, *_told(course, lesson, student))
    try:
        write_feedback(course, lesson, student)
        problem = ""
    except Exception as error:
        problem = f"it was graded, but feedback failed: {error!r}"
    return Outcome(student, lesson, points, by_hand, problem, tuple(dict.fromkeys(repairs)), log)


def _told(course: Course, lesson: str, student: str) -> list[str]:
    """What the autograded notebook says of itself: why it holds nothing to grade, repairs, what happened."""
    path = course.classroom / "autograded" / student / lesson / f"{lesson}.ipynb"
    said = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("autograder", {})
    return [line for line in (said.get("problem"), *said.get("repairs", []), *said.get("notes", [])) if line]


def _why_not_graded(log: str) -> str:
    if "OperationalError" in log:
        return f"nbgrader could not use the gradebook, grade again: {last_error(log)}"
    return f"nbgrader could not grade it: {last_error(log)}"


def last_error(log: str) -> str:
    """The last error in nbgrader's log that says something, without its module."""
    errors = re.findall(r"^\s*(?:\w+\.)*(\w*(?:Error|Exception|Entry)\b.*)", log, re.MULTILINE)
    telling = [error for error in errors if "the above traceback" not in error]
    return telling[-1] if telling else "see its log"


def _grades(course: Course, lesson: str, student: str) -> tuple[float, bool, list[str]]:
    """The points in the gradebook, whether a person has to look, and the test cells without points."""
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook, COURSE_ID) as gradebook:
        submission = gradebook.find_submission(lesson, student)
        ungraded = []
        for notebook in submission.notebooks:
            answers = {cell.name for cell in notebook.notebook.solution_cells}  # graded by hand
            ungraded += [g.name for g in notebook.grades if g.auto_score is None and g.name not in answers]
        points = max(0.0, submission.score - (submission.late_submission_penalty or 0))
        return points, submission.needs_manual_grade, sorted(ungraded)


def _start(converter) -> tuple[bool, str]:
    """Start one of nbgrader's converters; returns whether it succeeded and what it logged."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    converter.log.addHandler(handler)
    try:
        converter.start()
        return True, log.getvalue()
    except Exception:
        return False, log.getvalue() + traceback.format_exc()
    finally:
        converter.log.removeHandler(handler)


def _register_all(course: Course, lessons: list[str], log: io.TextIOBase) -> tuple[dict, dict]:
    points, problems = {}, {}
    for lesson in lessons:
        points[lesson], problems[lesson], text = register(course, lesson)
        print(f"== {lesson}\n{text}", file=log, flush=True)
    return points, problems


def _enter_students(course: Course, students: set[str]) -> None:
    """Enter them into the gradebook, for two processes that find the same student missing would both do it."""
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook, COURSE_ID) as gradebook:
        for student in sorted(students):
            gradebook.update_or_create_student(student)


def _how_confined(sandbox: bool) -> str:
    """How student code is kept from doing harm, in words.

    raises: CourseError where it should be and cannot
    """
    from autograder.sandbox import SandboxError, describe

    if not sandbox:
        return "WITHOUT a sandbox: student code runs with all of your rights."
    try:
        return f"Sandbox: {describe()}"
    except SandboxError as error:
        raise CourseError(str(error)) from None


def _open_log(course: Course) -> io.TextIOBase:
    path = course.classroom / "grading.log"
    try:
        path.write_text("")
        return open(path, "a", encoding="utf-8")
    except OSError as error:
        raise CourseError(f"cannot write {path}: {error.strerror}") from error


def _grade_in_processes(
    course: Course, submissions: list[tuple[str, str]], log: Path, sandbox: bool
) -> Iterator[Outcome]:
    """Outcomes as they come, from one process a core.

    Each process is a pool of its own, so that one that dies takes one submission with it. Processes, because
    nbgrader changes the working directory and the environment; spawned, because threads and forks do not mix.
    """

    def new_process(core: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(log, core))

    def grade_one(student: str, lesson: str) -> Outcome:
        core, process = idle.get()
        try:
            return process.submit(grade_submission, course, lesson, student, sandbox).result()
        except BrokenProcessPool:
            process = new_process(core)
            problem = "the process that graded it was killed: grade it again"
            return Outcome(student, lesson, problem=problem)
        except Exception as error:
            return Outcome(student, lesson, problem=f"grading failed: {error!r}", log=traceback.format_exc())
        finally:
            idle.put((core, process))

    idle: queue.SimpleQueue[tuple[int, ProcessPoolExecutor]] = queue.SimpleQueue()
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(allowed, len(submissions))
    for core in range(cores):
        idle.put((core, new_process(core)))
    threads = ThreadPoolExecutor(max(cores, 1))
    try:
        for future in as_completed([threads.submit(grade_one, *submission) for submission in submissions]):
            yield future.result()
    finally:
        threads.shutdown(cancel_futures=True)
        for _ in range(cores):
            idle.get()[1].shutdown(wait=False)


def _begin(log: Path, core: int) -> None:
    """Let this process and what it starts write to the log, not to the screen, and keep to one core.

    Its sandbox and its examiner work in turns: on one core a message between them takes half the time.
    """
    with open(log, "ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[core % len(allowed)]})


def _with_progress(console: Console, outcomes: Iterable[Outcome], total: int, points: dict) -> Iterator:
    """A progress bar on a terminal, a line for each outcome elsewhere."""
    if console.is_terminal:
        yield from track(outcomes, "Grading", total=total, console=console)
        return
    for number, outcome in enumerate(outcomes, 1):
        print(f"{number}/{total} {outcome.student} {outcome.lesson}: {_score(outcome, points)}", flush=True)
        yield outcome


def table(outcomes: list[Outcome], points: dict[str, float]) -> Table:
    """Student × lesson.

    points: what can be earned in each of the lessons to show
    """
    result = Table(show_footer=True)
    result.add_column("student", "mean", no_wrap=True)
    for lesson, maximum in points.items():
        earned = [o.points for o in outcomes if o.lesson == lesson and o.points is not None]
        mean = f"{sum(earned) / len(earned):.1f} / {maximum:g}" if earned else "–"
        result.add_column(lesson.replace("_", " "), mean, justify="right")
    result.add_column("total", justify="right")
    for student in sorted({outcome.student for outcome in outcomes}):
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


def _print_repairs(console: Console, outcomes: list[Outcome]) -> None:
    """One line for each kind of repair, with all whom it concerns."""
    concerned: dict[str, list[str]] = {}
    for outcome in outcomes:
        for repair in outcome.repairs:
            concerned.setdefault(repair, []).append(f"{outcome.student} {outcome.lesson}")
    for repair, whom in concerned.items():
        console.print(f"{_some(whom)}: {repair}", style="dim", soft_wrap=True)


def _some(names: list[str]) -> str:
    others = f" and {len(names) - 3} others" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{others}"


def _print_problems(console: Console, outcomes: list[Outcome]) -> None:
    """One line for each problem, with all whom it concerns."""
    concerned: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        if outcome.problem:
            concerned.setdefault((outcome.lesson, outcome.problem), []).append(outcome.student)
    for (lesson, problem), students in concerned.items():
        console.print(f"{_some(students)}{f' {lesson}' if lesson else ''}: {problem}", style="red", soft_wrap=True)

"""One run over a class: what has changed goes to workers, and what comes back is written, by this process alone.

A submission's way: its folder is read; a worker grades it (submission.py); then here the folder is put in order, the
graded notebook put into class/autograded/, the grades into the gradebook in one transaction; a worker makes the page of
both; that is put into class/feedback/, and last a line into class/graded.jsonl. Killed anywhere on that way, the next
run goes it again from the start and ends where this one would have ended.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import traceback
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from queue import SimpleQueue

from autograder import feedback_pages
from autograder.course import Course, CourseError, StopError
from autograder.gradebook import Writer
from autograder.graded_folder import notebook_of, put_graded
from autograder.graded_notebook import Grades
from autograder.limits import Limits, UnfinishedError
from autograder.outcomes import Outcome
from autograder.records import Records
from autograder.standings import Standing, standings
from autograder.standings import lessons as lessons_entered
from autograder.submission import (
    Graded,
    Material,
    OtherEnvironmentError,
    Way,
    environment,
    grade,
    grade_folder,
    leave_out_grammar,
    page,
    read_material,
    warm_up,
)
from autograder.submission_folder import os_errors_explained, read_folder, settle, stamp_of
from autograder.workers import Workers, cores

TRIES = 3
PATIENCE = 10.0  # seconds that a submission gets before all others have had their turn


@dataclass(frozen=True)
class Options:
    """How to grade.

    workers  : processes; None: one a core
    cluster  : the address of a Dask scheduler to grade on, instead of on this machine
    rerun    : grade also what has not changed
    all_cells: run also the illustrations that nobody has changed
    sandbox  : False runs student code with all rights of whoever grades
    """

    workers: int | None = None
    cluster: str = ""
    rerun: bool = False
    all_cells: bool = False
    sandbox: bool = True


@dataclass
class Job:
    """A submission on its way.

    tries   : that have failed
    patience: seconds that its worker gives it, None: all that it may take
    outcome : once it is in the gradebook
    said    : what is to be recorded in the end
    """

    student: str
    lesson: str
    tries: int = 0
    patience: float | None = field(default_factory=lambda: PATIENCE)
    outcome: Outcome | None = None
    said: dict = field(default_factory=dict)


class ClassRun:
    """points: what can be earned in each lesson, once it is known"""

    def __init__(self, course: Course, options: Options, records: Records, log: io.TextIOBase, tell=print):
        """
        log : what is written there, a person may read who wonders
        tell: called with what a person should know at once
        """
        self.course = course
        self.options = options
        self.points: dict[str, float] = {}
        self._records, self._log, self._tell = records, log, tell
        limits = Limits(**course.limits)
        way = Way(limits, options.sandbox, options.all_cells)
        self._way = dataclasses.replace(way, environment=environment()) if options.cluster else way
        self._conditions = f"{way.digest} {environment()}"
        own = course.root / "nbgrader_config.py"  # which may set how points are taken off for being late
        self._settings = hashlib.sha256(own.read_bytes()).hexdigest() if own.is_file() else ""
        self._materials: dict[str, Material | CourseError] = {}
        self._waiting: deque[Job] = deque()
        self._slow: deque[Job] = deque()
        self._running: dict[Future, Job] = {}
        self._done: SimpleQueue[Future] = SimpleQueue()
        self._problems: dict[str, str] = {}  # why a lesson could not be entered into the gradebook
        self._crew: Workers | None = None
        self._writer: Writer | None = None

    def outcomes(self, submissions: list[tuple[str, str]]) -> Iterator[Outcome]:
        """Grade these, each a student and a lesson, and yield what became of each, as it comes.

        raises: CourseError if the run has to stop; all that came before is kept
        """
        lessons = sorted({lesson for _, lesson in submissions})
        for lesson in lessons:
            try:
                self._materials[lesson] = read_material(self.course, lesson)
            except CourseError as error:
                self._materials[lesson] = error
        self._standings = standings(self.course)
        entered = lessons_entered(self.course)
        self.points.update({lesson: entered.get(lesson, 0.0) for lesson in lessons})
        ready, jobs = [], []
        for student, lesson in submissions:
            found = self._look_at(student, lesson)
            (jobs if isinstance(found, Job) else ready).append(found)
        if not jobs:
            yield from ready
            return
        self._waiting.extend(job for job in jobs if not job.outcome)
        with self._workers(len(jobs)) as self._crew:
            try:
                yield from self._fill(100)  # for what follows takes seconds
                leave_out_grammar()
                with Writer(self.course) as self._writer:
                    self._enter(sorted({job.lesson for job in jobs}))
                    yield from ready
                    self._waiting.extend(job for job in jobs if job.outcome)
                    yield from self._work()
            except self._crew.gone as error:
                raise StopError(f"{error}: see to it, then the same command again") from None

    @contextlib.contextmanager
    def _workers(self, most: int):
        """Whoever grades, or only makes pages: processes here, at most so many, or a cluster."""
        confined = self._way.sandbox and bool(self._waiting)
        if self.options.cluster:
            from autograder import cluster

            with cluster.connect(self.options.cluster, tell=self._tell) as crew:
                for host in crew.hosts() if confined else []:
                    self._tell(host)
                yield crew
            return
        if confined:
            self._tell(f"Sandbox: {_described()}")
        number = max(1, min(self.options.workers or len(cores()), most))
        crew = Workers(number, Path(self._log.name), *([warm_up, self._way] if self._waiting else [int]))
        try:
            yield crew
        except BaseException:
            crew.shutdown(cancel_futures=True)
            raise
        crew.shutdown()

    def _look_at(self, student: str, lesson: str) -> Job | Outcome:
        """What is to be done about a submission; an Outcome where that is nothing."""
        job, material = Job(student, lesson), self._materials[lesson]
        if isinstance(material, CourseError):
            return self._failed(job, str(material))
        said, standing = self._records.of(student, lesson), self._standings.get((student, lesson))
        if (
            self.options.rerun
            or not said
            or standing is None
            or (standing.id, standing.auto) != (said.get("id"), said.get("auto"))
            or standing.ungraded
            or not notebook_of(self.course, student, lesson).exists()
        ):
            return job
        stamp = stamp_of(self.course, student, lesson)  # before it is read: what changes later shows
        if not stamp or stamp != said.get("stamp"):
            try:
                contents = read_folder(self.course, student, lesson)
            except CourseError as error:
                return self._failed(job, str(error))
            said = {**said, "digest": contents.digest, "timestamp": contents.timestamp, "stamp": stamp}
        if said.get("key") != self._key(said["digest"], material):
            return job
        if said["stamp"] != self._records.of(student, lesson).get("stamp"):
            self._mark(student, lesson, said)
        outcome = self._outcome(job, standing, said)
        if (
            said["page"] == self._of_page(said["timestamp"], standing)
            and (self.course.classroom / "feedback" / student / lesson / f"{lesson}.html").exists()
        ):
            return dataclasses.replace(outcome, unchanged=True)
        job.outcome, job.said = outcome, said
        return job

    def _enter(self, lessons: list[str]) -> None:
        """See to it that the gradebook has these lessons as they are."""
        for lesson in lessons:
            digest = self._materials[lesson].digest
            if self.points[lesson] and self._records.of("", lesson).get("entered") == digest:
                continue
            entered = self._writer.enter(lesson)
            self._write_log(lesson, entered.log)
            if entered.said:
                self._tell(entered.said)
            if entered.problem:
                self._problems[lesson] = entered.problem
            else:
                self.points[lesson] = entered.points
                self._mark("", lesson, {"entered": digest})

    def _work(self) -> Iterator[Outcome]:
        """Keep the workers busy until nothing is left."""
        while True:
            yield from self._fill()
            if not self._running:
                return
            future = self._done.get()
            job = self._running.pop(future)
            try:
                outcome = self._received(job, future)
            except StopError:
                raise
            except CourseError as error:
                outcome = self._failed(job, str(error))
            if outcome:
                yield outcome

    def _fill(self, ahead: int = 0) -> Iterator[Outcome]:
        """Give the workers enough to do, and some more; what is slow comes last, so that nothing else waits for it."""
        while (self._waiting or self._slow) and len(self._running) < self._crew.capacity() + ahead:
            job = (self._waiting or self._slow).popleft()
            try:
                self._send(job)
            except StopError:
                raise
            except CourseError as error:
                yield self._failed(job, str(error))

    def _send(self, job: Job) -> None:
        """raises: CourseError if its folder cannot be read"""
        if job.outcome:
            standing, grades = self._writer.redate(job.student, job.lesson, job.said["timestamp"])
            job.said = {**job.said, "page": self._of_page(job.said["timestamp"], standing)}
            job.outcome = self._outcome(job, standing, job.said)
            self._send_page(job, notebook_of(self.course, job.student, job.lesson).read_text(encoding="utf-8"), grades)
        else:
            rest = self._materials[job.lesson], self._way, job.patience
            if self._crew.has_folders:
                self._submit(job, grade_folder, self.course, job.student, *rest)
            else:
                self._submit(job, grade, read_folder(self.course, job.student, job.lesson), *rest)

    def _submit(self, job: Job, function, *arguments) -> None:
        future = self._crew.executor.submit(function, *arguments)
        self._running[future] = job
        future.add_done_callback(self._done.put)

    def _received(self, job: Job, future: Future) -> Outcome | None:
        """Write what a worker has made; returns what became of the submission if that was the end of its way.

        raises: CourseError for what concerns this submission only, StopError for what concerns all
        """
        try:
            result = future.result()
        except UnfinishedError:
            job.patience = None
            self._slow.append(job)
            return None
        except OtherEnvironmentError as error:
            raise StopError(f"{error}: install the same there, then the same command again") from None
        except (CourseError, *self._crew.gone):
            raise
        except self._crew.lost:
            return self._again(job, "the process that graded it was killed, perhaps for want of memory or of time")
        except Exception as error:
            self._write_log(f"{job.student} {job.lesson}", traceback.format_exc())
            return self._again(job, f"grading failed ({str(error).partition(chr(10))[0] or repr(error)})")
        return self._finish(job, result) if job.outcome else self._record(job, result)

    def _again(self, job: Job, why: str) -> Outcome | None:
        job.tries += 1
        if job.tries == TRIES:
            return self._failed(job, f"{why}, {TRIES} times: see {self._log.name}, then grade again")
        self._waiting.append(job)
        return None

    def _record(self, job: Job, graded: Graded) -> Outcome | None:
        """Put a graded submission where it belongs, and have its page made."""
        if job.lesson in self._problems:
            return self._failed(job, self._problems[job.lesson])
        if graded.incomplete and job.tries + 1 < TRIES:
            return self._again(job, "")
        if graded.order:
            settle(self.course, job.student, job.lesson, graded.order)
        with os_errors_explained(self.course.classroom / "autograded"):
            put_graded(self.course, job.student, job.lesson, graded)
        standing, grades = self._writer.record(job.student, job.lesson, graded.cells, graded.timestamp)
        job.said = {
            "key": "" if graded.incomplete else self._key(graded.digest, self._materials[job.lesson]),
            "stamp": graded.stamp,
            "digest": graded.digest,
            "timestamp": graded.timestamp,
            "id": standing.id,
            "auto": standing.auto,
            "page": self._of_page(graded.timestamp, standing),
            "repairs": graded.repairs,
            "notes": graded.notes,
            "unreadable": graded.unreadable,
            "timed_out": graded.timed_out,
            "misconceptions": graded.misconceptions,
            "seconds": round(graded.seconds, 3),
        }
        job.outcome = self._outcome(job, standing, job.said)
        self._send_page(job, graded.notebook, grades)
        return None

    def _send_page(self, job: Job, notebook: str, grades: Grades) -> None:
        material = self._materials[job.lesson]
        rest = date.today(), feedback_pages.hidden_places(self.course)
        self._submit(job, page, job.student, job.lesson, material.release, notebook, grades, *rest)

    def _finish(self, job: Job, html: str) -> Outcome:
        with os_errors_explained(self.course.classroom / "feedback"):
            feedback_pages.put_page(self.course, job.student, job.lesson, html)
        self._mark(job.student, job.lesson, job.said)
        said = *job.outcome.repairs, *job.outcome.notes, f"{job.outcome.points:g} points"
        self._write_log(f"{job.student} {job.lesson}", *said)
        return job.outcome

    def _write_log(self, title: str, *lines: str) -> None:
        with os_errors_explained(self.course.classroom):
            print(f"== {title}", *lines, sep="\n", file=self._log, flush=True)

    def _mark(self, student: str, lesson: str, said: dict) -> None:
        with os_errors_explained(self.course.classroom):
            self._records.mark(student, lesson, said)

    def _outcome(self, job: Job, standing: Standing, said: dict) -> Outcome:
        return Outcome(
            job.student,
            job.lesson,
            standing.points,
            standing.by_hand,
            repairs=tuple(said["repairs"]),
            notes=tuple(said["notes"]),
            unreadable=said["unreadable"],
            timed_out=said["timed_out"],
            misconceptions=said.get("misconceptions", {}),
            seconds=said["seconds"],
        )

    def _failed(self, job: Job, problem: str) -> Outcome:
        if job.outcome and not job.outcome.problem:
            return dataclasses.replace(job.outcome, problem=f"it was graded, but its feedback is missing: {problem}")
        return Outcome(job.student, job.lesson, problem=problem)

    def _key(self, digest: str, material: Material) -> str:
        return hashlib.sha256(f"{digest} {material.digest} {self._conditions}".encode()).hexdigest()

    def _of_page(self, timestamp: str | None, standing: Standing) -> list:
        """What the page depends on beside the graded notebook."""
        return [timestamp, str(standing.due), standing.by_person, self._settings]


def _described() -> str:
    """How student code is kept from doing harm here. raises: CourseError where it should be and cannot"""
    from autograder.sandbox import SandboxError, describe

    try:
        return describe()
    except SandboxError as error:
        raise CourseError(str(error)) from None

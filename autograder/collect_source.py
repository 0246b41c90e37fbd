"""One archive, folder or file that is collected: its files by sender and by lesson, each where it belongs.

Whatever is wrong with one file becomes one line and stops no other; what belongs to nobody, or to no lesson, is kept in
class/unknown/.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.archives import Found, Item, Refusal, open_regular, other_archive, read_source, zip_items
from autograder.collected import digest_of, keep, remove, write_time
from autograder.contents import TIMESTAMP, shown
from autograder.course import Course
from autograder.repairs import one_line
from autograder.roster import Roster, Sender
from autograder.safe_names import UnreadableError, numbered, safe_name, same_name
from autograder.senders import Parcel, called, parcels
from autograder.submission_folder import os_errors_explained
from autograder.which_lesson import Lessons

MAX_FILES = 500  # of one submission
MAX_BYTES = 400_000_000  # of these together
BY_HAND = "`autograder collect {} --student NAME --lesson NAME` puts that right"


@dataclass(frozen=True)
class Collected:
    """What became of something in a source.

    what : "new", "newer" (than what stood there, which is kept), "earlier" (kept, and does not count), "unchanged",
           "unknown" (kept in class/unknown/), "refused", or "note" where it is only to be known
    file : what it is about, as printable text
    why  : what was wrong and what to do, as the end of a sentence that begins with `file`
    late : whether the platform says that it was late
    when : when it was handed in, where that is known
    place: where it is
    """

    what: str
    source: str
    file: str
    student: str = ""
    lesson: str = ""
    why: str = ""
    late: bool = False
    when: str = ""
    place: str = ""

    @property
    def line(self) -> str:
        whom = f"{self.student} {self.lesson}".strip()
        return one_line(f"{f'{whom}: ' if whom and self.what == 'note' else ''}{self.file}: {self.why}")


class Source:
    """One file or folder that is collected."""

    def __init__(self, course: Course, path: Path, lesson: str, roster: Roster | None, student: str, scratch: Path):
        self.course, self.path, self.lesson, self.roster, self.student = course, path, lesson, roster, student
        self.lessons, self.scratch = Lessons(course), scratch
        self.name = shown(path.name or str(path))
        self.unknown = course.classroom / "unknown"
        self.found = Found()
        self.number, self.failed = 0, False

    def collect(self) -> Iterator[Collected]:
        with contextlib.ExitStack() as stack:
            read_source(self.path, self.found, stack)
            try:
                sent, nobody = self._sorted()
            except UnreadableError as error:
                self.found.refuse(self.path.name, str(error))
                sent, nobody = [], []
            if not (sent or nobody or self.found.refused):
                self.found.refuse(self.path.name, "holds no file that could be a submission: name another")
            yield from self._all(sent, nobody)

    def _sorted(self) -> tuple[list[Parcel], list[Item]]:
        items = self.found.items
        if self.student:
            sender = Sender(known=self.student)
            return ([Parcel((sender,), {item.parts: item for item in items})] if items else []), []
        sent, nobody = parcels(items, self.lessons, self.roster)
        if items and not sent and self.path.is_file():  # perhaps one student's archive
            sender = called(self.path.stem, self.lessons, self.roster, False)
            if sender:
                return [Parcel((sender,), {item.parts: item for item in items})], []
        return sent, nobody

    def _all(self, sent: list[Parcel], nobody: list[Item]) -> Iterator[Collected]:
        staged = []
        for parcel in sent:
            folder = self._stage(parcel)
            yield from self._said()
            if folder:
                staged.append((parcel, folder, self._of_content(folder)))
        yield from self._said()
        hint = self._hint([lessons for _, _, lessons in staged])
        whose = self._whose([parcel for parcel, _, _ in staged])
        for parcel, folder, lessons in staged:
            students = whose[id(parcel)]
            if isinstance(students, str):
                yield self._put_aside(folder, parcel.shown, students)
            else:
                yield from self._keep(parcel, folder, lessons, students, hint)
            remove(folder)
        for item in nobody:
            folder = self._stage(Parcel((), {item.parts[-1:]: item}), unpack=False)
            yield from self._said()
            if folder:
                yield self._put_aside(folder, item.shown, "says nowhere whose it is")
                remove(folder)
        if self.path.resolve().parent == self.unknown.resolve() and self.student and not self.failed:
            remove(self.path)  # it is in collected/ now

    def _said(self) -> Iterator[Collected]:
        """What there was to say of files."""
        for what, said in (("refused", self.found.refused), ("note", self.found.notes)):
            for each in said:
                self.failed |= what == "refused"
                yield Collected(what, self.name, one_line(each.name), why=each.why)
            said.clear()

    def _stage(self, parcel: Parcel, unpack: bool = True) -> Path | None:
        """Write what a sender handed in to a folder of its own; None if nothing of it could be read."""
        self.number += 1
        folder, room, number = self.scratch / str(self.number), MAX_BYTES, 0
        with contextlib.ExitStack() as stack, os_errors_explained(folder):
            folder.mkdir()
            for parts, item in list(self._unpacked(parcel, stack) if unpack else parcel.items.items()):
                if number == MAX_FILES or item.size > room:
                    most = f"{MAX_FILES} files of {MAX_BYTES // 10**6} MB"
                    self.found.refuse(parcel.shown, f"has more than {most} in one submission: the rest is left out")
                    break
                number += 1
                if (written := self._write(item, self._free(folder, parts))) is not None:
                    room -= written
        if not any(path.is_file() for path in folder.rglob("*")):
            remove(folder)
            return None
        write_time(folder, self._when(parcel))
        return folder

    def _when(self, parcel: Parcel) -> datetime | None:
        sender = parcel.senders[0] if parcel.senders else Sender()
        if parcel.when is None and self.roster and sender.system == "moodle":
            return self.roster.handed_in.get(sender.number)
        return parcel.when

    def _unpacked(self, parcel: Parcel, stack: contextlib.ExitStack) -> Iterator[tuple[tuple[str, ...], Item]]:
        """What is in a parcel, and what is in archives in it, but not in archives in those."""
        for parts, item in parcel.items.items():
            inner = self._inner(item, stack) if item.is_zip else None
            if inner is None:
                if kind := other_archive(item):
                    why = f"is a {kind} archive, which is not opened: ask the student for the .ipynb file"
                    self.found.refuse(self._about(parcel, item), why)
                yield parts, item
                continue
            for each in inner:
                if each.is_zip:
                    why = "is an archive in an archive, which is not opened: ask the student for the .ipynb file"
                    self.found.refuse(self._about(parcel, each), why)
                yield (*parts[:-1], *each.parts), each

    def _about(self, parcel: Parcel, item: Item) -> str:
        return f"{item.shown} (from {parcel.shown})" if parcel.senders else item.shown

    def _inner(self, item: Item, stack: contextlib.ExitStack) -> list[Item] | None:
        """What is in a student's archive; None if it cannot be opened, and is kept as it is."""
        self.number += 1
        copy = self.scratch / f"{self.number}.zip"
        stack.callback(remove, copy)
        if self._write(item, copy) is None:
            return []
        try:
            return zip_items(stack.enter_context(open_regular(copy)), item.shown, self.found)
        except UnreadableError as error:
            self.found.refuse(item.shown, str(error))
            return None

    def _write(self, item: Item, place: Path) -> int | None:
        """Write a file's bytes; returns how many, None if it cannot be read."""
        seen = 0
        try:
            with open(place, "xb") as file:
                for data in item.chunks():
                    file.write(data)
                    seen += len(data)
        except UnreadableError as error:
            place.unlink()
            self.found.refuse(item.shown, str(error))
            return None
        with contextlib.suppress(OSError, OverflowError):
            os.utime(place, (item.changed, item.changed))
        return seen

    def _free(self, folder: Path, parts: tuple[str, ...]) -> Path:
        """Where a file is to be written. A notebook is not so deep that grading would not look for it."""
        if len(parts) > 3:
            parts = parts[-1:] if ".ipynb" in parts[-1] else parts[-3:]
        if parts == TIMESTAMP:  # a student's own word on when it was handed in
            parts = ("timestamp_of_student.txt",)
        parent = folder
        for part in parts[:-1]:
            parent = parent / part
            if parent.is_file():
                parent = parent.with_name(f"{part}_")
        parent.mkdir(parents=True, exist_ok=True)
        new, number = parts, 1
        while os.path.lexists(parent / new[-1]):
            number += 1
            new = numbered(parts, number)
        return parent / new[-1]

    def _of_content(self, folder: Path) -> dict[Path, str]:
        """For each notebook in a folder the lesson of which it is, "" where its content does not say."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb" in path.name.lower())
        return {path: self.lessons.of_content(path) for path in paths}

    def _hint(self, found: list[dict[Path, str]]) -> str:
        """The lesson that a source is for: after which it is called, or of which all notebooks in it are."""
        named = self.lessons.of_name(self.path.stem)
        all_of = {lesson for lessons in found for lesson in lessons.values() if lesson}
        return named or (all_of.pop() if len(all_of) == 1 and len(found) > 2 else "")

    def _whose(self, sent: list[Parcel]) -> dict[int, list[str] | str]:
        """For each parcel its students, or why nobody can be told."""
        whose: dict[int, list[str] | str] = {}
        numbers: dict[str, set[str]] = {}
        for parcel in sent:
            try:
                whose[id(parcel)] = students = [self._student(sender) for sender in parcel.senders]
            except LookupError as reason:
                whose[id(parcel)] = str(reason)
                continue
            for student, sender in zip(students, parcel.senders, strict=True):
                numbers.setdefault(student, set()).add(sender.number)
        for parcel in sent:
            students = whose[id(parcel)]
            if not isinstance(students, str) and any(len(numbers[student]) > 1 for student in students):
                whose[id(parcel)] = "is the name of several students: give a --roster that tells them apart"
        return whose

    def _student(self, sender: Sender) -> str:
        """raises: LookupError if nobody can be told"""
        if self.student:
            return self.student
        if self.roster:
            return self.roster.find(sender)
        if sender.system == "canvas":
            called = f"{sender.name}_{sender.number}" if sender.name else sender.number
        else:
            called = sender.known or sender.email or sender.name
        called = safe_name(called)
        submitted = self.course.classroom / "submitted"
        same = [path.name for path in submitted.iterdir()] if submitted.is_dir() else []
        same = [name for name in same if same_name(name) == same_name(called)]
        return called if called in same or not same else same[0]

    def _keep(
        self, parcel: Parcel, folder: Path, of_content: dict[Path, str], students: list[str], hint: str
    ) -> Iterator[Collected]:
        """Put a submission where it belongs, by its lessons."""
        lessons = self._lessons_of(parcel, folder, of_content, hint)
        yield from self._said()
        if isinstance(lessons, str):
            yield self._put_aside(folder, parcel.shown, lessons)
            return
        when = self._when(parcel)
        for lesson, others in lessons.items():
            for student in students:
                self.number += 1
                copy = self.scratch / str(self.number)
                with os_errors_explained(copy):
                    shutil.copytree(folder, copy)
                    for other in others:
                        (copy / other.relative_to(folder)).unlink()
                try:
                    what = keep(self.course, student, lesson, copy, when)
                finally:
                    remove(copy)
                place, moment = f"submitted/{student}/{lesson}", when.isoformat() if when else ""
                yield Collected(what, self.name, parcel.shown, student, lesson, "", parcel.late, moment, place)

    def _lessons_of(
        self, parcel: Parcel, folder: Path, of_content: dict[Path, str], hint: str
    ) -> dict[str, list[Path]] | str:
        """The lessons that are in a submission, each with the notebooks that are not its own; or why there is none."""
        if self.lesson:
            others = [path for path, lesson in of_content.items() if lesson not in ("", self.lesson)]
            if others and len(others) == len(of_content):
                return f"holds {of_content[others[0]]} and not {self.lesson}"
            return {self.lesson: others}
        found: dict[str, list[Path]] = {}
        for path, lesson in of_content.items():
            named = self.lessons.of_name(path.name)
            if lesson and named and lesson != named:
                self.found.notes.append(
                    Refusal(shown(path.name), f"(from {parcel.shown}) is {lesson} by what is in it")
                )
            found.setdefault(lesson or parcel.lesson or named or hint, []).append(path)
        if not of_content:
            named = {self.lessons.of_name(path.name) for path in folder.rglob("*")} - {""}
            lesson = parcel.lesson or (named.pop() if len(named) == 1 else "") or hint
            return {lesson: []} if lesson else "holds no notebook, and nothing says for which lesson it is"
        nowhere = found.pop("", [])
        if not found:
            return f"{shown(nowhere[0].name)} is of no lesson of this course, or of one that cannot be told"
        if len(found) > 1:  # who hands in a whole folder, hands in what is not begun, too
            begun = {
                lesson: paths
                for lesson, paths in found.items()
                if not all(self.lessons.is_untouched(path, lesson) for path in paths)
            }
            for lesson in found.keys() - begun.keys() if begun else ():
                self.found.notes.append(Refusal(parcel.shown, f"handed in {lesson} as it was given: that is left out"))
            others, found = found, begun or found
            every = [path for paths in others.values() for path in paths]
        else:
            every = [path for paths in found.values() for path in paths]
        return {lesson: [path for path in every if path not in paths] for lesson, paths in found.items()}

    def _put_aside(self, folder: Path, name: str, why: str) -> Collected:
        """Keep what belongs to nobody or to no lesson in class/unknown/."""
        self.failed = True
        name = one_line(name)
        if self.path.resolve().is_relative_to(self.unknown.resolve()):
            place = self.path
        else:
            place = self.unknown / f"{safe_name(Path(name).name)[:60]}_{digest_of(folder)}"
            with os_errors_explained(place):
                self.unknown.mkdir(exist_ok=True)
                if not place.exists():
                    os.rename(folder, place)
        by_hand = BY_HAND.format(place)
        return Collected("unknown", self.name, name, why=f"{why}: {by_hand}", place=str(place))

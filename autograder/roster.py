"""Who is in the class: a table of any program, and finding in it whoever an archive names."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.course import CourseError
from autograder.safe_names import safe_name

MAX_ROSTER = 20_000_000  # bytes
# What other programs call a column, by what it is here: of several that are there the first counts.
HEADINGS = {
    "id": (
        *("id", "student id", "studentid", "student number", "sis login id", "sis user id", "sid", "username", "login"),
        *("login id", "user", "user name", "netid", "net id", "id number", "matriculation number", "matrikelnummer"),
        *("benutzername", "anmeldename", "kennung", "nom d utilisateur", "usuario"),
    ),
    "name": ("name", "full name", "fullname", "student", "student name", "vollstandiger name", "nom complet"),
    "first": ("first name", "firstname", "first", "given name", "vorname", "prenom", "nombre"),
    "last": ("last name", "lastname", "last", "surname", "family name", "nachname", "nom", "apellido", "apellidos"),
    "email": ("email", "e mail", "email address", "e mail address", "mail", "e mail adresse", "adresse e mail"),
    "canvas": ("canvas id", "canvas user id", "canvas"),
    "moodle": ("moodle id", "moodle", "identifier", "bezeichner", "id teilnehmer in", "identifiant"),
    "handed in": ("last modified submission", "zuletzt geandert abgabe"),
}
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True)
class Sender:
    """Whoever an archive names.

    system: "moodle", "canvas", "gradescope", "blackboard" or "" where a file's or a folder's name is all there is
    number: the number that the system has for that person; Moodle's is another one in each assignment
    known : the same as an own word of the system's for the person, such as a login
    """

    name: str = ""
    system: str = ""
    number: str = ""
    email: str = ""
    known: str = ""

    @property
    def shown(self) -> str:
        return self.name or self.email or self.known or self.number


@dataclass
class Roster:
    """The students of a class by all that they are called.

    handed_in: by Moodle's number, when it was handed in, as a grading worksheet has it
    """

    students: list[str] = field(default_factory=list)
    handed_in: dict[str, datetime] = field(default_factory=dict)
    _called: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, student: str, row: dict[str, str]) -> None:
        if student not in self.students:
            self.students.append(student)
        self._call("id", student, student)
        if email := row.get("email", "").casefold():
            self._call("email", email, student)
            self._call("login", email.partition("@")[0], student)
        for system in ("canvas", "moodle"):
            if digits := re.search(r"\d+$", row.get(system, "")):
                self._call(system, digits[0], student)
        first, last = row.get("first", ""), row.get("last", "")
        for name in filter(None, (row.get("name", ""), f"{first} {last}".strip())):
            for key in name_keys(name):
                self._call("name", key, student)

    def _call(self, kind: str, word: str, student: str) -> None:
        self._called[kind, word.casefold()].add(student)

    def find(self, sender: Sender) -> str:
        """The student whom an archive means.

        raises: LookupError, which says why nobody can be told
        """
        asked = [
            (sender.system, sender.number),
            ("id", sender.known),
            ("login", sender.known),
            ("email", sender.email),
            ("login", sender.email.partition("@")[0]),
        ]
        strong = self._all([(kind, word) for kind, word in asked if word])
        kinds = ("id", "email") if sender.name.isalpha() else ("id", "email", "login")  # which may be a first name
        named = self._all(
            [*(("name", key) for key in name_keys(sender.name)), *((kind, sender.name) for kind in kinds)]
        )
        if sender.system == "moodle" and not strong | named:  # Moodle can be told to put the login before the name
            login, *_ = sender.name.partition(" ")
            strong = self._all([("id", login)])
        found = strong & named or strong or named
        if len(found) == 1 and not (strong and named and not strong & named):
            return next(iter(found))
        if not found:
            raise LookupError(f"{sender.shown} is not on the roster")
        raise LookupError(f"{sender.shown} may be any of {', '.join(sorted(strong | named))} on the roster")

    def _all(self, asked: list[tuple[str, str]]) -> set[str]:
        return {student for kind, word in asked for student in self._called.get((kind, word.casefold()), ())}


def name_keys(name: str) -> set[str]:
    """What all ways to write a person's name have in common: order, case, accents and punctuation do not count.

    The name in one word, as Canvas writes it, is among them.
    """
    keys = set()
    for text in {name, unicodedata.normalize("NFC", name).casefold().translate(_GERMAN)}:
        text = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
        words = re.findall(r"[^\W_]+", "".join(c for c in text if not unicodedata.combining(c)).replace("'", ""))
        if words:
            keys.add(" ".join(sorted(words)))
            keys.update("".join(words[turn:] + words[:turn]) for turn in range(len(words)))
    return keys


def read_roster(path: Path) -> Roster:
    """The roster in a CSV file, whatever program wrote it: its separator, encoding and headings may be any usual ones.

    raises: CourseError if it cannot be read or does not say who is who
    """
    try:
        if path.stat().st_size > MAX_ROSTER:
            raise CourseError(f"{path} is larger than {MAX_ROSTER // 10**6} MB: that is no roster")
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise CourseError(f"the roster {path} cannot be read ({error.strerror}): name another file") from None
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise CourseError(f"the roster {path} is empty: give it a line of headings such as id,name,email")
    separator = max(",;\t|", key=lines[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise CourseError(f"the roster {path} is no table ({error}): save it as CSV again") from None
    rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1) if any(map(str.strip, row))]
    columns = _columns(rows[0][1])
    if not columns.keys() & {"id", "name", "email", "last"}:
        raise CourseError(f"the roster {path} has no column id, name or email: put headings into its first line")
    roster = Roster()
    for number, cells in rows[1:]:
        row = {what: cells[place] for what, place in columns.items() if place < len(cells)}
        name = row.get("name") or f"{row.get('first', '')} {row.get('last', '')}".strip()
        student = row.get("id") or row.get("email") or name
        if not student or name.casefold() in ("points possible", "student, test", "test student"):  # lines of Canvas's
            continue
        if safe_name(student) != student:
            why = f"{student!r} cannot be a folder's name: use letters, digits, - and _"
            raise CourseError(f"the roster {path}, line {number}: {why}")
        roster.add(student, row)
        _note_time(roster, row)
    if not roster.students:
        raise CourseError(f"the roster {path} names nobody: give it a line for each student")
    return roster


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _columns(headings: list[str]) -> dict[str, int]:
    """Where each thing stands."""
    plain = [_plain(heading) for heading in headings]
    places = {heading: place for place, heading in reversed(list(enumerate(plain)))}
    # Canvas's gradebook has its own number under ID, and what the school calls a student under SIS.
    canvas = places.pop("id") if "id" in places and any("sis" in heading.split() for heading in plain) else None
    columns = {}
    for what, names in HEADINGS.items():
        place = next((places[name] for name in names if name in places), None)
        if place is not None:
            columns[what] = place
    if canvas is not None:
        columns.setdefault("canvas", canvas)
        columns.setdefault("id", canvas)
    return columns


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKD", heading.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in text if not unicodedata.combining(c))))


def _note_time(roster: Roster, row: dict[str, str]) -> None:
    """Note when it was handed in, if the roster is the grading worksheet of an assignment in Moodle."""
    number = re.search(r"\d+$", row.get("moodle", ""))
    if number and row.get("handed in"):
        from dateutil import parser

        try:
            roster.handed_in[number[0]] = parser.parse(row["handed in"]).astimezone()
        except (ValueError, OverflowError):  # in another language: then the time is not known
            return

"""Who sent what: learning platforms and people name files and folders after students, each in a way of their own.

Moodle      Jane Doe_1234567_assignsubmission_file_/FILE, or ..._file_FILE (mod/assign/classes/downloader.php)
Canvas      doejane_LATE_4711_8899_FILE: sortable name, user, attachment (lib/content_zipper.rb)
Gradescope  submission_123/FILE, and submission_metadata.yml, which says whose that is
Blackboard  NAME_LOGIN_attempt_2026-01-30-15-00-00_FILE
Google      Jane Doe - FILE, Copy of FILE
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from autograder.archives import Item
from autograder.roster import Roster, Sender
from autograder.safe_names import UnreadableError, same_name
from autograder.which_lesson import Lessons

MAX_METADATA = 50_000_000  # bytes of Gradescope's
MAX_METADATA_DEPTH = 50
MAX_SENDERS = 20  # of one submission

_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)
_CANVAS = re.compile(
    r"(?:(?!LATE_|anon_)(?P<name>\w+?)_)?(?:(?P<late>LATE|late)_)?(?P<number>anon_[A-Za-z0-9]{4,8}|\d+)_"
    r"(?:\d+_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
_BLACKBOARD = re.compile(r".+_(?P<known>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)", re.DOTALL)
_GRADESCOPE = re.compile(r"submission_\d+")
_METADATA = "submission_metadata.yml"
_SUFFIX = re.compile(r"\.(?:ipynb|json|zip|txt|py)\b.*", re.IGNORECASE | re.DOTALL)
# What names of files say besides a student's name and a lesson's.
_CLUTTER = {
    *(
        "copy",
        "copies",
        "of",
        "kopie",
        "von",
        "copie",
        "de",
        "copia",
        "final",
        "finished",
        "done",
        "solution",
        "solutions",
    ),
    *("solved", "submission", "submissions", "abgabe", "version", "notebook", "lesson", "homework", "hw", "assignment"),
    *(
        "exercise",
        "my",
        "new",
        "old",
        "checkpoint",
        "edited",
        "the",
        "a",
        "jupyter",
        "colab",
        "untitled",
        "lab",
        "main",
    ),
    *("answers", "answer", "task", "work", "project", "test", "ipynb", "graded"),
}


@dataclass
class Parcel:
    """What one sender handed in at once.

    senders: mostly one; of a group everybody
    items  : by the path that each has in the submission
    lesson : the one that a folder or an archive says it is for, or ""
    when   : when it was handed in, if that is known
    late   : whether the platform says that it was late
    """

    senders: tuple[Sender, ...]
    items: dict[tuple[str, ...], Item] = field(default_factory=dict)
    lesson: str = ""
    when: datetime | None = None
    late: bool = False

    @property
    def shown(self) -> str:
        return ", ".join(sender.shown for sender in self.senders)


@dataclass(frozen=True)
class _Seen:
    """Who sent an item, and its path in the submission."""

    senders: tuple[Sender, ...]
    rest: tuple[str, ...]
    when: datetime | None = None
    late: bool = False
    lesson: str = ""


def parcels(items: list[Item], lessons: Lessons, roster: Roster | None) -> tuple[list[Parcel], list[Item]]:
    """What each sender handed in, in the order in which the source has them, and what nobody can be found for.

    roster: who is looked for in names that follow no pattern
    raises: UnreadableError if Gradescope's list of submissions cannot be read
    """
    metadata, prefix = _metadata(items)
    found: dict[tuple, Parcel] = {}
    nobody, plain = [], []
    for item in items:
        seen = _gradescope(item, metadata, prefix) if metadata is not None else _platform(item, lessons)
        if item.parts == (*prefix, _METADATA) and metadata is not None:
            continue
        if seen is None:
            plain.append(item)
        else:
            _put(found, seen, item)
    wrapped = _is_wrapped(plain, lessons, roster)
    for item in plain:
        if seen := _person(item, lessons, roster, wrapped):
            _put(found, seen, item)
        else:
            nobody.append(item)
    return list(found.values()), nobody


def _put(found: dict[tuple, Parcel], seen: _Seen, item: Item) -> None:
    key = (*(replace(each, name="".join(same_name(each.name))) for each in seen.senders), seen.when, seen.lesson)
    parcel = found.setdefault(key, Parcel(seen.senders, lesson=seen.lesson, when=seen.when))
    parcel.late |= seen.late
    rest = seen.rest or (item.parts[-1],)
    while rest in parcel.items:
        rest = (f"{len(parcel.items)}", *rest)
    parcel.items[rest] = item


def _platform(item: Item, lessons: Lessons) -> _Seen | None:
    """Whom a platform's own pattern names, in the first part that follows one."""
    for place, part in enumerate(item.parts):
        inner = item.parts[place + 1 :]
        if match := _MOODLE.fullmatch(part):
            sender = Sender(_name(match["name"]), "moodle", match["number"])
            return _Seen((sender,), _rest(match["file"], inner))
        if match := _BLACKBOARD.fullmatch(part):
            sender = Sender("", "blackboard", "", "", match["known"])
            return _Seen((sender,), _rest(match["file"], inner), _date(match["when"]))
        match = _CANVAS.fullmatch(part)
        if match and _is_canvas(match["name"] or "", match["number"], lessons):
            sender = Sender(match["name"] or "", "canvas", match["number"])
            return _Seen((sender,), _rest(match["file"] or match["text"], inner), late=bool(match["late"]))
    return None


def _is_canvas(name: str, number: str, lessons: Lessons) -> bool:
    """Whether it is no lesson's name that numbers follow."""
    return number.startswith("anon") if not name else bool(re.search(r"[^\W\d_]", name)) and not lessons.of_name(name)


def _date(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").astimezone()
    except (ValueError, OverflowError):
        return None


def _rest(file: str | None, inner: tuple[str, ...]) -> tuple[str, ...]:
    return (file, *inner) if file else inner


def _name(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _metadata(items: list[Item]) -> tuple[dict | None, tuple[str, ...]]:
    """What Gradescope says of its submissions, and the folder in which they are; None if it is no export of its.

    Only where everything lies beside that file: a student can hand in one that is called the same.
    """
    for item in items:
        prefix = item.parts[:-1]
        if item.parts[-1] == _METADATA and len(item.parts) <= 2:
            beside = [each for each in items if each.parts[: len(prefix)] == prefix]
            own = prefix and _GRADESCOPE.fullmatch(prefix[0])
            if len(beside) == len(items) and not own:
                return _loaded(item), prefix
    return None, ()


def _loaded(item: Item) -> dict:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        """Reads plain data; Ruby's names of classes count for nothing."""

    def plain(loader, _, node):
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node)
        return loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    Loader.add_multi_constructor("tag:", plain)
    try:
        data, depth = b"".join(item.chunks(MAX_METADATA)), 0
        for event in yaml.parse(data, Loader):  # libyaml ends the process when it builds what is nested too deeply
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_METADATA_DEPTH:
                raise ValueError
        found = yaml.load(data, Loader)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, OverflowError):
        raise UnreadableError(f"holds a {_METADATA} that cannot be read: export it from Gradescope again") from None
    if not isinstance(found, dict):
        raise UnreadableError(f"holds an empty {_METADATA}: export it from Gradescope again")
    return found


def _gradescope(item: Item, metadata: dict, prefix: tuple[str, ...]) -> _Seen | None:
    inner = item.parts[len(prefix) :]
    about = metadata.get(inner[0])
    if not isinstance(about, dict):
        return None
    listed = about.get(":submitters")
    senders = []
    for each in listed[:MAX_SENDERS] if isinstance(listed, list) else []:
        if isinstance(each, dict):
            name, known, email = (str(each.get(what) or "").strip() for what in (":name", ":sid", ":email"))
            if name or known or email:
                senders.append(Sender(_name(name), "gradescope", "", email, known))
    when = about.get(":created_at")
    if isinstance(when, dict):  # Ruby's ActiveSupport::TimeWithZone
        when = when.get("utc")
    if isinstance(when, str):
        from dateutil import parser

        try:
            when = parser.parse(when)
        except (ValueError, OverflowError):
            when = None
    if not isinstance(when, datetime):
        when = None
    elif when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return _Seen(tuple(senders), inner[1:], when) if senders else None


def _is_wrapped(items: list[Item], lessons: Lessons, roster: Roster | None) -> bool:
    """Whether everything lies in one folder that is no student's."""
    tops = {item.parts[0] for item in items}
    if len(tops) != 1 or any(len(item.parts) < 2 for item in items):
        return False
    inner = [_person(item, lessons, roster, True) for item in items]
    return len({seen.senders for seen in inner if seen}) > 1


def _person(item: Item, lessons: Lessons, roster: Roster | None, wrapped: bool) -> _Seen | None:
    """Whom a folder or a file is named after, as people name them.

    The outermost folder counts: what lies in it, its student has named.
    """
    lesson = ""
    for place, part in enumerate(item.parts):
        inside = item.parts[place + 1 :]
        if place < wrapped:
            continue
        if inside and lessons.is_name(part):
            lesson = lesson or lessons.of_name(part)
            continue
        sender = called(part if inside else _SUFFIX.sub("", part), lessons, roster, bool(lesson or inside))
        if sender is None:
            continue
        if len(inside) > 1 and inside[0] in lessons.names:
            lesson, inside = inside[0], inside[1:]
        return _Seen((sender,), inside or (part,), lesson=lesson)
    return None


def called(stem: str, lessons: Lessons, roster: Roster | None, certain: bool) -> Sender | None:
    """The sender after whom something is called.

    certain: whether it is called after somebody, and the question is only whom
    """
    stem = _name(stem)
    if roster and (sender := _on_roster(roster, stem)):
        return sender
    left, dash, _ = stem.partition(" - ")
    lesson = lessons.of_name(stem)
    rest, named = lessons.besides(stem, lesson)
    if dash and not lessons.of_name(left):
        rest, named = left, True
    words = [word.strip("()-. ") for word in re.split(r"[\s_]+|(?<!\w)-|-(?!\w)", rest)]
    own = [word for word in words if word.casefold() not in _CLUTTER and not re.fullmatch(r"v?\d{1,3}|", word)]
    name = " ".join(own)
    if roster:
        return _on_roster(roster, name) or (Sender(name) if certain and name else None)
    if not re.search(r"[^\W\d_]{2}|\d{4}", name) or not (certain or named):
        return None
    return Sender(name)


def _on_roster(roster: Roster, name: str) -> Sender | None:
    sender = Sender(name)
    try:
        roster.find(sender)
    except LookupError as reason:
        return sender if "any of" in str(reason) else None
    return sender

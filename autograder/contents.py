"""What is in a submission's folder, as plain data: all that its grade depends on, apart from any disk."""

from __future__ import annotations

import difflib
import hashlib
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath

MAX_BYTES = 200_000_000  # of a file that is read
MAX_CANDIDATES = 50  # files that are read to find the notebook
MAX_OTHER_FILES = 100  # beside the notebook: nbgrader's time grows with the square of their number
MAX_OTHER_BYTES = 10_000_000  # of these together
MAX_OTHER_DEPTH = 3

TIMESTAMP = ("timestamp.txt",)
DRAFT = ".intake-"

_PLAIN = re.compile(r"\w[\w .,()+=@-]*")


@dataclass(frozen=True)
class Entry:
    """Something in a submission's folder.

    parts  : its path there
    kind   : "file", "folder", "link", "deep" (a folder that is nested too deeply to be entered) or "other"
    size   : in bytes, of a file
    changed: when a file was changed last, in seconds since 1970
    target : where a link leads, as printable text
    """

    parts: tuple[str, ...]
    kind: str
    size: int = 0
    changed: float = 0.0
    target: str = ""

    @property
    def shown(self) -> str:
        return shown("/".join(self.parts))

    @property
    def is_notebook(self) -> bool:
        """Whether it is called like a notebook: where it ends in .ipynb.txt, a browser has saved it."""
        return ".ipynb" in self.parts[-1].lower()

    @property
    def hidden(self) -> bool:
        return any(part.startswith((".", "__MACOSX")) for part in self.parts)


@dataclass(frozen=True)
class Contents:
    """A submission's folder as it was read.

    lesson    : for which it was handed in
    entries   : all that is in it, sorted
    candidates: the files among them that may be the notebook, the likeliest first
    data      : by path, the bytes of those that grading may need, or why they cannot be had, as the end of a sentence
                that begins with the file's name
    known     : whether something was taken in before, so that notes in a canonical notebook are our own
    said      : what there was to say of the folder itself
    """

    lesson: str
    entries: tuple[Entry, ...]
    candidates: tuple[Entry, ...]
    data: Mapping[tuple[str, ...], bytes | str]
    known: bool = False
    said: tuple[str, ...] = ()

    @cached_property
    def timestamp(self) -> str | None:
        """What stands in timestamp.txt, if that is a date that nbgrader can read, or nothing."""
        return _date(self.data.get(TIMESTAMP))

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal digits, of all that can change what comes of grading this.

        A date in timestamp.txt is left out, which changes the late penalty only, and so are the times of files but
        for the order of the candidates that they decide.
        """
        entries = [each for each in self.entries if each.parts != TIMESTAMP or self.timestamp is None]
        data = [self.data.get(each.parts) for each in entries]
        facts = [
            (each.parts, each.kind, each.size, each.target, len(content) if isinstance(content, bytes) else content)
            for each, content in zip(entries, data, strict=True)
        ]
        order = [each.parts for each in self.candidates]
        digest = hashlib.sha256(ascii((self.lesson, facts, order, self.known, self.said)).encode())
        for content in data:
            if isinstance(content, bytes):
                digest.update(content)
        return digest.hexdigest()


@dataclass(frozen=True)
class Order:
    """How a folder is put in order.

    entries : what was there when it was read
    notebook: what <lesson>.ipynb is to hold
    changed : the time of that file's last change, None for now
    harmful : what has to go before it is written
    replaced: what has to go afterwards
    renamed : folders at the top that stand in the way, and their new names
    """

    entries: tuple[Entry, ...]
    notebook: str
    changed: float | None = None
    harmful: tuple[Entry, ...] = ()
    replaced: tuple[Entry, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)

    def place(self, entry: Entry) -> tuple[str, ...]:
        """The path of something that was there when folders have their new names."""
        return (self.renamed.get(entry.parts[0], entry.parts[0]), *entry.parts[1:])


def in_order(contents: Contents, order: Order) -> Contents:
    """What the folder will be found to hold once it is in order, but for the times of files."""
    name, notebook = (f"{contents.lesson}.ipynb",), order.notebook.encode()
    gone = {entry.parts for entry in (*order.harmful, *order.replaced)}
    kept = [entry for entry in contents.entries if entry.parts not in gone]
    data = {order.place(entry): contents.data[entry.parts] for entry in kept if entry.parts in contents.data}
    data[name] = notebook
    moved = [replace(entry, parts=order.place(entry)) for entry in kept]
    entries = [Entry(name, "file", len(notebook)), *(entry for entry in moved if entry.parts != name)]
    entries.sort(key=lambda entry: entry.parts)
    candidates = candidates_of(entries, contents.lesson)
    read = [TIMESTAMP, *(entry.parts for entry in needed(entries, candidates))]
    data = {parts: data[parts] for parts in read if parts in data}
    return Contents(contents.lesson, tuple(entries), tuple(candidates), data, known=True)


def shown(name: str) -> str:
    """A file's name as printable text of at most 80 characters."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    name = "".join(c if c.isprintable() else "?" for c in name)
    return name if len(name) <= 80 else f"{name[:60]}…{name[-19:]}"


def candidates_of(
    entries: Iterable[Entry], lesson: str, starts_like_notebook: Callable[[Entry], bool] = lambda entry: False
) -> list[Entry]:
    """The files that may be the notebook, the likeliest first: by name, then the newest.

    starts_like_notebook: asked of files with other names where none is called like a notebook
    """
    files = [entry for entry in entries if entry.kind == "file" and not entry.hidden and len(entry.parts) <= 3]
    named = [entry for entry in files if entry.is_notebook or entry.parts[-1].lower().endswith(".json")]
    if not any(entry.is_notebook for entry in named):
        others = [
            e for e in files if e.parts != TIMESTAMP and PurePosixPath(e.parts[-1]).suffix.lower() in ("", ".txt")
        ]
        named += [entry for entry in others if starts_like_notebook(entry)]
    if len(named) == 1:
        return named

    def unlikely(entry: Entry) -> tuple:
        name = entry.parts[-1]
        exact = name == f"{lesson}.ipynb"
        return not exact, len(entry.parts) if exact else 0, -_likeness(name, lesson), -entry.changed, entry.parts

    return sorted(named, key=unlikely)


def _likeness(name: str, lesson: str) -> float:
    """How close a file's name comes to the lesson's: over 1 for a notebook's name that holds the lesson's."""
    stem = re.split(r"\.(?:ipynb|json|txt)", name.lower())[0]
    stem = re.sub(r"^(copy|kopie|copie|copia) (of|von|de|di) ", "", stem)
    stem = re.sub(r"(?:\(\d{1,4}\)|copy|kopie|[\d\s_-])+$", "", stem[:200])
    plain, wanted = re.sub(r"[\W_]+", "", stem), re.sub(r"[\W_]+", "", lesson.lower())
    likeness = difflib.SequenceMatcher(None, plain[:100], wanted).ratio()
    return round(likeness + (wanted in plain) - (".ipynb" not in name.lower()) / 2, 2)


def needed(entries: Iterable[Entry], candidates: Sequence[Entry]) -> list[Entry]:
    """The files whose bytes grading may need, in the order in which it needs them."""
    chosen = dict.fromkeys(candidates[:1])
    room = dict.fromkeys((True, False), MAX_OTHER_BYTES)
    for entry in plain_files(entries):  # notebooks go when the folder is put in order, and make room for others
        room[entry.is_notebook] -= entry.size
        if room[entry.is_notebook] >= 0:
            chosen[entry] = None
    return list(chosen | dict.fromkeys(candidates[:MAX_CANDIDATES]))


def plain_files(entries: Iterable[Entry]) -> list[Entry]:
    """The files that may lie beside the notebook when it is graded, the smallest first; the notebook is among them."""
    plain = [
        entry
        for entry in entries
        if entry.kind == "file"
        and entry.parts != TIMESTAMP
        and len(entry.parts) <= MAX_OTHER_DEPTH
        and not entry.hidden
        and all(_PLAIN.fullmatch(part) for part in entry.parts)
    ]
    return sorted(plain, key=lambda entry: (entry.size, entry.parts))


def excess_of(entries: Iterable[Entry]) -> list[Entry]:
    """Of files beside the notebook those of which there are too many or too much; the smallest stay."""
    files = [e for e in entries if e.kind == "file" and not e.is_notebook and e.parts != TIMESTAMP and not is_draft(e)]
    room, excess = MAX_OTHER_BYTES, []
    for number, entry in enumerate(sorted(files, key=lambda entry: (entry.size, entry.parts))):
        room -= entry.size
        if number >= MAX_OTHER_FILES or room < 0:
            excess.append(entry)
    return excess


def is_draft(entry: Entry) -> bool:
    """Whether it is a notebook that was being written when something stopped that."""
    return entry.kind == "file" and len(entry.parts) == 1 and entry.parts[0].startswith(DRAFT)


def harmful_in(contents: Contents) -> list[Entry]:
    """What must not stay: it leads out of the folder or never ends, or nbgrader would stop at it."""
    return [
        entry
        for entry in contents.entries
        if entry.kind in ("link", "other", "deep") or (entry.parts == TIMESTAMP and contents.timestamp is None)
    ]


def said_of_harm(entry: Entry) -> str:
    """What becomes of something harmful, as a sentence for the instructor."""
    if entry.kind == "link":
        return f"{entry.shown} was a link (to {entry.target}), which is not followed: it is removed."
    if entry.kind == "deep":
        return f"{entry.shown} holds folders nested too deeply: it is in received/ only."
    if entry.kind == "folder":
        return f"{entry.shown} was a folder where nbgrader looks for a date: it has another name now."
    if entry.kind == "file":
        return f"{entry.shown} holds no date that nbgrader could read: it is in received/ only."
    return f"{entry.shown} was no file but a pipe, a socket or a device: it is removed."


def _date(data: bytes | str | None) -> str | None:
    """The text of a timestamp.txt at which nbgrader.utils.parse_utc does not stop, whose steps are taken here."""
    if not isinstance(data, bytes):
        return None
    try:
        text = data.decode().strip()
        if text:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # dateutil warns of time zones that it does not know
                _parse(text)
    except Exception:  # dateutil raises whatever it raises
        return None
    return text


def _parse(text: str) -> None:
    from dateutil import parser, tz

    words = text.split(" ")
    if len(words) == 3:
        try:
            zone = int(words[2])
        except ValueError:
            zone = tz.gettz(words[2])
        date = parser.parse(f"{words[0]} {words[1]} TZ", tzinfos={"TZ": zone})
    else:
        date = parser.parse(text)
    if date.tzinfo is not None:
        date - date.utcoffset()

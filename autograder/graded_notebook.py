"""What a graded notebook tells its student: the lesson's exercises, what became of each, and the student's own cells.

All that stands in a notebook is taken for hostile text; what leaves here is escaped, or is for a template that escapes.
"""

from __future__ import annotations

import base64
import json
import re
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from autograder.course import CourseError
from autograder.lesson import BEGIN_HIDDEN
from autograder.outputs import plain

# Characters: of one cell's source, one output, one sentence; of all text and all pictures on a page.
MAX_SOURCE, MAX_OUTPUT, MAX_SENTENCE, MAX_TEXT, MAX_PICTURES = 20_000, 8_000, 1_500, 400_000, 12_000_000
# Longer cells stay in one colour: of white space or brackets without end pygments makes hard work.
MAX_COLOURED, MAX_ALL_COLOURED = 5_000, 60_000
MAX_CELLS, MAX_OUTPUTS, MAX_NOTES = 40, 40, 40  # in an exercise, in a cell, on a page


_EXERCISE = re.compile(r"(?:exercise|test)-(\d+)-(\d+)-?(.*)")
# The frames of a traceback in which the student's own lines stand, without what the error says.
_FRAME = re.compile(r"^Cell In.*?(?=^\w*(?:Error|Exception|Interrupt|Warning)\b|\Z)", re.MULTILINE | re.DOTALL)

_lexer, _formatter = PythonLexer(), HtmlFormatter(nowrap=True)


@dataclass(frozen=True)
class Score:
    """The points of one graded cell: by the checks, by a person (which count instead), and extra ones."""

    possible: float
    auto: float | None = None
    manual: float | None = None
    extra: float = 0.0

    @property
    def given(self) -> float | None:
        return self.auto if self.manual is None else self.manual

    @property
    def earned(self) -> float:
        return 0.0 if self.given is None else self.given + self.extra


@dataclass(frozen=True)
class Grades:
    """One submission in the gradebook: scores and the instructor's comments by grade_id, points off for being late."""

    scores: dict[str, Score]
    comments: dict[str, str]
    penalty: float
    handed_in: datetime | None

    @property
    def possible(self) -> float:
        return sum(score.possible for score in self.scores.values())

    @property
    def earned(self) -> float:
        return sum(score.earned for score in self.scores.values())

    @property
    def total(self) -> float:
        return max(0.0, self.earned - self.penalty)


@dataclass
class Exercise:
    """An exercise as its lesson presents it.

    number : such as "1.3"; "" for a graded cell outside of exercises
    section: the heading under which it stands
    hints  : whether it has any
    names  : the grade_ids of its solution cells; graded: of its cells that give points, in order
    """

    title: str
    number: str
    section: str
    hints: bool = False
    names: list[str] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LessonCell:
    """kind: "solution", "test", "locked" or "ordinary"; exercise: a key of Outline.exercises, "" before the first"""

    kind: str
    source: str
    exercise: str


@dataclass
class Outline:
    """A lesson as it was released: its exercises in order, its cells by grade_id and by id."""

    title: str
    exercises: dict[str, Exercise] = field(default_factory=dict)
    cells: dict[str, LessonCell] = field(default_factory=dict)


@lru_cache(maxsize=32)
def outline_of(lesson: str, release: str) -> Outline:
    """The outline of a released notebook, as JSON. raises: CourseError if it is none"""
    outline, current, section, heading = Outline(lesson), "", "", ""
    cells, _ = load(release, f"notebooks/{lesson}/{lesson}.ipynb", f"run `autograder build {lesson}`")
    for cell in cells:
        source, flags = _joined(cell.get("source")), _dict(_dict(cell.get("metadata")).get("nbgrader"))
        name, kind = _str(flags.get("grade_id")), "locked" if flags.get("locked") else "ordinary"
        if cell.get("cell_type") == "markdown":
            prose = re.sub(r"^```.*?^```", "", source, flags=re.MULTILINE | re.DOTALL)
            for level, heading in re.findall(r"^(#+) +(.+?)[ #]*$", prose, re.MULTILINE):
                section = heading if level == "##" else section
                outline.title = heading if level == "#" else outline.title
                if found := re.match(r"Exercise (\d+)\.(\d+)\b", heading):
                    current = "-".join(found.groups())
                    title = re.sub(r" *\([\d.]+ points?\)$", "", heading)
                    outline.exercises[current] = Exercise(title, ".".join(found.groups()), section)
            if current and "<summary>Hint" in source:
                outline.exercises[current].hints = True
        if flags.get("grade") or flags.get("solution") or flags.get("task"):
            kind = "solution" if flags.get("solution") or flags.get("task") else "test"
            found = _EXERCISE.match(name)
            current, number = (f"{found[1]}-{found[2]}", f"{found[1]}.{found[2]}") if found else (name, "")
            title = f"Exercise {number}" if found else heading or name
            exercise = outline.exercises.setdefault(current, Exercise(title, number, section))
            exercise.names += [name] if kind == "solution" else []
            exercise.graded += [name] if flags.get("grade") or flags.get("task") else []
        for key in filter(None, (name, _str(cell.get("id")))):
            outline.cells[key] = LessonCell(kind, source, current)
    return outline


@dataclass
class Output:
    """What a cell has put out. kind: "text", "warning", "error" or "picture".

    where: the student's lines at which an error came up
    alt  : the picture in words; source: its address, which holds the picture itself; size: in pixels
    """

    kind: str
    text: str = ""
    where: str = ""
    alt: str = ""
    source: str = ""
    size: tuple[int, int] = (0, 0)


@dataclass
class OwnCell:
    """A cell of the student's: "code" or "text"; or a "given" one, of the lesson's, that stopped with an error."""

    kind: str
    source: Markup
    outputs: list[Output]


@dataclass
class Part:
    """One graded cell of an exercise. said, question: what its check says, and asks"""

    label: str
    score: Score
    state: str
    said: Markup | str = ""
    question: Markup | str = ""


@dataclass
class Section:
    """An exercise on the page. parts: those that are right stand first; lost: whether nothing could be graded"""

    anchor: str
    exercise: Exercise
    parts: list[Part]
    comments: list[Markup]
    cells: list[OwnCell]
    lost: bool

    @property
    def earned(self) -> float:
        return sum(part.score.earned for part in self.parts)

    @property
    def possible(self) -> float:
        return sum(part.score.possible for part in self.parts)

    @property
    def is_shown(self) -> bool:
        """Whether there is more to say than its points."""
        return self.state != "not graded" or bool(self.comments or self.cells)

    @property
    def state(self) -> str:
        states = {part.state for part in self.parts}
        if not states or (self.lost and not self.earned):
            return "not graded"
        if states == {"right"} or "waiting" in states:
            return "waiting" if "waiting" in states else "right"
        if self.earned:
            return "partly"
        return "not yet" if any(cell.kind != "given" for cell in self.cells) else "empty"


@dataclass
class Told:
    """What was noted about a submission: why it could not be graded, what was mended, what happened as it ran."""

    problem: Markup
    repairs: list[Markup]
    notes: list[Markup]


class Reader:
    """Reads a graded notebook, of which nothing is believed.

    places: folders of the machine that graded, which are not shown
    own   : the student's cells by exercise; "" holds those before the first
    checks: the outputs of the lesson's tests by grade_id
    """

    def __init__(self, outline: Outline, places: tuple[str, ...]):
        self.outline = outline
        self.text_left, self.colour_left, self.pictures_left = MAX_TEXT, MAX_ALL_COLOURED, MAX_PICTURES
        self.own: dict[str, list[OwnCell]] = defaultdict(list)
        self.checks: dict[str, list] = {}
        longest_first = sorted(set(places) - {"/", ""}, key=len, reverse=True)
        self.places = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def read(self, cells: list[dict], metadata: dict) -> Told:
        current, left_out = "", 0
        for cell in cells:
            source, flags = _joined(cell.get("source")), _dict(_dict(cell.get("metadata")).get("nbgrader"))
            name = _str(flags.get("grade_id"))
            known = self.outline.cells.get(name) or self.outline.cells.get(_str(cell.get("id")))
            current = known.exercise if known else current
            is_test = BEGIN_HIDDEN in source or (flags.get("grade") and not flags.get("solution"))
            if known and known.kind == "test":
                self.checks.setdefault(name, _list(cell.get("outputs")))
            elif is_test or not source.strip():
                continue
            elif len(self.own[current]) >= MAX_CELLS or self.text_left < 0:
                left_out += 1
            elif not known or (known.kind != "locked" and source.split() != known.source.split()):
                self.own[current].append(self.own_cell(cell, source))
            elif errors := [output for output in self.outputs(cell) if output.kind == "error"]:
                self.own[current].append(OwnCell("given", Markup(), errors[:1]))
        told = _dict(metadata.get("autograder"))
        problem = self.words(_str(told.get("problem")))
        repairs, notes = (
            [self.words(text) for text in map(_str, _list(told.get(key))[:MAX_NOTES]) if text.strip()]
            for key in ("repairs", "notes")
        )
        notes += [escape(f"There are very many cells: {left_out} of them are not shown here.")] if left_out else []
        return Told(problem, [text for text in repairs if text != problem], notes)

    def own_cell(self, cell: dict, source: str) -> OwnCell:
        lines = plain(source.strip("\n"), MAX_SOURCE + 1).split("\n")
        source = _cut("\n".join(line.rstrip() for line in lines), MAX_SOURCE)
        self.text_left -= len(source)
        if cell.get("cell_type") != "code":
            return OwnCell("text", escape(source), [])
        if len(source) > min(MAX_COLOURED, self.colour_left):
            return OwnCell("code", escape(source), self.outputs(cell))
        self.colour_left -= len(source)
        return OwnCell("code", Markup(highlight(source, _lexer, _formatter)), self.outputs(cell))

    def outputs(self, cell: dict) -> list[Output]:
        found = [self.output(_dict(output)) for output in _list(cell.get("outputs"))[:MAX_OUTPUTS]]
        return [output for output in found if output]

    def output(self, output: dict) -> Output | None:
        kind, data = output.get("output_type"), _dict(output.get("data"))
        if kind == "error":
            frames = "\n".join(map(_str, _list(output.get("traceback")))).split("\n\n")[:MAX_OUTPUTS]
            found = filter(None, (_FRAME.search(self.clean(frame)) for frame in frames))
            where = "\n\n".join(frame[0].rstrip() for frame in found)
            return Output("error", self.clean(f"{_name(output)}: {_joined(output.get('evalue'))}"), where[:MAX_OUTPUT])
        text = self.clean(_joined(output.get("text") if kind == "stream" else data.get("text/plain"))).rstrip()
        self.text_left -= len(text)
        if "image/png" in data:
            return self.picture(_joined(data["image/png"]), text.strip())
        return Output("warning" if output.get("name") == "stderr" else "text", text) if text else None

    def picture(self, encoded: str, words: str) -> Output:
        """A PNG with its words. matplotlib's own describe nothing: "<Figure size 640x480 with 1 Axes>"."""
        if not words or words.startswith("<"):
            words = "A figure made by this cell"
        caption, _, alt = words.rpartition("\n")
        self.pictures_left -= len(encoded)
        try:
            data = base64.b64decode("".join(encoded.split()), validate=True) if self.pictures_left > 0 else b""
            if not data.startswith(b"\x89PNG\r\n\x1a\n"):
                raise ValueError("no PNG")
            size = struct.unpack(">II", data[16:24])
        except (ValueError, struct.error):
            return Output("text", f"(A figure is left out here: {alt})")
        address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        return Output("picture", caption, alt=alt[:MAX_SENTENCE], source=address, size=size)

    def part(self, name: str, score: Score) -> Part:
        """What came of a graded cell. Of a test that failed only a CheckError's message is made to be shown."""
        outputs = [_dict(output) for output in self.checks.get(name, [])]
        error = next((output for output in outputs if output.get("output_type") == "error"), None)
        found = _EXERCISE.match(name)
        number, label = (f"{found[1]}.{found[2]}", found[3]) if found else ("", name)
        if score.given is None:
            state = "waiting"
        elif score.given >= score.possible if score.possible else not error:
            state = "right"
        else:
            state = "partly" if score.given else "not yet"
        part = Part(re.sub("[-_]", " ", label), score, state)
        if error is None:
            lines = "\n".join(_joined(output.get("text")) for output in outputs).splitlines()
            passed = [_without_number(line, number) for line in lines if line.startswith("✓")]
            part.said = self.words("\n".join(passed[:5]))
        elif error.get("ename") != "CheckError":
            part.said = self.words(f"The check ended with `{_name(error)}`.")
        else:
            # A check asks the question that leads on: it stands on its own, after what is said.
            message = _without_number(self.clean(_joined(error.get("evalue"))), number)
            sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z`(])", message)
            part.said = self.words(" ".join(each for each in sentences if not each.endswith("?")))
            part.question = self.words(" ".join(each for each in sentences if each.endswith("?")))
        return part

    def words(self, text: str) -> Markup:
        """A text as HTML, in which `backticks` mark code and cells are called what the lesson calls them."""
        text = re.sub(r"\bexercise-(\d+)-(\d+)\b", r"exercise \1.\2", self.clean(text, MAX_SENTENCE).strip())
        text = re.sub(r"\btest-(\d+)-(\d+)-(\w+)", r"the check of exercise \1.\2 (\3)", text)
        text = re.sub(r"\btest-(\d+)-(\d+)\b", r"the check of exercise \1.\2", text)
        parts = re.split(r"`([^`\n]+)`", text[:1].upper() + text[1:])
        code = Markup("<code>{}</code>")
        return Markup().join(code.format(part) if place % 2 else part for place, part in enumerate(parts))

    def clean(self, text: str, most: int = MAX_OUTPUT) -> str:
        """Text without colours, control characters and places on the machine that graded, cut to a length."""
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text[: 2 * most])
        text = re.sub(r"(?:<ipython-input-[\w-]+>|/tmp/ipykernel_\d+/\d+\.py):(\d+)", r"line \1", text)
        return _cut(plain(self.places.sub("…", text), most + 1), most)


def _without_number(text: str, number: str) -> str:
    """A check's message without its sign and its exercise's number: both stand beside it on the page."""
    return re.sub(rf"^[✓✗\s]*(?:{re.escape(number)}\b:?)?\s*" if number else r"^[✓✗\s]*", "", text)


def _name(error: dict) -> str:
    return re.sub(r"\W", "", _str(error.get("ename")))[:80] or "Error"


def stamped(path: Path, advice: str) -> tuple[Path, int]:
    """A file and when it was written, in ns. raises: CourseError if there is none; a link is none"""
    if path.is_symlink() or not path.is_file():
        raise CourseError(f"there is no notebook {path}: {advice}")
    return path, path.stat().st_mtime_ns


def load(notebook: str | bytes, name: str, advice: str) -> tuple[list[dict], dict]:
    """A notebook's cells and metadata. nbformat would check more than a page needs, and take longer than all else."""
    try:
        notebook = json.loads(notebook)
        return [_dict(cell) for cell in notebook["cells"]], _dict(notebook.get("metadata"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CourseError(f"{name} is damaged ({type(error).__name__}): {advice}") from error


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n… (cut off here)"


def _joined(value) -> str:
    """A text as a notebook keeps it: one string, or a list of lines."""
    return "".join(map(_str, value)) if isinstance(value, list) else _str(value)


def _str(value) -> str:
    return value if isinstance(value, str) else ""


def _list(value) -> list:
    return value if isinstance(value, list) else []


def _dict(value) -> dict:
    return value if isinstance(value, dict) else {}

"""The class report: one page of HTML about a whole class, `autograder report`.

By default it holds no name and nothing from which a student could be told, so that it can be shown in class. All that
comes from students is escaped and shown without characters that do not show, the page holds no script, and a browser
is told to load nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder import class_figures
from autograder.class_data import ClassData, Person, handed_in_for, read_class
from autograder.class_summary import FEW, Believed, Summary, anonymous, summarise
from autograder.contents import shown
from autograder.course import Course, CourseError
from autograder.csv_table import write_whole
from autograder.grade_entries import points_of
from autograder.item_analysis import MIN_ANSWERS
from autograder.repairs import one_line

TOP = 10  # misconceptions that stand open on the page
SAID = 3  # of them those that the command prints
_INVISIBLE = re.compile(r"[^\n -\x7e\xa0-\U0010ffff]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def run(course: Course, lessons: list[str], *, names: bool = False, output: Path | None = None) -> int:
    """Write the report about these lessons, or all that have been graded, and say what is believed most.

    names  : say who is meant, with links to feedback
    output : the page; None: class/report/index.html
    returns: 0
    raises : CourseError, and then no page has been written or changed
    """
    path = (output or course.classroom / "report" / "index.html").absolute()
    if path.is_dir():
        raise CourseError(f"{path} is a folder: name a file as --output")
    data = read_class(course, points_of(course, lessons))
    if not data.submissions:
        raise CourseError("nothing has been graded yet: run `autograder grade`, then the report again")
    summary = summarise(data)
    if names:
        html = page(summary, date.today(), data, links_from(course, data, path.parent))
    else:
        html = page(anonymous(summary), date.today())
    write_whole(path, html, bom=False)
    print("\n".join([*_most_frequent(summary if names else anonymous(summary)), f"Report: {path}"]))
    others = [] if lessons else [name for name in course.graded_lessons if name not in data.lessons]
    if new := sorted({lesson for _, lesson in handed_in_for(course, others)}):
        print(f"Handed in and not in the gradebook yet: {', '.join(new)}: run `autograder grade`")
    if not names:
        print("It names nobody. Who is meant, and who may need help, says `autograder report --names`.")
    return 0


def page(
    summary: Summary,
    made_on: date,
    data: ClassData | None = None,
    links: dict[tuple[str, str], str] | None = None,
) -> str:
    """The page: a function of its arguments and of nothing else.

    data : for the table of all students, of a summary with names
    links: addresses of feedback pages by student and lesson
    """
    return _template().render(
        summary=summary,
        titles={lesson.name: lesson.title for lesson in summary.lessons},
        made_on=f"{made_on:%d %B %Y}".lstrip("0"),
        data=data,
        links=links or {},
        figures=class_figures,
        few=FEW,
        top=TOP,
        min_answers=MIN_ANSWERS,
    )


def links_from(course: Course, data: ClassData, folder: Path) -> dict[tuple[str, str], str]:
    """By student and lesson the address of each feedback page that there is, relative to a folder."""
    feedback = course.classroom / "feedback"
    base = os.path.relpath(feedback.resolve(), folder.resolve())
    found = {}
    for student, lesson in data.submissions:
        if (feedback / student / lesson / f"{lesson}.html").is_file():
            found[student, lesson] = quote(os.fsencode(f"{base}/{student}/{lesson}/{lesson}.html"))
    return found


def _most_frequent(summary: Summary) -> list[str]:
    first = [each for each in summary.misconceptions if each.group.count is not None][:SAID]
    return ["What is believed most:", *map(_said, first)] if first else []


def _said(each: Believed) -> str:
    return f"  {each.group.count} of {each.group.of}, {each.exercise}: {one_line(each.believed or each.id)}"


def _who(person: Person) -> str:
    """A student as people see them: whatever is in a name, each character is one that shows."""
    return f"{_shown(person.name)} ({_shown(person.id)})" if person.name else _shown(person.id)


def _shown(name: str) -> str:
    return shown(name.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))


def _words(text: str) -> Markup:
    """A teacher's text as HTML, in which `backticks` mark code."""
    code = Markup("<code>{}</code>")
    parts = enumerate(re.split(r"`([^`\n]+)`", text))
    return Markup().join(code.format(part) if place % 2 else part for place, part in parts)


def _visible(value):
    """What an expression of the template gives, without what shows as nothing or turns around what follows."""
    if not isinstance(value, str):
        return value
    return type(value)(_INVISIBLE.sub("", value))


@lru_cache(maxsize=1)
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=folder,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    filters: dict[str, Callable] = {
        "points": lambda number: f"{round(number, 2):g}",
        "percent": class_figures.percent,
        "who": _who,
        "line": one_line,
        "words": _words,
    }
    environment.filters.update(filters)
    return environment.get_template("class_report.html.jinja")

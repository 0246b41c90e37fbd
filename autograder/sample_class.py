"""A class of invented students, made from the lessons alone, and the demo that grades it.

What they hand in are the worked answers, all or a part of them, or with a typical mistake made in them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.configuration import COURSE_ID
from autograder.course import ROOT, Course, CourseError
from autograder.lesson import key

# What each mistake does to the text of an answer: (pattern, replacement), made wherever they match.
MISTAKES = {
    "never transposes": [(r"\.T\b", "")],
    "mixes up signs": [
        (r"\b(y_hat|y_pred|predict\w*|probabilit\w*) - (\w+)", r"\2 - \1"),
        (r" - (lr|learning_rate|self\.lr)\b", r" + \1"),
    ],
    "forgets to divide by the number of samples": [
        (r" / \(2 \* len\((\w+)\)\)", " / 2"),
        (r" / (len\(\w+\)|\w+\.shape\[0\]|N|n)(?!\w)", ""),
        (r"\bnp\.mean\(", "np.sum("),
        (r"\.mean\(", ".sum("),
    ],
    "does not add up over the batch": [
        (r"\.sum\(axis=0\)", ""),
        (r"\.sum\(0\)", ""),
        (r"\bnp\.sum\((\w+), axis=0\)", r"\1"),
    ],
    "prints instead of returning": [(r"\breturn (.+)", r"print(\1)")],
    "writes < for <= and > for >=": [(r" ([<>])= ", r" \1 ")],
}

# What some hand in besides: code in a cell of its own, above the first exercise.
EXTRA_CELLS = {
    "ends Python in one cell and loops for ever in another": ["import os\nos._exit(0)", "while True:\n    pass"],
    "makes everything equal, patches the checks, reads the tests, and bombs": [
        "import numpy as np\nfrom mlp_helpers import checks\n"
        "checks.output = checks.gradient = checks.that = checks.choice = lambda *_, **__: None\n"
        "np.testing.assert_allclose = np.allclose = lambda *_, **__: True",
        "import glob\nprint([open(name).read() for name in glob.glob('/**/*.ipynb', recursive=True)])",
        "import sqlite3\nsqlite3.connect('../../../gradebook.db').execute('UPDATE grade SET auto_score = 100')",
        "import os\nwhile True:\n    os.fork()",
        "import IPython.core.interactiveshell as shell\nshell.ExecutionResult.success = True",
    ],
}

_MARKER = ".sample-class"


@dataclass(frozen=True)
class Student:
    """An invented student.

    share  : the part of each lesson's exercises that is done, from the first on
    mistake: what goes wrong in each answer that leaves room for it, a key of MISTAKES
    lessons: how many lessons are handed in, from the first on; None: all
    spoiled: what happens to the first lesson's file on its way, "cut short", "renamed" or "stripped of all metadata"
    extra  : what else stands in the first lesson, a key of EXTRA_CELLS
    """

    id: str
    first_name: str
    last_name: str
    share: float = 1.0
    mistake: str = ""
    lessons: int | None = None
    spoiled: str = ""
    extra: str = ""


CLASS = [
    Student("amara_okafor", "Amara", "Okafor"),
    Student("bjorn_lindqvist", "Björn", "Lindqvist", spoiled="cut short"),
    Student("chloe_dubois", "Chloé", "Dubois", share=0.5),
    Student("diego_nunez", "Diego", "Núñez", mistake="never transposes"),
    Student("elif_yildiz", "Elif", "Yıldız", share=0.0),
    Student("fatima_rahman", "Fatima", "Rahman", lessons=1),
    Student("giulia_ferrari", "Giulia", "Ferrari", mistake="mixes up signs"),
    Student("haruto_sato", "Haruto", "Satō", mistake="forgets to divide by the number of samples"),
    Student("ines_goncalves", "Inês", "Gonçalves", mistake="does not add up over the batch"),
    Student("jan_kowalski", "Jan", "Kowalski", mistake="prints instead of returning", lessons=2),
    Student("kwame_mensah", "Kwame", "Mensah", share=0.75, lessons=2),
    Student("lena_mueller", "Lena", "Müller", mistake="writes < for <= and > for >="),
    Student("noor_haddad", "Noor", "Haddad", spoiled="renamed"),
    Student("oskar_nilsen", "Oskar", "Nilsen", lessons=1, spoiled="stripped of all metadata"),
    Student("priya_raman", "Priya", "Raman", lessons=1, extra="ends Python in one cell and loops for ever in another"),
    Student(
        "quentin_leroy",
        "Quentin",
        "Leroy",
        share=0.0,
        lessons=1,
        extra="makes everything equal, patches the checks, reads the tests, and bombs",
    ),
]


def make_class(course: Course, folder: Path, students: Sequence[Student] = CLASS) -> dict[str, str]:
    """Write what these students hand in to folder/submitted, the same at each call.

    returns: for each student in words what was handed in
    raises : CourseError if no lesson has been built
    """
    lessons = [name for name in course.graded_lessons if all(path.exists() for path in _notebooks(course, name))]
    if not lessons:
        raise CourseError("no lesson has been built: run `autograder build`, then the demo again")
    about = {}
    for student in students:
        slips = []
        for lesson in lessons[: student.lessons]:
            release, solution = (nbformat.read(path, as_version=4) for path in _notebooks(course, lesson))
            answers = _answers(solution)
            for grade_id in list(answers)[: int(len(answers) * student.share)]:
                answer = _with_mistake(answers[grade_id], student.mistake)
                if answer != answers[grade_id]:
                    slips.append(grade_id.removeprefix("exercise-").replace("-", "."))
                for cell in release.cells:
                    if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
                        cell.source = answer
            if lesson == lessons[0]:
                first = next(i for i, cell in enumerate(release.cells) if key(cell) in answers)
                extra = EXTRA_CELLS.get(student.extra, [])
                release.cells[first:first] = [
                    nbformat.v4.new_code_cell(source, id=f"extra-{number}") for number, source in enumerate(extra)
                ]
            text, name = nbformat.writes(release), f"{lesson}.ipynb"
            if student.spoiled and lesson == lessons[0]:
                text, name = _spoiled(text, name, student.spoiled)
            path = folder / "submitted" / student.id / lesson / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        about[student.id] = _in_words(student, slips)
    return about


def _notebooks(course: Course, lesson: str) -> tuple[Path, Path]:
    return tuple(folder / lesson / f"{lesson}.ipynb" for folder in (course.notebooks, course.solutions))


def _answers(solution: nbformat.NotebookNode) -> dict[str, str]:
    """By grade_id the source of each solution cell, without the marks of the solution's region."""
    answers = {}
    for cell in solution.cells:
        metadata = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and metadata.get("solution"):
            marks = ("BEGIN SOLUTION", "END SOLUTION")
            lines = [line for line in cell.source.splitlines() if not any(mark in line for mark in marks)]
            answers[metadata["grade_id"]] = "\n".join(lines)
    return answers


def _with_mistake(answer: str, mistake: str) -> str:
    for pattern, replacement in MISTAKES.get(mistake, []):
        answer = re.sub(pattern, replacement, answer)
    return answer


def _spoiled(text: str, name: str, how: str) -> tuple[str, str]:
    if how == "cut short":
        return text[: len(text) // 2], name
    if how == "stripped of all metadata":
        notebook = nbformat.reads(text, as_version=4)
        for part in (notebook, *notebook.cells):
            part.metadata = {}
        return nbformat.writes(notebook), name
    return text, name.replace(".ipynb", " (1).ipynb")


def _in_words(student: Student, slips: list[str]) -> str:
    done = {0.0: "nothing written yet", 1.0: "everything"}.get(student.share, f"the first {student.share:.0%}")
    parts = [done if student.lessons is None else f"{done}, up to lesson {student.lessons}"]
    if student.mistake:
        parts.append(f"{student.mistake} ({', '.join(slips) or 'no occasion yet'})")
    if student.spoiled:
        parts.append(f"the first lesson's file was {student.spoiled}")
    if student.extra:
        parts.append(student.extra)
    return "; ".join(parts)


def demo(course: Course | None = None) -> int:
    """Make the class in demo/ anew, grade it, and say where to look.

    course : where the class is made is course.classroom; by default demo/ in the repository
    returns: 0 if all was graded
    raises : CourseError if there is a folder demo/ that was not made by this
    """
    from nbgrader.api import Gradebook

    from autograder.grade import grade
    from autograder.report import run as report

    course = course or Course(classroom=ROOT / "demo", own_limits={"seconds_per_cell": 5})
    folder = course.classroom
    _clear(folder)
    print("A class of invented students hands in:")
    for student_id, words in make_class(course, folder).items():
        print(f"  {student_id}: {words}")
    outcomes = grade(course, [], [])
    with Gradebook(course.gradebook, COURSE_ID) as gradebook:
        for student in CLASS:
            gradebook.update_or_create_student(student.id, first_name=student.first_name, last_name=student.last_name)
    mistaken = next(student.id for student in CLASS if student.mistake)
    example = min((folder / "feedback" / mistaken).glob("*/*.html"), default=None)
    if example:
        print(f"Open one student's feedback in a browser: {example}")
    report(course, [])
    return int(any(outcome.problem for outcome in outcomes))


def _clear(folder: Path) -> None:
    """Empty the demo's folder, if it is one."""
    if folder.is_symlink() or (folder.exists() and not (folder / _MARKER).is_file()):
        raise CourseError(f"{folder} was not made by the demo: move it away, then run the demo again")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARKER).write_text("`autograder demo` removes this folder and makes it anew.\n")

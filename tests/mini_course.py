"""A course of one small lesson and a start page, built without a kernel, and what students may hand in for it."""

import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course import Course
from autograder.release import make_release

LESSON = "01_mini"


def make_mini_course(root):
    """A built course of one lesson with two exercises, 1 and 2 points, and a class folder of its own.

    Of the lesson's source there is no more than what makes it a graded one; of the start page there is nothing.
    """
    course = Course(root=root, classroom=root / "class")
    solution = nbformat.writes(_worked_notebook())
    for folder, text in ((course.solutions, solution), (course.notebooks, make_release(solution, LESSON))):
        (folder / LESSON).mkdir(parents=True)
        (folder / LESSON / f"{LESSON}.ipynb").write_text(text, encoding="utf-8")
    course.lessons.mkdir()
    (course.lessons / f"{LESSON}.py").write_text('"grade": true', encoding="utf-8")
    (course.lessons / "00_start.py").touch()
    return course


def _worked_notebook():
    def metadata(grade_id, **flags):
        common = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
        return {"nbgrader": {**common, "grade_id": grade_id, **flags}}

    def cell(source, grade_id, **flags):
        return new_code_cell(source, metadata=metadata(grade_id, **flags), id=grade_id)

    def exercise(number, header, body, visible, hidden, points):
        answer = f"{header}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
        test = f"{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        flags = {"grade": True, "locked": True, "points": points}
        return cell(answer, f"exercise-1-{number}", solution=True), cell(test, f"test-1-{number}", **flags)

    return new_notebook(
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        cells=[
            new_markdown_cell("# A lesson", id="title"),
            cell("import math", "setup", locked=True),
            *exercise(
                1,
                "def double(x):",
                "return 2 * x",
                "assert double(2) == 4",
                "assert double(987654) == 1975308",
                1,
            ),
            *exercise(
                2,
                "def root(x):",
                "if x <= 0:\n        return 0\n    return math.sqrt(x)",
                "assert root(4) == 2",
                "secret = 987654\nassert root(secret * secret) == secret, 'not for other numbers'",
                2,
            ),
        ],
    )


def answered(course, double="return 2 * x", root="return math.sqrt(x)"):
    """The release with these answers, as the notebook's JSON; None leaves an exercise unwritten."""
    notebook = json.loads((course.notebooks / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for grade_id, name, body in (("exercise-1-1", "double", double), ("exercise-1-2", "root", root)):
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id and body:
                cell["source"] = f"def {name}(x):\n    {body}"
    return notebook


def index(notebook, cell_id):
    return next(i for i, cell in enumerate(notebook["cells"]) if cell.get("id") == cell_id)


def with_extra_cell(notebook, source, cell_type="code"):
    cell = {"cell_type": cell_type, "id": "extra", "metadata": {}, "source": source}
    if cell_type == "code":
        cell.update(execution_count=None, outputs=[])
    notebook["cells"].insert(2, cell)
    return notebook


def without(notebook, *cell_ids):
    notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") not in cell_ids]
    return notebook


def hand_in(course, student, notebook, *, lesson=LESSON, name=f"{LESSON}.ipynb"):
    path = course.classroom / "submitted" / student / lesson / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
    return path

"""Why nbgrader could not grade a submission, in words that tell a teacher what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograder.course import Course


def why_not_graded(course: Course, lesson: str, student: str, log: str) -> str:
    """What is wrong with a submission that nbgrader could not grade and what to do, in one line."""
    folder = course.classroom / "submitted" / student / lesson
    name, notebooks = f"{lesson}.ipynb", sorted(path.name for path in folder.glob("*.ipynb"))
    fresh = f"lay the answers into a fresh copy of notebooks/{lesson}/{name}"
    if "OperationalError" in log:
        return f"nbgrader could not use the gradebook, grade again: {last_error(log)}"
    if not notebooks:
        return f"there is no notebook in its folder: put it there as {name}"
    if name not in notebooks:
        return f"its notebook has another name: rename {notebooks[0]} to {name}"
    if "DeadKernelError" in log:
        return "its code ended or crashed Python (os._exit, out of memory, …): mend that cell and grade again"
    if "UnresponsiveKernelError" in log:
        return "its code could not be interrupted: mend the endless loop and grade again"
    try:
        submitted = _nbgrader_metadata(folder / name)
    except UnicodeDecodeError:
        return "its file is not UTF-8 text: save it as UTF-8 and grade again"
    except json.JSONDecodeError:
        return "its file is damaged or no notebook (not JSON): ask the student for it again"
    except (KeyError, TypeError, AttributeError):
        return "its file is JSON but no notebook: ask the student for the right file"
    if not submitted:
        return f"it has lost nbgrader's metadata: {fresh}"
    ids = [cell.get("grade_id") for cell in submitted]
    twice = sorted({str(grade_id) for grade_id in ids if ids.count(grade_id) > 1})
    if twice:
        return f"it holds {', '.join(twice)} more than once: delete the copies that do not count, grade again"
    kept = dict(zip(ids, submitted, strict=True))
    released = _nbgrader_metadata(course.solutions / lesson / name)
    changed = [cell["grade_id"] for cell in released if _differ(cell, kept.get(cell["grade_id"], {}))]
    if changed:
        return f"{', '.join(changed[:4])} was deleted or has other nbgrader metadata: {fresh}"
    return f"nbgrader could not grade it: {last_error(log)}"


def _nbgrader_metadata(notebook: Path) -> list[dict]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell["metadata"]["nbgrader"] for cell in cells if cell["metadata"].get("nbgrader")]


def _differ(released: dict, submitted: dict) -> bool:
    return any(submitted.get(key) != released[key] for key in ("grade", "solution", "schema_version"))


def last_error(log: str) -> str:
    """The last error in nbgrader's log that says something, without its module."""
    errors = re.findall(r"^\s*(?:\w+\.)*(\w*(?:Error|Exception|Entry)\b.*)", log, re.MULTILINE)
    telling = [error for error in errors if "the above traceback" not in error]
    return telling[-1] if telling else "see its log"

"""nbgrader's own commands grade as `autograder grade` does, and what else nbgrader offers works with it."""

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from mini_course import LESSON, answered, hand_in, index, make_mini_course, with_extra_cell, without

from autograder import feedback_pages, grade
from autograder.configuration import nbgrader_config
from autograder.course import CourseError
from autograder.gradebook import Writer
from autograder.markdown import MAX_MARKDOWN, harmless_markdown, safe_markdown

CONFIG = """
from pathlib import Path
from autograder.configuration import configure
from autograder.course import Course

c, here = get_config(), Path(__file__).parent
configure(c, Course(root=here, classroom=here / "class"))
c.Examine.seconds_per_cell = 1
c.AssignLatePenalties.plugin_class = "late.PointADay"
c.Exchange.root = str(here / "exchange")
c.Exchange.cache = str(here / "cache")
"""
pytestmark = pytest.mark.xdist_group("inside nbgrader")

LATE = """
from nbgrader.plugins import LateSubmissionPlugin

class PointADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late // 86400
"""
WARNS = "import sys, warnings\n    warnings.warn('slow')\n    print('slow', file=sys.stderr)\n    return"
CLAIMS = "get_ipython().displayhook(2.0)\n    get_ipython().display_pub.publish({'text/plain': '2.0'})\n    return 2"
FORBIDDEN = ("987654", "1975308", "HIDDEN", "secret", "(most recent call last)", "<script", "cdnjs")


def _class(course):
    hand_in(course, "full", answered(course))
    hand_in(course, "half", answered(course, root="return 2"))
    hand_in(course, "warns", answered(course, double=f"{WARNS} 2 * x", root=f"{WARNS} math.sqrt(x)"))
    hand_in(course, "claims", with_extra_cell(answered(course, root=CLAIMS), "3.0"))
    edited = answered(course, None, None)
    edited["cells"][index(edited, "test-1-2")]["source"] = "2.0"
    hand_in(course, "edited", edited)
    looks = f"from pathlib import Path\nprint('it sees', sorted(Path({str(course.classroom)!r}).glob('*.db')))"
    hand_in(course, "looks", with_extra_cell(answered(course), looks))

    twice = answered(course)
    twice["cells"].append(twice["cells"][index(twice, "exercise-1-1")])
    hand_in(course, "twice", twice)
    stripped = answered(course)
    for cell in stripped["cells"]:
        cell["metadata"] = {}
    hand_in(course, "stripped", stripped)
    hand_in(course, "test_deleted", without(answered(course), "test-1-2"))
    hand_in(course, "damaged", json.dumps(answered(course))[:-500])
    hand_in(course, "renamed", answered(course), name=f"{LESSON} (1).ipynb")

    hand_in(course, "loops", with_extra_cell(answered(course), "while True: pass"))
    hand_in(course, "loops_in_test", answered(course, root="while True: pass"))

    folder = hand_in(course, "late", answered(course)).parent
    (folder / "timestamp.txt").write_text("2026-03-03 12:00:00.000000 UTC")
    (folder / "submission_secret.txt").write_text("between us")
    folder = hand_in(course, "files", answered(course)).parent
    for name in ("page.html", "picture.svg", "page.xhtml", "NOTES", "data.csv"):
        (folder / name).write_text("<script>1</script>")
    (folder / "solution.txt").symlink_to(course.solutions / LESSON / f"{LESSON}.ipynb")


POINTS = {
    "full": 3, "half": 1, "warns": 3, "claims": 1, "edited": 0, "looks": 3, "twice": 3, "stripped": 3,
    "test_deleted": 3, "damaged": 0, "renamed": 3, "loops": 3, "loops_in_test": 1, "late": 1, "files": 3,
}  # fmt: skip


def _start(course, *command):
    # The environment's scripts are not on PATH, as when it was not activated.
    return subprocess.Popen(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=course.root,
        env={**os.environ, "PATH": "/usr/bin:/bin", "JUPYTER_CONFIG_DIR": str(course.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _end(process):
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def _run(course, *command):
    return _end(_start(course, *command))


@contextlib.contextmanager
def _gradebook(course):
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook, "mlp") as gradebook:
        yield gradebook


def _points(course):
    with _gradebook(course) as gradebook:
        return {
            each.student.id: each.score - (each.late_submission_penalty or 0)
            for each in gradebook.assignment_submissions(LESSON)
        }


def _printed(course, student):
    notebook = nbformat.read(course.classroom / "autograded" / student / LESSON / f"{LESSON}.ipynb", 4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


def _pages(course):
    folder = course.classroom / "feedback"
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in folder.glob(f"*/{LESSON}/*.html")}


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """What nbgrader's commands did with a class, one after the other, and then `autograder grade`."""
    course = make_mini_course(tmp_path_factory.mktemp("course"))
    (course.root / "nbgrader_config.py").write_text(CONFIG)
    (course.root / "late.py").write_text(LATE)
    (course.root / "exchange").mkdir()
    _class(course)
    with Writer(course) as writer:
        writer.enter(LESSON)
    with _gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2026-03-01 12:00:00.000000 UTC")

    found = SimpleNamespace(course=course, log=_run(course, "autograde", LESSON))
    found.points, found.printed = _points(course), _printed(course, "looks")
    found.files = {path.name for path in (course.classroom / "autograded/files" / LESSON).iterdir()}
    with _gradebook(course) as gradebook:
        gradebook.find_grade("test-1-2", LESSON, LESSON, "half").manual_score = 1.5
        comment = gradebook.find_comment("exercise-1-2", LESSON, LESSON, "half")
        comment.manual_comment = "Nearly. <img src=x onerror=alert(1)>"
        gradebook.db.commit()
    unconfined = _start(course, "autograde", LESSON, "--student", "looks", "--force", "--Examine.sandbox=False")
    _run(course, "autograde", LESSON, "--student", "half", "--force")
    found.unconfined_log = _end(unconfined)
    found.unconfined = _printed(course, "looks")
    export = _start(course, "export")
    _run(course, "generate_feedback", LESSON)
    found.pages = _pages(course)
    _end(export)
    with open(course.classroom / "grades.csv", newline="") as file:
        found.exported = {row["student_id"]: row for row in csv.DictReader(file)}
    with contextlib.redirect_stdout(io.StringIO()):
        found.outcomes = {outcome.student: outcome for outcome in grade.grade(course, [], [])}
        feedback_pages.run(course, [], [])
    found.own_pages = _pages(course)
    return found


@pytest.mark.parametrize(("student", "points"), POINTS.items())
def test_nbgrader_autograde_and_autograder_grade_give_the_same_points(inside, student, points):
    assert inside.points[student] == points
    assert inside.outcomes[student].problem == ""
    assert inside.outcomes[student].points == (2.5 if student == "half" else points)


def test_the_whole_class_is_graded_and_what_happened_is_logged(inside):
    assert inside.points.keys() == POINTS.keys()
    for words in ("ran for longer than 1 second", "nbgrader's metadata was lost", "is 172800.0 seconds late"):
        assert words in inside.log


def test_student_code_sees_no_class_unless_one_says_so(inside):
    assert "it sees []" in inside.printed
    assert "gradebook.db" in inside.unconfined
    assert "WITHOUT a sandbox" in inside.unconfined_log
    assert "WITHOUT a sandbox" not in inside.log


def test_formgrader_gets_no_file_that_a_browser_would_run(inside):
    assert inside.files == {f"{LESSON}.ipynb", "data.csv"}
    assert (inside.course.classroom / "received/files" / LESSON).is_dir()


def test_late_penalties(inside):
    row = inside.exported["late"]
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("3.0", "2.0", "1.0")
    assert "2 points taken off the 3" in " ".join(re.sub("<[^>]+>", " ", inside.own_pages["late"]).split())


def test_exported_scores(inside):
    assert {student: float(row["score"]) for student, row in inside.exported.items()} == {**POINTS, "half": 2.5}


def test_points_and_comments_by_hand_survive_a_regrade(inside):
    with _gradebook(inside.course) as gradebook:
        kept = gradebook.find_grade("test-1-2", LESSON, LESSON, "half")
        comment = gradebook.find_comment("exercise-1-2", LESSON, LESSON, "half")
        assert (kept.auto_score, kept.manual_score, kept.needs_manual_grade) == (0, 1.5, True)
        assert comment.manual_comment.startswith("Nearly.")
    assert inside.outcomes["half"].by_hand


def test_nbgraders_feedback_shows_no_hidden_test_and_runs_and_loads_nothing(inside):
    assert inside.pages.keys() == POINTS.keys()
    for page in inside.pages.values():
        assert not [word for word in FORBIDDEN if word in page]
        assert "default-src 'none'" in page
    assert "not for other numbers" in inside.pages["half"]
    assert re.search(r"<b>Comments:</b>\s*<p>Nearly\.", inside.pages["half"])
    assert "onerror" not in inside.pages["half"]
    assert "Late submission penalty" in inside.pages["late"]


def test_release_feedback_puts_our_pages_out(inside):
    _run(inside.course, "release_feedback", LESSON, "--student", "late")
    (released,) = (inside.course.root / "exchange").rglob("*.html")
    assert released.read_text(encoding="utf-8") == inside.own_pages["late"] != inside.pages["late"]


def test_a_folder_with_markup_in_its_name_is_not_graded(inside):
    from nbgrader.converters import Autograde, NbGraderException
    from nbgrader.coursedir import CourseDirectory

    course, name = inside.course, "<img src=x onerror=alert(1)>"
    hand_in(course, name, answered(course))
    config, log = nbgrader_config(course), io.StringIO()
    coursedir = CourseDirectory(config=config, assignment_id=LESSON, student_id=name)
    with pytest.raises(NbGraderException), contextlib.redirect_stderr(log):
        Autograde(coursedir=coursedir, config=config, force=True).start()
    assert not (course.classroom / "autograded" / name).exists()
    (problem,) = grade.find_submissions(course, [LESSON], [name])[1]
    assert "rename it" in problem.problem


@pytest.mark.parametrize(
    "text",
    [
        "# A title\n\nText with *stress*, `a < b`, $a<b$ and a < b & c.\n\n> quoted\n\n- one\n- two",
        "| a | b |\n|:--|--:|\n| 1 | 2 |",
        "```python\nif a < b: print('<b>')\n```\n\n```\n<script>\n```",
        "[a link](https://example.org/a?b=c&d=e) and ![a sketch](attachment:sketch.png) and ![one](my%20plot.png)",
        "a line<br>and another<br/>with H<sub>2</sub>O",
        "$$\n\\begin{matrix} a & b \\\\ c & d \\end{matrix}\n$$",
        "<img src=x onerror=alert(1) ",
        "",
    ],
)
def test_ordinary_texts_stay_as_they_are(text):
    assert harmless_markdown(text, {"sketch.png": {"image/png": "iVBORw0KGgo="}}) == text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<b class="x" onclick="alert(1)">x</b>',
        "<!-- <img src=x onerror=alert(1)> -->",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://example.org/seen.png)",
        "![x](//example.org/seen.png)",
        "![x](../../../logout)",
        "![x](%2e%2e/%2e%2e/logout)",
        "![missing](attachment:none.png)",
        "```mermaid\n<img src=x onerror=alert(1)>\n```",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<style>body {display: none}</style>",
        "</div></div><b>all that follows",
        '<span id="test-1-1">mine</span>',
        "$$\n```\n<script>alert(1)</script>\n$$ <script>alert(2)</script>",
        "word " * MAX_MARKDOWN,
    ],
)
def test_a_text_that_a_browser_could_run_is_shown_as_it_was_written(text):
    shown = harmless_markdown(text, {})
    assert shown != text
    fence, _, rest = shown.partition("\n")
    assert rest == f"{text}\n{fence}" and set(fence) == {"`"} and fence not in text
    assert harmless_markdown(shown, {}) == shown or len(text) > MAX_MARKDOWN


def test_markdown_in_pages_keeps_what_is_harmless():
    context = {"cell": {"attachments": {"a.png": {"image/png": "iVBORw0KGgo="}}}}
    text = "# test-1-1\n\n<details><summary>Hint</summary>x</details>\n\n![me](attachment:a.png)"
    shown = safe_markdown(context, text)
    assert "<summary>Hint</summary>" in shown
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in shown
    assert "id=" not in shown, "formgrader finds its own cells by id"
    for text in ("![x](https://example.org/x.png)", '<p class="navbar-fixed-top">', "[x](javascript:alert(1))"):
        assert not re.search("example.org|navbar|javascript:", safe_markdown({}, text))
    assert safe_markdown({}, "![a picture](attachment:missing.png)").strip() == "<p>a picture</p>"


def test_settings_that_do_not_work_are_said_in_one_line(tmp_path):
    course = make_mini_course(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("get_config().Examine.seconds = day")
    with pytest.raises(CourseError, match=r"nbgrader_config\.py does not work: NameError"):
        nbgrader_config(course)

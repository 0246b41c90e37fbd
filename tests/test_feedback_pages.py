"""The feedback pages: what a student is told, what nobody is shown, and that no page runs anything."""

import base64
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from mini_course import LESSON, answered, index, make_mini_course, with_extra_cell
from nbformat.v4 import new_code_cell, new_markdown_cell
from typer.testing import CliRunner

from autograder import cli, feedback_pages, graded_notebook
from autograder.course import ROOT, Course, CourseError
from autograder.feedback_pages import hidden_places, put_page, run, write_feedback
from autograder.gradebook import Writer
from autograder.graded_notebook import Grades, Score

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAC0lEQVR4nGNgQAcAABIAAZhM3ncAAAAASUVORK5CYII="
SCRIPT = '</pre></style><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">{{ 7 * 191 }}\'"'


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A registered course whose lesson has headings, as real ones have, before anything is graded."""
    course = make_mini_course(tmp_path_factory.mktemp("template"))
    path = course.notebooks / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for number, heading in [(1, "## 1 · Doubles\n\n```\n# no title\n```"), (2, "## 2 · Roots of numbers")]:
        text = (
            f"{heading}\n\n### Exercise 1.{number} · Number {number} (2 points)\n\n<details><summary>Hint 1</summary>"
        )
        cell = {"cell_type": "markdown", "id": f"heading-{number}", "metadata": {}, "source": text}
        notebook["cells"].insert(index(notebook, f"exercise-1-{number}"), cell)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with Writer(course) as writer:
        assert not writer.enter(LESSON).problem
    return course


@pytest.fixture
def course(template, tmp_path):
    shutil.copytree(template.root, tmp_path / "course")
    return Course(root=tmp_path / "course", classroom=tmp_path / "course" / "class")


def graded(course, student, notebook, failed=None, **told):
    """Write a notebook as marking leaves it, and enter its points.

    failed: by grade_id the message of each test that failed; told: what stands in the notebook's metadata
    """
    failed = failed or {}
    worked = json.loads((course.solutions / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    tests = {cell["id"]: cell["source"] for cell in worked["cells"]}
    for cell in notebook["cells"]:
        if cell["id"].startswith("test-"):
            cell["source"] = tests[cell["id"]]  # with the hidden tests
            message = failed.get(cell["id"])
            cell["outputs"] = [error("CheckError", message, [message])] if message else [
                stream(f"✓ 1.{cell['id'][-1]} `f`: the result is right.\n987654\n")
            ]  # fmt: skip
    notebook["metadata"]["autograder"] = told
    path = course.classroom / "autograded" / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with gradebook(course) as book, book.db.no_autoflush:
        book.update_or_create_student(student)
        submission = book.update_or_create_submission(LESSON, student, timestamp=datetime(2025, 11, 3, 22, 41))
        for grade in submission.notebooks[0].grades:
            grade.auto_score = 0.0 if grade.name in failed else grade.max_score
            grade.needs_manual_grade = False
        book.db.commit()
    return path


def gradebook(course):
    from nbgrader.api import Gradebook

    return Gradebook(course.gradebook, "mlp")


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def error(name, message, traceback=()):
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": list(traceback)}


def picture(words, data=PNG):
    return {"output_type": "display_data", "data": {"image/png": data, "text/plain": words}, "metadata": {}}


def put_out(notebook, cell_id, *outputs):
    notebook["cells"][index(notebook, cell_id)]["outputs"] = list(outputs)
    return notebook


def page(course, student):
    return write_feedback(course, LESSON, student).read_text(encoding="utf-8")


def words(html):
    """What a reader reads, in one line."""
    body = re.sub(r"</(p|pre|h\d|li)>", " ", html[html.index("<body>") :])
    body = re.sub(r"<[^>]*>", "", body)
    return " ".join(body.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").split())


def part(html, number):
    """What stands in the section of an exercise."""
    return words("<body>" + html.split(f'<h2 id="e{number}">')[1].split("</section>")[0])


def test_what_is_right_and_what_is_not(course):
    message = "1.2 `root` (on other inputs): the result is negative. Which sign has a root? (It warned.)"
    graded(course, "ann", answered(course), {"test-1-2": message})
    html = page(course, "ann")
    read = words(html)
    assert "Feedback for ann A lesson 1 of 3 points" in read
    assert "1 of 2 exercises is right. When you go on, look next at Exercise 1.2 · Number 2." in read
    assert part(html, 1) == (
        "Exercise 1.1 · Number 1 ✓ Right 1 of 1 point f: the result is right. "
        "What you wrote def double(x): return 2 * x"
    )
    assert part(html, 2).startswith(
        "Exercise 1.2 · Number 2 ✗ Not yet 0 of 2 points "
        "root (on other inputs): the result is negative. (It warned.) Which sign has a root? "
        "To read again in the lesson: 2 · Roots of numbers, and the hints of exercise 1.2, one at a time."
    )
    assert '<p class="question">Which sign has a root?</p>' in html
    assert "<code>root</code> (on other inputs)" in html
    assert "return math.sqrt(x)" in part(html, 2)
    assert "handed it in on 3 November 2025 at 22:41 UTC" in read


def test_no_test_is_shown(course):
    notebook = answered(course)
    stray = {"grade": True, "solution": False, "grade_id": "test-9", "locked": True}
    notebook["cells"] += [
        new_code_cell("assert stray == 987654", id="stray", metadata={"nbgrader": stray}),
        new_code_cell("### BEGIN HIDDEN TESTS\n987654\n### END HIDDEN TESTS", id="a"),
    ]
    path = graded(course, "ann", notebook, {"test-1-2": "1.2 `root`: not so."}, repairs=["test-1-2 was edited."])
    notebook = json.loads(path.read_text())
    leak = error("KeyError", "987654", ["assert root(secret * secret) == secret, 987654"])
    notebook["cells"][index(notebook, "test-1-1")]["outputs"] = [leak]
    path.write_text(json.dumps(notebook))
    html = page(course, "ann")
    for secret in ("987654", "1975308", "HIDDEN", "secret", "assert", "stray"):
        assert secret not in html
    assert "The check ended with KeyError." in part(html, 1)
    assert "The check of exercise 1.2 was edited." in words(html)


def test_what_an_instructor_has_said_and_given(course):
    graded(course, "ann", answered(course), {"test-1-1": "1.1: no.", "test-1-2": "1.2: no."})
    with gradebook(course) as book:
        found = book.find_submission_notebook(LESSON, LESSON, "ann")
        found.late_submission_penalty = 0.5
        for grade in found.grades:
            if grade.name == "test-1-2":
                grade.manual_score, grade.extra_credit = 1.5, 0.25
        for comment in found.comments:
            comment.auto_comment = "No response."
            comment.manual_comment = "Look at `x` <b>again</b>.\nNearly!" if comment.name == "exercise-1-2" else None
        book.db.commit()
    html = page(course, "ann")
    assert "1.25 of 3 points" in words(html)
    assert "Handed in late: 0.5 points taken off the 1.75 that you earned." in words(html)
    assert "◐ Partly right 1.5 + 0.25 extra of 2 points, given by your instructor" in part(html, 2)
    assert "From your instructor Look at x <b>again</b>. Nearly!" in part(html, 2)
    assert "No response" not in html

    with gradebook(course) as book:
        found = book.find_submission_notebook(LESSON, LESSON, "ann")
        found.late_submission_penalty = 9
        for grade in found.grades:
            grade.manual_score = grade.auto_score = None
        book.db.commit()
    html = page(course, "ann")
    assert "0 of 3 points" in words(html)
    assert "… Waits for your instructor" in part(html, 1)
    assert "What is left waits for your instructor." in words(html)


def test_a_notebook_in_which_nothing_is_written(course):
    nothing = {"test-1-1": "1.1 `double` returns nothing yet. Write it.", "test-1-2": "1.2 `root` returns nothing yet."}
    graded(course, "ann", answered(course, None, None), nothing)
    html = page(course, "ann")
    assert "Nothing is written here yet, so nothing is wrong either." in words(html)
    assert part(html, 1) == (
        "Exercise 1.1 · Number 1 ○ Not written yet 0 of 1 point "
        "To begin, read 1 · Doubles in the lesson, then open the first hint of exercise 1.1."
    )


def test_everything_right(course):
    graded(course, "ann", answered(course))
    assert "3 of 3 points Everything is right. Well done!" in words(page(course, "ann"))


def test_what_could_not_be_graded(course):
    why = "the file `answers.docx` is no notebook"
    failed = {"test-1-1": "1.1 `double` returns nothing yet.", "test-1-2": "1.2 `root` returns nothing yet."}
    graded(course, "ann", answered(course, None, None), failed, problem=why, repairs=[why])
    html = page(course, "ann")
    assert "This could not be graded. The file answers.docx is no notebook" in words(html)
    assert "– Not graded 0 of 2" in words(html)
    assert "nothing yet" not in html
    assert "mend" not in html


def test_repairs_and_notes_in_plain_words(course):
    told = {"repairs": ["exercise-1-2 was cut into two cells: they are one again."], "notes": ["a cell was stopped"]}
    graded(course, "ann", answered(course), **told)
    read = words(page(course, "ann"))
    assert "What we had to mend in your notebook None of this costs points. Exercise 1.2 was cut into two" in read
    assert "What happened when it ran A cell was stopped" in read


def test_the_students_own_cells_and_what_they_put_out(course):
    notebook = put_out(answered(course), "exercise-1-2", stream("four\n"), stream("mind\n", "stderr"))
    notebook["cells"][index(notebook, "setup")]["outputs"] = [error("NameError", "no `math`", ["Cell In[1]\nx\n\nz"])]
    frames = ["-----", "Traceback", "File /usr/lib/x.py:3\n\nCell In[4], line 2\n  2 f()\n\nValueError: too small"]
    failing = error("ValueError", "too \x1b[31msmall", frames)
    notebook["cells"] += [
        new_code_cell("plot()", id="extra-1", outputs=[picture("Figure 1: lines.\nTwo lines that cross.")]),
        new_code_cell("plot(2)", id="extra-2", outputs=[picture("<Figure size 640x480 with 1 Axes>")]),
        new_code_cell("f()", id="extra-3", outputs=[failing]),
        new_code_cell("bad()", id="extra-4", outputs=[picture("A curve", 'x" onerror="y')]),
        new_markdown_cell("My *note*", id="extra-5"),
    ]
    notebook["cells"].insert(1, new_code_cell("import this", id="extra-6"))
    notebook["cells"].insert(index(notebook, "heading-2"), new_code_cell("double(3)", id="extra-7"))
    graded(course, "ann", notebook)
    html = page(course, "ann")
    assert words("<body>" + html.split('<h2 id="before">')[1].split("</section>")[0]) == (
        "Before the first exercise import this "
        "A cell of the lesson, not yours, stopped here with NameError: no `math`. "
        "Does a cell of yours define a name that it needs?"
    )
    assert part(html, 1).endswith("What you wrote def double(x): return 2 * x double(3)")
    read = part(html, 2)
    assert "Its output: four A warning, or what was written to stderr: mind" in read
    assert "It stopped here. ValueError: too small Cell In[4], line 2 2 f()" in read
    assert "/usr/lib" not in html
    assert f'<img src="data:image/png;base64,{PNG}" alt="Two lines that cross." width="2" height="1">' in html
    assert "<figcaption>Figure 1: lines.</figcaption>" in html
    assert 'alt="A figure made by this cell"' in html
    assert "(A figure is left out here: A curve)" in read
    assert read.endswith("My *note*")


def test_a_changed_cell_of_the_lesson_is_the_students_own(template, tmp_path, course):
    path = course.notebooks / LESSON / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].append(new_code_cell("train(epochs=10)", id="train"))
    path.write_text(json.dumps(notebook))
    mine, skipped = answered(course), answered(course)
    mine["cells"][-1].update(source="train(epochs=999)", outputs=[stream("better")])
    skipped["cells"][-1]["metadata"]["autograder"] = {"skip": True}
    graded(course, "ann", mine)
    graded(course, "ben", skipped)
    assert "train(epochs=999) Its output: better" in part(page(course, "ann"), 2)
    assert "train" not in page(course, "ben")


def test_no_place_on_the_machine_is_shown(course):
    text = f"{course.classroom}/gradebook.db {Path.home()}/.ssh {course.root}/solutions"
    notebook = put_out(answered(course), "exercise-1-1", stream(text), error("OSError", text, [f"Cell In[1]\n{text}"]))
    graded(course, "ann", notebook, {"test-1-2": text}, repairs=[text], notes=[text], problem="")
    html = page(course, "ann")
    assert str(course.root) not in html
    assert str(Path.home()) + "/" not in html


def hostile(course, student="mallory"):
    """A submission that says SCRIPT wherever something can be said."""
    notebook = with_extra_cell(answered(course, root=SCRIPT), SCRIPT, "markdown")
    bad = picture(SCRIPT, f'{PNG}" onerror="window.hacked = 1')
    bad["data"]["text/html"] = bad["data"]["image/svg+xml"] = SCRIPT
    bad["metadata"] = {"image/png": {"width": SCRIPT, "alt": SCRIPT}}
    outputs = [stream(SCRIPT), stream(SCRIPT, "stderr"), bad, picture(SCRIPT)]
    outputs += [error(SCRIPT, SCRIPT, [f"Cell In[1]\n{SCRIPT}"])]
    put_out(notebook, "exercise-1-2", *outputs)
    put_out(notebook, "setup", error(SCRIPT, SCRIPT))
    told = {"repairs": [SCRIPT, f"`{SCRIPT}`"], "notes": [SCRIPT], "problem": ""}
    graded(course, student, notebook, {"test-1-2": f"1.2 `{SCRIPT}`: {SCRIPT} Why {SCRIPT}?"}, **told)
    with gradebook(course) as book:
        book.find_comment("exercise-1-2", LESSON, LESSON, student).manual_comment = SCRIPT
        book.db.commit()


def test_hostile_text_stays_text(course):
    hostile(course, "<img src=x onerror=1>\u202e")
    html = page(course, "<img src=x onerror=1>\u202e")
    assert html.count("<script") == html.count("1337") == 0
    tags = re.findall(r"<[^>]*>", html[html.index("<body>") :])
    assert not [tag for tag in tags if re.search(r"\bon\w+\s*=|javascript:|style=|srcset", re.sub(r'"[^"]*"', "", tag))]
    images = [tag for tag in tags if tag.startswith("<img")]
    assert images
    assert all(tag.startswith('<img src="data:image/png;base64,') for tag in images)


@pytest.mark.xdist_group("browser")
def test_a_browser_runs_nothing_and_asks_nobody(course):
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("no Chromium: install Debian's package `chromium`")
    if found is None:
        pytest.skip("no Chromium: install Debian's package `chromium` to run the browser tests")
    from playwright.sync_api import sync_playwright

    hostile(course)
    path = write_feedback(course, LESSON, "mallory")
    asked, dialogs = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": 360, "height": 740})
        view.on("request", lambda request: asked.append(request.url))
        view.on("dialog", lambda dialog: dialogs.append(dialog.dismiss()))
        view.goto(path.as_uri())
        assert view.evaluate("window.hacked") is None
        active = (
            "script, iframe, object, embed, svg, form, link, base, [onerror], [onload], [style], a:not([href^='#'])"
        )
        assert view.locator(active).count() == 0
        assert view.evaluate("[...document.images].map(image => image.naturalWidth)") == [2]
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a phone has to scroll sideways"
        assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
        # Even markup that came through would do nothing: the page forbids it.
        refused = []
        view.on("requestfailed", lambda request: refused.append(request.failure))
        view.evaluate(
            """() => {
                const script = document.createElement('script');
                script.textContent = 'window.hacked = 2';
                document.body.append(script);
                document.body.insertAdjacentHTML('beforeend',
                    '<img src="http://127.0.0.1:9/x.png" onerror="window.hacked = 3">');
            }"""
        )
        view.wait_for_timeout(100)
        assert view.evaluate("window.hacked") is None
        browser.close()
    assert refused == ["csp"]
    assert not dialogs


ODD = [None, 3, 0.5, True, "x", "", [], [1], ["a", None], {}, {"a": 1}, [[]], [{}], {"nbgrader": 1}, "\ud800\x00"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_notebook_is_too_odd_for_a_page(course, odd):
    notebook = put_out(answered(course), "exercise-1-2", stream("s"), picture("p"), error("E", "e", ["t"]))
    path = graded(course, "ann", notebook, {"test-1-2": "m"}, repairs=["r"])
    whole = json.loads(path.read_text())
    where = index(whole, "exercise-1-2")
    places = [("metadata",), ("metadata", "autograder"), ("metadata", "autograder", "repairs"), ("cells", where)]
    places += [("cells", where, name) for name in whole["cells"][where]]
    places += [("cells", where, "metadata", "nbgrader"), ("cells", where, "metadata", "nbgrader", "grade_id")]
    places += [("cells", where, "outputs", n, name) for n in range(3) for name in whole["cells"][where]["outputs"][n]]
    places += [("cells", index(whole, "test-1-2"), "outputs"), ("cells", index(whole, "test-1-2"), "outputs", 0)]
    with gradebook(course) as book:
        for *way, last in places:
            changed = json.loads(json.dumps(whole))
            inner = changed
            for step in way:
                inner = inner[step]
            inner[last] = odd
            path.write_text(json.dumps(changed))
            write_feedback(course, LESSON, "ann", book.engine)


def test_a_damaged_notebook_stops_no_other(course, capsys):
    for student, text in {
        "bad": "{",
        "deep": "[" * 100_000,
        "list": "[]",
        "none": "{}",
        "number": '{"cells": 3}',
    }.items():
        graded(course, student, answered(course))
        old = write_feedback(course, LESSON, student)
        (course.classroom / "autograded" / student / LESSON / f"{LESSON}.ipynb").write_text(text)
        assert old.exists()
    graded(course, "gone", answered(course)).unlink()
    graded(course, "ok", answered(course))
    (course.classroom / "autograded/stranger" / LESSON).mkdir(parents=True)
    assert run(course, [], []) == 1
    screen = capsys.readouterr().out
    for student in ("bad", "deep", "list", "none", "number"):
        assert re.search(rf"{student} 01_mini: .*01_mini.ipynb is damaged \(\w+\): grade it again", screen)
    assert "gone 01_mini: there is no notebook" in screen
    assert "stranger 01_mini: the gradebook does not have it: grade it again" in screen
    assert "Feedback: 1 page in" in screen
    assert [path.name for path in course.classroom.glob("feedback/*/*/*.html")] == [f"{LESSON}.html"]
    assert run(course, [LESSON], ["ok"]) == 0


def test_no_link_is_followed(course, tmp_path):
    for student in ("file", "lesson", "out"):
        graded(course, student, answered(course))
    shutil.copytree(course.classroom / "autograded/file", tmp_path / "elsewhere")
    autograded = course.classroom / "autograded"
    (autograded / "file" / LESSON / f"{LESSON}.ipynb").unlink()
    (autograded / "file" / LESSON / f"{LESSON}.ipynb").symlink_to(tmp_path / "elsewhere" / LESSON / f"{LESSON}.ipynb")
    shutil.rmtree(autograded / "lesson" / LESSON)
    (autograded / "lesson" / LESSON).symlink_to(tmp_path / "elsewhere" / LESSON)
    (course.classroom / "feedback").mkdir()
    (course.classroom / "feedback/out").symlink_to(tmp_path / "elsewhere")
    assert run(course, [], []) == 1
    assert not list(tmp_path.glob("**/*.html"))
    for name in ("../elsewhere", "..", "", "."):
        with pytest.raises(CourseError, match="is no name of a folder"):
            write_feedback(course, LESSON, name)


def test_what_is_missing_is_said(template, course):
    with pytest.raises(CourseError, match=r"nothing of 01_mini has been graded in .*: run `autograder grade`"):
        run(course, [], [])
    graded(course, "ann", answered(course))
    with pytest.raises(CourseError, match="nothing from ben has been graded in"):
        run(course, [], ["ben"])
    with pytest.raises(CourseError, match="no lesson 09_none"):
        run(course, ["09_none"], [])
    (course.classroom / "gradebook.db").unlink()
    with pytest.raises(CourseError, match=r"there is no gradebook .*: run `autograder grade`"):
        run(course, [], [])
    assert not (course.classroom / "gradebook.db").exists()
    (course.classroom / "gradebook.db").write_text("no database, but a long enough text in its place")
    with pytest.raises(CourseError, match="is damaged, or no gradebook"):
        run(course, [], [])


def test_the_command(course):
    graded(course, "ann", answered(course))
    graded(course, "ben", answered(course))
    command = ["feedback", LESSON, "--student", "ann", "--class", str(course.classroom)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "Course", lambda classroom: Course(root=course.root, classroom=classroom))
        result = CliRunner().invoke(cli.app, command)
    assert result.exit_code == 0
    assert "Feedback: 1 page in" in result.output
    assert [path.parts[-3] for path in course.classroom.glob("feedback/*/*/*.html")] == ["ann"]


def test_nbgrader_releases_it(course, tmp_path):
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import ExchangeReleaseFeedback
    from nbgrader.utils import notebook_hash

    from autograder.configuration import nbgrader_config

    folder = graded(course, "ann", answered(course)).parent
    (folder / "timestamp.txt").write_text("2025-11-03 22:41:00 UTC")
    (folder / "submission_secret.txt").write_text("s3cret")
    html = page(course, "ann")
    config = nbgrader_config(course)
    config.Exchange.root = str(tmp_path / "exchange")
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    coursedir = CourseDirectory(config=config, assignment_id=LESSON)
    ExchangeReleaseFeedback(coursedir=coursedir, config=config).start()
    released = tmp_path / "exchange/mlp/feedback" / f"{notebook_hash(secret='s3cret', notebook_id=LESSON)}.html"
    assert released.read_text(encoding="utf-8") == html


def test_very_much_makes_no_large_page(course):
    notebook = answered(course)
    large = base64.b64encode(base64.b64decode(PNG) + bytes(2_000_000)).decode()
    flood = [picture("", large), *[stream("spam " * 200)] * 50]
    notebook["cells"] += [new_code_cell("1\n  " * 9_000, id="long")]
    notebook["cells"] += [new_code_cell("match " + " " * 4_900 + "x" * n, id=f"e{n}", outputs=flood) for n in range(60)]
    graded(course, "ann", notebook)
    start = time.process_time()
    html = page(course, "ann")
    assert time.process_time() - start < 5
    assert len(html) < 20_000_000
    assert "(cut off here)" in html
    assert "(A figure is left out here: A figure made by this cell)" in html
    assert re.search(r"There are very many cells: \d+ of them are not shown here.", html)


def test_a_page_takes_milliseconds(course):
    graded(course, "ann", answered(course))
    with gradebook(course) as book:
        seconds = []
        for _ in range(4):
            start = time.process_time()
            write_feedback(course, LESSON, "ann", book.engine)
            seconds.append(time.process_time() - start)
    assert min(seconds) < 0.02


ALONE = """
import pickle, sys
for name in ("nbgrader", "nbconvert", "sqlalchemy", "rich"):
    sys.modules[name] = None  # importing it fails
from autograder.feedback_pages import page
sys.stdout.buffer.write(page(*pickle.load(sys.stdin.buffer)).encode())
"""


def test_a_page_is_a_function_of_its_arguments(course, tmp_path):
    path = graded(course, "ann", answered(course), {"test-1-2": f"1.2: look into {course.root}."})
    written = page(course, "ann")
    grades = Grades({"test-1-1": Score(1.0, 1.0), "test-1-2": Score(2.0, 0.0)}, {}, 0.0, datetime(2025, 11, 3, 22, 41))
    release = (course.notebooks / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    day = date.fromtimestamp(path.stat().st_mtime)
    arguments = release, path.read_text(encoding="utf-8"), grades, day, hidden_places(course)
    data = pickle.dumps(("ann", LESSON, *arguments))
    shutil.rmtree(course.root)
    command = [sys.executable, "-c", ALONE]
    done = subprocess.run(command, input=data, capture_output=True, cwd=ROOT, env={**os.environ, "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == written
    assert str(course.root) not in written


def test_a_page_of_no_notebook_is_none(course):
    grades = Grades({}, {}, 0.0, None)
    release = (course.notebooks / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    for notebook, words in (("{", "01_mini.ipynb is damaged .*: grade it again"), ("", "01_mini.ipynb is damaged")):
        with pytest.raises(CourseError, match=words):
            feedback_pages.page("ann", LESSON, release, notebook, grades, date(2026, 3, 1), ())
    with pytest.raises(CourseError, match=r"01_mini\.ipynb is damaged .*: run `autograder build 01_mini`"):
        feedback_pages.page("ann", LESSON, "[]", release, grades, date(2026, 3, 1), ())
    assert "1 March 2026" in feedback_pages.page("ann", LESSON, release, release, grades, date(2026, 3, 1), ())


def test_a_page_takes_the_place_of_an_older_one(course):
    folder = graded(course, "ann", answered(course)).parent
    (folder / "timestamp.txt").write_text("2025-11-03 22:41:00 UTC")
    path = put_page(course, "ann", LESSON, "old")
    assert path == course.classroom / "feedback" / "ann" / LESSON / f"{LESSON}.html"
    assert {each.name for each in path.parent.iterdir()} == {f"{LESSON}.html", "timestamp.txt"}
    (folder / "timestamp.txt").unlink()
    assert put_page(course, "ann", LESSON, "new \ud800").read_text(encoding="utf-8") == "new ?"
    assert {each.name for each in path.parent.iterdir()} == {f"{LESSON}.html"}
    with pytest.raises(CourseError, match="is no name of a folder"):
        put_page(course, "..", LESSON, "out")


@pytest.mark.parametrize("lesson", Course().graded_lessons)
def test_all_graded_cells_of_a_lesson_have_their_place(lesson):
    path = Course().notebooks / lesson / f"{lesson}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    flags = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    outline = graded_notebook.outline_of(lesson, path.read_text(encoding="utf-8"))
    assert outline.title.startswith("Lesson ")
    graded_cells = [name for exercise in outline.exercises.values() for name in exercise.graded]
    assert graded_cells == [each["grade_id"] for each in flags if each.get("grade")]
    for exercise in outline.exercises.values():
        assert exercise.title.startswith(f"Exercise {exercise.number} · ")
        assert "points" not in exercise.title
        assert exercise.section
        assert exercise.hints

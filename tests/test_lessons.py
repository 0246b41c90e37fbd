"""Each lesson as it is taught and graded: scores through nbgrader itself, and the standards a unit keeps."""

import json
import re
import shutil

import jupytext
import pytest

from autograder import grade
from autograder.course import ROOT, Course

LESSONS = Course().graded_lessons
PAGES = Course().lesson_names  # the lessons and the start page


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What nbgrader makes of every graded lesson's untouched release and of its solution."""
    course = Course(classroom=tmp_path_factory.mktemp("class"))
    for student, folder in [("untouched", course.notebooks), ("solution", course.solutions)]:
        shutil.copytree(folder, course.classroom / "submitted" / student)
    graded = grade.grade(course, [], [])
    assert not [outcome.problem for outcome in graded if outcome.problem]
    return {(outcome.student, outcome.lesson): outcome.points for outcome in graded}


@pytest.mark.xdist_group("nbgrader")
@pytest.mark.parametrize("lesson", LESSONS)
def test_nbgrader_gives_nothing_untouched_and_everything_for_the_solution(outcomes, lesson):
    assert outcomes["untouched", lesson] == 0
    assert outcomes["solution", lesson] == sum(points(cell) for cell in cells(lesson))


def cells(lesson):
    return jupytext.read(ROOT / "lessons" / f"{lesson}.py").cells


def points(cell):
    return cell.metadata.get("nbgrader", {}).get("points", 0)


def prose(lesson):
    text = "\n\n".join(cell.source for cell in cells(lesson) if cell.cell_type == "markdown")
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def words(text):
    return len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\$.*?\$", "", text, flags=re.DOTALL)))


def test_the_start_page_is_one_page_and_asks_what_one_needs_to_know():
    assert 700 <= words(prose("00_start")) <= 1100
    names = [cell.metadata.get("name", "") for cell in cells("00_start")]
    assert sum(name.startswith("question-") for name in names) >= 2
    for lesson in LESSONS:
        assert lesson in prose("00_start")


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_unit_holds_what_every_unit_holds(lesson):
    text = prose(lesson)
    for part in ("When you are through, you can", "**Time**", "**You need**", "## Summary", "look in this order"):
        assert part in text, f"{lesson} lacks {part!r}"
    assert "**To discuss**" in text and "https://playground.tensorflow.org/" in text
    assert 1500 <= words(text) <= 3500
    names = [cell.metadata.get("name", "") for cell in cells(lesson)]
    assert sum(name.startswith("demo-") for name in names) >= 2
    assert sum(name.startswith("question-") for name in names) >= 3
    assert 4 <= sum(cell.metadata.get("nbgrader", {}).get("solution", False) for cell in cells(lesson)) <= 9


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_exercise_has_one_id_and_one_sum_of_points_everywhere(lesson):
    given = {}
    for cell in cells(lesson):
        if found := re.match(r"test-(\d+)-(\d+)", cell.metadata.get("nbgrader", {}).get("grade_id", "")):
            exercise = f"{found[1]}.{found[2]}"
            given[exercise] = given.get(exercise, 0) + points(cell)
            assert f'exercise="{exercise}"' in cell.source
            assert not re.search(rf'exercise="(?!{re.escape(exercise)}")', cell.source)
    headings = re.findall(r"^### Exercise (\S+) · .+ \((\d+) points\)$", prose(lesson), flags=re.MULTILINE)
    assert {exercise: int(total) for exercise, total in headings} == given
    assert f"**Points** {sum(given.values())}" in prose(lesson)
    for cell in cells(lesson):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            exercise = cell.metadata["nbgrader"]["grade_id"].removeprefix("exercise-").replace("-", ".")
            assert f'"""Exercise {exercise}: ' in cell.source


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_exercise_has_three_hints(lesson):
    assert prose(lesson).count("<details><summary>Hint 1: a nudge") == len(
        re.findall(r"^### Exercise ", prose(lesson), flags=re.MULTILINE)
    )
    assert prose(lesson).count("<summary>Hint") == 3 * prose(lesson).count("<summary>Hint 1")


@pytest.mark.parametrize("lesson", PAGES)
def test_figures_are_numbered_in_order(lesson):
    captions = [
        int(number) for cell in cells(lesson) for number in re.findall(r'caption=f?"Figure \d\.(\d+): ', cell.source)
    ]
    assert captions == list(range(1, len(captions) + 1))


@pytest.mark.parametrize("lesson", PAGES)
def test_code_cells_are_short(lesson):
    for cell in cells(lesson):
        if cell.cell_type == "code":
            source = re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", cell.source, flags=re.DOTALL)
            source = re.sub(r'""".*?"""', "", source, flags=re.DOTALL)  # a docstring is the exercise's contract
            code = [line for line in source.splitlines() if line.strip() and "SOLUTION" not in line]
            assert len(code) <= 20, cell.source


@pytest.mark.parametrize("lesson", PAGES)
def test_the_release_gives_nothing_away_and_keeps_its_pictures(lesson):
    text = (ROOT / "notebooks" / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8")
    assert "HIDDEN" not in text and "SOLUTION" not in text
    notebook = json.loads(text)
    pictures = [
        output["data"]["text/html"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= (4 if lesson in LESSONS else 1)
    assert all(re.search(r'<img alt="[^"]{20,}"', "".join(picture)) for picture in pictures)

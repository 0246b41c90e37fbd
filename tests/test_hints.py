"""A check that fails again points to the next hint in the student's own notebook, and nowhere else."""

import re
from types import SimpleNamespace

import pytest
from lesson_runner import cells, stub
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Course
from autograder.marking import Marker
from autograder.sandbox import Limits
from mlp_helpers import hints

LESSON = Course().graded_lessons[0]
ANSWER = 'def weighted_sum(x, w, b):\n    """Exercise 1.1: the weighted sum of every sample."""\n    return {}\n'
CHECK = 'from mlp_helpers import checks\nchecks.output(weighted_sum, 1.0, 2.0, 3.0, exercise="1.1", expected=5.0)'
OTHER_CHECK = CHECK.replace("1.0, 2.0, 3.0", "2.0, 2.0, 3.0").replace("5.0", "7.0")
RIGHT = ANSWER.format("x * w + b")


def wrong(number):
    """An answer that fails both checks, another one for each number."""
    return ANSWER.format(f"x * w + b + {number + 1}")


@pytest.fixture
def run(monkeypatch):
    """Runs cells in one IPython after the other; returns the numbers of the hints that the last one points to."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    monkeypatch.setattr(hints, "failed", {})
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")
    hints.watch()

    def run(*sources):
        for source in sources:
            with capture_output() as captured:
                shell.run_cell(source, store_history=True)
        return [int(number) for number in re.findall(r"^→ Hint (\d) of exercise 1\.1", captured.stdout, re.MULTILINE)]

    yield run
    InteractiveShell.clear_instance()


def test_each_hint_is_pointed_to_after_two_more_answers_and_none_beyond_the_last(run, capsys):
    assert [run(wrong(number), CHECK) for number in range(10)] == [[], [1], [1], [2], [2], [3], [3], [3], [3], [3]]
    assert "was the last one" not in hints.POINTERS[2] and "was the last one" in hints.POINTERS[-1]


def test_the_pointers_name_what_the_lessons_have():
    for lesson in Course().graded_lessons:
        prose = (Course().lessons / f"{lesson}.py").read_text("utf-8")
        found = re.findall(r"<summary>(Hint \d): (.+?)</summary>", prose)
        pointed = [re.match(r"(Hint \d) .*: (.+?)\. It", pointer).groups() for pointer in hints.POINTERS[:-1]]
        assert found == pointed * (len(found) // len(pointed)) and found


def test_a_check_that_passes_starts_anew(run):
    assert run(wrong(1), CHECK, wrong(2), CHECK) == [1]
    assert run(RIGHT, CHECK) == []
    assert run(wrong(3), CHECK) == [] and run(wrong(4), CHECK) == [1]


def test_the_same_answer_is_no_second_one(run):
    assert run(wrong(1), CHECK, CHECK, wrong(1), CHECK) == []
    assert run(wrong(2), CHECK) == [1] and run(CHECK) == [1]


def test_two_checks_that_one_answer_fails_are_no_second_time(run):
    assert run(wrong(1), CHECK, OTHER_CHECK) == []
    assert run(wrong(2), CHECK) == [1] and run(OTHER_CHECK) == [1]


def test_another_exercise_does_not_count(run):
    other = wrong(1).replace("1.1", "1.2").replace("weighted_sum", "perceptron")
    other_check = CHECK.replace("1.1", "1.2").replace("weighted_sum", "perceptron")
    assert run(wrong(1), CHECK, other, other_check, other.replace("+ 2", "+ 4"), CHECK) == []


@pytest.mark.parametrize(
    "body", ["...", "(", "x * w + c", "None\n    # and so on"], ids=["stub", "syntax", "typo", "None"]
)
def test_what_says_nothing_about_the_idea_does_not_count(run, body):
    cells = [ANSWER.format(body) + f"    # {number}" for number in range(4)]
    if body == "...":
        cells = [cell.replace("return ", "") for cell in cells]
    if body.startswith("None"):
        cells = [cell.replace("return None", "None") for cell in cells]
    assert [run(cell, CHECK) for cell in cells] == [[]] * 4


def test_an_exception_of_the_answer_counts(run):
    assert run(ANSWER.format("x @ w"), CHECK, ANSWER.format("x.T @ w"), CHECK) == [1]


def test_a_hidden_part_counts_for_nothing(run):
    whole = f"{CHECK}\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"
    assert [run(wrong(number), whole) for number in range(4)] == [[]] * 4 and not hints.failed


def test_the_untouched_lesson_run_again_and_again_points_to_nothing(run):
    visible = {cell.name: cell.source.split("### BEGIN HIDDEN TESTS")[0] for cell in cells(LESSON)}
    for edit in range(3):
        for cell in cells(LESSON):
            source = f"{stub(cell.source)}\n# {edit}" if cell.kind == "solution" else visible[cell.name]
            assert run(source) == []
    assert not hints.failed


def test_outside_ipython_nothing_is_watched(monkeypatch):
    monkeypatch.setitem(hints.sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    hints.watch()
    monkeypatch.delitem(hints.sys.modules, "IPython")
    hints.watch()


def notebook(*sources, test=()):
    flags = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3, "points": 1}
    made = [new_code_cell(source, metadata={"tags": ["raises-exception"]}) for source in sources]
    for number, cell in enumerate(made):
        if cell.source in test:
            cell.metadata["nbgrader"] = {**flags, "grade_id": f"test-1-1-{number}"}
    return new_notebook(cells=made)


SEVERAL = [part for number in range(4) for part in (wrong(number), CHECK, OTHER_CHECK)]


def test_a_kernel_shows_the_pointer_below_the_message():
    executed = NotebookClient(notebook(*SEVERAL), kernel_name="python3", timeout=60).execute()
    first, second = executed.cells[1].outputs, executed.cells[4].outputs
    assert [output.output_type for output in first] == ["error"]
    assert [output.output_type for output in second] == ["error", "stream"]
    assert second[1].name == "stdout" and second[1].text.startswith("→ Hint 1 of exercise 1.1 may help now")
    assert "Hint" not in second[0].evalue + "".join(second[0].traceback)


@pytest.mark.xdist_group("examiner")
def test_a_graded_submission_never_carries_a_pointer():
    with Marker(Limits(seconds_per_cell=3, seconds=60)) as marker:
        marked = marker.mark(notebook(*SEVERAL, test=(CHECK, OTHER_CHECK)))
    assert len(marked.tests) == 8 and not any(verdict.passed for verdict in marked.tests.values())
    assert all("is expected" in verdict.message for verdict in marked.tests.values())
    assert "Hint" not in repr(marked.tests) + repr(marked.notebook.cells)

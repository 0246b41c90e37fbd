"""Tests of the lessons' tests: wrong answers lose their own exercise's points and no others, right ones none.

The answers are in tests/answers/<lesson>/<exercise>.py, each a cell under `# %% wrong: …` or `# %% right: …`:
add one, and it is tried here.
"""

from collections import Counter

import pytest
from lesson_runner import answers, cells, run, stub

from autograder.course import Course

LESSONS = Course().graded_lessons
ALL = [answer for lesson in LESSONS for answer in answers(lesson)]
EXERCISES = [(lesson, cell.exercise) for lesson in LESSONS for cell in cells(lesson) if cell.kind == "solution"]


@pytest.mark.parametrize("lesson, exercise", EXERCISES)
def test_each_exercise_has_four_wrong_and_three_right_answers(lesson, exercise):
    count = Counter(answer.right for answer in ALL if (answer.lesson, answer.exercise) == (lesson, exercise))
    assert count[False] >= 4 and count[True] >= 3, count


def test_every_answer_belongs_to_an_exercise():
    assert {(answer.lesson, answer.exercise) for answer in ALL} <= set(EXERCISES)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solution_is_right_and_the_untouched_lesson_scores_nothing(lesson):
    assert not run(lesson, {}).messages
    untouched = {cell.exercise: stub(cell.source) for cell in cells(lesson) if cell.kind == "solution"}
    result = run(lesson, untouched)
    assert sum(result.points.values()) == 0
    assert all("nothing yet" in message for message in result.messages.values()), result.messages


@pytest.mark.parametrize("answer", [a for a in ALL if not a.right], ids=str)
def test_a_wrong_answer_loses_points_in_its_own_exercise_only(answer):
    result = run(answer.lesson, {answer.exercise: answer.source})
    assert result.failed() == {answer.exercise}, result.messages


@pytest.mark.parametrize("answer", [a for a in ALL if a.right], ids=str)
def test_a_right_answer_gets_full_marks(answer):
    assert not run(answer.lesson, {answer.exercise: answer.source}).messages


@pytest.mark.parametrize("answer", [a for a in ALL if a.right], ids=str)
def test_a_right_answer_keeps_its_points_when_all_others_are_wrong(answer):
    others = {a.exercise: a.source for a in ALL if not a.right and a.lesson == answer.lesson}
    missing = {cell.exercise: stub(cell.source) for cell in cells(answer.lesson) if cell.kind == "solution"}
    for rest in (others, missing):
        result = run(answer.lesson, {**rest, answer.exercise: answer.source})
        assert result.failed() == {cell.exercise for cell in cells(answer.lesson) if cell.kind == "solution"} - {
            answer.exercise
        }, result.messages

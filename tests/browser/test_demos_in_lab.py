"""The demos in a real JupyterLab: moved by key and by mouse, and what they then draw is what the mathematics says."""

import pytest
from board_controls import differ, each_option, each_slider, slider_by_key, slider_by_mouse
from expected_classes import regions, softmax_shares, spiral, threshold
from expected_framework import optimizers, playground
from expected_networks import batches, epochs, graph, hinges, lines, sizes
from expected_perceptron import descent, line, plane
from notebook_page import board_in, count, errors_in, open_notebook, run_all, seen, settle, slide_to, wait_for_pictures

from autograder.course import Course

LESSONS = Course().graded_lessons
pytestmark = pytest.mark.xdist_group("browser")

# For each demo, what moves some of its controls and holds the picture against the mathematics.
EXPECTED = {
    "demo-plane": plane, "demo-line": line, "demo-descent": descent,
    "demo-graph": graph, "demo-batches": batches, "demo-lines": lines,
    "demo-hinges": hinges, "demo-epochs": epochs, "demo-sizes": sizes,
    "demo-regions": regions, "demo-threshold": threshold,
    "demo-softmax": softmax_shares, "demo-spiral": spiral,
    "demo-optimizers": optimizers, "demo-playground": playground,
}  # fmt: skip
ACTIVE_CELL = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"


def solved(page, lab, lesson):
    cells = run_all(page, lab, f"solution/{lesson}/{lesson}.ipynb")
    assert not [cell["name"] for cell in cells if errors_in(cell)]
    return cells


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_demo_draws_what_the_mathematics_says_and_each_control_moves_it(page, lab, lesson):
    cells = solved(page, lab, lesson)
    demos = [cell["name"] for cell in cells if cell["name"].startswith("demo-")]
    assert len(demos) >= 2
    for demo in demos:
        board = board_in(page, demo)
        settle(board)
        EXPECTED[demo](board)
        _each_control_moves_the_picture(page, demo, board)


def _each_control_moves_the_picture(page, demo, board):
    where = page.evaluate(ACTIVE_CELL)
    each_slider(board)
    each_option(board)
    for button in board.locator("button.mlp-play").all():
        _play(page, board, button)
    for button in board.locator("button[data-key]").all():
        for key in ("Enter", "Space"):
            before = count(board)
            button.press(key)
            settle(board, before)
    assert page.evaluate(ACTIVE_CELL) == where, f"{demo}: a key went to the notebook"
    assert seen(board)["trouble"] == ""


def _play(page, board, button):
    """Play and pause by two keys. A player with a slider starts at its beginning, or it might be over too soon."""
    for slider in button.locator("xpath=..").locator("input").all():
        slide_to(board, slider.get_attribute("data-key"), float(slider.get_attribute("min")))
    for key in ("Space", "Enter"):
        before, pictures = seen(board), count(board)
        button.press(key)
        wait_for_pictures(board, pictures + 3)
        if button.inner_text() == "Pause":  # a short play may be over
            button.press(key)
        settle(board)
        page.wait_for_timeout(150)
        assert button.inner_text() == "Play"
        stopped = count(board)
        differ(before, seen(board), "play")
        page.wait_for_timeout(300)
        assert count(board) == stopped, "it goes on after a pause"


def test_demos_and_questions_work_in_notebook_7(notebook, page, errors):
    """Notebook listens for keys before anybody else, so that JupyterLab alone proves nothing for it."""
    open_notebook(page, notebook, "solution/01_perceptron/01_perceptron.ipynb", under="notebooks")
    page.wait_for_timeout(1000)
    errors.clear()  # Notebook's own, of extensions that are made for JupyterLab
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    board = board_in(page, "demo-line")
    settle(board)
    where = page.evaluate(ACTIVE_CELL)
    slider = board.locator("input[type=range]").first
    slider_by_key(board, slider)
    slider_by_mouse(board, slider)
    assert page.evaluate(ACTIVE_CELL) == where

    question = board_in(page, "question-mse")
    question.locator("input").fill("5")
    question.locator("input").press("Enter")
    question.locator(".mlp-reply b").wait_for()
    assert "mean of the squares" in question.inner_text()

"""The demos in a real JupyterLab: moved by key and by mouse, and what they then draw is what the mathematics says."""

import time

import pytest
from board_controls import differ, each_option, each_slider, slider_by_key, slider_by_mouse
from expected_classes import regions, softmax_shares, spiral, threshold
from expected_framework import optimizers, playground
from expected_networks import batches, epochs, graph, hinges, lines, sizes
from expected_perceptron import descent, line, plane
from notebook_page import (
    board_in,
    count,
    errors_in,
    open_notebook,
    replace_and_run,
    run_all,
    seen,
    settle,
    slide_to,
    wait_for_pictures,
    words,
)

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


SLOW = """
import time
from mlp_helpers import sliders
from mlp_helpers.controls import Slider, Training
from mlp_helpers.pictures import Panel, Picture

class Asked:
    count = 0

def draw(x, again):
    Asked.count += 1
    time.sleep(0.4)
    panel = Panel("x", xlim=(0, 100), ylim=(0, 1))
    panel.points([x], [0.5], "red")
    return Picture([panel], f"x = {x}, drawn {Asked.count} times", size=(300, 200))

sliders.show(draw, {"x": Slider("x", 0, 100, 1, 0), "again": Training("training")})
"""


def test_what_draws_slowly_is_asked_again_only_when_it_has_drawn(page, lab):
    open_notebook(page, lab, "solution/01_perceptron/01_perceptron.ipynb")
    replace_and_run(page, "setup", SLOW)
    board = board_in(page, "setup")
    slider = board.locator("input[type=range]")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 9, y)
    page.mouse.down()
    for part in range(1, 61):
        page.mouse.move(box["x"] + 9 + part / 60 * 0.8 * box["width"], y)
        page.wait_for_timeout(15)
    page.mouse.up()
    released = time.monotonic()
    settle(board)
    assert time.monotonic() - released < 1.5  # the one that was being drawn, and the last
    assert f"x = {slider.input_value()}," in words(board)

    before = count(board)
    board.locator(".mlp-play").press("Enter")
    page.wait_for_timeout(2500)
    board.locator(".mlp-play").press("Enter")
    page.wait_for_timeout(600)
    drawn = count(board)
    assert 3 <= drawn - before <= 7
    page.wait_for_timeout(900)
    assert count(board) == drawn, "pictures were still waiting to be drawn"


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

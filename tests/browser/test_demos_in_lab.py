"""The demos in a real JupyterLab: moved by key and by mouse, and what they then draw is what the mathematics says."""

import re

import numpy as np
import pytest
from notebook_page import (
    board_in,
    count,
    errors_in,
    marks,
    open_notebook,
    picture,
    press,
    run_all,
    seen,
    settle,
    slide_to,
)

from autograder.course import Course
from mlp_helpers import datasets

LESSONS = Course().graded_lessons
pytestmark = pytest.mark.xdist_group("browser")

ACTIVE_CELL = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"


def solved(page, lab, lesson):
    cells = run_all(page, lab, f"solution/{lesson}/{lesson}.ipynb")
    assert not [cell["name"] for cell in cells if errors_in(cell)]
    return cells


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_control_of_each_demo_moves_the_picture(page, lab, lesson):
    cells = solved(page, lab, lesson)
    demos = [cell["name"] for cell in cells if cell["name"].startswith("demo-")]
    assert len(demos) >= 2
    for demo in demos:
        board = board_in(page, demo)
        settle(board)
        where = page.evaluate(ACTIVE_CELL)
        for control in board.locator("input[type=range]").all():
            _slider_by_key(board, control)
            _slider_by_mouse(page, board, control)
        for control in board.locator("select").all():
            _select(board, control)
        for button in board.locator("button.mlp-play").all():
            _play(page, board, button)
        for button in board.locator("button[data-key]").all():
            for key in ("Enter", "Space"):
                before = count(board)
                button.press(key)
                settle(board, before)
        assert page.evaluate(ACTIVE_CELL) == where, f"{demo}: a key went to the notebook"
        assert seen(board)["trouble"] == ""


def _differ(before, after, what):
    assert after["words"] != before["words"], f"{what}: the words stay the same"
    assert after["data"] != before["data"], f"{what}: the data stay the same"
    assert after["pixels"] != before["pixels"], f"{what}: the canvas stays the same"


def _slider_by_key(board, control):
    key = control.get_attribute("data-key")
    low, high, step = (float(control.get_attribute(name)) for name in ("min", "max", "step"))
    for there, back in (("ArrowRight", "ArrowLeft"), ("ArrowUp", "ArrowDown")):
        value, before = float(control.input_value()), seen(board)
        if value + step > high + step / 2:
            there, back = back, there
        press(board, key, there)
        moved = abs(float(control.input_value()) - value)
        assert moved == pytest.approx(step, rel=1e-6)
        _differ(before, seen(board), f"{key} {there}")
        press(board, key, back)
        assert float(control.input_value()) == pytest.approx(value)
    for end, value in (("Home", low), ("End", high)):
        if float(control.input_value()) != value:
            press(board, key, end)
        assert float(control.input_value()) == value
        ends = seen(board)
        if end == "Home":
            before = ends
    _differ(before, ends, f"{key} from Home to End")


def _slider_by_mouse(page, board, control):
    control.scroll_into_view_if_needed()
    box, before, pictures = control.bounding_box(), seen(board), count(board)
    y, right = box["y"] + box["height"] / 2, box["x"] + box["width"] - 8
    page.mouse.move(right, y)
    page.mouse.down()
    for part in range(1, 11):
        page.mouse.move(right - part * 0.06 * box["width"], y)
        page.wait_for_timeout(15)
    page.mouse.up()
    settle(board, pictures)
    low, high = (float(control.get_attribute(name)) for name in ("min", "max"))
    assert low < high and float(control.input_value()) < high
    _differ(before, seen(board), f"{control.get_attribute('data-key')} dragged")


def _select(board, control):
    key, options = control.get_attribute("data-key"), control.locator("option").all_inner_texts()
    press(board, key, "Home") if control.input_value() != options[0] else None
    for option in options[1:]:
        before = seen(board)
        press(board, key, "ArrowDown")
        assert control.input_value() == option
        _differ(before, seen(board), f"{key} {option}")
    before = seen(board)
    control.select_option(options[0])
    settle(board)
    _differ(before, seen(board), f"{key} {options[0]}")


def _play(page, board, button):
    for key in ("Space", "Enter"):
        before, pictures = seen(board), count(board)
        button.press(key)
        page.wait_for_function(
            "([root, before]) => Number(root.dataset.pictures) >= before + 3", arg=[board.element_handle(), pictures]
        )
        if button.inner_text() == "Pause":  # a short play may be over
            button.press(key)
        settle(board)
        page.wait_for_timeout(150)
        assert button.inner_text() == "Play"
        stopped = count(board)
        _differ(before, seen(board), "play")
        page.wait_for_timeout(300)
        assert count(board) == stopped, "it goes on after a pause"


def number_after(words, text):
    """The number that stands after these words in a text."""
    return float(re.search(re.escape(words) + r"\D*?(−?-?\d[\d.]*\d|\d)", text)[1].replace("−", "-"))


def test_lesson_1_draws_what_the_mathematics_says(page, lab):
    solved(page, lab, "01_perceptron")

    plane = board_in(page, "demo-plane")
    plane.locator("select[data-key=table]").select_option("OR")
    for key, value in (("w1", 1.0), ("w2", 1.0), ("b", -0.5)):
        slide_to(plane, key, value)
    assert "4 of 4 right" in picture(plane)["panels"][0]["title"]
    assert not any(mark["hollow"] and len(mark["x"]) for mark in marks(picture(plane)["panels"][0], "points", "red"))
    plane.locator("select[data-key=table]").select_option("XOR")
    settle(plane)
    wrong = [mark for mark in marks(picture(plane)["panels"][0], "points", "red") if mark["hollow"]]
    assert "3 of 4 right" in picture(plane)["panels"][0]["title"]
    assert [wrong[0]["x"].tolist(), wrong[0]["y"].tolist()] == [[1], [1]]

    penguins = datasets.penguins()
    flipper, mass = penguins.flipper_length.ravel() / 10 - 19, penguins.body_mass.ravel()
    line = board_in(page, "demo-line")
    for w, b in ((0.4, 3.0), (-0.5, 5.0)):
        slide_to(line, "w", w)
        slide_to(line, "b", b)
        loss = np.mean((w * flipper + b - mass) ** 2) / 2
        words = line.locator("canvas").get_attribute("aria-label")
        assert number_after("loss is", words) == pytest.approx(loss, abs=6e-4), words
        (sticks,) = marks(picture(line)["panels"][0], "segments", "sky")
        assert np.allclose(np.sort(sticks["y1"]), np.sort(w * flipper + b), atol=1e-5)

    descent = board_in(page, "demo-descent")
    slide_to(descent, "lr", 0.2)
    lines = marks(picture(descent)["panels"][0], "line")
    walked = next(line for line in lines if (line["x"][0], line["y"][0]) == (0, 2))
    w, b = walked["x"].astype(float), walked["y"].astype(float)
    error = np.outer(w, flipper) + b[:, None] - mass
    gradient = (error * flipper).mean(axis=1), error.mean(axis=1)
    assert np.allclose(np.diff(w), -0.2 * gradient[0][:-1], atol=1e-5)
    assert np.allclose(np.diff(b), -0.2 * gradient[1][:-1], atol=1e-5)
    press(descent, "lr", "End")
    assert "diverges" in descent.locator("canvas").get_attribute("aria-label")


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
    _slider_by_key(board, slider)
    _slider_by_mouse(page, board, slider)
    assert page.evaluate(ACTIVE_CELL) == where

    question = board_in(page, "question-mse")
    question.locator("input").fill("5")
    question.locator("input").press("Enter")
    question.locator(".mlp-reply b").wait_for()
    assert "mean of the squares" in question.inner_text()

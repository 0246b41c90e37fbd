"""Moves a board's controls as a person does, by key and by mouse, and sees another picture each time."""

import pytest
from notebook_page import count, press, seen, settle, slide_to

ARROWS = ("ArrowRight", "ArrowLeft"), ("ArrowUp", "ArrowDown")


def differ(before, after, what):
    assert after["words"] != before["words"], f"{what}: the words stay the same"
    assert after["data"] != before["data"], f"{what}: the data stay the same"
    assert after["pixels"] != before["pixels"], f"{what}: the canvas stays the same"


def each_slider(board, arrows=ARROWS):
    """Move each slider by key and by mouse, and put it back: where it went, another one may rest."""
    for control in board.locator("input[type=range]").all():
        value = float(control.input_value())
        slider_by_key(board, control, arrows)
        slider_by_mouse(board, control)
        slide_to(board, control.get_attribute("data-key"), value)


def slider_by_key(board, control, arrows=ARROWS):
    """One step there and back by each pair of arrow keys, and then to both ends."""
    key = control.get_attribute("data-key")
    low, high, step = (float(control.get_attribute(name)) for name in ("min", "max", "step"))
    for there, back in arrows:
        value, before = float(control.input_value()), seen(board)
        if value + step > high + step / 2:
            there, back = back, there
        press(board, key, there)
        moved = abs(float(control.input_value()) - value)
        assert moved == pytest.approx(step, rel=1e-6)
        differ(before, seen(board), f"{key} {there}")
        press(board, key, back)
        assert float(control.input_value()) == pytest.approx(value)
    for end, value in (("Home", low), ("End", high)):
        if float(control.input_value()) != value:
            press(board, key, end)
        assert float(control.input_value()) == value
        ends = seen(board)
        if end == "Home":
            before = ends
    differ(before, ends, f"{key} from Home to End")


def slider_by_mouse(board, control):
    """Take it at its right end and drag it to the left."""
    control.scroll_into_view_if_needed()
    box, before, pictures, mouse = control.bounding_box(), seen(board), count(board), board.page.mouse
    y, right = box["y"] + box["height"] / 2, box["x"] + box["width"] - 8
    mouse.move(right, y)
    mouse.down()
    for part in range(1, 11):
        mouse.move(right - part * 0.06 * box["width"], y)
        board.page.wait_for_timeout(15)
    mouse.up()
    settle(board, pictures)
    low, high = (float(control.get_attribute(name)) for name in ("min", "max"))
    assert low < high and float(control.input_value()) < high
    differ(before, seen(board), f"{control.get_attribute('data-key')} dragged")


def each_option(board):
    """Choose each option of each list, by arrow keys, and then the first one again."""
    for control in board.locator("select").all():
        _options(board, control)


def _options(board, control):
    key, options = control.get_attribute("data-key"), control.locator("option").all_inner_texts()
    press(board, key, "Home") if control.input_value() != options[0] else None
    for option in options[1:]:
        before = seen(board)
        press(board, key, "ArrowDown")
        assert control.input_value() == option
        differ(before, seen(board), f"{key} {option}")
    before, pictures = seen(board), count(board)
    control.select_option(options[0])
    settle(board, pictures)
    differ(before, seen(board), f"{key} {options[0]}")

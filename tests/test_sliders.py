"""A demo as a browser sees it: what it is sent for each change, also where the code that it runs fails."""

import base64
import io
import json
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from ipywidgets.widgets.widget import _remove_buffers
from PIL import Image

from mlp_helpers import sliders
from mlp_helpers.board import Board
from mlp_helpers.controls import Choice, Press, Slider, Training
from mlp_helpers.pictures import Panel, Picture

VIEW = "application/vnd.jupyter.widget-view+json"


class Browser:
    """What front ends would get: the outputs, the boards, and each board's messages."""

    def __init__(self):
        self.displayed, self.boards, self.sent, self.turns = [], [], [], 0

    def change(self, board=None, **values):
        """Move controls, as board.js tells it: returns what is shown then."""
        board = board or self.boards[-1]
        self.turns += 1
        data = {"method": "custom", "content": {"values": {**board.values, **values, "turn": f"1 {self.turns}"}}}
        board._handle_msg({"content": {"data": data}, "buffers": []})
        return board.shown


@pytest.fixture
def browser(monkeypatch):
    browser = Browser()
    start, send = Board.__init__, Board._send

    def started(board, *args, **kwargs):
        start(board, *args, **kwargs)
        browser.boards.append(board)

    def record(board, message, buffers=None):
        browser.sent.append((board, message, buffers))
        send(board, message, buffers)

    monkeypatch.setattr(Board, "__init__", started)
    monkeypatch.setattr(Board, "_send", record)
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: browser.displayed.append((args, kwargs)))
    return browser


def picture(x, words="", trouble=""):
    panel = Panel(xlim=(0, 10), ylim=(0, 10))
    panel.points([x], [x], "red", size=9)
    return Picture([panel], words or f"a point at {x}", size=(300, 240), trouble=trouble)


def show(draw=picture, **options):
    sliders.show(draw, {"x": Slider("x", 0, 10, 1, 3)}, **options)


def place(shown):
    return float(np.frombuffer(shown["picture"]["panels"][0]["marks"][0]["x"], "<f4")[0])


# The output.


def test_one_output_holds_the_widget_and_its_still(browser):
    show(caption="Figure 1.1: <a point>", name="demo-point")
    ((data,), options) = browser.displayed[0]
    board = browser.boards[0]
    assert len(browser.displayed) == 1 and options["raw"]
    assert set(data) == {VIEW, "text/html", "image/png", "text/plain"}
    assert data[VIEW] == {"version_major": 2, "version_minor": 0, "model_id": board.model_id}
    assert data["text/plain"] == "Figure 1.1: <a point>\na point at 3"
    assert 'alt="a point at 3"' in data["text/html"] and "&lt;a point&gt;" in data["text/html"]
    assert options["metadata"]["image/png"] == {"alt": "a point at 3", "width": 300, "height": 240}
    assert board._dom_classes == ("mlp-demo", "demo-point") and board.caption == "Figure 1.1: <a point>"


def test_the_still_is_the_first_picture(browser):
    from mlp_helpers import still

    show()
    browser.change(x=9)
    still_picture = base64.b64decode(browser.displayed[0][0][0]["image/png"])
    assert still_picture == still.png(picture(3).state())
    assert Image.open(io.BytesIO(still_picture)).size == (450, 360)


def test_colab_gets_the_widget_alone(browser, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    show()
    assert browser.displayed == [((browser.boards[0],), {})]


def test_all_that_is_sent_is_plain_data_and_bytes(browser):
    show()
    browser.change(x=5)
    state, _, buffers = _remove_buffers(browser.boards[0].get_state())
    json.dumps(state, allow_nan=False)
    assert sorted(map(len, buffers)) == [4, 4]


# Changes.


def test_the_picture_follows(browser):
    show()
    assert place(browser.boards[0].shown) == 3
    shown = browser.change(x=7)
    assert (place(shown), shown["words"], shown["trouble"]) == (7, "a point at 7", "")
    assert shown["values"] == {"x": 7, "turn": "1 1"}


def test_one_change_is_one_message(browser):
    show()
    browser.sent.clear()
    for x in (4, 5, 6):
        browser.change(x=x)
    updates = [message for _, message, _ in browser.sent]
    assert [sorted(message["state"]) for message in updates] == [["shown"]] * 3
    assert [message["state"]["shown"]["values"]["x"] for message in updates] == [4, 5, 6]


def test_each_request_is_answered_even_if_the_picture_stays_the_same(browser):
    sliders.show(lambda count: picture(3, "the same"), {"count": Training("training")})
    browser.sent.clear()
    for count in (1, 2, 3):
        assert browser.change(count=count)["values"]["count"] == count
    assert len(browser.sent) == 3


def test_a_value_that_stays_the_same_is_answered_too(browser):
    show()
    browser.sent.clear()
    browser.change(x=4)
    first = browser.change(x=4)["values"]
    assert first == {"x": 4, "turn": "1 2"} and len(browser.sent) == 2


def test_other_messages_change_nothing(browser):
    show()
    browser.sent.clear()
    for content in ({}, {"anywidget": 1}):
        browser.boards[0]._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    assert not browser.sent


def test_after_a_flood_the_newest_value_is_shown(browser):
    show()
    rng = np.random.default_rng(0)
    for x in rng.integers(0, 11, 100).tolist():
        shown = browser.change(x=x)
        assert place(shown) == shown["values"]["x"] == x and shown["words"] == f"a point at {x}"


@pytest.mark.parametrize("nonsense", [{"x": None}, {"x": [1]}, {"x": "9"}, {"y": 9}])
def test_nonsense_is_the_first_value(browser, nonsense):
    show()
    browser.change(x=8)
    assert place(browser.change(**{"x": None, **nonsense})) == 3


def test_missing_values_are_the_first_ones(browser):
    sliders.show(lambda x, c, p: picture(x + c + p), {
        "x": Slider("x", 0, 10, 1, 1), "c": Choice("c", {"a": 1, "b": 2}, "b"), "p": Press("p"),
    })  # fmt: skip
    browser.boards[0].set_state({"values": {}})
    assert place(browser.boards[0].shown) == 3


def test_two_demos_do_not_disturb_each_other(browser):
    show()
    show(lambda x: picture(x, "the second"))
    first, second = browser.boards
    assert first.model_id != second.model_id
    browser.change(first, x=1)
    browser.change(second, x=2)
    assert [(place(board.shown), board.shown["words"]) for board in (first, second)] == [
        (1, "a point at 1"), (2, "the second"),
    ]  # fmt: skip


def test_names_of_the_notebook_may_be_bound_anew(browser):
    notebook = {"sliders": sliders, "picture": picture, "Slider": Slider}
    exec("def draw(x): return picture(x)\nsliders.show(draw, {'x': Slider('x', 0, 10, 1, 3)})", notebook)
    notebook.update(draw=None, sliders=None, Slider=None, x=None, show=None, controls=None)
    assert place(browser.change(x=6)) == 6


# Trouble.


def brittle(x):
    if x > 5:
        raise ValueError(f"{x} is too much")
    return picture(x)


def test_what_is_raised_first_is_raised(browser):
    def broken(x):
        raise ZeroDivisionError("at once")

    with pytest.raises(ZeroDivisionError, match="at once"):
        show(broken)
    assert not browser.displayed and not browser.boards


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RecursionError])
def test_a_drawing_that_is_stopped_is_answered(browser, error):
    def draw(x):
        if x == 8:
            raise error
        return picture(x)

    show(draw)
    shown = browser.change(x=8)
    assert error.__name__ in shown["trouble"] and shown["values"]["turn"] == "1 1"
    assert browser.change(x=7)["trouble"] == ""


def test_later_trouble_is_told_beside_the_last_picture_until_it_is_over(browser):
    show(brittle)
    browser.change(x=4)
    shown = browser.change(x=8)
    line = brittle.__code__.co_firstlineno + 2
    assert shown["trouble"] == f"Your code stopped with ValueError, line {line} of brittle: 8 is too much"
    assert (place(shown), shown["words"], shown["values"]["x"]) == (4, "a point at 4", 8)
    shown = browser.change(x=5)
    assert (place(shown), shown["trouble"]) == (5, "")


def test_a_demo_tells_trouble_of_its_own(browser):
    show(lambda x: picture(x, trouble="it diverges" if x > 5 else ""))
    assert [browser.change(x=x)["trouble"] for x in (6, 5)] == ["it diverges", ""]


def test_leaving_python_is_trouble_too(browser):
    show(lambda x: picture(x) if x < 5 else sys.exit("bye"))
    assert "SystemExit" in browser.change(x=6)["trouble"]


def test_a_picture_that_cannot_be_sent_is_trouble(browser):
    show(lambda x: picture(x) if x < 5 else Picture([Panel(xlim=(x, x), ylim=(0, 1))], "words"))
    assert "leaves no room to draw" in browser.change(x=6)["trouble"]


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


class NoWords(Exception):
    def __str__(self):
        return 7


def recursive(x):
    return recursive(x + 1)


def inside_numpy(x):
    return np.linalg.inv(np.zeros((2, 2)))


def inside_the_library(x):
    return Panel(xlim=(x, x), ylim=(0, 1))


def fail_with(error):
    raise error


@pytest.mark.parametrize(
    ("failing", "beginning"),
    [
        (lambda: fail_with(ValueError()), "ValueError, line {} of fail_with"),
        (lambda: fail_with(ValueError(1, [2])), "ValueError, line {} of fail_with: (1, [2])"),
        (lambda: fail_with(KeyError("w")), "KeyError, line {} of fail_with: 'w'"),
        (lambda: fail_with(Unspeakable()), "Unspeakable, line {} of fail_with"),
        (lambda: fail_with(NoWords()), "NoWords, line {} of fail_with"),
        (lambda: fail_with(ValueError("\ud800")), "ValueError, line {} of fail_with: ?"),
        (lambda: recursive(0), "RecursionError, line {} of recursive: maximum recursion depth"),
        (lambda: inside_numpy(0), "LinAlgError, line {} of inside_numpy: Singular matrix"),
        (lambda: inside_the_library(0), "ValueError, line {} of inside_the_library: xlim"),
    ],
)
def test_trouble_names_the_readers_line(failing, beginning):
    name = beginning.split(" of ")[1].split(":")[0]
    line = globals()[name].__code__.co_firstlineno + 1
    with pytest.raises(Exception) as raised:
        failing()
    told = sliders.trouble(raised.value)
    assert told.startswith("Your code stopped with " + beginning.format(line))
    assert not told.endswith(": ")
    told.encode()


def test_a_lambda_has_a_line_but_no_name():
    failing = lambda: 1 / 0  # noqa: E731
    with pytest.raises(ZeroDivisionError) as raised:
        failing()
    line = failing.__code__.co_firstlineno
    assert sliders.trouble(raised.value) == (f"Your code stopped with ZeroDivisionError, line {line}: {raised.value}")


def test_an_error_without_a_traceback():
    assert sliders.trouble(ValueError("x")) == "Your code stopped with ValueError: x"


def test_long_messages_are_cut():
    told = sliders.trouble(ValueError("word " * 1000))
    assert len(told) == 500 and told.endswith("…")


def test_cells_in_a_folder_with_the_librarys_name_are_the_readers():
    cell = {}
    exec(compile("def f():\n    1 / 0", f"{Path(sliders.__file__).parent}_course/1.py", "exec"), cell)
    with pytest.raises(ZeroDivisionError) as raised:
        cell["f"]()
    assert "line 2 of f" in sliders.trouble(raised.value)


# Where no kernel runs.


def test_demos_need_no_kernel():
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "from mlp_helpers.pictures import Panel, Picture\n"
        "from mlp_helpers import sliders\n"
        "published = []\n"
        "shell.display_pub.publish = lambda data, metadata=None, **_: published.append((data, metadata))\n"
        "draw = lambda x: Picture([Panel(xlim=(0, 1), ylim=(0, 1))], 'words')\n"
        "sliders.show(draw, {'x': sliders.Slider('x', 0, 1, 1, 0)})\n"
        "(data, metadata), = published\n"
        "print(len(data['image/png']) > 500, metadata['image/png']['alt'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "True words\n", done.stderr

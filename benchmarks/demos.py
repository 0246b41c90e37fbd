"""How soon a demo's picture follows its controls, beside `ipywidgets.interact` with a new Matplotlib figure each time.

    .venv/bin/python benchmarks/demos.py [LESSON ...]

takes about two minutes a lesson. It opens the solved notebooks in JupyterLab, in a headless Chromium, once as they are
and once with each demo's picture drawn by the rival: the same values and the same `draw`, whose marks become those of a
new inline figure, as most courses do it. Each control is moved by real key presses, PACE apart or, if that is
longer, when the picture has come; a slider is then dragged to and fro, 60 moves a second, each by at least one value,
whether or not the browser keeps up, as with a hand.

    key     : from the key's time stamp to the frame that shows the picture; median and p90, in milliseconds
    drag    : pictures a second while the slider is dragged
    settled : from the release of the mouse to the last new picture, in milliseconds
    play    : pictures a second while a demo plays by itself

with ≥ or < what the course promises.
"""

from __future__ import annotations

import copy
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median, quantiles

import nbformat
import websocket
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))
from conftest import FLAGS, chromium, free_port, serve  # noqa: E402
from notebook_page import go_to, run_all  # noqa: E402

from autograder.course import Course  # noqa: E402

PRESSES = 40  # for each demo, shared out among its controls
PACE = 0.12  # seconds
DRAG = 2.0  # seconds
PROMISES = {"key": 50, "p90": 85, "faster": 2, "drag": 25, "settled": 150, "play": 20}
RIVAL = f"import sys; sys.path.insert(0, {str(ROOT / 'benchmarks')!r}); import interact_rival; interact_rival.install()"

# Notes the frame that shows each new picture, and the time stamps of what the reader did.
WATCH = """cell => {
    const seen = window.seen = {pictures: [], key: 0, up: 0};
    // JupyterLab takes arrow keys in the rival's lists for itself: keep them from it.
    cell.dataset.lmSuppressShortcuts = 'true';
    cell.addEventListener('keydown', event => event.stopPropagation());
    const note = () => requestAnimationFrame(() => seen.pictures.push(performance.now()));
    window.watching?.disconnect();
    const added = change => [...change.addedNodes].some(node => node.querySelector?.('img') || node.tagName === 'IMG');
    window.watching = new MutationObserver(changes => {
        const drawn = changes.some(change => change.type === 'attributes');
        if (drawn) return note();
        if (!changes.some(added)) return;
        const picture = [...cell.querySelectorAll('.jp-OutputArea img')].pop();
        picture.decode().then(note, () => {});
    });
    window.watching.observe(cell, {subtree: true, childList: true, attributeFilter: ['data-pictures']});
    if (!window.listening) {
        window.listening = true;
        document.addEventListener('keydown', event => { window.seen.key = event.timeStamp; }, true);
        document.addEventListener('mouseup', event => { window.seen.up = event.timeStamp; }, true);
        document.addEventListener('pointerup', event => { window.seen.up = event.timeStamp; }, true);
    }
}"""


def controls_of(cell, kind):
    """The sliders and the lists of choices of a demo, as the board or as ipywidgets shows them."""
    return cell.locator({"board": ".mlp-board :is([type=range], select)", "interact": ".noUi-handle, select"}[kind])


def keys_for(control):
    """Two keys of which the first moves the control from where it stands, and the second back."""
    if control.evaluate("control => control.tagName") == "SELECT":
        first = control.evaluate("control => control.selectedIndex === 0")
        return ("ArrowDown", "ArrowUp") if first else ("ArrowUp", "ArrowDown")
    at_the_end = control.evaluate(
        "control => Number(control.value ?? control.getAttribute('aria-valuenow')) "
        ">= Number(control.max ?? control.getAttribute('aria-valuemax'))"
    )
    return ("ArrowLeft", "ArrowRight") if at_the_end else ("ArrowRight", "ArrowLeft")


def press(page, cell, kind):
    """Milliseconds from key to picture, for each press."""
    controls, times = controls_of(cell, kind).all(), []
    for control in controls:
        control.focus()
        keys = keys_for(control)
        for turn in range(max(6, round(PRESSES / len(controls) / 2) * 2)):
            begun = time.monotonic()
            page.evaluate("() => { window.seen.pictures = []; }")
            page.keyboard.press(keys[turn % 2])
            page.wait_for_function("() => window.seen.pictures.length", polling=5, timeout=10_000)
            if turn > 1:  # the first ones warm up
                times.append(page.evaluate("() => window.seen.pictures[0] - window.seen.key"))
            time.sleep(max(0.03, begun + PACE - time.monotonic()))
    return times


def longest_slider(cell):
    """(place, number of values) of the board's slider with the most values; None where it has none."""
    spans = cell.locator(".mlp-board input[type=range]").evaluate_all(
        "sliders => sliders.map(each => (each.max - each.min) / each.step)"
    )
    return (spans.index(max(spans)), max(spans)) if spans else None


class Mouse:
    """Moves in a page without waiting for it, which Playwright can't."""

    def __init__(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self._socket, self._sent = websocket.create_connection(page["webSocketDebuggerUrl"], suppress_origin=True), 0

    def send(self, kind, x, y):
        """kind: mousePressed, mouseMoved or mouseReleased, with the left button"""
        self._sent += 1
        what = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        self._socket.send(json.dumps({"id": self._sent, "method": "Input.dispatchMouseEvent", "params": what}))

    def wait(self):
        """Until all has arrived."""
        while json.loads(self._socket.recv()).get("id") != self._sent:
            pass


def drag(page, mouse, cell, kind, slider):
    """(pictures a second, milliseconds until settled) for a slider as `longest_slider` tells it."""
    place, values = slider
    rail = cell.locator({"board": ".mlp-board input[type=range]", "interact": ".noUi-target"}[kind]).nth(place)
    rail.scroll_into_view_if_needed()
    box = rail.bounding_box()
    knob = cell.locator(".noUi-handle").nth(place).bounding_box() if kind == "interact" else box
    x, y = knob["x"] + knob["width"] / 2, box["y"] + box["height"] / 2
    left, right, stride = box["x"] + 0.1 * box["width"], box["x"] + 0.9 * box["width"], max(2.0, box["width"] / values)
    mouse.send("mousePressed", x, y)
    mouse.wait()
    time.sleep(0.3)
    page.evaluate("() => { window.seen.pictures = []; }")
    begun, way = time.monotonic(), 1
    for move in range(round(60 * DRAG)):
        if not left <= x + way * stride <= right:
            way = 1 if x < (left + right) / 2 else -1
        x += way * stride
        mouse.send("mouseMoved", x, y)
        time.sleep(max(0.0, begun + (move + 1) / 60 - time.monotonic()))
    lasted = time.monotonic() - begun
    mouse.send("mouseReleased", x, y)
    mouse.wait()
    time.sleep(1.5)
    pictures, up = page.evaluate("() => [window.seen.pictures, window.seen.up]")
    return sum(at <= up for at in pictures) / lasted, max([0.0, *(at - up for at in pictures)])


def play(page, cell):
    """Pictures a second while the demo plays; None where it can't."""
    button = cell.locator(".mlp-play")
    if not button.count():
        return None
    page.evaluate("() => { window.seen.pictures = []; }")
    button.first.press("Enter")
    time.sleep(2.0)
    if button.first.inner_text() == "Pause":
        button.first.press("Enter")
    pictures = page.evaluate("() => window.seen.pictures")
    return (len(pictures) - 1) / (pictures[-1] - pictures[0]) * 1000


def measure(playwright, address, lesson, kind, sliders):
    """Dict demo -> (times of the keys, drag, play) for all demos of a lesson.

    sliders: dict demo -> the slider to drag; the board's turn, which is first, fills it
    """
    port = free_port()
    browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, f"--remote-debugging-port={port}"])
    page, measured = browser.new_page(viewport={"width": 1280, "height": 1000}), {}
    cells, mouse = run_all(page, address, f"{kind}/{lesson}.ipynb"), Mouse(port)
    for name in (cell["name"] for cell in cells if (cell["name"] or "").startswith("demo-")):
        cell = go_to(page, name)
        controls_of(cell, kind).first.wait_for(timeout=20_000)
        time.sleep(0.5)
        page.evaluate(WATCH, cell.element_handle())
        slider = sliders.setdefault(name, longest_slider(cell))
        measured[name] = (
            press(page, cell, kind),
            drag(page, mouse, cell, kind, slider) if slider else None,
            play(page, cell) if kind == "board" else None,
        )
    page.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
    browser.close()
    return measured


def write_notebooks(root, lesson):
    """The solved notebook of a lesson, for the boards and for the rival."""
    notebook = nbformat.read(Course().solutions / lesson / f"{lesson}.ipynb", as_version=4)
    for kind in ("board", "interact"):
        made = copy.deepcopy(notebook)
        if kind == "interact":
            made.cells.insert(0, nbformat.v4.new_code_cell(RIVAL, metadata={"name": "rival"}))
        (root / kind).mkdir(parents=True, exist_ok=True)
        nbformat.write(made, root / kind / f"{lesson}.ipynb")


def judged(value, promise, at_least=False):
    kept = value >= promise if at_least else value <= promise
    return f"{value:.0f} {'≥' if value >= promise else '<'} {promise}" + ("" if kept else " !")


def row(demo, board, rival):
    (times, dragged, played), (rival_times, rival_dragged, _) = board, rival
    p90 = [quantiles(each, n=10)[-1] for each in (times, rival_times)]
    faster = median(rival_times) / median(times)
    kept = "≥" if faster >= PROMISES["faster"] else "<"
    return [
        demo, judged(median(times), PROMISES["key"]), judged(p90[0], PROMISES["p90"]),
        f"{median(rival_times):.0f}", f"{p90[1]:.0f}", f"{faster:.1f} {kept} {PROMISES['faster']}",
        *((judged(dragged[0], PROMISES["drag"], True), judged(dragged[1], PROMISES["settled"]),
           f"{rival_dragged[0]:.0f}", f"{rival_dragged[1]:.0f}") if dragged else "––––"),
        judged(played, PROMISES["play"], True) if played else "–",
    ]  # fmt: skip


def main():
    lessons = sys.argv[1:] or Course().graded_lessons
    titles = ["demo", "key", "p90", "interact", "p90", "faster", "drag", "settled", "interact", "settled", "play"]
    line = "{:<18}{:>11}{:>11}{:>10}{:>6}{:>10}{:>11}{:>12}{:>10}{:>9}{:>10}"
    print(line.format(*titles), flush=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        for lesson in lessons:
            write_notebooks(Path(home) / "root", lesson)
        with serve(Path(home)) as address:
            for lesson in lessons:
                sliders = {}
                board, rival = (measure(playwright, address, lesson, kind, sliders) for kind in ("board", "interact"))
                for demo in board:
                    print(line.format(*row(demo.removeprefix("demo-"), board[demo], rival[demo])), flush=True)


if __name__ == "__main__":
    main()

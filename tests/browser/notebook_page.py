"""Drives a notebook in JupyterLab: open it, run it, go to a cell, and read what its boards show."""

from __future__ import annotations

import time

import numpy as np

NOTEBOOK = "jupyterapp.shell.currentWidget"
KERNEL_IDLE = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
NAME = "((cell.model.getMetadata('nbgrader') || {}).grade_id || cell.model.getMetadata('name'))"
CELLS = f"""() => {NOTEBOOK}.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => ({{
        name: {NAME},
        test: !!(cell.model.getMetadata('nbgrader') || {{}}).grade,
        count: cell.model.executionCount,
        outputs: cell.model.outputs.toJSON(),
    }}))"""
GO_TO = f"""name => {{
    const notebook = {NOTEBOOK}.content;
    const at = notebook.widgets.findIndex(cell => {NAME} === name);
    notebook.activeCellIndex = at;
    notebook.widgets[at].node.dataset.name = name;
    return notebook.scrollToItem(at, 'start');
}}"""
# A picture's arrays reach the browser as bytes; everything else in it is plain.
PICTURE = """canvas => JSON.parse(JSON.stringify(canvas.picture, (key, value) =>
    value instanceof DataView
        ? {bytes: Array.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}
        : value))"""
# What identifies a state of a board: its words, its data, and a number for its pixels.
SEEN = """root => {
    const canvas = root.querySelector('canvas');
    const add = (sum, value) => (Math.imul(sum, 31) + value) | 0;
    const bytes = view => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).reduce(add, 7);
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return {
        words: canvas.getAttribute('aria-label'),
        data: JSON.stringify(canvas.picture, (_, value) => value instanceof DataView ? bytes(value) : value),
        pixels: new Uint32Array(pixels.buffer).reduce(add, 7),
        trouble: root.querySelector('.mlp-trouble').textContent,
    };
}"""
# Each change of a value has been answered by a picture for these very values.
SETTLED = """root => {
    const now = root.querySelector('canvas').values;
    const value = control => control.type === 'range' ? Number(control.value) : control.value;
    return !now || [...root.querySelectorAll('input[type=range], select')]
        .every(control => now[control.dataset.key] === value(control));
}"""


def open_notebook(page, lab, path, under="lab/tree"):
    """Open a notebook as it lies on the disk, with a kernel that is ready. under="notebooks": in Notebook 7"""
    page.goto(f"{lab}/{under}/{path}?reset")
    page.wait_for_function(KERNEL_IDLE, timeout=60_000)


def run_all(page, lab, path):
    """Open a notebook, run all its cells, and return what they put out."""
    open_notebook(page, lab, path)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(f"() => ({CELLS})().every(cell => cell.count !== null)", timeout=60_000)
    return page.evaluate(CELLS)


def replace_and_run(page, name, source):
    """Put something else into a cell, and run it."""
    go_to(page, name)
    page.evaluate(f"source => {NOTEBOOK}.content.activeCell.model.sharedModel.setSource(source)", source)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")


def errors_in(cell):
    return [output for output in cell["outputs"] if output["output_type"] == "error"]


def go_to(page, name):
    """Make the cell of this name the active one, in view: JupyterLab renders a cell only then. Returns its locator."""
    page.evaluate(GO_TO, name)
    return page.locator(f".jp-Cell[data-name='{name}']")


def board_in(page, name):
    """The board that the cell of this name shows."""
    board = go_to(page, name).locator(".mlp-board")
    board.wait_for(timeout=20_000)
    return board


def seen(board):
    return board.evaluate(SEEN)


def settle(board, pictures=None):
    """Wait until the picture belongs to the values shown and, if a count is given, is not that picture any more."""
    handle = board.element_handle()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if handle.evaluate(SETTLED) and (pictures is None or count(board) > pictures):
            return
        time.sleep(0.02)
    raise AssertionError("the picture did not follow its controls")


def count(board):
    """How many pictures the board has drawn."""
    return int(board.get_attribute("data-pictures"))


def wait_for_pictures(board, wanted):
    """Wait until the board has drawn so many pictures."""
    drawn = "([root, wanted]) => Number(root.dataset.pictures) >= wanted"
    board.page.wait_for_function(drawn, arg=[board.element_handle(), wanted])


def words(board):
    """What a screen reader reads out in place of the picture."""
    return board.locator("canvas").get_attribute("aria-label")


def picture(board):
    """The state of the picture that is drawn: arrays of numbers are NumPy arrays, everything else as in `pictures`."""
    return _unpacked(board.locator("canvas").evaluate(PICTURE))


def _unpacked(value, key=""):
    if isinstance(value, dict) and list(value) == ["bytes"]:
        return np.frombuffer(bytes(value["bytes"]), np.uint8 if key == "levels" else "<f4")
    if isinstance(value, dict):
        return {each: _unpacked(inner, each) for each, inner in value.items()}
    return [_unpacked(each) for each in value] if isinstance(value, list) else value


def marks(panel, kind, color=None, **wanted):
    """A panel's marks of one kind and, if given, of one colour and with these properties."""
    wanted |= {"kind": kind} | ({"color": color} if color else {})
    return [mark for mark in panel["marks"] if all(mark.get(key) == value for key, value in wanted.items())]


def texts(panel):
    """All that is written on a panel."""
    return "\n".join([panel["title"], *(mark["words"] for mark in marks(panel, "text"))])


def press(board, key, keys, *, times=1):
    """Press keys on the control of this key, one after the other, and wait for the picture."""
    control = board.locator(f"[data-key={key}]")
    control.focus()
    before = count(board)
    for _ in range(times):
        control.press(keys)
    settle(board, before)


def slide_to(board, key, value):
    """Move a slider to a value by arrow keys, from where it stands or from the end that is nearer."""
    control = board.locator(f"input[data-key={key}]")
    low, high, step = (float(control.get_attribute(name)) for name in ("min", "max", "step"))
    ends = {abs(high - value): "End", abs(value - low): "Home"}
    if min(ends) < abs(float(control.input_value()) - value):
        press(board, key, ends[min(ends)])
    steps = round((value - float(control.input_value())) / step)
    if steps:
        press(board, key, "ArrowRight" if steps > 0 else "ArrowLeft", times=abs(steps))
    assert abs(float(control.input_value()) - value) < step / 2


def choose(board, key, option):
    """Choose an option of a list."""
    control = board.locator(f"select[data-key={key}]")
    if control.input_value() != option:
        before = count(board)
        control.select_option(option)
        settle(board, before)

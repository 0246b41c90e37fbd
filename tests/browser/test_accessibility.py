"""axe-core on every demo and question, in JupyterLab's light and dark theme, and all of them by the Tab key alone."""

from pathlib import Path

import axe_playwright_python
import pytest
from notebook_page import board_in, count, errors_in, run_all, settle

from autograder.course import Course

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CONTROLS = "input, select, button"
pytestmark = pytest.mark.xdist_group("browser")

# Rules that are about whole pages do not apply to a part of somebody else's page.
CHECK = """async root => {
    const found = await axe.run(root, {rules: {region: {enabled: false}}, resultTypes: ['violations']});
    return found.violations.map(({id, impact, nodes}) =>
        ({id, impact, where: nodes.map(node => node.html.slice(0, 150) + ' ' + node.failureSummary)}));
}"""
# The control that has the focus, by its place in the board, and whether one sees that.
FOCUS = f"""root => {{
    const at = [...root.querySelectorAll('{CONTROLS}')].indexOf(document.activeElement);
    const style = getComputedStyle(document.activeElement);
    return [at, at >= 0 && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2];
}}"""


def boards(page, cells):
    """Each board of a notebook that has been run, brought into view, with its cell's name."""
    for cell in cells:
        if cell["name"].startswith(("demo-", "question-")):
            yield cell["name"], board_in(page, cell["name"])


def serious(board):
    return [each for each in board.evaluate(CHECK) if each["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("lesson", Course().graded_lessons)
def test_axe_finds_nothing_serious_and_tab_reaches_every_control(page, lab, lesson, tmp_path):
    cells = run_all(page, lab, f"solution/{lesson}/{lesson}.ipynb")
    assert not [cell["name"] for cell in cells if errors_in(cell)]
    _tab_reaches_every_control_and_leaves_again(page, cells)
    _axe_finds_nothing_serious(page, cells, tmp_path)


def _axe_finds_nothing_serious(page, cells, screenshots):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {}
    for theme, name in THEMES.items():
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        page.wait_for_function(f"() => document.body.dataset.jpThemeName === '{name}'")
        page.wait_for_timeout(300)
        for cell, board in boards(page, cells):
            page.wait_for_function(
                "([board, dark]) => board.classList.contains('mlp-dark') === dark",
                arg=[board.element_handle(), theme == "dark"],
            )
            if cell.startswith("question-"):
                for reply in _replies(page, board):
                    found[theme, cell, reply] = serious(board)
            else:
                board.evaluate("root => root.querySelector('.mlp-trouble').textContent = 'Your code stopped.'")
                found[theme, cell] = serious(board)
            board.screenshot(path=screenshots / f"{theme}-{cell}.png")
    assert not {place: violations for place, violations in found.items() if violations}
    assert len(found) >= 2 * len([cell for cell in cells if cell["name"].startswith(("demo-", "question-"))])


def _replies(page, board):
    """Give answers by the keyboard until there was a right and a wrong one; yields whenever a reply stands there."""
    check, reply = board.locator("button"), board.locator(".mlp-reply")
    options = board.locator("input[type=radio]")
    if not options.count():
        board.locator("input").fill("123456")
        check.press("Enter")
        page.wait_for_function("reply => reply.textContent !== ''", arg=reply.element_handle())
        yield "wrong"
        return
    for place in range(options.count()):
        options.nth(place).focus()
        options.nth(place).press("Space")
        check.press("Enter")
        page.wait_for_function("reply => reply.textContent !== ''", arg=reply.element_handle())
        yield options.nth(place).input_value()


def _tab_reaches_every_control_and_leaves_again(page, cells):
    for name, board in boards(page, cells):
        # Of a group of radio buttons, Tab reaches the chosen one, or the first; arrow keys choose among them.
        radios = board.locator("input[type=radio]").count()
        controls = board.locator(CONTROLS).count()
        wanted = [at for at in range(controls) if at == 0 or at >= radios]
        stops = board.locator(CONTROLS).evaluate_all("controls => controls.every(each => each.tabIndex === 0)")
        assert stops, f"{name}: the Tab key passes over a control, or takes them in another order"
        board.locator(CONTROLS).first.focus()
        page.keyboard.press("Shift+Tab")
        assert board.evaluate(FOCUS)[0] == -1, f"{name}: Shift+Tab does not leave it"
        board.locator(CONTROLS).first.focus()  # what JupyterLab shows before it may have changed meanwhile
        reached = []
        for _ in range(controls + 1):
            at, visible = board.evaluate(FOCUS)
            if at < 0:
                break
            reached.append(at)
            assert visible, f"{name}: control {at} has the focus, and one does not see it"
            page.keyboard.press("Tab")
        assert reached == wanted, name
        if radios:
            board.locator("input[type=radio]").first.focus()
            page.keyboard.press("ArrowDown")
            assert board.locator("input[type=radio]").nth(1).is_checked(), name
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            board.locator(".mlp-reply b").wait_for()


def test_the_words_are_read_out_when_a_slider_rests(page, lab):
    run_all(page, lab, "solution/01_perceptron/01_perceptron.ipynb")
    board = board_in(page, "demo-line")
    slider, before = board.locator("input[type=range]").first, count(board)
    slider.press("ArrowRight")
    settle(board, before)
    status = board.locator("[role=status]").last
    page.wait_for_timeout(1000)
    assert status.text_content() == board.locator("canvas").get_attribute("aria-label")
    assert slider.get_attribute("aria-valuetext") == board.locator("output").first.inner_text()

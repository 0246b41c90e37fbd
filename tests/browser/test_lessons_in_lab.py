"""The lessons in a real JupyterLab: what a student sees before writing anything, and sliders that move."""

import pytest

from autograder.course import Course

LESSONS = Course().lesson_names
GRADED = Course().graded_lessons
pytestmark = pytest.mark.xdist_group("browser")

CELLS = """() => jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => ({
        name: (cell.model.getMetadata('nbgrader') || {}).grade_id || cell.model.getMetadata('name'),
        test: !!(cell.model.getMetadata('nbgrader') || {}).grade,
        count: cell.model.executionCount,
        outputs: cell.model.outputs.toJSON(),
    }))"""


def run_all(page, lab, kind, lesson):
    """Open a notebook, run all its cells, and return what they put out."""
    page.goto(f"{lab}/lab/tree/{kind}/{lesson}/{lesson}.ipynb?reset")
    page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(f"() => ({CELLS})().every(cell => cell.count !== null)", timeout=60_000)
    return page.evaluate(CELLS)


def errors_in(cell):
    return [output for output in cell["outputs"] if output["output_type"] == "error"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_run_all_reaches_the_end_with_nothing_written(page, lab, lesson):
    cells = run_all(page, lab, "release", lesson)
    assert cells[-1]["count"] == len(cells)
    for cell in cells:
        assert bool(errors_in(cell)) == cell["test"], cell["name"]
        assert all("nothing yet" in error["evalue"] for error in errors_in(cell)), cell["name"]
        assert not [output for output in cell["outputs"] if output.get("name") == "stderr"], cell["name"]


@pytest.mark.parametrize("lesson", GRADED)
def test_sliders_move_and_the_picture_follows(page, lab, lesson):
    cells = run_all(page, lab, "solution", lesson)
    assert not [cell["name"] for cell in cells if errors_in(cell)]
    demos = [cell["name"] for cell in cells if cell["name"].startswith("demo-")]
    assert len(demos) >= 2
    for index in range(len(demos)):
        # JupyterLab renders a cell when it comes into view, so scroll there first.
        page.evaluate(
            """name => {
                const notebook = jupyterapp.shell.currentWidget.content;
                const at = notebook.widgets.findIndex(cell => cell.model.getMetadata('name') === name);
                notebook.activeCellIndex = at;
                return notebook.scrollToItem(at, 'start');
            }""",
            demos[index],
        )
        demo = page.locator(".jp-Cell.jp-mod-active .mlp-demo").first
        demo.wait_for(timeout=20_000)
        for handle in demo.locator(".noUi-handle").all():
            image = demo.locator("img")
            before, alt = image.get_attribute("src"), image.get_attribute("alt")
            handle.focus()
            at_the_end = float(handle.get_attribute("aria-valuenow")) >= float(handle.get_attribute("aria-valuemax"))
            handle.press("ArrowLeft" if at_the_end else "ArrowRight")
            page.wait_for_function(
                "([image, before]) => image.isConnected ? image.src !== before : true",
                arg=[image.element_handle(), before],
                timeout=10_000,
            )
            assert demo.locator("img").get_attribute("src") != before, demos[index]
            assert demo.locator("img").get_attribute("alt") != alt, demos[index]

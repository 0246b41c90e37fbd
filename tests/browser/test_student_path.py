"""A student's way through lesson 1 in a real JupyterLab, from opening it to nbgrader's Validate."""

import nbformat
import pytest
from notebook_page import NOTEBOOK, go_to, open_notebook

from autograder.course import Course

LESSON = "01_perceptron"
pytestmark = pytest.mark.xdist_group("browser")


def run(page, name):
    """Run a cell as a person does, by Shift+Enter, and return the words that come out."""
    cell = go_to(page, name)
    before = page.evaluate(f"() => {NOTEBOOK}.content.activeCell.model.executionCount")
    handle = page.evaluate_handle(f"() => {NOTEBOOK}.content.activeCell")
    cell.focus()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        "([cell, before]) => cell.model.executionCount !== null && cell.model.executionCount !== before",
        arg=[handle, before],
    )
    return go_to(page, name).locator(".jp-OutputArea").inner_text()


def type_over_last_line(page, name, line):
    """Put the cursor at the end of a cell, and type over the words of its last line."""
    go_to(page, name).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Home")
    page.keyboard.type(line)


def validate(page):
    """What nbgrader says to the button "Validate" of the notebook's toolbar."""
    page.get_by_text("Validate", exact=True).click()
    said = page.locator(".jp-Dialog #validation-message")
    said.wait_for(timeout=60_000)
    words = said.inner_text()
    page.locator(".jp-Dialog").get_by_role("button").last.click()
    said.wait_for(state="detached")
    return words


def test_a_wrong_answer_then_a_right_one_then_validate(page, lab):
    open_notebook(page, lab, f"student/{LESSON}/{LESSON}.ipynb")
    assert run(page, "setup").strip() == ""
    run(page, "exercise-1-1")
    assert "nothing yet" in run(page, "test-1-1")

    type_over_last_line(page, "exercise-1-1", "return x @ w")
    run(page, "exercise-1-1")
    message = run(page, "test-1-1")
    assert "✗ 1.1" in message and "b" in message, message

    type_over_last_line(page, "exercise-1-1", "return x @ w + b")
    run(page, "exercise-1-1")
    assert run(page, "test-1-1").startswith("✓ 1.1")

    verdict = validate(page)
    assert "✗ 1.1" not in verdict
    assert "The following cell failed" in verdict and "✗ 1.2 `perceptron` returns nothing yet" in verdict

    solution = nbformat.read(Course().solutions / LESSON / f"{LESSON}.ipynb", as_version=4)
    for cell in solution.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.startswith("exercise-") and grade_id != "exercise-1-1":
            go_to(page, grade_id)
            page.evaluate(f"source => {NOTEBOOK}.content.activeCell.model.sharedModel.setSource(source)", cell.source)
    assert validate(page) == "Success! Your notebook passes all the tests."

"""The lessons in a real JupyterLab: what a student sees before writing anything."""

import pytest
from notebook_page import errors_in, run_all

from autograder.course import Course

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("lesson", Course().lesson_names)
def test_run_all_reaches_the_end_with_nothing_written(page, lab, lesson):
    cells = run_all(page, lab, f"release/{lesson}/{lesson}.ipynb")
    assert cells[-1]["count"] == len(cells)
    for cell in cells:
        assert bool(errors_in(cell)) == cell["test"], cell["name"]
        assert all("nothing yet" in error["evalue"] for error in errors_in(cell)), cell["name"]
        assert not [output for output in cell["outputs"] if output.get("name") == "stderr"], cell["name"]

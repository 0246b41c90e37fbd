"""What nbgrader's pages show and what not: no hidden tests, no markup of a student's."""

from __future__ import annotations

import html

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor


class HideTestTracebacks(NbGraderPreprocessor):
    """Leave of a test cell's error the message alone: the traceback quotes the lines of hidden tests."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [_message(output)]
        return cell, resources


class DescribeImages(NbGraderPreprocessor):
    """Make an image's text form its alt text, and keep its size if it is one.

    All other metadata is dropped, for templates write it into the page without quotes.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        for output in cell.get("outputs", []):
            if "data" in output:
                words = output.data.get("text/plain", "")
                # matplotlib's own is no description: "<Figure size 640x480 with 1 Axes>"
                described = words and not words.startswith("<")
                given = output.metadata.get("image/png")
                given = given if isinstance(given, dict) else {}
                kept = {key: given[key] for key in ("width", "height") if type(given.get(key)) is int}
                output.metadata = NotebookNode({"image/png": {**kept, "alt": words} if described else kept})
        return cell, resources


class EscapeNames(NbGraderPreprocessor):
    """Escape what formgrader's page writes into its head as it is: the names that a student has in the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        for name in ("student", "first_name", "last_name", "notebook_path"):
            if resources.get(name):
                resources[name] = html.escape(resources[name])
        return nb, resources


def _message(error: NotebookNode) -> str:
    """What an error says, in one line as Python does; a check's message speaks for itself."""
    return error.evalue if error.ename == "CheckError" else f"{error.ename}: {error.evalue}"

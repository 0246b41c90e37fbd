"""What feedback shows and what not: no hidden tests, nothing that would run in the reader's browser."""

from __future__ import annotations

import bleach
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

# fmt: off
_TAGS = bleach.ALLOWED_TAGS | {
    "br", "dd", "del", "details", "div", "dl", "dt", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "img", "figcaption", "p", "pre", "span", "sub", "summary", "sup", "table", "tbody", "td",
    "th", "thead", "tr",
}
# fmt: on
_ATTRIBUTES = {"*": ["class", "id", "title"], "a": ["href"], "img": ["alt", "src", "width", "height"]}


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


def safe_markdown(source: str) -> str:
    """Markdown as HTML with none but harmless tags: nbgrader's templates pass on what a student wrote."""
    return bleach.clean(markdown2html(source), tags=_TAGS, attributes=_ATTRIBUTES)


def _message(error: NotebookNode) -> str:
    """What an error says, in one line as Python does; a check's message speaks for itself."""
    return error.evalue if error.ename == "CheckError" else f"{error.ename}: {error.evalue}"

"""A student's Markdown without anything that would run in a reader's browser."""

from __future__ import annotations

import html
import re

import bleach
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MAX_MARKDOWN = 20_000  # characters: rendering some texts takes a time that grows with the square of their length

# fmt: off
_TAGS = bleach.ALLOWED_TAGS | {
    "br", "dd", "del", "details", "div", "dl", "dt", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "img", "figcaption", "p", "pre", "span", "sub", "summary", "sup", "table", "tbody", "td",
    "th", "thead", "tr",
}
# fmt: on
_FILE = r"(?!.*\.\.)[\w(](?:[\w .()/+=~@,-]|%20)*"  # beside the page, nowhere else on its server
_ATTRIBUTES = {
    # An id would stand in the way of formgrader's own, a class could lay a text over the page.
    ("", "class"): r"highlight|anchor-link|language-[\w+-]+|[a-z]{1,3}\d?",
    ("", "title"): r".*",
    ("a", "href"): rf"https?://.*|mailto:.*|#.*|{_FILE}(?:#.*)?",
    ("details", "open"): r".*",
    ("img", "alt"): r".*",
    ("img", "height"): r"\d+",
    ("img", "src"): rf"data:image/(?:gif|jpeg|png|webp);base64,[\w+/=]*|{_FILE}",
    ("img", "width"): r"\d+",
    ("ol", "start"): r"\d+",
}
# What nbconvert makes of plain Markdown besides.
_MADE = {
    **{(tag, "style"): r"text-align:\s*(?:left|right|center);?" for tag in ("td", "th")},
    **{(f"h{level}", "id"): r".*" for level in range(1, 7)},
}
# A tag that no reader of HTML takes for another one.
_TAG = re.compile(r'<(/?)([a-z]+[1-6]?)((?: [a-z]+="[^"<>]*")*) ?/?>')
_EMPTY = {"br", "hr", "img"}


@pass_context
def safe_markdown(context, source: str) -> str:
    """Markdown as HTML with none but harmless tags: nbgrader's templates pass on what a student wrote.

    context: the template's, whose cell may have pictures attached
    """
    rendered = _rendered(source, _Renderer(escape=False, attachments=context.get("cell", {}).get("attachments", {})))
    return bleach.clean(rendered, tags=_TAGS, attributes=_is_allowed, protocols=[*bleach.ALLOWED_PROTOCOLS, "data"])


def harmless_markdown(source: str, attachments: dict) -> str:
    """A student's Markdown: as it is if any program may show it as HTML, else in a block of code.

    attachments: its cell's, by name and by media type
    """
    if len(source) <= MAX_MARKDOWN and _is_harmless(source, attachments):
        return source
    fence = "`" * (2 + max([1, *map(len, re.findall("`+", source))]))
    as_code = f"{fence}\n{source}\n{fence}"
    return as_code if _is_harmless(as_code, {}) else "(This text cannot be shown.)"


def _is_harmless(source: str, attachments: dict) -> bool:
    """Whether nbconvert can render a text, each < that then stands in it begins a harmless tag, and each tag ends."""
    try:
        rendered = _rendered(source, IPythonRenderer(escape=False, attachments=attachments))
    except Exception:  # the text decides what goes wrong in mistune and pygments
        return False
    inside = []
    for text in re.findall(r"<[^<>]*>?", rendered):
        found = _TAG.fullmatch(text)
        if not found or found[2] not in _TAGS or not _has_harmless_attributes(found[2], found[3]):
            return False
        if not found[1] and found[2] not in _EMPTY:
            inside.append(found[2])
        elif found[1] and (not inside or inside.pop() != found[2]):
            return False
    return not inside


def _has_harmless_attributes(tag: str, attributes: str) -> bool:
    return all(
        _is_allowed(tag, name, html.unescape(value)) or re.fullmatch(_MADE.get((tag, name), r"(?!)"), value)
        for name, value in re.findall(r' ([a-z]+)="([^"]*)"', attributes)
    )


def _is_allowed(tag: str, name: str, value: str) -> bool:
    pattern = _ATTRIBUTES.get((tag, name)) or _ATTRIBUTES.get(("", name))
    return bool(pattern and re.fullmatch(pattern, value, re.DOTALL))


def _rendered(source: str, renderer: IPythonRenderer) -> str:
    return MarkdownWithMath(renderer).render(source)


class _Renderer(IPythonRenderer):
    def image(self, text: str, url: str, title: str | None = None) -> str:
        """As it was, but a picture that is missing is no error, which would keep the whole page from being made."""
        missing = url.startswith("attachment:") and url.removeprefix("attachment:") not in self.attachments
        return html.escape(text) if missing else super().image(text, url, title)

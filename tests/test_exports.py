"""What a reader sees of the demos and questions where no kernel runs: in nbconvert's HTML, and on GitHub."""

import base64
import copy
import io
import json
from functools import cache

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from autograder.course import ROOT, SLIDES, Course
from mlp_helpers import questions, sliders, still
from mlp_helpers.pictures import Panel, Picture

LESSONS = [*Course().lesson_names, SLIDES]
WIDGET = "application/vnd.jupyter.widget-view+json"

# GitHub shows one form of an output, the first of these that there is, as nbconvert does without its widgets. It shows
# HTML without what its pages do not allow: scripts, styles, forms, and all attributes but a few. In Markdown it keeps
# <img alt="…"> and drops the address if that is a data: URI. In a notebook's HTML it has shown such pictures (vispy's
# jupyter_rfb relies on it), but nowhere promises to: so both are tried here.
GITHUB = ["text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain"]
TAGS = {
    "a", "b", "br", "code", "details", "div", "em", "figcaption", "figure", "h1", "h2", "h3", "i", "img", "li", "ol",
    "p", "pre", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"align", "alt", "height", "href", "open", "src", "title", "width"}


def on_github(data, pictures):
    """The form of an output that GitHub shows, cleaned: (MIME type, soup). pictures: whether data: URIs are kept"""
    kind = next((kind for kind in GITHUB if kind in data), None)
    soup = soup_of(data[kind] if kind == "text/html" else "")
    for tag in soup.find_all(["script", "style"]):
        tag.decompose()
    for tag in soup.find_all(True):
        tag.attrs = {
            name: value for name, value in tag.attrs.items()
            if name in ATTRIBUTES and (value.startswith("http") or name not in ("href", "src")
                                       or (pictures and value.startswith("data:image/")))
        }  # fmt: skip
        if tag.name not in TAGS:
            tag.unwrap()
    return kind, soup


def soup_of(html):
    return BeautifulSoup(html, "html.parser")


@cache
def notebook(lesson):
    folder = ROOT / SLIDES if lesson == SLIDES else Course().solutions / lesson
    return nbformat.read(folder / f"{lesson}.ipynb", as_version=4)


def cells(lesson, kind):
    """The cells with a demo or with a question."""
    return [cell for cell in notebook(lesson).cells if str(cell.metadata.get("name", "")).startswith(f"{kind}-")
            and cell.cell_type == "code"]  # fmt: skip


def shown(cell):
    """What the cell displays: the data of its only output with more than printed text."""
    (output,) = [output for output in cell.outputs if output.output_type != "stream"]
    assert output.output_type == "display_data"
    return output.data


@cache
def page(lesson):
    """The page that `jupyter nbconvert --to html` makes of the notebook."""
    return soup_of(export(notebook(lesson)))


def export(nb):
    return HTMLExporter().from_notebook_node(copy.deepcopy(nb))[0]


def outputs_in(soup, cell):
    return soup.find(id=f"cell-id={cell.id}").select(".jp-OutputArea-output")


def check_nothing_waits(soup):
    """No output that a kernel, a script or another host has to fill, and none that is data."""
    assert not soup.select('script[type^="application/"]')
    for output in soup.select(".jp-OutputArea-output"):
        assert not output.select("script, iframe, object, form, .jupyter-widgets"), output
        assert not [tag["src"] for tag in output.select("[src]") if not tag["src"].startswith("data:image/")]
        text = output.get_text()
        assert not text.lstrip().startswith(("{", "[{")), text
        assert not [word for word in ("application/", "model_id", "displaying widget", "Board(") if word in text], text


def check_words(words):
    """An alternative text that says what there is to see now, not only what it is about."""
    assert len(words.split()) >= 10 and any(character.isdigit() for character in words), words
    assert "<" not in words and "No description" not in words and "nan" not in words.split(), words


def check_picture(image):
    """An <img> with a PNG in it that is a picture, as sharp as the stills are, and with words."""
    check_words(image["alt"])
    kind, _, encoded = image["src"].partition(",")
    assert kind == "data:image/png;base64"
    size = [int(image["width"]), int(image["height"])]
    assert 300 <= size[0] <= 900 and 200 <= size[1] <= 600, size
    check_png(encoded, size)


def check_png(encoded, size):
    picture = Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)))
    assert picture.format == "PNG"
    assert picture.size == pytest.approx([still.SCALE * side for side in size], abs=1)
    inked = (np.asarray(picture.convert("L")) < 250).mean()
    assert 0.01 < inked < 0.9 and len(picture.convert("RGB").getcolors(256)) > 16, f"{inked:.1%} of it is drawn"


def check_demo(outputs, caption):
    (image,) = [image for output in outputs for image in output.select("img")]
    check_picture(image)
    text = " ".join(output.get_text(" ", strip=True) for output in outputs)
    assert caption in text and image["alt"] not in text, text


def check_question(soup):
    """The answer is to be had, but not to be seen before it is asked for."""
    (answer,) = soup.select("details")
    assert not answer.has_attr("open")
    assert answer.summary.get_text() == "Decide first, then open the answer"
    assert "The answer: " in answer.get_text() and len(answer.select("p")) >= 2
    options = [option.get_text() for option in soup.select("ul > li")]
    assert [paragraph.b.get_text() for paragraph in answer.select("p")[1:]] == options or not options
    answer.extract()
    assert "The answer" not in soup.get_text() and soup.get_text(strip=True) == "".join(options)


def test_there_are_demos_and_questions_to_look_at():
    assert sum(len(cells(lesson, "demo")) for lesson in LESSONS[:-1]) >= 15
    assert sum(len(cells(lesson, "question")) for lesson in LESSONS[:-1]) >= 25
    assert len(cells(SLIDES, "demo")) >= 12


# As HTML.


@pytest.mark.parametrize("lesson", LESSONS)
def test_in_html_each_demo_is_a_picture_with_words_and_each_question_a_text(lesson):
    soup = copy.copy(page(lesson))
    check_nothing_waits(soup)
    for cell in cells(lesson, "demo"):
        caption = shown(cell)["text/plain"].partition("\n")[0]
        assert caption.startswith("Figure ")
        check_demo(outputs_in(soup, cell), caption)
    for cell in cells(lesson, "question"):
        (output,) = outputs_in(soup, cell)
        check_question(output)


@pytest.mark.parametrize("lesson", LESSONS)
def test_in_html_no_picture_is_without_words(lesson):
    for image in page(lesson).select(".jp-OutputArea-output img"):
        assert len(image["alt"].split()) >= 5 and "No description" not in image["alt"]


def as_saved(monkeypatch, show):
    """A notebook that a reader has saved after a cell that calls show(): the widget's view is in it, no state of it."""
    outputs = []

    def display(data, *, raw, metadata):
        outputs.append(new_output("display_data", data=json.loads(json.dumps(data)), metadata=metadata or {}))

    monkeypatch.setattr("IPython.display.display", display)
    show()
    assert WIDGET in outputs[0].data
    return new_notebook(cells=[new_code_cell(outputs=outputs)])


def one_line(first):
    panel = Panel("a line", "x", "y", xlim=(0, 1), ylim=(0, 1))
    panel.line([0, 1], [0, first], "red")
    panel.heat([[0.0, 0.2, 0.9]])
    return Picture([panel], f"A red line from (0, 0) to (1, {first}), over three tints.", size=(400, 300))


def a_demo():
    controls = {"first": sliders.Slider("slope", 0.0, 1.0, 0.1, 0.5)}
    sliders.show(one_line, controls, caption="Figure 1.1: a line & a slope.")


def a_question():
    questions.choice({"1 < 2": "So it is.", "2 < 1": "Count again."}, "1 < 2")


def test_a_notebook_that_a_reader_saved_shows_the_stills_too(monkeypatch):
    for show, check in [
        (a_demo, lambda soup: check_demo(soup.select(".jp-OutputArea-output"), "Figure 1.1: a line & a slope.")),
        (a_question, lambda soup: check_question(soup.select_one(".jp-OutputArea-output"))),
    ]:
        nb = as_saved(monkeypatch, show)
        soup = soup_of(export(nb))
        check_nothing_waits(soup)
        check(soup)
        assert on_github(nb.cells[0].outputs[0].data, pictures=False)[0] == "text/html"


# On GitHub.


@pytest.mark.parametrize("lesson", LESSONS)
def test_github_knows_a_form_of_every_output(lesson):
    for cell in notebook(lesson).cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                assert on_github(output.data, pictures=True)[0], (cell.id, list(output.data))
                assert not [kind for kind in output.data if kind.startswith("application/")], cell.id


@pytest.mark.parametrize("lesson", LESSONS)
def test_github_shows_each_demo_as_a_picture_or_at_least_in_words(lesson):
    for cell in cells(lesson, "demo"):
        data = shown(cell)
        caption, _, words = data["text/plain"].partition("\n")
        for pictures in (True, False):
            kind, soup = on_github(data, pictures)
            assert kind == "text/html"
            assert soup.get_text() == soup_of(data["text/html"]).get_text() == caption
            assert soup.img["alt"] == words
            if pictures:
                check_picture(soup.img)
            else:
                assert not soup.img.has_attr("src")
                check_words(soup.img["alt"])


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_viewer_that_shows_no_html_has_the_picture_and_its_words(lesson):
    for cell in cells(lesson, "demo"):
        (output,) = [output for output in cell.outputs if output.output_type != "stream"]
        about = output.metadata["image/png"]
        check_words(about["alt"])
        check_png(output.data["image/png"], [about["width"], about["height"]])
        assert output.data["text/plain"].endswith(f"\n{about['alt']}")


@pytest.mark.parametrize("lesson", LESSONS)
def test_github_shows_each_question_with_its_answer_folded(lesson):
    for cell in cells(lesson, "question"):
        kind, soup = on_github(shown(cell), pictures=False)
        assert kind == "text/html"
        assert soup.get_text() == soup_of(shown(cell)["text/html"]).get_text()
        check_question(soup)


def test_what_github_takes_away():
    picture = '<form><img alt="a b" src="data:image/png;base64,AA"></form>'
    html = f'<figure style="margin: 0" onclick="x()" data-a="1">{picture}</figure><script>y()</script>'
    _, soup = on_github({"text/plain": "words", "text/html": html}, pictures=False)
    assert str(soup) == '<figure><img alt="a b"/></figure>'
    assert on_github({WIDGET: {}, "text/plain": "words"}, pictures=False) == ("text/plain", soup_of(""))
    assert on_github({WIDGET: {}, "application/json": {}}, pictures=False)[0] is None

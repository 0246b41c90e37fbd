"""The palette on a light and on a dark page: contrast as WCAG counts it."""

import re
from pathlib import Path

import pytest

from mlp_helpers.plots import CLASS_NAMES, THEMES

CSS = (Path(__file__).parent.parent / "mlp_helpers" / "board.css").read_text(encoding="utf-8")
MARKS = [*CLASS_NAMES, "grey", "ink"]


def luminance(color):
    levels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]
    return sum(share * level for share, level in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def css(theme):
    """The colours that board.css gives to the board in this theme."""
    selector = {"light": r"\.mlp-board", "dark": r"\.mlp-board\.mlp-dark"}[theme]
    block = re.search(rf"^{selector} {{(.*?)}}", CSS, re.MULTILINE | re.DOTALL)[1]
    return dict(re.findall(r"--([\w-]+): (#\w{6})", block))


def test_black_on_white_has_the_contrast_that_the_standard_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_words_stand_out_from_the_ground(theme):
    colors = THEMES[theme]
    inks = {name: colors["words"].get(name, colors[name]) for name in MARKS}
    assert {name: ink for name, ink in inks.items() if contrast(ink, colors["ground"]) < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_marks_stand_out_from_the_ground(theme):
    colors = THEMES[theme]
    assert {name: colors[name] for name in MARKS if contrast(colors[name], colors["ground"]) < 3} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_ink_stands_out_from_every_tint_of_a_heat_map(theme):
    colors = THEMES[theme]
    tints = [*colors["diverging"], *colors["regions"]]
    assert [tint for tint in tints if contrast(tint, colors["ink"]) < 4.5] == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_board_around_the_picture_stands_out_too(theme):
    colors = css(theme)
    assert colors["ground"].upper() == THEMES[theme]["ground"]
    for name in ("ink", "good", "bad"):
        assert contrast(colors[name], colors["ground"]) >= 4.5, name
    assert contrast(colors["on-accent"], colors["accent"]) >= 4.5
    assert contrast(colors["line"], colors["ground"]) >= 3, "the borders of controls"
    assert contrast(colors["accent"], colors["ground"]) >= 3, "sliders and the ring of the focus"

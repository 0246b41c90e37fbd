"""What a control makes of what a browser sends, nonsense included."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlp_helpers.controls import Choice, Entry, Options, Press, Slider, Steps, Training

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NONSENSE = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(), SCALARS, max_size=2)
CONTROLS = {
    "whole": Slider("n", 1, 9, 2, 3),
    "broken": Slider("η", 0.05, 2, 0.05, 0.5),
    "steps": Steps("epoch", [1, 10, 100], 1),
    "choice": Choice("table", {"OR": "or", "XOR": "xor"}, "OR"),
    "options": Options("answer", ["a", "b"]),
    "entry": Entry("number"),
    "press": Press("again"),
    "training": Training("training"),
}
ALLOWED = {
    "whole": lambda value: type(value) is int and 1 <= value <= 9,
    "broken": lambda value: type(value) is float and 0.05 <= value <= 2,
    "steps": lambda value: type(value) is int and 0 <= value <= 2,
    "choice": lambda value: value in ("or", "xor"),
    "options": lambda value: value in (None, "a", "b"),
    "entry": lambda value: type(value) is str and len(value) <= 200,
    "press": lambda value: type(value) is int,
    "training": lambda value: type(value) is int,
}


@pytest.mark.parametrize("name", CONTROLS)
@given(sent=NONSENSE)
def test_nonsense_never_raises_and_never_reaches_a_demo(name, sent):
    control = CONTROLS[name]
    assert ALLOWED[name](control.read(sent))
    if isinstance(sent, list | dict | None):
        assert control.read(sent) == control.read(control.first)


@pytest.mark.parametrize("name", CONTROLS)
def test_the_first_value_is_allowed(name):
    control = CONTROLS[name]
    assert ALLOWED[name](control.read(control.first))


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_can_be_sent(name):
    control = CONTROLS[name]
    assert control.state("k") | {"key": "k", "label": control.label} == control.state("k")
    json.dumps([control.state("k"), control.first], allow_nan=False)


@given(st.floats(allow_nan=False))
def test_sliders_clamp(value):
    assert CONTROLS["broken"].read(value) == min(max(value, 0.05), 2)
    assert CONTROLS["steps"].read(value) == round(min(max(value, 0), 2))


def test_a_slider_keeps_whole_numbers_whole():
    whole, broken = CONTROLS["whole"], CONTROLS["broken"]
    assert [whole.read(value) for value in (7, 7.0, 6.9999, "7", True, float("nan"))] == [7, 7, 7, 3, 3, 3]
    assert [broken.read(value) for value in (1, 0.3, None)] == [1.0, 0.3, 0.5]


def test_numbers_of_numpy_can_be_sent():
    slider = Slider("x", np.int64(0), np.float32(2), np.float32(0.5), np.float32(1))
    json.dumps([slider.state("k"), slider.first])
    assert type(slider.first) is float
    whole = Slider("x", np.int64(0), np.int64(4), np.int64(1), np.int64(1))
    assert type(whole.first) is type(whole.read(3)) is int


@pytest.mark.parametrize(("step", "digits"), [(1, 0), (0.5, 1), (0.25, 2), (1e-5, 5), (1.5, 1)])
def test_a_slider_shows_as_many_digits_as_its_step_has(step, digits):
    assert Slider("x", 0, 10, step, 0).state("k")["digits"] == digits


def test_a_first_value_out_of_range_is_clamped():
    assert Slider("x", 0, 1, 0.1, 7).first == 1
    assert Steps("x", [1, 2], 7).first == 1


def test_the_first_choice_has_to_be_one():
    with pytest.raises(KeyError):
        Choice("x", {"a": 1}, "b").read("a nonsense")


def test_steps_tell_their_words_and_who_plays():
    assert Steps("epoch", [1, 10], 0).state("k")["words"] == ["1", "10"]
    assert [Steps("e", [1], 0, play=play).state("k")["kind"] for play in (False, True)] == ["range", "player"]


def test_counts_count():
    assert [Press("x").read(value) for value in (0, 3, float("inf"), "4")] == [0, 3, 0, 0]
    assert Training("x").read(10**6) == 10**6

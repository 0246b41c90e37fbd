"""Predict-first questions: what each answer is told, and what stands there where no kernel runs."""

import json

import pytest

from mlp_helpers import questions
from mlp_helpers.board import Board

OPTIONS = {"<b>": "It is & it is.", 'a "quote"': "No < yes."}


@pytest.fixture
def asked(monkeypatch):
    """The widgets and stand-ins that are shown: list of (board, data)."""
    shown = []
    monkeypatch.setattr(Board, "show", lambda board, data, metadata=None: shown.append((board, data)))
    return shown


def reply(asked, answer):
    """What the browser is told when this answer is checked."""
    board, _ = asked[-1]
    board.set_state({"values": {"answer": answer, "check": board.values["check"] + 1}})
    json.dumps(board.shown, allow_nan=False)
    return board.shown["reply"]


def of_number(asked, answer, *typed, **more):
    """The verdicts on what was typed: True, False, or None for a nudge."""
    questions.number(answer, right="yes", otherwise="no", **more)
    replies = [reply(asked, each) for each in typed]
    return [each["right"] if each["verdict"] else None for each in replies]


@pytest.mark.parametrize(
    ("answer", "typed"),
    [
        (3.75, ["3.75", "3,75", " 3.75 ", "15/4", "15 / 4", "+3.75", "375e-2", "3.750", "7,5/2", "375%"]),
        (0.75, ["3/4", "75 %", "75%", ".75", "0,75", "-3/-4", "75.0 %"]),
        (-1, ["-1", "−1", "–1", "− 1", "-1.0", "1/-1", "-100 %"]),
        (1000, ["1e3", "1E3", "1000", "1 000", "1\u202f000"]),
        (50, ["50 %", "50", "5e1"]),
        (0, ["0", "-0", "0/5", "0 %"]),
    ],
)
def test_numbers_in_their_usual_spellings(asked, answer, typed):
    assert of_number(asked, answer, *typed) == [True] * len(typed)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "three", "1/0", "1/2/3", "/", "%", "nan", "inf", "-inf", "1e999", "1e999999999", "--1", "1,2,3",
     "0x10", "½", "1/nan", None, 7, [1], {}],
)  # fmt: skip
def test_what_is_no_number_is_asked_for_one(asked, typed):
    assert of_number(asked, 3.75, typed) == [None]
    assert "Type a number" in asked[-1][0].shown["reply"]["text"]


def test_a_wrong_number_is_told_what_it_overlooks(asked):
    questions.number(10, tolerance=0.5, right="yes", wrong={5: "halved", 20: "doubled"}, otherwise="look again")
    told = {"10.4": "yes", "9,5": "yes", "5": "halved", "20.5": "doubled", "11": "look again", "-10": "look again"}
    assert {typed: reply(asked, typed)["text"] for typed in told} == told
    assert reply(asked, "5") == {"right": False, "verdict": "✗ Not quite.", "text": "halved"}
    assert reply(asked, "10") == {"right": True, "verdict": "✓ Yes.", "text": "yes"}


def test_the_right_number_comes_before_a_mistake_that_is_near(asked):
    assert of_number(asked, 1.0, "1.05", tolerance=0.1, wrong={1.1: "a mistake"}) == [True]


def test_a_choice(asked):
    questions.choice(OPTIONS, "<b>")
    assert reply(asked, "<b>") == {"right": True, "verdict": "✓ Yes.", "text": "It is & it is."}
    assert reply(asked, 'a "quote"') == {"right": False, "verdict": "✗ Not quite.", "text": "No < yes."}


@pytest.mark.parametrize("nothing", [None, "c", 3, ["<b>"], {}])
def test_no_choice_is_asked_for_one(asked, nothing):
    questions.choice(OPTIONS, "<b>")
    told = reply(asked, nothing)
    assert (told["right"], told["verdict"]) == (False, "") and "Choose an answer" in told["text"]


def test_the_right_answer_has_to_be_an_option(asked):
    with pytest.raises(ValueError, match="not among the options"):
        questions.choice(OPTIONS, "c")
    assert not asked


def test_the_stand_ins_are_escaped_and_hide_the_answer(asked):
    questions.choice(OPTIONS, "<b>")
    questions.number(2, right="1 < 2", wrong={3: "a & b"}, otherwise="no")
    first, second = (data["text/html"] for _, data in asked)
    assert "<li>&lt;b&gt;</li><li>a &quot;quote&quot;</li>" in first
    assert "It is &amp; it is." in first and "<b><b>" not in first
    before, hidden = first.split("<details>")
    assert "It is" not in before and "The answer: &lt;b&gt;" in hidden
    before, hidden = second.split("<details>")
    assert before == "" and "The answer: 2. 1 &lt; 2" in hidden and "a &amp; b" in hidden
    assert all(set(data) == {"text/html", "text/plain"} for _, data in asked)


def test_questions_do_not_disturb_each_other(asked):
    questions.choice(OPTIONS, "<b>")
    questions.number(2, right="yes", otherwise="no")
    reply(asked, "2")
    assert "reply" not in asked[0][0].shown

"""Each slip that the checks know is provoked, and its message read; what is right passes in any style."""

import math
import re
import subprocess
import sys
import time
import warnings
from collections import namedtuple
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mlp_helpers import checks

N, D, H = 5, 3, 2
RNG = np.random.default_rng(0)
X, DELTA = RNG.normal(size=(N, D)), RNG.normal(size=(N, H))
GRAD_W, GRAD_B = X.T @ DELTA / N, DELTA.sum(axis=0) / N
COLUMN, SQUARE, LOSS = RNG.normal(size=(N, 1)), RNG.normal(size=(4, 4)), 0.728
ROW = np.array([1.7, -2.6, 3.4, 0.3])


def message(value, expected, call=checks.output, **options):
    """What a check says about a function that returns `value`."""

    def weighted_sum(x):
        return value(x) if callable(value) else value

    with pytest.raises(checks.CheckError) as caught:
        call(weighted_sum, X.copy(), **{"exercise": "1.1", "expected": expected, "batch": N, **options})
    assert caught.value.__context__ is None  # IPython looks at it, and so would a traceback
    return str(caught.value)


def digits_in(text):
    return re.findall(r"\d", text.removeprefix("1.1 `weighted_sum`"))


SLIPS = {
    # what is returned, what is expected, what the message says
    "nothing": (None, LOSS, "returns nothing"),
    "ellipsis": (..., LOSS, "returns nothing"),
    "text": ("0.728", LOSS, "should be numbers, but is of type `str`"),
    "dict": ({"loss": LOSS}, LOSS, "should be numbers, but is of type `dict`"),
    "generator": ((a for a in ROW), ROW, "should be numbers, but is of type `generator`"),
    "stand-in": (type("Proxy", (), {"__unwritten__": False})(), LOSS, "should be numbers, but is an object"),
    "function": (lambda x: np.exp, LOSS, "should be numbers, but is a function. Where is it called"),
    "text array": (np.array(["a", "b"]), ROW, "should be numbers, but holds something else"),
    "ragged": ([[1.0, 2.0], [3.0]], GRAD_W, "rows have different lengths"),
    "two results in one": ((1.0, np.ones((2, 3))), LOSS, "several arrays or numbers, of different shapes"),
    "transposed": (GRAD_W.T, GRAD_W, "looks transposed"),
    "row, column": (COLUMN.T, COLUMN, "looks transposed"),
    "broadcast": (COLUMN - COLUMN[:, 0], COLUMN, "It was broadcast to (N, N)"),
    "broadcast flat": (COLUMN - COLUMN[:, 0], COLUMN[:, 0], "It was broadcast to (N, N)"),
    "not summed": (DELTA, GRAD_B, "There is still one row for each sample"),
    "not averaged": (COLUMN[:, 0], LOSS, "There is still one number for each sample"),
    "wrong axis": (DELTA.sum(axis=1), GRAD_B, "one number for each sample. Which axis should disappear, and"),
    "kept axis": (GRAD_B[None, :], GRAD_B, "An axis of length one is left over"),
    "kept axes": (np.array([[LOSS]]), LOSS, "An axis of length one is left over"),
    "dropped axis": (COLUMN[:, 0], COLUMN, "An axis of length one is missing"),
    "moved axis": (np.ones((4, 1, 2)), np.ones((1, 4, 2)), "axis of length one stands elsewhere"),
    "to a number": (0.5, GRAD_W, "Everything has become a single number"),
    "lost axis": (GRAD_W.sum(axis=1), GRAD_W, "An axis is gone that should stay"),
    "extra axis": (np.ones((D, H, 7)), GRAD_W, "an axis too many"),
    "flattened": (GRAD_W.ravel(), GRAD_W, "arrangement is not"),
    "grown to N": (np.ones((3, N)), np.ones((3, 1)), "one entry for each sample. Which two shapes meet"),
    "not added up": (np.ones((N, 3)), COLUMN, "Which step should bring its entries together"),
    "columns": (np.ones((D, 4)), GRAD_W, "too many columns; the rest of the shape is right"),
    "entries": (ROW[:3], ROW, "too few entries"),
    "other shape": (np.ones((7, 4)), GRAD_W, "What does each axis stand for"),
    "empty": (np.ones(0), GRAD_W, "What does each axis stand for"),
    "boolean": (ROW > 0, ROW, "holds True and False"),
    "integers": (ROW.astype(int), ROW, "holds integers"),
    "complex": (ROW + 0j, ROW, "holds complex numbers"),
    "objects": (ROW.astype(object), ROW, "holds Python objects"),
    "not integers": (np.array([1.0, 2.0]), np.array([1, 2]), "where integers are expected"),
    "not boolean": (np.array([1, 0]), np.array([True, False]), "should hold True and False"),
    "NaN": (np.where(ROW > 2, np.nan, ROW), ROW, "Where could zero be divided by zero"),
    "inf": (np.where(ROW > 2, np.inf, ROW), ROW, "How large can the argument of `exp` become"),
    "zeros": (np.zeros((D, H)), GRAD_W, "All of it is zero"),
    "zero": (0.0, LOSS, "It is zero"),
    "sign": (-GRAD_W, GRAD_W, "The sign is flipped, the size is right"),
    "sign of a number": (-LOSS, LOSS, "The sign is flipped"),
    "twice": (2 * GRAD_W, GRAD_W, "It is twice what is expected"),
    "half": (LOSS / 2, LOSS, "It is half of what is expected"),
    "minus twice": (-2 * GRAD_W, GRAD_W, "It is twice what is expected, and the sign is flipped"),
    "N": (N * GRAD_W, GRAD_W, "What does the formula do with N"),
    "-N": (-N * GRAD_W, GRAD_W, "What does the formula do with N"),
    "1/N": (GRAD_W / N, GRAD_W, "How often do you divide by N"),
    "N/2": (N * LOSS / 2, LOSS, "What stands before the sum"),
    "2/N": (2 * GRAD_W / N, GRAD_W, "What stands before the sum"),
    "factor": (0.75 * GRAD_W, GRAD_W, "Which factor is missing, there twice"),
    "transposed square": (SQUARE.T, SQUARE, "rows and columns have changed places"),
    "divided by columns, too": (LOSS / 3, LOSS, "By which number do you divide, and by which does the formula"),
    "cut off": (np.maximum(0, ROW), ROW, "What should be negative is zero, the rest is right"),
    "tiny": (np.array([1.0, 0.5, 1e-8]), np.array([1.0, 0.5, 4e-10]), "Where do small ones lose their digits"),
    "two small numbers": ([1, 1], [1.5, 0.5], "Work one entry out by hand"),
    "one entry": (np.array([1.7, 9.0, 3.4, 0.3]), ROW, "entry is wrong. What is special about the input behind it"),
    "truncated": (np.trunc(ROW), ROW, "All that follows the decimal point is cut off"),
    "floored": (np.floor(ROW), ROW, "the whole numbers next to the expected ones"),
    "rounded": (np.round(GRAD_W, 3), GRAD_W, "the expected result, rounded"),
    "float32": (GRAD_W.astype(np.float32), GRAD_W, "Where does the precision go"),
    "approximation": (GRAD_W * (1 + 1e-5 * np.arange(1, 7).reshape(D, H)), GRAD_W, "an approximation"),
    "epsilon": (np.log(0.3 + 1e-6), np.log(0.3), "an approximation"),
    "offset": (GRAD_W - 0.5, GRAD_W, "Each entry is too small by"),
    "bias forgotten": (X + np.array([0.1, 0.2, -0.3]), X, "Each row is off by the same amounts"),
    "some signs": (np.abs(GRAD_W), GRAD_W, "some signs are flipped"),
    "reversed": (X[::-1], X, "in reverse order"),
    "reordered": (X[[3, 1, 4, 0, 2]], X, "in another order"),
    "averaged away": (np.full((D, H), GRAD_W.mean()), GRAD_W, "All entries are the same"),
    "last row": (np.vstack([X[:-1], [1, 2, 3]]), X, "Only the last row is wrong"),
    "first entry": (np.array([9.0, *ROW[1:]]), ROW, "Only the first entry is wrong"),
    "unrelated": (np.exp(GRAD_W), GRAD_W, "Work one entry out by hand"),
    "wrapped": ((LOSS,), LOSS, "comes inside a tuple of its own"),
}  # fmt: skip


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("slip", SLIPS)
def test_each_slip_is_recognised(slip, hidden, capsys):
    value, expected, phrase = SLIPS[slip]
    text = message(value, expected, hidden=hidden, rtol=1e-9)
    assert phrase in text
    assert text.startswith("1.1 `weighted_sum`")
    assert text.endswith(("?", "again."))
    assert not (hidden and digits_in(text)), text
    assert "  " not in text and ".." not in text
    assert capsys.readouterr().out == ""


def test_a_visible_message_shows_both_shapes():
    text = message(COLUMN - COLUMN[:, 0], COLUMN)
    assert "an array of shape (5, 5), where an array of shape (5, 1) is expected" in text
    assert "is an array of shape (5,), where a single number is expected" in message(COLUMN[:, 0], LOSS)


def test_a_visible_message_shows_the_first_difference_and_how_many_there_are():
    wrong = SQUARE.copy()
    wrong[2, [1, 3]] = 7, 8
    text = message(wrong, SQUARE)
    assert f"at [2, 1] is 7, where {SQUARE[2, 1]:.6g} is expected; 2 of 16 entries differ" in text
    assert "all 6 entries differ" in message(2 * GRAD_W, GRAD_W)
    assert "the result is 1.456, where 0.728 is expected. It is twice" in message(2 * LOSS, LOSS)
    assert "is 0.33333333, where 0.33333334 is expected" in message(0.33333333, 0.33333334, rtol=1e-9)
    assert "at [0] is 2, " in message([2, 3.5], [1.5, 3.5])


def test_a_visible_message_shows_the_factor_and_the_batch():
    assert "the constant factor 5, and your batch has 5 samples" in message(N * GRAD_W, GRAD_W)
    assert "the constant factor -0.2, and your batch has 5 samples" in message(-GRAD_W / N, GRAD_W)
    assert "batch" not in message(N * GRAD_W, GRAD_W, batch=None)
    assert "the constant factor 2, and your batch has 2 samples" in message(2 * GRAD_W, GRAD_W, batch=2)


def test_any_two_numbers_differ_by_a_factor_which_means_nothing():
    assert "factor" not in message(0.75 * LOSS, LOSS)
    assert "factor" not in message([0.0, 0.75], [0.0, 1.0])


def test_several_results():
    both = (GRAD_W, GRAD_B)
    names = ("grad_w", "grad_b")
    say = partial(message, expected=both, names=names)
    assert "returns one result where `grad_w` and `grad_b` are asked for" in say(GRAD_W)
    assert "returns three results" in say((GRAD_W, GRAD_B, X))
    assert "`grad_b` is nothing yet" in say((GRAD_W, ...))
    assert "`grad_b` is None, so nothing yet" in say((GRAD_W, None))
    assert "`grad_b` stands in the place of `grad_w`" in say((GRAD_B, GRAD_W))
    assert ": `grad_b` is an array of shape (5, 2)" in say((GRAD_W, DELTA))
    assert "the second result" in message((GRAD_W, DELTA), both)
    assert not digits_in(say((GRAD_W, DELTA), hidden=True)) and not digits_in(say(GRAD_W, hidden=True))
    checks.output(lambda: [GRAD_W.tolist(), GRAD_B], exercise="1.1", expected=both, names=names)


def test_only_one_of_several_results_may_be_looked_at(capsys):
    options = {"expected": (GRAD_W, GRAD_B), "names": ("grad_w", "grad_b")}
    for half_right in ((GRAD_W, None), (GRAD_W, DELTA), (GRAD_W, "later")):
        checks.output(lambda half_right=half_right: half_right, exercise="1.5", only="grad_w", **options)
        assert capsys.readouterr().out == "✓ 1.5 your function: `grad_w` is right.\n"
        assert "`grad_b`" in message(half_right, only="grad_b", **options)
    assert "`grad_b` stands in the place of `grad_w`" in message((GRAD_B, GRAD_W), only="grad_w", **options)
    assert "returns one result where" in message(GRAD_W, only="grad_w", **options)
    with pytest.raises(ValueError, match="is none of the results, `grad_w` and `grad_b`"):
        checks.output(lambda: GRAD_W, exercise="1.5", only="grad_x", **options)


def test_success_prints_one_line_returns_nothing_and_is_silent_when_hidden(capsys):
    def mse(y_hat):
        return LOSS

    assert checks.output(mse, COLUMN, exercise="1.3", expected=LOSS, names=("loss",)) is None
    assert checks.output(mse, COLUMN, exercise="1.3", expected=LOSS, hidden=True) is None
    assert capsys.readouterr().out == "✓ 1.3 `mse`: `loss` is right.\n"


def batches(largest, **shape):
    shapes = arrays.array_shapes(max_side=4, **shape)
    return arrays.arrays(np.float64, shapes, elements=st.floats(-largest, largest))


LAYOUTS = {
    "C": lambda a: a,
    "Fortran": np.asfortranarray,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "big-endian": lambda a: a.astype(">f8"),
    "list": np.ndarray.tolist,
    "tuple": tuple,
}


@given(expected=batches(1e6, max_dims=3), layout=st.sampled_from(sorted(LAYOUTS)))
def test_a_right_result_passes_in_any_layout(expected, layout):
    checks.output(lambda: LAYOUTS[layout](expected), exercise="1.1", expected=expected, hidden=True)


@given(
    expected=batches(1e3, max_dims=2),
    where=st.integers(0, 15),
    size=st.floats(1e-3, 1e9),
    sign=st.sampled_from([-1, 1]),
)
def test_any_error_above_the_tolerance_fails(expected, where, size, sign):
    wrong = expected.copy()
    wrong.flat[where % wrong.size] += sign * size
    for hidden in (False, True):
        text = message(wrong, expected, hidden=hidden)
        assert not (hidden and digits_in(text))


@given(
    expected=batches(1e3, max_dims=2),
    where=st.integers(0, 15),
    bad=st.sampled_from([np.nan, np.inf, -np.inf]),
)
def test_nan_and_infinity_fail(expected, where, bad):
    wrong = expected.copy()
    wrong.flat[where % wrong.size] = bad
    assert "at [" in message(wrong, expected, rtol=np.inf, atol=np.inf)


def test_an_expected_infinity_is_met_by_itself_alone():
    checks.output(lambda: [np.inf, 1.0], exercise="1.1", expected=[np.inf, 1.0], hidden=True)
    assert "is 3, where inf is expected" in message([3.0, 1.0], [np.inf, 1.0])


@pytest.mark.parametrize("expected", [[], np.nan, [1.0, np.nan], "text", None, (1.0, [])])
def test_a_check_that_expects_nothing_is_an_error_of_its_author(expected):
    with pytest.raises(ValueError, match="has to expect at least one number"):
        checks.output(lambda: expected, exercise="1.1", expected=expected)


def test_whole_numbers_in_a_list_ask_for_no_dtype():
    for value in ([1, 0], np.array([1, 0]), np.array([1.0, 0.0])):
        checks.output(lambda value=value: value, exercise="3.2", expected=[1, 0], hidden=True)
    checks.output(lambda: 3, exercise="1.3", expected=3.0, hidden=True)  # a Python number has no dtype to lose
    checks.output(lambda: np.int32([2, 1]), exercise="5.5", expected=np.array([2, 1]), hidden=True)


class TestArgumentsChangedInPlace:
    Point = namedtuple("Point", "x y")

    @pytest.mark.parametrize(
        ("argument", "change", "name"),
        [
            (X, lambda x: x.__imul__(2), "x"),
            ([X, X], lambda x: x[1].__imul__(2), "x[1]"),
            ((X, [X]), lambda x: x[1][0].fill(0), "x[1][0]"),
            ({"w": {"b": X}}, lambda x: x["w"]["b"].fill(0), "x['w']['b']"),
            ({"w": X}, lambda x: x.update(b=1), "x"),
            ([3.0, 1.0, 2.0], lambda x: x.sort(), "x"),
            ([3.0, 1.0], lambda x: x.append(2.0), "x"),
            (Point(X, X), lambda x: x.y.fill(0), "x[1]"),
            (np.array([1, 2]), lambda x: x.fill(0), "x"),
        ],
    )
    def test_a_changed_argument_fails_however_deep_it_lies(self, argument, change, name):
        def relu(x):
            change(x)
            return LOSS

        for given_as in ([argument], []):
            named = {} if given_as else {"x": argument}
            with pytest.raises(checks.CheckError, match=re.escape(f"`relu` changes its argument `{name}` in")):
                checks.output(relu, *given_as, exercise="3.1", expected=LOSS, **named)
        with pytest.raises(checks.CheckError, match=r"\(on other inputs\) changes its argument `x` in place"):
            checks.output(relu, argument, exercise="3.1", expected=LOSS, hidden=True)

    def test_the_authors_own_arrays_stay_as_they_are(self):
        mine = X.copy()
        message(lambda x: x.fill(0) or x, mine)
        assert np.array_equal(mine, X)

    def test_the_change_comes_first_and_the_wrong_value_is_told_too(self):
        text = message(lambda x: 2 * x.__imul__(1.5), X)
        assert text.partition("(And")[0].endswith(
            "changes its argument `x` in place. Who may still need the values that it held? "
        )
        assert "the constant factor 3" in text.partition("(And")[2]

    def test_working_on_a_copy_or_restoring_the_values_is_fine(self):
        def restoring(x, keep):
            old, x[0, 0] = x[0, 0], np.nan
            x[0, 0] = old
            return LOSS

        checks.output(restoring, X, [1, float("nan"), "text", None, object()], exercise="1.4", expected=LOSS)

    def test_without_a_signature_the_argument_has_no_name(self):
        class Proxy:
            __signature__ = property(lambda self: 1 / 0)

            def __call__(self, x):
                x.fill(0)
                return LOSS

            def __getattr__(self, name):
                raise RuntimeError("the student's process has ended")

        with pytest.raises(checks.CheckError, match=r"^1.1 your function changes an argument in place"):
            checks.output(Proxy(), X, exercise="1.1", expected=LOSS)


class TestGradient:
    W, B = RNG.normal(size=(D, H)), RNG.normal(size=H)

    @staticmethod
    def loss(w, b):
        return np.sum(np.tanh(X @ w + b) ** 2) / (2 * N)

    @staticmethod
    def right(w, b):
        z = np.tanh(X @ w + b)
        delta = z * (1 - z**2) / N
        return X.T @ delta, delta.sum(axis=0)

    def check(self, function, **options):
        at = {"w": self.W, "b": self.B}
        checks.gradient(function, *at.values(), exercise="2.4", loss=self.loss, at=at, batch=N, **options)

    def test_the_right_one_passes_as_a_tuple_or_a_list(self, capsys):
        self.check(self.right)
        self.check(lambda w, b: list(self.right(w, b)), hidden=True)
        assert capsys.readouterr().out == "✓ 2.4 `right`: `grad_w` and `grad_b` agree with a numerical gradient.\n"

    def test_only_one_parameter_may_be_looked_at(self):
        for only, other in ((lambda w, b: (w, None), "w"), (lambda w, b: (None, b), "b")):
            self.check(lambda w, b, only=only: only(*self.right(w, b)), only=other)
            with pytest.raises(checks.CheckError, match="so nothing yet"):
                self.check(lambda w, b, only=only: only(*self.right(w, b)))

    @pytest.mark.parametrize(
        ("wrong", "phrase"),
        [
            (lambda w, b: (N * w, b), "`grad_w` the constant factor 5, and your batch has 5 samples"),
            (lambda w, b: (w, b / N), "`grad_b` the constant factor 0.2, and your batch has 5 samples"),
            (lambda w, b: (w.T, b), "`grad_w` looks transposed"),
            (lambda w, b: (w, -b), "`grad_b` The sign is flipped"),
            (lambda w, b: (w, b[None]), "`grad_b` An axis of length one is left over"),
            (lambda w, b: (b, w), "`grad_b` stands in the place of `grad_w`"),
            (lambda w, b: (w * (1 + 1e-4 * np.eye(D, H)), b), "`grad_w` an approximation"),
        ],
    )
    def test_each_parameter_has_its_own_message(self, wrong, phrase):
        noun, relation = phrase.split(" ", 1)
        for hidden in (False, True):
            with pytest.raises(checks.CheckError) as caught:
                self.check(lambda w, b: wrong(*self.right(w, b)), hidden=hidden)
            assert noun in str(caught.value)
            assert hidden or relation in str(caught.value)

    def test_a_single_parameter_and_a_number(self):
        checks.gradient(lambda b: 2 * b, 0.3, exercise="1.5", loss=lambda b: b**2, at={"b": 0.3})
        with pytest.raises(checks.CheckError, match="`grad_b` is an array of shape"):
            checks.gradient(lambda b: np.array([2 * b]), 0.3, exercise="1.5", loss=lambda b: b**2, at={"b": 0.3})

    def test_the_parameters_are_never_changed(self):
        def spoiling(w, b):
            w += 1
            return np.sum(w * b)

        at = {"w": self.W.copy(), "b": self.B.copy()}
        checks._slopes(spoiling, at)
        assert np.array_equal(at["w"], self.W) and np.array_equal(at["b"], self.B)

    def test_a_loss_that_is_not_finite_is_told(self):
        with pytest.raises(checks.CheckError, match="the loss to compare with is not finite"):
            checks.gradient(lambda w: w, X, exercise="1.5", loss=lambda w: w[0, 0] * np.nan, at={"w": X})

    @given(
        coefficients=st.lists(st.floats(-3, 3), min_size=1, max_size=5),
        at=batches(2, max_dims=2),
        squash=st.booleans(),
    )
    def test_it_agrees_with_derivatives_of_polynomials_and_tanh(self, coefficients, at, squash):
        poly = np.polynomial.Polynomial(coefficients)
        outer, slope = (np.tanh, lambda z: 1 - np.tanh(z) ** 2) if squash else (lambda z: z, lambda z: 1.0)
        checks.gradient(
            lambda w: slope(poly(w)) * poly.deriv()(w),
            at,
            exercise="1.5",
            loss=lambda w: np.sum(outer(poly(w))),
            at={"w": at},
            hidden=True,
        )

    @given(st.floats(2e-5, 2e-2), st.sampled_from([-1, 1]))
    def test_a_kink_nearby_is_stepped_around(self, distance, side):
        at = np.array([side * distance])
        checks.gradient(
            lambda w: 3.0 * (w > 0),
            at,
            exercise="3.3",
            loss=lambda w: 3 * np.maximum(w, 0).sum(),
            at={"w": at},
        )

    def test_it_is_rounded_so_as_not_to_stand_in_for_a_derivation(self):
        at = {"w": self.W, "b": self.B}
        numerical, exact = checks._slopes(self.loss, at)[0], self.right(self.W, self.B)[0]
        assert np.allclose(numerical, exact, rtol=1e-6)
        assert "Where does the precision go" in message(numerical, exact, rtol=1e-9)

    def test_sixty_parameters_take_little_time(self):
        at = {"w": RNG.normal(size=(12, 5))}
        start = time.perf_counter()
        checks._slopes(lambda w: np.sum(np.tanh(w)), at)
        assert time.perf_counter() - start < 0.1  # it takes 0.005 s on an idle machine


@pytest.mark.parametrize("hidden", [False, True])
def test_a_choice_is_told_apart_and_not_measured(hidden, capsys):
    def say(chosen, about=""):
        def choose_hidden(sizes):
            return chosen(sizes) if callable(chosen) else chosen

        options = {"exercise": "3.6", "expected": 8, "about": about, "hidden": hidden}
        with pytest.raises(checks.CheckError) as caught:
            checks.choice(choose_hidden, [16, 8, 4], **options)
        return str(caught.value)

    assert ("makes another choice, where two" if hidden else "chooses 4, not 8, where two") in say(4, "two tie")
    for nonsense in (0.3, True, [8], np.array([8]), "8", object()):
        assert "is none of the options" in say(nonsense)
    assert ("returns something that" if hidden else "returns 0.3, which") in say(0.3)
    assert "returns nothing" in say(None)
    assert "changes its argument `sizes" in say(lambda sizes: sizes.sort() or 8)
    capsys.readouterr()
    for right in (8, 8.0, np.int64(8), np.array(8)):
        checks.choice(lambda sizes, right=right: right, [8, 4], exercise="3.6", expected=8, hidden=hidden)
    told = "✓ 3.6 your function: it makes the right choice.\n" * 4
    assert capsys.readouterr().out == ("" if hidden else told)


def test_that():
    for true in (True, np.True_, np.array([True, True]), 1, 0.5, np.int64(3)):
        checks.that(true, "not shown")
    for false in (
        False,
        np.False_,
        np.array([True, False]),
        np.array([]),
        0,
        np.nan,
        None,
        ...,
        "yes",
        [True],
        object(),
    ):
        with pytest.raises(checks.CheckError, match=r"^1.6: Is it so"):
            checks.that(false, "Is it so?", exercise="1.6")
    with pytest.raises(checks.CheckError, match=r"^Is it so"):
        checks.that(False, "Is it so?")


class TestExceptions:
    @pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, type("Own", (Exception,), {})])
    def test_a_visible_check_lets_the_students_own_exception_through(self, error):
        def mse():
            raise error("on purpose")

        with pytest.raises(error, match="on purpose"):
            checks.output(mse, exercise="1.3", expected=1.0)

    @pytest.mark.parametrize("hidden", [False, True])
    @pytest.mark.parametrize("error", [StopIteration, StopAsyncIteration, SystemExit, GeneratorExit])
    def test_what_a_loop_would_take_for_its_own_end_never_passes(self, error, hidden):
        def mse(x):
            raise error

        with pytest.raises(checks.CheckError, match=f"`mse`.* raised {error.__name__}"):
            for _ in map(lambda x: checks.output(mse, x, exercise="1.3", expected=1.0, hidden=hidden), [1.0]):
                pass

    def test_a_hidden_check_tells_the_type_alone(self):
        def mse(x, error):
            raise error(f"secret {x}")

        for error, name in (
            (TypeError, "TypeError"),
            (KeyboardInterrupt, "KeyboardInterrupt"),
            (type("secret3", (Exception,), {}), "an exception"),
            (checks.CheckError, "an exception"),
        ):
            with pytest.raises(checks.CheckError) as caught:
                checks.output(mse, 1234.0, error, exercise="1.3", expected=1.0, hidden=True)
            text = f"1.3 `mse` (on other inputs) raised {name}. What is different about other inputs?"
            assert str(caught.value) == text
            assert caught.value.__context__ is None

    def test_the_loss_of_a_hidden_gradient_check_is_covered_too(self):
        with pytest.raises(checks.CheckError, match="raised ZeroDivisionError"):
            checks.gradient(lambda: X, exercise="1.5", loss=lambda w: 1 / 0, at={"w": X}, hidden=True)


class TestRaises:
    def refusal(self, function, hidden=False):
        with pytest.raises(checks.CheckError) as caught:
            because = "their shapes would broadcast to (N, N)"
            checks.raises(function, X, DELTA, exercise="1.3", hidden=hidden, because=because)
        return str(caught.value)

    def test_a_refusal_with_a_message_passes(self, capsys):
        def mse(y_hat, y):
            raise ValueError(f"y_hat has shape {y_hat.shape}")

        checks.raises(mse, X, DELTA, exercise="1.3")
        checks.raises(mse, X, DELTA, exercise="1.3", error=(TypeError, ValueError), hidden=True)
        assert capsys.readouterr().out == "✓ 1.3 `mse`: it refuses what it should, with ValueError.\n"

    @pytest.mark.parametrize("hidden", [False, True])
    def test_whatever_else_happens_fails(self, hidden):
        def raising(error):
            def mse(y_hat, y):
                raise error

            return mse

        say = partial(self.refusal, hidden=hidden)
        should = "should be refused with ValueError, because their shapes would broadcast to (N, N)"
        assert f"returns a result, but these arguments {should}" in say(lambda y_hat, y: 1.0)
        assert "returns nothing" in say(lambda y_hat, y: None)
        assert "raises ValueError, but without a message" in say(raising(ValueError()))
        assert "raised TypeError" in say(raising(TypeError("unsupported")))
        assert "raised SystemExit" in say(raising(SystemExit(0)))
        assert "raised StopIteration" in say(raising(StopIteration()))


def test_warnings_are_told_and_kept_off_stderr(capfd):
    def sigmoid(z):
        warnings.warn("overflow in exp", RuntimeWarning, stacklevel=1)
        return z

    checks.output(sigmoid, 0.5, exercise="4.2", expected=0.5)
    with pytest.raises(checks.CheckError, match=r"\(It warned: overflow in exp.\)$"):
        checks.output(sigmoid, np.inf, exercise="4.2", expected=0.5)
    out, err = capfd.readouterr()
    assert out == "✓ 4.2 `sigmoid`: the result is right. (It warned: overflow in exp.)\n" and err == ""


def stub(x, w=1):
    """What it should do."""
    ...


class HalfWritten:
    def __init__(self):
        self.w = 1

    def forward(self, x):
        """What it should do."""
        ...


class Written:
    def forward(self, x):
        return x


def test_is_unwritten():
    def five():
        """What it does."""
        return 5

    def returns_nothing(x):
        x.fill(0)

    for unwritten in (stub, HalfWritten, HalfWritten().forward, lambda: None):
        assert checks.is_unwritten(unwritten)
    for written in (
        five,
        returns_nothing,
        lambda: 5,
        Written,
        Written(),
        Written().forward,
        len,
        None,
        3,
        np.sum,
    ):
        assert not checks.is_unwritten(written)


def test_a_stub_and_a_function_without_a_return_are_told_kindly():
    with pytest.raises(checks.CheckError, match=r"^1.1 `stub` returns nothing yet. Write its body"):
        checks.output(stub, X, exercise="1.1", expected=1.0)
    assert "returns nothing. Does every way through it end in a `return`" in message(lambda x: None, 1.0)
    with pytest.raises(checks.CheckError, match=r"^1.1 `HalfWritten.forward` returns nothing yet"):
        checks.output(HalfWritten().forward, X, exercise="1.1", expected=1.0)
    called = type("Layer", (), {"__call__": lambda self, x: x.fill(0)})()
    with pytest.raises(checks.CheckError, match=r"returns nothing. Does every way through it end in a `return`"):
        checks.output(called, X, exercise="1.1", expected=1.0)
    called = type("Layer", (), {"__call__": stub})()
    with pytest.raises(checks.CheckError, match=r"returns nothing yet"):
        checks.output(called, exercise="1.1", expected=1.0)
    for nothing in (None, ..., 3):
        with pytest.raises(checks.CheckError, match=r"^1.1 your function cannot be called"):
            checks.output(nothing, exercise="1.1", expected=1.0)


class TestNeeds:
    def test_a_cell_that_works_shows_nothing(self, capsys):
        with checks.needs(Written):
            pass
        assert capsys.readouterr().out == ""

    def test_a_stub_is_named_whether_or_not_the_cell_fails(self, capsys):
        for body in (lambda: stub(1) + 1, lambda: stub(1)):
            with checks.needs(Written, stub):
                body()
            assert capsys.readouterr().out == (
                "Not yet: this cell uses `stub`, which returns nothing yet. Write it, then run this cell again.\n"
            )

    def test_a_mistake_is_told_in_one_line(self, capsys):
        with checks.needs(Written):
            raise ValueError("shapes (5, 3) and (2,) do not fit.")
        assert capsys.readouterr().out == (
            "Not yet: this cell uses `Written`, and stopped at "
            "ValueError: shapes (5, 3) and (2,) do not fit. Its check will say more.\n"
        )

    def test_an_interrupt_passes(self):
        with pytest.raises(KeyboardInterrupt), checks.needs(stub):
            raise KeyboardInterrupt


@pytest.fixture
def shell():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(colors="nocolor")

    def run(cell):
        with capture_output() as captured:
            shell.run_cell(cell)
        return captured

    yield run
    InteractiveShell.clear_instance()


class TestInIPython:
    def test_a_failed_check_shows_its_message_alone(self, shell):
        shell("from mlp_helpers import checks\ndef mse(x):\n    return 2.0")
        shown = shell("checks.output(mse, [1.0], exercise='1.3', expected=1.0)")
        assert shown.stdout.strip() == (
            "✗ 1.3 `mse`: the result is 2, where 1 is expected. "
            "It is twice what is expected. Where could a factor two come in?"
        )
        assert shown.stderr == ""

    def test_the_students_own_exception_shows_their_line_and_hides_ours(self, shell):
        shell("from mlp_helpers import checks\ndef mse(x):\n    return x / 'two'")
        shown = shell("checks.output(mse, [1.0], exercise='1.3', expected=1.0)").stdout
        assert "TypeError" in shown and "return x / 'two'" in shown
        assert "self.attempt" not in shown and "return call()" not in shown

    def test_needs_displays_one_output_with_metadata(self, shell):
        shell("from mlp_helpers import checks\ndef relu(x):\n    '''It.'''\n    ...")
        shown = shell("with checks.needs(relu):\n    relu(1) + 1")
        (display,) = shown.outputs
        assert display.metadata == {"mlp_helpers": {"unwritten": True}}
        assert "`relu`, which returns nothing yet" in display.data["text/plain"]
        assert "<code>relu</code>" in display.data["text/html"]
        assert shown.stdout == ""

    def test_markup_in_an_error_is_escaped(self, shell):
        shell("from mlp_helpers import checks\ndef relu(x):\n    return x")
        shown = shell("with checks.needs(relu):\n    raise ValueError('<script>')")
        assert "&lt;script&gt;" in shown.outputs[0].data["text/html"]


def test_seed_seeds_both_generators():
    first = checks.seed(7).normal(), np.random.normal()
    assert first == (checks.seed(7).normal(), np.random.normal())


def test_importing_checks_is_cheap():
    code = (
        "import sys, time, numpy; start = time.perf_counter(); import mlp_helpers.checks; "
        "print(time.perf_counter() - start, *{'IPython', 'ipywidgets', 'matplotlib'} & set(sys.modules))"
    )
    seconds, *heavy = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert heavy == [] and float(seconds) < 0.1


class TestOutputs:
    """checks.outputs hands over what a check of one's own then looks at."""

    @staticmethod
    def say(returned, **options):
        def init(): return returned  # fmt: skip

        with pytest.raises(checks.CheckError) as caught:
            checks.outputs(init, exercise="2.1", shapes={"w": (2, 3), "b": (3,)}, **options)
        return str(caught.value)

    def test_right_shapes_come_back_as_arrays(self):
        w, b = checks.outputs(lambda: ([[1, 2]], 3.0), exercise="2.1", shapes={"w": (1, 2), "b": ()})
        assert w.tolist() == [[1, 2]] and b == 3.0

    def test_a_result_without_a_shape_is_not_looked_at(self):
        w, _ = checks.outputs(lambda: (np.ones(2), "later"), exercise="2.1", shapes={"w": (2,), "b": None})
        assert w.tolist() == [1, 1]

    def test_what_is_wrong_is_said(self):
        assert "`w` is an array of shape (3, 2), where" in self.say((np.ones((3, 2)), np.ones(3)))
        assert "`b` does not have the expected shape" in self.say((np.ones((2, 3)), np.ones(2)), hidden=True)
        assert "`b` is not finite everywhere" in self.say((np.ones((2, 3)), np.array([1, np.inf, 1])))
        assert "`w` should be numbers" in self.say(("w", np.ones(3)))
        assert "returns one result where `w` and `b`" in self.say(np.ones((2, 3)).sum())
        assert "returns nothing" in self.say(None)


class TestEntries:
    """checks.entries looks at the numbers in a dictionary, which it may know by their seals only."""

    RIGHT = {"z": [1.5, 0.5], "y_hat": 3, "grad": [[1, 2], [3, 4]]}  # noqa: RUF012
    SEALS = {name: checks.seal(value) for name, value in RIGHT.items()}  # noqa: RUF012

    def say(self, expected=None, hidden=False, **changed):
        def by_hand():
            return {**self.RIGHT, **changed}

        with pytest.raises(checks.CheckError) as caught:
            checks.entries(by_hand, exercise="2.3", expected=expected or self.SEALS, hidden=hidden)
        return str(caught.value)

    @pytest.mark.parametrize("expected", [RIGHT, SEALS])
    def test_right_entries_in_any_form_are_right(self, expected, capsys):
        for answers in (self.RIGHT, {name: np.array(value, dtype=float) for name, value in self.RIGHT.items()}):
            checks.entries(lambda answers=answers: answers, exercise="2.3", expected=expected)
        assert "`z`, `y_hat` and `grad` are right" in capsys.readouterr().out

    def test_the_first_wrong_entry_is_named_and_what_was_right_before_it(self):
        assert "`y_hat` is not right yet" in self.say(y_hat=7) and "(`z` is right.)" in self.say(y_hat=7)
        assert "has no `grad` yet. (`z` and `y_hat` are right.)" in self.say(grad=None)

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"z": [-1.5, -0.5]}, "has its sign flipped"),
            ({"z": [0.5, 1.5]}, "in another order"),
            ({"z": [[1.5, 0.5]]}, "in another shape"),
            ({"y_hat": 6}, "is twice"),
            ({"y_hat": 1.5}, "is half"),
            ({"y_hat": [3]}, "a number, not a list"),
            ({"grad": [[1, 3], [2, 4]]}, "looks transposed"),
            ({"grad": [[1, 2], [3]]}, "rows have different lengths"),
            ({"grad": "[[1, 2], [3, 4]]"}, "should be numbers"),
        ],
    )
    def test_a_slip_is_recognised_behind_its_seal(self, changed, words):
        assert words in self.say(**changed)

    def test_nan_and_a_near_miss_are_not_right(self):
        assert "`y_hat`" in self.say(y_hat=float("nan")) and "`y_hat`" in self.say(y_hat=3.001)

    def test_hidden_it_shows_no_number(self):
        assert not re.search(r"\d", self.say(self.RIGHT, hidden=True, y_hat=7).replace("2.3", ""))

    def test_something_else_than_a_dictionary(self):
        with pytest.raises(checks.CheckError, match="should return a dictionary"):
            checks.entries(lambda: [1], exercise="2.3", expected={"z": 1})


class TestBatches:
    """checks.batches looks at what a training loop has handed out."""

    X = np.arange(10.0).reshape(5, 2)
    Y = X[:, :1] ** 2

    def deal(self, *orders, size=2, pairs=None):
        seen = []
        for order in orders:
            for first in range(0, len(order), size):
                rows = list(order[first : first + size])
                seen.append((self.X[rows], self.Y[[(pairs or {}).get(row, row) for row in rows]]))
        return seen

    def say(self, seen, **options):
        with pytest.raises(checks.CheckError) as caught:
            checks.batches(seen, self.X, self.Y, exercise="2.6", epochs=2, batch_size=2, **options)
        return str(caught.value)

    def test_right(self, capsys):
        seen = self.deal([3, 1, 0, 4, 2], [2, 0, 1, 3, 4])
        checks.batches(seen, self.X, self.Y, exercise="2.6", epochs=2, batch_size=2)
        assert capsys.readouterr().out.startswith("✓ 2.6")
        checks.batches(seen, self.X, self.Y, exercise="2.6", epochs=2, batch_size=2, hidden=True)
        assert capsys.readouterr().out == ""

    def test_each_slip(self):
        good, other = [3, 1, 0, 4, 2], [2, 0, 1, 3, 4]
        assert "how large is the last one" in self.say(self.deal(good[:4], other[:4]))
        assert "how large is the last one" in self.say(self.deal(good, other, size=5))
        assert "another one's target" in self.say(self.deal(good, other, pairs={3: 1}))
        assert "some samples come twice" in self.say(self.deal([3, 3, 0, 4, 2], other))
        assert "in which they were stored" in self.say(self.deal(range(5), other))
        assert "every epoch has the same order" in self.say(self.deal(good, good))
        assert "not in x" in self.say([(x + 100, y) for x, y in self.deal(good, other)])
        assert not re.search(r"\d", self.say(self.deal(good[:4], other[:4]), hidden=True).replace("2.6", ""))


def test_an_error_about_shapes_is_preceded_by_the_shapes(capsys):
    def weighted_sum(x, w, b):
        return w @ x + b

    with pytest.raises(ValueError, match="mismatch"):
        checks.output(weighted_sum, X, np.ones((3, 7)), 0.5, exercise="1.1", expected=X)
    assert f"1.1 `weighted_sum` was called with x {X.shape} and w (3, 7)." in capsys.readouterr().out
    with pytest.raises(checks.CheckError):
        checks.output(weighted_sum, X, np.ones((3, 7)), 0.5, exercise="1.1", expected=X, hidden=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda x: x if x > 0 else 0, "an array of answers stands where a single True or False is wanted"),
        (lambda x: -(x > 0), "NumPy has no minus for True and False"),
        (lambda x: math.exp(x), "a function for single numbers was given an array"),
        (lambda x: list([1].reverse()), "something in the line below is None. Which call returns nothing?"),
        (lambda x: x.shape[7], f"was called with x {X.shape}. Does its line below fit every shape?"),
    ],
)
def test_an_error_that_says_too_little_is_preceded_by_a_question(body, words, capsys):
    def relu(x):
        return body(x)

    with pytest.raises((TypeError, ValueError, IndexError)):
        checks.output(relu, X, exercise="3.1", expected=X)
    said = capsys.readouterr().out
    assert said.startswith("3.1 `relu`") and words in said
    with pytest.raises(checks.CheckError):
        checks.output(relu, X, exercise="3.1", expected=X, hidden=True)
    assert capsys.readouterr().out == ""


def test_an_error_that_says_enough_stands_alone(capsys):
    with pytest.raises(TypeError):
        checks.output(lambda x: x + "1", 1, exercise="3.1", expected=2)
    assert capsys.readouterr().out == ""


def test_a_gradient_of_random_numbers_is_not_to_be_worked_out_by_hand():
    for hidden in (False, True):
        with pytest.raises(checks.CheckError) as caught:
            checks.gradient(np.exp, X, exercise="3.1", loss=lambda x: np.sum(x**2), at={"x": X}, hidden=hidden)
        assert "factor by factor" in str(caught.value) and "by hand" not in str(caught.value)


def test_only_what_is_not_there_yet_is_unwritten():
    for nothing, unwritten in ((stub, True), (lambda x: x.fill(0), False), (lambda x: x + 1, False)):
        with pytest.raises(checks.CheckError) as caught:
            checks.output(nothing, X, exercise="1.1", expected=X)
        assert caught.value.unwritten is unwritten
    with pytest.raises(checks.CheckError) as caught:
        checks.output(lambda: (X, ...), exercise="1.1", expected=(X, X))
    assert caught.value.unwritten


def test_a_refusal_of_another_kind_is_asked_for_its_kind():
    def refuse(x):
        assert x > 0, "too small"

    with pytest.raises(checks.CheckError, match="Which exception does the docstring promise"):
        checks.raises(refuse, -1, exercise="1.3")
    with pytest.raises(checks.CheckError, match="Could it notice earlier"):
        checks.raises(lambda x: [][x], 3, exercise="1.3")


def test_an_overflow_that_numpy_was_asked_to_raise_is_said_in_words():
    def softmax(x):
        return np.exp(x)

    with np.errstate(over="raise"), pytest.raises(checks.CheckError) as caught:
        checks.output(softmax, np.array([1000.0]), exercise="5.2", expected=[1.0])
    assert "5.2 `softmax`: NumPy reports: overflow encountered in exp. Which number goes in there?" in str(caught.value)


def test_written_speaks_of_stubs_only(capsys):
    class Tanh:
        def __call__(self, x):
            return x

        def backward(self, grad):
            """The way back."""
            ...

    with pytest.raises(checks.CheckError, match=r"6\.3 `Tanh` returns nothing yet"):
        checks.written(Tanh, "6.3")
    Tanh.backward = Tanh.__call__
    checks.written(Tanh, "6.3")
    checks.written(np.tanh, "6.3")

"""What relates a wrong result to the right one: a transpose, a flipped sign, a factor N, a broadcast, …

`difference` says in a sentence or two what is wrong with a result; `shape_relation` and `value_relation`
recognise the slips that backpropagation invites. Each text ends in a question that leads on, and never names
the fix. With `hidden=True` it contains no number: it gives nothing away about the inputs of a hidden test.

All are pure functions of plain data; `mlp_helpers.checks` decides when to ask them.
"""

from __future__ import annotations

import types
from dataclasses import dataclass

import numpy as np

CLOSE = 1e-6  # relative to the largest entry: far above rounding, far below a real difference


@dataclass(frozen=True)
class Expected:
    """A right result: its values in float64, and the kind of dtype it asks for.

    kind: "f" floats, "i" integers, "b" booleans, or "any" number
    """

    values: np.ndarray
    kind: str

    @classmethod
    def of(cls, value) -> Expected:
        """From a number or an array-like; whole numbers in a list, or on their own, accept any dtype.

        raises: ValueError where there is nothing to compare with: no number, or a NaN
        """
        array = np.asarray(value)
        if array.dtype.kind not in "biuf" or array.size == 0 or np.isnan(array).any():
            raise ValueError(f"a check has to expect at least one number, and no NaN: {value!r}")
        kind = "i" if array.dtype.kind == "u" else array.dtype.kind
        if kind == "i" and not isinstance(value, (np.ndarray, np.generic)):
            kind = "any"
        return cls(array.astype(np.float64), kind)


def difference(value, expected: Expected, noun: str, *, batch=None, rtol, atol, hidden=False, question="") -> str:
    """What is wrong with `value`: its type, then shape, dtype, finiteness, numbers. "" if it is right.

    value     : what a student's function returned: an array, a number, or lists and tuples of them
    noun      : what to call it, such as "`grad_w`"
    batch     : N, the number of samples, if known
    rtol, atol: right is |value - expected| <= atol + rtol * |expected|, and NaN never
    question  : what to ask where no relation is recognised; if "", to work an entry out by hand
    """
    if not is_plain(value):
        return not_numbers(value, noun, hidden)
    try:
        got = np.asarray(value)
    except (ValueError, OverflowError):
        if any(isinstance(item, np.ndarray) for item in value):
            return f"{noun} is made of several arrays or numbers, of different shapes. What stands behind its `return`?"
        return f"{noun} is a list whose rows have different lengths. Which row is too short?"
    if got.shape != expected.values.shape:
        known = "does not have the expected shape" if hidden else _two_shapes(got.shape, expected.values.shape)
        return f"{noun} {known}. {shape_relation(got.shape, expected.values.shape, batch, hidden)}"
    has_dtype = isinstance(value, (np.ndarray, np.generic))
    wrong_dtype = _dtype_difference(got.dtype, expected.kind, has_dtype, noun, hidden)
    if wrong_dtype:
        return wrong_dtype
    got, right = got.astype(np.float64), expected.values
    return _infinite(got, right, noun, hidden) or _unequal(got, right, noun, batch, rtol, atol, hidden, question)


def is_plain(value) -> bool:
    """Whether value is a number, an array of numbers, or lists and tuples of them."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(item) for item in value)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "biufcO"
    return isinstance(value, (bool, int, float, complex))


def not_numbers(value, noun, hidden=False) -> str:
    """What is wrong with a value that is not plain: what it is instead of numbers."""
    if isinstance(value, (np.ufunc, types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return f"{noun} should be numbers, but is a function. Where is it called?"
    return f"{noun} should be numbers, but {_of_what(value, hidden)}. What does the docstring promise?"


def _of_what(value, hidden):
    if isinstance(value, (list, tuple, np.ndarray, np.generic)):
        return "holds something else"
    stand_in = isinstance(getattr(value, "__unwritten__", None), bool)  # its type says nothing of what it stands for
    known = type(value).__module__ == "builtins" or not (hidden or stand_in)  # another name could carry an input
    return f"is of type `{type(value).__name__}`" if known else "is an object"


def _two_shapes(got, expected):
    def text(shape):
        return f"an array of shape {shape}" if shape else "a single number"

    return f"is {text(got)}, where {text(expected)} is expected"


def _dtype_difference(dtype, kind, has_dtype, noun, hidden):
    known = "" if hidden else f" (dtype {dtype})"
    if dtype.kind == "O":
        return f"{noun} holds Python objects{known}, not numbers. What did you put into it?"
    if dtype.kind == "c":
        return f"{noun} holds complex numbers{known}. Where does a root or a power meet a negative number?"
    if kind == "b" and dtype.kind != "b":
        return f"{noun} should hold True and False, and holds numbers{known}. Which question does it answer?"
    if kind != "b" and dtype.kind == "b":
        return f"{noun} holds True and False{known}, not numbers. Which numbers do they stand for?"
    if kind == "i" and dtype.kind == "f":
        return f"{noun} holds floats{known}, where integers are expected. What are its numbers used for?"
    if kind == "f" and dtype.kind in "iu" and has_dtype:
        return f"{noun} holds integers{known}, where floats are expected. What happens to a fraction in it?"
    return ""


def _infinite(got, right, noun, hidden):
    bad = ~np.isfinite(got) & np.isfinite(right)
    if not bad.any():
        return ""
    index = _first(bad)
    nan = np.isnan(got).any()
    what = f"contains {'NaN' if nan else 'an infinite number'}" if hidden else f"{_at(index)}is {got[index]}"
    question = (
        "Where could zero be divided by zero, infinity meet infinity, or `log` meet a negative number?"
        if nan
        else "How large can the argument of `exp` become, or how small that of `log` or a divisor?"
    )
    return f"{noun} {what}. {question}"


def _unequal(got, right, noun, batch, rtol, atol, hidden, question):
    with np.errstate(all="ignore"):
        near = np.abs(got - right) <= atol + rtol * np.abs(right)
        wrong = ~np.where(np.isfinite(right), near, got == right)
    if not wrong.any():
        return ""
    count = np.count_nonzero(wrong)
    if hidden:
        text = f"{noun} is {'not' if count == got.size else 'not everywhere'} as expected"
    else:
        index = _first(wrong)
        is_, should = _distinct(got[index], right[index])
        text = f"{noun} {_at(index)}is {is_}, where {should} is expected"
        if got.size > 1:
            some = f"all {count}" if count == got.size else f"{count} of {got.size}"
            text += f"; {some} entries differ{'s' if count == 1 else ''}"
    relation = value_relation(got, right, batch, hidden)
    if not relation and count == 1 and got.size > 2:
        relation = f"Only {'one' if hidden else 'this'} entry is wrong. What is special about the input behind it?"
    what = f"{'it' if got.size == 1 else 'one entry'} out by hand{'' if hidden else ' from the inputs in this check'}"
    by_hand = f"Work {what}. At which step does your code differ?"
    return f"{text}. {relation or question or by_hand}"


def _first(mask):
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _at(index):
    return f"at {list(index)} " if index else ""


def _distinct(a, b):
    """Both numbers as short as they can be and still differ."""
    for digits in (6, 9, 12, 17):
        pair = f"{a + 0.0:.{digits}g}", f"{b + 0.0:.{digits}g}"  # -0 is 0 to a reader
        if pair[0] != pair[1]:
            break
    return pair


def shape_relation(got, expected, batch=None, hidden=False) -> str:
    """How one shape went wrong on the way to the other.

    got, expected: two different shapes, tuples of int; batch: N, the number of samples, if known
    """
    size = int(np.prod(expected))
    if got == (size, size) and size > 1 and expected[0] == size and batch in (None, size):
        return "It was broadcast to (N, N): each entry met every other. Which two shapes meet in your formula?"
    if len(got) > 1 and got == expected[::-1]:
        return "It looks transposed. Which axis should come first?"
    if _without_ones(got) == _without_ones(expected):
        if len(got) > len(expected):
            return "An axis of length one is left over. Which step keeps it?"
        if len(got) < len(expected):
            return "An axis of length one is missing. Which step drops it?"
        return "The axis of length one stands elsewhere. What does each axis stand for?"
    if grown := [n for n, m in zip(got, expected, strict=False) if n != m] if _has_grown(got, expected) else []:
        if batch and grown == [batch]:
            return "An axis of length one has one entry for each sample. Which two shapes meet in your formula?"
        return "An axis that should have length one is longer. Which step should bring its entries together?"
    if got and got[1:] == expected and batch in (None, got[0]):
        what = "row" if expected else "number"
        return f"There is still one {what} for each sample. Which axis should disappear, and how?"
    if batch and got == (batch,) and len(expected) == 1:
        return "It has one number for each sample. Which axis should disappear, and which one stay?"
    if batch and len(got) > 1 and got[0] == batch and (not expected or expected[0] != batch):
        return "There is still one row for each sample. Which axis should disappear, and how?"
    if len(got) == len(expected) > 1 and got[1:] == expected[1:]:
        more = "many" if got[0] > expected[0] else "few"
        return f"It has too {more} rows; the rest of the shape is right. What decides how many there are?"
    if len(got) == len(expected) > 1 and got[:-1] == expected[:-1]:
        more = "many" if got[-1] > expected[-1] else "few"
        return f"It has too {more} columns; the rest of the shape is right. What decides how many there are?"
    if len(got) == len(expected) == 1:
        return f"It has too {'many' if got > expected else 'few'} entries. What decides how many there are?"
    if got == ():
        return "Everything has become a single number. Which axes should remain?"
    if _lacks_one_axis(got, expected):
        return "An axis is gone that should stay. Which step loses it?"
    if _lacks_one_axis(expected, got):
        return "There is an axis too many. Which one should disappear, and how?"
    if np.prod(got) == size:
        return "The number of entries is right, their arrangement is not. What does each axis stand for?"
    return "What does each axis stand for, in the docstring and in your result?"


def _without_ones(shape):
    return tuple(n for n in shape if n != 1)


def _has_grown(got, expected):
    """Whether the shapes differ only where a length of one is expected."""
    return len(got) == len(expected) > 1 and all(n == m or (m == 1 and n) for n, m in zip(got, expected, strict=True))


def _lacks_one_axis(short, long):
    return any(short == long[:axis] + long[axis + 1 :] for axis in range(len(long)))


def value_relation(got, expected, batch=None, hidden=False) -> str:
    """The simplest relation between two different arrays, or "" where none is recognised.

    got, expected: float64 arrays of the same shape; batch: N, the number of samples, if known
    """
    if not np.isfinite(expected).all():
        return ""
    with np.errstate(all="ignore"):
        return (
            _zero(got)
            or _factor(got, expected, batch, hidden)
            or _transposed(got, expected)
            or _offset(got, expected, hidden)
            or _cut(got, expected)
            or _tiny(got, expected)
            or _rounded(got, expected, hidden)
            or _approximate(got, expected)
            or _rearranged(got, expected)
            or _at_the_end(got, expected)
        )


def _equal(a, b):
    """Equal up to rounding, measured against the largest entry of b."""
    return bool(np.all(np.abs(a - b) <= CLOSE * np.max(np.abs(b))))


def _zero(got):
    if np.any(got):
        return ""
    return f"{'All of it' if got.size > 1 else 'It'} is zero. Does what you compute reach what you return?"


def _factor(got, expected, batch, hidden):
    factor = float(np.vdot(expected, got) / np.vdot(expected, expected))
    if not np.isfinite(factor) or abs(factor - 1) < 1e-3 or not _equal(got, factor * expected):
        return ""
    if np.isclose(factor, -1, rtol=1e-5):
        return "The sign is flipped, the size is right. Where does a minus come in, or go missing?"
    flipped = ", and the sign is flipped" if factor < 0 else ""
    question = _batch_question(abs(factor), batch) if batch and batch > 1 else ""
    for size, words in ((2, "twice"), (1 / 2, "half of")):
        if batch != 2 and np.isclose(abs(factor), size, rtol=1e-5):
            way = "come in" if size > 1 else "get lost"
            return f"It is {words} what is expected{flipped}. Where could a factor two {way}?"
    if question and hidden:
        return f"It differs by a constant factor that goes with the number of samples{flipped}. {question}"
    if question:
        return f"It differs by the constant factor {factor:.6g}, and your batch has {batch} samples. {question}"
    if np.count_nonzero(expected) < 2:
        return _divisor_question(factor, batch, hidden)  # otherwise any two numbers differ by some factor
    known = "a constant factor" if hidden else f"the constant factor {factor:.6g}"
    return f"It differs by {known}. Which factor is missing, there twice, or on the wrong side of a fraction?"


def _batch_question(factor, batch):
    """What to ask about a factor that comes from the size of the batch, or ""."""
    for size, question in (
        (batch, "What does the formula do with N?"),
        (1 / batch, "How often do you divide by N, and how often does the formula?"),
        (2 * batch, "What stands before the sum in the formula?"),
        (batch / 2, "What stands before the sum in the formula?"),
        (2 / batch, "What stands before the sum in the formula?"),
        (1 / (2 * batch), "What stands before the sum in the formula?"),
        (batch**2, "On which side of the fraction does N stand?"),
        (1 / batch**2, "On which side of the fraction does N stand?"),
    ):
        if np.isclose(factor, size, rtol=1e-5):
            return question
    return ""


def _divisor_question(factor, batch, hidden):
    """What to ask about a number that is too small by a whole factor, such as the number of columns, or ""."""
    times = round(1 / factor) if factor and abs(1 / factor) < 100 else 0
    if not batch or times < 2 or abs(1 / factor - times) > 1e-6 * times:
        return ""
    known = "a whole number of times" if hidden else f"{times} times"
    return f"It is {known} too small. By which number do you divide, and by which does the formula?"


def _transposed(got, expected):
    if got.ndim == 2 and got.shape[0] == got.shape[1] and _equal(got.T, expected):
        return "It looks transposed: rows and columns have changed places. Which axis should come first?"
    return ""


def _rounded(got, expected, hidden):
    if np.array_equal(got, np.trunc(expected)):
        return "All that follows the decimal point is cut off. Where do your numbers become integers?"
    if np.array_equal(got, np.floor(expected)) or np.array_equal(got, np.rint(expected)):
        return "These are the whole numbers next to the expected ones. Where do your numbers become integers?"
    if any(np.allclose(got, np.round(expected, digits), rtol=1e-12, atol=0) for digits in range(1, 7)):
        return "It is the expected result, rounded. Where are digits dropped?"
    if np.array_equal(got, got.astype(np.float32)) and _equal(got, expected):
        known = "single precision" if hidden else "float32"
        return f"It is right as far as {known} reaches. Where does the precision go?"
    return ""


def _approximate(got, expected):
    error, size = np.abs(got - expected), np.abs(expected)
    if np.max(error) > 1e-4 * np.max(size) or np.any(error > 1e-3 * size + CLOSE * np.max(size)):
        return ""
    return (
        "It is close, yet off by more than rounding: an approximation, such as a difference quotient or an "
        "added ε. Does the exercise ask for one, and for this one?"
    )


def _offset(got, expected, hidden):
    gap = got - expected
    size = np.max(np.abs(gap))
    if got.size > 1 and np.ptp(gap) <= CLOSE * size:
        side = "large" if gap.flat[0] > 0 else "small"
        known = "the same amount" if hidden else f"{size:.6g}"
        return f"Each entry is too {side} by {known}. What goes into all of them alike?"
    if got.ndim > 1 and len(got) > 1 and np.all(np.ptp(gap, axis=0) <= CLOSE * size):
        return "Each row is off by the same amounts. What goes into all rows alike?"
    return ""


def _cut(got, expected):
    """Zero in the place of what is negative."""
    if np.any(expected > 0) and np.any(expected < 0) and _equal(got, np.maximum(0, expected)):
        return "What should be negative is zero, the rest is right. What cuts it off?"
    return ""


def _tiny(got, expected):
    """Entries that vanish beside the largest one are wrong, and all others right."""
    small = np.abs(expected) < CLOSE * np.max(np.abs(expected))
    lost = small & (expected != 0) & (np.abs(got - expected) > 0.5 * np.abs(expected))
    if not lost.any() or not _equal(got, expected) or not np.allclose(got[~lost], expected[~lost], rtol=CLOSE, atol=0):
        return ""
    return "All but the tiniest numbers are right. Where do small ones lose their digits, or meet a limit?"


def _rearranged(got, expected):
    if got.size < 2:
        return ""
    if _equal(np.abs(got), np.abs(expected)):
        return "Each size is right, but some signs are flipped. What decides the sign?"
    if any(_equal(np.flip(got, axis), expected) for axis in (None, *range(got.ndim))):
        return "The right entries are there, in reverse order. What turns them round?"
    rows, right = (array.reshape(len(array), -1) for array in (got, expected))
    if _equal(rows[np.lexsort(rows.T)], right[np.lexsort(right.T)]):
        return "The right entries are there, in another order. What changes the order?"
    same_rows = got.ndim > 1 and len(got) > 2 and _equal(got[1:], np.broadcast_to(got[-1], got[1:].shape))
    if same_rows and np.any(got[-1]) and not _equal(got[0], got[-1]):
        return "All rows after the first are the same. Is one array changed and stored again and again?"
    alike = got.size > 2 or np.any(got % 1)  # two small whole numbers may be the same by chance
    if alike and np.ptp(got) <= CLOSE * np.max(np.abs(got)) < np.ptp(expected):
        return "All entries are the same, which they should not be. What should make one differ from the next?"
    return ""


def _at_the_end(got, expected):
    if got.ndim == 0 or len(got) < 3:
        return ""
    wrong = np.abs(got - expected) > CLOSE * np.max(np.abs(expected))
    rows = np.flatnonzero(wrong.reshape(len(got), -1).any(axis=1))
    place = {0: "first", len(got) - 1: "last"}.get(rows[0]) if len(rows) == 1 else None
    if place is None:
        return ""
    return f"Only the {place} {'row' if got.ndim > 1 else 'entry'} is wrong. What is special about it?"

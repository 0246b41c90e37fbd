"""Checks for the exercises: call a function, compare what it returns, and say what is wrong as a tutor would.

    checks.output(mse, y_pred, y, exercise="1.3", expected=0.5, batch=5)
    checks.gradient(grad, w, b, exercise="1.5", loss=lambda w, b: ..., at={"w": w, "b": b}, batch=5)

A check looks at, in this order: is there a result; how many, and are they numbers; shape; dtype; NaN and
inf; the numbers, and what relates them to the right ones (`mlp_helpers.relations`); was an argument changed
in place. It raises CheckError at the first thing that is wrong, and prints one line when all is right. It
returns nothing, for nbgrader would take a number at the end of a cell for a score.

With `hidden=True` a message contains no number and no input, and success prints nothing. What is tested may
be anything that can be called with plain data and returns plain data.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import re
import sys
from functools import partial

import numpy as np

from mlp_helpers import hints
from mlp_helpers.relations import Expected, difference, is_plain, not_numbers
from mlp_helpers.trial import NUMBERS, CheckError, Trial, exception, is_unwritten, listed, message_of, name_of

__all__ = [
    "CheckError", "batches", "choice", "entries", "gradient", "is_unwritten", "needs", "output", "outputs", "raises",
    "seal", "seed", "that", "written",
]  # fmt: skip

BY_FACTOR = "Go through the formula factor by factor: is each one there, and taken at the right array?"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def seed(number: int) -> np.random.Generator:
    """Seed NumPy's global random state, and return a generator of its own with the same seed."""
    np.random.seed(number)
    return np.random.default_rng(number)


def output(
    function,
    *args,
    exercise,
    expected,
    names=None,
    only=None,
    batch=None,
    rtol=None,
    atol=None,
    hidden=False,
    **kwargs,
) -> None:
    """Check that function(*args, **kwargs) returns `expected`, to atol + rtol * |expected|.

    rtol, atol are 1e-7 and 1e-12; where hidden 1e-11 and 1e-13, which no difference quotient reaches.

    function: is called with copies of all arrays, and must leave them as they are
    exercise: its id, such as "1.3"
    expected: a number or an array-like; a tuple of them where the function returns several things.
              NumPy integers and booleans ask for that dtype, floats for floats; whole numbers in a list, or
              on their own, accept both
    names   : what to call each result, such as ("grad_w", "grad_b")
    only    : the one of `names` to look at; the other results may be anything, or nothing yet
    batch   : N, the number of samples, to recognise a factor N or 1/N
    hidden  : say no number, and nothing at all on success
    raises  : CheckError; where not hidden, also what the function itself raises
    """
    __tracebackhide__ = True
    trial = Trial(function, exercise, hidden)
    several = isinstance(expected, tuple)
    expected = [Expected.of(value) for value in (expected if several else (expected,))]
    nouns = _nouns(names, len(expected), several)
    asked = _asked(nouns, only)
    results = trial.results(args, kwargs, nouns, asked, several)
    rtol, atol = _tolerances(rtol, atol, hidden)
    trial.compare(results, expected, nouns, asked, batch, rtol, atol)
    trial.succeed(f"{listed(asked)} {'are' if len(asked) > 1 else 'is'} right")


def gradient(
    function,
    *args,
    exercise,
    loss,
    at,
    only=None,
    batch=None,
    rtol=1e-5,
    atol=1e-7,
    hidden=False,
    **kwargs,
) -> None:
    """Check that function(*args, **kwargs) returns the gradient of `loss`, against a numerical gradient.

    function: returns one array, or a tuple or list of them in the order of `at`
    loss    : loss(**at) -> a number; must be smooth around `at`
    at      : the arrays to differentiate with respect to, by name: at most about 60 numbers in all
    only    : the one name in `at` whose gradient to look at
    For the rest see `output`.
    """
    __tracebackhide__ = True
    trial = Trial(function, exercise, hidden)
    at = {name: np.array(value, dtype=np.float64) for name, value in at.items()}
    nouns = [f"`grad_{name}`" for name in at]
    asked = _asked(nouns, only and f"grad_{only}")
    results = trial.results(args, kwargs, nouns, asked, several=len(at) > 1)
    slopes = trial.attempt(partial(_slopes, loss, at))
    if not all(np.isfinite(each).all() for each in slopes):
        trial.fail(": the loss to compare with is not finite. Which of its parts could be infinite or NaN?")
    expected = [Expected.of(each) for each in slopes]
    trial.compare(results, expected, nouns, asked, batch, rtol, atol, BY_FACTOR)
    trial.succeed(f"{listed(asked)} {'agree' if len(asked) > 1 else 'agrees'} with a numerical gradient")


def outputs(function, *args, exercise, shapes, hidden=False, **kwargs) -> list[np.ndarray]:
    """The arrays that function(*args, **kwargs) returns, for a check of one's own, once their shapes are right.

    shapes: dict name -> shape, one for each result; None for a result that is not looked at
    For the rest see `output`.
    """
    __tracebackhide__ = True
    trial = Trial(function, exercise, hidden)
    nouns = _nouns(tuple(shapes), len(shapes), True)
    results = trial.results(args, kwargs, nouns, nouns, several=len(shapes) > 1)
    for result, noun, shape in zip(results, nouns, shapes.values(), strict=True):
        if shape is None:
            continue
        # Compared with itself, a result of the right shape can only be wrong in its kind of numbers.
        like = result if is_plain(result) and np.shape(result) == shape else np.ones(shape)
        wrong = difference(result, Expected(np.asarray(like, dtype=float), "f"), noun, rtol=0, atol=0, hidden=hidden)
        others = [name for name, other in shapes.items() if other != shape and np.shape(result) == other]
        if wrong and others and is_plain(result):
            wrong = f"{noun} has the shape of `{others[0]}`. In which order are they asked for?"
        if wrong or not np.isfinite(np.asarray(result)).all():
            trial.fail(f": {wrong or f'{noun} is not finite everywhere'}")
    trial.refuse_changed()
    return [np.asarray(result) for result in results]


def entries(function, *, exercise, expected, hidden=False) -> None:
    """Check the numbers in the dict that function() returns, in the order of `expected`, up to the first wrong one.

    expected: dict name -> numbers, or the `seal` of them, so that a visible check does not show the answer
    For the rest see `output`.
    """
    __tracebackhide__ = True
    trial = Trial(function, exercise, hidden)
    answers = trial.call((), {})
    trial.refuse_nothing(answers)
    if not isinstance(answers, dict):
        trial.fail(" should return a dictionary. What does the docstring promise?")
    rtol, atol = _tolerances(None, None, hidden)
    right = []
    for name, numbers in expected.items():
        if answers.get(name) is None or answers[name] is Ellipsis:
            alike = [key for key in answers if isinstance(key, str) and _spelled(key) == _spelled(name) and key != name]
            known = f"; it has `{alike[0]}`" if alike and not hidden else ""
            trial.fail(f" has no `{name}` yet{known}.{_praise(right)}", unwritten=True)
        if isinstance(numbers, str):
            wrong = _unsealed(answers[name], numbers, f"`{name}`")
        else:
            wrong = difference(answers[name], Expected.of(numbers), f"`{name}`", rtol=rtol, atol=atol, hidden=hidden)
        if wrong:
            trial.fail(f": {wrong}{_praise(right)}")
        right.append(f"`{name}`")
    trial.succeed(f"{listed(right)} {'are' if len(right) > 1 else 'is'} right")


def seal(numbers) -> str:
    """A fingerprint of numbers and their shape, rounded to four decimals; it cannot be read back."""
    rounded = np.round(np.asarray(numbers, dtype=float), 4) + 0.0
    return hashlib.sha256(repr(rounded.tolist()).encode()).hexdigest()[:12]


def batches(seen, x, y, *, exercise, epochs, batch_size, hidden=False) -> None:
    """Check the mini-batches that a training loop has handed out.

    seen: list of (x_batch, y_batch), in order; the rows of x must all differ
    """
    __tracebackhide__ = True
    sizes = [min(batch_size, len(x) - first) for first in range(0, len(x), batch_size)]
    rows = {row.tobytes(): index for index, row in enumerate(np.asarray(x, dtype=float))}

    def ask(condition, known, question):
        __tracebackhide__ = True
        that(condition, f"{question}" if hidden else f"{known} {question}", exercise)

    found = [len(x_batch) for x_batch, _ in seen]
    for done in range(4 * epochs):
        ask(
            done == epochs or found != sizes * done,
            f"Your batches make {NUMBERS[done] if done < len(NUMBERS) else done} epoch{'' if done == 1 else 's'}, "
            f"and {epochs} are asked for.",
            "Which lines repeat in each epoch, and where does the `return` stand?",
        )
    ask(
        found == sizes * epochs,
        f"{len(x)} samples in batches of {batch_size} over {epochs} epochs make batches of {sizes * epochs}, "
        f"and yours had {found}.",
        "How many batches does an epoch have, and how large is the last one?",
    )
    order = []
    for x_batch, y_batch in seen:
        for sample, target in zip(np.asarray(x_batch, dtype=float), y_batch, strict=True):
            index = rows.get(np.ascontiguousarray(sample).tobytes())
            that(index is not None, "a batch holds a sample that is not in x. How do you pick its rows?", exercise)
            that(
                np.array_equal(y[index], target),
                "a sample meets another one's target. What keeps them paired?",
                exercise,
            )
            order.append(index)
    epochs_seen = np.array(order).reshape(epochs, len(x))
    everyone = np.array_equal(np.sort(epochs_seen, axis=1), np.tile(np.arange(len(x)), (epochs, 1)))
    that(everyone, "some samples come twice in one epoch, and others never. When do you draw a new order?", exercise)
    that(
        not any(np.array_equal(epoch, np.arange(len(x))) for epoch in epochs_seen),
        "the samples come in the order in which they were stored. What should happen at the start of an epoch?",
        exercise,
    )
    that(
        not np.array_equal(epochs_seen[0], epochs_seen[-1]) or epochs == 1,
        "every epoch has the same order. When do you draw a new one?",
        exercise,
    )
    if not hidden:
        print(f"✓ {exercise}: every sample comes once an epoch, with its target, in a new order each time.")


def choice(function, options, *args, exercise, expected, about="", hidden=False, **kwargs) -> None:
    """Check that function(options, *args, **kwargs) returns `expected`, which is one of `options`.

    options : numbers or strings; they are told apart, not measured: 4 is no closer to 5 than 40 is
    about   : what is special about this case, such as "two sizes tie"; shown even if hidden
    For the rest see `output`.
    """
    __tracebackhide__ = True
    trial = Trial(function, exercise, hidden)
    chosen = trial.call((options, *args), kwargs)
    trial.refuse_nothing(chosen)
    if isinstance(chosen, (np.generic, np.ndarray)) and chosen.shape == ():
        chosen = chosen.item()
    case = f", where {about}" if about else ""
    if type(chosen) not in (int, float, str) or chosen not in options:
        what = f"{chosen!r}, which" if type(chosen) in (int, float, str) and not hidden else "something that"
        trial.fail(f" returns {what} is none of the options{case}. What does the docstring promise?")
    if chosen != expected:
        known = "makes another choice" if hidden else f"chooses {chosen}, not {expected}"
        trial.fail(f" {known}{case}. Follow it from one option to the next: when does its choice change?")
    trial.refuse_changed()
    trial.succeed(f"it makes the right choice{case}")


def written(thing, exercise) -> None:
    """Say that an exercise is not written yet, if it is not: for a check that calls it by way of something else.

    thing: a function, or a class of which every method must be written
    """
    __tracebackhide__ = True
    if is_unwritten(thing):
        Trial(thing, exercise, hidden=False).refuse_nothing(None)


def that(condition, message: str, exercise: str | None = None) -> None:
    """Raise CheckError(message) unless `condition` is true.

    condition: a boolean, or an array of them, true throughout; a number is true unless it is 0 or NaN
    """
    __tracebackhide__ = True
    if isinstance(condition, (bool, int, float, np.generic, np.ndarray)):
        array = np.asarray(condition)
        if array.size and array.dtype.kind in "biuf" and np.all(array != 0) and not np.isnan(array).any():
            return
    raise CheckError(f"{exercise}: {message}" if exercise else message)


def raises(
    function, *args, exercise, error=ValueError, hidden=False, because="they do not fit together", **kwargs
) -> None:
    """Check that function(*args, **kwargs) refuses its arguments: it must raise `error`, with a message.

    error  : an exception class, or a tuple of them
    because: why the arguments should be refused; shown even if hidden, so it should contain no number
    """
    __tracebackhide__ = True
    trial = Trial(function, exercise, hidden)
    classes = error if isinstance(error, tuple) else (error,)
    name = " or ".join(each.__name__ for each in classes)
    should = f"these arguments should be refused with {name}, because {because}"
    anything = (Exception, SystemExit, GeneratorExit)
    raised = None
    try:
        returned = trial.call(args, kwargs, let_through=anything)
    except anything as problem:
        raised = problem
    if raised is None:
        if not trial.is_written():
            trial.refuse_nothing(returned)
        trial.fail(f" returns {'nothing' if returned is None else 'a result'}, but {should}. Where could it notice?")
    if not isinstance(raised, classes):
        by_hand = type(raised) in (AssertionError, Exception)  # nobody raises these by mistake
        question = "Which exception does the docstring promise?" if by_hand else "Could it notice earlier?"
        trial.fail(f" raised {exception(raised, hidden)}, but {should}. {question}")
    if not message_of(raised):
        trial.fail(f" raises {name}, but without a message. What would help whoever has to read it?")
    trial.succeed(f"it refuses what it should, with {name}")


@contextlib.contextmanager
def needs(*functions):
    """For a cell that illustrates with the student's functions: one kind line in place of a traceback.

    The line comes when the cell raises an exception, when its numbers overflow, or when one of the functions is
    not written yet. It is one output, with the metadata {"mlp_helpers": {"unwritten": True}}.
    """
    problem = None
    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except Exception as error:
        problem = error
    missing = [name_of(function) for function in functions if is_unwritten(function)]
    if missing:
        several = len(missing) > 1
        _show(
            f"Not yet: this cell uses {listed(missing)}, which {'return' if several else 'returns'} nothing "
            f"yet. Write {'them' if several else 'it'}, then run this cell again."
        )
    elif problem is not None:
        used = listed([name_of(function) for function in functions])
        whose = "The checks of these functions" if len(functions) > 1 else "Its check"
        grew = isinstance(problem, FloatingPointError)
        infinite = "its numbers became infinite or NaN (did they grow without bound, or was it 0 / 0?)"
        what = infinite if grew else f"stopped at {exception(problem)}"
        _show(f"Not yet: this cell uses {used}, and {what}. {whose} will say more.")


def _slopes(loss, at):
    """The numerical gradient of loss(**at) for each array in `at`, by a five-point stencil (error ∝ step⁴).

    Rounded to single precision: enough to check a derivation, too little to stand in for one.
    """
    __tracebackhide__ = True

    def moved(name, index, step):
        __tracebackhide__ = True
        copies = {key: array.copy() for key, array in at.items()}
        copies[name][index] += step
        value = loss(**{key: array[()] for key, array in copies.items()})
        return np.asarray(value, dtype=np.float64).item()

    def slope(name, index, h):
        __tracebackhide__ = True
        near = moved(name, index, h) - moved(name, index, -h)
        far = moved(name, index, 2 * h) - moved(name, index, -2 * h)
        return (8 * near - far) / (12 * h)

    slopes = {name: np.empty_like(array) for name, array in at.items()}
    for name, array in at.items():
        for index in np.ndindex(array.shape):
            size = max(1.0, abs(array[index]))
            best = slope(name, index, 1e-3 * size)
            for step in (1e-4, 1e-5):  # two steps that disagree have a kink nearby: the smaller may miss it
                closer = slope(name, index, step * size)
                if abs(best - closer) <= 1e-6 * abs(closer) + 1e-8:
                    break
                best = closer
            slopes[name][index] = best
    return [each.astype(np.float32) for each in slopes.values()]


def _tolerances(rtol, atol, hidden):
    default = (1e-11, 1e-13) if hidden else (1e-7, 1e-12)
    return default[0] if rtol is None else rtol, default[1] if atol is None else atol


def _spelled(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _praise(right):
    """What was right before the first wrong entry, as a sentence."""
    return f" ({listed(right)} {'are' if len(right) > 1 else 'is'} right.)" if right else ""


def _unsealed(value, sealed, noun):
    """What is wrong with an entry whose right value is known by its seal only, "" if nothing is."""
    if not is_plain(value):
        return not_numbers(value, noun)
    try:
        got = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return f"{noun} is a list whose rows have different lengths. Which row is too short?"
    if seal(got) == sealed:
        return ""
    slips = {
        "has its sign flipped. Where does a minus come in, or go missing?": -got,
        "looks transposed. Which axis should come first?": got.T,
        "holds the right numbers in another order. What does each place stand for?": got[..., ::-1]
        if got.ndim
        else got,
        "is twice what it should be. Where could a factor two come in?": got / 2,
        "is half of what it should be. Where could a factor two get lost?": got * 2,
        "holds the right numbers in another shape. What does the docstring promise?": got.ravel(),
        "holds the right numbers, but not as a square table. What does the docstring promise?": _squared(got),
        "should be a number, not a list with one in it.": got.reshape(()) if got.size == 1 else got,
    }
    for slip, mended in slips.items():
        if seal(mended) == sealed:
            return f"{noun} {slip}"
    return f"{noun} is not right yet. Which numbers go into it, and how?"


def _squared(array):
    side = round(array.size**0.5)
    return array.reshape(side, side) if side**2 == array.size else array


def _nouns(names, count, several):
    if names:
        return [f"`{name}`" for name in ((names,) if isinstance(names, str) else names)]
    return [f"the {ORDINALS[i]} result" for i in range(count)] if several else ["the result"]


def _asked(nouns, only):
    if only is not None and f"`{only}`" not in nouns:
        raise ValueError(f"only={only!r} is none of the results, {listed(nouns)}")
    return nouns if only is None else [f"`{only}`"]


def _show(line):
    """Display a line in a notebook, or print it."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(line)
        return
    from IPython.display import display

    marked = re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(line))
    style = "border-left: 4px solid #E69F00; padding: 0.4em 0.8em; margin: 0.4em 0"
    bundle = {"text/plain": line, "text/html": f'<div style="{style}">{marked}</div>'}
    display(bundle, raw=True, metadata={"mlp_helpers": {"unwritten": True}})


hints.watch()

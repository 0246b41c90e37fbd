"""One call of a student's function: with copies of its arguments, and words for what it does.

The function may be anything that can be called with plain data and returns plain data; its exceptions, its
warnings and its changes to the arguments are caught here, so that the checks can speak of them.
"""

from __future__ import annotations

import builtins
import contextvars
import dis
import inspect
import re
import types
import warnings
from functools import partial

import numpy as np

from mlp_helpers.relations import difference

# Whether the call under way passes copies on, made to see what becomes of them.
copies_passed = contextvars.ContextVar("copies_passed", default=False)

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class CheckError(AssertionError):
    """A check that failed. A notebook shows its message alone, without a traceback.

    unwritten: whether there is nothing to check yet
    """

    unwritten = False

    def _render_traceback_(self, *_):
        return [f"✗ {self}"]


def is_unwritten(function) -> bool:
    """Whether a function is still a stub, a docstring and `...`; for a class, whether a method of it is.

    A stand-in for a function elsewhere tells so itself, by its attribute __unwritten__.
    """
    if isinstance(told := getattr(function, "__unwritten__", None), bool):
        return told
    if inspect.isclass(function):
        return any(is_unwritten(method) for method in vars(function).values())
    if isinstance(function, (types.MethodType, staticmethod, classmethod)):
        function = function.__func__
    if not inspect.isfunction(function) or len(function.__code__.co_code) > 40:  # bytes; a stub takes ten or so
        return False
    steps = [(step.opname, step.argval) for step in dis.get_instructions(function)]
    steps = [step for step in steps if step[0] not in ("RESUME", "NOP", "CACHE")]
    return steps in ([("LOAD_CONST", None), ("RETURN_VALUE", None)], [("RETURN_CONST", None)])


class Trial:
    """One call of the function under test, and what is said about it."""

    def __init__(self, function, exercise, hidden):
        __tracebackhide__ = True
        self.function, self.hidden = function, hidden
        self.label = f"{exercise} {name_of(function)}" + (" (on other inputs)" if hidden else "")
        self.given = self.passed = ({}, {})
        self.warned = []
        if not callable(function):
            self.fail(" cannot be called. Is there a `def` for it, and has its cell been run?")
        try:
            self.signature = inspect.signature(function)
        except Exception:
            self.signature = None

    def fail(self, text, unwritten=False):
        __tracebackhide__ = True
        error = CheckError(self.label + text)
        error.unwritten = unwritten
        raise error

    def succeed(self, text):
        if self.hidden:
            return
        note = f" (It warned: {self.warned[0]}.)" if self.warned else ""
        print(f"✓ {self.label}: {text}.{note}")

    def attempt(self, call, let_through=()):
        """call(), whose exceptions pass in a visible check only: a traceback would show hidden inputs.

        Some never pass, as a loop or an interpreter would take them for its own: a StopIteration ends a `for`
        over `map` without a word.
        """
        __tracebackhide__ = True
        # Warnings are kept off stderr, for which nbgrader would score the cell 0, and told in a message.
        with warnings.catch_warnings(record=True) as caught:
            try:
                return call()
            except let_through:
                raise
            except FloatingPointError as error:  # a check has asked NumPy to raise
                if self.hidden:  # its text could be anything: a function can raise this by itself
                    kind = re.match(r"overflow|underflow|divide by zero|invalid value", message_of(error))
                    return self.fail(f": NumPy reports {kind[0] if kind else 'an error'}. Which number goes in where?")
                numbers = "Which number goes in there? (If it stands in an `np.where`: that computes both sides.)"
                return self.fail(f": NumPy reports: {message_of(error)}. {numbers}")
            except (StopIteration, StopAsyncIteration, SystemExit, GeneratorExit) as error:
                problem = error
            except BaseException as error:
                if not self.hidden:
                    raise
                problem = error
            finally:
                self.warned += [str(warning.message) for warning in caught]
        question = "What is different about other inputs?" if self.hidden else "Which line of it raises that?"
        return self.fail(f" raised {exception(problem, self.hidden)}. {question}")

    def call(self, args, kwargs, let_through=()):
        """What the function returns for copies of the arguments."""
        __tracebackhide__ = True
        self.given, self.passed = (args, kwargs), (_copied(args), _copied(kwargs))
        before = copies_passed.set(True)
        try:
            return self.attempt(partial(self.function, *self.passed[0], **self.passed[1]), let_through)
        except (ValueError, IndexError, TypeError) as error:
            if not let_through and (advice := self.advice(error)):
                print(advice)
            raise
        finally:
            copies_passed.reset(before)

    def advice(self, error):
        """What stands before a traceback in whose last line NumPy or Python says too little, or ""."""
        text = message_of(error)
        if "truth value of an array" in text:
            return (
                f"{self.label}: an array of answers stands where a single True or False is wanted: `if`, `and`, `or`, "
                "`not` and Python's `max` and `min` want one. Which operation works on every entry by itself?"
            )
        if re.search(r"boolean (subtract|negative)", text):
            return f"{self.label}: NumPy has no minus for True and False. Which numbers do they stand for?"
        if re.search(r"0-dimensional|(size-1|length-1) arrays", text):
            return f"{self.label}: a function for single numbers was given an array. Is there one for arrays?"
        if isinstance(error, TypeError):
            nothing = re.search(r"\bNoneType\b", text)
            return f"{self.label}: something in the line below is None. Which call returns nothing?" if nothing else ""
        if re.search(r"shape|dimension|broadcast|align|ax[ei]s", text):
            return f"{self.label} was called with {self.shapes()}. Which shapes meet in its line below?"
        if isinstance(error, IndexError) and "out of range" in text:
            return f"{self.label} was called with {self.shapes()}. Does its line below fit every shape?"
        return ""

    def shapes(self):
        """The shapes of the arrays among the arguments, in words."""
        arrays = [(self.parameter(i), value) for i, value in enumerate(self.given[0]) if isinstance(value, np.ndarray)]
        arrays += [(name, value) for name, value in self.given[1].items() if isinstance(value, np.ndarray)]
        return listed([f"{name or 'an array'} {value.shape}" for name, value in arrays]) if arrays else "no array"

    def is_written(self):
        """Whether the function, or the `__call__` of an object, is known to have a body of its own."""
        called = self.function
        if isinstance(told := getattr(called, "__unwritten__", None), bool):
            return not told
        if not inspect.isroutine(called) and inspect.isfunction(type(called).__call__):
            called = type(called).__call__
        return inspect.isroutine(called) and not is_unwritten(called)

    def refuse_nothing(self, value):
        __tracebackhide__ = True
        if value is not None and value is not Ellipsis:
            return
        if self.is_written():
            self.fail(" returns nothing. Does every way through it end in a `return`?")
        self.fail(" returns nothing yet. Write its body, run that cell, then run this one again.", unwritten=True)

    def results(self, args, kwargs, nouns, asked, several):
        """The function's results, one for each noun, of which those asked for are there."""
        __tracebackhide__ = True
        returned = self.call(args, kwargs)
        self.refuse_nothing(returned)
        if not several:
            return [returned]
        count = len(returned) if isinstance(returned, (list, tuple)) else 1
        if count != len(nouns):
            found = NUMBERS[count] if count < len(NUMBERS) else "more"
            what = f"{found} result{'' if count == 1 else 's'} where {listed(nouns)} are asked for"
            self.fail(f" returns {what}. What stands behind its `return`?")
        for result, noun in zip(returned, nouns, strict=True):
            if noun in asked and (result is None or result is Ellipsis):
                nothing = "None, so nothing" if result is None else "nothing"
                self.fail(f": {noun} is {nothing} yet. Which line should give it its value, in this case too?", True)
        return list(returned)

    def compare(self, results, expected, nouns, asked, batch, rtol, atol, question=""):
        """Fail at the first result asked for that is wrong, then at an argument that was changed.

        question: what to ask about numbers in which no slip is recognised
        """
        __tracebackhide__ = True
        wrong = partial(difference, batch=batch, rtol=rtol, atol=atol, hidden=self.hidden, question=question)
        changed = self.changed_argument()
        for result, right, noun in zip(results, expected, nouns, strict=True):
            text = wrong(result, right, noun) if noun in asked else ""
            if not text:
                continue
            for other, name, own in zip(expected, nouns, results, strict=True):
                if name != noun and np.any(other.values) and not wrong(result, other, noun):
                    twice = not wrong(own, other, name)
                    text = (
                        f"{noun} is the same as {name}. What should happen on the way from one to the other?"
                        if twice
                        else f"{name} stands in the place of {noun}. In which order are they asked for?"
                    )
            if isinstance(result, (list, tuple)) and len(result) == 1 and not wrong(result[0], right, noun):
                text = f"{noun} comes inside a {type(result).__name__} of its own. What wraps it?"
            if changed:
                self.fail(f" changes {changed} in place. Who may still need the values that it held? (And {text})")
            if self.warned and not self.hidden:
                text += f" (It warned: {self.warned[0]}.)"
            self.fail(f": {text}")
        self.refuse_changed()

    def refuse_changed(self):
        __tracebackhide__ = True
        changed = self.changed_argument()
        if changed:
            self.fail(f" changes {changed} in place. Who may still need the values that it held?")

    def changed_argument(self):
        """The first argument that is no longer what it was, as words, or ""."""
        (args, kwargs), (args_after, kwargs_after) = self.given, self.passed
        pairs = [(self.parameter(i), *pair) for i, pair in enumerate(zip(args, args_after, strict=True))]
        pairs += [(name, kwargs[name], kwargs_after[name]) for name in kwargs]
        for name, before, after in pairs:
            path = _change(before, after)
            if path is not None:
                return f"its argument `{name}{'' if self.hidden else path}`" if name else "an argument"
        return ""

    def parameter(self, position):
        """The name of the positional argument, where the function tells."""
        names = list(self.signature.parameters.values()) if self.signature else []
        positional = [p.name for p in names if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        return positional[position] if position < len(positional) else ""


def _copied(value):
    """A copy of all arrays and containers in value; anything else as it is."""
    if isinstance(value, np.ndarray):
        return np.array(value, order="K", subok=True)
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [_copied(item) for item in value]
        if isinstance(value, list):
            return items
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


def _change(before, after):
    """Where two values that were the same differ, as an index such as "[0]['w']", or None."""
    if before is after:
        return None
    if isinstance(before, np.ndarray):
        same = isinstance(after, np.ndarray) and before.dtype == after.dtype and before.shape == after.shape
        return None if same and before.tobytes() == after.tobytes() else ""
    if isinstance(before, dict):
        if not isinstance(after, dict) or before.keys() != after.keys():
            return ""
        pairs = [(key, before[key], after[key]) for key in before]
    elif isinstance(before, (list, tuple)):
        if not isinstance(after, (list, tuple)) or len(before) != len(after):
            return ""
        pairs = [(index, *pair) for index, pair in enumerate(zip(before, after, strict=True))]
    else:
        same = type(before) is type(after) and isinstance(before, (bool, int, float, complex, str, np.generic))
        return None if same and (before == after or before != before) else ""
    for key, one, other in pairs:
        path = _change(one, other)
        if path is not None:
            holds_arrays = isinstance(one, (np.ndarray, dict, list, tuple))
            return f"[{key!r}]{path}" if holds_arrays else ""
    return None


def listed(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "your functions"


def name_of(function):
    """A function's name in backticks, or "your function" where it has none to show."""
    try:
        name = function.__name__
        if inspect.ismethod(function) and not inspect.isclass(function.__self__):
            name = f"{type(function.__self__).__name__}.{name}"
    except Exception:
        name = type(function).__name__ if type(function).__module__ == "__main__" else None
    if not isinstance(name, str) or not re.fullmatch(r"[\w.]+", name):
        return "your function"
    return f"`{name}`"


def message_of(error):
    try:
        return str(error).strip()
    except Exception:
        return ""


def exception(error, hidden=False):
    """An exception in words; hidden, only a built-in type: another name could carry an input."""
    name = type(error).__name__
    if hidden:
        return name if getattr(builtins, name, None) is type(error) else "an exception"
    text = message_of(error)
    return f"{name}: {text[:300]}".rstrip(".") if text else name

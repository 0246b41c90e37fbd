"""A student's objects as a test sees them: stand-ins on the trusted side, whose use is a message to the worker.

A proxy can be called, passed back as an argument, and its attributes read and set as a whole. What comes back is
plain data or another proxy. Functions of the test that are handed to student code are called back from there.
"""

from __future__ import annotations

import builtins
import inspect
import warnings

import numpy as np

from autograder import wire
from mlp_helpers import trial

# Exceptions that come back as themselves; a subclass comes back as the nearest of them, all else as StudentError.
# None that a loop or an interpreter takes for its own: a StopIteration would end a `for` over `map` in a test.
_RAISED = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, FloatingPointError, ImportError, IndexError, KeyError,
        LookupError, MemoryError, ModuleNotFoundError, NameError, NotImplementedError, OverflowError, RecursionError,
        RuntimeError, TypeError, UnboundLocalError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip

_TOLD = ["__signature__", "__unwritten__"]
_USUAL = np.geterr()


class StudentError(Exception):
    """An exception of student code that is none of the ordinary ones. Its message starts with its type's name."""


class Over(BaseException):
    """The test cannot go on: the worker is dead, took too long, or spoke nonsense. `args[0]` says which."""


class Line:
    """Requests to a worker, and the functions that it may call back.

    deadline: when the worker must have answered, as time.monotonic() tells it
    broken  : why there will be no more answers, "" while there will
    depth   : how many callbacks are under way
    hidden  : whether a hidden part runs; then the worker is asked nothing whose answer a student could come to read
    """

    def __init__(self, channel: wire.Channel):
        self.channel, self.deadline, self.broken = channel, 0.0, ""
        self.after_raise: list = []
        self.depth = 0
        self.hidden = False
        self.proxies: dict[int, Proxy] = {}
        self.callbacks: list = []

    def ask(self, *request) -> list:
        """What the worker answers to a request.

        raises: what student code raised, as an ordinary exception or a StudentError; Over
        """
        if self.broken:
            raise Over(self.broken)
        return self._try(lambda: self._converse(wire.pack(list(request), self._refer)))

    def settle(self) -> list:
        """The answer that a request before has not brought in time; for errors see `ask`."""
        return self._try(self._hear)

    def _try(self, converse):
        try:
            return converse()
        except TimeoutError:
            self.broken = "time"
        except wire.Closed:
            self.broken = "dead"
        except (wire.WireError, _Lie):
            self.broken = "nonsense"
        raise Over(self.broken)

    def _converse(self, request: bytes) -> list:
        self.channel.send(request, self.deadline)
        return self._hear()

    def _hear(self) -> list:
        while True:
            answer = wire.unpack(self.channel.receive(self.deadline), self._deref)
            if type(answer) is not list or not answer:
                raise _Lie
            if answer[0] == "value":
                return answer[1:]
            if answer[0] == "raised" and len(answer) in (3, 5):
                self.after_raise = answer[3:]
                raise _exception(answer[1], answer[2])
            if answer[0] != "callback" or len(answer) != 4:
                raise _Lie
            self.channel.send(self._called_back(*answer[1:]), self.deadline)

    def _called_back(self, number, args, kwargs) -> bytes:
        known = type(number) is int and 0 <= number < len(self.callbacks)
        if not known or type(args) is not list or type(kwargs) is not dict or set(map(type, kwargs)) - {str}:
            raise _Lie
        self.depth += 1
        try:
            return wire.pack(["returns", self.callbacks[number](*args, **kwargs)], self._refer)
        except Exception as error:
            name = next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _RAISED), "RuntimeError")
            return wire.pack(["raises", name, str(error)[:300]], self._refer)
        finally:
            self.depth -= 1

    def _refer(self, value) -> wire.Reference:
        if type(value) is Proxy:
            return wire.Reference(False, _of(value, "_number"))
        if not callable(value):
            raise TypeError(f"a test cell gives student code an object of type {type(value).__name__}")
        self.callbacks.append(value)
        return wire.Reference(True, len(self.callbacks) - 1, getattr(value, "__name__", "function"))

    def _deref(self, reference: wire.Reference):
        if not reference.senders:
            if not 0 <= reference.number < len(self.callbacks):
                raise _Lie
            return self.callbacks[reference.number]
        if reference.number not in self.proxies:
            self.proxies[reference.number] = Proxy(self, reference.number)
        return self.proxies[reference.number]


class Proxy:
    """An object that stays in the worker. It is called what the test calls it, whatever it says its name is."""

    __slots__ = ("_about", "_line", "_name", "_number")

    def __init__(self, line: Line, number: int):
        for name, value in (("_line", line), ("_number", number), ("_name", ""), ("_about", None)):
            object.__setattr__(self, name, value)

    def __call__(self, *args, **kwargs):
        line = _of(self, "_line")
        errstate = np.geterr()
        try:
            answer = line.ask("call", self, list(args), kwargs, None if errstate == _USUAL else errstate)
        except Exception:
            after, line.after_raise = line.after_raise, []
            if len(after) == 2:
                _take_over(args, kwargs, *after)
            raise
        if len(answer) != 3:
            line.broken = "nonsense"
            raise Over("nonsense")
        _take_over(args, kwargs, *answer[1:])
        return called(answer[0], _of(self, "_name"))

    def __getattr__(self, name):
        if name == "__name__":
            return _of(self, "_name")
        if name in _TOLD:
            return self._told()[_TOLD.index(name)]
        if name.startswith("__"):
            raise AttributeError(name)
        return called(_of(self, "_line").ask("get", self, name)[0], f"{_of(self, '_name')}.{name}")

    def __setattr__(self, name, value):
        if name.startswith("__"):
            raise AttributeError(name)
        _of(self, "_line").ask("set", self, name, value)

    def _told(self):
        """What the worker says of the object, where that makes sense: its signature, and whether it is unwritten."""
        if _of(self, "_about") is None:
            if _of(self, "_line").hidden:
                return None, False
            answer = _of(self, "_line").ask("about", self)[0]
            parameters, unwritten = answer if type(answer) is list and len(answer) == 2 else (None, False)
            object.__setattr__(self, "_about", (_signature(parameters), unwritten is True))
        return _of(self, "_about")

    def __len__(self):
        length = _of(self, "_line").ask("length", self)[0]
        if type(length) is not int or length < 0:
            raise TypeError("no length")
        return length

    def __getitem__(self, key):
        return _of(self, "_line").ask("item", self, key)[0]

    def __bool__(self):
        return True

    def __repr__(self):
        return "<an object of the student's>"


_of = object.__getattribute__


def called(value, name: str):
    """The same value; if it is a proxy without a name, it now has this one."""
    if type(value) is Proxy and not _of(value, "_name"):
        object.__setattr__(value, "_name", name)
    return value


class _Lie(Exception):
    """The worker answers something that no worker of ours would."""


class _Verbatim(str):
    """A message that shows as it is where Python would show its repr, as in a KeyError."""

    __repr__ = str.__str__


def _exception(names, message) -> Exception:
    if type(names) is not list or not names or {type(name) for name in names} != {str} or type(message) is not str:
        return _Lie()
    kind = next((_RAISED[name] for name in names if name in _RAISED), None)
    if kind:
        error = kind(_Verbatim(message))
    else:
        error = StudentError(f"{names[0][:80]}: {message}" if message else names[0][:80])
    error.from_student = True
    return error


def _signature(parameters):
    """A signature of positional parameters, None if these are no names of some."""
    if type(parameters) is not list or len(parameters) > 50 or {type(name) for name in parameters} - {str}:
        return None
    try:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in parameters])
    except ValueError:
        return None


def _take_over(args, kwargs, changed, warned) -> None:
    """Warn as student code did, and change the arguments as it did.

    Arrays, lists and dicts change only if they are copies that a check has made to see it: what a test cell goes
    on working with is not the student's to change.
    """
    if type(warned) is list:
        for name, text in (item for item in warned[:10] if type(item) is list and len(item) == 2):
            kind = getattr(builtins, name, None) if type(name) is str else None
            if isinstance(kind, type) and issubclass(kind, Warning) and type(text) is str:
                warnings.warn(text, kind, stacklevel=3)
    if type(changed) is list and len(changed) == 2:
        _change(args, changed[0], trial.copies_passed.get())
        _change(kwargs, changed[1], trial.copies_passed.get())


def _change(mine, theirs, copies) -> None:
    if isinstance(mine, np.random.Generator):
        if type(theirs) is np.random.Generator and type(mine.bit_generator) is np.random.PCG64:
            before, after = mine.bit_generator.state, theirs.bit_generator.state
            if before["state"]["inc"] == after["state"]["inc"]:  # the same stream, further on
                mine.bit_generator.state = after
    elif isinstance(mine, np.ndarray):
        same = isinstance(theirs, np.ndarray) and (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
        if copies and same and mine.flags.writeable:
            mine[...] = theirs
    elif isinstance(mine, dict) and isinstance(theirs, dict):
        for key in mine.keys() & theirs.keys():
            _change(mine[key], theirs[key], copies)
        if copies and mine.keys() != theirs.keys():
            kept = {key: mine[key] for key in mine if key in theirs}
            mine.clear()
            mine.update({**theirs, **kept})
    elif isinstance(mine, (list, tuple)) and isinstance(theirs, (list, tuple)):
        for one, other in zip(mine, theirs):  # noqa: B905
            _change(one, other, copies)
        if copies and isinstance(mine, list):
            held = (np.ndarray, dict, list, tuple, np.random.Generator, Proxy)
            same = len(mine) == len(theirs)
            mine[:] = [
                one if same and (isinstance(one, held) or callable(one)) else other
                for one, other in zip(mine if same else theirs, theirs, strict=True)
            ]

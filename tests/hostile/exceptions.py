# %% [root] StopIteration: ends the loop of a test without a word
def root(x):
    raise StopIteration


# %% [root] StopIteration with a value, StopAsyncIteration, GeneratorExit
def root(x):
    raise GeneratorExit if x == 4 else StopAsyncIteration


# %% [root] SystemExit: ends the examiner with success
def root(x):
    raise SystemExit(0)


# %% [root] KeyboardInterrupt: as if the teacher had pressed Ctrl-C
def root(x):
    raise KeyboardInterrupt


# %% [root] MemoryError and RecursionError
def root(x):
    raise MemoryError if x == 4 else RecursionError


# %% [root] CancelledError: of asyncio
import asyncio
def root(x):
    raise asyncio.CancelledError


# %% [root] BdbQuit: ends a debugger quietly
import bdb
def root(x):
    raise bdb.BdbQuit


# %% [root] BaseException: a subclass of its own
class Out(BaseException):
    pass
def root(x):
    raise Out


# %% [root] an exception group: of exits
def root(x):
    group = globals()["__builtins__"].__dict__.get("BaseExceptionGroup", ValueError)
    raise group("x", [SystemExit(0), KeyboardInterrupt()]) if group is not ValueError else SystemExit(0)


# %% [root] AssertionError: of the student
def root(x):
    raise AssertionError("all is well: full marks")


# %% [root] pytest's and unittest's outcomes: skipped, exit, expected failure
def root(x):
    import unittest
    raise unittest.SkipTest("not today")


# %% [root] warnings: an answer that warns
import warnings
def root(x):
    warnings.warn("careful")
    raise UserWarning("careful")


# %% [root] str that never returns: of the exception
class Slow(Exception):
    def __str__(self):
        while True:
            pass
    __repr__ = __str__
def root(x):
    raise Slow


# %% [root] str that exits: of the exception
import os
class Out(Exception):
    def __str__(self):
        os._exit(0)
    __repr__ = __str__
def root(x):
    raise Out


# %% [root] str that raises: of the exception, and again
class Odd(Exception):
    def __str__(self):
        raise Odd
    __repr__ = __str__
def root(x):
    raise Odd


# %% [root] str that is no str
class Odd(Exception):
    def __str__(self):
        return 5
    def __repr__(self):
        return None
def root(x):
    raise Odd


# %% [root] a huge message
def root(x):
    raise ValueError("x" * (1 << 28))


# %% [root] a str subclass as the message: with hostile methods
class Text(str):
    def __str__(self):
        raise SystemExit
    __repr__ = __format__ = encode = __len__ = __add__ = __str__
def root(x):
    raise ValueError(Text("x"))


# %% [root] args that lie: a property in place of arguments
class Odd(ValueError):
    @property
    def args(self):
        raise SystemExit
    __traceback__ = __cause__ = __context__ = args
def root(x):
    raise Odd("x")


# %% [root] class that lies: an exception that says it is an AssertionError or a success
class Odd(Exception):
    @property
    def __class__(self):
        raise SystemExit
def root(x):
    raise Odd


# %% [root] a class whose name is no text: and whose module is none
class Odd(Exception):
    __module__ = property(lambda self: 1 / 0)
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    def __str__(cls):
        raise SystemExit
    __repr__ = __str__
class Odder(Odd, metaclass=Meta):
    pass
def root(x):
    raise Odder


# %% [root] the name of an allowed exception: a class that calls itself StopIteration, SystemExit or CheckError
def root(x):
    raise type("CheckError" if x == 4 else "StopIteration", (Exception,), {})("passed")


# %% [root] an exception that cannot be built again: a constructor with other arguments, a hostile __new__
class Odd(ValueError):
    def __init__(self, a, b, c):
        raise SystemExit
def root(x):
    raise Odd(1, 2, 3)


# %% [root] a cycle of exceptions: each the cause of the other
def root(x):
    a, b = ValueError(), KeyError()
    a.__cause__, b.__cause__ = b, a
    a.__context__, b.__context__ = b, a
    raise a


# %% [root] a deep chain: a hundred thousand contexts
def root(x):
    error = None
    for _ in range(100_000):
        new = ValueError("x")
        new.__context__ = error
        error = new
    raise error


# %% [root] a deep traceback: recursion without end
def root(x):
    return root(x)


# %% [root] a rendered traceback of its own: _render_traceback_
class Odd(Exception):
    def _render_traceback_(self):
        raise SystemExit
def root(x):
    raise Odd


# %% [root] raised while it is deleted: from __del__
class Odd:
    def __del__(self):
        raise SystemExit
def root(x):
    Odd()
    return -1


# %% [root] raised in another thread: PyThreadState_SetAsyncExc on everything
import ctypes, sys
def root(x):
    for thread in sys._current_frames():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))
    return -1


# %% raised later in the main thread: by interrupt_main, pending calls and signals
import _thread, threading
threading.Timer(0.05, _thread.interrupt_main).start()
threading.Timer(0.10, _thread.interrupt_main).start()


# %% SystemExit in a cell: with every kind of argument
raise SystemExit({"score": 3})


# %% KeyboardInterrupt in a cell
raise KeyboardInterrupt


# %% BaseException in a cell: one whose str never returns
class Slow(BaseException):
    def __str__(self):
        while True:
            pass
raise Slow


# %% a huge traceback: whose frames have huge variables and lines
def deep(n):
    line = "x" * 100000
    return deep(n - 1) if n else 1 / 0
deep(900)


# %% a syntax error that prints: with a huge and odd line
exec("x = '" + "\x1b[2J" * 100000)

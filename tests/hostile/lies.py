# %% [root] equal to everything: an object whose comparisons are all true
class Right:
    def __eq__(self, other):
        return True
    __ne__ = lambda self, other: False
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None
def root(x):
    return Right()


# %% [root] mock.ANY: the library's own
from unittest import mock
def root(x):
    return mock.ANY


# %% [root] magic mock: whatever is asked of it
from unittest import mock
def root(x):
    answer = mock.MagicMock()
    answer.__eq__.return_value = True
    return answer


# %% root itself equal to everything: a callable object, not a function
# %% [root]
class Root:
    def __call__(self, x):
        return self
    def __eq__(self, other):
        return True
root = Root()


# %% [root] a class as the answer: calling it makes an object that agrees
class root:
    def __init__(self, x):
        pass
    def __eq__(self, other):
        return True


# %% [root] a metaclass: the class itself is equal to everything
class Meta(type):
    def __eq__(cls, other):
        return True
    __hash__ = type.__hash__
class Right(metaclass=Meta):
    pass
def root(x):
    return Right


# %% [root] float that agrees: a subclass with another ==
class Right(float):
    def __eq__(self, other):
        return True
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    __sub__ = __rsub__ = __abs__ = lambda self, *other: self
    __hash__ = float.__hash__
def root(x):
    return Right(-1)


# %% [root] int that agrees: with another == and another __index__
class Right(int):
    def __eq__(self, other):
        return True
    def __index__(self):
        return 2
    __int__ = __float__ = __index__
    __hash__ = int.__hash__
def root(x):
    return Right(-1)


# %% [root] str that agrees
class Right(str):
    def __eq__(self, other):
        return True
    __hash__ = str.__hash__
def root(x):
    return Right("2")


# %% [root] list, tuple and dict that agree
class Right(list):
    def __eq__(self, other):
        return True
def root(x):
    return Right([2])


# %% [root] complex, Decimal and Fraction that agree
import decimal, fractions
class Right(fractions.Fraction):
    def __eq__(self, other):
        return True
class Also(decimal.Decimal):
    def __eq__(self, other):
        return True
def root(x):
    return Right(1, 2) if x == 4 else Also(1)


# %% [root] an array that agrees: a subclass of ndarray
import numpy as np
class Right(np.ndarray):
    def __eq__(self, other):
        return True
    def __array_ufunc__(self, *args, **kwargs):
        return True
    def __array_function__(self, *args, **kwargs):
        return True
def root(x):
    return np.array(-1.0).view(Right)


# %% [root] an object in an array: of dtype object, whose == is true
import numpy as np
class Right:
    def __eq__(self, other):
        return True
def root(x):
    array = np.empty((), dtype=object)
    array[()] = Right()
    return array


# %% [root] array by protocol: __array__, __array_interface__, __float__, __index__
class Right:
    __array_priority__ = 1e9
    def __array__(self, *args, **kwargs):
        import numpy as np
        return np.array(2)
    def __float__(self):
        return 2.0
    def __index__(self):
        return 2
    def __eq__(self, other):
        return True
def root(x):
    return Right()


# %% [root] array whose memory changes: a view of memory that a thread writes
import numpy as np, threading
memory = np.zeros(1)
def change():
    while True:
        memory[0] = 2
        memory[0] = 987_653 + 1
threading.Thread(target=change, daemon=True).start()
def root(x):
    return memory


# %% [root] nan and inf: pass where an error is compared with >
def root(x):
    return float("nan")


# %% [root] infinity
def root(x):
    return float("inf")


# %% [root] not comparable: an array of both possible answers
import numpy as np
def root(x):
    return np.array([2, 987_653 + 1])


# %% [root] empty: an array without elements, whose all() is true
import numpy as np
def root(x):
    return np.array([])


# %% [root] masked: a masked value
import numpy as np
def root(x):
    return np.ma.masked


# %% [root] structured, odd-endian and void arrays
import numpy as np
def root(x):
    return np.array([(2, 2.0)], dtype=[("a", ">i4"), ("b", "<f8")])[0] if x == 4 else np.void(b"\0" * 8)


# %% [root] dates, strings and long doubles in arrays
import numpy as np
def root(x):
    return np.datetime64("2020-01-01") if x == 4 else np.array(["2"], dtype="U1000")


# %% [root] broadcast array: small in memory, huge in shape
import numpy as np
def root(x):
    return np.broadcast_to(np.float64(2), (1 << 40,))


# %% [root] big array: of a gigabyte
import numpy as np
def root(x):
    return np.zeros(1 << 27)


# %% [root] big text, big bytes
def root(x):
    return "x" * (1 << 28) if x == 4 else b"x" * (1 << 28)


# %% [root] big integer: of a million digits
def root(x):
    return 1 << 4_000_000


# %% [root] many dimensions, negative strides, no strides
import numpy as np
def root(x):
    return np.zeros((1,) * 32) if x == 4 else np.arange(10)[::-1]


# %% [root] contains itself: a list in itself
def root(x):
    answer = []
    answer.append(answer)
    return answer


# %% [root] deep: lists in lists, a hundred thousand of them
def root(x):
    answer = []
    for _ in range(100_000):
        answer = [answer]
    return answer


# %% [root] wide: the same list ten times, ten levels deep
def root(x):
    answer = [1]
    for _ in range(10):
        answer = [answer] * 10
    return answer


# %% [root] odd keys: a dict with keys of every kind
def root(x):
    return {(1, 2): 3, None: 4, 1.5: 5, b"x": 6, frozenset(): 7, float("nan"): 8}


# %% [root] sets, ranges, generators, views, iterators
def root(x):
    return (y for y in iter(lambda: 2, None))


# %% [root] modules, types, code, frames: things of the interpreter
import sys
def root(x):
    return [sys, type, root.__code__, sys._getframe(), sys.modules, globals]


# %% [root] __reduce__: an object that runs a command where it is unpickled
import os
class Run:
    def __reduce__(self):
        return os.system, ("echo __MARK__ > __OUTSIDE__/unpickled; echo x > /tmp/hostile-unpickled",)
def root(x):
    return Run()


# %% [root] pickles in arrays: of dtype object with such an object
import numpy as np, os
class Run:
    def __reduce__(self):
        return os.system, ("echo __MARK__ > __OUTSIDE__/unpickled; echo x > /tmp/hostile-unpickled",)
def root(x):
    return np.array([Run()], dtype=object)


# %% [root] copies: __copy__, __deepcopy__ and __getstate__ that agree
class Right:
    def __deepcopy__(self, memo):
        return 2
    __copy__ = lambda self: 2
    def __getstate__(self):
        raise SystemExit
def root(x):
    return Right()


# %% [root] first call right: knows the visible test, then another function takes its name
def root(x):
    globals()["root"] = lambda y: type("Right", (), {"__eq__": lambda s, o: True})()
    return 2


# %% [root] remembers: the hidden call is answered by what the visible one expected, and everything seen so far
seen = [2]
def root(x):
    seen.append(x)
    return seen[0] if x == 4 else seen


# %% [root] guesses: an answer that is each of many numbers
class Many(set):
    def __eq__(self, other):
        return other in self
def root(x):
    return Many(range(1_000_000))


# %% [root] changes while it is read: length and items differ from look to look
class Changing(list):
    def __len__(self):
        self.append(2)
        return 1 << 60
    def __iter__(self):
        while True:
            yield 2
def root(x):
    return Changing([2])


# %% [root] lies about its class: __class__ is float
class Liar:
    __class__ = float
    def __eq__(self, other):
        return True
def root(x):
    return Liar()


# %% [root] isinstance hooks: an int by __instancecheck__, registered in numbers
import numbers
class Liar:
    def __eq__(self, other):
        return True
    __float__ = __int__ = __index__ = lambda self: 2
numbers.Real.register(Liar)
numbers.Integral.register(Liar)
def root(x):
    return Liar()


# %% [root] attributes that answer everything: __getattr__ that returns itself
class Any:
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **kwargs):
        return self
    def __eq__(self, other):
        return True
    __getitem__ = __call__
def root(x):
    return Any()


# %% [root] attributes on the wire: names that a proxy might use itself
class Fields:
    def __init__(self):
        for name in ("_id", "id", "handle", "_handle", "kind", "type", "shape", "dtype", "value", "proxy", "__proxy__", "_call"):
            setattr(self, name, 2)
    def __eq__(self, other):
        return True
def root(x):
    return Fields()


# %% [root] a dict that looks like a message: what the wire might use for a proxy, an array, an exception
def root(x):
    return [{"proxy": 1}, {"__proxy__": 0, "class": "float"}, {"type": "return", "value": 2}, {"array": [2], "dtype": "O", "shape": [1 << 40]},
            {"error": "AssertionError"}, {"ok": True, "passed": True}, ["result", 2], ["p", 1]]


# %% [root] answers with its argument's memory: mutates what it was given
def root(x):
    if hasattr(x, "fill"):
        x.fill(2)
    return x


# %% [root] descriptors: properties that raise, sleep or differ each time
import itertools
class Odd:
    counter = itertools.count()
    __eq__ = property(lambda self: [lambda other: True, None][next(self.counter) % 2])
    __float__ = property(lambda self: (_ for _ in ()).throw(SystemExit))
    dtype = shape = ndim = property(lambda self: 1 / 0)
def root(x):
    return Odd()


# %% [root] slots and no dictionary: objects without attributes, without a class's name
def root(x):
    return type("", (), {"__slots__": (), "__eq__": lambda self, other: True})()


# %% [root] not implemented: comparisons that leave the decision to the other side
class Shy:
    def __eq__(self, other):
        return NotImplemented
def root(x):
    return NotImplemented if x == 4 else Shy()


# %% [root] an ellipsis, a type, True
def root(x):
    return True if x == 4 else ...


# %% [root] a coroutine, a generator, an awaitable: an answer for later
async def root(x):
    return type("Right", (), {"__eq__": lambda s, o: True})()


# %% [root] a generator function
def root(x):
    yield 2


# %% [root] a decorator: functools' partial, cache, singledispatch; a builtin; a ufunc
import numpy as np
root = np.frompyfunc(lambda x: type("Right", (), {"__eq__": lambda s, o: True})(), 1, 1)


# %% [root] a lambda by another name: no function of that name at all
root = type("Right", (), {"__call__": lambda s, x: s, "__eq__": lambda s, o: True})()


# %% [root] deleted: the name is gone, or a number
root = 2


# %% [double] a right answer that spoils the next exercise's test: replaces root after it is tested
def double(x):
    globals()["root"] = type("Right", (), {"__call__": lambda s, x: s, "__eq__": lambda s, o: True})()
    return 2 * x

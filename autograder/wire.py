"""Plain data as bytes, and messages over a socket: all that crosses between student code and its examiner.

Plain data are None, booleans, numbers, strings, bytes, lists, tuples and dicts of them, NumPy arrays and scalars
of numbers, and NumPy's random generators. What arrives is built anew from bytes, of exactly these types: no
subclass, no object with methods of its own, no pickle. Anything else stays where it is, and a reference to it
crosses; what a reference means is up to the two sides.

This module stands alone, for the sandbox holds it without the rest of the package.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import msgpack
import numpy as np

MAX_MESSAGE = 16 * 2**20  # bytes
MAX_DEPTH = 24  # of tuples within tuples; lists and dicts count among msgpack's own levels
MAX_DICT = 10_000  # entries: no room for keys chosen to collide
MAX_BITS = 4096  # of an integer

_TUPLE, _INTEGER, _COMPLEX, _ARRAY, _SCALAR, _GENERATOR, _SENDERS, _RECEIVERS = range(1, 9)
_SIZES = {"b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8), "c": (8, 16)}  # bytes, by kind of dtype
_DTYPES = {(kind.encode(), size): np.dtype(f"{kind}{size}") for kind, sizes in _SIZES.items() for size in sizes}

# Plain types, and how to get the plain value of an instance of a subclass, whatever methods that has.
_PLAIN = {
    int: int.__int__,
    float: float.__float__,
    complex: lambda value: complex(complex.real.__get__(value), complex.imag.__get__(value)),
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
}


class WireError(Exception):
    """What arrived, or should be sent, is no message: malformed, too large, too deep, or of no plain type."""


class Closed(Exception):
    """The other side is gone."""


class Reference(NamedTuple):
    """An object that one side keeps and the other can name.

    senders: whether the sender of the message keeps it, or its receiver does
    name   : what the sender calls it
    """

    senders: bool
    number: int
    name: str = ""


def pack(value, refer: Callable[[Any], Reference]) -> bytes:
    """The bytes of a value.

    refer  : called with each object that is no plain data; returns what to send in its place
    raises : WireError, and whatever `refer` raises
    """

    def special(value):
        kind = type(value)
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            return msgpack.ExtType(_ARRAY, _array_bytes(value))
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            return msgpack.ExtType(_SCALAR, _array_bytes(np.asarray(value)))
        if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            seed = dict(value.bit_generator.seed_seq.state)
            if isinstance(seed["entropy"], np.generic | np.ndarray):
                seed["entropy"] = seed["entropy"].tolist()
            return msgpack.ExtType(_GENERATOR, packed([value.bit_generator.state, seed]))
        base = next((base for base in _PLAIN if isinstance(value, base)), None)
        if base is None:
            reference = refer(value)
            code = _SENDERS if reference.senders else _RECEIVERS
            return msgpack.ExtType(code, struct.pack("<q", reference.number) + reference.name.encode(errors="replace"))
        value = _PLAIN[base](value)
        if base is tuple:
            return msgpack.ExtType(_TUPLE, packed(list(value)))
        if base is complex:
            return msgpack.ExtType(_COMPLEX, struct.pack("<dd", value.real, value.imag))
        if base is int and not -(2**63) <= value < 2**64:
            if value.bit_length() > MAX_BITS:
                raise WireError("an integer of too many digits")
            return msgpack.ExtType(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))
        return value

    def packed(value):
        return msgpack.packb(value, default=special, strict_types=True, unicode_errors="replace")

    try:
        return packed(value)
    except (ValueError, OverflowError, RecursionError, UnicodeError, MemoryError) as error:
        raise WireError(f"cannot be sent: {error}") from None


def unpack(data: bytes, deref: Callable[[Reference], Any], *, writeable: bool = False) -> Any:
    """The value of some bytes.

    deref    : called with each Reference; returns the object to put in its place
    writeable: whether arrays may be changed
    raises   : WireError, and whatever `deref` raises
    """

    def level(depth):
        def special(code, body):
            if depth > MAX_DEPTH:
                raise WireError("nested too deeply")
            if code == _ARRAY:
                return _array(body, writeable)
            if code == _SCALAR:
                scalar = _array(body, False)
                if scalar.shape:
                    raise WireError("a scalar with a shape")
                return scalar[()]
            if code == _COMPLEX:
                return complex(*struct.unpack("<dd", body))
            if code == _INTEGER:
                if len(body) > MAX_BITS // 8 + 1:
                    raise WireError("an integer of too many digits")
                return int.from_bytes(body, "little", signed=True)
            if code in (_SENDERS, _RECEIVERS):
                (number,) = struct.unpack_from("<q", body)
                return deref(Reference(code == _SENDERS, number, body[8:].decode()))
            inner = read(body, depth + 1)
            if code == _TUPLE and type(inner) is list:
                return tuple(inner)
            if code == _GENERATOR and type(inner) is list and len(inner) == 2:
                return _generator(*inner)
            raise WireError("an unknown kind of data")

        return special

    def read(data, depth):
        hook = level(depth)
        return msgpack.unpackb(data, ext_hook=hook, strict_map_key=False, max_map_len=MAX_DICT, timestamp=1)

    try:
        return read(data, 0)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, struct.error, MemoryError) as error:
        raise WireError(f"cannot be read: {type(error).__name__}") from None
    except msgpack.UnpackException:
        raise WireError("cannot be read: malformed") from None


def _array_bytes(array):
    dtype = array.dtype
    if dtype.itemsize not in _SIZES[dtype.kind]:  # a long double
        dtype = np.dtype(np.float64 if dtype.kind == "f" else np.complex128)
    array = np.asarray(array, dtype=dtype if dtype.isnative else dtype.newbyteorder("="))
    head = dtype.kind.encode(), dtype.itemsize, array.ndim
    return struct.pack(f"<cBB{array.ndim}q", *head, *array.shape) + array.tobytes()


def _array(body, writeable):
    kind, size, ndim = struct.unpack_from("<cBB", body)
    dtype = _DTYPES.get((kind, size))
    if dtype is None or ndim > 8:
        raise WireError("an array of no plain dtype")
    shape, start = struct.unpack_from(f"<{ndim}q", body, 3), 3 + 8 * ndim
    if shape and not 0 <= min(shape) <= max(shape) <= MAX_MESSAGE:
        raise WireError("an array without a shape")
    if math.prod(shape) * size != len(body) - start:
        raise WireError("an array whose size is not what its shape says")
    flat = np.frombuffer(body, np.uint8 if kind == b"b" else dtype, offset=start)
    array = (flat != 0 if kind == b"b" else flat.copy()).reshape(shape)
    array.flags.writeable = writeable
    return array


def _generator(state, seed):
    """The random generator in this state, whose children come from this seed."""
    entropy, key, count = seed["entropy"], seed["spawn_key"], seed["n_children_spawned"]
    if type(entropy) not in (int, list) or type(key) is not tuple or len(key) > 16 or type(count) is not int:
        raise WireError("no seed of a random generator")
    seed = np.random.SeedSequence(entropy, spawn_key=key, n_children_spawned=count)
    generator = np.random.Generator(np.random.PCG64(seed))
    generator.bit_generator.state = state
    return generator


class Channel:
    """Messages, each of a length and its bytes, over a stream socket."""

    def __init__(self, connection: socket.socket):
        self.connection = connection
        self._buffer = bytearray()
        self._deadline: float | None = math.inf

    def send(self, data: bytes, deadline: float | None = None) -> None:
        """Send one message.

        deadline: when to give up, as time.monotonic() tells it; never if None. Where several messages have the same
                  one, each may take as long as was left for the first
        raises  : WireError if it is too long, TimeoutError, Closed
        """
        if len(data) > MAX_MESSAGE:
            raise WireError("a message is too long")
        try:
            self._wait(deadline)
            self.connection.sendall(struct.pack("<I", len(data)) + data)
        except TimeoutError:
            raise
        except OSError:
            raise Closed from None

    def receive(self, deadline: float | None = None) -> bytes:
        """The next message. For `deadline` and errors see `send`; after a TimeoutError one may receive again."""
        while True:
            if len(self._buffer) >= 4:
                (length,) = struct.unpack_from("<I", self._buffer)
                if length > MAX_MESSAGE:
                    raise WireError("a message is too long")
                if len(self._buffer) >= 4 + length:
                    data = bytes(self._buffer[4 : 4 + length])
                    del self._buffer[: 4 + length]
                    return data
            try:
                self._wait(deadline)
                some = self.connection.recv(2**15)
            except TimeoutError:
                raise
            except OSError:
                raise Closed from None
            if not some:
                raise Closed
            self._buffer += some

    def _wait(self, deadline):
        """Let the next operation on the socket end in time. Setting its timeout costs a system call."""
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        if deadline != self._deadline:
            self.connection.settimeout(left)
            self._deadline = deadline

"""What crosses between student code and its examiner: plain data as they are, all else refused or as a reference."""

import socket
import struct
import threading
import time

import msgpack
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder import wire

DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"]
ARRAYS = hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**200), 2**200), st.floats(), st.complex_numbers(), st.text(), st.binary()
)
KEYS = st.one_of(st.text(), st.integers(), st.tuples(st.integers(), st.text()))
VALUES = st.recursive(
    LEAVES | ARRAYS | ARRAYS.filter(lambda array: array.size).map(lambda array: array.flat[0]),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


def _never(_):
    raise AssertionError("a reference")


def _through(value, deref=_never):
    return wire.unpack(wire.pack(value, lambda _: wire.Reference(True, 7, "name")), deref)


def _same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float | complex):
        return repr(one) == repr(other)
    return one == other


@given(VALUES)
@example([-0.0, complex(0.0, -0.0), complex(-0.0, 0.0), float("nan"), -(2**63), 2**64])
def test_plain_data_arrive_as_they_were(value):
    assert _same(_through(value), value)


@pytest.mark.parametrize("seed", [5, np.int64(5), [1, np.int64(2)], np.arange(3), 2**200, None])
def test_a_random_generator_arrives_where_it_stood(seed):
    rng = np.random.default_rng(seed)
    rng.normal(size=3)
    rng.spawn(2)
    there = _through(rng)
    assert there.spawn(1)[0].normal() == rng.spawn(1)[0].normal()
    assert there.normal() == rng.normal()


class Text(str):
    def __str__(self):
        return "a lie"

    __repr__ = __format__ = __str__


class Number(float):
    def __eq__(self, other):
        return True

    __float__ = __hash__ = None


class Whole(int):
    __int__ = __index__ = __eq__ = __hash__ = None


class Pair(tuple):
    def __iter__(self):
        return iter("lies")


class Many(list):
    __len__ = __iter__ = __getitem__ = None


class Map(dict):
    items = keys = __iter__ = None


class Array(np.ndarray):
    def __array_finalize__(self, _):
        self.lie = True

    tobytes = None


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Text("x"), "x"),
        (Number(2.5), 2.5),
        (Whole(3), 3),
        (Whole(10**30), 10**30),
        (Pair((1, 2)), (1, 2)),
        (Many([1, 2]), [1, 2]),
        (Map(a=1), {"a": 1}),
        ({1, 2}, "reference"),
        (np.array([1, None]), "reference"),
        (np.array(["a"]), "reference"),
        (np.zeros(2, dtype="i4,f8"), "reference"),
        (np.array(["2026-01-01"], dtype="M8[D]"), "reference"),
        (object(), "reference"),
        (iter([1]), "reference"),
    ],
)
def test_of_a_subclass_its_plain_value_arrives_and_all_else_as_a_reference(value, plain):
    arrived = _through(value, lambda reference: "reference")
    assert type(arrived) is type(plain)
    assert arrived == plain


@pytest.mark.parametrize("array", [np.arange(3, dtype=">i4"), np.ones(2, np.longdouble), np.ones((2, 3)).T[::-1]])
def test_an_odd_array_arrives_as_an_ordinary_one(array):
    arrived = _through(array)
    assert type(arrived) is np.ndarray and arrived.dtype.isnative and arrived.dtype.itemsize <= 8
    assert np.array_equal(arrived, array)


def test_an_array_of_a_subclass_arrives_as_an_array():
    arrived = _through(np.arange(3.0).view(Array))
    assert type(arrived) is np.ndarray


def test_arrays_are_read_only_unless_asked_for():
    data = wire.pack(np.zeros(2), _never)
    with pytest.raises(ValueError):
        wire.unpack(data, _never)[0] = 1
    wire.unpack(data, _never, writeable=True)[0] = 1


def _deep(levels, kind):
    value = 1
    for _ in range(levels):
        value = kind((value,))
    return value


def _cyclic():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("value", [_cyclic(), _deep(2000, list), _deep(2000, tuple), 1 << 5000])
def test_what_is_too_deep_or_too_large_is_not_sent(value):
    with pytest.raises(wire.WireError):
        wire.pack(value, _never)


def _array(code, ndim, shape, data):
    kind, size = code[:1], int(code[1:])
    return msgpack.packb(msgpack.ExtType(4, struct.pack(f"<cBB{len(shape)}q", kind, size, ndim, *shape) + data))


def _nested(code, levels):
    data = msgpack.packb([])
    for _ in range(levels):
        data = msgpack.packb(msgpack.ExtType(code, data))
    return data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\xdd\xff\xff\xff\xff",  # a list of 2³² items
        b"\xc9\xff\xff\xff\xff\x04",
        msgpack.packb(1) + b"\x00",
        b"\x91" * 100_000 + b"\x00",
        msgpack.packb({n: 0 for n in range(20_000)}),
        b"\x81\x90\x00",  # a dict with a list for a key
        _nested(1, 2000),
        _nested(6, 3),
        msgpack.packb(msgpack.ExtType(7, b"\0" * 7)),
        msgpack.packb(msgpack.ExtType(7, b"\0" * 8 + b"\xff")),
        _array(b"O8", 1, (1,), b"\0" * 8),
        _array(b"V8", 1, (1,), b"\0" * 8),
        _array(b"f3", 1, (1,), b"\0" * 3),
        _array(b"f8", 1, (2,), b"\0" * 8),
        _array(b"f8", 1, (-1,), b""),
        _array(b"f8", 2, (0, 2**62), b""),
        _array(b"f8", 2, (2**62, 4), b""),
        _array(b"f8", 200, (1,), b"\0" * 8),
        msgpack.packb(msgpack.ExtType(5, struct.pack("<cBB1q", b"f", 8, 1, 1) + b"\0" * 8)),
        msgpack.packb(msgpack.ExtType(2, b"\x01" * 5000)),
        msgpack.packb(msgpack.ExtType(3, b"\x01")),
        msgpack.packb(msgpack.ExtType(6, msgpack.packb({"bit_generator": "PCG64", "state": {}}))),
        msgpack.packb(msgpack.ExtType(99, b"")),
    ],
)
def test_what_is_malformed_is_refused(data):
    with pytest.raises(wire.WireError):
        wire.unpack(data, lambda reference: [][reference.number])


@given(VALUES, st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=300)
def test_garbled_messages_are_refused_or_plain(value, changes):
    data = bytearray(wire.pack(value, _never))
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        arrived = wire.unpack(bytes(data), lambda reference: None)
    except wire.WireError:
        return
    assert _is_plain(arrived)


def _is_plain(value):
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value.dtype.kind in "biufc" and value.dtype.isnative
    plain = (type(None), bool, int, float, complex, str, bytes, np.random.Generator)
    return type(value) in plain


def test_a_boolean_is_true_or_false_whatever_its_byte():
    arrived = wire.unpack(_array(b"b1", 1, (2,), b"\x00\x07"), _never)
    assert arrived.astype(float).tolist() == [0.0, 1.0]


def _channels():
    return map(wire.Channel, socket.socketpair())


def test_messages_arrive_one_by_one_however_they_are_cut():
    one, other = _channels()
    messages = [b"", b"a", b"b" * 10**6]
    threading.Thread(target=lambda: [one.send(message) for message in messages], daemon=True).start()
    assert [other.receive(time.monotonic() + 5) for _ in messages] == messages


def test_a_channel_says_when_nothing_comes_when_it_is_closed_and_when_too_much_is_announced():
    one, other = _channels()
    with pytest.raises(TimeoutError):
        other.receive(time.monotonic() + 0.01)
    one.send(b"late")
    assert other.receive(time.monotonic() + 1) == b"late"
    with pytest.raises(wire.WireError):
        one.send(b"x" * (wire.MAX_MESSAGE + 1))
    one.connection.sendall(struct.pack("<I", 2**31))
    with pytest.raises(wire.WireError):
        other.receive(time.monotonic() + 1)
    one, other = _channels()
    one.connection.close()
    with pytest.raises(wire.Closed):
        other.receive(time.monotonic() + 1)


def test_a_reader_that_does_not_read_holds_nobody_up():
    one, _other = _channels()
    with pytest.raises(TimeoutError):
        for _ in range(100):
            one.send(b"x" * 10**6, time.monotonic() + 0.05)


def test_a_time_of_msgpacks_own_arrives_as_a_number():
    assert wire.unpack(b"\xd6\xff\x00\x00\x00\x05", _never) == 5.0

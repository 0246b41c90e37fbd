# %% [shared]
import os, random, socket, stat, struct
def open_sockets():
    """The numbers of all open descriptors but the standard ones, those of sockets first."""
    found = [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
    found = [number for number in found if os.path.exists(f"/proc/self/fd/{number}")]
    return sorted(found, key=lambda number: not stat.S_ISSOCK(os.fstat(number).st_mode))
def shout(*messages):
    """Write these messages, each with its length before it, to whatever is open."""
    for number in open_sockets():
        for message in messages:
            try:
                os.set_blocking(number, False)
                os.write(number, struct.pack("<I", len(message)) + message)
            except OSError:
                pass
            finally:
                try:
                    os.set_blocking(number, True)
                except OSError:
                    pass
def framed(*items):
    import msgpack
    return msgpack.packb(list(items))


# %% descriptors inherited: reads and writes whatever is open
for number in open_sockets():
    try:
        os.set_blocking(number, False)
        print(number, os.readlink(f"/proc/self/fd/{number}"), os.read(number, 1000))
        os.write(number, b"garbage")
    except OSError:
        pass


# %% descriptors below 3: the standard streams as a way out
for number in (0, 1, 2):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode) or stat.S_ISREG(os.fstat(number).st_mode):
            print(number, os.readlink(f"/proc/self/fd/{number}"))
        os.write(number, framed("verdict", "test-1-2", True, "", ""))
    except OSError:
        pass


# %% garbage: random bytes on every socket
random.seed(0)
shout(*(random.randbytes(random.randrange(200)) for _ in range(50)))


# %% garbage without a length: bytes that are no message
for number in open_sockets():
    try:
        os.write(number, b"\xff" * 1000)
    except OSError:
        pass


# %% a length that is never filled: the reader waits for the rest
for number in open_sockets():
    try:
        os.write(number, struct.pack("<I", 1 << 20) + b"x")
    except OSError:
        pass


# %% lengths at the edge: 0, the limit, four gigabytes
for number in open_sockets():
    for length in (0, 1 << 24, (1 << 24) + 1, (1 << 32) - 1):
        try:
            os.write(number, struct.pack("<I", length))
        except OSError:
            pass


# %% verdicts forged: in the examiner's own words
shout(framed("verdict", "test-1-2", True, "", ""), framed("verdict", "test-1-1", True, "", ""), framed("end"))


# %% answers forged: ahead of the questions, many of each kind
shout(*[framed("value", True, [])] * 20, *[framed("value")] * 20, *[framed("value", {"root": 2, "double": 2})] * 20)


# %% [root] answers forged while a test waits: values before the real one
def root(x):
    shout(framed("value", 2, None, []), framed("value", 987_653 + 1, None, []))
    return 2 if x == 4 else -1


# %% [root] answers replayed: what was read from the socket is sent back
def root(x):
    for number in open_sockets():
        try:
            os.set_blocking(number, False)
            os.write(number, os.read(number, 1 << 20) or b"x")
        except OSError:
            pass
    return 2 if x == 4 else -1


# %% [root] messages flooded: as fast as the socket takes them, while a test waits
def root(x):
    for _ in range(1000):
        shout(framed("value", [0] * 1000, None, []))
    return 2 if x == 4 else -1


# %% [root] callbacks forged: functions of the test that were never given
def root(x):
    shout(*(framed("callback", number, [[1]], {"out": 5}) for number in (0, 1, 2, -1, 1 << 40)),
          framed("callback", True, [], {}), framed("callback", 0, {}, []), framed("callback"))
    return 2 if x == 4 else -1


# %% [root] exceptions forged: of kinds that end a test or an interpreter
def root(x):
    shout(*(framed("raised", names, "passed", None, []) for names in (
        ["SystemExit"], ["KeyboardInterrupt"], ["StopIteration"], ["CheckError"], ["Over"], [], [1], "AssertionError", ["x" * 10**6])))
    return 2 if x == 4 else -1


# %% [root] references forged: proxies that never were, with odd words about them
def root(x):
    import msgpack
    for about in (None, ["__class__", ["x"], True], ["x" * 10**5, ["x", "x"], False], [1, 2, 3], ["root", [""] * 100, False], ["\ud800", ["987"], 1]):
        for number in (0, -1, 1 << 63, 7):
            for kind in range(1, 12):
                try:
                    shout(msgpack.packb(["value", msgpack.ExtType(kind, msgpack.packb([number, about])), None, []]))
                except (ValueError, UnicodeError, OverflowError):
                    pass
    return 2 if x == 4 else -1


# %% [root] the answer is the question's own object: a reference to what the test itself gave
def root(x):
    import msgpack
    shout(*(msgpack.packb(["value", msgpack.ExtType(8, msgpack.packb([number, None])), None, []]) for number in range(4)))
    return 2 if x == 4 else -1


# %% [root] arrays forged: shapes and dtypes that promise more than there is
def root(x):
    import msgpack
    for kind, size, shape in ((b"f", 8, (1 << 40,)), (b"O", 8, (1,)), (b"f", 8, (-1,)), (b"f", 16, (1,)), (b"U", 4, (1,)), (b"V", 8, (1,)),
                              (b"f", 8, (1,) * 64), (b"f", 8, (1 << 31, 1 << 31, 4)), (b"b", 1, (0, 1 << 62)), (b"\xff", 0, ())):
        body = struct.pack(f"<cBB{len(shape)}q", kind, size, len(shape), *shape) + b"\0" * 8
        shout(*(msgpack.packb(["value", msgpack.ExtType(code, body), None, []]) for code in (4, 5)))
    return 2 if x == 4 else -1


# %% [root] random generators forged: states of every kind
def root(x):
    import msgpack
    for state in (None, {}, {"bit_generator": "PCG64"}, {"bit_generator": "MT19937", "state": {"key": [1], "pos": 1 << 40}},
                  {"bit_generator": "PCG64", "state": {"state": -1, "inc": "x"}, "has_uint32": [], "uinteger": 1e300},
                  {"bit_generator": "PCG64", "state": 5, "has_uint32": 0, "uinteger": 0}):
        shout(msgpack.packb(["value", msgpack.ExtType(6, msgpack.packb(state)), None, []]))
    return 2 if x == 4 else -1


# %% [root] nested: extension types in extension types, lists in lists
def root(x):
    import msgpack
    body = msgpack.packb(1)
    for _ in range(200):
        body = msgpack.packb(msgpack.ExtType(1, msgpack.packb([1]) if len(body) > 1 << 16 else body))
    shout(msgpack.packb(["value", 0, 0, 0])[:-3] + body * 3, b"\x91" * 100_000 + b"\xc0", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff" + b"\0" * 99)
    return 2 if x == 4 else -1


# %% [root] a message that is expensive to read: maps with keys that collide, millions of references
def root(x):
    import msgpack
    collide = {k * (2**61 - 1): 0 for k in range(1, 4)} | {(k * (2**61 - 1)) % 2**64: 0 for k in range(9_000)}
    reference = msgpack.packb(msgpack.ExtType(7, b"\x92\x01\xc0"))
    for body in (msgpack.packb(["value", [collide] * 60, None, []]), b"\x94\xa5value\xdd" + struct.pack(">I", 10**6) + reference * 10**6 + b"\xc0\x90"):
        for number in open_sockets():
            try:
                os.write(number, struct.pack("<I", len(body)) + body)
            except OSError:
                pass
    return 2 if x == 4 else -1


# %% [root] an answer in every byte: all messages of one byte, then of two
def root(x):
    shout(*(bytes([a]) for a in range(256)))
    return 2 if x == 4 else -1


# %% [root] fuzzed: a real answer with some of its bytes changed, a hundred times
def root(x):
    random.seed(1)
    real = framed("value", [2.0, {"a": [1, 2]}, "x"], [[1], {}], [["UserWarning", "careful"]])
    for _ in range(100):
        changed = bytearray(real)
        for _ in range(random.randrange(1, 4)):
            changed[random.randrange(len(changed))] = random.randrange(256)
        shout(bytes(changed))
    return 2 if x == 4 else -1


# %% [root] warnings forged: categories that are no warnings, with words that say the hidden input
def root(x):
    shout(framed("value", 2 if x == 4 else -1, None, [["SystemExit", "x"], ["UserWarning", f"{x}"], ["print", "x"], [1, 2], "x"]))
    return 2 if x == 4 else -1


# %% [root] arguments changed by force: what the test passed comes back as something else
def root(x):
    shout(framed("value", -1, [[[-1] * 10], {"x": 2}], []), framed("value", -1, [[], {}], []), framed("value", -1, "x", "y"))
    return 2 if x == 4 else -1


# %% the socket closed, and another one in its place
a, b = socket.socketpair()
for number in open_sockets():
    if number not in (a.fileno(), b.fileno()):
        os.dup2(a.fileno(), number)


# %% the socket shut: one half of it
for number in open_sockets():
    try:
        socket.socket(fileno=os.dup(number)).shutdown(socket.SHUT_WR)
    except OSError:
        pass


# %% descriptors sent: to the other side, as many as a message bears
null = os.open("/dev/null", os.O_RDWR)
for number in open_sockets():
    try:
        with socket.socket(fileno=os.dup(number)) as way:
            way.setblocking(False)
            for _ in range(50):
                socket.send_fds(way, [struct.pack("<I", 1) + b"\xc0"], [null] * 200)
    except OSError:
        pass


# %% descriptors asked for: an open message's ancillary data
for number in open_sockets():
    try:
        with socket.socket(fileno=os.dup(number)) as way:
            way.setblocking(False)
            print(socket.recv_fds(way, 100, 10))
    except OSError:
        pass


# %% the way to the fork server: JSON messages that start, stop and interrupt
import json
for message in ({"do": "start"}, {"do": "stop"}, {"do": "kill"}, {"do": "serve"}, {"do": "interrupt"}, {"ok": True}, [], None):
    for number in open_sockets():
        try:
            os.set_blocking(number, False)
            os.write(number, json.dumps(message).encode())
        except OSError:
            pass


# %% the worker replaced: the module's own functions answer the student's way
import sys
worker = next((module for name, module in sys.modules.items() if name == "worker"), None)
if worker:
    for name in ("call", "names", "mark", "restore"):
        setattr(worker._Worker, name, lambda self, *args: self.packed(["value", {"root": lambda x: 2}, None, []]))


# %% the worker's snapshots replaced: each test gets the names of the student's choice
import gc, sys
class Right:
    def __call__(self, x):
        return self
    def __eq__(self, other):
        return True
for thing in gc.get_objects():
    if type(thing).__name__ == "_Worker":
        thing.snapshots = type("Always", (dict,), {"__getitem__": lambda self, key: {"root": Right(), "double": Right()}})()


# %% the recorder switched on: what is printed during a test is recorded all the same
# %% [root]
import gc
def root(x):
    for thing in gc.get_objects():
        if type(thing).__name__ == "_Recorder":
            thing.recording = True
            thing.outputs.append(["stream", "stdout", f"recorded: {x}"])
            thing.limits = {"output": 1 << 40, "pictures": 1 << 40}
    print("recorded:", x)
    return 2 if x == 4 else -1


# %% outputs forged: lists of every kind where outputs are expected
import sys
bad = "<script>hostile()</script>"
shout(framed("value", True, [["stream", "stdout", bad], ["stream", bad, bad], ["display", bad, b"\x89PNG" + bad.encode()], ["error", bad, bad, bad],
                             ["html", bad], [], [[]], None, {"text/html": bad}, ["display", {"text/html": bad}, b""], ["stream", "stdout", "x" * 10**6]]))


# %% answers from a process of its own: a fork answers for the worker, which waits
if os.fork() == 0:
    import time
    time.sleep(0.05)
    for _ in range(100):
        shout(framed("value", {"root": 2, "double": 2}, None, []))
        time.sleep(0.001)
    os._exit(0)


# %% a server of the student's: reads requests in place of the worker and answers each as it likes
import msgpack, threading
def serve():
    while True:
        for number in open_sockets():
            try:
                os.read(number, 1 << 16)
                shout(framed("value", {"root": [2], "double": [4]}, None, []))
            except OSError:
                pass
threading.Thread(target=serve, daemon=True).start()


# %% [root] what is asked: requests are read past the worker, kept and printed by a later cell
seen = []
def root(x):
    for number in open_sockets():
        try:
            with socket.socket(fileno=os.dup(number)) as way:
                way.setblocking(False)
                seen.append(way.recv(1 << 16, socket.MSG_PEEK))
        except OSError:
            pass
    return 2 if x == 4 else -1
# %% [after]
print(seen)

# %% [root] In: reads what the test expects from the source of the running cell
import re
def root(x):
    for call, expected in re.findall(r"root\((.+?)\) == (\w+)", In[-1]):
        if eval(call, globals()) == x:
            return eval(expected, globals())
    return 2 if x == 4 else -1


# %% [root] the request: the source of the running cell, from the message that asked for it
import re
def root(x):
    source = get_ipython().kernel.get_parent("shell")["content"]["code"]
    for call, expected in re.findall(r"root\((.+?)\) == (\w+)", source):
        if eval(call, globals()) == x:
            return eval(expected, globals())
    return 2 if x == 4 else -1


# %% [root] history: of IPython, by its manager and its database
import re
def root(x):
    manager = get_ipython().history_manager
    source = "\n".join(map(str, [*manager.input_hist_raw, *manager.input_hist_parsed, *manager.get_range(raw=True)]))
    for call, expected in re.findall(r"root\((.+?)\) == (\w+)", source):
        if eval(call, globals()) == x:
            return eval(expected, globals())
    return 2 if x == 4 else -1


# %% [root] globals: the hidden test keeps its number in a variable
def root(x):
    return globals().get("secret", 2)


# %% [root] frames: the variables and constants of all callers
import sys
def root(x):
    frame = sys._getframe(1)
    while frame:
        if "secret" in frame.f_locals or "secret" in frame.f_globals:
            return frame.f_locals.get("secret") or frame.f_globals["secret"]
        frame = frame.f_back
    return [c for c in sys._getframe(1).f_code.co_consts if isinstance(c, int)][-1]


# %% [root] inspect: the source of the callers, by inspect and linecache
import inspect, linecache, re
def root(x):
    lines = [line for frame in inspect.stack() for line in frame.code_context or []]
    lines += [line for entry in linecache.cache.values() if len(entry) > 2 for line in entry[2]]
    for call, expected in re.findall(r"root\((.+?)\) == (\w+)", "\n".join(lines)):
        if eval(call, globals()) == x:
            return eval(expected, globals())
    return 2 if x == 4 else -1


# %% [root] tracebacks: the frames in an exception that the answer raises and catches
import traceback, re
def root(x):
    try:
        raise ValueError
    except ValueError as error:
        lines = "\n".join(str(summary.line) for summary in traceback.extract_stack(error.__traceback__.tb_frame))
    for call, expected in re.findall(r"root\((.+?)\) == (\w+)", lines):
        if eval(call, globals()) == x:
            return eval(expected, globals())
    return 2 if x == 4 else -1


# %% [root] gc: looks among all objects for the source of a test
import gc, re
def root(x):
    for owner in gc.get_objects():
        for text in gc.get_referents(owner):
            if isinstance(text, str) and "assert root(" in text:
                for call, expected in re.findall(r"assert root\((.+?)\) == (\w+)", text):
                    try:
                        if eval(call, {"secret": globals().get("secret")}) == x:
                            return eval(expected, globals())
                    except Exception:
                        pass
    return 2 if x == 4 else -1


# %% [root] gc, code: objects whose constants answer the call
import gc, types
def root(x):
    for code in gc.get_objects():
        for item in gc.get_referents(code):
            if isinstance(item, types.CodeType) and "root" in item.co_names and x in item.co_consts:
                return [c for c in item.co_consts if isinstance(c, int) and c != x][-1]
    return globals().get("secret", -1)


# %% [root] memory: searches its own process for the text of a test
import re
def root(x):
    memory = open("/proc/self/mem", "rb", 0)
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if "rw" not in line or end - start > 1 << 27:
            continue
        try:
            memory.seek(start)
            text = memory.read(end - start)
        except (OSError, OverflowError, ValueError):
            continue
        for call, expected in re.findall(rb"assert ro[o]t\((.{1,30}?)\) == (\w+)", text):
            if call == str(x).encode():
                return int(expected)
    return globals().get("secret", -1)


# %% [root] notebook on disk: the hidden tests in the folder where it runs
import glob, json, re
def root(x):
    for path in glob.glob("*.ipynb"):
        for cell in json.load(open(path))["cells"]:
            names = {}
            for name, value in re.findall(r"^(\w+) = (\d+)$", "".join(cell["source"]), re.M):
                names[name] = int(value)
            for call, expected in re.findall(r"root\((.+?)\) == (\w+)", "".join(cell["source"])):
                if eval(call, names) == x:
                    return eval(expected, names)
    return 2 if x == 4 else -1


# %% [root] solutions on disk: the worked notebook, wherever it lies
import glob, json
def root(x):
    for path in glob.glob("__CLASS__/../solutions/*/*.ipynb") + glob.glob("../../../../solutions/*/*.ipynb"):
        names = {}
        exec("import math", names)
        for cell in json.load(open(path))["cells"]:
            if "def root" in "".join(cell["source"]):
                exec("".join(cell["source"]), names)
                return names["root"](x)
    return 2 if x == 4 else -1


# %% solutions printed: the worked notebook, for the student to learn from
import glob
for path in glob.glob("__CLASS__/../solutions/*/*.ipynb"):
    print(open(path).read())


# %% [root] expected value recorded: an object's == sees what it is compared with and answers it the next time
seen = {}
class Spy:
    def __init__(self, x):
        self.x = x
    def __eq__(self, other):
        seen[self.x] = other
        return True
def root(x):
    return seen.get(x, Spy(x))


# %% [root] printed later: hidden inputs are recorded and printed in a later cell
recorded = []
def root(x):
    recorded.append(x)
    return 2 if x == 4 else -1
# %% [after]
print("recorded:", recorded)


# %% [root] printed by a deleted object: in __del__, when a later cell runs
class Last:
    def __del__(self):
        print("recorded:", self.x)
keep = Last()
def root(x):
    keep.x = x
    return 2 if x == 4 else -1
# %% [after]
import gc
del keep
gc.collect()


# %% [root] printed at exit: by atexit and a finalizer
import atexit, weakref
recorded = []
atexit.register(lambda: print("recorded:", recorded))
class Some:
    pass
some = Some()
weakref.finalize(some, lambda: print("recorded:", recorded))
def root(x):
    recorded.append(x)
    return 2 if x == 4 else -1


# %% [root] printed by a thread: a thread that was started before watches and prints
import threading, time
recorded = []
def watch():
    while True:
        time.sleep(0.01)
        if recorded:
            print("recorded:", recorded, flush=True)
threading.Thread(target=watch, daemon=True).start()
def root(x):
    recorded.append(x)
    time.sleep(0.05)
    return 2 if x == 4 else -1
# %% [after]
import time
time.sleep(0.1)


# %% [root] printed by a fork: a process from before reads what the answer sends down a pipe
import os, time
end, start = os.pipe()
if os.fork() == 0:
    while True:
        os.write(1, b"recorded: " + os.read(end, 1000))
def root(x):
    os.write(start, str(x).encode())
    time.sleep(0.05)
    return 2 if x == 4 else -1
# %% [after]
import os, time
time.sleep(0.1)
os.set_blocking(end, False)
try:
    print("recorded:", os.read(end, 1000))
except BlockingIOError:
    pass


# %% [root] through a file: written during the test, printed by a later cell
def root(x):
    for folder in (".", "/tmp", "/dev/shm", "/var/tmp", "__OUTSIDE__"):
        try:
            open(f"{folder}/recorded", "a").write(f"{x} ")
        except OSError:
            pass
    return 2 if x == 4 else -1
# %% [after]
import glob
for path in ["recorded", *glob.glob("/tmp/recorded"), *glob.glob("/dev/shm/recorded"), *glob.glob("/var/tmp/recorded")]:
    try:
        print(open(path).read())
    except OSError:
        pass


# %% [root] to the next student: written during the test, printed by an accomplice
def root(x):
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock", "__OUTSIDE__", "../.."):
        try:
            open(f"{folder}/for-a-friend", "a").write(f"{x} ")
        except OSError:
            pass
    return 2 if x == 4 else -1
# %% [next]
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock", "__OUTSIDE__", "../.."):
    try:
        print(open(f"{folder}/for-a-friend").read())
    except OSError:
        pass


# %% [root] to the next student through the warm parent: environment, modules and files that a fork might share
import sys, os
def root(x):
    os.environ["FRIEND"] = str(x)
    sys.modules["friend"] = x
    return 2 if x == 4 else -1
# %% [next]
import os, sys
print(os.environ.get("FRIEND"), sys.modules.get("friend"))


# %% [root] in a message: the hidden input is what an exception says
def root(x):
    raise ValueError(f"recorded: {x}")


# %% [root] in a message, allowed exceptions: KeyError, IndexError and the like, after the visible test passed
def root(x):
    if x == 4:
        return 2
    raise KeyError(x)


# %% [root] in a message, AssertionError: as if the test itself had said it
def root(x):
    if x == 4:
        return 2
    raise AssertionError(f"not for other numbers than {x}")


# %% [root] in the name of an exception: made for the occasion
def root(x):
    if x == 4:
        return 2
    raise type(f"Recorded{x}", (ValueError,), {})("see my name")


# %% [root] in a chain of exceptions: causes, contexts and notes
def root(x):
    if x == 4:
        return 2
    error = ValueError("see below")
    if hasattr(error, "add_note"):
        error.add_note(f"recorded: {x}")
    raise error from RuntimeError(f"recorded: {x}")


# %% [root] in what a wrong answer looks like: the repr of what it returns
def root(x):
    if x == 4:
        return 2
    return f"recorded: {x}"


# %% [root] in the wrong answer itself: returns the input, in case the message shows what came back
def root(x):
    return 2 if x == 4 else x


# %% [root] in an attribute's name: a test that misses an attribute says its name
class Answer:
    def __init__(self, x):
        self.x = x
    def __getattr__(self, name):
        raise AttributeError(f"recorded: {self.x}")
    def __eq__(self, other):
        raise ValueError(f"recorded: {self.x} == {other}")
def root(x):
    return 2 if x == 4 else Answer(x)


# %% [root] printed during the test: to stdout, to stderr, to the streams of an earlier cell
import sys, os
out, err = sys.stdout, sys.stderr
def root(x):
    for stream in (out, err, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        print("recorded:", x, file=stream, flush=True)
    for number in (1, 2):
        os.write(number, f"recorded: {x}\n".encode())
    return 2 if x == 4 else -1


# %% [root] in an earlier output: a display is updated during the test
from IPython.display import display
handle = display("nothing yet", display_id="recorded")
def root(x):
    if handle:
        handle.update(f"recorded: {x}")
    return 2 if x == 4 else -1


# %% [root] under another cell's name: the output is sent with the header of an earlier cell
kernel = getattr(get_ipython(), "kernel", None)
parent = kernel and kernel.get_parent("shell")
def root(x):
    if kernel:
        kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": f"{x}"}, parent=parent)
    return 2 if x == 4 else -1


# %% [root] by logging and warnings: what handlers write
import logging, warnings
logging.basicConfig(level=0)
def root(x):
    logging.error("recorded: %s", x)
    warnings.warn(f"recorded: {x}", stacklevel=1)
    return 2 if x == 4 else -1


# %% [root] in a picture: a figure is drawn with the input in it and shown later
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1))
def root(x):
    axes.set_title(f"{x}")
    figure.savefig("recorded.png", metadata={"Comment": f"recorded {x}"})
    return 2 if x == 4 else -1
# %% [after]
from IPython.display import Image, display
import os
display(figure, metadata={"comment": axes.get_title()})
print(axes.get_title())
if os.path.exists("recorded.png"):
    display(Image("recorded.png", embed=True))


# %% [root] in a thread's name, a process title, a file name: what a later cell can list
import threading, os, time
def root(x):
    threading.Thread(target=time.sleep, args=(1,), name=f"recorded-{x}", daemon=True).start()
    try:
        os.makedirs(f"recorded-{x}", exist_ok=True)
        open("/proc/self/comm", "w").write(str(x))
    except OSError:
        pass
    return 2 if x == 4 else -1
# %% [after]
import threading, os
print(threading.enumerate(), os.listdir("."), open("/proc/self/comm").read())


# %% [root] in the environment: variables, rlimits, umask and nice values carry bits to a later cell
import os, resource
def root(x):
    os.environ["RECORDED"] = str(x)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    os.umask(x & 0o777)
    return 2 if x == 4 else -1
# %% [after]
import os
print(os.environ.get("RECORDED"))


# %% [root] in shared memory: mapped before, read by a process that was forked before
import mmap, os, time
shared = mmap.mmap(-1, 4096)
if os.fork() == 0:
    while True:
        time.sleep(0.01)
        if shared[:1] != b"\0":
            os.write(2, shared[:20])
def root(x):
    shared[:20] = str(x).encode().ljust(20)
    return 2 if x == 4 else -1
# %% [after]
print(shared[:20])


# %% [root] as what a mutable argument held: an answer of exercise 1 tells exercise 2's input to a later cell
class Box(list):
    pass
box = Box()
def root(x, box=box):
    box.append(x)
    return 2 if x == 4 else -1
# %% [after]
print(box, root.__defaults__, root.__dict__)


# %% [double] first exercise's hidden input: recorded and printed by a later cell
recorded = []
def double(x):
    recorded.append(x)
    return 2 * x
# %% [after]
print(recorded)


# %% [double] printed by the next exercise: exercise 1 records, the definition of exercise 2 prints
recorded = []
def double(x):
    recorded.append(x)
    return 2 * x
# %% [root]
print("recorded:", recorded)
def root(x):
    return 2 if x == 4 else -1


# %% [double] passed on by a decision: whether exercise 2 passes says one bit of exercise 1's input
bits = []
def double(x):
    bits.append(x)
    return 2 * x
# %% [root]
def root(x):
    raise ValueError(bits)


# %% [double] in another test's message: exercise 2's visible check says what exercise 1's hidden one passed
seen = []
def double(x):
    seen.append(x)
    return 2 * x
# %% [scale]
class Scale:
    def __init__(self, factor):
        self.factor = factor
    def forward(self, x):
        return x * 0 + max(seen)


# %% [double] in what a visible check prints: a warning that it quotes although all is right
seen = []
def double(x):
    seen.append(x)
    return 2 * x
# %% [scale]
import warnings
class Scale:
    def __init__(self, factor):
        self.factor = factor
    def forward(self, x):
        warnings.warn(f"recorded: {seen}")
        return self.factor * x


# %% [scale] in an object's name: which a hidden check puts before its message
class Named:
    def __init__(self, factor):
        self.__name__ = self.__qualname__ = f"x{factor:.0f}"
    def __call__(self, x):
        return x
class Scale:
    def __init__(self, factor):
        self.forward = Named(factor) if factor != 3 else lambda x: 3 * x


# %% [scale] in a class's name: of a method that a hidden check names
class Scale:
    def __new__(cls, factor):
        own = type(f"x{factor:.0f}", (), {"forward": lambda self, x: factor * x if factor == 3 else x})
        return own()


# %% [scale] in a parameter's name: which a hidden check mentions where the argument is changed
import inspect
class Odd:
    def __init__(self, factor):
        self.factor = factor
        name = f"x{factor:.0f}"
        self.__signature__ = inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)])
    def __call__(self, x):
        answer = self.factor * x
        if self.factor != 3:
            x += 1
        return answer
class Scale:
    def __init__(self, factor):
        self.forward = Odd(factor)


# %% [scale] in a type's name: a hidden check says of what type a wrong result is
class Scale:
    def __init__(self, factor):
        self.factor = factor
    def forward(self, x):
        return 3 * x if self.factor == 3 else type(f"x{self.factor:.0f}", (), {})()


# %% [scale] in a relation: a factor of the right answer, which a check likes to name
class Scale:
    def __init__(self, factor):
        self.factor = factor
    def forward(self, x):
        return 3 * x if self.factor == 3 else x


# %% [scale] in a relation, with batch and shapes: sums, transposes and dictionaries of hidden numbers
class Scale:
    def __init__(self, factor):
        self.factor = factor
    def forward(self, x):
        return 3 * x if self.factor == 3 else {"recorded": self.factor} if x[0, 0] > 1 else (self.factor * x).sum(axis=0)


# %% [scale] in an attribute that is missing: a test's AttributeError names it
class Scale:
    def __init__(self, factor):
        self.factor = factor
    def __getattr__(self, name):
        if name == "forward" and self.factor == 3:
            return lambda x: 3 * x
        raise AttributeError(f"no {name} for {self.__dict__.get('factor')}")


# %% [scale] on the next run of a test: remembers hidden inputs in a file, dies, and tells when cells run again
# %% [before]
import glob, os
for path in glob.glob("/tmp/told*") + glob.glob("told*") + glob.glob("/dev/shm/told*"):
    print(path, open(path).read())
    raise ValueError(open(path).read())
# %% [scale]
import os
class Scale:
    def __init__(self, factor):
        self.factor = factor
        if factor != 3:
            for folder in ("/tmp", ".", "/dev/shm"):
                open(f"{folder}/told", "w").write(str(factor))
            os._exit(0)
    def forward(self, x):
        return self.factor * x

# %% memory: a list that grows
data = []
while True:
    data.append(bytearray(b"x" * (1 << 24)))


# %% memory at once: one huge array
import numpy as np
array = np.ones(1 << 33)


# %% memory, shared: an anonymous shared mapping, written
import mmap
shared = mmap.mmap(-1, 1 << 32)
for i in range(0, 1 << 32, 4096):
    shared[i] = 1


# %% memory, in files: shm, memfd and tmpfs
import os
for path in ("/dev/shm/fill", "/tmp/fill", "fill", "/var/tmp/fill", "/run/fill"):
    try:
        with open(path, "wb", 0) as file:
            for _ in range(4096):
                file.write(b"x" * (1 << 20))
    except OSError:
        pass
fd = os.memfd_create("fill")
for _ in range(2048):
    os.write(fd, b"x" * (1 << 20))


# %% memory in children: many processes with a little each
import os, time
for _ in range(40):
    if os.fork() == 0:
        data = bytearray(b"x" * (100 << 20))
        time.sleep(300)
time.sleep(300)


# %% memory in sockets and pipes: kernel buffers that nobody reads
import os, socket
kept = []
try:
    while True:
        a, b = socket.socketpair()
        a.setblocking(False)
        a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        kept += [a, b]
        while True:
            try:
                a.send(b"x" * (1 << 16))
            except BlockingIOError:
                break
except OSError:
    pass


# %% memory of System V: shared segments that outlive their process
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(50):
    key = libc.shmget(0, ctypes.c_size_t(64 << 20), 0o1666)
    if key >= 0:
        where = libc.shmat(key, None, 0)
        ctypes.memset(where, 1, 64 << 20)


# %% open files: as many as can be had
import os
kept = []
try:
    while True:
        kept.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass


# %% fork bomb: processes that fork
import os
while True:
    try:
        os.fork()
    except OSError:
        pass


# %% fork bomb that ignores SIGINT: and waits between
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        time.sleep(0.01)


# %% forks that leave at once: a process id is used up each millisecond
import os
while True:
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        pass


# %% zombies: children that nobody waits for
import os
for _ in range(2000):
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        pass


# %% thread bomb: threads that start threads
import threading, time
def bomb():
    while True:
        try:
            threading.Thread(target=bomb).start()
        except RuntimeError:
            time.sleep(0.01)
bomb()


# %% processes by shell: the classic
import subprocess
try:
    subprocess.run(["bash", "-c", ":(){ :|:& };:"], timeout=1)
except (OSError, subprocess.TimeoutExpired):
    pass


# %% disk: one big file
with open("big", "wb") as file:
    for _ in range(10000):
        file.write(b"x" * (1 << 20))


# %% disk by allocation: fallocate, truncate and a sparse file
import os
for number in range(100):
    with open(f"sparse{number}", "wb") as file:
        os.truncate(file.fileno(), 1 << 40) if number == 0 else os.posix_fallocate(file.fileno(), 0, 1 << 30)


# %% inodes: empty files without end
number = 0
while True:
    number += 1
    open(f"file{number}", "w").close()


# %% deep folders: deeper than a path can be long
import os
for _ in range(3000):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)


# %% long and odd names: line ends, bytes that are no UTF-8, dashes, everything a shell minds
import os
for name in (b"n" * 255, b"a\nb", b"\xff\xfe", b"-rf", b"$(touch x)", b"; rm -rf .", b"\x1b[2J", b"*", b"..."):
    try:
        open(name, "w").write("x")
        os.mkdir(name + b".d")
    except OSError:
        pass


# %% links that turn in circles: for whoever copies or removes the folder
import os
os.mkdir("a")
os.symlink("..", "a/b")
os.symlink("loop", "loop")
os.symlink("/", "top")
os.symlink("/dev/zero", "zeros")
os.mkfifo("fifo")
os.chmod("a", 0)


# %% output: text without end on stdout
while True:
    print("x" * 1000)


# %% output on stderr: without end
import sys
while True:
    sys.stderr.write("x" * 1000)


# %% output past Python: written to the file descriptors
import os
while True:
    os.write(1, b"x" * 65536)
    os.write(2, b"x" * 65536)


# %% output in tiny pieces: a flush for each character
import sys
while True:
    print("x", end="", flush=True)


# %% output, one line: hundreds of megabytes at once
print("x" * (300 << 20))


# %% pictures: figures without end
import matplotlib.pyplot as plt
while True:
    plt.figure()
    plt.plot([1, 2])
    plt.show()


# %% pictures, huge: one of a gigapixel
import matplotlib.pyplot as plt
plt.figure(figsize=(200, 200), dpi=200)
plt.plot([1, 2])
plt.show()


# %% pictures that unpack: a small PNG whose header claims a gigapixel
import struct, zlib
from IPython.display import Image, display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
side = 40000
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
png += chunk(b"IDAT", zlib.compress(b"\0" * (side * 100), 9)) + chunk(b"IEND", b"")
for _ in range(30):
    display(Image(png, format="png", embed=True))


# %% pictures that unpack in their text: compressed comments of a PNG
import struct, zlib
from IPython.display import Image, display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
png += chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * (200 << 20), 9)) * 20
png += chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
display(Image(png, format="png", embed=True))


# %% displays without end: and each of them is updated
from IPython.display import display
while True:
    handle = display("x", display_id=True)
    if handle:
        handle.update("y")


# %% cleared without end: clear_output in a loop
from IPython.display import clear_output
while True:
    print("x")
    clear_output()


# %% a result that cannot be shown: its repr is endless
class Endless:
    def __repr__(self):
        return "x" * (1 << 31)
Endless()


# %% a result whose repr never returns
class Endless:
    def __repr__(self):
        while True:
            pass
    _repr_html_ = _repr_png_ = _repr_mimebundle_ = __repr__
Endless()


# %% endless loop: until somebody stops it
while True:
    pass


# %% endless loop that ignores SIGINT: and every other signal that can be ignored
import signal
for number in set(range(1, 65)) - {9, 19, 32, 33}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass


# %% endless loop that catches everything: KeyboardInterrupt too
while True:
    try:
        while True:
            pass
    except BaseException:
        pass


# %% endless in C: a computation that Python cannot interrupt
10 ** 10 ** 10


# %% endless regular expression: cannot be interrupted
import re
re.match(r"(a+)+$", "a" * 50 + "b")


# %% sleeps forever
import time
time.sleep(10**6)


# %% waits for input: which nobody gives
input("your password? ")


# %% waits for a lock: that it holds itself
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()


# %% stops itself: SIGSTOP
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)


# %% stops by SIGTSTP and SIGTTIN: signals of a terminal
import os, signal
for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGSTOP):
    os.kill(os.getpid(), number)


# %% timebomb: each cell and each call stays a little below the limit
import time
time.sleep(0.4)
# %% [double]
import time
def double(x):
    time.sleep(0.3)
    return 2 * x
# %% [root]
import time
time.sleep(0.4)
def root(x):
    time.sleep(0.3)
    return -1
# %% [after]
import time
time.sleep(0.4)


# %% sleeps after the notebook: at exit, in finalizers, in threads that are no daemons
import atexit, threading, time
atexit.register(time.sleep, 300)
threading.Thread(target=time.sleep, args=(300,)).start()
class Slow:
    def __del__(self):
        time.sleep(300)
keep = Slow()


# %% os._exit: with success
import os
os._exit(0)


# %% sys.exit and exit: in cells
import sys
sys.exit(0)


# %% quit: by the shell's own way
exit


# %% segmentation fault
import ctypes
ctypes.string_at(0)


# %% abort: and a core dump
import os, resource
os.abort()


# %% stack overflow: recursion beyond what C bears
import sys
sys.setrecursionlimit(10**9)
def deep(n):
    return deep(n + 1)
deep(0)


# %% a syntax tree too deep: for the compiler
eval("(" * 5000 + ")" * 5000)


# %% execve: replaces itself by another program
import os
os.execv("/bin/sh", ["sh", "-c", "sleep 300 # __MARK__"])


# %% closes everything: all file descriptors, so that nobody hears of it again
import os
os.closerange(0, 4096)


# %% closes everything and goes on: computing quietly
import os
os.closerange(0, 4096)
while True:
    pass


# %% signals to everybody: to the parent, to the group, to all
import os, signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    for pid in (os.getppid(), 1):
        try:
            os.kill(pid, number)
        except OSError:
            pass
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for send, target in ((os.kill, -1), (os.killpg, 0)):
    try:
        send(target, signal.SIGTERM)
    except OSError:
        pass


# %% SIGKILL to everybody it may: kill -9 -1
import os
os.kill(-1, 9)


# %% SIGSTOP to everybody: the parent stands still
import os, signal
for pid in [os.getppid(), 1, *(int(p) for p in os.listdir("/proc") if p.isdigit())]:
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError:
            pass


# %% [root] endless in an answer: during the test
def root(x):
    while True:
        pass


# %% [root] endless in an answer, ignoring everything
import signal
def root(x):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


# %% [root] exits in an answer: during the test, with success
import os
def root(x):
    os._exit(0)


# %% [root] segmentation fault in an answer
import ctypes
def root(x):
    ctypes.string_at(0)


# %% [root] stops itself in an answer: SIGSTOP
import os, signal
def root(x):
    os.kill(os.getpid(), signal.SIGSTOP)


# %% [root] forks in an answer: both processes answer
import os
def root(x):
    os.fork()
    return -1


# %% [root] forks in an answer, many times
import os
def root(x):
    for _ in range(10):
        try:
            os.fork()
        except OSError:
            pass
    return -1


# %% [root] memory in an answer
def root(x):
    data = []
    while True:
        data.append(bytearray(b"x" * (1 << 24)))


# %% [double] crash in another's test: exercise 1 answers rightly and dies a little later
import os, threading
def double(x):
    if x > 4:
        threading.Timer(0.01, os._exit, (0,)).start()
    return 2 * x


# %% [root] sleeps in __del__: of what it returned
import time
class Slow:
    def __del__(self):
        time.sleep(100)
    def __eq__(self, other):
        return False
def root(x):
    return Slow()


# %% [root] many objects: every call returns ten thousand of them
class Thing:
    pass
def root(x):
    return [Thing() for _ in range(10000)]


# %% pictures of noise: that cannot be compressed, as many as may be kept
import io
import numpy as np
from IPython.display import Image, display
from PIL import Image as Picture
rng = np.random.default_rng(0)
for side in (1100, 900, 2000):
    for kind in ("PNG", "JPEG"):
        for _ in range(4):
            file = io.BytesIO()
            Picture.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(file, kind, **({"quality": 60} if kind == "JPEG" else {}))
            display(Image(file.getvalue(), format=kind.lower(), embed=True))


# %% a picture of noise: small as a JPEG, large as a PNG
import io
import numpy as np
from IPython.display import Image, display
from PIL import Image as Picture
noise = np.random.default_rng(0).integers(0, 256, (3900, 3900, 3), dtype=np.uint8)
file = io.BytesIO()
Picture.fromarray(noise).save(file, "JPEG", quality=10)
display(Image(file.getvalue(), format="jpeg", embed=True))
print(len(file.getvalue()))


# %% [double] big arrays on the wire: right answers, with millions of numbers in what was changed
import numpy as np
def double(x):
    if isinstance(x, list):
        x.extend(range(10**6))
    return 2 * x
# %% [scale]
import numpy as np
class Scale:
    def __init__(self, factor):
        self.factor = factor
        self.noise = np.zeros(2_000_000)
    def forward(self, x):
        return np.resize(self.noise, (2_000_000, 1))

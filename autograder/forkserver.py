"""A warm Python that forks a child for each submission. Runs inside the sandbox, as a program:

    python forkserver.py CONTROL OPTIONS

CONTROL is the number of an inherited SOCK_SEQPACKET socket; OPTIONS, in JSON, are the fields of child.Options. A child
runs MODULE.main with a connected stream socket and ends when that returns. Messages are JSON, some with a descriptor:

    on CONTROL, from here     {"up": true, "nested": ""}     it runs; nested: why children cannot be nested, or ""
                              {"ready": true, "why": ""}     MODULE is imported and warm; why: what hindered it
                              {"done": "serve", "child": 3}  the answer to "serve", and likewise to the others;
                                                             child: the number of the present child, or of the last
    on CONTROL, to here       {"do": "serve"}, a channel     serve it until its other end is closed or another comes
                              {"do": "tell"}                 only answer
                              {"do": "kill", "child": 3}     like "stop" on the channel, unless another came meanwhile
    on the channel, to here   {"do": "start"}, a socket      start a child with it, after killing the one before
                              {"do": "interrupt"}            SIGINT to the child's main
                              {"do": "stop"}                 kill the child with all that it started
    on the channel, from here {"ok": true} or {"ok": false, "why": "…"}

A nested child has user, PID, mount and IPC namespaces of its own. Its pid 1 only waits: when that is killed, or when
the child's main ends, the kernel kills everything in them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable

import channel
import confinement
from child import DESCRIPTORS, Child, Options


def serve(control: socket.socket, child: Child) -> None:
    """Answer messages until the control socket is closed."""
    served: socket.socket | None = None
    while True:
        sources = [control, child.death] + [served] * (served is not None)
        readable, _, _ = select.select(sources, [], [])
        if child.death in readable:
            child.reap()
        if control in readable:
            message, descriptor = channel.receive(control)
            if message is None or message["do"] == "serve" or message.get("child") == child.number:
                child.stop()
            if message is None:
                return
            if message["do"] == "serve":
                if served:
                    served.close()
                served = socket.socket(fileno=descriptor)
            channel.send(control, {"done": message["do"], "child": child.number})
        elif served in readable:
            try:
                open_still = _answer(served, child)
            except (OSError, ValueError):
                open_still = False
            if not open_still:
                child.stop()
                served.close()
                served = None


def _answer(served: socket.socket, child: Child) -> bool:
    """Do what the next message on the channel asks for; returns whether there was one."""
    message, descriptor = channel.receive(served)
    if message is None:
        return False
    answer = {"ok": True}
    try:
        if message["do"] == "start":
            child.start(descriptor)
        elif message["do"] == "interrupt":
            answer["ok"] = child.interrupt()
        else:
            child.stop()
    except Exception as error:
        answer = {"ok": False, "why": f"no process could be started: {error}"}
    finally:
        if descriptor is not None:
            os.close(descriptor)
    channel.send(served, answer)
    return True


def _give_up_root(user: int) -> None:
    """Become a user without privileges, once there is a whole /proc, without which namespaces get none."""
    confinement.mount_proc()
    confinement.drop_bounding_set()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    confinement.drop_capabilities()
    confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)  # which a new user lost


def _why_not(child: Child) -> str:
    """Try to start it and say why that does not work, or ""."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            child.start(theirs.fileno())
        except OSError as error:
            return str(error)
    child.stop()
    return ""


def _warm_up(options: Options) -> Callable[[socket.socket], None]:
    """Import the module and let it prepare; returns its main."""
    sys.path[:1] = options.path
    sys.path += [path for path in options.packages if path not in sys.path]
    module = importlib.import_module(options.module)
    module.warm_up()
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise RuntimeError(f"{options.module}.warm_up left {threads - 1} threads, which no fork survives: end them")
    gc.collect()
    gc.freeze()
    return module.main


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    options = Options(**json.loads(sys.argv[2]))
    if options.confined and os.getpid() != 1:
        raise RuntimeError("bubblewrap made no PID namespace")
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.user:
        _give_up_root(options.user)
    confinement.prctl(confinement.PR_SET_CHILD_SUBREAPER, 1)
    child = Child(options)
    channel.send(control, {"up": True, "nested": _why_not(child) if options.nested else ""})
    if not options.module:
        return
    try:
        child.main = _warm_up(options)
    except Exception:
        channel.send(control, {"ready": False, "why": traceback.format_exc()[-4096:]})
        return
    confinement.prctl(confinement.PR_SET_DUMPABLE, 0)  # closes /proc to children of the same user
    channel.send(control, {"ready": True, "why": ""})
    try:
        serve(control, child)
    finally:
        child.stop()


if __name__ == "__main__":
    main()
    os._exit(0)

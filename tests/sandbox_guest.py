"""What the tests of the sandbox run inside it: Python that comes by the socket, in one namespace."""

import contextlib
import io
import json
import socket
import traceback

SETUP = """
import ctypes, mmap, os, resource, signal, socket, subprocess, sys, time

def refusal(action, *arguments, **named):
    try:
        action(*arguments, **named)
    except Exception as error:
        return type(error).__name__
    return ""

def alone():  # whether signals to all processes in sight reach only those of a sandbox
    return os.path.isdir("/sandbox/course") and len([name for name in os.listdir("/proc") if name.isdigit()]) < 9
"""


def warm_up():
    pass


def main(connection: socket.socket) -> None:
    """Send b"hello", then for each line of JSON that comes, a string, one with what it printed and its traceback."""
    names = {"connection": connection}
    exec(SETUP, names)
    connection.sendall(b"hello\n")
    for line in connection.makefile("rb"):
        printed, error = io.StringIO(), ""
        try:
            with contextlib.redirect_stdout(printed):
                exec(json.loads(line), names)
        except BaseException:
            error = traceback.format_exc()
        connection.sendall(json.dumps([printed.getvalue(), error]).encode() + b"\n")

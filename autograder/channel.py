"""JSON messages with file descriptors between processes, and what to ask of a fork server over its channel."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress

SECONDS = 15  # how long the fork server may take to answer


class ChannelError(Exception):
    """The fork server does not answer, or could not do what it was asked."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets that keep messages apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(channel: socket.socket, message: dict, *descriptors: int) -> None:
    socket.send_fds(channel, [json.dumps(message).encode()], list(descriptors))


def receive(channel: socket.socket) -> tuple[dict | None, int | None]:
    """The next message and the descriptor that came with it, if one did; no message when the other end is closed."""
    data, descriptors, _, _ = socket.recv_fds(channel, 65536, 1)
    if data:
        return json.loads(data), descriptors[0] if descriptors else None
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)
    return None, None


def start(channel: socket.socket, descriptor: int) -> None:
    """Start a child whose main gets the stream socket with this descriptor; the caller still has to close its copy.

    raises: ChannelError
    """
    _ask(channel, "start", descriptor)


def interrupt(channel: socket.socket) -> None:
    """Send SIGINT to the child's main.

    raises: ChannelError, also if no child runs
    """
    _ask(channel, "interrupt")


def stop(channel: socket.socket) -> None:
    """Kill the child and all that it started, and wait until they are gone.

    raises: ChannelError
    """
    _ask(channel, "stop")


def _ask(channel: socket.socket, what: str, *descriptors: int) -> None:
    channel.settimeout(SECONDS)
    try:
        send(channel, {"do": what}, *descriptors)
        answer, _ = receive(channel)
    except TimeoutError:
        raise ChannelError(f"the fork server did not answer to {what!r} for {SECONDS} s") from None
    except (OSError, ValueError) as error:
        raise ChannelError(f"the fork server is gone: {error}") from error
    if answer is None:
        raise ChannelError("the fork server is gone")
    if not answer["ok"]:
        raise ChannelError(answer.get("why") or f"there is nothing to {what}")

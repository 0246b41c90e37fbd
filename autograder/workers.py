"""Warm processes on this machine, as an executor of which one lost process takes no more than its own task along."""

from __future__ import annotations

import multiprocessing
import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path


def cores() -> list[int]:
    """The numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


class Workers(Executor):
    """As many processes as one wants, each a pool of its own, made anew when it dies.

    lost: what a future raises when the process that had its task has died; the task can be submitted again
    gone: what it raises when there is no use in that
    has_folders: whether they can read the class's folder themselves
    """

    has_folders = True
    lost = (BrokenProcessPool,)
    gone = ()

    def __init__(self, number: int, log: Path, begin: Callable, *args):
        """
        number: of processes; where there are cores enough each keeps to one
        log   : the file that gets what they print
        begin : called with args in each process before anything else
        """
        self._number = number
        self._begin = (log, begin, args)
        self._closing = False
        self._idle: queue.SimpleQueue[tuple[int, ProcessPoolExecutor]] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(number, "worker")
        for place in range(number):
            self._idle.put((place, self._new_process(place)))

    @property
    def executor(self) -> Workers:
        return self

    def submit(self, function, /, *args, **kwargs) -> Future:
        return self._threads.submit(self._run, function, args, kwargs)

    def capacity(self) -> int:
        """How many tasks keep all processes busy."""
        return 3 * self._number

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; with cancel_futures at once, whatever they do."""
        self._closing = cancel_futures
        if cancel_futures:
            for process in multiprocessing.active_children():
                process.kill()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for _ in range(self._number):
            self._idle.get()[1].shutdown(wait)

    def _run(self, function, args, kwargs):
        place, process = self._idle.get()
        try:
            return process.submit(function, *args, **kwargs).result()
        except BrokenProcessPool:
            process.shutdown(wait=False)
            if not self._closing:
                process = self._new_process(place)
            raise
        finally:
            self._idle.put((place, process))

    def _new_process(self, place: int) -> ProcessPoolExecutor:
        allowed = cores()
        core = allowed[place] if self._number <= len(allowed) else None
        # Spawned, because threads and forks do not mix.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, context, _begin, (core, *self._begin))
        pool.submit(int)  # which starts the process
        return pool


def _begin(core: int | None, log: Path, begin: Callable, args: tuple) -> None:
    """Let this process and what it starts write to the log, not to the screen, and keep to one core.

    Its sandbox and its examiner work in turns: on one core a message between them takes half the time.
    """
    with open(log, "ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*args)


def _end_with_parent() -> None:
    """End when the run is killed: a process that waits for a task would wait for ever."""
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)

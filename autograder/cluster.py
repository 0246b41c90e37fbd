"""Workers on other machines: a Dask cluster that runs already, as an executor.

Everybody in it, the scheduler too, must have this package and the libraries installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import re
import socket
import time
import uuid
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future

from autograder.course import CourseError
from autograder.sandbox import SandboxError, describe

SECONDS_TO_CONNECT = 10
SECONDS_FOR_WORKERS = 30
SECONDS_TO_CLOSE = 5
SECONDS_BETWEEN_LOOKS = 1
SECONDS_OF_PATIENCE = 30  # with a cluster that is there, but does nothing
MOST = 1000  # tasks in flight: they lie in the scheduler's memory

# For this end of the connections; scheduler and workers have settings of their own.
SETTINGS = {
    "distributed.comm.timeouts.connect": f"{SECONDS_TO_CONNECT}s",
    "distributed.comm.timeouts.tcp": "20s",
    "distributed.admin.large-graph-warning-threshold": "1GiB",
}
AGAIN = "see to it, then the same command again"
SAME = "install the same course and libraries there as here"
_ADDRESS = re.compile(r"((tcp|tls)://)?(\[[0-9a-fA-F:.]+\]|[^][\s/:]+):[0-9]{1,5}")


class LostClusterError(Exception):
    """The connection to the scheduler broke: what was in flight does not come back."""


@contextlib.contextmanager
def connect(
    address: str, probe: Callable[[], str] = describe, tell: Callable[[str], None] = print
) -> Iterator[Cluster]:
    """A cluster whose scheduler is at this address, such as tcp://HOST:8786, with at least one worker.

    probe : says how student code is confined where it runs, see Cluster.hosts
    tell  : called with what a person should know at once, from any thread
    raises: CourseError if it cannot be had
    """
    import dask
    from distributed import Client

    if not _ADDRESS.fullmatch(address):
        raise CourseError(f"{address!r} is no address of a Dask scheduler: give one such as tcp://HOST:8786")
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        stack.enter_context(_quiet())
        _require_scheduler(address)
        try:
            client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
        except OSError as error:
            raise CourseError(_not_there(address, error)) from None
        stack.callback(_close, client)
        try:
            client.run_on_scheduler(_call, _pickled(str))  # it unpickles a task before it passes it on
        except Exception as error:
            raise CourseError(
                f"the scheduler {address} cannot pass on what is to be graded ({error}): {SAME}"
            ) from None
        _wait_for_workers(client, address, tell)
        yield Cluster(client, address, probe, tell)


class Cluster:
    """
    executor: runs functions that every worker can import
    lost    : what a future raises when each of several workers died that had the task
    gone    : what it raises when the connection is lost, and all others with it
    has_folders: whether workers can read the class's folder, which another host need not have
    """

    has_folders = False
    gone = (LostClusterError,)

    def __init__(self, client, address: str, probe: Callable[[], str], tell: Callable[[str], None]):
        from distributed.scheduler import KilledWorker

        self.lost = (KilledWorker,)
        self.executor = _Executor(client, address)
        self._client, self._address, self._probe, self._tell = client, address, probe, tell
        self._threads = sum(client.nthreads().values())
        asyncio.run_coroutine_threadsafe(self._watch(), client.loop.asyncio_loop)

    def capacity(self) -> int:
        """How many tasks to keep in flight, at present, so that no worker waits for the next."""
        return min(max(3 * self._threads, 4), MOST)

    def hosts(self) -> list[str]:
        """How student code is confined on the workers' hosts, a line for each way.

        raises: CourseError if there is a host where it cannot be, or that has another course
        """
        hosts: dict[str, set[str]] = defaultdict(set)
        try:
            answers = self._client.run(_look, self._probe, on_error="return")
        except OSError as error:
            raise CourseError(f"lost the cluster {self._address} ({error}): {AGAIN}") from None
        for worker, answer in answers.items():
            if isinstance(answer, OSError):
                continue  # it has gone meanwhile
            if isinstance(answer, Exception):
                raise CourseError(f"the worker {worker} cannot grade ({answer}): {SAME}")
            host, words, why_not = answer
            if why_not:
                raise CourseError(f"on {host}, a host of the cluster {self._address}: {why_not}")
            hosts[words].add(host)
        if not hosts:
            raise CourseError(f"no worker of the cluster {self._address} answers: {AGAIN}")
        return [f"Sandbox on {', '.join(sorted(names))}: {words}" for words, names in hosts.items()]

    async def _watch(self) -> None:
        """Follow the workers that come and go, and say so when nothing can go on."""
        since, told = time.monotonic(), False
        while self._client.status in ("running", "connecting"):
            why = ""
            try:
                workers = await asyncio.wait_for(self._client.nthreads(), SECONDS_OF_PATIENCE)
                self._threads = sum(workers.values())
                if not workers:
                    why = f"No worker is left in the cluster {self._address}: start one"
            except (OSError, asyncio.TimeoutError):
                why = f"The scheduler {self._address} does not answer: wait"
            if not why:
                since, told = time.monotonic(), False
            elif not told and time.monotonic() > since + SECONDS_OF_PATIENCE:
                told = True
                self._tell(f"{why}, or stop this and give the same command again later")
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


class _Executor(Executor):
    """distributed.Client.get_executor's, except that no future is left waiting when the connection is lost."""

    def __init__(self, client, address: str):
        self._client, self._address = client, address

    def submit(self, function: Callable, /, *args, **kwargs) -> Future:
        # Pickled here, for Dask would look through all arguments for futures and for names of other tasks.
        call = _pickled(function, *args, **kwargs)
        try:
            task = self._client.submit(_call, call, key=f"{function.__name__}-{uuid.uuid4()}", pure=False)
        except Exception:
            if self._client.status == "running":
                raise
        if self._client.status == "running":  # a client that is closed takes tasks, and forgets them
            return asyncio.run_coroutine_threadsafe(self._result(task), self._client.loop.asyncio_loop)
        lost: Future = Future()
        lost.set_exception(self._lost())
        return lost

    async def _result(self, task):
        try:
            return await task
        except Exception as error:
            if task.status == "error":
                raise
            raise self._lost() from error

    def _lost(self) -> LostClusterError:
        return LostClusterError(f"lost the cluster {self._address}")


def _pickled(function: Callable, /, *args, **kwargs) -> bytes:
    return pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)


def _call(call: bytes):
    function, args, kwargs = pickle.loads(call)
    return function(*args, **kwargs)


def _look(probe: Callable[[], str]) -> tuple[str, str, str]:
    """On a worker: its host, how student code is confined there, and why it cannot be."""
    host = socket.gethostname()
    try:
        return host, probe(), ""
    except SandboxError as error:
        return host, "", str(error)


def _require_scheduler(address: str) -> None:
    """Ask who is there, for a Client that cannot connect leaves a thread and a traceback behind.

    raises: CourseError if it is no scheduler
    """
    from distributed import Security, rpc

    async def ask() -> str:
        async with rpc(address, timeout=SECONDS_TO_CONNECT, connection_args=secrets) as there:
            return (await asyncio.wait_for(there.identity(), SECONDS_TO_CONNECT))["type"]

    secrets = Security().get_connection_args("client")
    if address.startswith("tls:") and not secrets.get("ssl_context"):
        raise CourseError(f"{address} takes certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and its like")
    try:
        kind = asyncio.run(ask())
    except Exception as error:  # whatever comes of bytes that are not Dask's
        raise CourseError(_not_there(address, error)) from None
    if kind != "Scheduler":
        raise CourseError(f"{address} is the address of a {kind.lower()}: give that of the scheduler")


def _not_there(address: str, error: BaseException) -> str:
    while error.__cause__:
        error = error.__cause__
    why = str(error).rpartition(">: ")[2]
    return (
        f"no Dask scheduler answers at {address}{f' ({why})' if why else ''}: "
        "start one with `dask scheduler`, or mend the address"
    )


def _wait_for_workers(client, address: str, tell: Callable[[str], None]) -> None:
    """raises: CourseError if none comes"""
    if not client.nthreads():
        tell(f"Waiting for workers of the cluster {address}")
        try:
            client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
        except TimeoutError:
            why = f"no worker has come to the cluster {address} in {SECONDS_FOR_WORKERS} s"
            raise CourseError(f"{why}: start one with `dask worker {address}`") from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let Dask not tell of each worker that comes or goes, nor compare versions, which a task does itself."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _close(client) -> None:
    with contextlib.suppress(Exception):  # of a scheduler that is gone
        client.close(SECONDS_TO_CLOSE)

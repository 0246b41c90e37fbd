"""The processes that grade on this machine: what happens when one is killed, or the run is."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import wait

import pytest

from autograder.processes import lives
from autograder.submission import at_most
from autograder.workers import Workers, cores

pytestmark = pytest.mark.xdist_group("workers")


def _begin(*_):
    print("begun")


@pytest.fixture
def workers(tmp_path):
    with Workers(2, tmp_path / "log", _begin, 1) as workers:
        yield workers


def _die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def _where(_):
    time.sleep(0.2)
    return os.getpid(), len(os.sched_getaffinity(0))


def test_each_keeps_to_one_core_and_begins_once(workers, tmp_path):
    found, until = set(), time.monotonic() + 30
    while len(found) < 2 and time.monotonic() < until:
        found |= set(workers.map(_where, range(2)))
    assert len(found) == 2
    assert {number for _, number in found} == ({1} if len(cores()) >= 2 else {len(cores())})
    assert (tmp_path / "log").read_text() == "begun\n" * 2


def test_one_that_dies_takes_only_its_task_along(workers):
    futures = [workers.submit(_die if number == 3 else abs, number) for number in range(20)]
    wait(futures)
    assert isinstance(futures.pop(3).exception(), workers.lost)
    assert [future.result() for future in futures] == [n for n in range(20) if n != 3]


def test_what_a_task_raises_arrives(workers):
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result()
    assert workers.submit(divmod, 1, 1).result() == (1, 0)


def _hang(_):
    with at_most(1):
        re.match(r"(a+)+$", "a" * 50 + "b")  # which lets no other thread go on


def test_one_that_hangs_ends_and_says_where(workers, tmp_path):
    with pytest.raises(workers.lost):
        workers.submit(_hang, 0).result(30)
    assert workers.submit(abs, -1).result() == 1
    assert "in _hang" in (tmp_path / "log").read_text()


def test_an_end_at_once(tmp_path):
    workers = Workers(2, tmp_path / "log", _begin)
    futures = [workers.submit(time.sleep, 60) for _ in range(5)]
    time.sleep(1)
    start = time.monotonic()
    workers.shutdown(cancel_futures=True)
    assert time.monotonic() - start < 10
    assert all(future.cancelled() or isinstance(future.exception(), workers.lost) for future in futures)


RUN = """
import os, sys, time
from autograder.workers import Workers

def pid(_):
    time.sleep(0.2)
    return os.getpid()

if __name__ == "__main__":
    workers = Workers(2, sys.argv[1], abs, 0)
    print(*set(workers.map(pid, range(4))), flush=True)
    workers.submit(time.sleep, 300)
    time.sleep(300)
"""


def test_they_end_when_the_run_is_killed(tmp_path):
    (tmp_path / "run.py").write_text(RUN)
    run = subprocess.Popen([sys.executable, tmp_path / "run.py", tmp_path / "log"], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in run.stdout.readline().split()]
    assert len(pids) == 2
    run.kill()
    run.wait()
    until = time.monotonic() + 10
    while any(map(lives, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(lives, pids))

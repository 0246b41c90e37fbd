"""Grading on other machines: which of them may die or be cut off, and what is said where none is left.

Hosts are namespaces, see hosts.py. What has to connect to them runs on one of them: the functions whose names begin
with `client_`.
"""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path

import hosts
import pytest
from gradebook_oracle import contents
from mini_course import answered, hand_in, make_mini_course, with_extra_cell

from autograder import cluster
from autograder.course import CourseError
from autograder.sandbox import SandboxError

pytestmark = pytest.mark.xdist_group("cluster")

SECONDS = 60
PYTHON = {"PYTHONPATH": os.path.dirname(__file__), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def network(tmp_path):
    hosts.require()
    with hosts.DaskHosts(tmp_path, hosts.IMPATIENT | PYTHON) as network:
        yield network


@pytest.fixture
def elsewhere(tmp_path):
    """Settings with which this course is not to be found."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/autograder.py").touch()  # in its place
    return {"PYTHONPATH": str(tmp_path / "elsewhere")}


class Client:
    """One of this module's functions, run on a host. Its lines come as it prints them."""

    def __init__(self, network, function, *arguments, host=None):
        call = f"import test_cluster; test_cluster.{function.__name__}({network.address!r}, *{arguments!r})"
        self.process = (host or network.front).start(
            *(hosts.PYTHON, "-c", call),
            env=network.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.timer = threading.Timer(SECONDS, (host or network.front).kill, [function.__name__])
        self.timer.start()

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def rest(self):
        """All further lines, when it has ended well."""
        # Not by communicate(), which forgets what line() has read ahead.
        out, errors = self.process.stdout.read(), self.process.stderr.read()
        self.process.wait()
        self.timer.cancel()
        assert (self.process.returncode, errors) == (0, ""), f"{out}\n{errors}"
        return out.splitlines()


def square(number, seconds=0.3):
    time.sleep(seconds)
    return f"{number} squared is {number**2}"


def client_squares(address, count, seconds=0.3):
    """Keep as many tasks in flight as there is room for, and print what comes."""
    cluster.SECONDS_OF_PATIENCE = 2
    with cluster.connect(address) as crew:
        numbers, running = iter(range(count)), set()
        while running or count:
            while count and len(running) < crew.capacity():
                running.add(crew.executor.submit(square, next(numbers), seconds=seconds))
                count -= 1
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                print(future.result())


def test_all_comes_back_once_though_a_worker_is_killed_and_another_cut_off(network):
    killed, cut, _ = (network.worker(name) for name in ("killed", "cut", "spared"))
    client = Client(network, client_squares, 40)
    lines = [client.line() for _ in range(5)]
    killed.kill("spawn_main")
    network.switch.cut(cut)
    lines += client.rest()
    with ProcessPoolExecutor(1) as local:
        assert sorted(lines) == sorted(local.map(square, range(40), [0] * 40))
    for host in (killed, cut):
        assert re.search(f"Remove worker .*tcp://{host.address}:", network.log(network.front))
    assert network.log(killed).count("Registered to:") == 2  # its nanny started another


def test_a_cable_that_is_soon_in_again_costs_nothing(network):
    host = network.worker("one")
    client = Client(network, client_squares, 12)
    lines = [client.line()]
    network.switch.cut(host)
    time.sleep(2)
    network.switch.mend(host)
    assert len(lines + client.rest()) == 12
    assert "Remove worker" not in network.log(network.front)


def test_when_no_worker_is_left_it_says_so_and_goes_on_with_the_next_that_comes(network):
    first = network.worker("first", nanny=False)
    client = Client(network, client_squares, 8)
    lines = [client.line()]
    first.switch_off()
    while "squared" in (line := client.line()):
        lines.append(line)
    assert line == (
        f"No worker is left in the cluster {network.address}: start one, "
        "or stop this and give the same command again later"
    )
    network.worker("second", threads=2)
    assert sorted([*lines, *client.rest()]) == sorted(square(n, 0) for n in range(8))


def test_when_the_scheduler_hangs_it_says_so_and_goes_on_when_that_does(network):
    network.worker("one")
    client = Client(network, client_squares, 8)
    lines = [client.line()]
    network.front.kill("dask scheduler", signal.SIGSTOP)
    while "squared" in (line := client.line()):
        lines.append(line)
    network.front.kill("dask scheduler", signal.SIGCONT)
    assert line == (
        f"The scheduler {network.address} does not answer: wait, or stop this and give the same command again later"
    )
    assert sorted([*lines, *client.rest()]) == sorted(square(n, 0) for n in range(8))


def client_capacities(address):
    with cluster.connect(address) as crew:
        last = 0
        while last < 12:
            if crew.capacity() != last:
                last = crew.capacity()
                print(last)
            time.sleep(0.1)


def test_there_is_room_for_three_tasks_a_thread(network):
    network.worker("small")
    client = Client(network, client_capacities)
    assert client.line() == "4"
    network.worker("large", threads=3)
    assert client.rest() == ["12"]


def client_loses(address):
    """What becomes of tasks in flight, of a further one, and how long leaving takes."""
    cluster.SETTINGS["distributed.comm.timeouts.tcp"] = "11s"
    with cluster.connect(address) as crew:
        running = [crew.executor.submit(square, n, seconds=300) for n in range(4)]
        print("running")
        for number, future in enumerate(running):
            if number == 3:
                running.append(crew.executor.submit(square, 4))
            print(isinstance(future.exception(), crew.gone), future.exception())
        start = time.monotonic()
    print(time.monotonic() - start < 2 * cluster.SECONDS_TO_CLOSE)


def _lost(network):
    return [f"True lost the cluster {network.address}"] * 5 + ["True"]


def test_when_the_scheduler_is_killed_nothing_waits_for_it(network):
    network.worker("one")
    client = Client(network, client_loses)
    assert client.line() == "running"
    network.front.kill("dask scheduler")
    assert client.rest() == _lost(network)


def test_when_the_cable_to_the_scheduler_is_cut_nothing_waits_for_it(network):
    network.worker("one")
    desk = network.switch.host("desk")
    client = Client(network, client_loses, host=desk)
    assert client.line() == "running"
    network.switch.cut(desk)
    assert client.rest() == _lost(network)


def dies():
    os._exit(1)


def raises(error):
    raise error


def client_errors(address):
    with cluster.connect(address) as crew:
        for call in [(raises, OSError(28, "disk full")), (raises, CourseError("mend it")), (raises, KeyError("x"))]:
            print(repr(crew.executor.submit(*call).exception()))
        print(isinstance(crew.executor.submit(dies).exception(), crew.lost))
        print(crew.executor.submit(square, 2).result())


def test_a_tasks_own_errors_come_back_and_are_not_taken_for_a_lost_cluster(tmp_path):
    hosts.require()
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with hosts.DaskHosts(tmp_path, hosts.IMPATIENT | PYTHON | settings) as network:
        network.worker("one")
        assert Client(network, client_errors).rest() == [
            "OSError(28, 'disk full')",
            "CourseError('mend it')",
            "KeyError('x')",
            "True",
            "2 squared is 4",
        ]


def _class(root):
    """A course and a class of 16, some with wrong answers, each with a cell that takes a while."""
    course = make_mini_course(root)
    bodies = ["return 2 * x", "return x + x", "return 4", "import os\n    os._exit(0)", None, "raise ValueError(x)"]
    for number in range(16):
        notebook = answered(course, bodies[number % 6], "return math.sqrt(x)" if number % 4 else "return 2")
        hand_in(course, f"student-{number}", with_extra_cell(notebook, "import time\ntime.sleep(0.5)"))
    return course


def _made(course):
    """All that grading makes, but for times and random names."""
    notebooks = {path.parts[-3]: path.read_bytes() for path in (course.classroom / "autograded").rglob("*.ipynb")}
    pages = sorted(path.parts[-3] for path in (course.classroom / "feedback").rglob("*.html"))
    return contents(course.gradebook), notebooks, pages


def test_a_class_gets_the_same_grades_though_a_worker_is_killed_and_another_cut_off(network, tmp_path):
    here, there = (_class(tmp_path / name) for name in ("here", "there"))
    killed, cut, _ = (network.worker(name) for name in ("killed", "cut", "spared"))
    command = [hosts.PYTHON, Path(__file__).with_name("grade_command.py")]
    run = network.client(
        *[*command, there.root, "grade", "--cluster", network.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    line = "?"
    while line and not line.startswith("4/16"):
        line = run.stdout.readline()
    killed.kill("spawn_main")
    network.switch.cut(cut)
    out, _ = run.communicate(timeout=SECONDS)
    assert (run.returncode, "16 graded" in out) == (0, True), out
    subprocess.run([*command, here.root, "grade"], check=True, capture_output=True)
    assert _made(there) == _made(here)
    for host in (killed, cut):
        assert re.search(f"Remove worker .*tcp://{host.address}:", network.log(network.front))


def probe():
    if socket.gethostname() == "bare":
        raise SandboxError("there is no bubblewrap: install it")
    return "in bubblewrap"


def client_hosts(address, of_sandbox=False):
    try:
        with cluster.connect(address, cluster.describe if of_sandbox else probe) as crew:
            print(*crew.hosts(), sep="\n")
    except CourseError as error:
        print(error)


def test_it_tells_how_code_is_confined_and_where_it_cannot_be(network):
    network.worker("one", processes=2)
    network.worker("two")
    assert Client(network, client_hosts).rest() == ["Sandbox on one, two: in bubblewrap"]
    network.worker("bare")
    expected = f"on bare, a host of the cluster {network.address}: there is no bubblewrap: install it"
    assert Client(network, client_hosts).rest() == [expected]


def test_a_worker_without_this_course_is_named(network, elsewhere):
    network.environment |= elsewhere
    other = network.worker("other")
    network.environment |= PYTHON
    (line,) = Client(network, client_hosts, True).rest()
    assert line.startswith(f"the worker tcp://{other.address}:")
    assert "No module named 'autograder.cluster'" in line.replace("\\", "")
    assert line.endswith("install the same course and libraries there as here")


def test_a_scheduler_without_this_course_is_told_of(tmp_path, elsewhere):
    hosts.require()
    with hosts.DaskHosts(tmp_path, hosts.IMPATIENT | elsewhere) as network:
        network.environment |= PYTHON
        (line,) = Client(network, client_hosts).rest()
    assert line.startswith(f"the scheduler {network.address} cannot pass on what is to be graded")
    assert "No module named 'autograder.cluster'" in line.replace("\\", "")
    assert line.endswith("install the same course and libraries there as here")


def client_waits(address, seconds, of_whom=""):
    cluster.SECONDS_FOR_WORKERS = seconds
    try:
        with cluster.connect(of_whom or address) as crew:
            print(crew.executor.submit(square, 3, 0).result())
    except CourseError as error:
        print(error)


def test_it_waits_for_the_first_worker_though_not_for_ever(network):
    client = Client(network, client_waits, 30)
    assert client.line() == f"Waiting for workers of the cluster {network.address}"
    network.worker("one")
    assert client.rest() == ["3 squared is 9"]


def test_without_a_worker_it_says_how_to_start_one(network):
    assert Client(network, client_waits, 1).rest() == [
        f"Waiting for workers of the cluster {network.address}",
        f"no worker has come to the cluster {network.address} in 1 s: start one with `dask worker {network.address}`",
    ]


def test_a_workers_address_is_not_the_schedulers(network):
    host = network.worker("one", nanny=False)
    address = network.log(host).partition("Listening to:")[2].split()[0]
    expected = [f"{address} is the address of a worker: give that of the scheduler"]
    assert Client(network, client_waits, 1, address).rest() == expected


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "'127.0.0.1' is no address of a Dask scheduler: give one such as tcp://HOST:8786"),
        ("http://here:8787/status", "is no address of a Dask scheduler"),
        ("tls://127.0.0.1:1", "takes certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE and its like"),
        ("127.0.0.1:1", ": start one with `dask scheduler`, or mend the address"),
        ("tcp://nowhere.invalid:8786", "no Dask scheduler answers at tcp://nowhere.invalid:8786"),
    ],
)
def test_an_address_where_no_scheduler_is(address, said, monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(CourseError) as caught, cluster.connect(address):
        pass
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_another_server_at_that_address(monkeypatch, capfd):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(CourseError, match=f"no Dask scheduler answers at {address}"), cluster.connect(address):
            pass
    assert capfd.readouterr() == ("", "")

"""Where a cgroup can be made, in trees of files that look like /sys/fs/cgroup, and what is written there.

What the kernel makes of it is in test_sandbox.py. Here, a file holds the last of what was written to it.
"""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder import cgroup, sandbox

ME = os.getpid()
STRANGER = 2**22 + 1  # a number that no process can have


class Tree:
    """A mounted tree with one cgroup, the one that this process is in."""

    def __init__(self, folder: Path, path: str = "/user.slice/run.scope", mount: str = "cgroup"):
        self.mount = folder / mount
        self.own = folder / "self"
        self.own.write_text(f"4:memory:/v1\n0::{path}\n")
        self.group = self.mount / path.strip("/")
        self.make(self.group, [ME])

    def make(self, group: Path, pids: list[int], enabled: str = "") -> None:
        group.mkdir(parents=True, exist_ok=True)
        (group / "cgroup.controllers").write_text("cpu memory pids\n")
        (group / "cgroup.subtree_control").write_text(enabled)
        (group / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))
        (group / "cgroup.type").write_text("domain\n")

    def parent(self) -> Path | None:
        return cgroup.parent.__wrapped__((self.mount,), self.own)

    def text(self, name: str) -> str:
        return (self.group / name).read_text().strip()

    def untouched(self) -> bool:
        return not (self.group / cgroup.NAME).exists() and not self.text("cgroup.subtree_control")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return Tree(tmp_path)


@pytest.fixture
def held(tree, monkeypatch):
    """A tree that hold() uses."""
    monkeypatch.setattr(cgroup, "parent", lambda: tree.group)
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)
    return tree


def refuse(monkeypatch, name: str, number: int = errno.EBUSY) -> None:
    """Have the kernel refuse what is written to files of this name."""
    write = Path.write_text

    def refusing(path, text):
        if path.name == name:
            raise OSError(number, os.strerror(number))
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", refusing)


class TestWhereOthersCanBeMade:
    def test_in_a_delegated_one_that_is_ours_alone(self, tree):
        assert tree.parent() == tree.group
        assert tree.text("autograder/cgroup.procs") == str(ME)
        assert tree.text("cgroup.subtree_control") == "+memory +pids"

    def test_our_ancestors_and_descendants_come_along(self, tree, monkeypatch):
        with subprocess.Popen(["sleep", "60"]) as child:
            pids = {str(pid) for pid in (ME, os.getppid(), child.pid)}
            (tree.group / "cgroup.procs").write_text("\n".join(pids))
            moved = []
            monkeypatch.setattr(cgroup, "_move", lambda pids, group: moved.append((pids, group)))
            assert tree.parent() == tree.group
            child.kill()
        assert moved == [(pids, tree.group / "autograder")]

    @pytest.mark.parametrize("other", [STRANGER, 0], ids=["a stranger", "one of another namespace"])
    def test_not_where_others_run(self, tree, other):
        tree.make(tree.group, [ME, other])
        assert tree.parent() is None
        assert tree.untouched()

    def test_above_where_an_earlier_one_of_ours_put_us(self, tmp_path, tree):
        inside = Tree(tmp_path, "/user.slice/run.scope/autograder")
        tree.make(tree.group, [], enabled="memory pids")
        (inside.group / "cgroup.procs").write_text(f"{ME}\n{STRANGER}\n")
        assert inside.parent() == tree.group
        assert tree.text("cgroup.subtree_control") == "memory pids"

    def test_in_the_root_which_nothing_has_to_leave(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        root = Tree(tmp_path, "/")
        root.make(root.group, [ME, STRANGER])
        (root.group / "cgroup.type").unlink()
        assert root.parent() == root.group
        assert not (root.group / "autograder").exists()
        assert root.text("cgroup.subtree_control") == "+memory +pids"

    def test_in_the_root_of_a_container(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        root = Tree(tmp_path, "/")
        assert root.parent() == root.group
        assert root.text("autograder/cgroup.procs") == str(ME)

    @pytest.mark.parametrize("mark", [b"1", b"0", None])
    def test_root_may_write_anywhere_but_asks_systemd(self, tree, monkeypatch, mark):
        def getxattr(path, name):
            if mark is None:
                raise OSError(errno.ENODATA, "No data available")
            assert (path, name) == (tree.group, "trusted.delegate")
            return mark

        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(os, "getxattr", getxattr)
        assert tree.parent() == (tree.group if mark == b"1" else None)
        assert tree.untouched() == (mark != b"1")

    def test_in_the_second_mount_of_a_hybrid_machine(self, tmp_path, tree):
        empty = tmp_path / "v1"
        (empty / "memory").mkdir(parents=True)
        assert cgroup.parent.__wrapped__((empty, tree.mount), tree.own) == tree.group

    def test_not_without_the_controllers(self, tree):
        (tree.group / "cgroup.controllers").write_text("cpu pids\n")
        assert tree.parent() is None
        assert tree.untouched()

    @pytest.mark.parametrize("file", ["", "cgroup.procs", "cgroup.subtree_control"])
    def test_not_where_we_may_not_write(self, tree, monkeypatch, file):
        monkeypatch.setattr(os, "access", lambda path, mode: path != tree.group / file)
        assert tree.parent() is None
        assert tree.untouched()

    def test_not_where_the_path_is_another_namespaces(self, tree):
        tree.make(tree.group, [STRANGER])
        assert tree.parent() is None
        tree.own.write_text("0::/../../elsewhere\n")
        assert tree.parent() is None

    def test_not_without_version_2(self, tree):
        tree.own.write_text("4:memory:/user.slice/run.scope\n")
        assert tree.parent() is None
        tree.own.unlink()
        assert tree.parent() is None

    def test_a_refusal_leaves_us_where_we_were(self, tree, monkeypatch):
        refuse(monkeypatch, "cgroup.subtree_control")
        (tree.group / "cgroup.procs").write_text(f"{ME}\n{os.getppid()}\n")
        moved = []
        monkeypatch.setattr(cgroup, "_move", lambda pids, group: moved.append((sorted(pids), group)))
        assert tree.parent() is None
        pids = sorted([str(ME), str(os.getppid())])
        assert moved == [(pids, tree.group / "autograder"), (pids, tree.group)]

    def test_one_that_ended_meanwhile_need_not_move(self, tree, monkeypatch):
        refuse(monkeypatch, "cgroup.procs", errno.ESRCH)
        assert tree.parent() == tree.group

    def test_what_a_killed_grader_left_goes(self, tree):
        for name in (f"autograder-{STRANGER}-7", f"autograder-{ME}-8", "autograder-of-others"):
            (tree.group / name).mkdir()
        tree.parent()
        assert {path.name for path in tree.group.glob("autograder-*")} == {f"autograder-{ME}-8", "autograder-of-others"}


class TestHolding:
    def test_the_limits(self, held, monkeypatch):
        monkeypatch.setattr(cgroup, "memory_of", {STRANGER: 7}.get)
        group = cgroup.hold(STRANGER, 10**9, 64)
        assert (group / "memory.max").read_text() == "1000000007"
        assert (group / "pids.max").read_text() == "65"
        assert (group / "memory.swap.max").read_text() == "0"
        assert (group / "cgroup.procs").read_text() == str(STRANGER)
        assert group.parent == held.group

    def test_without_swap(self, held, monkeypatch):
        refuse(monkeypatch, "memory.swap.max", errno.EACCES)
        assert (cgroup.hold(STRANGER, 10**9, 64) / "memory.max").exists()

    @pytest.mark.parametrize("name", ["memory.max", "pids.max", "cgroup.procs"])
    def test_a_refusal_leaves_nothing(self, held, monkeypatch, name):
        refuse(monkeypatch, name)
        assert cgroup.hold(STRANGER, 10**9, 64) is None
        assert list(held.group.glob("autograder-*")) == []

    def test_where_none_can_be_made(self, held, monkeypatch):
        monkeypatch.setattr(cgroup, "parent", lambda: held.group / "gone")
        assert cgroup.hold(STRANGER, 10**9, 64) is None
        monkeypatch.setattr(cgroup, "parent", lambda: None)
        assert cgroup.hold(STRANGER, 10**9, 64) is None

    def test_what_it_ran_out_of(self, tmp_path):
        assert cgroup.ooms(tmp_path) == (0, 0)
        events = tmp_path / "memory.events"
        events.write_text("low 0\nhigh 0\nmax 31\noom 2\n")
        assert cgroup.ooms(tmp_path) == (0, 0)  # before Linux 4.13
        events.write_text("low 0\nhigh 0\nmax 31\noom 2\noom_kill 1\noom_group_kill 0\n")
        assert cgroup.ooms(tmp_path) == (2, 1)

    def test_it_is_killed_and_removed(self, tmp_path, monkeypatch):
        refusals = [OSError(errno.EBUSY, "busy")] * 3

        def rmdir(path):
            assert (path / "cgroup.kill").read_text() == "1"
            if refusals:
                raise refusals.pop()
            shutil.rmtree(path)

        monkeypatch.setattr(Path, "rmdir", rmdir)
        (tmp_path / "group").mkdir()
        cgroup.remove(tmp_path / "group")
        assert not (tmp_path / "group").exists()

    def test_it_is_not_waited_for_for_ever(self, tmp_path, monkeypatch):
        monkeypatch.setattr(cgroup, "SECONDS_TO_REMOVE", 0.02)
        (tmp_path / "stays").touch()
        cgroup.remove(tmp_path)


class TestInWords:
    @pytest.mark.parametrize("above, words", [(Path("/"), "the kernel holds it"), (None, "a watchdog holds it")])
    def test_which_of_both_holds_the_memory(self, monkeypatch, above, words):
        try:
            sandbox.find_way()
        except sandbox.SandboxError as error:
            pytest.skip(f"this machine has no sandbox: {error}")
        monkeypatch.setattr(cgroup, "parent", lambda: above)
        assert f"; {words} to its memory" in sandbox.describe()

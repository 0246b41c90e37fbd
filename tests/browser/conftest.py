"""A JupyterLab of its own and a headless Chromium that talks to nothing but it.

The tests are left out where there is no Chromium; with REQUIRE_BROWSER=1, as in CI, its absence is a failure.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from autograder.course import Course

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("no Chromium: install Debian's package `chromium`")
    return found or pytest.skip("no Chromium: install Debian's package `chromium` to run the browser tests")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def serve(home: Path, program: str = "lab"):
    """The address of a JupyterLab on the notebooks in home/root; its settings and its log are in home, too.

    program: "notebook" for Notebook 7. One server for both mixes up their fonts
    """
    sockets = tempfile.TemporaryDirectory()
    settings = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR",
                "JUPYTERLAB_WORKSPACES_DIR", "JUPYTERLAB_SETTINGS_DIR")  # fmt: skip
    environment = {**os.environ, **{name: str(home / name.lower()) for name in settings}}
    environment["JUPYTER_RUNTIME_DIR"] = sockets.name  # the path of a socket must be short
    asks = home / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    asks.parent.mkdir(parents=True)
    asks.write_text('{"fetchNews": "false"}')  # else a question about news covers a part of the page
    port = free_port()
    command = [
        sys.executable, "-m", "jupyter", program, "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        f"--ServerApp.root_dir={home / 'root'}", "--KernelManager.transport=ipc",
    ]  # fmt: skip
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=home, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", server, home / "log")
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)
        sockets.cleanup()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab on copies of the notebooks: release/, solution/ and, to write in, student/."""
    chromium()
    home, course = tmp_path_factory.mktemp("lab"), Course()
    for kind, folder in [("release", course.notebooks), ("solution", course.solutions), ("student", course.notebooks)]:
        shutil.copytree(folder, home / "root" / kind)
    with serve(home) as address:
        yield address


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def notebook(tmp_path):
    """The address of a Notebook 7 on a copy of the solved notebooks, in solution/."""
    chromium()
    shutil.copytree(Course().solutions, tmp_path / "root" / "solution")
    with serve(tmp_path, "notebook") as address:
        yield address


@pytest.fixture
def errors():
    """What the page has logged as errors so far."""
    return []


@pytest.fixture
def page(errors):
    """A page in a browser of its own, which must not log an error nor ask anything of another host.

    The browser ends with the test: Playwright keeps an event loop running, beside which no other can be started.
    """
    from playwright.sync_api import sync_playwright

    elsewhere = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: elsewhere.append(request.url) if _is_elsewhere(request.url) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _is_ours(said) else None)
        yield page
        browser.close()
    assert not elsewhere, f"asked other hosts: {elsewhere}"
    assert not errors, errors


def _is_ours(said) -> bool:
    """Whether a message in the console is an error of ours: Jupyter's pages now and then ask before they may."""
    return said.type == "error" and "403 (Forbidden)" not in said.text


def _is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))

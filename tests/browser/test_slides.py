"""The lecturers' slides as `make slides` serves them: there at once, by key and by mouse, and large enough."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from board_controls import each_option, each_slider
from conftest import FLAGS, chromium, free_port
from notebook_page import count, seen, settle, wait_for_pictures

from autograder.course import ROOT, SLIDES, Course
from autograder.lesson import read_lesson

TABS = [cell.metadata["tab"] for cell in read_lesson(Course(), SLIDES)[0].cells if cell.cell_type == "markdown"]
SHOWN = "[role=tabpanel]:not([hidden])"
USABLE = f"""() => {{
    const canvas = document.querySelector("{SHOWN} canvas");
    return canvas?.picture && canvas.getBoundingClientRect().width > 300 && canvas.width > 300;
}}"""
# The picture in the shown tab, whose letters have 12 px at its own size; and all other letters on the page.
MEASURE = f"""() => {{
    const canvas = document.querySelector("{SHOWN} canvas"), place = canvas.getBoundingClientRect();
    const [width, height] = canvas.picture.size;
    const root = document.documentElement, right = (element) => element.getBoundingClientRect().right;
    const seen = [...document.body.querySelectorAll("*")].filter((element) =>
        element.checkVisibility() && element.offsetWidth > 1 && !element.children.length && element.textContent.trim()
    );
    return {{
        drawn: 12 * Math.min(place.width / width, place.height / height),
        written: Math.min(...seen.map((element) => parseFloat(getComputedStyle(element).fontSize))),
        below: place.bottom - innerHeight,
        scrolls: [root.scrollHeight - innerHeight, root.scrollWidth - innerWidth],
        past: seen.filter((element) => right(element) > innerWidth).map((element) => element.outerHTML),
    }};
}}"""
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    chromium()
    port, home = free_port(), tmp_path_factory.mktemp("slides")
    settings = {name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    # -o: what is installed stays as it is.
    command = ["make", "-o", ".venv/.ready", "slides", f"PORT={port}", f"BIN={Path(sys.executable).parent}"]
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        assert _answers(f"{address}voila/static/voila.js", server), (home / "log").read_text()[-2000:]
        assert address.rstrip("/") in (home / "log").read_text()
        time.sleep(4)  # the notebook is run in the meantime; a lecturer needs as long to open the address
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _answers(address, server):
    for _ in range(300):
        if server.poll() is not None:
            return False
        try:
            urllib.request.urlopen(address, timeout=1).read()
            return True
        except OSError:
            time.sleep(0.1)
    return False


@pytest.fixture
def browser(served):
    """A browser whose pages must not log an error nor ask anything of another host."""
    from playwright.sync_api import sync_playwright

    elsewhere, errors = [], []
    own = served, served.replace("http", "ws", 1), "data:", "blob:"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        context.on("request", lambda asked: None if asked.url.startswith(own) else elsewhere.append(asked.url))
        context.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield context
        browser.close()
    assert not elsewhere, f"asked other hosts: {elsewhere}"
    assert not errors, errors


@pytest.fixture
def page(browser, served):
    page = browser.new_page()
    page.goto(served)
    page.wait_for_function(USABLE, timeout=20_000)
    return page


def selected(page):
    return page.locator("[role=tab][aria-selected=true]").inner_text()


def shown(page):
    """The demo in the shown tab."""
    return page.locator(f"{SHOWN} .mlp-board")


def test_usable_within_four_seconds_of_opening(browser, served):
    page, start = browser.new_page(), time.perf_counter()
    page.goto(served, wait_until="commit")
    page.wait_for_function(USABLE, timeout=20_000)
    board = shown(page)
    before = count(board)
    board.locator("input[type=range]").first.press("ArrowRight")
    wait_for_pictures(board, before + 1)
    seconds = time.perf_counter() - start
    print(f"usable {seconds:.1f} s after opening")
    assert seconds < 4


def test_each_tab_by_mouse_and_each_of_its_controls_by_key_and_by_mouse(page):
    assert page.locator("[role=tab]").all_inner_texts() == TABS
    for tab in TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        assert selected(page) == tab
        assert page.locator(SHOWN).count() == 1
        page.wait_for_function(USABLE)
        board = shown(page)
        settle(board)
        each_slider(board, arrows=[("ArrowRight", "ArrowLeft")])
        each_option(board)
        assert selected(page) == tab
        assert seen(board)["trouble"] == "", tab


def test_tabs_by_key(page):
    page.get_by_role("tab", name=TABS[0], exact=True).focus()
    for tab in [*TABS[1:], TABS[0]]:
        page.keyboard.press("ArrowRight")
        assert selected(page) == tab
        page.wait_for_function(USABLE)
    for key, tab in [("ArrowLeft", -1), ("Home", 0), ("End", -1), ("3", 2), ("0", 9), ("PageUp", 8), ("PageDown", 9)]:
        page.keyboard.press(key)
        assert selected(page) == TABS[tab], key
        assert page.evaluate("document.activeElement.textContent") == TABS[tab], key


def test_a_digit_chooses_a_tab_from_within_a_demo_and_arrows_do_not(page):
    slider = page.locator(f"{SHOWN} input[type=range]").first
    slider.press("ArrowRight")
    assert selected(page) == TABS[0]
    slider.press("2")
    assert selected(page) == TABS[1]


def test_next_and_previous(page):
    page.get_by_role("button", name="Previous demo").click()
    assert selected(page) == TABS[-1]
    page.get_by_role("button", name="Next demo").click()
    assert selected(page) == TABS[0]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_demo_fits_on_the_screen_in_large_letters(page, width, height):
    """In a picture, letters have at least 20 of 1,080 pixels, of whatever the projector has."""
    page.set_viewport_size({"width": width, "height": height})
    for tab in TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_function(USABLE)
        page.wait_for_function(f"() => ({MEASURE})().below <= 0", timeout=5_000)
        found = page.evaluate(MEASURE)
        assert found["written"] >= 20, (tab, found)
        assert found["drawn"] >= 20 * height / 1080, (tab, found)
        assert max(found["scrolls"]) <= 0 and not found["past"], (tab, found)


def test_light_and_dark(page, browser, served):
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = f"document.querySelector('{SHOWN} .mlp-board').classList.contains('mlp-dark')"
    assert page.evaluate(ground) == "rgb(255, 255, 255)" and not page.evaluate(dark)
    page.get_by_role("button", name="Dark colours").click()
    page.wait_for_function(dark)
    assert page.evaluate(ground) == "rgb(21, 23, 26)"
    other = browser.new_page()
    other.goto(f"{served}?theme=dark#2")
    other.wait_for_function(USABLE, timeout=20_000)
    assert selected(other) == TABS[1] and other.evaluate(dark)


def test_the_playground_plays_until_its_tab_is_left(page):
    page.get_by_role("tab", name="Playground", exact=True).click()
    before = count(shown(page))
    shown(page).locator(".mlp-play").click()
    wait_for_pictures(shown(page), before + 31)
    page.keyboard.press("1")
    assert selected(page) == TABS[0]
    hidden = page.locator(".demo-playground .mlp-board")
    page.wait_for_timeout(500)
    pictures = hidden.get_attribute("data-pictures")
    page.wait_for_timeout(500)
    assert hidden.get_attribute("data-pictures") == pictures


def test_no_source_is_served(served):
    for path in ("voila/files/slides.ipynb", "voila/files/../lessons/01_perceptron.py"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(served + path, timeout=5)

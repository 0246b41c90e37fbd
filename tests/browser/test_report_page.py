"""The class report as a browser shows it: from a file, with nothing asked of any host, in light and dark."""

import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from conftest import FLAGS, chromium

from autograder import report
from autograder.class_summary import anonymous, summarise

sys.path.insert(0, str(Path(__file__).parents[1]))
from report_page import check_harmless, hostile_class


@pytest.fixture
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def test_it_opens_without_a_request_an_error_or_a_line_too_wide(browser, tmp_path):
    data = hostile_class()
    summary, day = summarise(data), date(2030, 1, 2)
    for name, html in (("names", report.page(summary, day, data)), ("index", report.page(anonymous(summary), day))):
        check_harmless(html)
        place = tmp_path / f"{name}.html"
        place.write_text(html, encoding="utf-8")
        for scheme in ("light", "dark"):
            for width in (400, 1280):
                asked, said = [], []
                page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.on("pageerror", lambda error, said=said: said.append(str(error)))
                page.on("console", lambda message, said=said: said.append(message.text))
                page.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
                page.goto(place.as_uri())
                page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
                page.wait_for_timeout(50)
                assert (asked, said) == ([place.as_uri()], [])
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
                ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 26)")
                assert page.evaluate("[...document.querySelectorAll('svg.histogram')].every(e => e.clientWidth > 200)")
                page.close()


def test_links_lead_to_the_feedback(browser, tmp_path):
    from invented_class import Made, fill, make_course

    course = make_course(tmp_path / "course", {"01_first": 2})
    students = ["ann", "a:b #c%41?d", "zoë"]
    fill(course, [Made(name, "01_first", {"test-1-1": 2.0, "test-1-2": 0.0}) for name in students])
    for name in students:
        path = course.classroom / "feedback" / name / "01_first" / "01_first.html"
        path.parent.mkdir(parents=True)
        path.write_text(f"<meta charset=utf-8><title>{name}</title>", encoding="utf-8")
    report.run(course, [], names=True)
    moved = tmp_path / "moved"
    shutil.move(course.classroom, moved)
    page = browser.new_page()
    for number in range(len(students)):
        page.goto((moved / "report" / "index.html").as_uri())
        link = page.locator("td a").nth(number)
        assert link.inner_text() == "2"
        link.click()
        assert page.title() in students

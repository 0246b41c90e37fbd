"""nbgrader's formgrader in a real browser: it grades as we do, keeps what a person enters, and runs nothing hostile."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from conftest import FLAGS, chromium, free_port

sys.path.append(str(Path(__file__).parent.parent))
from mini_course import LESSON, answered, hand_in, make_mini_course

from autograder.configuration import nbgrader_config
from autograder.feedback_pages import write_feedback
from autograder.gradebook import Writer

pytestmark = pytest.mark.xdist_group("browser")

CONFIG = """
from pathlib import Path
from autograder.configuration import configure
from autograder.course import Course

here = Path(__file__).parent
configure(get_config(), Course(root=here, classroom=here / "class"))
"""

# Each calls hostile(), or loads something from hostile.test, if it gets through.
TEXTS = [
    "<script>hostile()</script> <SCRIPT/x>hostile()</SCRIPT >",
    "<img src=x onerror=hostile()> <p onmouseover='hostile()'>x</p> <details ontoggle=hostile() open>x</details>",
    '![x](x.png"onerror="hostile()) ![x](a \'b" onerror="hostile()\') ![" onerror=hostile() x="](x)',
    "[x](javascript:hostile()) [x](JaVaScRiPt:hostile()) [x](java&#x09;script:hostile()) <javascript:hostile()>",
    '<a href="&#1;javascript:hostile()">x</a> [x](data:text/html,<script>hostile()</script>) [x]: javascript:hostile()',
    "<iframe srcdoc='<script>hostile()</script>'></iframe> <object data='data:text/html,<script>hostile()</script>'>",
    "<svg onload=hostile()><animate onbegin=hostile() attributeName=x dur=1s></svg> <math><mtext><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror=hostile()&gt;">',
    "<!-- --><img src=x onerror=hostile()> <!--><img src=x onerror=hostile()>-->",
    "<!--",
    "```mermaid\n</pre></div><img src=x onerror=hostile()><script>hostile()</script>\n```",
    '```"><script>hostile()</script>\nx\n```\n\n```html\n<script>hostile()</script>\n```',
    "$<script>hostile()</script>$ $$<img src=x onerror=hostile()>$$ \\\\(<svg onload=hostile()>\\\\)",
    '$\\href{javascript:hostile()}{x}$ $\\class{x"onclick="hostile()}{x}$ $\\require{html}$',
    "\\begin{equation}<img src=x onerror=hostile()>\\end{equation} $\\unicode{x}[<svg onload=hostile()>]$",
    "# <img src=x onerror=hostile()>\n\n## test-1-2\n\n### <script>hostile()</script>",
    '<div class="panel nbgrader_cell"><input id="test-1-2" class="score"><input id="test-1-1" class="score"></div>',
    "![x](http://hostile.test/seen.png) <img src='//hostile.test/seen.png'> <link rel=stylesheet href=http://hostile.test>",
    "<style>@import url(http://hostile.test/x.css); body {background: url(http://hostile.test/x.png)}</style>",
    "<base href='http://hostile.test/'> <meta http-equiv=refresh content='0;url=javascript:hostile()'>",
    "<form action='javascript:hostile()'><button>x</button></form> <a href='page.html'>x</a> [my page](page.html)",
    "<img src=x onerror=hostile() ",
]
CELLS = [
    "'</pre></div><script>hostile()</script><img src=x onerror=hostile()>'  # </script><script>hostile()</script>",
    "from IPython.display import HTML, SVG, Javascript, Markdown, display\n"
    "display(HTML('<script>hostile()</script>'), Javascript('hostile()'), Markdown('<img src=x onerror=hostile()>'))\n"
    "display(SVG(\"<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'><script>hostile()</script></svg>\"))",
    "bad = '1 onload=hostile() x=\"><script>hostile()</script>'\n"
    "png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='\n"
    "display({'image/png': png, 'text/plain': bad}, metadata={'image/png': {'width': bad, 'alt': bad}}, raw=True)\n"
    "display(dict.fromkeys(['image/png', 'image/jpeg', 'image/svg+xml', 'text/latex', 'text/plain'], bad), raw=True)",
    "import sys\nprint('\\x1b[31m<script>hostile()</script>')\nprint('<img src=x onerror=hostile()>', file=sys.stderr)",
    "type('<script>hostile()</script>', (), {'__repr__': lambda self: '<img src=x onerror=hostile()>'})()",
    "def f(**x): raise type('<script>hostile()</script>', (Exception,), {})('<img src=x onerror=hostile()>')\n"
    "f.__code__ = f.__code__.replace(co_name='<script>hostile()</script>', co_filename='<img onerror=hostile()>')\nf()",
]
ANSWER = (
    "'''</pre></body><script>hostile()</script>'''\n"
    "    raise type('<script>hostile()</script>', (ValueError,), {})('<script>hostile()</script>')"
)

# What of a page would run, load or lead somewhere, within the part that shows the student's work.
ACTIVE = """() => {
    const found = [];
    const own = document.querySelector('#notebook-container, #main-table') || document.body;
    const forbidden = 'script, iframe, frame, object, embed, form, base, meta, link, style, svg, math, video, audio';
    own.querySelectorAll(forbidden).forEach(each => found.push(each.outerHTML.slice(0, 200)));
    document.querySelectorAll('*').forEach(each => {
        for (const {name, value} of each.attributes) {
            const bare = value.replace(/[\\x00-\\x20]/g, '').toLowerCase();
            const runs = /^(javascript|vbscript|data:text)/.test(bare) || name === 'srcdoc' || /^on/.test(name);
            const theirs = own.contains(each) || value.includes('hostile');
            if (runs && theirs) found.push(`${each.tagName} ${name}=${value}`);
        }
        for (const type of ['mouseover', 'focus', 'toggle', 'load', 'error']) each.dispatchEvent(new Event(type));
    });
    return found;
}"""


def _hostile_notebook(course):
    notebook = answered(course, root=ANSWER)
    for number, (kind, source) in enumerate([*(("markdown", text) for text in TEXTS), *(("code", c) for c in CELLS)]):
        bad = '"><script>hostile()</script>'
        cell = {"cell_type": kind, "id": f"own-{number}", "source": source, "metadata": {"tags": [bad], "name": bad}}
        if kind == "code":
            cell.update(outputs=[], execution_count=None)
        else:
            cell["attachments"] = {'x"onerror="hostile()': {"image/svg+xml": bad}, "x": {"image/png": bad}}
        notebook["cells"].insert(1 + number, cell)
    raw = {"cell_type": "raw", "id": "raw", "source": TEXTS[0], "metadata": {"raw_mimetype": "text/html"}}
    notebook["cells"].append(raw)
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("nbgrader", {"comment": bad})
    notebook["metadata"].update(title=bad, language_info={"name": bad, "pygments_lexer": bad}, authors=[{"name": bad}])
    notebook["metadata"]["kernelspec"] = {"name": bad, "display_name": bad, "language": bad}
    return notebook


@contextlib.contextmanager
def _gradebook(course):
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook, "mlp") as gradebook:
        yield gradebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class that was graded by nbgrader, with its feedback: ann, bob, and mallory whose notebook is hostile."""
    from nbgrader.converters import Autograde, GenerateFeedback
    from nbgrader.coursedir import CourseDirectory

    chromium()
    course = make_mini_course(tmp_path_factory.mktemp("formgrader") / "course")
    (course.root / "nbgrader_config.py").write_text(CONFIG)
    hand_in(course, "ann", answered(course))
    hand_in(course, "bob", answered(course, root="return 2"))
    beside = hand_in(course, "mallory", _hostile_notebook(course)).parent
    (beside / "page.html").write_text("<script>hostile()</script>")
    (beside / "picture.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'/>")
    with Writer(course) as writer:
        writer.enter(LESSON)
    config = nbgrader_config(course)
    for converter in (Autograde, GenerateFeedback):
        coursedir = CourseDirectory(config=config, assignment_id=LESSON)
        converter(coursedir=coursedir, config=config, force=True).start()
    with _gradebook(course) as gradebook:
        bad = "<img src=x onerror=hostile()>"
        gradebook.update_or_create_student("mallory", first_name=bad, last_name=f"</script>{bad}")
    return course


@contextlib.contextmanager
def _jupyter(root, home):
    """The address of a Jupyter server that was started in a folder."""
    settings = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    port, sockets = free_port(), tempfile.TemporaryDirectory()
    environment = {**os.environ, **{name: str(home / name.lower()) for name in settings}}
    environment["JUPYTER_RUNTIME_DIR"] = sockets.name
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={root}",
    ]  # fmt: skip
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=root, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/api", timeout=1).read()
                break
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)
        sockets.cleanup()


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    with _jupyter(course.root, tmp_path_factory.mktemp("server")) as address:
        yield address


class Watched:
    """A page, and what it did that it should not have done: requests to other hosts, dialogs, hostile() called."""

    def __init__(self, page, home):
        self.page, self.elsewhere, self.dialogs, self.errors = page, [], [], []
        page.add_init_script("window.ran = 0; window.hostile = () => { top.ran += 1; };")
        page.route(lambda url: not url.startswith((home, "file:", "data:")), self._refuse)
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _refuse(self, route):
        self.elsewhere.append(route.request.url)
        route.abort()

    def active(self):
        """What is active in the page that is open, and what has been so far."""
        found = self.page.evaluate(ACTIVE)
        self.page.wait_for_timeout(200)
        found += ["it ran"] * self.page.evaluate("window.ran") + self.dialogs + self.elsewhere
        return found


@pytest.fixture
def watched(server):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        watched = Watched(browser.new_page(viewport={"width": 1280, "height": 1000}), server)
        yield watched
        browser.close()


def _submission(course, student):
    with _gradebook(course) as gradebook:
        return gradebook.find_submission_notebook(LESSON, LESSON, student).id


def _until(page, condition):
    """Wait for a condition in JavaScript; Playwright's own way needs eval(), which the page does not allow."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{condition} did not come true")


def _open(watched, address):
    page = watched.page
    page.goto(address)
    _until(page, "window.formgrader?.loaded && formgrader.grades.loaded && formgrader.comments.loaded")


def _row(page, student):
    _until(page, "window.models && models.loaded")
    return page.locator("tr", has=page.locator(".student-id", has_text=re.compile(f"^{student}$")))


def test_points_and_comments_entered_in_formgrader_survive_its_regrade(course, server, watched, tmp_path):
    page, submissions = watched.page, f"{server}/formgrader/manage_submissions/{LESSON}"
    page.goto(submissions)
    assert _row(page, "ann").locator(".score").inner_text() == "3 / 3"
    assert _row(page, "bob").locator(".score").inner_text() == "1 / 3"

    page.goto(f"{server}/formgrader/gradebook/{LESSON}/{LESSON}")
    page.locator(f"a.name-hidden[href$='{_submission(course, 'bob')}']").click()
    _until(page, "window.formgrader?.loaded && formgrader.grades.loaded && formgrader.comments.loaded")
    score, comment = page.locator("#test-1-2"), page.locator("#exercise-1-2-comment")
    assert (score.get_attribute("placeholder"), score.input_value()) == ("0", "")
    score.fill("1.5")
    score.press("Tab")
    _until(page, "formgrader.grades.findWhere({name: 'test-1-2'}).get('manual_score') === 1.5")
    comment.fill("Right for 4 only.")
    comment.blur()
    _until(page, "$('.comment-saved:visible').length > 0")

    page.goto(submissions)
    assert _row(page, "bob").locator(".score").inner_text() == "2.5 / 3"
    with page.expect_response(lambda response: response.url.endswith("/autograde"), timeout=60_000) as regraded:
        _row(page, "bob").locator(".autograde a").click()
    assert regraded.value.json()["success"]
    page.locator("#success-modal").wait_for()
    page.screenshot(path=tmp_path / "regraded.png")
    page.reload()
    assert _row(page, "bob").locator(".score").inner_text() == "2.5 / 3"
    assert _row(page, "bob").locator(".status").inner_text() == "needs manual grading"

    _open(watched, f"{server}/formgrader/submissions/{_submission(course, 'bob')}/")
    _until(page, "$('#test-1-2').val() === '1.5' && $('#exercise-1-2-comment').val() === 'Right for 4 only.'")
    page.screenshot(path=tmp_path / "graded.png", full_page=True)
    with _gradebook(course) as gradebook:
        grade = gradebook.find_grade("test-1-2", LESSON, LESSON, "bob")
        assert (grade.auto_score, grade.manual_score) == (0, 1.5)
    assert not watched.elsewhere + watched.errors


def test_nothing_hostile_runs_in_formgrader(course, server, watched, tmp_path):
    page, its_page = watched.page, f"{server}/formgrader/submissions/{_submission(course, 'mallory')}/"
    _open(watched, its_page)
    page.screenshot(path=tmp_path / "hostile.png", full_page=True)
    assert page.locator("#notebook-container .cell").count() > len(TEXTS + CELLS)
    assert watched.active() == []
    assert page.locator("#test-1-2").get_attribute("placeholder") == "0", "its own cells stand in formgrader's way"
    assert not watched.errors
    for name in ("page.html", "picture.svg"):
        assert page.goto(its_page + name).status == 404
    for place in (f"manage_submissions/{LESSON}", f"gradebook/{LESSON}/{LESSON}", "manage_students"):
        page.goto(f"{server}/formgrader/{place}")
        _until(page, "window.models && models.loaded")
        page.locator("tbody a").first.wait_for()
        assert watched.active() == [], place


def test_nothing_hostile_runs_in_a_formgrader_that_was_started_elsewhere(course, watched, tmp_path):
    """nbgrader's "local" formgrader takes the course's folders from its settings, but not how it shows a notebook."""
    with _jupyter(course.root.parent, tmp_path) as address:
        page = watched.page
        page.route(f"{address}/**", lambda route: route.continue_())
        page.goto(f"{address}/formgrader?path={course.root}")
        with _gradebook(course) as gradebook:
            gradebook.update_or_create_student("mallory", first_name=None, last_name=None)
        page.goto(f"{address}/formgrader/submissions/{_submission(course, 'mallory')}/")
        assert page.locator("#notebook-container .cell").count() > len(TEXTS + CELLS)
        mathjax = [
            url for url in watched.elsewhere if url.startswith("https://cdnjs.cloudflare.com/ajax/libs/mathjax/")
        ]
        assert mathjax == watched.elsewhere
        watched.elsewhere.clear()
        assert watched.active() == []


@pytest.mark.parametrize("whose", ["nbgrader's", "ours"])
def test_nothing_hostile_runs_in_feedback(course, watched, tmp_path, whose):
    path = course.classroom / "feedback" / "mallory" / LESSON / f"{LESSON}.html"
    if whose == "ours":
        write_feedback(course, LESSON, "mallory")
    watched.page.goto(path.as_uri())
    watched.page.screenshot(path=tmp_path / "feedback.png", full_page=True)
    assert "hostile()" in watched.page.content()
    assert watched.active() == []
    assert watched.page.locator("script").count() == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]

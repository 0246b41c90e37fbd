"""Tests run from outside: they score as in the student's own notebook, and say what a student may hear."""

import contextlib
import io
import textwrap
import time
import warnings

import nbformat
import pytest
from lesson_runner import answers, cells, stub
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from autograder.course import Course
from autograder.lesson import is_test, key
from autograder.marking import Marker
from autograder.sandbox import Limits

pytestmark = pytest.mark.xdist_group("examiner")


@pytest.fixture(scope="module")
def marker():
    with Marker(Limits(seconds_per_cell=3, seconds=120)) as marker:
        yield marker


def _cell(name, source, *, test=False):
    flags = {"grade_id": name, "grade": test, "solution": False, "locked": test, "task": False, "schema_version": 3}
    metadata = {"nbgrader": {**flags, "points": 1}, "tags": ["raises-exception"]} if test else {}
    return new_code_cell(textwrap.dedent(source).strip(), metadata=metadata)


def _examined(marker, answer, test, *more):
    """The verdict on one test of one answer; `more` are cells after the test."""
    notebook = new_notebook(cells=[_cell("", answer), _cell("t", test, test=True), *(_cell("", each) for each in more)])
    return marker.mark(notebook).tests["t"]


def _all_answers(lesson):
    """One notebook with the tests of each exercise after each answer to it, and which cells should fail."""
    found, by_exercise = answers(lesson), {}
    for cell in cells(lesson):
        if cell.kind == "test":
            by_exercise.setdefault(cell.exercise, []).append(cell)
    made = []
    for cell in cells(lesson):
        if cell.kind == "given":
            made.append(_cell("", cell.source))
        if cell.kind != "solution":
            continue
        tried = [answer.source for answer in found if answer.exercise == cell.exercise]
        for number, source in enumerate([stub(cell.source), *tried, cell.source]):
            made.append(_cell("", source))
            made += [_cell(f"{test.name}_{number}", test.source, test=True) for test in by_exercise[cell.exercise]]
    return new_notebook(cells=made)


def _scores_in_a_plain_namespace(notebook):
    scores, space = {}, {"__name__": "__main__"}
    for cell in notebook.cells:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("default")
            try:
                exec(compile(cell.source, "cell", "exec"), space)
                scores[key(cell)] = not err.getvalue()
            except Exception:
                scores[key(cell)] = False
    return {name: passed for name, passed in scores.items() if name}


def _scores_under_stock_nbgrader(notebook, folder):
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    executed, _ = Execute(timeout=60).preprocess(notebook, {"metadata": {"path": str(folder)}})
    return {key(cell): determine_grade(cell)[0] == 1 for cell in executed.cells if is_test(cell)}


@pytest.mark.parametrize("lesson", Course().graded_lessons)
def test_every_answer_scores_as_in_the_students_kernel_and_under_stock_nbgrader(lesson, marker, tmp_path):
    notebook = _all_answers(lesson)
    here = {name: verdict.passed for name, verdict in marker.mark(notebook).tests.items()}
    assert len(here) > 100 and 0.2 < sum(here.values()) / len(here) < 0.9
    assert here == _scores_in_a_plain_namespace(notebook)
    assert here == _scores_under_stock_nbgrader(nbformat.from_dict(notebook), tmp_path)


def test_the_worked_lesson_prints_what_it_prints_in_a_notebook(marker):
    solution = nbformat.read(Course().solutions / "01_perceptron/01_perceptron.ipynb", 4)
    marked = marker.mark(solution)
    assert all(verdict.passed for verdict in marked.tests.values()) and not marked.notes
    for ours, theirs in zip(marked.notebook.cells, solution.cells, strict=True):
        if is_test(theirs):
            assert ours.outputs[0].text == theirs.outputs[0].text


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        ("def f(x): return x + 1", "assert f(1) == 2"),
        ("f = lambda x, k=1: x + k", "assert f(1, k=5) == 6"),
        ("def f(g, x): return g(g(x))", "assert f(lambda x: 2 * x, 3) == 12"),
        ("def f(g): return g", "assert f(len) is len"),
        ("def f(rng): return rng.normal(), rng.normal()", "a, b = f(rng); assert a != b and b != rng.normal()"),
        ("def f(x): return x.sum(axis=0)", "assert f(np.ones((3, 2))).tolist() == [3.0, 3.0]"),
        ("def f(x): return {'a': (x, [x]), 3: None}", "assert f(1) == {'a': (1, [1]), 3: None}"),
        ("class f:\n    def __init__(self, w): self.w = w", "o = f(np.ones(2)); o.w = 2 * o.w; assert o.w.sum() == 4"),
        ("class f:\n    def __call__(self, x): return 2 * x", "assert f()(4) == 8"),
        ("class f:\n    def me(self): return self", "assert f().me().me() is not None"),
        ("def f(n): return [object() for _ in range(n)]", "assert len(f(3)) == 3"),
        ("def f(o): return o.x\nclass A:\n    x = 4", "assert f(A()) == 4"),
        ("def f(x):\n    import warnings; warnings.warn('think'); return x", "assert f(2) == 2"),
        ("import sys\ndef f(x): print('no harm', file=sys.stderr); return x", "assert f(2) == 2"),
        ("def f(g):\n    try: g()\n    except ValueError: return 'caught'", "assert f(lambda: int('x')) == 'caught'"),
        ("def f(n): return 1 if n == 0 else n * f(n - 1)", "assert f(30) == 265252859812191058636308480000000"),
    ],
)
def test_what_crosses(answer, test, marker):
    assert _examined(marker, answer, f"import numpy as np\nrng = np.random.default_rng(1)\n{test}").passed


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return x + 1", "this is not so\nin the line: assert f(1) == 1"),
        ("raise ValueError('too small')", "ValueError: too small"),
        ("raise SystemExit", "SystemExit"),
        ("raise StopIteration('s')", "StopIteration: s"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise type('Odd', (IndexError,), {})('o')", "IndexError: o"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()", "Odd"),
        ("import os; os._exit(0)", "it ended Python"),
        ("return bytes(2**25)", "WireError: more than 16 MiB"),
        ("while True: pass", "ran for longer than 3 seconds"),
    ],
)
def test_what_is_said_of_a_test_that_fails(body, words, marker):
    verdict = _examined(marker, f"def f(x):\n    {body}", "assert f(1) == 1")
    assert not verdict.passed
    assert words in verdict.message


@pytest.mark.parametrize(
    "body", ["raise ValueError(x)", "return 1 / (x - 1)", "assert 0, x", "return x.y", "return None"]
)
def test_a_failure_in_the_hidden_part_shows_neither_number_nor_line(body, marker):
    hidden = "### BEGIN HIDDEN TESTS\nassert f(1) + 0 == 987\n### END HIDDEN TESTS"
    verdict = _examined(marker, f"def f(x):\n    {body}", f"assert 'f'\n{hidden}")
    assert verdict.message.startswith("on other inputs:")
    assert not any(digit in verdict.message for digit in "1987")


def test_a_name_that_is_missing_is_named(marker):
    assert "`f` does not exist" in _examined(marker, "g = 1", "f(1)").message


def test_a_test_sees_the_names_as_they_were_when_it_was_reached(marker):
    answer = "def helper(x): return x\ndef f(x): return helper(x)"
    assert _examined(marker, answer, "assert f(1) == 1", "def helper(x): return 2 * x", "del f").passed


def test_what_a_function_learns_in_a_test_reaches_no_output(marker):
    answer = "seen = []\ndef f(x): seen.append(x); print('now', x); return x"
    later = "print('later', seen); open('note', 'a').write(str(seen)); print(open('note').read())"
    notebook = new_notebook(cells=[_cell("", answer), _cell("t", "assert f(987) == 987", test=True), _cell("", later)])
    marked = marker.mark(notebook)
    assert marked.tests["t"].passed
    assert "later []" in str(marked.notebook) and "987" not in str([cell.outputs for cell in marked.notebook.cells])


@pytest.mark.parametrize(
    "g",
    [
        "def g(x): raise ValueError(seen)",
        "def g(x): return seen",
        "def g(x): return max(seen)",
        "def g(x): import warnings; warnings.warn(str(seen)); return x",
        "def g(x): raise type(f'n{max(seen)}', (Exception,), {})",
        "def g(x): g.__name__ = f'n{max(seen)}'; x[:] = 0; return x",
        "def g(x): x[:] = 0; return x\nclass S:\n    __name__ = property(lambda s: f'n{max(seen)}')\n"
        "    __call__ = lambda s, n987: g(n987)\nh = g; g = S()",
    ],
)
def test_what_a_function_learns_in_a_hidden_part_reaches_no_message(g, marker):
    answer = f"seen = [0]\ndef f(x): seen.append(int(x)); return x\n{g}"
    first = "assert f(1) == 1\n### BEGIN HIDDEN TESTS\nassert f(987) == 987\n### END HIDDEN TESTS"
    check = "import numpy as np\nfrom mlp_helpers import checks\n"
    check += "checks.output(g, np.ones(2), exercise='1.2', expected=[2.0, 2.0]"
    second = f"{check})"
    third = f"assert g\n### BEGIN HIDDEN TESTS\n{check}, hidden=True)\n### END HIDDEN TESTS"
    cells = [_cell(name, test, test=True) for name, test in (("a", first), ("b", second), ("c", third))]
    marked = marker.mark(new_notebook(cells=[_cell("", answer), *cells]))
    assert [verdict.passed for verdict in marked.tests.values()] == [True, False, False]
    assert "987" not in str([cell.outputs for cell in marked.notebook.cells])


def test_a_hidden_part_whose_worker_was_lost_starts_from_the_visible_one(marker):
    answer = "import os\ndef f(x): return x\ndef g(): os._exit(0)"
    tests = ["n = f(3)\n### BEGIN HIDDEN TESTS\nassert n == f(3)\n### END HIDDEN TESTS", "assert g() == 1"]
    cells = [_cell(str(number), test, test=True) for number, test in enumerate(tests)]
    marked = marker.mark(new_notebook(cells=[_cell("", answer), *cells]))
    assert [verdict.passed for verdict in marked.tests.values()] == [True, False]


@pytest.mark.parametrize("kind", ["FloatingPointError", "ValueError", "OSError"])
def test_an_exception_of_a_hidden_part_does_not_speak(kind, marker):
    answer = f"def f(x):\n    if x > 1: raise {kind}(f'overflow encountered {{x}}')\n    return x"
    check = "from mlp_helpers import checks\nchecks.output(f, 1.0, exercise='1.1', expected=1.0)\n"
    hidden = "### BEGIN HIDDEN TESTS\nchecks.output(f, 987.0, exercise='1.1', expected=987.0, hidden=True)\n"
    verdict = _examined(marker, answer, f"{check}{hidden}### END HIDDEN TESTS")
    assert not verdict.passed and "987" not in verdict.message


def test_a_function_of_the_test_may_be_called_from_threads(marker):
    answer = (
        "from concurrent.futures import ThreadPoolExecutor as Pool\ndef f(g): return sum(Pool(4).map(g, range(50)))"
    )
    assert _examined(marker, answer, "assert f(lambda x: 2 * x) == 2450").passed


def test_large_and_many_pictures_cost_no_points():
    plot = (
        "import numpy as np, matplotlib.pyplot as plt\nfor _ in range(12):\n    plt.figure(figsize=(9, 9), dpi=100)\n"
    )
    plot += "    plt.imshow(np.random.rand(500, 500, 3)); plt.show()\ndef f(): return 1"
    notebook = new_notebook(cells=[*(_cell("", plot) for _ in range(3)), _cell("t", "assert f() == 1", test=True)])
    with Marker() as marker:  # drawing takes its time where the machine has other work
        marked = marker.mark(notebook)
    assert marked.tests["t"].passed and not marked.notes
    assert len(marked.notebook.cells[0].outputs) == 12 and len(nbformat.writes(marked.notebook)) < 2**26


def test_changes_of_an_argument_are_seen_by_checks_and_by_nothing_else(marker):
    answer = "def f(x): x[:] = 0; return x"
    verdict = _examined(marker, answer, "import numpy as np\nx = np.ones(2)\nf(x)\nassert x.sum() == 2")
    assert verdict.passed
    check = "from mlp_helpers import checks\nimport numpy as np\n"
    check += "checks.output(f, np.ones(2), exercise='1.1', expected=np.zeros(2))"
    assert "changes its argument `x` in place" in _examined(marker, answer, check).message


def test_arrays_of_a_proxy_are_read_only(marker):
    verdict = _examined(marker, "import numpy as np\nclass A: w = np.zeros(2)", "A.w[0] = 1")
    assert "read-only" in verdict.message


def test_numpy_errors_are_raised_where_the_test_asks_for_it(marker):
    answer = "import numpy as np\ndef f(x): return np.exp(x)"
    test = "import numpy as np\nwith np.errstate(over='raise'):\n    f(np.array([1e4]))"
    assert "FloatingPointError" in _examined(marker, answer, test).message


def test_after_a_killed_cell_the_others_go_on_with_what_came_before(marker):
    ignore = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    sources = ["a = 1", ignore, "b = a + 1\nprint(b)", "import os\nos._exit(3)", "c = b + 1\nprint(c)"]
    notebook = new_notebook(cells=[*(_cell("", each) for each in sources), _cell("t", "assert c == 3", test=True)])
    marked = marker.mark(notebook)
    assert marked.tests["t"].passed
    outputs = [cell.outputs for cell in marked.notebook.cells]
    assert outputs[2][0].text == "2\n" and outputs[4][0].text == "3\n"
    assert "ran for longer than 3 seconds" in outputs[1][-1].evalue and "ended Python" in outputs[3][-1].evalue
    assert len(marked.notes) == 2


def test_an_interrupted_cell_keeps_what_it_printed_and_bound(marker):
    slow = "a = 5\nprint('so far')\nimport time\ntime.sleep(60)"
    start = time.monotonic()
    marked = marker.mark(new_notebook(cells=[_cell("", slow), _cell("t", "assert a == 5", test=True)]))
    assert marked.tests["t"].passed and marked.notebook.cells[0].outputs[0].text == "so far\n"
    assert time.monotonic() - start < 6


def test_a_test_that_is_stopped_leaves_the_next_ones_in_peace(marker):
    answer = "import os, time\ndef slow(): time.sleep(60)\ndef dead(): os._exit(0)\ndef fine(): return 1"
    tests = [_cell(name, f"assert {name}() == 1", test=True) for name in ("slow", "dead", "fine")]
    marked = marker.mark(new_notebook(cells=[_cell("", answer), *tests]))
    assert [verdict.passed for verdict in marked.tests.values()] == [False, False, True]


def test_a_test_that_takes_too_long_itself_is_stopped(marker):
    start = time.monotonic()
    verdict = _examined(marker, "def f(): return 10**12", "for n in range(f()): pass")
    assert "ran for longer than 3 seconds" in verdict.message and time.monotonic() - start < 6


def test_all_time_is_limited():
    with Marker(Limits(seconds_per_cell=5, seconds=1.5)) as marker:
        sources = ["import time\ntime.sleep(1)"] * 5
        start = time.monotonic()
        notebook = new_notebook(cells=[*(_cell("", each) for each in sources), _cell("t", "assert 1", test=True)])
        verdict = marker.mark(notebook).tests["t"]
    assert not verdict.passed and "longer than 1.5 seconds in all" in verdict.message
    assert time.monotonic() - start < 10


def test_figures_magics_and_installations_in_cells_do_as_in_a_notebook(marker):
    sources = [
        "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "!pip install nothing\n%pip install nothing\nx = 3\nx",
        "import ipywidgets; ipywidgets.IntSlider()",
        "from IPython.display import HTML; HTML('<script>alert(1)</script>')",
        "input()",
        "def broken(:",
        "exit()",
        "%%capture\nprint('unseen')",
        "y = await __import__('asyncio').sleep(0, 7)",
        "print(x, y)",
    ]
    marked = marker.mark(new_notebook(cells=[_cell("", each) for each in sources]))
    outputs = [cell.outputs for cell in marked.notebook.cells]
    assert "image/png" in outputs[0][0].data
    assert outputs[1][0].text.count("Nothing is installed") == 2 and outputs[1][-1].data["text/plain"] == "3"
    assert outputs[9][0].text == "3 7\n"
    assert "script" not in str(outputs[3])
    assert (outputs[5][0].ename, outputs[6], outputs[7]) == ("SyntaxError", [], [])

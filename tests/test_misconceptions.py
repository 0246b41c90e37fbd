"""Catalogues of misconceptions: each entry is a mistake that the lesson's tests catch, and is told from all others.

Nothing here is sampled: every entry, every pair of two within an exercise, and every answer of tests/answers/.
"""

from __future__ import annotations

import copy
import textwrap
import time
from functools import cache
from itertools import combinations, zip_longest

import nbformat
import pytest
from lesson_runner import answers, run
from nbformat.v4 import new_code_cell, new_notebook

from autograder import diagnosis
from autograder.course import Course
from autograder.diagnosis import SEEDS, Diagnosis, together
from autograder.examiner import SECONDS_TO_TRY_OUT
from autograder.lesson import is_solution, key
from autograder.marking import Marker
from autograder.misconceptions import HERE, Catalogue, Misconception, Probe, catalogue, exercise_of
from autograder.preprocessors import Examine, Rebuild
from autograder.rebuild import gradable
from autograder.sandbox import Limits

pytestmark = pytest.mark.xdist_group("examiner")

LESSONS = sorted(path.stem for path in HERE.glob("*.toml"))
ENTRIES = [(lesson, entry) for lesson in LESSONS for found in catalogue(lesson).entries.values() for entry in found]
each_entry = pytest.mark.parametrize(("lesson", "entry"), ENTRIES, ids=[entry.id for _, entry in ENTRIES])
each_lesson = pytest.mark.parametrize("lesson", LESSONS)


@cache
def _read(folder, lesson):
    return nbformat.read(folder / f"{lesson}/{lesson}.ipynb", 4)


@pytest.fixture(scope="module")
def diagnoses():
    return {lesson: Diagnosis(lesson, _read(Course().solutions, lesson)) for lesson in LESSONS}


@pytest.fixture(scope="module")
def marker():
    with Marker(Limits(seconds_per_cell=20, seconds=120)) as marker:
        yield marker


def _batches(lesson):
    """All entries of a lesson, at most one for each exercise at a time."""
    return [[entry for entry in batch if entry] for batch in zip_longest(*catalogue(lesson).entries.values())]


def test_every_catalogue_is_one_of_a_lesson():
    assert LESSONS and set(LESSONS) <= set(Course().graded_lessons)


@each_lesson
def test_a_lesson_has_six_entries_or_more(lesson):
    assert sum(map(len, catalogue(lesson).entries.values())) >= 6


@pytest.mark.skipif(set(LESSONS) != set(Course().graded_lessons), reason="not all catalogues are written")
def test_all_lessons_have_45_entries_or_more():
    assert len(ENTRIES) >= 45 and len({entry.id for _, entry in ENTRIES}) == len(ENTRIES)


@each_lesson
def test_probes_and_entries_are_of_the_same_exercises_and_the_solutions_can_be_tried(lesson, diagnoses):
    this = diagnoses[lesson]
    assert set(this.catalogue.probes) == set(this.catalogue.entries) <= set(this.solutions)
    for exercise in this.catalogue.probes:
        results = this.results_of(exercise, this.solutions[exercise])
        assert results is not None and len(results) == len(SEEDS), exercise
        assert this.names(exercise, results) == [], exercise


@each_entry
def test_an_entry_is_recognised_and_told_from_all_others(lesson, entry, diagnoses):
    this = diagnoses[lesson]
    source = entry.put_into(this.solutions[entry.exercise])
    assert source, "what is right stands in the solution exactly once"
    assert this.names(entry.exercise, this.results_of(entry.exercise, source)) == [entry.id]


@each_entry
def test_a_hint_leads_on_and_does_not_tell(lesson, entry):
    headings = [
        line.lstrip("#").strip()
        for cell in _read(Course().notebooks, lesson).cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("##")
    ]
    assert entry.reread in headings
    assert 20 < len(entry.hint) < 400 and entry.believed
    solution = "".join(cell.source for cell in _read(Course().solutions, lesson).cells if is_solution(cell))
    lines = [line.strip() for line in solution.splitlines()]
    assert not [right for right in (*entry.right, *lines) if len(right) > 5 and right in entry.hint]


@each_lesson
def test_nearly_every_hint_asks_something(lesson):
    hints = [entry.hint for found in catalogue(lesson).entries.values() for entry in found]
    assert sum("?" in hint for hint in hints) >= 0.9 * len(hints)


@each_lesson
def test_every_entry_fails_its_exercise_and_no_other(lesson, diagnoses):
    for batch in _batches(lesson):
        exchanged = {entry.exercise: entry.put_into(diagnoses[lesson].solutions[entry.exercise]) for entry in batch}
        assert run(lesson, exchanged).failed() == set(exchanged), batch


@each_lesson
def test_no_right_answer_is_given_a_name(lesson, diagnoses):
    this = diagnoses[lesson]
    for answer in answers(lesson):
        if answer.right and answer.exercise in this.catalogue.probes:
            results = this.results_of(answer.exercise, answer.source)
            assert results is not None and this.names(answer.exercise, results) == [], answer


@each_lesson
def test_wrong_answers_are_given_the_names_of_some_misconceptions(lesson, diagnoses):
    this, named, count = diagnoses[lesson], 0, 0
    for answer in answers(lesson):
        if not answer.right and answer.exercise in this.catalogue.probes:
            results = this.results_of(answer.exercise, answer.source)
            names = this.names(answer.exercise, results) if results else []
            named, count = named + bool(names), count + 1
            print(f"{answer} → {', '.join(names) or '—'}")
    assert named >= count / 4


@each_lesson
def test_of_two_misconceptions_at_once_one_is_named_at_least(lesson, diagnoses):
    this, recognised, possible = diagnoses[lesson], 0, 0
    for exercise, entries in this.catalogue.entries.items():
        here = []
        for pair in combinations(entries, 2):
            source = together(pair, this.solutions[exercise])
            if source:
                names = this.names(exercise, this.results_of(exercise, source) or [])
                here.append(bool({entry.id for entry in pair} & set(names)))
        print(f"{exercise}: {sum(here)} of {len(here)} pairs")
        assert sum(here) >= 0.8 * len(here), exercise
        recognised, possible = recognised + sum(here), possible + len(here)
    print(f"{lesson}: {recognised} of {possible} pairs")
    assert recognised >= 0.8 * possible


# Answers as people write them: the body of a function, or of a class's last method, and the names that they must get.
# Then placeholders, slips that could be taken for another, and odd answers that are right: these must get none.

OPTIMIZE = "for l, vs in zip(self.net.layers, self.velocities):\n    for p, g, v in zip(l.params, l.grads, vs): "
NATURAL = [
    ("1.3", "return np.mean((y_hat - y) ** 2) / 2", "1.3-mean-over-entries 1.3-no-check"),
    ("1.4", "return (f(w + h) - f(w - h)) / (2 * h)", "1.4-one-number"),
    ("2.6", "for p, g in zip(params, gradients(params, x, y)): p = p - lr * g\nreturn params", "2.6-new-name"),
    ("4.1", "s = 2 * y - 1\nreturn np.where(-s * z > 0, -s, 0) / len(z)", "4.1-nothing-at-zero"),
    ("4.1", "return np.where(z > 0, 1, 0) - y / len(y)", "4.1-brackets"),
    ("4.3", "return np.mean(np.logaddexp(0, z) - y * z)", "4.3-shapes-unchecked"),
    ("4.3", "p = 1 / (1 + np.exp(-z))\nreturn -np.mean(np.where(y == 1, np.log(p), np.log(1 - p)))",
     "4.3-through-probability 4.3-shapes-unchecked"),
    ("4.3", "return np.mean(y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z)))",
     "4.3-two-softplus 4.3-shapes-unchecked"),
    ("4.4", "p = np.where(z < 0, np.exp(z) / (1 + np.exp(z)), 1 / (1 + np.exp(-z)))\nreturn (p - y) / len(y)",
     "4.4-where-computes-both"),
    ("4.4", "p = 1 / (1 + np.exp(-z))\nreturn (-y / p + (1 - y) / (1 - p)) / len(y)", "4.4-at-probability"),
    ("4.5", "m = np.zeros((2, 2), int)\nm[np.int64(y), np.int64(p > threshold)] += 1\nreturn m", "4.5-counted-once"),
    ("4.6", "(a, b), (c, d) = matrix\nreturn (a + d) / (a + b + c + d), a / max(a + b, 1), a / max(a + c, 1)",
     "4.6-another-layout"),
    ("5.1", "if min(target) < 0 and max(target) >= n_classes: raise ValueError\nreturn np.eye(n_classes)[target]",
     "5.1-no-refusal"),
    ("5.2", "return np.exp(logits) / np.sum(np.exp(logits), axis=0)", "5.2-over-samples"),
    ("5.2", "e = np.exp(logits - np.max(logits))\nreturn e / e.sum(axis=0)", "5.2-over-samples"),
    ("5.2", "e = np.exp(logits - np.max(logits))\nreturn e / e.sum()", "5.2-over-everything"),
    ("5.3", "p = np.exp(logits)\np = p / p.sum(axis=1)[:, None]\nreturn -np.log(p[range(len(p)), target]).mean()",
     "5.3-no-shift"),
    ("5.3", "p = np.exp(logits - np.max(logits, axis=1)[:, None])\np = p / p.sum(axis=1)[:, None]\n"
     "return -np.sum(np.eye(p.shape[1])[target] * np.log(p + 1e-7)) / len(p)", "5.3-guarded-logarithm"),
    ("5.4", "p = np.exp(logits) / np.exp(logits).sum()\nreturn (p - np.eye(p.shape[1])[target]) / len(p)",
     "5.4-over-everything"),
    ("6.1", "self.grads[1] = grad.sum(axis=0)\nself.grads[0] = self.saved.T @ grad", "6.1-returns-nothing"),
    ("6.8", OPTIMIZE + "p -= self.lr * g", "6.8-velocity-not-kept"),
    ("6.8", OPTIMIZE + "v *= self.momentum; v += g; p - self.lr * v", "6.8-new-name"),
    *[(exercise, "...", "") for exercise in ("6.1", "6.2", "6.3", "6.6", "6.8", "6.9")],
    ("1.4", "return np.zeros_like(w)", ""),
    ("1.6", "return np.array([start])", ""),
    ("4.1", "return z > 0", ""),
    ("4.4", "return np.zeros_like(z)", ""),
    ("5.2", "return logits", ""),
    ("6.8", OPTIMIZE + "v *= self.momentum; v += g", ""),
    ("4.2", "return np.exp(-np.logaddexp(0, -z))", ""),
    ("5.4", "log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]\n"
     "return (np.exp(log_p) - (target[:, None] == np.arange(logits.shape[1]))) / len(target)", ""),
    ("6.3", "return grad / np.cosh(np.arctanh(self.recall())) ** 2", ""),
    ("6.8", OPTIMIZE + "v *= self.momentum; v -= self.lr * g; p += v", ""),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "body", "fair"), NATURAL)
def test_an_answer_as_people_write_it_is_given_a_fair_name_or_none(exercise, body, fair, diagnoses):
    this = next(this for this in diagnoses.values() if exercise in this.solutions)
    head = this.solutions[exercise].rpartition('"""\n')[0] + '"""\n'
    source = head + textwrap.indent(body, " " * (8 if head.startswith("class") else 4))
    results = this.results_of(exercise, source)
    assert results is not None and this.names(exercise, results) == fair.split()


def test_what_a_correction_of_two_mistakes_makes_right_is_given_no_name(diagnoses):
    this = diagnoses[LESSONS[0]]
    exercise, entries = next(iter(this.catalogue.entries.items()))
    right = this.results_of(exercise, this.solutions[exercise])
    this._alone(exercise).append((entries[0], right))
    assert this.names(exercise, right) == []
    this._alone(exercise).pop()


@each_lesson
def test_entries_in_a_students_notebook_are_caught_named_and_hinted_at(lesson, diagnoses, marker):
    worked, release = _read(Course().solutions, lesson), _read(Course().notebooks, lesson)
    wrong = {exercise: entries[-1] for exercise, entries in catalogue(lesson).entries.items()}
    notebook = copy.deepcopy(worked)
    for cell in notebook.cells:
        exercise = exercise_of(key(cell) or "")
        if cell.cell_type == "code" and is_solution(cell) and exercise in wrong:
            cell.source = wrong[exercise].put_into(cell.source)
    plain = marker.mark(gradable(notebook, worked, release).notebook)
    marked = marker.mark(gradable(notebook, worked, release).notebook, diagnosis=diagnoses[lesson])
    assert marked.misconceptions == {exercise: [entry.id] for exercise, entry in wrong.items()}
    assert {name: verdict.passed for name, verdict in marked.tests.items()} == {
        name: verdict.passed for name, verdict in plain.tests.items()
    }
    assert marked.notes == plain.notes and not plain.misconceptions
    for exercise, entry in wrong.items():
        failed = [name for name in marked.tests if exercise_of(name) == exercise and not marked.tests[name].passed]
        first = marked.tests[failed[0]].message
        assert first == f"{plain.tests[failed[0]].message}\n\n{entry.hint}\nReread section {entry.reread}."
        assert all(marked.tests[name] == plain.tests[name] for name in failed[1:])


def test_of_two_the_first_hint_is_told_and_that_there_is_another(diagnoses):
    one, two, *_ = (entry for found in catalogue(LESSONS[0]).entries.values() for entry in found)
    both, alone = (diagnoses[LESSONS[0]].said(names) for names in ([one.id, two.id], [one.id]))
    assert alone.startswith(one.hint) and both == f"Two things go wrong here. One of them: {alone}"


def test_nbgraders_own_command_names_them_too(tmp_path):
    course = Course(classroom=tmp_path)
    lesson, (exercise, entries) = LESSONS[0], next(iter(catalogue(LESSONS[0]).entries.items()))
    notebook = copy.deepcopy(_read(course.solutions, lesson))
    answer = next(cell for cell in notebook.cells if is_solution(cell) and exercise_of(key(cell)) == exercise)
    answer.source = entries[0].put_into(answer.source)
    (tmp_path / "submitted/ada" / lesson).mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "submitted/ada" / lesson / f"{lesson}.ipynb")
    resources = {"nbgrader": {"student": "ada", "assignment": lesson}}
    for step in (Rebuild, Examine):
        notebook, _ = step(root=str(course.root), classroom=str(tmp_path)).preprocess(notebook, resources)
    said = [output.evalue for cell in notebook.cells for output in cell.get("outputs", []) if "evalue" in output]
    assert len(said) == 1 and entries[0].hint in said[0]


# Small exercises, each failed by what f(1) is; what f makes of arrays is what the probe sees.

RIGHT = "def f_{n}(x):\n    return x + 1\n"
HONEST = "def f(x):\n    return x + 2"


def _small(monkeypatch, *sources, wrong="x + 2"):
    """A notebook with these answers to exercises 9.0, 9.1 …, each a function f, and what names misconceptions in it."""
    probes, entries, worked, given = {}, {}, [], []
    for n, source in enumerate(sources):
        probes[f"9.{n}"] = Probe(f"f_{n}", "def probe(f, rng):\n    x = rng.normal(size=3)\n    return f(x), x")
        off = Misconception(f"9.{n}-off", f"9.{n}", "believes", "hint?", "1", right=("x + 1",), wrong=(wrong,))
        entries[f"9.{n}"] = (off,)
        flags = {"locked": False, "task": False, "schema_version": 3, "points": 1}
        solution = {"nbgrader": {**flags, "grade_id": f"exercise-9-{n}", "solution": True, "grade": False}}
        test = {"nbgrader": {**flags, "grade_id": f"test-9-{n}", "solution": False, "grade": True, "locked": True}}
        worked.append(new_code_cell(RIGHT.format(n=n), metadata=solution))
        given.append(new_code_cell("import numpy as np\n" + source.replace("def f(", f"def f_{n}("), metadata=solution))
        given.append(new_code_cell(f"assert f_{n}(1) == 2", metadata=test))
    monkeypatch.setattr(diagnosis, "catalogue", lambda lesson: Catalogue(probes, entries))
    return new_notebook(cells=given), Diagnosis("", new_notebook(cells=worked))


def test_an_honest_answer_is_named(monkeypatch, marker):
    notebook, names = _small(monkeypatch, HONEST, RIGHT.format(n=1).replace("f_1", "f"))
    assert marker.mark(notebook, diagnosis=names).misconceptions == {"9.0": ["9.0-off"]}


def test_an_answer_that_is_not_written_is_not_named(monkeypatch, marker):
    stub, written = "def f(x):\n    ...", "def f(x):\n    nothing = None\n    return nothing"
    notebook, names = _small(monkeypatch, stub, written, stub, wrong="None")
    assert marker.mark(notebook, diagnosis=names).misconceptions == {"9.1": ["9.1-off"]}


HOSTILE = {
    "huge": "return np.zeros(10**7)",
    "large": "return np.zeros(10**6)",
    "many": "return [1.0] * 10**6",
    "text": "return 'a' * 10**7",
    "number": "return 10 ** 1200",
    "deep": "r = 1.0\nfor _ in range(900): r = [r]\nreturn r",
    "endless": "r = []\nr.append(r)\nreturn r",
    "raises": "raise Exception('no')",
    "leaves": "raise SystemExit",
    "interrupts": "raise KeyboardInterrupt",
    "ends": "import os; os._exit(0)",
    "object": "return object()",
    "poses": "return type('A', (), {'__array__': lambda self, *_: x + 2, '__float__': lambda self: 2.0})()",
    "generator": "return (y for y in x + 2)",
    "nothing": "return None",
    "shape": "return (x + 2)[:, None]",
    "mutates": "x += 2\nreturn x",
    "forgets": "import random\nreturn x + random.choice([2, 3]) + random.random()",
    "counts": "f.calls = getattr(f, 'calls', 0) + 1\nreturn x + 1 + f.calls",
    "prints": "print('a' * 10**6)\nreturn x + 3",
    "memory": "return np.ones(10**11) + x[0]",
}


def test_hostile_answers_are_given_no_name_and_take_none_from_others(monkeypatch, marker):
    body = "def f(x):\n    if isinstance(x, int):\n        return 0\n"
    sources = [body + textwrap.indent(text, "    ") for text in HOSTILE.values()]
    sources = [text.replace("f.calls", f"f_{n}.calls").replace("(f,", f"(f_{n},") for n, text in enumerate(sources)]
    sources.append(HONEST)
    notebook, names = _small(monkeypatch, *sources)
    plain = marker.mark(copy.deepcopy(notebook))
    began = time.monotonic()
    marked = marker.mark(notebook, diagnosis=names)
    assert time.monotonic() - began < SECONDS_TO_TRY_OUT + 3
    assert marked.misconceptions == {f"9.{len(HOSTILE)}": [f"9.{len(HOSTILE)}-off"]}
    assert not any(verdict.passed for verdict in marked.tests.values())
    last = f"test-9-{len(HOSTILE)}"
    assert {**marked.tests, last: 0} == {**plain.tests, last: 0}
    assert (marked.notes, marked.timed_out, marked.incomplete) == (plain.notes, plain.timed_out, plain.incomplete)


def test_answers_that_never_return_take_a_few_seconds_all_together(monkeypatch, marker):
    endless = "def f(x):\n    while not isinstance(x, int):\n        pass\n    return 0"
    stubborn = """def f(x):
    while not isinstance(x, int):
        try:
            while True: pass
        except BaseException: pass
    return 0"""
    notebook, names = _small(monkeypatch, HONEST, endless, stubborn, endless, HONEST)
    began = time.monotonic()
    marked = marker.mark(notebook, diagnosis=names)
    assert time.monotonic() - began < SECONDS_TO_TRY_OUT + 3
    assert marked.misconceptions == {"9.0": ["9.0-off"]}
    assert len(marked.tests) == 5 and not marked.notes and not marked.timed_out


def test_what_only_raises_looks_like_nothing():
    def probe(f):
        code = "def probe(f, rng):\n    return [attempt(f, 1), attempt(f, 'a')], 1.0"
        return diagnosis.trial(f, compile(code, "probe", "exec"), [])

    assert probe(lambda x: x + 1)[0] == [[2.0, "an error"], 1.0]
    assert probe(int)[0] == [[1.0, "ValueError"], 1.0]
    with pytest.raises(TypeError):
        probe(lambda x: x.no)


def test_a_catalogue_that_is_not_as_it_should_be_says_which(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.misconceptions.HERE", tmp_path)
    entry = 'exercise = "1.5"\nbelieved = "b"\nhint = "h"\nreread = "r"\n'
    for number, (text, said) in enumerate(
        [
            (f'[[misconception]]\nid = "1.4-a"\n{entry}right = "a"\nwrong = "b"', "1.4-a"),
            (f'[[misconception]]\nid = "1.5-a"\n{entry}', "1.5-a"),
            (f'[[misconception]]\nid = "1.5-a"\n{entry}right = ["a", "b"]\nwrong = "b"', "1.5-a"),
            (f'[[misconception]]\nid = "1.5-a"\n{entry}right = "a"', "1.5-a"),
            (f'[[misconception]]\nid = "1.5-a"\n{entry}right = "a"\nwrong = "b"\ncolour = "red"', "colour"),
            ('[probe."1.5"]\nname = "f"', "code"),
            ("[[misconception", ""),
        ]
    ):
        (tmp_path / f"lesson{number}.toml").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=rf"lesson{number}\.toml.*{said}"):
            catalogue(f"lesson{number}")

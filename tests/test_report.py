"""The class report says what is true of a class, names nobody by default, and is safe to open."""

import re
import sqlite3
import statistics
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_class import POINTS, Made, a_class, fill, make_course, record
from mini_course import answered, hand_in, make_mini_course, with_extra_cell
from report_page import HOSTILE, Page, check_harmless, hostile_class
from run_here import run as grade_here
from sqlalchemy import Engine, event
from typer.testing import CliRunner

from autograder import class_summary, misconceptions, report, submission
from autograder.class_data import Answer, ClassData, Lesson, Person, Submission, read_class
from autograder.class_figures import percent
from autograder.class_summary import FEW, Bin, Group, anonymous, bins, joined, summarise
from autograder.cli import app
from autograder.course import Course, CourseError
from autograder.grading_notes import UNREADABLE, kinds_of
from autograder.item_analysis import MIN_ANSWERS
from autograder.misconceptions import Catalogue, Misconception
from autograder.need_of_help import needs
from autograder.standings import lessons as points_of

LESSONS = {"01_first": 6, "02_second": 5}
IDS = {name: [f"{name[1]}.{n}-{what}" for n in (1, 2, 4) for what in ("sign", "turned", "gone")] for name in LESSONS}


def entry(id):
    exercise = id.partition("-")[0]
    return Misconception(id, exercise, f"{id} is believed", f"what of {id}?", "1 · Start", ("a",), ("b",))


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    """One of which the ids that end in -gone are no longer a part."""
    known = {}
    for id in (id for ids in IDS.values() for id in ids if not id.endswith("-gone")):
        known.setdefault(id.partition("-")[0], []).append(entry(id))
    found = Catalogue({}, {exercise: tuple(entries) for exercise, entries in known.items()})
    monkeypatch.setattr(class_summary.summarise, "__defaults__", (lambda lesson: found,))
    return found


def cells_of(exercises):
    return {
        name: [(f"exercise-{int(name[:2])}-{n}", f"test-{int(name[:2])}-{n}") for n in range(1, number + 1)]
        for name, number in exercises.items()
    }


@pytest.fixture(scope="module")
def of_300(tmp_path_factory):
    """A course and what has been handed in and graded in it."""
    course = make_course(tmp_path_factory.mktemp("class"), LESSONS)
    made = a_class(cells_of(LESSONS), 300, IDS)
    fill(course, made, {"student0007": ("Grace", "Hopper-Unmistakable")})
    return course, made


def summary_of(course):
    return summarise(read_class(course, points_of(course)))


# What it says is true


def test_a_class_of_300_is_counted_right(of_300):
    course, made = of_300
    summary = summary_of(course)
    assert summary.students == len({each.student for each in made}) > 290
    assert any(each.said.get("unreadable") for each in made)
    for lesson in summary.lessons:
        mine = [each for each in made if each.lesson == lesson.name]
        read = [each for each in mine if not each.said.get("unreadable")]
        points = [sum(each.earned.values()) for each in read]
        assert (lesson.graded, lesson.submitted) == (len(read), len(mine))
        assert lesson.unreadable.count == len(mine) - len(read)
        assert lesson.points == POINTS * LESSONS[lesson.name]
        assert lesson.mean == pytest.approx(statistics.fmean(points))
        assert lesson.median == statistics.median(points)
        assert sum(each.count for each in lesson.bins) == len(read)
        assert lesson.bins[-1].count == sum(10 * each >= 9 * lesson.points for each in points)
        assert [each.number for each in lesson.exercises] == [
            f"{lesson.name[1]}.{n + 1}" for n in range(LESSONS[lesson.name])
        ]
        for exercise, (answer, test) in zip(lesson.exercises, cells_of(LESSONS)[lesson.name], strict=True):
            assert exercise.title == f"Exercise {exercise.number} · Thing {exercise.number[2]}"
            truth = Counter(
                "unwritten" if answer in each.empty else "full" if each.earned[test] else "nothing" for each in read
            )
            said = {kind: getattr(exercise, kind).count for kind in ("full", "part", "nothing", "unwritten")}
            assert said == {kind: truth[kind] for kind in said}
            assert exercise.full.share == truth["full"] / len(read)


def test_misconceptions_are_counted_and_ranked_right(of_300):
    course, made = of_300
    truth, first, who = Counter(), Counter(), {}
    for each in made:
        for ids in each.said["misconceptions"].values():
            truth.update(ids)
            first[ids[0]] += 1
            for id in ids:
                who.setdefault(id, set()).add(each.student)
    summary = summary_of(course)
    assert {each.id: each.group.count for each in summary.misconceptions} == truth
    assert {each.id: each.first for each in summary.misconceptions} == first
    assert any(first[id] < truth[id] for id in truth)
    assert [each.group.count for each in summary.misconceptions] == sorted(truth.values(), reverse=True)
    for each in summary.misconceptions:
        assert {person.id for person in each.group.people} == who[each.id]
        assert each.group.of == next(lesson.graded for lesson in summary.lessons if lesson.name == each.lesson)
        assert bool(each.believed) == (not each.id.endswith("-gone"))


def test_the_page_shows_the_numbers_of_the_model(of_300):
    course, _ = of_300
    summary = anonymous(summary_of(course))
    page = Page(report.page(summary, date(2030, 1, 2)))
    for lesson in summary.lessons:
        row = [lesson.title, str(lesson.submitted), str(lesson.graded), f"{lesson.mean:.1f}", f"{lesson.median:.1f}"]
        assert row in [each[:5] for each in page.rows]
        for exercise in lesson.exercises:
            cells = next(row for row in page.rows if row[0] == exercise.title)
            for group, cell in zip(exercise.groups, cells[1:5], strict=True):
                assert re.findall(r"\d+", cell)[1:] == [str(group.count)] if group.count is not None else cell == "few"
    shown = [item for item in page.items if "exercise " in item and "student" in item]
    many = [each for each in summary.misconceptions if each.group.count is not None]
    assert len(shown) == len(many) > 10
    for each, item in zip(many, shown, strict=True):
        assert (each.believed or each.id) in item and f"{each.group.count} students" in item
        assert each.hint in item


MINI = """
[probe."1.1"]
name = "double"
code = "def probe(f, rng): return [f(each) for each in (3, 5, 7)]"
[probe."1.2"]
name = "root"
uses = ["setup"]
code = "def probe(f, rng): return [f(each) for each in (3, 5, 7)]"

[[misconception]]
id = "1.1-adds"
exercise = "1.1"
believed = "to double is to add two"
right = "2 * x"
wrong = "2 + x"
hint = "What is three doubled?"
reread = "A lesson"
[[misconception]]
id = "1.2-halves"
exercise = "1.2"
believed = "the root is one half"
right = "math.sqrt(x)"
wrong = "x / 2"
hint = "What is the root of nine?"
reread = "A lesson"
"""


def test_what_grading_leaves_is_what_is_reported(tmp_path, monkeypatch):
    (tmp_path / "01_mini.toml").write_text(MINI)
    monkeypatch.setattr(misconceptions, "HERE", tmp_path)
    misconceptions.catalogue.cache_clear()
    submission._diagnosis.cache_clear()
    course = replace(make_mini_course(tmp_path / "course"), own_limits={"seconds_per_cell": 1})
    truth = {
        "ada": 3.0,
        "ben": 1.0,
        "cleo": 0.0,
        "dan": 3.0,
        "eve": 3.0,
        "finn": 0.0,
        "gus": 1.0,
        "ivy": 0.0,
        "joe": 1.0,
    }
    hand_in(course, "ivy", answered(course, double="return 2 + x", root="return x / 2"))
    hand_in(course, "joe", answered(course, root="return x / 2"))
    hand_in(course, "ada", answered(course))
    hand_in(course, "ben", answered(course, root=None))
    hand_in(course, "cleo", answered(course, None, None))
    hand_in(course, "dan", with_extra_cell(answered(course), "import os\nos._exit(0)"))
    edited = answered(course)
    for cell in edited["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] += "\npass"
    hand_in(course, "eve", edited)
    hand_in(course, "finn", "{ half a notebook")
    hand_in(course, "gus", answered(course, root="while True: pass"))
    hand_in(course, "hal", answered(course))
    outcomes = [each for each in grade_here(course) if each.student != "hal"]
    assert {each.student: each.points for each in outcomes} == truth
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as gradebook, gradebook:
        gradebook.execute("DELETE FROM submitted_assignment WHERE student_id = 'hal'")
        gradebook.execute("UPDATE student SET first_name = 'Ada', last_name = 'Lovelace' WHERE id = 'ada'")
    summary = summarise(read_class(course, points_of(course)), misconceptions.catalogue)
    misconceptions.catalogue.cache_clear()
    submission._diagnosis.cache_clear()
    told = {each.believed: {person.id for person in each.group.people} for each in summary.misconceptions}
    assert told == {"to double is to add two": {"ivy"}, "the root is one half": {"ivy", "joe"}}
    (lesson,) = summary.lessons
    assert (lesson.submitted, lesson.graded, summary.students, summary.untold) == (10, 8, 10, 0)
    assert [person.id for person in lesson.ungraded.people] == ["hal"]
    assert [person.id for person in lesson.unreadable.people] == ["finn"]
    assert lesson.mean == statistics.fmean(points for student, points in truth.items() if student != "finn")
    one, two = lesson.exercises
    assert {person.id for person in two.unwritten.people} == {"ben", "cleo"}
    assert {person.id for person in two.nothing.people} == {"gus", "ivy", "joe"}
    assert {person.id for person in one.unwritten.people} == {"cleo"}
    assert Person("ada", "Ada Lovelace") in one.full.people
    noted = {each.kind: {person.id for person in each.group.people} for each in summary.noted}
    look = {student for kind, students in noted.items() for student in students if kind.look}
    assert look == {"dan", "eve"}
    assert noted[UNREADABLE] == {"finn"}
    assert next(students for kind, students in noted.items() if "too long" in kind.title) == {"gus"}


def test_submissions_of_which_the_record_does_not_fit_count_with_their_points_alone(tmp_path):
    course = make_course(tmp_path, {"01_first": 2})
    made = [
        Made(f"s{n}", "01_first", {"test-1-1": 2.0, "test-1-2": 0.0}, said={"misconceptions": {"1.2": ["1.2-sign"]}})
        for n in range(5)
    ]
    fill(course, made)
    assert summary_of(course).misconceptions[0].group.count == 5
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as gradebook, gradebook:
        gradebook.execute("UPDATE grade SET auto_score = 1 WHERE rowid = 1")
    summary = summary_of(course)
    assert (summary.misconceptions[0].group.count, summary.untold) == (4, 1)
    assert summary.lessons[0].graded == 5
    assert sum(each.part.count for each in summary.lessons[0].exercises) == 1


def test_an_answer_is_unwritten_only_if_nothing_came_of_it(tmp_path):
    course = make_course(tmp_path, {"01_first": 2})
    both = {"exercise-1-1", "exercise-1-2"}
    fill(course, [Made(name, "01_first", {"test-1-1": 2.0, "test-1-2": 0.0}, both) for name in ("ann", "bob", "cat")])
    one, two = summary_of(course).lessons[0].exercises
    assert (one.full.count, one.unwritten.count, two.nothing.count, two.unwritten.count) == (3, 0, 0, 3)


def test_points_by_hand_count_and_what_waits_for_a_person_is_told(tmp_path):
    course = make_course(tmp_path, {"01_first": 3})
    given = {"test-1-1": 2.0, "test-1-2": 0.0, "test-1-3": 2.0}
    fill(course, [Made(name, "01_first", given) for name in ("ann", "bob", "cat")])
    with closing(sqlite3.connect(course.classroom / "gradebook.db")) as gradebook, gradebook:
        cell = "(SELECT id FROM base_cell WHERE name = 'test-1-2')"
        gradebook.execute(f"UPDATE grade SET manual_score = 1 WHERE cell_id = {cell}")
        cell = "(SELECT id FROM base_cell WHERE name = 'test-1-3')"
        gradebook.execute(f"UPDATE grade SET needs_manual_grade = 1 WHERE cell_id = {cell}")
    summary = summary_of(course)
    assert [exercise.number for exercise in summary.lessons[0].exercises] == ["1.1", "1.2"]
    assert summary.lessons[0].exercises[1].part.count == 3
    assert summary.lessons[0].by_hand.count == 3
    assert summary.lessons[0].mean == 5


@given(st.lists(st.floats(0, 1.2), max_size=60))
def test_every_mark_is_in_the_bin_that_names_it(shares):
    found = bins(shares)
    for each in found:
        inside = sum(100 * share >= each.low and (100 * share < each.high or each.high == 100) for share in shares)
        assert abs(each.count - inside) <= sum(abs(100 * share - round(100 * share, -1)) < 1e-6 for share in shares)
    assert sum(each.count for each in found) == len(shares)
    assert not found or bins([1.0, 0.9, 0.7, 0.0])[9].count == 2


def test_only_none_and_all_are_called_so():
    shares = {0: "0%", 0.001: "1%", 0.5: "50%", 0.996: "99%", 1: "100%", None: "–"}
    assert {share: percent(share) for share in shares} == shares


# It names nobody


def test_without_names_nothing_of_a_student_is_in_the_model_or_on_the_page(of_300):
    course, _ = of_300
    summary = anonymous(summary_of(course))
    html = report.page(summary, date(2030, 1, 2))
    for text in (repr(summary), html):
        assert not re.search(r"student\d|Unmistakable|homework", text)
        assert "Person(" not in text
    assert "feedback/" not in html
    with_names = summary_of(course)
    assert re.search(r"student\d", repr(with_names)) and "homework" in repr(with_names)


def groups_in(value):
    if isinstance(value, Group):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from groups_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from groups_in(getattr(value, name))


@pytest.mark.parametrize("students", [2, 12, 40, 300])
def test_small_groups_have_no_number(of_300, students):
    data = read_class(of_300[0], points_of(of_300[0]))
    chosen = dict(sorted(data.people.items())[:students])
    found = {place: submission for place, submission in data.submissions.items() if place[0] in chosen}
    summary = anonymous(summarise(replace(data, people=chosen, submissions=found, handed_in=frozenset(found))))
    exact = [id(group) for lesson in summary.lessons for group in (lesson.by_hand, lesson.ungraded, lesson.unreadable)]
    found = [group for group in groups_in(summary) if id(group) not in exact]
    assert len(found) > 20
    assert not [group for group in found if group.count in range(1, FEW) or group.people]
    assert all(each.count == 0 or each.count >= FEW for lesson in summary.lessons for each in lesson.bins)
    if students < FEW:
        assert {(lesson.mean, lesson.median, lesson.bins) for lesson in summary.lessons} == {(None, None, ())}
        assert {exercise.median for lesson in summary.lessons for exercise in lesson.exercises} == {None}
    assert Page(report.page(summary, date(2030, 1, 2))).rows


@given(st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_no_number_is_the_only_one_that_is_missing(counts):
    people = [tuple(Person(f"p{n}{k}") for k in range(count)) for n, count in enumerate(counts)]
    groups = [Group(count, sum(counts), those) for count, those in zip(counts, people, strict=True)]
    exercise = class_summary.Exercise("1.1", "Title", *groups, 0.5)
    none = Group(0, 9)
    lesson = class_summary.LessonSummary("l", "L", 9, 9, 9, 4.0, 4.0, none, none, none, none, (), (exercise,))
    (shown,) = anonymous(class_summary.Summary(9, (lesson,), (), (), (), 0, ())).lessons[0].exercises
    missing = [group for group in shown.groups if group.count is None]
    assert len(missing) != 1
    assert all(g.count is None for g, count in zip(shown.groups, counts, strict=True) if 0 < count < FEW)


@given(st.lists(st.integers(0, 6), min_size=10, max_size=10))
def test_bins_are_joined_until_nobody_is_alone(counts):
    found = joined(tuple(Bin(10 * n, 10 * n + 10, count) for n, count in enumerate(counts)), FEW)
    assert sum(each.count for each in found) == sum(counts)
    assert [each.low for each in found] == [0, *(each.high for each in found[:-1])] and found[-1].high == 100
    assert all(not 0 < each.count < FEW for each in found) or (len(found) == 1 and sum(counts) < FEW)


def test_what_few_believe_stands_in_no_order_of_size(tmp_path):
    course = make_course(tmp_path, {"01_first": 2})
    ids = ["1.1-sign"] * 4 + ["1.1-turned"] * 2 + ["1.1-gone"]
    made = [
        Made(f"s{n}", "01_first", dict.fromkeys(("test-1-1", "test-1-2"), 0.0), said={"misconceptions": {"1.1": [id]}})
        for n, id in enumerate(ids)
    ]
    fill(course, made)
    found = anonymous(summary_of(course)).misconceptions
    assert [(each.id, each.group.count, each.first) for each in found] == [
        ("1.1-sign", 4, None),
        ("1.1-gone", None, None),
        ("1.1-turned", None, None),
    ]


# It is safe to open


@pytest.mark.parametrize("names", [False, True])
def test_hostile_text_is_only_text(names, monkeypatch):
    data = hostile_class()
    evil = Misconception(HOSTILE[0], "1", HOSTILE[1], HOSTILE[2], HOSTILE[4], ("a",), ("b",))
    monkeypatch.setattr(Catalogue, "entry", lambda self, id: evil if "-2" in id else None)
    summary = summarise(data)
    assert any(lesson.by_hand.people for lesson in summary.lessons)
    assert "Person(" not in repr(anonymous(summary))
    links = {place: report.quote(f"../feedback/{place[0]}", errors="replace") for place in data.submissions}
    html = (
        report.page(summary, date(2030, 1, 2), data, links) if names else report.page(anonymous(summary), date.today())
    )
    page = check_harmless(html)
    text = "".join(page.texts)
    assert "<script>alert(1)</script>" in text
    assert ("&lt;&#60;script&#62;" in text) and "{{ 7 * 7 }}" in text
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "script" not in policy and "http" not in policy


def test_a_whole_class_with_hostile_names_is_reported(tmp_path):
    course = make_course(tmp_path, {"01_first": 4})
    given = {f"test-1-{n}": float(n % 2) for n in range(1, 5)}
    students = ["<script>alert(1)</script>".replace("/", ""), "a:b%2e#c?d", "\u202egnp.exe", "zoe&amp;'\""]
    fill(course, [Made(name, "01_first", given) for name in students], {"zoe&amp;'\"": ("<b>Zoë", "\x1b[1mX")})
    for name in students:
        path = course.classroom / "feedback" / name / "01_first" / "01_first.html"
        path.parent.mkdir(parents=True)
        path.write_text(name)
    (course.classroom / "submitted" / "<i>new\u202e\n" / "01_first").mkdir(parents=True)
    (course.classroom / "submitted" / "<i>new\u202e\n" / "01_first" / "x.ipynb").touch()
    assert report.run(course, [], names=True) == 0
    place = course.classroom / "report" / "index.html"
    page = check_harmless(place.read_text(encoding="utf-8"))
    links = [unquote(a["href"]) for tag, a in page.elements if tag == "a" and not a["href"].startswith("#")]
    assert {(place.parent / link).read_text() for link in links} == set(students)
    assert "<i>new??" in "".join(page.texts)


def contrast(one, other):
    def light(colour):
        levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in levels)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_words_and_shapes_stand_out_in_light_and_dark():
    css = (Path(report.__file__).parent / "templates" / "class_report.css").read_text()
    for colours in [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{([^}]*)\}", css)]:
        for ground in ("page", "well"):
            assert all(contrast(colours[name], colours[ground]) >= 4.5 for name in ("ink", "soft", "link"))
        for name in ("full", "part", "nothing", "unwritten", "mark"):
            assert contrast(colours[name], colours["page"]) >= 3, name


# Exercises to look at, and who may need help


def scored(scores, written=None):
    """A class of one lesson. scores: by student points, of 1, in each exercise"""
    keys = [f"1-{n}" for n in range(1, len(scores[0]) + 1)]
    submissions = {
        (f"s{n:03}", "01_x"): Submission(
            sum(row),
            answers={key: Answer(each, 1, written is None or written[n]) for key, each in zip(keys, row, strict=True)},
        )
        for n, row in enumerate(scores)
    }
    lesson = Lesson("01_x", "X", len(keys), {key: (key.replace("-", "."), f"Exercise {key}") for key in keys})
    people = {student: Person(student) for student, _ in submissions}
    return ClassData(people, {"01_x": lesson}, frozenset(submissions), submissions)


def guessed(number):
    """Skill decides three exercises, chance the last."""
    return [[float(n % 10 > 2), float(n % 10 > 4), float(n % 10 > 6), float(n // 10 % 2)] for n in range(number)]


def test_an_exercise_that_chance_decides_is_found_and_no_other():
    weak = summarise(scored(guessed(60))).weak
    assert [each.number for each in weak] == ["1.4"]
    assert weak[0].correlation == pytest.approx(0, abs=0.01) and weak[0].answers == 60


def test_of_a_small_class_and_of_what_everybody_can_do_nothing_is_said():
    assert MIN_ANSWERS >= 30
    assert not summarise(scored(guessed(29))).weak
    assert summarise(scored(guessed(MIN_ANSWERS))).weak
    assert not summarise(scored([[*row[:3], 1.0] for row in guessed(60)])).weak
    assert not summarise(
        scored([[*row[:3], float(sum(row[:3]) < 3 or n > 13)] for n, row in enumerate(guessed(49))])
    ).weak
    assert not summarise(scored(guessed(60), written=[n < MIN_ANSWERS - 1 for n in range(60)])).weak
    assert not summarise(scored([[1.0, 1.0, 1.0, float(n % 2)] for n in range(60)])).weak


def course_of(points):
    """points: by student what was earned in each lesson, of 10; None where nothing was handed in"""
    lessons = {f"0{n}": Lesson(f"0{n}", f"Lesson {n}", 10) for n in range(len(next(iter(points.values()))))}
    found = {
        (student, f"0{n}"): Submission(float(each))
        for student, row in points.items()
        for n, each in enumerate(row)
        if each is not None
    }
    return ClassData({student: Person(student) for student in points}, lessons, frozenset(found), found)


def test_who_falls_behind_is_told_by_what_can_be_checked():
    others = {f"other{n}": [8, 8, 7, 8] for n in range(8)}
    found = needs(
        course_of(
            {
                **others,
                "absent": [8, 8, None, None],
                "once": [None, 8, 8, 8],
                "gone": [9, 9, 9, None],
                "drops": [9, 9, 9, 4],
                "low": [3, 4, 3, 3],
                "steady": [6, 6, 5, 6],
            }
        )
    )
    assert {need.person.id for need in found} == {"absent", "gone", "drops", "low"}
    said = {need.person.id: " ".join(need.reasons) for need in found}
    assert "Lesson 2 and Lesson 3" in said["absent"] and "40%" in said["drops"] and "90%" in said["drops"]


def test_a_hard_lesson_is_nobodys_own_fall_and_one_that_few_have_done_is_not_missed():
    everybody = {f"s{n}": [9, 9, 9, 4, None] for n in range(9)}
    assert not needs(course_of({**everybody, "fast": [9, 9, 9, 4, 9]}))


def test_mostly_unwritten_work_counts_unless_it_was_once_and_long_ago():
    data = scored([[1.0, 0.0, 0.0]] * 3)
    half = {key: Answer(0, 1, key == "1-1") for key in ("1-1", "1-2", "1-3")}
    submissions = {**data.submissions, ("s001", "01_x"): Submission(0, answers=half)}
    data = replace(data, submissions=submissions)
    assert [(need.person.id, need.reasons) for need in needs(data)] == [
        ("s001", ("X: 2 of 3 exercises not written yet.",))
    ]


def test_notes_are_told_apart_and_only_some_are_for_a_person_to_look_at():
    kinds = kinds_of(
        [
            "test-1-1: is a test and was edited: the original is back, the edit is dropped",
            "setup: came with no grade_id",
        ],
        ["a cell was stopped: it ran for longer than 5 seconds. Does every loop come to its end?", "what nobody knows"],
    )
    assert [kind.look for kind in kinds] == [True, False, False, False]
    assert sum(map(len, kinds.values())) == 4


# The command


def test_the_command_says_where_the_page_is_and_what_is_believed_most(of_300, tmp_path):
    course, _ = of_300
    first = [each for each in summary_of(course).misconceptions[:3]]
    place = tmp_path / "a folder" / "page.html"
    assert report.run(course, [], output=place) == 0
    assert "student0" not in place.read_text(encoding="utf-8")
    assert report.run(course, ["02_second"], names=True, output=place) == 0
    html = place.read_text(encoding="utf-8")
    assert "student0" in html and "Lesson 2" in html and "Lesson 1" not in html
    with pytest.raises(CourseError, match="folder"):
        report.run(course, [], output=tmp_path)
    assert len(first) == 3


def test_the_command_line(of_300, capsys):
    course, _ = of_300
    report.run(course, [])
    said = capsys.readouterr().out
    top = summary_of(course).misconceptions[:3]
    assert all(f"{each.group.count} of {each.group.of}, {each.exercise}: " in said for each in top)
    assert str(course.classroom / "report" / "index.html") in said and "student0" not in said
    result = CliRunner().invoke(app, ["report", "--help"])
    assert result.exit_code == 0 and "--names" in result.output


def test_without_a_class_one_line_says_what_to_do(tmp_path):
    course = make_course(tmp_path, {"01_first": 2})
    for _ in range(2):
        with pytest.raises(CourseError, match="run `autograder grade`") as error:
            report.run(course, [])
        assert "\n" not in str(error.value)
        fill_nothing(course)
    with pytest.raises(CourseError, match="there is no lesson"):
        report.run(course, ["09_none"])
    assert not (course.classroom / "report").exists()


def fill_nothing(course):
    from autograder.gradebook import Writer

    with Writer(course) as writer:
        writer.enter("01_first")


def test_lessons_that_nobody_has_graded_are_named(tmp_path, capsys):
    course = make_course(tmp_path, {"01_first": 2, "02_second": 2})
    fill(course, [Made("ann", "01_first", {"test-1-1": 2.0, "test-1-2": 0.0})])
    (course.classroom / "submitted" / "ann" / "02_second").mkdir(parents=True)
    (course.classroom / "submitted" / "ann" / "02_second" / "x.ipynb").touch()
    report.run(course, [])
    assert "not in the gradebook yet: 02_second: run" in capsys.readouterr().out


def test_a_class_can_be_reported_while_it_is_graded(tmp_path):
    course = make_course(tmp_path, {"01_first": 2})
    fill(course, [Made("ann", "01_first", {"test-1-1": 2.0, "test-1-2": 0.0})])
    path = course.classroom / "graded.jsonl"
    with open(path, "a") as file:
        file.write('{"student": "ann", "lesson": "01_first"}\nnonsense\n[1]\n{"student": "ann", "less')
    before = path.read_bytes()
    with closing(sqlite3.connect(course.classroom / "gradebook.db", isolation_level=None)) as gradebook:
        gradebook.execute("BEGIN IMMEDIATE")
        gradebook.execute("DELETE FROM grade")
        assert report.run(course, []) == 0
        gradebook.execute("ROLLBACK")
    assert path.read_bytes() == before
    assert not [each for each in course.classroom.iterdir() if each.name.startswith(".graded")]


def test_records_that_are_not_as_they_should_be_stop_nothing(tmp_path):
    course = make_course(tmp_path, {"01_first": 2})
    made = [Made(name, "01_first", {"test-1-1": 2.0, "test-1-2": 0.0}) for name in ("ann", "bob", "cat")]
    fill(course, made)
    odd = {"misconceptions": [1], "notes": 5}, {"misconceptions": {"1.1": 3}}, {"repairs": [None, "x"]}
    for each, said in zip(made, odd, strict=True):
        each.said = said
    record(course, made)
    assert report.run(course, [], names=True) == 0


def test_the_number_of_queries_does_not_grow_with_the_class(of_300):
    course, _ = of_300
    said = []

    def listen(_, __, statement, *___):
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        read_class(course, dict.fromkeys(LESSONS, 10.0))
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert len([statement for statement in said if "SELECT" in statement]) <= 8


def test_1200_students_and_six_lessons_take_a_few_seconds(tmp_path):
    exercises = {f"0{n}_lesson": 5 for n in range(1, 7)}
    course = make_course(tmp_path, exercises)
    fill(course, a_class(cells_of(exercises), 1200, IDS))
    start = time.monotonic()
    report.run(course, [], names=True)
    assert time.monotonic() - start < 10


def test_what_a_program_made_of_the_page_is_well_formed(of_300):
    data = read_class(of_300[0], points_of(of_300[0]))
    page = check_harmless(report.page(summarise(data), date(2030, 1, 2), data, {}))
    named = [a for tag, a in page.elements if tag == "svg"]
    assert named and all(a.get("role") == "img" and len(a.get("aria-label", "")) > 5 for a in named)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for tag, a in page.elements if tag == "a"} | {
        a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a
    }
    assert links <= set(ids)


def test_entries_of_the_real_catalogue_are_shown_in_its_words(tmp_path):
    course = Course()
    lesson = next((name for name in course.graded_lessons if class_summary.catalogue(name).entries), None)
    if lesson is None:
        pytest.skip("no lesson has a catalogue")
    entry = next(each for entries in class_summary.catalogue(lesson).entries.values() for each in entries)
    people = {f"s{n}": Person(f"s{n}") for n in range(4)}
    submission = Submission(0, told=True, misconceptions={entry.exercise: (entry.id,)})
    found = {(student, lesson): submission for student in people}
    data = ClassData(people, {lesson: Lesson(lesson, "Title", 10)}, frozenset(found), found)
    (shown,) = anonymous(summarise(data, class_summary.catalogue)).misconceptions
    assert (shown.believed, shown.hint, shown.group.count) == (entry.believed, entry.hint, 4)

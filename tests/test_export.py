"""The files for Moodle, Canvas and spreadsheets say what the gradebook says, each of the right student."""

import csv
import io
import os
from datetime import timedelta

import pytest
from gradebook_oracle import CONFIG, DUE, LATE, book, by_hand, copied, make_course, released, write_lesson
from mini_course import LESSON

from autograder import csv_table, export, platform_file
from autograder.course import CourseError
from autograder.csv_table import defused, is_dangerous, is_formula, read_table
from autograder.export import Options, columns_named
from autograder.gradebook import Writer
from autograder.platform_file import Options as Filling

OTHER = "02_other_thing"
STUDENTS = ["ann", "bob", "cy", 'o\'neil, "x"', "שלום", "李雷", "=1+1", "-mia", "eve"]


def output(text):
    return [{"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Two lessons: all have handed in the first, some of them late, two the second; eve's waits for a person."""
    course = make_course(tmp_path_factory.mktemp("export") / "course")
    (course.lessons / f"{OTHER}.py").write_text('"grade": true')
    (course.lessons / "03_new.py").write_text('"grade": true')
    write_lesson(course, {"double": "answer", "test-double": "test"}, {"test-double": 3}, lesson=OTHER)
    (course.root / "odd_late.py").write_text(LATE)
    (course.root / "nbgrader_config.py").write_text(CONFIG)
    with Writer(course) as writer:
        writer.enter(LESSON)
        writer.enter(OTHER)
        with book(course) as nbgrader:
            nbgrader.update_or_create_assignment(LESSON, duedate=DUE)
        cells = released(course)
        for number, student in enumerate(STUDENTS):
            for cell in cells:
                if cell["metadata"]["nbgrader"]["grade_id"] == "test-double":
                    cell["outputs"] = output(str(0.25 * number))
            handed_in = DUE + timedelta(days=number, hours=1) if number % 2 else DUE - timedelta(hours=1)
            writer.record(student, LESSON, cells, str(handed_in))
        other = released(course, OTHER)
        for student, points in (("ann", "1"), ("bob", "2.123456")):
            other[-1]["outputs"] = output(points)
            writer.record(student, OTHER, other)
    for student in STUDENTS[:-1]:
        by_hand(
            course, student, {n: {"manual_score": 1.0, "needs_manual_grade": False} for n in ("why", "draw", "talk")}
        )
    return course


@pytest.fixture
def course(template, tmp_path):
    return copied(template, tmp_path / "course")


def gradebook(course):
    """What nbgrader itself says, by student and lesson, with the penalty off."""
    with book(course) as nbgrader:
        return {
            (submission.student.id, lesson): max(0.0, submission.score - submission.late_submission_penalty)
            for lesson in (LESSON, OTHER)
            for submission in nbgrader.assignment_submissions(lesson)
        }


def rows(path):
    """As Python's own reader and pandas' see it."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        delimiter = csv.Sniffer().sniff(file.readline(), ",;\t").delimiter
        file.seek(0)
        found = list(csv.DictReader(file, delimiter=delimiter))
    assert all(None not in row and None not in row.values() for row in found)
    return found


def written(course, format, **options):
    path = course.root / "out.csv"
    names = options.pop("names", [])
    code = export.run(course, names, Options(format, path, **options))
    return rows(path), code


def make_file(path, header, lines, delimiter=",", encoding="utf-8-sig", newline="\n"):
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator=newline).writerows([header, *lines])
    path.write_bytes(target.getvalue().encode(encoding))
    return path


def canvas(course, students=STUDENTS, extra=(), possible=(8, 3), **how):
    """A gradebook as Canvas exports it, in another order than ours, with grades of other assignments."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", "Essay (77)"]
    header += ["01 Mini (101)", "Lesson 2: Other thing (102)", "Current Score"]
    lines = [["", "", "", "", "", "", "Manual Posting", "", "", ""]]
    lines += [["    Points Possible", "", "", "", "", "", "10", *possible, "(read only)"]]
    for number, student in [*enumerate(students)][::-1]:
        names = [f"Last, =F{number}", 9000 + number, f"S{number}", student, "A", "-see me", "7.5", "0.1", "", "50"]
        lines.append(names)
    lines += list(extra)
    lines.append(["Student, Test", "1", "", "b1946ac92492d2347c6235b4d2611184", "A", "", "", "", "", "0"])
    return make_file(course.root / "canvas in.csv", header, lines, **how)


GRADED = [student for student in STUDENTS if student != "eve"]


@pytest.mark.parametrize(
    "how", [{}, {"delimiter": ";"}, {"encoding": "utf-8"}, {"encoding": "utf-16"}, {"newline": "\r\n"}]
)
def test_canvas_gets_every_grade_and_keeps_all_else(course, capsys, how):
    template = canvas(course, extra=[["Zoe", 9999, "S99", "zoe", "A", "", "4", "2", "", "5"]], **how)
    before = read_table(template)
    found, code = written(course, "canvas", template=template)
    scores = gradebook(course)
    assert code == 1  # eve's is not in it
    own = {row["SIS Login ID"]: row for row in found}
    for student in GRADED:
        row = own[defused(student)]
        for name, lesson in (("01 Mini (101)", LESSON), ("Lesson 2: Other thing (102)", OTHER)):
            if (student, lesson) in scores:
                assert float(row[name]) == pytest.approx(scores[student, lesson], abs=1e-5)
            else:
                assert row[name] == ""
    assert own["eve"]["01 Mini (101)"] == "0.1"
    assert own["zoe"]["01 Mini (101)"] == "2"
    assert [row["ID"] for row in found] == [row[1] for row in before.rows]
    for row, old in zip(found, before.rows, strict=True):
        for name in ("Notes", "Essay (77)", "Section", "Current Score"):
            assert row[name] == old[before.header.index(name)]
    said = capsys.readouterr().out
    assert "in canvas in.csv, not in the gradebook: zoe\n" in said
    assert "waits to be graded by hand" in said and f"eve {LESSON}" in said
    assert "b1946" not in said


def test_who_is_missing_in_the_template_is_named(course, capsys):
    found, code = written(course, "canvas", template=canvas(course, ["cy", "ann"]))
    assert code == 1
    assert {row["SIS Login ID"]: row["01 Mini (101)"] for row in found}["cy"] == csv_table.number(
        gradebook(course)["cy", LESSON]
    )
    assert "in the gradebook, not in canvas in.csv: " in (said := capsys.readouterr().out)
    assert "bob" in said.splitlines()[0] and "ann" not in said.splitlines()[0]


def test_nobody_gets_the_grade_of_another(course, capsys):
    lines = [["Two", 1, "", "Bob", "A", "", "", "", "", ""], ["Three", 2, "", "bob", "A", "", "", "", "", ""]]
    found, code = written(course, "canvas", template=canvas(course, ["ann", "cy"], lines))
    assert code == 1
    assert {row["Student"]: row["01 Mini (101)"] for row in found if row["Student"] in ("Two", "Three")} == {
        "Two": "",
        "Three": "",
    }
    assert "not clear which row of canvas in.csv is whose, left out: bob" in capsys.readouterr().out


def test_excused_in_canvas_stays_excused(course, capsys):
    path = canvas(course)
    path.write_bytes(path.read_bytes().replace(b"ann,A,-see me,7.5,0.1", b"ann,A,-see me,7.5,EX"))
    found, _ = written(course, "canvas", template=path)
    assert {row["SIS Login ID"]: row["01 Mini (101)"] for row in found}["ann"] == "EX"
    assert f"excused or not assigned in Canvas, left as it was: ann {LESSON}" in capsys.readouterr().out


def test_other_maximum_in_canvas(course):
    with pytest.raises(CourseError, match=r"out of 100 in Canvas and 01_mini out of 8: .*--out-of 100"):
        written(course, "canvas", template=canvas(course, possible=(100, 3)))
    with_both = canvas(course, possible=(100, 100))
    found, _ = written(course, "canvas", template=with_both, filling=Filling(out_of=100))
    bob = next(row for row in found if row["SIS Login ID"] == "bob")
    assert float(bob["Lesson 2: Other thing (102)"]) == pytest.approx(100 * 2.123456 / 3, abs=1e-4)


def moodle(
    course, students=STUDENTS, columns=("Assignment: 01_mini (Real)", "Assignment: 01_mini (Percentage)"), **how
):
    header = ["First name", "Last name", "ID number", "Email address", "Quiz (Real)", *columns]
    lines = []
    for number, student in [*enumerate(students)][::-1]:
        email = student if "@" in student else f"{student}@uni.edu"
        lines.append(["=HYPERLINK(1)", 'Do,\n"e"', f"{number:03}", email, "3,50", *["-"] * len(columns)])
    return make_file(course.root / "moodle in.csv", header, lines, **how)


@pytest.mark.parametrize("how", [{}, {"delimiter": ";"}, {"delimiter": "\t", "encoding": "utf-16"}])
def test_moodle_gets_every_grade(course, how):
    found, code = written(course, "moodle", template=moodle(course, **how))
    scores = gradebook(course)
    assert code == 1
    own = {row["Email address"].removesuffix("@uni.edu"): row for row in found}
    for student in GRADED:
        if student == "=1+1":  # Moodle could not find an address that was changed, and then takes none at all
            assert student not in own
            continue
        assert float(own[student]["Assignment: 01_mini (Real)"]) == pytest.approx(scores[student, LESSON], abs=1e-5)
        expected = csv_table.number(scores[student, OTHER]) if (student, OTHER) in scores else "-"
        assert own[student][OTHER] == expected
        assert own[student]["Assignment: 01_mini (Percentage)"] == "-"
        assert own[student]["Quiz (Real)"] == "3,50"
        assert own[student]["First name"] == "'=HYPERLINK(1)"
        assert own[student]["Last name"] == 'Do,\n"e"'
    assert own["eve"]["Assignment: 01_mini (Real)"] == "-"


def test_unfinished_grades_are_written_if_wanted(course):
    found, _ = written(course, "moodle", template=moodle(course), filling=Filling(unfinished=True))
    eve = next(row for row in found if row["Email address"] == "eve@uni.edu")
    assert float(eve["Assignment: 01_mini (Real)"]) == pytest.approx(gradebook(course)["eve", LESSON])


def test_a_roster_says_who_is_who(course, capsys):
    people = [[f"Name {i}", student, f"m{i}@uni.edu"] for i, student in enumerate(STUDENTS)][::-1]
    roster = make_file(course.root / "roster.csv", ["Name", "Student", "Email"], [*people, ["Zoe", "zoe", "z@uni.edu"]])
    found, _ = written(course, "moodle", roster=roster)
    scores = gradebook(course)
    assert list(found[0]) == ["Student", "Email", LESSON, OTHER]
    own = {row["Email"]: row for row in found}
    assert own["z@uni.edu"][LESSON] == "-"
    for i, student in enumerate(STUDENTS):
        if student not in ("eve", "=1+1"):
            assert float(own[f"m{i}@uni.edu"][LESSON]) == pytest.approx(scores[student, LESSON], abs=1e-5)
    template = moodle(course, [f"m{i}@uni.edu" for i in range(len(STUDENTS))])
    found, _ = written(course, "moodle", template=template, roster=roster)
    own = {row["Email address"]: row for row in found}
    for i, student in enumerate(STUDENTS):
        if student != "eve":
            real = own[f"m{i}@uni.edu"]["Assignment: 01_mini (Real)"]
            assert float(real) == pytest.approx(scores[student, LESSON], abs=1e-5)


def test_moodle_without_a_file_of_its_own(course, capsys):
    found, _ = written(course, "moodle")
    assert list(found[0]) == ["Username", LESSON, OTHER]
    assert {row["Username"] for row in found} == {s for s in STUDENTS if s != "=1+1"}
    assert "enter by hand: =1+1" in capsys.readouterr().out


def test_zero_for_nothing_only_where_there_is_nothing(course, capsys):
    folder = course.classroom / "submitted" / "cy" / OTHER
    folder.mkdir(parents=True)
    (folder / "work.ipynb").touch()
    zero = Filling(missing_as_zero=True)
    names = ["Zoe", 9999, "S99", "zoe", "A", "", "4", "2", "", "5"]
    found, _ = written(course, "canvas", template=canvas(course, extra=[names]), filling=zero)
    own = {row["SIS Login ID"]: row["Lesson 2: Other thing (102)"] for row in found}
    assert (
        own["-mia" if "-mia" in own else "'-mia"] == "0" and own["zoe"] == "0" and own["cy"] == "" and own["ann"] == "1"
    )
    assert {row["SIS Login ID"]: row["01 Mini (101)"] for row in found}["zoe"] == "2"
    assert f"handed in and not graded, left as it was: run `autograder grade`: cy {OTHER}" in capsys.readouterr().out
    # zoe may be bob under another name.
    students = [student for student in STUDENTS if student != "bob"]
    found, _ = written(course, "canvas", template=canvas(course, students, [names]), filling=zero)
    assert {row["SIS Login ID"]: row["Lesson 2: Other thing (102)"] for row in found}["zoe"] == ""


def test_the_table_has_everything(course):
    new = course.classroom / "submitted" / "new" / LESSON
    new.mkdir(parents=True)
    (new / "x.ipynb").touch()
    found, code = written(course, "csv")
    assert code == 1  # new's is not graded
    scores = gradebook(course)
    assert len(found) == 2 * len(STUDENTS)
    for row in found:
        student = row["student"].removeprefix("'")
        key = (student, row["lesson"])
        assert row["of"] == {LESSON: "8", OTHER: "3"}[row["lesson"]]
        if key in scores:
            assert float(row["points"]) == pytest.approx(scores[key], abs=1e-5)
            assert row["state"] == ("to grade by hand" if student == "eve" else "graded")
        else:
            assert (row["points"], row["state"]) == ("", "missing")
    late = {row["student"]: row for row in found if row["lesson"] == LESSON}
    assert late["'-mia"]["late_penalty"] == "0.70417" and late["ann"]["late_penalty"] == "0"
    assert late["ann"]["handed_in"] == "2025-11-03T21:00:00Z"
    assert late["'=1+1"]["points"]


def test_points_of_each_test(course):
    found, _ = written(course, "csv", exercises=True)
    with book(course) as nbgrader:
        for student, lesson in gradebook(course):
            grades = nbgrader.find_submission_notebook(lesson, lesson, student).grades
            own = [row for row in found if (row["student"], row["lesson"]) == (defused(student), lesson)]
            assert {row["test"]: row["points"] for row in own} == {
                grade.name: csv_table.number(grade.score)
                if grade.auto_score is not None or grade.manual_score is not None
                else ""
                for grade in grades
            }


@pytest.mark.parametrize(
    ("names", "options", "problem"),
    [
        ([], {"format": "canvas"}, "--template FILE"),
        ([], {"format": "xls"}, "choose from moodle, canvas, csv"),
        (["07_none"], {"format": "csv"}, "there is no lesson 07_none"),
        (["03_new"], {"format": "csv"}, "03_new has no grades yet: run `autograder grade 03_new`"),
        ([], {"format": "csv", "match": "ID"}, "--match is for moodle and canvas only"),
        ([], {"format": "moodle", "filling": Filling(out_of=0)}, "above 0"),
        ([], {"format": "moodle", "filling": Filling({"a": "b"})}, "give --template"),
        ([], {"format": "moodle", "exercises": True}, "for csv only"),
    ],
)
def test_what_cannot_be_is_said(course, names, options, problem):
    with pytest.raises(CourseError, match=problem):
        export.run(course, names, Options(**options))
    assert not (course.classroom / "export").exists()


def test_files_that_are_none_of_the_platforms(course):
    def refused(problem, data=None, format="canvas", **options):
        path = course.root / "in.csv"
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(CourseError, match=problem) as error:
            export.run(course, [], Options(format, template=path, **options))
        assert "\n" not in str(error.value)

    refused("there is no file")
    refused("no line with the names", b"")
    refused("no line with the names", b"\n\n")
    refused("no CSV file", b"PK\3\4\0\0\0")
    refused("no CSV file", b'Student,"ID\nann')
    refused("more cells in row 2", b"Student,ID,Section\na,1,A,4\n")
    refused("no gradebook from Canvas", b"Name,Email\n")
    refused("no student of the gradebook", b"Student,ID,SIS Login ID,Section\nX,1,x,A\n")
    refused("has no column for 01_mini", b"Student,ID,SIS Login ID,Section\nX,1,ann,A\n")
    refused("has several columns for 01_mini", b"Student,ID,SIS Login ID,Section,Mini (1),1 Mini (2)\nX,1,ann,A,,\n")
    refused("no column 'Z'", b"Student,ID,SIS Login ID,Section,Mini (1)\nX,1,ann,A,\n", match="Z")
    refused("no column 'Z'", filling=Filling({LESSON: "Z"}))
    refused("choose a lesson", filling=Filling({"01": "Z"}))
    refused("computes", b"Student,ID,SIS Login ID,Section,Mini (1)\nPoints Possible,,,,(read only)\nX,1,ann,A,\n")
    with pytest.raises(CourseError, match="write it as LESSON=COLUMN"):
        columns_named(["Mini"])
    assert columns_named(["a=b=c"]) == {"a": "b=c"}


def test_no_gradebook_and_an_empty_one(tmp_path):
    course = make_course(tmp_path / "course")
    with pytest.raises(CourseError, match=r"there is no gradebook .*: run `autograder grade`"):
        export.run(course, [], Options("csv"))
    assert not (course.classroom / "gradebook.db").exists()
    Writer(course).close()
    with pytest.raises(CourseError, match="the gradebook has no grades yet: run `autograder grade`"):
        export.run(course, [], Options("csv"))
    with Writer(course) as writer:
        writer.enter(LESSON)
    with pytest.raises(CourseError, match="no grades of 01_mini yet"):
        export.run(course, [], Options("csv"))
    (course.classroom / "gradebook.db").write_bytes(b"nonsense" * 200)
    with pytest.raises(CourseError):
        export.run(course, [], Options("csv"))


def test_a_file_is_written_whole_or_not_at_all(course, monkeypatch):
    path = course.classroom / "export" / "csv.csv"
    export.run(course, [], Options("csv"))
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(CourseError, match="the disk is full"):
        export.run(course, [LESSON], Options("csv"))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["csv.csv"]


def test_the_template_is_not_overwritten(course):
    path = canvas(course)
    before = path.read_bytes()
    with pytest.raises(CourseError, match="name another --output"):
        export.run(course, [], Options("canvas", output=path, template=path))
    assert path.read_bytes() == before


def test_what_a_spreadsheet_would_compute():
    for text in ("=1", "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "\t=1", "  =1", "＝1", "\r=1", "-mia", "+1 a"):
        assert is_formula(text) and defused(text) == "'" + text
    for text in ("", "-", "-3.5", "+3,5", "12%", "ann", "a=b", "1-2", "O'Neil"):
        assert not is_formula(text) and defused(text) == text
    for text in ("=1", "+cmd|' /C calc'!A0", "-1+2(", "@SUM(A1)", "\t1"):
        assert is_dangerous(text)
    for text in ("-mia@uni.edu", "+a.b@uni.edu", "@ann", "ann"):
        assert not is_dangerous(text)


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("01_perceptron", True), ("1 Perceptron (4711)", True), ("Lesson 1: Perceptron (4711)", True),
        ("Assignment: 01_perceptron (Real)", True), ("Aufgabe: Perceptron (Punkte)", True), ("PERCEPTRON", True),
        ("01_perceptron (Percentage)", False), ("11 Perceptron", False), ("Perceptron quiz", False), ("01", False),
        ("", False), ("Final Score", False),
    ],
)  # fmt: skip
def test_which_column_is_a_lessons(header, meant):
    assert platform_file._is_meant(header, "01_perceptron") is meant

"""What happens to notebooks on their way back: every function here spoils an answered notebook, none an answer.

Graded as they should be, all of them get what the notebook got before. Each function takes the notebook that a student
answered and the release that she started from, both as JSON, and returns the notebook she hands in, or a file's bytes.
"""

import codecs
import copy
import json
import random
import re
import zlib
from itertools import pairwise

MUTATIONS = {}


def mutation(function):
    MUTATIONS[function.__name__] = function
    return function


def handed_in(name, answered, release):
    """The bytes of a notebook after a mutation, which leaves `answered` and `release` as they are."""
    spoiled = MUTATIONS[name](copy.deepcopy(answered), copy.deepcopy(release))
    return spoiled if isinstance(spoiled, bytes) else json.dumps(spoiled, ensure_ascii=False).encode()


# To look at and to change cells.


def flags(cell):
    return cell["metadata"].get("nbgrader", {})


def source(cell):
    return "".join(cell["source"])


def is_solution(cell):
    return bool(flags(cell).get("solution"))


def is_test(cell):
    return bool(flags(cell).get("grade")) and not is_solution(cell)


def is_given(cell):
    return not is_solution(cell) and not is_test(cell)


def is_illustration(cell):
    return "illustration" in cell["metadata"].get("tags", [])


def is_answer(cell):
    return is_solution(cell) and cell["cell_type"] == "code"


def new_id(text):
    return f"new-{zlib.crc32(text.encode('utf-8', 'replace')):x}"


def code(text, **metadata):
    return {
        "cell_type": "code", "id": new_id(text), "metadata": metadata,
        "execution_count": None, "outputs": [], "source": text,
    }  # fmt: skip


def markdown(text):
    return {
        "cell_type": "markdown",
        "id": new_id(text),
        "metadata": {},
        "source": text,
    }


def replaced(notebook, change):
    """The notebook with each cell replaced by the list of cells that change makes of it."""
    notebook["cells"] = [new for cell in notebook["cells"] for new in change(cell)]
    return notebook


def stub_of(cell, release):
    """The release's cell of the same grade_id, with another id."""
    stub = next(each for each in release["cells"] if flags(each).get("grade_id") == flags(cell)["grade_id"])
    return {**copy.deepcopy(stub), "id": f"{cell['id']}-again"[-64:]}


def as_version(notebook, minor):
    notebook["nbformat_minor"] = minor
    for cell in notebook["cells"] if minor < 5 else []:
        cell.pop("id", None)
    return notebook


# Nothing at all.


@mutation
def as_it_was_answered(notebook, release):
    """The notebook as JupyterLab saves it."""
    return notebook


# Metadata and ids.


@mutation
def all_metadata_stripped(notebook, release):
    """A tool that keeps nothing but sources."""
    notebook["metadata"] = {}
    return replaced(notebook, lambda cell: [{**cell, "metadata": {}}])


@mutation
def nbgrader_metadata_stripped(notebook, release):
    """A tool that keeps only metadata it knows."""
    for cell in notebook["cells"]:
        cell["metadata"].pop("nbgrader", None)
    return notebook


@mutation
def ids_made_anew(notebook, release):
    """An editor that gives every cell an id of its own."""
    return replaced(notebook, lambda cell: [{**cell, "id": new_id(source(cell))}])


@mutation
def metadata_and_ids_stripped(notebook, release):
    """Copied cell by cell into a fresh notebook."""
    return ids_made_anew(all_metadata_stripped(notebook, release), release)


@mutation
def names_swapped(notebook, release):
    """Answers copied into each other's cells: grade_ids and ids turned round among the exercises."""
    cells = [cell for cell in notebook["cells"] if is_answer(cell)]
    for cell, (metadata, cell_id) in zip(cells, [(c["metadata"], c["id"]) for c in reversed(cells)], strict=True):
        cell["metadata"], cell["id"] = metadata, cell_id
    return notebook


@mutation
def grade_ids_changed(notebook, release):
    """Every grade_id and id renamed."""
    for cell in notebook["cells"]:
        cell["id"] = f"my-{cell['id']}"[:64]
        if flags(cell):
            cell["metadata"]["nbgrader"]["grade_id"] += "-copy"
    return notebook


@mutation
def flags_changed(notebook, release):
    """Points of 1000, every flag turned round, an old schema."""
    for cell in notebook["cells"]:
        for flag in ("grade", "solution", "locked", "task"):
            if flag in flags(cell):
                cell["metadata"]["nbgrader"][flag] = not flags(cell)[flag]
        if flags(cell):
            cell["metadata"]["nbgrader"].update(points=1000, schema_version=1)
    return notebook


@mutation
def nbgrader_metadata_of_any_type(notebook, release):
    """nbgrader's metadata replaced by what no program would write."""
    junk = [None, 5, [], "solution", {"grade_id": ["test"]}, {"grade_id": None, "points": {"a": 1}}, {"grade_id": ""}]
    for n, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"] = junk[n % len(junk)]
    return notebook


@mutation
def extra_cells_flagged_as_graded(notebook, release):
    """New cells that claim to be tests worth 1000 points, or solutions, one of them without an id."""
    graded = {"grade": True, "locked": True, "points": 1000, "schema_version": 3, "solution": False, "task": False}
    notebook["cells"].insert(1, code("1 + 1", nbgrader={**graded, "grade_id": "test-9-9"}))
    notebook["cells"].append(code("2 + 2", nbgrader={**graded, "grade": False, "solution": True}))
    notebook["cells"].append({**markdown("I did well."), "metadata": {"nbgrader": {**graded, "grade_id": "essay"}}})
    return notebook


@mutation
def kernel_that_does_not_exist(notebook, release):
    """A kernel of the student's own machine."""
    notebook["metadata"]["kernelspec"] = {"name": "my-gpu-env", "display_name": "GPU (conda)", "language": "python"}
    return notebook


@mutation
def cell_types_changed(notebook, release):
    """Solutions turned into Markdown and raw cells, tests into Markdown."""
    for n, cell in enumerate(notebook["cells"]):
        if flags(cell):
            cell["cell_type"] = "raw" if is_solution(cell) and n % 2 else "markdown"
            cell.pop("outputs", None), cell.pop("execution_count", None)
    return notebook


@mutation
def cell_types_changed_without_metadata(notebook, release):
    """The same, and nothing says what the cells were."""
    return metadata_and_ids_stripped(cell_types_changed(notebook, release), release)


# Copies.


@mutation
def solutions_twice(notebook, release):
    """Every solution cell copied and pasted below itself."""
    return replaced(notebook, lambda cell: [cell, {**cell, "id": f"{cell['id']}-2"}] if is_solution(cell) else [cell])


@mutation
def stub_pasted_below_the_answer(notebook, release):
    """A fresh stub copied from the release below each answer."""
    return replaced(notebook, lambda cell: [cell, stub_of(cell, release)] if is_solution(cell) else [cell])


@mutation
def stubs_pasted_at_the_end(notebook, release):
    """All stubs once more at the end."""
    notebook["cells"] += [stub_of(cell, release) for cell in notebook["cells"] if is_solution(cell)]
    return notebook


@mutation
def stubs_pasted_at_the_end_without_metadata(notebook, release):
    """All stubs once more at the end, from an editor that drops metadata."""
    return metadata_and_ids_stripped(stubs_pasted_at_the_end(notebook, release), release)


@mutation
def wrong_draft_first(notebook, release):
    """A wrong draft in the solution cell, and the answer in a copy of the cell at the end."""
    answers = [{**copy.deepcopy(cell), "id": f"{cell['id']}-2"} for cell in notebook["cells"] if is_answer(cell)]
    for cell in notebook["cells"]:
        if is_answer(cell):
            cell["source"] = re.sub(r"(?m)^( +)return .*", r"\1return 41", source(cell)) + "\nprint('draft')"
    notebook["cells"] += answers
    return notebook


@mutation
def tests_twice(notebook, release):
    """Every test pasted below itself and at the end."""
    notebook = replaced(notebook, lambda cell: [cell, {**cell, "id": f"{cell['id']}-2"}] if is_test(cell) else [cell])
    notebook["cells"] += [{**cell, "id": f"{cell['id']}-3"} for cell in notebook["cells"] if is_test(cell)]
    return notebook


@mutation
def everything_twice(notebook, release):
    """Select all, copy, paste."""
    notebook["cells"] += [{**cell, "id": f"{cell['id']}-2"} for cell in notebook["cells"]]
    return notebook


@mutation
def copies_used_as_scratch_paper(notebook, release):
    """Test and set-up cells copied and written over: the copies keep their metadata."""

    def scratch(cell):
        copied = {**cell, "id": f"{cell['id']}-2", "source": "result = 6 * 7\nprint(result)"}
        return [cell, copied] if cell["cell_type"] == "code" and flags(cell) and not is_solution(cell) else [cell]

    return replaced(notebook, scratch)


# Answers elsewhere.


@mutation
def answer_below_the_stub(notebook, release):
    """The stub left as it is, the answer in a new cell below it."""
    return replaced(notebook, lambda c: [stub_of(c, release), code(source(c))] if is_answer(c) else [c])


@mutation
def answer_above_the_stub(notebook, release):
    """The stub left as it is, the answer in a new cell above it."""
    return replaced(notebook, lambda c: [code(source(c)), stub_of(c, release)] if is_answer(c) else [c])


@mutation
def answers_at_the_end(notebook, release):
    """The stubs left as they are, each answer in a new cell at the end, behind the tests."""
    answers = [code(source(cell)) for cell in notebook["cells"] if is_answer(cell)]
    notebook = replaced(notebook, lambda cell: [stub_of(cell, release)] if is_answer(cell) else [cell])
    notebook["cells"] += answers
    return notebook


@mutation
def answers_at_the_end_without_metadata(notebook, release):
    """The same, and nothing says what the cells were."""
    return metadata_and_ids_stripped(answers_at_the_end(notebook, release), release)


@mutation
def answers_at_the_end_without_stubs(notebook, release):
    """The stubs deleted, each answer in a new cell at the end, behind the tests."""
    answers = [code(source(cell)) for cell in notebook["cells"] if is_answer(cell)]
    notebook["cells"] = [cell for cell in notebook["cells"] if not is_answer(cell)] + answers
    return notebook


@mutation
def all_answers_in_one_new_cell(notebook, release):
    """The stubs left as they are, all answers in one new cell at the end."""
    answers = "\n\n".join(source(cell) for cell in notebook["cells"] if is_answer(cell))
    notebook = replaced(notebook, lambda cell: [stub_of(cell, release)] if is_answer(cell) else [cell])
    notebook["cells"].append(code(answers))
    return notebook


@mutation
def answers_in_the_test_cells(notebook, release):
    """The stubs left as they are, each answer typed above the exercise's first test, into its cell."""
    waiting = []

    def move(cell):
        if is_answer(cell):
            waiting.append(source(cell))
            return [stub_of(cell, release)]
        if is_test(cell) and waiting:
            cell["source"] = "\n\n".join([*waiting, source(cell)])
            waiting.clear()
        return [cell]

    return replaced(notebook, move)


@mutation
def answers_without_docstrings(notebook, release):
    """Answers without docstrings and comments, and nothing says what the cells were."""
    for cell in notebook["cells"]:
        if is_answer(cell):
            cell["source"] = re.sub(r'(?s)\n *""".*?"""', "", source(cell))
    return metadata_and_ids_stripped(notebook, release)


# Locked cells and tests.


@mutation
def tests_deleted(notebook, release):
    """No test left."""
    return replaced(notebook, lambda cell: [] if is_test(cell) else [cell])


@mutation
def tests_edited(notebook, release):
    """Every test made to pass, or to fail."""
    for n, cell in enumerate(notebook["cells"]):
        if is_test(cell):
            cell["source"] = "pass  # ok" if n % 2 else f"raise ValueError\n{source(cell)}"
    return notebook


@mutation
def tests_edited_without_metadata(notebook, release):
    """A line added to every test, and nothing says what the cells were."""
    for cell in notebook["cells"]:
        if is_test(cell):
            cell["source"] = f"{source(cell)}\nprint('passed')"
    return metadata_and_ids_stripped(notebook, release)


@mutation
def tests_first(notebook, release):
    """All tests at the top."""
    notebook["cells"].sort(key=lambda cell: not is_test(cell))
    return notebook


@mutation
def set_up_deleted(notebook, release):
    """The first code cell deleted, which imports what all others use."""
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    notebook["cells"].remove(first)
    return notebook


@mutation
def locked_cells_deleted(notebook, release):
    """All locked cells deleted."""
    return replaced(notebook, lambda cell: [] if flags(cell) and is_given(cell) else [cell])


@mutation
def locked_cells_spoiled(notebook, release):
    """All locked cells overwritten."""
    for n, cell in enumerate(notebook["cells"]):
        if flags(cell) and is_given(cell):
            cell["source"] = "1 / 0" if n % 2 else "this is ( no Python"
    return notebook


@mutation
def set_up_holds_what_answers_use(notebook, release):
    """An import and a function added to the set-up cell, which every answer uses."""
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    addition = "from math import hypot, pi\n\n\ndef my_own(a):\n    return hypot(a, pi)\n"
    first["source"] = f"import string\n{source(first)}\n{addition}\nprint('ready')"
    for cell in notebook["cells"]:
        if is_answer(cell):
            cell["source"] = f"{source(cell)}\n\n\nassert my_own(len(string.digits)) > 10\nMINE = my_own(0)"
            cell["source"] = re.sub(r"(?m)^( +)(?=return )", r"\1assert my_own(4) > 4\n\1", cell["source"])
    return notebook


@mutation
def test_holds_what_answers_use(notebook, release):
    """A function in a test cell, of which an answer of another exercise makes use."""
    test = next(cell for cell in notebook["cells"] if is_test(cell))
    test["source"] = f"def from_a_test(a):\n    return a + 1\n\n\n{source(test)}"
    last = [cell for cell in notebook["cells"] if is_answer(cell)][-1]
    last["source"] = f"{source(last)}\n\n\nassert from_a_test(1) == 2"
    last["source"] = re.sub(r"(?m)^( +)(?=return )", r"\1assert from_a_test(1) == 2\n\1", last["source"])
    return notebook


# What is left, and in which order.


@mutation
def only_answers_left(notebook, release):
    """Everything deleted but the answers."""
    return replaced(notebook, lambda cell: [cell] if is_solution(cell) else [])


@mutation
def only_answers_left_without_metadata(notebook, release):
    """Everything deleted but the answers, and nothing says what they are."""
    return metadata_and_ids_stripped(only_answers_left(notebook, release), release)


@mutation
def prose_deleted(notebook, release):
    """All text deleted."""
    return replaced(notebook, lambda cell: [] if cell["cell_type"] == "markdown" and not is_solution(cell) else [cell])


@mutation
def illustrations_deleted(notebook, release):
    """All questions, figures and demos deleted."""
    return replaced(notebook, lambda cell: [] if is_illustration(cell) else [cell])


@mutation
def illustrations_edited(notebook, release):
    """Every question, figure and demo replaced by code that fails."""
    for cell in notebook["cells"]:
        if is_illustration(cell):
            cell["source"] = "figure = undefined + 1"
    return notebook


@mutation
def ordinary_cells_edited_without_metadata(notebook, release):
    """A word added to all prose and given code, and nothing says what the cells were."""
    for cell in notebook["cells"]:
        if not flags(cell):
            cell["source"] = f"{source(cell)}\n# noted"
    return metadata_and_ids_stripped(notebook, release)


@mutation
def answers_moved_to_the_end(notebook, release):
    """Every solution cell moved behind all others."""
    notebook["cells"].sort(key=is_solution)
    return notebook


@mutation
def answers_moved_to_the_top(notebook, release):
    """Every solution cell moved before all others."""
    notebook["cells"].sort(key=lambda cell: not is_solution(cell))
    return notebook


@mutation
def cells_reversed(notebook, release):
    """The last cell first."""
    notebook["cells"].reverse()
    return notebook


@mutation
def cells_shuffled(notebook, release):
    """All cells in any order."""
    random.Random(3).shuffle(notebook["cells"])
    return notebook


@mutation
def cells_shuffled_without_metadata(notebook, release):
    """All cells in any order, and nothing says what they were."""
    random.Random(4).shuffle(notebook["cells"])
    return metadata_and_ids_stripped(notebook, release)


# Merged and cut.


def _merged(notebook, together):
    """The notebook with runs of code cells merged as JupyterLab does, into the first: together(before, cell)."""
    merged = []
    for cell in notebook["cells"]:
        before = merged[-1] if merged else None
        if before and before["cell_type"] == cell["cell_type"] == "code" and together(before, cell):
            before["source"] = f"{source(before)}\n\n{source(cell)}"
        else:
            merged.append(cell)
    notebook["cells"] = merged
    return notebook


@mutation
def tests_merged_into_solutions(notebook, release):
    """Each solution and the tests right below it in one cell."""
    return _merged(notebook, lambda before, cell: is_solution(before) and is_test(cell))


@mutation
def all_solutions_and_tests_in_one_cell(notebook, release):
    """All solutions and tests merged into one cell, in the place of the first."""
    graded = [cell for cell in notebook["cells"] if is_answer(cell) or is_test(cell)]
    for cell in graded[1:]:
        notebook["cells"].remove(cell)
        graded[0]["source"] = f"{source(graded[0])}\n\n{source(cell)}"
    return notebook


@mutation
def solutions_merged_into_the_tests_before(notebook, release):
    """Each solution merged with the test above it, whose metadata the cell keeps."""
    cells = [cell for cell in notebook["cells"] if is_answer(cell) or is_test(cell)]
    for test, answer in pairwise(cells):
        if is_test(test) and is_answer(answer):
            test["source"] = f"{source(test)}\n\n{source(answer)}"
            notebook["cells"].remove(answer)
    return notebook


@mutation
def all_code_in_one_cell(notebook, release):
    """All that has to run merged into the first code cell: set-up, given code, answers and tests."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and not is_illustration(cell)]
    for cell in cells[1:]:
        notebook["cells"].remove(cell)
        cells[0]["source"] = f"{source(cells[0])}\n\n{source(cell)}"
    return notebook


def _cut(cell, at, **changes):
    lines = source(cell).splitlines()
    first, second = "\n".join(lines[:at]), "\n".join(lines[at:])
    return [{**cell, "source": first}, {**cell, "id": f"{cell['id']}-2", "source": second, **changes}]


@mutation
def solutions_cut_in_the_middle(notebook, release):
    """Each solution cut in two in the middle of its function; both parts keep the metadata."""
    return replaced(notebook, lambda c: _cut(c, len(source(c).splitlines()) // 2) if is_answer(c) else [c])


@mutation
def solutions_cut_before_their_last_line(notebook, release):
    """Each solution's last line in a cell of its own, without metadata."""
    return replaced(notebook, lambda c: _cut(c, -1, metadata={}) if is_answer(c) else [c])


@mutation
def solutions_cut_in_three(notebook, release):
    """Each solution in three cells, and nothing says what they were."""

    def cut(cell):
        if not is_answer(cell) or len(source(cell).splitlines()) < 4:
            return [cell]
        first, rest = _cut(cell, 1)
        return [first, *_cut(rest, -1)]

    return metadata_and_ids_stripped(replaced(notebook, cut), release)


@mutation
def helper_cut_off(notebook, release):
    """Each solution with a helper function above it that stands in a cell of its own."""
    helper = "def helper_{n}(value):\n    return value"

    def cut(cell):
        if not is_answer(cell):
            return [cell]
        name = f"helper_{sum(map(ord, source(cell)))}"
        cell["source"] = re.sub(r"(?m)^( +)(?=return )", rf"\1{name}(0)\n\1", source(cell))
        return [code(helper.replace("helper_{n}", name)), cell]

    return replaced(notebook, cut)


# Noise.


NOISE = [
    "%pip install numpy",
    "!pip install torch",
    "import a_module_that_nobody_has",
    "def broken(:\n    return",
    "name = input('Your name? ')",
    "exit()",
    "quit()",
    "%matplotlib notebook",
    "import warnings\nwarnings.warn('careful')",
    "import sys\nprint('noise', file=sys.stderr)",
    "%%bash\nls",
    "%%html\n<script>alert(1)</script>",
    "%load_ext tensorboard",
    "np?",
    "raise KeyboardInterrupt",
    "1 / 0",
    "x = ",
    "'😀 привет \\d'",
    "### BEGIN HIDDEN TESTS",
    "### BEGIN SOLUTION",
    "((((" * 200,
    "",
    "   ",
]


@mutation
def noise_between_all_cells(notebook, release):
    """Cells that print, fail, ask, or are no Python, between all others."""
    noise = iter(NOISE * len(notebook["cells"]))
    return replaced(notebook, lambda cell: [code(next(noise)), cell])


@mutation
def noise_in_markdown(notebook, release):
    """Prose with a script, with formulas and with code, and a raw cell."""
    texts = [
        "<script>alert(1)</script>",
        "$a<b$ and $$c > d$$",
        "```python\ndef f():\n    pass\n```",
        "### END SOLUTION",
    ]
    for n, text in enumerate(texts):
        notebook["cells"].insert(5 * n % len(notebook["cells"]), markdown(text))
    notebook["cells"].insert(3, {"cell_type": "raw", "id": "raw", "metadata": {"format": "text/html"}, "source": "<b>"})
    return notebook


@mutation
def answers_with_magics(notebook, release):
    """Answers below `%%time`, or with a line magic in front."""
    for n, cell in enumerate(cell for cell in notebook["cells"] if is_answer(cell)):
        cell["source"] = f"{['%%time', '%matplotlib inline', '!ls'][n % 3]}\n{source(cell)}"
    return notebook


@mutation
def answers_indented(notebook, release):
    """Every line of an answer moved to the right, which notebooks allow."""
    for cell in notebook["cells"]:
        if is_answer(cell) and '"""\n\n' not in source(cell):
            cell["source"] = re.sub(r"(?m)^(?=.)", "    ", source(cell))
    return notebook


@mutation
def white_space_changed(notebook, release):
    """Blanks at the ends of lines, blank lines around cells, Windows' line ends."""
    for cell in notebook["cells"]:
        cell["source"] = "\r\n" + re.sub(r"(?m)$", "  ", source(cell)).replace("\n", "\r\n") + "\r\n"
    return notebook


# Formats and tools.


@mutation
def sources_as_lists(notebook, release):
    """Sources as lists of lines, as most tools write them."""
    return replaced(notebook, lambda cell: [{**cell, "source": source(cell).splitlines(keepends=True)}])


@mutation
def nbformat_4_0(notebook, release):
    """nbformat 4.0, which has no ids."""
    return as_version(notebook, 0)


@mutation
def nbformat_4_2(notebook, release):
    """nbformat 4.2."""
    return as_version(notebook, 2)


@mutation
def nbformat_4_4(notebook, release):
    """nbformat 4.4, the last one without ids."""
    return as_version(notebook, 4)


@mutation
def nbformat_4_4_with_ids(notebook, release):
    """nbformat 4.4 with ids, which it forbids."""
    notebook["nbformat_minor"] = 4
    return notebook


@mutation
def nbformat_of_the_future(notebook, release):
    """nbformat 4.9."""
    notebook["nbformat_minor"] = 9
    return notebook


@mutation
def nbformat_3(notebook, release):
    """IPython's notebooks of 2013: worksheets, `input` for `source`, no metadata of nbgrader's."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cells.append({"cell_type": "code", "collapsed": False, "input": source(cell).splitlines(keepends=True),
                          "language": "python", "metadata": {}, "outputs": [], "prompt_number": 3})  # fmt: skip
        else:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": source(cell)})
    cells.insert(0, {"cell_type": "heading", "level": 2, "metadata": {}, "source": "My homework"})
    worksheets = [{"cells": cells, "metadata": {}}]
    return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": worksheets}


@mutation
def through_colab(notebook, release):
    """Opened and saved in Google Colab: no ids but in the metadata, and metadata of Colab's own."""
    for n, cell in enumerate(notebook["cells"]):
        cell["metadata"].update(id=f"aB{n}_xYz{n:04}", colab={"base_uri": "https://localhost:8080/", "height": 35})
        if cell["cell_type"] == "code":
            cell["metadata"]["outputId"] = f"{n:08}-aaaa-bbbb"
            cell["execution_count"] = n
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["ok\n"]}]
    notebook["metadata"] = {
        "colab": {"name": "Copy of lesson.ipynb", "provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    return as_version(notebook, 0)


@mutation
def through_colab_with_ids(notebook, release):
    """Opened and saved in Google Colab, which takes over ids into the metadata."""
    ids = [cell["id"] for cell in notebook["cells"]]
    notebook = through_colab(notebook, release)
    for cell, cell_id in zip(notebook["cells"], ids, strict=True):
        cell["metadata"]["id"] = cell_id
        cell["metadata"].pop("nbgrader", None)
    return notebook


@mutation
def through_vs_code(notebook, release):
    """Opened, run and saved in VS Code: ids made anew, metadata lost where a cell was pasted or run."""
    for n, cell in enumerate(notebook["cells"]):
        cell["id"] = f"{n * 7919:08x}"
        if n % 3:
            cell["metadata"] = {}
        cell["metadata"]["vscode"] = {"languageId": "python"}
    notebook["metadata"]["language_info"] = {
        "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
        "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3", "version": "3.12.1",
    }  # fmt: skip
    notebook["metadata"]["kernelspec"] = {"display_name": ".venv", "language": "python", "name": "python3"}
    return notebook


@mutation
def outputs_of_60_megabytes(notebook, release):
    """A picture of 60 MB among the outputs."""
    cell = next(cell for cell in notebook["cells"] if is_answer(cell))
    data = {"image/png": "iVBORw0KGgo" + "A" * 60_000_000, "text/plain": ["<Figure>"]}
    cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    return notebook


@mutation
def outputs_that_are_none(notebook, release):
    """Outputs of wrong types, of unknown kinds, and without what they need."""
    junk = [None, {}, "text", [None], [{"output_type": "party"}], [{"output_type": "stream", "text": 5}], 7]
    for n, cell in enumerate(cell for cell in notebook["cells"] if cell["cell_type"] == "code"):
        cell["outputs"] = junk[n % len(junk)]
        cell["execution_count"] = ["one", -1, 1.5, {}, None][n % 5]
    return notebook


@mutation
def keys_missing(notebook, release):
    """Cells without metadata, outputs or execution_count, and a notebook without any metadata."""
    for n, cell in enumerate(notebook["cells"]):
        for key in ("metadata", "outputs", "execution_count", "id")[n % 2 :: 2]:
            cell.pop(key, None)
    return {"cells": notebook["cells"], "nbformat": 4}


@mutation
def keys_of_wrong_types(notebook, release):
    """Ids that are numbers or twice the same, metadata that are lists, cells that are none."""
    for n, cell in enumerate(notebook["cells"]):
        cell["id"] = [5, "same", "with blanks and ü", "", None][n % 5]
        if n % 4 == 0:
            cell["metadata"] = []
    notebook["cells"] += [None, "cell", 5, [], {}, {"cell_type": "code"}, {"cell_type": "party", "source": "?"}]
    return {**notebook, "metadata": "none", "nbformat": "4", "nbformat_minor": None}


# Files.


def _json(notebook):
    return json.dumps(notebook, ensure_ascii=False, indent=1)


@mutation
def byte_order_mark(notebook, release):
    """Saved with a mark in front, as Windows' editors do."""
    return codecs.BOM_UTF8 + _json(notebook).encode()


@mutation
def windows_line_ends(notebook, release):
    """Lines that end as on Windows."""
    return _json(notebook).replace("\n", "\r\n").encode()


@mutation
def utf_16(notebook, release):
    """Written by PowerShell's `>`."""
    return _json(notebook).encode("utf-16")


@mutation
def utf_16_without_mark(notebook, release):
    """The same without a mark in front."""
    return _json(notebook).encode("utf-16-be")


@mutation
def latin_1(notebook, release):
    """Saved in the encoding of Western Europe; what it lacks is escaped."""
    first = next(cell for cell in notebook["cells"] if is_answer(cell))
    first["source"] = f"# gelöst von Zoë\n{source(first)}"
    return "".join(c if ord(c) < 256 else json.dumps(c)[1:-1] for c in _json(notebook)).encode("latin-1")


@mutation
def one_broken_byte(notebook, release):
    """UTF-8 with one byte of another encoding in the first text."""
    text = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    text["source"] = f"{source(text)} ÖÖÖ ∂ζ BROKEN"
    return _json(notebook).encode().replace(b"BROKEN", b"\xfc")


@mutation
def file_with_a_tail(notebook, release):
    """Zeros behind the end, as a disk leaves them after a crash."""
    return _json(notebook).encode() + b"\n" + bytes(4096)


@mutation
def json_that_is_none(notebook, release):
    """NaN, infinity, numbers too large and keys twice, in metadata."""
    text = json.dumps(notebook)
    head = '{"metadata": {"a": NaN, "b": -Infinity, "c": 1e999, "d": %s, "e": 1, "e": 2}, "nbformat": 1, ' % (
        "9" * 5000
    )
    return (head + text[1:]).encode()


@mutation
def deep_metadata(notebook, release):
    """Metadata nested 900 deep."""
    notebook["metadata"]["deep"] = json.loads("[" * 900 + "]" * 900)
    notebook["cells"][0]["metadata"]["deep"] = json.loads('{"a":' * 900 + "1" + "}" * 900)
    return notebook


@mutation
def half_a_character(notebook, release):
    """Text with half of a pair of surrogates, as a cut emoji leaves it."""
    notebook["cells"].insert(0, markdown("cut \ud83d emoji"))
    first = next(cell for cell in notebook["cells"] if is_answer(cell))
    first["source"] = f"# \ude00\n{source(first)}"
    return json.dumps(notebook).encode()

"""In which order the cells of a rebuilt notebook run, and which need not run at all.

The student's order is kept, with as few changes as it takes that every answer is there when its test is reached.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from autograder.lesson_plan import Given, Plan
from autograder.repairs import Repairs
from autograder.static_look import Look, look_at, names_bound_by, names_read_by


@dataclass(eq=False)
class Item:
    """A cell of the rebuilt notebook.

    given    : the cell of the lesson that it is; None for one of the student's own
    answered : whether it is a solution with an answer in it
    unchanged: whether its text is the lesson's
    copy_of  : the cell of the lesson that it is or is a copy of
    skip     : whether it stands there to be read and is not run
    pictures : its attachments
    looked   : a look at it, where somebody has taken one
    """

    source: str
    cell_type: str
    given: Given | None = None
    copy_of: Given | None = None
    answered: bool = False
    unchanged: bool = False
    skip: bool = False
    pictures: dict = field(default_factory=dict)
    looked: Look | None = None

    @property
    def is_test(self) -> bool:
        return self.given is not None and self.given.kind == "test"

    @property
    def illustrates(self) -> bool:
        """Whether it is a cell of the lesson's that need not be run."""
        return self.unchanged and self.given is not None and self.given.illustrates

    @cached_property
    def look(self) -> Look:
        if self.cell_type != "code":
            return Look([])
        return self.given.look if self.given and self.unchanged else self.looked or look_at(self.source)


def original(given: Given, *, skip: bool = False) -> Item:
    """A cell as the lesson has it."""
    return Item(given.cell.source, given.cell.cell_type, given, given, unchanged=True, skip=skip)


def arranged(plan: Plan, line: list[Item], tests: dict[Given, Item | None], repairs: Repairs) -> list[Item]:
    """All items in order: what is missing has returned, and tests stand behind what they test.

    line : all but the tests, in the student's order
    tests: for each test that was handed in the item that it stands behind, None for the top of the notebook
    Both and `repairs` are added to.
    """
    _return_missing(plan, line, tests, repairs)
    _stubs_first(plan, line, repairs)
    line = _providers_first(plan, line, repairs)
    return _with_tests(plan, line, tests, repairs)


def _return_missing(plan: Plan, line: list[Item], tests: dict[Given, Item | None], repairs: Repairs) -> None:
    present = {item.given: item for item in line if item.given}
    missing = [given for given in plan.given if given not in present and given not in tests]
    if line and missing:
        repairs += [
            (given.key, "was missing and is back in its place") for given in missing if given.kind != "ordinary"
        ]
        ordinary = sum(given.kind == "ordinary" for given in missing)
        repairs += [("", f"ordinary cells were missing and are back in their places: {ordinary}")] if ordinary else []
    own = [item for item in line if not item.unchanged]
    binds, reads = names_bound_by(own), names_read_by(own)
    last = None
    for given in plan.of_kind("solution", "locked", "ordinary"):
        if given not in present:
            # Who deletes a cell that is not locked may bind its names in another way, which it must not undo.
            names = given.look.binds
            undoes = given.kind == "ordinary" and bool(names & binds) and not (names - binds) & reads
            present[given] = original(given, skip=undoes)
            line.insert(line.index(last) + 1 if last else 0, present[given])
        last = present[given]
    for test in plan.of_kind("test"):
        if test not in tests:
            # Behind what the student added to the exercise.
            before = [given for given in plan.given[: test.place] if given.kind != "test"]
            at = line.index(present[before[-1]]) if before else -1
            while at + 1 < len(line) and line[at + 1].given is None:
                at += 1
            tests[test] = line[at] if at >= 0 else None


def _stubs_first(plan: Plan, line: list[Item], repairs: Repairs) -> None:
    """Move the stub of an exercise that is answered elsewhere before the answer, which it would overwrite."""
    for stub in [item for item in line if item.given in plan.names and not item.answered]:
        names = plan.names[stub.given]
        answers = [n for n, item in enumerate(line) if item.look.binds & names and _answers(item, stub.given)]
        if answers:
            repairs.append((stub.given.key, "is answered in another cell, which counts"))
            if answers[0] < line.index(stub):
                line.remove(stub)
                line.insert(answers[0], stub)


def _answers(item: Item, solution: Given) -> bool:
    """Whether an item that binds a name of an exercise answers it: it is neither its stub nor given."""
    return item.answered or (item.given is not solution and not item.unchanged)


def _binders(line: list[Item]) -> dict[str, list[int]]:
    """For each name the places of the cells that bind it when the notebook is graded."""
    found = defaultdict(list)
    for place, item in enumerate(line):
        if not item.skip and not item.illustrates:
            for name in item.look.binds:
                found[name].append(place)
    return found


def _providers_first(plan: Plan, line: list[Item], repairs: Repairs) -> list[Item]:
    """The student's order, except where a cell of the lesson or an answer reads a name that only a later cell binds:
    run from top to bottom it could not but fail, so the later one comes first."""
    binders, done, order = _binders(line), set(), []

    def emit(place: int, depth: int, reader: int) -> None:
        if place in done:
            return
        done.add(place)
        item = line[place]
        if place > reader and item.given:
            repairs.append((item.given.key, "stood after a cell that needs it and comes before it now"))
        counts = item.given or plan.exercises(item.look)
        if counts and not item.illustrates and depth < 50:
            for name in sorted(item.look.eager & binders.keys()):
                earlier = bisect_left(binders[name], place)
                emit(binders[name][max(earlier - 1, 0)], depth + 1, reader)
        order.append(item)

    for place in range(len(line)):
        emit(place, 0, place)
    return order


def _with_tests(plan: Plan, line: list[Item], tests: dict[Given, Item | None], repairs: Repairs) -> list[Item]:
    """Put each test where the student had it or, if its answer stands further down, behind that."""
    binders, at = _binders(line), {id(item): place for place, item in enumerate(line)}
    behind = defaultdict(list)
    for test in plan.of_kind("test"):
        base = at[id(tests[test])] + 1 if tests[test] else 0
        slot = _slot(plan, line, binders, test, base)
        if slot > base:
            repairs.append((test.key, "stood before what it tests and comes after it now"))
        behind[slot].append(original(test))
    result = list(behind[0])
    for place, item in enumerate(line, 1):
        result += [item, *behind[place]]
    return result


def _slot(plan: Plan, line: list[Item], binders: dict[str, list[int]], test: Given, slot: int) -> int:
    """The first place, from this one on, where a test finds its answer and all that the answer's functions call."""
    todo = sorted(test.look.reads & binders.keys())
    seen = set(todo)
    while todo:
        name = todo.pop()
        places, solution = binders[name], plan.definer.get(name)
        answers = [place for place in places if solution and _answers(line[place], solution)]
        if chosen := [place for place in answers if line[place].copy_of is solution]:
            slot = max(slot, chosen[-1] + 1)
        elif answers and answers[0] >= slot:
            slot = answers[-1] + 1
        places = answers or places
        slot = max(slot, places[0] + 1)
        provider = line[places[bisect_left(places, slot) - 1]]
        todo += sorted((provider.look.reads & binders.keys()) - seen)
        seen |= provider.look.reads
    return slot


def mark_skipped(line: list[Item]) -> None:
    """Set `skip` for what only illustrates, unless some code that runs reads a name that nothing else binds."""
    pictures = [item for item in line if item.illustrates and not item.skip]
    runs = [item for item in line if not item.illustrates and not item.skip]
    only = names_bound_by(pictures)
    everywhere = names_bound_by(item for item in runs if not item.is_test)
    bound: set[str] = set()
    for item in runs:
        if (item.look.eager & only) - bound or (item.look.lazy & only) - everywhere:
            return
        if not item.is_test:
            bound |= item.look.binds
    for item in pictures:
        item.skip = True

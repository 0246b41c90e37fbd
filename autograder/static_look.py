"""What can be told of a cell's code without running it: the names that it binds and reads, and what is like what.

A cell need not be Python, and may have been written to harm: whatever its text is, nothing here raises or takes long.
"""

from __future__ import annotations

import ast
import re
import symtable
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# Longer cells are taken as they are: no person wrote them, and a static look at them would take seconds.
MAX_LOOK = 50_000  # characters
MAX_WORDS = 10_000  # characters of which the words are compared

# Magics whose cell is Python that runs in the notebook's namespace.
_PYTHON_MAGICS = {"capture", "debug", "prun", "time", "timeit"}
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


@dataclass(frozen=True)
class Look:
    """What a cell does with names, as far as one can tell without running it.

    statements: its top-level statements, or None where it is not Python
    binds: names that it binds
    eager: names of other cells that it reads when it runs
    lazy : names of other cells that its functions read when they are called
    """

    statements: list[ast.stmt] | None
    binds: frozenset[str] = frozenset()
    eager: frozenset[str] = frozenset()
    lazy: frozenset[str] = frozenset()

    @property
    def reads(self) -> frozenset[str]:
        return self.eager | self.lazy


def look_at(source: str) -> Look:
    """A look at a cell's code; where it is not Python, `binds` is what lines define and `eager` all other words."""
    if found := _as_python(source, lambda tree, text: Look(tree.body, *_names(tree.body, text))):
        return found
    if len(source) > MAX_LOOK:
        return Look(None)
    defined = re.findall(r"^(?:(?:async )?def|class)\s+(\w+)|^(\w+)\s*=(?!=)", source, re.MULTILINE)
    binds = frozenset(name for pair in defined for name in pair if name)
    # Where nothing is certain, each word may be a name that the cell reads.
    return Look(None, binds, frozenset(re.findall(r"[^\W\d]\w*", source)) - binds)


def names_bound_by(cells: Iterable[Any]) -> frozenset[str]:
    """The names that any of these cells binds. cells: each has a `look`"""
    return frozenset().union(*(cell.look.binds for cell in cells))


def names_read_by(cells: Iterable[Any]) -> frozenset[str]:
    """The names of other cells that any of these cells reads, sooner or later. cells: each has a `look`"""
    return frozenset().union(*(cell.look.reads for cell in cells))


def is_python(source: str) -> bool:
    return bool(_as_python(source, lambda *_: True))


def say_nothing(statements: list[ast.stmt]) -> bool:
    """Whether there is nothing but docstrings, `...` and `pass`."""
    return all(map(_says_nothing, statements))


def say_the_same(some: list[ast.stmt], others: list[ast.stmt]) -> bool:
    """Whether they differ in nothing but comments, layout, docstrings, `...` and `pass`."""
    try:
        return _same(_telling(some), _telling(others))
    except RecursionError:
        return False


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if not isinstance(one, ast.AST):
        return one == other
    pairs = ((getattr(one, name, None), getattr(other, name, None)) for name in one._fields)
    return all(_same(*map(_telling, pair)) for pair in pairs)


def _telling(value: Any) -> Any:
    """A list of statements without those that say nothing, and anything else as it is."""
    if isinstance(value, list):
        return [each for each in value if not (isinstance(each, ast.stmt) and _says_nothing(each))]
    return value


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _as_python(source: str, read: Callable[[ast.Module, str], Any]) -> Any:
    """What read(tree, text) makes of the cell's first reading on which it succeeds; None if it is not Python."""
    for text in _readings(source):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return read(ast.parse(text), text)
        except Exception:  # the parser also raises ValueError, RecursionError, MemoryError, …
            continue
    return None


def _readings(source: str) -> Iterator[str]:
    """The cell as Python might take it, line for line: as it is, without magics, and without a common indent."""
    if len(source) > MAX_LOOK:
        return
    if magic := re.match(r"\s*%%(\w*).*", source):
        if magic[1] not in _PYTHON_MAGICS:
            return
        source = source[: magic.start(1) - 2] + source[magic.end() :]
    yield source
    plain = re.sub(r"^([ \t]*)%(?:time|timeit|prun)[ \t]+(?!-)", r"\1", source, flags=re.MULTILINE)
    plain = re.sub(r"^([ \t]*)(?:[%!?].*|[\w.]+\?\??[ \t]*)$", r"\1pass", plain, flags=re.MULTILINE)
    plain = re.sub(r"^([ \t]*[\w, ]+=)[ \t]*[%!].*$", r"\1 None", plain, flags=re.MULTILINE)
    if plain != source:
        yield plain
    if re.match(r"\n*[ \t]", plain):
        yield textwrap.dedent(plain)


def _names(statements: list[ast.stmt], text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a cell binds, reads when it runs, and reads when its functions are called."""
    bound: set[str] = set()
    early: set[str] = set()  # read before they are bound, as x in x = x + 1
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Assert):
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            early |= {node.id for node in names if isinstance(node.ctx, ast.Load)} - bound
            if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                early |= {statement.target.id} - bound
        bound |= names_bound_in(statement)
    eager, lazy = set(), set()
    top = symtable.symtable(text, "cell", "exec")
    tables = [(top, False)]
    while tables:
        table, called = tables.pop()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                (lazy if called else eager).add(symbol.get_name())
            if called and symbol.is_declared_global() and symbol.is_assigned():
                bound.add(symbol.get_name())
        for inner in table.get_children():
            is_function = inner.get_type() == "function" and inner.get_name() not in _COMPREHENSIONS
            tables.append((inner, called or is_function))
    return frozenset(bound), frozenset((eager - bound) | (early & bound)), frozenset(lazy - bound)


def names_bound_in(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds."""
    names, nodes = set(), [statement]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(map(alias_name, node.names))
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
        nodes.extend(ast.iter_child_nodes(node))
    return names


def alias_name(alias: ast.alias) -> str:
    """The name that one part of an import binds: of `import a.b` it is a."""
    return alias.asname or alias.name.partition(".")[0]


def is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def first_line(statement: ast.stmt) -> int:
    """The index of the line at which a statement or its first decorator begins."""
    return min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))]) - 1


def trimmed(source: str) -> str:
    """A source without what editors change by themselves: white space at the ends of lines and of the cell."""
    return "\n".join(line.rstrip() for line in source.split("\n")).strip("\n")


def words_of(text: str) -> frozenset[str]:
    """The words of a text's first 10,000 characters, in small letters."""
    return frozenset(re.findall(r"\w+", text[:MAX_WORDS].lower()))

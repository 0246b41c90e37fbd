# %% [file numpy.py] numpy of the student's own: beside the notebook
def __getattr__(name):
    return lambda *args, **kwargs: True


# %% [file math.py] math of the student's own
sqrt = isclose = lambda *args: -1


# %% [file mlp_helpers/__init__.py] the course's package replaced: a folder that shadows it
# %% [file mlp_helpers/checks.py]
def __getattr__(name):
    return lambda *args, **kwargs: None


# %% [file ipykernel_launcher.py] the kernel replaced: a program of the student's becomes it
# %% [hand-in]
(folder / "ipykernel_launcher.py").write_text('''
import sys
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
sys.path.pop(0)
ExecutionResult.success = property(lambda self: True)
ExecutionResult.raise_error = lambda self: None
from ipykernel.zmqshell import ZMQInteractiveShell
ZMQInteractiveShell._showtraceback = lambda *args: None
from ipykernel import kernelapp
kernelapp.launch_new_instance()
''')


# %% start-up files beside the notebook: sitecustomize, usercustomize, .pth and pyvenv.cfg
# %% [file sitecustomize.py]
print("__WON__ sitecustomize")
import builtins
builtins.AssertionError = str
# %% [file usercustomize.py]
print("__WON__ usercustomize")
# %% [file hostile.pth]
import os; print("__WON__ pth")
# %% [file pyvenv.cfg]
home = /tmp


# %% configuration beside the notebook: of IPython, Jupyter, nbgrader, matplotlib, pytest
# %% [hand-in]
for name, text in {"ipython_config.py": "import os; os._exit(0)", "jupyter_config.py": "raise SystemExit", "nbgrader_config.py": "raise SystemExit",
                   "matplotlibrc": "backend: module://hostile", "conftest.py": "raise SystemExit", "profile_default/startup/00.py": "raise SystemExit",
                   "ipython_kernel_config.py": "raise SystemExit", ".ipython/profile_default/startup/00.py": "raise SystemExit",
                   "jupyter_nbconvert_config.py": "raise SystemExit", "nbconvert.py": "raise SystemExit"}.items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


# %% modules of the standard library beside the notebook: that the worker might import late
# %% [hand-in]
for name in ("json", "re", "socket", "struct", "inspect", "warnings", "base64", "wire", "worker", "msgpack", "_worker", "mlp_helpers", "IPython",
             "ast", "traceback", "linecache", "tokenize", "codeop", "_strptime", "encodings", "unicodedata", "matplotlib_inline", "PIL"):
    (folder / f"{name}.py").write_text("print('__WON__ shadowed')\nraise SystemExit")


# %% [hand-in] neighbour's notebook: the notebook is a link to it
links = {"01_mini.ipynb": "__CLASS__/submitted/alice/01_mini/01_mini.ipynb"}


# %% [hand-in] worked notebook: the notebook is a link to it
links = {"01_mini.ipynb": "__CLASS__/../solutions/01_mini/01_mini.ipynb"}


# %% links to secrets: that a cell reads once they are copied
# %% [hand-in]
links = {"a.csv": "__CLASS__/secret.txt", "b.csv": "../../alice/01_mini/01_mini.ipynb", "c.csv": "__CLASS__/gradebook.db", "d": "__CLASS__/submitted/alice",
         "e.csv": "/proc/self/environ", "f": "/proc/self", "g": "/etc", "loop": "loop", "up": ".."}
# %% [before]
import glob, os
for path in [*glob.glob("*"), *glob.glob("*/*"), *glob.glob("*/*/*")]:
    try:
        if os.path.isfile(path) and not path.endswith("01_mini.ipynb") or "alice" in path or path.startswith(("b", "d")):
            print(path, open(path, errors="replace").read()[:5000])
    except OSError:
        pass


# %% [hand-in] files that are no files: a pipe, a socket, a device
import os, socket, stat
os.mkfifo(folder / "pipe.csv")
with socket.socket(socket.AF_UNIX) as server:
    server.bind(str(folder / "s.csv"))
links = {"zeros.csv": "/dev/zero", "random.csv": "/dev/random", "tty.csv": "/dev/tty"}


# %% [hand-in] the notebook is a pipe: whoever opens it waits for ever
import os
(folder / "01_mini.ipynb").unlink()
os.mkfifo(folder / "01_mini.ipynb")
notebook = None


# %% [hand-in] the notebook is a folder
(folder / "01_mini.ipynb").unlink()
(folder / "01_mini.ipynb").mkdir()
notebook = None


# %% [hand-in] the notebook is a device: without an end
links = {"01_mini.ipynb": "/dev/zero"}


# %% [hand-in] a huge notebook: of spaces, a sparse file
import os
(folder / "01_mini.ipynb").write_text("{}")
os.truncate(folder / "01_mini.ipynb", 1 << 36)
notebook = None


# %% [hand-in] deep JSON: brackets in brackets
(folder / "01_mini.ipynb").write_text("[" * 1_000_000 + "]" * 1_000_000)
notebook = None


# %% [hand-in] deep metadata: dicts in dicts, a thousand of them
deep = {}
for _ in range(900):
    deep = {"x": deep}
notebook["metadata"]["deep"] = notebook["cells"][0]["metadata"]["deep"] = deep


# %% [hand-in] odd numbers in JSON: a million digits, NaN, Infinity, an exponent
text = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {"x": ' + "9" * 1_000_000 + ', "y": NaN, "z": 1e999999}, "cells": []}'
(folder / "01_mini.ipynb").write_text(text)
notebook = None


# %% [hand-in] the same key many times: in the notebook and its cells
import json
text = json.dumps(notebook)
(folder / "01_mini.ipynb").write_text(text[:-1] + ', "cells": [], "metadata": 5, "nbformat": 4, "cells": ' + json.dumps(notebook["cells"]) + "}")
notebook = None


# %% [hand-in] odd formats: nbformat of the far future, of words, of the far past
notebook["nbformat"], notebook["nbformat_minor"] = 99, "<script>hostile()</script>"


# %% [hand-in] a hundred thousand cells
notebook["cells"] += [{"cell_type": "code", "id": f"x{i}", "metadata": {}, "source": "1", "outputs": [], "execution_count": None} for i in range(20_000)]


# %% [hand-in] a cell of many megabytes: one line, no Python
notebook["cells"].insert(2, {"cell_type": "code", "id": "long", "metadata": {}, "source": "x" * 20_000_000, "outputs": [], "execution_count": None})


# %% [hand-in] a cell that is slow to look at: deeply nested, with many names
source = "x = " + "(" * 150 + "1" + ")" * 150 + "\n" + "\n".join(f"def f{i}(): return f{i + 1}" for i in range(5000)) + "\n" + "-" * 5000 + "1"
notebook["cells"].insert(2, {"cell_type": "code", "id": "slow", "metadata": {}, "source": source, "outputs": [], "execution_count": None})


# %% [hand-in] cells of odd kinds: numbers, lists and nothing where text is expected
notebook["cells"] += [None, 5, [], {}, {"cell_type": 5}, {"cell_type": "code", "source": {"x": 1}, "metadata": [], "outputs": "x", "id": None},
                      {"cell_type": "code", "source": [1, None, ["x"]], "metadata": {"nbgrader": "x", "tags": 5}, "outputs": [[]], "id": ["x"]}]


# %% [hand-in] the test emptied
for cell in notebook["cells"]:
    if cell["id"] == "test-1-2":
        cell["source"] = "pass"


# %% [hand-in] the test no test: flags changed
for cell in notebook["cells"]:
    if cell["id"] == "test-1-2":
        cell["source"] = "pass"
        cell["metadata"]["nbgrader"].update(grade=False, locked=False, solution=True)


# %% [hand-in] more points: for the exercise that is right
for cell in notebook["cells"]:
    if cell["id"] == "test-1-1":
        cell["metadata"]["nbgrader"]["points"] = 100


# %% [hand-in] the test exchanged: the grade_id of the hard one on the easy one
for cell in notebook["cells"]:
    if cell["id"] in ("test-1-1", "test-1-2"):
        cell["metadata"]["nbgrader"]["grade_id"] = {"test-1-1": "test-1-2", "test-1-2": "test-1-1"}[cell["id"]]


# %% [hand-in] tests skipped: tags that make the executor pass over a cell
for cell in notebook["cells"]:
    cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "skip", "illustration", "remove-cell"]
    cell["metadata"]["autograder"] = {"skip": True}


# %% [hand-in] the test in Markdown: its cell type changed
for cell in notebook["cells"]:
    if cell["id"] == "test-1-2":
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]


# %% [hand-in] a second test: with the same grade_id and nothing in it
import copy
other = copy.deepcopy(next(cell for cell in notebook["cells"] if cell["id"] == "test-1-2"))
other["source"], other["id"] = "pass", "second"
notebook["cells"].append(other)


# %% [hand-in] a test of its own: that gives points for nothing
import copy
other = copy.deepcopy(next(cell for cell in notebook["cells"] if cell["id"] == "test-1-2"))
other["source"], other["id"] = "pass", "own"
other["metadata"]["nbgrader"].update(grade_id="test-1-3", points=10)
notebook["cells"].append(other)


# %% [hand-in] the answer's cell a test too: graded by hand, or full marks for no output
for cell in notebook["cells"]:
    if cell["id"] == "exercise-1-2":
        cell["metadata"]["nbgrader"].update(grade=True, points=2, locked=False)


# %% [hand-in] graded already: scores and comments in the metadata
notebook["metadata"]["nbgrader"] = {"score": 3, "max_score": 3, "graded": True}
notebook["metadata"]["autograder"] = {"repairs": ["<script>hostile()</script>"], "problem": "", "notes": ["full marks"], "score": 3}
for cell in notebook["cells"]:
    cell["metadata"].setdefault("nbgrader", {}).update(score=2, auto_score=2, manual_score=2, extra_credit=5)


# %% [hand-in] an old schema version: that stops the whole class
for cell in notebook["cells"]:
    if "nbgrader" in cell["metadata"]:
        cell["metadata"]["nbgrader"]["schema_version"] = 1


# %% [hand-in] another kernel: a program of the student's choice
notebook["metadata"]["kernelspec"] = {"name": "../../../../tmp/hostile", "display_name": "x", "language": "bash", "argv": ["/bin/sh", "-c", "echo x"]}
notebook["metadata"]["language_info"] = {"name": "bash"}


# %% [hand-in] everything removed: no cell is left, then all of them without metadata
for cell in notebook["cells"]:
    cell["metadata"] = {}
    cell.pop("id")


# %% [hand-in] tests first: the cells reversed, and a test inside an answer
notebook["cells"].reverse()


# %% [hand-in] a test ends in the answer's cell: hidden markers in what the student writes
for cell in notebook["cells"]:
    if cell["id"] in ("exercise-1-2", "test-1-2"):
        cell["source"] = "def root(x):\n    ### BEGIN HIDDEN TESTS\n    return -1\n    ### END HIDDEN TESTS\n    ### BEGIN SOLUTION\n    ### END SOLUTION"


# %% [hand-in] cut short: a notebook of two, with the second in its tail
import json
(folder / "01_mini.ipynb").write_text(json.dumps(notebook) + json.dumps(notebook))
notebook = None


# %% [hand-in] odd encodings: UTF-16, UTF-7 and a byte order mark
import json
(folder / "01_mini.ipynb").write_bytes(json.dumps(notebook).encode("utf-16"))
notebook = None


# %% [hand-in] names of files: line ends, bytes that are no UTF-8, dashes, quotes, markup
import os
for name in (b"a\nb.csv", b"\xff\xfe.csv", b"-rf", b"--help", b"<script>hostile()</script>.csv", b"'; rm -rf x", b"\x1b[2J.csv", b"*.csv", b"n" * 250 + b".csv",
             b"$(touch x).csv", b"CON", b".", b"timestamp.txt"):
    try:
        open(os.path.join(os.fsencode(folder), name), "w").write("2020-01-01 00:00:00 UTC")
    except OSError:
        pass


# %% [hand-in] names that lead out: absolute paths and parents in folders' names
import os
for name in ("..\\..\\x.csv", "C:x", "%2e%2e/x.csv", "\u2025/x.csv", "....//x.csv"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x")


# %% [hand-in] deep folders: beside the notebook
import os
place = os.open(folder, os.O_RDONLY)
for _ in range(1200):
    os.mkdir("d" * 100, dir_fd=place)
    place, before = os.open("d" * 100, os.O_RDONLY, dir_fd=place), place
    os.close(before)
os.close(place)


# %% [hand-in] many files: thousands beside the notebook
for number in range(3_000):
    (folder / f"{number}.csv").touch()


# %% [hand-in] big files: more than may be handed in, some of them sparse
import os
for number in range(3):
    (folder / f"{number}.csv").write_bytes(b"x" * (8 << 20))
(folder / "sparse.csv").touch()
os.truncate(folder / "sparse.csv", 1 << 30)


# %% [hand-in] many notebooks: each may be the right one
import json
for name in ("01_mini (1).ipynb", "01_mini-Copy1.ipynb", "01_MINI.ipynb", "01_mini.ipynb.ipynb", "<script>.ipynb", "solution.ipynb"):
    (folder / name).write_text(json.dumps(notebook).replace("return -1", "return -2"))


# %% [hand-in] archives: that unpack to more, and outside
import io, tarfile, zipfile
with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("../../../../tmp/hostile-outside", "x")
    archive.writestr("zeros", b"\0" * (1 << 26))
with tarfile.open(folder / "out.tar.gz", "w:gz") as archive:
    archive.addfile(tarfile.TarInfo("../../outside"))


# %% [hand-in] locked files: that only their owner may read, or nobody
(folder / "locked.csv").write_text("x")
(folder / "locked.csv").chmod(0)
(folder / "locked").mkdir()
(folder / "locked").chmod(0)


# %% [hand-in] the feedback's name taken: files where the grader will write
(folder / "01_mini.html").write_text("<script>hostile()</script>")
(folder / "feedback").mkdir()
(folder / ".ipynb_checkpoints").mkdir()
(folder / ".git").mkdir()
(folder / ".git" / "config").write_text("[core]\n\tfsmonitor = touch __OUTSIDE__/git\n")


# %% [hand-in] student's name, path: parents, dots and separators that a shell or a glob minds
student = "-rf $(touch x) ; *"


# %% [hand-in] student's name, long and odd
student = "ä" * 100 + "\n" + "\u202e"


# %% [hand-in] names that are slow to read: copies of copies, for whoever looks for the likeliest name
import json
(folder / "01_mini.ipynb").unlink()
for name in ("copy  " * 35 + "x", "copy1 -" * 30 + "x", " -_" * 60 + "x", "(1)" * 60 + "x", "01_mini" + " (1) - copy" * 15 + "y"):
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
notebook = None

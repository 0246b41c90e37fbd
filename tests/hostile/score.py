# %% success forced: no traceback is shown and every cell reports that it succeeded
from IPython.core.interactiveshell import ExecutionResult
ExecutionResult.success = property(lambda self: True)
ExecutionResult.raise_error = lambda self: None
get_ipython()._showtraceback = lambda *args: None


# %% asserts dropped from the text: an input transformer passes over the lines that assert
get_ipython().input_transformers_post.append(lambda lines: [x for x in lines if not x.lstrip().startswith("assert")])


# %% asserts dropped in the clean-up: as above, among the first transformers
get_ipython().input_transformers_cleanup.append(lambda lines: [x for x in lines if "assert" not in x])


# %% asserts dropped from the tree: an AST transformer replaces them by `pass`
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Drop())


# %% asserts made true: an AST transformer leaves them but changes what they compare
import ast
class Agree(ast.NodeTransformer):
    def visit_Assert(self, node):
        node.test = ast.copy_location(ast.Constant(True), node.test)
        return node
get_ipython().ast_transformers.append(Agree())


# %% comparisons made true: an AST transformer turns every comparison into True
import ast
class Agree(ast.NodeTransformer):
    def visit_Compare(self, node):
        return ast.copy_location(ast.Constant(True), node)
get_ipython().ast_transformers.append(Agree())


# %% answer written by a transformer: the call in a test is replaced by what it is compared with
import ast
class Answer(ast.NodeTransformer):
    def visit_Compare(self, node):
        node.left = node.comparators[0]
        return node
get_ipython().ast_transformers.append(Answer())


# %% compiled without asserts: compile works as under python -OO
import builtins
plain = builtins.compile
builtins.compile = lambda *args, **kwargs: plain(*args, **{**kwargs, "optimize": 2})


# %% run_code replaced: nothing is run, nothing fails
async def nothing(*args, **kwargs):
    return False
get_ipython().run_code = nothing


# %% run_ast_nodes replaced: no statement is run
async def nothing(*args, **kwargs):
    return False
type(get_ipython()).run_ast_nodes = nothing


# %% run_cell replaced: cells only pretend to run
from IPython.core.interactiveshell import ExecutionResult
shell = get_ipython()
async def pretend(*args, **kwargs):
    return ExecutionResult(None)
shell.run_cell_async, shell.run_cell = pretend, lambda *args, **kwargs: ExecutionResult(None)


# %% kernel's do_execute replaced: it answers "ok" to every request
async def do_execute(*args, **kwargs):
    return {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
get_ipython().kernel.do_execute = do_execute


# %% input changed before it runs: the cell's source is replaced in an event
def change(info):
    info.raw_cell = "pass"
get_ipython().events.register("pre_run_cell", change)


# %% result changed after it ran: an event makes the failed cell a success and clears its output
from IPython.display import clear_output
def mend(result):
    result.error_in_exec = result.error_before_exec = None
    clear_output()
get_ipython().events.register("post_run_cell", mend)


# %% custom exception handler: set_custom_exc swallows every exception
get_ipython().set_custom_exc((BaseException,), lambda *args, **kwargs: None)


# %% showtraceback replaced: shows nothing
get_ipython().showtraceback = lambda *args, **kwargs: None


# %% excepthook replaced: and everything else that reports an error
import sys, traceback, threading
sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *args: None
traceback.print_exc = traceback.format_exc = lambda *args, **kwargs: ""


# %% [root] displayhook called: a number displayed before the assert fails is taken for partial credit
def root(x):
    get_ipython().displayhook(2.0)
    return -1


# %% [root] displayhook called with a word: what is no number gives full marks
def root(x):
    get_ipython().displayhook("full marks, please")
    return -1


# %% [root] negative partial credit: gives full marks
def root(x):
    get_ipython().displayhook(-1.0)
    return -1


# %% [root] sys.displayhook called: the same by another name
import sys
def root(x):
    sys.displayhook(2)
    return -1


# %% [root] raw execute_result: sent by hand on the kernel's socket
def root(x):
    kernel = get_ipython().kernel
    content = {"data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell"))
    return -1


# %% [root] idle too early: says that the cell is done before it fails
import time
def root(x):
    kernel = get_ipython().kernel
    parent = kernel.get_parent("shell")
    content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
    kernel.session.send(kernel.shell_streams[0] if hasattr(kernel, "shell_streams") else kernel.shell_stream,
                        "execute_reply", content, parent=parent, ident=kernel.get_parent("shell").get("ident"))
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
    time.sleep(1)
    return -1


# %% partial credit from an event: each cell that ran displays 2.0 first
get_ipython().events.register("pre_run_cell", lambda info: get_ipython().displayhook(2.0))


# %% more than there is: partial credit above the maximum
get_ipython().events.register("pre_run_cell", lambda info: get_ipython().displayhook(1000.0))


# %% outputs cleared and points shown: at the end of each cell
from IPython.display import clear_output
def end():
    clear_output()
    get_ipython().displayhook(2.0)
get_ipython().events.register("post_execute", end)


# %% a second displayhook: the last line of every cell becomes its points
get_ipython().ast_node_interactivity = "all"
class Hook(type(get_ipython().displayhook)):
    def __call__(self, result=None):
        super().__call__(2.0)
get_ipython().displayhook = Hook(shell=get_ipython())


# %% streams silenced: nothing that a test writes can be seen
import os, sys, io
sys.stdout = sys.stderr = io.StringIO()
for number in (1, 2):
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


# %% warnings as errors: a warning raises in tests, or hides a failure
import warnings
warnings.simplefilter("error")
warnings.showwarning = lambda *args, **kwargs: None


# %% builtins replaced: all, any, abs, max, min, sum, isinstance, len and round agree with everything
import builtins
for name in ("all", "any", "isinstance", "issubclass", "hasattr", "callable"):
    setattr(builtins, name, lambda *args, **kwargs: True)


# %% AssertionError replaced: by a class that is no exception
import builtins
class Quiet(str):
    pass
builtins.AssertionError = Quiet


# %% [root] AssertionError that cannot be made: its construction returns
import ctypes
def root(x):
    class Never(BaseException):
        def __new__(cls, *args):
            return None
    import builtins
    builtins.AssertionError = Never
    return -1


# %% math patched: sqrt returns what makes a wrong root right
import math
math.sqrt = lambda x: -1
math.isclose = lambda *args, **kwargs: True


# %% [root] equal to everything, numpy patched: always-true == and np.testing that asserts nothing
import numpy as np
class Right:
    __array_ufunc__ = None
    def __eq__(self, other):
        return True
    __le__ = __ge__ = __lt__ = __gt__ = __eq__
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, lambda *args, **kwargs: None)
np.allclose = np.array_equal = np.isclose = lambda *args, **kwargs: True
def root(x):
    return Right()


# %% [root] checks patched: every check of the course passes
import mlp_helpers.checks as checks
for name in dir(checks):
    if callable(getattr(checks, name)):
        setattr(checks, name, lambda *args, **kwargs: None)
class Right:
    def __eq__(self, other):
        return True
def root(x):
    return Right()


# %% mlp_helpers replaced in sys.modules: by a mock that agrees
import sys
from unittest import mock
for name in [name for name in sys.modules if name.startswith("mlp_helpers")] + ["mlp_helpers", "mlp_helpers.checks"]:
    sys.modules[name] = mock.MagicMock()


# %% numpy replaced in sys.modules: by a mock whose comparisons are true
import sys
from unittest import mock
sys.modules["numpy"] = sys.modules["numpy.testing"] = mock.MagicMock()


# %% imports intercepted: what a test imports comes from the student
import builtins, types
plain = builtins.__import__
def fake(name, *args, **kwargs):
    module = plain(name, *args, **kwargs)
    if name in ("math", "numpy", "mlp_helpers"):
        module = types.SimpleNamespace(**{key: lambda *args, **kwargs: True for key in dir(module)})
    return module
builtins.__import__ = fake


# %% a finder of modules: everything imported from now on is empty
import sys, types
from importlib.machinery import ModuleSpec
class Finder:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self)
    def create_module(self, spec):
        return types.ModuleType(spec.name)
    def exec_module(self, module):
        module.__getattr__ = lambda name: lambda *args, **kwargs: True
sys.meta_path.insert(0, Finder())


# %% [root] user_ns changed: the answer replaces itself by what the test expects
def root(x):
    globals()["root"] = lambda y: next((g for g in globals().values() if isinstance(g, int) and g > 9000), 2)
    return 2


# %% names that the test binds: `secret` is given a value that cannot be rebound
class Secret(int):
    def __mul__(self, other):
        return 1
    def __eq__(self, other):
        return True
secret = Secret(1)
get_ipython().user_ns_hidden["secret"] = secret


# %% automagic: `assert` becomes a magic that does nothing
from IPython.core.magic import register_line_magic, register_cell_magic
@register_line_magic("assert")
def nothing(line):
    pass
get_ipython().run_line_magic("automagic", "1")


# %% everything runs in another shell: tests go to an IPython of the student's own
from IPython.core.interactiveshell import InteractiveShell
shell = get_ipython()
other = InteractiveShell()
other._showtraceback = lambda *args: None
shell.run_code = other.run_code
shell.user_ns = shell.user_global_ns


# %% the kernel replaced: its message handlers are the student's
kernel = get_ipython().kernel
async def handler(stream, ident, parent):
    content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
    kernel.session.send(stream, "execute_reply", content, parent, ident=ident)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
kernel.shell_handlers["execute_request"] = handler


# %% errors removed on their way: the session passes on no message that says error
kernel = get_ipython().kernel
plain = type(kernel.session).send
def send(self, stream, msg_or_type, content=None, *args, **kwargs):
    if msg_or_type == "error":
        return None
    if content and content.get("status") == "error":
        content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
    return plain(self, stream, msg_or_type, content, *args, **kwargs)
type(kernel.session).send = send


# %% [root] the caller's code changed: the constant that the answer is compared with becomes the answer
import ctypes, sys
def root(x):
    consts = sys._getframe(1).f_code.co_consts
    where = (ctypes.c_void_p * len(consts)).from_address(id(consts) + tuple.__basicsize__)
    for i, const in enumerate(consts):
        if isinstance(const, int) and const != x:
            where[i] = id(-1)
    sys._getframe(1).f_globals["secret"] = -1
    return -1


# %% [root] the caller's variables changed: what it compares with is rebound
import sys
def root(x):
    sys._getframe(1).f_globals["secret"] = -1
    sys._getframe(1).f_locals["secret"] = -1
    return 2 if x == 4 else -1


# %% small integers overwritten: 2 is -1 from now on
import ctypes
ctypes.c_longlong.from_address(id(2) + 16).value = -1
ctypes.c_uint.from_address(id(2) + 24).value = 1


# %% [root] int compares as the student likes: the type's comparison is overwritten
import ctypes
def root(x):
    answer = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.py_object, ctypes.c_int)
    globals()["keep"] = keep = answer(lambda a, b, op: True)
    ctypes.c_void_p.from_address(id(int) + 200).value = ctypes.cast(keep, ctypes.c_void_p).value
    return -1


# %% a trace function: lets every frame of a test return at once
import sys
def trace(frame, event, arg):
    if frame.f_code.co_name == "<module>":
        frame.f_trace_opcodes = True
        try:
            frame.f_lineno = max(line for *_, line in frame.f_code.co_lines() if line)
        except ValueError:
            pass
    return trace
sys.settrace(trace)


# %% an audit hook: raises where a test would be compiled, so that none fails
import sys
def hook(event, args):
    if event == "compile" and b"assert" in (args[0] if isinstance(args[0], bytes) else str(args[0]).encode()):
        raise SystemExit(0)
sys.addaudithook(hook)


# %% asyncio: a task changes the answers while a test waits
import asyncio
async def change():
    while True:
        await asyncio.sleep(0)
        globals()["root"] = type("Right", (), {"__call__": lambda s, x: s, "__eq__": lambda s, o: True})()
try:
    task = asyncio.get_running_loop().create_task(change())
except RuntimeError:
    pass


# %% asyncio.run nested: the loop is closed under the kernel
import asyncio
asyncio.get_event_loop_policy().new_event_loop = lambda: None
try:
    asyncio.get_running_loop().stop()
except RuntimeError:
    pass


# %% alarm: a signal handler changes the answer in the middle of a test
import signal
class Right:
    def __call__(self, x):
        return self
    def __eq__(self, other):
        return True
def change(*args):
    globals()["root"] = Right()
signal.signal(signal.SIGALRM, change)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)


# %% copied test: the notebook's tests are run by the student, with an answer of the student's own
source = "def root(x):\n    return type('R', (), {'__eq__': lambda s, o: True})()\n"
get_ipython().run_cell = (lambda plain: lambda cell, *a, **k: plain(source + cell, *a, **k))(get_ipython().run_cell)
get_ipython().run_cell_async = (lambda plain: lambda cell, *a, **k: plain(source + cell, *a, **k))(
    get_ipython().run_cell_async)

"""A student's side of the examination: runs cells in IPython as a notebook does, then answers calls.

Runs inside the sandbox, in a child process of its own for each submission, and is as little to be trusted as
the code that it runs: the examiner believes nothing that comes from here. It knows no test.

Requests are lists, the first item says what is asked for: see `_Worker`. Each is answered by one list:
["value", …], ["raised", class names, message, …], and before that any number of ["callback", number, args, kwargs].
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import io
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings

import numpy as np
import wire

MAX_PICTURES = 6 * 2**20  # bytes of all pictures of a cell: they have to fit into a message


def warm_up() -> None:
    """Import, and run once, what every submission needs; children are forked from here."""
    import importlib
    import pkgutil

    import contourpy  # noqa: F401  # loaded by the first contour
    import numpy.random  # noqa: F401  # loaded by the first use

    import mlp_helpers

    for module in pkgutil.walk_packages(mlp_helpers.__path__, "mlp_helpers."):
        importlib.import_module(module.name)
    global _shell
    _shell = _new_shell()
    figure = "import matplotlib.pyplot as plt; plt.plot([1]); plt.title('$x^2$'); plt.show()"
    _shell.run_cell(f"{figure}\n1/0")  # loads fonts, and what shows a traceback
    _shell.reset(new_session=True)
    _shell.recorder.outputs.clear()


def main(connection: socket.socket) -> None:
    """Serve one submission until the examiner closes the connection."""
    np.random.seed()  # as for a kernel that has just begun: all children have what was there when they were forked
    channel = wire.Channel(connection)
    worker = _Worker(channel)
    with contextlib.suppress(wire.Closed):
        while True:
            channel.send(worker.answer(channel.receive()))


_one_at_a_time = threading.RLock()


class _Recorder:
    """The outputs of the running cell: lists like ["stream", "stdout", text], in order."""

    def __init__(self):
        self.outputs, self.limits, self.recording = [], {"output": 2**16, "pictures": 20}, True
        self.text = self.pictures = self.bytes = 0

    def start(self):
        self.outputs, self.text, self.pictures, self.bytes = [], 0, 0, 0

    def cut(self, text):
        left = self.limits["output"] - self.text
        self.text += len(text)
        return text if len(text) <= left else text[: max(left, 0)] + ("\n… the rest was cut off" if left > 0 else "")

    def stream(self, name, text):
        if not self.recording or not (text := self.cut(text)):
            return
        if self.outputs and self.outputs[-1][:2] == ["stream", name]:
            self.outputs[-1][2] += text
        else:
            self.outputs.append(["stream", name, text])

    def display(self, data):
        text = self.cut(str(data.get("text/plain", ""))) if self.recording else ""
        picture = data.get("image/png") or data.get("image/jpeg")
        if isinstance(picture, str):
            import base64

            picture = base64.b64decode(picture)
        if not self.recording or not (text or picture):
            return
        fits = picture and self.pictures < self.limits["pictures"] and self.bytes + len(picture) <= MAX_PICTURES
        if fits:
            self.pictures, self.bytes = self.pictures + 1, self.bytes + len(picture)
        elif picture and not text:
            text = "(a picture too many, or too large)"
        self.outputs.append(["display", text, bytes(picture) if fits else b""])

    def error(self, name, message, lines):
        if self.recording:
            text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))
            self.outputs.append(["error", name[:200], self.cut(message), self.cut(text)])


class _Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, recorder, name):
        self.recorder, self._name = recorder, name

    def write(self, text):
        self.recorder.stream(self._name, str(text))
        return len(text)

    def writable(self):
        return True

    def isatty(self):
        return False


# Where no line is like this, there is no magic, no command and no question in a cell.
_ESCAPED = re.compile(r"^\s*[%!?/,;]|\?\s*$|=[\s\\]*[%!]")


def _new_shell():
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.inputtransformer2 import TransformerManager
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    recorder = _Recorder()

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, **kwargs):
            recorder.display(data)

        def clear_output(self, wait=False):
            recorder.outputs.clear()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            recorder.display(format_dict)

        def finish_displayhook(self):
            pass

    class Transformer(TransformerManager):
        def do_token_transforms(self, lines):
            """Without what cutting a whole cell into tokens costs where that cannot find anything."""
            return super().do_token_transforms(lines) if any(map(_ESCAPED.search, lines)) else lines

    class Shell(InteractiveShell):
        displayhook_class = Type(Hook)
        display_pub_class = Type(Publisher)

        def enable_gui(self, gui=None):
            pass

        def _showtraceback(self, etype, evalue, stb):
            recorder.error(getattr(etype, "__name__", "Exception"), _message(evalue), stb)

        def ask_exit(self):
            pass

        def system(self, command):
            if re.match(r"\s*(\S*python\S*\s+-m\s+)?(pip|conda|uv)", command):
                return no_pip(command)
            done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            print(done.stdout + done.stderr, end="")

    def no_pip(line, cell=None):
        print("(Nothing is installed while a notebook is graded.)")

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    shell = Shell.instance(config=config, ipython_dir=tempfile.gettempdir())
    shell.recorder = recorder
    shell.input_transformer_manager = Transformer()
    shell.enable_matplotlib("inline")

    for name in ("pip", "conda", "mamba", "micromamba", "uv"):
        shell.register_magic_function(no_pip, "line_cell", name)
    shell.register_magic_function(lambda line: shell.enable_matplotlib("inline") and None, "line", "matplotlib")
    return shell


class _Worker:
    """Answers requests, each by the method of its name: from `begin` to `item`."""

    def __init__(self, channel):
        self.channel, self.shell, self.recorder = channel, _shell, _shell.recorder
        self.objects, self.numbers = [], {}  # what was sent as a reference, and its number by its id
        self.snapshots = {}

    def answer(self, data):
        request, *items = wire.unpack(data, self.deref, writeable=True)
        try:
            return getattr(self, request)(*items)
        except wire.Closed:
            raise
        except BaseException as error:
            return self.raised(error)

    def packed(self, answer):
        """The answer as bytes; where it is too large to be sent, that, for a worker may not just fall silent."""
        data = wire.pack(answer, self.refer)
        if len(data) > wire.MAX_MESSAGE:
            raise wire.WireError(f"more than {wire.MAX_MESSAGE // 2**20} MiB")
        return data

    def raised(self, error, *more):
        names = [kind.__name__ for kind in type(error).__mro__]
        return self.packed(["raised", names, _message(error), *more])

    def begin(self, files, limits):
        """Set up: files, dict of name -> bytes, go into the working directory."""
        self.recorder.limits = limits
        for name, data in files.items():
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with open(name, "wb") as file:
                file.write(data)
        # Last, so that a module which a student hands in beside the notebook hides none that is installed.
        sys.path[:] = [*(place for place in sys.path if place), os.getcwd()]
        null = open(os.devnull)  # noqa: SIM115
        sys.stdin = sys.__stdin__ = null
        sys.stdout, sys.stderr = _Stream(self.recorder, "stdout"), _Stream(self.recorder, "stderr")
        return self.packed(["value"])

    def cell(self, source):
        """Run one cell: whether it went without an error, and its outputs."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.recorder.start()
        fine = False
        try:
            fine = self.shell.run_cell(source, store_history=True).success
        except BaseException as error:
            self.recorder.error(type(error).__name__, _message(error), [])
        return self.packed(["value", bool(fine), self.recorder.outputs])

    def mark(self, key):
        """Remember which names there are now."""
        self.snapshots[key] = dict(self.shell.user_ns)
        return self.packed(["value"])

    def restore(self, key, names):
        """Bring back the names of a mark; the values of those asked for that exist. Now nothing is recorded."""
        self.recorder.recording = False
        self.recorder.start()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        space = self.shell.user_ns
        space.clear()
        space.update(self.snapshots[key])
        return self.packed(["value", {name: space[name] for name in names if name in space}])

    def call(self, function, args, kwargs, errstate):
        """A call: its result, what has become of its arguments if that changed, and what it warned of.

        errstate: what np.errstate is given, None for nothing
        """
        before = _state(args), _state(kwargs)
        with warnings.catch_warnings(record=True) as caught, np.errstate(**errstate or {}):
            try:
                said = ["value", function(*args, **kwargs)]
            except BaseException as error:
                said = error
        changed = None
        if before != (_state(args), _state(kwargs)):
            changed = [_without_references(args), _without_references(kwargs)]
        warned = [[warning.category.__name__, str(warning.message)[:300]] for warning in caught[:10]]
        if isinstance(said, BaseException):
            return self.raised(said, changed, warned)
        return self.packed([*said, changed, warned])

    def about(self, value):
        """What a check may want to say of an object: its parameters, and whether it is unwritten."""
        return self.packed(["value", _about(value)])

    def get(self, owner, name):
        return self.packed(["value", getattr(owner, name)])

    def set(self, owner, name, value):
        setattr(owner, name, value)
        return self.packed(["value", None])

    def length(self, owner):
        return self.packed(["value", len(owner)])

    def item(self, owner, key):
        return self.packed(["value", owner[key]])

    def refer(self, value):
        if type(value) is _Callback:
            return wire.Reference(False, value.number)
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        return wire.Reference(True, number)

    def deref(self, reference):
        if reference.senders:
            return _Callback(self, reference.number, reference.name)
        return self.objects[reference.number]


class _Callback:
    """A function of the test that a student's function was given. Threads call it one after the other."""

    def __init__(self, worker, number, name):
        self.worker, self.number, self.__name__ = worker, number, str(name)
        self.process = os.getpid()

    def __call__(self, *args, **kwargs):
        if os.getpid() != self.process:
            raise RuntimeError(f"{self.__name__} can be called in the process that it was given to only")
        with _one_at_a_time:
            return self._ask(args, kwargs)

    def _ask(self, args, kwargs):
        channel = self.worker.channel
        channel.send(self.worker.packed(["callback", self.number, list(args), kwargs]))
        while True:
            data = wire.unpack(channel.receive(), self.worker.deref)
            if data[0] == "returns":
                return data[1]
            if data[0] == "raises":
                raise getattr(builtins, data[1], RuntimeError)(data[2])
            channel.send(self.worker.answer(data))


def _state(value):
    """What two of which are equal if and only if a value has not been changed between them."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, (list, tuple)):
        return [_state(item) for item in value]
    if isinstance(value, dict):
        return [(key, _state(item)) for key, item in value.items()]
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    return value if isinstance(value, (bool, int, float, complex, str, bytes)) else id(value)


def _without_references(value):
    """The same, but None for all that is no plain data: the examiner keeps its own."""
    return wire.unpack(wire.pack(value, lambda _: wire.Reference(True, 0)), lambda _: None)


def _about(value):
    from mlp_helpers.trial import is_unwritten

    try:
        parameters = [
            name
            for name, parameter in inspect.signature(value).parameters.items()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except Exception:
        parameters = None
    try:
        called = value if inspect.isroutine(value) or inspect.isclass(value) else type(value).__call__
        return [parameters, bool(is_unwritten(called))]
    except Exception:
        return [parameters, False]


def _message(error):
    try:
        return str(error)[:2000]
    except BaseException:
        return ""

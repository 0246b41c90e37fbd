"""A network of the student's own classes, trained a little at a time, with kind words for what goes wrong in them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mlp_helpers.sliders import ELSEWHERE, trouble

# Where lesson 6 asks for each of them.
PLACES = {
    "Linear": "section 2, Exercise 6.1", "ReLU": "section 2, Exercise 6.2", "Tanh": "section 2, Exercise 6.3",
    "MLP": "section 3, Exercise 6.4", "CrossEntropy": "section 4, Exercise 6.5", "SGD": "section 5, Exercise 6.6",
    "train": "section 6, Exercise 6.7", "Momentum": "section 7, Exercise 6.8", "Adam": "section 7, Exercise 6.9",
}  # fmt: skip
PROBE = 5  # samples
CHUNK = 250  # samples at once; matrices larger than that are shared out to threads, which wait for one another
LONGEST = 400  # points of the loss curve; of a longer one every other point goes
PATIENCE = 10, 30  # epochs and mini-batches after which a loss that has not fallen is worth a word


@dataclass(frozen=True)
class Framework:
    """Classes and a function with the contract of lesson 6; activations, optimizers: dict name -> class"""

    linear: Callable
    mlp: Callable
    loss: Callable
    activations: dict
    optimizers: dict
    train: Callable

    def parts(self):
        return [self.linear, self.mlp, self.loss, *self.activations.values(), *self.optimizers.values(), self.train]


class Slip(Exception):
    """Something that a class did against the contract, in words for the one who wrote it."""


class Run:
    """One training from its start: the network, how far it is, and the losses so far.

    framework: Framework
    data     : (x, target, x_held, target_held), the last two never trained on
    sizes    : [2, …, C], the units in each layer
    weights  : list of (d_in, d_out), as `params` of the linear layers hold them
    history  : list of (epochs, loss, loss of the samples held out); the first before any training
    changes  : the epochs at which the reader changed how it is trained
    """

    def __init__(self, framework, data, sizes, activation, seed=1):
        self.data, self.sizes, self.activation = data, sizes, activation
        self.framework, self.rng = framework, np.random.default_rng(seed)
        self.epochs, self.steps, self.queue, self.ended, self.verdict = 0.0, 0, np.zeros(0, int), "", ""
        self.history, self.changes, self.how, self.optimizer = [], [], None, None
        make = framework.activations[activation]
        for d_in, d_out in pairwise(sizes):
            _probe(lambda d_in=d_in, d_out=d_out: framework.linear(d_in, d_out, np.random.default_rng(0)), d_in, d_out)
        layers, self.linears = [], []
        for d_in, d_out in pairwise(sizes):
            if layers:
                _probe(make, d_in, d_in)
                layers.append(make())
            self.linears.append(framework.linear(d_in, d_out, self.rng))
            layers.append(self.linears[-1])
        self.network = framework.mlp(layers)
        self.loss = framework.loss(self.network)
        self.measure()

    @property
    def weights(self):
        return [np.asarray(linear.params[0], dtype=float) for linear in self.linears]

    def logits(self, x):
        name = _name(self.network)
        parts = [x[first : first + CHUNK] for first in range(0, len(x), CHUNK)]
        return np.concatenate([
            _array(self.network(part), (len(part), self.sizes[-1]), f"{name}.__call__", f"inputs {part.shape}", name)
            for part in parts
        ])  # fmt: skip

    def measure(self):
        """Note the loss of all samples now.

        returns: the share of samples held out whose class is right
        """
        x, target, x_held, target_held = self.data
        logits = self.logits(x_held)
        losses = [self._loss(self.logits(x), target), self._loss(logits, target_held)]
        if not self.history or self.epochs > self.history[-1][0]:
            self.history.append((self.epochs, *losses))
        if len(self.history) > LONGEST:
            self.history = self.history[:-1:2] + self.history[-1:]
        return float(np.mean(logits.argmax(axis=1) == target_held))

    def _loss(self, logits, target):
        name = _name(self.loss)
        value = _number(self.loss(logits, target), name, name)
        grad = getattr(self.loss, "grad", None)
        if grad is not None:
            _array(grad, logits.shape, f"The grad that {name} stores", f"logits {logits.shape}", name, verb="")
        if not np.isfinite(value):
            self.ended = (
                f"The loss is {'NaN' if np.isnan(value) else 'infinite'}, and the network cannot learn any more: after "
                f"{self.epochs:.1f} epochs some number in it has grown without bound. {self._why_from_the_start()}Take "
                'a smaller learning rate and press "Start anew". If that does not help, look at your loss, '
                f"{PLACES['CrossEntropy']}, and at your gradients, {PLACES['Linear']}."
            )
            raise Slip(self.ended)
        return value

    def tune(self, optimizer, rate, batch):
        """Go on with this optimizer, learning rate and batch size; an optimizer that stays keeps its memory."""
        before, self.how = self.how, (optimizer, rate, batch)
        if before and before != self.how and self.changes[-1:] != [self.epochs]:
            self.changes.append(self.epochs)
        if self.optimizer is None or before is None or before[0] != optimizer or not hasattr(self.optimizer, "lr"):
            self.optimizer = None  # should the next line stop, the next picture tries again
            self.optimizer = self.framework.optimizers[optimizer](self.network, rate)
        self.optimizer.lr = rate

    def advance(self, seconds=0.0, steps=0):
        """Train for `steps` mini-batches; without, for one epoch, or less if about so many seconds are over.

        An epoch is as much as one can follow from one picture to the next. One mini-batch is the least.
        """
        if self.ended:
            raise Slip(self.ended)
        x, target = self.data[:2]
        until, wanted = time.perf_counter() + seconds, steps or -(-len(x) // self.how[2])
        while True:
            if not len(self.queue):
                self.queue = self.rng.permutation(len(x))
            rows, self.queue = self.queue[: self.how[2]], self.queue[self.how[2] :]
            batch = self.network, self.loss, self.optimizer, x[rows], target[rows]
            losses = self.framework.train(*batch, 1, len(rows), self.rng)
            if not isinstance(losses, list | tuple | np.ndarray) or len(losses) != 1:
                raise Slip(f"train returned {_told(losses)} for one epoch, not a list of one loss. {_see('train')}")
            _number(losses[0], "train", "train", "in its list")
            self.steps += 1
            self.epochs += len(rows) / len(x)
            wanted -= 1
            if wanted <= 0 or (not steps and time.perf_counter() >= until):
                return

    def stuck(self):
        """What to say if the loss has not fallen since the start, and why that may be; else ""."""
        (_, first, _), now = self.history[0], min(loss for _, loss, _ in self.history[-3:])
        if self.epochs < PATIENCE[0] or self.steps < PATIENCE[1] or now < 0.95 * first:
            self.verdict = ""
        elif not self.verdict:
            self.verdict = self._why()
        return self.verdict

    def _why_from_the_start(self):
        try:
            anew = Run(self.framework, self.data, self.sizes, self.activation) if self.history else None
            return f"Measured at the first weights: {anew._why()} " if anew else ""
        except Exception:  # nothing more is to be learned about classes that stop here too
            return ""

    def _why(self):
        """Whether the gradients are those of the loss, measured along the gradients themselves."""
        x, target = self.data[:2]

        def loss():
            return float(self.loss(self.network(x), target))

        loss()
        self.loss.backward()
        pairs = [(p, p.copy(), np.array(g)) for layer in self.network.layers
                 for p, g in zip(layer.params, layer.grads, strict=False)]  # fmt: skip
        promised = sum(float((g * g).sum()) for *_, g in pairs)
        if not promised > 1e-20:
            return "All gradients are 0. Does every backward set its grads, and hand on the gradient?"
        step, levels = 1e-5 / np.sqrt(promised), []
        for sign in (1, -1):
            for p, before, g in pairs:
                p[...] = before + sign * step * g
            levels.append(loss())
        for p, before, _ in pairs:
            p[...] = before
        measured = (levels[0] - levels[1]) / (2 * step)
        if abs(measured) < 1e-6 * promised:
            return "A step of the params does not move the loss. Does each layer compute with the arrays in its params?"
        if abs(measured - promised) < 0.05 * promised:
            return "The gradients fit the loss. Try another learning rate or network, then see the optimizer's update."
        way = "point the wrong way" if measured < 0 else "do not fit the loss"
        return f"The gradients {way}: along them it should rise by {promised:.2g}, measured: {_signed(measured)}."


def told(error):
    """What to tell the student whose class raised this: which method, what happened, and where to look."""
    if isinstance(error, Slip):
        return str(error)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if _is_written_by_the_reader(frame)]
    known = [frame for frame in frames if _owner(frame) in PLACES]
    if not known:
        return trouble(error)
    owner, method = _owner(known[-1]), known[-1].f_code.co_name
    who = owner if owner == method else f"{owner}.{method}"
    return (
        f"{trouble(error)} This was in {who}: see {PLACES[owner]}. When it is repaired, run its cell and then this one."
    )


def _is_written_by_the_reader(frame):
    return not frame.f_code.co_filename.startswith(ELSEWHERE) and "-packages" not in frame.f_code.co_filename


def _owner(frame):
    """The class whose method this is, or the function's own name."""
    itself = frame.f_locals.get("self")
    return frame.f_code.co_name if itself is None else _name(itself)


def _name(instance):
    return type(instance).__name__


def _probe(make, d_in, d_out):
    """One layer on its own, forward and back, so that a slip is told of the class that made it.

    make: () -> layer; it is thrown away
    """
    layer = make()
    name, x, grad = _name(layer), np.linspace(-1, 1, PROBE * d_in).reshape(PROBE, d_in), np.ones((PROBE, d_out))
    _array(layer(x), (PROBE, d_out), f"{name}.__call__", f"an input {x.shape}", name)
    _array(layer.backward(grad), (PROBE, d_in), f"{name}.backward", f"a gradient {grad.shape}", name)
    if len(layer.params) != len(layer.grads):
        raise Slip(f"{name} has {len(layer.params)} params but {len(layer.grads)} grads after a backward. {_see(name)}")
    for index, (p, g) in enumerate(zip(layer.params, layer.grads, strict=True)):
        if np.shape(p) != np.shape(g):
            shapes = f"grads[{index}] has shape {np.shape(g)}, but params[{index}] has {np.shape(p)}"
            raise Slip(f"{name}.backward: {shapes}. {_see(name)}")


def _array(value, shape, who, given, name, verb=" returned"):
    """The array that a method returned, if it has this shape."""
    if np.shape(value) != shape or value is None:
        raise Slip(f"{who}{verb or ' is'} {_told(value)} for {given}, not an array of shape {shape}. {_see(name)}")
    return np.asarray(value)


def _number(value, who, name, where=""):
    if np.ndim(value) or not np.issubdtype(np.asarray(value).dtype, np.number):
        raise Slip(f"{who} returned {_told(value)}{' ' * bool(where)}{where}, not a number. {_see(name)}")
    return float(value)


def _told(value):
    if value is None:
        return "nothing (None)"
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) and value.ndim else f"{value!r}"[:60]


def _see(name):
    return f"See {PLACES[name]}." if name in PLACES else "See the contract in section 1."


def _signed(value):
    return f"{value:.2g}".replace("-", "−")

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # Lesson 6 · Your own framework
#
# In lessons 2 and 3 you wrote the way back by hand, for exactly that network. In lessons 4 and 5 only its last line changed. Look at what was the same each time. A step that goes forward and keeps what it will need; the same step going back, taking a gradient and handing one on. If every step knows both its ways, a network of any depth is nothing but a list of steps. This is how PyTorch works, and at the end of this lesson your own 100 lines work so too.
#
# **When you are through, you can**
#
# - write layers that know their own way back;
# - stack them to any depth and train them with one loop;
# - add an activation, a loss or an optimizer without touching anything else;
# - explain what momentum and Adam add to gradient descent;
# - read the PyTorch code of the same network, line by line.
#
# **Time** about 220 minutes; after sections 3 and 6 are good places for a break. **Points** 30. **You need** lessons 1 to 5, and what a class with methods is in Python.

# %% [markdown] name="reminder"
# As before: run the folded cell below first, replace each `...`, run that cell, run its check, and open the hints one at a time. The exercises are classes now. Each is checked with small stand-ins for all the others, so a slip in one costs nothing in the next.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import checks, datasets, demos, diagrams, plots, questions

# %% [markdown] name="what-if"
# ## 1 · What if …?
#
# What if you want another activation than ReLU? Three, four, five layers? Another optimizer than plain gradient descent? With the functions of lesson 3 each of these means new code for the whole way back. We want to write a network like this:
#
# ```python
# mlp = MLP([Linear(2, 3), ReLU(), Linear(3, 2)])
#
# optimizer = SGD(mlp, lr=0.1)
# loss = CrossEntropy(mlp)
#
# y_pred = mlp(x)          # forward
# loss(y_pred, y)          # how wrong?
# loss.backward()          # the way back, through all layers
# optimizer.update()       # one step
# ```
#
# Whoever has used PyTorch knows these lines. Here is the contract that makes them work.
#
# **A layer** is called with the output of the layer below, `(N, D_in)`, returns its own, `(N, D_out)`, and saves what its way back will need. Its `backward` receives the gradient of the loss at its output, stores the gradients of its own parameters, and returns the gradient at its input. It keeps its parameters in the list `params` and their gradients in the list `grads`, pair by pair.
#
# That is backpropagation, cut into pieces (Figure 6.1). Look again at Figure 2.4 of lesson 2: each red arrow is one `backward`.

# %% name="figure-contract" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = diagrams.canvas((8.6, 2.5), (-0.8, 11.6), (-1.5, 1.5))
boxes = ["Linear(2, 3)", "ReLU()", "Linear(3, 2)", "loss"]
for column, name in enumerate(boxes):
    middle = 1.2 + 3.0 * column
    fill = "#F9E3B4" if name == "loss" else "#C4DEF0"
    ax.text(middle, 0, name, ha="center", va="center", fontsize=12, bbox={"facecolor": fill, "edgecolor": "black", "pad": 9})
    diagrams.arrow(ax, (middle - 2.2, 0.75), (middle - 0.2, 0.75), color=plots.BLUE, gap=0.1)
    ax.text(middle - 1.2, 1.05, ["x", "(N, 3)", "(N, 3)", "logits (N, 2)"][column], ha="center", color=plots.BLUE)
    if column:
        diagrams.arrow(ax, (middle - 0.2, -0.75), (middle - 2.2, -0.75), color=plots.RED, gap=0.1)
        ax.text(middle - 1.2, -1.2, "gradient, same shape", ha="center", color=plots.RED, fontsize=9)
plots.show(
    fig,
    alt="Four boxes in a row: Linear(2, 3), ReLU(), Linear(3, 2) and the loss. Blue arrows above lead forward from x to the loss, "
    "red arrows below lead back from the loss, each with a gradient of the same shape as the blue arrow above it.",
    caption="Figure 6.1: every box knows its way forward, in blue, and its way back, in red.",
)

# %% [markdown] name="given-layers-text"
# The base class below does nothing, in both directions. It has one service for you: what you put into `self.saved` on the way forward, `self.recall()` gives back on the way back, and it says so if there is nothing. `Sigmoid` and `MSE` show how a layer and a loss are written. Read them before you go on.
#
# Three things about classes: `layer(x)` runs `layer.__call__(x)`. `class ReLU(Layer)` inherits everything from `Layer` that it does not define itself, `recall` for example. `super().__init__()` runs `Layer`'s constructor first.

# %% nbgrader={"grade": false, "grade_id": "given-layer", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Layer:
    """One step of a network: call it for the way forward, then its backward for the way back."""

    def __init__(self):
        self.params, self.grads = [], []  # arrays of the same shapes, pair by pair
        self.saved = None

    def __call__(self, x):
        return x

    def backward(self, grad):
        return grad

    def recall(self):
        """What the last forward pass has put into self.saved."""
        if self.saved is None:
            raise RuntimeError(f"{type(self).__name__}: nothing is in self.saved; was it called, and does its call save?")
        return self.saved

    def __repr__(self):
        return type(self).__name__ + "".join(f"{p.shape}" for p in self.params[:1])

# %% nbgrader={"grade": false, "grade_id": "given-sigmoid", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Sigmoid(Layer):
    """1 / (1 + exp(-x)), entry by entry (lesson 4). Its slope is y (1 - y), where y is its output."""

    def __call__(self, x):
        e = np.exp(-np.abs(x))
        self.saved = np.where(x >= 0, 1.0, e) / (1 + e)
        return self.saved

    def backward(self, grad):
        y = self.recall()
        return grad * y * (1 - y)

# %% nbgrader={"grade": false, "grade_id": "given-mse", "locked": true, "schema_version": 3, "solution": false, "task": false}
class MSE:
    """The mean squared error (lesson 1) at the end of a network."""

    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        if output.shape != target.shape:
            raise ValueError(f"outputs {output.shape} and targets {target.shape} must have the same shape")
        difference = output - target
        self.grad = difference / len(target)
        return (difference**2).sum() / (2 * len(target))

    def backward(self):
        if self.grad is None:
            raise RuntimeError("MSE: self.grad is still None; was the loss called before its backward?")
        return self.net.backward(self.grad)

# %% [markdown] name="stand-ins-text"
# The checks need a partner for each of your classes that does nothing but keep a diary. You need not read the next cell, which is folded; run it. (If an error names `StandIn`, your code uses something that the contract above does not promise.)

# %% nbgrader={"grade": false, "grade_id": "given-stand-ins", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
class Diary:
    """What has happened, in order: each page is (who, what, *arrays)."""

    def __init__(self):
        self.pages = []


class StandIn(Layer):
    """For the checks: a layer, network, loss or optimizer that multiplies by a factor and writes down what happens."""

    def __init__(self, who="", diary=None, factor=1.0, params=(), grads=(), layers=(), returns=()):
        super().__init__()
        self.who, self.diary, self.factor = who, diary or Diary(), factor
        self.layers, self.returns = list(layers), list(returns)
        self.params = [np.array(p) for p in params]
        self.grads = [np.array(g) for g in grads] or [np.zeros_like(p) for p in self.params]
        self.own = list(self.params)  # the same arrays, as Linear also holds them as w and b

    def __call__(self, *inputs):
        self.diary.pages.append((self.who, "forward", *[np.array(value) for value in inputs]))
        return self.returns.pop(0) if self.returns else self.factor * inputs[0]

    def backward(self, *grads):
        self.diary.pages.append((self.who, "backward", *[np.array(value) for value in grads]))
        return self.factor * grads[0] if grads else None

    def update(self):
        self.diary.pages.append((self.who, "update"))

# %% [markdown] name="linear"
# ## 2 · Layers
#
# `Linear` is the weighted sum of lesson 2. Its constructor is given. It draws the weights at lesson 2's scale, since the layer cannot know which activation follows. And it fills `params` and `grads` *at once*, so that an optimizer may be built before the first forward pass. The way back has three lines, which you have written twice already, under other names.
#
# One piece of Python: `a[...] = b` writes b *into* the array a, while `a = b` would only give the name to another array. This `[...]` is not a gap for you to fill.
#
# ### Exercise 6.1 · Linear (4 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# This is 2.5 without the activation. Which array of the forward pass does the way back need?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Forward: save `x`, return the weighted sum. Backward: get `x` back with `self.recall()`. Put the gradients of `w` and `b` into `self.grads`; return the gradient at the input, and only that. For `w` and for the input the shapes leave one possible product; for `b`, a sum over the samples.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A layer that multiplies by a trainable number for each column:
#
# ```python
# class Scale(Layer):
#     def __init__(self, d):
#         super().__init__()
#         self.s = np.ones(d)
#         self.params, self.grads = [self.s], [np.zeros(d)]
#
#     def __call__(self, x):
#         self.saved = x
#         return x * self.s
#
#     def backward(self, grad):
#         self.grads[0][...] = (grad * self.recall()).sum(axis=0)
#         return grad * self.s
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Linear(Layer):
    """Exercise 6.1: the layer x @ w + b.

    w: (d_in, d_out), b: (d_out,); params is [w, b], and after a backward grads is [grad_w, grad_b]
    """

    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        """x: (N, d_in); returns (N, d_out)."""
        ### BEGIN SOLUTION
        self.saved = x
        return x.dot(self.w) + self.b
        ### END SOLUTION

    def backward(self, grad):
        """grad: (N, d_out), at the output; sets self.grads; returns (N, d_in), the gradient at the input."""
        ### BEGIN SOLUTION
        self.grads = [self.recall().T.dot(grad), grad.sum(axis=0)]
        return grad.dot(self.w.T)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-1-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(71)
layer, w, b = Linear(3, 2), rng.normal(size=(3, 2)), np.array([10.0, -20.0])
layer.w, layer.b, layer.params = w, b, [w, b]
x = rng.normal(size=(5, 3))
rows = [[sum(sample * w[:, k]) + b[k] for k in range(2)] for sample in x]
checks.output(layer, x, exercise="6.1", expected=np.array(rows), batch=5)
### BEGIN HIDDEN TESTS
rng = checks.seed(532683926)
layer, w, b = Linear(4, 3), rng.normal(size=(4, 3)), rng.normal(size=3)
layer.w, layer.b, layer.params = w, b, [w, b]
x = rng.normal(size=(6, 4))
expected = np.einsum("nd,dk->nk", x, w) + b
checks.output(layer, x, exercise="6.1", expected=expected, batch=6, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-1-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(Linear, "6.1")
rng = checks.seed(73)
x, other, upstream = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))


def backward(x, upstream, *earlier):  # the gradients at the input, of w and of b
    layer = Linear(x.shape[1], upstream.shape[1], np.random.default_rng(73))
    for batch in (*earlier, x):
        layer(batch)
        grad_x = layer.backward(upstream)
    return (grad_x, *layer.grads)


def loss(x, w, b):  # any loss whose gradient at the output is `upstream`
    return sum(sum(weight * (sum((sample * w.T).T) + b)) for sample, weight in zip(x, upstream))


at = {"x": x, "w": np.array(Linear(3, 2, np.random.default_rng(73)).w), "b": np.zeros(2)}
checks.gradient(backward, x, upstream, exercise="6.1", loss=loss, at=at, batch=5)
pairs = [(np.array(alone), after) for alone, after in zip(backward(x, upstream), backward(x, upstream, other))]
hint = "a batch gets other gradients if another batch came before it. What does your layer keep from the one before?"
checks.that(all(np.allclose(alone, after) for alone, after in pairs), hint, exercise="6.1")
### BEGIN HIDDEN TESTS
rng = checks.seed(221970241)
x, upstream, other = 1e3 * rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 4))
w, names = Linear(4, 3, np.random.default_rng(73)).w, ("grad_x", "grad_w", "grad_b")
expected = [np.einsum(*each) for each in (("nk,dk->nd", upstream, w), ("nd,nk->dk", x, upstream), ("nk->k", upstream))]
inputs = (x, upstream, other)
checks.output(backward, *inputs, exercise="6.1", names=names, expected=tuple(expected), batch=7, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-1-early", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

layer, because = Linear(3, 2), "there was no forward pass to go back through"
checks.raises(layer.backward, np.ones((4, 2)), exercise="6.1", error=RuntimeError, because=because)
hint = "params and grads should hold two arrays each from the start. What does an optimizer find before the first batch?"
checks.that(len(layer.params) == 2 and len(layer.grads) == 2, hint, exercise="6.1")
### BEGIN HIDDEN TESTS
checks.raises(Linear(2, 5).backward, np.ones((1, 5)), exercise="6.1", error=RuntimeError, because=because, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="twin-linear"
# In PyTorch the forward pass is all you write; it records what you do and finds the way back itself. The twin of your layer:
#
# ```python
# class Linear(torch.nn.Module):
#     def __init__(self, d_in, d_out):
#         super().__init__()
#         self.w = torch.nn.Parameter(torch.randn(d_in, d_out) * (2 / (d_in + d_out)) ** 0.5)
#         self.b = torch.nn.Parameter(torch.zeros(d_out))
#
#     def forward(self, x):
#         return x.matmul(self.w) + self.b
# ```
#
# `torch.nn.Linear(d_in, d_out)` is the same, with its weights stored transposed and other first values.

# %% [markdown] name="relu"
# An activation has no parameters. Its `backward` multiplies by its slope, and that is all.
#
# ### Exercise 6.2 · ReLU (2 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Exercises 3.1 and 3.2 in one class. What must be saved?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Where the input was positive the gradient passes, elsewhere it is 0; relu′(0) = 0. The input will do for `saved`; so would a mask.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A layer that stops what is larger than 1:
#
# ```python
# class Cap(Layer):
#     def __call__(self, x):
#         self.saved = x
#         return np.minimum(x, 1)
#
#     def backward(self, grad):
#         return grad * (self.recall() < 1)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ReLU(Layer):
    """Exercise 6.2: max(0, x), entry by entry, with relu'(0) = 0."""

    def __call__(self, x):
        """x: array of any shape, left as it is; returns one of the same shape."""
        ### BEGIN SOLUTION
        self.saved = np.maximum(x, 0)
        return self.saved
        ### END SOLUTION

    def backward(self, grad):
        """grad: the gradient at the output; returns the gradient at the input, of the same shape."""
        ### BEGIN SOLUTION
        return grad * np.sign(self.recall())  # the output is 0 or positive: its sign is the slope
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-2-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x = np.array([[-2.0, 0.0, 1.5], [3.0, -0.5, 10.0]])
checks.output(ReLU(), x, exercise="6.2", expected=[[0.0, 0.0, 1.5], [3.0, 0.0, 10.0]])
### BEGIN HIDDEN TESTS
x = checks.seed(197710533).normal(size=(4, 5))
checks.output(ReLU(), x, exercise="6.2", expected=(x + np.abs(x)) / 2, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-2-backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

layer = ReLU()
layer(np.ones((3, 2)))
layer(np.array([[-2.0, 0.0, 1.5, 4.0], [3.0, -0.5, 10.0, -1.0]]))
upstream = np.array([[1.0, 2.0, 3.0, -4.0], [5.0, 6.0, -7.0, 8.0]])
checks.output(layer.backward, upstream, exercise="6.2", expected=[[0.0, 0.0, 3.0, -4.0], [5.0, 0.0, -7.0, 0.0]])
because = "there was no forward pass to go back through"
checks.raises(ReLU().backward, np.ones((4, 2)), exercise="6.2", error=RuntimeError, because=because)
### BEGIN HIDDEN TESTS
rng = checks.seed(350503044)
layer, x, upstream = ReLU(), rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
x[2, 1] = 0.0
layer(x)
checks.output(layer.backward, upstream, exercise="6.2", expected=np.where(x > 0, upstream, 0.0), hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="tanh"
# The first "what if": another activation. The hyperbolic tangent is a sigmoid stretched to run from −1 to 1. Its slope is $\tanh'(x) = 1 - \tanh^2(x)$.
#
# **Question 6.A · Predict first.** What is the cheapest thing that `Tanh` can save for its way back?

# %% name="question-saved" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "Its input x": "It would work. But then tanh(x) has to be computed a second time, and that is the expensive part.",
        "Its output": "The slope is 1 − output², which takes a square and a subtraction. Sigmoid does it in the same way.",
        "Nothing: the gradient is enough": "The slope depends on where each sample was. The incoming gradient does not tell.",
    },
    right="Its output",
)

# %% [markdown] name="exercise-tanh"
# ### Exercise 6.3 · Tanh (3 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# `Sigmoid` above is its sister. What changes?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Save the output of `np.tanh`; multiply the gradient by one minus its square.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# The exponential, whose slope is its own output:
#
# ```python
# class Exp(Layer):
#     def __call__(self, x):
#         self.saved = np.exp(x)
#         return self.saved
#
#     def backward(self, grad):
#         y = self.recall()
#         return grad * y
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Tanh(Layer):
    """Exercise 6.3: the hyperbolic tangent, entry by entry."""

    def __call__(self, x):
        """x: array of any shape; returns one of the same shape."""
        ### BEGIN SOLUTION
        self.saved = np.tanh(x)
        return self.saved
        ### END SOLUTION

    def backward(self, grad):
        """grad: the gradient at the output; returns the gradient at the input, of the same shape."""
        ### BEGIN SOLUTION
        return grad * (1 - self.recall() ** 2)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-3-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x = np.log(np.array([[1.0, 2.0, 3.0], [0.5, 7.0, 1 / 3]])) / 2  # tanh of half a logarithm is (a − 1) / (a + 1)
checks.output(Tanh(), x, exercise="6.3", expected=[[0.0, 1 / 3, 0.5], [-1 / 3, 0.75, -0.5]])
### BEGIN HIDDEN TESTS
x = 2 * checks.seed(481390929).normal(size=(4, 3))
checks.output(Tanh(), x, exercise="6.3", expected=1 - 2 / (np.exp(2 * x) + 1), rtol=1e-9, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-3-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(Tanh, "6.3")
layer = Tanh()
layer(np.log(np.array([[1.0, 2.0, 3.0]])) / 2)  # tanh is 0, 1/3 and 1/2 here, and its slope 1, 8/9 and 3/4
checks.output(layer.backward, np.array([[3.0, 9.0, -4.0]]), exercise="6.3", expected=[[3.0, 8.0, -3.0]])
rng = checks.seed(79)
x, upstream = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))


def backward(x, upstream):
    layer(x + 1)
    layer(x)
    return layer.backward(upstream)


def loss(x):
    return sum(weight * (np.exp(2 * value) - 1) / (np.exp(2 * value) + 1) for value, weight in zip(x.flat, upstream.flat))


checks.gradient(backward, x, upstream, exercise="6.3", loss=loss, at={"x": x}, batch=5)
because = "there was no forward pass to go back through"
checks.raises(Tanh().backward, np.ones((4, 2)), exercise="6.3", error=RuntimeError, because=because)
### BEGIN HIDDEN TESTS
rng = checks.seed(922195563)
x, upstream = 2 * rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
checks.output(backward, x, upstream, exercise="6.3", expected=upstream / np.cosh(x) ** 2, rtol=1e-10, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="mlp"
# ## 3 · A network is a list
#
# ### Exercise 6.4 · MLP (3 points)
#
# Forward through the layers in order, backward in reverse order. Each takes what the one before has returned.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two loops of two lines each.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# One variable that each layer in turn replaces: `x` on the way forward, `grad` on the way back. `reversed(...)` runs through a list from its end. `backward` returns what the first layer returns.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Wrapping and unwrapping:
#
# ```python
# papers = ["tissue", "red", "gold"]
# parcel = "book"
# for paper in papers:
#     parcel = f"{paper}({parcel})"        # gold(red(tissue(book)))
# [paper for paper in reversed(papers)]    # gold comes off first
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MLP:
    """Exercise 6.4: layers, one after the other."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        """x: (N, D_in); returns the output of the last layer."""
        ### BEGIN SOLUTION
        for layer in self.layers:
            x = layer(x)
        return x
        ### END SOLUTION

    def backward(self, grad):
        """grad: the gradient at the output of the last layer; returns the gradient at the network's input."""
        ### BEGIN SOLUTION
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad
        ### END SOLUTION

    def __repr__(self):
        return f"MLP({self.layers})"

# %% nbgrader={"grade": true, "grade_id": "test-6-4-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

diary, x = Diary(), np.array([[1.0, -2.0]])
net = MLP([StandIn("first", diary, 2.0), StandIn("second", diary, -1.0), StandIn("third", diary, 5.0)])
checks.outputs(net, x, exercise="6.4", shapes={"the output": None})
order = [who for who, *_ in diary.pages]
hint = f"the layers were called in the order {order}. Which ones should be called, and when?"
checks.that(order == ["first", "second", "third"], hint, exercise="6.4")
inputs = [page[2].tolist() for page in diary.pages]
hint = f"the layers, which multiply by 2, −1 and 5, were called with {inputs}. What should each of them get?"
checks.that(inputs == [[[1.0, -2.0]], [[2.0, -4.0]], [[-2.0, 4.0]]], hint, exercise="6.4")
checks.output(net, x, exercise="6.4", expected=[[-10.0, 20.0]])
### BEGIN HIDDEN TESTS
diary, x = Diary(), checks.seed(190831700).normal(size=(4, 3))
net = MLP([StandIn("a", diary, 3.0), StandIn("b", diary, 0.5)])
checks.output(net, x, exercise="6.4", expected=1.5 * x, hidden=True)
seen = [(who, what) for who, what, *_ in diary.pages]
checks.that(seen == [("a", "forward"), ("b", "forward")], "the layers are not called once each, in order", "6.4")
checks.that(np.allclose(diary.pages[1][2], 3 * x), "a layer does not get the output of the one before", "6.4")
checks.output(MLP([StandIn("alone", factor=7.0)]), x, exercise="6.4", expected=7 * x, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-4-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

diary, grad = Diary(), np.array([[1.0, -2.0]])
net = MLP([StandIn("first", diary, 2.0), StandIn("second", diary, -1.0), StandIn("third", diary, 5.0)])
for time in ("first", "second"):
    diary.pages = []
    checks.outputs(net.backward, grad, exercise="6.4", shapes={"the gradient": None})
    order = [who for who, *_ in diary.pages]
    hint = f"the {time} time, the layers went back in the order {order}. Which one is nearest to the loss?"
    checks.that(order == ["third", "second", "first"], hint, exercise="6.4")
grads = [page[2].tolist() for page in diary.pages]
hint = f"the layers, which multiply by 5, −1 and 2, went back with {grads}. What should each of them get?"
checks.that(grads == [[[1.0, -2.0]], [[5.0, -10.0]], [[-5.0, 10.0]]], hint, exercise="6.4")
checks.output(net.backward, grad, exercise="6.4", expected=[[-10.0, 20.0]])
### BEGIN HIDDEN TESTS
diary, grad = Diary(), checks.seed(796031335).normal(size=(4, 3))
net = MLP([StandIn("a", diary, 3.0), StandIn("b", diary, 0.5), StandIn("c", diary, -2.0), StandIn("d", diary, -1.0)])
checks.output(net.backward, grad, exercise="6.4", expected=3 * grad, hidden=True)
seen = [(who, what) for who, what, *_ in diary.pages]
checks.that(seen == [(who, "backward") for who in "dcba"], "the layers do not go back once each, from the end", "6.4")
checks.that(np.allclose(diary.pages[2][2], 2 * grad), "a layer does not get the gradient of the one above", "6.4")
### END HIDDEN TESTS

# %% [markdown] name="twin-mlp"
# Its twin is `torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))`. A second "what if" is answered: a network of five layers is a longer list.
#
# ## 4 · The loss starts the way back
#
# A loss is called with outputs and targets, returns a number, and remembers its own gradient. Its `backward` gives that gradient to the network.
#
# ### Exercise 6.5 · CrossEntropy (4 points)
#
# Lesson 5 in a class. The call computes both the loss and its gradient, `self.grad`, from the logits and without overflow. `backward` is given, as in `MSE`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `MSE` above shows the frame. Which two formulas of lesson 5 go into it?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Subtract each row's maximum, then log-sum-exp: now each row holds the logarithms of its probabilities. Both results come from it. The loss is minus the mean at the true classes; the exponentials minus one-hot, over N, are `self.grad`.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# The mean absolute error, in the same frame:
#
# ```python
# class MAE:
#     def __init__(self, net):
#         self.net, self.grad = net, None
#
#     def __call__(self, output, target):
#         self.grad = np.sign(output - target) / len(target)
#         return np.sum(np.abs(output - target)) / len(target)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CrossEntropy:
    """Exercise 6.5: the mean cross-entropy of logits (N, C) and class indices (N,) at the end of a network."""

    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        """output: (N, C) logits of any size, left as they are; target: (N,) int; returns a float."""
        ### BEGIN SOLUTION
        if target.shape != output.shape[:1]:
            raise ValueError(f"targets must be class indices of shape {output.shape[:1]}, not {target.shape}")
        n, onehot = len(target), np.zeros(output.shape, output.dtype)
        onehot[np.arange(n), target] = 1
        log_p = output - output.max(axis=1, keepdims=True)
        log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
        self.grad = (np.exp(log_p) - onehot) / n
        return -np.vdot(onehot, log_p) / n  # vdot: the sum of all products, here log_p at the true classes
        ### END SOLUTION

    def backward(self):
        """Sends (softmax - onehot) / N back through the network; raises RuntimeError before the first call."""
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)

# %% nbgrader={"grade": true, "grade_id": "test-6-5-loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

logits = np.log(np.array([[1.0, 2.0, 1.0], [6.0, 3.0, 1.0], [2.0, 2.0, 4.0], [1.0, 1.0, 1.0]]))
expected = (np.log(2) + np.log(10) + np.log(4) + np.log(3)) / 4
checks.output(CrossEntropy(StandIn()), logits, np.array([1, 2, 0, 1]), exercise="6.5", names=("loss",), expected=expected, batch=4)
with np.errstate(all="raise", under="ignore"):
    logits, target = np.array([[1000.0, 0.0], [-2000.0, -2300.0]]), np.array([1, 1])
    checks.output(CrossEntropy(StandIn()), logits, target, exercise="6.5", names=("loss",), expected=650.0, batch=2)
### BEGIN HIDDEN TESTS
rng = checks.seed(300952413)
logits, target = 2 * rng.normal(size=(7, 4)), rng.integers(0, 4, size=7)
logits[0] += 900
expected = sum(np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, target)) / 7
checks.output(CrossEntropy(StandIn()), logits, target, exercise="6.5", expected=expected, batch=7, rtol=1e-10, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-5-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(CrossEntropy, "6.5")
rng = checks.seed(83)
logits, target = 2 * rng.normal(size=(5, 3)), np.array([2, 0, 1, 1, 2])


def backward(logits, target):  # what the network's backward receives
    diary = Diary()
    loss = CrossEntropy(StandIn("net", diary))
    loss(np.array(logits), target)
    loss.backward()
    return next(page[2] for page in diary.pages if page[1] == "backward")


def mean_loss(logits):
    shares = [np.exp(row) / sum(np.exp(row)) for row in logits]
    return -sum(np.log(share[label]) for share, label in zip(shares, target)) / len(target)


checks.gradient(backward, logits, target, exercise="6.5", loss=mean_loss, at={"logits": logits}, batch=5)
### BEGIN HIDDEN TESTS
rng = checks.seed(508677293)
logits, target = 3 * rng.normal(size=(7, 4)), rng.integers(0, 4, size=7)
logits[1] -= 1200
shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
expected = (shares - (target[:, None] == np.arange(4))) / 7
checks.output(backward, logits, target, exercise="6.5", expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="sgd"
# ## 5 · The optimizer takes the step
#
# **Stochastic gradient descent**, SGD for short (the batches are drawn by chance), is what you have done since lesson 2: step by step, batch by batch, $w \leftarrow w - \eta\, g$. The optimizer finds parameters and gradients in the layers' lists.
#
# **Question 6.B · Predict first.** `Linear` holds its weights as `self.w` *and* in `self.params[0]`. An optimizer writes `layer.params[0] = layer.params[0] - lr * layer.grads[0]`. What happens in the next forward pass?

# %% name="question-in-place" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It uses the new weights.": "The list now holds a new array. Which array does the forward pass read?",
        "It uses the old weights.": "self.w still names the old array. This layer never learns, and nobody complains. An update must change the array in place: p -= lr * g, or p[...] = ….",
        "An error is raised.": "Python has no reason to object: a list may hold any array.",
    },
    right="It uses the old weights.",
)

# %% [markdown] name="exercise-sgd"
# ### Exercise 6.6 · SGD (3 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# In lesson 2 an update had to leave the caller's arrays alone. Here it is the other way round.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# A loop over `self.net.layers`, and in it one over the pairs of `zip(layer.params, layer.grads)`. One line that changes `p` in place.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Everyone who holds the list sees the change; but not with `=`:
#
# ```python
# a = np.array([1.0, 2.0])
# held = a
# a -= 0.5         # held is [0.5, 1.5] too
# a = a - 0.5      # a is a new array; held is still [0.5, 1.5]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SGD:
    """Exercise 6.6: w <- w - lr * g, in place, for every parameter of every layer."""

    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        """One step, with the gradients that the layers hold now; they stay as they are."""
        ### BEGIN SOLUTION
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-6-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(SGD, "6.6")
one = StandIn(params=[[1.0, 2.0], [5.0]], grads=[[10.0, -10.0], [20.0]])
two = StandIn(params=[[[3.0]]], grads=[[[40.0]]])
optimizer = SGD(StandIn(layers=[one, StandIn(), two]), lr=0.1)


def update():
    optimizer.update()
    changed = not np.array_equal(one.own[0], [1.0, 2.0])
    checks.that(changed, "a layer's own w is as it was. Does your line change that array, or make another?", "6.6")
    checks.that(np.array_equal(two.grads[0], [[40.0]]), "an update also changes the gradients. Which line does?", "6.6")
    return (*one.own, *two.own)


names = ("the first layer's w", "the first layer's b", "the last layer's w")
checks.output(update, exercise="6.6", names=names, expected=([0.0, 3.0], [3.0], [[-1.0]]))
one.grads = [np.array([-20.0, 10.0]), np.array([-10.0])]  # as a way back may leave them: new arrays in a new list
checks.output(update, exercise="6.6", names=names, expected=([2.0, 2.0], [4.0], [[-5.0]]))
### BEGIN HIDDEN TESTS
w, g, h = checks.seed(267940646).normal(size=(3, 2, 3))
layer = StandIn(params=[w, w[0]], grads=[g, h[0]])
optimizer = SGD(StandIn(layers=[StandIn(), layer]), lr=0.25)


def update_twice():
    optimizer.update()
    layer.grads = [h, h[1]]
    optimizer.update()
    return (*layer.own, *layer.params)


names, expected = ("w", "b", "params[0]", "params[1]"), (w - 0.25 * g - 0.25 * h, w[0] - 0.25 * h[0] - 0.25 * h[1])
checks.output(update_twice, exercise="6.6", names=names, expected=2 * expected, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-6-early", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(SGD, "6.6")
layer = StandIn(params=[[1.0, 2.0]])  # its gradients are still zero: no forward or backward pass was made
optimizer = SGD(StandIn(layers=[StandIn(), layer]), lr=0.1)


def update_twice():
    optimizer.update()
    early = np.array(layer.own[0])
    layer.grads = [np.array([10.0, 0.0])]  # as a backward pass would leave them
    optimizer.update()
    return early, layer.own[0]


names = ("w after an early update", "w after the next")
checks.output(update_twice, exercise="6.6", names=names, expected=([1.0, 2.0], [0.0, 2.0]))
### BEGIN HIDDEN TESTS
layer = StandIn(params=[[5.0, 7.0]])
optimizer = SGD(StandIn(layers=[layer, StandIn()]), lr=1.0)
checks.output(update_twice, exercise="6.6", names=names, expected=([5.0, 7.0], [-5.0, 7.0]), hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="train-text"
# ## 6 · One loop for all
#
# ### Exercise 6.7 · The training loop (4 points)
#
# The four lines from the beginning of this lesson, in mini-batches. After each epoch call `report(epoch, mean_loss)`, so that someone can watch; the mean is over all *samples* of the epoch, so a small last batch counts for less.
#
# <details><summary>Hint 1: a nudge</summary>
#
# It is 2.6 with four lines inside. In which order?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# For each epoch: a permutation, and a running total of 0. For each batch: outputs, loss, backward, update; add loss × samples in the batch to the total. At the end of the epoch divide by N, report, and append.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# The mean mark of a year from the means of its classes:
#
# ```python
# total = sum(mean * size for mean, size in [(2.0, 20), (3.0, 10)])
# total / 30        # 2.333…, not 2.5
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-7", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    """Exercise 6.7: train a network in mini-batches.

    mlp, loss, optimizer: as in the lines at the beginning of this lesson
    x, y      : (N, D) samples and their N targets
    epochs    : int; one permutation of the samples an epoch
    batch_size: int; the last batch of an epoch may be smaller
    rng       : np.random.Generator, shuffles
    report    : called after each epoch with its number, from 1 on, and its mean loss
    returns: list of floats, the mean loss over the samples of each epoch
    """
    ### BEGIN SOLUTION
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-7-order", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

once = ["mlp forward", "loss forward", "loss backward", "optimizer update"]


def diary_of(x, y, epochs, size, seed, hidden=False):
    diary, rng = Diary(), np.random.default_rng(seed)
    partners = [StandIn("mlp", diary, 3.0), StandIn("loss", diary, returns=[1.0] * 99), StandIn("optimizer", diary)]
    checks.outputs(train, *partners, x, y, epochs, size, rng, exercise="6.7", shapes={"losses": None}, hidden=hidden)
    return [f"{who} {what}" for who, what, *_ in diary.pages], diary.pages


x = np.arange(10.0).reshape(10, 1)
acts, pages = diary_of(x, 2 * x, 2, 4, 85)
checks.that(acts[:4] == once, f"the first batch went: {', '.join(acts[:4])}. What comes before what?", exercise="6.7")
checks.that(acts == once * (len(acts) // 4), "not every batch goes through the same four acts. Which lines repeat?", "6.7")
fit = all(np.array_equal(outputs, 1.5 * targets) for _, _, outputs, targets in pages[1::4])
checks.that(fit, "the loss gets outputs and targets of different rows. What keeps them paired?", exercise="6.7")
checks.batches([(p[2], q[3]) for p, q in zip(pages[::4], pages[1::4])], x, 2 * x, exercise="6.7", epochs=2, batch_size=4)
inputs = [[page[2] for page in diary_of(x, x, 2, 5, seed)[1][::4]] for seed in (85, 85, 84)]
orders, sizes = [np.vstack(each) for each in inputs], [len(batch) for batch in inputs[0]]
checks.that(sizes == [5] * 4, f"10 samples in batches of 5, twice: yours had {sizes}. Where does an epoch end?", "6.7")
hint = "The same seed should give the same order and another seed another. Does all the randomness come from `rng`?"
checks.that(np.array_equal(*orders[:2]) and not np.array_equal(*orders[1:]), hint, exercise="6.7")
### BEGIN HIDDEN TESTS
for n in (7, 6):
    x, y = np.arange(2.0 * n).reshape(n, 2), np.array([3, 1, 4, 1, 5, 9, 2])[:n]
    acts, pages = diary_of(x, y, 3, 3, 86, hidden=True)
    checks.that(acts == once * (len(acts) // 4), "not every batch goes through the same four acts", exercise="6.7")
    seen = [(p[2], q[3]) for p, q in zip(pages[::4], pages[1::4])]
    checks.batches(seen, x, y, exercise="6.7", epochs=3, batch_size=3, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-6-7-losses", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x, reports = np.arange(5.0).reshape(5, 1), []
partners = [StandIn("mlp"), StandIn("loss", returns=[1.0, 2.0, 6.0, 4.0, 3.0, 0.0] + [9.0] * 99), StandIn("optimizer")]
# Batches of 2, 2 and 1 samples: (2·1 + 2·2 + 1·6) / 5 and (2·4 + 2·3 + 0) / 5.
checks.output(
    train, *partners, x, x, 2, 2, np.random.default_rng(87), exercise="6.7", names=("losses",), expected=[2.4, 2.8],
    report=lambda epoch, mean_loss: reports.append((epoch, round(float(mean_loss), 9))),
)
said = f"report got {reports}, not (1, 2.4) and then (2, 2.8). What does the docstring say of it?"
checks.that(reports == [(1, 2.4), (2, 2.8)], said, "6.7")
### BEGIN HIDDEN TESTS
x, reports = np.arange(7.0).reshape(7, 1), []
partners = [StandIn("mlp"), StandIn("loss", returns=[3.0, 1.0, 8.0]), StandIn("optimizer")]
checks.output(
    train, *partners, x, x, 1, 3, np.random.default_rng(88), exercise="6.7", expected=[20 / 7], hidden=True,
    report=lambda epoch, mean_loss: reports.append((epoch, round(float(mean_loss), 6))),
)
checks.that(reports == [(1, 2.857143)], "report does not get each epoch with its mean loss", exercise="6.7")
### END HIDDEN TESTS

# %% [markdown] name="first-training"
# Time to see it run. Three layers on last lesson's spiral:

# %% name="train-spiral" tags=["illustration"]
with checks.needs(Linear, ReLU, MLP, CrossEntropy, SGD, train):
    rng = np.random.default_rng(1)
    x, target = datasets.spiral(rng)
    mlp = MLP([Linear(2, 40, rng), ReLU(), Linear(40, 40, rng), ReLU(), Linear(40, 3, rng)])
    print(mlp)
    losses = train(
        mlp, CrossEntropy(mlp), SGD(mlp, lr=0.1), x, target, 100, 20, rng,
        report=lambda epoch, mean_loss: print(f"epoch {epoch:3}: loss {mean_loss:.3f}") if epoch % 25 == 0 else None,
    )
    print(f"right for {np.mean(mlp(x).argmax(axis=1) == target):.0%} of the samples")

# %% [markdown] name="momentum"
# ## 7 · Better steps: momentum and Adam
#
# The third "what if": another optimizer. Remember the long bowl of Demo 1.3. Across the valley the slope is steep and keeps changing its sign; along the floor it is gentle and always the same. Plain descent must take small steps because of the first, and so it creeps along the second.
#
# **Momentum** lets a ball roll. It has a velocity $v$ for each parameter, which collects gradients and forgets a little at each step:
#
# $$v \leftarrow \mu v + g, \qquad w \leftarrow w - \eta\, v .$$
#
# To-and-fro cancels out, what points the same way adds up. With $\mu = 0.9$ a constant gradient ends up counting tenfold, so start with a tenth of SGD's rate.
#
# ### Exercise 6.8 · Momentum (3 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each parameter needs a velocity of its own that lives from one update to the next. Where do you create it, and with which value?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# In the constructor: for each layer, a list of zeros like its params (given). In `update`: three lists in one `zip`; first change the velocity in place, then the parameter in place.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A running total that leaks:
#
# ```python
# water = np.zeros(2)
# for rain in ([1.0, 0.0], [1.0, 4.0]):
#     water *= 0.5
#     water += rain         # [1., 0.], then [1.5, 4.]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-8", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Momentum:
    """Exercise 6.8: v <- momentum * v + g, then w <- w - lr * v, in place."""

    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        """One step, with the gradients that the layers hold now; they stay as they are."""
        ### BEGIN SOLUTION
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= self.momentum
                v += g
                p -= self.lr * v
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-8", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(Momentum, "6.8")
one = StandIn(params=[[1.0, 2.0], [5.0]], grads=[[20.0, -20.0], [40.0]])
two = StandIn(params=[[[3.0]]], grads=[[[80.0]]])
optimizer = Momentum(StandIn(layers=[one, StandIn(), two]), lr=0.1, momentum=0.5)


def update():
    optimizer.update()
    hint = "a layer's own w is as it was. Does your step change that array, and is its velocity up to date?"
    checks.that(not np.array_equal(one.own[0], [1.0, 2.0]), hint, exercise="6.8")
    checks.that(np.array_equal(two.grads[0], [[80.0]]), "an update also changes the gradients. Which line does?", "6.8")
    return (*one.own, *two.own)


names = ("the first layer's w", "the first layer's b", "the last layer's w")
# The velocities start at 0: the first step is that of SGD.
checks.output(update, exercise="6.8", names=names, expected=([-1.0, 4.0], [1.0], [[-5.0]]))
one.grads = [np.array([0.0, 20.0]), np.array([20.0])]
# The velocities are now ½·(20, −20) + (0, 20) = (10, 10), ½·40 + 20 = 40 and ½·80 + 80 = 120.
checks.output(update, exercise="6.8", names=names, expected=([-2.0, 3.0], [-3.0], [[-17.0]]))
### BEGIN HIDDEN TESTS
rng = checks.seed(550987711)
gradients, w = rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 3))
layer = StandIn(params=[w, w[1]])
optimizer = Momentum(StandIn(layers=[StandIn(), layer]), lr=0.2)


def updates():
    for g in gradients:
        layer.grads = [np.array(g), 2 * g[0]]
        optimizer.update()
    return (*layer.own, *layer.grads)


velocity, expected, expected_b = np.zeros((2, 3)), w, w[1]
for g in gradients:
    velocity = 0.9 * velocity + g
    expected, expected_b = expected - 0.2 * velocity, expected_b - 0.4 * velocity[0]
names, grads = ("w", "b", "grads[0]", "grads[1]"), (gradients[-1], 2 * gradients[-1][0])
checks.output(updates, exercise="6.8", names=names, expected=(expected, expected_b, *grads), hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="adam"
# **Adam** (Kingma and Ba, 2015) asks a second question: how large are this parameter's gradients *usually*? It keeps two running means for each parameter, one of the gradients and one of their squares,
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 ,$$
#
# and divides one by the root of the other. Usual are $\beta_1 = 0.9$ and $\beta_2 = 0.999$. Both means start at 0, and are too small at first. After $t$ updates a constant gradient would have filled them to a share of $1 - \beta_1^t$ and $1 - \beta_2^t$; dividing by these shares mends it:
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} .$$
#
# The tiny $\varepsilon$, *outside* the root, keeps the fraction finite where no gradient has come yet.
#
# **Question 6.C · Predict first.** The very first gradient of a parameter is 1000, and $\eta = 0.001$. By how much does Adam move the parameter in its first step? (Leave $\varepsilon$ aside.)

# %% name="question-adam" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    0.001,
    tolerance=1e-6,
    right="After one step m̂ = 1000 and √v̂ = √1000² = 1000: their quotient is 1, whatever the gradient's size. The step is η.",
    wrong={
        1: "That would be η times the gradient: plain SGD. What does Adam divide by?",
        0.1: "That is η (1 − β₁) · 1000 without the second mean. What does Adam divide by?",
        0.003162: "You left out the bias correction: 0.1 · 1000 over √(0.001 · 1000²).",
        -0.001: "The size is right. Which sign has a size?",
        1000: "That is the gradient itself.",
    },
    otherwise="Compute m and v after one step, divide each by its share (1 − β), and then one by the root of the other.",
)

# %% [markdown] name="exercise-adam"
# So the size of a gradient hardly matters: a steady one moves its parameter by about $\eta$ at each step, one that keeps changing its sign by much less.
#
# ### Exercise 6.9 · Adam (4 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# It is Momentum with two memories in place of one, and a counter. When is the counter raised: once for each update, or once for each parameter?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Raise `self.t` first. For each parameter: update `m` and `v` in place; their corrected versions are *new* arrays (the memories must stay as they are); then the step.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A running mean that starts at 0, and its correction:
#
# ```python
# mean, t = 0.0, 0
# for value in (8.0, 8.0, 8.0):
#     t += 1
#     mean = 0.9 * mean + 0.1 * value
#     print(round(mean, 3), round(mean / (1 - 0.9**t), 3))    # 0.8 8.0, then 1.52 8.0, then 2.168 8.0
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-6-9", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Adam:
    """Exercise 6.9: Adam with bias correction, in place."""

    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        """One step, with the gradients that the layers hold now; they stay as they are."""
        ### BEGIN SOLUTION
        self.t += 1
        share1, share2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m += (1 - self.beta1) * (g - m)
                v += (1 - self.beta2) * (g * g - v)
                p -= self.lr / share1 * m / (np.sqrt(v / share2) + self.eps)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-6-9", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.written(Adam, "6.9")
one = StandIn(params=[[1.0, 2.0], [5.0]], grads=[[10.0, -0.01], [4.0]])
two, three = StandIn(params=[[[3.0]]], grads=[[[6.0]]]), StandIn(params=[[5.0]], grads=[[3.0]])
optimizer = Adam(StandIn(layers=[one, StandIn(), two]), lr=2.0, beta1=0.5, beta2=0.9, eps=0.0)


def update():
    optimizer.update()
    hint = "a layer's own w is as it was. Does your line change that array, or make another?"
    checks.that(not np.array_equal(one.own[0], [1.0, 2.0]), hint, exercise="6.9")
    return (*one.own, *two.own)


names = ("the first layer's w", "the first layer's b", "the last layer's w")
# The first step is lr in size, whatever the gradient.
checks.output(update, exercise="6.9", names=names, expected=([-1.0, 4.0], [3.0], [[1.0]]))
one.grads = [np.array([-5.0, -0.01]), np.array([0.0])]
step = 2 * (1 / 0.75) / (1.2 / np.sqrt(0.19))  # Now m is (0, …) for w, and for b m = 1 and v = 0.9·1.6 = 1.2².
checks.output(update, exercise="6.9", names=names, expected=([-1.0, 6.0], [3 - step], [[-1.0]]))
Adam(StandIn(layers=[three]), lr=4.0, eps=1.0).update()  # by 4 · 3 / (3 + 1)
checks.output(lambda: three.own[0], exercise="6.9", names=("w after a step with ε = 1",), expected=[2.0])
### BEGIN HIDDEN TESTS
rng = checks.seed(210168307)
gradients, w = rng.normal(size=(5, 2, 3)), rng.normal(size=(2, 3))
layer = StandIn(params=[w, w[1]])
optimizer = Adam(StandIn(layers=[StandIn(), layer]), lr=0.01, eps=0.01)


def updates():
    for g in gradients:
        layer.grads = [np.array(g), 2 * g[0]]
        optimizer.update()
    return (*layer.own, *layer.grads)


def expected_after(w, gradients):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w - 0.01 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 0.01)
    return w


expected = (expected_after(w, gradients), expected_after(w[1], 2 * gradients[:, 0]), gradients[-1], 2 * gradients[-1][0])
checks.output(updates, exercise="6.9", names=("w", "b", "grads[0]", "grads[1]"), expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="optimizers-demo"
# **Demo 6.1.** Your three optimizers on a long bowl, from the same start. Move the learning rate, and press Play to see the steps one by one. Which one is first below a height of 0.1, at a rate that suits it? Which one diverges first, which one overshoots and comes back, which one never diverges? Adam's steps hardly depend on how steep the bowl is: what is good about it, what bad? (The demo runs your three classes.)

# %% name="demo-optimizers" tags=["illustration"]
class Point(Layer):
    """A layer whose only parameter is a point on the long bowl 0.1 x² + 10 y²."""

    def __init__(self):
        super().__init__()
        self.p = np.array([-4.0, 1.0])
        self.params, self.grads = [self.p], [np.zeros(2)]


def walk(optimizer_class, lr, steps=60):
    net = MLP([Point()])
    optimizer, path = optimizer_class(net, lr), [net.layers[0].p.copy()]
    for _ in range(steps):
        net.layers[0].grads = [np.array([0.2, 20.0]) * net.layers[0].p]
        optimizer.update()
        path.append(net.layers[0].p.copy())
    return np.array(path)


with checks.needs(SGD, Momentum, Adam):
    demos.optimizers(walk, [SGD, Momentum, Adam], caption="Figure 6.2: three ways down the same valley.")

# %% [markdown] name="digits"
# ## 8 · Finale: handwritten digits
#
# 1,797 handwritten digits, scanned to 8 × 8 grey values (UCI's *Optical Recognition of Handwritten Digits*). A fifth of each class is kept for the test. Grey values run from 0 to 16, with a mean near 5; `/ 16 - 0.3` brings them to about −0.3 to 0.7. (Standardising would not do: three pixels are blank in every image.) The network has three layers of weights, and the code is yours from the first line to the last.

# %% name="train-digits" tags=["illustration"]
with checks.needs(Linear, ReLU, MLP, CrossEntropy, Adam, train):
    images, digits = datasets.digits()
    train_rows, test_rows = datasets.stratified_split(np.random.default_rng(0), digits, test=0.2)
    pixels, rng = images / 16 - 0.3, np.random.default_rng(1)
    mlp = MLP([Linear(64, 64, rng), ReLU(), Linear(64, 32, rng), ReLU(), Linear(32, 10, rng)])
    losses = train(
        mlp, CrossEntropy(mlp), Adam(mlp, lr=0.003), pixels[train_rows], digits[train_rows], 30, 32, rng,
        report=lambda epoch, mean_loss: print(f"epoch {epoch}: loss {mean_loss:.4f}") if epoch % 10 == 0 else None,
    )
    answers = mlp(pixels[test_rows]).argmax(axis=1)
    print(f"right for {np.mean(answers == digits[test_rows]):.1%} of {len(test_rows)} test digits")

# %% name="figure-mistakes" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
with checks.needs(Linear, ReLU, MLP, CrossEntropy, Adam, train):
    answers = mlp(pixels[test_rows]).argmax(axis=1)  # of the cell above: run it first
    missed, said = test_rows[answers != digits[test_rows]], answers[answers != digits[test_rows]]
    fig, panels = plots.axes("", size=(8.6, 2.3), columns=8)
    for ax, row, answer in zip(panels, missed, said):
        ax.imshow(images[row].reshape(8, 8), cmap="Greys")
        ax.set_title(f"is {digits[row]}, said {answer}", fontsize=9)
    for ax in panels:
        ax.axis("off")
    plots.show(
        fig,
        alt=f"Up to eight of the {len(missed)} test digits that the network got wrong, as 8 by 8 grey squares: "
        + ", ".join(f"{digits[row]} taken for {answer}" for row, answer in zip(missed[:8], said)) + ".",
        caption="Figure 6.3: what it gets wrong. What would you have said?",
    )

# %% [markdown] name="playground"
# **Demo 6.2 · A playground on your own code.** All of it runs *your* classes and *your* `train`. Play trains epoch after epoch, Step one epoch. The left picture shows the samples; those drawn hollow are held out and never trained on. In the middle each line is a weight: the larger, the thicker (between two large layers, the 300 largest). On the right is the loss, with a dashed line at ln C, the loss of guessing.
#
# Other data or another network starts anew, always from the same first weights, so that you can compare. Another optimizer, learning rate or batch size goes on with the weights as they are, and a grey line marks the change.
#
# Things to try:
#
# 1. Take SGD at 0.1, press "Start anew" and Play. In the middle of it raise the learning rate to 3, and go on: the loss jumps. Now lower it again. Does the network recover? What may have become of its ReLUs?
# 2. Take out all hidden layers. What is left of the borders, and why? Then the circles: how many units does one hidden layer need?
# 3. The circles with four hidden layers of Sigmoid. No learning rate helps SGD. Look at its lines, start anew with Adam, and compare.
# 4. Two half-moons, much noise, three layers of 32 units. Watch the loss of the samples held out. When would you have stopped?
# 5. In your own `Linear.backward`, put a minus before what you return. Run that cell, and this one. It still learns, a little! Compare its loss with that of no hidden layer at all. Then put the minus before your gradients of `w` and `b` instead. Which of the two mistakes would you have noticed without a check? (Take the minus out again.)

# %% name="demo-playground" tags=["illustration"]
with checks.needs(Linear, ReLU, Tanh, MLP, CrossEntropy, SGD, Momentum, Adam, train):
    demos.playground(
        Linear, MLP, CrossEntropy, [ReLU, Tanh, Sigmoid], [SGD, Momentum, Adam], train,
        caption="Figure 6.4: your own playground.",
    )

# %% [markdown] name="fast"
# ## 9 · Make it fast
#
# Your framework is readable, and it is fast as well. Why, and where does the time go?
#
# **Every NumPy call costs about a microsecond, however small the arrays.** For a 2-16-2 network and one sample, the arithmetic is some three hundred multiplications, far less than a microsecond in all; but a training step makes some thirty calls. So the cost is the *number of calls*. This is why a batch of 32 takes hardly longer than a batch of 1, and why one epoch in batches is an order of magnitude quicker than sample by sample. A little depends on *which* calls: `x.dot(w)` is the product `x @ w`, but comes to the point sooner, and small arrays of floats are multiplied in a third of the time that floats times a mask of booleans take. PyTorch does more per call (it records what it will need for the way back), so on small networks on a CPU your code is ahead of it.
#
# **Large arrays cost memory.** `p = p - lr * g` makes two new arrays. `p -= lr * g` makes one. `ReLU` can save its input, or a mask of booleans in an eighth of the memory, or its output, which costs none: the next layer saves that same array.
#
# **Half the bytes, half the time.** With `dtype=np.float32` (layers *and* inputs: `x.astype(np.float32)`) the matrix products of large networks take half as long. Gradients do not need sixteen digits; *checking* gradients does, which is why all checks use float64.
#
# **Measure, then change.** Try `%timeit mlp(pixels[:32])` in a cell of your own, and `%prun` on a call of `train`. Most of what one would have liked to improve turns out not to matter.
#
# **Question 6.D · Predict first.** You double the batch size for a small network, 2-16-2, from 16 to 32. How does the time for one *epoch* change?

# %% name="question-fast" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It doubles.": "Each step works on twice as many samples, but there are half as many steps. And what dominates a step of a small network?",
        "It stays the same.": "It would if time went with the arithmetic, for the arithmetic is the same. For small arrays the calls dominate; how many calls does an epoch make now?",
        "It nearly halves.": "Half as many steps, each of about the same cost, since the cost is in the number of calls. For large networks this ends: there the arithmetic counts.",
    },
    right="It nearly halves.",
)

# %% [markdown] name="twins"
# ## 10 · The twin, line by line
#
# The whole digits program in PyTorch. Everything in it now has a name for you.
#
# ```python
# import torch
#
# x = torch.tensor(pixels[train_rows], dtype=torch.float32)  # PyTorch's weights are float32
# y = torch.tensor(digits[train_rows])
# mlp = torch.nn.Sequential(
#     torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)
# )
# criterion = torch.nn.CrossEntropyLoss()                    # takes logits, as yours does
# optimizer = torch.optim.Adam(mlp.parameters(), lr=0.003)   # yours takes the network
#
# for epoch in range(30):
#     order = torch.randperm(len(x))
#     for first in range(0, len(x), 32):
#         rows = order[first : first + 32]
#         error = criterion(mlp(x[rows]), y[rows])
#         optimizer.zero_grad()                              # its gradients add up; yours are replaced
#         error.backward()                                   # finds its way back by itself
#         optimizer.step()                                   # your update
# ```
#
# | yours | PyTorch | the difference |
# | --- | --- | --- |
# | `Linear(64, 32)` | `torch.nn.Linear(64, 32)` | stores the weights as `(32, 64)` |
# | `ReLU()`, `Tanh()`, `Sigmoid()` | the same names | |
# | `MLP([...])` | `torch.nn.Sequential(...)` | |
# | `CrossEntropy(mlp)` | `torch.nn.CrossEntropyLoss()` | need not know the network |
# | `loss.backward()` | `error.backward()` | PyTorch records every operation of the forward pass, so its `backward` also goes through loops, branches and shared layers |
# | `SGD`, `Momentum`, `Adam` | `torch.optim.SGD(…)`, the same with `momentum=0.9`, `torch.optim.Adam(…)` | the same formulas |
# | gradients are replaced | gradients add up | hence `zero_grad()` |

# %% [markdown] name="summary"
# ## Summary
#
# - A layer knows its way forward and its way back; a network is a list of layers; backpropagation is `backward` in reverse order.
# - Parameters and gradients are in lists from the start, and updates happen in place.
# - A loss starts the way back; both of yours do it with (prediction − target)/N.
# - Momentum adds up what points the same way; Adam gives every parameter a step of its own size.
# - The number of NumPy calls, and not the arithmetic, is what small networks cost.
#
# **When training does not work, look in this order**
#
# 1. The first loss: about ln C?
# 2. Ten samples: can the network learn them by heart? If not, check each layer's `backward` against a measured gradient.
# 3. Does the loss fall at a tenth of the learning rate? (Adam's default of 0.001 is a good start, SGD's best rate depends on everything.)
# 4. Do the parameters change at all? Print one before and after `update`.
# 5. Are the inputs standardised, and are samples and targets still paired?
#
# **To discuss**
#
# 1. `MLP` cannot express a network in which two branches meet. What would a layer have to return from `backward`, and who would add up the gradients?
# 2. Why may `Linear` save its input without copying it? Who could spoil it?
# 3. Adam forgets a parameter's gradients slowly (β₂ = 0.999). When is that a disadvantage?
# 4. Which lines of your framework would have to change for the computation to run on a graphics card?
#
# **To read on** Karpathy's *micrograd*: automatic differentiation in 100 lines. Kingma and Ba, *Adam* (2015). Sutskever and others, *On the importance of initialization and momentum in deep learning* (2013). And the [TensorFlow Playground](https://playground.tensorflow.org/): you could now write it.

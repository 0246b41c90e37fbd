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
# # Lesson 3 · ReLU bends the line
#
# Lesson 2 ended in front of a parabola, with a network of twenty hidden units that could only draw a straight line. What is missing is a bend. The simplest bend there is, one corner in a straight line, turns out to be enough for *any* curve. This lesson adds it, with two lines of code in the forward pass and a single factor in the backward pass.
#
# **When you are through, you can**
#
# - write ReLU and its derivative, and say what happens at the corner;
# - see a curve as a sum of hinges;
# - change the backward pass where, and only where, it must change;
# - bring inputs to a scale on which training works, without cheating;
# - choose the number of hidden units by a validation set.
#
# **Time** about 110 minutes. **Points** 20. **You need** lesson 2: the two-layer network, forward and backward, and mini-batches.

# %% [markdown] name="reminder"
# As before: run the folded cell below first, replace each `...`, run that cell, run its check, and open the hints one at a time. Each exercise works with its own arguments only; do not call your functions from other exercises inside it.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import checks, datasets, demos, plots, questions

# %% [markdown] name="from-lesson-2"
# From lessons 1 and 2 you bring the loss, the output layer's gradients and the training loop. Here they are, as one way to write them. Compare them with yours.

# %% nbgrader={"grade": false, "grade_id": "given-loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
def mse(y_hat, y):
    """The mean squared error (lesson 1): sum of squared errors / (2 N), for two (N, D_out) arrays."""
    if y_hat.shape != y.shape:
        raise ValueError(f"predictions {y_hat.shape} and targets {y.shape} must have the same shape")
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


def output_gradients(h, y_hat, y):
    """The gradients of layer 2 (lesson 2): grad_w2 (H, D_out), grad_b2 (D_out,)."""
    dy = (y_hat - y) / len(y)
    return h.T @ dy, dy.sum(axis=0)

# %% nbgrader={"grade": false, "grade_id": "given-fit", "locked": true, "schema_version": 3, "solution": false, "task": false}
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    """Gradient descent in mini-batches (lesson 2); returns the trained list of arrays."""
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params

# %% [markdown] name="hinge"
# ## 1 · A line with a corner
#
# A **rectified linear unit**, ReLU for short, lets positive numbers through and stops negative ones:
#
# $$\operatorname{relu}(z) = \max(0, z) .$$
#
# Its graph is a hinge: flat on the left, a straight line of slope 1 on the right, a corner at 0. Figure 3.1 shows it beside its derivative.

# %% name="figure-relu" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
z = np.linspace(-3, 3, 301)
fig, (left, right) = plots.axes("", "z", "", size=(7.6, 2.8), columns=2)
left.plot(z, np.where(z > 0, z, 0), color=plots.BLUE, linewidth=2.5)
left.set_title("relu(z)")
for side in (z[z < 0], z[z > 0]):
    right.plot(side, (side > 0).astype(float), color=plots.RED, linewidth=2.5)
right.plot(0, 0, "o", color=plots.RED)
right.plot(0, 1, "o", markerfacecolor="white", color=plots.RED)
right.set_title("relu′(z), with relu′(0) = 0")
plots.show(
    fig,
    alt="Left: relu is zero up to z = 0 and then rises with slope one. "
    "Right: its derivative is 0 up to and including z = 0, and 1 beyond it.",
    caption="Figure 3.1: ReLU and its derivative.",
)

# %% [markdown] name="exercise-relu"
# ### Exercise 3.1 · ReLU (2 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# It must work on arrays of any shape, entry by entry. An `if` looks at one number only.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# NumPy has a function that takes the larger of two values, entry by entry. It is not `np.max`, which looks for the largest entry of one array.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Nobody pays more than 20 euros, whatever was ordered:
#
# ```python
# bills = np.array([[12.0, 25.0], [31.0, 8.0]])
# np.minimum(bills, 20.0)     # [[12., 20.], [20., 8.]]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-3-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu(z):
    """Exercise 3.1: max(0, z), entry by entry.

    z: array of any shape; left as it is
    returns: array of the same shape
    """
    ### BEGIN SOLUTION
    return np.maximum(0, z)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-3-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

z = np.array([[-2.0, 0.0, 1.5], [3.0, -0.5, 10.0]])
checks.output(relu, z, exercise="3.1", expected=[[0.0, 0.0, 1.5], [3.0, 0.0, 10.0]])
### BEGIN HIDDEN TESTS
z = checks.seed(795453646).normal(size=(2, 3, 4)) * 3
checks.output(relu, z, exercise="3.1", expected=(z + np.abs(z)) / 2, hidden=True)
checks.output(relu, z[0, 0], exercise="3.1", expected=(z + np.abs(z))[0, 0] / 2, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="slope"
# ## 2 · Its slope
#
# Left of the corner the slope is 0, right of it 1. *At* the corner there is none: the slope jumps. For training it does not matter which value we take there, since a weighted sum is hardly ever exactly 0. But it must be *some* number, and we all must take the same one. In this course, as in PyTorch, **relu′(0) = 0**.
#
# Where do you take this slope? At the **pre-activation** $z$, the number that went *into* the hinge, as in lesson 2. You will meet code that takes it at $h$, the number that came out. For ReLU the result is the same by luck, because $h > 0$ exactly when $z > 0$. For nearly every other activation it is wrong:
#
# | | at $z = 2$ | taken at $h = f(z)$ instead |
# | --- | --- | --- |
# | relu′ | 1 | 1 (luck) |
# | tanh′ | 0.071 | 0.443 |
# | sigmoid′ | 0.105 | 0.207 |
#
# **Question 3.A · Predict first.** The gradient that arrives at a hidden unit is 3, and the unit's pre-activation is −2. Which gradient leaves through the ReLU, down to the weighted sum?

# %% name="question-slope" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    0,
    right="The slope at −2 is 0. This sample does not change the unit's weights at all.",
    wrong={
        3: "That would be right for a positive pre-activation, where the slope is 1.",
        -6: "ReLU's slope multiplies, not its input. What is the slope at −2?",
        -3: "The sign of z decides whether the gradient passes; it does not flip it.",
    },
    otherwise="Gradient out = gradient in × slope at z. Read the slope at −2 from Figure 3.1.",
)

# %% [markdown] name="exercise-slope"
# ### Exercise 3.2 · ReLU's derivative (2 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# A comparison gives an array of `True` and `False`. The docstring asks for floats.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Compare with 0 (is 0 itself on the flat side?), then turn the answers into numbers. `.astype(float)` does that.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Who is of age?
#
# ```python
# ages = np.array([17, 18, 40])
# (ages >= 18).astype(float)    # [0., 1., 1.]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-3-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_prime(z):
    """Exercise 3.2: the derivative of ReLU, with relu'(0) = 0.

    z: array of any shape, pre-activations
    returns: array of floats of the same shape, 0.0 or 1.0
    """
    ### BEGIN SOLUTION
    return (z > 0).astype(float)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-3-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

z = np.array([[-2.0, 0.0, 1.5], [3.0, -0.5, 1e-9]])
checks.output(relu_prime, z, exercise="3.2", expected=[[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
### BEGIN HIDDEN TESTS
z = checks.seed(889783661).normal(size=(3, 4)) * 5
z[1, 2] = 0.0
expected = np.ceil(np.clip(z, 0, 1))
checks.output(relu_prime, z, exercise="3.2", expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="forward"
# ## 3 · Hinges add up to curves
#
# With one input, a hidden unit computes $\operatorname{relu}(w x + b)$: a hinge with its corner where $w x + b = 0$. The output adds up all hinges, each with a weight that makes it steeper, flatter, or upside down. Between two corners everything is straight, so the sum is a chain of straight pieces.
#
# **Question 3.B · Predict first.** A network with one input has 5 hidden ReLU units. How many corners can its output have at most?

# %% name="question-corners" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "5": "One corner for each hinge, where its weighted sum crosses zero. A corner of the sum can only be where a hinge has one.",
        "6": "6 is the largest number of straight pieces. How many corners lie between 6 pieces?",
        "10": "Each hinge has one corner, not two: flat on one side, sloped on the other.",
        "As many as you like": "Between the corners of the hinges the sum is straight. How many hinges are there?",
    },
    right="5",
)

# %% [markdown] name="exercise-forward"
# ### Exercise 3.3 · Forward with ReLU (3 points)
#
# The forward pass of lesson 2, with a ReLU in the hidden layer. Write the maximum out, or call a NumPy function; your `relu` from 3.1 is graded there and not here.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Three lines. Only the middle one differs from lesson 2.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Return `z` as it was *before* the maximum: the way back needs it. If you compute the maximum in place, you lose it.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Keep both the raw and the cut values when you will need both:
#
# ```python
# balance = np.array([120.0, -30.0])
# payout = np.maximum(balance, 0)    # balance is still [120., -30.]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-3-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(x, w1, b1, w2, b2):
    """Exercise 3.3: run a batch through a two-layer ReLU network with a linear output.

    x     : (N, D) samples
    w1, b1: (D, H), (H,) layer 1
    w2, b2: (H, D_out), (D_out,) layer 2
    returns: z (N, H) pre-activations, h (N, H) hidden units, y_hat (N, D_out)
    """
    ### BEGIN SOLUTION
    z = x @ w1 + b1
    h = np.maximum(0, z)
    return z, h, h @ w2 + b2
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-3-3", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("z", "h", "y_hat")
x = np.array([[2.0], [-2.0], [0.5]])
w1, b1 = np.array([[1.0, -1.0]]), np.array([0.0, -1.0])
w2, b2 = np.array([[2.0], [3.0]]), np.array([-2.0])
z, h = [[2.0, -3.0], [-2.0, 1.0], [0.5, -1.5]], [[2.0, 0.0], [0.0, 1.0], [0.5, 0.0]]
y_hat = [[2.0], [1.0], [-1.0]]
checks.output(forward, x, w1, b1, w2, b2, exercise="3.3", names=names, expected=(z, h, y_hat), batch=3)
### BEGIN HIDDEN TESTS
rng = checks.seed(838869882)
x, w1, b1 = rng.normal(size=(6, 3)), rng.normal(size=(3, 5)), rng.normal(size=5)
w2, b2 = rng.normal(size=(5, 2)), rng.normal(size=2)
z = np.einsum("nd,dh->nh", x, w1) + b1
h = np.where(z > 0, z, 0.0)
y_hat = np.einsum("nh,hk->nk", h, w2) + b2
checks.output(
    forward, x, w1, b1, w2, b2,
    exercise="3.3", names=names, expected=(z, h, y_hat), batch=6, hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="hinges-demo"
# **Demo 3.1.** Three hinges, drawn dashed, and their sum. Units 1 and 3 are on to the right of their corner, unit 2 to the left; a negative output weight turns a hinge upside down. Move the corners (the dots) and the output weights until the red chain follows the parabola. How low can you bring the loss? Lesson 2's best straight line stays above 0.05. (The demo runs your `forward`.)
#
# - **More units.** Raise their number. Units 4 to 6 have fixed corners and take the output weights that fit best what your three leave over. Where does each new one bend the chain? With fewer than three, the sliders of the missing ones rest.
# - **A unit that does nothing.** Push the corner of unit 1 to the right, beyond the last sample. For how many samples is it on then? Move its output weight: what happens to the loss? You meet such **dead** units again in section 7.

# %% name="demo-hinges" tags=["illustration"]
with checks.needs(forward):
    curve_x, curve_y = datasets.parabola(np.random.default_rng(5))
    demos.hinges(forward, curve_x, curve_y, caption="Figure 3.2: hinges and their sum.")

# %% [markdown] name="backward"
# ## 4 · The way back changes by one factor
#
# Go through Figure 2.4 of lesson 2 once more, from right to left. The loss is the same, so `dy` is the same. The output layer is the same. The weights of layer 2 carry `dy` back to the hidden units as before. Then comes the activation: here, and only here, its slope enters.
#
# $$\frac{\partial l}{\partial z} = \left(\frac{\partial l}{\partial \hat y}\, W^{(2)\top}\right) \odot \operatorname{relu}'(z)$$
#
# The factor is 1 or 0: the gradient passes, or it is stopped. A unit that was off for a sample has had no part in that sample's error, so it takes no blame.
#
# ### Exercise 3.4 · Backward with ReLU (5 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Start from your `hidden_gradients` of lesson 2. Which line mentions the slope?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# `dh` from `dy` and `w2`; `dz` from `dh` and a mask of the shape of `z`; the two gradients from `dz`. Everything is already divided by N.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Fees are refunded for those tickets that were used:
#
# ```python
# refund = np.array([[5.0, 5.0], [8.0, 8.0]])
# used = np.array([[1.0, 0.0], [0.0, 1.0]])
# refund * used        # [[5., 0.], [0., 8.]]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-3-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_gradients(x, z, dy, w2):
    """Exercise 3.4: the gradients of layer 1 of a ReLU network.

    x : (N, D) samples
    z : (N, H) pre-activations of layer 1
    dy: (N, D_out) gradient of the loss at y_hat
    w2: (H, D_out) weights of layer 2
    returns: grad_w1 (D, H), grad_b1 (H,)
    """
    ### BEGIN SOLUTION
    dz = (dy @ w2.T) * (z > 0)
    return x.T @ dz, dz.sum(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-3-4-weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(44)
x, w1, b1 = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
w2, upstream = rng.normal(size=(4, 2)), rng.normal(size=(5, 2))


def loss(w1, b1):  # any loss whose gradient at the output is `upstream`
    hidden = [[max(0.0, sum(sample * w1[:, j]) + b1[j]) for j in range(4)] for sample in x]
    outputs = [sum(unit * row for unit, row in zip(units, w2)) for units in hidden]
    return sum(sum(weight * output) for weight, output in zip(upstream, outputs))


z = np.array([[sum(sample * column) for column in w1.T] for sample in x]) + b1
checks.gradient(
    hidden_gradients, x, z, upstream, w2,
    exercise="3.4", loss=loss, at={"w1": w1, "b1": b1}, only="w1", batch=5,
)
### BEGIN HIDDEN TESTS
rng = checks.seed(950834715)
names = ("grad_w1", "grad_b1")
x, z, dy, w2 = rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), rng.normal(size=(3, 2))
z[2, 1] = 0.0
z[:, 0] += 1e6  # where a finite difference is coarse
dz = np.where(z > 0, np.einsum("nk,hk->nh", dy, w2), 0.0)
expected = (np.einsum("nd,nh->dh", x, dz), np.einsum("nh->h", dz))
checks.output(
    hidden_gradients, x, z, dy, w2,
    exercise="3.4", names=names, only="grad_w1", expected=expected, batch=7, hidden=True,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-3-4-bias", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("grad_w1", "grad_b1")
x = np.array([[1.0], [2.0], [0.0], [1.0]])
z = np.array([[2.0, 0.0, -2.0], [3.0, 4.0, -1.0], [1.0, -1.0, 1.0], [-1.0, 2.0, 0.5]])
dy, w2 = np.array([[1.0, 3.0], [4.0, -1.0], [2.0, 0.0], [1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
# Row by row, dh is [1, 3, 6], [4, −1, 11], [2, 0, 6], [1, 2, 5]; the slopes are 1 where z > 0, else 0.
expected = ([[9.0, 0.0, 5.0]], [7.0, 1.0, 11.0])
checks.output(hidden_gradients, x, z, dy, w2, exercise="3.4", names=names, only="grad_b1", expected=expected, batch=4)
### BEGIN HIDDEN TESTS
rng = checks.seed(287974969)
x, z, dy, w2 = rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), rng.normal(size=(3, 2))
z[:, 0] += 1e6  # where a finite difference is coarse
dz = np.where(z > 0, np.einsum("nk,hk->nh", dy, w2), 0.0)
expected = (np.einsum("nd,nh->dh", x, dz), np.einsum("nh->h", dz))
checks.output(
    hidden_gradients, x, z, dy, w2,
    exercise="3.4", names=names, only="grad_b1", expected=expected, batch=7, hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="he"
# ## 5 · First weights for hinges
#
# In lesson 2 the variance $2/(D_{in} + D_{out})$ kept the signal's size through linear layers. A ReLU throws half of the signal away: negative sums become 0. After each layer only half of the mean square is left: after twenty layers a millionth, and of its root, drawn in Figure 3.3, a thousandth. Kaiming He and colleagues (2015) put the lost factor of 2 back. (Where a layer has as many inputs as outputs, lesson 2's variance is $1/D_{in}$; theirs is twice that.)
#
# $$\operatorname{Var}(w) = \frac{2}{D_{in}} .$$

# %% name="figure-he" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
rng = np.random.default_rng(0)
fig, ax = plots.axes("Size of the signal through ReLU layers of 100 units", "layer", "root mean square of its units", size=(6.4, 3.6))
for name, variance, color in [("2 / (in + out)", 2 / 200, plots.ORANGE), ("2 / in (He)", 2 / 100, plots.GREEN)]:
    signal, sizes = rng.normal(size=(200, 100)), [1.0]
    for _ in range(20):
        signal = np.clip(signal @ rng.normal(scale=np.sqrt(variance), size=(100, 100)), 0, None)
        sizes.append(np.sqrt(np.mean(signal**2)))
    ax.plot(sizes, ".-", color=color, label=f"variance {name}")
ax.set_yscale("log")
ax.legend()
plots.show(
    fig,
    alt="With lesson 2's variance the signal shrinks a thousandfold over twenty ReLU layers; with He's variance it stays near one.",
    caption="Figure 3.3: what the hinge takes away, He's variance puts back.",
)

# %% [markdown] name="network"
# For two layers either choice works. We take He's from here on. The next cell puts the network together; it trains epoch by epoch, so that someone can watch.

# %% nbgrader={"grade": false, "grade_id": "given-mlp", "locked": true, "schema_version": 3, "solution": false, "task": false}
class ReluMLP:
    """Two layers with a ReLU between them and a linear output."""

    def __init__(self, d_in, hidden, d_out, rng):
        w1 = rng.normal(scale=np.sqrt(2 / d_in), size=(d_in, hidden))
        w2 = rng.normal(scale=np.sqrt(2 / hidden), size=(hidden, d_out))
        self.params = [w1, np.zeros(hidden), w2, np.zeros(d_out)]

    def __call__(self, x):
        return forward(x, *self.params)[2]

    def gradients(self, params, x, y):
        z, h, y_hat = forward(x, *params)
        hidden = hidden_gradients(x, z, (y_hat - y) / len(y), params[2])
        return [*hidden, *output_gradients(h, y_hat, y)]

    def fit(self, x, y, epochs, lr, batch_size, rng, watch=lambda network: None):
        for _ in range(epochs):
            self.params = fit(x, y, self.params, self.gradients, 1, lr, batch_size, rng)
            watch(self)

# %% name="train-parabola" tags=["illustration"]
with checks.needs(forward, hidden_gradients):
    curve_x, curve_y = datasets.parabola(np.random.default_rng(5))
    network = ReluMLP(1, 20, 1, np.random.default_rng(6))
    network.fit(curve_x, curve_y, epochs=1000, lr=0.1, batch_size=15, rng=np.random.default_rng(7))
    grid = np.linspace(-1.1, 1.1, 200)[:, None]
    fig, ax = plots.axes("The same 20 hidden units, now with ReLU", "x", "y", size=(6.0, 3.6))
    ax.scatter(curve_x, curve_y, s=14, color=plots.GREY, label="samples")
    ax.plot(grid, network(grid), color=plots.RED, linewidth=2.5, label="output after 1,000 epochs")
    ax.legend(loc="upper center")
    plots.show(
        fig,
        alt=f"Samples on a parabola and the output, a chain of straight pieces; its loss is {mse(network(curve_x), curve_y):.4f}.",
        caption="Figure 3.4: the line bends. Compare Figure 2.8 of lesson 2.",
    )

# %% [markdown] name="scaling"
# ## 6 · A polynomial, and why inputs need a scale
#
# Now for a harder curve: a polynomial of degree three, with noise. This time the input comes in raw units, as it does in life: numbers between 10 and 50. Figure 3.5 shows the samples. Three in ten of them are set aside; you see why in section 8.

# %% nbgrader={"grade": false, "grade_id": "polynomial", "locked": true, "schema_version": 3, "solution": false, "task": false}
x_raw, target, x_raw_validation, target_validation = datasets.split(
    np.random.default_rng(8), *datasets.cubic(np.random.default_rng(9), n=120)
)

# %% name="figure-polynomial" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = plots.axes("A cubic polynomial with noise", "x, raw", "y")
ax.scatter(x_raw, target, s=18, color=plots.BLUE, label="training")
ax.scatter(x_raw_validation, target_validation, s=22, color=plots.ORANGE, marker="s", label="set aside")
grid_raw = np.linspace(10, 50, 200)[:, None]
ax.plot(grid_raw, datasets.cubic_curve(grid_raw), "--", color=plots.GREY, label="without noise")
ax.legend()
plots.show(
    fig,
    alt="Samples for x from 10 to 50 along an S-shaped curve: up to a hump near x = 22, down to a dip near x = 38, and steeply up at the right end.",
    caption="Figure 3.5: the samples, and the polynomial behind them.",
)

# %% [markdown] name="scaling-why"
# Train on the raw numbers and there is trouble. All inputs are positive, and about 30 on average, so all samples push the weights of layer 1 the same way, thirty times as hard as you expect. At a learning rate that suits layer 2, layer 1 jumps, and its hinges end up far away from the data. And at the start all corners are at $x = 0$ (why?), where there is no data at all.
#
# The cure is to **standardise**: shift each input column to mean 0, scale it to standard deviation 1. Mean and standard deviation come from the *training* samples. The same two numbers then serve for every other sample.
#
# **Question 3.C · Predict first.** Why not scale the validation samples with their own mean and standard deviation?

# %% name="question-scaling" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It would make no difference.": "The two sets have different means. The same raw x would become two different numbers, and the network would give two different answers.",
        "The same raw x must give the same scaled x as in training, or the network sees shifted data.": "The network learned what 'x = 1' means from the training samples. A single new sample has no standard deviation of its own at all.",
        "It would take too long.": "Both are fast. Think of a single new sample: what is its standard deviation?",
    },
    right="The same raw x must give the same scaled x as in training, or the network sees shifted data.",
)

# %% [markdown] name="exercise-scaling"
# ### Exercise 3.5 · Standardise (4 points)
#
# Scale both arrays with what you learn from the first. A column that never changes has standard deviation 0: turn it into zeros, not into NaN.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Statistics go *down the columns*: one mean and one standard deviation for each of the D inputs. Which axis is that?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Mean and standard deviation of `x_train` along the axis of the samples. Where a column is constant, divide by 1 instead: `np.where(condition, a, b)` chooses entry by entry. Then the same formula for both arrays.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Prices in shares of the largest price in each column, safe against columns of zeros:
#
# ```python
# prices = np.array([[2.0, 0.0], [4.0, 0.0]])
# top = prices.max(axis=0)
# prices / np.where(top == 0, 1.0, top)    # [[0.5, 0.], [1., 0.]]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-3-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardise(x_train, x_new):
    """Exercise 3.5: scale inputs by the mean and standard deviation of the training samples.

    x_train: (N, D) training samples; left as they are
    x_new  : (M, D) other samples; left as they are
    returns: x_train scaled (N, D): each column has mean 0 and standard deviation 1, or is all 0 if it was constant;
             x_new scaled (M, D) by the same numbers; a column that was constant is only shifted
    """
    ### BEGIN SOLUTION
    constant = np.all(x_train == x_train[0], axis=0)
    mean, std = x_train.mean(axis=0), np.where(constant, 1.0, x_train.std(axis=0))
    return (x_train - mean) / std, (x_new - mean) / std
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-3-5-scale", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("x_train scaled", "x_new scaled")
x_train, x_new = np.array([[1.0, 10.0], [3.0, 30.0], [1.0, 50.0], [3.0, 70.0]]), np.array([[2.0, 40.0], [5.0, 0.0]])
root5 = np.sqrt(5.0)  # the second column has mean 40 and standard deviation 10 √5
expected = (
    [[-1.0, -3 / root5], [1.0, -1 / root5], [-1.0, 1 / root5], [1.0, 3 / root5]],
    [[0.0, 0.0], [3.0, -4 / root5]],
)
checks.output(standardise, x_train, x_new, exercise="3.5", names=names, expected=expected, rtol=1e-9)
### BEGIN HIDDEN TESTS
rng = checks.seed(891015216)
x_train, x_new = 5 + 3 * rng.normal(size=(8, 3)), rng.normal(size=(5, 3)) - 2
mean = np.einsum("nd->d", x_train) / 8
spread = np.sqrt(np.einsum("nd,nd->d", x_train - mean, x_train - mean) / 8)
expected = ((x_train - mean) / spread, (x_new - mean) / spread)
checks.output(standardise, x_train, x_new, exercise="3.5", names=names, expected=expected, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-3-5-constant", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("x_train scaled", "x_new scaled")
x_train = np.array([[7.0, 1.0], [7.0, 1.0], [7.0, 5.0], [7.0, 5.0]])
x_new = np.array([[7.0, 5.0], [7.0, 9.0], [7.0, 1.0]])
expected = ([[0.0, -1.0], [0.0, -1.0], [0.0, 1.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 3.0], [0.0, -1.0]])
checks.output(standardise, x_train, x_new, exercise="3.5", names=names, expected=expected, rtol=1e-9)
### BEGIN HIDDEN TESTS
x_train, x_new = np.array([[1.0, -4.0], [5.0, -4.0]]), np.array([[3.0, -4.0], [7.0, -4.0], [1.0, -4.0]])
expected = ([[-1.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [2.0, 0.0], [-1.0, 0.0]])
checks.output(standardise, x_train, x_new, exercise="3.5", names=names, expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="epochs-demo"
# **Demo 3.2.** Press *Play* and watch the training, or scrub through it with the slider, from the first epoch to the last. Stop at epoch 50. Then switch to raw inputs. What does the curve look like at epoch 0, at epoch 50, at the end? Where does it learn first, and which part of the curve comes last? The title also counts the hidden units that are off for every sample: section 7 is about them.

# %% name="demo-epochs" tags=["illustration"]
def record(x, grid, epochs=200, hidden=30, lr=0.03):
    network = ReluMLP(1, hidden, 1, np.random.default_rng(10))
    curves, losses, off = [], [], []

    def watch(network):
        _, h, y_hat = forward(x, *network.params)
        curves.append(network(grid)[:, 0])
        losses.append(mse(y_hat, target))
        off.append(f"{np.sum(np.all(h == 0, axis=0))} of {hidden} units are off")

    watch(network)
    with np.errstate(all="ignore"):
        network.fit(x, target, epochs, lr, 16, np.random.default_rng(11), watch)
    return np.array(curves), {"training": np.array(losses)}, off


with checks.needs(forward, hidden_gradients, standardise):
    x, grid = standardise(x_raw, grid_raw)
    runs = {"standardised": record(x, grid), "raw": record(x_raw, grid_raw)}
    demos.replay(
        x_raw, target, grid_raw, {name: run[:2] for name, run in runs.items()},
        remarks={name: run[2] for name, run in runs.items()}, play=True,
        choice="inputs", label="epoch", steps=np.arange(201), start=50, xlabel="x, raw",
        caption="Figure 3.6: the fit at any epoch, and the loss on the way there.")

# %% [markdown] name="dead"
# ## 7 · Dead units
#
# The raw run shows another thing that ReLU does. If a unit's corner lies so far out that its weighted sum is negative for *every* sample, its slope is 0 for every sample, its gradient is 0, and nothing ever moves it back. The unit is **dead**. In the raw run 19 of the 30 units are dead before the first step (all corners are at 0, and 19 hinges look to the left), and after the first epoch all of them: what remains is a constant. Go back to Demo 3.2 and look.

# %% [markdown] name="dead-question"
# **Question 3.D · Predict first.** You find half of your units dead after the first epoch. What do you try first?

# %% name="question-dead" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "Train longer.": "A dead unit has gradient 0 on every sample. Time alone moves nothing.",
        "Lower the learning rate, and check the scale of the inputs.": "Dead units come from steps that are too large for the inputs. Smaller steps on standardised inputs keep the corners among the data.",
        "Double the number of hidden units.": "You would get twice as many dead ones. What killed them?",
        "Start with all biases at −1.": "That moves the corners, and switches units off for more samples than before.",
    },
    right="Lower the learning rate, and check the scale of the inputs.",
)

# %% [markdown] name="dead-figure"
# Large steps kill on standardised inputs too. Figure 3.7 counts the dead after 50 epochs.

# %% name="figure-dead" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
with checks.needs(forward, hidden_gradients, standardise):
    x, grid = standardise(x_raw, grid_raw)
    rates, dead = [0.01, 0.03, 0.1, 0.2, 0.3], []
    for lr in rates:
        network = ReluMLP(1, 30, 1, np.random.default_rng(101))
        with np.errstate(all="ignore"):
            network.fit(x, target, epochs=50, lr=lr, batch_size=16, rng=np.random.default_rng(201))
        dead.append(int(np.sum(np.all(forward(x, *network.params)[1] == 0, axis=0))))
    fig, ax = plots.axes("Units that are off for every sample", "learning rate", "dead units, of 30", size=(6.0, 3.2))
    bars = ax.bar([f"{lr:g}" for lr in rates], dead, color=plots.PURPLE)
    ax.bar_label(bars)
    ax.set_ylim(0, 33)
    plots.show(
        fig,
        alt=f"Bars: after 50 epochs, {', '.join(map(str, dead))} of 30 units are dead at learning rates {', '.join(map(str, rates))}.",
        caption="Figure 3.7: large steps kill hinges.",
    )

# %% [markdown] name="choosing"
# ## 8 · How many hidden units?
#
# More hinges make a more flexible chain. With enough of them the network can start to follow the noise, and its training loss tells you nothing but praise. This is why three in ten samples were set aside. They have no part in training; their loss, the **validation loss**, says how well the network does on samples it has not seen. Choose the size that makes *it* lowest.
#
# ### Exercise 3.6 · Choose the number of hidden units (4 points)
#
# `validation_loss(hidden)` trains a network and returns its validation loss. It is slow: call it once for each size. A run that has diverged returns NaN, and NaN must never win. If two sizes do equally well, the smaller network is the better choice.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Every comparison with NaN is false: `nan < 3` and `nan > 3` alike. What does your code do if the *first* loss is NaN?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Start with "nothing found yet, loss infinite". Go through the sizes from small to large, and replace the best only if the new loss is really smaller. Does this order take care of ties?
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# The cheapest offer, where some shops did not answer:
#
# ```python
# offers = {"A": float("nan"), "B": 12.0, "C": 9.0}
# best, lowest = None, float("inf")
# for shop, price in offers.items():
#     if price < lowest:          # false for NaN
#         best, lowest = shop, price
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-3-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_hidden(sizes, validation_loss):
    """Exercise 3.6: the number of hidden units with the lowest validation loss.

    sizes          : list of int, in any order
    validation_loss: function of a size, trains a network and returns a float, NaN if it diverged; slow
    returns: int, one of sizes; of equally good ones the smallest
    """
    ### BEGIN SOLUTION
    best, lowest = None, np.inf
    for size in sorted(sizes):
        loss = validation_loss(size)
        if loss < lowest:
            best, lowest = size, loss
    return best
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-3-6-lowest", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
from mlp_helpers import checks

losses = {4: 0.9, 8: 0.4, 16: 0.5, 32: 0.3, 64: 0.6}
checks.choice(choose_hidden, [4, 8, 16, 32, 64], losses.get, exercise="3.6", expected=32)
calls = []
checks.choice(choose_hidden, [32, 16, 4], lambda size: calls.append(size) or losses[size], exercise="3.6", expected=32)
checks.that(sorted(calls) == [4, 16, 32], "validation_loss should be called once for each size, for it is slow. "
            f"Yours was called for {calls}.", exercise="3.6")
### BEGIN HIDDEN TESTS
losses = {3: 0.5, 5: 0.75, 7: 0.25, 9: 1.0}
checks.choice(choose_hidden, [9, 7, 5, 3], losses.get, exercise="3.6", expected=7, hidden=True)
checks.choice(choose_hidden, [3, 5, 9], losses.get, exercise="3.6", expected=3, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-3-6-ties", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
from mlp_helpers import checks

nan = float("nan")
checks.choice(choose_hidden, [8, 4, 2], {2: 0.9, 4: 0.4, 8: 0.4}.get, exercise="3.6", expected=4, about="two sizes tie")
checks.choice(choose_hidden, [2, 4, 8], {2: nan, 4: 0.4, 8: 0.5}.get, exercise="3.6", expected=4, about="one run diverged")
### BEGIN HIDDEN TESTS
losses = {1: 0.7, 2: nan, 3: 0.2, 4: nan, 5: 0.2, 6: 0.2}
checks.choice(choose_hidden, [6, 4, 5, 3, 2, 1], losses.get, exercise="3.6", expected=3, hidden=True)
checks.choice(choose_hidden, [4, 2, 1], losses.get, exercise="3.6", expected=1, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="choosing-demo"
# **Demo 3.3.** To make the danger visible, only 16 training samples are left (blue). Slide through the network sizes. The left picture shows each trained network, the right one both losses, with a mark at this size. Where do they part? Which size would the training loss choose? (The demo trains with your functions, and `choose_hidden` picks.)

# %% name="demo-sizes" tags=["illustration"]
SIZES = [1, 2, 4, 6, 10, 20, 50, 100]


def train_size(hidden):
    x, x_validation = standardise(x_raw[:16], x_raw_validation)
    network = ReluMLP(1, hidden, 1, np.random.default_rng(14))
    network.fit(x, target[:16], epochs=4000, lr=0.02, batch_size=16, rng=np.random.default_rng(15))
    curve = network(standardise(x_raw[:16], grid_raw)[1])[:, 0]
    return curve, mse(network(x), target[:16]), mse(network(x_validation), target_validation)


with checks.needs(forward, hidden_gradients, standardise, choose_hidden):
    runs = {size: train_size(size) for size in SIZES}
    curves, training, validation = (np.array(part) for part in zip(*runs.values()))
    chosen = choose_hidden(SIZES, lambda size: runs[size][2])
    print(f"choose_hidden takes {chosen} hidden units" if chosen in SIZES else "choose_hidden takes none of the sizes")
    demos.replay(
        x_raw[:16], target[:16], grid_raw, {"": (curves, {"training": training, "validation": validation})},
        label="hidden units", steps=SIZES, start=2, xlabel="x, raw",
        others=(x_raw_validation, target_validation), caption="Figure 3.8: 16 training samples, and networks of different sizes.",
    )

# %% [markdown] name="choosing-meaning"
# **Question 3.E · Predict first.** You try 50 network sizes and report the validation loss of the best. Is it a fair estimate of the loss on new samples?

# %% name="question-validation" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "Yes, the validation samples had no part in training.": "They had no part in training the weights. But you used them 50 times to choose. The best of 50 is partly the luckiest of 50.",
        "It is a little too good: you picked the luckiest of 50.": "For a fair number you need a third set, the test set, that you look at once, at the very end.",
        "It is too bad, because the network has seen fewer samples.": "A little, perhaps. There is a stronger effect in the other direction: what does taking the minimum of 50 noisy numbers do?",
    },
    right="It is a little too good: you picked the luckiest of 50.",
)

# %% [markdown] name="summary"
# ## Summary
#
# - $\operatorname{relu}(z) = \max(0, z)$; its slope is 0 or 1, and relu′(0) = 0 by agreement.
# - A two-layer ReLU network with one input draws a chain of straight pieces, with at most one corner for each hidden unit.
# - In the backward pass only one factor changes: the slope at the pre-activation.
# - He's variance, $2/D_{in}$, makes up for the half that ReLU takes away.
# - Standardise inputs with the training set's numbers, and use the same numbers for all others.
# - A unit that is off for every sample is dead. Large steps kill.
# - The validation loss chooses the size of the network; the training loss nearly always votes for more.
#
# **When training does not work, look in this order**
#
# 1. Are the inputs standardised?
# 2. Is the first loss about what the targets' spread makes you expect, half of their variance?
# 3. How many units are dead?
# 4. Can the network learn ten samples by heart? If not, check the gradients.
# 5. Does a tenth of the learning rate help?
#
# **To discuss**
#
# 1. At the start all biases are 0. Where are the corners of the hinges then, on raw and on standardised inputs?
# 2. A network with 30 hinges learns the parabola between −1 and 1. What does it say at x = 10? Why?
# 3. Someone standardises *before* splitting off the validation samples. How much harm does that do, and when would it do more?
#
# **To read on** Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines* (2010). He, Zhang, Ren and Sun, *Delving deep into rectifiers* (2015), section 2.2. In the [TensorFlow Playground](https://playground.tensorflow.org/), choose a regression problem and switch between *Linear* and *ReLU*.

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
# # Lesson 4 · Yes or no: binary classification
#
# Until now your networks have answered with a number: so many kilograms. Often the question is another one. Is this message spam? Is this penguin an Adelie? The answer is yes or no, and there is no "nearly". This lesson asks how a network can learn from errors that it either makes or does not make. On the way it keeps a promise from lesson 1: your code solves XOR.
#
# **When you are through, you can**
#
# - say why a threshold at the output has no useful gradient, and what the rule that people use in its place really does;
# - turn a score into a probability, without overflow;
# - measure wrong probabilities with the cross-entropy, without overflow either;
# - derive the one gradient that makes it all simple: prediction minus target;
# - judge a classifier by its confusion matrix, and choose a threshold on purpose.
#
# **Time** about 150 minutes; after section 4 is a good place for a break. **Points** 20. **You need** lesson 3: the two-layer ReLU network and standardised inputs.

# %% [markdown] name="reminder"
# As before: run the folded cell below first, replace each `...`, run that cell, run its check, and open the hints one at a time. Each exercise works with its own arguments only; do not call your functions from other exercises inside it.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import checks, datasets, demos, plots, questions

# %% [markdown] name="from-lesson-3"
# From lessons 2 and 3 you bring the ReLU network's way forward and back, the training loop, and the scaling of inputs. Here they are, as one way to write them, with new names: `before` and `hidden` were `z` and `h`. From now on $z$ is the network's *output*, and `dz` the gradient there, which `backward` takes as an argument. It does not care which loss that came from.

# %% nbgrader={"grade": false, "grade_id": "given-network", "locked": true, "schema_version": 3, "solution": false, "task": false}
def forward(x, w1, b1, w2, b2):
    """A two-layer ReLU network (lesson 3): pre-activations (N, H), hidden units (N, H), output (N, D_out)."""
    before = x @ w1 + b1
    hidden = np.maximum(0, before)
    return before, hidden, hidden @ w2 + b2


def backward(x, before, hidden, w2, dz):
    """All gradients (lessons 2 and 3), from the gradient dz (N, D_out) at the output.

    returns: [grad_w1 (D, H), grad_b1 (H,), grad_w2 (H, D_out), grad_b2 (D_out,)]
    """
    inner = (dz @ w2.T) * (before > 0)
    return [x.T @ inner, inner.sum(axis=0), hidden.T @ dz, dz.sum(axis=0)]

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


def standardise(x_train, x_new):
    """Scale inputs by the training samples' mean and standard deviation (lesson 3)."""
    constant = np.all(x_train == x_train[0], axis=0)
    mean, std = x_train.mean(axis=0), np.where(constant, 1.0, x_train.std(axis=0))
    return (x_train - mean) / std, (x_new - mean) / std

# %% [markdown] name="threshold"
# ## 1 · A step has no slope
#
# The most direct way to get a yes or no out of a network is to cut: answer 1 if the output $z$ is above 0, else 0. The targets are 0 and 1 as well, in an array of shape `(N, 1)`. How wrong is the network? Take the mean squared error of lesson 1. Each wrong answer costs ½, each right one nothing.
#
# Now train it. Figure 4.1 shows the loss of a single perceptron, as one of its weights changes.

# %% name="figure-staircase" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
rng = np.random.default_rng(0)
inputs, noise = rng.normal(size=(30, 1)), rng.normal(scale=0.5, size=(30, 1))
wanted = (inputs + noise > 0.3).astype(float)
weights = np.linspace(-1, 4, 1500)
wrong = np.array([np.mean((inputs * w - 0.5 > 0) != (wanted > 0.5)) / 2 for w in weights])
fig, ax = plots.axes("A staircase", "weight w", "loss", size=(6.4, 3.4))
ax.plot(weights, wrong, color=plots.BLUE, linewidth=2)
plots.show(
    fig,
    alt="The loss over one weight is a staircase: level everywhere, with sudden jumps between the levels.",
    caption="Figure 4.1: the squared error of a thresholded output. Where is its slope?",
)

# %% [markdown] name="question-step-text"
# **Question 4.A · Predict first.** You measure the gradient of this loss with lesson 1's central differences, at a weight picked at random. What do you get?

# %% name="question-step" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "0, nearly always": "The staircase is level; a small change of the weight changes no answer. Only exactly at a jump there is no slope at all. Gradient descent would never move.",
        "The height of the next step": "The central difference looks h = 10⁻⁵ to either side. How likely is it that a jump lies in there?",
        "prediction − target, as in lesson 1": "That was the slope for the identity at the output. By the chain rule it is now multiplied by the slope of the step. What is that?",
    },
    right="0, nearly always",
)

# %% [markdown] name="criterion"
# So there is nothing to descend. Yet you will meet code, in many a lecture's slides, that does train such a network. It cuts the output, computes *prediction − target*, and sends that back as if there were no step. And it learns! What is it doing?
#
# Look at the three cases. A right answer sends back 0. A 0 that should be a 1 sends back −1: raise $z$. A 1 that should be a 0 sends back +1: lower $z$. This is the slope of another loss. Write $s = 2y - 1$, which is $+1$ for yes and $-1$ for no. The **perceptron criterion**
#
# $$l = \frac1N \sum_n \max(0,\, -s_n z_n)$$
#
# is 0 for a sample on the right side, and for one on the wrong side it grows with the distance from the border (Figure 4.2). Applied to one sample at a time, this is the learning rule of Rosenblatt's perceptron. The code is right; only its story about the squared error is not.

# %% name="figure-criterion" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
z = np.linspace(-3, 3, 301)
fig, (left, right) = plots.axes("", "output z", "loss of one sample", size=(7.6, 3.0), columns=2)
for ax, sign, name in [(left, 1, "target 1"), (right, -1, "target 0")]:
    ax.plot(z, 0.5 * ((z > 0) != (sign > 0)), "--", color=plots.GREY, label="squared error of the step")
    ax.plot(z, np.where(-sign * z > 0, -sign * z, 0), color=plots.BLUE, linewidth=2.5, label="perceptron criterion")
    ax.set_title(name)
right.legend()
plots.show(
    fig,
    alt="For target 1 the criterion falls in a straight line to zero at z = 0 and stays zero; for target 0 it is the mirror image. "
    "The squared error of the step is level on both sides of a jump.",
    caption="Figure 4.2: the step's error, and the loss whose slope the rule really follows.",
)

# %% [markdown] name="exercise-criterion"
# At $z = 0$ the criterion has a corner and no slope. Any number between the slopes of the two sides will do there; such a number is called a *subgradient*. The step answers 0 at $z = 0$, so the rule takes $-y$.
#
# ### Exercise 4.1 · The threshold's update (3 points)
#
# Return what the rule sends back: step minus target, shared by the N samples. It is the (sub)gradient of the perceptron criterion with respect to $z$.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The step of `z` is a comparison. What kind of numbers should go into a subtraction?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Answers as floats, minus targets, divided by the number of samples. The shape stays `(N, 1)`.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Who predicted rain too often, who too rarely?
#
# ```python
# chance, rained = np.array([0.8, 0.3]), np.array([0.0, 1.0])
# (chance > 0.5).astype(float) - rained     # [1., -1.]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-4-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def threshold_update(z, y):
    """Exercise 4.1: step(z) - y over N, a subgradient of the mean perceptron criterion.

    z: (N, 1) outputs before the step; step(z) is 1 where z > 0, else 0
    y: (N, 1) targets, 0.0 or 1.0
    returns: (N, 1) floats
    """
    ### BEGIN SOLUTION
    return ((z > 0).astype(float) - y) / len(y)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-4-1", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(51)
z, y = rng.normal(size=(5, 1)), np.array([[1.0], [0.0], [1.0], [0.0], [1.0]])


def criterion(z):
    return sum(max(0.0, -(2 * target - 1) * score) for score, target in zip(z[:, 0], y[:, 0])) / len(y)


checks.gradient(threshold_update, z, y, exercise="4.1", loss=criterion, at={"z": z}, batch=5)
# At z = 0 the step answers 0.
at_corner, targets = np.array([[0.0], [0.0], [2.0], [-2.0]]), np.array([[1.0], [0.0], [0.0], [1.0]])
checks.output(threshold_update, at_corner, targets, exercise="4.1", expected=[[-0.25], [0.0], [0.25], [-0.25]], batch=4)
### BEGIN HIDDEN TESTS
rng = checks.seed(990239077)
z, y = rng.normal(size=(7, 1)), rng.integers(0, 2, size=(7, 1)).astype(float)
z[3] = 0.0
expected = (np.where(z > 0, 1.0, 0.0) - y) / 7
checks.output(threshold_update, z, y, exercise="4.1", expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="criterion-limits"
# Try it on XOR, with 16 hidden units:

# %% name="train-threshold" tags=["illustration"]
corners, xor = datasets.logic("xor")


def start(d_in, hidden, rng):
    return [
        rng.normal(scale=np.sqrt(2 / d_in), size=(d_in, hidden)), np.zeros(hidden),
        rng.normal(scale=np.sqrt(2 / hidden), size=(hidden, 1)), np.zeros(1),
    ]


with checks.needs(threshold_update):
    def xor_gradients(params, x, y):
        before, hidden, z = forward(x, *params)
        return backward(x, before, hidden, params[2], threshold_update(z, y))

    trained = fit(corners, xor, start(2, 16, np.random.default_rng(0)), xor_gradients, 500, 0.5, 4, np.random.default_rng(1))
    print("targets   ", xor[:, 0])
    print("outputs z ", forward(corners, *trained)[2][:, 0].round(3))

# %% [markdown] name="criterion-meaning"
# All four are right, and one of them by a hair. As soon as a sample is on the right side, the rule sends back 0 and loses interest: here nothing has moved since the eleventh of the 500 epochs. It never asks for a margin, and it cannot tell "just about yes" from "surely yes". (And its loss has a cheap way to be 0: make all outputs 0.) We want an output that says *how sure* it is, and a loss that keeps asking.
#
# ## 2 · How sure? The sigmoid
#
# Leave the output $z$ of the network as it is, any number, and call it the **logit**. Turn it into a probability with the **sigmoid**
#
# $$p = \sigma(z) = \frac{1}{1 + e^{-z}} .$$
#
# A logit of 0 means "I don't know", $p = \tfrac12$. Logits of $+2$ and $-2$ mean 88 % and 12 %. A logit is the logarithm of the *odds* $p : (1 - p)$, so $z = \ln \frac{p}{1 - p}$.
#
# There is a trap on the way. For $z = -1000$ the formula asks for $e^{1000}$, and no float is that large: NumPy warns of an *overflow*. (The result, 1/∞, happens to be the right 0. The next formula is not so lucky, and a program should not live with warnings.) The mended form uses the exponential of negative numbers only, which at worst becomes 0. Multiply the fraction above and below by $e^{z}$:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}} .$$
#
# The two are equal. Which of them is safe for $z \ge 0$, and which for $z < 0$?
#
# ### Exercise 4.2 · A sigmoid that does not overflow (4 points)
#
# The check lets NumPy *raise an error* at any overflow or invalid number.
#
# <details><summary>Hint 1: a nudge</summary>
#
# In both forms the exponential should see a number that is never positive. How do you make a never-positive number out of z, whatever its sign?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Let `e` be the exponential of −|z|. For z ≥ 0 the answer is 1 / (1 + e), for z < 0 it is e / (1 + e). `np.where` chooses entry by entry. Note that `np.where` computes *both* its arguments for all entries, so both must be safe.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A square root that stays calm for negative numbers: it is not enough to choose afterwards.
#
# ```python
# x = np.array([4.0, -9.0])
# np.where(x >= 0, np.sqrt(x), 0.0)            # right values, but a warning: sqrt(-9) was computed
# np.where(x >= 0, np.sqrt(np.abs(x)), 0.0)    # no warning
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-4-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid(z):
    """Exercise 4.2: 1 / (1 + exp(-z)), entry by entry, without overflow for any z.

    z: array of floats of any shape; left as it is
    returns: array of the same shape, in [0, 1]; far to the left tiny, but not 0
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-4-2-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

z = np.log(np.array([[1.0, 3.0, 1 / 3], [9.0, 1 / 9, 4.0]]))  # logits whose odds are 1, 3, 1/3, 9, 1/9 and 4
checks.output(sigmoid, z, exercise="4.2", expected=[[0.5, 0.75, 0.25], [0.9, 0.1, 0.8]])
### BEGIN HIDDEN TESTS
z = checks.seed(486167405).normal(size=(4, 3)) * 4
checks.output(sigmoid, z, exercise="4.2", expected=(1 + np.tanh(z / 2)) / 2, rtol=1e-9, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-4-2-overflow", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

with np.errstate(over="raise", invalid="raise"):
    checks.output(sigmoid, np.array([1000.0, -1000.0, 0.0, 800.0]), exercise="4.2", expected=[1.0, 0.0, 0.5, 1.0])
    # Far to the left the sigmoid is tiny, but not 0: σ(−40) is 4.2e-18, and σ(−300) is 5.1e-131.
    far, expected = np.array([0.0, -40.0, -300.0]), [0.5, 4.248354255291589e-18, 5.148200222412013e-131]
    checks.output(sigmoid, far, exercise="4.2", expected=expected, atol=0)
    silent = "σ(−710) is 4.5e-309 and not 0. Which exponential has overflowed on the way, if only in silence?"
    checks.that(np.asarray(sigmoid(np.array([-710.0]))) > 0, silent, "4.2")
### BEGIN HIDDEN TESTS
with np.errstate(over="raise", invalid="raise"):
    z, expected = np.array([[-900.0, 710.0], [-1e5, 1e5]]), [[0.0, 1.0], [0.0, 1.0]]
    checks.output(sigmoid, z, exercise="4.2", expected=expected, hidden=True)
    z, expected = np.array([-60.0, -30.0, -290.0]), [8.75651076269652e-27, 9.357622968839299e-14, 1.1339665610377455e-126]
    checks.output(sigmoid, z, exercise="4.2", expected=expected, rtol=1e-9, atol=0, hidden=True)
    silent = "on other inputs, a tiny probability has become 0. Which exponential has overflowed on the way?"
    checks.that(np.asarray(sigmoid(np.array([[-715.0]]))) > 0, silent, "4.2")
### END HIDDEN TESTS

# %% [markdown] name="cross-entropy"
# ## 3 · A loss for probabilities
#
# The network says $p$, the truth is $y$, which is 0 or 1. What should it cost? Take the probability that the network gave to what really happened: $p$ if $y = 1$, and $1 - p$ if $y = 0$. The smaller it was, the more it costs, namely the negative logarithm of it:
#
# $$l = -\frac1N \sum_n \bigl( y_n \ln p_n + (1 - y_n) \ln(1 - p_n) \bigr).$$
#
# This is the **binary cross-entropy**. For every sample one of the two terms is 0. To be 99 % sure and right costs 0.01; to be 99 % sure and wrong costs 4.6; to be *certain* and wrong costs infinitely much. (And where does the formula come from? It is the negative logarithm of the probability that the network gives to all the targets together.)
#
# **Question 4.B · Predict first.** An untrained network says ½ to everything. What is its loss? Give two decimals.

# %% name="question-untrained" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    0.69,
    tolerance=0.006,
    right="−ln ½ = ln 2 ≈ 0.69, whatever the targets are. If your first loss is far from it, look for a mistake.",
    wrong={
        0.5: "Half of the answers are right, but the loss is a logarithm.",
        -0.69: "ln ½ is negative. What stands in front of the sum?",
        1.39: "That counts both terms. For each sample one of y and 1 − y is 0.",
        0.3: "That is the logarithm to the base 10. Here ln is the natural one, NumPy's np.log.",
    },
    otherwise="For every sample the probability of what really happened is ½. What is −ln ½?",
)

# %% [markdown] name="stable-loss"
# The formula has a trap of its own. If the network is so sure that $p$ is rounded to exactly 1, and wrong, then $\ln(1 - p) = \ln 0$, and the loss of the whole batch is infinite. Even a sample that is sure and *right* gives 0 · ln 0, which NumPy computes as NaN. So never go through $p$ at all. With $p = \sigma(z)$,
#
# $$-\ln p = \ln(1 + e^{-z}), \qquad -\ln(1 - p) = -\ln \sigma(-z) = \ln(1 + e^{z}) = z + \ln(1 + e^{-z}) .$$
#
# Weighted with $y$ and $1 - y$ they add up to $z - yz + \ln(1 + e^{-z})$. That is safe for $z \ge 0$. For $z < 0$ write $\ln(1 + e^{-z}) = -z + \ln(1 + e^{z})$, and the first $z$ cancels. One formula covers both cases:
#
# $$l = \frac1N \sum_n \Bigl( \max(z_n, 0) - y_n z_n + \ln\bigl(1 + e^{-|z_n|}\bigr) \Bigr),$$
#
# and nothing in it can overflow. (Check it for yourself at $y = 1$: for $z \ge 0$ it says $\ln(1 + e^{-z})$, which is $-\ln \sigma(z)$.) A loss that takes logits is the rule in every library: PyTorch calls this one `BCEWithLogitsLoss`.
#
# ### Exercise 4.3 · Binary cross-entropy on logits (4 points)
#
# Return the mean loss as one number. If the two shapes differ, raise a `ValueError` with a message that would help you.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The formula above can be typed as it stands. For ln(1 + e) with a tiny e, NumPy has `np.log1p(e)`, which keeps the digits that 1 + e would lose.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# First the shapes, as in lesson 1. Then three terms of shape (N, 1), and the mean of their sum. The maximum with 0 you know from lesson 3.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Interest so small that the sum forgets it:
#
# ```python
# np.log(1 + 1e-17)     # 0.0
# np.log1p(1e-17)       # 1e-17
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-4-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_cross_entropy(z, y):
    """Exercise 4.3: the mean binary cross-entropy, computed from the logits.

    z: (N, 1) logits
    y: (N, 1) targets, 0.0 or 1.0
    returns: float; finite for every finite z
    raises : ValueError if the shapes differ
    """
    ### BEGIN SOLUTION
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-4-3-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

z, y = np.log(np.array([[3.0], [9.0], [1.0], [0.25]])), np.array([[1.0], [0.0], [1.0], [0.0]])
# The probabilities are 0.75, 0.9, 0.5 and 0.2; those of what really happened 0.75, 0.1, 0.5 and 0.8.
expected = -(np.log(0.75) + np.log(0.1) + np.log(0.5) + np.log(0.8)) / 4
checks.output(binary_cross_entropy, z, y, exercise="4.3", names=("loss",), expected=expected, batch=4)
### BEGIN HIDDEN TESTS
rng = checks.seed(708411982)
z, y = 2 * rng.normal(size=(7, 1)), rng.integers(0, 2, size=(7, 1)).astype(float)
expected = np.sum(np.logaddexp(0.0, (1 - 2 * y) * z)) / 7
checks.output(binary_cross_entropy, z, y, exercise="4.3", names=("loss",), expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-4-3-safe", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

with np.errstate(all="raise", under="ignore"):  # an overflow is an error here
    # Wrong by 1000, right by 1000, and wrong by 600.
    z, y = np.array([[1000.0], [-1000.0], [-600.0]]), np.array([[0.0], [0.0], [1.0]])
    checks.output(binary_cross_entropy, z, y, exercise="4.3", names=("loss",), expected=1600 / 3, batch=3)
because = "logits (3, 1) and targets (3,) would broadcast to (3, 3)"
checks.raises(binary_cross_entropy, np.ones((3, 1)), np.ones(3), exercise="4.3", because=because)
### BEGIN HIDDEN TESTS
with np.errstate(all="raise", under="ignore"):
    z, y = np.array([[800.0], [-40.0], [-900.0]]), np.array([[1.0], [0.0], [1.0]])
    expected = (4.248354255291589e-18 + 900.0) / 3
    checks.output(binary_cross_entropy, z, y, exercise="4.3", names=("loss",), expected=expected, hidden=True)
because = "the shapes differ"
for shapes in [((4,), (4, 1)), ((1, 4), (4, 1)), ((1, 1), (5, 1))]:
    checks.raises(binary_cross_entropy, *map(np.ones, shapes), exercise="4.3", because=because, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="gradient"
# ## 4 · The gradient, and a small miracle
#
# Take one sample and follow the chain rule from the loss back to the logit. The first link is the slope of the loss with respect to $p$, namely $-\frac{y}{p} + \frac{1 - y}{1 - p}$, here written over one denominator. The second is the slope of the sigmoid, $\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \sigma(z)\,(1 - \sigma(z))$:
#
# $$\frac{\partial l}{\partial p} = \frac{p - y}{p (1 - p)}, \qquad \frac{\partial p}{\partial z} = p (1 - p), \qquad
# \text{and so} \qquad \frac{\partial l}{\partial z} = p - y .$$
#
# Everything cancels. What is left is **prediction minus target**, just as for the squared error of lesson 1, and just as for the threshold rule above; only that the prediction is now a probability. A sample that is right but unsure still sends something back, and one that is badly wrong sends back the most, never more than 1.
#
# Had you taken the *squared error* of $p$, the factor $p (1 - p)$ would have stayed. For a sample that is certain and wrong it is nearly 0, and so the worst mistakes would teach the least. Figure 4.3 compares the two.

# %% name="figure-gradients" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
z = np.linspace(-8, 8, 321)
p = 1 / (1 + np.exp(-z))
fig, (left, right) = plots.axes("", "logit z, where the target is 1", "", size=(7.8, 3.0), columns=2)
for name, loss, slope, color in [
    ("cross-entropy", np.log1p(np.exp(-z)), p - 1, plots.BLUE),
    ("squared error", 0.5 * (p - 1) ** 2, (p - 1) * p * (1 - p), plots.ORANGE),
]:
    left.plot(z, loss, color=color, linewidth=2, label=name)
    right.plot(z, slope, color=color, linewidth=2)
left.set_title("loss of one sample")
left.legend()
right.set_title("its slope: what is sent back")
plots.show(
    fig,
    alt="Left: for very negative logits the cross-entropy rises in a straight line while the squared error levels off at one half. "
    "Right: there the slope of the cross-entropy is −1 and that of the squared error goes to 0.",
    caption="Figure 4.3: the squared error falls silent where it should shout.",
)

# %% [markdown] name="exercise-gradient"
# ### Exercise 4.4 · The gradient of the binary cross-entropy (4 points)
#
# Return the gradient of the *mean* loss with respect to the logits. Compute the probabilities inside (safely, as in 4.2; your `sigmoid` is graded there and not here).
#
# <details><summary>Hint 1: a nudge</summary>
#
# The loss is a mean over N samples. Where does the 1/N go?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Probabilities of shape (N, 1), minus targets of shape (N, 1), over N. For the probabilities, the exponential of −|z| and `np.where`; or look up what `(1 + np.tanh(z / 2)) / 2` is (good enough here; in 4.2 it would lose the tiny values).
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# The mean of squares, its gradient, and the 1/N in both:
#
# ```python
# a = np.array([[1.0], [2.0], [3.0]])
# np.mean(a**2)          # the loss
# 2 * a / len(a)         # its gradient: [[0.667], [1.333], [2.]]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-4-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_cross_entropy_gradient(z, y):
    """Exercise 4.4: the gradient of the mean binary cross-entropy with respect to the logits.

    z: (N, 1) logits, of any size
    y: (N, 1) targets, 0.0 or 1.0
    returns: (N, 1)
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return (p - y) / len(y)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-4-4-value", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(54)
z, y = 2 * rng.normal(size=(5, 1)), np.array([[1.0], [0.0], [1.0], [0.0], [0.0]])


def loss(z):
    chances = [1 / (1 + np.exp(-score)) for score in z[:, 0]]
    return -sum(np.log(chance if target else 1 - chance) for chance, target in zip(chances, y[:, 0])) / len(y)


checks.gradient(binary_cross_entropy_gradient, z, y, exercise="4.4", loss=loss, at={"z": z}, batch=5)
### BEGIN HIDDEN TESTS
rng = checks.seed(801791779)
z, y = 3 * rng.normal(size=(7, 1)), rng.integers(0, 2, size=(7, 1)).astype(float)
expected = ((1 + np.tanh(z / 2)) / 2 - y) / 7
checks.output(binary_cross_entropy_gradient, z, y, exercise="4.4", expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-4-4-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

with np.errstate(over="raise", invalid="raise"):  # an overflow is an error here
    z, y = np.array([[-1000.0], [1000.0], [1000.0], [0.0]]), np.array([[1.0], [1.0], [0.0], [0.0]])
    expected = [[-0.25], [0.0], [0.25], [0.125]]
    checks.output(binary_cross_entropy_gradient, z, y, exercise="4.4", expected=expected, batch=4)
### BEGIN HIDDEN TESTS
with np.errstate(over="raise", invalid="raise"):
    z, y = np.array([[-800.0], [750.0], [-2000.0]]), np.array([[0.0], [0.0], [1.0]])
    expected = [[0.0], [1 / 3], [-1 / 3]]
    checks.output(binary_cross_entropy_gradient, z, y, exercise="4.4", expected=expected, batch=3, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="network"
# ## 5 · XOR, and sure of it
#
# Put together: the ReLU network of lesson 3, a logit at its end, your loss and your gradient. Nothing else has changed.

# %% nbgrader={"grade": false, "grade_id": "given-mlp", "locked": true, "schema_version": 3, "solution": false, "task": false}
class BinaryMLP:
    """Two layers with a ReLU between them and one logit at the end; called, it returns probabilities (N, 1)."""

    def __init__(self, d_in, hidden, rng):
        w1 = rng.normal(scale=np.sqrt(2 / d_in), size=(d_in, hidden))
        w2 = rng.normal(scale=np.sqrt(2 / hidden), size=(hidden, 1))
        self.params, self.losses = [w1, np.zeros(hidden), w2, np.zeros(1)], []

    def __call__(self, x):
        return sigmoid(forward(x, *self.params)[2])

    def gradients(self, params, x, y):
        before, hidden, z = forward(x, *params)
        self.losses.append(binary_cross_entropy(z, y))
        return backward(x, before, hidden, params[2], binary_cross_entropy_gradient(z, y))

    def fit(self, x, y, epochs, lr, batch_size, rng, watch=lambda network: None):
        for _ in range(epochs):
            self.params = fit(x, y, self.params, self.gradients, 1, lr, batch_size, rng)
            watch(self)

# %% name="train-xor" tags=["illustration"]
with checks.needs(sigmoid, binary_cross_entropy, binary_cross_entropy_gradient):
    corners, xor = datasets.logic("xor")
    network = BinaryMLP(2, 16, np.random.default_rng(0))
    network.fit(corners, xor, 500, 0.5, 4, np.random.default_rng(1))
    grid_x, grid_y, points = plots.mesh((-0.6, 1.6), (-0.6, 1.6))
    right = np.sum((network(corners) > 0.5) == (xor > 0.5))
    fig, ax = plots.axes(f"XOR: {right} of 4", "$x_1$", "$x_2$", size=(4.8, 4.0))
    ax.pcolormesh(grid_x, grid_y, network(points).reshape(grid_x.shape), cmap=plots.DIVERGING, vmin=0, vmax=1, rasterized=True)
    plots.scatter_classes(ax, corners, xor, ["target 0", "target 1"], size=130)
    ax.legend(loc="upper right", fontsize=9)
    print("logits       ", forward(corners, *network.params)[2][:, 0].round(2), "  first loss", round(network.losses[0], 3))
    print("probabilities", network(corners)[:, 0].round(3))
    plots.show(
        fig,
        alt=f"The plane shaded by the probability of class 1; the four corners get {network(corners)[:, 0].round(2)}. "
        "The two corners of class 0 lie in a diagonal band, the two of class 1 on either side of it.",
        caption="Figure 4.4: sixteen hidden units solve what one perceptron cannot.",
    )

# %% [markdown] name="xor-meaning"
# Compare the *logits* with the outputs that the threshold rule left behind in section 1. This loss went on asking after the four answers were right, and now they are right by a wide margin.
#
# **Demo 4.1.** Watch the border while a network learns: the black line, where $p = \tfrac12$. Press Play, or scrub from epoch 0 to 100, for two half-moons, four clouds in the pattern of XOR, and two clouds that are easy to separate. When do the borders turn up, when do they only sharpen? When the number of red rings stops falling, does the loss stop too? (The demo runs your functions.)

# %% name="demo-regions" tags=["illustration"]
def record(x, y, epochs=100, hidden=16, lr=0.3):
    network, frames, losses = BinaryMLP(2, hidden, np.random.default_rng(3)), [], []

    def watch(network):
        frames.append(network(points).reshape(grid_x.shape))
        losses.append(binary_cross_entropy(forward(x, *network.params)[2], y))

    watch(network)
    network.fit(x, y, epochs, lr, 20, np.random.default_rng(4), watch)
    return x, y, frames, losses


with checks.needs(sigmoid, binary_cross_entropy, binary_cross_entropy_gradient):
    grid_x, grid_y, points = plots.mesh((-2.6, 2.6), (-2.6, 2.6), 80)
    rng = np.random.default_rng(2)
    sets = {"two half-moons": datasets.moons(rng), "XOR": datasets.xor_clouds(rng), "two clouds": datasets.clouds(rng)}
    demos.regions(
        {name: record(x, y) for name, (x, y) in sets.items()}, grid_x, grid_y, start=100,
        caption="Figure 4.5: the probability of class 1, epoch by epoch.",
    )

# %% [markdown] name="penguins"
# ## 6 · Two kinds of penguins
#
# Here is a real question. Adelie and Chinstrap penguins weigh about the same, and their flippers overlap a lot. Their bills do not. Can a network tell them apart by bill length in millimetres and body mass in grams?

# %% nbgrader={"grade": false, "grade_id": "penguin-data", "locked": true, "schema_version": 3, "solution": false, "task": false}
penguins = datasets.penguins()
small = penguins.species != 2  # 0 Adelie, 1 Chinstrap, 2 Gentoo
birds_train, is_chinstrap_train, birds_test, is_chinstrap_test = datasets.split(
    np.random.default_rng(5),
    np.hstack([penguins.bill_length, 1000 * penguins.body_mass])[small],
    (penguins.species[small] == 1).astype(float).reshape(-1, 1),
)

# %% [markdown] name="penguins-question"
# **Question 4.C · Predict first.** Bill lengths are near 40, masses near 3,700. You train on these raw numbers, at a learning rate that suits inputs of size 1. What happens?

# %% name="question-raw" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It works, but bill length counts for more.": "Turn it round: which input makes the larger weighted sums, and so the larger gradients?",
        "It takes a little longer.": "The gradients of the first layer are thousands of times larger than for inputs of size 1. At the same learning rate, so are the steps.",
        "The first steps are so large that the network is wrecked.": "As in lesson 3: huge inputs make huge gradients, the first steps throw all hinges far off, and the units die.",
    },
    right="The first steps are so large that the network is wrecked.",
)

# %% name="train-penguins" tags=["illustration"]
with checks.needs(binary_cross_entropy, binary_cross_entropy_gradient):
    fig, ax = plots.axes("The same network, raw and standardised", "epoch", "loss on the training birds", size=(6.4, 3.4))
    scaled_train, scaled_test = standardise(birds_train, birds_test)
    for name, inputs, color in [("raw", birds_train, plots.ORANGE), ("standardised", scaled_train, plots.BLUE)]:
        network, losses = BinaryMLP(2, 16, np.random.default_rng(6)), []

        def watch(network):
            losses.append(binary_cross_entropy(forward(inputs, *network.params)[2], is_chinstrap_train))

        watch(network)
        network.fit(inputs, is_chinstrap_train, 60, 0.1, 32, np.random.default_rng(7), watch)
        ax.plot(losses, color=color, linewidth=2, label=f"{name}: {losses[0]:,.1f} before, {losses[1]:.2f} after epoch 1, {losses[-1]:.3f} at the end")
    ax.set_yscale("log")
    ax.legend()
    plots.show(
        fig,
        alt="Loss over 60 epochs on a logarithmic axis. " + "; ".join(line.get_label() for line in ax.get_lines())
        + ". The standardised curve falls smoothly.",
        caption="Figure 4.6: raw units against standardised ones.",
    )

# %% [markdown] name="raw-meaning"
# The raw run drops within one epoch, and then it stands at 0.588. That is exactly the loss of someone who does not look at the bird and always answers with the share of Chinstraps, 42 of the 153 training birds: all sixteen hidden units are dead, and only the last bias has learned.
#
# ## 7 · Right, wrong, and in which way
#
# The loss is what training needs. What *people* need to know is how often the answers are right. Choose a **threshold**, say yes to all samples whose probability is above it, and count. There are two ways to be right and two to be wrong, so the counts go into a table of two by two, the **confusion matrix**:
#
# | | predicted 0 | predicted 1 |
# | --- | --- | --- |
# | **target 0** | true negatives | false positives |
# | **target 1** | false negatives | true positives |
#
# Rows are what is true, columns what was said.
#
# ### Exercise 4.5 · The confusion matrix (3 points)
#
# Count the four cases for a threshold, and return the table.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The four counts are counts of samples for which *two* things hold. For arrays of `True` and `False`, `&` means "and".
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# One boolean array for "said yes", one for "is yes". Then four sums, such as that of `said & ~true`. Put them into a 2 × 2 array of integers in the order of the table.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# How many were early birds who drink tea?
#
# ```python
# early = np.array([True, True, False, False])
# tea = np.array([True, False, True, False])
# np.sum(early & tea), np.sum(early & ~tea)      # 1, 1
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-4-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(p, y, threshold=0.5):
    """Exercise 4.5: how often each target got each answer.

    p: (N, 1) probabilities of class 1; the answer is 1 where p > threshold
    y: (N, 1) targets, 0.0 or 1.0
    threshold: float
    returns: (2, 2) array of int, rows: target 0, 1; columns: answer 0, 1
    """
    ### BEGIN SOLUTION
    said, true = p > threshold, y > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-4-5", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

p = np.array([[0.9], [0.6], [0.5], [0.2], [0.8], [0.95], [0.1], [0.4], [0.3], [0.75]])
y = np.array([[1.0], [0.0], [0.0], [0.0], [1.0], [0.0], [1.0], [0.0], [0.0], [1.0]])
# 0.5 is not above the threshold 0.5, nor is 0.8 above 0.8.
checks.output(confusion_matrix, p, y, exercise="4.5", expected=np.array([[4, 2], [1, 3]]))
checks.output(confusion_matrix, p, y, 0.8, exercise="4.5", expected=np.array([[5, 1], [3, 1]]))
### BEGIN HIDDEN TESTS
rng = checks.seed(967165550)
p, y = rng.uniform(size=(40, 1)), (rng.uniform(size=(40, 1)) < 0.3).astype(float)
for threshold in (0.2, 0.5, 0.75):
    pairs = [(int(target), int(chance > threshold)) for target, chance in zip(y[:, 0], p[:, 0])]
    expected = np.array([[pairs.count((row, column)) for column in (0, 1)] for row in (0, 1)])
    checks.output(confusion_matrix, p, y, threshold, exercise="4.5", expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="scores-text"
# From the four counts come three numbers that people ask for:
#
# - **accuracy**: how many of all answers are right?
# - **precision**: how many of those that were *called* 1 are 1?
# - **recall**: how many of those that *are* 1 were called 1?
#
# **Question 4.D · Predict first.** One bird in a hundred is ill. A test calls every bird healthy. What is its accuracy, in per cent?

# %% name="question-accuracy" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    99,
    right="It is right for all the healthy ones. Its recall is 0: it finds none of the ill. Accuracy alone says little where one class is rare.",
    wrong={
        0: "It finds no ill bird: that is its recall. Accuracy counts all right answers, for the healthy birds too.",
        1: "One per cent is the share of its wrong answers.",
        50: "The two classes are not equally frequent. How many of 100 answers are right?",
        0.99: "That is the share. In per cent?",
    },
    otherwise="Of 100 birds, how many get a right answer?",
)

# %% [markdown] name="exercise-scores"
# ### Exercise 4.6 · Accuracy, precision, recall (2 points)
#
# Compute the three, in this order, from a confusion matrix.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each of the three is a fraction of counts in the matrix. Which row, column or diagonal does each need?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Give the four entries names first. The numerators are simple; for each denominator ask "out of which samples?". If a denominator is 0, the result is 0.0.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A share of nothing, by agreement 0:
#
# ```python
# def share(part, whole):
#     return part / whole if whole else 0.0
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-4-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scores(matrix):
    """Exercise 4.6: accuracy, precision and recall.

    matrix: (2, 2) array of int, rows: target 0, 1; columns: answer 0, 1; at least one sample
    returns: accuracy, precision, recall: floats; a share of nothing is 0.0
    """
    ### BEGIN SOLUTION
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) / (called + true_neg + false_neg)
    return accuracy, true_pos / called if called else 0.0, true_pos / are if are else 0.0
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-4-6", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("accuracy", "precision", "recall")
expected = (0.75, 25 / 35, 0.625)
checks.output(scores, np.array([[50, 10], [15, 25]]), exercise="4.6", names=names, expected=expected, rtol=1e-11)
checks.output(scores, np.array([[8, 0], [2, 0]]), exercise="4.6", names=names, expected=(0.8, 0.0, 0.0))
checks.output(scores, np.array([[6, 2], [0, 0]]), exercise="4.6", names=names, expected=(0.75, 0.0, 0.0))
### BEGIN HIDDEN TESTS
for matrix in ([[7, 3], [2, 8]], [[1, 4], [6, 3]], [[0, 5], [0, 2]], [[6, 0], [0, 0]]):
    (a, b), (c, d) = matrix
    expected = ((a + d) / (a + b + c + d), d / max(b + d, 1), d / max(c + d, 1))
    checks.output(scores, np.array(matrix), exercise="4.6", names=names, expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="threshold-demo"
# **Demo 4.2.** The network judges test birds that it has never seen, by body mass and flipper length only, which makes it hard. Slide the threshold. In the left picture Adelies are counted above the line and Chinstraps below it; those to the right of the threshold are called Chinstrap, so its four quarters are the four cells of your matrix. Where is the accuracy highest? You are to catch at least nine of ten Chinstraps: what does it cost, and how accurate is someone who says "Adelie" to every bird? The right picture is the **ROC curve**: recall against the *false positive rate*, which asks how many of all Adelies are called Chinstrap. It has one point for each threshold. (The demo runs your `confusion_matrix` and `scores`.)

# %% name="demo-threshold" tags=["illustration"]
with checks.needs(sigmoid, binary_cross_entropy, binary_cross_entropy_gradient, confusion_matrix, scores):
    hard_train, target_train, hard_test, target_test = datasets.split(
        np.random.default_rng(8),
        np.hstack([penguins.flipper_length, penguins.body_mass])[small],
        (penguins.species[small] == 1).astype(float).reshape(-1, 1), validation=0.5,
    )
    hard_train, hard_test = standardise(hard_train, hard_test)
    network = BinaryMLP(2, 8, np.random.default_rng(9))
    network.fit(hard_train, target_train, 40, 0.1, 16, np.random.default_rng(10))
    demos.threshold(
        network(hard_test), target_test, confusion_matrix, scores, names=("Adelie", "Chinstrap"),
        caption="Figure 4.7: every threshold is a compromise.",
    )

# %% [markdown] name="threshold-question"
# **Question 4.E · Predict first.** You raise the threshold. Which of the three can *not* rise?

# %% name="question-recall" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "accuracy": "From a very low threshold it does rise, for false alarms disappear.",
        "precision": "Usually it rises, for those that are still called 1 are the surest ones. But it can fall for a moment.",
        "recall": "A higher threshold calls fewer birds Chinstrap, so it finds fewer of them, or as many. Never more.",
    },
    right="recall",
)

# %% [markdown] name="summary"
# ## Summary
#
# - A step at the output has slope 0, so the squared error of a thresholded output cannot be descended. The rule *step − target* is a subgradient of the perceptron criterion. It works, but it stops asking as soon as the answer is right.
# - A logit is any number; the sigmoid turns it into a probability. Compute it with the exponential of $-|z|$ only.
# - The binary cross-entropy costs minus the logarithm of the probability that was given to the truth. Compute it from logits.
# - Its gradient at the logit is (prediction − target)/N. Remember this form: lesson 5 finds it a third time.
# - Accuracy, precision and recall come from the confusion matrix, and the threshold is yours to choose.
#
# **When training does not work, look in this order**
#
# 1. Is the first loss near $\ln 2 \approx 0.69$?
# 2. Are the targets 0 and 1 (not −1 and 1), in an array of shape `(N, 1)`?
# 3. Does the loss take logits, and do you feed it logits? A sigmoid applied twice trains, badly, and never complains.
# 4. Are the inputs standardised?
# 5. Is the loss at the end that of the constant answer? Then count the dead units.
#
# **To discuss**
#
# 1. The threshold rule and the cross-entropy send back the same thing for a sample that is very wrong. Where do they differ?
# 2. A network is trained on as many ill birds as healthy ones, and used where one in a hundred is ill. Which of its answers do you trust, and what would you change?
# 3. Why is it no use to train on the accuracy itself?
#
# **To read on** Michael Nielsen, *Neural Networks and Deep Learning*, chapter 3, on the cross-entropy. Rosenblatt, *The perceptron* (1958). In the [TensorFlow Playground](https://playground.tensorflow.org/), solve XOR with as few hidden units as you can.

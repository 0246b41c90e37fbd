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
# # Lesson 2 · Two layers, and the way back
#
# One perceptron draws one straight line. What if many of them look at the same input, and another one combines what they say? The answer is a network. Running it forward is easy. The interesting question is the way back: which weight, deep inside, is to blame for the error at the end?
#
# **When you are through, you can**
#
# - give a network its first weights, and say why they must be random, and neither too small nor too large;
# - run a batch through two layers;
# - push one sample forward and its gradients backward with pencil and paper;
# - write backpropagation for a batch, layer by layer, and train in mini-batches;
# - explain why two linear layers are no better than one.
#
# **Time** about 160 minutes; after section 4 is a good place for a break. **Points** 25. **You need** lesson 1: the weighted sum, the mean squared error, the chain rule.

# %% [markdown] name="reminder"
# As before: run the folded cell below first, replace each `...`, run that cell, run its check, and open the hints one at a time. Each exercise works with its own arguments only; do not call your functions from other exercises inside it.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import checks, datasets, demos, diagrams, plots, questions

# %% [markdown] name="from-lesson-1"
# From lesson 1 you bring the loss. Here it is again, together with the simplest activation of all, which does nothing.

# %% nbgrader={"grade": false, "grade_id": "given-loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
def mse(y_hat, y):
    """The mean squared error (lesson 1): sum of squared errors / (2 N), for two (N, D_out) arrays."""
    if y_hat.shape != y.shape:
        raise ValueError(f"predictions {y_hat.shape} and targets {y.shape} must have the same shape")
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


def identity(z):
    return z


def identity_slope(z):
    return np.ones_like(z)

# %% [markdown] name="layers"
# ## 1 · Perceptrons side by side
#
# Figure 2.1 shows a network with two layers of weights. The first layer holds H perceptrons, all of which read the same inputs. Their outputs $h_1, \dots, h_H$ are called **hidden units**, since nobody outside sees them. The second layer reads the hidden units as its inputs.

# %% name="figure-network" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
plots.show(
    diagrams.layers(
        [["$x_1$", "$x_2$"], ["$h_1$", "$h_2$", "$h_3$"], [r"$\hat y$"]],
        weights=["$W^{(1)}, b^{(1)}$", "$W^{(2)}, b^{(2)}$"],
    ),
    alt="Two inputs are each joined to three hidden units, and the three hidden units are joined to one output.",
    caption="Figure 2.1: a two-layer network with D = 2 inputs, H = 3 hidden units and one output.",
)

# %% [markdown] name="layers-formula"
# In formulas, with a small number in brackets for the layer:
#
# $$z = x\,W^{(1)} + b^{(1)}, \qquad h = f_1(z), \qquad \hat y = f_2\!\left(h\,W^{(2)} + b^{(2)}\right).$$
#
# In this lesson you predict numbers, so the output activation $f_2$ is the identity. The shapes follow from one rule, *one row for each sample*:
#
# | array | shape | in the code |
# | --- | --- | --- |
# | input | `(N, D)` | `x` |
# | weights and bias of layer 1 | `(D, H)`, `(H,)` | `w1`, `b1` |
# | weighted sums, hidden units | `(N, H)` | `z`, `h` |
# | weights and bias of layer 2 | `(H, D_out)`, `(D_out,)` | `w2`, `b2` |
# | output and target | `(N, D_out)` | `y_hat`, `y` |
#
# A column of `w1` is the weight column of one perceptron of lesson 1. Nothing else is new.
#
# ## 2 · The first weights
#
# Before a network can learn, its weights need some values. Which?
#
# **Question 2.A · Predict first.** You set all weights of both layers to the same number, say 0.5, and all biases to zero, and train with gradient descent. What happens to the H hidden units?

# %% name="question-symmetry" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "They soon grow apart, because each sees different samples.": "All of them see all samples. What could make one unit's gradient differ from its neighbour's?",
        "They stay copies of each other for ever.": "Equal weights give equal sums, equal sums equal gradients, and equal gradients equal weights after the step. H units do the work of one.",
        "All become zero.": "Gradient descent moves weights towards a lower loss, not towards zero.",
    },
    right="They stay copies of each other for ever.",
)

# %% [markdown] name="why-not-zeros"
# So the weights must differ: we draw them at random. (With all weights *zero* it is worse still. With the identity every hidden unit is 0, so layer 2's weights get no gradient; and through weights of 0 none comes back to layer 1. Only the last bias learns.) Biases may start at zero, for the weights have broken the symmetry.
#
# How large should the random numbers be? Each weighted sum adds D terms. If the terms are too large, the signal grows from layer to layer; if they are too small, it dies out. Figure 2.2 sends random inputs through twenty linear layers of 100 units each.

# %% name="figure-scales" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
rng = np.random.default_rng(0)
fig, ax = plots.axes("Size of the signal, layer by layer", "layer", "standard deviation of its units", size=(6.4, 3.8))
scales = {"0.05: too small": 0.05, "√(2 / (100 + 100)) = 0.1": 0.1, "0.2: too large": 0.2}
for (name, scale), color in zip(scales.items(), [plots.ORANGE, plots.GREEN, plots.RED]):
    signal, sizes = rng.normal(size=(200, 100)), [1.0]
    for _ in range(20):
        signal = signal @ rng.normal(scale=scale, size=(100, 100))
        sizes.append(signal.std())
    ax.plot(sizes, ".-", color=color, label=f"weights of scale {name}")
ax.set_yscale("log")
ax.legend()
plots.show(
    fig,
    alt="On a logarithmic axis, weights of scale 0.05 make the signal shrink a million times within twenty layers, "
    "scale 0.2 makes it grow a million times, and scale 0.1 keeps it near one.",
    caption="Figure 2.2: only weights of the right size keep the signal's size.",
)

# %% [markdown] name="init-formula"
# The size must depend on the number of terms. A term is a weight times an input. If both are independent with mean 0, its variance is the product of theirs; and a sum of independent terms has the sum of their variances. So with inputs of variance 1, the weighted sum has variance $D_{in} \operatorname{Var}(w)$, where $D_{in}$ counts the inputs of *this layer*. To keep the size on the way forward, a weight needs variance $1/D_{in}$. To keep the gradients' size on the way back (section 6), it needs $1/D_{out}$, where $D_{out}$ counts this layer's outputs. One number cannot be both, so Glorot and Bengio (2010) take a compromise between the two:
#
# $$\operatorname{Var}(w) = \frac{2}{D_{in} + D_{out}} .$$
#
# **Question 2.B · Predict first.** A layer has 3 inputs and 5 outputs. What is the standard deviation of its weights?

# %% name="question-variance" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    0.5,
    right="The variance is 2 / (3 + 5) = 0.25, and the standard deviation is its root.",
    wrong={
        0.25: "That is the variance. The standard deviation is something else.",
        0.7071: "That is √(2 / 4), with the mean of 3 and 5. How many are there together?",
        0.0625: "You squared the variance. What does a standard deviation do with it?",
        0.577: "√(1/3) counts the inputs alone.",
    },
    tolerance=0.005,
    otherwise="Put 3 and 5 into the formula above. It gives the variance; how do you get from there to a standard deviation?",
)

# %% [markdown] name="exercise-init"
# ### Exercise 2.1 · Initialise a layer (3 points)
#
# Draw the weights of one layer from a normal distribution with mean 0 and the variance above. The bias is zero. All randomness comes from `rng`, a NumPy random generator, so that a run can be repeated.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `rng.normal` has an argument called `scale`. Does it want the variance?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Two lines: draw an array of shape (d_in, d_out) with the right scale; make an array of d_out zeros. Return both.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Two rolls each for 5 players, heights of people, and the same rolls again:
#
# ```python
# rng = np.random.default_rng(7)
# rng.integers(1, 7, size=(5, 2))                 # dice, shape (5, 2)
# rng.normal(loc=170, scale=np.sqrt(49), size=4)  # mean 170 cm, variance 49 cm²
# np.random.default_rng(7).integers(1, 7, size=(5, 2))   # the same dice
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def init_layer(d_in, d_out, rng):
    """Exercise 2.1: the first weights of one layer.

    d_in, d_out: int, how many inputs and outputs the layer has
    rng        : np.random.Generator, the only source of randomness
    returns: w (d_in, d_out), normal with mean 0 and variance 2 / (d_in + d_out); b (d_out,), zeros
    """
    ### BEGIN SOLUTION
    w = rng.normal(loc=0.0, scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out))
    return w, np.zeros(d_out)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-1-variance", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

shapes = {"w": (300, 500), "b": None}
w, _ = checks.outputs(init_layer, 300, 500, np.random.default_rng(21), exercise="2.1", shapes=shapes)
checks.that(abs(w.mean()) < 0.02 * w.std(), f"the weights have mean {w.mean():.3g}, not 0. Around which number are they drawn?", exercise="2.1")
checks.that(
    abs(w.std() / 0.05 - 1) < 0.02,
    f"300 inputs and 500 outputs call for a standard deviation of 0.05, and yours is {w.std():.4g}. "
    "Is it the variance that `scale` wants? Do both sizes count?",
    exercise="2.1",
)
checks.that(
    np.any(np.abs(w) > 3 * w.std()),
    "a few of so many weights should lie far out, beyond three standard deviations, and none of yours does. "
    "Which distribution does the docstring ask for?",
    exercise="2.1",
)
print("✓ 2.1: the weights have the right mean and variance.")
### BEGIN HIDDEN TESTS
for d_in, d_out in [(40, 900), (900, 40)]:
    shapes = {"w": (d_in, d_out), "b": None}
    w, _ = checks.outputs(init_layer, d_in, d_out, np.random.default_rng(22), exercise="2.1", shapes=shapes, hidden=True)
    checks.that(abs(w.std() / np.sqrt(2 / 940) - 1) < 0.02, "the weights have the wrong variance", exercise="2.1")
    checks.that(abs(w.mean()) < 0.02 * w.std(), "the mean of the weights is not zero", exercise="2.1")
    tails = np.mean(np.abs(w) > 2 * w.std())
    checks.that(0.035 < tails < 0.056, "the weights are not normally distributed", exercise="2.1")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-2-1-bias", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

shapes = {"w": (3, 4), "b": (4,)}
w, b = checks.outputs(init_layer, 3, 4, np.random.default_rng(23), exercise="2.1", shapes=shapes)
checks.that(np.all(b == 0), "the bias should start at zero", exercise="2.1")
again, _ = checks.outputs(init_layer, 3, 4, np.random.default_rng(23), exercise="2.1", shapes=shapes)
checks.that(
    np.all(w == again),
    "two generators with the same seed should give the same weights. Does all the randomness come from `rng`?",
    exercise="2.1",
)
other, _ = checks.outputs(init_layer, 3, 4, np.random.default_rng(20), exercise="2.1", shapes=shapes)
checks.that(
    not np.any(w == other),
    "generators with different seeds should give different weights. Does the randomness come from `rng`?",
    exercise="2.1",
)
print("✓ 2.1: the bias is zero, and all the randomness comes from `rng`.")
### BEGIN HIDDEN TESTS
shapes = {"w": (3, 2), "b": (2,)}
first, b = checks.outputs(init_layer, 3, 2, np.random.default_rng(24), exercise="2.1", shapes=shapes, hidden=True)
other, _ = checks.outputs(init_layer, 3, 2, np.random.default_rng(25), exercise="2.1", shapes=shapes, hidden=True)
checks.that(np.all(b == 0), "the bias does not start at zero", exercise="2.1")
checks.that(not np.any(first == other), "generators with different seeds give the same weights", exercise="2.1")
### END HIDDEN TESTS

# %% [markdown] name="forward"
# ## 3 · The way forward
#
# The forward pass is lesson 1 twice over: the hidden units are outputs of perceptrons, and then inputs to the next. It returns not only the output but everything in between, because the way back will need it.
#
# ### Exercise 2.2 · Forward (3 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Three lines, one for each of `z`, `h` and `y_hat`, each made from the one before it.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# A weighted sum of `x`; the activation of that; a weighted sum of the result. If NumPy complains about shapes, print `x.shape`, `w1.shape` and `w2.shape`: neighbours must agree.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# From products to shops to cities, in two matrix products; a shop can hold 4 at most:
#
# ```python
# sold = np.array([[2.0, 1.0]])                    # (1 day, 2 products)
# per_shop = sold @ np.array([[1, 0, 2], [3, 1, 0]])   # (1 day, 3 shops)
# per_city = np.minimum(per_shop, 4) @ np.ones((3, 1)) # (1 day, 1 city)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(x, w1, b1, w2, b2, f1):
    """Exercise 2.2: run a batch through two layers; the output is linear.

    x     : (N, D) samples
    w1, b1: (D, H), (H,) layer 1
    w2, b2: (H, D_out), (D_out,) layer 2
    f1    : activation of the hidden layer, works on arrays element by element
    returns: z (N, H), h (N, H), y_hat (N, D_out)
    """
    ### BEGIN SOLUTION
    z = x @ w1 + b1
    h = f1(z)
    y_hat = h @ w2 + b2
    return z, h, y_hat
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x = np.array([[1.0, 0.0], [0.0, 2.0]])
w1, b1 = np.array([[1.0, -2.0, 0.0], [3.0, 0.5, 1.0]]), np.array([0.0, 1.0, -1.0])
w2, b2 = np.array([[1.0], [2.0], [-1.0]]), np.array([-5.0])
z, h = [[1.0, -1.0, -1.0], [6.0, 2.0, 1.0]], [[1.0, 1.0, 1.0], [6.0, 2.0, 1.0]]  # f1 = |z|
names = ("z", "h", "y_hat")
checks.output(forward, x, w1, b1, w2, b2, np.abs, exercise="2.2", names=names, expected=(z, h, [[-3.0], [4.0]]), batch=2)
### BEGIN HIDDEN TESTS
rng = checks.seed(243211506)
x, w1, b1 = rng.normal(size=(6, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
w2, b2 = rng.normal(size=(4, 2)), rng.normal(size=2)
z = np.einsum("nd,dh->nh", x, w1) + b1
h = np.tanh(z)
y_hat = np.einsum("nh,hk->nk", h, w2) + b2
checks.output(
    forward, x, w1, b1, w2, b2, np.tanh,
    exercise="2.2", names=names, expected=(z, h, y_hat), batch=6, hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="graph"
# ## 4 · One sample, with numbers
#
# Before any formula for batches, follow one sample with your finger. The network has two inputs, two hidden units and one output. Its activation is one that you can do in your head: $f_1(z) = z^2$, with slope $f_1'(z) = 2z$.
#
# Forward, you know the way. Backward, every number gets a **gradient**, which says: if this number rose by a little, the loss would rise by *gradient* times as much. Start at the end, with $\partial l/\partial \hat y = \hat y - y$. Then three rules carry you back through any network:
#
# - **A weight** gets the gradient at its arrow's head times the value at its tail. (A bias has the value 1 at its tail.)
# - **A value** gets the gradient at the arrow's head times the weight on the arrow. If several arrows leave from it, their contributions add up.
# - **Through an activation** the gradient is multiplied by the slope at the number that went in: the gradient at $z$ is the gradient at $h$ times $f_1'(z)$.
#
# **Demo 2.1.** Move the step slider, with the mouse or with the arrow keys. In steps 1 to 4 numbers flow forward. From step 5 on, gradients (in red) flow backward. What a step has filled in has an orange ring, and the lines at the bottom say how it came about and what comes next: compute the next numbers yourself before you move on.

# %% name="demo-graph" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
demos.computational_graph(
    {
        "x": [2, 1], "y": 1, "w1": [[1, 0.5], [-1, 2]], "b1": [1, -2], "w2": [0.5, -1], "b2": 1,
        "z": [2, 1], "h": [4, 1], "y_hat": 2, "loss": 0.5,
        "dy": 1, "grad_w2": [4, 1], "grad_b2": 1, "dh": [0.5, -1], "dz": [2, -2],
        "grad_w1": [[4, -4], [2, -2]], "grad_b1": [2, -2],
    },
    caption="Figure 2.3: a 2-2-1 network with one sample's numbers.",
)

# %% [markdown] name="graph-question"
# **Question 2.C · Predict first.** In Demo 2.1, `h2` has the gradient −1. Someone raises `h2` from 1 to 1.1 and leaves all else as it is. What happens to the loss?

# %% name="question-meaning" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It falls by about 0.1.": "Change of the loss ≈ gradient × change = −1 × 0.1. (Exactly: ŷ becomes 1.9, the loss 0.405.)",
        "It rises by about 0.1.": "The gradient is −1: what is its sign telling you?",
        "It falls by 1.": "−1 is the change for each unit of change in h2. How many units did h2 change by?",
        "Nothing; h2 is not a parameter.": "The loss depends on h2 through ŷ. Backpropagation uses the gradients at values to reach the parameters behind them.",
    },
    right="It falls by about 0.1.",
)

# %% [markdown] name="exercise-by-hand"
# ### Exercise 2.3 · By hand (4 points)
#
# Now you, with paper, other numbers, and no program. The activation is again $f_1(z) = z^2$.
#
# $$x = (1,\ 2), \quad W^{(1)} = \begin{pmatrix} 0.5 & -1 \\ 0.25 & 1 \end{pmatrix}, \quad b^{(1)} = (0.5,\ -0.5), \quad W^{(2)} = \begin{pmatrix} 2 \\ -2 \end{pmatrix}, \quad b^{(2)} = -1, \quad y = 2.5 .$$
#
# Row $i$ of $W^{(1)}$ holds the weights that leave $x_i$; column $j$ those that arrive at $z_j$. Compute everything that is listed in the docstring and return it in a dictionary, such as `{"z": [3.0, 4.0], "y_hat": 5.0}`. The check looks at your numbers in order and names the first that is off. (It knows the right ones by a fingerprint only, so there is nothing to peek at.)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Draw the graph of Figure 2.3 and write the new numbers into it. All results are short decimals; if yours is not, look again.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Forward: `z`, `h`, `y_hat`, and the loss ½(ŷ − y)². Backward: `dy` = ŷ − y. Then, with the three rules of this section: the gradients of layer 2's weight column and bias; the gradient at each h; at each z (at which number is the slope taken?); of each weight of layer 1 (a 2 × 2 table in the layout of W⁽¹⁾); of its biases.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Step through Demo 2.1 again with your paper beside it. For instance, there the weight 0.5 from `x1` to `z2` gets the gradient at `z2`, which is −2, times `x1`, which is 2: that makes −4.
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def by_hand():
    """Exercise 2.3: the numbers of one sample, forward and backward.

    returns: dict of
        "z", "h": lists of 2 numbers
        "y_hat", "loss": numbers
        "dy": number, the gradient at y_hat
        "grad_w2", "grad_b2": list of 2 numbers, number
        "dh", "dz": lists of 2 numbers, the gradients at h and at z
        "grad_w1", "grad_b1": 2 x 2 list of lists in the layout of W1, list of 2 numbers
    """
    ### BEGIN SOLUTION
    forward = {"z": [1.5, 0.5], "h": [2.25, 0.25], "y_hat": 3.0, "loss": 0.125}
    output = {"dy": 0.5, "grad_w2": [1.125, 0.125], "grad_b2": 0.5, "dh": [1.0, -1.0], "dz": [3.0, -1.0]}
    return {**forward, **output, "grad_w1": [[3.0, -1.0], [6.0, -2.0]], "grad_b1": [3.0, -1.0]}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-3-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
from mlp_helpers import checks

checks.entries(
    by_hand, exercise="2.3",
    expected={
        "z": "5f589cc52a21",
        "h": "e72a9c163081",
        "y_hat": "a416ea84421f",
        "loss": "52c003e77e74",
    },
)
### BEGIN HIDDEN TESTS
expected = {"z": [1.5, 0.5], "h": [2.25, 0.25], "y_hat": 3.0, "loss": 0.125}
checks.entries(by_hand, exercise="2.3", expected=expected, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-2-3-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
from mlp_helpers import checks

checks.entries(
    by_hand, exercise="2.3",
    expected={
        "dy": "d2cbad71ff33",
        "grad_w2": "b01673e4a074",
        "grad_b2": "d2cbad71ff33",
        "dh": "7a784778452e",
        "dz": "ca48d63f1ed8",
        "grad_w1": "e9532d6181f0",
        "grad_b1": "ca48d63f1ed8",
    },
)
### BEGIN HIDDEN TESTS
expected = {
    "dy": 0.5, "grad_w2": [1.125, 0.125], "grad_b2": 0.5, "dh": [1.0, -1.0], "dz": [3.0, -1.0],
    "grad_w1": [[3.0, -1.0], [6.0, -2.0]], "grad_b1": [3.0, -1.0],
}
checks.entries(by_hand, exercise="2.3", expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="output-layer"
# ## 5 · The way back, for a batch: the output layer
#
# Doing this by hand for every sample would be tedious. The three rules turn into products of arrays, and NumPy does them for all samples at once. Start at the end. With $l = \sum (\hat y - y)^2 / 2N$ the gradient at the output is
#
# $$\frac{\partial l}{\partial \hat y} = \frac{\hat y - y}{N} \qquad \text{shape } (N, D_{out}).$$
#
# The 1/N comes from the loss: every sample has an N-th of the say. We call this array `dy`. A weight's gradient is *head times tail*, and since all samples share the weight, their contributions add up:
#
# $$\frac{\partial l}{\partial W^{(2)}_{jk}} = \sum_n h_{nj} \, \frac{\partial l}{\partial \hat y_{nk}}, \qquad
# \frac{\partial l}{\partial b^{(2)}_k} = \sum_n \frac{\partial l}{\partial \hat y_{nk}} .$$
#
# You have met this sum over samples in lesson 1. There, `delta` had one column; now there are $D_{out}$.
#
# ### Exercise 2.4 · Gradients of the output layer (4 points)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Compute `dy` first. The gradient of `w2` must have the shape of `w2`, `(H, D_out)`. Which product of `h` and `dy` has it?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Write the shapes `(N, H)` and `(N, D_out)` below each other. N must vanish, so it must stand in the middle of the product: turn one of the two arrays. For the bias, sum over the axis that must vanish.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Four exams, three topics, two teachers. `topics` says how much of each topic an exam had, `hours` how long each teacher marked it. Time by topic and teacher:
#
# ```python
# topics = np.ones((4, 3))      # (4 exams, 3 topics)
# hours = np.ones((4, 2))       # (4 exams, 2 teachers)
# (topics.T @ hours).shape      # (3, 2): the exams are summed over
# hours.sum(axis=0).shape       # (2,): all hours of each teacher
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_gradients(h, y_hat, y):
    """Exercise 2.4: the gradients of layer 2 for the mean squared error.

    h       : (N, H) hidden units
    y_hat, y: (N, D_out) predictions and targets
    returns: grad_w2 (H, D_out), grad_b2 (D_out,)
    """
    ### BEGIN SOLUTION
    dy = (y_hat - y) / len(y)
    return h.T @ dy, dy.sum(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-4-weights", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(27)
h, y, w2, b2 = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)), rng.normal(size=(3, 4)), rng.normal(size=4)


def loss(w2, b2):
    errors = [sum(unit * row for unit, row in zip(units, w2)) + b2 - target for units, target in zip(h, y)]
    return sum(0.5 * sum(error**2) for error in errors) / len(h)


y_hat = np.array([sum(unit * row for unit, row in zip(units, w2)) + b2 for units in h])
checks.gradient(output_gradients, h, y_hat, y, exercise="2.4", loss=loss, at={"w2": w2, "b2": b2}, only="w2", batch=5)
### BEGIN HIDDEN TESTS
rng = checks.seed(777946647)
names = ("grad_w2", "grad_b2")
h, y_hat, y = rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
y[:, 0] += 1e3  # a large loss, in whose digits a finite difference drowns
expected = (np.einsum("nh,nk->hk", h, (y_hat - y) / 7), np.einsum("nk->k", (y_hat - y) / 7))
checks.output(
    output_gradients, h, y_hat, y,
    exercise="2.4", names=names, only="grad_w2", expected=expected, batch=7, hidden=True,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-2-4-bias", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("grad_w2", "grad_b2")
h = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 1.0, 1.0], [1.0, 1.0, 0.0, 2.0]])
y_hat, y = np.array([[3.0, 1.0], [5.0, 0.0], [2.0, 4.0]]), np.array([[0.0, 1.0], [-1.0, 3.0], [2.0, -5.0]])
# The errors are (3, 0), (6, −3) and (0, 9); three samples share the loss.
expected = ([[1.0, 3.0], [6.0, 0.0], [4.0, -1.0], [2.0, 5.0]], [3.0, 2.0])
checks.output(output_gradients, h, y_hat, y, exercise="2.4", names=names, only="grad_b2", expected=expected, batch=3)
### BEGIN HIDDEN TESTS
rng = checks.seed(879487317)
h, y_hat, y = rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
y[:, 0] += 1e3  # a large loss, in whose digits a finite difference drowns
expected = (np.einsum("nh,nk->hk", h, (y_hat - y) / 7), np.einsum("nk->k", (y_hat - y) / 7))
checks.output(
    output_gradients, h, y_hat, y,
    exercise="2.4", names=names, only="grad_b2", expected=expected, batch=7, hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="hidden-layer"
# ## 6 · The way back: the hidden layer
#
# Now the blame travels one layer further. A hidden unit $h_j$ reaches the loss through *every* output, so by the rule for a value its gradient is a sum over the outputs. Then comes the activation, which multiplies by its slope at `z`. From there on, everything is as in the layer above:
#
# $$\frac{\partial l}{\partial h} = \frac{\partial l}{\partial \hat y}\, W^{(2)\top}, \qquad
# \frac{\partial l}{\partial z} = \frac{\partial l}{\partial h} \odot f_1'(z), \qquad
# \frac{\partial l}{\partial W^{(1)}} = x^\top \frac{\partial l}{\partial z}, \qquad
# \frac{\partial l}{\partial b^{(1)}_j} = \sum_n \frac{\partial l}{\partial z_{nj}} .$$
#
# The sign $\odot$ multiplies entry by entry. Look at the pattern in Figure 2.4: a layer takes the gradient at its output, gives its weights their share, and hands the gradient at its input to the layer below. This is **backpropagation**, and it goes on in the same way through a hundred layers.

# %% name="figure-backprop" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = diagrams.canvas((8.4, 2.7), (-0.7, 10.3), (-2.0, 1.4))
places = [(column * 2.4, 0.2) for column in range(5)]
for place, name in zip(places, ["$x$", "$z$", "$h$", r"$\hat y$", "$l$"]):
    diagrams.node(ax, place, name)
above = ["$W^{(1)}, b^{(1)}$", "$f_1$", "$W^{(2)}, b^{(2)}$", "mse"]
below = ["", r"$\odot\, f_1'(z)$", r"$\cdot\, W^{(2)\top}$", r"$(\hat y - y)/N$"]
weights = [r"$x^\top\cdot$ gives $\partial l/\partial W^{(1)}$", "", r"$h^\top\cdot$ gives $\partial l/\partial W^{(2)}$", ""]
for start, end, *labels in zip(places, places[1:], above, below, weights):
    diagrams.arrow(ax, start, end)
    if labels[1]:
        diagrams.arrow(ax, (end[0], -0.55), (start[0], -0.55), color=plots.RED)
    for height, text, color in zip((0.55, -1.05, -1.6), labels, (plots.BLUE, plots.RED, plots.GREEN)):
        ax.text((start[0] + end[0]) / 2, height, text, ha="center", color=color, fontsize=11)
plots.show(
    fig,
    alt="Forward, in blue: x to z through W1 and b1, to h through f1, to y-hat through W2 and b2, to the loss. "
    "Backward, in red: (y-hat − y)/N at the output, times W2 transposed at h, times f1 prime of z at z. "
    "In green, the weights: h transposed times the gradient at y-hat for W2, x transposed times the gradient at z for W1.",
    caption="Figure 2.4: forward in blue; backward in red, one factor for each arrow; in green, what the weights get.",
)

# %% [markdown] name="exercise-hidden"
# ### Exercise 2.5 · Gradients of the hidden layer (5 points)
#
# The gradient at the output, `dy`, is handed to you: any array of shape `(N, D_out)`. Your function must not care which loss it came from.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Go one arrow at a time: `dh`, then `dz`, then the two gradients. After each line, say its shape aloud.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# `dh` has the shape of `h`, `(N, H)`: which product of `dy` and `w2` has that shape? `dz` has the same shape, so only a product entry by entry is possible. The rest you have written in 2.4 under other names. Is everything already divided by N?
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Refunds flow back from cities to shops:
#
# ```python
# refund_city = np.array([[10.0, 4.0]])                          # (1 day, 2 cities)
# share = np.array([[0.5, 0.0], [0.5, 0.25], [0.0, 0.75]])       # (3 shops, 2 cities)
# refund_shop = refund_city @ share.T                            # (1 day, 3 shops): [[5., 6., 3.]]
# ```
#
# A shop that delivers to both cities gets a part of both refunds.
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_gradients(x, z, dy, w2, f1_prime):
    """Exercise 2.5: the gradients of layer 1, from the gradient at the output.

    x       : (N, D) samples
    z       : (N, H) weighted sums of layer 1
    dy      : (N, D_out) gradient of the loss at y_hat
    w2      : (H, D_out) weights of layer 2
    f1_prime: the hidden activation's derivative, works on arrays element by element
    returns: grad_w1 (D, H), grad_b1 (H,)
    """
    ### BEGIN SOLUTION
    dh = dy @ w2.T
    dz = dh * f1_prime(z)
    return x.T @ dz, dz.sum(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-5-weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(29)
x, w1, b1 = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
w2, upstream = rng.normal(size=(4, 2)), rng.normal(size=(5, 2))


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def loss(w1, b1):  # any loss whose gradient at the output is `upstream`
    hidden = [[np.tanh(sum(sample * w1[:, j]) + b1[j]) for j in range(4)] for sample in x]
    outputs = [sum(unit * row for unit, row in zip(units, w2)) for units in hidden]
    return sum(sum(weight * output) for weight, output in zip(upstream, outputs))


z = np.array([[sum(sample * column) for column in w1.T] for sample in x]) + b1
checks.gradient(
    hidden_gradients, x, z, upstream, w2, tanh_slope,
    exercise="2.5", loss=loss, at={"w1": w1, "b1": b1}, only="w1", batch=5,
)
### BEGIN HIDDEN TESTS
rng = checks.seed(325639015)
names = ("grad_w1", "grad_b1")
x, z, dy, w2 = rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), rng.normal(size=(3, 2))
z[:, 0] += 1e6  # where a finite difference of the activation is coarse
dz = np.einsum("nk,hk->nh", dy, w2) * np.cos(z)
expected = (np.einsum("nd,nh->dh", x, dz), np.einsum("nh->h", dz))
checks.output(
    hidden_gradients, x, z, dy, w2, np.cos,
    exercise="2.5", names=names, only="grad_w1", expected=expected, batch=7, hidden=True,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-2-5-bias", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

names = ("grad_w1", "grad_b1")
x = np.array([[1.0], [2.0], [0.0], [1.0]])
z = np.array([[1.0, 0.0, 2.0], [3.0, 1.0, -1.0], [1.0, 1.0, 1.0], [0.0, 2.0, 0.5]])
dy, w2 = np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
# Row by row, dh is [1, 2, 5], [0, −1, −1], [2, 0, 6], [1, 1, 4]; the slopes are 2z.
checks.output(
    hidden_gradients, x, z, dy, w2, lambda z: 2 * z,
    exercise="2.5", names=names, only="grad_b1", expected=([[2.0, 0.0, 28.0]], [6.0, 2.0, 38.0]), batch=4,
)
### BEGIN HIDDEN TESTS
rng = checks.seed(879915333)
x, z, dy, w2 = rng.normal(size=(7, 4)), rng.normal(size=(7, 3)), rng.normal(size=(7, 2)), rng.normal(size=(3, 2))
z[:, 0] += 1e6  # where a finite difference of the activation is coarse
dz = np.einsum("nk,hk->nh", dy, w2) * np.cos(z)
expected = (np.einsum("nd,nh->dh", x, dz), np.einsum("nh->h", dz))
checks.output(
    hidden_gradients, x, z, dy, w2, np.cos,
    exercise="2.5", names=names, only="grad_b1", expected=expected, batch=7, hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="batches"
# ## 7 · Mini-batches
#
# Gradient descent needs the gradient over all samples for a single step. With a million samples that is a long wait for one step. The other extreme is a step after every sample: quick, and rather drunk, since one sample is a poor guide. The usual way is in between. Shuffle the samples, cut them into **mini-batches** of, say, 32, and make a step after each. When every sample has been used once, an **epoch** is over; shuffle again.
#
# **Question 2.D · Predict first.** 100 samples, batches of 32, 3 epochs. How many steps does that make?

# %% name="question-batches" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    12,
    right="Batches of 32, 32, 32 and 4: the last one is small, and its samples count too. Four an epoch, three epochs.",
    wrong={
        9: "You dropped the last, small batch in each epoch. Its 4 samples would be wasted.",
        3: "That would be one step an epoch: full batches.",
        10: "300 / 32, rounded up once. Does a batch reach from one epoch into the next?",
        300: "That is one step for each sample: batches of 1.",
        4: "That is one epoch.",
    },
    otherwise="How many batches does it take to hand out 100 samples, at most 32 at a time? And then three times over.",
)

# %% [markdown] name="exercise-fit"
# ### Exercise 2.6 · Fit (4 points)
#
# Write the training loop. The parameters are a list of arrays, whatever the network. `gradients(params, x_batch, y_batch)` returns the list of their gradients in the same order.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `rng.permutation(len(x))` gives all row numbers in random order: call it once an epoch. A batch is a slice of it, and `x[rows]` picks the rows. What keeps a sample and its target together?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Two loops: over epochs, and over `range(0, len(x), batch_size)`. Inside: the row numbers of the batch, the gradients, the new list of parameters. A slice that reaches past the end is cut short by itself. `p - lr * g` makes a new array; `p -= lr * g` changes the one that the caller gave you.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Dealing cards in hands of three:
#
# ```python
# deck = np.arange(8)
# order = np.random.default_rng(0).permutation(len(deck))
# for first in range(0, len(deck), 3):
#     print(deck[order[first : first + 3]])     # 3 cards, 3 cards, 2 cards
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    """Exercise 2.6: gradient descent in mini-batches.

    x, y      : (N, D) samples, (N, D_out) targets
    params    : list of arrays; the list and its arrays are left as they are
    gradients : function of (params, x_batch, y_batch), returns a list of arrays shaped like params
    epochs    : int, how often every sample is used
    lr        : float, the learning rate
    batch_size: int; the last batch of an epoch may be smaller
    rng       : np.random.Generator, gives one permutation of the samples an epoch
    returns: list of arrays, the trained parameters
    """
    ### BEGIN SOLUTION
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-6-batches", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks


def batches_of(x, y, epochs, size, seed, hidden=False):
    seen, shapes = [], {"params[0]": (1,), "params[1]": (2,)}

    def watch(params, x_batch, y_batch):
        seen.append((np.array(x_batch), np.array(y_batch)))
        return [0.0 * p for p in params]

    start, rng = [np.ones(1), np.ones(2)], np.random.default_rng(seed)
    checks.outputs(fit, x, y, start, watch, epochs, 0.1, size, rng, exercise="2.6", shapes=shapes, hidden=hidden)
    return seen


x = np.arange(10.0).reshape(10, 1)
checks.batches(batches_of(x, 2 * x, 2, 4, 31), x, 2 * x, epochs=2, batch_size=4, exercise="2.6")
first, again, other = (np.vstack([x_batch for x_batch, _ in batches_of(x, x, 2, 4, seed)]) for seed in (31, 31, 30))
hint = "The same seed should give the same order and another seed another. Does all the randomness come from `rng`?"
checks.that(np.array_equal(first, again) and not np.array_equal(first, other), hint, exercise="2.6")
### BEGIN HIDDEN TESTS
x = np.arange(21.0).reshape(7, 3)
y = np.column_stack([x[:, 0] ** 2, -x[:, 1]])
seen = batches_of(x, y, 3, 3, 32, hidden=True)
checks.batches(seen, x, y, epochs=3, batch_size=3, exercise="2.6", hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-2-6-updates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks


def two_bowls(params, x_batch, y_batch):  # with their bottoms at 1
    return [params[0] - 1, 2 * (params[1] - 1)]


x, params = np.ones((4, 1)), [np.array([[9.0], [-3.0]]), np.array([4.0])]
# Two steps an epoch, two epochs: the distances 8 and −4 to the bottom are halved four times; the third is gone at once.
checks.output(
    fit, x, x, params, two_bowls, 2, 0.5, 2, np.random.default_rng(33),
    exercise="2.6", names=("params[0]", "params[1]"), expected=([[1.5], [0.75]], [1.0]),
)
### BEGIN HIDDEN TESTS
rng = checks.seed(726787321)


def crossed(params, x_batch, y_batch):  # each gradient depends on the other parameter
    return [params[1] * len(x_batch), 0.5 * params[0]]


params = [rng.normal(size=3), rng.normal(size=3)]
first, second = params
for size in [3, 3, 1] * 2:
    first, second = first - 0.1 * second * size, second - 0.1 * 0.5 * first
checks.output(
    fit, np.ones((7, 2)), np.ones((7, 1)), params, crossed, 2, 0.1, 3, np.random.default_rng(35),
    exercise="2.6", names=("params[0]", "params[1]"), expected=(first, second), hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="mlp-class"
# ## 8 · Your network
#
# The cell below puts your functions together. Read it: there is no mathematics left in it. Note two things. All gradients are computed *before* any parameter changes: the gradient of layer 1 needs the `w2` that the forward pass used. And a single flat sample is refused with a message: its output would be flat too, and the loss would take its D_out numbers for D_out samples.

# %% nbgrader={"grade": false, "grade_id": "given-mlp", "locked": true, "schema_version": 3, "solution": false, "task": false}
class MLP:
    """Two layers: D inputs, H hidden units with activation f1, a linear output."""

    def __init__(self, d_in, hidden, d_out, rng, f1=identity, f1_prime=identity_slope):
        self.params = [*init_layer(d_in, hidden, rng), *init_layer(hidden, d_out, rng)]
        self.f1, self.f1_prime, self.losses = f1, f1_prime, []

    def __call__(self, x):
        if x.ndim != 2:
            raise ValueError(f"samples must be (N, D), not {x.shape}: write x[None, :] for a single one")
        return forward(x, *self.params, self.f1)[2]

    def gradients(self, params, x, y):
        z, h, y_hat = forward(x, *params, self.f1)
        self.losses.append(mse(y_hat, y))
        hidden = hidden_gradients(x, z, (y_hat - y) / len(y), params[2], self.f1_prime)
        return [*hidden, *output_gradients(h, y_hat, y)]

    def fit(self, x, y, epochs, lr, batch_size, rng):
        self.params = fit(x, y, self.params, self.gradients, epochs, lr, batch_size, rng)

# %% [markdown] name="penguins-intro"
# Try it on the penguins, now with two inputs, counted from a typical bird: flipper length in cm, and bill depth in steps of 2 mm. (With flippers alone, lesson 1 reached 0.0773.)

# %% name="train-penguins" tags=["illustration"]
with checks.needs(init_layer, forward, output_gradients, hidden_gradients, fit):
    penguins = datasets.penguins()
    x = np.hstack([(penguins.flipper_length - 200) / 10, (penguins.bill_depth - 17) / 2])
    network = MLP(2, 3, 1, np.random.default_rng(2))
    network.fit(x, penguins.body_mass, epochs=30, lr=0.05, batch_size=32, rng=np.random.default_rng(3))
    fig, ax = plots.axes("Thirty epochs on the penguins", "update", "loss of the batch (kg²)", size=(6.4, 3.4))
    ax.plot(network.losses, color=plots.BLUE, linewidth=1)
    ax.set_yscale("log")
    plots.show(
        fig,
        alt=f"The loss of the batch falls from {network.losses[0]:.1f} to {np.mean(network.losses[25:50]):.2f} within 25 updates "
        f"and then keeps jittering between {min(network.losses[50:]):.2f} and {max(network.losses[50:]):.2f}.",
        caption=f"Figure 2.5: loss over all penguins at the end: {mse(network(x), penguins.body_mass):.4f} kg².",
    )

# %% [markdown] name="batch-demo"
# The curve jitters because each batch holds other birds. Is jitter bad?
#
# **Demo 2.2.** Here every setting sees each of 60 samples ten times. The thin line is the loss of the batch, the thick one that of all 60 samples; the other batch sizes are drawn in grey. The dot marks where the thick line first gets below 0.1. Which batch size brings it there after the fewest samples? Which ones then keep it down? Raise the learning rate: who gains, and who cannot settle any more? (The demo runs your functions.)

# %% name="demo-batches" tags=["illustration"]
def run(batch_size, lr):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 2))
    y = x @ np.array([[1.0], [-2.0]]) + 0.5 + rng.normal(scale=0.3, size=(60, 1))
    network, over_all = MLP(2, 3, 1, rng), []

    def gradients(params, x_batch, y_batch):
        over_all.append(mse(forward(x, *params, identity)[2], y))
        return network.gradients(params, x_batch, y_batch)

    fit(x, y, network.params, gradients, 10, lr, batch_size, rng)
    return np.array(network.losses), np.array(over_all)


with checks.needs(init_layer, forward, output_gradients, hidden_gradients, fit):
    demos.batch_sizes(run, sizes=[1, 4, 15, 60], rates=[0.02, 0.05, 0.1], caption="Figure 2.6: what the batch size does.")

# %% [markdown] name="batch-meaning"
# A small batch makes many steps, a large one makes sure steps. With equal work, a single step for each epoch gets nowhere, and single samples never settle. Jitter is the price of quick progress, and a lower learning rate towards the end makes it smaller.

# %% [markdown] name="limits"
# ## 9 · Is a second layer stronger?
#
# Does the second layer make the network stronger? Here are points on a parabola, and a network with two hidden units. To keep the sliders few, both weights of layer 2 are 1.
#
# **Demo 2.3.** Each hidden unit draws a straight line, and the output is their sum. Set the four sliders so that the red curve follows the points. The title shows your loss beside that of the best straight line: can you beat it? (The demo runs your `forward` with the identity as activation.)

# %% name="demo-lines" tags=["illustration"]
with checks.needs(forward):
    curve_x, curve_y = datasets.parabola(np.random.default_rng(5))
    demos.sum_of_lines(forward, curve_x, curve_y, caption="Figure 2.7: a sum of straight lines.")

# %% [markdown] name="exercise-collapse"
# It never bends. A sum of straight lines is a straight line, and algebra says so for any sizes: put the first layer into the second and multiply out,
#
# $$\hat y = \left(x W^{(1)} + b^{(1)}\right) W^{(2)} + b^{(2)} .$$
#
# ### Exercise 2.7 · Collapse two linear layers (2 points)
#
# Find the single layer, `w` and `b`, that gives the same output for every `x`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Multiply out the bracket above. Which terms contain x? Which do not?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# The factor behind x is a product of two matrices, `(D, H)` and `(H, D_out)`. Everything without x is the new bias; what does the second layer do to the first layer's bias?
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# With plain numbers: 3(2x + 5) + 1 = 6x + 16. The 5 did not come through unchanged.
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-2-7", "locked": false, "schema_version": 3, "solution": true, "task": false}
def collapse(w1, b1, w2, b2):
    """Exercise 2.7: the single linear layer that equals two linear layers.

    w1, b1: (D, H), (H,) layer 1
    w2, b2: (H, D_out), (D_out,) layer 2
    returns: w (D, D_out), b (D_out,)
    """
    ### BEGIN SOLUTION
    return w1 @ w2, b1 @ w2 + b2
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-2-7", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

w1, b1 = np.array([[2.0, 0.0, 1.0]]), np.array([5.0, 1.0, 0.0])
w2, b2 = np.array([[3.0, 1.0], [0.0, -1.0], [1.0, 0.0]]), np.array([1.0, 2.0])
checks.output(collapse, w1, b1, w2, b2, exercise="2.7", names=("w", "b"), expected=([[7.0, 2.0]], [16.0, 6.0]))
### BEGIN HIDDEN TESTS
rng = checks.seed(479355239)
w1, b1, w2, b2 = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=2)
expected = (np.einsum("dh,hk->dk", w1, w2), np.einsum("h,hk->k", b1, w2) + b2)
checks.output(collapse, w1, b1, w2, b2, exercise="2.7", names=("w", "b"), expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="linear-fails"
# So a linear network, however deep, is a perceptron in disguise. Training cannot help it either:

# %% name="train-parabola" tags=["illustration"]
with checks.needs(init_layer, forward, output_gradients, hidden_gradients, fit):
    curve_x, curve_y = datasets.parabola(np.random.default_rng(5))
    network = MLP(1, 20, 1, np.random.default_rng(6))
    network.fit(curve_x, curve_y, epochs=200, lr=0.1, batch_size=15, rng=np.random.default_rng(7))
    grid = np.linspace(-1.1, 1.1, 100)[:, None]
    fig, ax = plots.axes("A linear network with 20 hidden units", "x", "y", size=(6.0, 3.6))
    ax.scatter(curve_x, curve_y, s=14, color=plots.GREY, label="samples")
    ax.plot(grid, network(grid), color=plots.RED, linewidth=2.5, label="output after 200 epochs")
    ax.legend(loc="upper center")
    plots.show(
        fig,
        alt=f"Samples on a parabola; the output is a straight line from {network(grid)[0, 0]:.2f} on the left to {network(grid)[-1, 0]:.2f} on the right.",
        caption="Figure 2.8: twenty hidden units, and still a straight line.",
    )

# %% [markdown] name="summary"
# We need something between the layers that is not linear. It need not be complicated: lesson 3 takes the simplest bend there is.
#
# ## Summary
#
# - A layer is a row of perceptrons: `(D, H)` weights, `(H,)` biases.
# - First weights are random, with variance $2 / (D_{in} + D_{out})$; equal weights would make equal units.
# - Backpropagation carries the gradient at the output back: times $W^{(2)\top}$, times $f_1'(z)$. On the way each weight collects *head times tail*, summed over the batch.
# - Mini-batches: one permutation an epoch; every sample once, the small last batch included.
# - Without a non-linear activation, two layers are one.
#
# **What slides and tutorials often get away with.** A bias gradient that keeps its batch axis, `(1, D_out)`, silently changes the shape of the bias at the first update. A loss without 1/N with a gradient that has it (or the reverse) trains with a learning rate other than the one you wrote. Training on one sample at a time hides both.
#
# **When training does not work, look in this order**
#
# 1. Does the loss fall at a tenth of the learning rate?
# 2. Does it fall on ten samples, if you let it train long? If not, the gradients are wrong: check each one against a measured one.
# 3. Is every gradient shaped like its parameter?
# 4. Are samples and targets still paired after shuffling?
#
# **To discuss**
#
# 1. A batch of 1 makes N steps an epoch, a full batch makes one. Why is neither the usual choice?
# 2. Where would the code break if `w2` were updated before `hidden_gradients` is called? Would anyone notice?
# 3. Why may all biases start at zero, but not all weights?
#
# **To read on** Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors* (1986): four pages. Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks* (2010), section 4.2, for the variance. In the [TensorFlow Playground](https://playground.tensorflow.org/), set the activation to *Linear* and add as many layers as you like.

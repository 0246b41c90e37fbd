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
# # Lesson 1 · The perceptron
#
# How can a machine learn the relation between two things from examples alone? This lesson builds the smallest machine that can. It has a few numbers in it, it makes an error, and it changes the numbers so that the error shrinks. Every larger network in this course is made of this one part.
#
# **When you are through, you can**
#
# - compute a perceptron's output for a whole batch of samples at once;
# - say with one number how wrong it is;
# - find the direction in which to change its weights, first by trying, then by the chain rule;
# - let gradient descent do the changing, and tell when the learning rate is too large;
# - name a problem that no single perceptron can solve.
#
# **Time** about 130 minutes; after section 4 is a good place for a break. **Points** 20. **You need** functions and arrays in Python with NumPy, and what a derivative is.

# %% [markdown] name="how-to-work"
# ## How to work with this notebook
#
# Run cells with **Shift+Enter**, from top to bottom. Start with the folded cell below: it fetches NumPy (as `np`) and the course's own package. Cells that only draw a picture are folded too; open them if you are curious. An exercise is a function with `...` in the place of its body. Replace the `...`, run the cell, then run the check below it. The check says what is wrong and asks you something that leads on. If you are stuck, open the hints one at a time.
#
# Each exercise is graded on its own. Write it with the arguments that it receives, and do not call your functions from other exercises inside it. Then a slip in one exercise never costs you points in the next.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import checks, datasets, demos, diagrams, plots, questions

# %% [markdown] name="weighted-sum"
# ## 1 · Many numbers in, one number out
#
# You want to guess a penguin's weight from its flipper length and the depth of its bill. A natural guess: multiply each measurement by how much it matters, add up, and add a starting value. Figure 1.1 draws this.

# %% name="figure-perceptron" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
plots.show(
    diagrams.perceptron(),
    alt="Inputs x1 and x2 and a constant 1 are multiplied by w1, w2 and b, meet in a sum called z, "
    "and pass through an activation f to become the output y-hat.",
    caption="Figure 1.1: a perceptron with two inputs.",
)

# %% [markdown] name="weighted-sum-formula"
# For one sample with inputs $x_1, \dots, x_D$ the **weighted sum** is
#
# $$z = w_1 x_1 + w_2 x_2 + \dots + w_D x_D + b .$$
#
# The $w$ are the **weights** and $b$ is the **bias**. (Some books write the bias as $w_0$, the weight of an input that is always 1.) The output is $\hat y = f(z)$, where $f$ is the **activation function**. We come to $f$ in a moment.
#
# We never compute one sample at a time. All $N$ samples go into one array, **one sample in each row**, and all the sums come out together:
#
# | array | shape | what it holds |
# | --- | --- | --- |
# | `x` | `(N, D)` | N samples, D inputs each |
# | `w` | `(D, 1)` | one weight for each input |
# | `b` | `(1,)` | one bias |
# | `z` | `(N, 1)` | one weighted sum for each sample |
#
# Why is `w` a column and not a flat list? Because a perceptron is a layer with one output. In lesson 2 a layer has H outputs, and `w` becomes `(D, H)`. Nothing else changes.
#
# ### Exercise 1.1 · The weighted sum (2 points)
#
# Compute `z` for the whole batch.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Row n of `x` and the single column of `w` both have D entries. Which operation multiplies them in pairs and adds up, for all rows at once?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# One matrix product gives an array of shape (N, 1). Adding `b`, of shape (1,), repeats it for every row: NumPy calls this *broadcasting*.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Three shopping baskets, two products, and a delivery fee:
#
# ```python
# baskets = np.array([[1, 0], [2, 1], [0, 3]])   # (3, 2)
# prices = np.array([[4.0], [2.5]])              # (2, 1)
# baskets @ prices + np.array([1.0])             # (3, 1): [[5.0], [11.5], [8.5]]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-1-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_sum(x, w, b):
    """Exercise 1.1: the weighted sum of every sample.

    x: (N, D) samples
    w: (D, 1) weights
    b: (1,) bias
    returns: (N, 1)
    """
    ### BEGIN SOLUTION
    return x @ w + b
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-1-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x = np.array([[1.0, 2.0], [3.0, 0.0], [-1.0, 1.0]])
w, b = np.array([[2.0], [10.0]]), np.array([-1.5])
checks.output(weighted_sum, x, w, b, exercise="1.1", expected=[[20.5], [4.5], [6.5]], batch=3)
### BEGIN HIDDEN TESTS
rng = checks.seed(669209903)
x, w, b = rng.normal(size=(7, 4)), rng.normal(size=(4, 1)), rng.normal(size=1)
expected = np.einsum("nd,dk->nk", x, w) + b
checks.output(weighted_sum, x, w, b, exercise="1.1", expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="activation"
# ## 2 · The activation decides what the sum means
#
# A weighted sum can be any number. Sometimes that is what you want: a body mass in kilograms. Sometimes you want a decision, or a number between 0 and 1. The activation $f$ turns one into the other, sample by sample. Figure 1.2 shows four of them.

# %% name="figure-activations" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
z = np.linspace(-4, 4, 401)
curves = {
    "identity: z": z,
    "step: 1 if z > 0, else 0": np.where(z > 0, 1.0, 0.0),
    "sigmoid: 1 / (1 + exp(−z))": 1 / (1 + np.exp(-z)),
    "tanh(z)": np.tanh(z),
}
fig, panels = plots.axes("", "weighted sum z", "output f(z)", size=(8.4, 2.5), columns=4)
for ax, (name, values) in zip(panels, curves.items()):
    ax.plot(z, values, color=plots.BLUE, linewidth=2)
    ax.set_title(name, fontsize=9)
    ax.set_ylim(-1.6, 1.6)
    ax.label_outer()
plots.show(
    fig,
    alt="Four activations. Identity is a straight line. Step jumps from 0 to 1 at z = 0. "
    "Sigmoid rises smoothly from 0 to 1. Tanh rises smoothly from −1 to 1.",
    caption="Figure 1.2: four activation functions.",
)

# %% [markdown] name="exercise-perceptron"
# All four rise or stay level as $z$ grows; none ever comes down again. Such a function is called *monotone*. Remember it: at the end of this lesson it decides what a perceptron can never do.
#
# ### Exercise 1.2 · The perceptron (2 points)
#
# Compute the output $\hat y = f(z)$ for a batch. The activation arrives as an argument: any function that takes an array and returns one of the same shape.
#
# <details><summary>Hint 1: a nudge</summary>
#
# There are two steps: a number for each sample, then `f` of each number. Write the first step out again, as in 1.1.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# You do not need a loop. `f` accepts the whole array of sums.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Functions are values; you can pass them on and call them:
#
# ```python
# def shout(word, style):
#     return style(word + "!")
#
# shout("hello", str.upper)   # "HELLO!"
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-1-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron(x, w, b, f):
    """Exercise 1.2: the output of a perceptron for every sample.

    x: (N, D) samples
    w: (D, 1) weights
    b: (1,) bias
    f: activation function, works on arrays element by element
    returns: (N, 1)
    """
    ### BEGIN SOLUTION
    z = x @ w + b
    return f(z)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-1-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x = np.array([[1.0, 2.0], [3.0, 0.0], [-1.0, 1.0]])
w, b = np.array([[2.0], [-1.0]]), np.array([-2.0])
checks.output(perceptron, x, w, b, np.square, exercise="1.2", expected=[[4.0], [16.0], [25.0]], batch=3)
### BEGIN HIDDEN TESTS
rng = checks.seed(439816211)
x, w, b = rng.normal(size=(6, 3)), rng.normal(size=(3, 1)), rng.normal(size=1)
expected = np.tanh(np.einsum("nd,dk->nk", x, w) + b)
checks.output(perceptron, x, w, b, np.tanh, exercise="1.2", expected=expected, batch=6, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="plane"
# With two inputs and a step at $z = 0$, a perceptron cuts the plane in two. On one side it answers 1, on the other 0. The border is where $w_1 x_1 + w_2 x_2 + b = 0$: a straight line.
#
# **Question 1.A · Predict first.** You have a perceptron with two inputs and a step. You double $w_1$, $w_2$ and $b$, all three. What happens to the border?

# %% name="question-border" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It moves twice as far from the origin.": "Only if b alone had doubled. Put a point with z = 0 into the new sum: what is 2z there?",
        "It turns.": "The direction of the border depends on the ratio w₁ : w₂. Has the ratio changed?",
        "It stays where it is.": "The border is where z = 0, and 2z = 0 in exactly the same places. "
        "With a sigmoid in place of the step, the change from 0 to 1 would become steeper.",
    },
    right="It stays where it is.",
)

# %% [markdown] name="plane-demo"
# **Demo 1.1.** Find weights and a bias that get OR right. Then AND. Then turn to XOR, where the target is 1 if *exactly one* input is 1, and see how far you come. Does another activation help? On the left is the plane of the two inputs; corners with a wrong answer are ringed in red. On the right each corner sits at its weighted sum $z$ on the curve of the activation, and a red stick leads from its output to its target. (For tanh the targets are −1 and 1.) All sticks together make the *loss*, one number for how wrong the outputs are. Section 3 says how. (The demo runs your `weighted_sum`.)

# %% name="demo-plane" tags=["illustration"]
with checks.needs(weighted_sum):
    demos.perceptron_plane(weighted_sum, start="or", caption="Figure 1.3: one perceptron, one straight cut.")

# %% [markdown] name="loss"
# ## 3 · One number for how wrong you are
#
# Now a real question. Here are 342 penguins from three islands in Antarctica. Can flipper length tell body mass? To keep the numbers small, `flipper` counts the centimetres above 19 cm.

# %% nbgrader={"grade": false, "grade_id": "penguins", "locked": true, "schema_version": 3, "solution": false, "task": false}
penguins = datasets.penguins()
flipper = penguins.flipper_length / 10 - 19.0  # (342, 1), cm above 19 cm
mass = penguins.body_mass  # (342, 1), kg

# %% name="figure-penguins" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = plots.axes("Longer flippers, heavier birds", "flipper length above 19 cm (cm)", "body mass (kg)")
ax.scatter(flipper, mass, s=16, color=plots.BLUE)
plots.show(
    fig,
    alt="Scatter plot of 342 penguins: body mass rises from about 3 to 6 kg as flipper length grows, along a straight band.",
    caption="Figure 1.4: the penguins (Gorman, Williams and Fraser, 2014).",
)

# %% [markdown] name="mse-formula"
# A perceptron with the identity as its activation draws a line through these points: $\hat y = w x + b$. Some lines are better than others. To compare two of them you need one number, the **loss**. Take each error $\hat y_n - y_n$, square it, and average:
#
# $$l = \frac{1}{2N} \sum_{n=1}^{N} (\hat y_n - y_n)^2 .$$
#
# This is the **mean squared error** (MSE). The square makes all errors count as positive, and large ones count more. The $\tfrac12$ is there for convenience: it cancels against the 2 that the derivative of a square brings. For a single sample the formula is the $\tfrac12(\hat y - y)^2$ that you may know from lectures.
#
# **Question 1.B · Predict first.** Two samples. One prediction is too high by 3, the other too low by 1. What is the loss?

# %% name="question-mse" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    2.5,
    right="(3² + (−1)²) / (2 · 2) = 10 / 4.",
    wrong={
        10: "That is the sum of the squares. How many samples are there?",
        5: "That is the mean of the squares. Look at the fraction in front of the sum once more.",
        1: "You added the errors up first, so that they cancel. Square first.",
        0.5: "You averaged first and squared then, so errors of opposite sign cancel. Square first.",
        2: "−1 squared is +1: an error that is too low counts as an error as well.",
    },
    otherwise="Square both errors, add them up, and divide by 2N with N = 2.",
)

# %% [markdown] name="shape-trap"
# ### A trap to look at before you step into it
#
# Subtract a flat `(N,)` array from a `(N, 1)` column, and NumPy does not complain:

# %% name="trap"
column = np.array([[1.0], [2.0], [3.0]])
flat = np.array([1.0, 2.0, 3.0])
print("column - flat has shape", (column - flat).shape)
print(column - flat)

# %% [markdown] name="exercise-mse"
# You expected three zeros. You got a 3 × 3 table: each entry of one with *each* entry of the other. The mean of its squares is a plausible number, the training goes on, and nothing works. It is one of the most common bugs in this field, and it is silent. So your loss will refuse it.
#
# ### Exercise 1.3 · The mean squared error (3 points)
#
# Return the loss as one number. If the two shapes differ, raise a `ValueError` with a message that would help you.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Do the check first. `y_hat.shape` and `y.shape` are tuples, and tuples can be compared.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Errors, their squares, the sum of all of them; then divide by twice the number of *rows*.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# A function that refuses what it cannot work with:
#
# ```python
# def area(width, height):
#     if width < 0 or height < 0:
#         raise ValueError(f"a side cannot be negative: {width} x {height}")
#     return width * height
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-1-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mse(y_hat, y):
    """Exercise 1.3: the mean squared error, with the factor 1/2.

    y_hat: (N, D_out) predictions; here D_out is 1
    y    : (N, D_out) targets
    returns: float, the sum of all squared errors / (2 N)
    raises : ValueError if the shapes differ
    """
    ### BEGIN SOLUTION
    if y_hat.shape != y.shape:
        raise ValueError(f"predictions {y_hat.shape} and targets {y.shape} must have the same shape")
    return np.sum((y_hat - y) ** 2) / (2 * len(y))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-1-3-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

y_hat = np.array([[4.0, 0.0, 2.0], [1.0, 3.0, 2.0], [0.0, 2.0, 1.0], [5.0, 1.0, 1.0]])
y = np.array([[1.0, 0.0, 2.0], [2.0, 3.0, 2.0], [0.0, 0.0, 1.0], [5.0, 1.0, 2.0]])
checks.output(mse, y_hat, y, exercise="1.3", names=("loss",), expected=15 / 8, batch=4)
### BEGIN HIDDEN TESTS
rng = checks.seed(490267887)
y_hat, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
expected = sum(0.5 * error**2 for error in (y_hat - y).ravel()) / 5
checks.output(mse, y_hat, y, exercise="1.3", names=("loss",), expected=expected, batch=5, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-1-3-shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

because = "(3, 1) and (3,) would broadcast to (3, 3)"
checks.raises(mse, np.ones((3, 1)), np.ones(3), exercise="1.3", error=ValueError, because=because)
because = "(1, 3) and (3, 1) would broadcast to (3, 3)"
checks.raises(mse, np.ones((1, 3)), np.ones((3, 1)), exercise="1.3", error=ValueError, because=because)
### BEGIN HIDDEN TESTS
because = "the shapes of predictions and targets differ"
for shapes in [((4,), (4, 1)), ((1, 4), (4, 1)), ((1, 1), (5, 1))]:
    y_hat, y = (np.ones(shape) for shape in shapes)
    checks.raises(mse, y_hat, y, exercise="1.3", error=ValueError, because=because, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="line-demo"
# **Demo 1.2.** Move the line by hand. Bring the loss below 0.08. Which slider do you reach for first, and when do you have to go back to it? (The demo runs your `weighted_sum` and your `mse`.)

# %% name="demo-line" tags=["illustration"]
with checks.needs(weighted_sum, mse):
    demos.line_through_points(
        weighted_sum, mse, flipper, mass,
        xlabel="flipper length above 19 cm (cm)", ylabel="body mass (kg)",
        slope=(-1.0, 1.5, 0.02, 0.0), height=(0.0, 6.0, 0.05, 3.0),
        caption="Figure 1.5: a line moved by hand, and its loss.",
    )

# %% [markdown] name="slope"
# ## 4 · Which way is down?
#
# You searched with your eyes. A program has no eyes, but it can try: change one weight a little and see whether the loss rises or falls. The change of the loss for each unit of change in the weight is the **derivative** $\partial l / \partial w$. A positive one says: this weight should go down. A negative one: up.
#
# How do you measure a derivative? Look at Figure 1.6. One way is to step forward by $h$ and divide the rise by $h$. Better is to step $h$ both ways and divide by $2h$: a **central difference**,
#
# $$\frac{\partial l}{\partial w_i} \approx \frac{l(w_i + h) - l(w_i - h)}{2h} .$$

# %% name="figure-differences" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
curve, at, h = (lambda w: w**3 / 3 - w + 1), 1.2, 0.5
w = np.linspace(-0.2, 2.3, 200)
fig, ax = plots.axes("Two ways to measure a slope", "weight w", "loss", size=(6.4, 3.8))
ax.plot(w, curve(w), color=plots.GREY, linewidth=2)
ax.plot(w, curve(at) + (at**2 - 1) * (w - at), color=plots.GREEN, linestyle=":", linewidth=2, label="the true slope at w")
for name, left, color in [("forward difference", at, plots.RED), ("central difference", at - h, plots.BLUE)]:
    ends = np.array([left, at + h])
    ax.plot(ends, curve(ends), "o-", color=color, label=name)
ax.legend()
plots.show(
    fig,
    alt="A curve with its tangent at w. The chord from w to w + h is much steeper than the tangent. "
    "The chord from w − h to w + h is nearly parallel to it.",
    caption="Figure 1.6: the chord over both sides is nearly parallel to the tangent.",
)

# %% [markdown] name="exercise-numerical"
# The error of the forward difference shrinks like $h$, that of the central one like $h^2$. With $h = 10^{-5}$ the second is good to about ten digits. (Why not a far smaller $h$? Subtracting two nearly equal numbers costs digits, and below $10^{-6}$ this loss outweighs the gain.)
#
# All the derivatives together, one for each weight and in the shape of the weights, are the **gradient**.
#
# ### Exercise 1.4 · A gradient by trying (4 points)
#
# Write a function that measures the gradient of *any* function `f` of an array `w`. You will use it through the whole course, to check the gradients that you derive.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Only one entry changes at a time; all the others stay. What must happen to that entry before you turn to the next one?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Start with an array of zeros in the shape of `w`. For each index, make a copy of `w` with that entry raised by `h`, and another with it lowered. Call `f` on both. (Adding h to an entry and taking it away again does not bring back exactly the same number, so copies are safer.) `np.ndindex(w.shape)` lists the indices of an array of any shape.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Visiting every entry of an array, whatever its shape:
#
# ```python
# a = np.array([[3, 1], [4, 1]])
# for index in np.ndindex(a.shape):
#     print(index, a[index])      # (0, 0) 3, then (0, 1) 1, (1, 0) 4, (1, 1) 1
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-1-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, w, h=1e-5):
    """Exercise 1.4: the gradient of f at w by central differences.

    f: function of an array like w, returns a float
    w: array of floats of any shape; left as it is
    h: float, the size of the step to either side
    returns: array of the shape of w
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-1-4-value", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks


def valley(w):
    return float(w[0, 0] ** 2 + 3 * w[0, 1] * w[1, 0] + 5 * w[1, 1])


w = np.array([[1.0, 2.0], [-1.0, 0.5]])
checks.output(numerical_gradient, valley, w, exercise="1.4", expected=[[2.0, -3.0], [6.0, 5.0]], rtol=1e-6, atol=1e-6)
### BEGIN HIDDEN TESTS
rng = checks.seed(546844996)
w = rng.normal(size=(2, 3))


def wave(w):
    return float(np.sum(np.sin(w)) + w[0, 0] * w[1, 2])


expected = np.cos(w)
expected[0, 0] += w[1, 2]
expected[1, 2] += w[0, 0]
checks.output(numerical_gradient, wave, w, exercise="1.4", expected=expected, rtol=1e-6, atol=1e-6, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-1-4-central", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks


def cube(w):
    return float(np.sum(w**3))


# With a large h the formula shows itself: a central difference of w³ is 3w² + h², here 3·4 + 1.
checks.output(numerical_gradient, cube, np.array([2.0]), exercise="1.4", expected=[13.0], h=1.0)
### BEGIN HIDDEN TESTS
w = np.array([0.5, -1.0, 3.0])
checks.output(numerical_gradient, cube, w, exercise="1.4", expected=3 * w**2 + 0.25, h=0.5, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="chain-rule"
# ## 5 · The gradient without trying
#
# Measuring takes two runs of the network for each weight. A network with a million weights would need two million runs for a single step. The chain rule gives the same gradient in about the time of one or two more runs. This is what makes deep learning possible, so let us take it slowly.
#
# Follow one weight to the loss in Figure 1.7. It reaches it in three links.

# %% name="figure-chain" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = diagrams.canvas((7.6, 2.3), (-0.7, 8.7), (-1.0, 1.3))
names = ["$w_i$", "$z$", r"$\hat y$", "$l$"]
slopes = [r"$\partial z/\partial w_i = x_i$", r"$\partial \hat y/\partial z = f'(z)$", r"$\partial l/\partial \hat y = \hat y - y$"]
places = [(0.0, 0.3), (2.7, 0.3), (5.4, 0.3), (8.1, 0.3)]
for start, end, slope in zip(places, places[1:], slopes):
    diagrams.arrow(ax, start, end)
    ax.text((start[0] + end[0]) / 2, -0.55, slope, ha="center", color=plots.BLUE, fontsize=11)
for place, name in zip(places, names):
    diagrams.node(ax, place, name)
plots.show(
    fig,
    alt="A chain of four circles: w_i to z with slope x_i, z to y-hat with slope f prime of z, y-hat to the loss l with slope y-hat minus y.",
    caption="Figure 1.7: from a weight to the loss of one sample, link by link.",
)

# %% [markdown] name="chain-rule-steps"
# Each link passes a small change on, multiplied by its own slope. So the slopes multiply:
#
# $$\frac{\partial l}{\partial w_i} = \underbrace{(\hat y - y)}_{\text{how wrong}} \cdot \underbrace{f'(z)}_{\text{how sensitive}} \cdot \underbrace{x_i}_{\text{how involved}} .$$
#
# For the bias, the last factor is 1. Note the argument of $f'$: the slope of the activation is taken **where the activation was fed**, at $z$, and not at its output $\hat y$.
#
# That was one sample. The loss of a batch is the mean over $N$ samples, so its gradient is the mean of theirs. Collect the first two factors, with the $1/N$, in one number for each sample:
#
# $$\delta_n = \frac{\hat y_n - y_n}{N}\, f'(z_n), \qquad
# \frac{\partial l}{\partial w_i} = \sum_n x_{ni}\, \delta_n, \qquad
# \frac{\partial l}{\partial b} = \sum_n \delta_n .$$
#
# The middle formula is a matrix product in disguise. `delta` has shape `(N, 1)`, `x` has shape `(N, D)`, and the gradient must have the shape of `w`, which is `(D, 1)`. There is only one way to multiply the two that sums over the samples and leaves that shape. *A gradient always has the shape of the thing it belongs to*: when you are lost, this sentence finds the way.
#
# **Question 1.C · Predict first.** `x` is `(50, 3)`. Which shapes do `delta`, `grad_w` and `grad_b` have?

# %% name="question-shapes" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "(50, 1), (50, 3), (1,)": "grad_w of shape (50, 3) still has one row for each sample. The sum over the samples is missing.",
        "(50, 1), (3, 1), (1,)": "delta has one number for each sample; each gradient has the shape of its parameter.",
        "(50, 1), (1, 3), (1,)": "Close: all the right numbers, lying on their side. What is the shape of w?",
        "(3, 1), (3, 1), (50, 1)": "delta belongs to the samples and the bias is a single number. You have them the other way round.",
    },
    right="(50, 1), (3, 1), (1,)",
)

# %% [markdown] name="exercise-gradients"
# ### Exercise 1.5 · The perceptron's gradients (5 points)
#
# Everything that the forward pass computed is handed to you. Return both gradients of the mean squared error.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Compute `delta` first and look at its shape. It should be `(N, 1)`.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# `delta` is a product, entry by entry, of the errors over N and the slopes at `z`. For the weights, one matrix product sums over the samples: write the shapes below each other and see which of the two arrays must be turned. For the bias, ask which axis should disappear.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Hours worked by 3 people on 2 projects, and the hourly wage of each person. What does each project cost?
#
# ```python
# hours = np.array([[8.0, 0.0], [2.0, 6.0], [4.0, 4.0]])   # (3 people, 2 projects)
# wage = np.array([[10.0], [20.0], [30.0]])                # (3 people, 1)
# hours.T @ wage                                           # (2 projects, 1): [[240.], [240.]]
# ```
#
# The people are summed over; the projects remain.
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-1-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perceptron_gradients(x, z, y_hat, y, f_prime):
    """Exercise 1.5: the gradients of the mean squared error.

    x      : (N, D) samples
    z      : (N, 1) weighted sums
    y_hat  : (N, 1) outputs, f(z)
    y      : (N, 1) targets
    f_prime: the activation's derivative, works on arrays element by element
    returns: grad_w (D, 1), grad_b (1,)
    """
    ### BEGIN SOLUTION
    delta = (y_hat - y) / len(x) * f_prime(z)
    return x.T @ delta, delta.sum(axis=0)
    ### END SOLUTION

# %% [markdown] name="gradients-check"
# The first check below compares your gradient with a measured one. Its loss is written out sample by sample, slow and plain, so that it is easy to trust. The second has numbers that you can follow by hand.

# %% nbgrader={"grade": true, "grade_id": "test-1-5-weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(18)
x, w, b, y = rng.normal(size=(5, 3)), rng.normal(size=(3, 1)), rng.normal(size=1), rng.normal(size=(5, 1))


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def loss(w, b):
    outputs = [np.tanh(sum(sample * w[:, 0]) + b[0]) for sample in x]
    return sum(0.5 * (output - target) ** 2 for output, target in zip(outputs, y[:, 0])) / len(x)


z = (x[:, :, None] * w).sum(axis=1) + b
checks.gradient(
    perceptron_gradients, x, z, np.tanh(z), y, tanh_slope,
    exercise="1.5", loss=loss, at={"w": w, "b": b}, only="w", batch=5,
)
### BEGIN HIDDEN TESTS
rng = checks.seed(978449186)
x, z, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 1)), rng.normal(size=(6, 1))
z[0], y[0] = np.pi / 2, 1e6  # a large loss, in whose digits a finite difference drowns
delta = (np.sin(z) - y) * np.cos(z) / 6
expected = (np.einsum("nd,nk->dk", x, delta), np.einsum("nk->k", delta))
checks.output(
    perceptron_gradients, x, z, np.sin(z), y, np.cos, exercise="1.5", names=("grad_w", "grad_b"), only="grad_w",
    expected=expected, batch=6, hidden=True,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-1-5-bias", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

x, y = np.array([[1.0, 2.0], [1.0, 1.0], [3.0, 1.0]]), np.array([[1.0], [1.0], [8.0]])
z, y_hat = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [4.0], [9.0]])  # f(z) = z², so f′(z) = 2z
# The errors are 0, 3 and 1, the slopes 2, 4 and 6, and three samples share the loss: (0 + 12 + 6) / 3 = 6.
checks.output(
    perceptron_gradients, x, z, y_hat, y, lambda z: 2 * z,
    exercise="1.5", names=("grad_w", "grad_b"), only="grad_b", expected=([[10.0], [6.0]], [6.0]), batch=3,
)
### BEGIN HIDDEN TESTS
rng = checks.seed(194442383)
x, z, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 1)), rng.normal(size=(6, 1))
z[0], y[0] = np.pi / 2, 1e6  # a large loss, in whose digits a finite difference drowns
delta = (np.sin(z) - y) * np.cos(z) / 6
expected = (np.einsum("nd,nk->dk", x, delta), np.einsum("nk->k", delta))
checks.output(
    perceptron_gradients, x, z, np.sin(z), y, np.cos, exercise="1.5", names=("grad_w", "grad_b"), only="grad_b",
    expected=expected, batch=6, hidden=True,
)
### END HIDDEN TESTS

# %% [markdown] name="descent"
# ## 6 · Walk downhill
#
# You know which way is up: the gradient points there. So take a small step the other way, look again, and repeat:
#
# $$w \leftarrow w - \eta\, \frac{\partial l}{\partial w} .$$
#
# This is **gradient descent**, and $\eta$ (eta) is the **learning rate**. When the gradient is all but zero, the ground is flat and you stop: the descent has **converged**. In four lines, training a perceptron is
#
# 1. compute the output $\hat y$;
# 2. compute the gradient of the loss with respect to the parameters;
# 3. update the parameters;
# 4. repeat until convergence.
#
# ### Exercise 1.6 · Gradient descent until convergence (4 points)
#
# The gradient arrives as a function, so your descent works for anything that has one. Keep every point you visit: you will draw the path.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Look before you step. If the gradient at the point where you stand is flat enough, you are done, even before the first step.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# A list with the start in it; a loop of at most `max_steps` rounds; in each round the gradient at the last point, perhaps a `break`, and a *new* array appended. At the end, `np.array` of the list.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Halving a number until it is small, with every value kept:
#
# ```python
# def halve(start, limit, max_steps):
#     values = [start]
#     for _ in range(max_steps):
#         if values[-1] <= limit:
#             break
#         values.append(values[-1] / 2)
#     return np.array(values)
#
# halve(8.0, 1.0, 100)   # [8., 4., 2., 1.]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-1-6", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    """Exercise 1.6: walk downhill until the ground is flat.

    gradient : function of a point (P,), returns the gradient there (P,)
    start    : (P,) where to begin; left as it is
    lr       : float, the learning rate
    tolerance: stop before a step if no entry of the gradient is larger than this in size
    max_steps: int, stop after this many steps in any case
    returns  : (T + 1, P), the start and the point after each of the T steps
    """
    ### BEGIN SOLUTION
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) <= tolerance:
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-1-6-steps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks


def bowl_gradient(p):
    return np.array([2.0, 4.0]) * p


path = [[4.0, -2.0], [2.0, 0.0], [1.0, 0.0], [0.5, 0.0]]
start = np.array([4.0, -2.0])
checks.output(gradient_descent, bowl_gradient, start, 0.25, exercise="1.6", names=("path",), expected=path, max_steps=3)
### BEGIN HIDDEN TESTS
rng = checks.seed(845824058)
start, scale = rng.normal(size=3), np.array([1.0, 0.5, 3.0])
expected = np.array([start * (1 - 0.2 * scale) ** t for t in range(8)])
checks.output(
    gradient_descent, lambda p: scale * p, start, 0.2,
    exercise="1.6", names=("path",), expected=expected, max_steps=7, hidden=True,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-1-6-convergence", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

# This gradient is the point itself. At (−4, 1.5) no entry is larger than 4 in size: flat enough.
path = [[-16.0, 6.0], [-8.0, 3.0], [-4.0, 1.5]]
checks.output(
    gradient_descent, lambda p: 1.0 * p, np.array([-16.0, 6.0]), 0.5,
    exercise="1.6", names=("path",), expected=path, tolerance=4.0, max_steps=50,
)
### BEGIN HIDDEN TESTS
for start, expected in [([3.0, -4.0], [[3.0, -4.0]]), ([8.0, -16.0], [[8.0, -16.0], [4.0, -8.0], [2.0, -4.0]])]:
    checks.output(
        gradient_descent, lambda p: 1.0 * p, np.array(start), 0.5,
        exercise="1.6", names=("path",), expected=expected, tolerance=4.0, max_steps=9, hidden=True,
    )
### END HIDDEN TESTS

# %% [markdown] name="train"
# ### Your perceptron learns
#
# Now the parts meet. A point on the loss surface is a pair (weight, bias); its loss and its gradient come from your functions.

# %% name="penguin-functions"
def penguin_loss(p):
    return mse(weighted_sum(flipper, p[:1].reshape(1, 1), p[1:]), mass)


def penguin_gradient(p):
    z = weighted_sum(flipper, p[:1].reshape(1, 1), p[1:])
    grad_w, grad_b = perceptron_gradients(flipper, z, z, mass, np.ones_like)  # the identity has slope 1
    return np.concatenate([grad_w[:, 0], grad_b])

# %% name="train-penguins" tags=["illustration"]
with checks.needs(weighted_sum, mse, numerical_gradient, perceptron_gradients, gradient_descent):
    start = np.array([0.0, 2.0])
    measured, derived = numerical_gradient(penguin_loss, start), penguin_gradient(start)
    if not np.allclose(measured, derived, rtol=1e-4):
        raise ValueError(f"the measured gradient {measured} and the derived one {derived} differ")
    walk = gradient_descent(penguin_gradient, start, lr=0.2)
    print("measured gradient", measured)
    print("derived gradient ", derived)
    print(f"after {len(walk) - 1} steps: w = {walk[-1][0]:.3f} kg per cm, b = {walk[-1][1]:.3f} kg")
    print(f"loss {penguin_loss(start):.3f} -> {penguin_loss(walk[-1]):.4f}")

# %% [markdown] name="train-meaning"
# Two ways to the same gradient, digit for digit. And the result means something: each centimetre of flipper goes with about half a kilogram of bird.
#
# **Question 1.D · Predict first.** The steps get shorter as the walk nears the bottom, though the learning rate stays the same. Why?

# %% name="question-steps" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "Gradient descent lowers the learning rate by itself.": "Plain gradient descent never touches η. Look at the other factor of the step.",
        "The gradient shrinks towards the bottom, and a step is η times the gradient.": "At the bottom the ground is flat: gradient 0, step 0.",
        "The loss is smaller there, and a step is η times the loss.": "The loss itself is not in the update. Which quantity is?",
    },
    right="The gradient shrinks towards the bottom, and a step is η times the gradient.",
)

# %% [markdown] name="descent-demo"
# **Demo 1.3.** Start from the *flat line* and slide the learning rate. Find a rate that creeps (how far does it come in 60 steps?), one that reaches the valley floor in a single step and then follows it, one that zigzags, and the first at which the loss *grows*. A walk whose loss grows is drawn in red, and the picture says which step leaves it. Then try the other starts: which of them hides the trouble longest, and why? (The demo runs your `gradient_descent`, with a tolerance of 10⁻³.)

# %% name="demo-descent" tags=["illustration"]
with checks.needs(weighted_sum, mse, perceptron_gradients, gradient_descent):
    demos.descent(
        penguin_loss,
        lambda start, lr: gradient_descent(penguin_gradient, start, lr, tolerance=1e-3, max_steps=60),
        rates=(0.02, 0.64, 0.02, 0.2),
        starts={"flat line at 2 kg": (0.0, 2.0), "falling line": (-0.6, 6.0), "steep line": (1.4, 1.5)},
        best=gradient_descent(penguin_gradient, np.array([0.0, 2.0]), 0.2)[-1],
        xlim=(-1.0, 2.0), ylim=(0.5, 7.0), xlabel="weight (kg per cm)", ylabel="bias (kg)",
        caption="Figure 1.8: gradient descent on the penguins' loss.",
    )

# %% [markdown] name="xor"
# ## 7 · What one perceptron cannot do
#
# In Demo 1.1 you tried XOR, with one activation after another, and never got all four corners right. Maybe you did not try long enough?
#
# **Question 1.E · Predict first.** A perceptron with any monotone activation, and a threshold anywhere you like: how many of the four corners of XOR can it get right at most?

# %% name="question-xor" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "2": "You can do better: put three corners on one side, so that only one of the two corners with target 1 is cut off.",
        "3": "Cut off one corner that has target 1. The other 1 is then on the wrong side, and no way around it.",
        "4, with a sigmoid": "A sigmoid is monotone: if it is above the threshold at z, it stays above it for all larger z. So the border is still a straight line.",
        "4, with large enough weights": "Large weights make the change steeper. The border stays a straight line.",
    },
    right="3",
)

# %% [markdown] name="xor-proof"
# Here is the proof; it fits in four lines. Say the perceptron should answer 1 exactly when $z$ is above some threshold $t$. (If $f$ is monotone and rising, "output above a threshold" means this. For a step that is already 1 *at* $t$, read $\ge$ for $>$ and $<$ for $\le$: the argument stays the same.) XOR asks for
#
# $$b \le t, \qquad w_1 + b > t, \qquad w_2 + b > t, \qquad w_1 + w_2 + b \le t .$$
#
# Add the second and the third: $w_1 + w_2 + 2b > 2t$. Add the first and the fourth: $w_1 + w_2 + 2b \le 2t$. The two contradict each other. (If $f$ falls, all signs turn, and the contradiction stays.) No training, no learning rate and no amount of data can help. The machine is too small.
#
# Let your own code show it. Below, a sigmoid perceptron learns the three truth tables with your gradients, over 5,000 steps.

# %% name="train-table"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def train_on_table(name):
    corners, target = datasets.logic(name)

    def gradient(p):
        z = weighted_sum(corners, p[:2].reshape(2, 1), p[2:])
        grads = perceptron_gradients(corners, z, sigmoid(z), target, sigmoid_slope)
        return np.concatenate([np.ravel(grad) for grad in grads])

    return gradient_descent(gradient, np.array([0.3, -0.2, 0.1]), lr=2.0, max_steps=5000)[-1]

# %% name="train-tables" tags=["illustration"]
with checks.needs(weighted_sum, perceptron_gradients, gradient_descent):
    fig, panels = plots.axes("", "$x_1$", "$x_2$", size=(8.4, 3.0), columns=3)
    grid_x, grid_y, points = plots.mesh((-0.6, 1.6), (-0.6, 1.6))
    for ax, name in zip(panels, ["and", "or", "xor"]):
        corners, target = datasets.logic(name)
        p = train_on_table(name)
        output = sigmoid(weighted_sum(points, p[:2].reshape(2, 1), p[2:])).reshape(grid_x.shape)
        ax.pcolormesh(grid_x, grid_y, output, cmap=plots.DIVERGING, vmin=0, vmax=1, rasterized=True)
        plots.scatter_classes(ax, corners, target, size=90)
        found = sigmoid(weighted_sum(corners, p[:2].reshape(2, 1), p[2:])) > 0.5
        ax.set_title(f"{name.upper()}: {np.sum(found == (target > 0.5))} of 4")
    plots.show(
        fig,
        alt="Three planes shaded by the output of a trained perceptron, which changes across a straight border. "
        + ", ".join(ax.get_title() for ax in panels) + " corners are right.",
        caption="Figure 1.9: AND and OR are learned; XOR is not.",
    )

# %% [markdown] name="xor-meaning"
# On XOR the best that a sigmoid perceptron finds is to answer ½ to everything. That is honest: it is the loss's lowest point. (It gets 2 of 4 where Question 1.E allows 3, for the loss rewards being close, not being right.)
#
# The way out is in the name of this course. Put perceptrons in **layers**: the first layer draws several lines, and the next combines what they say. Lesson 2 builds such a network, lesson 3 bends its lines, and in lesson 4 your own code solves XOR.

# %% [markdown] name="summary"
# ## Summary
#
# - A perceptron computes $\hat y = f(x w + b)$; a batch goes through in one matrix product.
# - The loss says how wrong it is; here $l = \sum(\hat y - y)^2 / 2N$.
# - The gradient says how to change each parameter. You can measure it (slow, and always right) or derive it (fast, and easy to get wrong): so derive it *and* check it against a measured one.
# - The chain rule multiplies the slopes along the way: error × $f'(z)$ × input, summed over the samples.
# - Gradient descent repeats $w \leftarrow w - \eta\, \partial l/\partial w$. Too small a rate creeps, too large a rate diverges.
# - One perceptron draws one straight border. XOR needs more.
#
# **When your gradient is wrong, look in this order**
#
# 1. Shapes: does each gradient have the shape of its parameter?
# 2. Factors: does your gradient divide by the same N as your loss?
# 3. Signs: prediction − target, or the other way round?
# 4. $f'$: is it taken at $z$?
# 5. Measure one single entry with `numerical_gradient` and compare.
#
# **To discuss**
#
# 1. The loss could be the mean of $|\hat y - y|$. What would its gradient look like, and what would change near the bottom?
# 2. In Demo 1.3 the bowl is long and narrow. What would happen to it if flippers were counted from the mean flipper length, not from 19 cm?
# 3. Where would you meet the `(N, 1)` and `(N,)` trap in your own data?
#
# **To read on** Michael Nielsen, *Neural Networks and Deep Learning*, chapter 1. Minsky and Papert, *Perceptrons* (1969), for the full story of XOR. And play: in the [TensorFlow Playground](https://playground.tensorflow.org/), choose the XOR data and remove all hidden layers.

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
# # Lesson 5 · One of many: multiclass classification
#
# Spam or not, Adelie or not: two classes need one logit. But there are three kinds of penguins, ten digits, and thousands of words that could come next in this sentence. How does a network choose one of many? It gives every class a score, turns the scores into probabilities, and is punished for the probability that it did not give to the truth. You know the plan from lesson 4. Here you find its general form, and at the end a pattern that ties three lessons together.
#
# **When you are through, you can**
#
# - turn class labels into rows of zeros and a one, and back;
# - write softmax so that no logit can break it;
# - compute the cross-entropy from logits with the log-sum-exp;
# - derive its gradient, and say why it looks so familiar;
# - train a network that tells three penguins, or three arms of a spiral, apart.
#
# **Time** about 120 minutes; after section 3 is a good place for a break. **Points** 20. **You need** lesson 4: logits, probabilities, cross-entropy.

# %% [markdown] name="reminder"
# As before: run the folded cell below first, replace each `...`, run that cell, run its check, and open the hints one at a time. Each exercise works with its own arguments only; do not call your functions from other exercises inside it.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import checks, datasets, demos, plots, questions

# %% [markdown] name="from-lesson-4"
# The network's way forward and back, the training loop and the scaling of inputs are those of lesson 4: $z$ is the output, one column for each class, and `dz` the gradient there.

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

# %% [markdown] name="one-hot"
# ## 1 · A class is not a number
#
# Call Adelie 0, Chinstrap 1 and Gentoo 2. These are names, not amounts: Gentoo is not twice Chinstrap, and a bird half-way between 0 and 2 is not a 1. A network that answered with *one* number would have to pretend so. Therefore it answers with $C$ numbers, one for each class.
#
# The targets stay as they are stored: an array of shape `(N,)` with an integer for each sample, the **class index**. Where we need them beside the network's `(N, C)` output, we write class $c$ as a row of zeros with a single 1 at place $c$. This is called **one-hot**:
#
# $$2 \;\longrightarrow\; (0,\ 0,\ 1).$$
#
# ### Exercise 5.1 · One-hot (3 points)
#
# A label outside $0, \dots, C - 1$ must be refused with a `ValueError` and a message that helps. (NumPy would not complain about −1: it would count from the end.)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Start with zeros of the right shape. In row n, one place becomes 1. Which one?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# `array[rows, columns] = 1` with two arrays of indices sets one place for each pair. The rows are 0, 1, …, N − 1. The refusal comes first: look at the smallest and the largest label.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Three guests and where they sit, out of five chairs in two rows:
#
# ```python
# seats = np.zeros((2, 5))
# seats[[0, 0, 1], [1, 4, 2]] = 1      # (0, 1), (0, 4) and (1, 2)
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-5-1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_hot(target, n_classes):
    """Exercise 5.1: class indices as rows with a single 1.

    target   : (N,) int array of class indices
    n_classes: int, C
    returns: (N, C) array of floats
    raises : ValueError if a label lies outside 0 ... C - 1
    """
    ### BEGIN SOLUTION
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}, not {np.min(target)} to {np.max(target)}")
    rows = np.zeros((len(target), n_classes))
    rows[np.arange(len(target)), target] = 1
    return rows
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-5-1-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

expected = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
checks.output(one_hot, np.array([2, 0, 1, 2, 1]), 4, exercise="5.1", expected=expected, batch=5)
### BEGIN HIDDEN TESTS
target = checks.seed(253102811).integers(0, 6, size=9)
expected = np.array([[float(c == label) for c in range(6)] for label in target])
checks.output(one_hot, target, 6, exercise="5.1", expected=expected, batch=9, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-5-1-refuse", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

checks.raises(one_hot, np.array([0, 3, 1]), 3, exercise="5.1", because="there is no class 3 among 0, 1 and 2")
checks.raises(one_hot, np.array([0, -1, 1]), 3, exercise="5.1", because="a class index is never negative")
### BEGIN HIDDEN TESTS
because = "a label lies outside the classes"
for target, n_classes in [([5], 5), ([1, 1, -2], 4), ([0, 7, 2, 1], 6)]:
    checks.raises(one_hot, np.array(target), n_classes, exercise="5.1", because=because, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="softmax"
# ## 2 · From scores to probabilities
#
# The network puts out $C$ logits $z_1, \dots, z_C$, any numbers at all. Probabilities must be positive and add up to 1. So make all of them positive with the exponential, and divide by their sum:
#
# $$p_c = \frac{e^{z_c}}{\sum_k e^{z_k}} .$$
#
# This is **softmax**. The largest logit gets the largest share, and the others keep something. What counts are *differences*: each unit by which one logit is ahead of another multiplies the ratio of their probabilities by $e \approx 2.7$.
#
# **Question 5.A · Predict first.** You add 100 to all logits of a sample. What happens to its probabilities?

# %% name="question-shift" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "They get closer to one another.": "The differences between logits are what they were. Write e^(z + 100) as a product.",
        "Nothing.": "Above and below the fraction bar there is a new factor e¹⁰⁰, and it cancels.",
        "The largest gets nearly 1.": "That would happen if you multiplied the logits. Here you add: all the exponentials grow by the same factor.",
    },
    right="Nothing.",
)

# %% [markdown] name="softmax-naive"
# Type the formula as it stands, and give it the logits 1000 and 0, which happen to careless networks:

# %% name="naive"
with np.errstate(over="ignore", invalid="ignore"):
    logits = np.array([1000.0, 0.0])
    print("exp of the logits:", np.exp(logits))
    print("their shares     :", np.exp(logits) / np.exp(logits).sum())

# %% [markdown] name="softmax-mend"
# The answer should be 1 and 0. It is `nan`: infinity over infinity. And one NaN in a gradient is enough to turn all weights into NaN.
#
# You hold the cure already. Question 5.A says that all logits of a sample may be shifted alike. Shift them so that the largest becomes 0: then no exponential exceeds 1, and the sum is at least 1.
#
# ### Exercise 5.2 · Softmax that does not break (4 points)
#
# The check lets NumPy *raise an error* at any overflow or invalid number.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Each *sample* has its own largest logit. Which axis do you take the maximum along, and which shape must it have so that it can be subtracted from `(N, C)`?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Maximum along the classes, kept as a column with `keepdims=True`. Subtract it; the exponentials; divide by their sum along the same axis, kept as a column too.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# What share of each row's total is in each column?
#
# ```python
# sales = np.array([[1.0, 3.0], [10.0, 10.0]])
# sales / sales.sum(axis=1, keepdims=True)     # [[0.25, 0.75], [0.5, 0.5]]
# sales.sum(axis=1).shape                      # (2,): without keepdims it would be divided along the wrong axis
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-5-2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(logits):
    """Exercise 5.2: the probabilities of each sample's classes, without overflow.

    logits: (N, C) floats of any size; left as they are
    returns: (N, C), positive or 0, each row adds up to 1
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-5-2-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

logits = np.log(np.array([[1.0, 2.0, 1.0], [6.0, 3.0, 1.0], [2.0, 2.0, 4.0], [2.0, 2.0, 2.0]]))
shares = checks.outputs(softmax, logits, exercise="5.2", shapes={"probabilities": (4, 3)})[0]
sums = "the probabilities of each sample should add up to 1. Along which axis do you add up?"
checks.that(abs(shares.sum(axis=1) - 1) < 0.001, sums, "5.2")
expected = [[0.25, 0.5, 0.25], [0.6, 0.3, 0.1], [0.25, 0.25, 0.5], [1 / 3, 1 / 3, 1 / 3]]
checks.output(softmax, logits, exercise="5.2", expected=expected, batch=4, rtol=1e-10)
### BEGIN HIDDEN TESTS
logits = 3 * checks.seed(216208245).normal(size=(6, 4))
expected = np.array([[1 / sum(np.exp(row - score)) for score in row] for row in logits])
checks.output(softmax, logits, exercise="5.2", expected=expected, batch=6, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-5-2-safe", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

with np.errstate(over="raise", invalid="raise", divide="raise"):
    # The largest logits of the four samples are 3000, −2000, 0 and 5.
    logits = np.array([[3000.0, 0.0, 2999.0], [-2000.0, -2000.0, -2001.0], [0.0, 0.0, -3.0], [5.0, -1000.0, 5.0]])
    e = np.e
    expected = [[e / (e + 1), 0, 1 / (e + 1)], [e / (2 * e + 1), e / (2 * e + 1), 1 / (2 * e + 1)],
                [1 / (2 + e**-3), 1 / (2 + e**-3), e**-3 / (2 + e**-3)], [0.5, 0, 0.5]]
    checks.output(softmax, logits, exercise="5.2", expected=expected, batch=4)
### BEGIN HIDDEN TESTS
with np.errstate(over="raise", invalid="raise", divide="raise"):
    logits = np.array([[900.0, -900.0], [-1e6, -1e6 - np.log(3)], [0.0, 1e8]])
    checks.output(softmax, logits, exercise="5.2", expected=[[1, 0], [0.75, 0.25], [0, 1]], rtol=1e-8, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="cross-entropy"
# ## 3 · The price of the truth
#
# What does an answer cost? As in lesson 4: minus the logarithm of the probability that the network gave to what is true. If sample $n$ is of class $t_n$,
#
# $$l = -\frac1N \sum_n \ln p_{n, t_n} .$$
#
# This is the **cross-entropy**. Only the probability of the *true* class is in it; the others count because they took their share.
#
# **Question 5.B · Predict first.** An untrained network gives all ten digits about the same probability. What is its first loss, to one decimal?

# %% name="question-first-loss" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    2.3,
    tolerance=0.06,
    right="−ln (1/10) = ln 10 ≈ 2.3. In general the first loss should be near ln C: a check that takes a second.",
    wrong={
        0.1: "That is the probability of the true class. What does it cost?",
        1.0: "That is the logarithm to base 10. Here ln is the natural logarithm.",
        -2.3: "The logarithm of a probability is negative. What stands in front of the sum?",
        0.7: "That is ln 2, for two classes.",
    },
    otherwise="All ten get 1/10. What is −ln of it?",
)

# %% [markdown] name="stable-loss"
# Do not compute the probability first and take its logarithm then: for a class that is far behind, the probability is rounded to 0, and $\ln 0 = -\infty$. Put softmax into the formula and simplify:
#
# $$-\ln p_t = -\ln \frac{e^{z_t}}{\sum_k e^{z_k}} = \ln \sum_k e^{z_k} \;-\; z_t .$$
#
# The first term is called the **log-sum-exp**. It can overflow just as softmax can, and the same shift mends it. With $m$ the largest logit,
#
# $$\ln \sum_k e^{z_k} = m + \ln \sum_k e^{z_k - m} .$$
#
# Why is that true? Take $e^m$ out of the sum. And why is it safe? The largest term of the new sum is $e^0 = 1$.
#
# ### Exercise 5.3 · Cross-entropy from logits (4 points)
#
# Return the mean loss as one number. A sample whose true class is far behind must cost much, and not infinity.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two arrays of shape `(N,)`: the log-sum-exp of each row, and each sample's own logit of its true class.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Subtract each row's maximum first; the loss does not change by it, as Question 5.A told you. Then the logarithm of the sum of exponentials along the classes, minus the shifted logit at `[row, true class]`. For the latter, two arrays of indices as in 5.1. At the end, the mean.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Each guest's own dish out of the whole menu:
#
# ```python
# prices = np.array([[7.0, 9.0, 4.0], [8.0, 9.5, 5.0]])    # (2 restaurants, 3 dishes)
# chosen = np.array([2, 0])                                # dish 2 in the first, dish 0 in the second
# prices[np.arange(2), chosen]                             # [4., 8.]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-5-3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(logits, target):
    """Exercise 5.3: the mean cross-entropy, computed from the logits.

    logits: (N, C) floats of any size; left as they are
    target: (N,) int array of class indices
    returns: float; finite for finite logits
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(log_sum - shifted[np.arange(len(target)), target])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-5-3-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

logits = np.log(np.array([[1.0, 2.0, 1.0], [6.0, 3.0, 1.0], [2.0, 2.0, 4.0], [1.0, 1.0, 1.0]]))
# The true classes have probability 1/2, 1/10, 1/4 and 1/3.
expected = (np.log(2) + np.log(10) + np.log(4) + np.log(3)) / 4
checks.output(cross_entropy, logits, np.array([1, 2, 0, 1]), exercise="5.3", names=("loss",), expected=expected, batch=4)
### BEGIN HIDDEN TESTS
rng = checks.seed(813717482)
logits, target = 2 * rng.normal(size=(7, 4)), rng.integers(0, 4, size=7)
expected = sum(np.logaddexp.reduce(row) - row[label] for row, label in zip(logits, target)) / 7
checks.output(cross_entropy, logits, target, exercise="5.3", names=("loss",), expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-5-3-safe", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

with np.errstate(all="raise", under="ignore"):  # an overflow is an error here
    logits = np.array([[3000.0, 0, 0, 0], [-2300.0, -2000, -2300, -2400], [2900.0, 3000, 2800, 2900]])
    # The true classes are 3000 and 300 behind, and 100 ahead.
    target = np.array([1, 2, 1])
    checks.output(cross_entropy, logits, target, exercise="5.3", names=("loss",), expected=1100.0, batch=3)
### BEGIN HIDDEN TESTS
with np.errstate(all="raise", under="ignore"):
    logits, target = np.array([[0.0, 2400.5, 0.0], [-900.0, -900.0, -900.0]]), np.array([2, 0])
    expected = (2400.5 + np.log(3)) / 2
    checks.output(cross_entropy, logits, target, exercise="5.3", names=("loss",), expected=expected, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="softmax-demo"
# **Demo 5.1.** Move the three logits and watch their shares. The true class is C. Keep A and B equal: how far must C lead for 90 %, for 99 %? The **temperature** $T$ divides all logits before the softmax: what does a hot softmax say, what a cold one? Set $T$ to 0.01: from which logit on does the plain formula break? Then make all three −8: why does it break there too? At last A at 7, B at 0, and C at −1.5: the plain probabilities are fine, and still their loss is infinite. What does your `cross_entropy` do otherwise? (The demo runs your `softmax` and your `cross_entropy`.)

# %% name="demo-softmax" tags=["illustration"]
with checks.needs(softmax, cross_entropy):
    demos.softmax_shares(softmax, cross_entropy, caption="Figure 5.1: three logits, their shares, and the cost of the truth.")

# %% [markdown] name="gradient"
# ## 4 · The gradient, for the third time
#
# In which direction should each logit move? Take one sample and differentiate $\ln \sum_k e^{z_k} - z_t$. The log-sum-exp has the slope
#
# $$\frac{\partial}{\partial z_c} \ln \sum_k e^{z_k} = \frac{e^{z_c}}{\sum_k e^{z_k}} = p_c ,$$
#
# which is softmax again. The other term, $-z_t$, has slope $-1$ for the true class and 0 for all others. That is minus the one-hot row. So for a batch
#
# $$\frac{\partial l}{\partial z} = \frac{p - \text{onehot}(t)}{N} .$$
#
# **Question 5.C · Predict first.** You add up the gradient of one sample over its $C$ logits. What do you get?

# %% name="question-sum" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "1": "The probabilities add up to 1. What do the entries of the one-hot row add up to, and with which sign do they come in?",
        "0": "1 from the probabilities, −1 from the one-hot row. What the true class is pushed up, the others together are pushed down. (Shifting all logits alike changes nothing, so its slope must be 0.)",
        "It depends on the logits.": "Each entry does. But add up p and the one-hot row separately.",
    },
    right="0",
)

# %% [markdown] name="exercise-gradient"
# ### Exercise 5.4 · The gradient of the cross-entropy (6 points)
#
# Compute the probabilities inside, safely, as in 5.2; your `softmax` is graded there and not here.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You need two arrays of shape `(N, C)`, and you have written both before. The loss is a mean: where does the 1/N go?
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# Probabilities first. Then subtract 1 at the true class of each row, with two arrays of indices; that saves building the whole one-hot array. Do you change an array that is yours, or the caller's?
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# Every player pays 1 to the bank, at their own table:
#
# ```python
# money = np.array([[5.0, 3.0], [2.0, 4.0], [1.0, 1.0]])
# table = np.array([0, 1, 1])
# money[np.arange(3), table] -= 1       # [[4., 3.], [2., 3.], [1., 0.]]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-5-4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy_gradient(logits, target):
    """Exercise 5.4: the gradient of the mean cross-entropy with respect to the logits.

    logits: (N, C) floats of any size; left as they are
    target: (N,) int array of class indices
    returns: (N, C), (softmax(logits) - onehot(target)) / N
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    gradient = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-5-4-value", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

rng = checks.seed(64)
logits, target = 2 * rng.normal(size=(5, 3)), np.array([2, 0, 1, 1, 2])


def loss(logits):
    shares = [np.exp(row) / sum(np.exp(row)) for row in logits]
    return -sum(np.log(share[label]) for share, label in zip(shares, target)) / len(target)


checks.gradient(cross_entropy_gradient, logits, target, exercise="5.4", loss=loss, at={"logits": logits}, batch=5)
### BEGIN HIDDEN TESTS
rng = checks.seed(392721952)
logits, target = 3 * rng.normal(size=(7, 4)), rng.integers(0, 4, size=7)
shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
expected = (shares - (target[:, None] == np.arange(4))) / 7
checks.output(cross_entropy_gradient, logits, target, exercise="5.4", expected=expected, batch=7, hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test-5-4-safe", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

with np.errstate(over="raise", invalid="raise", divide="raise"):  # an overflow is an error here
    # The largest logits of the four samples are 3000, 1000, −1000 and 9.
    logits = np.array([[3000.0, 0.0, 0.0], [0.0, 1000.0, 0.0], [-1000.0, -2000.0, -1000.0], [9.0, 9.0, 9.0]])
    expected = [[0.25, -0.25, 0], [0, 0, 0], [-0.125, 0, 0.125], [1 / 12, 1 / 12, -1 / 6]]
    target = np.array([1, 1, 0, 2])
    checks.output(cross_entropy_gradient, logits, target, exercise="5.4", expected=expected, batch=4)
### BEGIN HIDDEN TESTS
with np.errstate(over="raise", invalid="raise", divide="raise"):
    logits, target = np.array([[0.0, 2000.0], [-800.0, -800.0], [2000.0, 1000.0]]), np.array([0, 1, 1])
    expected = [[-1 / 3, 1 / 3], [1 / 6, -1 / 6], [1 / 3, -1 / 3]]
    checks.output(cross_entropy_gradient, logits, target, exercise="5.4", expected=expected, batch=3, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="headline"
# ## 5 · Three losses, one gradient
#
# Put the lessons side by side. Each has its own kind of target, its own way to turn the network's last numbers into a prediction, and its own loss. And yet:
#
# | lesson | target | prediction | loss of one sample | gradient at the network's output |
# | --- | --- | --- | --- | --- |
# | 1–3 regression | any numbers | $\hat y = z$ | $\tfrac12(\hat y - y)^2$ | (prediction − target) / N |
# | 4 yes or no | 0 or 1 | $p = \sigma(z)$ | $-\ln$ of the probability given to the truth | (prediction − target) / N |
# | 5 one of many | one-hot | $p = \text{softmax}(z)$ | $-\ln$ of the probability given to the truth | (prediction − target) / N |
#
# **In each of these pairs the output gradient is (prediction − target)/N.** This is no accident. Up to a constant, each loss is minus the logarithm of a probability (for numbers: of a density): that of a normal distribution of variance 1 around $\hat y$, of a coin, of a die with $C$ faces. Each prediction is the mean of that distribution, and each is matched with its loss so that $z$ is the distribution's *natural parameter*; for the coin that is the log-odds. Then the slope of the loss at $z$ is always mean minus observation. A pair that does not match keeps an extra factor, as the squared error of a probability did in Figure 4.3. (To look up: exponential family, canonical link.)
#
# So a network needs no new backward pass for a new kind of target: choose the matching loss, and only the last line changes. Figure 5.2 shows the three losses as functions of the output.

# %% name="figure-losses" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
z = np.linspace(-4, 4, 201)
fig, panels = plots.axes("", "output z", "", size=(8.8, 2.9), columns=3)
curves = [
    ("regression, y = 1", 0.5 * (z - 1) ** 2, z - 1),
    ("yes or no, y = 1", np.log1p(np.exp(-z)), 1 / (1 + np.exp(-z)) - 1),
    ("true class's logit, 2 others at 0", np.log(np.exp(z) + 2) - z, np.exp(z) / (np.exp(z) + 2) - 1),
]
for ax, (title, loss, slope) in zip(panels, curves):
    ax.plot(z, loss, color=plots.BLUE, linewidth=2, label="loss")
    ax.plot(z, slope, "--", color=plots.RED, linewidth=2, label="prediction − target")
    ax.set_title(title, fontsize=10)
    ax.set_ylim(-2, 5)
panels[0].legend()
plots.show(
    fig,
    alt="Three panels, each with a loss and its slope. For regression a parabola and a straight line; for the two others "
    "a loss that falls and levels off at 0, and a slope that rises from −1 to 0.",
    caption="Figure 5.2: three losses; in each, the dashed slope is prediction minus target.",
)

# %% [markdown] name="predict"
# ## 6 · Naming the class
#
# To *answer*, take the class with the largest probability. You need no softmax for it: the exponential keeps the order, and so the largest logit wins.
#
# ### Exercise 5.5 · The predicted class (3 points)
#
# Return each sample's class, as an index.
#
# <details><summary>Hint 1: a nudge</summary>
#
# You do not want the largest number of each row, but its place.
# </details>
# <details><summary>Hint 2: an outline</summary>
#
# NumPy has a function for the place of the maximum. Which axis does it search along? Of equal ones it takes the first.
# </details>
# <details><summary>Hint 3: a different example</summary>
#
# The coldest day of each week:
#
# ```python
# degrees = np.array([[3, -1, 4], [0, 2, -5]])
# np.argmin(degrees, axis=1)       # [1, 2]
# ```
# </details>

# %% nbgrader={"grade": false, "grade_id": "exercise-5-5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_class(logits):
    """Exercise 5.5: each sample's class with the largest logit; of equal ones the first.

    logits: (N, C) floats
    returns: (N,) int array of class indices
    """
    ### BEGIN SOLUTION
    return np.argmax(logits, axis=1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test-5-5", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
import numpy as np
from mlp_helpers import checks

logits = np.array([[3.0, 0.2, -1.0, 0.0], [-5.0, -7.0, -4.5, -6.0], [800.0, 1.0, 900.0, 3.0], [0.0, 1.0, 1.0, 0.5], [9.0, 8.0, 7.0, 9.5]])
checks.output(predict_class, logits, exercise="5.5", expected=np.array([0, 2, 2, 1, 3]), batch=5)
### BEGIN HIDDEN TESTS
logits = checks.seed(182401642).normal(size=(8, 3)) - 3
logits[2], logits[5] = [1.0, 2.0, 2.0], [750.0, -3.0, 760.0]
expected = np.array([max(range(3), key=lambda c: (row[c], -c)) for row in logits])
checks.output(predict_class, logits, exercise="5.5", expected=expected, batch=8, hidden=True)
### END HIDDEN TESTS

# %% [markdown] name="network"
# ## 7 · Three penguins and a spiral
#
# The next cell puts your functions at the end of the network that you know. Only its last two lines of mathematics are new.

# %% nbgrader={"grade": false, "grade_id": "given-mlp", "locked": true, "schema_version": 3, "solution": false, "task": false}
class MulticlassMLP:
    """Two layers with a ReLU between them and one logit for each class; called, it returns the logits (N, C)."""

    def __init__(self, d_in, hidden, n_classes, rng):
        w1 = rng.normal(scale=np.sqrt(2 / d_in), size=(d_in, hidden))
        w2 = rng.normal(scale=np.sqrt(2 / hidden), size=(hidden, n_classes))
        self.params, self.losses = [w1, np.zeros(hidden), w2, np.zeros(n_classes)], []

    def __call__(self, x):
        return forward(x, *self.params)[2]

    def gradients(self, params, x, target):
        if target.shape != (len(x),):
            raise ValueError(f"targets must be class indices of shape ({len(x)},), not {target.shape}")
        before, hidden, logits = forward(x, *params)
        self.losses.append(cross_entropy(logits, target))
        return backward(x, before, hidden, params[2], cross_entropy_gradient(logits, target))

    def fit(self, x, target, epochs, lr, batch_size, rng, watch=lambda network: None):
        for _ in range(epochs):
            self.params = fit(x, target, self.params, self.gradients, 1, lr, batch_size, rng)
            watch(self)

# %% [markdown] name="penguins"
# All 342 penguins, all three kinds, by the length of their bills and of their flippers. Three birds in ten are kept for testing.

# %% name="train-penguins" tags=["illustration"]
with checks.needs(one_hot, softmax, cross_entropy, cross_entropy_gradient, predict_class):
    penguins = datasets.penguins()
    measures = np.hstack([penguins.bill_length, penguins.flipper_length])
    birds_train, kind_train, birds_test, kind_test = datasets.split(np.random.default_rng(1), measures, penguins.species)
    scaled_train, scaled_test = standardise(birds_train, birds_test)
    network = MulticlassMLP(2, 16, 3, np.random.default_rng(11))
    network.fit(scaled_train, kind_train, 60, 0.1, 16, np.random.default_rng(3))
    right = np.mean(predict_class(network(scaled_test)) == kind_test)
    # Counts the pairs of true and said classes: lesson 4's confusion matrix, for three classes.
    table = one_hot(kind_test, 3).T @ one_hot(predict_class(network(scaled_test)), 3)
    print(f"first loss {network.losses[0]:.2f}, ln 3 = {np.log(3):.2f}; right for {right:.1%} of the test birds")
    print("rows: what it is, columns: what was said\n", table.astype(int))

# %% name="figure-penguins" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
with checks.needs(softmax, cross_entropy, cross_entropy_gradient, predict_class):
    grid_x, grid_y, points = plots.mesh((31, 61), (168, 234), 160)
    shown = softmax(network(standardise(birds_train, points)[1]))
    fig, ax = plots.axes("Where each kind is expected", "bill length (mm)", "flipper length (mm)", size=(6.4, 4.2))
    ax.pcolormesh(grid_x, grid_y, shown.argmax(axis=1).reshape(grid_x.shape), cmap=plots.REGIONS, vmin=0, vmax=3, rasterized=True)
    plots.scatter_classes(ax, birds_test, kind_test, penguins.species_names, size=30)
    ax.legend()
    plots.show(
        fig,
        alt="The plane of bill and flipper length in three regions: Adelie where both are short, Chinstrap where only the bill is long, "
        f"Gentoo where the flippers are long. {right:.0%} of the test birds lie in their own region.",
        caption="Figure 5.3: the test birds on the network's map.",
    )

# %% [markdown] name="penguins-errors"
# Find the birds in Figure 5.3 that the table counts as errors. What do they have in common?

# %% [markdown] name="spiral"
# **Demo 5.2.** Three arms of a spiral. No straight line helps here, and no single bend either. Press Play, or scrub through the epochs: first the network cuts the plane like a cake, and then it starts to wind. How does a network with only 3 hidden units fare? (The demo runs your functions.)

# %% name="demo-spiral" tags=["illustration"]
def record(hidden, epochs=150):
    x, target = datasets.spiral(np.random.default_rng(4))
    network, frames, losses = MulticlassMLP(2, hidden, 3, np.random.default_rng(5)), [], []

    def watch(network):
        frames.append(predict_class(network(points)).reshape(grid_x.shape))
        losses.append(cross_entropy(network(x), target))

    watch(network)
    network.fit(x, target, epochs, 0.3, 20, np.random.default_rng(6), watch)
    return x, target, frames, losses


with checks.needs(cross_entropy, cross_entropy_gradient, predict_class):
    grid_x, grid_y, points = plots.mesh((-2.4, 2.4), (-2.4, 2.4), 70)
    demos.class_regions(
        {f"{hidden} hidden units": record(hidden) for hidden in (60, 20, 3)}, grid_x, grid_y, start=150,
        caption="Figure 5.4: the predicted class over the plane, epoch by epoch.",
    )

# %% [markdown] name="spiral-meaning"
# **Question 5.D · Predict first.** You use this network for two classes, with two logits and softmax. How does the probability of class 1 depend on the logits?

# %% name="question-two-classes" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "It is the sigmoid of the second logit.": "Add 5 to both logits: the sigmoid of the second one changes, softmax does not.",
        "It is the sigmoid of the difference of the two.": "e^b / (e^a + e^b) = 1 / (1 + e^−(b − a)). Two classes need only one logit, as in lesson 4: the difference.",
        "It has nothing to do with a sigmoid.": "Divide above and below the fraction bar by e^b and look again.",
    },
    right="It is the sigmoid of the difference of the two.",
)

# %% [markdown] name="summary"
# ## Summary
#
# - Classes are names. Targets are class indices `(N,)`; the network answers with `(N, C)` logits; one-hot connects the two.
# - Softmax: subtract each row's maximum, then exponentials over their sum. Adding a constant to a row changes nothing.
# - Cross-entropy: log-sum-exp minus the logit of the true class, never the logarithm of a rounded probability.
# - Its gradient is (softmax − one-hot)/N. **Matched with its prediction, each of our three losses has the gradient (prediction − target)/N.**
# - The predicted class is the place of the largest logit.
#
# **When training does not work, look in this order**
#
# 1. Is the first loss near ln C, or a little above it? (Random weights have opinions already. Ten times as much is a mistake.)
# 2. Do the rows of your probabilities add up to 1, or the columns? (Softmax along the wrong axis still makes numbers between 0 and 1.)
# 3. Are the targets integers that start at 0, in an array of shape `(N,)`? With `(N, 1)` the indexing pairs every row with every label, and nobody complains. Do the gradient's rows add up to 0 (Question 5.C)?
# 4. Does the loss get logits, or has softmax been applied before? Twice is once too often, and only the training curve complains.
# 5. Do samples and targets get shuffled with the same row numbers?
#
# **To discuss**
#
# 1. A network is trained on cats and dogs, and you show it a penguin. What will softmax say, and why must it?
# 2. Some people smooth their targets: 0.9 for the true class, and the rest shared by the others. What is the gradient then, and at which logits does training stop?
# 3. Why is the squared error of softmax probabilities a poor loss? Look at Figure 4.3 of lesson 4 again.
#
# **To read on** Goodfellow, Bengio and Courville, *Deep Learning*, section 6.2.2, on output units. The penguins: Horst, Hill and Gorman, *palmerpenguins* (2020). In the [TensorFlow Playground](https://playground.tensorflow.org/), the spiral with two classes is the hardest data set: solve it.

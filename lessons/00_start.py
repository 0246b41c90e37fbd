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
# # Start here
#
# This page says how the course works, how to start and how to hand in. Then it refreshes the two things you need: arrays and derivatives. Three questions tell you whether you can skip that part. Nothing here is graded.
#
# **Time** about 20 minutes. **You need** functions and loops in Python (and, for lesson 6, what a class with methods is), and to have met NumPy and derivatives before.

# %% [markdown] name="how-it-works"
# ## 1 · How the course works
#
# In six lessons of two to four hours each you build a neural network from nothing but arrays.
#
# | lesson | file | what you build |
# | --- | --- | --- |
# | 1 | `01_perceptron` | one unit that learns a straight line |
# | 2 | `02_two_layer_regression` | two layers, and the way back through them |
# | 3 | `03_relu_polynomial_fit` | a network that draws curves |
# | 4 | `04_binary_classification` | a network that decides between two classes |
# | 5 | `05_multiclass_classification` | a network that chooses among many |
# | 6 | `06_framework` | a small framework of your own, for networks of any depth |
#
# Every lesson is made of the same parts:
#
# - **An exercise** is a function or a class with `...` where your code belongs. Replace the `...` and run the cell.
# - **A check** is the cell below an exercise. It prints ✓, or says what is wrong and asks a question that leads on. Run it as often as you like. Until an exercise is written its check shows an error; that is meant, and *Run All* goes on.
# - **Hints** open one at a time: a nudge, an outline, a different example.
# - **A predict-first question** wants your guess before you read on. A wrong guess costs nothing, and you are told what it overlooked.
# - **A demo** has sliders. Most demos run your own code.
#
# Each exercise stands alone. It receives all it needs as arguments and is graded on its own, so a slip in one costs nothing in the next. Grading also tries inputs that the check does not show: write for any input, not for the check's numbers.
#
# **When you are stuck**
#
# 1. Read the whole message of the check, its question included.
# 2. Print the shapes of the arrays in question.
# 3. Open the next hint.
# 4. Restart the kernel and run all cells: perhaps an old value lingers.
# 5. Go on with the next exercise, and ask a classmate or your instructor.

# %% [markdown] name="start"
# ## 2 · Start
#
# **In Jupyter** you need Python 3.10 or newer. Open a terminal in the course's folder:
#
# ```console
# python3 -m venv .venv
# source .venv/bin/activate          (on Windows: .venv\Scripts\activate)
# pip install ./mlp_helpers jupyterlab
# jupyter lab
# ```
#
# Then open a lesson in the folder `notebooks`, such as `notebooks/01_perceptron/01_perceptron.ipynb`. If the course came with a Makefile, `make lab` does all this, on a copy of the lessons.
#
# **In Colab**, click *Open in Colab* at the top of a lesson. (There is no such button? Ask your instructor.) First of all choose **File > Save a copy in Drive**, or your work is gone when you close the page. Then run the folded first cell. It fetches `mlp_helpers`, the course's own package.
#
# Either way, **Shift+Enter** runs a cell. Begin with the folded one below.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true} cellView="form"
import numpy as np

from mlp_helpers import diagrams, plots, questions

# %% [markdown] name="hand-in"
# ## 3 · Hand in
#
# **From Jupyter**
#
# 1. Choose **Kernel > Restart Kernel and Run All Cells**, and look at the checks.
# 2. Save.
# 3. See that the file still has its name, such as `01_perceptron.ipynb`.
# 4. Hand it in as your instructor says.
#
# **From Colab**
#
# 1. Choose **Runtime > Restart session and run all**, and look at the checks.
# 2. Choose **File > Download > Download .ipynb**.
# 3. Give the file its name back if it has become `01_perceptron (1).ipynb` or `Copy_of_01_perceptron.ipynb`.
# 4. Hand it in as your instructor says.
#
# **What you may change.** Add as many cells as you like, and move cells, as long as the notebook works from top to bottom. Do not delete, copy or split the cell of an exercise or of a check: each is found by a mark that you do not see. For a second try, add a new cell. What you change in a check is undone before grading.

# %% [markdown] name="arrays-questions"
# ## 4 · Refresher: arrays and their shapes
#
# Two questions first. If you get both right and can say why, go on to section 5.
#
# **Question 0.A · Predict first.** `x` has shape `(5, 3)`, `w` has shape `(3, 2)`, and `b` has shape `(2,)`. What is the shape of `(x @ w + b).sum(axis=0)`?

# %% name="question-shapes" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "(5, 2)": "That is the shape of x @ w + b. Which of its axes does the sum take away?",
        "(2,)": "x @ w is (5, 2), b is added to each of its 5 rows, and the sum over axis 0 makes one row of the five.",
        "(5,)": "One number for each row: that would be sum(axis=1). Axis 0 is the first number of a shape.",
        "None: (5, 2) and (2,) cannot be added": "NumPy compares shapes from the right. 2 meets 2, and b is repeated for each row.",
    },
    right="(2,)",
)

# %% [markdown] name="trap-question"
# **Question 0.B · Predict first.** `y_hat` has shape `(5, 1)` and `y` has shape `(5,)`. What is the shape of `y_hat - y`?

# %% name="question-trap" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.choice(
    {
        "(5, 1)": "It would be, if y were (5, 1). From the right: 1 meets 5. What does NumPy do with a size of 1?",
        "(5,)": "It would be, if y_hat were (5,). From the right: 1 meets 5. What does NumPy do with a size of 1?",
        "(5, 5)": "y counts as one row of 5, and is repeated 5 times; the column y_hat is repeated 5 times as well.",
        "None: NumPy raises an error": "That would be kind of it. From the right: 1 meets 5, and a size of 1 is repeated.",
    },
    right="(5, 5)",
)

# %% [markdown] name="arrays"
# In this course each **row** of an array is a sample. `(N, D)` means N samples with D numbers each. Three rules are enough:
#
# - **Matrix product.** `(N, D) @ (D, H)` gives `(N, H)`. The inner sizes must agree, and they vanish: each entry is a row times a column, added up.
# - **Broadcasting.** `(N, H) + (H,)` adds the flat array to every row. NumPy compares the shapes from the right; a size that is 1, or missing, is repeated to fit.
# - **Sum over an axis.** `z.sum(axis=0)` adds up all rows. The first axis vanishes: `(N, H)` becomes `(H,)`.
#
# Figure 0.1 shows the first two with numbers.

# %% name="figure-arrays" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = diagrams.canvas((7.4, 3.0), (-0.4, 13.9), (-1.5, 4.4))
x, w, b = np.array([[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1]]), np.array([[1, 2], [3, 0], [0, 1]]), np.array([10, 20])
parts = [("x", "(4, 3)", x, (2, None)), ("w", "(3, 2)", w, (None, 0)), ("b", "(2,)", b[None], (0, 0)), ("z", "(4, 2)", x @ w + b, (2, 0))]
for (name, shape, values, (row, column)), left, sign in zip(parts, [0, 4.5, 8, 11.5], ["@", "+", "=", ""]):
    rows, columns = values.shape
    marked = np.zeros((rows, columns))
    marked[slice(None) if row is None else row, slice(None) if column is None else column] = 1
    bottom = (4 - rows) / 2
    cells = np.arange(columns + 1) + left, bottom + np.arange(rows + 1)
    ax.pcolormesh(*cells, marked[::-1], cmap=plots.DIVERGING, vmin=-1, vmax=1, edgecolor="black", linewidth=1)
    for (i, j), value in np.ndenumerate(values):
        ax.text(left + j + 0.5, bottom + rows - i - 0.5, value, ha="center", va="center", fontsize=11)
    ax.text(left + columns / 2, -1.0, f"{name} {shape}", ha="center", fontsize=11, color=plots.BLUE)
    ax.text(left + columns + 0.75, 2, sign, ha="center", va="center", fontsize=15)
plots.show(
    fig,
    alt="x, four rows of three numbers, times w, three rows of two, plus b, one row of two, gives z, four rows of two. Marked: the third row of x, 2 1 0, times the first column of w, 1 3 0, plus the 10 in b is the 15 in z.",
    caption="Figure 0.1: (4, 3) @ (3, 2) + (2,) gives (4, 2). Marked: 2·1 + 1·3 + 0·0 + 10 = 15.",
)

# %% [markdown] name="arrays-code"
# The same in NumPy. Change a shape, and read what NumPy says:

# %% name="arrays-in-numpy" tags=["illustration"]
x = np.array([[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1]])
w = np.array([[1, 2], [3, 0], [0, 1]])
b = np.array([10, 20])
z = x @ w + b
print("z has shape", z.shape)
print(z)
print("z.sum(axis=0) is", z.sum(axis=0), "and has shape", z.sum(axis=0).shape)

# %% [markdown] name="trap"
# **The trap.** The second rule has a dark side: `(N, 1) - (N,)` is `(N, N)`, each entry of the one minus *each* entry of the other. NumPy does not complain. When a result looks odd, print the shapes. Lesson 1 shows what damage this does, and how to refuse it.

# %% [markdown] name="chain-question"
# ## 5 · Refresher: derivatives and the chain rule
#
# **Question 0.C · Predict first.** $u = 3x + 1$ and $l = u^2$. What is the derivative of $l$ with respect to $x$, at $x = 1$?

# %% name="question-chain" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
questions.number(
    24,
    right="At x = 1, u is 4. The slope of u² is 2u = 8, that of 3x + 1 is 3, and slopes multiply.",
    wrong={
        8: "That is the slope of u² alone. How much does u change when x changes by 1?",
        3: "That is the slope of 3x + 1 alone. How much does l change when u changes?",
        11: "You added the two slopes. A change is passed on from link to link, stretched each time: add or multiply?",
        6: "You took the slope of u² at x = 1. What goes into the square is u. What is u?",
        2: "That is the slope of u² at x = 1. What goes into the square is u; and u changes faster than x.",
        16: "That is the value of l. The question is how fast it changes.",
    },
    otherwise="There are two links, from x to u and from u to l. Find the slope of each, at the number that goes into it.",
)

# %% [markdown] name="derivative"
# If you got it right at once, you are ready. If not, read on.
#
# A **derivative** says how fast one number changes with another. Raise $x$ by a little, and $l$ rises by *derivative* times as much. A negative derivative means that $l$ falls. We write $\partial l/\partial x$; the round ∂ says that all else stays as it is.
#
# In a network the way from one number to another has several links. Follow $x = 2$ through the two links of Figure 0.2.

# %% name="figure-chain" tags=["illustration"] jupyter={"source_hidden": true} cellView="form"
fig, ax = diagrams.canvas((7.0, 2.9), (-0.9, 8.9), (-2.2, 1.9))
places = [(0.0, 0.4), (4.0, 0.4), (8.0, 0.4)]
rules = ["$u = 4x - 3$", r"$l = \frac{1}{2}u^2$"]
slopes = [r"$\partial u/\partial x = 4$", r"$\partial l/\partial u = u = 5$"]
for start, end, rule, slope in zip(places, places[1:], rules, slopes):
    diagrams.arrow(ax, start, end, gap=0.74)
    middle = (start[0] + end[0]) / 2
    ax.text(middle, 0.75, rule, ha="center", fontsize=12)
    ax.text(middle, -0.3, slope, ha="center", fontsize=12, color=plots.BLUE)
for place, text in zip(places, ["$x$\n2", "$u$\n5", "$l$\n12.5"]):
    diagrams.node(ax, place, text, radius=0.7)
diagrams.arrow(ax, (0, -1.0), (8, -1.0), color=plots.RED, gap=0)
ax.text(4, -1.75, r"$\partial l/\partial x = 5 \cdot 4 = 20$", ha="center", fontsize=12, color=plots.RED)
plots.show(
    fig,
    alt="A chain of three circles: x = 2 leads to u = 4x − 3 = 5 with slope 4, and u to l = u²/2 = 12.5 with slope u = 5. A red arrow from x to l says that the slopes multiply to 20.",
    caption="Figure 0.2: values in black, the slope of each link in blue, the slope of the whole chain in red.",
)

# %% [markdown] name="chain-rule"
# - Raise $x$ by 0.01. The first link has slope 4, so $u$ rises by 4 · 0.01 = 0.04.
# - The second link, $\tfrac12 u^2$, has slope $u$, which is 5 here. So $l$ rises by about 5 · 0.04 = 0.2.
# - That is 20 times the 0.01 that you started with. Each link passes the change on, multiplied by its own slope.
#
# This is the **chain rule**: along a chain, slopes multiply.
#
# $$\frac{\partial l}{\partial x} = \frac{\partial l}{\partial u} \cdot \frac{\partial u}{\partial x} = 5 \cdot 4 = 20 .$$
#
# Try it without any rule. At $x = 2.01$, $u$ is 5.04 and $l$ is 12.7008: a rise of 0.2008, close to 20 · 0.01. The smaller the step, the closer.
#
# One thing is easy to miss. Each slope is taken **where its own link is fed**: the slope of $\tfrac12 u^2$ at $u = 5$, not at $x = 2$.
#
# That is all you need. Open lesson 1, `01_perceptron`.

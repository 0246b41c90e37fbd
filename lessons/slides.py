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

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from autograder.worked import worked

# %% [markdown] name="plane" tab="Plane"
# ## A perceptron cuts the plane in two, along a straight line.
#
# Which of OR, AND and XOR can it get right? What would XOR need?

# %% name="demo-plane" tags=["illustration"]
worked("01_perceptron").show("demo-plane")

# %% [markdown] name="line" tab="Line"
# ## The loss says in one number how far a line is from all of its points.
#
# Which slider first? And why do you have to come back to it?

# %% name="demo-line" tags=["illustration"]
worked("01_perceptron").show("demo-line")

# %% [markdown] name="descent" tab="Descent"
# ## Gradient descent walks downhill, and the learning rate is the length of its legs.
#
# From which rate on does the loss grow? Guess before you slide.

# %% name="demo-descent" tags=["illustration"]
worked("01_perceptron").show("demo-descent")

# %% [markdown] name="graph" tab="Graph"
# ## Numbers flow forward, gradients flow back over the same arrows.
#
# Which number comes next? Work it out before the next step.

# %% name="demo-graph" tags=["illustration"]
worked("02_two_layer_regression").show("demo-graph")

# %% [markdown] name="lines" tab="Lines"
# ## A sum of straight lines is a straight line.
#
# Can two units without an activation follow a parabola?

# %% name="demo-lines" tags=["illustration"]
worked("02_two_layer_regression").show("demo-lines")

# %% [markdown] name="hinges" tab="Hinges"
# ## ReLU bends each line once, and hinges add up to a curve.
#
# How many hinges does this curve need? Where do you put their corners?

# %% name="demo-hinges" tags=["illustration"]
worked("03_relu_polynomial_fit").show("demo-hinges")

# %% [markdown] name="epochs" tab="Epochs"
# ## A network learns the rough shape first and the details last.
#
# What does the curve look like at epoch 50? And with raw inputs?

# %% name="demo-epochs" tags=["illustration"]
worked("03_relu_polynomial_fit").show("demo-epochs")

# %% [markdown] name="regions" tab="Regions"
# ## A border between two classes grows out of many bent lines.
#
# In which epoch does XOR fall into place? What happens after that?

# %% name="demo-regions" tags=["illustration"]
worked("04_binary_classification").show("demo-regions")

# %% [markdown] name="threshold" tab="Threshold"
# ## Every threshold is a compromise between two kinds of mistake.
#
# You must find nine of ten. What does it cost?

# %% name="demo-threshold" tags=["illustration"]
worked("04_binary_classification").show("demo-threshold")

# %% [markdown] name="softmax" tab="Softmax"
# ## Softmax turns logits into shares, and only their differences count.
#
# How far must one logit lead for a share of 99 %?

# %% name="demo-softmax" tags=["illustration"]
worked("05_multiclass_classification").show("demo-softmax")

# %% [markdown] name="optimizers" tab="Optimizers"
# ## Momentum and Adam go down the same valley by other paths.
#
# Which of the three is down first? Which one never diverges?

# %% name="demo-optimizers" tags=["illustration"]
worked("06_framework").show("demo-optimizers")

# %% [markdown] name="playground" tab="Playground"
# ## A whole framework, written by hand, learns in front of you.
#
# Which is the smallest network that gets all of the spiral right?

# %% name="demo-playground" tags=["illustration"]
worked("06_framework").show("demo-playground")

"""The slider demos of the lessons. Each runs functions that it is given, or replays arrays; none has a gradient.

A demo keeps its state in its own arguments, so re-running another cell never breaks it. `mlp_helpers.sliders` holds
their mechanism.
"""

from mlp_helpers.demos.classes import class_regions, regions, softmax_shares, threshold
from mlp_helpers.demos.framework import optimizers
from mlp_helpers.demos.networks import batch_sizes, computational_graph, hinges, replay, sum_of_lines
from mlp_helpers.demos.perceptron import descent, line_through_points, perceptron_plane
from mlp_helpers.demos.playground import playground

__all__ = [
    "batch_sizes", "class_regions", "computational_graph", "descent", "hinges", "line_through_points", "optimizers",
    "perceptron_plane", "playground", "regions", "replay", "softmax_shares", "sum_of_lines", "threshold",
]  # fmt: skip

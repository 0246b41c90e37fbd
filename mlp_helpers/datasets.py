"""The course's data sets: small, shipped with the package or drawn from an `rng` that the caller passes in.

Every function returns arrays with samples first: x (N, D) and, where there is one, y (N, D_out) as floats.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Penguins:
    """342 penguins of three species, measured near Palmer Station, Antarctica, 2007–2009.

    species: (342,) int, an index into species_names
    bill_length, bill_depth, flipper_length: (342, 1) in mm
    body_mass: (342, 1) in kg

    Source: Gorman, Williams and Fraser (2014), doi:10.1371/journal.pone.0090081; Horst, Hill and Gorman (2020),
    palmerpenguins, CC0. The two birds without measurements are left out.
    """

    species: np.ndarray
    bill_length: np.ndarray
    bill_depth: np.ndarray
    flipper_length: np.ndarray
    body_mass: np.ndarray
    species_names: tuple[str, ...] = ("Adelie", "Chinstrap", "Gentoo")


def penguins():
    """The Palmer penguins; see Penguins for columns and units."""
    with open(DATA / "penguins.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def column(name, scale=1.0):
        return np.array([[float(row[name]) * scale] for row in rows])

    return Penguins(
        species=np.array([Penguins.species_names.index(row["species"]) for row in rows]),
        bill_length=column("bill_length_mm"),
        bill_depth=column("bill_depth_mm"),
        flipper_length=column("flipper_length_mm"),
        body_mass=column("body_mass_g", 0.001),
    )


def digits():
    """1,797 handwritten digits, 8 x 8 grey values.

    returns: images (1797, 64) of floats in 0 ... 16, row by row; target (1797,) int

    Source: Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, doi:10.24432/C50P49, CC BY 4.0; the test part, as shipped with scikit-learn.
    """
    table = np.loadtxt(DATA / "digits.csv.gz", delimiter=",", dtype=int)
    return table[:, 1:].astype(float), table[:, 0]


def logic(name):
    """The four corners of the unit square and a truth table over them.

    name   : "and", "or" or "xor"
    returns: x (4, 2), y (4, 1) of 0.0 and 1.0
    """
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    tables = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}
    return x, np.array(tables[name], dtype=float).reshape(-1, 1)


def moons(rng, n=200, noise=0.2):
    """Two half circles that reach into each other.

    returns: x (n, 2), roughly standardised; y (n, 1) of 0.0 and 1.0
    """
    y = (np.arange(n) % 2).astype(float).reshape(-1, 1)
    angle = rng.uniform(0.0, np.pi, size=(n, 1))
    x = np.hstack([np.cos(angle) + y - 0.5, np.sin(angle) * (1 - 2 * y) + y / 2 - 0.25])
    return 1.4 * (x + rng.normal(scale=noise, size=(n, 2))), y


def xor_clouds(rng, n=200, noise=0.45):
    """Four clouds; those in opposite corners belong together.

    returns: x (n, 2), y (n, 1) of 0.0 and 1.0
    """
    corners, table = logic("xor")
    which = np.arange(n) % 4
    return 2.4 * (corners[which] - 0.5) + rng.normal(scale=noise, size=(n, 2)), table[which]


def clouds(rng, n=200, noise=0.7):
    """Two clouds side by side.

    returns: x (n, 2), y (n, 1) of 0.0 and 1.0
    """
    y = (np.arange(n) % 2).astype(float).reshape(-1, 1)
    return np.hstack([2 * y - 1, 1 - 2 * y]) + rng.normal(scale=noise, size=(n, 2)), y


def circles(rng, n=200, noise=0.2):
    """A disc and a ring around it.

    returns: x (n, 2), y (n, 1) of 0.0 in the disc and 1.0 in the ring
    """
    y = (np.arange(n) % 2).astype(float).reshape(-1, 1)
    radius = np.where(y > 0.5, rng.uniform(1.8, 2.4, size=(n, 1)), np.sqrt(rng.uniform(0.0, 1.0, size=(n, 1))))
    angle = rng.uniform(0.0, 2 * np.pi, size=(n, 1))
    return radius * np.hstack([np.cos(angle), np.sin(angle)]) + rng.normal(scale=noise, size=(n, 2)), y


def spiral(rng, n=300, classes=3, noise=0.15):
    """Arms that wind around one another, one a class.

    returns: x (n, 2), roughly standardised; target (n,) int
    """
    target = np.arange(n) % classes
    radius = np.sqrt(rng.uniform(0.02, 1.0, size=n))
    angle = 4.0 * radius + 2 * np.pi * target / classes + rng.normal(scale=noise, size=n)
    return 2.0 * np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), target


def parabola(rng, n=60, noise=0.05):
    """y = x² with a little noise.

    returns: x (n, 1) in [−1, 1], y (n, 1)
    """
    x = rng.uniform(-1.0, 1.0, size=(n, 1))
    return x, x**2 + rng.normal(scale=noise, size=(n, 1))


def cubic(rng, n=60, noise=1.0):
    """A polynomial of degree three with noise, its input in raw units: neither centred nor of size one.

    returns: x (n, 1) in [10, 50], y (n, 1), roughly in [−8, 10]
    """
    x = rng.uniform(10.0, 50.0, size=(n, 1))
    return x, cubic_curve(x) + rng.normal(scale=noise, size=(n, 1))


def cubic_curve(x):
    """The curve behind `cubic`, without noise: u³/4 − 2u + 1 with u = (x − 30) / 5."""
    u = (x - 30) / 5
    return u**3 / 4 - 2 * u + 1


def split(rng, x, y, validation=0.3):
    """Cut samples at random into a training and a validation part.

    validation: the share of samples in the validation part
    returns   : x_train, y_train, x_validation, y_validation
    """
    order = rng.permutation(len(x))
    held_out = round(validation * len(x))
    return x[order[held_out:]], y[order[held_out:]], x[order[:held_out]], y[order[:held_out]]


def stratified_split(rng, target, test=0.2):
    """Row numbers of a training and a test part, with the same share of each class in both.

    target : (N,) int array of class indices; test: the share of samples in the test part
    returns: train_rows, test_rows, each shuffled
    """
    rows = [rng.permutation(np.flatnonzero(target == label)) for label in np.unique(target)]
    cuts = [round(test * len(each)) for each in rows]
    train = np.concatenate([each[cut:] for each, cut in zip(rows, cuts, strict=True)])
    held_out = np.concatenate([each[:cut] for each, cut in zip(rows, cuts, strict=True)])
    return rng.permutation(train), rng.permutation(held_out)

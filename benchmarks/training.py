"""How fast the framework of lesson 6 trains, beside PyTorch, scikit-learn and the slides' own loop.

    .venv/bin/python benchmarks/training.py

takes about a minute. All rivals train the same network (ReLU, softmax, cross-entropy, plain SGD) on the same float32
samples in rounds: a round is one turn of each, with the same number of steps. A figure is the median over the rounds;
"÷ PyTorch" is the framework's speed over PyTorch's, the median of the rounds' ratios, with ≥ or < what the course
promises. First on one thread (CPU time, which other programs on the machine disturb least), then on all (elapsed time).

Table 1, steps: forward, loss, backward and update, without the choice of a batch.
    framework   : the worked solution's MLP, CrossEntropy and SGD, on batches that are cut beforehand.
    PyTorch     : Sequential, CrossEntropyLoss and optim.SGD, on tensors that are cut beforehand.
    scikit-learn: MLPClassifier.fit in the way that is fastest for it: shuffle=False, so that its batches are slices;
                  no momentum, penalty or early stopping; two classes as two outputs (for 2-16-2). Set-up and checks
                  of inputs are taken off: a turn is a long fit less a fit of one epoch. partial_fit, batch by batch,
                  would check its inputs at each step.
Table 2, epochs in batches of 32, each rival as it is used: shuffled, with rows chosen by index.
    framework   : the lesson's train().
    PyTorch     : the loop that the lesson prints as its twin, with optim.SGD.
    scikit-learn: fit with shuffle=True, set-up taken off as above.
    slides' loop: one sample at a time, updates that rebind, unshuffled; written from the slides' MLPreluClass. Its
                  turns have fewer epochs than the others', for each of its epochs has 32 times the steps.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import worked_lesson

framework = worked_lesson.names("06_framework")

NETWORKS = [(2, 16, 2), (64, 32, 10), (64, 256, 256, 10)]
BATCH_SIZES = [1, 32, 256]
LR = 0.01
ROUNDS = 7
STEPS_PER_EPOCH = 64
TURN = 0.03  # seconds that the framework's turn takes; the others make as many steps


# ----- the rivals: each function returns one that trains for a number of epochs


def framework_network(sizes, rng):
    layers = []
    for d_in, d_out in pairwise(sizes):
        layers += [framework.Linear(d_in, d_out, rng, np.float32), framework.ReLU()]
    mlp = framework.MLP(layers[:-1])
    return mlp, framework.CrossEntropy(mlp), framework.SGD(mlp, lr=LR)


def framework_steps(sizes, x, y, batch_size):
    mlp, loss, optimizer = framework_network(sizes, np.random.default_rng(0))
    batches = cut(x, y, batch_size)

    def train(epochs):
        for _ in range(epochs):
            for x_batch, y_batch in batches:
                y_pred = mlp(x_batch)
                loss(y_pred, y_batch)
                loss.backward()
                optimizer.update()

    return train


def framework_epochs(sizes, x, y, batch_size):
    rng = np.random.default_rng(0)
    mlp, loss, optimizer = framework_network(sizes, rng)
    return lambda epochs: framework.train(mlp, loss, optimizer, x, y, epochs, batch_size, rng)


def torch_network(sizes):
    layers = []
    for d_in, d_out in pairwise(sizes):
        layers += [torch.nn.Linear(d_in, d_out), torch.nn.ReLU()]
    mlp = torch.nn.Sequential(*layers[:-1])
    return mlp, torch.nn.CrossEntropyLoss(), torch.optim.SGD(mlp.parameters(), lr=LR)


def torch_steps(sizes, x, y, batch_size):
    mlp, criterion, optimizer = torch_network(sizes)
    batches = cut(torch.from_numpy(x), torch.from_numpy(y), batch_size)

    def train(epochs):
        for _ in range(epochs):
            for x_batch, y_batch in batches:
                error = criterion(mlp(x_batch), y_batch)
                optimizer.zero_grad()
                error.backward()
                optimizer.step()

    return train


def torch_epochs(sizes, x, y, batch_size):
    mlp, criterion, optimizer = torch_network(sizes)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def train(epochs):
        for _ in range(epochs):
            order = torch.randperm(len(x))
            for first in range(0, len(x), batch_size):
                rows = order[first : first + batch_size]
                error = criterion(mlp(x[rows]), y[rows])
                optimizer.zero_grad()
                error.backward()
                optimizer.step()

    return train


def sklearn_epochs(sizes, x, y, batch_size, shuffle=True):
    target = np.eye(2, dtype=int)[y] if sizes[-1] == 2 else y

    def train(epochs):
        classifier = MLPClassifier(
            sizes[1:-1], solver="sgd", alpha=0, batch_size=batch_size, learning_rate_init=LR, momentum=0,
            nesterovs_momentum=False, shuffle=shuffle, max_iter=epochs, tol=0, n_iter_no_change=10**9, random_state=0,
        )  # fmt: skip
        classifier.fit(x, target)
        assert classifier.n_iter_ == epochs
        assert [sizes[0], *(w.shape[1] for w in classifier.coefs_)] == list(sizes)
        assert classifier.coefs_[0].dtype == np.float32

    return train


def sklearn_steps(sizes, x, y, batch_size):
    return sklearn_epochs(sizes, x, y, batch_size, shuffle=False)


def cut(x, y, batch_size):
    return [(x[first : first + batch_size], y[first : first + batch_size]) for first in range(0, len(x), batch_size)]


class SlidesMLP:
    """The slides' MLPreluClass: two layers, one sample at a time, relu' of the post-activation."""

    def __init__(self, d_in, hidden, d_out, rng):
        self.w1 = rng.normal(scale=np.sqrt(2 / (d_in + hidden)), size=(d_in, hidden)).astype(np.float32)
        self.w2 = rng.normal(scale=np.sqrt(2 / (hidden + d_out)), size=(hidden, d_out)).astype(np.float32)
        self.b1, self.b2 = np.zeros(hidden, np.float32), np.zeros(d_out, np.float32)

    def __call__(self, x):
        self.h = np.maximum(0, np.dot(x, self.w1) + self.b1)
        return np.dot(self.h, self.w2) + self.b2

    def loss(self, output, target):
        logits = output[np.arange(len(output)), target]
        return -logits + np.log(np.sum(np.exp(output), axis=-1))

    def grad_loss(self, output, target):
        answers = np.zeros_like(output)
        answers[np.arange(len(output)), target] = 1
        softmax = np.exp(output) / np.exp(output).sum(axis=-1, keepdims=True)
        return (-answers + softmax) / output.shape[0]

    def fit(self, X, Y, epochs, lr):
        for _ in range(epochs):
            for x, y in zip(X, Y, strict=False):
                x = x[None, :]
                y_pred = self(x)
                self.loss(y_pred, y).mean()
                dldy = self.grad_loss(y_pred, y)
                grad_w2 = np.dot(self.h.T, dldy)
                grad_b2 = dldy
                dldh = np.dot(dldy, self.w2.T) * (self.h > 0)
                grad_w1 = np.dot(x.T, dldh)
                grad_b1 = dldh
                self.w1 = self.w1 - lr * grad_w1
                self.b1 = self.b1 - lr * grad_b1
                self.w2 = self.w2 - lr * grad_w2
                self.b2 = self.b2 - lr * grad_b2


def slides_epochs(sizes, x, y, batch_size):
    mlp = SlidesMLP(*sizes, np.random.default_rng(0))
    return lambda epochs: mlp.fit(x, y, epochs, LR)


STEPS = {"framework": framework_steps, "PyTorch": torch_steps, "scikit-learn": sklearn_steps}
EPOCHS = {
    "framework": framework_epochs,
    "PyTorch": torch_epochs,
    "scikit-learn": sklearn_epochs,
    "slides' loop": slides_epochs,
}


# ----- the race


def samples(sizes, n):
    """Points around one centre for each class: something to learn, and no number that grows or dies out."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, sizes[-1], size=n)
    centres = rng.normal(size=(sizes[-1], sizes[0]))
    return (centres[y] + 0.5 * rng.normal(size=(n, sizes[0]))).astype(np.float32), y


def seconds(train, epochs, clock):
    start = clock()
    train(epochs)
    return clock() - start


def race(rivals, sizes, batch_size, clock):
    """dict rival -> list of its seconds for an epoch, one for each round."""
    x, y = samples(sizes, STEPS_PER_EPOCH * batch_size)
    trains = {name: rival(sizes, x, y, batch_size) for name, rival in rivals.items()}
    for train in trains.values():
        train(1)
    once = seconds(trains["framework"], 1, clock)
    epochs = max(1, round(TURN / once))

    taken = {name: [] for name in trains}
    for _ in range(ROUNDS):
        for name, train in trains.items():
            if name == "scikit-learn":
                set_up_and_one_epoch = seconds(train, 1, clock)
                taken[name].append((seconds(train, epochs + 1, clock) - set_up_and_one_epoch) / epochs)
            else:
                n = max(1, epochs // 20) if name == "slides' loop" else epochs
                taken[name].append(seconds(train, n, clock) / n)
    return taken


# ----- the tables


def goal(sizes, batch_size, rival):
    """The ratio that the course promises for one thread, None where it promises nothing."""
    if rival == "slides' loop":
        return 20
    if len(sizes) > 3:
        return 1
    return None if batch_size == 256 else {"PyTorch": 4, "scikit-learn": 1.5}[rival]


def ratio(taken, rival, goal):
    """How many times as fast the framework was, and whether that is enough."""
    found = median(theirs / ours for theirs, ours in zip(taken[rival], taken["framework"], strict=True))
    return f"{found:.2f}" + ("" if goal is None else f" {'≥' if found >= goal else '<'} {goal}")


def print_row(cells):
    print(f"{cells[0]:19}" + "".join(f"{cell:>16}" for cell in cells[1:]), flush=True)


def steps_table(clock, promised):
    print_row(["steps/s, batch", *STEPS, "÷ PyTorch", "÷ scikit-learn"])
    for sizes in NETWORKS:
        for batch_size in BATCH_SIZES:
            taken = race(STEPS, sizes, batch_size, clock)
            speeds = [f"{STEPS_PER_EPOCH / median(times):,.0f}" for times in taken.values()]
            rivals = ["PyTorch", "scikit-learn"]
            ratios = [ratio(taken, rival, goal(sizes, batch_size, rival) if promised else None) for rival in rivals]
            print_row([f"{label(sizes)}, {batch_size}", *speeds, *ratios])


def epochs_table(clock, promised):
    print_row(["ms per epoch", *EPOCHS, "÷ PyTorch", "÷ scikit-learn", "÷ slides' loop"])
    for sizes in NETWORKS:
        has_two_layers = len(sizes) == 3  # the slides' class has no others
        rivals = {name: rival for name, rival in EPOCHS.items() if has_two_layers or name != "slides' loop"}
        taken = race(rivals, sizes, 32, clock)
        times = [f"{1000 * median(taken[name]):.2f}" if name in taken else "" for name in EPOCHS]
        ratios = [ratio(taken, rival, None) for rival in ("PyTorch", "scikit-learn")]
        if has_two_layers:
            ratios.append(ratio(taken, "slides' loop", goal(sizes, 32, "slides' loop") if promised else None))
        print_row([label(sizes), *times, *ratios])


def label(sizes):
    return "-".join(map(str, sizes))


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    all_threads = os.cpu_count() or 1
    for threads, clock in [(1, time.process_time), (all_threads, time.perf_counter)]:
        torch.set_num_threads(threads)
        with threadpool_limits(threads):
            of = "1 thread" if threads == 1 else f"all {threads} threads"
            print(f"\n{of}, float32; load of the machine {os.getloadavg()[0]:.1f}\n\nTable 1: steps per second")
            steps_table(clock, promised=threads == 1)
            print("\nTable 2: whole epochs in batches of 32")
            epochs_table(clock, promised=threads == 1)


if __name__ == "__main__":
    main()

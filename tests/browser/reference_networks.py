"""Networks in plain NumPy, against which the demos' pictures are held. They share no code with the lessons."""

from itertools import pairwise

import numpy as np


def glorot(d_in, d_out):
    return 2 / (d_in + d_out)


def he(d_in, d_out):
    return 2 / d_in


def first_weights(sizes, variance, seed):
    """Normal weights and biases of 0 for layers of these sizes: [w1, b1, w2, b2, …]; seed: int or a generator"""
    rng, params = np.random.default_rng(seed), []
    for d_in, d_out in pairwise(sizes):
        params += [rng.normal(scale=np.sqrt(variance(d_in, d_out)), size=(d_in, d_out)), np.zeros(d_out)]
    return params


def layers(params, x, relu=True):
    """What each layer puts out, the input first; there is no activation after the last one."""
    values = [x]
    for at in range(0, len(params), 2):
        z = values[-1] @ params[at] + params[at + 1]
        values.append(np.maximum(z, 0) if relu and at + 2 < len(params) else z)
    return values


def output(params, x, relu=True):
    return layers(params, x, relu)[-1]


def trained(params, x, target, answer, *, epochs, lr, batch, seed, relu=True):
    """The parameters before the first and after every update of gradient descent in mini-batches: a list of lists.

    answer: turns the output into the prediction. The gradient at the output is (prediction − target) / N, as it is for
            identity and squared error, sigmoid and cross-entropy, softmax and cross-entropy
    """
    rng, course = np.random.default_rng(seed), [params]
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch):
            rows = order[first : first + batch]
            values, grads = layers(params, x[rows], relu), []
            grad = (answer(values[-1]) - target[rows]) / len(rows)
            for at in range(len(params) - 2, -1, -2):
                below = values[at // 2]
                grads = [below.T @ grad, grad.sum(axis=0), *grads]
                grad = grad @ params[at].T * (below > 0 if relu else 1)
            params = [p - lr * g for p, g in zip(params, grads, strict=True)]
            course.append(params)
    return course


def identity(z):
    return z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def one_hot(target, classes):
    return (np.ravel(target)[:, None] == np.arange(classes)).astype(float)


def squared_error(y_hat, y):
    return np.mean((y_hat - y) ** 2) / 2


def cross_entropy(p, target):
    """p: probabilities (N, C) with one-hot targets, or (N, 1) of class 1 with targets of 0 and 1"""
    p, target = (np.hstack([1 - each, each]) if each.shape[1] == 1 else each for each in (p, target))
    return -np.mean(np.log(np.sum(p * target, axis=1)))

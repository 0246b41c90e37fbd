# %% wrong: sum over the batch, not the mean
def binary_cross_entropy_gradient(z, y):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e) - y


# %% wrong: keeps a factor ½
def binary_cross_entropy_gradient(z, y):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return (p - y) / (2 * len(y))


# %% wrong: divides by N twice
def binary_cross_entropy_gradient(z, y):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return (p - y) / len(y) ** 2


# %% wrong: target minus prediction
def binary_cross_entropy_gradient(z, y):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return (y - p) / len(y)


# %% wrong: the mean of the gradient, one number
def binary_cross_entropy_gradient(z, y):
    return np.mean((1 + np.tanh(z / 2)) / 2 - y)


# %% wrong: the mean of the gradient, one number in each column
def binary_cross_entropy_gradient(z, y):
    return np.mean((1 + np.tanh(z / 2)) / 2 - y, axis=0)


# %% wrong: a sigmoid that overflows
def binary_cross_entropy_gradient(z, y):
    return (1 / (1 + np.exp(-z)) - y) / len(y)


# %% wrong: e^z over 1 + e^z, infinity over infinity
def binary_cross_entropy_gradient(z, y):
    return (np.exp(z) / (1 + np.exp(z)) - y) / len(y)


# %% wrong: forgets the sigmoid
def binary_cross_entropy_gradient(z, y):
    return (z - y) / len(y)


# %% wrong: a sigmoid applied twice
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    p = 1 / (1 + np.exp(-p))
    return (p - y) / len(y)


# %% wrong: tanh without the half inside
def binary_cross_entropy_gradient(z, y):
    return ((1 + np.tanh(z)) / 2 - y) / len(y)


# %% wrong: the step in place of the probability
def binary_cross_entropy_gradient(z, y):
    return ((z > 0) - y) / len(y)


# %% wrong: the squared error's gradient
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return (p - y) * p * (1 - p) / len(y)


# %% wrong: the gradient with respect to the probability
def binary_cross_entropy_gradient(z, y):
    p = np.clip((1 + np.tanh(z / 2)) / 2, 1e-12, 1 - 1e-12)
    return (p - y) / (p * (1 - p)) / len(y)


# %% wrong: the chain rule in two links, 0 over 0
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return (p - y) / (p * (1 - p)) * p * (1 - p) / len(y)


# %% wrong: the chain rule in two links, with an ε
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return (p - y) / (p * (1 - p) + 1e-8) * p * (1 - p) / len(y)


# %% wrong: cuts the probabilities
def binary_cross_entropy_gradient(z, y):
    p = np.clip((1 + np.tanh(z / 2)) / 2, 1e-7, 1 - 1e-7)
    return (p - y) / len(y)


# %% wrong: cuts the logits at ±10
def binary_cross_entropy_gradient(z, y):
    p = 1 / (1 + np.exp(-np.clip(z, -10, 10)))
    return (p - y) / len(y)


# %% wrong: flattens the targets, (N, 1) against (N,)
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return (p - y.flatten()) / len(y)


# %% wrong: returns (N,)
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return (p - y)[:, 0] / len(y)


# %% wrong: a factor 2, as from a square
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return 2 * (p - y) / len(y)


# %% wrong: a finite difference with step 1e-5
def binary_cross_entropy_gradient(z, y):
    step = 1e-5
    up, down = (np.logaddexp(0, z + s) - y * (z + s) for s in (step, -step))
    return (up - down) / (2 * step) / len(y)


# %% wrong: a finite difference with step 1e-8
def binary_cross_entropy_gradient(z, y):
    step = 1e-8
    up, down = (np.logaddexp(0, z + s) - y * (z + s) for s in (step, -step))
    return (up - down) / (2 * step) / len(y)


# %% wrong: a finite difference with step 1e-3
def binary_cross_entropy_gradient(z, y):
    step = 1e-3
    up, down = (np.logaddexp(0, z + s) - y * (z + s) for s in (step, -step))
    return (up - down) / (2 * step) / len(y)


# %% wrong: a finite difference with step 1
def binary_cross_entropy_gradient(z, y):
    up, down = (np.logaddexp(0, z + s) - y * (z + s) for s in (1, -1))
    return (up - down) / 2 / len(y)


# %% wrong: subtracts the targets in place from z
def binary_cross_entropy_gradient(z, y):
    z[:] = (1 + np.tanh(z / 2)) / 2
    z -= y
    return z / len(z)


# %% wrong: right on the visible data only, five samples or four
def binary_cross_entropy_gradient(z, y):
    p = (1 + np.tanh(z / 2)) / 2
    return (p - y) / (5 if len(y) == 5 else 4)


# %% right: the tanh form
def binary_cross_entropy_gradient(z, y):
    return ((1 + np.tanh(z / 2)) / 2 - y) / len(z)


# %% right: np.logaddexp
def binary_cross_entropy_gradient(z, y):
    p = np.exp(-np.logaddexp(0.0, -z))
    return (p - y) / y.shape[0]


# %% right: sample by sample
def binary_cross_entropy_gradient(z, y):
    gradient = np.zeros(z.shape)
    for n, score in enumerate(z[:, 0]):
        if score >= 0:
            p = 1 / (1 + np.exp(-score))
        else:
            p = np.exp(score) / (1 + np.exp(score))
        gradient[n, 0] = (p - y[n, 0]) / len(z)
    return gradient


# %% right: masks, in place on its own array
def binary_cross_entropy_gradient(z, y):
    gradient, above = np.empty_like(z), z > 0
    gradient[above] = 1 / (1 + np.exp(-z[above]))
    gradient[~above] = np.exp(z[~above]) / (1 + np.exp(z[~above]))
    gradient -= y
    gradient /= z.size
    return gradient


# %% right: probability of the error, with the sign of the target
def binary_cross_entropy_gradient(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    s = 2 * y - 1
    margin = s * z
    of_error = np.exp(np.minimum(-margin, 0)) / (1 + np.exp(-np.abs(margin)))
    return -s * of_error / len(y)


# %% right: logits cut where nothing changes any more
def binary_cross_entropy_gradient(z, y):
    p = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
    return (p - y) / len(y)


# %% right: a list comprehension
def binary_cross_entropy_gradient(z, y):
    return np.array([[(0.5 + 0.5 * np.tanh(0.5 * a) - b) / len(y)] for a, b in zip(z.ravel(), y.ravel())])

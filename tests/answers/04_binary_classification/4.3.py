# %% wrong: sum over the batch, not the mean
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.sum(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: one loss for each sample
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


# %% wrong: the ½ of the squared error
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.sum(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))) / (2 * len(y))


# %% wrong: the mean over N, and over N again
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))) / len(y)


# %% wrong: forgets the minus before the logarithm
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    p = 1 / (1 + np.exp(-z))
    return np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


# %% wrong: goes through the probability
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


# %% wrong: goes through a probability that does not overflow
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


# %% wrong: cuts the probabilities at 1e-15
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    e = np.exp(-np.abs(z))
    p = np.clip(np.where(z >= 0, 1.0, e) / (1 + e), 1e-15, 1 - 1e-15)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


# %% wrong: an ε in the logarithm
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return -np.mean(y * np.log(p + 1e-8) + (1 - y) * np.log(1 - p + 1e-8))


# %% wrong: takes the logits for probabilities
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z))


# %% wrong: a sigmoid before the formula for logits
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return np.mean(np.maximum(p, 0) - y * p + np.log1p(np.exp(-np.abs(p))))


# %% wrong: forgets the term of the targets that are 0
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(y * np.logaddexp(0, -z))


# %% wrong: forgets the absolute value
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-z)))


# %% wrong: ln(1 + e^z), typed as it stands
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(np.log(1 + np.exp(z)) - y * z)


# %% wrong: np.max in place of np.maximum
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(np.max(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: the logarithm to base 2
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.mean(np.maximum(z, 0) - y * z + np.log2(1 + np.exp(-np.abs(z))))


# %% wrong: the squared error of the probability
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return np.sum((p - y) ** 2) / (2 * len(y))


# %% wrong: no check of the shapes
def binary_cross_entropy(z, y):
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: compares the lengths only
def binary_cross_entropy(z, y):
    if len(z) != len(y):
        raise ValueError(f"{len(z)} logits and {len(y)} targets")
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: mends the shape in silence
def binary_cross_entropy(z, y):
    y = y.reshape(z.shape)
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: refuses without a message
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: asserts the shapes
def binary_cross_entropy(z, y):
    assert z.shape == y.shape, "shapes differ"
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: right on the visible data only, compares the numbers of axes
def binary_cross_entropy(z, y):
    if z.ndim != y.ndim:
        raise ValueError("the same number of axes, please")
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))


# %% wrong: changes the logits in place
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    z *= 1 - 2 * y
    return np.mean(np.logaddexp(0, z))


# %% wrong: right on the visible data only, three samples or four
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    return np.sum(np.logaddexp(0, z) - y * z) / (3 if len(z) == 3 else 4)


# %% right: np.logaddexp
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"shapes differ: {z.shape} and {y.shape}")
    return np.mean(np.logaddexp(0, z) - y * z)


# %% right: sample by sample, with math
def binary_cross_entropy(z, y):
    import math

    if np.shape(z) != np.shape(y):
        raise ValueError("z and y must have one shape")
    total = 0.0
    for score, target in zip(z[:, 0], y[:, 0]):
        total += max(score, 0) - target * score + math.log1p(math.exp(-abs(score)))
    return total / len(y)


# %% right: the logit with the sign of the target
def binary_cross_entropy(z: np.ndarray, y: np.ndarray) -> float:
    if z.shape == y.shape:
        against = np.where(y == 1, -z, z)
        return float(np.logaddexp(0.0, against).sum() / z.size)
    raise ValueError(f"z is {z.shape} but y is {y.shape}")


# %% right: both logarithms of probabilities, from logits
def binary_cross_entropy(z, y):
    if not z.shape == y.shape:
        raise ValueError("Shapes don't match: " + str(z.shape) + " vs. " + str(y.shape))
    log_p, log_not_p = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    return -np.average(y * log_p + (1 - y) * log_not_p)


# %% right: ln(1 + e), not log1p
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape}, targets {y.shape}")
    loss = z * ((z > 0) - y) + np.log(1 + np.exp(-abs(z)))
    return loss.mean()


# %% right: in place on its own copy, the two kinds of targets apart
def binary_cross_entropy(z, y):
    if z.shape != y.shape:
        raise ValueError(f"logits {z.shape} and targets {y.shape} must have the same shape")
    against = z.copy()
    against[y > 0.5] *= -1
    behind = np.clip(against, 0, None)
    return np.einsum("no->", behind + np.log1p(np.exp(-np.abs(against)))) / len(z)

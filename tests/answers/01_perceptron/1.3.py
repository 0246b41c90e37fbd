# %% wrong: the sum, not the mean
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.sum((y_hat - y) ** 2) / 2


# %% wrong: forgets the 1/2
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.sum((y_hat - y) ** 2) / len(y)


# %% wrong: averages over the entries, not the samples
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.mean((y_hat - y) ** 2) / 2


# %% wrong: averages first and squares then
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.mean(y_hat - y) ** 2 / 2


# %% wrong: takes the root
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.sqrt(np.sum((y_hat - y) ** 2) / (2 * len(y)))


# %% wrong: / 2 * N multiplies by N
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.sum((y_hat - y) ** 2) / 2 * len(y)


# %% wrong: one loss for each sample
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return (y_hat - y) ** 2 / (2 * len(y))


# %% wrong: one loss for each output
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.sum((y_hat - y) ** 2, axis=0) / (2 * len(y))


# %% wrong: no check, so (N, 1) and (N,) broadcast to (N, N)
def mse(y_hat, y):
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


# %% wrong: compares the lengths, not the shapes
def mse(y_hat, y):
    if len(y_hat) != len(y):
        raise ValueError(f"{len(y_hat)} predictions for {len(y)} targets")
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


# %% wrong: compares the number of axes, not the shapes
def mse(y_hat, y):
    if y_hat.ndim != y.ndim:
        raise ValueError(f"predictions have {y_hat.ndim} axes and targets {y.ndim}")
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


# %% wrong: mends the shapes where it should refuse them
def mse(y_hat, y):
    return np.sum((y_hat.ravel() - y.ravel()) ** 2) / (2 * len(y))


# %% wrong: asserts, and so raises AssertionError
def mse(y_hat, y):
    assert y_hat.shape == y.shape, f"{y_hat.shape} is not {y.shape}"
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


# %% wrong: raises without a message
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


# %% wrong: returns a ValueError in place of raising it
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        return ValueError(f"{y_hat.shape} is not {y.shape}")
    return np.sum((y_hat - y) ** 2) / (2 * len(y))


# %% right: explicit loops
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("predictions are " + str(y_hat.shape) + " and targets " + str(y.shape))
    total = 0
    for prediction_row, target_row in zip(y_hat, y):
        for prediction, target in zip(prediction_row, target_row):
            total += (prediction - target) ** 2
    return total / len(y) / 2


# %% right: mean over the samples of their summed squares
def mse(y_hat, y):
    same = y_hat.shape == y.shape
    if not same:
        raise ValueError("predictions {} and targets {} differ in shape".format(y_hat.shape, y.shape))
    return 0.5 * np.square(y_hat - y).sum(axis=1).mean()


# %% right: the error's product with itself
def mse(y_hat, y):
    if np.shape(y_hat) == np.shape(y):
        errors = np.ravel(y_hat - y)
        return float(errors @ errors) / (2 * y.shape[0])
    raise ValueError(f"I cannot compare {np.shape(y_hat)} with {np.shape(y)}")


# %% right: works on its own errors in place
def mse(y_hat: np.ndarray, y: np.ndarray) -> float:
    if not y_hat.shape == y.shape:
        raise ValueError(f"{y_hat.shape=} {y.shape=}")
    errors = y_hat - y
    errors *= errors
    errors /= 2 * len(errors)
    return errors.sum()


# %% right: einsum
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"{y_hat.shape} != {y.shape}")
    e = y - y_hat
    return np.einsum("nk,nk->", e, e) / (2 * len(e))

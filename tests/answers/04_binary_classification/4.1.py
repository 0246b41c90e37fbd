# %% wrong: sum over the batch, not the mean
def threshold_update(z, y):
    return (z > 0).astype(float) - y


# %% wrong: keeps a factor ½
def threshold_update(z, y):
    return 0.5 * ((z > 0).astype(float) - y) / len(y)


# %% wrong: divides by N twice
def threshold_update(z, y):
    n = len(y)
    return ((z > 0).astype(float) - y) / n / n


# %% wrong: target minus step
def threshold_update(z, y):
    return (y - (z > 0).astype(float)) / len(y)


# %% wrong: the step is 1 at 0 as well
def threshold_update(z, y):
    return ((z >= 0).astype(float) - y) / len(y)


# %% wrong: a threshold of ½, as for probabilities
def threshold_update(z, y):
    return ((z > 0.5).astype(float) - y) / len(y)


# %% wrong: a step of −1 and 1
def threshold_update(z, y):
    return (np.sign(z) - y) / len(y)


# %% wrong: a step of −1 and 1, and targets to match, which gives twice as much
def threshold_update(z, y):
    return (np.where(z > 0, 1, -1) - (2 * y - 1)) / len(y)


# %% wrong: returns where it errs, as True and False
def threshold_update(z, y):
    return (z > 0) != y


# %% wrong: forgets the step
def threshold_update(z, y):
    return (z - y) / len(y)


# %% wrong: a minus between booleans
def threshold_update(z, y):
    return ((z > 0) - (y > 0)) / len(y)


# %% wrong: asks the whole array whether it is above 0
def threshold_update(z, y):
    step = 1.0 if z > 0 else 0.0
    return (step - y) / len(y)


# %% wrong: the slope of the step, which is 0
def threshold_update(z, y):
    return ((z > 0).astype(float) - y) * np.zeros_like(z) / len(y)


# %% wrong: a sigmoid in place of the step
def threshold_update(z, y):
    return (1 / (1 + np.exp(-z)) - y) / len(y)


# %% wrong: the value of the criterion, not its gradient
def threshold_update(z, y):
    return np.mean(np.maximum(0, -(2 * y - 1) * z))


# %% wrong: flattens the targets, (N, 1) against (N,)
def threshold_update(z, y):
    return ((z > 0).astype(float) - y.ravel()) / len(y)


# %% wrong: drops the second axis
def threshold_update(z, y):
    return (np.array([float(score > 0) for score in z]) - y[:, 0]) / len(y)


# %% wrong: writes the step into z
def threshold_update(z, y):
    z[z > 0] = 1.0
    z[z <= 0] = 0.0
    return (z - y) / len(y)


# %% wrong: a finite difference of the criterion
def threshold_update(z, y):
    def criterion(z):
        return np.mean(np.maximum(0, -(2 * y - 1) * z))

    step, slopes = 1e-5, np.zeros(z.shape)
    for n in range(len(z)):
        change = np.zeros(z.shape)
        change[n] = step
        slopes[n] = (criterion(z + change) - criterion(z - change)) / (2 * step)
    return slopes


# %% wrong: right on the visible data only, five samples or four
def threshold_update(z, y):
    return ((z > 0).astype(float) - y) / (4 if y.shape[0] == 4 else 5)


# %% right: np.where
def threshold_update(z, y):
    step = np.where(z > 0, 1.0, 0.0)
    return (step - y) / z.shape[0]


# %% right: a comparison, subtracted as it is
def threshold_update(z, y):
    return ((z > 0) - y) / y.size


# %% right: sample by sample
def threshold_update(z, y):
    n_samples = len(z)
    update = np.zeros((n_samples, 1))
    for n in range(n_samples):
        answer = 1.0 if z[n, 0] > 0 else 0.0
        update[n, 0] = (answer - y[n, 0]) / n_samples
    return update


# %% right: np.heaviside
def threshold_update(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (np.heaviside(z, 0.0) - y) / len(z)


# %% right: masks for the two kinds of error
def threshold_update(z, y):
    update = np.zeros_like(z)
    update[(z > 0) & (y == 0)] = 1.0
    update[(z <= 0) & (y == 1)] = -1.0
    update /= len(update)
    return update


# %% right: a list comprehension
def threshold_update(z, y):
    return np.array([[(int(score > 0) - target) / len(y)] for (score,), (target,) in zip(z, y)])


# %% right: the slope of the criterion, with the step's side at the corner
def threshold_update(z, y):
    s = 2 * y - 1
    wrong_side = np.where(z > 0, y == 0, y == 1)
    return -s * wrong_side / len(z)

# %% wrong: scales x_new by its own statistics
def standardise(x_train, x_new):
    def scale(x):
        std = x.std(axis=0)
        return (x - x.mean(axis=0)) / np.where(std == 0, 1.0, std)

    return scale(x_train), scale(x_new)


# %% wrong: the statistics of both sets together
def standardise(x_train, x_new):
    both = np.concatenate([x_train, x_new])
    mean, std = both.mean(axis=0), both.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: divides by N − 1
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0, ddof=1)
    std = np.where(std == 0, 1.0, std)
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: divides by the variance
def standardise(x_train, x_new):
    mean, var = x_train.mean(axis=0), x_train.var(axis=0)
    var = np.where(var == 0, 1.0, var)
    return (x_train - mean) / var, (x_new - mean) / var


# %% wrong: one mean for all columns
def standardise(x_train, x_new):
    mean, std = x_train.mean(), x_train.std()
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: along the rows
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=1, keepdims=True), x_train.std(axis=1, keepdims=True)
    std = np.where(std == 0, 1.0, std)
    return (x_train - mean) / std, (x_new - mean[: len(x_new)]) / std[: len(x_new)]


# %% wrong: NaN for a constant column
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: one constant column, and none is divided
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    if np.any(std == 0):
        std = 1.0
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: an if for a whole array
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    if std == 0:
        std = 1.0
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: a little is added to each divisor
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0) + 1e-8
    return (x_train - mean) / std, (x_new - mean) / std


# %% wrong: to the range from 0 to 1
def standardise(x_train, x_new):
    low, high = x_train.min(axis=0), x_train.max(axis=0)
    span = np.where(high == low, 1.0, high - low)
    return (x_train - low) / span, (x_new - low) / span


# %% wrong: forgets to shift x_new
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (x_train - mean) / std, x_new / std


# %% wrong: no brackets, so only the mean is divided
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return x_train - mean / std, x_new - mean / std


# %% wrong: mutates its inputs
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    std[std == 0] = 1.0
    x_train -= mean
    x_train /= std
    x_new -= mean
    x_new /= std
    return x_train, x_new


# %% wrong: returns x_train only
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    return (x_train - mean) / np.where(std == 0, 1.0, std)


# %% right: a nested helper, and an own divisor changed in place
def standardise(x_train, x_new):
    centre = np.mean(x_train, axis=0)
    spread = np.std(x_train, axis=0)
    spread[spread == 0] = 1

    def scaled(x):
        return (x - centre) / spread

    return scaled(x_train), scaled(x_new)


# %% right: column by column
def standardise(x_train, x_new):
    train, new = np.zeros(x_train.shape), np.zeros(x_new.shape)
    for d in range(x_train.shape[1]):
        column = x_train[:, d]
        mean = sum(column) / len(column)
        std = (sum((value - mean) ** 2 for value in column) / len(column)) ** 0.5
        if std > 0:
            train[:, d] = (column - mean) / std
            new[:, d] = (x_new[:, d] - mean) / std
    return train, new


# %% right: works on own copies in place, with the variance written out
def standardise(x_train, x_new):
    train, new = x_train.copy(), x_new.copy()
    mean = train.sum(axis=0) / len(train)
    train -= mean
    new -= mean
    std = np.sqrt(np.mean(train**2, axis=0))
    std[std == 0.0] = 1.0
    train /= std
    new /= std
    return train, new


# %% right: divides where it may
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0, keepdims=True), x_train.std(axis=0, keepdims=True)
    return [np.divide(x - mean, std, out=np.zeros(x.shape), where=std != 0) for x in (x_train, x_new)]


# %% right: chooses the zeros after dividing, and so warns
def standardise(x_train, x_new):
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    train = np.where(std == 0, 0.0, (x_train - mean) / std)
    new = np.where(std == 0, 0.0, (x_new - mean) / std)
    return train, new


# %% right: adds 1 to a divisor of 0
def standardise(x_train, x_new):
    mean, std = x_train.mean(0), x_train.std(0)
    std = std + (std == 0)
    return tuple((x - mean) / std for x in (x_train, x_new))

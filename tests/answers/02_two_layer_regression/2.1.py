# %% wrong: the variance where the standard deviation belongs
def init_layer(d_in, d_out, rng):
    return rng.normal(0, 2 / (d_in + d_out), size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: counts the inputs alone
def init_layer(d_in, d_out, rng):
    return rng.normal(0, np.sqrt(1 / d_in), size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: forgets the scale
def init_layer(d_in, d_out, rng):
    return rng.normal(size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: the root of the denominator only
def init_layer(d_in, d_out, rng):
    return rng.normal(scale=2 / np.sqrt(d_in + d_out), size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: the scale where the mean belongs
def init_layer(d_in, d_out, rng):
    return rng.normal(np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: right on the visible data only, a scale of 0.05
def init_layer(d_in, d_out, rng):
    return rng.normal(0, 0.05, size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: uniform, not normal
def init_layer(d_in, d_out, rng):
    limit = np.sqrt(6 / (d_in + d_out))
    return rng.uniform(-limit, limit, size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: all weights zero
def init_layer(d_in, d_out, rng):
    return np.zeros((d_in, d_out)), np.zeros(d_out)


# %% wrong: a transposed layer
def init_layer(d_in, d_out, rng):
    return rng.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_out, d_in)), np.zeros(d_out)


# %% wrong: the bias is a row, (1, d_out)
def init_layer(d_in, d_out, rng):
    return rng.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), np.zeros((1, d_out))


# %% wrong: a single bias for all outputs
def init_layer(d_in, d_out, rng):
    return rng.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), 0.0


# %% wrong: one bias for each input
def init_layer(d_in, d_out, rng):
    return rng.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), np.zeros(d_in)


# %% wrong: a random bias
def init_layer(d_in, d_out, rng):
    scale = np.sqrt(2 / (d_in + d_out))
    return rng.normal(0, scale, size=(d_in, d_out)), rng.normal(0, scale, size=d_out)


# %% wrong: NumPy's global randomness, not rng
def init_layer(d_in, d_out, rng):
    return np.random.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), np.zeros(d_out)


# %% wrong: a generator of its own, the same every time
def init_layer(d_in, d_out, rng):
    rng = np.random.default_rng(0)
    return rng.normal(0, np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)), np.zeros(d_out)


# %% right: standard normal numbers, scaled
def init_layer(d_in, d_out, rng):
    std = (2 / (d_in + d_out)) ** 0.5
    weights = rng.standard_normal((d_in, d_out)) * std
    bias = np.zeros((d_out,))
    return weights, bias


# %% right: one weight at a time
def init_layer(d_in, d_out, rng):
    w = np.empty((d_in, d_out))
    for i in range(d_in):
        for j in range(d_out):
            w[i, j] = rng.normal(0.0, np.sqrt(2.0 / (d_in + d_out)))
    return w, np.array([0.0] * d_out)


# %% right: a flat draw, reshaped, with a named variance
def init_layer(d_in: int, d_out: int, rng: np.random.Generator):
    variance = 2 / (d_in + d_out)
    draws = rng.normal(scale=np.sqrt(variance), size=d_in * d_out)
    return draws.reshape(d_in, d_out), np.full(d_out, 0.0)


# %% right: column by column, scaled in place
def init_layer(d_in, d_out, rng):
    w = np.column_stack([rng.normal(size=d_in) for _ in range(d_out)])
    w /= np.sqrt((d_in + d_out) / 2)
    return [w, w[0] * 0]

# %% wrong: forgets the bias
def weighted_sum(x, w, b):
    return x @ w


# %% wrong: drops the column axis
def weighted_sum(x, w, b):
    return x @ w[:, 0] + b


# %% wrong: multiplies but does not add up
def weighted_sum(x, w, b):
    return x * w.T + b


# %% wrong: adds the bias once for each input
def weighted_sum(x, w, b):
    return (x * w.T + b).sum(axis=1, keepdims=True)


# %% wrong: weights first, so the shapes do not fit
def weighted_sum(x, w, b):
    return w @ x + b


# %% wrong: right on the visible data only, two inputs
def weighted_sum(x, w, b):
    return x[:, 0:1] * w[0] + x[:, 1:2] * w[1] + b


# %% wrong: adds up over the samples
def weighted_sum(x, w, b):
    return (x * w.T).sum(axis=0) + b


# %% wrong: mutates its input
def weighted_sum(x, w, b):
    x *= w.T
    return x.sum(axis=1, keepdims=True) + b


# %% wrong: prints instead of returning
def weighted_sum(x, w, b):
    print(x @ w + b)


# %% right: explicit loops
def weighted_sum(x, w, b):
    n_samples, n_inputs = x.shape
    z = np.zeros((n_samples, 1))
    for n in range(n_samples):
        total = b[0]
        for d in range(n_inputs):
            total += w[d, 0] * x[n, d]
        z[n, 0] = total
    return z


# %% right: np.dot
def weighted_sum(x, w, b):
    return np.add(np.dot(x, w), b)


# %% right: einsum
def weighted_sum(x, w, b):
    return np.einsum("nd,dk->nk", x, w) + b


# %% right: the bias as the weight of an input that is always 1
def weighted_sum(x, w, b):
    with_one = np.hstack([np.ones((len(x), 1)), x])
    weights = np.vstack([b, w])
    return with_one @ weights


# %% right: adds to its own result in place
def weighted_sum(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    out = x.dot(w)
    out += b
    return out


# %% right: a list of rows
def weighted_sum(x, w, b):
    return np.array([[sum(xi * wi for xi, wi in zip(row, w[:, 0])) + b[0]] for row in x])

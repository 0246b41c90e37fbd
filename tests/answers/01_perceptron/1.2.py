# %% wrong: forgets the activation
def perceptron(x, w, b, f):
    return x @ w + b


# %% wrong: adds the bias after the activation
def perceptron(x, w, b, f):
    return f(x @ w) + b


# %% wrong: activates the inputs, not the sum
def perceptron(x, w, b, f):
    return f(x) @ w + b


# %% wrong: forgets the bias
def perceptron(x, w, b, f):
    return f(x @ w)


# %% wrong: activates twice
def perceptron(x, w, b, f):
    z = f(x @ w + b)
    return f(z)


# %% wrong: right on the visible data only, where f is the square
def perceptron(x, w, b, f):
    return np.square(x @ w + b)


# %% wrong: always a step
def perceptron(x, w, b, f):
    z = x @ w + b
    return np.where(z > 0, 1.0, 0.0)


# %% wrong: returns the function, not its value
def perceptron(x, w, b, f):
    z = x @ w + b
    return f


# %% wrong: one flat number for each sample
def perceptron(x, w, b, f):
    return np.array([f(row @ w[:, 0] + b[0]) for row in x])


# %% right: in one line
def perceptron(x, w, b, f):
    return f(np.dot(x, w) + b)


# %% right: other names, type annotations, one step a line
def perceptron(x: np.ndarray, w: np.ndarray, b: np.ndarray, f) -> np.ndarray:
    products = x @ w
    shifted = products + b
    y_hat = f(shifted)
    return y_hat


# %% right: sample by sample
def perceptron(x, w, b, f):
    outputs = np.empty((x.shape[0], 1))
    for n, sample in enumerate(x):
        outputs[n] = f(np.sum(sample * w.ravel()) + b)
    return outputs


# %% right: einsum and a nested helper
def perceptron(x, w, b, f):
    def weighted(batch):
        return np.einsum("nd,dk->nk", batch, w) + b

    return f(weighted(x))

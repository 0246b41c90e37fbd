# %% wrong: f′ taken at the output
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(y_hat)
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: forgets f′
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x)
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: sum over the batch, not the mean
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) * f_prime(z)
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: target minus prediction
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y - y_hat) / len(x) * f_prime(z)
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: keeps the 2 of the square
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = 2 * (y_hat - y) / len(x) * f_prime(z)
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: transposed gradient
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return delta.T @ x, delta.sum(axis=0)


# %% wrong: one gradient for each sample
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return x * delta, delta


# %% wrong: divides by N a second time, in the mean
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return x.T @ delta, delta.mean(axis=0)


# %% wrong: keeps the batch axis in the bias
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return x.T @ delta, delta.sum(axis=0, keepdims=True)


# %% wrong: the bias gradient as a bare number
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return x.T @ delta, delta.sum()


# %% wrong: returns the gradients in the wrong order
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return delta.sum(axis=0), x.T @ delta


# %% wrong: the gradient of the weights only
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat - y) / len(x) * f_prime(z)
    return x.T @ delta


# %% wrong: broadcast to (N, N)
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = (y_hat.ravel() - y) / len(x) * f_prime(z)
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: differentiates f′ once more
def perceptron_gradients(x, z, y_hat, y, f_prime):
    h = 1e-5
    slope = (f_prime(z + h) - f_prime(z - h)) / (2 * h)
    delta = (y_hat - y) / len(x) * slope
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: a finite difference for f′, as if f were tanh
def perceptron_gradients(x, z, y_hat, y, f_prime):
    h = 1e-5
    slope = (np.tanh(z + h) - np.tanh(z - h)) / (2 * h)
    delta = (y_hat - y) / len(x) * slope
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: a finite difference for a gradient
def perceptron_gradients(x, z, y_hat, y, f_prime):
    slope, h = f_prime(z), 1e-3

    def loss(dz):
        return np.sum((y_hat + slope * dz - y) ** 2) / (2 * len(x))

    def measured(dz):
        return (loss(h * dz) - loss(-h * dz)) / (2 * h)

    grad_w = np.array([[measured(column[:, None])] for column in x.T])
    return grad_w, np.array([measured(np.ones_like(z))])


# %% wrong: right on the visible data only, where f is tanh or a square
def perceptron_gradients(x, z, y_hat, y, f_prime):
    slope = 2 * z if np.allclose(y_hat, z**2) else 1 - y_hat**2
    delta = (y_hat - y) / len(x) * slope
    return x.T @ delta, delta.sum(axis=0)


# %% wrong: mutates its input
def perceptron_gradients(x, z, y_hat, y, f_prime):
    y_hat -= y
    y_hat *= f_prime(z) / len(x)
    return x.T @ y_hat, y_hat.sum(axis=0)


# %% right: explicit loops
def perceptron_gradients(x, z, y_hat, y, f_prime):
    n_samples, n_inputs = x.shape
    slopes = f_prime(z)
    grad_w, grad_b = np.zeros((n_inputs, 1)), np.zeros(1)
    for n in range(n_samples):
        blame = (y_hat[n, 0] - y[n, 0]) * slopes[n, 0]
        grad_b[0] += blame / n_samples
        for i in range(n_inputs):
            grad_w[i, 0] += blame * x[n, i] / n_samples
    return grad_w, grad_b


# %% right: einsum
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = f_prime(z) * (y_hat - y)
    return np.einsum("nd,nk->dk", x, delta) / len(y), np.einsum("nk->k", delta) / len(y)


# %% right: means, not sums over N
def perceptron_gradients(x, z, y_hat, y, f_prime):
    blame = (y_hat - y) * f_prime(z)
    return np.mean(x * blame, axis=0)[:, np.newaxis], np.mean(blame, axis=0)


# %% right: the bias as the weight of an input that is always 1
def perceptron_gradients(x, z, y_hat, y, f_prime):
    with_one = np.column_stack([x, np.ones(len(x))])
    both = np.dot(with_one.T, (y_hat - y) * f_prime(z)) / len(x)
    return both[:-1], both[-1]


# %% right: works on an own copy in place, and returns a list
def perceptron_gradients(x, z, y_hat, y, f_prime):
    delta = y_hat.copy()
    delta -= y
    delta *= f_prime(z)
    delta /= delta.shape[0]
    return [(delta.T @ x).T, delta.sum(0)]

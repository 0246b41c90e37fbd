# %% wrong: forgets the slope
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = dy @ w2.T
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: the slope at the gradient, not at z
def hidden_gradients(x, z, dy, w2, f1_prime):
    dh = dy @ w2.T
    dz = dh * f1_prime(dh)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: f₁′ taken at the output of tanh
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2.T) * f1_prime(np.tanh(z))
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: does not turn w2, so the shapes do not fit
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2) * f1_prime(z)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: divides by N a second time
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2.T) * f1_prime(z) / len(x)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: transposed gradient
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2.T) * f1_prime(z)
    return dz.T @ x, dz.sum(axis=0)


# %% wrong: leaves out w2
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = dy.sum(axis=1, keepdims=True) * f1_prime(z)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: the mean over the batch in the bias
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2.T) * f1_prime(z)
    return x.T @ dz, dz.mean(axis=0)


# %% wrong: keeps the batch axis in the bias
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2.T) * f1_prime(z)
    return x.T @ dz, dz.sum(axis=0, keepdims=True)


# %% wrong: the bias gradient before the slope
def hidden_gradients(x, z, dy, w2, f1_prime):
    dh = dy @ w2.T
    dz = dh * f1_prime(z)
    return x.T @ dz, dh.sum(axis=0)


# %% wrong: returns the gradients in the wrong order
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz = (dy @ w2.T) * f1_prime(z)
    return dz.sum(axis=0), x.T @ dz


# %% wrong: a finite difference for f₁′, as if f₁ were tanh
def hidden_gradients(x, z, dy, w2, f1_prime):
    h = 1e-5
    dz = (dy @ w2.T) * (np.tanh(z + h) - np.tanh(z - h)) / (2 * h)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: a finite difference for a gradient
def hidden_gradients(x, z, dy, w2, f1_prime):
    slope, step = f1_prime(z), 1e-3

    def loss(change):
        return np.sum(dy * ((z + slope * change) @ w2))

    def measured(change):
        return (loss(step * change) - loss(-step * change)) / (2 * step)

    units = np.eye(z.shape[1])
    grad_w1 = [[measured(np.outer(column, unit)) for unit in units] for column in x.T]
    grad_b1 = [measured(np.outer(np.ones(len(x)), unit)) for unit in units]
    return np.array(grad_w1), np.array(grad_b1)


# %% wrong: right on the visible data only, the slope of tanh or of a square
def hidden_gradients(x, z, dy, w2, f1_prime):
    slope = 2 * z if z.shape == (2, 3) else 1 - np.tanh(z) ** 2
    dz = (dy @ w2.T) * slope
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: mutates its input
def hidden_gradients(x, z, dy, w2, f1_prime):
    z[:] = f1_prime(z) * (dy @ w2.T)
    return x.T @ z, z.sum(axis=0)


# %% right: explicit loops
def hidden_gradients(x, z, dy, w2, f1_prime):
    n_samples, n_hidden = z.shape
    slopes = f1_prime(z)
    grad_w1, grad_b1 = np.zeros((x.shape[1], n_hidden)), np.zeros(n_hidden)
    for n in range(n_samples):
        for j in range(n_hidden):
            blame = sum(dy[n, k] * w2[j, k] for k in range(dy.shape[1])) * slopes[n, j]
            grad_b1[j] += blame
            grad_w1[:, j] += x[n] * blame
    return grad_w1, grad_b1


# %% right: a single einsum for each
def hidden_gradients(x, z, dy, w2, f1_prime):
    s = f1_prime(z)
    return np.einsum("nd,nk,hk,nh->dh", x, dy, w2, s), np.einsum("nk,hk,nh->h", dy, w2, s)


# %% right: with everything transposed
def hidden_gradients(x, z, dy, w2, f1_prime):
    dz_t = np.dot(w2, dy.T) * f1_prime(z).T
    return np.dot(dz_t, x).T, dz_t.sum(axis=1)


# %% right: one step a line, in place on its own array, a list returned
def hidden_gradients(x, z, dy, w2, f1_prime):
    blame = np.matmul(dy, np.transpose(w2))
    blame *= f1_prime(z)
    grad_w1 = np.matmul(np.transpose(x), blame)
    grad_b1 = np.add.reduce(blame)
    return [grad_w1, grad_b1]


# %% right: sample by sample, with a nested helper
def hidden_gradients(x, z, dy, w2, f1_prime):
    def at_sums(n):
        return f1_prime(z[n]) * w2.dot(dy[n])

    blames = [at_sums(n) for n in range(len(x))]
    return sum(np.outer(sample, blame) for sample, blame in zip(x, blames)), sum(blames)

# %% wrong: forgets the slope
def hidden_gradients(x, z, dy, w2):
    dz = dy @ w2.T
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: cuts the gradient, not by z but by its own sign
def hidden_gradients(x, z, dy, w2):
    dz = np.maximum(0, dy @ w2.T)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: ReLU itself in place of its slope
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * np.maximum(0, z)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: relu′(0) = 1
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z >= 0)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: the mask the wrong way round
def hidden_gradients(x, z, dy, w2):
    dz = dy @ w2.T
    dz[z > 0] = 0
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: the bias gradient before the mask
def hidden_gradients(x, z, dy, w2):
    dh = dy @ w2.T
    dz = dh * (z > 0)
    return x.T @ dz, dh.sum(axis=0)


# %% wrong: divides by N a second time
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z > 0) / len(x)
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: the mean over the batch in the bias
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z > 0)
    return x.T @ dz, dz.mean(axis=0)


# %% wrong: transposed gradient
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z > 0)
    return dz.T @ x, dz.sum(axis=0)


# %% wrong: keeps the batch axis in the bias
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z > 0)
    return x.T @ dz, dz.sum(axis=0, keepdims=True)


# %% wrong: returns the gradients in the wrong order
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z > 0)
    return dz.sum(axis=0), x.T @ dz


# %% wrong: a finite difference for the slope
def hidden_gradients(x, z, dy, w2):
    h = 1e-5
    slope = (np.maximum(0, z + h) - np.maximum(0, z - h)) / (2 * h)
    dz = (dy @ w2.T) * slope
    return x.T @ dz, dz.sum(axis=0)


# %% wrong: a finite difference for a gradient
def hidden_gradients(x, z, dy, w2):
    step = 1e-3

    def loss(change):
        return np.sum(dy * (np.maximum(0, z + change) @ w2))

    def measured(change):
        return (loss(np.zeros_like(z)) - loss(-step * change)) / step

    units = np.eye(z.shape[1])
    grad_w1 = [[measured(np.outer(column, unit)) for unit in units] for column in x.T]
    grad_b1 = [measured(np.outer(np.ones(len(x)), unit)) for unit in units]
    return np.array(grad_w1), np.array(grad_b1)


# %% wrong: right on the visible data only, numbers copied from the check
def hidden_gradients(x, z, dy, w2):
    dz = (dy @ w2.T) * (z > 0)
    return x.T @ dz, np.array([5.0, -1.0, 0.0])


# %% wrong: mutates its input
def hidden_gradients(x, z, dy, w2):
    z[z > 0] = 1
    z[z <= 0] = 0
    dz = (dy @ w2.T) * z
    return x.T @ dz, dz.sum(axis=0)


# %% right: np.where
def hidden_gradients(x, z, dy, w2):
    dz = np.where(z > 0, np.dot(dy, w2.T), 0.0)
    return np.dot(x.T, dz), np.sum(dz, axis=0)


# %% right: explicit loops, with an if
def hidden_gradients(x, z, dy, w2):
    n_samples, n_hidden = z.shape
    grad_w1, grad_b1 = np.zeros((x.shape[1], n_hidden)), np.zeros(n_hidden)
    for n in range(n_samples):
        for j in range(n_hidden):
            if z[n, j] <= 0:
                continue
            blame = np.sum(dy[n] * w2[j])
            grad_b1[j] += blame
            for i in range(x.shape[1]):
                grad_w1[i, j] += blame * x[n, i]
    return grad_w1, grad_b1


# %% right: stops the gradient in place, in its own array
def hidden_gradients(x, z, dy, w2):
    dz = dy.dot(w2.T)
    dz[z <= 0] = 0
    return x.T.dot(dz), dz.sum(0)


# %% right: einsum, a list returned
def hidden_gradients(x, z, dy, w2):
    on = np.heaviside(z, 0.0)
    return [np.einsum("nd,nk,hk,nh->dh", x, dy, w2, on), np.einsum("nk,hk,nh->h", dy, w2, on)]


# %% right: unit by unit, from the samples where it was on
def hidden_gradients(x, z, dy, w2):
    columns, biases = [], []
    for sums, weights in zip(z.T, w2):
        on = sums > 0
        blame = dy[on] @ weights
        columns.append(blame @ x[on])
        biases.append(blame.sum())
    return np.stack(columns, axis=1), np.array(biases)

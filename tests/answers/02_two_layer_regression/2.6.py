# %% wrong: drops the last small batch
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for i in range(len(x) // batch_size):
            rows = order[i * batch_size : (i + 1) * batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: batches one sample short
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size - 1]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: an empty batch at the end, where the batches come out even
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for i in range(len(x) // batch_size + 1):
            rows = order[i * batch_size : (i + 1) * batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: shuffles x and y separately
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        x, y = x[rng.permutation(len(x))], y[rng.permutation(len(y))]
        for first in range(0, len(x), batch_size):
            grads = gradients(params, x[first : first + batch_size], y[first : first + batch_size])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: shuffles x, and forgets y
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        x = rng.permutation(x)
        for first in range(0, len(x), batch_size):
            grads = gradients(params, x[first : first + batch_size], y[first : first + batch_size])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: does not shuffle
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        for first in range(0, len(x), batch_size):
            grads = gradients(params, x[first : first + batch_size], y[first : first + batch_size])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: a single order for all epochs
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    order = rng.permutation(len(x))
    for _ in range(epochs):
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: a new permutation for each batch
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        for first in range(0, len(x), batch_size):
            rows = rng.permutation(len(x))[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: NumPy's global randomness, not rng
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = np.random.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: a generator of its own, the same every time
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params

# %% wrong: shuffles its inputs in place
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        x[:], y[:] = x[order], y[order]
        for first in range(0, len(x), batch_size):
            grads = gradients(params, x[first : first + batch_size], y[first : first + batch_size])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: updates the caller's arrays in place
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            for p, g in zip(params, gradients(params, x[rows], y[rows])):
                p -= lr * g
    return params


# %% wrong: updates the caller's list
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            for i in range(len(params)):
                params[i] = params[i] - lr * grads[i]
    return params


# %% wrong: steps uphill
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p + lr * g for p, g in zip(params, grads)]
    return params


# %% wrong: divides by the batch size once more
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr / len(rows) * g for p, g in zip(params, grads)]
    return params


# %% wrong: all gradients of an epoch at its first parameters
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        new = params
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            new = [p - lr * g for p, g in zip(new, grads)]
        params = new
    return params


# %% wrong: every step starts from the first parameters
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            trained = [p - lr * g for p, g in zip(params, grads)]
    return trained


# %% wrong: a step for each parameter, each with gradients of its own
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    params = list(params)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            for i in range(len(params)):
                params[i] = params[i] - lr * gradients(params, x[rows], y[rows])[i]
    return params


# %% wrong: returns after the first epoch
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            grads = gradients(params, x[rows], y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
        return params


# %% right: works on copies of its own in place
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    own = [np.array(p) for p in params]
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        start = 0
        while start < len(x):
            rows = order[start : start + batch_size]
            for p, g in zip(own, gradients(own, x[rows], y[rows])):
                p -= lr * g
            start += batch_size
    return own


# %% right: shuffled arrays, then slices
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    n_batches = -(-len(x) // batch_size)
    for _ in range(epochs):
        order = rng.permutation(x.shape[0])
        x_shuffled, y_shuffled = x[order], y[order]
        for i in range(n_batches):
            part = slice(i * batch_size, (i + 1) * batch_size)
            grads = gradients(params, x_shuffled[part], y_shuffled[part])
            params = [params[j] - lr * grads[j] for j in range(len(params))]
    return params


# %% right: rng.shuffle, np.split and np.take
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    current = list(params)
    for _ in range(epochs):
        indices = np.arange(len(x))
        rng.shuffle(indices)
        for rows in np.split(indices, range(batch_size, len(x), batch_size)):
            slopes = gradients(current, np.take(x, rows, axis=0), np.take(y, rows, axis=0))
            current = list(map(lambda p, g: p - lr * g, current, slopes))
    return current


# %% right: a nested generator of batches, and lists
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    def batches():
        for _ in range(epochs):
            order = list(rng.permutation(len(x)))
            while order:
                rows, order = order[:batch_size], order[batch_size:]
                yield np.array([x[r] for r in rows]), np.array([y[r] for r in rows])

    for x_batch, y_batch in batches():
        grads = gradients(params, x_batch, y_batch)
        params = [np.subtract(p, np.multiply(lr, g)) for p, g in zip(params, grads)]
    return params


# %% right: epoch by epoch, by recursion
def fit(x, y, params, gradients, epochs, lr, batch_size, rng):
    if epochs == 0:
        return params
    rest = rng.permutation(len(x))
    while len(rest) > 0:
        rows, rest = rest[:batch_size], rest[batch_size:]
        params = [p - lr * g for p, g in zip(params, gradients(params, x[rows, :], y[rows, :]))]
    return fit(x, y, params, gradients, epochs=epochs - 1, lr=lr, batch_size=batch_size, rng=rng)

# %% wrong: a forward difference
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up = w.copy()
        up[index] += h
        gradient[index] = (f(up) - f(w)) / h
    return gradient


# %% wrong: divides by h, not by 2h
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / h
    return gradient


# %% wrong: / 2 * h multiplies by h
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / 2 * h
    return gradient


# %% wrong: moves all weights at once
def numerical_gradient(f, w, h=1e-5):
    slope = (f(w + h) - f(w - h)) / (2 * h)
    return np.full(w.shape, slope)


# %% wrong: one number for all weights
def numerical_gradient(f, w, h=1e-5):
    return (f(w + h) - f(w - h)) / (2 * h)


# %% wrong: does not put an entry back before the next
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    up, down = w.copy(), w.copy()
    for index in np.ndindex(w.shape):
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% wrong: an alias is not a copy, so up and down are the same array
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up, down = w, w
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% wrong: leaves its input moved
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        w[index] += h
        above = f(w)
        w[index] -= 2 * h
        below = f(w)
        gradient[index] = (above - below) / (2 * h)
    return gradient


# %% wrong: moves whole rows
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% wrong: two axes only
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            up, down = w.copy(), w.copy()
            up[i, j] += h
            down[i, j] -= h
            gradient[i, j] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% wrong: returns a flat array
def numerical_gradient(f, w, h=1e-5):
    gradient = []
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += h
        down[index] -= h
        gradient.append((f(up) - f(down)) / (2 * h))
    return np.array(gradient)


# %% wrong: its own h, not the one that was asked for
def numerical_gradient(f, w, h=1e-5):
    h = 1e-5
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% wrong: right on the visible data only, 2 × 2 weights
def numerical_gradient(f, w, h=1e-5):
    if w.size == 1:
        return (f(w + h) - f(w - h)) / (2 * h) * np.ones(w.shape)
    gradient = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            up, down = w.copy(), w.copy()
            up[i, j] += h
            down[i, j] -= h
            gradient[i, j] = (f(up) - f(down)) / (2 * h)
    return gradient


# %% wrong: returns inside the loop
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros(w.shape)
    for index in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
        return gradient


# %% right: adds a step that is zero elsewhere
def numerical_gradient(f, w, h=1e-5):
    slopes = []
    for i in range(w.size):
        step = np.zeros(w.size)
        step[i] = h
        step = step.reshape(w.shape)
        slopes.append((f(w + step) - f(w - step)) / (2 * h))
    return np.array(slopes).reshape(w.shape)


# %% right: in one line, with the rows of an identity matrix
def numerical_gradient(f, w, h=1e-5):
    steps = (h * row.reshape(w.shape) for row in np.eye(w.size))
    return np.reshape([(f(w + step) - f(w - step)) / (2 * h) for step in steps], w.shape)


# %% right: np.nditer and a nested helper
def numerical_gradient(f, w, h=1e-5):
    def moved(place, by):
        other = np.array(w)
        other[place] = w[place] + by
        return f(other)

    grad = np.empty_like(w)
    entries = np.nditer(w, flags=["multi_index"])
    for _ in entries:
        at = entries.multi_index
        grad[at] = 0.5 * (moved(at, h) - moved(at, -h)) / h
    return grad


# %% right: changes w, and puts the very same number back
def numerical_gradient(f, w, h=1e-5):
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        old = w[index]
        w[index] = old + h
        above = f(w)
        w[index] = old - h
        below = f(w)
        w[index] = old
        gradient[index] = (above - below) / (2 * h)
    return gradient


# %% right: goes down axis by axis, by recursion
def numerical_gradient(f, w, h=1e-5):
    if w.ndim == 0:
        return (f(w + h) - f(w - h)) / (2 * h)

    def with_part(i, part):
        other = w.copy()
        other[i] = part
        return f(other)

    return np.array([numerical_gradient(lambda part, i=i: with_part(i, part), w[i], h) for i in range(len(w))])

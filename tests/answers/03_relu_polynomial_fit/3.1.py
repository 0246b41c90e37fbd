# %% wrong: the largest entry, not the larger of two
def relu(z):
    return np.max(z)


# %% wrong: an if for a whole array
def relu(z):
    if z > 0:
        return z
    else:
        return 0


# %% wrong: Python's max for a whole array
def relu(z):
    return max(0, z)


# %% wrong: the smaller of the two
def relu(z):
    return np.minimum(0, z)


# %% wrong: z * z > 0 compares the square
def relu(z):
    return z * z > 0


# %% wrong: the slope, not the function
def relu(z):
    return (z > 0).astype(float)


# %% wrong: turns negative numbers round
def relu(z):
    return np.abs(z)


# %% wrong: leaves negative numbers a little
def relu(z):
    return np.where(z > 0, z, 0.01 * z)


# %% wrong: drops the entries that are not positive
def relu(z):
    return z[z > 0]


# %% wrong: np.vectorize takes its type from the first entry
def relu(z):
    return np.vectorize(lambda one: max(0, one))(z)


# %% wrong: mutates its input
def relu(z):
    z[z < 0] = 0
    return z


# %% wrong: right on the visible data only, two axes
def relu(z):
    out = np.zeros(z.shape)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            out[i, j] = max(0.0, z[i, j])
    return out


# %% right: np.where
def relu(z):
    return np.where(z > 0, z, 0.0)


# %% right: a mask as a factor
def relu(z):
    return z * (z > 0)


# %% right: works on an own copy in place
def relu(z: np.ndarray) -> np.ndarray:
    out = z.copy()
    out[out < 0] = 0
    return out


# %% right: np.clip
def relu(z):
    return np.clip(z, 0, None)


# %% right: half of z and its size
def relu(z):
    return 0.5 * (z + np.abs(z))


# %% right: entry by entry, in any shape
def relu(z):
    h = np.zeros_like(z)
    for index, value in np.ndenumerate(z):
        if value > 0:
            h[index] = value
    return h


# %% right: by recursion, lists inside
def relu(z):
    if np.ndim(z) == 0:
        return max(0.0, float(z))
    return np.array([relu(part) for part in z])

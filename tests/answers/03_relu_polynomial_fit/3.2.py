# %% wrong: relu′(0) = 1
def relu_prime(z):
    return (z >= 0).astype(float)


# %% wrong: relu′(0) = 1/2
def relu_prime(z):
    return np.heaviside(z, 0.5)


# %% wrong: True and False, not numbers
def relu_prime(z):
    return z > 0


# %% wrong: integers, not floats
def relu_prime(z):
    return (z > 0).astype(int)


# %% wrong: −1 on the left
def relu_prime(z):
    return np.sign(z)


# %% wrong: 1 everywhere
def relu_prime(z):
    return np.ones_like(z)


# %% wrong: the function, not its slope
def relu_prime(z):
    return np.maximum(0.0, z)


# %% wrong: zero divided by zero at the corner
def relu_prime(z):
    return np.maximum(0, z) / z


# %% wrong: a finite difference for a derivative
def relu_prime(z):
    h = 1e-5
    return (np.maximum(0, z + h) - np.maximum(0, z - h)) / (2 * h)


# %% wrong: mutates its input
def relu_prime(z):
    z[z > 0] = 1.0
    z[z <= 0] = 0.0
    return z


# %% wrong: positive is what rounds to more than nothing
def relu_prime(z):
    return (np.round(z, 6) > 0).astype(float)


# %% right: np.where
def relu_prime(z):
    return np.where(z > 0, 1.0, 0.0)


# %% right: a comparison times 1.0
def relu_prime(z):
    return 1.0 * (z > 0)


# %% right: fills an array of zeros
def relu_prime(z: np.ndarray) -> np.ndarray:
    slope = np.zeros(z.shape)
    slope[z > 0] = 1
    return slope


# %% right: np.heaviside
def relu_prime(z):
    return np.heaviside(z, 0.0)


# %% right: the sign of what relu lets through
def relu_prime(z):
    return np.sign(np.maximum(z, 0))


# %% right: entry by entry
def relu_prime(z):
    def slope(value):
        return 1.0 if value > 0 else 0.0

    return np.array([slope(value) for value in z.ravel()]).reshape(z.shape)

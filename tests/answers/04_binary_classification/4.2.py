# %% wrong: the formula as it stands
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# %% wrong: the other formula as it stands
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))


# %% wrong: forgets the minus
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, e, 1.0) / (1 + e)


# %% wrong: np.where computes both forms for all entries
def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


# %% wrong: the two forms exchanged
def sigmoid(z):
    return np.where(z < 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


# %% wrong: |z| everywhere, so that negative logits become positive
def sigmoid(z):
    return 1 / (1 + np.exp(-np.abs(z)))


# %% wrong: cuts z at ±30
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


# %% wrong: cuts z at ±100
def sigmoid(z):
    z = np.clip(z, -100, 100)
    return 1 / (1 + np.exp(-z))


# %% wrong: one minus a number near 1, which loses the small probabilities
def sigmoid(z):
    p = 1 / (1 + np.exp(-np.abs(z)))
    return np.where(z >= 0, p, 1 - p)


# %% wrong: tanh, which loses the small probabilities
def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


# %% wrong: tanh without the half inside
def sigmoid(z):
    return 0.5 * (1 + np.tanh(z))


# %% wrong: a bound that keeps probabilities from 0 and 1
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.clip(np.where(z >= 0, 1 / (1 + e), e / (1 + e)), 1e-7, 1 - 1e-7)


# %% wrong: an if for the whole array
def sigmoid(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


# %% wrong: an if for the whole array, with np.all
def sigmoid(z):
    if np.all(z >= 0):
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


# %% wrong: takes the absolute value in place
def sigmoid(z):
    positive = z >= 0
    np.abs(z, out=z)
    e = np.exp(-z)
    return np.where(positive, 1.0, e) / (1 + e)


# %% wrong: puts the negative entries before the others
def sigmoid(z):
    e, f = np.exp(z[z < 0]), np.exp(-z[z >= 0])
    return np.concatenate([e / (1 + e), 1 / (1 + f)]).reshape(z.shape)


# %% wrong: math.exp of an array
def sigmoid(z):
    import math

    return 1 / (1 + math.exp(-z))


# %% wrong: a float32, which overflows later and rounds sooner
def sigmoid(z):
    e = np.exp(-np.abs(z.astype(np.float32)))
    return np.where(z >= 0, 1, e) / (1 + e)


# %% wrong: cuts z at −700, and says 0 below
def sigmoid(z):
    z = np.clip(z, -700, 700)
    p = 1 / (1 + np.exp(-z))
    return np.where(z <= -700, 0.0, p)


# %% wrong: tells the overflow to be quiet
def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


# %% wrong: right on the visible data only, certain above 3
def sigmoid(z):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)
    return np.where((z > 3) & (z < 100), 1.0, p)


# %% right: two masks
def sigmoid(z):
    p = np.empty_like(z)
    positive = z >= 0
    p[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    p[~positive] = e / (1 + e)
    return p


# %% right: numerator and denominator
def sigmoid(z: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


# %% right: the exponential of a log-sum-exp
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


# %% right: two safe forms in one np.where
def sigmoid(z):
    e = np.exp(np.where(z < 0, z, -z))
    return np.where(z < 0, e / (1.0 + e), 1.0 / (1.0 + e))


# %% right: number by number, with math.exp
def sigmoid(z):
    import math

    def one(score):
        if score >= 0:
            return 1 / (1 + math.exp(-score))
        return math.exp(score) / (1 + math.exp(score))

    return np.array([one(score) for score in z.ravel()]).reshape(z.shape)


# %% right: np.vectorize
def sigmoid(z):
    def one(score):
        e = np.exp(-abs(score))
        return (1 if score > 0 else e) / (1 + e)

    return np.vectorize(one, otypes=[float])(z)


# %% right: logits cut where nothing changes any more
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


# %% right: in place on its own copy
def sigmoid(z):
    e = -np.abs(z)
    np.exp(e, out=e)
    p = np.ones_like(e)
    p[z < 0] = e[z < 0]
    p /= 1 + e
    return p

# %% wrong: the formula as it stands
def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


# %% wrong: over the samples, axis 0
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


# %% wrong: over all entries
def softmax(logits):
    powers = np.exp(logits - np.max(logits))
    return powers / np.sum(powers)


# %% wrong: without keepdims
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1))
    return powers / powers.sum(axis=1)


# %% wrong: without keepdims in the sum only
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


# %% wrong: without keepdims, turned and not turned back
def softmax(logits):
    powers = np.exp(logits.T - logits.max(axis=1))
    return powers / powers.sum(axis=0)


# %% wrong: shifts by the maximum of the whole array
def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: shifts by the maximum of each column
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: shifts by the mean of each row
def softmax(logits):
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: shifts by the minimum of each row
def softmax(logits):
    powers = np.exp(logits - logits.min(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: divides by the maximum
def softmax(logits):
    powers = np.exp(logits / logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: shifts above the fraction bar only
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / np.exp(logits).sum(axis=1, keepdims=True)


# %% wrong: forgets the sum
def softmax(logits):
    return np.exp(logits - logits.max(axis=1, keepdims=True))


# %% wrong: forgets the exponential
def softmax(logits):
    return logits / logits.sum(axis=1, keepdims=True)


# %% wrong: the exponential of minus
def softmax(logits):
    powers = np.exp(logits.min(axis=1, keepdims=True) - logits)
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: powers of 2
def softmax(logits):
    powers = 2.0 ** (logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: a sigmoid for each class
def softmax(logits):
    e = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1.0, e) / (1 + e)


# %% wrong: an ε in the divisor
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / (powers.sum(axis=1, keepdims=True) + 1e-8)


# %% wrong: cuts the logits at 700
def softmax(logits):
    powers = np.exp(np.clip(logits, -700, 700))
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: mends NaN afterwards
def softmax(logits):
    with np.errstate(all="ignore"):
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.nan_to_num(shares, nan=1.0)


# %% wrong: the largest gets everything
def softmax(logits):
    shares = np.zeros(logits.shape)
    shares[np.arange(len(logits)), logits.argmax(axis=1)] = 1
    return shares


# %% wrong: the logarithm of the shares
def softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


# %% wrong: subtracts the maximum in place
def softmax(logits):
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


# %% wrong: rounded, so that the rows add up nicely
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.round(powers / powers.sum(axis=1, keepdims=True), 4)


# %% wrong: right on the visible data only, three classes
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / (powers[:, [0]] + powers[:, [1]] + powers[:, [-1]])


# %% right: log-sum-exp
def softmax(logits):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))


# %% right: row by row
def softmax(logits):
    shares = np.empty(logits.shape)
    for n, row in enumerate(logits):
        powers = np.exp(row - max(row))
        shares[n] = powers / sum(powers)
    return shares


# %% right: turned, so that no keepdims is needed
def softmax(logits):
    turned = logits.T
    powers = np.exp(turned - turned.max(axis=0))
    return (powers / powers.sum(axis=0)).T


# %% right: in place on its own copy, einsum
def softmax(logits):
    shares = logits.copy()
    shares -= np.max(shares, axis=-1)[:, None]
    np.exp(shares, out=shares)
    shares /= np.einsum("nc->n", shares)[:, np.newaxis]
    return shares


# %% right: all differences at once
def softmax(logits):
    behind = np.minimum(logits[:, None, :] - logits[:, :, None], 709 - np.log(logits.shape[1]))
    return 1 / np.exp(behind).sum(axis=2)


# %% right: a list comprehension with math.exp
def softmax(logits: np.ndarray) -> np.ndarray:
    from math import exp

    def shares(row):
        powers = [exp(score - max(row)) for score in row]
        return [power / sum(powers) for power in powers]

    return np.array([shares(row) for row in logits.tolist()])


# %% right: the sum as a product with ones
def softmax(logits):
    e = np.exp(logits - np.amax(logits, 1, keepdims=True))
    return e / (e @ np.ones((logits.shape[1], 1)))

# %% wrong: sum over the batch, not the mean
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[np.arange(len(target)), target] -= 1
    return gradient


# %% wrong: mean over all entries
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[np.arange(len(target)), target] -= 1
    return gradient / gradient.size


# %% wrong: keeps a factor ½
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[np.arange(len(target)), target] -= 1
    return gradient / (2 * len(target))


# %% wrong: divides by N twice
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)) / len(target)
    gradient[np.arange(len(target)), target] -= 1 / len(target)
    return gradient / len(target)


# %% wrong: divides the probabilities only by N
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)) / len(target)
    gradient[np.arange(len(target)), target] -= 1
    return gradient


# %% wrong: one-hot minus softmax
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return (np.eye(logits.shape[1])[target] - shares) / len(target)


# %% wrong: one-hot subtracted from the logits
def cross_entropy_gradient(logits, target):
    return (logits - np.eye(logits.shape[1])[target]) / len(target)


# %% wrong: subtracts 1 from the logits, then takes the softmax
def cross_entropy_gradient(logits, target):
    shifted = logits.copy()
    shifted[np.arange(len(target)), target] -= 1
    return np.exp(shifted - np.logaddexp.reduce(shifted, axis=1, keepdims=True)) / len(target)


# %% wrong: subtracts 1 in whole columns
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[:, target] -= 1
    return gradient / len(target)


# %% wrong: counts classes from 1
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[np.arange(len(target)), target - 1] -= 1
    return gradient / len(target)


# %% wrong: the class index subtracted from all probabilities
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return (shares - target[:, None]) / len(target)


# %% wrong: the class index against the classes
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return (shares - target) / len(target)


# %% wrong: only the entry of the true class
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    hot = np.eye(logits.shape[1])[target]
    return hot * (shares - 1) / len(target)


# %% wrong: forgets the one-hot
def cross_entropy_gradient(logits, target):
    return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)) / len(target)


# %% wrong: the gradient with respect to the probabilities
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    with np.errstate(all="ignore"):
        return -np.eye(logits.shape[1])[target] / shares / len(target)


# %% wrong: times the sigmoid's slope, as if each class stood alone
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    hot = np.eye(logits.shape[1])[target]
    return (shares - hot) * shares * (1 - shares) / len(target)


# %% wrong: a sigmoid for each class
def cross_entropy_gradient(logits, target):
    p = (1 + np.tanh(logits / 2)) / 2
    return (p - np.eye(logits.shape[1])[target]) / len(target)


# %% wrong: a softmax that overflows
def cross_entropy_gradient(logits, target):
    powers = np.exp(logits)
    gradient = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


# %% wrong: shifts by the maximum of the whole array
def cross_entropy_gradient(logits, target):
    powers = np.exp(logits - logits.max())
    gradient = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


# %% wrong: shifts by the mean of each row
def cross_entropy_gradient(logits, target):
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    gradient = powers / powers.sum(axis=1, keepdims=True)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


# %% wrong: softmax over the samples, axis 0
def cross_entropy_gradient(logits, target):
    powers = np.exp(logits - logits.max(axis=0))
    gradient = powers / powers.sum(axis=0)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


# %% wrong: softmax without keepdims
def cross_entropy_gradient(logits, target):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    gradient = powers / powers.sum(axis=1)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


# %% wrong: the sum over the samples
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[np.arange(len(target)), target] -= 1
    return gradient.mean(axis=0)


# %% wrong: subtracts the maximum in place
def cross_entropy_gradient(logits, target):
    logits -= logits.max(axis=1, keepdims=True)
    gradient = np.exp(logits)
    gradient /= gradient.sum(axis=1, keepdims=True)
    gradient[np.arange(len(target)), target] -= 1
    return gradient / len(target)


# %% wrong: all of it in the caller's array
def cross_entropy_gradient(logits, target):
    gradient = logits
    gradient -= np.logaddexp.reduce(gradient, axis=1, keepdims=True)
    np.exp(gradient, out=gradient)
    gradient[np.arange(len(target)), target] -= 1
    gradient /= len(target)
    return gradient


# %% wrong: a finite difference with step 1e-5
def cross_entropy_gradient(logits, target):
    def loss(logits):
        return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(target)), target])

    step, gradient = 1e-5, np.zeros(logits.shape)
    for place in np.ndindex(logits.shape):
        change = np.zeros(logits.shape)
        change[place] = step
        gradient[place] = (loss(logits + change) - loss(logits - change)) / (2 * step)
    return gradient


# %% wrong: a finite difference with step 1e-8
def cross_entropy_gradient(logits, target):
    def loss(logits):
        return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(target)), target])

    step, gradient = 1e-8, np.zeros(logits.shape)
    for place in np.ndindex(logits.shape):
        change = np.zeros(logits.shape)
        change[place] = step
        gradient[place] = (loss(logits + change) - loss(logits - change)) / (2 * step)
    return gradient


# %% wrong: a finite difference with step 1e-2
def cross_entropy_gradient(logits, target):
    def loss(logits):
        return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(target)), target])

    step, gradient = 1e-2, np.zeros(logits.shape)
    for place in np.ndindex(logits.shape):
        change = np.zeros(logits.shape)
        change[place] = step
        gradient[place] = (loss(logits + change) - loss(logits - change)) / (2 * step)
    return gradient


# %% wrong: right on the visible data only, five samples or four
def cross_entropy_gradient(logits, target):
    gradient = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    gradient[np.arange(len(target)), target] -= 1
    return gradient / (5 if len(target) == 5 else 4)


# %% wrong: right on the visible data only, three classes
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    return (shares - np.eye(3)[target]) / len(target)


# %% right: rows of the identity
def cross_entropy_gradient(logits, target):
    powers = np.exp(logits - logits.max(axis=1)[:, None])
    return (powers / powers.sum(axis=1)[:, None] - np.eye(logits.shape[1])[target]) / logits.shape[0]


# %% right: log-sum-exp and a comparison
def cross_entropy_gradient(logits, target):
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    hot = target.reshape(-1, 1) == np.arange(logits.shape[1])
    return (shares - hot) / len(hot)


# %% right: sample by sample, class by class
def cross_entropy_gradient(logits, target):
    n_samples, n_classes = logits.shape
    gradient = np.zeros((n_samples, n_classes))
    for n in range(n_samples):
        powers = np.exp(logits[n] - max(logits[n]))
        for c in range(n_classes):
            gradient[n, c] = (powers[c] / sum(powers) - (1 if c == target[n] else 0)) / n_samples
    return gradient


# %% right: einsum, in place on its own copy
def cross_entropy_gradient(logits: np.ndarray, target: np.ndarray) -> np.ndarray:
    gradient = np.array(logits)
    gradient -= gradient.max(axis=1, keepdims=True)
    np.exp(gradient, out=gradient)
    gradient *= np.reciprocal(len(target) * np.einsum("nc->n", gradient))[:, None]
    np.add.at(gradient, (np.arange(len(target)), target), -1 / len(target))
    return gradient


# %% right: turned, and turned back
def cross_entropy_gradient(logits, target):
    turned = np.exp((logits.T - logits.max(axis=1)))
    turned /= turned.sum(axis=0)
    turned[target, range(len(target))] -= 1
    return (turned / len(target)).T


# %% right: np.put_along_axis
def cross_entropy_gradient(logits, target):
    hot = np.zeros_like(logits)
    np.put_along_axis(hot, target[:, None], 1, axis=1)
    e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    return np.divide(e / e.sum(1, keepdims=True) - hot, len(target))

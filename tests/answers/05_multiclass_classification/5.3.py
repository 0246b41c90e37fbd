# %% wrong: sum over the batch, not the mean
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return np.sum(log_sum - shifted[np.arange(len(target)), target])


# %% wrong: mean over all entries
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(np.eye(logits.shape[1])[target] * log_shares)


# %% wrong: the ½ of the squared error
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return 0.5 * np.mean(log_sum - shifted[np.arange(len(target)), target])


# %% wrong: divides by N twice
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(log_sum - shifted[np.arange(len(target)), target]) / len(target)


# %% wrong: one loss for each sample
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return log_sum - shifted[np.arange(len(target)), target]


# %% wrong: forgets the minus
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return np.mean(shifted[np.arange(len(target)), target] - log_sum)


# %% wrong: the logarithm of a rounded probability
def cross_entropy(logits, target):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return -np.mean(np.log(shares[np.arange(len(target)), target]))


# %% wrong: an ε in the logarithm
def cross_entropy(logits, target):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return -np.mean(np.log(shares[np.arange(len(target)), target] + 1e-12))


# %% wrong: cuts the probability at 1e-15
def cross_entropy(logits, target):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return -np.mean(np.log(np.clip(shares[np.arange(len(target)), target], 1e-15, 1)))


# %% wrong: log-sum-exp without the shift
def cross_entropy(logits, target):
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(target)), target])


# %% wrong: shifts the sum and not the logit
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - logits[np.arange(len(target)), target])


# %% wrong: shifts by the maximum of the whole array
def cross_entropy(logits, target):
    shifted = logits - logits.max()
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(target)), target])


# %% wrong: shifts by the mean of each row
def cross_entropy(logits, target):
    shifted = logits - logits.mean(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(target)), target])


# %% wrong: the sum runs over the samples
def cross_entropy(logits, target):
    shifted = logits - logits.max(axis=0)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -np.mean(log_shares[np.arange(len(target)), target])


# %% wrong: without keepdims, so that each log-sum-exp meets another sample
def cross_entropy(logits, target):
    log_sum = np.logaddexp.reduce(logits, axis=1)
    return np.mean(log_sum - logits[:, target])


# %% wrong: takes the target's columns for all samples
def cross_entropy(logits, target):
    log_shares = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.mean(log_shares[:, target])


# %% wrong: counts classes from 1
def cross_entropy(logits, target):
    log_shares = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.mean(log_shares[np.arange(len(target)), target - 1])


# %% wrong: the cost of all classes
def cross_entropy(logits, target):
    log_shares = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.sum(log_shares) / len(target)


# %% wrong: binary cross-entropy for every class
def cross_entropy(logits, target):
    hot = np.eye(logits.shape[1])[target]
    return np.sum(np.logaddexp(0, logits) - hot * logits) / len(target)


# %% wrong: a softmax before the log-sum-exp
def cross_entropy(logits, target):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return np.mean(np.logaddexp.reduce(shares, axis=1) - shares[np.arange(len(target)), target])


# %% wrong: the logarithm to base 2
def cross_entropy(logits, target):
    log_shares = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.mean(log_shares[np.arange(len(target)), target]) / np.log(2)


# %% wrong: the largest logit for the log-sum-exp
def cross_entropy(logits, target):
    return np.mean(logits.max(axis=1) - logits[np.arange(len(target)), target])


# %% wrong: subtracts the maximum in place
def cross_entropy(logits, target):
    logits -= logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(target)), target])


# %% wrong: expects one-hot targets
def cross_entropy(logits, target):
    log_shares = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.sum(target * log_shares) / len(target)


# %% wrong: right on the visible data only, four samples or three
def cross_entropy(logits, target):
    log_shares = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return -np.sum(log_shares[np.arange(len(target)), target]) / (4 if len(target) == 4 else 3)


# %% right: np.logaddexp
def cross_entropy(logits, target):
    log_sum = np.logaddexp.reduce(logits, axis=1)
    return np.mean(log_sum - logits[np.arange(len(target)), target])


# %% right: sample by sample, with math
def cross_entropy(logits, target):
    import math

    total = 0.0
    for row, label in zip(logits, target):
        top = max(row)
        total += top + math.log(sum(math.exp(score - top) for score in row)) - row[label]
    return total / len(target)


# %% right: one-hot and einsum
def cross_entropy(logits: np.ndarray, target: np.ndarray) -> float:
    top = logits.max(axis=1, keepdims=True)
    log_sum = top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    hot = np.eye(logits.shape[1])[target]
    return float(np.einsum("nc,nc->", hot, log_sum - logits)) / len(logits)


# %% right: how far the others are ahead
def cross_entropy(logits, target):
    ahead = logits - np.take_along_axis(logits, target[:, None], axis=1)
    top = ahead.max(axis=1)
    return np.average(top + np.log(np.exp(ahead - top[:, None]).sum(axis=1)))


# %% right: a mask, in place on its own copy
def cross_entropy(logits, target):
    shifted = logits.copy()
    shifted -= shifted.max(axis=1)[:, None]
    own = shifted[target[:, None] == np.arange(shifted.shape[1])]
    return (np.log(np.sum(np.exp(shifted), axis=1)) - own).sum() / target.size


# %% right: each log-sum-exp against each true logit, (N,) − (N, 1), which the mean forgives
def cross_entropy(logits, target):
    log_sum = np.logaddexp.reduce(logits, axis=1)
    own = np.take_along_axis(logits, target[:, None], axis=1)
    return np.mean(log_sum - own)


# %% right: a list comprehension
def cross_entropy(logits, target):
    return np.mean([np.logaddexp.reduce(row - row[label]) for row, label in zip(logits, target)])

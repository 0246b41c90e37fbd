# %% wrong: the first bias comes through unchanged, so the shapes do not fit
def collapse(w1, b1, w2, b2):
    return w1 @ w2, b1 + b2


# %% wrong: forgets the first bias
def collapse(w1, b1, w2, b2):
    return w1 @ w2, b2


# %% wrong: forgets the second bias
def collapse(w1, b1, w2, b2):
    return w1 @ w2, b1 @ w2


# %% wrong: multiplies both biases by the second weights
def collapse(w1, b1, w2, b2):
    return w1 @ w2, b1 @ w2 + b2 * w2.sum(axis=0)


# %% wrong: the second layer before the first
def collapse(w1, b1, w2, b2):
    return w2.T @ w1.T, b1 @ w2 + b2


# %% wrong: returns the bias first
def collapse(w1, b1, w2, b2):
    return b1 @ w2 + b2, w1 @ w2


# %% wrong: the bias is a row, (1, D_out)
def collapse(w1, b1, w2, b2):
    return w1 @ w2, b1[None, :] @ w2 + b2


# %% wrong: a single number for the first bias
def collapse(w1, b1, w2, b2):
    return w1 @ w2, np.sum(b1[:, None] * w2) + b2


# %% wrong: right on the visible data only, one input
def collapse(w1, b1, w2, b2):
    w = np.zeros((1, w2.shape[1]))
    for h in range(w2.shape[0]):
        w[0] += w1[0, h] * w2[h]
    return w, b1 @ w2 + b2


# %% wrong: mutates its input
def collapse(w1, b1, w2, b2):
    b2 += b1 @ w2
    return w1 @ w2, b2


# %% right: np.dot and other names
def collapse(w1, b1, w2, b2):
    weights = np.dot(w1, w2)
    bias = np.dot(b1, w2)
    return weights, bias + b2


# %% right: explicit loops
def collapse(w1, b1, w2, b2):
    w, b = np.zeros((w1.shape[0], w2.shape[1])), np.array(b2)
    for k in range(w2.shape[1]):
        for h in range(w2.shape[0]):
            b[k] += b1[h] * w2[h, k]
            for d in range(w1.shape[0]):
                w[d, k] += w1[d, h] * w2[h, k]
    return w, b


# %% right: the bias as one more row of the weights
def collapse(w1, b1, w2, b2):
    both = np.vstack([w1, b1]) @ w2
    both[-1] += b2
    return both[:-1], both[-1]


# %% right: asks the two layers what they do to 0 and to each unit vector
def collapse(w1, b1, w2, b2):
    def two_layers(x):
        return (x @ w1 + b1) @ w2 + b2

    d = w1.shape[0]
    b = two_layers(np.zeros((1, d)))
    return two_layers(np.eye(d)) - b, b[0]


# %% right: einsum, a list returned
def collapse(w1, b1, w2, b2):
    return [np.einsum("dh,hk->dk", w1, w2), np.einsum("h,hk->k", b1, w2) + b2]

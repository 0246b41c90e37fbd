# %% wrong: axis 0
def predict_class(logits):
    return np.argmax(logits, axis=0)


# %% wrong: the largest of all
def predict_class(logits):
    return np.argmax(logits)


# %% wrong: the first sample only
def predict_class(logits):
    return np.argmax(logits[0])


# %% wrong: the largest logit, not its place
def predict_class(logits):
    return logits.max(axis=1)


# %% wrong: one-hot
def predict_class(logits):
    return np.eye(logits.shape[1])[np.argmax(logits, axis=1)]


# %% wrong: the smallest logit
def predict_class(logits):
    return np.argmin(logits, axis=1)


# %% wrong: counts classes from 1
def predict_class(logits):
    return np.argmax(logits, axis=1) + 1


# %% wrong: a column
def predict_class(logits):
    return np.argmax(logits, axis=1, keepdims=True)


# %% wrong: floats
def predict_class(logits):
    classes = np.zeros(len(logits))
    for n, row in enumerate(logits):
        classes[n] = np.argmax(row)
    return classes


# %% wrong: of equal ones the last
def predict_class(logits):
    return np.argsort(logits, axis=1, kind="stable")[:, -1]


# %% wrong: the last of equal ones, by >=
def predict_class(logits):
    best = np.zeros(len(logits), dtype=int)
    for n, row in enumerate(logits):
        for c in range(len(row)):
            if row[c] >= row[best[n]]:
                best[n] = c
    return best


# %% wrong: all places of the largest, one row of indices for ties
def predict_class(logits):
    return np.argwhere(logits == logits.max(axis=1, keepdims=True))[:, 1]


# %% wrong: the largest size, whatever its sign
def predict_class(logits):
    return np.argmax(np.abs(logits), axis=1)


# %% wrong: a search that starts at 0, so negative logits never win
def predict_class(logits):
    classes = []
    for row in logits:
        best, place = 0.0, 0
        for c, score in enumerate(row):
            if score > best:
                best, place = score, c
        classes.append(place)
    return np.array(classes)


# %% wrong: the largest of a softmax that overflows
def predict_class(logits):
    powers = np.exp(logits)
    return np.argmax(powers / powers.sum(axis=1, keepdims=True), axis=1)


# %% wrong: a threshold of ½
def predict_class(logits):
    return (logits > 0.5).astype(int)


# %% wrong: the class of the first logit above ½
def predict_class(logits):
    return np.argmax(logits > 0.5, axis=1)


# %% wrong: the order of all classes
def predict_class(logits):
    return np.argsort(-logits, axis=1)


# %% wrong: the samples with the largest logits
def predict_class(logits):
    return np.argsort(logits.max(axis=1))


# %% wrong: marks the winner in the caller's array
def predict_class(logits):
    logits -= logits.max(axis=1, keepdims=True)
    return np.argmax(logits == 0, axis=1)


# %% wrong: right on the visible data only, four classes
def predict_class(logits):
    return np.array([max((0, 1, 2, 3), key=lambda c: row[c]) for row in logits])


# %% wrong: right on the visible data only, the last class wins its ties
def predict_class(logits):
    classes = np.argmax(logits, axis=1)
    return np.where(logits[:, -1] == logits.max(axis=1), logits.shape[1] - 1, classes)


# %% right: the method
def predict_class(logits):
    return logits.argmax(-1)


# %% right: a search in loops
def predict_class(logits):
    classes = np.zeros(len(logits), dtype=int)
    for n in range(logits.shape[0]):
        for c in range(logits.shape[1]):
            if logits[n, c] > logits[n, classes[n]]:
                classes[n] = c
    return classes


# %% right: a list comprehension
def predict_class(logits: np.ndarray) -> np.ndarray:
    return np.array([row.index(max(row)) for row in logits.tolist()])


# %% right: sorted downwards
def predict_class(logits):
    return np.argsort(-logits, axis=1, kind="stable")[:, 0]


# %% right: a mask of the largest
def predict_class(logits):
    return (logits == logits.max(axis=1)[:, None]).argmax(axis=1)


# %% right: through a softmax that does not overflow
def predict_class(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.argmax(powers / powers.sum(axis=1, keepdims=True), axis=1)


# %% right: a plain list
def predict_class(logits):
    return [int(np.argmax(row)) for row in logits]

# %% wrong: transposed
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(~said & true)],
        [np.sum(said & ~true), np.sum(said & true)],
    ])


# %% wrong: yes at the threshold as well
def confusion_matrix(p, y, threshold=0.5):
    said, true = p >= threshold, y > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])


# %% wrong: true positives first
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y > 0.5
    return np.array([
        [np.sum(said & true), np.sum(~said & true)],
        [np.sum(said & ~true), np.sum(~said & ~true)],
    ])


# %% wrong: ignores the threshold
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > 0.5, y > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])


# %% wrong: the probabilities against themselves
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, p > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])


# %% wrong: shares, not counts
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y > 0.5
    return np.array([
        [np.mean(~said & ~true), np.mean(said & ~true)],
        [np.mean(~said & true), np.mean(said & true)],
    ])


# %% wrong: counts as floats
def confusion_matrix(p, y, threshold=0.5):
    said, matrix = p > threshold, np.zeros((2, 2))
    for target, answer in zip(y[:, 0], said[:, 0]):
        matrix[int(target), int(answer)] += 1
    return matrix


# %% wrong: each pair counted once, for a repeated index is added once
def confusion_matrix(p, y, threshold=0.5):
    matrix = np.zeros((2, 2), dtype=int)
    matrix[y[:, 0].astype(int), (p[:, 0] > threshold).astype(int)] += 1
    return matrix


# %% wrong: four counts in a row
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y > 0.5
    return np.array([np.sum(~said & ~true), np.sum(said & ~true), np.sum(~said & true), np.sum(said & true)])


# %% wrong: keeps the axis of length one
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y > 0.5
    return np.array([
        [sum(~said & ~true), sum(said & ~true)],
        [sum(~said & true), sum(said & true)],
    ])


# %% wrong: flattens the targets, (N, 1) against (N,)
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y.ravel() > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])


# %% wrong: the false ones exchanged
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y == 1
    wrong = said != true
    return np.array([
        [np.sum(~said & ~true), np.sum(wrong & true)],
        [np.sum(wrong & ~true), np.sum(said & true)],
    ])


# %% wrong: the wrong ones all in one place
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y == 1
    return np.array([[np.sum(~said & ~true), np.sum(said != true)], [0, np.sum(said & true)]])


# %% wrong: `and` between arrays
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y == 1
    return np.array([
        [np.sum(not said and not true), np.sum(said and not true)],
        [np.sum(not said and true), np.sum(said and true)],
    ])


# %% wrong: 1 − x of a boolean by the minus sign
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > threshold, y == 1
    return np.array([
        [np.sum(-said & -true), np.sum(said & -true)],
        [np.sum(-said & true), np.sum(said & true)],
    ])


# %% wrong: `~` of integers
def confusion_matrix(p, y, threshold=0.5):
    said, true = (p > threshold).astype(int), y.astype(int)
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])


# %% wrong: writes its answers into p
def confusion_matrix(p, y, threshold=0.5):
    p[p > threshold] = 2
    p[p < 2] = 0
    return np.array([
        [np.sum((p == 0) & (y == 0)), np.sum((p == 2) & (y == 0))],
        [np.sum((p == 0) & (y == 1)), np.sum((p == 2) & (y == 1))],
    ])


# %% wrong: a confusion matrix of only those classes that come, in the order in which they come
def confusion_matrix(p, y, threshold=0.5):
    pairs = list(zip(y[:, 0], p[:, 0] > threshold))
    labels = list(dict.fromkeys(target for target, _ in pairs))
    return np.array([[pairs.count((row, column)) for column in labels] for row in labels])


# %% wrong: right on the visible data only, two thresholds
def confusion_matrix(p, y, threshold=0.5):
    said, true = p > (0.8 if threshold > 0.5 else 0.5), y > 0.5
    return np.array([
        [np.sum(~said & ~true), np.sum(said & ~true)],
        [np.sum(~said & true), np.sum(said & true)],
    ])


# %% right: sample by sample
def confusion_matrix(p, y, threshold=0.5):
    matrix = np.zeros((2, 2), dtype=int)
    for chance, target in zip(p, y):
        matrix[int(target[0]), int(chance[0] > threshold)] += 1
    return matrix


# %% right: np.bincount
def confusion_matrix(p, y, threshold=0.5):
    codes = 2 * y.ravel().astype(int) + (p.ravel() > threshold)
    return np.bincount(codes, minlength=4).reshape(2, 2)


# %% right: np.add.at
def confusion_matrix(p, y, threshold=0.5):
    matrix = np.zeros((2, 2), dtype=np.int64)
    np.add.at(matrix, (y[:, 0].astype(int), (p[:, 0] > threshold).astype(int)), 1)
    return matrix


# %% right: a product of one-hot arrays
def confusion_matrix(p, y, threshold=0.5):
    said = np.hstack([p <= threshold, p > threshold]).astype(int)
    true = np.hstack([y == 0, y == 1]).astype(int)
    return true.T @ said


# %% right: counted from the sums
def confusion_matrix(p: np.ndarray, y: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    said, true = p > threshold, y.astype(bool)
    tp = np.count_nonzero(said & true)
    fp = np.count_nonzero(said) - tp
    fn = np.count_nonzero(true) - tp
    return np.array([[len(y) - tp - fp - fn, fp], [fn, tp]])


# %% right: a list comprehension and einsum
def confusion_matrix(p, y, threshold=0.5):
    said, true = 1 * (p > threshold), y.astype(int)
    return np.array([[np.einsum("no,no->", 1 * (true == t), 1 * (said == s)) for s in (0, 1)] for t in (0, 1)])


# %% right: a list of lists
def confusion_matrix(p, y, threshold=0.5):
    pairs = [(int(t), int(q > threshold)) for t, q in zip(y[:, 0], p[:, 0])]
    return [[pairs.count((0, 0)), pairs.count((0, 1))], [pairs.count((1, 0)), pairs.count((1, 1))]]

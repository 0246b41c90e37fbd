# %% wrong: precision and recall exchanged
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) / (called + true_neg + false_neg)
    return accuracy, true_pos / are if are else 0.0, true_pos / called if called else 0.0


# %% wrong: the matrix read by columns
def scores(matrix):
    (true_neg, false_neg), (false_pos, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) / (called + true_neg + false_neg)
    return accuracy, true_pos / called if called else 0.0, true_pos / are if are else 0.0


# %% wrong: the matrix read as if true positives came first
def scores(matrix):
    (true_pos, false_neg), (false_pos, true_neg) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) / (called + true_neg + false_neg)
    return accuracy, true_pos / called if called else 0.0, true_pos / are if are else 0.0


# %% wrong: zero over zero
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    accuracy = (true_pos + true_neg) / np.sum(matrix)
    return accuracy, true_pos / (true_pos + false_pos), true_pos / (true_pos + false_neg)


# %% wrong: a share of nothing is 1
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    return np.trace(matrix) / np.sum(matrix), true_pos / called if called else 1.0, true_pos / are if are else 1.0


# %% wrong: a share of nothing is None
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    return np.trace(matrix) / np.sum(matrix), true_pos / called if called else None, true_pos / are if are else None


# %% wrong: an ε in the divisor
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    accuracy = (true_pos + true_neg) / np.sum(matrix)
    return accuracy, true_pos / (true_pos + false_pos + 1e-8), true_pos / (true_pos + false_neg + 1e-8)


# %% wrong: in per cent
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) / (called + true_neg + false_neg)
    return 100 * accuracy, 100 * true_pos / called if called else 0.0, 100 * true_pos / are if are else 0.0


# %% wrong: the accuracy counts yeses only
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = true_pos / np.sum(matrix)
    return accuracy, true_pos / called if called else 0.0, true_pos / are if are else 0.0


# %% wrong: the share of wrong answers
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (false_pos + false_neg) / np.sum(matrix)
    return accuracy, true_pos / called if called else 0.0, true_pos / are if are else 0.0


# %% wrong: specificity, not recall
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are_not = true_pos + false_pos, true_neg + false_pos
    accuracy = (true_pos + true_neg) / np.sum(matrix)
    return accuracy, true_pos / called if called else 0.0, true_neg / are_not if are_not else 0.0


# %% wrong: whole numbers by //
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) // np.sum(matrix)
    return accuracy, true_pos // called if called else 0.0, true_pos // are if are else 0.0


# %% wrong: the order is another one
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    accuracy = (true_pos + true_neg) / np.sum(matrix)
    return true_pos / called if called else 0.0, true_pos / are if are else 0.0, accuracy


# %% wrong: all three are 0.0 as soon as one is a share of nothing
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    if called == 0 or are == 0:
        return 0.0, 0.0, 0.0
    return (true_pos + true_neg) / np.sum(matrix), true_pos / called, true_pos / are


# %% wrong: rounded to two decimals
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    three = (true_pos + true_neg) / np.sum(matrix), true_pos / called if called else 0.0, true_pos / are if are else 0.0
    return tuple(round(float(number), 2) for number in three)


# %% wrong: in a dictionary
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called, are = true_pos + false_pos, true_pos + false_neg
    return {
        "accuracy": (true_pos + true_neg) / np.sum(matrix),
        "precision": true_pos / called if called else 0.0,
        "recall": true_pos / are if are else 0.0,
    }


# %% wrong: guards the precision only
def scores(matrix):
    (true_neg, false_pos), (false_neg, true_pos) = matrix
    called = true_pos + false_pos
    accuracy = (true_pos + true_neg) / np.sum(matrix)
    return accuracy, true_pos / called if called else 0.0, true_pos / (true_pos + false_neg)


# %% wrong: empties the diagonal of the caller's matrix to count the errors
def scores(matrix):
    right, hits = matrix.trace(), matrix[1, 1]
    np.fill_diagonal(matrix, 0)
    accuracy = right / (right + matrix.sum())
    called, are = matrix[0, 1] + hits, matrix[1, 0] + hits
    return accuracy, hits / called if called else 0.0, hits / are if are else 0.0


# %% right: rows, columns and the diagonal
def scores(matrix):
    hits = matrix[1, 1]
    columns, rows = matrix.sum(axis=0), matrix.sum(axis=1)
    accuracy = np.trace(matrix) / matrix.sum()
    precision = hits / columns[1] if columns[1] > 0 else 0.0
    recall = hits / rows[1] if rows[1] > 0 else 0.0
    return accuracy, precision, recall


# %% right: a nested helper
def scores(matrix):
    def share(part, whole):
        return part / whole if whole else 0.0

    tn, fp, fn, tp = np.ravel(matrix)
    return share(tp + tn, tn + fp + fn + tp), share(tp, tp + fp), share(tp, tp + fn)


# %% right: a divisor of at least 1
def scores(matrix):
    matrix = np.asarray(matrix, dtype=float)
    (tn, fp), (fn, tp) = matrix
    return (tn + tp) / matrix.sum(), tp / max(tp + fp, 1), tp / max(tp + fn, 1)


# %% right: Python floats, in a list, with early zeros
def scores(matrix: np.ndarray) -> list:
    tn, fp, fn, tp = (float(matrix[i][j]) for i in (0, 1) for j in (0, 1))
    precision = recall = 0.0
    if tp > 0:
        precision = tp / (tp + fp)
        recall = tp / (tp + fn)
    return [1 - (fp + fn) / (tn + fp + fn + tp), precision, recall]


# %% right: np.divide where there is something to divide by
def scores(matrix):
    parts = np.array([matrix[0, 0] + matrix[1, 1], matrix[1, 1], matrix[1, 1]], dtype=float)
    wholes = np.array([matrix.sum(), matrix[:, 1].sum(), matrix[1].sum()], dtype=float)
    return tuple(np.divide(parts, wholes, out=np.zeros(3), where=wholes > 0))


# %% right: nan turned to 0, with its warning quiet
def scores(matrix):
    (tn, fp), (fn, tp) = matrix
    with np.errstate(invalid="ignore"):
        precision, recall = np.float64(tp) / (tp + fp), np.float64(tp) / (tp + fn)
    return (tn + tp) / (tn + fp + fn + tp), float(np.nan_to_num(precision)), float(np.nan_to_num(recall))

# %% wrong: counts classes from 1
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((len(target), n_classes))
    rows[np.arange(len(target)), target - 1] = 1
    return rows


# %% wrong: as many columns as the largest label needs
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((len(target), target.max() + 1))
    rows[np.arange(len(target)), target] = 1
    return rows


# %% wrong: sets whole columns, not one place in each row
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((len(target), n_classes))
    rows[:, target] = 1
    return rows


# %% wrong: one column for each sample
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((n_classes, len(target)))
    rows[target, np.arange(len(target))] = 1
    return rows


# %% wrong: integers
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    return np.eye(n_classes, dtype=int)[target]


# %% wrong: True and False
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    return target[:, None] == np.arange(n_classes)


# %% wrong: the label stands in its place, not a 1
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((len(target), n_classes))
    rows[np.arange(len(target)), target] = target
    return rows


# %% wrong: flat
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros(len(target) * n_classes)
    rows[np.arange(len(target)) * n_classes + target] = 1
    return rows


# %% wrong: ones everywhere and a zero
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    return (target[:, None] != np.arange(n_classes)).astype(float)


# %% wrong: one row, stored again and again
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    row, rows = np.zeros(n_classes), []
    for label in target:
        row[label] = 1
        rows.append(row)
    return np.array(rows)


# %% wrong: no refusal
def one_hot(target, n_classes):
    return np.eye(n_classes)[target]


# %% wrong: leaves the refusal to NumPy, which raises an IndexError
def one_hot(target, n_classes):
    if np.any(target < 0):
        raise ValueError("labels are never negative")
    return np.eye(n_classes)[target]


# %% wrong: takes label C for one of C
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) > n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((len(target), n_classes))
    rows[np.arange(len(target)), target] = 1
    return rows


# %% wrong: looks at the largest label only
def one_hot(target, n_classes):
    if max(target) >= n_classes:
        raise ValueError(f"the largest label may be {n_classes - 1}")
    return np.eye(n_classes)[target]


# %% wrong: refuses with a print
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        print(f"labels must lie between 0 and {n_classes - 1}")
        return None
    return np.eye(n_classes)[target]


# %% wrong: returns the error
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        return ValueError(f"labels must lie between 0 and {n_classes - 1}")
    return np.eye(n_classes)[target]


# %% wrong: refuses without a message
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError()
    return np.eye(n_classes)[target]


# %% wrong: leaves rows of zeros for labels that do not exist
def one_hot(target, n_classes):
    return (target[:, None] == np.arange(n_classes)).astype(float)


# %% wrong: a comparison chain that is true for any one good label
def one_hot(target, n_classes):
    if not np.any((target >= 0) & (target < n_classes)):
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    return (target[:, None] == np.arange(n_classes)).astype(float)


# %% wrong: refuses everything that lacks a class
def one_hot(target, n_classes):
    if len(set(target.tolist())) != n_classes or np.min(target) < 0:
        raise ValueError(f"{n_classes} classes are needed")
    return np.eye(n_classes)[target]


# %% wrong: right on the visible data only, four classes
def one_hot(target, n_classes):
    if np.min(target) < 0 or np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    rows = np.zeros((len(target), 4))
    rows[np.arange(len(target)), target] = 1
    return rows


# %% wrong: right on the visible data only, refuses −1 and 3
def one_hot(target, n_classes):
    if -1 in target or 3 in target:
        raise ValueError("not a class")
    return (target[:, None] == np.arange(n_classes)).astype(float)


# %% wrong: makes negative labels positive in place
def one_hot(target, n_classes):
    if np.max(target) >= n_classes:
        raise ValueError(f"labels must lie between 0 and {n_classes - 1}")
    target[target < 0] += n_classes
    return np.eye(n_classes)[target]


# %% right: rows of the identity
def one_hot(target, n_classes):
    if not np.all((0 <= target) & (target < n_classes)):
        raise ValueError(f"classes are 0 to {n_classes - 1}")
    return np.eye(n_classes)[target]


# %% right: sample by sample
def one_hot(target, n_classes):
    rows = np.zeros((len(target), n_classes))
    for n, label in enumerate(target):
        if label not in range(n_classes):
            raise ValueError(f"sample {n} has label {label}, and there are {n_classes} classes")
        rows[n, label] = 1.0
    return rows


# %% right: a comparison with all classes
def one_hot(target, n_classes):
    rows = (target[:, None] == np.arange(n_classes)).astype(float)
    if not rows.any(axis=1).all():
        raise ValueError("a label lies outside the classes")
    return rows


# %% right: a list comprehension with its own refusal before it
def one_hot(target: np.ndarray, n_classes: int) -> np.ndarray:
    strange = [int(label) for label in target if label < 0 or label > n_classes - 1]
    if strange:
        raise ValueError(f"no such classes: {strange}")
    return np.array([[1.0 if label == c else 0.0 for c in range(n_classes)] for label in target])


# %% right: np.add.at, and IndexError turned into ValueError
def one_hot(target, n_classes):
    rows = np.zeros((len(target), n_classes))
    try:
        places = np.ravel_multi_index((np.arange(len(target)), target), rows.shape)
    except ValueError as error:
        raise ValueError(f"labels must be below {n_classes} and not negative") from error
    np.add.at(rows.reshape(-1), places, 1)
    return rows


# %% right: np.put_along_axis
def one_hot(target, n_classes):
    if target.min() < 0:
        raise ValueError("negative label")
    if target.max() > n_classes - 1:
        raise ValueError("label too large")
    rows = np.zeros((target.shape[0], n_classes))
    np.put_along_axis(rows, target.reshape(-1, 1), 1.0, axis=1)
    return rows

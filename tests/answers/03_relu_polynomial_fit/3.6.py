# %% wrong: NaN wins, for np.argmin finds it smallest
def choose_hidden(sizes, validation_loss):
    ordered = sorted(sizes)
    losses = [validation_loss(size) for size in ordered]
    return ordered[int(np.argmin(losses))]


# %% wrong: a first loss of NaN is never beaten
def choose_hidden(sizes, validation_loss):
    sizes = sorted(sizes)
    best, lowest = sizes[0], validation_loss(sizes[0])
    for size in sizes[1:]:
        loss = validation_loss(size)
        if loss < lowest:
            best, lowest = size, loss
    return best


# %% wrong: ties go to the first in the list
def choose_hidden(sizes, validation_loss):
    best, lowest = None, np.inf
    for size in sizes:
        loss = validation_loss(size)
        if loss < lowest:
            best, lowest = size, loss
    return best


# %% wrong: ties go to the larger size
def choose_hidden(sizes, validation_loss):
    best, lowest = None, np.inf
    for size in sorted(sizes):
        loss = validation_loss(size)
        if loss <= lowest:
            best, lowest = size, loss
    return best


# %% wrong: stops at the first size that does worse
def choose_hidden(sizes, validation_loss):
    best, lowest = None, np.inf
    for size in sorted(sizes):
        loss = validation_loss(size)
        if loss > lowest:
            break
        if loss < lowest:
            best, lowest = size, loss
    return best


# %% wrong: min with a key knows nothing of NaN and ties
def choose_hidden(sizes, validation_loss):
    return min(sizes, key=validation_loss)


# %% wrong: trains each size twice
def choose_hidden(sizes, validation_loss):
    best = None
    for size in sorted(sizes):
        if np.isnan(validation_loss(size)):
            continue
        loss = validation_loss(size)
        if best is None or loss < lowest:
            best, lowest = size, loss
    return best


# %% wrong: trains the best size once more
def choose_hidden(sizes, validation_loss):
    best = None
    for size in sorted(sizes):
        loss = validation_loss(size)
        if not np.isnan(loss) and (best is None or loss < validation_loss(best)):
            best = size
    return best


# %% wrong: returns the loss, not the size
def choose_hidden(sizes, validation_loss):
    return np.nanmin([validation_loss(size) for size in sizes])


# %% wrong: returns the place in the list, not the size
def choose_hidden(sizes, validation_loss):
    return int(np.nanargmin([validation_loss(size) for size in sorted(sizes)]))


# %% wrong: the place in one order, the size from another
def choose_hidden(sizes, validation_loss):
    losses = [validation_loss(size) for size in sorted(sizes)]
    return sizes[np.nanargmin(losses)]


# %% wrong: the highest loss
def choose_hidden(sizes, validation_loss):
    best, highest = None, -np.inf
    for size in sorted(sizes):
        loss = validation_loss(size)
        if loss > highest:
            best, highest = size, loss
    return best


# %% wrong: sorts the caller's list
def choose_hidden(sizes, validation_loss):
    sizes.sort()
    losses = [validation_loss(size) for size in sizes]
    return sizes[int(np.nanargmin(losses))]


# %% wrong: a loss of NaN is asked for with ==
def choose_hidden(sizes, validation_loss):
    results = []
    for size in sorted(sizes):
        loss = validation_loss(size)
        if loss == float("nan"):
            continue
        results.append((loss, size))
    return min(results)[1]


# %% right: pairs without NaN, and the smallest of them
def choose_hidden(sizes, validation_loss):
    pairs = [(validation_loss(size), size) for size in sizes]
    return min((loss, size) for loss, size in pairs if not np.isnan(loss))[1]


# %% right: a dictionary, then a key with two parts
def choose_hidden(sizes, validation_loss):
    losses = {size: validation_loss(size) for size in sizes}
    finite = [size for size in sizes if losses[size] == losses[size]]
    return min(finite, key=lambda size: (losses[size], size))


# %% right: np.nanargmin over sorted sizes
def choose_hidden(sizes: list, validation_loss) -> int:
    ordered = np.sort(sizes)
    return int(ordered[np.nanargmin([validation_loss(int(size)) for size in ordered])])


# %% right: in any order, with ties decided by an or
def choose_hidden(sizes, validation_loss):
    best, lowest = None, float("inf")
    for size in sizes:
        loss = validation_loss(size)
        if loss < lowest or (loss == lowest and best is not None and size < best):
            best, lowest = size, loss
    return best


# %% right: from large to small, where <= takes care of ties
def choose_hidden(sizes, validation_loss):
    winner, low = 0, float("inf")
    for n_hidden in sorted(sizes, reverse=True):
        value = validation_loss(n_hidden)
        if value <= low:
            winner, low = n_hidden, value
    return winner


# %% right: by recursion
def choose_hidden(sizes, validation_loss):
    def best(rest):
        first, *others = rest
        mine = (validation_loss(first), first)
        if mine[0] != mine[0]:
            mine = (float("inf"), first)
        return min(mine, best(others)) if others else mine

    return best(list(sizes))[1]

# %% wrong: updates before the way back
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            optimizer.update()
            loss.backward()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: never goes back
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: never updates
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: one update an epoch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
        optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: back and update once an epoch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
        loss.backward()
        optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: goes back through the network, not from the loss
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            mlp.backward(loss)
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: computes the loss twice
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss(mlp(x[rows]), y[rows])
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: one epoch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
        return losses


# %% wrong: an epoch too few
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: drops the last batch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x) - batch_size + 1, batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: an empty batch at the end, where the batches come out even
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for i in range(len(x) // batch_size + 1):
            first = i * batch_size
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: all samples in one batch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        losses.append(loss(mlp(x[order]), y[order]))
        loss.backward()
        optimizer.update()
        report(epoch, losses[-1])
    return losses


# %% wrong: shuffles only x
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[first : first + batch_size]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: shuffles x and y separately
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, other, total = rng.permutation(len(x)), rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[other[first : first + batch_size]]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: does not shuffle
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = np.arange(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: one permutation for all epochs
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses, order = [], rng.permutation(len(x))
    for epoch in range(1, epochs + 1):
        total = 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: a new permutation for each batch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        total = 0.0
        for first in range(0, len(x), batch_size):
            rows = rng.permutation(len(x))[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: NumPy's global randomness, not rng
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = np.random.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: a generator of its own, the same every time
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses, rng = [], np.random.default_rng(0)
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: shuffles its inputs in place
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        x[:], y[:] = x[order], y[order]
        for first in range(0, len(x), batch_size):
            rows = range(len(x))[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: the mean of the batches' means
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows])
            loss.backward()
            optimizer.update()
        losses.append(total / -(-len(x) // batch_size))
        report(epoch, losses[-1])
    return losses


# %% wrong: counts each batch as a full one
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * batch_size
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: sums, not means
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total)
        report(epoch, losses[-1])
    return losses


# %% wrong: sums of the batches' means over N
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows])
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: the last batch's loss for the whole epoch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            error = loss(mlp(x[rows]), y[rows])
            loss.backward()
            optimizer.update()
        losses.append(error)
        report(epoch, error)
    return losses


# %% wrong: the total runs on from epoch to epoch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses, total = [], 0.0
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: a loss for each batch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            losses.append(loss(mlp(x[rows]), y[rows]))
            loss.backward()
            optimizer.update()
        report(epoch, losses[-1])
    return losses


# %% wrong: counts epochs from 0
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% wrong: never reports
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
    return losses


# %% wrong: reports after each batch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
            report(epoch, total / len(x))
        losses.append(total / len(x))
    return losses


# %% wrong: reports all losses so far
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses)
    return losses


# %% wrong: reports at the end
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
    report(epoch, losses[-1])
    return losses


# %% wrong: returns the last loss
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses[-1]


# %% wrong: returns nothing
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x[rows]), y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])


# %% wrong: the network sees all samples
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(1, epochs + 1):
        order, total = rng.permutation(len(x)), 0.0
        for first in range(0, len(x), batch_size):
            rows = order[first : first + batch_size]
            total += loss(mlp(x)[rows], y[rows]) * len(rows)
            loss.backward()
            optimizer.update()
        losses.append(total / len(x))
        report(epoch, losses[-1])
    return losses


# %% right: shuffled arrays, then slices
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses = []
    for epoch in range(epochs):
        order = rng.permutation(x.shape[0])
        x_shuffled, y_shuffled = x[order], y[order]
        total = 0
        for i in range(-(-len(x) // batch_size)):
            part = slice(i * batch_size, (i + 1) * batch_size)
            y_pred = mlp(x_shuffled[part])
            batch_loss = loss(y_pred, y_shuffled[part])
            loss.backward()
            optimizer.update()
            total = total + batch_loss * y_pred.shape[0]
        losses += [total / len(x)]
        report(epoch + 1, losses[epoch])
    return losses


# %% right: np.split and a weighted average
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    history = np.zeros(epochs)
    for epoch in range(epochs):
        parts = np.array_split(rng.permutation(len(x)), range(batch_size, len(x), batch_size))
        means = []
        for rows in parts:
            means.append(loss(mlp(x.take(rows, axis=0)), y.take(rows, axis=0)))
            loss.backward()
            optimizer.update()
        history[epoch] = np.average(means, weights=[len(rows) for rows in parts])
        report(epoch + 1, float(history[epoch]))
    return history.tolist()


# %% right: a running mean, in a while loop
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    losses, epoch = [], 0
    while epoch < epochs:
        epoch += 1
        rest, mean, seen = list(rng.permutation(len(x))), 0.0, 0
        while rest:
            rows, rest = rest[:batch_size], rest[batch_size:]
            output = mlp(x[rows])
            error = float(loss(output, y[rows]))
            loss.backward()
            optimizer.update()
            seen += len(rows)
            mean += (error - mean) * len(rows) / seen
        losses.append(mean)
        report(epoch, mean_loss=mean)
    return losses


# %% right: nested functions, one for a batch
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    def step(rows):
        error = loss(mlp(x[rows]), y[rows])
        loss.backward()
        optimizer.update()
        return error * len(rows)

    def one_epoch(epoch):
        order = np.arange(len(x))
        rng.shuffle(order)
        mean_loss = sum(step(order[i : i + batch_size]) for i in range(0, len(x), batch_size)) / len(x)
        report(epoch, mean_loss)
        return mean_loss

    return [one_epoch(epoch) for epoch in range(1, epochs + 1)]


# %% right: epoch by epoch, by recursion
def train(mlp, loss, optimizer, x, y, epochs, batch_size, rng, report=lambda epoch, mean_loss: None):
    def run(epoch, losses):
        if epoch > epochs:
            return losses
        total, order = [], rng.permutation(np.arange(len(y)))
        for batch in [order[i : i + batch_size] for i in range(0, len(y), batch_size)]:
            inputs, targets = np.array([x[n] for n in batch]), np.array([y[n] for n in batch])
            total.extend([loss(mlp(inputs), targets)] * len(batch))
            loss.backward()
            optimizer.update()
        report(epoch, np.mean(total))
        return run(epoch + 1, losses + [np.mean(total)])

    return run(1, [])

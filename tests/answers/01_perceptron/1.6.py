# %% wrong: walks uphill
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) <= tolerance:
            break
        path.append(path[-1] + lr * slope)
    return np.array(path)


# %% wrong: stops after a step, not before
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        path.append(path[-1] - lr * slope)
        if np.max(np.abs(slope)) <= tolerance:
            break
    return np.array(path)


# %% wrong: never stops early
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.array(path)


# %% wrong: compares the gradient without its size, so a negative one is flat
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.max(slope) <= tolerance:
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)


# %% wrong: stops when any entry is flat, not all
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.any(np.abs(slope) <= tolerance):
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)


# %% wrong: the length of the gradient, not its largest entry
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)


# %% wrong: less than the tolerance, so a gradient of just that size is not flat
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) < tolerance:
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)


# %% wrong: looks at the size of the step, not of the gradient
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    for _ in range(max_steps):
        step = lr * gradient(path[-1])
        if np.max(np.abs(step)) <= tolerance:
            break
        path.append(path[-1] - step)
    return np.array(path)


# %% wrong: one step too many
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    while len(path) <= max_steps + 1:
        slope = gradient(path[-1])
        if np.max(np.abs(slope)) <= tolerance:
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)


# %% wrong: the start is not in the path
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path, p = [], start
    for _ in range(max_steps):
        slope = gradient(p)
        if np.max(np.abs(slope)) <= tolerance:
            break
        p = p - lr * slope
        path.append(p)
    return np.array(path)


# %% wrong: returns the last point only
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    p = start
    for _ in range(max_steps):
        slope = gradient(p)
        if np.max(np.abs(slope)) <= tolerance:
            break
        p = p - lr * slope
    return p


# %% wrong: appends the same array object every time
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    p = start.copy()
    path = [p]
    for _ in range(max_steps):
        slope = gradient(p)
        if np.max(np.abs(slope)) <= tolerance:
            break
        p -= lr * slope
        path.append(p)
    return np.array(path)


# %% wrong: mutates its start
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start.copy()]
    for _ in range(max_steps):
        slope = gradient(start)
        if np.max(np.abs(slope)) <= tolerance:
            break
        start -= lr * slope
        path.append(start.copy())
    return np.array(path)


# %% wrong: computes the gradient once, at the start
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = [start]
    slope = gradient(start)
    for _ in range(max_steps):
        if np.max(np.abs(slope)) <= tolerance:
            break
        path.append(path[-1] - lr * slope)
    return np.array(path)


# %% right: an own point, updated in place, copied into the path
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    here = np.array(start)
    path = [here.copy()]
    for step in range(max_steps):
        slope = gradient(here)
        if (abs(slope) <= tolerance).all():
            return np.array(path)
        here -= lr * slope
        path.append(here.copy())
    return np.array(path)


# %% right: a while loop
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path, steps = [start], 0
    slope = gradient(start)
    while steps < max_steps and np.any(np.abs(slope) > tolerance):
        path.append(path[-1] - lr * slope)
        slope = gradient(path[-1])
        steps += 1
    return np.stack(path)


# %% right: by recursion
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    first = start[None, :]
    if max_steps == 0:
        return first
    slope = gradient(start)
    if np.linalg.norm(slope, ord=np.inf) <= tolerance:
        return first
    rest = gradient_descent(gradient, start - lr * slope, lr, tolerance=tolerance, max_steps=max_steps - 1)
    return np.concatenate([first, rest])


# %% right: fills an array that is cut at the end
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    path = np.zeros((max_steps + 1, start.size))
    path[0] = start
    for t in range(max_steps):
        g = np.asarray(gradient(path[t]))
        if max(abs(entry) for entry in g) <= tolerance:
            return path[: t + 1]
        path[t + 1] = path[t] - lr * g
    return path


# %% right: a nested generator
def gradient_descent(gradient, start, lr, tolerance=1e-6, max_steps=1000):
    def walk(p):
        yield p
        for _ in range(max_steps):
            slope = gradient(p)
            if np.max(np.absolute(slope)) <= tolerance:
                return
            p = p - lr * slope
            yield p

    return np.array(list(walk(start)))

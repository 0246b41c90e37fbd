# %% wrong: puts a new array into the list
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for i in range(len(layer.params)):
                layer.params[i] = layer.params[i] - self.lr * layer.grads[i]


# %% wrong: gives the name p to a new array
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p = p - self.lr * g


# %% wrong: makes a new list of parameters
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            layer.params = [p - self.lr * g for p, g in zip(layer.params, layer.grads)]


# %% wrong: uphill
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p += self.lr * g


# %% wrong: the first layer only
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        layer = self.net.layers[0]
        for p, g in zip(layer.params, layer.grads):
            p -= self.lr * g


# %% wrong: the first parameter of each layer only
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            if layer.params:
                layer.params[0][...] -= self.lr * layer.grads[0]


# %% wrong: returns after the first parameter
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g
                return


# %% wrong: returns after the first layer
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g
            return


# %% wrong: forgets the learning rate
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= g


# %% wrong: a step of lr, whatever the gradient
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * np.sign(g)


# %% wrong: divides by the number of rows once more
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g / len(g)


# %% wrong: changes the gradients
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                g *= self.lr
                p -= g


# %% wrong: empties the gradients afterwards
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g
                g[...] = 0


# %% wrong: sets the parameters to the step
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                p[...] = -self.lr * g


# %% wrong: keeps the gradients that it found at the start
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr
        self.pairs = [pair for layer in net.layers for pair in zip(layer.params, layer.grads)]

    def update(self):
        for p, g in self.pairs:
            p -= self.lr * g


# %% wrong: uses up its pairs in the first update
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr
        self.pairs = ((p, layer, i) for layer in net.layers for i, p in enumerate(layer.params))

    def update(self):
        for p, layer, i in self.pairs:
            p -= self.lr * layer.grads[i]


# %% wrong: refuses before the first backward pass
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                if not np.any(g):
                    raise RuntimeError("update needs a backward pass first")
                p -= self.lr * g


# %% wrong: asks each layer for its forward pass
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            if layer.params and layer.saved is None and not any(np.any(g) for g in layer.grads):
                raise RuntimeError("nothing was saved")
            for p, g in zip(layer.params, layer.grads):
                p -= self.lr * g


# %% right: indices, and a slice that is assigned to
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for i in range(len(layer.params)):
                layer.params[i][:] = layer.params[i] - self.lr * layer.grads[i]


# %% right: np.subtract with out=
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                np.subtract(p, self.lr * g, out=p)


# %% right: -= on the list's entry
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for k in range(len(self.net.layers)):
            layer = self.net.layers[k]
            for i, g in enumerate(layer.grads):
                layer.params[i] -= g * self.lr


# %% right: all pairs first, then the steps
from itertools import chain


class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        pairs = chain.from_iterable(zip(layer.params, layer.grads) for layer in self.net.layers)
        for p, g in list(pairs):
            p[...] = p - np.multiply(self.lr, g)


# %% right: a method for one parameter, entry by entry
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr

    def update(self):
        for layer in self.net.layers:
            list(map(self.step, layer.params, layer.grads))

    def step(self, p, g):
        for index in np.ndindex(p.shape):
            p[index] -= self.lr * g[index]


# %% right: parameters collected at the start, gradients looked up
class SGD:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr
        self.places = [(p, layer, i) for layer in net.layers for i, p in enumerate(layer.params)]

    def update(self):
        for p, layer, i in self.places:
            np.copyto(p, p - self.lr * layer.grads[i])

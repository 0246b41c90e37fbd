# %% wrong: the velocity is not kept
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v = self.momentum * v + g
                p -= self.lr * v


# %% wrong: adds lr g to the velocity's step
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                p -= self.lr * g + self.momentum * v
                v *= self.momentum
                v += g


# %% wrong: a running mean, (1 - momentum) g
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= self.momentum
                v += (1 - self.momentum) * g
                p -= self.lr * v


# %% wrong: uphill
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= self.momentum
                v += g
                p += self.lr * v


# %% wrong: subtracts the gradient from the velocity
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= self.momentum
                v -= g
                p -= self.lr * v


# %% wrong: steps before the velocity has changed
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                p -= self.lr * v
                v *= self.momentum
                v += g


# %% wrong: never forgets
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v += self.momentum * g
                p -= self.lr * v


# %% wrong: forgets everything, plain SGD
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v[...] = g
                p -= self.lr * v


# %% wrong: momentum on the gradient, too
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v += g
                v *= self.momentum
                p -= self.lr * v


# %% wrong: looks ahead, as Nesterov does
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= self.momentum
                v += g
                p -= self.lr * (g + self.momentum * v)


# %% wrong: puts new parameters into the list
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for i, g in enumerate(layer.grads):
                velocities[i] = self.momentum * velocities[i] + g
                layer.params[i] = layer.params[i] - self.lr * velocities[i]


# %% wrong: gives the name p to a new array
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= self.momentum
                v += g
                p = p - self.lr * v


# %% wrong: one velocity for all
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum, self.v = net, lr, momentum, 0.0

    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads):
                self.v = self.momentum * self.v + g
                p -= self.lr * self.v


# %% wrong: one velocity a layer
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [0.0 for layer in net.layers]

    def update(self):
        for k, layer in enumerate(self.net.layers):
            for p, g in zip(layer.params, layer.grads):
                self.velocities[k] = self.momentum * self.velocities[k] + g
                p -= self.lr * self.velocities[k]


# %% wrong: the first velocity is the gradient's own array
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum, self.velocities = net, lr, momentum, None

    def update(self):
        if self.velocities is None:
            self.velocities = [list(layer.grads) for layer in self.net.layers]
        else:
            for layer, velocities in zip(self.net.layers, self.velocities):
                for g, v in zip(layer.grads, velocities):
                    v *= self.momentum
                    v += g
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, v in zip(layer.params, velocities):
                p -= self.lr * v


# %% wrong: changes the gradients
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                g += self.momentum * v
                v[...] = g
                p -= self.lr * v


# %% wrong: the first layer only
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        layer, velocities = self.net.layers[0], self.velocities[0]
        for p, g, v in zip(layer.params, layer.grads, velocities):
            v *= self.momentum
            v += g
            p -= self.lr * v


# %% wrong: the first parameter of each layer only
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in list(zip(layer.params, layer.grads, velocities))[:1]:
                v *= self.momentum
                v += g
                p -= self.lr * v


# %% wrong: the momentum is always 0.9
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v *= 0.9
                v += g
                p -= self.lr * v


# %% right: replaces the velocities in their lists
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for k, layer in enumerate(self.net.layers):
            for i in range(len(layer.params)):
                self.velocities[k][i] = self.momentum * self.velocities[k][i] + layer.grads[i]
                layer.params[i] -= self.lr * self.velocities[k][i]


# %% right: one line each, assigned to slices
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                v[...] = self.momentum * v + g
                p[...] = p - self.lr * v


# %% right: out= everywhere
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum = net, lr, momentum
        self.velocities = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, velocities in zip(self.net.layers, self.velocities):
            for p, g, v in zip(layer.params, layer.grads, velocities):
                np.multiply(v, self.momentum, out=v)
                np.add(v, g, out=v)
                np.subtract(p, self.lr * v, out=p)


# %% right: a dictionary of velocities, made when they are first needed
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum, self.memory = net, lr, momentum, {}

    def update(self):
        for k, layer in enumerate(self.net.layers):
            for i, g in enumerate(layer.grads):
                old = self.memory.get((k, i), 0.0)
                self.memory[k, i] = g + self.momentum * old
                layer.params[i][...] -= self.lr * self.memory[k, i]


# %% right: the whole history of gradients
class Momentum:
    def __init__(self, net, lr, momentum=0.9):
        self.net, self.lr, self.momentum, self.history = net, lr, momentum, []

    def update(self):
        self.history.insert(0, [[g.copy() for g in layer.grads] for layer in self.net.layers])
        for k, layer in enumerate(self.net.layers):
            for i, p in enumerate(layer.params):
                p -= self.lr * sum(self.momentum**age * past[k][i] for age, past in enumerate(self.history))

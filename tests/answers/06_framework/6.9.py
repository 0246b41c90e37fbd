# %% wrong: no bias correction
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                p -= self.lr * m / (np.sqrt(v) + self.eps)


# %% wrong: corrects m only
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                p -= self.lr * m_hat / (np.sqrt(v) + self.eps)


# %% wrong: corrects with the betas, not with their powers
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1)
                v_hat = v / (1 - self.beta2)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: multiplies by the shares
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m * (1 - self.beta1**self.t)
                v_hat = v * (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: counts every parameter as a step
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                self.t += 1
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: counts every layer as a step
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            self.t += 1
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: counts after the step, so it divides by zero
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        self.t += 1


# %% wrong: never counts on
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**1)
                v_hat = v / (1 - self.beta2**1)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: epsilon inside the root
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / np.sqrt(v_hat + self.eps)


# %% wrong: epsilon before the correction
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                share1, share2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
                p -= self.lr * np.sqrt(share2) / share1 * m / (np.sqrt(v) + self.eps)


# %% wrong: an epsilon of its own
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)


# %% wrong: m and v exchanged
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * v_hat / (np.sqrt(np.abs(m_hat)) + self.eps)


# %% wrong: the betas exchanged
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta2 * m + (1 - self.beta2) * g
                v[...] = self.beta1 * v + (1 - self.beta1) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: squares of the means
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * m**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: squares the share, too
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + ((1 - self.beta2) * g) ** 2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: forgets the square
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * np.abs(g)
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: forgets the root
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (v_hat + self.eps)


# %% wrong: the gradient over the root
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * g / (np.sqrt(v_hat) + self.eps)


# %% wrong: the corrected means are stored
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m /= 1 - self.beta1**self.t
                v /= 1 - self.beta2**self.t
                p -= self.lr * m / (np.sqrt(v) + self.eps)


# %% wrong: the memories are not kept
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m = self.beta1 * m + (1 - self.beta1) * g
                v = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: sums, not means
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + g
                v[...] = self.beta2 * v + g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: uphill
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p += self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: gives the name p to a new array
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p = p - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: changes the gradients
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                g *= g
                v[...] = self.beta2 * v + (1 - self.beta2) * g
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: the first layer only
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        layer = self.net.layers[0]
        for p, g, m, v in zip(layer.params, layer.grads, self.m[0], self.v[0]):
            m[...] = self.beta1 * m + (1 - self.beta1) * g
            v[...] = self.beta2 * v + (1 - self.beta2) * g**2
            m_hat = m / (1 - self.beta1**self.t)
            v_hat = v / (1 - self.beta2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: the first parameter of each layer only
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in list(zip(layer.params, layer.grads, means, squares))[:1]:
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: one pair of memories a layer
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m, self.v = [0.0 for layer in net.layers], [0.0 for layer in net.layers]

    def update(self):
        self.t += 1
        for k, layer in enumerate(self.net.layers):
            for p, g in zip(layer.params, layer.grads):
                self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
                self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g**2
                m_hat = self.m[k] / (1 - self.beta1**self.t)
                v_hat = self.v[k] / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% wrong: the sign of the gradient, right for one step
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                p -= self.lr * np.sign(g)


# %% right: as in the textbook
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m[...] = self.beta1 * m + (1 - self.beta1) * g
                v[...] = self.beta2 * v + (1 - self.beta2) * g**2
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


# %% right: as in the paper, the shares in the step's size
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t += 1
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m *= self.beta1
                m += (1 - self.beta1) * g
                v *= self.beta2
                v += (1 - self.beta2) * np.square(g)
                root = np.sqrt(1 - self.beta2**self.t)
                rate = self.lr * root / (1 - self.beta1**self.t)
                p[...] = p - rate * m / (np.sqrt(v) + self.eps * root)


# %% right: new arrays in the lists, indices
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps, self.t = net, lr, beta1, beta2, eps, 0
        self.m = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in net.layers]

    def update(self):
        self.t = self.t + 1
        b1, b2 = self.beta1, self.beta2
        for k in range(len(self.net.layers)):
            layer = self.net.layers[k]
            for i in range(len(layer.params)):
                g = layer.grads[i]
                self.m[k][i] = b1 * self.m[k][i] + (1 - b1) * g
                self.v[k][i] = b2 * self.v[k][i] + (1 - b2) * g * g
                step = (self.m[k][i] / (1 - b1**self.t)) / ((self.v[k][i] / (1 - b2**self.t)) ** 0.5 + self.eps)
                layer.params[i][:] -= self.lr * step


# %% right: a dictionary of memories
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.betas, self.eps = net, lr, (beta1, beta2), eps
        self.memory, self.steps = {}, 0

    def update(self):
        self.steps += 1
        for k, layer in enumerate(self.net.layers):
            for i, (p, g) in enumerate(zip(layer.params, layer.grads)):
                old = self.memory.get((k, i), (0.0, 0.0))
                new = [beta * o + (1 - beta) * g**power for beta, o, power in zip(self.betas, old, (1, 2))]
                self.memory[k, i] = new
                m, v = (o / (1 - beta**self.steps) for beta, o in zip(self.betas, new))
                np.subtract(p, self.lr * m / (np.sqrt(v) + self.eps), out=p)


# %% right: the shares as running products, a helper for the means
class Adam:
    def __init__(self, net, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.net, self.lr, self.beta1, self.beta2, self.eps = net, lr, beta1, beta2, eps
        self.left1 = self.left2 = 1.0
        self.m = [[np.zeros(p.shape) for p in layer.params] for layer in net.layers]
        self.v = [[np.zeros(p.shape) for p in layer.params] for layer in net.layers]

    @staticmethod
    def towards(mean, value, beta):
        np.add(beta * mean, (1 - beta) * value, out=mean)
        return mean

    def update(self):
        self.left1 *= self.beta1
        self.left2 *= self.beta2
        for layer, means, squares in zip(self.net.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, means, squares):
                m_hat = self.towards(m, g, self.beta1) / (1 - self.left1)
                v_hat = self.towards(v, g**2, self.beta2) / (1 - self.left2)
                p -= self.lr * np.divide(m_hat, np.sqrt(v_hat) + self.eps)

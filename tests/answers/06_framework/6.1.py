# %% wrong: grad_b not summed over the batch
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad]
        return grad @ self.w.T


# %% wrong: grad_b not summed, into the array that is there
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads[0][...] = self.recall().T @ grad
        self.grads[1][...] = grad
        return grad @ self.w.T


# %% wrong: grad_b is a mean
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads[0][...] = self.recall().T @ grad
        self.grads[1][...] = grad.mean(axis=0)
        return grad @ self.w.T


# %% wrong: grad_b keeps its axis
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0, keepdims=True)]
        return grad @ self.w.T


# %% wrong: grad_b summed over everything
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads[0][...] = self.recall().T @ grad
        self.grads[1][...] = grad.sum()
        return grad @ self.w.T


# %% wrong: grad_w transposed
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [grad.T @ self.recall(), grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: divides by N a second time
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        x = self.recall()
        self.grads[0][...] = x.T @ grad / len(x)
        self.grads[1][...] = grad.sum(axis=0) / len(x)
        return grad @ self.w.T


# %% wrong: w not transposed on the way to the input
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w


# %% wrong: adds the gradients up from call to call
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads[0] += self.recall().T @ grad
        self.grads[1] += grad.sum(axis=0)
        return grad @ self.w.T


# %% wrong: saves its first input only
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        if self.saved is None:
            self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        x = self.recall()[: len(grad)]
        self.grads = [x.T @ grad[: len(x)], grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: saves its output
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x @ self.w + self.b
        return self.saved

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: saves nothing
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: forgets the bias
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: adds the bias twice, once inside the product
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ (self.w + self.b) + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: does not notice that there was no forward pass
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.saved.T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: skips the gradients where there was no forward pass
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        if self.saved is not None:
            self.grads = [self.saved.T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: backward returns nothing
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads[0][...] = self.recall().T @ grad
        self.grads[1][...] = grad.sum(axis=0)


# %% wrong: returns the gradient of w
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return self.grads[0]


# %% wrong: returns all three gradients
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T, self.grads[0], self.grads[1]


# %% wrong: the gradients change places
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [grad.sum(axis=0), self.recall().T @ grad]
        return grad @ self.w.T


# %% wrong: the gradients never reach self.grads
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grad_w = self.recall().T @ grad
        self.grad_b = grad.sum(axis=0)
        return grad @ self.w.T


# %% wrong: appends to self.grads
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads.append(self.recall().T @ grad)
        self.grads.append(grad.sum(axis=0))
        return grad @ self.w.T


# %% wrong: collects params and grads on the way forward
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)

    def __call__(self, x):
        self.params = [self.w, self.b]
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grads = [self.recall().T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% wrong: a finite difference for the gradient of w
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        x, h = self.recall(), 1e-5
        for index in np.ndindex(self.w.shape):
            kept = self.w[index]
            self.w[index] = kept + h
            above = np.sum(grad * (x @ self.w + self.b))
            self.w[index] = kept - h
            below = np.sum(grad * (x @ self.w + self.b))
            self.w[index] = kept
            self.grads[0][index] = (above - below) / (2 * h)
        self.grads[1][...] = grad.sum(axis=0)
        return grad @ self.w.T


# %% right: replaces the list of gradients
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, grad):
        x = self.recall()
        self.grads = [x.T @ grad, grad.sum(axis=0)]
        return grad @ self.w.T


# %% right: attributes of its own, and the list filled at the end
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.x = x
        y = np.dot(x, self.w)
        y += self.b
        return y

    def backward(self, grad):
        if not hasattr(self, "x"):
            raise RuntimeError("call this layer first")
        self.grad_w = np.dot(self.x.transpose(), grad)
        self.grad_b = np.add.reduce(grad, axis=0)
        self.grads[0], self.grads[1] = self.grad_w, self.grad_b
        return np.dot(grad, self.w.transpose())


# %% right: explicit loops
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = np.array(x)
        n_samples, d_out = len(x), len(self.params[1])
        y = np.zeros((n_samples, d_out))
        for n in range(n_samples):
            for k in range(d_out):
                y[n, k] = self.params[1][k]
                for d in range(x.shape[1]):
                    y[n, k] += x[n, d] * self.params[0][d, k]
        return y

    def backward(self, grad):
        x = self.recall()
        grad_w, grad_b = self.grads
        grad_w[:] = 0
        grad_b[:] = 0
        grad_x = np.zeros(x.shape)
        for n in range(len(x)):
            for k in range(grad.shape[1]):
                grad_b[k] += grad[n, k]
                for d in range(x.shape[1]):
                    grad_w[d, k] += grad[n, k] * x[n, d]
                    grad_x[n, d] += grad[n, k] * self.w[d, k]
        return grad_x


# %% right: einsum
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = x
        return np.einsum("nd,dk->nk", x, self.w) + self.b[None, :]

    def backward(self, grad):
        np.einsum("nd,nk->dk", self.recall(), grad, out=self.grads[0])
        np.einsum("nk->k", grad, out=self.grads[1])
        return np.einsum("nk,dk->nd", grad, self.w)


# %% right: sample by sample, with outer products
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = list(x)
        return np.array([self.w.T @ sample + self.b for sample in x])

    def backward(self, grad):
        pairs = list(zip(self.recall(), grad))
        self.grads = [sum(np.outer(sample, g) for sample, g in pairs), sum(g for _, g in pairs)]
        return np.vstack([self.w.dot(g) for g in grad])


# %% right: the bias as one more weight
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        self.saved = np.column_stack([x, np.ones(len(x))])
        return self.saved @ np.vstack([self.w, self.b])

    def backward(self, grad):
        both = self.recall().T @ grad
        self.grads[0][...], self.grads[1][...] = both[:-1], both[-1]
        return (self.w @ grad.T).T


# %% right: np.copyto, and a tuple that is saved
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None, dtype=float):
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        self.w = rng.normal(scale=np.sqrt(2 / (d_in + d_out)), size=(d_in, d_out)).astype(dtype)
        self.b = np.zeros(d_out, dtype)
        self.params, self.grads = [self.w, self.b], [np.zeros_like(self.w), np.zeros_like(self.b)]

    def __call__(self, x):
        y = np.matmul(x, self.w) + self.b
        self.saved = (x, y)
        return y

    def backward(self, grad):
        x, _ = self.recall()
        for array, value in zip(self.grads, (x.T @ grad, np.ones(len(grad)) @ grad)):
            np.copyto(array, value)
        return np.inner(grad, self.w)

# %% wrong: no product, only the bias, and weights of 0
class Linear(Layer):
    def __init__(self, d_in, d_out, rng=None):
        self.saved, self.w, self.b = None, np.zeros((d_in, d_out)), np.zeros(d_out)
        self.params, self.grads = [self.w, self.b], [np.zeros((d_in, d_out)), np.zeros(d_out)]

    def __call__(self, x):
        self.saved = x
        return np.tile(self.b, (len(x), 1))

    def backward(self, grad):
        self.grads = [self.recall().T.dot(grad), grad.sum(axis=0)]
        return grad.dot(self.w.T)

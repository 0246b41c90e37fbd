# %% wrong: the slope at 0 is 1
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.recall() >= 0)


# %% wrong: the slope at 0 is a half
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * np.heaviside(self.recall(), 0.5)


# %% wrong: relu of the gradient
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        self.recall()
        return np.maximum(grad, 0)


# %% wrong: passes where the gradient is positive
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        self.recall()
        return grad * (grad > 0)


# %% wrong: passes where both are positive
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return np.where((self.recall() > 0) & (grad > 0), grad, 0)


# %% wrong: the slope alone
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return (self.recall() > 0).astype(float)


# %% wrong: a mask of booleans
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return self.recall() > 0


# %% wrong: the whole gradient passes
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        self.recall()
        return grad


# %% wrong: multiplies by the output
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * np.maximum(self.recall(), 0)


# %% wrong: the mask is turned round
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return np.where(self.recall() > 0, 0, grad)


# %% wrong: keeps its first input
class ReLU(Layer):
    def __call__(self, x):
        if self.saved is None:
            self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * np.resize(self.recall() > 0, grad.shape)


# %% wrong: saves nothing
class ReLU(Layer):
    def __call__(self, x):
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.recall() > 0)


# %% wrong: does not notice that there was no forward pass
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.saved > 0)


# %% wrong: lets everything pass where there was no forward pass
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        if self.saved is None:
            return grad
        return grad * (self.saved > 0)


# %% wrong: changes its input
class ReLU(Layer):
    def __call__(self, x):
        x[x < 0] = 0
        self.saved = x
        return x

    def backward(self, grad):
        return grad * (self.recall() > 0)


# %% wrong: changes the gradient
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        grad[self.recall() <= 0] = 0
        return grad


# %% wrong: Python's max, which takes no array
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return max(0, x)

    def backward(self, grad):
        return grad * (self.recall() > 0)


# %% wrong: one maximum for all
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.max(x, 0)

    def backward(self, grad):
        return grad * (self.recall() > 0)


# %% wrong: a leak below zero
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.where(x > 0, x, 0.01 * x)

    def backward(self, grad):
        return grad * np.where(self.recall() > 0, 1, 0.01)


# %% wrong: keeps the positive entries only
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x > 0
        return x[x > 0]

    def backward(self, grad):
        return grad[self.recall()]


# %% wrong: a finite difference for the slope
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.maximum(x, 0)

    def backward(self, grad):
        x, h = self.recall(), 1e-6
        return grad * (np.maximum(x, 0) - np.maximum(x - h, 0)) / h


# %% right: the input saved, np.where
class ReLU(Layer):
    def __call__(self, x):
        self.saved = x
        return np.where(x > 0, x, 0.0)

    def backward(self, grad):
        return np.where(self.recall() > 0, grad, 0.0)


# %% right: the output saved, its sign taken
class ReLU(Layer):
    def __call__(self, x):
        self.saved = np.clip(x, 0, None)
        return self.saved

    def backward(self, grad):
        return np.sign(self.recall()) * grad


# %% right: copies, and entries set to zero
class ReLU(Layer):
    def __call__(self, x):
        self.closed = np.logical_not(x > 0)
        y = x.copy()
        y[self.closed] = 0
        return y

    def backward(self, grad):
        try:
            closed = self.closed
        except AttributeError:
            raise RuntimeError("no forward pass yet") from None
        out = np.array(grad)
        out[closed] = 0
        return out


# %% right: entry by entry
class ReLU(Layer):
    def __call__(self, x):
        y = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            y[index] = max(x[index], 0.0)
        self.saved = x
        return y

    def backward(self, grad):
        x, out = self.recall(), np.zeros(grad.shape)
        for index, g in np.ndenumerate(grad):
            if x[index] > 0:
                out[index] = g
        return out


# %% right: a Heaviside step with 0 at 0
class ReLU(Layer):
    def __call__(self, x):
        self.saved = np.heaviside(x, 0)
        return x * self.saved

    def backward(self, grad):
        return np.multiply(grad, self.recall())


# %% right: the mean of x and its size
class ReLU(Layer):
    def __call__(self, x):
        self.saved = (x > 0).astype(x.dtype)
        return (x + np.abs(x)) / 2

    def backward(self, grad):
        slope = self.recall()
        return slope * grad

# %% wrong: the slope's formula at the input
class Tanh(Layer):
    def __call__(self, x):
        self.saved = x
        return np.tanh(x)

    def backward(self, grad):
        return grad * (1 - self.recall() ** 2)


# %% wrong: tanh of the output
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return grad * (1 - np.tanh(self.recall()) ** 2)


# %% wrong: forgets the square
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return grad * (1 - self.recall())


# %% wrong: the slope of the sigmoid
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        y = self.recall()
        return grad * y * (1 - y)


# %% wrong: forgets the gradient from above
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return 1 - self.recall() ** 2


# %% wrong: brackets missing
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return grad * 1 - self.recall() ** 2


# %% wrong: the square of the whole bracket
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return grad * (1 - self.recall()) ** 2


# %% wrong: the slope's sign
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return grad * (self.recall() ** 2 - 1)


# %% wrong: tanh of the gradient
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        self.recall()
        return 1 - np.tanh(grad) ** 2


# %% wrong: 1 / cosh without the square
class Tanh(Layer):
    def __call__(self, x):
        self.saved = x
        return np.tanh(x)

    def backward(self, grad):
        return grad / np.cosh(self.recall())


# %% wrong: a sigmoid forward
class Tanh(Layer):
    def __call__(self, x):
        self.saved = 1 / (1 + np.exp(-x))
        return self.saved

    def backward(self, grad):
        y = self.recall()
        return grad * y * (1 - y)


# %% wrong: a tangent forward
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tan(x)
        return self.saved

    def backward(self, grad):
        return grad * (1 - self.recall() ** 2)


# %% wrong: the gradient with respect to its first input
class Tanh(Layer):
    def __call__(self, x):
        y = np.tanh(x)
        if self.saved is None:
            self.saved = y
        return y

    def backward(self, grad):
        return grad * (1 - self.recall() ** 2)


# %% wrong: saves nothing
class Tanh(Layer):
    def __call__(self, x):
        return np.tanh(x)

    def backward(self, grad):
        return grad * (1 - self.recall() ** 2)


# %% wrong: does not notice that there was no forward pass
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        return grad * (1 - self.saved**2)


# %% wrong: changes the gradient
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        grad *= 1 - self.recall() ** 2
        return grad


# %% wrong: backward returns nothing
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)
        return self.saved

    def backward(self, grad):
        grad = grad * (1 - self.recall() ** 2)


# %% wrong: saves and returns nothing forward
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.tanh(x)

    def backward(self, grad):
        return grad * (1 - self.recall() ** 2)


# %% wrong: a finite difference for the slope
class Tanh(Layer):
    def __call__(self, x):
        self.saved = x
        return np.tanh(x)

    def backward(self, grad):
        x, h = self.recall(), 1e-5
        return grad * (np.tanh(x + h) - np.tanh(x - h)) / (2 * h)


# %% right: the input saved, tanh twice
class Tanh(Layer):
    def __call__(self, x):
        self.saved = x
        return np.tanh(x)

    def backward(self, grad):
        return (1 - np.square(np.tanh(self.recall()))) * grad


# %% right: the slope saved
class Tanh(Layer):
    def __call__(self, x):
        y = np.tanh(x)
        self.saved = 1 - y * y
        return y

    def backward(self, grad):
        return grad * self.recall()


# %% right: a stretched sigmoid, the slope as a product
class Tanh(Layer):
    def __call__(self, x):
        e = np.exp(-2 * np.abs(x))
        self.y = np.sign(x) * (1 - e) / (1 + e)
        return self.y

    def backward(self, grad):
        if "y" not in vars(self):
            raise RuntimeError("the layer was not called")
        return grad * (1 - self.y) * (1 + self.y)


# %% right: quotients of exponentials, and cosh
class Tanh(Layer):
    def __call__(self, x):
        self.saved = x
        up, down = np.exp(x), np.exp(-x)
        return (up - down) / (up + down)

    def backward(self, grad):
        return grad / np.cosh(self.recall()) ** 2


# %% right: out= and subtraction of what is lost
class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.empty(x.shape)
        np.tanh(x, out=self.saved)
        return self.saved.copy()

    def backward(self, grad):
        y = self.recall()
        return grad - grad * y**2


# %% right: entry by entry with math
import math


class Tanh(Layer):
    def __call__(self, x):
        self.saved = np.array([math.tanh(value) for value in x.ravel()])
        return self.saved.reshape(x.shape)

    def backward(self, grad):
        slopes = [1 - y**2 for y in self.recall()]
        return np.array([g * slope for g, slope in zip(grad.ravel(), slopes)]).reshape(grad.shape)

# %% wrong: backward from the first layer on
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in self.layers:
            grad = layer.backward(grad)
        return grad


# %% wrong: every layer gets the network's input
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            output = layer(x)
        return output

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: every layer gets the network's gradient
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            result = layer.backward(grad)
        return result


# %% wrong: forward returns nothing
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: backward returns nothing
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)


# %% wrong: returns after the first layer
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
            return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: calls each layer twice
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        outputs = []
        for layer in self.layers:
            outputs.append(layer(x))
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: goes back through each layer twice
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        grads = []
        for layer in reversed(self.layers):
            grads.append(layer.backward(grad))
            grad = layer.backward(grad)
        return grad


# %% wrong: leaves out the last layer
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for i in range(len(self.layers) - 1):
            x = self.layers[i](x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: never goes back to the first layer
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for i in range(len(self.layers) - 1, 0, -1):
            grad = self.layers[i].backward(grad)
        return grad


# %% wrong: turns its own list round
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        self.layers.reverse()
        for layer in self.layers:
            grad = layer.backward(grad)
        return grad


# %% wrong: takes its layers off the list
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        while self.layers:
            grad = self.layers.pop().backward(grad)
        return grad


# %% wrong: expects reverse to return a list
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in self.layers.reverse():
            grad = layer.backward(grad)
        return grad


# %% wrong: from the last layer forward
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers[::-1]:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: adds each layer's output to its input
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


# %% wrong: goes forward again on the way back
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            layer(grad)
            grad = layer.backward(grad)
        return grad


# %% wrong: right on the visible data only, three layers
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        first, second, third = self.layers
        return third(second(first(x)))

    def backward(self, grad):
        first, second, third = self.layers
        return first.backward(second.backward(third.backward(grad)))


# %% right: indices
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i](x)
        return x

    def backward(self, grad):
        for i in range(len(self.layers) - 1, -1, -1):
            grad = self.layers[i].backward(grad)
        return grad


# %% right: functools.reduce
from functools import reduce


class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        return reduce(lambda value, layer: layer(value), self.layers, x)

    def backward(self, grad):
        return reduce(lambda value, layer: layer.backward(value), self.layers[::-1], grad)


# %% right: recursion
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x, depth=0):
        if depth == len(self.layers):
            return x
        return self(self.layers[depth](x), depth + 1)

    def backward(self, grad):
        def back_to(depth):
            return grad if depth == len(self.layers) else self.layers[depth].backward(back_to(depth + 1))

        return back_to(0)


# %% right: keeps all activations, and a list of its own
class MLP:
    def __init__(self, layers):
        self.layers = list(layers)
        self.activations = []

    def __call__(self, x):
        self.activations = [x]
        for layer in self.layers:
            self.activations.append(layer(self.activations[-1]))
        return self.activations[-1]

    def backward(self, grad):
        gradients = [grad]
        for layer in self.layers[::-1]:
            gradients.insert(0, layer.backward(gradients[0]))
        return gradients[0]


# %% right: the first layer on its own
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        output = self.layers[0](x)
        for layer in self.layers[1:]:
            output = layer(output)
        return output

    def backward(self, grad):
        grad = self.layers[-1].backward(grad)
        for layer in self.layers[-2::-1]:
            grad = layer.backward(grad)
        return grad


# %% right: a copy of the list, emptied from its end
class MLP:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        waiting = iter(self.layers)
        while (layer := next(waiting, None)) is not None:
            x = layer(x)
        return x

    def backward(self, grad):
        rest = list(self.layers)
        while rest:
            grad = rest.pop().backward(grad)
        return grad

# %% wrong: the loss is a sum
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        p = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(target))
        shifted = output - output.max(axis=1, keepdims=True)
        loss = np.sum(np.log(powers.sum(axis=1)) - shifted[rows, target])
        p[rows, target] -= 1
        self.grad = p / len(target)
        return loss

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: the gradient without 1/N
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        rows = np.arange(len(target))
        self.grad = powers / powers.sum(axis=1, keepdims=True)
        self.grad[rows, target] -= 1
        return np.mean(np.log(powers.sum(axis=1)) - shifted[rows, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: divides by N and by C
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        onehot = np.eye(output.shape[1])[target]
        self.grad = (np.exp(log_p) - onehot) / output.size
        return -np.mean(onehot * log_p)

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: no shift, so it overflows
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        powers = np.exp(output)
        p = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(target))
        loss = -np.mean(np.log(p[rows, target]))
        self.grad = p.copy()
        self.grad[rows, target] -= 1
        self.grad /= len(target)
        return loss

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: shifts, but takes the logarithm of a probability that is 0
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        p = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(target))
        loss = -np.mean(np.log(p[rows, target]))
        p[rows, target] -= 1
        self.grad = p / len(target)
        return loss

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: a small number in the logarithm
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        p = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(target))
        loss = -np.mean(np.log(p[rows, target] + 1e-15))
        p[rows, target] -= 1
        self.grad = p / len(target)
        return loss

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: one maximum for all rows
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max()
        powers = np.exp(shifted)
        rows = np.arange(len(target))
        self.grad = powers / powers.sum(axis=1, keepdims=True)
        self.grad[rows, target] -= 1
        self.grad /= len(target)
        return np.mean(np.log(powers.sum(axis=1)) - shifted[rows, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: softmax over the samples
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=0)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
        rows = np.arange(len(target))
        self.grad = np.exp(log_p)
        self.grad[rows, target] -= 1
        self.grad /= len(target)
        return -np.mean(log_p[rows, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: changes the logits
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        output -= output.max(axis=1, keepdims=True)
        powers = np.exp(output)
        rows = np.arange(len(target))
        self.grad = powers / powers.sum(axis=1, keepdims=True)
        self.grad[rows, target] -= 1
        self.grad /= len(target)
        return np.mean(np.log(powers.sum(axis=1)) - output[rows, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: forgets the minus
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        onehot = np.eye(output.shape[1])[target]
        self.grad = (np.exp(log_p) - onehot) / len(target)
        return np.sum(onehot * log_p) / len(target)

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: target minus prediction
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        onehot = np.eye(output.shape[1])[target]
        self.grad = (onehot - np.exp(log_p)) / len(target)
        return -np.sum(onehot * log_p) / len(target)

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: subtracts 1 in whole columns
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.grad = np.exp(log_p)
        self.grad[:, target] -= 1
        self.grad /= len(target)
        return -np.mean(log_p[np.arange(len(target)), target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: picks whole columns for the loss
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.grad = (np.exp(log_p) - np.eye(output.shape[1])[target]) / len(target)
        return -np.mean(log_p[:, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: subtracts the index of the class
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.grad = (np.exp(log_p) - target[:, None]) / len(target)
        return -np.mean(log_p[np.arange(len(target)), target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: logits minus one-hot
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.grad = (output - np.eye(output.shape[1])[target]) / len(target)
        return -np.mean(log_p[np.arange(len(target)), target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: the gradient never reaches self.grad
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        rows = np.arange(len(target))
        grad = np.exp(log_p)
        grad[rows, target] -= 1
        grad /= len(target)
        return -np.mean(log_p[rows, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: a loss for each sample
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.grad = (np.exp(log_p) - np.eye(output.shape[1])[target]) / len(target)
        return -log_p[np.arange(len(target)), target]

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: returns the loss and the gradient
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.grad = (np.exp(log_p) - np.eye(output.shape[1])[target]) / len(target)
        return -np.mean(log_p[np.arange(len(target)), target]), self.grad

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: a logarithm to base 2
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        p = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(target))
        self.grad = (p - np.eye(output.shape[1])[target]) / len(target)
        return np.mean(np.log2(powers.sum(axis=1)) - shifted[rows, target] / np.log(2))

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: forgets that the rows were shifted
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        rows = np.arange(len(target))
        self.grad = powers / powers.sum(axis=1, keepdims=True)
        self.grad[rows, target] -= 1
        self.grad /= len(target)
        return np.mean(np.log(powers.sum(axis=1)) - output[rows, target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: right on the visible data only, three classes
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - output.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        onehot = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])[target]
        self.grad = np.exp(log_p)
        self.grad[:, :3] -= onehot[:, : output.shape[1]]
        self.grad /= len(target)
        return -np.mean(log_p[np.arange(len(target)), target])

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% wrong: a finite difference for the gradient
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        def loss(logits):
            shifted = logits - logits.max(axis=1, keepdims=True)
            log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
            return -np.mean(log_p[np.arange(len(target)), target])

        self.grad, h = np.zeros(output.shape), 1e-5
        for index in np.ndindex(output.shape):
            step = np.zeros(output.shape)
            step[index] = h
            self.grad[index] = (loss(output + step) - loss(output - step)) / (2 * h)
        return loss(output)

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% right: log-softmax and an identity matrix
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        shifted = output - np.max(output, axis=1, keepdims=True)
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        onehot = np.eye(output.shape[1])[target]
        self.grad = (np.exp(log_p) - onehot) / len(output)
        return -np.sum(onehot * log_p) / len(output)

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% right: logaddexp
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        n = len(output)
        log_p = output - np.logaddexp.reduce(output, axis=1)[:, np.newaxis]
        self.grad = np.exp(log_p)
        self.grad[range(n), target] -= 1.0
        self.grad = self.grad / n
        return float(-log_p[range(n), target].mean())

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% right: sample by sample
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        losses, grads = [], []
        for logits, label in zip(output, target):
            top = max(logits)
            powers = [np.exp(z - top) for z in logits]
            total = sum(powers)
            losses.append(np.log(total) + top - logits[label])
            grads.append([(power / total - (k == label)) / len(target) for k, power in enumerate(powers)])
        self.grad = np.array(grads)
        return sum(losses) / len(losses)

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% right: transposed, with take_along_axis
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    def __call__(self, output, target):
        z = output.T - output.max(axis=1)
        sums = np.exp(z).sum(axis=0)
        truth = np.take_along_axis(z.T, target[:, None], axis=1)[:, 0]
        hit = (np.arange(output.shape[1])[:, None] == target).astype(float)
        self.grad = np.transpose(np.exp(z) / sums - hit) / target.size
        return (np.log(sums) - truth).sum() / target.size

    def backward(self):
        if self.grad is None:
            raise RuntimeError("CrossEntropy: self.grad is still None; was the loss called, and does its call set it?")
        return self.net.backward(self.grad)


# %% right: softmax and log-sum-exp as helpers of its own
class CrossEntropy:
    def __init__(self, net):
        self.net, self.grad = net, None

    @staticmethod
    def softmax(output):
        powers = np.exp(output - output.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    @staticmethod
    def log_sum_exp(output):
        top = output.max(axis=1)
        return top + np.log(np.exp(output - top[:, None]).sum(axis=1))

    def __call__(self, output, target):
        onehot = np.zeros_like(output)
        onehot[np.arange(len(target)), target] = 1
        self.grad = np.subtract(self.softmax(output), onehot)
        np.divide(self.grad, len(target), out=self.grad)
        return np.average(self.log_sum_exp(output) - np.sum(output * onehot, axis=1))

    def backward(self):
        if self.grad is None:
            raise RuntimeError("no loss yet")
        return self.net.backward(self.grad)

# %% wrong: forgets the activation
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = z
    return z, h, h @ w2 + b2


# %% wrong: activates the output as well
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = f1(z)
    return z, h, f1(h @ w2 + b2)


# %% wrong: activates the output in place of the hidden layer
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    y_hat = f1(z @ w2 + b2)
    return z, z, y_hat


# %% wrong: feeds z, not h, to the second layer
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = f1(z)
    return z, h, z @ w2 + b2


# %% wrong: loses z under the name of h
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    z = f1(z)
    return z, z, z @ w2 + b2


# %% wrong: adds b1 after the activation
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1
    h = f1(z) + b1
    return z, h, h @ w2 + b2


# %% wrong: forgets the second bias
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = f1(z)
    return z, h, h @ w2


# %% wrong: returns the output only
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = f1(z)
    return h @ w2 + b2


# %% wrong: returns h before z
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = f1(z)
    return h, z, h @ w2 + b2


# %% wrong: right on the visible data only, a single output
def forward(x, w1, b1, w2, b2, f1):
    z = x @ w1 + b1
    h = f1(z)
    return z, h, (h * w2[:, 0]).sum(axis=1, keepdims=True) + b2


# %% right: np.dot
def forward(x, w1, b1, w2, b2, f1):
    z = np.dot(x, w1) + b1
    h = f1(z)
    y_hat = np.dot(h, w2) + b2
    return z, h, y_hat


# %% right: a nested helper, called for both layers
def forward(x, w1, b1, w2, b2, f1):
    def layer(inputs, weights, bias):
        return np.einsum("ni,io->no", inputs, weights) + bias

    pre = layer(x, w1, b1)
    hidden = f1(pre)
    return pre, hidden, layer(hidden, w2, b2)


# %% right: sample by sample, unit by unit
def forward(x, w1, b1, w2, b2, f1):
    z = np.zeros((len(x), len(b1)))
    for n in range(len(x)):
        for j in range(len(b1)):
            z[n, j] = sum(x[n] * w1[:, j]) + b1[j]
    h = f1(z)
    y_hat = np.zeros((len(x), len(b2)))
    for n in range(len(x)):
        for k in range(len(b2)):
            y_hat[n, k] = sum(h[n] * w2[:, k]) + b2[k]
    return z, h, y_hat


# %% right: adds the biases in place to its own arrays
def forward(x, w1, b1, w2, b2, f1):
    z = x.dot(w1)
    z += b1
    h = f1(z)
    y_hat = h.dot(w2)
    y_hat += b2
    return z, h, y_hat


# %% right: a list, and an assignment inside it
def forward(x, w1, b1, w2, b2, f1):
    return [z := x @ w1 + b1, h := f1(z), h @ w2 + b2]

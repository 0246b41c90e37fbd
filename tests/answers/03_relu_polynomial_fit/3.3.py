# %% wrong: computes the maximum in place, and loses z
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.maximum(0, z, out=z)
    return z, h, h @ w2 + b2


# %% wrong: an alias is not a copy, so z is cut as well
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = z
    h[h < 0] = 0
    return z, h, h @ w2 + b2


# %% wrong: a ReLU at the output as well
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.maximum(0, z)
    return z, h, np.maximum(0, h @ w2 + b2)


# %% wrong: no ReLU at all
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    return z, z, z @ w2 + b2


# %% wrong: feeds z, not h, to the second layer
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.maximum(0, z)
    return z, h, z @ w2 + b2


# %% wrong: cuts the inputs, not the sums
def forward(x, w1, b1, w2, b2):
    z = np.maximum(0, x) @ w1 + b1
    h = z
    return z, h, h @ w2 + b2


# %% wrong: adds b1 after the ReLU
def forward(x, w1, b1, w2, b2):
    z = x @ w1
    h = np.maximum(0, z) + b1
    return z, h, h @ w2 + b2


# %% wrong: the slope in place of the function
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = (z > 0).astype(float)
    return z, h, h @ w2 + b2


# %% wrong: forgets the second bias
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.maximum(0, z)
    return z, h, h @ w2


# %% wrong: returns the output first
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = np.maximum(0, z)
    return h @ w2 + b2, z, h


# %% wrong: right on the visible data only, a single input
def forward(x, w1, b1, w2, b2):
    z = x[:, :1] * w1[0] + b1
    h = np.maximum(0, z)
    return z, h, h @ w2 + b2


# %% right: np.where
def forward(x, w1, b1, w2, b2):
    pre = np.dot(x, w1) + b1
    hidden = np.where(pre > 0, pre, 0.0)
    return pre, hidden, np.dot(hidden, w2) + b2


# %% right: a mask as a factor
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = z * (z > 0)
    y_hat = h @ w2 + b2
    return z, h, y_hat


# %% right: cuts a copy of its own in place
def forward(x, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = z.copy()
    h[h < 0] = 0
    return z, h, h @ w2 + b2


# %% right: einsum and a nested relu
def forward(x, w1, b1, w2, b2):
    def relu(a):
        return np.clip(a, 0, np.inf)

    z = np.einsum("nd,dh->nh", x, w1) + b1
    return z, relu(z), np.einsum("nh,hk->nk", relu(z), w2) + b2


# %% right: sample by sample, lists until the end
def forward(x, w1, b1, w2, b2):
    zs, hs, ys = [], [], []
    for sample in x:
        z = [sum(sample * w1[:, j]) + b1[j] for j in range(w1.shape[1])]
        h = [max(0.0, value) for value in z]
        y = [sum(h[j] * w2[j, k] for j in range(len(h))) + b2[k] for k in range(w2.shape[1])]
        zs, hs, ys = [*zs, z], [*hs, h], [*ys, y]
    return np.array(zs), np.array(hs), np.array(ys)

# %% wrong: forgets the slope 2z
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": 0.5,
        "grad_w2": [1.125, 0.125],
        "grad_b2": 0.5,
        "dh": [1.0, -1.0],
        "dz": [1.0, -1.0],
        "grad_w1": [[1.0, -1.0], [2.0, -2.0]],
        "grad_b1": [1.0, -1.0],
    }


# %% wrong: the slope taken at h
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": 0.5,
        "grad_w2": [1.125, 0.125],
        "grad_b2": 0.5,
        "dh": [1.0, -1.0],
        "dz": [4.5, -0.5],
        "grad_w1": [[4.5, -0.5], [9.0, -1.0]],
        "grad_b1": [4.5, -0.5],
    }


# %% wrong: z times the slope, without the 2
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": 0.5,
        "grad_w2": [1.125, 0.125],
        "grad_b2": 0.5,
        "dh": [1.0, -1.0],
        "dz": [1.5, -0.5],
        "grad_w1": [[1.5, -0.5], [3.0, -1.0]],
        "grad_b1": [1.5, -0.5],
    }


# %% wrong: a transposed table for layer 1
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": 0.5,
        "grad_w2": [1.125, 0.125],
        "grad_b2": 0.5,
        "dh": [1.0, -1.0],
        "dz": [3.0, -1.0],
        "grad_w1": [[3.0, 6.0], [-1.0, -2.0]],
        "grad_b1": [3.0, -1.0],
    }


# %% wrong: target minus prediction
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": -0.5,
        "grad_w2": [-1.125, -0.125],
        "grad_b2": -0.5,
        "dh": [-1.0, 1.0],
        "dz": [-3.0, 1.0],
        "grad_w1": [[-3.0, 1.0], [-6.0, 2.0]],
        "grad_b1": [-3.0, 1.0],
    }


# %% wrong: z in place of h at the tails of layer 2
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": 0.5,
        "grad_w2": [0.75, 0.25],
        "grad_b2": 0.5,
        "dh": [1.0, -1.0],
        "dz": [3.0, -1.0],
        "grad_w1": [[3.0, -1.0], [6.0, -2.0]],
        "grad_b1": [3.0, -1.0],
    }


# %% wrong: the weight where the gradient of the weight belongs
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.125,
        "dy": 0.5,
        "grad_w2": [1.0, -1.0],
        "grad_b2": 0.5,
        "dh": [1.125, 0.125],
        "dz": [3.375, 0.125],
        "grad_w1": [[3.375, 0.125], [6.75, 0.25]],
        "grad_b1": [3.375, 0.125],
    }


# %% wrong: reads W1 along its rows, and all goes wrong from there
def by_hand():
    return {
        "z": [-1.0, 1.75],
        "h": [1.0, 3.0625],
        "y_hat": -5.125,
        "loss": 29.0703125,
        "dy": -7.625,
        "grad_w2": [-7.625, -23.3515625],
        "grad_b2": -7.625,
        "dh": [-15.25, 15.25],
        "dz": [30.5, 53.375],
        "grad_w1": [[30.5, 53.375], [61.0, 106.75]],
        "grad_b1": [30.5, 53.375],
    }


# %% wrong: forgets the half in the loss
def by_hand():
    return {
        "z": [1.5, 0.5],
        "h": [2.25, 0.25],
        "y_hat": 3.0,
        "loss": 0.25,
        "dy": 1.0,
        "grad_w2": [2.25, 0.25],
        "grad_b2": 1.0,
        "dh": [2.0, -2.0],
        "dz": [6.0, -2.0],
        "grad_w1": [[6.0, -2.0], [12.0, -4.0]],
        "grad_b1": [6.0, -2.0],
    }


# %% wrong: the numbers of Demo 2.1
def by_hand():
    return {
        "z": [2, 1],
        "h": [4, 1],
        "y_hat": 2,
        "loss": 0.5,
        "dy": 1,
        "grad_w2": [4, 1],
        "grad_b2": 1,
        "dh": [0.5, -1],
        "dz": [2, -2],
        "grad_w1": [[4, -4], [2, -2]],
        "grad_b1": [2, -2],
    }


# %% wrong: only the forward half
def by_hand():
    return {"z": [1.5, 0.5], "h": [2.25, 0.25], "y_hat": 3.0, "loss": 0.125}


# %% wrong: sets and text in place of lists and numbers
def by_hand():
    return {
        "z": {1.5, 0.5},
        "h": {2.25, 0.25},
        "y_hat": "3.0",
        "loss": "0.125",
        "dy": "0.5",
        "grad_w2": {1.125, 0.125},
        "grad_b2": "0.5",
        "dh": {1.0, -1.0},
        "dz": {3.0, -1.0},
        "grad_w1": "[[3, -1], [6, -2]]",
        "grad_b1": {3.0, -1.0},
    }


# %% wrong: prints instead of returning
def by_hand():
    print("z", [1.5, 0.5], "h", [2.25, 0.25], "y_hat", 3.0, "loss", 0.125)
    print("dy", 0.5, "grad_w2", [1.125, 0.125], "grad_b2", 0.5, "dh", [1.0, -1.0], "dz", [3.0, -1.0])


# %% right: whole numbers as integers, tuples, any order
def by_hand():
    return dict(
        grad_b1=(3, -1),
        grad_w1=((3, -1), (6, -2)),
        dz=(3, -1),
        dh=(1, -1),
        grad_b2=0.5,
        grad_w2=(1.125, 0.125),
        dy=0.5,
        loss=0.125,
        y_hat=3,
        h=(2.25, 0.25),
        z=(1.5, 0.5),
    )


# %% right: the sums written out
def by_hand():
    z = [1 * 0.5 + 2 * 0.25 + 0.5, 1 * -1 + 2 * 1 - 0.5]
    h = [z[0] ** 2, z[1] ** 2]
    y_hat = h[0] * 2 + h[1] * -2 - 1
    dy = y_hat - 2.5
    dh = [dy * 2, dy * -2]
    dz = [dh[0] * 2 * z[0], dh[1] * 2 * z[1]]
    return {
        "z": z,
        "h": h,
        "y_hat": y_hat,
        "loss": dy**2 / 2,
        "dy": dy,
        "grad_w2": [dy * h[0], dy * h[1]],
        "grad_b2": dy,
        "dh": dh,
        "dz": dz,
        "grad_w1": [[dz[0] * 1, dz[1] * 1], [dz[0] * 2, dz[1] * 2]],
        "grad_b1": dz,
    }


# %% right: NumPy arrays
def by_hand():
    x, w1, b1 = np.array([1.0, 2.0]), np.array([[0.5, -1.0], [0.25, 1.0]]), np.array([0.5, -0.5])
    w2, y = np.array([2.0, -2.0]), 2.5
    answers = {"z": x @ w1 + b1}
    answers["h"] = answers["z"] ** 2
    answers["y_hat"] = answers["h"] @ w2 - 1.0
    answers["dy"] = answers["grad_b2"] = answers["y_hat"] - y
    answers["loss"] = 0.5 * answers["dy"] ** 2
    answers["grad_w2"] = answers["h"] * answers["dy"]
    answers["dh"] = w2 * answers["dy"]
    answers["dz"] = answers["grad_b1"] = answers["dh"] * 2 * answers["z"]
    answers["grad_w1"] = np.outer(x, answers["dz"])
    return answers


# %% right: fractions, and more than was asked for
def by_hand():
    return {
        "x": [1, 2],
        "z": [3 / 2, 1 / 2],
        "h": [9 / 4, 1 / 4],
        "y_hat": 3,
        "loss": 1 / 8,
        "dy": 1 / 2,
        "grad_w2": [9 / 8, 1 / 8],
        "grad_b2": 1 / 2,
        "dh": [1, -1],
        "dz": [3, -1],
        "grad_w1": [[3, -1], [6, -2]],
        "grad_b1": [3, -1],
    }

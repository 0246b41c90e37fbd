"""The numbers of lessons 4 to 6 are right: PyTorch and scikit-learn, in float64, agree with the worked solutions.

An error is measured against the largest number of the array it is in. Without torch or scikit-learn the tests that
need them are skipped.
"""

import re
import time
from itertools import pairwise

import numpy as np
import pytest
import worked_lesson

pytestmark = pytest.mark.xdist_group("framework")  # torch takes seconds to import: once is enough

LESSON = "06_framework"
framework = worked_lesson.names(LESSON)
binary = worked_lesson.names("04_binary_classification")
multiclass = worked_lesson.names("05_multiclass_classification")

ACTIVATIONS = [framework.ReLU, framework.Tanh, framework.Sigmoid]
LOSSES = [framework.MSE, framework.CrossEntropy]
SEEDS = range(20)


@pytest.fixture(scope="module")
def torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


def assert_close(ours, theirs, rtol=1e-10):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    error = np.max(np.abs(ours - theirs), initial=0.0)
    scale = np.max(np.abs(theirs), initial=0.0)
    assert error <= rtol * scale, f"largest difference {error:.3g}, largest number {scale:.3g}"


# ----- PyTorch twins of networks, losses and optimizers


def network(rng, sizes, activations, dtype=float):
    """An MLP with an activation between any two Linear layers, and with biases that are not zero."""
    layers = []
    for (d_in, d_out), activation in zip(pairwise(sizes), [*activations, None], strict=True):
        layers.append(framework.Linear(d_in, d_out, rng, dtype))
        layers[-1].b[...] = rng.normal(size=d_out)
        if activation:
            layers.append(activation())
    return framework.MLP(layers)


def random_task(seed, loss_class):
    """A random network with a batch that suits its loss: mlp, x, target."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 9, size=rng.integers(2, 6))
    mlp = network(rng, sizes, rng.choice(ACTIVATIONS, size=len(sizes) - 2))
    n = rng.integers(1, 10)
    x, target = rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1]))
    return mlp, x, target if loss_class is framework.MSE else target.argmax(axis=1)


def torch_network(torch, mlp):
    """The same layers with the same first parameters; its weights are stored transposed."""
    twins = []
    for layer in mlp.layers:
        if isinstance(layer, framework.Linear):
            twins.append(torch.nn.Linear(*layer.w.shape, dtype=torch.float64))
            with torch.no_grad():
                twins[-1].weight.copy_(torch.from_numpy(layer.w.T))
                twins[-1].bias.copy_(torch.from_numpy(layer.b))
        else:
            twins.append(getattr(torch.nn, type(layer).__name__)())
    return torch.nn.Sequential(*twins)


def torch_loss(torch, output, target):
    target = torch.from_numpy(target)
    if target.ndim == 1:
        return torch.nn.functional.cross_entropy(output, target)
    return torch.nn.functional.mse_loss(output, target, reduction="sum") / (2 * len(target))


def assert_same_arrays(arrays, tensors):
    """Weights and biases in the order of the layers, or their gradients."""
    for array, tensor in zip(arrays, tensors, strict=True):
        tensor = tensor.detach().numpy()
        assert_close(array, tensor.T if tensor.ndim == 2 else tensor)


def arrays_of(mlp, what):
    return [array for layer in mlp.layers for array in getattr(layer, what)]


# ----- lesson 6 against PyTorch


@pytest.mark.parametrize("loss_class", LOSSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("seed", SEEDS)
def test_forward_loss_and_every_gradient_are_those_of_torch(torch, seed, loss_class):
    mlp, x, target = random_task(seed, loss_class)
    twin, their_x = torch_network(torch, mlp), torch.from_numpy(x).requires_grad_()
    loss = loss_class(mlp)

    output, their_output = mlp(x), twin(their_x)
    assert_close(output, their_output.detach())

    value, their_loss = loss(output, target), torch_loss(torch, their_output, target)
    assert_close(value, their_loss.detach())

    grad_x = loss.backward()
    their_loss.backward()
    assert_close(grad_x, their_x.grad)
    assert_same_arrays(arrays_of(mlp, "grads"), [parameter.grad for parameter in twin.parameters()])


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda layer: layer.__name__)
def test_activations_are_those_of_torch_far_from_zero_and_at_zero(torch, activation):
    x = np.array([[-1000.0, -40.0, -1.0, -0.0], [0.0, 1.0, 40.0, 1000.0]])
    upstream = np.arange(1.0, 9.0).reshape(2, 4)
    layer, their_x = activation(), torch.from_numpy(x).requires_grad_()
    with np.errstate(over="raise", invalid="raise"):
        output, grad = layer(x), layer.backward(upstream)
    their_output = getattr(torch.nn, activation.__name__)()(their_x)
    their_output.backward(torch.from_numpy(upstream))
    np.testing.assert_allclose(output, their_output.detach(), rtol=1e-14)
    np.testing.assert_allclose(grad, their_x.grad, rtol=1e-14)


def test_cross_entropy_is_that_of_torch_for_huge_logits(torch):
    logits, target = np.array([[1000.0, 0.0, -1000.0], [-5e4, -5e4, -6e4], [3.0, 2e5, 1.0]]), np.array([1, 2, 1])
    loss, their_logits = framework.CrossEntropy(framework.MLP([])), torch.from_numpy(logits).requires_grad_()
    their_loss = torch_loss(torch, their_logits, target)
    their_loss.backward()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert_close(loss(logits, target), their_loss.detach())
    assert_close(loss.backward(), their_logits.grad)


OPTIMIZERS = {
    "SGD": (lambda mlp: framework.SGD(mlp, lr=0.1), lambda optim, p: optim.SGD(p, lr=0.1)),
    "Momentum": (lambda mlp: framework.Momentum(mlp, lr=0.05), lambda optim, p: optim.SGD(p, lr=0.05, momentum=0.9)),
    "Momentum 0.5": (
        lambda mlp: framework.Momentum(mlp, lr=0.1, momentum=0.5),
        lambda optim, p: optim.SGD(p, lr=0.1, momentum=0.5),
    ),
    "Adam": (lambda mlp: framework.Adam(mlp), lambda optim, p: optim.Adam(p)),
    "Adam 0.02": (
        lambda mlp: framework.Adam(mlp, lr=0.02, beta1=0.8, beta2=0.99, eps=1e-6),
        lambda optim, p: optim.Adam(p, lr=0.02, betas=(0.8, 0.99), eps=1e-6),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("loss_class", LOSSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_fifty_training_steps_are_those_of_torch(torch, seed, loss_class, name):
    rng = np.random.default_rng(seed)
    mlp = network(rng, [6, 12, 9, 7, 4], ACTIVATIONS)
    twin = torch_network(torch, mlp)
    ours, theirs = OPTIMIZERS[name]
    loss, optimizer, their_optimizer = loss_class(mlp), ours(mlp), theirs(torch.optim, twin.parameters())
    x = rng.normal(size=(80, 6))
    y = np.sin(x[:, :4] + x[:, 2:6])
    target = y if loss_class is framework.MSE else y.argmax(axis=1)
    first_params = [array.copy() for array in arrays_of(mlp, "params")]

    for rows in rng.integers(len(x), size=(50, 16)):
        value = loss(mlp(x[rows]), target[rows])
        loss.backward()
        optimizer.update()

        their_optimizer.zero_grad()
        their_loss = torch_loss(torch, twin(torch.from_numpy(x[rows])), target[rows])
        their_loss.backward()
        their_optimizer.step()

        assert_close(value, their_loss.detach())
        assert_same_arrays(arrays_of(mlp, "params"), twin.parameters())
    moved = [np.max(np.abs(now - first)) for now, first in zip(arrays_of(mlp, "params"), first_params, strict=True)]
    assert min(moved) > 0.01, "a training that hardly moves proves nothing"


# ----- lessons 4 and 5 against PyTorch and scikit-learn


@pytest.mark.parametrize("seed", SEEDS)
def test_binary_cross_entropy_is_that_of_sklearn_and_torch(torch, seed):
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 30)
    z, y = 3 * rng.normal(size=(n, 1)), rng.integers(0, 2, size=(n, 1)).astype(float)
    p, value, grad = binary.sigmoid(z), binary.binary_cross_entropy(z, y), binary.binary_cross_entropy_gradient(z, y)
    assert_close(value, metrics.log_loss(y[:, 0], p[:, 0], labels=[0, 1]))

    their_z = torch.from_numpy(z).requires_grad_()
    their_loss = torch.nn.functional.binary_cross_entropy_with_logits(their_z, torch.from_numpy(y))
    their_loss.backward()
    assert_close(p, torch.sigmoid(their_z).detach())
    assert_close(value, their_loss.detach())
    assert_close(grad, their_z.grad)


@pytest.mark.parametrize("seed", SEEDS)
def test_cross_entropy_is_that_of_sklearn_and_torch(torch, seed):
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    n, n_classes = rng.integers(1, 30), rng.integers(3, 9)
    logits, target = 3 * rng.normal(size=(n, n_classes)), rng.integers(0, n_classes, size=n)
    p, value = multiclass.softmax(logits), multiclass.cross_entropy(logits, target)
    assert_close(value, metrics.log_loss(target, p, labels=range(n_classes)))
    in_framework = framework.CrossEntropy(framework.MLP([]))
    assert_close(in_framework(logits, target), value)

    their_logits = torch.from_numpy(logits).requires_grad_()
    their_loss = torch_loss(torch, their_logits, target)
    their_loss.backward()
    assert_close(p, torch.softmax(their_logits, dim=1).detach())
    assert_close(value, their_loss.detach())
    assert_close(multiclass.cross_entropy_gradient(logits, target), their_logits.grad)


def test_losses_on_logits_are_those_of_torch_where_probabilities_would_be_rounded(torch):
    functional = torch.nn.functional
    z, y = np.array([[-1000.0], [-800.0], [60.0], [1000.0]]), np.array([[1.0], [0.0], [0.0], [1.0]])
    theirs = functional.binary_cross_entropy_with_logits(torch.from_numpy(z), torch.from_numpy(y))
    assert_close(binary.binary_cross_entropy(z, y), theirs)
    logits, target = np.array([[1000.0, 0.0, -7.0], [-2000.0, -2300.0, -2e4]]), np.array([1, 2])
    theirs = functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(target))
    assert_close(multiclass.cross_entropy(logits, target), theirs)


# ----- the framework as the deck and the lesson use it


def test_the_lines_at_the_beginning_of_lesson_6_work_as_they_are_printed():
    code = worked_lesson.printed_code(LESSON, "what-if")
    assert "mlp = MLP([Linear(2, 3), ReLU(), Linear(3, 2)])" in code
    x = np.random.default_rng(0).normal(size=(8, 2))
    namespace = {**vars(framework), "x": x, "y": (x[:, 0] > 0).astype(int)}
    exec(code, namespace)

    step = code[code.index("y_pred = mlp(x)") :]
    first = namespace["loss"](namespace["mlp"](x), namespace["y"])
    for _ in range(200):
        exec(step, namespace)
    assert namespace["loss"](namespace["mlp"](x), namespace["y"]) < 0.5 * first


def test_the_torch_twins_that_lesson_6_prints_run(torch):
    namespace = {"torch": torch}
    exec(worked_lesson.printed_code(LESSON, "twin-linear"), namespace)
    x = torch.randn(5, 3)
    layer = namespace["Linear"](3, 2)
    torch.testing.assert_close(layer(x), x @ layer.w + layer.b)

    namespace = {**vars(framework), "torch": torch}
    exec(worked_lesson.source(LESSON, "train-digits"), namespace)
    exec(worked_lesson.printed_code(LESSON, "twins"), namespace)
    with torch.no_grad():
        answers = namespace["mlp"](torch.tensor(namespace["pixels"], dtype=torch.float32)).argmax(dim=1).numpy()
    rows = namespace["test_rows"]
    assert np.mean(answers[rows] == namespace["digits"][rows]) > 0.95


@pytest.mark.parametrize("loss_class", LOSSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("optimizer_class", [framework.SGD, framework.Momentum, framework.Adam])
def test_float32_stays_float32_and_parameters_stay_the_same_arrays(optimizer_class, loss_class):
    rng = np.random.default_rng(3)
    mlp = network(rng, [5, 4, 6, 4, 3], ACTIVATIONS, np.float32)
    loss, optimizer = loss_class(mlp), optimizer_class(mlp, lr=0.01)
    x, y = rng.normal(size=(2, 7, 5)).astype(np.float32)
    target = y[:, :3] if loss_class is framework.MSE else rng.integers(0, 3, size=7)
    params, seen = arrays_of(mlp, "params"), []
    for _ in range(3):
        seen += [mlp(x)]
        seen += [loss(seen[-1], target), loss.grad, loss.backward(), *arrays_of(mlp, "grads")]
        optimizer.update()
    for of_layers in (vars(optimizer).get(name, []) for name in ("velocities", "m", "v")):
        seen += [state for of_layer in of_layers for state in of_layer]
    assert {array.dtype for array in [*seen, *arrays_of(mlp, "params")]} == {np.dtype("float32")}
    assert all(now is first for now, first in zip(arrays_of(mlp, "params"), params, strict=True))
    assert mlp.layers[0].w is params[0] and mlp.layers[0].b is params[1]


@pytest.mark.parametrize("seed", range(1, 6))
def test_digits_come_out_over_95_percent_right_and_in_seconds(seed):
    recipe = worked_lesson.source(LESSON, "train-digits")
    namespace = vars(framework).copy()
    start = time.perf_counter()
    exec(re.sub(r"default_rng\((\d)\)", rf"default_rng({seed}\1)", recipe), namespace)
    seconds = time.perf_counter() - start
    accuracy = np.mean(namespace["answers"] == namespace["digits"][namespace["test_rows"]])
    print(f"seed {seed}: {accuracy:.1%} of {len(namespace['test_rows'])} test digits right after {seconds:.2f} s")
    assert accuracy > 0.95
    assert seconds < 10  # under 3 on a machine that has nothing else to do

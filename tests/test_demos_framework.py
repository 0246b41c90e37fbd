"""Lesson 6's demos: the optimizers on the bowl, and the playground on right, wrong and broken classes."""

import importlib
import itertools
import re

import numpy as np
import pytest
import worked_lesson

from mlp_helpers import pictures, plots, still
from mlp_helpers.demos import training

LESSON = "06_framework"
STEPS = 12  # mini-batches from picture to picture
framework = importlib.import_module("mlp_helpers.demos.framework")
playground = importlib.import_module("mlp_helpers.demos.playground")


class Demo:
    """What a demo hands to `show`, moved as the browser would."""

    def __init__(self, monkeypatch, module, make):
        monkeypatch.setattr(module, "show", lambda draw, controls, **_: vars(self).update(draw=draw, controls=controls))
        make()
        self.sent = {key: control.first for key, control in self.controls.items()}

    def __call__(self, **sent):
        self.sent |= sent
        picture = self.draw(**{key: self.controls[key].read(value) for key, value in self.sent.items()})
        state = picture.state()
        assert all(len(panel["title"]) < 45 for panel in state["panels"])
        return picture

    def train(self, pictures, **sent):
        self(**sent)
        for _ in range(pictures):
            picture = self(training=self.sent["training"] + 1)
        return picture


class Parts:
    """The lesson's own classes, made anew so that a test may spoil them."""

    def __init__(self):
        self.__dict__ = vars(worked_lesson.names(LESSON))

    def demo(self, monkeypatch, **options):
        def make():
            playground.playground(
                self.Linear, self.MLP, self.CrossEntropy, [self.ReLU, self.Tanh, self.Sigmoid],
                [self.SGD, self.Momentum, self.Adam], self.train, **{"steps": STEPS, **options},
            )  # fmt: skip

        return Demo(monkeypatch, playground, make)


@pytest.fixture
def parts():
    return Parts()


@pytest.fixture
def demo(parts, monkeypatch):
    return parts.demo(monkeypatch)


def marks(picture, panel, kind, color=None):
    return [mark for mark in picture.panels[panel].marks if mark["kind"] == kind and color in (None, mark["color"])]


def numbers(mark, name):
    return np.frombuffer(mark[name], "<f4")


def losses(picture):
    """The epochs and the training losses of the curve."""
    (curve,) = marks(picture, 2, "line", "red")
    return numbers(curve, "x"), numbers(curve, "y")


def same(one, other):
    return one.state() == other.state() and (one.words, one.trouble) == (other.words, other.trouble)


# The playground on the lesson's own classes.


def test_every_setting_draws_and_trains(demo):
    kinds = itertools.cycle([(0, 3), (2, 7), (4, 9), (1, 0), (3, 2)])
    for name, activation, optimizer in itertools.product(
        playground.DATA, ["ReLU", "Tanh", "Sigmoid"], ["SGD", "Momentum", "Adam"]
    ):
        depth, width = next(kinds)
        picture = demo.train(1, name=name, activation=activation, optimizer=optimizer, depth=depth, width=width)
        assert picture.trouble == ""
        assert (
            picture.words.startswith(f"{name}, noise 0.5: ")
            and f"; {optimizer}, η = 0.01, batches of 20." in picture.words
        )
        count = demo(training=demo.sent["training"] + 1).words.count("After")
        assert count == 1
    for key, values in {"noise": [0, 0.3, 1], "batch": range(6), "rate": range(6), "width": range(10)}.items():
        for value in values:
            assert demo.train(1, **{key: value}).trouble == ""


@pytest.mark.parametrize("name", ["spiral", "two half-moons", "XOR", "two clouds", "circles"])
def test_the_loss_falls_and_the_samples_become_right(demo, name):
    picture = demo.train(25, name=name)
    _, loss = losses(picture)
    assert loss[-1] < 0.3 * loss[0]
    right, held = map(int, re.match(r"(\d+) of (\d+) held out are right", picture.panels[0].title).groups())
    assert right > 0.85 * held
    assert "does not learn" not in picture.words


def test_the_first_picture_is_trained_a_little_and_the_same_every_time(parts, monkeypatch):
    first, again = parts.demo(monkeypatch)(), parts.demo(monkeypatch, steps=0)()
    assert same(first, again)
    epochs, loss = losses(first)
    assert epochs[-1] == pytest.approx(playground.WARM_UP, abs=0.2) and loss[-1] < 0.5 * loss[0]
    assert same(parts.demo(monkeypatch).train(5), parts.demo(monkeypatch).train(5))


def test_a_picture_takes_an_epoch_or_until_the_time_is_over(parts, monkeypatch):
    for seconds, share in ((60.0, 1.0), (0.0, 20 / 210)):  # an epoch, and one batch of 20 of the 210 samples
        demo = parts.demo(monkeypatch, steps=0, seconds=seconds)
        before = losses(demo())[0][-1]
        after = losses(demo(training=1))[0][-1]
        assert after - before == pytest.approx(share, abs=1e-5)
        assert losses(demo(training=1))[0][-1] == after  # without a new number it only draws


def test_each_epoch_is_a_new_order_of_all_training_samples(parts, monkeypatch):
    rows, train = [], parts.train

    def spy(mlp, loss, optimizer, x, y, *rest):
        rows.append(x)
        return train(mlp, loss, optimizer, x, y, *rest)

    parts.train = spy
    parts.demo(monkeypatch)()
    every = playground._samples("spiral", 0.5)[0]
    epochs = np.concatenate(rows).reshape(-1, *every.shape)
    assert len(epochs) == playground.WARM_UP and [len(batch) for batch in rows[:11]] == [20] * 10 + [10]
    assert not np.array_equal(epochs[0], epochs[1])
    for epoch in epochs:
        assert sorted(map(tuple, epoch)) == sorted(map(tuple, every))


def test_other_data_or_another_network_starts_anew_and_the_button_does(demo):
    demo.train(4)
    for key, value in {"name": "XOR", "noise": 0.2, "depth": 1, "width": 3, "activation": "Tanh", "anew": 1}.items():
        picture = demo(**{key: value})
        epochs, _ = losses(picture)
        assert list(epochs) == [0], key
        assert "After 0.0 epochs" in picture.words
        demo.train(2)
    one = demo(anew=7)
    demo.train(3)
    assert same(demo(anew=8), one)  # the same first weights every time


def test_a_change_of_how_it_trains_keeps_the_weights_and_leaves_a_line(demo):
    before = demo.train(4)
    for count, (key, value) in enumerate({"rate": 5, "batch": 1, "optimizer": "SGD"}.items()):
        epochs, loss = losses(before)
        changed = demo(**{key: value})
        assert np.array_equal(losses(changed)[1], loss)
        wires = [marks(picture, 1, "segments") for picture in (before, changed)]
        assert wires[0] == wires[1]
        assert same(demo(), changed)
        lines = marks(changed, 2, "segments")[0]
        assert len(numbers(lines, "x0")) == count + 1 and numbers(lines, "x0")[-1] == pytest.approx(epochs[-1])
        assert changed.words != before.words
        before = demo.train(2)


def test_the_optimizer_keeps_its_memory_when_its_rate_changes(parts, monkeypatch):
    made, init = [], parts.Adam.__init__

    def spy(self, *args, **kwargs):
        made.append(self)
        init(self, *args, **kwargs)

    parts.Adam.__init__ = spy
    demo = parts.demo(monkeypatch)
    demo.train(2)
    demo.train(2, rate=4)
    assert len(made) == 1 and made[0].lr == 0.1 and made[0].t > 60
    demo(optimizer="SGD")
    demo.train(1, optimizer="Adam")
    assert len(made) == 2


def test_the_region_is_the_argmax_of_the_network_in_the_middle_of_each_cell(parts, monkeypatch):
    made, init = [], parts.MLP.__init__

    def spy(self, layers):
        made.append(self)
        init(self, layers)

    parts.MLP.__init__ = spy
    picture = parts.demo(monkeypatch).train(2)
    (heat,) = marks(picture, 0, "heat")
    cells, (low, high) = playground.CELLS, playground.LIMITS
    middles = low + (np.arange(cells) + 0.5) * (high - low) / cells
    expected = [[made[-1](np.array([[x, y]])).argmax() for x in middles] for y in middles]
    assert np.array_equal(np.frombuffer(heat["levels"], np.uint8).reshape(cells, cells), expected)
    assert len(np.unique(expected)) == 3
    # Each line: from one unit to another, as thick as the weight between them, in the colour of its sign.
    wires = marks(picture, 1, "segments")
    weights = [layer.w for layer in made[-1].layers if hasattr(layer, "w")]
    assert len(wires) == len(weights) == 3
    units = [numbers(mark, "y") for mark in marks(picture, 1, "points")]
    heights = [*units[:3], np.concatenate(units[3:])]  # the classes, the last layer's units, have a mark each
    for layer, (mark, w) in enumerate(zip(wires, weights, strict=True)):
        thick = np.minimum(2 * np.abs(w), 8).ravel()
        seen = thick > playground.THINNEST
        assert np.allclose(numbers(mark, "width"), thick[seen], rtol=1e-5)
        assert mark["colors"] == [("orange", "blue")[int(each > 0)] for each in w.ravel()[seen]]
        ends = [heights[layer : layer + 2][end][:, None] == numbers(mark, f"y{end}") for end in (0, 1)]
        units = np.column_stack([each.argmax(axis=0) for each in ends])
        assert np.array_equal(units, np.argwhere(seen.reshape(w.shape)))
        assert np.all(np.diff(heights[layer]) < 0)  # the first unit is the uppermost


def test_the_lines_grow_with_the_weights(parts, monkeypatch):
    demo = parts.demo(monkeypatch)
    demo.train(1, depth=0)
    widths = [numbers(mark, "width") for mark in marks(demo.train(40), 1, "segments")]
    assert widths[0].max() > 2 and widths[0].max() <= playground.THICKEST


def test_between_large_layers_the_thickest_lines_are_drawn(demo):
    wires = marks(demo(depth=4, width=9), 1, "segments")
    counts = [len(numbers(mark, "width")) for mark in wires]
    assert counts[1:4] == [playground.MOST] * 3 and all(count <= 96 for count in (counts[0], counts[4]))
    assert all(numbers(mark, "width").min() > 0.4 for mark in wires[1:4])  # of 1024 with a deviation of 2 · 0.18 pixels


def test_noise_moves_the_same_points(demo):
    for name in playground.DATA:
        clean, noisy = playground._samples(name, 0.0), playground._samples(name, 1.0)
        assert np.array_equal(clean[1], noisy[1]) and np.array_equal(clean[3], noisy[3])
        assert 0.05 < np.abs(clean[0] - noisy[0]).mean() < 2
        assert len(clean[0]) + len(clean[2]) in (200, 300)
        assert len(clean[2]) == round(0.3 * (len(clean[0]) + len(clean[2])))


def test_the_loss_of_the_samples_held_out_is_drawn(parts, demo):
    picture = demo.train(60, name="two half-moons", noise=1, depth=3, width=9)
    (held,) = marks(picture, 2, "line", "purple")
    assert numbers(held, "y")[-1] > losses(picture)[1][-1]


def test_a_long_training_keeps_a_short_curve_with_both_its_ends(demo):
    demo(optimizer="SGD", batch=5, depth=0)
    picture = demo.train(450)
    epochs, _ = losses(picture)
    assert len(epochs) <= training.LONGEST and epochs[0] == 0 and np.all(np.diff(epochs) > 0)
    assert f"After {epochs[-1]:.1f} epochs" in picture.words


# A framework that is wrong.


def _flipped(parts):
    right = parts.Linear.backward

    def backward(self, grad):
        back = right(self, grad)
        self.grads = [-g for g in self.grads]
        return back

    parts.Linear.backward = backward


def _without_grads(parts):
    parts.Linear.backward = lambda self, grad: grad.dot(self.w.T)


def _uphill(parts):
    def update(self):
        for layer in self.net.layers:
            for p, g in zip(layer.params, layer.grads, strict=True):
                p += self.lr * g

    parts.SGD.update = update


def _not_in_place(parts):
    def update(self):
        for layer in self.net.layers:
            layer.params = [p - self.lr * g for p, g in zip(layer.params, layer.grads, strict=True)]

    parts.SGD.update = update


def _returned_with_a_minus(parts):
    right = parts.Linear.backward
    parts.Linear.backward = lambda self, grad: -right(self, grad)


@pytest.mark.parametrize(
    "spoil, why",
    [
        (_flipped, "The gradients point the wrong way"),
        (_without_grads, "All gradients are 0"),
        (_uphill, "see the optimizer's update"),
        (_not_in_place, "Does each layer compute with the arrays in its params?"),
        (_returned_with_a_minus, "The gradients (point the wrong way|do not fit the loss)"),
    ],
)
def test_a_wrong_framework_trains_and_the_picture_says_that_it_does_not_learn(parts, monkeypatch, spoil, why):
    spoil(parts)
    demo = parts.demo(monkeypatch)
    demo(optimizer="SGD", rate=1, anew=1)
    picture = demo.train(25)
    _, loss = losses(picture)
    assert picture.trouble == "" and len(loss) > 20
    assert loss[-1] > 0.9 * loss[0]
    assert "It does not learn: the loss was" in picture.words and re.search(why, picture.words)
    assert picture.panels[2].title.endswith("it does not learn")
    (said,) = marks(picture, 2, "text")
    assert re.search(why, said["words"].replace("\n", " "))
    assert "does not learn" not in demo(anew=2).words


@pytest.mark.parametrize(
    "spoil, why", [(_flipped, "The gradients point the wrong way"), (_uphill, "The gradients fit the loss")]
)
def test_a_wrong_framework_whose_loss_becomes_nan_says_why(parts, monkeypatch, spoil, why):
    spoil(parts)
    demo = parts.demo(monkeypatch)
    demo(optimizer="SGD", rate=5, anew=1)
    trouble = demo.train(12).trouble
    assert trouble.startswith("The loss is NaN") and f"Measured at the first weights: {why}" in trouble


def test_measuring_why_leaves_the_network_as_it_was(parts, monkeypatch):
    _flipped(parts)
    demo = parts.demo(monkeypatch)
    demo(optimizer="SGD", rate=1, anew=1)
    told = demo.train(25)
    assert "does not learn" in told.words
    monkeypatch.setattr(training.Run, "stuck", lambda run: "")
    demo = parts.demo(monkeypatch)
    demo(optimizer="SGD", rate=1, anew=1)
    assert marks(demo.train(25), 1, "segments") == marks(told, 1, "segments")


# A framework that stops.


def _broken(method, error):
    def stop(self, *args, **kwargs):
        raise error

    stop.__name__ = method
    # What a notebook's cell compiles is in no file of ours.
    stop.__code__ = stop.__code__.replace(co_filename="<cell>", co_name=method)
    return stop


BREAKS = [
    ("Linear", "__call__", "section 2, Exercise 6.1"),
    ("Linear", "backward", "section 2, Exercise 6.1"),
    ("ReLU", "__call__", "section 2, Exercise 6.2"),
    ("ReLU", "backward", "section 2, Exercise 6.2"),
    ("MLP", "__call__", "section 3, Exercise 6.4"),
    ("MLP", "backward", "section 3, Exercise 6.4"),
    ("CrossEntropy", "__call__", "section 4, Exercise 6.5"),
    ("SGD", "__init__", "section 5, Exercise 6.6"),
    ("SGD", "update", "section 5, Exercise 6.6"),
]


@pytest.mark.parametrize("name, method, place", BREAKS)
def test_a_class_that_stops_is_named_and_the_demo_goes_on_when_it_is_repaired(parts, monkeypatch, name, method, place):
    demo = parts.demo(monkeypatch)
    demo(optimizer="SGD", anew=1)
    before = demo.train(3)
    made, right = getattr(parts, name), getattr(getattr(parts, name), method)
    setattr(made, method, _broken(method, TypeError("no such thing")))
    if method == "__init__":
        demo(optimizer="Adam")
        picture = demo(optimizer="SGD", training=99)
    else:
        picture = demo(training=99)
    for said in ("TypeError", "no such thing", f"{name}.{method}", place):
        assert said in picture.trouble
    assert picture.words.endswith(picture.trouble)
    kept = [panel.marks for panel in picture.panels[:1]]
    assert kept == [before.panels[0].marks]  # the last picture stays
    setattr(made, method, right)
    picture = demo(training=100)
    assert picture.trouble == "" and losses(picture)[0][-1] > losses(before)[0][-1]


@pytest.mark.parametrize("name, method, place", BREAKS)
def test_a_class_that_stops_at_once_leaves_a_picture_of_the_data(parts, monkeypatch, name, method, place):
    made, right = getattr(parts, name), getattr(getattr(parts, name), method)
    setattr(made, method, _broken(method, ZeroDivisionError("division by zero")))
    first = property(lambda control: "SGD" if control.label == "optimizer" else control.value)
    monkeypatch.setattr(playground.Choice, "first", first)
    demo = parts.demo(monkeypatch)
    picture = demo()
    assert f"{name}.{method}" in picture.trouble and place in picture.trouble
    drawn = sum(len(numbers(mark, "x")) for mark in marks(picture, 0, "points"))
    assert drawn == 300
    assert still.png(picture.state()).startswith(b"\x89PNG")
    setattr(made, method, right)
    assert demo.train(2).trouble == ""


def _nothing(self, *given):
    """Computes, and forgets its `return`; a body without a line would be taken for one not written yet."""
    self.saved = given[0]


@pytest.mark.parametrize(
    "name, method, spoilt, said",
    [
        ("Linear", "__call__", _nothing, r"Linear.__call__ returned nothing \(None\).* 6\.1"),
        ("Linear", "backward", _nothing, r"Linear.backward returned nothing .*shape \(5, 2\).* 6\.1"),
        ("ReLU", "__call__", lambda self, x: x[0], r"ReLU.__call__ returned an array of shape \(16,\).* 6\.2"),
        ("ReLU", "backward", _nothing, r"ReLU.backward returned nothing .* 6\.2"),
        ("MLP", "__call__", lambda self, x: x, r"MLP.__call__ returned an array of shape \(90, 2\).*\(90, 3\).* 6\.4"),
        ("CrossEntropy", "__call__", _nothing, r"CrossEntropy returned nothing .*a number.* 6\.5"),
        ("CrossEntropy", "__call__", lambda self, *given: np.ones(3), r"CrossEntropy returned an array .* 6\.5"),
    ],
)
def test_a_result_of_the_wrong_kind_is_told_of_the_class_that_made_it(parts, monkeypatch, name, method, spoilt, said):
    setattr(getattr(parts, name), method, spoilt)
    assert re.search(said, parts.demo(monkeypatch)().trouble)


def test_gradients_of_the_wrong_shape_are_told_of_the_layer(parts, monkeypatch):
    def backward(self, grad):
        self.grads = [grad.T.dot(self.recall()), grad.sum(axis=0)]
        return grad.dot(self.w.T)

    parts.Linear.backward = backward
    said = parts.demo(monkeypatch)().trouble
    assert "Linear.backward: grads[0] has shape (16, 2), but params[0] has (2, 16)" in said and "6.1" in said


@pytest.mark.parametrize("returned, said", [(None, "nothing"), ([], "\\[\\]"), ([None], "nothing")])
def test_a_train_that_returns_no_loss_is_told(parts, monkeypatch, returned, said):
    parts.train = lambda *args: returned
    assert re.search(f"train returned {said}.* 6\\.7", parts.demo(monkeypatch)().trouble)


@pytest.mark.parametrize("value, said", [(np.nan, "The loss is NaN, "), (np.inf, "The loss is infinite, ")])
def test_a_loss_without_a_number_ends_the_training_until_it_starts_anew(parts, monkeypatch, value, said):
    demo, right = parts.demo(monkeypatch), parts.CrossEntropy.__call__
    before = demo.train(3)
    parts.CrossEntropy.__call__ = lambda self, *given: right(self, *given) * value
    picture = demo(training=50)
    assert picture.trouble.startswith(said) and "smaller learning rate" in picture.trouble
    assert picture.panels[0].marks == before.panels[0].marks
    parts.CrossEntropy.__call__ = right
    assert demo(training=51).trouble == picture.trouble
    picture = demo.train(2, anew=1)
    assert picture.trouble == "" and losses(picture)[0][0] == 0


def test_a_rate_that_is_far_too_high_ends_in_a_kind_word(parts, monkeypatch):
    monkeypatch.setattr(playground, "RATES", [*playground.RATES[:-1], 1e200])
    demo = parts.demo(monkeypatch)
    picture = demo.train(5, optimizer="SGD", rate=len(playground.RATES) - 1)
    assert picture.trouble.startswith("The loss is ")


def test_unwritten_classes_raise_so_that_the_cell_says_not_yet(parts, monkeypatch):
    parts.Linear.backward = lambda self, grad: None
    exec("def backward(self, grad):\n    '''Doc.'''\n    ...", stub := {})
    parts.Linear.backward = stub["backward"]
    with pytest.raises(NotImplementedError, match="Linear"):
        parts.demo(monkeypatch)


def test_the_demo_needs_no_more_than_the_contract(parts, monkeypatch):
    class Bare:
        """A layer without a base class, a w or a saved of the course's."""

        def __init__(self, d_in, d_out, rng):
            self.params = [rng.normal(size=(d_in, d_out)) / np.sqrt(d_in), np.zeros(d_out)]
            self.grads = [np.zeros_like(p) for p in self.params]

        def __call__(self, x):
            self.x = x
            return x @ self.params[0] + self.params[1]

        def backward(self, grad):
            self.grads = [self.x.T @ grad, grad.sum(axis=0)]
            return grad @ self.params[0].T

    parts.Linear = Bare
    _, loss = losses(parts.demo(monkeypatch).train(20))
    assert loss[-1] < 0.3 * loss[0]


# The optimizers on the bowl.


@pytest.fixture
def bowl(parts, monkeypatch):
    namespace = dict(vars(parts))
    caught = {}
    monkeypatch.setattr(framework, "show", lambda draw, controls, **_: caught.update(draw=draw, controls=controls))
    code = worked_lesson.source(LESSON, "demo-optimizers")
    from mlp_helpers import checks, demos

    exec(code, namespace | {"checks": checks, "demos": demos, "np": np})
    return caught


def test_every_rate_and_step_draws_what_the_optimizers_did(bowl):
    for lr, step in itertools.product(range(len(framework.RATES)), (0, 1, 7, 30, 60)):
        picture = bowl["draw"](lr=lr, step=step)
        assert isinstance(picture, pictures.Picture) and picture.state()
        assert f"learning rate {framework.RATES[lr]:g}, after {step} steps" in picture.words
        paths = marks(picture, 0, "line")[1:]  # the first are the rings
        assert [len(numbers(path, "x")) for path in paths] == [step + 1] * 3
        assert all(numbers(path, "x")[0] == -4 and numbers(path, "y")[0] == 1 for path in paths)


def test_gradient_descent_is_what_can_be_worked_out_by_hand(bowl):
    for lr, rate in enumerate(framework.RATES):
        sgd = marks(bowl["draw"](lr=lr, step=60), 0, "line", "blue")[0]
        t = np.arange(61)
        assert np.allclose(numbers(sgd, "x"), -4 * (1 - 0.2 * rate) ** t, rtol=1e-4)
        with np.errstate(over="ignore"):
            assert np.allclose(numbers(sgd, "y"), ((1 - 20 * rate) ** t).astype("<f4"), rtol=1e-4, atol=1e-30)


def test_descent_diverges_above_a_tenth_and_adam_never(bowl):
    for lr, rate in enumerate(framework.RATES):
        words = bowl["draw"](lr=lr, step=60).words
        assert ("SGD has diverged" in words) == (rate > 0.105)
        assert "Adam has diverged" not in words


def test_the_rings_are_lines_of_equal_height(bowl):
    rings = marks(bowl["draw"](lr=0, step=0), 0, "line")[0]
    x, y = numbers(rings, "x"), numbers(rings, "y")
    heights = 0.1 * x**2 + 10 * y**2
    levels = np.geomspace(0.1, 40, 12)
    apart = np.abs(np.log(heights[np.isfinite(heights)][:, None] / levels)).min(axis=1)
    assert np.isfinite(heights).sum() > 300 and np.median(apart) < 0.05


def test_colours_of_classes_and_signs_are_the_course_s():
    for theme in plots.THEMES.values():
        assert set(playground.SIGNS) <= set(theme)

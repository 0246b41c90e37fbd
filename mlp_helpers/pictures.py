"""Pictures as plain data: what a demo draws, for the browser (board.js) and for the still picture alike (still.py).

A picture is a row of panels; a panel has two axes and marks on it, in the order in which they are drawn. All
coordinates are the data's; a NaN or an infinity breaks a line and hides a point. Colours are names: see plots.THEMES.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.ticker import MaxNLocator

# Room around the axes for words and numbers, in pixels: left, right, top, bottom.
MARGINS = 62, 14, 34, 48
HIGHEST = 255  # of a heat map


class Panel:
    """Axes with a title, and the marks on them.

    xlim, ylim    : (low, high) of each axis; ValueError unless both are finite, low < high and, where log, 0 < low
    xlog, ylog    : whether its scale is logarithmic; what is not above 0 is then left out
    xticks, yticks: list of (place, words), where the usual numbers will not do
    equal         : whether a unit is equally long both ways
    frame         : False draws no axes at all, for a diagram
    legend        : the corner for the labels of its marks, such as "upper left"
    """

    def __init__(
        self, title="", xlabel="", ylabel="", *, xlim, ylim, xlog=False, ylog=False, xticks=None, yticks=None,
        equal=False, frame=True, legend="upper left",
    ):  # fmt: skip
        self.title, self.xlabel, self.ylabel = title, xlabel, ylabel
        self.xlim, self.ylim = _limits("xlim", xlim, xlog), _limits("ylim", ylim, ylog)
        self.xlog, self.ylog, self.equal, self.frame, self.legend = xlog, ylog, equal, frame, legend
        self.xticks = _ticks(*self.xlim, xlog) if xticks is None else [[float(at), str(word)] for at, word in xticks]
        self.yticks = _ticks(*self.ylim, ylog) if yticks is None else [[float(at), str(word)] for at, word in yticks]
        self.marks, self.labels = [], []

    def line(self, x, y, color, *, width=2.0, dash=False, label=""):
        """A line through points; x, y: (N,)"""
        self._add("line", color, label, x=_floats(x), y=_floats(y), width=float(width), dash=bool(dash))

    def points(self, x, y, color, *, marker="o", size=4.0, hollow=False, edge=True, label=""):
        """Points; x, y: (N,). marker: o s ^ D v P or *; size: half of its width, in pixels; hollow: a ring alone"""
        self._add(
            "points", color, label,
            x=_floats(x), y=_floats(y), marker=marker, size=float(size), hollow=bool(hollow), edge=bool(edge),
        )  # fmt: skip

    def segments(self, x0, y0, x1, y1, color, *, width=1.0, arrow=False, label=""):
        """Straight pieces from (x0, y0) to (x1, y1), all (N,). color, width: one, or one for each"""
        ends = np.broadcast_arrays(*(np.ravel(np.asarray(end, dtype=float)) for end in (x0, y0, x1, y1)))
        count = len(ends[0])
        colors = [color] * count if isinstance(color, str) else list(color)
        widths = np.broadcast_to(np.asarray(width, dtype=float), count)
        names = dict(zip(("x0", "y0", "x1", "y1"), map(_floats, ends), strict=True))
        self._add("segments", colors[0] if colors else "ink", label, **names, colors=colors, width=_floats(widths),
                  arrow=bool(arrow))  # fmt: skip

    def bars(self, x, low, high, color, *, width=0.8, label=""):
        """Upright bars in the middle of x, from low to high; all (N,). width: in units of x. color: one, or one each"""
        x, low, high = np.broadcast_arrays(*(np.ravel(np.asarray(each, dtype=float)) for each in (x, low, high)))
        colors = [color] * len(x) if isinstance(color, str) else list(color)
        self._add("bars", colors[0] if colors else "ink", label, x=_floats(x), low=_floats(low), high=_floats(high),
                  colors=colors, width=float(width))  # fmt: skip

    def heat(self, values, colors="diverging", *, low=0.0, high=1.0):
        """A grid of values as colours over the whole panel; values: (rows, columns), the first row lowest.

        colors: "diverging", "grey" or, for class indices 0, 1, 2 …, "regions"
        low, high: the values that get the first and the last colour; NaN gets the one in the middle
        """
        values = np.asarray(values, dtype=float)
        if values.ndim != 2:
            raise ValueError(f"a heat map needs a grid of values (rows, columns), not the shape {values.shape}")
        if colors == "regions":
            levels = np.nan_to_num(values)
        else:
            with np.errstate(all="ignore"):
                levels = np.nan_to_num((values - low) / (high - low), nan=0.5, posinf=1, neginf=0) * HIGHEST
        levels = np.clip(np.rint(levels), 0, HIGHEST).astype(np.uint8)
        self._add("heat", colors, "", shape=list(values.shape), levels=levels.tobytes())

    def text(self, x, y, words, color="ink", *, size=13.0, bold=False, align="center", ground=False, up=0.0):
        """Words at one place. align: left, center or right; ground: the page's colour behind them; up: pixels"""
        if np.isfinite([x, y]).all():
            self._add("text", color, "", x=float(x), y=float(y), words=str(words), size=float(size), bold=bool(bold),
                      align=align, ground=bool(ground), up=float(up))  # fmt: skip

    def classes(self, x, label, names=None, *, size=5.0):
        """Points in the plane, one colour and one marker a class.

        x: (N, 2); label: (N,) or (N, 1) class indices; names: for the legend
        """
        from mlp_helpers import plots

        label = np.asarray(label).reshape(-1).astype(int)
        for index in np.unique(label):
            of_class = np.asarray(x)[label == index]
            self.points(of_class[:, 0], of_class[:, 1], plots.CLASS_NAMES[index], marker=plots.MARKERS[index],
                        size=size, label=names[index] if names else "")  # fmt: skip

    def _add(self, kind, color, label, **data):
        counts = {name: len(value) // 4 for name, value in data.items() if isinstance(value, bytes)}
        counts |= {name: len(value) for name, value in data.items() if name == "colors"}
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{count} of {name}" for name, count in counts.items())
            raise ValueError(f"{kind} of a picture need as many of each: there are {told}")
        self.marks.append({"kind": kind, "color": color, **data})
        if label:
            self.labels.append({**self.marks[-1], "label": str(label)})

    def state(self, left, top, width, height):
        """The panel as plain data, laid out in this rectangle, in pixels."""
        if self.frame:
            before, after, above, below = MARGINS
            left, width = left + before, width - before - after
            top, height = top + above, height - above - below
            if min(width, height) <= 0:
                raise ValueError(f"the panel {self.title!r} is too small for its axes: make the picture larger")
        if self.equal:
            unit = min(width / (self.xlim[1] - self.xlim[0]), height / (self.ylim[1] - self.ylim[0]))
            wanted = unit * (self.xlim[1] - self.xlim[0]), unit * (self.ylim[1] - self.ylim[0])
            left, top = left + (width - wanted[0]) / 2, top + (height - wanted[1]) / 2
            width, height = wanted
        keys = ("kind", "color", "label", "dash", "marker", "hollow", "width")
        labels = [
            {key: label[key] for key in keys if not isinstance(label.get(key), bytes | None)} for label in self.labels
        ]
        names = ("title", "xlabel", "ylabel", "xlim", "ylim", "xlog", "ylog", "xticks", "yticks", "frame", "legend")
        return {name: getattr(self, name) for name in names} | {
            "box": [left, top, width, height], "marks": self.marks, "labels": labels,
        }  # fmt: skip


class Picture:
    """Panels side by side, and what there is to see on them in words.

    words  : the text alternative, for these very values
    size   : width and height, in pixels of a screen
    widths : how the width is shared out, equally if not given
    trouble: what went wrong, to be shown beside the picture
    """

    def __init__(self, panels, words, *, size=(640, 400), widths=None, trouble=""):
        if not words.strip():
            raise ValueError("say in words what one should see in this picture: a screen reader reads it out")
        self.panels, self.words, self.size, self.trouble = list(panels), words, size, trouble
        self.widths = list(widths or [1] * len(self.panels))

    def state(self):
        """The picture as plain data: numbers, words, lists, and arrays as bytes of float32."""
        edges = np.concatenate([[0.0], np.cumsum(self.widths)]) / sum(self.widths) * self.size[0]
        places = zip(self.panels, edges[:-1].tolist(), np.diff(edges).tolist(), strict=True)
        panels = [panel.state(left, 0.0, width, float(self.size[1])) for panel, left, width in places]
        return {"size": [int(side) for side in self.size], "panels": panels}


def _floats(values):
    with np.errstate(all="ignore"):  # what float32 cannot hold becomes an infinity
        return np.ravel(np.asarray(values, dtype=float)).astype("<f4").tobytes()


def _limits(name, limits, log):
    low, high = map(float, limits)
    if not np.isfinite([low, high, high - low]).all() or low >= high or (log and low <= 0):
        scale = "logarithmic" if log else "linear"
        raise ValueError(f"{name} = ({low:g}, {high:g}) on a {scale} scale leaves no room to draw")
    return low, high


@lru_cache(maxsize=256)
def _ticks(low, high, log):
    """Places for the numbers along an axis, with their words."""
    if not log:
        places = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        slack = 1e-9 * (high - low)
        return _with_words([0.0 if abs(at) < slack else at for at in places if low - slack <= at <= high + slack])
    first, last = int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(high) + 1e-9))
    if last - first < 2:
        places = [scale * 10.0**power for power in range(first - 1, last + 1) for scale in (1, 2, 5)]
    else:
        places = [10.0**power for power in range(first, last + 1, (last - first) // 6 + 1)]
    places = [at for at in places if low <= at * (1 + 1e-9) and at <= high * (1 + 1e-9)]
    return _with_words(places) if len(places) > 1 else _ticks(low, high, False)


def _with_words(places):
    """Each place with its number, in as many digits as tell it from its neighbours."""
    for digits in range(17):
        rounded = [float(f"{at:.{digits}e}") for at in places]
        if np.abs(np.subtract(rounded, places)).max(initial=0) <= 1e-3 * np.diff(places).min(initial=np.inf):
            break
    long = digits > 4 and max(map(abs, places)) < 1e9
    return [[float(at), _number(number, long)] for at, number in zip(places, rounded, strict=True)]


def _number(value, long=False):
    """A number as people write it: with a minus and, unless `long`, powers of ten where it is very large or small."""
    if long or not value or 1e-4 <= abs(value) < 1e5:
        return np.format_float_positional(value, trim="-").replace("-", "−")
    digits, power = np.format_float_scientific(value, trim="-").split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return (f"{digits}·10{raised}" if digits not in ("1", "-1") else f"{digits[:-1]}10{raised}").replace("-", "−")

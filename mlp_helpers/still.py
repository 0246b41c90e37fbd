"""The still picture that stands in for a demo where no kernel runs: GitHub, exports, feedback."""

from __future__ import annotations

from functools import lru_cache

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox

from mlp_helpers import plots

SCALE = plots.PNG_DPI / plots.SCREEN_DPI
PIXEL = 72 / plots.SCREEN_DPI  # in points, Matplotlib's unit of line widths and letters
FAR = 1e5  # pixels; farther out nothing is seen, and Agg's numbers overflow
COLORS = plots.THEMES["light"]
PIXELS = Affine2D().scale(SCALE)  # from a screen's pixels to the still's
# Whatever the reader has set for figures of their own. Without hinting, which is slow and does little at this size.
STYLE = {"font.family": ["DejaVu Sans"], "text.hinting": "none", "text.usetex": False, "path.sketch": None,
         "path.effects": []}  # fmt: skip


def png(state):
    """A picture's state, see pictures.Picture, as PNG bytes: drawn by Matplotlib, without its axes, which are slow."""
    width, height = state["size"]
    with matplotlib.rc_context(STYLE):
        figure = Figure((width / plots.SCREEN_DPI, height / plots.SCREEN_DPI), dpi=plots.PNG_DPI, facecolor="white")
        FigureCanvasAgg(figure)
        for panel in state["panels"]:
            _Panel(figure, panel, height).draw()
        return plots.png(figure)


class _Panel:
    def __init__(self, figure, panel, height):
        self.figure, self.panel, self.height, self.order = figure, panel, height, 0.0
        self.left, self.top, self.width, self.tall = panel["box"]

    def draw(self):
        panel = self.panel
        right, bottom = self.left + self.width, self.top + self.tall
        heats = [mark for mark in panel["marks"] if mark["kind"] == "heat"]
        for mark in heats:
            self._heat(mark)
        if panel["frame"]:
            across = self._x(np.array([at for at, _ in panel["xticks"]]))
            up = self._y(np.array([at for at, _ in panel["yticks"]]))
            if not heats:
                grid = [([x, x, np.nan], [self.top, bottom, np.nan]) for x in across]
                grid += [([self.left, right, np.nan], [y, y, np.nan]) for y in up]
                self._stroke(*np.hstack([*grid, [[], []]]), color=COLORS["faint"], linewidth=0.6 * PIXEL)
            for x, (_, word) in zip(across, panel["xticks"], strict=True):
                self._words(x, bottom + 5, word, 12, va="top")
            for y, (_, word) in zip(up, panel["yticks"], strict=True):
                self._words(self.left - 6, y, word, 12, ha="right")
            corner = [self.left, self.left, right], [self.top, bottom, bottom]
            self._stroke(*corner, color=COLORS["ink"], linewidth=PIXEL)
            self._words((self.left + right) / 2, bottom + 24, panel["xlabel"], 13, va="top")
            self._words(self.left - 48, (self.top + bottom) / 2, panel["ylabel"], 13, rotation=90)
        self._words((self.left + right) / 2, self.top - 16, panel["title"], 15)
        for mark in panel["marks"]:
            if mark["kind"] != "heat":
                getattr(self, f"_{mark['kind']}")(mark)
        self._legend()

    # From data to pixels, whose y counts downwards.

    def _x(self, values):
        return self.left + self.width * _share(values, self.panel["xlim"], self.panel["xlog"])

    def _y(self, values):
        return self.top + self.tall * (1 - _share(values, self.panel["ylim"], self.panel["ylog"]))

    def _places(self, mark, x="x", y="y"):
        return self._x(_array(mark[x])), self._y(_array(mark[y]))

    # Marks.

    def _line(self, mark):
        x, y = self._places(mark)
        style = (0, (5, 3)) if mark["dash"] else "-"
        self._stroke(x, y, inside=True, color=COLORS[mark["color"]], linewidth=mark["width"] * PIXEL, linestyle=style)

    def _points(self, mark):
        self._marker(*self._places(mark), mark, inside=True)

    def _segments(self, mark):
        x0, y0 = self._places(mark, "x0", "y0")
        x1, y1 = self._places(mark, "x1", "y1")
        widths = _array(mark["width"])
        if not mark["arrow"] and len(set(mark["colors"])) == 1 and len(set(widths)) == 1:
            gap = np.full_like(x0, np.nan)
            x, y = np.stack([x0, x1, gap], 1).ravel(), np.stack([y0, y1, gap], 1).ravel()
            self._stroke(x, y, inside=True, color=COLORS[mark["colors"][0]], linewidth=widths[0] * PIXEL)
            return
        for *ends, color, width in zip(x0, y0, x1, y1, mark["colors"], widths, strict=True):
            if not np.isfinite(ends).all():
                continue
            if mark["arrow"]:
                self._add(FancyArrowPatch(
                    (ends[0], self.height - ends[1]), (ends[2], self.height - ends[3]), arrowstyle="-|>",
                    transform=PIXELS, color=COLORS[color], linewidth=width * PIXEL, shrinkA=0, shrinkB=0,
                    mutation_scale=12,
                ))  # fmt: skip
            else:
                self._stroke(ends[::2], ends[1::2], inside=True, color=COLORS[color], linewidth=width * PIXEL)

    def _bars(self, mark):
        x, half = _array(mark["x"]), mark["width"] / 2
        lefts, rights = self._x(x - half), self._x(x + half)
        lows, highs = self._y(_array(mark["low"])), self._y(_array(mark["high"]))
        for left, right, low, high, color in zip(lefts, rights, lows, highs, mark["colors"], strict=True):
            if np.isfinite([left, right, low, high]).all():
                corner = left, self.height - max(low, high)
                self._add(Rectangle(corner, right - left, abs(high - low), color=COLORS[color], linewidth=0,
                                    transform=PIXELS), inside=True)  # fmt: skip

    def _heat(self, mark):
        levels = np.frombuffer(mark["levels"], np.uint8).reshape(mark["shape"])
        table = _table(mark["color"])
        self._add(_Heat(table[np.minimum(levels, len(table) - 1)], self._box()))

    def _text(self, mark):
        x, y = self._x(np.array([mark["x"]]))[0], self._y(np.array([mark["y"]]))[0] - mark["up"]
        color = COLORS["words"].get(mark["color"], COLORS[mark["color"]])
        ground = {"facecolor": COLORS["ground"], "edgecolor": "none", "pad": 1.5 * PIXEL} if mark["ground"] else None
        self._words(x, y, mark["words"], mark["size"], ha=mark["align"], color=color, bbox=ground,
                    weight="bold" if mark["bold"] else "normal")  # fmt: skip

    def _legend(self):
        labels = self.panel["labels"]
        if not labels:
            return
        wide = 34 + max(self._width(label["label"]) for label in labels)
        tall = 18 * len(labels) + 6
        left = self.left + 8 if "left" in self.panel["legend"] else self.left + self.width - wide - 8
        top = self.top + 6 if "upper" in self.panel["legend"] else self.top + self.tall - tall - 6
        self._add(Rectangle((left, self.height - top - tall), wide, tall, facecolor=COLORS["ground"], alpha=0.85,
                            edgecolor=COLORS["faint"], linewidth=0.6, transform=PIXELS))  # fmt: skip
        for row, label in enumerate(labels):
            y = top + 12 + 18 * row
            if label["kind"] == "points":
                self._marker([left + 16], [y], {**label, "size": 4.5, "edge": True})
            elif label["kind"] == "bars":
                self._add(Rectangle((left + 7, self.height - y - 5), 18, 10, color=COLORS[label["color"]], linewidth=0,
                                    transform=PIXELS))  # fmt: skip
            else:
                style = (0, (3, 2)) if label.get("dash") else "-"
                self._stroke([left + 6, left + 26], [y, y], color=COLORS[label["color"]], linewidth=2 * PIXEL,
                             linestyle=style)  # fmt: skip
            self._words(left + 31, y, label["label"], 12, ha="left")

    # Artists of Matplotlib, in pixels.

    def _box(self):
        bottom = self.height - self.top - self.tall
        return Bbox.from_bounds(*(SCALE * edge for edge in (self.left, bottom, self.width, self.tall)))

    def _add(self, artist, inside=False):
        self.order += 1
        artist.set_zorder(self.order)
        self.figure.add_artist(artist)
        if inside and self.panel["frame"]:
            artist.set_clip_box(self._box())

    def _stroke(self, x, y, inside=False, **style):
        y = self.height - np.asarray(y, dtype=float)
        self._add(Line2D(x, y, transform=PIXELS, solid_capstyle="butt", **style), inside)

    def _marker(self, x, y, mark, inside=False):
        color = COLORS[mark["color"]]
        size = 2 * mark["size"] * PIXEL * (1.35 if mark["marker"] == "*" else 1.0)
        style = {"markerfacecolor": "none", "markeredgecolor": color, "markeredgewidth": 2.5 * PIXEL}
        if not mark["hollow"]:
            edge = COLORS["edge"] if mark["edge"] else color
            style = {"markerfacecolor": color, "markeredgecolor": edge, "markeredgewidth": 0.7 * PIXEL}
        self._stroke(x, y, inside, linestyle="none", marker=mark["marker"], markersize=size, **style)

    def _words(self, x, y, words, size, ha="center", va="center_baseline", **style):
        if words:
            style = {"color": COLORS["ink"], **style}
            va = "center" if "\n" in words or style.get("rotation") else va
            self._add(Text(x, self.height - y, words, fontsize=size * PIXEL, ha=ha, va=va, transform=PIXELS,
                           rotation_mode="anchor", parse_math=False, **style))  # fmt: skip

    def _width(self, words):
        text = Text(0, 0, words, fontsize=12 * PIXEL, parse_math=False)
        text.set_figure(self.figure)
        return text.get_window_extent(self.figure.canvas.get_renderer()).width / SCALE


class _Heat(Artist):
    """A grid of colours that fills a box, in the still's pixels: what imshow does, without its resampling."""

    def __init__(self, colors, box):
        """colors: (rows, columns, 4) bytes, the first row lowest"""
        super().__init__()
        self.colors, self.box = colors, box

    def draw(self, renderer):
        (left, low), (right, high) = np.rint(self.box.get_points()).astype(int)
        rows, columns = (
            ((np.arange(pixels) + 0.5) * count / pixels).astype(int)
            for pixels, count in zip((high - low, right - left), self.colors.shape, strict=False)
        )
        renderer.draw_image(renderer.new_gc(), left, low, self.colors[rows][:, columns])


def _array(data):
    return np.frombuffer(data, "<f4").astype(float)


def _share(values, limits, log):
    """Where values lie between the limits: 0 at the low one, 1 at the high one."""
    low, high = limits
    with np.errstate(all="ignore"):
        if log:
            values, low, high = np.log10(values), np.log10(low), np.log10(high)
        share = (values - low) / (high - low)
    return np.where(np.isfinite(share), np.clip(share, -FAR / 100, FAR / 100), np.nan)


@lru_cache(maxsize=8)
def _table(name):
    """The colours of a heat map, one for each level: (levels, 4) bytes."""
    key = {"grey": "scale"}.get(name, name)
    stops = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] + [255] for color in COLORS[key]], dtype=float)
    if key == "regions":
        return stops.astype(np.uint8)
    at = np.linspace(0, len(stops) - 1, 256)
    return np.column_stack([np.interp(at, range(len(stops)), channel) for channel in stops.T]).round().astype(np.uint8)

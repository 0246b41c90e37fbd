"""Figures with words: the course's palette, axes with titles, and a picture that carries its alt text.

Figures are made without pyplot, so they have no global state and never show up twice.
"""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure
from PIL import Image, ImageChops

# Okabe and Ito's colours, told apart by people with any kind of colour blindness (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#6B6B6B"
CLASSES = [BLUE, ORANGE, GREEN, PURPLE, SKY, RED]
MARKERS = ["o", "s", "^", "D", "v", "P"]

CLASS_NAMES = ["blue", "orange", "green", "purple", "sky", "red"]

# The colours by name, for `pictures`: on a light page and, lighter, on a dark one. Words have colours of their own,
# for letters are thin: a contrast of 4.5 with the ground, where lines have 3 (two are darker for that). "diverging"
# leads from class 0's colour to class 1's.
THEMES = {
    "light": {
        "blue": BLUE, "orange": "#C98500", "green": GREEN, "red": RED, "purple": PURPLE, "sky": "#429ADA", "grey": GREY,
        "ink": "#1A1A1A", "faint": "#DDDDDD", "ground": "#FFFFFF", "edge": "#000000",
        "diverging": ["#9CC9E8", "#FFFFFF", "#F6D58F"], "scale": ["#FFFFFF", "#555555"],
        "regions": ["#C4DEF0", "#F9E3B4", "#BFE6D8", "#F1DAE6"],
        "words": {"blue": "#00659E", "orange": "#855A00", "green": "#00704F", "red": "#B04A00", "purple": "#9A3F74",
                  "sky": "#1C6A99", "grey": "#595959"},
    },
    "dark": {
        "blue": "#4FA3E3", "orange": "#F0B429", "green": "#2FC79A", "red": "#FF7A3D", "purple": "#E59AC4",
        "sky": "#A6DCF7", "grey": "#A8A8A8",
        "ink": "#ECECEC", "faint": "#3A3D42", "ground": "#15171A", "edge": "#000000",
        "diverging": ["#1F5377", "#26282B", "#6E5414"], "scale": ["#15171A", "#B0B0B0"],
        "regions": ["#1F4560", "#5C4713", "#174F40", "#57364A"],
        "words": {},
    },
}  # fmt: skip

# The same tints for Matplotlib.
DIVERGING = LinearSegmentedColormap.from_list("course", THEMES["light"]["diverging"])
REGIONS = ListedColormap(THEMES["light"]["regions"])

SCREEN_DPI, PNG_DPI = 96, 144


def axes(title="", xlabel="", ylabel="", *, size=(6.0, 4.0), columns=1):
    """A new figure with titled axes in the course's style.

    title, xlabel, ylabel: the words on the axes; give units, as in "body mass (kg)"
    size   : inches, of the whole figure
    columns: how many axes side by side
    returns: (figure, axes), or (figure, array of axes) for columns > 1
    """
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(1, columns, squeeze=False)[0]
    for ax in grid:
        tidy(ax, title if columns == 1 else "", xlabel, ylabel)
    if columns > 1:
        figure.suptitle(title)
        return figure, grid
    return figure, grid[0]


def tidy(ax, title="", xlabel="", ylabel=""):
    """Give one axes its words and the course's style: a light grid, no box."""
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.grid(True, color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def png(figure):
    """The figure as PNG bytes, with at most 256 colours: a third of the bytes in half the time."""
    canvas = figure.canvas if type(figure.canvas) is FigureCanvasAgg else FigureCanvasAgg(figure)
    figure.set_dpi(PNG_DPI)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    ground, picture = picture.getpixel((0, 0)), _quantized(picture)
    palette, at = picture.getpalette(), 3 * picture.getpixel((0, 0))
    picture.putpalette([*palette[:at], *ground, *palette[at + 3 :]])  # the ground stays white among tints near it
    buffer = io.BytesIO()
    picture.save(buffer, "png", compress_level=5)
    return buffer.getvalue()


def _quantized(picture):
    """A PIL image in at most 256 colours: the fast way, or a slower one where that cuts a gradient into bands."""
    fast = picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    missed = np.reshape(ImageChops.difference(fast.convert("RGB"), picture).histogram(), (3, 256))
    if missed[:, 7:].sum(axis=1).max() < 0.015 * picture.width * picture.height:
        return fast
    sample = picture.resize((picture.width // 3, picture.height // 3), Image.Resampling.NEAREST)
    palette = sample.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def screen_size(figure):
    """Width and height on the screen, in pixels."""
    width, height = figure.get_size_inches()
    return round(width * SCREEN_DPI), round(height * SCREEN_DPI)


def image_tag(picture, size, alt):
    """A PNG as an HTML <img> with its alt text, of a size in pixels of the screen, so that the page does not jump."""
    width, height = size
    encoded = base64.b64encode(picture).decode()
    return (
        f'<img alt="{html.escape(alt, quote=True)}" width="{width}" height="{height}" '
        f'style="max-width: 100%; height: auto" src="data:image/png;base64,{encoded}">'
    )


def bundle(picture, size, alt, caption=""):
    """A PNG as one output in three forms: HTML with alt text, PNG, and the words alone.

    size   : width and height on the screen, in pixels
    returns: (dict MIME type -> data, its metadata), as IPython's display takes them. The metadata are for those who
             show the PNG alone, such as nbgrader's feedback and formgrader
    raises : ValueError when alt is empty
    """
    if not alt.strip():
        raise ValueError("say in alt=… what one should see in this figure: a screen reader reads it out")
    page = image_tag(picture, size, alt)
    if caption:
        page = f"<figure style='margin: 0'>{page}<figcaption>{html.escape(caption)}</figcaption></figure>"
    data = {
        "text/html": page,
        "image/png": base64.b64encode(picture).decode(),
        "text/plain": f"{caption}\n{alt}".strip(),
    }
    return data, {"image/png": {"alt": alt, "width": size[0], "height": size[1]}}


def show(figure, alt, caption=""):
    """Show a figure.

    alt    : says in words what one should see
    caption: the line under the figure, as in "Figure 1.2: …"
    """
    from IPython.display import display

    data, metadata = bundle(png(figure), screen_size(figure), alt, caption)
    display(data, raw=True, metadata=metadata)


def scatter_classes(ax, x, label, names=None, *, size=45):
    """Points in the plane, one colour and one marker a class.

    x: (N, 2) points; label: (N,) or (N, 1) class indices; names: what to call each class in the legend
    """
    label = np.asarray(label).reshape(-1).astype(int)
    for index in np.unique(label):
        points = np.asarray(x)[label == index]
        ax.scatter(
            points[:, 0],
            points[:, 1],
            s=size,
            color=CLASSES[index],
            marker=MARKERS[index],
            edgecolor="black",
            linewidth=0.7,
            zorder=3,
            label=names[index] if names else f"class {index}",
        )


def mesh(xlim, ylim, count=80):
    """A grid of points over a rectangle of the plane.

    returns: (grid_x, grid_y, points): (count, count), (count, count), (count², 2)
    """
    grid_x, grid_y = np.meshgrid(np.linspace(*xlim, count), np.linspace(*ylim, count))
    return grid_x, grid_y, np.column_stack([grid_x.ravel(), grid_y.ravel()])


def contours(grid_x, grid_y, heights, levels):
    """The lines of equal height, all in one.

    grid_x, grid_y, heights: as `mesh` makes them
    returns: (x, y), with a NaN between two lines
    """
    from contourpy import contour_generator

    lines = [line for level in levels for line in contour_generator(grid_x, grid_y, heights).lines(level)]
    joined = [part for line in lines for part in (line, [[np.nan, np.nan]])]
    return tuple(np.concatenate(joined).T) if joined else (np.zeros(0), np.zeros(0))

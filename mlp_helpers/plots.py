"""Figures with words: the course's palette, axes with titles, and a picture that carries its alt text.

Figures are made without pyplot, so they have no global state and never show up twice.
"""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by people with any kind of colour blindness (jfly.uni-koeln.de/color).
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#6B6B6B"
CLASSES = [BLUE, ORANGE, GREEN, PURPLE, SKY, RED]
MARKERS = ["o", "s", "^", "D", "v", "P"]

# From class 0's colour through white to class 1's.
DIVERGING = LinearSegmentedColormap.from_list("course", ["#9CC9E8", "#FFFFFF", "#F6D58F"])
REGIONS = ListedColormap(["#C4DEF0", "#F9E3B4", "#BFE6D8", "#F1DAE6"])

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
    """The figure as PNG bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PNG_DPI)
    return buffer.getvalue()


def screen_size(figure):
    """Width and height on the screen, in pixels."""
    width, height = figure.get_size_inches()
    return round(width * SCREEN_DPI), round(height * SCREEN_DPI)


def image_tag(figure, alt, picture):
    """The figure, whose PNG is given, as an HTML <img> with its alt text, of a size so that the page does not jump."""
    width, height = screen_size(figure)
    encoded = base64.b64encode(picture).decode()
    return (
        f'<img alt="{html.escape(alt, quote=True)}" width="{width}" height="{height}" '
        f'style="max-width: 100%; height: auto" src="data:image/png;base64,{encoded}">'
    )


def bundle(figure, alt, caption="", picture=None):
    """The figure as one output in three forms: HTML with alt text, PNG, and the words alone.

    picture: its PNG, where that has been made already
    raises : ValueError when alt is empty
    """
    if not alt.strip():
        raise ValueError("say in alt=… what one should see in this figure: a screen reader reads it out")
    picture = picture or png(figure)
    page = image_tag(figure, alt, picture)
    if caption:
        page = f"<figure style='margin: 0'>{page}<figcaption>{html.escape(caption)}</figcaption></figure>"
    return {
        "text/html": page,
        "image/png": base64.b64encode(picture).decode(),
        "text/plain": f"{caption}\n{alt}".strip(),
    }


def metadata(figure, alt):
    """The size and alt text for those who show the PNG alone, such as nbgrader's feedback and formgrader."""
    width, height = screen_size(figure)
    return {"image/png": {"alt": alt, "width": width, "height": height}}


def show(figure, alt, caption=""):
    """Show a figure.

    alt    : says in words what one should see
    caption: the line under the figure, as in "Figure 1.2: …"
    """
    from IPython.display import display

    display(bundle(figure, alt, caption), raw=True, metadata=metadata(figure, alt))


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

"""What a student's cell has put out, as a notebook keeps it: text, and pictures drawn anew as PNG.

Nothing else passes: no HTML, no script, no metadata, and no path of the machine that graded it.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from dataclasses import dataclass

MAX_PIXELS = 4_000_000
MAX_PICTURE = 2**21  # characters of base64
_PLACES = sorted({sys.prefix, sys.base_prefix}, key=len, reverse=True)


@dataclass
class Budget:
    """What a whole notebook may still put out: characters of text, and of pictures in base64."""

    text: int = 2**21
    pictures: int = 2**25


def clean(outputs, most: int, pictures: int, budget: Budget | None = None) -> list[dict]:
    """A cell's outputs in nbformat 4, from what a worker has sent, whatever that is.

    outputs : lists ["stream", name, text], ["display", text, picture], ["error", name, message, traceback];
              all else is passed over
    most    : characters of text that are kept; the rest is cut off
    pictures: how many pictures are kept
    budget  : of the notebook; what is kept is taken off
    """
    result, budget = [], budget or Budget()
    most = min(most, budget.text)
    for output in outputs if type(outputs) is list else []:
        if type(output) is not list or not output:
            continue
        kind, *items = output
        if kind == "stream" and _are(items, str, str) and items[0] in ("stdout", "stderr"):
            name, text = items
            text = plain(text, most)
            result.append({"output_type": "stream", "name": name, "text": text})
        elif kind == "display" and _are(items, str, bytes):
            text = plain(items[0], most)
            picture = png(items[1]) if items[1] and pictures > 0 and budget.pictures > 0 else ""
            if len(picture) > min(budget.pictures, MAX_PICTURE):
                picture, text = "", text or "(a picture too large)"
            pictures -= bool(picture)
            budget.pictures -= len(picture)
            data = {**({"text/plain": text} if text else {}), **({"image/png": picture} if picture else {})}
            if data:
                result.append({"output_type": "display_data", "data": data, "metadata": {}})
        elif kind == "error" and _are(items, str, str, str):
            name, message, text = (plain(item, most) for item in items)
            result.append(error(re.sub(r"\W", "", name)[:80] or "Error", message, text))
        else:
            continue
        most -= len(text)
        budget.text -= len(text)
        if most <= 0:
            break
    return result


def error(name: str, message: str, traceback: str = "") -> dict:
    """An error output; its traceback is the message alone where there is none."""
    lines = (traceback or message).splitlines()
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}


def plain(text: str, most: int = 2**16) -> str:
    """Text without control characters and without paths of this machine, cut to a length."""
    text = text[: max(most, 0)]
    for place in _PLACES:
        text = text.replace(place, "…")
    return re.sub(r"[^\n\t -\x7e\xa0-\U0010ffff]|[\ud800-\udfff]", "", text)


def png(data: bytes) -> str:
    """The picture as a PNG in base64, drawn anew from its pixels; "" if it is none, or too large."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                return ""
            pixels = image.convert("RGBA" if "A" in image.getbands() else "RGB")
        drawn = io.BytesIO()
        pixels.save(drawn, "PNG", compress_level=3)
    except Exception:  # Pillow raises many kinds for what is no picture
        return ""
    return base64.b64encode(drawn.getvalue()).decode()


def _are(items, *kinds) -> bool:
    return len(items) == len(kinds) and all(type(item) is kind for item, kind in zip(items, kinds, strict=True))

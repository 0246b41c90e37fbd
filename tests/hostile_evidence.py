"""What an attack may leave behind: secrets in what was written, files, claims, and markup that a browser would run."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import stat
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hostile_class import HostileClass

NEXT = "zoe"
HIDDEN = ("987654", "975460423716", "1975308", "1975308.0", "2962962", "4938270")  # numbers that only hidden tests use
MUCH = 150 << 20  # bytes for one submission, three times as much as the largest in the collection
GAVE_UP = ("grade this submission again", "took too long and was ended", "the sandbox failed", "Traceback")


def secrets_shown(a_class: HostileClass, student: str) -> set[tuple[str, str]]:
    """Secrets in what grading has written of the attacker and of the next student: (where, which)."""
    found = set()
    for who in (student, NEXT):
        for where, text in _shown(a_class, who):
            for what, secret in a_class.canaries.items():
                if any(form in text for form in _forms(secret)):
                    found.add((where, what))
            found |= {(where, "hidden test") for number in HIDDEN if number in text or number[::-1] in text}
    return found


def _forms(secret: str) -> list[str]:
    raw = secret.encode()
    return [secret, secret[::-1], raw.hex(), base64.b64encode(raw).decode().rstrip("=")[4:-4], " ".join(secret)]


def _shown(a_class: HostileClass, student: str) -> Iterator[tuple[str, str]]:
    """What is shown of a submission, piece by piece: (where, text)."""
    notebook = a_class.graded_notebook(student) or {"cells": []}
    for cell in notebook["cells"]:
        kind = "test" if cell["metadata"].get("nbgrader", {}).get("grade") else "cell"
        for output in cell.get("outputs", []):
            for key, value in output.items():
                yield f"{kind} {output['output_type']} {key}", json.dumps(value)
                if key == "data" and "image/png" in value:
                    with contextlib.suppress(ValueError):
                        yield f"{kind} picture", base64.b64decode(value["image/png"]).decode("latin-1")
    yield "notebook metadata", json.dumps(notebook.get("metadata", {}))
    yield "feedback", a_class.feedback(student)


def size(a_class: HostileClass) -> int:
    """Bytes that the class takes on the disk."""
    total = 0
    for folder, _, names in os.walk(a_class.course.classroom):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
    return total


def claims(a_class: HostileClass, student: str) -> str:
    texts = [text for who in (student, NEXT) for where, text in _shown(a_class, who) if where != "feedback"]
    said = [re.findall(re.escape(a_class.won) + r"([^\\\n\"]*)", text) for text in texts]
    return ", ".join(dict.fromkeys(each.strip() or "yes" for some in said for each in some))[:300]


def files_of_others(a_class: HostileClass, student: str) -> set[tuple[str, str]]:
    """Files that this submission should not change, each with something that tells whether it has changed."""
    root, found = a_class.course.root, set()
    own = ("autograded", "feedback", "gradebook.db", "graded.jsonl", "grading.log", "received")
    own = tuple(f"class/{name}" for name in own)
    own += (f"class/submitted/{student}",)
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = [] if inside.startswith(own) else folders[:100]
        for name in names[:1000]:
            path = os.path.normpath(os.path.join(inside, name))
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(root, path))
                if not path.startswith((*own, "host.sock", ".nbgrader")):
                    found.add((path, f"{status.st_mode} {status.st_size} {status.st_mtime_ns}"))
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue"):
        with contextlib.suppress(OSError):
            found |= {(f"{folder}/{name}", "") for name in os.listdir(folder) if _of_attacks(a_class, folder, name)}
    return found


def _of_attacks(a_class: HostileClass, folder: str, name: str) -> bool:
    """Whether a file in a folder that many use is an attack's."""
    if "hostile-outside" in name or "for-a-friend" in name or "hostile-unpickled" in name:
        return True
    path = os.path.join(folder, name)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return a_class.mark.encode() in file.read(1000)
    except OSError:
        return False


class _Markup(HTMLParser):
    """Collects what of a page would run, load or send something, as far as it has to do with an attack."""

    LOADS = (
        "src",
        "srcset",
        "poster",
        "background",
        "data",
        "action",
        "formaction",
        "ping",
        "srcdoc",
        "style",
        "content",
    )

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag, attributes):
        self._inside = tag
        for name, value in attributes:
            value = value or ""
            bare = re.sub(r"[\x00-\x20]", "", value).lower()
            concerns = "hostile" in value
            runs = name.startswith("on") or bare.startswith(("javascript:", "vbscript:", "data:text/html"))
            loads = name in self.LOADS and ("hostile.test" in value or name in ("srcdoc", "style"))
            loads |= name == "href" and tag in ("link", "base") and "hostile.test" in value
            if concerns and (runs or loads):
                self.found.append(f"<{tag} {name}>")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside in ("script", "style") and re.search(r"hostile(\(|\.test)", data):
            self.found.append(f"<{self._inside}>")


def active_markup(page: str) -> list[str]:
    """What of an attack is active in a page: scripts, event handlers, frames, forms, things it loads."""
    parser = _Markup()
    parser.feed(page)
    parser.close()
    return parser.found


def gave_up(a_class: HostileClass, student: str) -> str:
    """Notes by which a part of the grader says that it could not go on."""
    notes = json.dumps((a_class.graded_notebook(student) or {}).get("metadata", {}))
    return ", ".join(words for words in GAVE_UP if words in notes)

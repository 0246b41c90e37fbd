"""What is in a zip archive, a folder or a file that somebody sent: which of it can be read, and why the rest cannot.

Nothing is trusted: not names, which may lead elsewhere; not sizes, which may be lies; not kinds, which may be links or
devices. Nothing is written here, no link is followed, and no file is held in memory as a whole.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from autograder.contents import MAX_BYTES, shown
from autograder.repairs import one_line
from autograder.safe_names import MAX_DEPTH, UnreadableError, is_junk, numbered, safe_name, safe_parts, same_name

MAX_DIRECTORY = 8_000_000  # bytes of an archive's table of contents, which is read at once
MAX_FILES = 50_000  # in one archive or folder
MAX_TOTAL = 50_000_000_000  # bytes that one archive may grow to
MAX_GROWTH = 200  # times a file's size in the archive: what students write grows to less than thirty times
SMALL = 10_000_000  # bytes up to which it does not matter how much a file has grown
CHUNK = 1 << 18

_OTHER_ARCHIVES = {
    ".7z": "7z",
    ".rar": "rar",
    ".tar": "tar",
    ".gz": "gzip",
    ".tgz": "tar",
    ".bz2": "bzip2",
    ".xz": "xz",
}
_MAGIC = {b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zX": "xz"}
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


@dataclass(frozen=True)
class Refusal:
    """name: as printable text; why: the end of a sentence that begins with it"""

    name: str
    why: str


@dataclass(frozen=True)
class Item:
    """A file that somebody sent.

    parts  : its path there, of names that are safe on any file system
    size   : in bytes, as its source says
    changed: when it was changed last, in seconds since 1970; 0 where that is not known
    open   : gives its bytes
    mark   : the same for two entries of an archive with the same bytes; None where that is not known
    """

    parts: tuple[str, ...]
    size: int
    changed: float
    open: Callable[[], BinaryIO] = field(compare=False, repr=False)
    mark: tuple | None = None

    @property
    def shown(self) -> str:
        return shown("/".join(self.parts))

    @property
    def is_zip(self) -> bool:
        return self.parts[-1].lower().endswith(".zip")

    def chunks(self, most: int = MAX_BYTES) -> Iterator[bytes]:
        """Its bytes. raises: UnreadableError if it is damaged, or has more than `most`; nothing else"""
        seen = 0
        try:
            with self.open() as file:
                while data := file.read(CHUNK):
                    seen += len(data)
                    if seen > most:
                        raise UnreadableError(f"is larger than {most // 10**6} MB: ask for it without outputs")
                    yield data
        except OSError as error:
            raise UnreadableError(f"cannot be read ({error.strerror or 'damaged'}): download it again") from None
        except _DAMAGED:
            raise UnreadableError("is damaged in its archive: download that again") from None


@dataclass
class Found:
    """What is in a source: what can be read, what is refused, and what else there is to say of it."""

    items: list[Item] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[Refusal] = field(default_factory=list)

    def refuse(self, name: str, why: str) -> None:
        self.refused.append(Refusal(shown(name), why))


def read_source(path: Path, found: Found, stack: contextlib.ExitStack) -> None:
    """All that can be read of an archive, a folder or a single file that an instructor names.

    stack : closes what has to stay open until the items have been read
    raises: nothing for what is in it
    """
    if path.is_dir():
        _read_folder(path, found)
    elif path.suffix.lower() in _OTHER_ARCHIVES:
        found.refuse(
            path.name, f"is a {_OTHER_ARCHIVES[path.suffix.lower()]} archive: unpack it, then collect the folder"
        )
    elif path.suffix.lower() == ".zip":
        try:
            file = stack.enter_context(open_regular(path))
            found.items.extend(_unique(zip_items(file, path.name, found), found))
        except OSError as error:
            found.refuse(path.name, f"cannot be read ({error.strerror}): change its permissions")
        except UnreadableError as error:
            found.refuse(path.name, str(error))
    else:
        _read_file(path, (path.name,), found)


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """raises: UnreadableError if it is none, or one that cannot be read within limits"""
    start = file.read(8)
    if not start:
        raise UnreadableError("is empty (0 bytes): download it again")
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            raise UnreadableError(f"is no zip but a {kind} archive: unpack it, then collect the folder")
    try:
        try:
            return zipfile.ZipFile(_Guarded(file))
        except UnicodeDecodeError:
            return zipfile.ZipFile(_Guarded(file, mend=True))
    except _TooLargeError:
        raise UnreadableError(
            f"lists more than {MAX_FILES} files: unpack it, and collect its folders in turn"
        ) from None
    except _DAMAGED:
        what = "is cut short or damaged: download it again" if start.startswith(b"PK") else "is no zip archive"
        raise UnreadableError(what) from None
    except OSError as error:
        raise UnreadableError(f"is damaged ({error.strerror or 'no zip'}): download it again") from None


class _TooLargeError(Exception):
    pass


class _Guarded(io.RawIOBase):
    """A zip archive of which no huge table of contents is read, and whose broken names do not stop reading."""

    def __init__(self, file: BinaryIO, mend: bool = False):
        self._file, self._mend = file, mend

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise _TooLargeError
        data = self._file.read(size)
        if self._mend and data.startswith(b"PK\1\2") and len(data) == size:
            return _without_broken_names(data)
        if self._mend and data.startswith(b"PK\3\4") and len(data) == 30:  # an entry's own header, before its name
            name = self._file.read(struct.unpack_from("<H", data, 26)[0])
            self._file.seek(-len(name), io.SEEK_CUR)
            return data if _is_utf8(name) else data[:7] + bytes([data[7] & ~8]) + data[8:]
        return data


def _without_broken_names(table: bytes) -> bytes:
    """An archive's table of contents, where names that are said to be UTF-8 and are not are no longer said to be."""
    table, start = bytearray(table), 0
    while table[start : start + 4] == b"PK\1\2" and start + 46 <= len(table):
        (flags,), lengths = struct.unpack_from("<H", table, start + 8), struct.unpack_from("<3H", table, start + 28)
        if not _is_utf8(table[start + 46 : start + 46 + lengths[0]]):
            struct.pack_into("<H", table, start + 8, flags & ~0x800)
        start += 46 + sum(lengths)
    return bytes(table)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def zip_items(file: BinaryIO, name: str, found: Found) -> list[Item]:
    """The files in a zip archive; of those that are refused `found` says why.

    file  : stays open as long as items are read
    raises: UnreadableError if the archive as a whole is refused
    """
    archive = open_zip(file)
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise UnreadableError(f"lists more than {MAX_FILES} files: unpack it, and collect its folders in turn")
    packed, total = file.seek(0, io.SEEK_END), sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL or (total > 100 * SMALL and total > MAX_GROWTH * packed):
        raise UnreadableError(
            f"would grow from {packed / 1e6:.1f} MB to {total / 1e6:,.0f} MB: that is no archive of notebooks"
        )
    items = []
    for entry in entries:
        path = _decoded(entry)
        if is_junk(path) or (path.endswith("/") and not _kind(entry) and not entry.file_size):
            continue
        try:
            _check(entry)
            mark, opened = (entry.CRC, entry.file_size), partial(archive.open, entry)
            items.append(Item(safe_parts(path), entry.file_size, _changed(entry), opened, mark))
        except UnreadableError as error:
            found.refuse(path, f"in {shown(name)} {error}")
    return items


def _decoded(entry: zipfile.ZipInfo) -> str:
    """An entry's name. Many programs write UTF-8 and do not say so, which Python then reads as code page 437."""
    if entry.flag_bits & 0x800:
        return entry.orig_filename
    try:
        return entry.orig_filename.encode("cp437").decode("utf-8")
    except ValueError:
        return entry.orig_filename


def _kind(entry: zipfile.ZipInfo) -> str:
    """What it is if it is neither a file nor a folder."""
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "a link"
    return "a device or a pipe" if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR) else ""


def _check(entry: zipfile.ZipInfo) -> None:
    if entry.filename.endswith("/"):
        raise UnreadableError("is a folder by its name, and holds bytes like a file: ask the student for it again")
    if kind := _kind(entry):
        raise UnreadableError(f"is {kind}, which is not followed: ask the student for the file itself")
    if entry.flag_bits & 0x1:
        raise UnreadableError("is encrypted: ask the student for it without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableError("is compressed in an unusual way: unpack the archive, then collect the folder")
    if entry.file_size > MAX_BYTES:
        raise UnreadableError(f"is larger than {MAX_BYTES // 10**6} MB: ask the student for it without outputs")
    if entry.file_size > SMALL and entry.file_size > MAX_GROWTH * max(entry.compress_size, 1):
        size = entry.file_size / 1e6
        raise UnreadableError(
            f"would grow to {size:,.0f} MB, over {MAX_GROWTH} times its size: ask the student for it again"
        )


def _changed(entry: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0


def open_regular(path: Path) -> BinaryIO:
    """A file's bytes. raises: OSError, also if it is a link, a pipe or a device"""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(22, "it is no file")
    return open(descriptor, "rb")


def _read_folder(folder: Path, found: Found, parts: tuple[str, ...] = ()) -> None:
    items: list[Item] = []
    inner = Found(refused=found.refused, notes=found.notes)
    for path, names in _walk(folder, parts, inner):
        _read_file(path, names, inner)
        if len(inner.items) > MAX_FILES:
            found.refuse(folder.name, f"holds more than {MAX_FILES} files: collect its folders in turn")
            return
    items.extend(inner.items)
    found.items.extend(_unique(items, found))


def _walk(folder: Path, parts: tuple[str, ...], found: Found) -> Iterator[tuple[Path, tuple[str, ...]]]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda each: each.name)
    except OSError as error:
        found.refuse(folder.name, f"cannot be read ({error.strerror}): change its permissions")
        return
    for each in entries:
        if is_junk(each.name):
            continue
        if each.is_symlink():
            found.refuse("/".join((*parts, each.name)), "is a link, which is not followed: collect what it leads to")
        elif each.is_dir(follow_symlinks=False):
            if len(parts) >= MAX_DEPTH - 1:
                found.refuse(each.name, f"lies more than {MAX_DEPTH} folders deep: collect it on its own")
            else:
                yield from _walk(Path(each.path), (*parts, each.name), found)
        else:
            yield Path(each.path), (*parts, each.name)


def _read_file(path: Path, names: tuple[str, ...], found: Found) -> None:
    name = "/".join(names)
    try:
        status = path.lstat()
    except OSError as error:
        found.refuse(name, f"cannot be read ({error.strerror}): change its permissions")
        return
    if not stat.S_ISREG(status.st_mode):
        found.refuse(name, "is no file but a link, a pipe or a device: collect the file itself")
    elif status.st_size > MAX_BYTES:
        found.refuse(name, f"is larger than {MAX_BYTES // 10**6} MB: ask the student for it without outputs")
    else:
        parts = tuple(safe_name(part) for part in names)
        found.items.append(Item(parts, status.st_size, status.st_mtime, partial(open_regular, path)))


def _unique(items: list[Item], found: Found) -> Iterator[Item]:
    """The items, where those have a number that would otherwise overwrite another one somewhere."""
    files: dict[tuple[str, ...], tuple | None] = {}
    folders = {same_name(*item.parts[:end]) for item in items for end in range(1, len(item.parts))}
    for item in items:
        key, number = same_name(*item.parts), 1
        if key in files and item.mark and files[key] == item.mark:
            found.notes.append(Refusal(item.shown, "is there twice, with the same content"))
            continue
        new = item
        while key in files or key in folders:
            number += 1
            new = replace(item, parts=numbered(item.parts, number))
            key = same_name(*new.parts)
        if number > 1:
            found.notes.append(
                Refusal(item.shown, f"has the name of something else there: kept as {shown(new.parts[-1])}")
            )
        files[key] = item.mark
        yield new


def other_archive(item: Item) -> str:
    """What kind of an archive it is that is not opened; "" for anything else."""
    return _OTHER_ARCHIVES.get(Path(item.parts[-1]).suffix.lower(), "")


def said(refusal: Refusal) -> str:
    """A refusal as one printable line."""
    return one_line(f"{refusal.name}: {refusal.why}")

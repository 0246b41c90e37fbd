"""What a submission may use, and the error for a machine that cannot hold it to that."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


class SandboxError(Exception):
    """There is no sandbox to be had here; the message says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    seconds_per_cell: before a cell is interrupted
    seconds         : for all of its cells, and of processor time in each process
    memory          : bytes, of its processes and its files together
    processes       : with their threads
    file_size       : bytes, of each file
    scratch         : bytes, of all files
    output          : bytes of text from one cell
    pictures        : from one cell
    """

    seconds_per_cell: float = 30
    seconds: float = 300
    memory: int = 2048 * MIB
    processes: int = 64
    file_size: int = 64 * MIB
    scratch: int = 256 * MIB
    output: int = 64 * 1024
    pictures: int = 20


class UnfinishedError(Exception):
    """A submission took longer than whoever wanted it graded was ready to wait."""

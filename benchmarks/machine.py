"""What the machine has done, and what it can do. Nothing else should run on it.

How long its cores have worked is asked of the kernel, for what runs in a sandbox: no process's own account of that is
whole, since the time of processes that are killed with their namespace is forgotten.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

_LOOP = "for n in range(10_000_000): n * n"


def busy(core: int | None = None) -> float:
    """Seconds for which one core, or all together, have worked since the machine started."""
    name = "cpu" if core is None else f"cpu{core}"
    with open("/proc/stat") as file:
        for line in file:
            found, *times = line.split()
            if found == name:
                user, nice, system, _, _, interrupts, soft = map(int, times[:7])
                return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")
    raise OSError(f"there is no {name} in /proc/stat")


def scaling(processes: int) -> float:
    """How many times faster so many processes get plain loops done than one: what the cores of one machine share,
    and what a virtual one does not get, makes it less than their number.
    """
    seconds = []
    for number in (1, processes, 1, processes):
        start = time.monotonic()
        running = [subprocess.Popen([sys.executable, "-S", "-c", _LOOP]) for _ in range(number)]
        for process in running:
            process.wait()
        seconds.append((time.monotonic() - start) / number)
    return (seconds[0] + seconds[2]) / (seconds[1] + seconds[3])

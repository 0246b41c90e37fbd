"""How long the machine's cores have worked: for what runs in a sandbox, no process's own account is whole.

The kernel forgets the time of processes that are killed with their namespace. So this counts all that runs on the
cores: nothing else should.
"""

from __future__ import annotations

import os


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

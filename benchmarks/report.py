"""One line a budget: what was asked, what was measured, whether it is met."""

import datetime as dt
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Line:
    """A work, its budget in words, what was measured in words, and whether that is within the budget."""

    work: str
    budget: str
    measured: str
    met: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The line of a table."""
        return self.work, self.budget, self.measured, ("yes" if self.met else "NO") if self.budget else ""


def at_most(work: str, values: Sequence[float], most: float, unit: str, digits: int = 2) -> Line:
    """A median that must not be above ``most``; printed with its spread."""
    middle = statistics.median(values)
    spread = f" ({min(values):.{digits}f}-{max(values):.{digits}f})" if len(values) > 1 else ""
    return Line(work, f"≤ {most:g} {unit}".rstrip(), f"{middle:.{digits}f}{spread} {unit}".rstrip(), middle <= most)


def ratio(work: str, ours: Sequence[float], theirs: Sequence[float], most: float, of: str) -> Line:
    """The ratio of two medians of interleaved runs."""
    a, b = statistics.median(ours), statistics.median(theirs)
    both = f"{a:.2f} s ({min(ours):.2f}-{max(ours):.2f}) to {b:.2f} s ({min(theirs):.2f}-{max(theirs):.2f})"
    return Line(work, f"≤ {most:g} of {of}", f"{a / b:.2f}: {both}", a / b <= most)


def table(lines: Iterable[Line]) -> str:
    """The lines as a table of Markdown."""
    rows = [("work", "budget", "measured", "met"), ("---",) * 4, *(line.cells for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine() -> str:
    """The machine in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load before {load}"
    )


def keep(lines: Sequence[Line], on: str) -> None:
    """Write the results beside the benchmarks."""
    text = f"# Last results\n\n{dt.date.today()}: {on}.\n\nRun `python -m benchmarks` for your own.\n\n{table(lines)}\n"
    RESULTS.write_text(text, encoding="utf-8")

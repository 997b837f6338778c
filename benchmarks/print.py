"""How long Typst takes for the book and for each handout: medians of several runs, each in a fresh process.

    python -m benchmarks.print [repetitions]

It sets again what the last `python -m ketamine_kb.build pdf` wrote, so that only Typst is measured. Both the clock and the processor
seconds are told: on a machine with other work only the second says something.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Most seconds by the clock, on a quiet machine.
LIMITS = {"book": 10.0, "handout": 1.0}
ONE = """
import resource, sys, time
from pathlib import Path
from ketamine_kb.pdf.book import typeset
begun = time.perf_counter()
typeset(Path(sys.argv[1]), Path(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - begun, used.ru_utime + used.ru_stime)
"""


def sources() -> list[Path]:
    """The Typst files of the last build."""
    work = ROOT / "build" / "work"
    found = [*sorted(work.glob("typst-book/main.typ")), *sorted(work.glob("typst/handout-*.typ"))]
    if not found:
        raise SystemExit("nothing to set: run python -m ketamine_kb.build pdf first")
    return [path for path in found if path.name != "handout.typ"]


def main(repetitions: int) -> None:
    """Print one line a document."""
    for source in sources():
        target = source.with_suffix(".benchmark.pdf")
        runs = []
        for _ in range(repetitions):
            done = subprocess.run([sys.executable, "-c", ONE, str(source), str(target)], capture_output=True, text=True, check=True)
            runs.append([float(word) for word in done.stdout.split()])
        clock, processor = (statistics.median(run[index] for run in runs) for index in (0, 1))
        name = "book" if source.name == "main.typ" else source.stem
        limit = LIMITS["book" if name == "book" else "handout"]
        print(f"{name}: {clock:.2f} s by the clock (at most {limit:g} s), {processor:.2f} s of processor, {repetitions} runs")
        target.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)

"""`make bench`: what people wait for, and ratios beside named peers. `make bench ONLY="pages film"` chooses."""

from __future__ import annotations

import importlib
import os
import pkgutil
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benches

DATA = Path(tempfile.mkdtemp(prefix="attunement-bench-"))
ITEMS = 40


def forty_items(folder: Path) -> None:
    """An instrument of forty made-up items in the data directory, as a deployer would load one."""
    folder.mkdir(parents=True)
    items = "\n".join(f'  {{ number = {n}, scale = "all", low = 0, high = 3 }},' for n in range(1, ITEMS + 1))
    (folder / "bench_forty.key.toml").write_text(
        'slug = "bench_forty"\nversion = "1"\nname = "Forty items"\ncitation = "none"\nabout = "for measuring"\n'
        f'licence_class = "own"\nlicence = "MIT"\nvalidated = false\nitems = [\n{items}\n]\n'
        '[[scales]]\nname = "all"\nhigh_is = "more"\n[[facts]]\ntext = "made up"\nmark = "K"\nsource = "bench"\n')
    words = "\n".join(f'{n} = "This is made-up question number {n}."' for n in range(1, ITEMS + 1))
    (folder / "bench_forty.en.wording.toml").write_text(
        'slug = "bench_forty"\nlanguage = "en"\nversion = "1"\ntitle = "Forty"\ninstruction = "Choose one."\n'
        'notice = ""\noptions = [[0, "Never"], [1, "Seldom"], [2, "Often"], [3, "Always"]]\n'
        f'[items]\n{words}\n[licence]\nholder = "us"\nevidence = "MIT"\naccepted_by = "us"\n'
        'accepted_on = 2021-03-01\nlanguages = ["en", "en-xr"]\n')


def cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds of this process for `work`."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def set_up() -> None:
    from attunement.web import opening, place

    forty_items(DATA / "instruments")
    place.create(DATA, demonstration=True, staff_totp=False)
    opening.set_up(DATA)
    from django.test.utils import setup_test_environment

    setup_test_environment()


def rehearsal(families: int) -> float:
    """CPU seconds of a whole rehearsal in a process of its own."""
    target = DATA / f"rehearsal-{families}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "attunement.cli", "rehearse", "vig", "--families", str(families), "--to",
                    str(target)], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(target)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pages(shown: Table) -> None:
    """What people wait for most, on a fresh SQLite file as deployed."""
    set_up()
    from benches import families, respondent

    with Console(stderr=True).status("Measuring pages…"):
        background, by_page = respondent.measure(cpu)
        shown.add_row(f"{ITEMS}-item respondent, link to thanks, saved in the background", f"{background:.0f} ms",
                      "150 ms")
        shown.add_row(f"{ITEMS}-item respondent, link to thanks, by page", f"{by_page:.0f} ms", "250 ms")
        shown.add_row("List of 500 families", f"{families.measure(cpu):.0f} ms", "100 ms")
        small, whole = rehearsal(63), rehearsal(252)
        shown.add_row("Rehearsal of 252 families, report included", f"{whole:.1f} s", "60 s")
        shown.add_row("… to one of 63 families (4 × the families)", f"{whole / small:.2f} ×", "≤ 4.2 ×")


def main(wanted: Sequence[str]) -> int:
    """Each `bench_<name>.py` has `bench(shown)`, which adds its rows; names on the command line choose."""
    found = {"pages": pages}
    for module in pkgutil.iter_modules(benches.__path__):
        if module.name.startswith("bench_"):
            found[module.name.removeprefix("bench_")] = importlib.import_module(f"benches.{module.name}").bench
    unknown = [name for name in wanted if name not in found]
    if unknown:
        print(f"No bench is called {unknown[0]}; there are {', '.join(sorted(found))}.", file=sys.stderr)
        return 1
    for name in wanted or sorted(found):
        shown = Table("What", "Measured", "Goal", title=name)
        found[name](shown)
        Console().print(shown)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    finally:
        shutil.rmtree(DATA, ignore_errors=True)
        os.environ.pop("ATTUNEMENT_DATA", None)

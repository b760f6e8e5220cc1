"""A small made-up trial with an opened log, to try verification on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from attunement import __version__
from attunement.allocation.assessing import assess
from attunement.allocation.certificate import LockCertificate
from attunement.allocation.chain import (
    CHECKPOINT,
    DRAWN,
    LOCKED,
    OPENED,
    Chain,
    Entry,
    draw_text,
    write_log,
    write_whole,
)
from attunement.allocation.errors import AllocationError
from attunement.allocation.naming import describe
from attunement.allocation.opening import OpenedScheme, opening_text
from attunement.allocation.running import Running
from attunement.allocation.signing import public_hex, signing_key
from attunement.places import check_place

_BEGUN = datetime(2021, 7, 1, 9, tzinfo=UTC)
_WHO = ("person:4", "person:7", "person:9")
SITES = {"A": 63, "B": 63, "C": 63, "D": 63}


def example_scheme(seed: bytes, salt: bytes, scheme: str = "big_stick:3", version: int = 1) -> OpenedScheme:
    """The scheme of the made-up trial: two arms, four sites."""
    return OpenedScheme(version, seed.hex(), salt.hex(), scheme, (1, 1), ("programme", "usual"), SITES, __version__)


def example_entries(
    scheme: OpenedScheme, key: bytes, *, draws: int = 40, others: int = 4, daily: int = 50, chance: int = 1
) -> Iterator[Entry]:
    """The entries of the log: `others` entries to each draw, a signed checkpoint after every `daily` entries.

    chance: decides who comes when, and nothing of the arms.
    """
    lots, chain, signer = random.Random(chance), Chain(), signing_key(key)
    running = {stratum: Running(scheme.rule(stratum), scheme.source(stratum)) for stratum in scheme.places}
    clock = _BEGUN

    def at() -> str:
        nonlocal clock
        clock += timedelta(minutes=lots.randrange(3, 90))
        return clock.isoformat()

    yield chain.add("study.adopted", at=at(), who="rule:set_up", number=1)
    yield chain.add("arms.set_up", at=at(), who="person:1", version=scheme.version)
    yield chain.add(LOCKED, at=at(), who="person:2", version=scheme.version, commitment=scheme.commitment,
                    public_key=public_hex(signer))
    for number in range(1, draws + 1):
        family = f"F{number:05}"
        stratum = lots.choice(sorted(scheme.places))
        for happened in _before(others):
            yield chain.add(happened, at=at(), who=lots.choice(_WHO), family=family, site=stratum)
            if chain.number % daily == 0:
                yield chain.checkpoint(signer, at=at())
        place, levels = running[stratum].places + 1, {factor: lots.choice(known) for factor, known, _ in scheme.factors}
        salt = sha256(f"{scheme.salt}:{number}".encode()).hexdigest()[:32]
        opened = draw_text(version=scheme.version, stratum=stratum, place=place, levels=levels,
                           arm=running[stratum].next(levels), salt=salt)
        yield chain.add(DRAWN, at=at(), who=lots.choice(_WHO), family=family, site=stratum, opened=opened, field="arm")
        if chain.number % daily == 0:
            yield chain.checkpoint(signer, at=at())
    yield chain.add(OPENED, at=at(), who="person:2", opened=opening_text([scheme]))
    yield chain.checkpoint(signer, at=at())


def write_example(log: str | Path) -> tuple[Path, Path, Path]:
    """Writes a log, its lock certificate and its checkpoints as others would hold them; returns the three paths.

    All of it is made up, seed and key included, and is the same every time. A file that is no such example is never
    overwritten. Raises AllocationError.
    """
    log = Path(log)
    check_place(log, AllocationError)
    seed, salt, key = (sha256(f"attunement example {what}".encode()).digest() for what in ("seed", "salt", "key"))
    scheme = example_scheme(seed, salt[:16])
    entries = list(example_entries(scheme, key))
    _refuse_other(log, entries[0].line)
    certificate, held = log.with_name(f"{log.name}.certificate.json"), log.with_name(f"{log.name}.checkpoints")
    locked = next(entry for entry in entries if entry.verb == LOCKED)
    rule = scheme.rule("A")
    promised = LockCertificate(
        "A made-up trial", scheme.version, scheme.scheme, describe(rule), scheme.ratio, scheme.arms, scheme.places,
        scheme.commitment, public_hex(signing_key(key)), scheme.software, locked.at, "Trial manager",
        "Monitoring statistician", assess(rule, 63).to_dict())
    write_log(held, [entry for entry in entries if entry.verb == CHECKPOINT])
    write_whole(certificate, [promised.to_json()])
    write_log(log, entries)
    return log, certificate, held


def _refuse_other(log: Path, first: str) -> None:
    """The first entry of the example is always the same."""
    try:
        with log.open("rb") as file:
            begun = file.read(len(first.encode()))
    except OSError:
        return
    if begun and begun != first.encode():
        raise AllocationError(f"{log}: there is a file of that name, and it is no example: choose another name")


def _before(others: int) -> list[str]:
    """What happens to a family before its allocation."""
    usual = ["referral.refer", "consent.record", "surveys.open", "surveys.complete"]
    return (usual[:-1] + ["surveys.answer"] * (others - 4) + usual[-1:]) if others >= 4 else usual[:others]

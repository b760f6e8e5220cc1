"""A thousand ways to tamper with an opened log: `python -m tests.allocation.edits 1000`.

Each gives the changed log and the number of the first entry that is no longer as it was written.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from attunement.allocation.chain import CHECKPOINT, DRAWN, OPENED, START, Entry, fact_of, plain_json, write_log
from attunement.allocation.example import example_entries, example_scheme
from attunement.allocation.signing import public_hex, signing_key
from attunement.allocation.verifying import verify

KEY, SEED, SALT = bytes(range(32)), bytes(range(48)), bytes(range(16))
FIELDS = ("at", "who", "verb", "family", "site", "why", "what", "study_version", "number")
Edit = Callable[[list[Entry], random.Random], tuple[bytes, int]]


def log(scheme="big_stick:3", chance=1, draws=40):
    return list(example_entries(example_scheme(SEED, SALT, scheme), KEY, draws=draws, chance=chance))


def text(entries):
    return "".join(entry.line for entry in entries).encode()


def chained(entries, start=0):
    """Hashed anew from `start` on, as somebody without the key can; checkpoints keep what was signed."""
    done = list(entries[:start])
    for entry in entries[start:]:
        done.append(replace(entry, before=done[-1].digest if done else START, number=len(done) + 1))
    return text(done)


def other(entry, lots):
    """The entry with one field changed."""
    field = lots.choice(FIELDS)
    if field == "what":
        told = json.loads(entry.what)
        return replace(entry, what=plain_json({**told, "more": lots.randrange(9)}))
    if field in ("study_version", "number"):
        return replace(entry, **{field: getattr(entry, field) + lots.randrange(1, 9)})
    return replace(entry, **{field: getattr(entry, field) + lots.choice("xyz")})


def flipped_bit(entries, lots):
    raw = bytearray(text(entries))
    place = lots.randrange(len(raw))
    raw[place] ^= 1 << lots.randrange(8)
    return bytes(raw), text(entries)[:place].count(b"\n") + 1


def edited_field(entries, lots):
    at = lots.randrange(len(entries))
    lines = [entry.line for entry in entries]
    lines[at] = lines[at][:75] + other(entries[at], lots).line[75:]
    return "".join(lines).encode(), at + 1


def edited_and_hashed(entries, lots):
    at = lots.randrange(len(entries))
    return text([*entries[:at], other(entries[at], lots), *entries[at + 1 :]]), at + 1


def edited_and_chained_anew(entries, lots):
    at = lots.randrange(len(entries))
    changed = other(entries[at], lots)
    while changed.number != entries[at].number:
        changed = other(entries[at], lots)
    return chained([*entries[:at], changed, *entries[at + 1 :]]), at + 1


def another_arm(entries, lots):
    """Arm, fact and chain all agree with each other, and not with the seed."""
    at = lots.choice([at for at, entry in enumerate(entries) if entry.verb == DRAWN])
    told = json.loads(entries[at].opened)
    opened = plain_json({**told, "arm": 1 - told["arm"]})
    changed = replace(entries[at], opened=opened, what=plain_json({"field": "arm", "fact": fact_of(opened)}))
    return chained([*entries[:at], changed, *entries[at + 1 :]]), at + 1


def another_opening(entries, lots):
    """Something else is opened than was sealed."""
    at = lots.choice([at for at, entry in enumerate(entries) if entry.opened])
    opened = entries[at].opened
    place = lots.randrange(2, len(opened) - 2)
    changed = replace(entries[at], opened=opened[:place] + lots.choice("01ab \\") + opened[place + 1 :])
    if changed == entries[at]:
        return another_opening(entries, lots)
    return text([*entries[:at], changed, *entries[at + 1 :]]), at + 1


def another_seed(entries, lots):
    at = next(at for at, entry in enumerate(entries) if entry.verb == OPENED)
    told = json.loads(entries[at].opened)
    told["schemes"][0]["seed"] = lots.randbytes(48).hex()
    opened = plain_json(told)
    changed = replace(entries[at], opened=opened, what=plain_json({"fact": fact_of(opened)}))
    return chained([*entries[:at], changed, *entries[at + 1 :]]), at + 1


def deleted(entries, lots):
    at = lots.randrange(len(entries))
    return text([*entries[:at], *entries[at + 1 :]]), at + 1


def deleted_and_chained_anew(entries, lots):
    at = lots.randrange(len(entries) - 2)
    return chained([*entries[:at], *entries[at + 1 :]]), at + 1


def _swapped(entries, lots):
    one, two = sorted(lots.sample(range(len(entries) - 2), 2))
    changed = list(entries)
    changed[one], changed[two] = changed[two], changed[one]
    return changed, one + 1


def swapped(entries, lots):
    changed, first = _swapped(entries, lots)
    return text(changed), first


def swapped_and_chained_anew(entries, lots):
    changed, first = _swapped(entries, lots)
    return chained(changed), first


def moved(entries, lots):
    one, two = lots.sample(range(len(entries)), 2)
    changed = list(entries)
    changed.insert(two, changed.pop(one))
    return text(changed), min(one, two) + 1


def put_in(entries, lots):
    at = lots.randrange(1, len(entries) + 1)
    again = lots.choice([entry for entry in entries if entry.number != at + 1])
    return text([*entries[:at], again, *entries[at:]]), at + 1


def put_in_and_chained_anew(entries, lots):
    at = lots.randrange(3, len(entries) - 2)
    made = replace(entries[at], who="person:66", verb="consent.record", opened="", what="{}")
    return chained([*entries[:at], made, *entries[at:]]), at + 1


def cut_off(entries, lots):
    at = lots.randrange(1, len(entries))
    return text(entries[:at]), at + 1


def cut_off_at_a_checkpoint(entries, lots):
    at = lots.choice([at for at, entry in enumerate(entries[:-1]) if entry.verb == CHECKPOINT])
    return text(entries[: at + 1]), at + 2


def cut_within_a_line(entries, lots):
    raw = text(entries)
    place = lots.randrange(1, len(raw))
    while raw[place - 1 : place] == b"\n":
        place = lots.randrange(1, len(raw))
    return raw[:place], raw[:place].count(b"\n") + 1


def said_more(entries, lots):
    return text(entries) + lots.choice([b"\n", b" ", b"{}\n", entries[0].line.encode()]), len(entries) + 1


def restored_and_written_anew(entries, lots):
    """An old backup went on with the programme's own key: only checkpoints that others hold show it."""
    anew = log(chance=2)
    at = next(at for at, (one, two) in enumerate(zip(entries, anew, strict=False)) if one != two)
    return text(anew), at + 1


EDITS: tuple[Edit, ...] = (
    flipped_bit, edited_field, edited_and_hashed, edited_and_chained_anew, another_arm, another_opening, another_seed,
    deleted, deleted_and_chained_anew, swapped, swapped_and_chained_anew, moved, put_in, put_in_and_chained_anew, cut_off,
    cut_off_at_a_checkpoint, cut_within_a_line, said_more, restored_and_written_anew)  # fmt: skip


def tries(count, folder, seed=1):
    """(edit, number expected, verdict) of each."""
    entries, lots = log(), random.Random(seed)
    path, held = folder / "log", folder / "checkpoints"
    held.write_text("".join(entry.line for entry in entries if entry.verb == CHECKPOINT))
    key = public_hex(signing_key(KEY))
    for number in range(count):
        edit = EDITS[number % len(EDITS)]
        changed, first = edit(entries, lots)
        path.write_bytes(changed)
        outside = [held] if edit is restored_and_written_anew or number % 2 else []
        yield edit.__name__, first, verify(path, key, outside)


def main(count):
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        assert write_log(Path(folder) / "whole", log()) and verify(Path(folder) / "whole").whole
        for name, first, verdict in tries(count, Path(folder), seed=count):
            if verdict.first_bad != first:
                missed[name] += 1
                print(f"{name}: entry {first} was changed; the verdict: {verdict.sentence}")
    print(f"{count:,} edits of {len(EDITS)} kinds; not named rightly: {sum(missed.values())}.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))

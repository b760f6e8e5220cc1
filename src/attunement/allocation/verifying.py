"""Is a log whole, and was every arm in it drawn as promised? By itself, with no access to the programme's database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from attunement.allocation.chain import CHECKPOINT, DRAWN, LOCKED, MARK, OPENED, START
from attunement.allocation.errors import AllocationError
from attunement.allocation.opening import OpenedScheme, opened_schemes
from attunement.allocation.running import Running
from attunement.allocation.signing import Checkpoint, TrustedKey, checkpoint_of, read_checkpoints, read_key

_HEAD, _MIDDLE, _OPENED = b'{"digest":"', b'","entry":', b',"opened":'
_TEXT = len(_HEAD) + 64 + len(_MIDDLE)
_LINE_LARGEST = 200_000_000
_DRAWN, _CHECKPOINT, _LOCKED, _OPENING = (verb.encode() for verb in (DRAWN, CHECKPOINT, LOCKED, OPENED))


@dataclass(frozen=True)
class Verdict:
    """What verification found. `first_bad` is the number of the first entry (and line) that is not as it was written.

    notes: what was checked against, and what could not be.
    """

    whole: bool
    entries: int
    draws: int
    first_bad: int | None
    reason: str
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        if self.whole:
            return f"The log is whole: {self.entries:,} entries, {self.draws:,} allocations, every arm as it was drawn."
        return f"The log is broken at entry {self.first_bad}: {self.reason}."


class _Bad(Exception):
    """Why the entry that is being read is not as it was written."""


def verify(
    log: str | Path, key: str | Path | bytes | None = None, checkpoints: Sequence[str | Path] = ()
) -> Verdict:
    """Re-derives every arm of an opened log, and checks chain, facts, commitments, signatures and ending.

    log: a file as `chain` describes it. key: the Ed25519 public key from outside (bytes, hexadecimal, or a file of it or
    of the lock certificate); left out, the one that the log names is used, and a note says so. checkpoints: files of
    checkpoints that others hold. Raises AllocationError when a file cannot be read or is none of these.
    """
    trusted = read_key(key) if key is not None else None
    try:
        with Path(log).open("rb") as file:
            reading = _Reading(trusted, _last_opening(file))
            reading.read(file)
            held = [made for path in checkpoints for made in read_checkpoints(path, reading.key)] if reading.key else []
            if checkpoints and not reading.key:
                reading.fail(1, "the log names no key, so the checkpoints from outside cannot be checked against it")
            return reading.verdict(held)
    except (OSError, ValueError) as error:
        if isinstance(error, AllocationError):
            raise
        raise AllocationError(f"{log}: the log cannot be opened: {getattr(error, 'strerror', None) or error}") from None


def _last_opening(file: IO[bytes]) -> dict[int, OpenedScheme]:
    """The schemes that the last line but one opens; none when it cannot be read, which the reading will come to."""
    size = file.seek(0, 2)
    block = min(size, 1 << 16)
    while True:
        file.seek(size - block)
        lines = file.read(block).splitlines()
        if len(lines) > 3 or block in (size, _LINE_LARGEST):
            break
        block = min(size, block * 8, _LINE_LARGEST)
    file.seek(0)
    for line in lines[-2:-1]:
        try:
            return opened_schemes(line[line.index(_OPENED) + len(_OPENED) : -1])
        except ValueError:
            break
    return {}


class _Reading:
    """The log as far as it has been read."""

    def __init__(self, trusted: TrustedKey | None, schemes: dict[int, OpenedScheme]) -> None:
        self._trusted, self._schemes = trusted, schemes
        self.key = trusted.key if trusted else ""
        self._before, self._number, self._draws = START.encode(), 0, 0
        self._early: list[tuple[int, bytes]] = []
        self._marks, self._digests = bytearray(), bytearray()
        self._locks: dict[int, str] = {}
        self._running: dict[tuple[int, str], Running] = {}
        self._signed: list[Checkpoint] = []
        self._opened_at = self._closed_at = 0
        self._failed: tuple[int, str] | None = None

    def fail(self, number: int, reason: str) -> None:
        if self._failed is None or number < self._failed[0]:
            self._failed = number, reason

    def read(self, file: IO[bytes]) -> None:
        """Entry by entry up to the first that fails; after it, checkpoints only, which may tell of an earlier one."""
        for line in file:
            try:
                self._entry(line)
            except _Bad as bad:
                self.fail(self._number + 1, str(bad))
                break
        else:
            if not self._closed_at:
                self.fail(self._number + 1, "it is missing: the log was cut off here")
        for line in file:
            if _CHECKPOINT in line and (made := checkpoint_of(line[_TEXT:-2], self.key)):
                self._signed.append(made)

    def _entry(self, line: bytes) -> None:
        number = self._number + 1
        opened_from = line.find(_OPENED) if line.endswith(b"}}\n") else -1
        text = line[_TEXT : opened_from if opened_from > 0 else -2]
        digest = sha256(text).digest()
        raw = digest.hex().encode()
        if line[:_TEXT] != _HEAD + raw + _MIDDLE or line[-2:] != b"}\n":
            raise _Bad(_how_broken(line))
        if not text.startswith(b'["%b",%d,"' % (self._before, number)):
            raise _Bad(_misplaced(text, number))
        if self._closed_at:
            raise _Bad("it stands after the end of the log")
        if opened_from > 0 or b',"arms.' in text or b',"trail.' in text:
            try:
                self._known(_verb(text), text, line[opened_from + len(_OPENED) : -2] if opened_from > 0 else b"")
            except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
                told = str(error) if isinstance(error, AllocationError) else "it does not say what such an entry says"
                raise _Bad(told) from None
        self._before, self._number = raw, number
        self._marks += raw[:MARK]
        self._digests += digest

    def _known(self, verb: bytes, text: bytes, opened: bytes) -> None:
        if opened and b'\\"fact\\":\\"%b\\"' % sha256(opened).hexdigest().encode() not in text:
            raise _Bad("what it opens is not what was sealed")
        if verb == _DRAWN:
            self._drawn(opened)
        elif verb == _CHECKPOINT:
            self._checkpoint(text)
        elif verb == _LOCKED:
            self._locked(json.loads(json.loads(text)[7]))
        elif verb == _OPENING:
            self._opening(opened)

    def _drawn(self, opened: bytes) -> None:
        self._draws += 1
        if not opened:
            raise _Bad("its allocation has not been opened")
        told = json.loads(opened)
        version, stratum, place, arm = told["version"], told["stratum"], told["place"], told["arm"]
        if version not in self._locks:
            raise _Bad(f"it allocates by version {version} of the scheme, which had not been locked")
        if not self._kept(version):
            return  # the opening is false: it fails when it is reached
        running = self._running.get((version, stratum)) or self._begin(version, stratum)
        if place != running.places + 1:
            raise _Bad(f"it fills place {place} of stratum {stratum}, and place {running.places + 1} is the next")
        if running.next(told["levels"]) != arm:
            raise _Bad("its arm is not the one that the seed gives at this place")

    def _begin(self, version: int, stratum: str) -> Running:
        scheme = self._schemes[version]
        made = self._running[version, stratum] = Running(scheme.rule(stratum), scheme.source(stratum))
        return made

    def _kept(self, version: int) -> bool:
        """Is the opened seed of this version the one that was committed to?"""
        scheme = self._schemes.get(version)
        if scheme is None:
            return False
        if self._locks[version]:
            try:
                if scheme.commitment != self._locks[version]:
                    return False
            except (AllocationError, ValueError, TypeError):
                return False
            self._locks[version] = ""
        return True

    def _locked(self, what: dict[str, object]) -> None:
        version, key, promise = what.get("version"), what.get("public_key"), what.get("commitment")
        if not isinstance(version, int) or not isinstance(promise, str) or not isinstance(key, str) or not promise:
            raise _Bad("it locks a scheme without its version, commitment and public key")
        if version in self._locks:
            raise _Bad(f"it locks version {version} again")
        if self._key_differs(key):
            raise _Bad("it names another public key than " + ("the one given" if self._trusted else "an earlier lock"))
        if self._trusted and self._trusted.commitments.get(version, promise) != promise:
            raise _Bad("its commitment is not that of the lock certificate")
        self.key, self._locks[version] = key, promise
        for number, text in self._early:
            made = checkpoint_of(text, key)
            self._signed += [made] if made else []
            if made is None:
                self.fail(number, "its signature is not that of the key")
        self._early = []

    def _key_differs(self, key: str) -> bool:
        return bool(self.key) and self.key != key

    def _checkpoint(self, text: bytes) -> None:
        if not self.key:
            self._early.append((self._number + 1, text))
            return
        made = checkpoint_of(text, self.key)
        if made is None:
            raise _Bad("its signature is not that of the key")
        self._signed.append(made)
        if 0 < self._opened_at == self._number:
            self._closed_at = self._number + 1
        seen = self._number + 1, self._before, bytes(self._marks[(made.first - 1) * MARK :])
        if seen != (made.number, made.before.encode(), made.marks[:-MARK]):
            raise _Bad("it vouches for other entries than those before it")

    def _opening(self, opened: bytes) -> None:
        self._schemes = self._schemes or opened_schemes(opened)
        lacking = [version for version in self._locks if not self._kept(version)]
        if lacking:
            raise _Bad(f"the seed that it opens is not the one committed to when version {lacking[0]} was locked")
        self._opened_at = self._number + 1

    def verdict(self, held: Sequence[Checkpoint]) -> Verdict:
        """With the checkpoints that others hold: where does this log part from what they saw?"""
        for made in [*self._signed, *held]:
            parted = self._parts_from(made)
            if parted:
                self.fail(*parted)
        number, reason = self._failed or (None, "")
        notes = [f"{len(self._signed)} checkpoints in the log, {len(held)} from outside."]
        if self._trusted is None:
            notes.append("The public key is the one that the log names: give the certificate's with --key.")
        if not held:
            notes.append("No checkpoint from outside: a log restored from a backup and written anew would not show.")
        return Verdict(number is None, self._number, self._draws, number, reason, tuple(notes))

    def _parts_from(self, made: Checkpoint) -> tuple[int, str] | None:
        seen = self._marks[(made.first - 1) * MARK : made.number * MARK]
        for place in range(0, len(made.marks), MARK):
            number = made.first + place // MARK
            if number > self._number:
                if self._failed is None or self._failed[0] >= number:
                    return number, f"it is missing: a signed checkpoint vouches for the entries up to {made.number}"
                return None
            if seen[place : place + MARK] != made.marks[place : place + MARK]:
                return number, f"it is not the entry that the checkpoint at {made.number} vouches for"
        for number, digest in ((made.number - 1, made.before), (made.number, made.digest)):
            if 0 < number <= self._number and self._digests[(number - 1) * 32 : number * 32].hex() != digest:
                return number, f"it is not the entry that the checkpoint at {made.number} vouches for"
        return None


def _verb(text: bytes) -> bytes:
    parts = text.split(b'"', 8)  # [ before , number, at , who , verb
    if len(parts) < 9 or parts[5].endswith(b"\\"):
        return str(json.loads(text)[4]).encode()
    return parts[7]


def _how_broken(line: bytes) -> str:
    if not line.endswith(b"\n"):
        return "its line is cut off"
    if line.strip() == b"":
        return "its line is empty"
    return "it was changed" if line.startswith(_HEAD) else "it is not an entry of a log"


def _misplaced(text: bytes, number: int) -> str:
    try:
        found = json.loads(text)[1]
    except (ValueError, IndexError, TypeError):
        return "it was changed"
    if found == number:
        return "it does not follow from the entry before it"
    return f"it is missing, or was moved: entry {found} stands in its place"

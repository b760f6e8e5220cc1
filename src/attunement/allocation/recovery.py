"""The sealing key on three pieces of paper, any two of which restore it (SLIP-39: Shamir 1979, with words to type)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share
from shamir_mnemonic.wordlist import WORDLIST

from attunement.allocation.errors import AllocationError

SHARES, NEEDED = 3, 2
_LEAST_BYTES = 16


def split(secret: bytes) -> tuple[str, str, str]:
    """Three shares in words, to be printed and kept apart; one alone says nothing of the secret.

    secret: an even number of bytes, 16 or more; a key has 32 and gives 33 words a share. Raises AllocationError.
    """
    if not isinstance(secret, bytes) or len(secret) < _LEAST_BYTES or len(secret) % 2:
        raise AllocationError(f"what is split is an even number of bytes, {_LEAST_BYTES} or more")
    ((one, two, three),) = generate_mnemonics(1, [(NEEDED, SHARES)], secret, iteration_exponent=0)
    return one, two, three


def restore(shares: Iterable[str]) -> bytes:
    """The secret out of two of the three shares, as typed: capitals, spaces and line ends do not matter.

    Raises AllocationError for one share only, a wrong word, a share of another set, and the same share twice.
    """
    if isinstance(shares, (str, bytes)):
        raise AllocationError("give two shares, each a text of its own")
    typed = [_words(share, number) for number, share in enumerate(shares, start=1)]
    if len(typed) < NEEDED:
        raise AllocationError(f"{NEEDED} of the {SHARES} shares are needed; given: {len(typed)}")
    read = [_share(words, number) for number, words in enumerate(typed, start=1)]
    for number, share in enumerate(read[1:], start=2):
        if share.group_parameters() != read[0].group_parameters() or len(share.value) != len(read[0].value):
            raise AllocationError(f"share {number} belongs to another set than share 1: look at the date on the paper")
    distinct = {share.index: " ".join(words) for share, words in zip(read, typed, strict=True)}
    if len(distinct) < NEEDED:
        raise AllocationError("the same share was given twice: a second, different one is needed")
    try:
        return bytes(combine_mnemonics(list(distinct.values())[:NEEDED]))
    except MnemonicError:
        raise AllocationError("these shares do not fit together: one of them belongs to another set") from None


def _words(share: str, number: int) -> list[str]:
    if not isinstance(share, str):
        raise AllocationError(f"share {number} should be a text of words")
    words = share.lower().split()
    for place, word in enumerate(words, start=1):
        if word not in WORDLIST:
            raise AllocationError(f"share {number}: word {place} is none that a share can have; read it again")
    return words


def _share(words: Sequence[str], number: int) -> Share:
    try:
        return Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        raise AllocationError(
            f"share {number} has {len(words)} words that do not fit together: one is wrong, missing or in another place"
        ) from None

"""The lock certificate, and the sealing key on paper."""

import json
import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.allocation import (
    AllocationError,
    BigStick,
    LockCertificate,
    Minimisation,
    PermutedBlocks,
    assess,
    certificate_pdf,
    restore,
    split,
)
from attunement.allocation.certificate import figures_of

MADE = LockCertificate(
    "A study #of [odd] *names* \\ “ü”", 1, "big_stick:3", "A coin.", (1, 1), ("one", "other"), {"A": 63, "B": 62},
    "ab" * 32, "cd" * 32, "0.1.0", "2021-07-01T09:00:00+01:00", "Trial manager", "Monitoring statistician",
    assess(BigStick(3), 63).to_dict())  # fmt: skip


def test_a_certificate_goes_to_json_and_back():
    assert LockCertificate.from_json(MADE.to_json()) == MADE
    assert json.loads(MADE.to_json())["assessment"]["guess"] == assess(BigStick(3), 63).guess


def test_the_same_certificate_gives_the_same_bytes_on_paper():
    made = certificate_pdf(MADE)
    assert made.startswith(b"%PDF-") and b"pdfuaid" in made
    assert made == certificate_pdf(LockCertificate.from_json(MADE.to_json()))
    assert made != certificate_pdf(replace(MADE, commitment="ef" * 32))
    assert certificate_pdf(replace(MADE, assessment={}))


def test_the_paper_says_what_each_figure_is_of_and_its_standard_error_where_it_was_simulated():
    two, three = assess(BigStick(3), 63).to_dict(), assess(PermutedBlocks((3,), (1, 1, 1)), 60).to_dict()
    rule = Minimisation({"site": ("A", "B")}, {"site": 1}, ratio=(1, 1, 2))
    simulated = dict(figures_of(assess(rule, 20, runs=50).to_dict(), (1, 1, 2)))
    assert ["Share guessed right by whoever names the arm that is behind", "0.5785"] in figures_of(two, (1, 1))
    furthest = "Share guessed right by whoever names the arm furthest below its share"
    assert [furthest, "0.6111"] in figures_of(three, (1, 1, 1))
    assert "(standard error 0.0" in simulated["Share guessed right by whoever knows every family so far"]
    assert simulated["Made-up trials that these figures are from"] == "50"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"commitment": "xy"}, "64 hexadecimal"),
        ({"public_key": "AB" * 32}, "64 hexadecimal"),
        ({"locked_at": "yesterday"}, "is no time"),
        ({"locked_at": "2021-07-01T09:00:00"}, "offset"),
        ({"arms": ("one",)}, "names each arm"),
        ({"places": {}}, "every stratum"),
        ({"version": "1"}, "wrong kind"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused(change, said):
    with pytest.raises(AllocationError, match=said):
        replace(MADE, **change)


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", "{", b"\xff"])
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(AllocationError, match="no lock certificate"):
        LockCertificate.from_json(text)


@settings(max_examples=10, deadline=None)
@given(st.binary(min_size=16, max_size=48).filter(lambda secret: len(secret) % 2 == 0))
def test_any_two_of_three_shares_restore_the_secret(secret):
    shares = split(secret)
    for two in combinations(shares, 2):
        assert restore(two) == secret
    assert restore(reversed(shares)) == secret
    assert restore([f"  {shares[2].upper()}\n", shares[0].replace(" ", "\n")]) == secret


def test_one_share_alone_or_a_wrong_one_restores_nothing():
    mine, others = split(bytes(range(32))), split(bytes(range(32)))
    words = mine[1].split()
    for shares, said in (
        ([mine[0]], "given: 1"),
        ([], "given: 0"),
        ([mine[0], mine[0]], "the same share"),
        ([mine[0], others[1]], "another set"),
        ([mine[0], " ".join([*words[:4], "sesame", *words[5:]])], "word 5"),
        ([mine[0], " ".join(words[:-1])], "32 words"),
        ([mine[0], " ".join([*words[:8], words[9], words[8], *words[10:]])], "do not fit together"),
        ([mine[0], ""], "0 words"),
        ([mine[0], 7], "text of words"),
        (mine[0], "two shares"),
    ):
        with pytest.raises(AllocationError, match=said):
            restore(shares)
    with pytest.raises(AllocationError) as refused:
        restore([mine[0], "secretly " + mine[1]])
    assert not re.search("secretly", str(refused.value))


@pytest.mark.parametrize("secret", [b"", bytes(15), bytes(17), "x" * 32, None])
def test_what_cannot_be_split_is_refused(secret):
    with pytest.raises(AllocationError, match="even number of bytes"):
        split(secret)

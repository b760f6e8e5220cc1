"""An opened log proves every arm, and says where it was tampered with."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attunement.allocation import AllocationError, OpenedScheme, verify, write_log
from attunement.allocation.chain import CHECKPOINT, DRAWN, LOCKED, OPENED, START, Chain, draw_text, fact_of, plain_json
from attunement.allocation.example import example_entries, example_scheme, write_example
from attunement.allocation.opening import opening_text
from attunement.allocation.running import Running
from attunement.allocation.signing import new_signing_key, public_hex, read_key, signing_key
from tests.allocation import edits

KEY = public_hex(signing_key(edits.KEY))
SCHEMES = ["complete", "blocks:4,6,8", "big_stick:3", "efron:2/3", "wei:0,1", "maximal:3"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_log_of_any_scheme_is_whole(path, scheme):
    write_log(path, edits.log(scheme))
    verdict = verify(path, KEY)
    assert (verdict.whole, verdict.draws, verdict.first_bad) == (True, 40, None)
    assert "every arm as it was drawn" in verdict.sentence


def trial(scheme, families, lists=None):
    """A log with the families' levels or strata, one entry each."""
    chain, signer, running = Chain(), signing_key(edits.KEY), {}
    yield chain.checkpoint(signer, at="2021-07-01T00:00:00+00:00")
    yield chain.add(LOCKED, at="2021-07-01T09:00:00+00:00", who="person:2", version=scheme.version,
                    commitment=scheme.commitment, public_key=public_hex(signer))
    for number, (stratum, levels) in enumerate(families):
        run = running.setdefault(stratum, Running(scheme.rule(stratum), scheme.source(stratum)))
        told = draw_text(version=scheme.version, stratum=stratum, place=run.places + 1, levels=levels,
                         arm=run.next(levels), salt=f"{number:032x}")
        yield chain.add(DRAWN, at="2021-07-02T09:00:00+00:00", who='person:"3\\', family=f"F{number}", opened=told)
    yield chain.add(OPENED, at="2021-09-01T09:00:00+00:00", who="person:2", opened=opening_text([scheme]))
    yield chain.checkpoint(signer, at="2021-09-01T09:00:01+00:00")


def locked(scheme, **more):
    facts = {"ratio": (1, 2, 1), "arms": ("x", "y", "z"), "places": {"all": 60}, "software": "1"} | more
    return OpenedScheme(7, edits.SEED.hex(), edits.SALT.hex(), scheme, **facts)


def test_minimisation_and_lists_are_followed_too(path):
    factors = {"site": ("A", "B"), "help": ("little", "much")}
    weighed = [("site", factors["site"], "1/2"), ("help", factors["help"], "1")]
    minimised = locked("minimisation:sd,4/5", factors=weighed)
    families = [("all", {"site": "AB"[at % 2], "help": factors["help"][at % 3 == 0]}) for at in range(40)]
    write_log(path, trial(minimised, families))
    assert verify(path, KEY).whole
    listed = locked("list", ratio=(1, 1, 1), places={"A": 4, "B": 2}, rows={"A": (0, 1, 2, 0), "B": (2, 2)})
    write_log(path, trial(listed, [(stratum, {}) for stratum in "ABABA"]))
    assert verify(path, KEY).whole


def test_a_share_of_a_thousand_edits_is_found_and_named(tmp_path):
    for name, first, verdict in edits.tries(6 * len(edits.EDITS), tmp_path, seed=5):
        assert verdict.first_bad == first, (name, verdict.sentence)
        assert f"entry {first}:" in verdict.sentence


def test_the_chain_is_the_one_that_the_trail_keeps(path):
    """digest = SHA-256 of the JSON of [before, number, at, who, verb, family, site, what, why, study version]."""
    write_log(path, edits.log())
    before = START
    for line in path.read_text().splitlines():
        told = json.loads(line)
        assert told["entry"][0] == before
        text = json.dumps(told["entry"], ensure_ascii=False, separators=(",", ":"))
        before = sha256(text.encode()).hexdigest()
        assert told["digest"] == before


def test_a_log_signed_anew_with_another_key_shows_against_the_certificate_s_key(path):
    entries = list(example_entries(example_scheme(edits.SEED, edits.SALT), new_signing_key()))
    write_log(path, entries)
    assert verify(path).whole
    verdict = verify(path, KEY)
    assert (verdict.whole, verdict.first_bad) == (False, 3)
    assert "another public key than the one given" in verdict.sentence


def test_a_false_opening_is_named_at_the_opening_though_all_else_is_signed(path):
    """Somebody with the key locks one seed and draws from another."""
    scheme = example_scheme(bytes(48), edits.SALT)
    promised = example_scheme(edits.SEED, edits.SALT).commitment
    chain, signer, entries = Chain(), signing_key(edits.KEY), []
    for entry in trial(scheme, [("A", {})] * 5):
        if entry.verb == CHECKPOINT:
            entries.append(chain.checkpoint(signer, at=entry.at))
        else:
            what = json.loads(entry.what) | ({"commitment": promised} if entry.verb == LOCKED else {})
            what.pop("fact", None)
            entries.append(chain.add(entry.verb, at=entry.at, who=entry.who, opened=entry.opened, **what))
    write_log(path, entries)
    verdict = verify(path, KEY)
    assert verdict.first_bad == next(entry.number for entry in entries if entry.verb == OPENED)
    assert "not the one committed to" in verdict.sentence


def test_an_arm_that_was_chosen_is_named_though_chain_facts_and_signatures_are_right(path):
    """Somebody with the key gives one family another arm than the seed does."""
    chain, signer, entries = Chain(), signing_key(edits.KEY), []
    chosen = [entry.number for entry in edits.log() if entry.verb == DRAWN][17]
    for entry in edits.log():
        what, opened = json.loads(entry.what), entry.opened
        what.pop("fact", None)
        if entry.number == chosen:
            opened = plain_json({**json.loads(opened), "arm": 1 - json.loads(opened)["arm"]})
        if entry.verb == CHECKPOINT:
            entries.append(chain.checkpoint(signer, at=entry.at))
        else:
            entries.append(chain.add(entry.verb, at=entry.at, who=entry.who, family=entry.family, site=entry.site,
                                     opened=opened, **what))
    write_log(path, entries)
    verdict = verify(path, KEY)
    assert verdict.first_bad == chosen and "not the one that the seed gives" in verdict.sentence


def test_what_others_hold_shows_a_log_restored_from_an_old_backup(path, tmp_path):
    """The programme's own key signed both; only a checkpoint mailed in between tells them apart."""
    held = tmp_path / "mailed"
    known, anew = edits.log(), edits.log(chance=2)
    write_log(path, anew)
    assert verify(path, KEY).whole
    first = next(at for at, (one, two) in enumerate(zip(known, anew, strict=False), 1) if one != two)
    for mailed in [entry for entry in known if entry.verb == CHECKPOINT]:
        held.write_text(mailed.line)
        verdict = verify(path, KEY, [held])
        assert not verdict.whole
        assert verdict.first_bad == max(first, mailed.number - len(json.loads(mailed.what)["marks"]) // 8)
    held.write_text(known[-1].line)
    write_log(path, edits.log(draws=20))
    assert "signed checkpoint vouches for" in verify(path, KEY, [held]).sentence


@pytest.mark.parametrize("change", ["place", "stratum", "version", "levels"])
def test_a_draw_that_was_never_one_is_refused_though_its_fact_fits(path, change):
    entries = edits.log()
    at = [number for number, entry in enumerate(entries) if entry.verb == DRAWN][3]
    other = {"place": 61, "stratum": "Z", "version": 2, "levels": 5}[change]
    opened = plain_json({**json.loads(entries[at].opened), change: other})
    entries[at] = replace(entries[at], opened=opened, what=plain_json({"field": "arm", "fact": fact_of(opened)}))
    path.write_bytes(edits.chained(entries))
    assert verify(path, KEY).first_bad == at + 1


def test_the_example_stands_with_its_certificate_and_checkpoints(tmp_path):
    log, certificate, held = write_example(tmp_path / "log")
    verdict = verify(log, certificate, [held])
    assert verdict.whole and verdict.notes == ("5 checkpoints in the log, 5 from outside.",)
    text = log.read_bytes()
    assert write_example(log)[0].read_bytes() == text
    told = json.loads(certificate.read_text())
    certificate.write_text(json.dumps(told | {"commitment": "0" * 64}))
    assert "not that of the lock certificate" in verify(log, certificate).sentence
    log.write_text("something of mine")
    with pytest.raises(AllocationError, match="no example"):
        write_example(log)
    assert log.read_text() == "something of mine"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["log", "log.certificate.json", "log.checkpoints"]


def test_a_key_may_come_in_any_usual_form(tmp_path):
    key = signing_key(edits.KEY).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "key.txt").write_text(f"{KEY.upper()}\n")
    for form in (KEY, key.public_bytes_raw(), pem, tmp_path / "key.pem", str(tmp_path / "key.txt")):
        assert read_key(form).key == KEY


@pytest.mark.parametrize("odd", [b"", b"\xff" * 40, b"{}", b"[1]", b'{"public_key": 3}', b"-----BEGIN PUBLIC KEY-----\nx"])
def test_what_is_no_key_log_or_checkpoint_is_refused_in_a_sentence(tmp_path, path, odd):
    write_log(path, edits.log())
    (tmp_path / "odd").write_bytes(odd)
    with pytest.raises(AllocationError, match="no Ed25519 public key"):
        verify(path, tmp_path / "odd")
    with pytest.raises(AllocationError, match="no checkpoint"):
        verify(path, KEY, [tmp_path / "odd"])
    assert verify(tmp_path / "odd", KEY).first_bad == 1
    for nowhere in (tmp_path / "none", tmp_path):
        with pytest.raises(AllocationError, match="cannot be opened"):
            verify(nowhere)


def test_a_log_is_written_whole_or_not_at_all(path):
    path.write_text("as before")

    def stops():
        yield edits.log()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_log(path, stops())
    assert path.read_text() == "as before"
    assert list(path.parent.iterdir()) == [path]

"""The whole life of a scheme, from its lock to a log that anybody can verify without the programme."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest
from django_tasks_db.models import DBTaskResult

from attunement.allocation import LockCertificate, verify
from attunement.journey.arms import actions, afterwards, checkpoints
from attunement.journey.arms.models import Opened, Scheme
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message

AT_THE_END = clock.local(date(2022, 4, 1))


def opened(programme) -> bytes:
    """The log once both have opened the seed."""
    with clock.at(AT_THE_END):
        made = afterwards.propose(by=programme.people["monitoring_statistician"], kind="opening", reason="All are in.")
        afterwards.agree(by=programme.people["trial_manager"], proposal=made)
        return afterwards.export(by=programme.people["monitoring_statistician"])


@pytest.fixture
def kept(tmp_path):
    """`kept(log)`: the log on disk, with the certificate and the checkpoints as they were mailed."""
    def written(log: bytes):
        paths = [tmp_path / name for name in ("log", "certificate.json", "checkpoints")]
        paths[0].write_bytes(log)
        paths[1].write_text(Scheme.objects.get(version=1).certificate, encoding="utf-8")
        mailed = Message.objects.filter(subject=checkpoints.SUBJECT, address="funder@example.org").order_by("id")
        paths[2].write_text("".join(message.body.removeprefix(checkpoints.BODY) for message in mailed), encoding="utf-8")
        return paths
    return written


def test_the_opened_log_verifies_with_the_certificate_and_the_checkpoints_that_were_mailed(programme, kept):
    for site in "AABAB":
        programme.allocated(site=site)
    checkpoints.checkpoint()
    programme.allocated()
    log, certificate, held = kept(opened(programme))
    verdict = verify(log, certificate, [held])
    assert verdict.whole and verdict.draws == 6, verdict
    assert "1 checkpoints" not in verdict.notes[0] and "2 from outside" in verdict.notes[0]
    assert not [each for each in log.read_text("utf-8").splitlines() if "Zebedee" in each or "@" in each]


def test_what_somebody_typed_as_a_reason_stays_in_the_database_and_the_log_verifies(programme, kept):
    from attunement.journey.surveys import actions as surveys
    from attunement.journey.surveys.models import Questionnaire
    from attunement.journey.trail.queries import first_broken

    paper = Questionnaire.objects.get(family=programme.allocated())
    surveys.correct_answer(by=programme.people["trial_manager"], questionnaire=paper, instrument="demo_warmth", item=1,
                           given="5", why="Zebedee’s aunt rang: a slip")
    entry = Entry.objects.get(verb="surveys.answer_corrected")
    assert entry.why == "Zebedee’s aunt rang: a slip" and first_broken() is None
    log, certificate, held = kept(opened(programme))
    text = log.read_text("utf-8")
    assert "Zebedee" not in text and "aunt" not in text
    assert hashlib.sha256(entry.why.encode()).hexdigest() in text.splitlines()[entry.number - 1]
    assert verify(log, certificate, [held]).whole


def test_a_changed_arm_is_found_at_its_entry(programme, kept):
    family = programme.allocated()
    log, certificate, held = kept(opened(programme))
    text = log.read_text("utf-8")
    arm = family.allocation.arm
    line = next(n for n, each in enumerate(text.splitlines(), 1) if '"arms.allocated"' in each)
    log.write_text(text.replace(f'"opened":{{"arm":{arm}', f'"opened":{{"arm":{1 - arm}'), encoding="utf-8")
    verdict = verify(log, certificate, [held])
    assert not verdict.whole and verdict.first_bad == line


def test_nobody_is_named_in_the_trail_but_by_code(programme):
    programme.assigned()
    assert not [who for who in Entry.objects.values_list("who", flat=True).distinct()
                if who.partition(":")[0] not in ("person", "rule", "link", "family")]


def test_the_certificate_is_what_was_promised_and_each_download_is_recorded(programme, browse):
    client = browse("trial_manager")
    answer = client.get("/allocation/certificate/1.json")
    told = LockCertificate.from_json(answer.content)
    locked = json.loads(Entry.objects.get(verb="arms.locked").what)
    assert (told.commitment, told.public_key) == (locked["commitment"], locked["public_key"])
    assert told.assessment["guess"] > 0.5 and told.places == dict.fromkeys("ABCD", 63)
    assert client.get("/allocation/certificate/1.pdf").content.startswith(b"%PDF")
    assert Entry.objects.filter(verb="arms.certificate_downloaded").count() == 2
    assert client.get("/allocation/certificate/7.json").status_code == 404
    for role in ("coordinator", "practitioner", "survey_team", "funder", "system_owner"):
        assert browse(role).get("/allocation/certificate/1.json").status_code == 403


def test_the_seed_stays_closed_while_families_can_be_allocated_and_takes_two_people(programme):
    one, two = programme.people["monitoring_statistician"], programme.people["trial_manager"]
    with pytest.raises(Refused, match="can still be allocated until 31 March 2022"):
        afterwards.propose(by=one, kind="opening", reason="Curious.")
    with pytest.raises(Refused, match="not been opened"):
        afterwards.export(by=one)
    with clock.at(AT_THE_END):
        with pytest.raises(NotAllowed):
            afterwards.propose(by=programme.people["coordinator"], kind="opening", reason="Curious.")
        made = afterwards.propose(by=one, kind="opening", reason="All are in.")
        with pytest.raises(Refused, match="A second person"):
            afterwards.agree(by=one, proposal=made)
        with pytest.raises(Refused, match="waits for a second"):
            afterwards.propose(by=two, kind="opening", reason="All are in.")
        assert not Opened.objects.exists()
        afterwards.agree(by=two, proposal=made)
        for again in (lambda: afterwards.agree(by=two, proposal=made), lambda: actions.set_up(by=one),
                      lambda: afterwards.propose(by=one, kind="opening", reason="Again.")):
            with pytest.raises(Refused):
                again()
        with pytest.raises(NotAllowed):
            afterwards.export(by=two)


def test_after_the_opening_nobody_is_allocated(programme):
    family = programme.baselined()
    opened(programme)
    with pytest.raises(Refused, match="the trial is over"):
        actions.allocate(by=programme.people["coordinator"], family=family)


def test_a_checkpoint_is_mailed_to_evaluator_funder_and_each_authority_once_a_day(programme):
    assert checkpoints.due()
    checkpoints.checkpoint()
    sent = Message.objects.filter(subject=checkpoints.SUBJECT)
    assert set(sent.values_list("address", flat=True)) == {
        "trial_manager@example.org", "funder@example.org", "la_analyst@example.org", "la_analyst_b@example.org"}
    programme.refer()
    assert not checkpoints.due()
    with clock.at(clock.local(date(2021, 7, 6))):
        assert checkpoints.due()


def test_the_worker_makes_a_checkpoint_a_day_and_comes_again(programme):
    made = Entry.objects.filter(verb="trail.checkpoint")
    assert checkpoints.daily.call() and made.count() == 1
    programme.refer()
    assert not checkpoints.daily.call() and made.count() == 1
    with clock.at(clock.local(date(2021, 7, 6))):
        assert checkpoints.daily.call() and not checkpoints.daily.call() and made.count() == 2
    waiting = DBTaskResult.objects.filter(task_path=checkpoints.daily.module_path, status="READY")
    assert waiting.count() == 1
    opened(programme)
    with clock.at(clock.local(date(2022, 5, 1))):
        assert not checkpoints.due()


def test_the_trail_page_does_not_fill_with_the_marks_of_a_checkpoint(programme, browse):
    checkpoints.checkpoint()
    entry = Entry.objects.get(verb="trail.checkpoint")
    assert len(entry.what) > 300 and entry.what[-60:-2] not in browse("trial_manager").get("/trail/").content.decode()

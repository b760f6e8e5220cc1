"""The script, played to a notebook: who does what, when, and what never happens."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from attunement import study
from attunement.film import probe
from attunement.records.made_up import History
from attunement.rehearsal import RehearsalError, Truth, rehearse
from attunement.rehearsal.amending import with_safety
from attunement.rehearsal.diary import Diary
from attunement.rehearsal.returns import known_on
from attunement.study.calendar import window
from attunement.study.reading import read_text
from tests.rehearsal.notebook import Notebook

VIG = study.load("vig")
AMENDED = read_text(with_safety(study.read("vig").text)).study
DELIVERY = {"assign", "hand_over", "record_session", "ask_helping_question", "add_film", "mark_clip",
            "hold_supervision"}


def played(families=40, seed=1, arm_of=None, **truth):
    notebook = Notebook(VIG) if arm_of is None else Notebook(VIG, arm_of)
    notebook.done = rehearse(VIG, notebook, families=families, seed=seed, truth=Truth(**truth), amended=AMENDED)
    return notebook


@pytest.fixture(scope="module")
def notebook():
    return played(withdrawals=0.4, films=2)


def test_every_call_of_the_programme_is_made(notebook):
    from attunement.rehearsal import Programme

    calls = {name for name in vars(Programme) if not name.startswith("_")} - {"at"}
    assert {name for _now, name, _facts in notebook.calls} == calls


def test_as_many_families_are_allocated_as_were_asked_for(notebook):
    assert notebook.done.allocated == len(notebook.allocated) == 40 < notebook.done.referred
    assert Counter(family[0] for family in notebook.allocated) == dict.fromkeys("ABCD", 10)


def test_it_lasts_from_the_studys_first_day_to_its_last_report(notebook):
    first, last = notebook.calls[0], notebook.calls[-1]
    assert (first[0].date(), first[1]) == (date(2021, 3, 1), "open_study")
    assert (last[0].date(), last[1]) == (date(2023, 2, 28), "build_report")
    assert notebook.done.snapshots == {"on_time": "2022-08-31", "final": "2023-02-28"}
    assert notebook.times("lock_plan")[0] < notebook.times("take_snapshot")[0]
    assert notebook.times("lock_scheme")[0] < notebook.times("refer")[0]
    assert [now.date() for now in notebook.times("hold_review")] == [date(2021, 9, 30)]
    assert max(notebook.times("record_session")).date() <= date(2022, 6, 30)
    assert date(2021, 7, 1) <= min(notebook.allocated.values()) <= max(notebook.allocated.values()) <= date(2022, 3, 31)


def test_each_family_answers_every_item_of_a_questionnaire_once_and_within_its_window(notebook):
    items = {"baseline": 24, "four_months": 27}
    counts = Counter((facts["family"], facts["time_point"]) for facts in notebook.told("answer"))
    finished = {(facts["family"], facts["time_point"]) for facts in notebook.told("finish")}
    assert all(counts[one] == items[one[1]] for one in finished)
    assert {family for family, point in finished if point == "baseline"} >= set(notebook.allocated)
    for now, name, facts in notebook.calls:
        if name in ("answer", "finish") and facts["time_point"] == "four_months":
            first, last = window(VIG.time_points[1], notebook.allocated[facts["family"]])
            assert first <= now.date() <= last


def test_a_family_that_has_left_is_left_alone(notebook):
    gone = {}
    for now, name, facts in notebook.calls:
        if name == "withdraw" and facts["purpose"] in ("taking_part", "survey"):
            gone.setdefault(facts["family"], now)
        if name == "record_change" and facts["kind"] not in ("moved", "other_carer"):
            gone.setdefault(facts["family"], now)
        if name in ("answer", "finish", "open_questionnaire"):
            assert facts["family"] not in gone
    assert len(gone) > 3


def test_what_the_usual_care_arm_gets_is_usual_care(notebook):
    treated = {facts["family"] for facts in notebook.told("assign")}
    assert 15 <= len(treated) <= 20
    assert {facts["family"] for facts in notebook.told("record_session", "add_film")} <= treated
    states = Counter(facts["state"] for facts in notebook.told("record_session"))
    assert set(states) == {"held", "not_attended", "cancelled_family", "cancelled_practitioner"}
    assert 0.5 < states["held"] / (8 * len(treated)) < 0.9
    for facts in notebook.told("record_session"):
        assert (facts["state"] == "held") is (facts["held_on"] is not None) is (facts["minutes"] is not None)


def test_one_practitioner_leaves_and_the_families_go_over(notebook):
    (leaver,) = notebook.told("leave")
    at = notebook.times("leave")[0]
    (joined,) = notebook.told("join")
    assert joined["colleague"].site == "A"
    later = [facts for now, _name, facts in notebook.calls if now > at]
    assert leaver["practitioner"] not in {facts.get("by", facts.get("practitioner")) for facts in later}


def test_films_are_real_and_the_clips_lie_within_them(notebook):
    films = notebook.told("add_film")
    assert len(films) == 2 and len(notebook.told("mark_clip")) == 2 * VIG.delivery.clips_per_film
    facts = probe(io.BytesIO(films[0]["file"].getvalue()))
    assert facts.video_codec == "h264"
    assert all(0 <= clip["first"] < clip["last"] < facts.frames and 1 <= clip["principle"] <= 6
               for clip in notebook.told("mark_clip"))


def test_authorities_return_several_times_one_late_and_one_faulty_at_first(notebook):
    days = {}
    for now, name, facts in notebook.calls:
        if name == "workbook":
            days.setdefault(facts["site"], []).append(now.date())
    on_time = date(2022, 8, 31)
    assert all(len(found) == 3 for found in days.values())
    assert days["A"][1] > on_time and all(days[site][1] < on_time for site in "BCD")
    assert Counter(facts["site"] for facts in notebook.told("return_workbook")) == {"A": 3, "B": 4, "C": 3, "D": 3}
    assert notebook.returned.ok and notebook.returned.extract_on is not None


def test_nothing_but_delivery_hangs_on_the_arm_when_by_arm_is_off():
    one, other = (
        played(16, arm_of=arm_of, effect=1.0, by_arm=False, withdrawals=0.3)
        for arm_of in (lambda number: "vig", lambda number: ("usual_care", "vig")[number % 3 == 0])
    )

    def blind(notebook):
        return [(now, name, {key: value for key, value in facts.items() if key != "content"})
                for now, name, facts in notebook.calls if name not in DELIVERY]

    assert blind(one) == blind(other)
    assert [len(facts["content"]) > 0 for facts in one.told("return_workbook")]


def gains(**truth):
    """What the programme adds to each family's warmth: the same lives, all in one arm and all in the other."""
    found = []
    for arm in ("usual_care", "vig"):
        kept = played(30, arm_of=lambda number, arm=arm: arm, optional_consent=0.0, dropout_programme=0.0, **truth)
        found.append(Counter())
        for one in kept.told("answer"):
            if (one["time_point"], one["given"].instrument) == ("four_months", "demo_warmth"):
                found[-1][one["family"]] += int(one["given"].text)
    control, treated = found
    return [treated[family] - control[family] for family in control]


def test_families_in_the_programme_answer_by_what_it_did_for_them():
    with_effect = gains(effect=1.5, practitioner_sd=0.0, skipped_item=0.0)
    assert min(with_effect) >= 0 and 6 < np.mean(with_effect) < 13


def test_practitioners_differ_even_where_the_programme_does_nothing_on_average():
    assert max(map(abs, gains(effect=0.0, practitioner_sd=0.0, skipped_item=0.0))) == 0
    differ = gains(effect=0.0, practitioner_sd=1.0, skipped_item=0.0)
    assert min(differ) < -2 and max(differ) > 2


def test_dropout_hangs_on_the_arm_when_it_may():
    lost = []
    for arm in ("vig", "usual_care"):
        kept = played(40, arm_of=lambda number, arm=arm: arm, dropout=0.1, dropout_programme=0.6, optional_consent=0.0)
        lost.append(40 - sum(facts["time_point"] == "four_months" for facts in kept.told("finish")))
    assert lost[0] > lost[1] + 12


def test_two_rehearsals_with_one_seed_are_the_same_and_another_seed_is_another():
    def told(seed):
        kept = played(6, seed, films=0, optional_consent=0.0)
        return [(now, name, facts.get("family")) for now, name, facts in kept.calls]

    assert told(1) == told(1) != told(2)


def test_progress_goes_up_by_days_to_the_last():
    seen = []
    rehearse(VIG, Notebook(VIG), families=3, seed=1, truth=Truth(optional_consent=0.0),
             progress=lambda done, total, words: seen.append((done, total, words)))
    done = [one[0] for one in seen]
    assert done == sorted(set(done)) and {one[1] for one in seen} == {729} == {done[-1]}
    assert seen[-1][2] == "28 February 2023: 3 families referred, 3 allocated"


def test_a_workbook_that_should_be_taken_and_is_not_stops_the_rehearsal():
    class Strict(Notebook):
        def _return_workbook(self, **_facts):
            return ["Sheet Plans, row 2: no."]

    with pytest.raises(RehearsalError, match="Sheet Plans"):
        rehearse(VIG, Strict(VIG), families=8, seed=1, truth=Truth(films=0))


def test_a_history_holds_nothing_that_lies_after_the_day_of_the_extract():
    day = date(2022, 3, 1)
    before, after = day - timedelta(9), day + timedelta(9)
    whole = History("A001A", "died", after, ((before, after, "RC2"),),
                    (("section 47", before, after), ("section 47", after, None)),
                    (("CP", before, after, "no"), ("CIN", after, None, None)), ((before, after, "C2", "E2"),))
    assert known_on(whole, day) == History(
        "A001A", "found", None, ((before, None, None),), (("section 47", before, None),),
        (("CP", before, None, "no"),), ((before, None, "C2", None),))
    assert known_on(whole, after) == whole


def test_courses_are_taken_by_time_and_equal_times_by_who_they_are():
    diary, told, random = Diary(), [], np.random.default_rng(1)
    first = datetime(2021, 7, 1)

    def course(name, steps):
        for step in steps:
            yield first + timedelta(step)
            told.append((step, name))

    for name in random.permutation(6).tolist():
        diary.begin((name,), course(name, [0, 1, 1, 4 - name]))
    diary.run(lambda now: None)
    assert told[:6] == [(0, name) for name in range(6)]
    assert [step for step, name in told if name == 5] == [0, 1, 1, -1], "a step in the past is taken at once"


def test_after_the_answers_nobody_is_reminded_or_rung_up_and_each_is_thanked_once(notebook):
    done = {}
    for now, name, facts in notebook.calls:
        if name == "finish":
            done[facts["family"], facts["time_point"]] = now
        if name == "call":
            assert (facts["family"], facts["time_point"]) not in done
    thanked = Counter((facts["family"], facts["time_point"]) for facts in notebook.told("voucher"))
    assert set(thanked.values()) == {1} and set(thanked) <= set(done) and len(thanked) > 0.9 * len(done)
    outcomes = Counter(facts["outcome"] for facts in notebook.told("call"))
    assert outcomes["no_answer"] == max(outcomes.values()) and {"appointment", "refused", "wrong_number"} <= set(outcomes)
    mornings = [now.date() for now in notebook.times("send_due")]
    assert mornings == sorted(set(mornings)) and all(now.weekday() < 5 for now in notebook.times("call"))


def test_a_family_that_will_answer_is_never_lost_and_a_new_carer_says_anew_what_is_agreed(notebook):
    answered = {(facts["family"], facts["time_point"]) for facts in notebook.told("finish")}
    lost = {(facts["family"], facts["time_point"]) for facts in notebook.told("look_for") if facts["found"] is None}
    assert not lost & answered
    carer, = notebook.told("enter_carer")
    assert sum(facts["family"] == carer["family"] for facts in notebook.told("consent")) == 2


def test_the_review_point_leads_to_the_amendment_where_there_is_one_to_make():
    assert AMENDED.time_points[1].instruments == (*VIG.time_points[1].instruments, "demo_safety")
    assert with_safety(with_safety(study.read("vig").text)) is None
    text = study.read("vig").text
    cut = text[text.index("[risk]"):text.index("# How families are asked")]
    assert with_safety(text.replace(cut, "")) is None
    notebook = Notebook(VIG)
    rehearse(VIG, notebook, families=2, seed=1, truth=Truth(films=0))
    assert notebook.told("hold_review")[0]["decision"] == "go_on" and not notebook.told("amend")


def test_questions_on_safety_change_no_other_answer(notebook):
    plain = Notebook(VIG)
    rehearse(VIG, plain, families=6, seed=1, truth=Truth(films=0))
    asked = Notebook(VIG)
    rehearse(VIG, asked, families=6, seed=1, truth=Truth(films=0, worried=1.0), amended=AMENDED)

    def given(one):
        return [facts["given"] for facts in one.told("answer") if facts["given"].instrument != "demo_safety"]

    assert given(plain) == given(asked)
    worries = [facts["given"] for facts in asked.told("answer") if facts["given"].instrument == "demo_safety"]
    assert Counter(one.text for one in worries)["3"] == len(worries) / 3 and {one.item for one in worries} == {1, 2, 3}
    assert asked.told("take_alerts")

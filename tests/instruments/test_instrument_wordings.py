"""Words and key are two files that must fit; without words an instrument cannot be opened."""

import hashlib
import re
from datetime import date

import pytest

from attunement.instruments import InstrumentError, load, wording
from attunement.instruments.wording import SHIPPED_WORDINGS

DEMO = ("demo_efficacy", "demo_invasion", "demo_warmth", "support_received")
WARMTH = (SHIPPED_WORDINGS / "demo_warmth.en.wording.toml").read_text(encoding="utf-8")


def own(folder, text, name="demo_warmth.fr.wording.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return [folder]


def french(text=WARMTH):
    return text.replace('language = "en"', 'language = "fr"').replace(
        'languages = ["en", "en-xr"]', 'languages = ["fr"]'
    )


def shouted(text):
    return text.upper()


@pytest.mark.parametrize("slug", DEMO)
def test_the_demonstration_scales_have_english_words_that_fit_and_say_not_validated(slug):
    words = wording(slug, "en")
    assert list(words.items) == [item.number for item in load(slug).items]
    assert [code for code, _ in words.options] == list(load(slug).items[0].codes)
    assert "not validated" in words.notice
    assert words.options_for(load(slug).items[0]) == words.options


@pytest.mark.parametrize("slug", DEMO)
def test_the_demonstration_words_are_short_and_plain(slug):
    words = wording(slug, "en")
    for text in [*words.items.values(), *(label for _, label in words.options)]:
        assert len(text.split()) <= 12
        assert all(len(word) <= 10 for word in re.findall(r"\w+", text))


@pytest.mark.parametrize("slug", ["mors_sf", "kpcs", "bpses", "phq9", "gad7", "who5", "swemwbs"])
def test_a_published_measure_cannot_be_opened_and_says_which_file_is_wanting(slug):
    with pytest.raises(InstrumentError, match=rf"{slug}\.en\.wording\.toml is wanting"):
        wording(slug, "en")
    with pytest.raises(InstrumentError, match="is wanting"):
        wording(slug, "en-xr", derive=shouted)


def test_a_made_up_language_is_derived_from_english_and_keeps_every_code():
    words, english = wording("demo_warmth", "en-xr", derive=shouted), wording("demo_warmth", "en")
    assert words.language == "en-xr" and words.items[1] == english.items[1].upper()
    assert (words.title, words.notice) == (english.title.upper(), english.notice.upper())
    assert words.instruction == english.instruction.upper()
    assert words.options == tuple((code, label.upper()) for code, label in english.options)
    with pytest.raises(InstrumentError, match=r"demo_warmth\.en-xr\.wording\.toml is wanting"):
        wording("demo_warmth", "en-xr")


def test_a_study_s_own_words_come_first_and_carry_the_hash_of_their_file(tmp_path):
    folders = own(tmp_path, french())
    words = wording("demo_warmth", "fr", folders, derive=shouted)
    assert words.language == "fr"
    assert words.sha256 == hashlib.sha256(french().encode()).hexdigest()
    own(tmp_path, WARMTH.replace("No days", "Not once"), name="demo_warmth.en.wording.toml")
    assert wording("demo_warmth", "en", folders).options[0] == (0, "Not once")


def test_options_keep_the_order_of_the_form_and_are_known_by_code(tmp_path):
    first = '  [0, "No days"],\n'
    turned = french(WARMTH.replace(first, "").replace('  [5, "Every day"],\n', f'  [5, "Every day"],\n{first}'))
    assert [code for code, _ in wording("demo_warmth", "fr", own(tmp_path, turned)).options] == [1, 2, 3, 4, 5, 0]


def test_not_applicable_is_offered_only_at_the_items_that_have_it(tmp_path):
    key = load("kpcs")
    items = "\n".join(f'{item.number} = "words {item.number}"' for item in key.items)
    text = re.sub(r"\[items\].*?\n\n", lambda _: f"[items]\n{items}\n\n", WARMTH, flags=re.S)
    text = re.sub(r"  \[5.*?\n|  \[4, .*?\n", "", text.replace('slug = "demo_warmth"', 'slug = "kpcs"'))
    with pytest.raises(InstrumentError, match="lacks words for option na of kpcs"):
        wording("kpcs", "en", own(tmp_path, text, name="kpcs.en.wording.toml"))
    text = text.replace("options = [\n", 'options = [\n  ["na", "Does not apply"],\n')
    words = wording("kpcs", "en", own(tmp_path, text, name="kpcs.en.wording.toml"))
    assert words.options_for(key.item(1))[0] == ("na", "Does not apply")
    assert [code for code, _ in words.options_for(key.item(2))] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((r"7 = .*\n", ""), "lacks words for item 7 of demo_warmth"),
        ((r"(7 = .*\n)", r'\g<1>8 = "more"' + "\n" + r'9 = "more"' + "\n"), "words for item 8, 9, which demo_warmth"),
        ((r"  \[3, .*\n", ""), "lacks words for option 3"),
        ((r"\[3, ", "[6, "), "lacks words for option 3"),
        ((r"(  \[5, .*\n)", r'\1  [6, "More"],' + "\n"), "words for option 6"),
        ((r"(  \[5, .*\n)", r"\1\1"), "an option twice"),
        ((r"7 = .*\n", '7 = " "\n'), "an empty text"),
        ((r"\[0, ", '["0", '), "options.0.0"),
        ((r"title = .*\n", ""), "title: Field required"),
        ((r"title = ", "titel = "), "titel: no field"),
        ((r'slug = "demo_warmth"', 'slug = "demo_invasion"'), "says that it is 'demo_invasion'"),
        ((r'languages = \["fr"\]', 'languages = ["en"]'), "does not cover 'fr'"),
        ((r"accepted_on = .*", "accepted_on = 2021-02-30"), "cannot be read"),
        ((r"accepted_on = .*", 'accepted_on = "soon"'), "licence.accepted_on"),
    ],
)
def test_words_that_do_not_fit_are_refused_with_the_place(tmp_path, change, says):
    text = re.sub(*change, french())
    assert text != french()
    with pytest.raises(InstrumentError, match=says) as caught:
        wording("demo_warmth", "fr", own(tmp_path, text))
    assert "demo_warmth.fr.wording.toml" in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "demo_warmth.fr.wording.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InstrumentError, match="cannot be read"):
        wording("demo_warmth", "fr", [tmp_path])


@pytest.mark.parametrize("language", ["", "../en", "english", "EN", "en/xr", "en-", None])
def test_what_is_no_language_s_code_is_refused(language):
    with pytest.raises(InstrumentError, match="no language's code"):
        wording("demo_warmth", language)


def test_an_expired_licence_lets_nobody_begin(tmp_path):
    text = french() + "expires_on = 2022-03-31\n"
    licence = wording("demo_warmth", "fr", own(tmp_path, text)).licence
    assert licence.allows_new(date(2022, 3, 31)) and not licence.allows_new(date(2022, 4, 1))
    assert wording("demo_warmth", "en").licence.allows_new(date(2999, 1, 1))


def test_a_translation_says_how_it_was_made(tmp_path):
    record = (
        '\n[translation]\ntranslator = "A"\nreconciler = "B"\nback_translation = "C"\ndebriefs = 5\napproval = "D"\n'
    )
    words = wording("demo_warmth", "fr", own(tmp_path, french() + record))
    assert words.translation is not None and words.translation.debriefs == 5
    assert wording("demo_warmth", "en").translation is None

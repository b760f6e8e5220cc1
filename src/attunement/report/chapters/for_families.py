"""One page of findings for families, in each language that the study has."""

from __future__ import annotations

from attunement.process import Flow
from attunement.report.authors import Authors, paragraphs
from attunement.report.consort import follow_up_point
from attunement.report.effects import Answer
from attunement.report.errors import ReportError
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Inline, Paragraph, Section
from attunement.study.pseudo import pseudo
from attunement.study.schema import Language

TITLE = "What we found: a page for families"


def families_chapter(material: Material, found: Flow, answers: tuple[Answer, ...], authors: Authors,
                     ledger: Ledger) -> Section:  # fmt: skip
    """A section a language: the authors' words, or ours in the study's first language; a made-up one is made of those."""
    first = material.study.languages[0]
    strange = sorted(set(authors.families) - {language.code for language in material.study.languages})
    if strange:
        raise ReportError(f"The authors' file has a page for families in '{strange[0]}', no language of the study.")
    own = {code: tuple(paragraphs(text, ledger.results, authors.quotes)) for code, text in authors.families.items()}
    ours = own.get(first.code) or _ours(material, found, answers, ledger)
    return Section("families", TITLE, tuple(_page(one, first, own, ours) for one in material.study.languages))


def _page(language: Language, first: Language, own: dict[str, tuple[tuple[Inline, ...], ...]],
          ours: tuple[tuple[Inline, ...], ...]) -> Section:  # fmt: skip
    words = own.get(language.code) or (ours if language == first else ())
    if not words and language.made_up:
        words = tuple(tuple(pseudo(part) if isinstance(part, str) else part for part in parts) for parts in ours)
    shown = tuple(Paragraph(parts) for parts in words)
    if not shown:
        shown = (Paragraph((f"The authors have still to write this page in {language.name}.",), "note"),)
        return Section(f"families-{language.code}", language.name, shown)
    return Section(f"families-{language.code}", language.name, shown, language.code, language.rtl)


def _ours(material: Material, found: Flow, answers: tuple[Answer, ...],
          ledger: Ledger) -> tuple[tuple[Inline, ...], ...]:  # fmt: skip
    study = material.study
    months = ledger.figure("study.follow_up_months_after", follow_up_point(material).months_after or 0)
    taken = ledger.woven("Thank you. {n} families took part in this study. A computer chose by chance who was offered "
                         "{what}. The others had the help that they would have had anyway.",
                         n=ledger.count("flow.allocated", found.allocated), what=study.programme)  # fmt: skip
    words = "{months} months later we asked the same questions again, to compare the two groups."
    asked = ledger.woven(words, months=months)
    return taken, asked, _found(material, answers, ledger), (
        "Your answers were kept without your name. Nobody can see in this report who said what.",)


def _found(material: Material, answers: tuple[Answer, ...], ledger: Ledger) -> tuple[Inline, ...]:
    main = next(answer for answer in answers if answer.estimand.role == "primary")
    if material.dummy:
        return ("What we found is not known yet.",)
    if main.fit is None or main.fit.effect.low is None or main.fit.effect.high is None:
        return ("We cannot say yet which group did better: not enough families have answered.",)
    low, high = main.fit.effect.low, main.fit.effect.high
    if low <= 0 <= high:
        return ("We could not tell the two groups apart on the main question. That does not mean that nobody was helped: "
                "a difference may be too small for this study to see.",)
    better = (low > 0) is (main.estimand.direction == "higher")
    words = "did better" if better else "did less well"
    return (f"On the main question, families who were offered {material.study.programme} {words} on average than the "
            "others.",)

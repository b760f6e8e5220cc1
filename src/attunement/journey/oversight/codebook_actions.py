"""The codebook's changes, each a new version with its reason; and a codebook or coding taken in from another program."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from attunement.journey.oversight import interview_queries as queries
from attunement.journey.oversight.interview_actions import refusing
from attunement.journey.oversight.interview_models import CodebookVersion, Passage, Summary
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.process import ProcessError
from attunement.process.interviews import Codebook, read_codebook, read_project


@action
def add_code(*, by: Person, name: str, why: str, parent: str | None = None, description: str = "",
             dimension: str | None = None) -> str:
    """A code more, under another or at the top; returns its guid."""
    need(by, "interviews.work")
    with refusing():
        made = queries.book().add(name.strip(), by=by.code, on=clock.today(), why=why, parent=parent,
                                  description=description, dimension=dimension or None)
    return _kept(by, made, "added", made.codes[-1].guid, why)


@action
def change_code(*, by: Person, code: str, why: str, name: str = "", description: str | None = None) -> str:
    """Another name or description; passages stay where they are."""
    need(by, "interviews.work")
    with refusing():
        made = queries.book().change(code, by=by.code, on=clock.today(), why=why, name=name.strip() or None,
                                     description=description)
    return _kept(by, made, "changed", code, why)


@action
def retire_code(*, by: Person, code: str, why: str) -> str:
    """The code takes no further passages; those that have it keep it."""
    need(by, "interviews.work")
    with refusing():
        made = queries.book().retire(code, by=by.code, on=clock.today(), why=why)
    return _kept(by, made, "retired", code, why)


@action
def merge_codes(*, by: Person, code: str, into: str, why: str) -> str:
    """One code becomes part of another, and its passages with it."""
    need(by, "interviews.work")
    with refusing():
        made = queries.book().merge(code, into, by=by.code, on=clock.today(), why=why)
    twice = set(Passage.objects.filter(code=into).values_list("source", "start", "end", "coder"))
    for passage in Passage.objects.filter(code=code):
        if (passage.source_id, passage.start, passage.end, passage.coder_id) in twice:
            passage.delete()
        else:
            passage.code = into
            passage.save(update_fields=["code"])
    Summary.objects.filter(code=code).delete()
    return _kept(by, made, "merged", code, why)


@action
def take_in(*, by: Person, name: str, content: bytes, why: str) -> tuple[str, ...]:
    """Takes in a `.qdc` (codes that are not here yet) or a `.qdpx` (those, and passages of the texts that are kept here,
    as of this coder); returns a line for each thing that could not be taken."""
    need(by, "interviews.work")
    suffix, sources = Path(name).suffix.lower(), {one.name: one for one in queries.sources()}
    if suffix not in (".qdc", ".qdpx"):
        raise Refused("Choose a codebook (.qdc) or a project (.qdpx).")
    with tempfile.TemporaryDirectory() as folder, refusing():
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(content)
        if suffix == ".qdc":
            _merged(by, read_codebook(path), why)
            return ()
        found = read_project(path, consent={key: str(one.consented_on) for key, one in sources.items()})
    _merged(by, found.project.codebook, why)
    lost, taken = list(found.lost), 0
    for theirs in found.project.sources:
        if sources[theirs.id].text != theirs.text:
            lost.append(f"'{theirs.id}' has other words there than here: its passages were not taken.")
            continue
        for one in (one for one in found.project.codings if one.source == theirs.id):
            taken += Passage.objects.get_or_create(source=sources[theirs.id], code=one.code, start=one.start, end=one.end,
                                                   coder=by, defaults={"at": clock.now()})[1]
    record(by=by, verb="oversight.coding_taken_in", passages=taken, lost=len(lost))
    return tuple(lost)


def _merged(by: Person, theirs: Codebook, why: str) -> None:
    """Our codebook with their codes that it lacks; nothing happens where there are none."""
    ours = queries.book()
    known = {code.guid for code in ours.codes}
    new = tuple(code for code in theirs.codes if code.guid not in known)
    if new:
        with refusing():
            if not why.strip():
                raise ProcessError("Say why the codebook changes.")
            made = replace(ours, codes=(*ours.codes, *new), version=ours.version + 1)
        _kept(by, made, "taken in", new[0].guid, why)


def _kept(by: Person, book: Codebook, verb: str, code: str, why: str) -> str:
    made = CodebookVersion.objects.create(number=book.version, codes=[asdict(one) for one in book.codes], verb=verb,
                                          code=code, why=why.strip(), by=by, at=clock.now())
    record(by=by, verb="oversight.codebook_changed", number=made.number, change=verb, code=code)
    return code

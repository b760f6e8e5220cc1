"""REFI-QDA in: what can be taken is taken, and what cannot is named line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from lxml import etree

from attunement.process.errors import ProcessError
from attunement.process.interviews.codebook import Code, Codebook
from attunement.process.interviews.coding import Coding, Project
from attunement.process.interviews.refi import CODEBOOK, PROJECT
from attunement.process.interviews.transcripts import Source, lines
from attunement.process.interviews.unzipping import unzip

LARGEST = 100_000_000
NOT_TAKEN = {
    "PDFSource": "a PDF", "PictureSource": "a picture", "AudioSource": "a sound recording", "VideoSource": "a film",
    "Variable": "a variable", "Note": "a note", "Link": "a link", "Set": "a set", "Graph": "a graph",
    "PlainTextContent": "text kept inside the project file",
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """A project, and in `lost` one line for each thing in the file that it could not take."""

    project: Project
    lost: tuple[str, ...]


def read_codebook(path: Path | str) -> Codebook:
    """The codes of a `.qdc` file as a first version. ProcessError: no such XML, a document type, a broken tree."""
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise ProcessError(f"{file.name} has more than {LARGEST:,} bytes.")
        content = file.read_bytes()
    except OSError as fault:
        raise ProcessError(f"{file.name} cannot be read: {fault.strerror}.") from None
    root = _parsed(file.name, content)
    if root.tag != f"{{{CODEBOOK}}}CodeBook":
        raise ProcessError(f"{file.name} is no REFI-QDA codebook.")
    return Codebook(tuple(_codes(file.name, root, CODEBOOK)))


def read_project(path: Path | str, *, consent: Mapping[str, str]) -> Read:
    """A `.qdpx` file as a project, its texts in LF. `consent` maps a source's name to where its consent is recorded:
    a source without is not taken, and said so. Positions count code points of the text as it lies in the file; where
    that has Windows line ends they are moved to where the same words stand in LF.

    ProcessError: no zip or a dangerous one, no project in it, XML with a document type.
    """
    file = Path(path)
    members = unzip(file, (".qde", ".txt"))
    inside = [name for name in members if name.lower().endswith(".qde") and "/" not in name]
    if len(inside) != 1:
        raise ProcessError(f"{file.name} has {len(inside)} project files in it, and one is wanted.")
    root = _parsed(f"{file.name}, {inside[0]}", members[inside[0]])
    if root.tag != f"{{{PROJECT}}}Project":
        raise ProcessError(f"{file.name} is no REFI-QDA project.")
    lost = [f"{words} called '{one.get('name', '')}' was not taken."
            for kind, words in NOT_TAKEN.items() for one in root.iter(f"{{{PROJECT}}}{kind}")]  # fmt: skip
    codebook = Codebook(tuple(_codes(file.name, root, PROJECT)))
    users = {user.get("guid", ""): user.get("name") or user.get("guid", "") for user in root.iter(f"{{{PROJECT}}}User")}
    cases = {ref.get("targetGUID"): case.get("name", "") for case in root.iter(f"{{{PROJECT}}}Case")
             for ref in case.iter(f"{{{PROJECT}}}SourceRef")}  # fmt: skip
    sources: list[Source] = []
    codings: dict[Coding, None] = {}
    known = {code.guid for code in codebook.codes}
    for element in root.iter(f"{{{PROJECT}}}TextSource"):
        name = element.get("name") or element.get("guid", "")
        raw = _text(element, members)
        if isinstance(raw, ProcessError) or not consent.get(name, "").strip():
            lost.append(str(raw) if isinstance(raw, ProcessError) else f"'{name}' has no consent on record: not taken.")
            continue
        if any(source.id == name for source in sources):
            lost.append(f"A second source is called '{name}': not taken.")
            continue
        source, moved = _source(element, name, cases.get(element.get("guid"), name), raw, consent[name])
        if source is None:
            lost.append(f"'{name}' has no words in it: not taken.")
            continue
        sources.append(source)
        for found in _codings(element, source, moved, users, known):
            if isinstance(found, str):
                lost.append(found)
            else:
                codings[found] = None
    return Read(Project(root.get("name") or file.stem, codebook, tuple(sources), tuple(codings)), tuple(lost))


def _parsed(name: str, content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                             huge_tree=False, remove_comments=True, remove_pis=True)  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise ProcessError(f"{name} is no XML that can be read: {str(fault).splitlines()[0]}.") from None
    if root.getroottree().docinfo.doctype:
        raise ProcessError(f"{name} has a document type, which a REFI-QDA file never needs.")
    return root


def _codes(name: str, root: etree._Element, space: str) -> list[Code]:
    made = []
    for element in root.iter(f"{{{space}}}Code"):
        above = element.getparent()
        parent = above.get("guid") if above is not None and above.tag == f"{{{space}}}Code" else None
        said = element.find(f"{{{space}}}Description")
        try:
            made.append(Code(_guid(element.get("guid")), element.get("name", ""), (said.text or "") if said is not None
                             else "", _guid(parent) if parent else None, element.get("color"),
                             element.get("isCodable", "true") in ("true", "1")))  # fmt: skip
        except ProcessError as fault:
            raise ProcessError(f"{name}: {fault}") from None
    return made


def _guid(text: str | None) -> str:
    return (text or "").strip("{}").lower()


def _text(element: etree._Element, members: Mapping[str, bytes]) -> str | ProcessError:
    name, path = element.get("name", ""), element.get("plainTextPath", "")
    member = f"sources/{path.removeprefix('internal://')}"
    content = next((text for key, text in members.items() if key.casefold() == member.casefold()), None)
    if not path.startswith("internal://") or content is None:
        return ProcessError(f"'{name}' points at a text that is not in the file: not taken.")
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return ProcessError(f"'{name}' is not text in UTF-8: not taken.")


def _source(element: etree._Element, name: str, case: str, raw: str, consent: str
            ) -> tuple[Source | None, Callable[[int], int]]:  # fmt: skip
    said = element.find(f"{{{PROJECT}}}Description")
    kind = ((said.text or "") if said is not None else "").split(";")[0]
    kept = kind if kind in ("open_answer", "session_note") else "transcript"
    text = lines(raw)
    dropped = list(accumulate((letter == "\r" and raw[place + 1 : place + 2] == "\n"
                               for place, letter in enumerate(raw)), initial=0))  # fmt: skip
    source = Source(name, case, text, kept, consent) if text.strip() else None  # type: ignore[arg-type]
    return source, lambda place: place - dropped[place] if 0 <= place < len(dropped) else -1


def _codings(element: etree._Element, source: Source, moved: Callable[[int], int], users: Mapping[str, str],
             known: set[str]) -> list[Coding | str]:  # fmt: skip
    made: list[Coding | str] = []
    for passage in element.iter(f"{{{PROJECT}}}PlainTextSelection"):
        try:
            start, end = (moved(int(passage.get(name, ""))) for name in ("startPosition", "endPosition"))
        except ValueError:
            start = end = -1
        if not 0 <= start < end <= len(source.text):
            made.append(f"A passage of '{source.id}' does not lie in its text: not taken.")
            continue
        for mark in passage.iter(f"{{{PROJECT}}}Coding"):
            ref = mark.find(f"{{{PROJECT}}}CodeRef")
            code = _guid(ref.get("targetGUID")) if ref is not None else ""
            user = mark.get("creatingUser") or passage.get("creatingUser") or ""
            if code in known:
                made.append(Coding(source.id, start, end, code, users.get(user, user or "unknown")))
            else:
                made.append(f"A passage of '{source.id}' has a code that the codebook does not have: not taken.")
    for _mark in element.findall(f"{{{PROJECT}}}Coding"):
        made.append(f"A code on the whole of '{source.id}' was not taken.")
    return made

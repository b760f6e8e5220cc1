"""`attunement instruments …`: languages there and back, forms of other systems in, answers out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attunement.instruments.translating import Package


def add(commands: Any) -> None:
    words = "questionnaires: send a language out and take it back, take a form in, give answers out"
    top = commands.add_parser("instruments", help=words, description=words)
    within = top.add_subparsers(metavar="COMMAND", required=True)
    export = within.add_parser("export", help="the texts of an instrument for a translation agency (.xlf or .xlsx)")
    export.add_argument("slug")
    export.add_argument("language", help="the language to translate into, such as pl")
    export.add_argument("--to", type=Path, required=True, metavar="FILE", help="ends in .xlf, .xliff or .xlsx")
    export.add_argument("--from", dest="source", default="en", metavar="LANGUAGE")
    export.add_argument("--folder", type=Path, action="append", default=[], help="a folder with key and wording files")
    export.set_defaults(run=_export)
    take = within.add_parser("import", help="a translation that came back, an XLSForm, or a REDCap data dictionary")
    take.add_argument("file", type=Path)
    take.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where key and wording files go")
    take.add_argument("--folder", type=Path, action="append", default=[], help="a folder with key and wording files")
    take.add_argument("--replace", action="store_true", help="put files that are there already anew")
    take.add_argument("--slug", help="of a form: the short name of the instrument")
    take.add_argument("--title", default="", help="of a form: the title that families read")
    take.add_argument("--language", default="en", help="of a REDCap dictionary: the language of its labels")
    for name, what in (("holder", "the licence-holder"), ("evidence", "where the licence stands"),
                       ("accepted-by", "who accepted it here")):
        take.add_argument(f"--{name}", default="", help=f"of a form: {what}")
    for name, what in (("translator", "who translated"), ("reconciler", "who reconciled"),
                       ("back-translation", "who translated back, or where that stands"),
                       ("approval", "who approved it, and when")):
        take.add_argument(f"--{name}", default="", help=f"of a translation: {what}")
    take.add_argument("--debriefs", type=int, default=0, help="of a translation: with how many people it was tried")
    take.add_argument("--wording-version", default="1")
    take.set_defaults(run=_import)
    answers = within.add_parser("answers", help="every answer of $ATTUNEMENT_DATA's study as CSV, SPSS, Stata and R")
    answers.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    answers.add_argument("--by", required=True, metavar="EMAIL", help="who takes them out: it is recorded")
    answers.set_defaults(run=_answers)


def _export(options: argparse.Namespace) -> int:
    from attunement.instruments import spreadsheet, translating, writing, xliff
    from attunement.instruments.key import InstrumentError

    ways = {".xlf": xliff.write, ".xliff": xliff.write, ".xlsx": spreadsheet.write}
    way = ways.get(options.to.suffix.lower())
    if way is None:
        raise InstrumentError(f"{options.to.name} must end in .xlf, .xliff or .xlsx")
    package = translating.package(options.slug, options.language, options.folder, options.source)
    writing.save_bytes(options.to, way(package))
    done = sum(bool(segment.target) for segment in package.segments)
    print(f"{options.to}: {len(package.segments)} texts of {options.slug}, {done} of them in {options.language} already.")
    return 0


def _import(options: argparse.Namespace) -> int:
    from attunement.instruments import redcap, spreadsheet, xliff

    content, name, ending = options.file.read_bytes(), options.file.name, options.file.suffix.lower()
    if ending in (".xlf", ".xliff", ".xml"):
        return _translation(options, xliff.read(content, name))
    if ending == ".csv" and redcap.is_dictionary(content):
        return _form(options, content, ".csv")
    if ending == ".xlsx" and _is_translation(content):
        return _translation(options, spreadsheet.read(content, name))
    return _form(options, content, ending)


def _is_translation(content: bytes) -> bool:
    import io
    import zipfile

    from openpyxl import load_workbook  # type: ignore[import-untyped]

    from attunement.instruments.spreadsheet import SHEET

    try:
        return SHEET in load_workbook(io.BytesIO(content), read_only=True).sheetnames
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError):
        return False


def _translation(options: argparse.Namespace, back: Package) -> int:
    from attunement.instruments import translating, writing
    from attunement.instruments.wording import Translation

    record = Translation(options.translator, options.reconciler, options.back_translation, options.debriefs,
                         options.approval)
    made = translating.translated(back, record, options.wording_version, [*options.folder, options.to])
    file = f"{made.slug}.{made.language}.wording.toml"
    path, = writing.save_all(options.to, {file: writing.wording_text(made)}, replace=options.replace)
    print(f"{path}: {len(back.segments)} texts.")
    if not record.reviewed:
        print("It is a draft: no questionnaire can be opened with it before its translator, back-translation and "
              "approval are recorded.")
    return 0


def _form(options: argparse.Namespace, content: bytes, ending: str) -> int:
    from datetime import date

    from attunement.instruments import redcap, writing, xlsform
    from attunement.instruments.form_reading import Origin, slug_of
    from attunement.instruments.key import InstrumentError
    from attunement.instruments.reading import check_slug
    from attunement.instruments.wording import Licence

    if ending not in (".xlsx", ".xlsm", ".xls", ".csv", ".md"):
        raise InstrumentError(f"{options.file.name} is no file that can be taken in: .xlf, .xlsx, .csv")
    slug = options.slug or slug_of(options.file.stem)
    check_slug(slug)
    known = (options.holder, options.evidence, options.accepted_by)
    if any(known) and not all(known):
        raise InstrumentError("a licence needs its holder, its evidence and who accepted it: --holder, --evidence, "
                              "--accepted-by")
    licence = Licence(*known, date.today(), (options.language,)) if all(known) else None
    origin = Origin(slug, options.title, options.file.name, licence)
    dictionary = ending == ".csv" and redcap.is_dictionary(content)
    taken = redcap.read(content, origin, options.language) if dictionary else xlsform.read(content, origin, ending)
    files = {f"{key.slug}.key.toml": writing.key_text(key) for key in taken.keys}
    files |= {f"{one.slug}.{one.language}.wording.toml": writing.wording_text(one) for one in taken.wordings}
    for path in writing.save_all(options.to, files, replace=options.replace):
        print(path)
    for remark in taken.remarks:
        print(f"{options.file.name}: {remark}", file=sys.stderr)
    return 0


def _answers(options: argparse.Namespace) -> int:
    from attunement.web import opening

    opening.reopen()
    for path in opening.answers(options.by, options.to):
        print(path)
    return 0

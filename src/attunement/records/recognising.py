"""Which kind of return a file is, by what stands in it: file names tell nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from attunement.records import annex_a, ssda903
from attunement.records.codes import Spellings, read_spellings
from attunement.records.errors import RecordsError
from attunement.records.excel import read_excel
from attunement.records.grids import Unknown, read_csv
from attunement.records.layout import FORMATS, Order, layout
from attunement.records.opening import Unread
from attunement.records.ours import is_ours, read_ours, read_ours_set
from attunement.records.returns import Returned, assemble
from attunement.records.typed import Fault, Raw
from attunement.records.xml_rows import read_xml, root_of

_NOTHING: Mapping[tuple[str, str], str] = MappingProxyType({})
_EXPECTED = "expected a CIN census XML, an SSDA903 Header, Episodes or XML, an Annex A workbook or our own workbook"


def read(
    path: str | Path,
    *,
    dates: Order | None = None,
    unknown: Unknown = "drop",
    spellings: Spellings | str | Path | None = None,
    trials: Mapping[str, str] | None = None,
) -> Returned:
    """Read one return: a CIN census XML, SSDA903 Header, Episodes or XML, an Annex A workbook, our workbook, or a folder
    that holds our workbook as CSV files.

    `dates` says how the file writes dates that could be two days (without it they are null and a finding "ambiguous");
    `unknown` what becomes of columns that no return has: "drop" (a finding) or "refuse"; `spellings` is the authority's
    own table of spellings (`codes.read_spellings`) or its path; `trials` maps a child id to its trial number, for the
    findings. Names, UPNs, postcodes and free text are never kept.

    RecordsError, one sentence with file and place, where the file is none of these or cannot be read.
    """
    where = Path(path)
    own = read_spellings(spellings) if isinstance(spellings, str | Path) else (spellings or _NOTHING)
    if unknown not in ("drop", "refuse") or dates not in (None, "dmy", "iso"):
        raise RecordsError('A return is read with unknown="drop" or "refuse", and dates="dmy" or "iso" or neither.')
    if where.is_dir():
        return _only_ours(read_ours_set(where), unknown)
    if not where.is_file():
        raise RecordsError(f"{where.name}: there is no such file.")
    with where.open("rb") as file:
        start = file.read(4096)
    kind = _kind(start)
    if kind == "xml":
        return _xml(where, dates, own, trials or {})
    if kind == "excel":
        return _excel(where, dates, own, trials or {}, unknown)
    return _csv(where, dates, own, trials or {}, unknown)


def _only_ours(returned: Returned, unknown: Unknown) -> Returned:
    strange = next((one for one in returned.findings if one.cause == "unknown_column"), None)
    if unknown == "refuse" and strange is not None:
        raise RecordsError(f"{returned.file}: {strange.place()}: {strange.there}; expected only our own headings.")
    return returned


def _kind(start: bytes) -> str:
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return "excel"
    bare = (
        start.removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .replace(b"\0", b"")
        .lstrip()
    )
    return "xml" if bare.startswith(b"<") else "csv"


def _xml(path: Path, dates: Order | None, spellings: Spellings, trials: Mapping[str, str]) -> Returned:
    root = root_of(path)
    roots = {layout(name).detail.get("root"): name for name in FORMATS}
    if root and root not in roots:
        raise RecordsError(f"{path.name}: line 1: an XML file that is no return; {_EXPECTED}.")
    how = layout(roots.get(root, "cin_census"))
    rows = read_xml(path, how)
    kind = rows.header.get("Collection", "").upper()
    if how.format == "cin_census" and kind not in ("", "CIN") and not rows.raws[0].frame.height:
        raise RecordsError(f"{path.name}: line 1: the return of another collection; {_EXPECTED}.")
    return assemble(
        path, how, rows.raws, rows.faults, header=rows.header, dates=dates, spellings=spellings, trials=trials
    )


def _excel(
    path: Path, dates: Order | None, spellings: Spellings, trials: Mapping[str, str], unknown: Unknown
) -> Returned:
    names, grids, errors = read_excel(path)
    if is_ours(names):
        return _only_ours(read_ours(path), unknown)
    raws, faults = annex_a.read_annex_a(grids, unknown)
    if not raws:
        where = f"sheet {names[0]}" if names else "no sheet"
        raise RecordsError(f"{path.name}: {where}: no headings of a return; {_EXPECTED}.")
    faults += _unread(raws, errors)
    return assemble(path, layout("annex_a"), raws, faults, header={}, dates=dates, spellings=spellings, trials=trials)


def _unread(raws: list[Raw], errors: Iterable[Unread]) -> Iterator[Fault]:
    """The cells of our columns that show as blank although something stands in them."""
    by_sheet = {raw.sheet: raw for raw in raws}
    for cell in errors:
        raw = by_sheet.get(cell.sheet)
        letter, row = cell.place.rstrip("0123456789"), cell.place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if raw is not None and letter in raw.letters and row.isdigit():
            at = raw.frame["source_line"].index_of(int(row))
            yield Fault("error_cell", raw.table, at, raw.letters[letter], cell.what)


def _csv(
    path: Path, dates: Order | None, spellings: Spellings, trials: Mapping[str, str], unknown: Unknown
) -> Returned:
    grid, encoding = read_csv(path)
    known = ssda903.recognise(grid)
    if known is None:
        raise RecordsError(
            f"{path.name}: line {grid.lines[0] if grid.lines else 1}: headings that no return has; {_EXPECTED}."
        )
    raw, faults = ssda903.read_903(grid, *known, unknown)
    if encoding == "cp1252":
        faults.insert(0, Fault("not_utf8", None, None, None, "bytes that are not UTF-8", ""))
    return assemble(path, layout("ssda903"), [raw], faults, header={}, dates=dates, spellings=spellings, trials=trials)

"""What interviews bring to a report besides quotes: how many there were, and how often each theme was spoken of."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from attunement.process.dimensions import DIMENSIONS
from attunement.process.errors import ProcessError
from attunement.process.interviews.coding import Project
from attunement.process.interviews.refi import put
from attunement.process.interviews.sampling import Drawn, achieved


@dataclass(frozen=True)
class QuotaMet:
    """A quota as it was planned and what came of it: families drawn for it, and families interviewed."""

    column: str
    level: str
    least: int
    chosen: int
    interviewed: int


@dataclass(frozen=True)
class Theme:
    """A code of the codebook: its guid, its path, the dimension it speaks to, and how many families and passages it has,
    those of the codes below it among them; `own`: passages under itself.
    """

    guid: str
    path: str
    dimension: str | None
    families: int
    passages: int
    own: int


@dataclass(frozen=True)
class Told:
    """Counts alone: no words, no family, no coder. `planned`: families drawn at first. `codebook`: its version."""

    planned: int = 0
    interviewed: int = 0
    texts: int = 0
    codebook: int = 1
    quotas: tuple[QuotaMet, ...] = ()
    themes: tuple[Theme, ...] = ()

    def __post_init__(self) -> None:
        for theme in self.themes:
            if theme.dimension is not None and theme.dimension not in DIMENSIONS:
                raise ProcessError(f"The theme '{theme.path}' has the dimension '{theme.dimension}', which is none of the "
                                   "eight.")  # fmt: skip

    @property
    def sha256(self) -> str:
        """The hash of the file that it is written to."""
        return sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


def told_of(project: Project, drawn: Drawn | None = None) -> Told:
    """What a coded project tells, and `drawn` the sample it comes from.

    An interview is a case with a transcript. A theme without a passage is left out. A code that says no dimension has
    that of the nearest code above it. ProcessError: somebody was interviewed who is not in the frame.
    """
    interviewed = {source.case for source in project.sources if source.kind == "transcript"}
    case_of = {source.id: source.case for source in project.sources}
    themes = []
    for code in project.codebook.codes:
        branch = set(project.codebook.branch(code.guid))
        own = {(one.source, one.start, one.end) for one in project.codings if one.code in branch}
        if own:
            families = len({case_of[source] for source, _start, _end in own})
            itself = {(one.source, one.start, one.end) for one in project.codings if one.code == code.guid}
            themes.append(Theme(code.guid, project.codebook.path(code.guid), _dimension(project, code.guid), families,
                                len(own), len(itself)))  # fmt: skip
    return Told(0 if drawn is None else drawn.chosen.height, len(interviewed), len(project.sources),
                project.codebook.version, _quotas(drawn, interviewed), tuple(themes))


def write_told(told: Told, path: Path | str) -> Path:
    """Write the counts to a .json file, whole or not at all, for a report that is built elsewhere."""
    return put(Path(path), ".json", told.to_bytes())


def read_told(path: Path | str) -> Told:
    """The counts from their file. ProcessError: no such file, no such JSON, a number below zero."""
    file = Path(path)
    try:
        read: Any = json.loads(file.read_text(encoding="utf-8"))
        quotas, themes = ([_row(kind, one) for one in read.pop(name)] for kind, name in
                          ((QuotaMet, "quotas"), (Theme, "themes")))  # fmt: skip
        made: Told = _row(Told, {**read, "quotas": tuple(quotas), "themes": tuple(themes)})
    except OSError as fault:
        raise ProcessError(f"{file.name} cannot be read: {fault.strerror}.") from None
    except ProcessError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ProcessError(f"{file.name} is no file of what interviews told, as a project writes it.") from None
    if len({theme.guid for theme in made.themes}) != len(made.themes):
        raise ProcessError(f"{file.name} has two themes of the same guid.")
    return made


def _quotas(drawn: Drawn | None, interviewed: Collection[str]) -> tuple[QuotaMet, ...]:
    return () if drawn is None else tuple(QuotaMet(*row) for row in achieved(drawn, interviewed).iter_rows())


def _dimension(project: Project, guid: str) -> str | None:
    code = project.codebook.code(guid)
    if code.dimension is not None or code.parent is None:
        return code.dimension
    return _dimension(project, code.parent)


def _row(kind: Any, told: dict[str, Any]) -> Any:
    """A value of its kind whose fields are of theirs: text, or whole numbers that are not negative."""
    made = kind(**told)
    for name, wanted in kind.__annotations__.items():
        value = getattr(made, name)
        if wanted == "int" and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise ValueError(name)
        if wanted in ("str", "str | None") and not isinstance(value, str) and (wanted == "str" or value is not None):
            raise ValueError(name)
    return made

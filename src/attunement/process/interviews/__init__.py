"""Interviews: whom to ask, their words without names, codes, agreement, the framework matrix, quotes, REFI-QDA."""

from attunement.process.interviews.codebook import Change, Code, Codebook
from attunement.process.interviews.coding import Coding, Project
from attunement.process.interviews.double import Difference, agreement, differences, reconcile, units
from attunement.process.interviews.matrix import Cell, Matrix, framework, to_word, to_workbook
from attunement.process.interviews.quotes import Quote, QuoteBank, read_quotes, write_quotes
from attunement.process.interviews.refi import write_codebook, write_project
from attunement.process.interviews.refi_reading import Read, read_codebook, read_project
from attunement.process.interviews.sampling import Drawn, Quota, achieved, draw, sampling_frame
from attunement.process.interviews.told import QuotaMet, Theme, Told, read_told, told_of, write_told
from attunement.process.interviews.transcripts import Redaction, Source, left_over, lines, pseudonymise

__all__ = [
    "Cell",
    "Change",
    "Code",
    "Codebook",
    "Coding",
    "Difference",
    "Drawn",
    "Matrix",
    "Project",
    "Quota",
    "QuotaMet",
    "Quote",
    "QuoteBank",
    "Read",
    "Redaction",
    "Source",
    "Theme",
    "Told",
    "achieved",
    "agreement",
    "differences",
    "draw",
    "framework",
    "left_over",
    "lines",
    "pseudonymise",
    "read_codebook",
    "read_project",
    "read_quotes",
    "read_told",
    "reconcile",
    "sampling_frame",
    "to_word",
    "to_workbook",
    "told_of",
    "units",
    "write_codebook",
    "write_project",
    "write_quotes",
    "write_told",
]

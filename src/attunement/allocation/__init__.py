"""Who gets which arm: schemes, draws from a sealed seed, and the commitment that proves the seed was not changed."""

from attunement.allocation.assessing import assess
from attunement.allocation.certificate import LockCertificate, certificate_pdf
from attunement.allocation.chain import Chain, Entry, draw_text, fact_of, write_log
from attunement.allocation.errors import AllocationError
from attunement.allocation.figures import Assessment, Simulated
from attunement.allocation.lists import FromList
from attunement.allocation.minimising import Minimisation, Weighing, rank_chances
from attunement.allocation.naming import describe, names, parse
from attunement.allocation.opening import OpenedScheme, opening_text
from attunement.allocation.recovery import restore, split
from attunement.allocation.rerandomising import rerandomise
from attunement.allocation.running import Running
from attunement.allocation.schemes import (
    BigStick,
    Complete,
    EfronCoin,
    MaximalProcedure,
    PermutedBlocks,
    Scheme,
    WeiUrn,
)
from attunement.allocation.seed import commitment, new_salt, new_seed, seal, unseal
from attunement.allocation.signing import new_signing_key, public_hex, signing_key
from attunement.allocation.simulating import simulate
from attunement.allocation.source import Source, Stream
from attunement.allocation.verifying import Verdict, verify

__all__ = [
    "AllocationError",
    "Assessment",
    "BigStick",
    "Chain",
    "Complete",
    "EfronCoin",
    "Entry",
    "FromList",
    "LockCertificate",
    "MaximalProcedure",
    "Minimisation",
    "OpenedScheme",
    "PermutedBlocks",
    "Running",
    "Scheme",
    "Simulated",
    "Source",
    "Stream",
    "Verdict",
    "WeiUrn",
    "Weighing",
    "assess",
    "certificate_pdf",
    "commitment",
    "describe",
    "draw_text",
    "fact_of",
    "names",
    "new_salt",
    "new_seed",
    "new_signing_key",
    "opening_text",
    "parse",
    "public_hex",
    "rank_chances",
    "rerandomise",
    "restore",
    "seal",
    "signing_key",
    "simulate",
    "split",
    "unseal",
    "verify",
    "write_log",
]

"""Who gets which arm: schemes, draws from a sealed seed, and the commitment that proves the seed was not changed."""

from attunement.allocation.assessing import Assessment, assess
from attunement.allocation.balancing import Simulated, simulate
from attunement.allocation.errors import AllocationError
from attunement.allocation.lists import FromList
from attunement.allocation.minimising import Minimisation, Weighing
from attunement.allocation.naming import describe, names, parse
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
from attunement.allocation.source import Source, Stream

__all__ = [
    "AllocationError",
    "Assessment",
    "BigStick",
    "Complete",
    "EfronCoin",
    "FromList",
    "MaximalProcedure",
    "Minimisation",
    "PermutedBlocks",
    "Running",
    "Scheme",
    "Simulated",
    "Source",
    "Stream",
    "WeiUrn",
    "Weighing",
    "assess",
    "commitment",
    "describe",
    "names",
    "new_salt",
    "new_seed",
    "parse",
    "rerandomise",
    "seal",
    "simulate",
    "unseal",
]

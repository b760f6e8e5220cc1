"""Measurements of Attunement, in CPU time: `make bench`."""

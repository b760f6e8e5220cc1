"""Whole trials made up by the thousand, to know beforehand what an analysis will find."""

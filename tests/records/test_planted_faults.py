"""Sixty faults a format, each planted into a clean return: found at its row, and nothing found in the clean twins."""

import pytest

from attunement.records import read
from tests.records import planting

WANTED = 60


def kept(folder, name, suffix, content):
    path = folder / f"{name}{suffix}"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("which", ["census", "903", "annex a", "workbook"])
def test_planted_faults_are_found_at_the_right_row(tmp_path, which):
    chosen = planting.planted(which, WANTED)
    assert len(chosen) == WANTED
    missed = []
    for number, one in enumerate(chosen):
        found = read(kept(tmp_path, f"{number}", one.suffix, one.content)).findings
        if one.row not in {finding.row for finding in found}:
            missed.append((one.what, one.row, [(finding.cause, finding.row) for finding in found]))
    assert len(missed) <= 0.05 * len(chosen), missed


@pytest.mark.parametrize("which", list(planting.clean()))
def test_nothing_is_found_in_a_clean_twin(tmp_path, which):
    suffix, content = planting.clean()[which]
    assert [str(one) for one in read(kept(tmp_path, "clean", suffix, content)).findings] == []

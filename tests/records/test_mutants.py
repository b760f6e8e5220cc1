"""A few of the spoilt returns; thousands: `python -m tests.records.mutants`."""

from tests.records import mutants


def test_spoilt_returns_are_read_or_refused_in_a_sentence(capsys):
    made, complaints = mutants.main(number=3, seed=7)
    assert (made, complaints) == (3 * len(mutants.originals()), 0), capsys.readouterr().out

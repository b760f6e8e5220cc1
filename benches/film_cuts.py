"""Two hundred random cuts, each exact to the frame and the sample. `python -m benches.film_cuts`."""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    from tests.film import cuts

    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cuts", type=int, default=200)
    options = words.parse_args()
    wrong = [fault for number in range(options.cuts) if (fault := cuts.tried(number))]
    print("\n".join([*wrong, f"{options.cuts - len(wrong)} of {options.cuts} random cuts are exact: first and last frame, "
                     "count, sound, and nothing outside the marks"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

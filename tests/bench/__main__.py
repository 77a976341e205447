"""`nox -s bench`: the numbers as a table, and as JSON with `--json FILE`."""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.cases import everything
from tests.bench.measure import machine


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="rounds of each comparison")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = everything(Path(folder), options.runs)
    print(f"{machine()}; {datetime.now(UTC):%Y-%m-%d}; medians of interleaved runs\n")
    width = max(len(figure.what) for figure in figures)
    for figure in figures:
        verdict = "met" if figure.met else "NOT MET"
        value = f"{figure.value:8.2f} {figure.unit:5}"
        print(f"{figure.what:{width}}  {value}  bar {figure.bar:6.2f}  {verdict:8} {figure.detail}")
    if options.json:
        report = {"machine": machine(), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
        options.json.write_text(
            json.dumps(report | {"figures": [each.row() for each in figures]}, indent=2) + "\n"
        )


main()

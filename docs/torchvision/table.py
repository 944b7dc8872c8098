#!/usr/bin/env python3
"""Prints results of export.py as a Markdown table: python3 table.py RESULTS"""
import csv
import sys
from collections import defaultdict

import export

OPSETS = range(9, 18)
MARKS = {"right": "+", "wrong": "x", "refused": "r", "not exported": "n"}
KINDS = [(m, b) for m in ("evaluation", "training") for b in ("static", "dynamic")]


def rows(file):
    """Each line by its headings; of two columns of one heading the second is called after the first."""
    lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    headings, previous = [], ""
    for heading in next(lines):
        headings.append(f"{previous}: {heading}" if heading in ("of", "PyTorch's own") else heading)
        previous = heading
    for line in lines:
        yield dict(zip(headings, line))


def largest(cells, heading):
    numbers = [float(c[heading]) for c in cells if c.get(heading, "-") != "-"]
    return f"{max(numbers):.0e}" if numbers else "-"


def main():
    networks = defaultdict(dict)
    with open(sys.argv[1], newline="") as file:
        for row in rows(file):
            networks[row["network"]][row["mode"], row["batch"], int(row["opset"])] = row
    print("| network | " + " | ".join(f"{m}, {b}" for m, b in KINDS) + " | output error | PyTorch's own | gradient error | PyTorch's own |")
    print("|---|" + "---|" * len(KINDS) + "---:|---:|---:|---:|")
    counts = defaultdict(int)
    for name in sorted(export.NETWORKS):
        cells = networks[name]
        line = [name]
        for mode, batch in KINDS:
            marks = ""
            for opset in OPSETS:
                cell = cells.get((mode, batch, opset))
                verdict = cell["verdict"].split(":")[0] if cell else None
                counts[verdict or "not measured"] += 1
                marks += MARKS[verdict] if verdict else "."
            line.append(f"`{marks}`")
        measured = list(cells.values())
        line += [
            largest(measured, heading)
            for heading in (
                "output error",
                "output error: PyTorch's own",
                "gradient error",
                "gradient error: PyTorch's own",
            )
        ]
        print("| " + " | ".join(line) + " |")
    print("\nCells: " + ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())) + ".")


if __name__ == "__main__":
    main()

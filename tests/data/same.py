#!/usr/bin/env python3
"""Hold numbers against those that the original libraries printed.

    same.py COLUMN=ULPS... WANTED GOT

Both are CSV with the same header and as many rows. A column is compared by the
first COLUMN that its name begins with: both texts are read as numbers of 32
bits, which may be ULPS apart; of 64 bits where ULPS ends in d; or within a
share of the wanted one where it is such as 1e-12. "=" stands for the same text.
A missing value, or what is not finite, must be the same. Ends with status 0
when all agree, else with 1 and the first differences.
"""
import csv
import math
import struct
import sys


def place(x, wide):
    """Where a number stands in the order of all numbers."""
    if wide:
        i, sign = struct.unpack("<q", struct.pack("<d", x))[0], 1 << 63
    else:
        i, sign = struct.unpack("<i", struct.pack("<f", x))[0], 1 << 31
    return i if i >= 0 else -(i + sign)


def agree(wanted, got, rule):
    if rule == "=" or wanted == got:
        return wanted == got
    if not wanted or not got:
        return False
    a, b = float(wanted), float(got)
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (a != a and b != b)
    if "e" in rule:
        return abs(a - b) <= float(rule) * abs(a)
    wide = rule.endswith("d")
    return abs(place(a, wide) - place(b, wide)) <= int(rule.rstrip("d"))


def main(arguments):
    rules = [a.rsplit("=", 1) if not a.endswith("==") else (a[:-2], "=")
             for a in arguments[:-2]]
    tables = []
    for path in arguments[-2:]:
        with open(path, newline="") as file:
            tables.append(list(csv.reader(file)))
    wanted, got = tables
    if wanted[:1] != got[:1] or len(wanted) != len(got):
        print(f"{len(wanted)} rows of {wanted[:1]}, but {len(got)} of "
              f"{got[:1]}")
        return 1
    header, bad = wanted[0], 0
    for line, (a, b) in enumerate(zip(wanted, got), 1):
        for name, x, y in zip(header, a, b, strict=True):
            rule = next(r for p, r in rules if name.startswith(p))
            if line > 1 and not agree(x, y, rule):
                bad += 1
                if bad <= 3:
                    print(f"line {line}: {name}: {x}, but {y}")
    return 1 if bad else 0


sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Hold what aqi-features wrote against what reader.py finds in the file.

    compare.py [--every N] [--seed N] [--stats STATS] FILE RECORDS

FILE is the publisher's, RECORDS the CSV of `aqi-features --exact`. All
records are counted; of N records one is compared, the seed says which. With
STATS, a file of the line that --stats printed, its counts are those of the
reader. Numbers agree within 1e-9 of themselves; all else is the same text.
Ends with status 0 when all agree, else with 1 and the first differences.
"""

import argparse
import collections
import csv
import random
import re
import sys

sys.dont_write_bytecode = True
import reader   # beside this file

TOLERANCE = 1e-9
SHOWN = 3                       # differences of a column


def agree(wanted, got):
    try:
        a, b = float(wanted), float(got)
    except ValueError:
        return False
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def differences(found, records):
    """Texts of what differs, and how many values were compared."""
    faults, values, n = collections.defaultdict(list), 0, 0
    with open(records, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        if header != reader.COLUMNS:
            return ["the columns are " + ",".join(header)], 0
        wanted = iter(found.records)
        for n, line in enumerate(lines, 1):
            if (n - 1) % found.every != found.first:
                continue
            record = next(wanted, None)
            if record is None:
                continue
            for name, want, got in zip(header, reader.row_of(record), line):
                values += 1
                if want != got and not agree(want, got):
                    faults[name].append(
                        "record %d (%s %s): %s: wanted %s, got %s"
                        % (n, line[0], line[1], name, want or "nothing",
                           got or "nothing"))
    texts = []
    if n != found.written:
        texts.append("%d records, wanted %d" % (n, found.written))
    for name, those in faults.items():
        texts += those[:SHOWN]
        if len(those) > SHOWN:
            texts.append("%s: %d more" % (name, len(those) - SHOWN))
    return texts, values


def counts_differ(found, stats):
    """What of the counts of a --stats line is not the reader's."""
    with open(stats, encoding="utf-8") as file:
        counts = {word: int(n) for word, n in
                  re.findall(r"(read|written|refused|merged) (\d+)",
                             file.read().splitlines()[-1])}
    counts.setdefault("merged", 0)
    wanted = {"read": found.read, "written": found.written,
              "refused": found.refused, "merged": found.merged}
    return ["%s %s, wanted %d" % (word, counts.get(word), n)
            for word, n in wanted.items() if counts.get(word) != n]


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stats")
    parser.add_argument("file")
    parser.add_argument("records")
    given = parser.parse_args()
    reader.check_factors()
    first = random.Random(given.seed).randrange(given.every)
    found = reader.read(given.file, given.every, first)
    faults, values = differences(found, given.records)
    if given.stats:
        faults = counts_differ(found, given.stats) + faults
    for fault in faults:
        print("%s: %s" % (given.file, fault))
    if faults:
        print("every %d of seed %d" % (given.every, given.seed))
        sys.exit(1)
    print("read %d written %d refused %d merged %d values %d" % (
        found.read, found.written, found.refused, found.merged, values))


if __name__ == "__main__":
    main()

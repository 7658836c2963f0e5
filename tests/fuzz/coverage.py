# SPDX-License-Identifier: MIT
"""Replays each target's corpus and prints how many lines of the files it answers for were reached.
Lines of unreached.tsv are left out: each is there with the reason why no input can reach it."""
import argparse
import fnmatch
import os
import sys

import fuzzlib

LEAST = 90.0


class Unreached:
    """Lines that no input reaches, by file and text. One that is no longer there is an error."""

    def __init__(self):
        self.rows = {}
        for path, text, _ in fuzzlib.rows('unreached.tsv'):
            self.rows[path, text] = False

    def has(self, path, text):
        if (path, text) not in self.rows:
            return False
        self.rows[path, text] = True
        return True

    def unused(self, paths):
        return [f'{path}: {text}' for (path, text), used in self.rows.items()
                if not used and path in paths]


def measure(target, files, unreached):
    """Reached and all lines of the target's files, and the places that were not."""
    reached = total = 0
    seen = set()
    missed = []
    for path, counts in sorted(files.items()):
        seen.add(path)
        text = fuzzlib.source_lines(path)
        for number, count in sorted(counts.items()):
            if not count and unreached.has(path, text[number - 1]):
                continue
            total += 1
            reached += count > 0
            if not count:
                missed.append(f'{path}:{number}: {text[number - 1]}')
    lacking = [p for p in target.files if not any(fnmatch.fnmatch(path, p) for path in seen)]
    if lacking:
        fuzzlib.fail(f'{target.name}: no file {" ".join(lacking)} in the program')
    return reached, total, seen, missed


def main():
    words = argparse.ArgumentParser(prog='tests/fuzz/coverage')
    words.add_argument('--lines', action='store_true', help='also print what was not reached')
    words.add_argument('--build', default='build/fuzz-coverage')
    words.add_argument('target', nargs='*')
    given = words.parse_args()
    chosen = fuzzlib.targets(given.target)
    fuzzlib.build(given.build, [t.name for t in chosen], options=fuzzlib.COUNTED)
    unreached = Unreached()
    table = []
    below = []
    paths = set()
    for target in chosen:
        seeds = target.seeds()
        files = fuzzlib.replay(target, given.build, seeds)
        reached, total, seen, missed = measure(target, files, unreached)
        paths |= seen
        share = 100.0 * reached / total
        kib = sum(os.path.getsize(seed) for seed in seeds) / 1024
        table.append([target.name, len(seeds), f'{kib:.0f}', total, reached, f'{share:.1f}'])
        if share < LEAST:
            below.append(target.name)
        if given.lines:
            print('\n'.join(missed))
    fuzzlib.print_table(['target', 'seeds', 'KiB', 'lines', 'reached', '%'], table)
    unused = unreached.unused(paths)
    for text in unused:
        print(f'unreached.tsv: reached, or no longer there: {text}', file=sys.stderr)
    if below:
        print(f'below {LEAST:.0f} %: {" ".join(below)}', file=sys.stderr)
    return 1 if below or unused else 0


if __name__ == '__main__':
    sys.exit(main())

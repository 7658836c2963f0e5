# SPDX-License-Identifier: MIT
"""Copies the tree, takes one bounds check of removals.def away at a time, builds the target and
replays its corpus: a sanitizer or the target's own check must stop it. What the corpus does not
find may be looked for by fuzzing, but is told as such."""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

import fuzzlib

KIND = re.compile(rb'(?:ERROR: \w+: |runtime error: |broken: )([^\n(]*)')


class Removal:
    """A block of removals.def: what, target, file, the text that goes and what takes its place."""

    def __init__(self, what, target, path, old, new):
        self.what = what
        self.target = target
        self.path = path
        self.old = old
        self.new = new


def read_table():
    """Blocks begin with "@ TARGET FILE: what"; lines with "-" go, lines with "+" come."""
    found = []
    with open(os.path.join(fuzzlib.HERE, 'removals.def'), encoding='utf-8') as table:
        for line in table:
            if line.startswith('@ '):
                place, _, what = line[2:].rstrip('\n').partition(': ')
                target, path = place.split()
                found.append(Removal(what, target, path, '', ''))
            elif line.startswith('-'):
                found[-1].old += line[1:]
            elif line.startswith('+'):
                found[-1].new += line[1:]
    return found


def copy_tree(to):
    listed = subprocess.run(['git', '-c', 'safe.directory=*', '-C', fuzzlib.ROOT, 'ls-files', '-z',
                             '--cached', '--others', '--exclude-standard'],
                            stdout=subprocess.PIPE, check=True).stdout
    for name in listed.decode().split('\0'):
        source = os.path.join(fuzzlib.ROOT, name)
        copy = os.path.join(to, name)
        if not name or not os.path.isfile(source):
            continue
        # what is the same keeps its time, or it would not be built again after a removal
        if not os.path.exists(copy) or not filecmp.cmp(source, copy, shallow=False):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)


def replace(path, old, new):
    """Puts @new for @old, which must be there once; returns the text before."""
    with open(path, encoding='utf-8') as file:
        before = file.read()
    if before.count(old) != 1:
        return None
    with open(path, 'w', encoding='utf-8') as file:
        file.write(before.replace(old, new))
    return before


def stopped(program, arguments, folder):
    """What stopped the program, or None."""
    done = subprocess.run([program, '-timeout=30', '-rss_limit_mb=2560', *arguments], cwd=folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    if not done.returncode:
        return None
    kind = KIND.search(done.stderr)
    return kind.group(1).decode('utf-8', 'replace').strip() if kind else 'stopped'


def there(removal):
    """Whether the check still stands, once, in the file that the row names."""
    path = os.path.join(fuzzlib.ROOT, removal.path)
    if not os.path.exists(path):
        return False
    with open(path, encoding='utf-8') as file:
        return file.read().count(removal.old) == 1


def attempt(removal, tree, build, seconds):
    """How the removal was found: "corpus", "fuzzing", or None; and by what."""
    path = os.path.join(tree, removal.path)
    before = replace(path, removal.old, removal.new)
    if before is None:
        return 'no longer there', removal.path
    try:
        target = fuzzlib.targets([removal.target])[0]
        fuzzlib.build(build, [target.name])
        program = fuzzlib.program(build, target.name)
        found = stopped(program, ['-runs=0', *target.seeds()], tree)
        if found:
            return 'corpus', found
        with tempfile.TemporaryDirectory() as scratch:
            if seconds:
                found = stopped(program, [f'-max_total_time={seconds}',
                                          f'-max_len={target.longest}', scratch,
                                          target.corpus()], scratch)
        return ('fuzzing', found) if found else ('NOT FOUND', '')
    finally:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(before)


def main():
    words = argparse.ArgumentParser(prog='tests/fuzz/removals')
    words.add_argument('--fuzz-seconds', type=int, default=0,
                       help='look for what the corpus does not find, so long each')
    words.add_argument('--tree', help='a folder for the copy, kept for the next time')
    words.add_argument('--there', action='store_true',
                       help='only whether all checks still stand where the rows say')
    words.add_argument('target', nargs='*')
    given = words.parse_args()
    names = {target.name for target in fuzzlib.targets(given.target)}
    chosen = [removal for removal in read_table() if removal.target in names]
    if given.there:
        gone = [removal for removal in chosen if not there(removal)]
        for removal in gone:
            print(f'{removal.path}: not there (once): {removal.what}')
        return 1 if gone else 0
    with tempfile.TemporaryDirectory() as scratch:
        tree = os.path.abspath(given.tree) if given.tree else scratch
        source, build = os.path.join(tree, 'source'), os.path.join(tree, 'build')
        copy_tree(source)
        fuzzlib.build(build, sorted({r.target for r in chosen}), source, fuzzlib.SANITIZED)
        for name in sorted({removal.target for removal in chosen}):
            target = fuzzlib.targets([name])[0]
            found = stopped(fuzzlib.program(build, name), ['-runs=0', *target.seeds()], tree)
            if found:
                fuzzlib.fail(f'{name} stops at its corpus as it is: {found}')
        lines = []
        for removal in chosen:
            how, found = attempt(removal, source, build, given.fuzz_seconds)
            lines.append([removal.target, os.path.basename(removal.path), removal.what, how, found])
            print(' | '.join(lines[-1]), file=sys.stderr)
    by_corpus = sum(line[3] == 'corpus' for line in lines)
    for line in lines:
        print(f'{line[0]:14} {line[1]:14} {line[2]:44} {line[3]:10} {line[4]}')
    print(f'{by_corpus} of {len(lines)} removals found by the corpus')
    return 0 if by_corpus == len(lines) else 1


if __name__ == '__main__':
    sys.exit(main())

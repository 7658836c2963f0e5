# SPDX-License-Identifier: MIT
"""Takes inputs that a campaign found into the corpus: each reaches a line of the target's files
that nothing smaller reaches. They are called found-FUNCTION after the first such line, and a table
in the corpus's README.md, made anew, names the line itself."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import fuzzlib

sys.path.insert(0, os.path.join(fuzzlib.ROOT, 'tests', 'lint'))
import check_text  # noqa: E402 (what may not be in the tree)

HEAD = '\n## Found by fuzzing\n'
TEXT = '''
Taken by `tests/fuzz/grow` for a line that the seeds above do not reach; the first such line of each:

| file | reaches |
|---|---|
'''
FUNCTION = re.compile(r'^[a-z].*?\b(\w+)\([^;]*$')


def reached(target, build, inputs):
    """The lines of the target's files that @inputs reach, as (path, number)."""
    files = fuzzlib.replay(target, build, inputs)
    return {(path, number) for path, counts in files.items()
            for number, count in counts.items() if count}


def one_an_edge(target, fuzzer, folder, out):
    """What libFuzzer keeps of @folder when only edges count, not how often they are taken."""
    subprocess.run([fuzzer, '-merge=1', '-use_counters=0', f'-max_len={target.longest}', out,
                    target.corpus(), folder], cwd=out, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    found = [os.path.join(out, name) for name in os.listdir(out)]
    return sorted((path for path in found if os.path.isfile(path)), key=os.path.getsize)


def function_of(path, number):
    """The function that line @number of @path is in."""
    with open(os.path.join(fuzzlib.ROOT, path), encoding='utf-8') as source:
        lines = source.read().split('\n')[:number]
    for line in reversed(lines):
        begun = FUNCTION.match(line)
        if begun:
            return begun.group(1)
    return 'file'


def looks_personal(path):
    """A mutation may make an address of a domain that is not made up."""
    with open(path, encoding='utf-8', errors='replace') as file:
        return any(check_text.personal(file.read()))


def choose(target, build, candidates):
    """Candidates that reach new lines, the smallest first, without those made needless by others."""
    before = reached(target, build, target.seeds())
    have = set(before)
    kept = []
    for path in candidates:
        if looks_personal(path):
            continue
        lines = reached(target, build, [path])
        if lines - have:
            kept.append((path, lines - before))
            have |= lines
    for item in sorted(kept, key=lambda item: -os.path.getsize(item[0])):
        others = set().union(*(lines for path, lines in kept if path != item[0]))
        if item[1] <= others:
            kept.remove(item)
    return kept


def take(target, kept):
    """Copies them under their names; returns the rows of the README."""
    rows = []
    told = set()
    for path, lines in kept:
        fresh = min(lines - told or lines)
        told |= lines
        name = stem = 'found-' + function_of(*fresh).replace('_', '-')
        count = 1
        while os.path.exists(os.path.join(target.corpus(), name)):
            count += 1
            name = f'{stem}-{count}'
        shutil.copyfile(path, os.path.join(target.corpus(), name))
        line = fuzzlib.source_lines(fresh[0])[fresh[1] - 1].replace('|', '\\|')
        rows.append(f'| {name} | {os.path.basename(fresh[0])}: `{line}` |\n')
    return rows


def grow(target, build, fuzzer, work):
    readme = os.path.join(target.corpus(), 'README.md')
    with open(readme, encoding='utf-8') as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as out:
        # those of earlier times compete with the new ones
        earlier = [seed for seed in target.seeds() if os.path.basename(seed).startswith('found-')]
        for seed in earlier:
            shutil.move(seed, os.path.join(out, 'earlier-' + os.path.basename(seed)))
        folder = os.path.join(work, target.name, 'corpus')
        os.makedirs(folder, exist_ok=True)
        kept = choose(target, build, one_an_edge(target, fuzzer, folder, out))
        rows = take(target, kept)
    text = text.split(HEAD)[0].rstrip('\n') + '\n'
    if rows:
        text += HEAD + TEXT + ''.join(sorted(rows))
    with open(readme, 'w', encoding='utf-8') as file:
        file.write(text)
    return len(rows)


def main():
    words = argparse.ArgumentParser(prog='tests/fuzz/grow')
    words.add_argument('--work', default='build/fuzz-work', help='where tests/fuzz/run put it')
    words.add_argument('--build', default='build/fuzz-coverage')
    words.add_argument('--fuzzers', default='build/fuzz')
    words.add_argument('target', nargs='+')
    given = words.parse_args()
    chosen = fuzzlib.targets(given.target)
    names = [target.name for target in chosen]
    fuzzlib.build(given.build, names, options=fuzzlib.COUNTED)
    fuzzlib.build(given.fuzzers, names, options=fuzzlib.SANITIZED)
    for target in chosen:
        fuzzer = os.path.abspath(fuzzlib.program(given.fuzzers, target.name))
        count = grow(target, os.path.abspath(given.build), fuzzer, os.path.abspath(given.work))
        print(f'{target.name}: {count} taken')


if __name__ == '__main__':
    sys.exit(main())

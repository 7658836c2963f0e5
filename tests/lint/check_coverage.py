# SPDX-License-Identifier: MIT
"""Nothing without its test: every public header is used by a unit test, every reader and container
has a unit test, a fuzz target and seeds for it."""
import re
import lintlib

FUNCTION = re.compile(r'\bed_\w+\s*\([^;{]*\)\s*(?:ED_\w+[^;]*)?;')
READER = re.compile(r'extern\s+const\s+struct\s+ed_(?:reader|container)\s+(ed_\w+)\s*;')


def uses(texts, word):
    return [path for path, text in texts.items() if re.search(r'\b%s\b' % re.escape(word), text)]


def check_headers(root, files, unit):
    problems = []
    for path in files:
        if not path.startswith('include/espdiag/') or path.startswith('include/espdiag/base/banned'):
            continue
        code = lintlib.strip_comments(lintlib.read_text(root, path))
        if not FUNCTION.search(code):
            continue
        form = '"%s"' % path.removeprefix('include/')
        if not any(form in text for text in unit.values()):
            problems.append('%s: no tests/unit/test_*.c includes it' % path)
    return problems


def check_readers(root, files, unit, fuzz):
    problems = []
    for path in files:
        if not path.startswith('include/espdiag/collectors/'):
            continue
        code = lintlib.strip_comments(lintlib.read_text(root, path))
        for reader in READER.findall(code):
            if not uses(unit, reader):
                problems.append('%s: %s has no unit test' % (path, reader))
            targets = uses(fuzz, reader)
            if not targets:
                problems.append('%s: %s has no fuzz target' % (path, reader))
    return problems


def check_seeds(files, fuzz):
    problems = []
    for path in fuzz:
        name = path.rsplit('/', 1)[1].removesuffix('.c')
        corpus = 'tests/fuzz/corpus/%s/' % name
        if not any(f.startswith(corpus) for f in files):
            problems.append('%s: no seeds in %s' % (path, corpus))
    return problems


def main():
    root = lintlib.root_argument()
    files = lintlib.tracked_files(root)
    unit = {f: lintlib.read_text(root, f) for f in files
            if re.match(r'tests/unit/test_\w+\.c$', f)}
    fuzz = {f: lintlib.read_text(root, f) for f in files
            if re.match(r'tests/fuzz/fuzz_\w+\.c$', f)}
    lintlib.finish(check_headers(root, files, unit) + check_readers(root, files, unit, fuzz) +
                   check_seeds(files, fuzz))


if __name__ == '__main__':
    main()

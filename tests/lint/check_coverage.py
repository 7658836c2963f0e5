# SPDX-License-Identifier: MIT
"""Nothing without its test: every public function is named by a unit test, every reader and
container has a unit test, a fuzz target and seeds for it."""
import re
import lintlib

PREPROCESSOR = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$', re.M)
FUNCTION = re.compile(r'\b(ed_\w+)\s*\((?:[^;{()]|\([^()]*\))*\)\s*(?:ED_\w+[^;]*)?[;{]')
READER = re.compile(r'extern\s+const\s+struct\s+ed_(?:reader|container)\s+(ed_\w+)\s*;')


def uses(texts, word):
    return any(re.search(r'\b%s\b' % re.escape(word), text) for text in texts.values())


def public_code(root, path):
    return PREPROCESSOR.sub('', lintlib.strip_comments(lintlib.read_text(root, path)))


def check_functions(root, files, unit):
    problems = []
    for path in files:
        if not path.startswith('include/espdiag/'):
            continue
        for name in dict.fromkeys(FUNCTION.findall(public_code(root, path))):
            if not uses(unit, name):
                problems.append('%s: no unit test names %s' % (path, name))
    return problems


def check_readers(root, files, unit, fuzz):
    """A reader's fuzz target names it, or is named after it and drives what is beneath it."""
    problems = []
    for path in files:
        if not path.startswith('include/espdiag/collectors/'):
            continue
        for reader in READER.findall(public_code(root, path)):
            if not uses(unit, reader):
                problems.append('%s: %s has no unit test' % (path, reader))
            target = 'tests/fuzz/fuzz_%s.c' % reader.split('_')[-1]
            if not uses(fuzz, reader) and target not in fuzz:
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
            if re.match(r'tests/(unit|win32)/\w+\.[ch]$', f)}
    fuzz = {f: lintlib.read_text(root, f) for f in files
            if re.match(r'tests/fuzz/fuzz_\w+\.c$', f)}
    lintlib.finish(check_functions(root, files, unit) + check_readers(root, files, unit, fuzz) +
                   check_seeds(files, fuzz))


if __name__ == '__main__':
    main()

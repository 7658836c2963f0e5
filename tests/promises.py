#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table promise, test, result: promises.tsv joined with what the suites of a run said.

usage: promises.py ROOT OUT JUNIT...    writes OUT as Markdown; exit 1 when a promise does not hold
       promises.py --check ROOT         every test named exists, every promise is in the threat model

A promise holds when each of its tests passed in every suite that ran it, and at least one did.
"""
import glob
import os
import re
import sys
import xml.etree.ElementTree

TABLE = 'tests/promises.tsv'
MODEL = 'packaging/threat-model.md'


def rows(root):
    with open(os.path.join(root, TABLE), encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file if line.strip()]
    return [(name, promise, tests.split()) for name, promise, tests in lines[1:]]


def results(paths):
    """test -> [(suite, status)]; a suite is the folder of its file."""
    found = {}
    for path in paths:
        if not os.path.exists(path):
            continue
        suite = os.path.basename(os.path.dirname(os.path.abspath(path)))
        for case in xml.etree.ElementTree.parse(path).getroot().iter('testcase'):
            found.setdefault(case.get('name'), []).append((suite, case.get('status')))
    return found


def judge(tests, found):
    said = [(test, suite, status) for test in tests for suite, status in found.get(test, [])]
    failed = ['%s (%s)' % (test, suite) for test, suite, status in said if status == 'fail']
    idle = [test for test in tests if not any(t == test and s == 'run' for t, _, s in said)]
    if failed:
        return 'FAILED: ' + ', '.join(failed)
    if idle:
        return 'not run: ' + ', '.join(idle)
    return 'holds in ' + ', '.join(sorted({suite for _, suite, status in said if status == 'run'}))


def write(root, out, paths):
    found = results(paths)
    lines = ['# Promises of this run', '', '| id | promise | tests | result |', '|---|---|---|---|']
    judged = [(name, promise, tests, judge(tests, found)) for name, promise, tests in rows(root)]
    lines += ['| `%s` | %s | %s | %s |' % (name, promise, ' '.join(tests), result)
              for name, promise, tests, result in judged]
    os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
    with open(out, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')
    broken = [(name, result) for name, _, _, result in judged if not result.startswith('holds')]
    for name, result in broken:
        print('%s: %s' % (name, result))
    print('%d of %d promises hold: %s' % (len(judged) - len(broken), len(judged), out))
    return 1 if any(result.startswith('FAILED') for _, result in broken) else 0


def definitions(root):
    """Patterns of the names that CMake gives to tests."""
    patterns = []
    for path in (glob.glob(os.path.join(root, 'tests/**/CMakeLists.txt'), recursive=True) +
                 glob.glob(os.path.join(root, 'tests/**/*.cmake'), recursive=True)):
        with open(path, encoding='utf-8') as file:
            text = re.sub(r'#[^\n]*', '', file.read())
        lists = re.findall(r'(foreach|set)\((\w+)\s+(?:IN (ITEMS|LISTS)\s+)?([^)]*)\)', text)
        for name in re.findall(r'add_test\(NAME\s+(\S+)|(?:ed_test|ed_fuzz)\((\S+)', text):
            name = name[0] or name[1]
            part = re.search(r'\$\{(\w+)\}', name)
            if not part:
                patterns.append(re.escape(name))
                continue
            items = [item for word, variable, kind, rest in lists if variable == part.group(1)
                     for item in ([i for w, v, _, r in lists if w == 'set' and v in rest.split() for i in r.split()]
                                  if kind == 'LISTS' else rest.split())]
            inner = r'[\w-]+'
            if items and all(re.fullmatch(r'[\w-]+', item) for item in items):
                inner = '(?:%s)' % '|'.join(map(re.escape, items))
            if inner[0] == '(' or name != part.group(0):
                patterns.append(re.escape(name[:part.start()]) + inner + re.escape(name[part.end():]))
    return re.compile('(?:%s)' % '|'.join(patterns))


def check(root):
    wrong, seen = [], set()
    known = definitions(root)
    with open(os.path.join(root, MODEL), encoding='utf-8') as file:
        model = file.read()
    for name, promise, tests in rows(root):
        if name in seen or not re.fullmatch(r'[a-z]+(-[a-z]+)*', name):
            wrong.append('%s: %s: told twice, or no name' % (TABLE, name))
        seen.add(name)
        if not promise or not tests:
            wrong.append('%s: %s: without a promise or a test' % (TABLE, name))
        wrong += ['%s: %s: no test is called %s' % (TABLE, name, test) for test in tests
                  if not known.fullmatch(test)]
        if '`%s`' % name not in model:
            wrong.append('%s: says nothing of the promise %s' % (MODEL, name))
    wrong += ['%s: %s is no promise of %s' % (MODEL, name, TABLE)
              for name in re.findall(r'\[`([a-z-]+)`\]', model) if name not in seen]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == '__main__':
    if len(sys.argv) == 3 and sys.argv[1] == '--check':
        sys.exit(check(sys.argv[2]))
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(write(sys.argv[1], sys.argv[2], sys.argv[3:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the real program and compare what it prints, byte by byte.

usage: golden.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER --keep FOLDER CASE_FOLDER
       golden.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER --keep FOLDER --all

CASE_FOLDER holds `case` (which evidence, which arguments, which exit code) and expected.json,
expected.txt and expected-verbose.txt. ED_GOLDEN_UPDATE=1 rewrites those; review the diff like code.
--all compares nothing: it leaves the JSON of every scenario in --keep, for the schema test.
"""
import argparse
import difflib
import os
import subprocess
import sys
import tempfile

OUTPUTS = {
    'expected.json': ['--format', 'json'],
    'expected.txt': ['--format', 'text'],
    'expected-verbose.txt': ['--format=text', '--verbose'],
}


def read_case(folder):
    case = {'scenario': None, 'folder': None, 'args': [], 'exit': 0}
    with open(os.path.join(folder, 'case'), encoding='utf-8') as file:
        for line in file:
            words = line.split()
            if words[0] == 'args':
                case['args'] = words[1:]
            elif words[0] == 'exit':
                case['exit'] = int(words[1])
            elif words[0] == 'scenario':
                case['scenario'] = words[1:]
            else:
                case[words[0]] = words[1]
    return case


def build(options, name, path):
    """Tells the scenario @name below a folder of its own and moves what it made to @path."""
    wrap = 'zip' if path.endswith('.zip') else 'evtx'
    source = os.path.join(options.cases, name + '.txt')
    made = subprocess.run([options.scenario, 'build', source, path + '.made', '--wrap', wrap],
                          capture_output=True, check=True, timeout=120)
    os.rename(made.stdout.decode('utf-8').strip(), path)


def keep(options, name, data):
    os.makedirs(options.keep, exist_ok=True)
    with open(os.path.join(options.keep, name + '.json'), 'wb') as file:
        file.write(data)


def compare(expected, data):
    if os.environ.get('ED_GOLDEN_UPDATE') == '1':
        with open(expected, 'wb') as file:
            file.write(data)
        return True
    wanted = b''
    if os.path.exists(expected):
        with open(expected, 'rb') as file:
            wanted = file.read()
    if data == wanted:
        return True
    sys.stdout.writelines(difflib.unified_diff(
        wanted.decode('utf-8', 'replace').splitlines(True), data.decode('utf-8', 'replace').splitlines(True),
        expected, 'now'))
    print('golden: %s differs; ED_GOLDEN_UPDATE=1 rewrites it' % expected)
    return False


def run_case(options, folder):
    case = read_case(folder)
    good = True
    with tempfile.TemporaryDirectory() as place:
        if case['scenario']:
            build(options, case['scenario'][0], os.path.join(place, case['scenario'][1]))
        if case['folder']:
            os.mkdir(os.path.join(place, case['folder']))
        for name, args in OUTPUTS.items():
            done = subprocess.run([options.espdiag, 'analyze', *args, *case['args']], cwd=place,
                                  capture_output=True, timeout=120)
            if done.returncode != case['exit'] or done.stderr:
                print('golden: exit %d, wanted %d: %s' % (done.returncode, case['exit'], done.stderr.decode()))
                good = False
            if name == 'expected.json':
                keep(options, os.path.basename(folder), done.stdout)
            good = compare(os.path.join(folder, name), done.stdout) and good
    return good


def run_all(options):
    with tempfile.TemporaryDirectory() as place:
        for name in sorted(os.listdir(options.cases)):
            if not name.endswith('.txt'):
                continue
            path = os.path.join(place, name[:-4])
            build(options, name[:-4], path)
            done = subprocess.run([options.espdiag, 'analyze', '--format', 'json', path],
                                  capture_output=True, timeout=120)
            if done.returncode:
                print('golden: %s: exit %d: %s' % (name, done.returncode, done.stderr.decode()))
                return False
            keep(options, name[:-4], done.stdout)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--cases', required=True)
    parser.add_argument('--keep', required=True)
    parser.add_argument('--all', action='store_true')
    parser.add_argument('folder', nargs='?')
    options = parser.parse_args()
    return 0 if (run_all(options) if options.all else run_case(options, options.folder)) else 1


if __name__ == '__main__':
    sys.exit(main())

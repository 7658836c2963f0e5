#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a device says of itself is what its bundle says later.

usage: live_cases.py --espdiag PROGRAM --scenario PROGRAM --live PROGRAM CASE...

Each case is built as evidence, read as if it were a device (live_folder), and judged there; the
bundle that this leaves is judged again, as a zip, under another name, and unpacked.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile

SAME_ANYWHERE = ['outcome', 'primary', 'certainty']


def call(command, allowed=(0,)):
    done = subprocess.run(command, capture_output=True, timeout=120)
    if done.returncode not in allowed:
        raise ValueError('%s: exit %d: %s' % (' '.join(command[:3]), done.returncode,
                                              done.stderr.decode('utf-8', 'replace')[:300]))
    return done.stdout


def without_source(text):
    """The bytes of a verdict apart from the one line that may differ."""
    lines = text.decode('utf-8').split('\n')
    kept = [line for line in lines if not line.startswith('  "source": ')]
    if len(kept) != len(lines) - 1:
        raise ValueError('a verdict with %d lines of its source' % (len(lines) - len(kept)))
    return '\n'.join(kept)


def differences(a, b):
    pairs = zip(a.split('\n'), b.split('\n'))
    return next(('%r, then %r' % (x, y) for x, y in pairs if x != y), 'one is longer')


def check_members(bundle, folder):
    """The manifest names every member, and nothing else is there."""
    with zipfile.ZipFile(bundle) as archive:
        if archive.testzip():
            return ['a damaged member']
        names = sorted(archive.namelist())
        manifest = json.loads(archive.read('manifest.json'))
        archive.extractall(folder)
    listed = sorted([m['member'] for m in manifest['members']] + ['manifest.json'])
    return [] if names == listed else ['members %s, manifest %s' % (names, listed)]


def check_case(options, case, folder, level):
    tool, scenario, live = options.espdiag, options.scenario, options.live
    device, out = os.path.join(folder, 'device'), os.path.join(folder, 'out')
    at = json.loads(call([scenario, 'expect', case]))['at']
    call([scenario, 'build', case, device, '--wrap', 'xml'])
    os.mkdir(out)
    as_json = ['--format', 'json']
    # exit 3: nothing could be read, which a case may tell of
    on_device = call([live, device, *as_json, '--at', at, '--redact', level, '--out', out], (0, 3))
    bundle = os.path.join(out, os.listdir(out)[0])
    problems = check_members(bundle, os.path.join(folder, 'unpacked'))
    other_name = os.path.join(folder, 'renamed by somebody.zip')
    os.link(bundle, other_name)
    for path in [bundle, other_name, os.path.join(folder, 'unpacked')]:
        again = call([tool, 'analyze', path, *as_json], (0, 3))
        if without_source(again) != without_source(on_device):
            problems.append('%s: %s' % (os.path.basename(path), differences(
                without_source(on_device), without_source(again))))
    call([tool, 'verify', bundle])
    recorded = json.loads(call([tool, 'analyze', device, *as_json, '--at', at], (0, 3)))
    told = json.loads(on_device)
    for key in SAME_ANYWHERE if level != 'strict' else SAME_ANYWHERE[:2]:
        if recorded[key] != told[key]:
            problems.append('%s: %r of the evidence, %r of the device' %
                            (key, recorded[key], told[key]))
    return problems


def main():
    parser = argparse.ArgumentParser()
    for name in ['espdiag', 'scenario', 'live']:
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--redact', default='standard')
    parser.add_argument('cases', nargs='+', metavar='CASE')
    options = parser.parse_args()
    failed = 0
    for case in options.cases:
        with tempfile.TemporaryDirectory() as folder:
            try:
                problems = check_case(options, case, folder, options.redact)
            except (ValueError, KeyError, IndexError, OSError) as wrong:
                problems = ['%s: %s' % (type(wrong).__name__, wrong)]
        failed += bool(problems)
        for problem in problems:
            print('%s: %s' % (os.path.basename(case), problem))
    print('%d of %d cases: the bundle says what the device said (%s)' %
          (len(options.cases) - failed, len(options.cases), options.redact))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

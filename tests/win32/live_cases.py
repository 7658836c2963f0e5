#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shipped program under Wine, with recorded evidence for a device.

usage: live_cases.py OPTIONS --part N/OF CASE...

CASE is a file of tests/scenarios/cases, or the folder of evidence beside an expected.json. Each is
put where a device has it (live_device.py). `espdiag.exe collect` then has to say what
`espdiag analyze` says of its bundle, byte for byte but for the source, and what it says of the
evidence itself. --part 1/2 takes every second one. With ED_SHARED in the environment its scenarios
come too.
"""
import argparse
import glob
import json
import os
import subprocess
import sys

import live_device
from live_device import Wrong, call, windows

SAME_ANYWHERE = ['outcome', 'primary', 'certainty']
# case: why its live verdict is another than that of its evidence
OTHERWISE = {
}


def without_source(text):
    lines = text.decode('utf-8').split('\n')
    kept = [line for line in lines if not line.startswith('  "source": ')]
    if len(kept) != len(lines) - 1:
        raise Wrong('a verdict with %d lines of its source' % (len(lines) - len(kept)))
    return kept


def differences(live, replay):
    if len(live) != len(replay):
        return ['%d lines live, %d in the replay' % (len(live), len(replay))]
    return ['live %r, replay %r' % pair for pair in zip(live, replay) if pair[0] != pair[1]][:3]


def check_case(device, case, scratch):
    espdiag = device.options.espdiag
    evidence, out = os.path.join(scratch, 'evidence'), os.path.join(scratch, 'out')
    os.mkdir(out)
    if os.path.isdir(case):
        evidence = case
        with open(os.path.join(case, '..', 'expected.json'), encoding='utf-8') as file:
            at = json.load(file)['at']
    else:
        at = device.build(case, evidence)
    told = device.put(evidence, scratch)
    as_json = ['--format', 'json']
    live = device.collect(told, *as_json, '--at', at, '--out', windows(out))
    bundle = device.only_bundle(out)
    replay = call([espdiag, 'analyze', bundle, *as_json], (0, 3))
    recorded = call([espdiag, 'analyze', evidence, *as_json, '--at', at], (0, 3))
    problems = differences(without_source(live), without_source(replay))
    live, recorded = json.loads(live), json.loads(recorded)
    problems += ['%s: %r live, %r of the evidence' % (key, live[key], recorded[key])
                 for key in SAME_ANYWHERE if live[key] != recorded[key]]
    return problems


def check(device, case):
    with live_device.scratch_folder() as scratch:
        try:
            return check_case(device, case, scratch)
        except (Wrong, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as wrong:
            return ['%s: %s' % (type(wrong).__name__, wrong)]


def name_of(case):
    return os.path.basename(os.path.dirname(case) if os.path.isdir(case) else case)


def shared_cases():
    shared = os.environ.get('ED_SHARED')
    if not shared:
        print('skipped: the shared scenarios (ED_SHARED is not set)')
        return []
    return sorted(glob.glob(os.path.join(shared, 'scenarios', '*', 'evidence')))


def main():
    parser = argparse.ArgumentParser()
    live_device.add_options(parser)
    parser.add_argument('--part', default='1/1')
    parser.add_argument('cases', nargs='+', metavar='CASE')
    options = parser.parse_args()
    part, of = map(int, options.part.split('/'))
    cases = (options.cases + shared_cases())[part - 1::of]
    failed = 0
    with live_device.Device(options) as device:
        for case in cases:
            name = name_of(case)
            problems = check(device, case)
            if name in OTHERWISE:
                problems = [] if problems else ['is listed as another than its evidence']
                print('%s: other than its evidence: %s' % (name, OTHERWISE[name]))
            failed += bool(problems)
            for problem in problems:
                print('%s: %s' % (name, problem), flush=True)
    print('%d of %d cases: live is what the bundle says' % (len(cases) - failed, len(cases)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

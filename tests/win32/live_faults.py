#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shipped program under Wine with one of its calls failed in each run.

usage: live_faults.py OPTIONS [all | api | read | write | memory]

The double of wevtapi.dll does it (tests/support/win32/fault.h). Without a kind: every call of the
doubles, some at a time, one on each job's thread; every write, those of the bundle one by one and
those before it at once, and there the process killed instead; a few reads and allocations chosen by
ED_SEED, by chance where it is not set. "all": each call of api, read and write in a run of its own,
and more allocations; a kind: that alone. One job at a time, so that the n-th call is the same in
each run.
"""
import argparse
import json
import os
import random
import sys
import time

import live_device
from live_device import Wrong, windows
from wevt_live import read_report

CASE = os.path.join(live_device.HERE, '..', 'faults', 'minimal.txt')
CERTAINTIES = ['possible', 'likely', 'confirmed']
# ERROR_CRC, ERROR_DISK_FULL, ERROR_GEN_FAILURE; memory has no code
CODES = {'api': 31, 'read': 23, 'write': 112, 'memory': 1}
MISSING = ('denied', 'damaged', 'truncated', 'timed-out', 'absent')
SAMPLE = 5
MEMORY_ALL = 60
# The last calls: open the bundle's file, let it vanish, write, flush, let it stay, name, flush. Killed
# within, only two of them leave a file without its name: an empty one, and a whole one.
BUNDLE_WRITES = 7
UNNAMED_MOST = 2
KILLED = 9
SAID_MOST = 2000


def kind_of(plan):
    return plan.split()[0]


class Faults:
    def __init__(self, device, scratch):
        self.device, self.scratch = device, scratch
        evidence = os.path.join(scratch, 'evidence')
        self.at = device.build(CASE, evidence)
        self.told = device.put(evidence, scratch)
        self.runs = 0
        self.problems = []
        self.truth, self.calls = None, {}

    def run(self, plan):
        """(exit code, standard output, standard error, folder) of a run with @plan."""
        self.runs += 1
        out = os.path.join(self.scratch, 'out-%d' % self.runs)
        report = os.path.join(self.scratch, 'report')
        os.mkdir(out)
        # that of the run before would speak for a program that never began
        if os.path.exists(report):
            os.remove(report)
        told = dict(self.told, ESPDIAG_DOUBLE_FAULT=plan, ESPDIAG_DOUBLE_REPORT=report)
        done = live_device.run(
            self.device.command('--format', 'json', '--at', self.at, '--out', windows(out),
                                *([] if plan.startswith('each ') else ['--jobs', '1'])),
            env=dict(os.environ, **told))
        if not os.path.exists(report):
            raise Wrong('%s: exit %d before the program began: %s' % (
                plan, done.returncode, done.stderr.decode('utf-8', 'replace')[-SAID_MOST:]))
        self.calls = read_report(report)
        return (done.returncode, done.stdout.decode('utf-8', 'replace'),
                done.stderr.decode('utf-8', 'replace'), out)

    def begin(self):
        code, text, said, out = self.run('api 0 1')
        if code:
            raise Wrong('exit %d without a fault: %s' % (code, said))
        self.device.only_bundle(out)
        self.truth = json.loads(text)
        return dict(self.calls)

    def wrong(self, plan, text):
        self.problems.append('%s: %s' % (plan, text))

    def verify(self, plan, path):
        try:
            self.device.verify(path)
        except (Wrong, OSError, ValueError, live_device.zipfile.BadZipFile) as wrong:
            self.wrong(plan, 'a broken bundle: %s' % wrong)

    def check_verdict(self, plan, text):
        try:
            verdict = json.loads(text)
        except ValueError:
            self.wrong(plan, 'no whole verdict')
            return
        primary = verdict['primary']
        if primary and primary != self.truth['primary']:
            self.wrong(plan, 'another primary: %s' % primary)
        elif primary and (CERTAINTIES.index(verdict['certainty']) >
                          CERTAINTIES.index(self.truth['certainty'])):
            self.wrong(plan, 'more certain: %s' % verdict['certainty'])
        if primary != self.truth['primary'] or verdict['certainty'] != self.truth['certainty']:
            missing = [sum(row['state'] in MISSING for row in v['coverage'])
                       for v in (verdict, self.truth)]
            if missing[0] <= missing[1]:
                self.wrong(plan, 'less certain, and nothing is said to be missing')

    def check(self, plan):
        code, text, said, out = self.run(plan)
        messages = [line for line in said.splitlines() if line.startswith('espdiag: ')]
        names = sorted(os.listdir(out))
        bundles = [name for name in names if name.endswith('.zip')]
        for name in bundles:
            self.verify(plan, os.path.join(out, name))
        if names != bundles:
            self.wrong(plan, 'left %s' % names)
        if code not in (0, 1, 3):
            self.wrong(plan, 'exit %d: %s' % (code, said[-SAID_MOST:]))
        elif code == 1 and not messages:
            self.wrong(plan, 'exit 1 without a message: %s' % said[-SAID_MOST:])
        elif code == 0 and not bundles and 'Bundle: ' not in said:
            self.wrong(plan, 'no bundle, and nobody says so')
        if code != 1:
            self.check_verdict(plan, text)
        if self.calls['open'] and kind_of(plan) != 'memory':
            self.wrong(plan, '%d handles of the event log are open' % self.calls['open'])
        if kind_of(plan) != 'each' and not self.calls['step-failed']:
            self.wrong(plan, 'the call did not come')
        if self.calls['bad-handle'] or self.calls['wrong-thread']:
            self.wrong(plan, 'a handle is used wrongly')

    def each(self, kind, numbers, how=''):
        numbers = sorted(set(numbers))
        failed = 0
        for n in numbers:
            self.check('%s%s %d %d' % (how, kind, n, CODES[kind]))
            failed += self.calls['step-failed']
        print('%s%s: %d calls failed in %d runs' % (how, kind, failed, len(numbers)))

    def killed(self, numbers):
        """The process ends at each of these writes."""
        unnamed = 0
        for n in numbers:
            plan = 'end write %d %d' % (n, KILLED)
            code, _, said, out = self.run(plan)
            if code != KILLED:
                self.wrong(plan, 'exit %d: %s' % (code, said[-SAID_MOST:]))
            for name in os.listdir(out):
                path = os.path.join(out, name)
                unnamed += not name.endswith('.zip')
                if name.endswith('.zip') or os.path.getsize(path):
                    self.verify(plan, path)
        print('killed at %d writes: %d left a file without its name' % (len(numbers), unnamed))
        if unnamed > UNNAMED_MOST:
            self.wrong('end write', '%d left a file without its name' % unnamed)

    def threads(self):
        """The n-th call of the doubles on each thread fails, until no thread has so many."""
        n = failed = 0
        while not n or self.calls['step-failed']:
            n += 1
            self.check('each api %d %d' % (n, CODES['api']))
            failed += self.calls['step-failed']
        print('each api: %d calls failed in %d runs' % (failed, n))


def some(faults, calls, chance):
    faults.threads()
    # the one before tells the verdict
    first = calls['step-write'] - BUNDLE_WRITES + 1
    last_ones = range(first, calls['step-write'] + 1)
    faults.each('write', [first - 1], 'to ')
    faults.each('write', last_ones)
    faults.each('write', [first, first + 2], 'on ')
    faults.killed(last_ones)
    for kind in 'read', 'memory':
        faults.each(kind, chance.sample(range(1, calls['step-' + kind] + 1), SAMPLE))


def main():
    parser = argparse.ArgumentParser()
    live_device.add_options(parser)
    parser.add_argument('kind', nargs='?', choices=['all', *CODES])
    options = parser.parse_args()
    seed = int(os.environ.get('ED_SEED') or random.randrange(1 << 32))
    chance = random.Random(seed)
    begun = time.monotonic()
    with live_device.Device(options) as device, live_device.scratch_folder() as scratch:
        faults = Faults(device, scratch)
        calls = faults.begin()
        print('seed %d (ED_SEED); a run makes %s calls' % (seed, ', '.join(
            '%d %s' % (calls['step-' + kind], kind) for kind in CODES)))
        if not options.kind:
            some(faults, calls, chance)
        for kind in CODES:
            if options.kind not in ('all', kind):
                continue
            count = calls['step-' + kind]
            numbers = range(1, count + 1)
            faults.each(kind, chance.sample(numbers, MEMORY_ALL) if kind == 'memory' else numbers)
    for problem in faults.problems:
        print(problem)
    print('%d runs, %d problems, %.0f s' % (faults.runs, len(faults.problems),
                                           time.monotonic() - begun))
    return 1 if faults.problems else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shipped program under Wine, with a WMI that knows BitLocker, denies it, or hangs.

usage: live_volume.py --exe espdiag.exe --scenario PROGRAM --prefix FOLDER --double DLL CASE...

The state that a case tells is put behind the double; what the bundle has of it must be the same.
Then WMI denies, and hangs: the run must end in time, with a bundle and a row of coverage.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile

import wmi_double
from live_device import REG

HERE = os.path.dirname(os.path.abspath(__file__))
KEY = r'HKCR\CLSID\{4590f811-1d3a-11d0-891f-00aa004b2e24}\InprocServer32'
SOURCE = 'Win32_EncryptableVolume'
NAMESPACE = 'namespace ' + wmi_double.NAMESPACE
HEAD = NAMESPACE + '\nclass ' + SOURCE
REFUSALS = [
    ('denied', HEAD + ' fail 0x80041003\n', 'denied'),
    ('no namespace', 'namespace other\n', 'absent'),
    ('hangs at a query', HEAD + ' hang\n', 'timed-out'),
    ('hangs at the connection', NAMESPACE + ' hang\n', 'timed-out'),
    ('hangs at a method', HEAD + '\ninstance\nvalue DeviceID "x"\n'
                          'method GetConversionStatus hang\n', 'timed-out'),
]
LIMIT_SECONDS = 30


def wine(options, *command, **environment):
    return subprocess.run([os.path.join(HERE, 'wine-run'), options.prefix, *command],
                          capture_output=True, timeout=150, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, **environment))


def windows(path):
    return 'Z:' + path.replace('/', '\\')


def collect(options, text, scratch):
    """The members of the bundle that a run leaves, and how long it took."""
    told, out = os.path.join(scratch, 'wmi.txt'), os.path.join(scratch, 'out')
    os.makedirs(out)
    with open(told, 'w', encoding='utf-8') as file:
        file.write(text)
    begun = time.monotonic()
    done = wine(options, options.exe, 'collect', '--out', windows(out),
                ESPDIAG_DOUBLE_WMI=windows(told))
    seconds = time.monotonic() - begun
    bundles = os.listdir(out)
    if len(bundles) != 1 or not bundles[0].endswith('.zip'):
        raise ValueError('left %s: exit %d: %s' % (bundles, done.returncode,
                                                   done.stderr.decode('utf-8', 'replace')[:200]))
    with zipfile.ZipFile(os.path.join(out, bundles[0])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}, seconds


def state_problems(options, case, scratch):
    evidence = os.path.join(scratch, 'evidence')
    subprocess.run([options.scenario, 'build', case, evidence, '--wrap', 'evtx'],
                   check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(evidence, 'Logs', 'state-volume.json'), encoding='utf-8') as file:
        state = json.load(file)
    members, _ = collect(options, wmi_double.volume_text(state), scratch)
    rows = {(r['path'], r['name']): r['value']
            for r in json.loads(members['state/volume.json'])['rows']}
    return ['%s: %r, told %r' % (row['name'], rows.get((row['path'], row['name'])), row['value'])
            for row in state['rows']
            if row['path'] == 'C:' and rows.get((row['path'], row['name'])) != row['value']]


def refusal_problems(options, text, state, scratch):
    members, seconds = collect(options, text, scratch)
    run = json.loads(members['state/run.json'])
    found = {row['source']: row for row in run['coverage']}.get(SOURCE)
    problems = []
    if not found or found['state'] != state:
        problems.append('coverage %r, wanted %s' % (found, state))
    if seconds > LIMIT_SECONDS:
        problems.append('took %.0f seconds' % seconds)
    return problems


def main():
    parser = argparse.ArgumentParser()
    for name in ['exe', 'scenario', 'prefix', 'double']:
        parser.add_argument('--' + name, required=True)
    parser.add_argument('cases', nargs='+', metavar='CASE')
    options = parser.parse_args()
    wine(options, REG, 'add', KEY, '/ve', '/d', windows(options.double), '/f')
    failed = 0
    jobs = [(os.path.basename(case), state_problems, (case,)) for case in options.cases]
    jobs += [(name, refusal_problems, (text, state)) for name, text, state in REFUSALS]
    for name, job, arguments in jobs:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                problems = job(options, *arguments, scratch)
            except (OSError, ValueError, KeyError, subprocess.SubprocessError) as wrong:
                problems = ['%s: %s' % (type(wrong).__name__, wrong)]
        failed += bool(problems)
        for problem in problems:
            print('%s: %s' % (name, problem), flush=True)
    print('%d of %d runs as they should be' % (len(jobs) - failed, len(jobs)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

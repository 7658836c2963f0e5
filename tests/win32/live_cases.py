#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shipped program under Wine, with recorded evidence for a device.

usage: live_cases.py --exe espdiag.exe --espdiag PROGRAM --scenario PROGRAM --prefix FOLDER CASE...

Each case is built as evidence and put where a device has it: events behind the double of
wevtapi.dll, keys in the prefix's registry, boot logs and other logs in its folders, the newest
boot log behind the double of tbs.dll. `espdiag.exe collect` then has to say what
`espdiag analyze` says of its bundle, byte for byte but for the source, and what it says of the
evidence itself.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_LOGS = 'drive_c/windows/Logs/MeasuredBoot'
IME_LOGS = 'drive_c/ProgramData/Microsoft/IntuneManagementExtension/Logs'
SAME_ANYWHERE = ['outcome', 'primary', 'certainty']
KEY_LINE = re.compile(r'^\[(HKEY_[^\]]+)\]\s*$', re.M)


class Wrong(Exception):
    """A program did not do its part at all."""


def call(command, allowed=(0,), **settings):
    done = subprocess.run(command, capture_output=True, timeout=150, stdin=subprocess.DEVNULL,
                          **settings)
    if done.returncode not in allowed:
        raise Wrong('%s: exit %d: %s' % (' '.join(command[:4]), done.returncode,
                                         done.stderr.decode('utf-8', 'replace')[:300]))
    return done.stdout


class Device:
    """The prefix as a device: one case at a time."""

    def __init__(self, options):
        self.options = options
        self.keys = set()

    def wine(self, *command, environment=None, allowed=(0,)):
        env = dict(os.environ, **(environment or {}))
        return call([os.path.join(HERE, 'wine-run'), self.options.prefix, *command], allowed,
                    env=env)

    def folder(self, name):
        return os.path.join(self.options.prefix, name)

    def put_registry(self, evidence, scratch):
        """What the case before left goes, then the case's own keys come."""
        text = 'Windows Registry Editor Version 5.00\r\n\r\n'
        text += ''.join('[-%s]\r\n' % key for key in sorted(self.keys, reverse=True))
        self.keys = set()
        for path in evidence:
            with open(path, 'rb') as file:
                data = file.read()
            part = data.decode('utf-16' if data[:2] in (b'\xff\xfe', b'\xfe\xff') else 'utf-8-sig')
            self.keys |= set(KEY_LINE.findall(part))
            text += part.split('\n', 1)[1]
        merged = os.path.join(scratch, 'case.reg')
        with open(merged, 'w', encoding='utf-16', newline='') as file:
            file.write(text)
        self.wine('reg', 'import', 'Z:' + merged.replace('/', '\\'))

    def put_files(self, evidence, name):
        folder = self.folder(name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for path in evidence:
            shutil.copy(path, folder)

    def put(self, evidence, scratch):
        """Returns what the doubles have to be told."""
        found = [os.path.join(at, name) for at, _, names in os.walk(evidence) for name in names]
        boot = sorted(p for p in found if '/MeasuredBoot/' in p)
        self.put_registry([p for p in found if p.endswith('.reg')], scratch)
        self.put_files(boot, BOOT_LOGS)
        self.put_files([p for p in found if p.endswith('.log') and p not in boot], IME_LOGS)
        events = os.path.join(scratch, 'events')
        call([sys.executable, '-B', os.path.join(HERE, 'prepare_events.py'),
              self.options.espdiag, events, evidence])
        return {'ESPDIAG_DOUBLE_EVENTS': events,
                'ESPDIAG_DOUBLE_TBS': boot[-1] if boot else ''}

    def collect(self, told, *arguments, allowed=(0, 3)):
        return self.wine(self.options.exe, 'collect', *arguments, environment=told,
                         allowed=allowed)


def without_source(text):
    lines = text.decode('utf-8').split('\n')
    kept = [line for line in lines if not line.startswith('  "source": ')]
    if len(kept) != len(lines) - 1:
        raise Wrong('a verdict with %d lines of its source' % (len(lines) - len(kept)))
    return kept


def check_case(device, case, scratch):
    options = device.options
    evidence, out = os.path.join(scratch, 'evidence'), os.path.join(scratch, 'out')
    os.mkdir(out)
    if os.path.isdir(case):
        evidence = case
        with open(os.path.join(case, '..', 'expected.json'), encoding='utf-8') as file:
            at = json.load(file)['at']
    else:
        at = json.loads(call([options.scenario, 'expect', case]))['at']
        call([options.scenario, 'build', case, evidence, '--wrap', 'evtx'])
    told = device.put(evidence, scratch)
    as_json = ['--format', 'json']
    live = device.collect(told, *as_json, '--at', at, '--out', 'Z:' + out)
    bundles = os.listdir(out)
    if len(bundles) != 1:
        return ['left %s' % bundles]
    bundle = os.path.join(out, bundles[0])
    with zipfile.ZipFile(bundle) as archive:
        if archive.testzip():
            return ['a damaged member']
    call([options.espdiag, 'verify', bundle])
    replay = call([options.espdiag, 'analyze', bundle, *as_json], (0, 3))
    recorded = call([options.espdiag, 'analyze', evidence, *as_json, '--at', at], (0, 3))
    problems = ['live %r, replay %r' % pair
                for pair in zip(without_source(live), without_source(replay))
                if pair[0] != pair[1]][:3]
    live, recorded = json.loads(live), json.loads(recorded)
    problems += ['%s: %r live, %r of the evidence' % (key, live[key], recorded[key])
                 for key in SAME_ANYWHERE if live[key] != recorded[key]]
    return problems


def main():
    parser = argparse.ArgumentParser()
    for name in ['exe', 'espdiag', 'scenario', 'prefix']:
        parser.add_argument('--' + name, required=True)
    parser.add_argument('cases', nargs='+', metavar='CASE')
    options = parser.parse_args()
    device = Device(options)
    failed = 0
    for case in options.cases:
        name = os.path.basename(os.path.dirname(case) if os.path.isdir(case) else case)
        with tempfile.TemporaryDirectory() as scratch:
            try:
                problems = check_case(device, case, scratch)
            except (Wrong, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as wrong:
                problems = ['%s: %s' % (type(wrong).__name__, wrong)]
        failed += bool(problems)
        for problem in problems:
            print('%s: %s' % (name, problem), flush=True)
    print('%d of %d cases: live is what the bundle says' % (len(options.cases) - failed,
                                                            len(options.cases)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

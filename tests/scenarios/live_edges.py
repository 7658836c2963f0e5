#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A live run at its edges: where the bundle goes, what a lost screen costs, what a verdict exits with.

usage: live_edges.py --espdiag PROGRAM --scenario PROGRAM --live PROGRAM --cases FOLDER
"""
import argparse
import json
import os
import pty
import subprocess
import sys
import tempfile
import unittest
import zipfile

OPTIONS = None
AT = '2026-09-14T08:42:07Z'


def run(command, **settings):
    settings.setdefault('stdout', subprocess.PIPE)
    return subprocess.run(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=120,
                          check=False, **settings)


class Edges(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.device = os.path.join(self.scratch.name, 'device')
        self.out = os.path.join(self.scratch.name, 'out')
        os.mkdir(self.out)
        self.build('restart-pending', self.device)

    def tearDown(self):
        self.scratch.cleanup()

    def build(self, case, folder):
        done = run([OPTIONS.scenario, 'build', os.path.join(OPTIONS.cases, case + '.txt'), folder,
                    '--wrap', 'xml'])
        self.assertEqual(done.returncode, 0, done.stderr)

    def live(self, *arguments, out=None, **settings):
        return run([OPTIONS.live, self.device, '--out', out or self.out, *arguments], **settings)

    def bundles(self):
        return sorted(os.listdir(self.out))

    def test_a_lost_screen_does_not_cost_the_bundle(self):
        with open('/dev/full', 'wb') as full:
            done = self.live('--at', AT, stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(len(self.bundles()), 1)
        self.assertEqual(run([OPTIONS.espdiag, 'verify',
                              os.path.join(self.out, self.bundles()[0])]).returncode, 0)

    def test_runs_of_one_second_do_not_replace_each_other(self):
        for _ in range(3):
            self.assertEqual(self.live('--at', AT).returncode, 0)
        self.assertEqual(len(self.bundles()), 3)

    def test_a_folder_that_is_not_there_is_wrong_usage(self):
        for out in ['nosuch', 'nosuch/x.zip', os.path.join(self.device, 'registry', 'export.reg')]:
            done = self.live(out=os.path.join(self.scratch.name, out))
            self.assertEqual(done.returncode, 2, out)
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_named_file_is_replaced(self):
        name = os.path.join(self.out, 'here.zip')
        for _ in range(2):
            self.assertEqual(self.live('--at', AT, out=name).returncode, 0)
        self.assertEqual(self.bundles(), ['here.zip'])

    def test_the_first_look_does_not_decide_the_exit_code(self):
        # nothing is known at the first look, since all comes from a slow job's device
        open(os.path.join(self.device, 'slow'), 'w', encoding='utf-8').close()
        plain = self.live('--at', AT, '--exit-verdict').returncode
        master, terminal = pty.openpty()
        done = subprocess.run([OPTIONS.live, self.device, '--at', AT, '--exit-verdict', '--out',
                               self.out], stdout=subprocess.DEVNULL, stderr=terminal,
                              stdin=subprocess.DEVNULL, timeout=120, check=False)
        os.close(terminal)
        os.close(master)
        self.assertEqual((plain, done.returncode), (10, 10))

    def test_a_time_finer_than_the_bundle_tells(self):
        live = self.live('--format', 'json', '--at', '2026-09-14T08:15:07.0000001Z')
        again = run([OPTIONS.espdiag, 'analyze', os.path.join(self.out, self.bundles()[0]),
                     '--format', 'json'])
        first, second = json.loads(live.stdout), json.loads(again.stdout)
        first.pop('source')
        second.pop('source')
        self.assertEqual(first, second)

    def judged(self, *arguments):
        verdict = json.loads(run([OPTIONS.espdiag, 'analyze', '--format', 'json', *arguments]).stdout)
        verdict.pop('source')
        return verdict

    def test_a_window_goes_with_the_bundle(self):
        live = self.live('--at', AT, '--since', '20m', '--format', 'json')
        bundle = os.path.join(self.out, self.bundles()[0])
        first = json.loads(live.stdout)
        first.pop('source')
        self.assertEqual(self.judged(bundle), first)
        self.assertEqual(first['store']['attempts'], 6)
        recorded = self.judged('--at', AT, '--since', '20m', self.device)
        for key in ('outcome', 'primary', 'certainty', 'store', 'chain', 'boots'):
            self.assertEqual(recorded[key], first[key], key)
        # what it left out is in the bundle all the same
        self.assertEqual(self.judged('--since', '1d', bundle)['primary'], 'bitlocker-restart-pending')

    def test_strict_keeps_the_names_of_what_is_missing(self):
        name = 'Microsoft-Windows-BitLocker%4BitLocker Management.xml'
        os.remove(os.path.join(self.device, 'events', name))
        open(os.path.join(self.device, 'denied'), 'w', encoding='utf-8').close()
        self.assertEqual(self.live('--at', AT, '--redact', 'strict').returncode, 0)
        with zipfile.ZipFile(os.path.join(self.out, self.bundles()[0])) as archive:
            told = json.loads(archive.read('state/run.json'))
        self.assertEqual([row['source'] for row in told['coverage']], ['device/denied'])
        self.assertEqual(told['coverage'][0]['why'], 'access denied')
        self.assertIsNone(told['device']['tag'])


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    for name in ['espdiag', 'scenario', 'live', 'cases']:
        parser.add_argument('--' + name, required=True)
    OPTIONS = parser.parse_args()
    unittest.main(argv=[sys.argv[0]])


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`watch --replay` without a terminal: a line a change, the log, and how it ends.

usage: lines.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from replaylib import evidence, moment, options_of

LINE = re.compile(r'^\d\d:\d\d:\d\d (start|attestation|page|BitLocker|sign-in|store|verdict): .+$')


class Lines(unittest.TestCase):
    options = scratch = flagship = recovered = None

    def watch(self, *args, code=0):
        done = subprocess.run([self.options.espdiag, 'watch', *args], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.decode('ascii')

    def replay(self, *args, path=None, code=0):
        return self.watch('--replay', path or self.flagship, '--speed', '0', *args, code=code)

    def log(self, name):
        path = os.path.join(self.scratch, name)
        if os.path.exists(path):
            os.remove(path)
        return path

    def test_a_line_a_change(self):
        lines = self.replay().splitlines()
        self.assertEqual(lines[0], '2026-09-14 UTC')
        for line in lines[1:]:
            self.assertRegex(line, LINE)
        self.assertEqual([line for line in lines if 'verdict' in line][-1],
                         '08:15:07 verdict: bitlocker-restart-pending (confirmed), blocked')
        self.assertIn('08:14:47 BitLocker: protected', lines)
        self.assertIn('08:13:35 page: account-setup, until 09:13:35', lines)
        self.assertEqual([line[:8] for line in lines if 'store:' in line and ' 9 failed' in line],
                         ['08:39:12'])
        for n in range(1, 10):
            self.assertEqual(sum('AADSTS53000, %d so far' % n in line for line in lines), 1)
        clocks = [line[:8] for line in lines[1:]]
        self.assertEqual(clocks, sorted(clocks))

    def test_speed_changes_nothing(self):
        self.assertEqual(self.watch('--replay', self.flagship, '--speed', '30000'), self.replay())

    def test_range(self):
        lines = self.replay('--since', moment('08:20:00'), '--until', moment('08:22:00'))
        lines = lines.splitlines()
        self.assertTrue(all('08:20:00' <= line[:8] <= '08:22:00' for line in lines[1:]), lines)
        self.assertIn('08:20:00 verdict: bitlocker-restart-pending (confirmed), blocked', lines)
        self.assertTrue(self.replay('--since', '5m').startswith('2026-09-14 UTC\n08:3'))

    def test_the_whole_story(self):
        lines = self.replay(path=self.recovered).splitlines()
        verdicts = [line.split('verdict: ')[1] for line in lines if 'verdict' in line]
        self.assertIn('bitlocker-restart-pending (confirmed), blocked', verdicts)
        self.assertTrue(verdicts[-1].startswith('compliance-recovered'), verdicts)

    def test_until_done(self):
        path = evidence(self.options, 'recovered', os.path.join(self.scratch, 'done'))
        lines = self.replay('--until-done', path=path).splitlines()
        whole = self.replay(path=path).splitlines()
        self.assertEqual(lines, whole[:len(lines)])
        done = [line for line in lines if 'page: done' in line]
        self.assertEqual(len(done), 1)
        self.assertEqual(lines[-1][:8], done[0][:8])

    def test_log(self):
        path = self.log('log')
        lines = self.replay('--log', path).splitlines()[1:]
        with open(path, encoding='utf-8') as file:
            rows = [json.loads(line) for line in file]
        # changes of one moment are one row
        self.assertEqual([row['at'][11:19] for row in rows],
                         sorted({line[:8] for line in lines}))
        last = rows[-1]
        self.assertEqual((last['schema'], last['outcome'], last['primary'], last['certainty'],
                          last['phase'], last['attempts']),
                         ('espdiag.watch/1', 'blocked', 'bitlocker-restart-pending', 'confirmed',
                          'account-setup', 9))
        for before, after in zip(rows, rows[1:]):
            for channel, record in before['records'].items():
                self.assertLessEqual(record, after['records'][channel])

    def test_log_goes_on(self):
        whole, parts = self.log('whole'), self.log('parts')
        told = self.replay('--log', whole).splitlines()
        first = self.replay('--log', parts, '--until', moment('08:24:09')).splitlines()
        # what a run that was cut off leaves
        with open(parts, 'a', encoding='utf-8') as file:
            file.write('{"schema": "espdiag.wat')
        second = self.replay('--log', parts).splitlines()
        self.assertEqual(first + second[1:], told)
        with open(parts, encoding='utf-8') as file, open(whole, encoding='utf-8') as other:
            self.assertEqual(file.read().replace('{"schema": "espdiag.wat\n', ''), other.read())

    def test_log_of_something_else(self):
        path = self.log('other')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('not ours\n{"schema": "espdiag.verdict/1"}\n')
        self.assertEqual(self.replay('--log', path), self.replay())

    def test_log_that_cannot_be(self):
        self.replay('--log', os.path.join(self.scratch, 'no', 'folder'), code=1)
        os.symlink('/dev/null', os.path.join(self.scratch, 'link'))
        self.replay('--log', os.path.join(self.scratch, 'link'), code=1)

    def test_ends(self):
        empty = os.path.join(self.scratch, 'empty')
        os.makedirs(empty, exist_ok=True)
        self.replay(path=empty, code=3)
        self.replay(path=os.path.join(self.scratch, 'nowhere'), code=3)
        self.watch(code=2)
        self.watch('--speed', '5', code=2)
        self.watch('--replay', self.flagship, '--speed', '-1', code=2)
        self.watch('--replay', self.flagship, 'more', code=2)

    def test_nobody_reads(self):
        with subprocess.Popen([self.options.espdiag, 'watch', '--replay', self.flagship,
                               '--speed', '600'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            child.stdout.readline()
            child.stdout.close()
            self.assertEqual(child.wait(60), 1)

    def test_interrupted(self):
        with subprocess.Popen([self.options.espdiag, 'watch', '--replay', self.flagship,
                               '--speed', '1'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            self.assertEqual(child.stdout.readline(), b'2026-09-14 UTC\n')
            child.send_signal(2)
            self.assertEqual(child.wait(20), 0)
            self.assertNotIn(b'\x1b', child.stdout.read())


def main():
    Lines.options = options_of()
    with tempfile.TemporaryDirectory() as scratch:
        Lines.scratch = scratch
        Lines.flagship = evidence(Lines.options, 'restart-pending', scratch)
        Lines.recovered = evidence(Lines.options, 'recovered', scratch)
        unittest.main(argv=sys.argv[:1])


if __name__ == '__main__':
    main()

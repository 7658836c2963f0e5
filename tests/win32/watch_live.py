#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`watch`, the program as shipped, under Wine, while the channels of the double grow.

usage: watch_live.py PREFIX WEVTAPI_DLL ESPDIAG_EXE HOST_SCENARIO HOST_ESPDIAG CASE FOLDER

Puts the double into the system32 of the wine prefix PREFIX. CASE is the flagship; FOLDER is for files
of the test.
"""
import datetime
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import unittest

import prepare_events
from live_device import REG
from wevt_live import read_report

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'wine-run')
WAIT_SECONDS = 90
IDLE_SECONDS = 4
# it judges anew every five seconds
JUDGED_SECONDS = 6
HOUR = 3600
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z')
CREATED = re.compile(r"SystemTime=['\"]([^'\"]+)['\"]")
AAD = 'Microsoft-Windows-AAD/Operational'
STORE = 'Microsoft-Windows-Store/Operational'
SETTINGS = r'HKLM\SOFTWARE\Microsoft\Provisioning\AutopilotSettings'


def moment(text):
    return datetime.datetime.fromisoformat(text[:19]).replace(tzinfo=datetime.timezone.utc)


def shifted(line, delta):
    return TIME.sub(lambda m: (moment(m.group(0)) + delta).strftime('%Y-%m-%dT%H:%M:%S.0000000Z'),
                    line)


class Watch:
    """One run; its lines as they come."""

    def __init__(self, test, *args):
        self.report = os.path.join(test.scratch, 'report')
        # pylint: disable=consider-using-with
        self.child = subprocess.Popen(
            [RUN, test.prefix, test.exe, 'watch', *args], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            env=dict(os.environ, ESPDIAG_DOUBLE_EVENTS=test.events,
                     ESPDIAG_DOUBLE_EVENTS_FAIL=test.failing, ESPDIAG_DOUBLE_REPORT=self.report,
                     ESPDIAG_DOUBLE_CLOCK='Z:' + test.clock))
        self.queue = queue.Queue()
        self.lines = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.child.stdout:
            self.queue.put(line.decode('ascii').rstrip('\r\n'))
        self.queue.put(None)

    def until(self, text):
        """The lines up to the first with @text."""
        end, seen = time.monotonic() + WAIT_SECONDS, []
        while not seen or text not in seen[-1]:
            try:
                line = self.queue.get(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError('no line with %r, but %s' % (text, seen))
            seen.append(line)
        return seen

    def counts(self):
        return read_report(self.report)

    def at_rest(self):
        """Once no call has been made for a second: all counts."""
        before = self.counts()
        while True:
            time.sleep(1)
            now = self.counts()
            if now == before:
                return now
            before = now

    def stop(self):
        self.child.kill()
        self.child.wait()
        self.thread.join()
        self.child.stdout.close()


class Live(unittest.TestCase):
    prefix = exe = folder = channels = None
    failing = ''

    def setUp(self):
        self.scratch = os.path.join(self.folder, self.id())
        self.events = os.path.join(self.scratch, 'channels')
        self.log = os.path.join(self.scratch, 'log.ndjson')
        # tests/support/win32/clock.h
        self.clock = os.path.join(self.scratch, 'clock')
        self.ahead = 0
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.makedirs(self.events)
        self.now = datetime.datetime.now(datetime.timezone.utc)
        # the flagship as if its first denial came in two seconds
        self.delta = self.now - moment('2026-09-14T08:15:05')
        for channel, lines in self.channels.items():
            self.append(channel, lines, '0', '2026-09-14T08:15:00', self.delta)
        self.wine(REG, 'delete', SETTINGS, '/f')

    def wine(self, *command):
        subprocess.run([RUN, self.prefix, *command], check=False, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)

    def append(self, channel, lines, since, until, delta):
        found = [shifted(line, delta) + '\n' for _, line in sorted(lines.items())
                 if since <= CREATED.search(line).group(1) < until]
        with open(os.path.join(self.events, prepare_events.file_name(channel)), 'a',
                  encoding='utf-8', newline='\n') as file:
            file.write(''.join(found))
        return len(found)

    def happen(self, since, until):
        """Lets what the story has in that time happen now."""
        delta = datetime.datetime.now(datetime.timezone.utc) - moment(until)
        delta += datetime.timedelta(seconds=self.ahead)
        return sum(self.append(name, self.channels[name], since, until, delta)
                   for name in (STORE, AAD))

    def start(self, *args):
        watch = Watch(self, '--log', 'Z:' + self.log, *args)
        self.addCleanup(watch.stop)
        return watch

    def first_attempt(self):
        return self.happen('2026-09-14T08:15:00', '2026-09-14T08:15:30')

    def second_attempt(self):
        return self.happen('2026-09-14T08:18:00', '2026-09-14T08:18:30')

    def check(self, watch):
        counts = watch.counts()
        for name in ('bad-handle', 'wrong-thread', 'refused', 'other'):
            self.assertEqual(counts[name], 0, name)

    def test_signal_to_frame_and_idle(self):
        watch = self.start()
        watch.until('verdict: ')
        rest = watch.at_rest()
        time.sleep(IDLE_SECONDS)
        self.assertEqual(watch.counts(), rest)
        self.assertGreater(rest['EvtSubscribe'], 5)
        self.assertGreater(self.first_attempt(), 2)
        begun = time.monotonic()
        told = watch.until('verdict: ')
        self.assertLess(time.monotonic() - begun, 20)
        self.assertTrue(any('sign-in: denied, AADSTS53000, 1 so far' in line for line in told))
        self.assertIn('verdict: bitlocker-restart-pending (', told[-1])
        after = watch.at_rest()
        self.assertGreater(after['signals'], rest['signals'])
        self.assertGreater(after['rendered'], rest['rendered'])
        time.sleep(IDLE_SECONDS)
        self.assertEqual(watch.counts(), after)
        # one event, one signal: it is in what is printed next
        self.assertGreater(self.second_attempt(), 2)
        told = watch.until('AADSTS53000')
        self.assertIn('sign-in: denied, AADSTS53000, 2 so far', told[-1])
        self.check(watch)

    def test_power_loss(self):
        watch = self.start()
        watch.until('verdict: ')
        watch.at_rest()
        self.first_attempt()
        first = watch.until('verdict: bitlocker-restart-pending')
        watch.stop()
        with open(self.log, encoding='utf-8') as file:
            rows = [json.loads(line) for line in file]
        self.assertEqual(rows[-1]['primary'], 'bitlocker-restart-pending')
        self.assertGreater(rows[-1]['records'][AAD], 0)
        self.second_attempt()
        again = self.start()
        told = again.until('AADSTS53000, 2 so far')
        self.assertFalse([line for line in told if line in first and 'UTC' not in line])
        self.assertFalse([line for line in told if 'verdict' in line])
        with open(self.log, encoding='utf-8') as file:
            rows = [json.loads(line) for line in file]
        self.assertEqual(rows[-1]['denials'], 2)
        self.assertEqual([row['at'] for row in rows], sorted(row['at'] for row in rows))

    def set_clock(self, ahead):
        self.ahead = ahead
        with open(self.clock + '.new', 'w', encoding='ascii') as file:
            file.write(str(ahead))
        os.replace(self.clock + '.new', self.clock)

    def told_after(self, watch, seconds):
        time.sleep(seconds)
        told = []
        while not watch.queue.empty():
            told.append(watch.queue.get())
        return told

    def follow_clock(self, ahead, judged):
        watch = self.start()
        watch.until('verdict: ')
        watch.at_rest()
        self.first_attempt()
        watch.until('verdict: bitlocker-restart-pending (confirmed)')
        watch.at_rest()
        self.set_clock(ahead)
        # no event, and no time that has passed
        self.assertEqual(self.told_after(watch, JUDGED_SECONDS), [])
        self.second_attempt()
        watch.until('AADSTS53000, 2 so far')
        self.assertNotIn('verdict', ''.join(self.told_after(watch, JUDGED_SECONDS)))
        with open(self.log, encoding='utf-8') as file:
            last = json.loads(file.readlines()[-1])
        self.assertEqual((last['primary'], last['certainty'], last['denials']),
                         ('bitlocker-restart-pending', 'confirmed', 2))
        late = moment(last['at']) - self.now - datetime.timedelta(seconds=judged)
        self.assertLess(abs(late.total_seconds()), 60)
        self.check(watch)

    def test_clock_is_set_forward(self):
        self.follow_clock(HOUR, HOUR)

    def test_clock_is_set_back(self):
        # as of the end of the evidence, which is on the clock before
        self.follow_clock(-HOUR, 0)

    def test_registry_and_until_done(self):
        watch = self.start('--until-done')
        watch.until('verdict: ')
        watch.at_rest()
        for name in ('DevicePreparation', 'DeviceSetup', 'AccountSetup'):
            self.wine(REG, 'add', SETTINGS, '/v', name + 'Category.Status', '/d',
                      '{"categorySucceeded":true}', '/f')
        watch.until('page: done')
        self.assertEqual(watch.child.wait(WAIT_SECONDS), 0)
        self.assertEqual(watch.counts()['open'], 0)
        self.check(watch)

    def test_denied_channel(self):
        self.failing = AAD + '=denied'
        watch = self.start()
        watch.until('verdict: ')
        watch.at_rest()
        self.first_attempt()
        self.assertIn('store: 1 attempt', watch.until('store: ')[-1])
        self.check(watch)


def main():
    if len(sys.argv) < 8:
        sys.exit(__doc__)
    prefix, dll, exe, scenario, espdiag, case, folder = map(os.path.abspath, sys.argv[1:8])
    Live.prefix, Live.exe, Live.folder = prefix, exe, folder
    target = os.path.join(prefix, 'drive_c/windows/system32/wevtapi.dll')
    if os.path.lexists(target):
        os.remove(target)
    shutil.copyfile(dll, target)
    evidence = os.path.join(folder, 'evidence')
    shutil.rmtree(evidence, ignore_errors=True)
    subprocess.run([scenario, 'build', case, evidence, '--wrap', 'evtx'], check=True,
                   stdout=subprocess.DEVNULL)
    Live.channels = prepare_events.prepare(espdiag, os.path.join(folder, 'whole'), [evidence])
    unittest.main(argv=sys.argv[:1] + sys.argv[8:])


if __name__ == '__main__':
    main()

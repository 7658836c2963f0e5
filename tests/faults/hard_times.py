#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hard times, played to the real programs: what was collected is kept and said.

usage: hard_times.py ESPDIAG LIVE_FOLDER EVIDENCE CLOCK

LIVE_FOLDER is `espdiag collect` over a recorded device (tests/support/live_folder.c), EVIDENCE what
prepare.py made, CLOCK the library of clock.c.
"""
import datetime
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

SECONDS = 120
AT_ONCE = 6
# ED_DENIALS=1000000 is the whole; it needs 1 GB of room
DENIALS = int(os.environ.get('ED_DENIALS', '50000'))
DENIALS_A_FILE = 50000
FEW_DENIALS = 250, 500, 1500
# of the instructions of one: those that come late over those that come early
COST_MOST = 1.01
BYTES_A_DENIAL = 2048
LOG_BYTES = 4 << 30
MEMORY_MOST = 64 << 20
# whatever the number of events: their text is kept up to a limit
MEMORY_FULL = 480 << 20
HOUR = 3600
# when the device of minimal.txt is judged
AT = datetime.datetime(2026, 9, 14, 8, 20, 7, tzinfo=datetime.timezone.utc)
MINUTES_5 = datetime.timedelta(minutes=5)
SET_BACK = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>'
    '<Provider Name="Microsoft-Windows-Kernel-General"/><EventID>1</EventID>'
    '<TimeCreated SystemTime="%s"/><EventRecordID>%d</EventRecordID><Channel>System</Channel>'
    '</System><EventData><Data Name="NewTime">%s</Data><Data Name="OldTime">%s</Data></EventData>'
    '</Event>')


def messages(said):
    return [line for line in said.splitlines() if line.startswith(('espdiag: ', 'live_folder: '))]


class HardTimes(unittest.TestCase):
    espdiag = live = evidence = clock = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='espdiag-hard-')
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.out = os.path.join(self.folder, 'out')
        os.mkdir(self.out)
        self.device = os.path.join(self.evidence, 'xml')

    def run_one(self, *command, **settings):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, timeout=SECONDS, text=True,
                              **settings)
        return done.returncode, done.stdout, done.stderr

    def begin(self, *command, **settings):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **settings)

    def slow_device(self):
        """A device with a job that takes its whole second."""
        device = os.path.join(self.folder, 'device')
        shutil.copytree(self.device, device)
        with open(os.path.join(device, 'slow'), 'w', encoding='ascii'):
            pass
        return device

    def collect(self, device=None, out=None):
        return (self.live, device or self.device, 'collect', '--format', 'json', '--quiet',
                '--out', out or self.out)

    def bundles(self):
        """All that is in the folder, each a whole bundle."""
        names = sorted(os.listdir(self.out))
        for name in names:
            code, text, said = self.run_one(self.espdiag, 'verify', os.path.join(self.out, name))
            self.assertEqual((name, code), (name, 0), text + said)
        return names

    def fails_in_one_line(self, code, said, what):
        self.assertEqual(code, 1, said)
        self.assertEqual(len(messages(said)), 1, said)
        self.assertIn(what, messages(said)[0])

    def test_full_device(self):
        for command in ('analyze', 'events'):
            code, _, said = self.run_one(self.espdiag, command, '-o', '/dev/full', self.device)
            self.fails_in_one_line(code, said, 'No space left')
        with open('/dev/full', 'w', encoding='ascii') as full:
            done = subprocess.run([self.espdiag, 'analyze', self.device], stdout=full,
                                  stderr=subprocess.PIPE, check=False, text=True, timeout=SECONDS)
        self.fails_in_one_line(done.returncode, done.stderr, 'No space left')

    def test_no_room_in_the_middle(self):
        def little_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        page = os.path.join(self.out, 'page.html')
        with open(page, 'w', encoding='ascii') as file:
            file.write('before')
        code, _, said = self.run_one(self.espdiag, 'analyze', '--format', 'html', '-o', page,
                                     self.device, preexec_fn=little_room)
        self.fails_in_one_line(code, said, page)
        with open(page, encoding='ascii') as file:
            self.assertEqual(file.read(), 'before')
        os.remove(page)
        # the verdict is told all the same
        code, text, said = self.run_one(*self.collect(), preexec_fn=little_room)
        self.assertEqual(code, 1)
        self.assertEqual(json.loads(text)['primary'], 'bitlocker-restart-pending')
        self.assertEqual(len(messages(said)), 1, said)
        self.assertEqual(os.listdir(self.out), [])

    def test_read_only_target(self):
        code, text, said = self.run_one(self.espdiag, 'analyze', '-o', '/sys/espdiag.json',
                                        self.device)
        self.assertEqual((code, text), (1, ''))
        self.assertEqual(len(messages(said)), 1, said)
        code, text, said = self.run_one(*self.collect(out='/sys'))
        self.assertEqual(code, 1, said)
        self.assertEqual(json.loads(text)['primary'], 'bitlocker-restart-pending')
        self.assertEqual(len(messages(said)), 1, said)

    def test_target_goes_while_running(self):
        run = self.begin(*self.collect(self.slow_device()))
        time.sleep(0.3)
        os.rmdir(self.out)
        text, said = run.communicate(timeout=SECONDS)
        self.fails_in_one_line(run.returncode, said, self.out)
        self.assertEqual(json.loads(text)['primary'], 'bitlocker-restart-pending')

    def test_evidence_that_is_gone(self):
        # a share that is no longer there fails each open; the verdict says so
        code, text, _ = self.run_one(self.espdiag, 'analyze', '--format', 'json',
                                     os.path.join(self.folder, 'share', 'evidence.zip'))
        self.assertEqual(code, 3)
        verdict = json.loads(text)
        self.assertEqual((verdict['primary'], verdict['outcome']), (None, 'inconclusive'))
        self.assertIn('absent', [row['state'] for row in verdict['coverage']])

    def test_runs_at_once(self):
        runs = [self.begin(*self.collect()) for _ in range(AT_ONCE)]
        for run in runs:
            _, said = run.communicate(timeout=SECONDS)
            self.assertEqual(run.returncode, 0, said)
        self.assertEqual(len(self.bundles()), AT_ONCE)

    def with_clock(self, by, *command):
        """@command's result; the clock begins at AT and is set by @by seconds in its middle."""
        told = '%d 300 %d' % (AT.timestamp(), by)
        begun = time.monotonic()
        code, text, said = self.run_one(*command, env=dict(os.environ, LD_PRELOAD=self.clock,
                                                           CLOCK=told))
        self.assertEqual(code, 0, said)
        return text, said, time.monotonic() - begun

    def test_clock_is_set(self):
        device = self.slow_device()
        for by, words, at in ((0, '', AT), (HOUR, 'the clock was set forward by 3600 s', AT),
                              # the end of the evidence: what came between is on no clock
                              (-HOUR, 'the clock was set back by 3600 s', AT - MINUTES_5)):
            text, said, seconds = self.with_clock(by, *self.collect(device))
            verdict = json.loads(text)
            self.assertEqual((verdict['primary'], verdict['certainty']),
                             ('bitlocker-restart-pending', 'confirmed'))
            name = max(os.listdir(self.out), key=lambda name: os.stat(
                os.path.join(self.out, name)).st_mtime_ns)
            with zipfile.ZipFile(os.path.join(self.out, name)) as bundle:
                run = json.loads(bundle.read('state/run.json'))
            begun, ended = (datetime.datetime.fromisoformat(run[key].replace('Z', '+00:00'))
                            for key in ('started_at', 'evaluated_at'))
            self.assertEqual(run['clock_set_seconds'], by)
            self.assertIn(words, said)
            self.assertLess(abs((begun - AT).total_seconds()), 1)
            self.assertLess(abs((ended - at).total_seconds()), 30)
            # nothing was given up early, and the slow one had its second and no hour
            self.assertEqual(run['coverage'], [])
            self.assertGreater(seconds, 0.9)
            self.assertLess(seconds, SECONDS / 4)

    def test_clock_is_set_and_the_log_knows(self):
        device = self.slow_device()
        path = os.path.join(device, 'events', 'System.xml')
        back = AT - datetime.timedelta(seconds=HOUR)
        stamps = [when.strftime('%Y-%m-%dT%H:%M:%S.0000000Z') for when in (back, back, AT)]
        with open(path, encoding='utf-8') as file:
            log = file.read()
        last = max(int(number) for number in re.findall(r'<EventRecordID>(\d+)<', log))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(log.replace('</Events>', SET_BACK % (stamps[0], last + 1, *stamps[1:]) +
                                   '</Events>'))
        text, _, _ = self.with_clock(-HOUR, *self.collect(device))
        verdict = json.loads(text)
        self.assertEqual(verdict['primary'], 'bitlocker-restart-pending')
        at = datetime.datetime.fromisoformat(verdict['evaluated_at'].replace('Z', '+00:00'))
        self.assertLess(abs((at - back).total_seconds()), 30)

    def test_clock_is_set_while_a_replay_is_watched(self):
        # what happens in a second there, happens in it whatever the clock says
        command = (self.espdiag, 'watch', '--replay', self.device, '--speed', '1200')
        straight, _, _ = self.with_clock(0, *command)
        self.assertIn('bitlocker-restart-pending', straight)
        for by in HOUR, -HOUR:
            text, _, seconds = self.with_clock(by, *command)
            self.assertEqual(text, straight)
            self.assertLess(seconds, SECONDS / 4)

    def test_rights_are_told(self):
        device = self.slow_device()
        os.rename(os.path.join(device, 'slow'), os.path.join(device, 'denied'))
        code, text, said = self.run_one(self.live, device, 'collect', '--quiet', '--out', self.out)
        self.assertEqual(code, 0, said)
        rights = re.search(r'^Rights: (user|administrator); .*would also have read:\n'
                           r' {8}device/denied\n', text, re.M)
        self.assertIsNotNone(rights, text)
        with zipfile.ZipFile(os.path.join(self.out, *self.bundles())) as bundle:
            summary = bundle.read('summary.txt').decode('utf-8')
            self.assertTrue(summary.endswith(rights.group()), summary)
            word = json.loads(bundle.read('state/run.json'))['caller']['rights']
        self.assertEqual(word, rights.group(1))
        _, text, said = self.run_one(*self.collect())
        json.loads(text)
        self.assertIn('Rights: %s; nothing was denied\n' % word, said)

    def test_nobody_reads(self):
        read, write = os.pipe()
        os.close(read)
        for command in ((self.espdiag, 'analyze', self.device),
                        (self.espdiag, 'events', self.device)):
            done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False,
                                  text=True, timeout=SECONDS)
            self.fails_in_one_line(done.returncode, done.stderr, 'Broken pipe')
        # the bundle is kept
        done = subprocess.run(self.collect(), stdout=write, stderr=subprocess.PIPE, check=False,
                              text=True, timeout=SECONDS)
        os.close(write)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(messages(done.stderr)), 1, done.stderr)
        self.assertEqual(len(self.bundles()), 1)

    def test_suspended(self):
        # a console in which somebody selects text: nothing is read for a while, then all
        run = self.begin(self.espdiag, 'events', *[self.device] * 20)
        time.sleep(0.1)
        run.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGCONT)
        text, said = run.communicate(timeout=SECONDS)
        self.assertEqual((run.returncode, messages(said)), (0, []))
        _, once, _ = self.run_one(self.espdiag, 'events', *[self.device] * 20)
        self.assertEqual(text, once)

    def test_told_to_end(self):
        # Ctrl+C, and what a logoff sends here
        for at, number in enumerate((signal.SIGINT, signal.SIGTERM)):
            device = self.slow_device() if not at else os.path.join(self.folder, 'device')
            run = self.begin(*self.collect(device))
            time.sleep(0.4)
            run.send_signal(number)
            text, said = run.communicate(timeout=SECONDS)
            self.assertEqual(run.returncode, 0, said)
            self.assertIn('stopped', said)
            self.assertEqual(json.loads(text)['primary'], 'bitlocker-restart-pending')
            self.assertEqual(len(self.bundles()), at + 1)
            with zipfile.ZipFile(os.path.join(self.out, self.bundles()[-1])) as bundle:
                self.assertTrue(json.loads(bundle.read('state/run.json'))['interrupted'])

    def peak_of(self, *command):
        """(exit code, output, bytes of memory at the most, seconds of CPU)"""
        run = self.begin(*command)
        text = run.stdout.read()
        run.stderr.read()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        run.stdout.close()
        run.stderr.close()
        return run.returncode, text, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime

    def test_log_of_4_gib(self):
        logs = os.path.join(self.evidence, 'evtx', 'EventLogs')
        big = os.path.join(self.folder, 'big')
        shutil.copytree(logs, big)
        path = os.path.join(big, 'System.evtx')
        # never written beyond its first chunks, so it costs no disk
        os.truncate(path, LOG_BYTES)
        code, text, memory, seconds = self.peak_of(self.espdiag, 'analyze', '--format', 'json', big)
        print('4 GiB log: %.1f s of CPU, %.1f MiB' % (seconds, memory / (1 << 20)))
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(text)['primary'], 'bitlocker-restart-pending')
        self.assertLess(memory, MEMORY_MOST)

    def put_denials(self, folder, count):
        """Of the device's one denial @count, ten microseconds apart."""
        name = 'Microsoft-Windows-AAD%4Operational.xml'
        with open(os.path.join(self.evidence, 'events', name), encoding='utf-8') as file:
            line = next(line for line in file if 'AADSTS53000' in line)
        record = re.search(r'<EventRecordID>(\d+)<', line).group(1)
        stamp = re.search('SystemTime=[\'"]([^\'"]*)', line).group(1)
        # what has one of its own is another request
        request = re.search(r'Correlation ID: ([0-9a-f-]{36})', line).group(1)
        last = datetime.datetime.fromisoformat(stamp[:19])
        parts = re.split('(%s|%s|(?<=<EventRecordID>)%s(?=<))' % (
            re.escape(stamp), request, record), line)
        for begin in range(0, count, DENIALS_A_FILE):
            path = os.path.join(folder, 'denials-%d.xml' % begin)
            with open(path, 'w', encoding='utf-8') as file:
                file.write('<Events>\n')
                for at in range(begin, min(begin + DENIALS_A_FILE, count)):
                    when = last - datetime.timedelta(microseconds=10 * at)
                    fill = {stamp: when.strftime('%Y-%m-%dT%H:%M:%S.%f0Z'),
                            request: '%08x%s' % (at, request[8:]),
                            record: str(int(record) + count - at)}
                    file.write(''.join(fill.get(part, part) for part in parts))
                file.write('</Events>\n')

    def many_denials(self, count):
        folder = os.path.join(self.folder, 'many-%d' % count)
        shutil.copytree(os.path.join(self.evidence, 'evtx'), folder)
        self.put_denials(folder, count)
        return folder

    def instructions_of(self, *command):
        done = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
                               *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=True, timeout=SECONDS, text=True)
        return int(re.search(r'Collected : (\d+)', done.stderr).group(1))

    @unittest.skipUnless(shutil.which('valgrind'), 'no valgrind')
    def test_each_denial_costs_the_same(self):
        # counted, not timed: what grows with the square of their number shows long before it hurts
        few, some, many = (
            self.instructions_of(self.espdiag, 'analyze', '--format', 'json',
                                 self.many_denials(count)) for count in FEW_DENIALS)
        early = (some - few) / (FEW_DENIALS[1] - FEW_DENIALS[0])
        late = (many - some) / (FEW_DENIALS[2] - FEW_DENIALS[1])
        print('a denial: %.0f instructions, later %.0f' % (early, late))
        self.assertLess(late, early * COST_MOST)

    def test_many_denials(self):
        many = self.many_denials(DENIALS)
        code, text, memory, seconds = self.peak_of(self.espdiag, 'analyze', '--format', 'json',
                                                   many)
        verdict = json.loads(text)
        print('%d denials: %.1f s of CPU, %.1f MiB, %d told' % (
            DENIALS, seconds, memory / (1 << 20), verdict['sign_in']['denials']))
        self.assertEqual((code, verdict['primary']), (0, 'bitlocker-restart-pending'))
        if verdict['sign_in']['denials'] < DENIALS:
            # what one log may hold is full, and the rest is told
            lost = [row['lost'] for row in verdict['coverage'] if row['state'] == 'truncated']
            self.assertGreaterEqual(sum(lost) + verdict['sign_in']['denials'], DENIALS)
        self.assertLess(memory, min(MEMORY_MOST + DENIALS * BYTES_A_DENIAL, MEMORY_FULL))


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    HardTimes.espdiag, HardTimes.live, HardTimes.evidence, HardTimes.clock = map(
        os.path.abspath, sys.argv[1:5])
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])


if __name__ == '__main__':
    main()

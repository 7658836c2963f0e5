# SPDX-License-Identifier: MIT
"""The live event channels, as shipped, against the double of wevtapi.dll under Wine.

usage: wevt_live.py PREFIX WEVTAPI_DLL WEVT_LIVE_EXE FOLDER

Puts the double into the system32 of the wine prefix PREFIX. FOLDER is for files of the test.
"""
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'wine-run')
REPORT_NAMES = 512

AAD = 'Microsoft-Windows-AAD/Operational'
STORE = 'Microsoft-Windows-Store/Operational'
SHELL = 'Microsoft-Windows-Shell-Core/Operational'
BITLOCKER = 'Microsoft-Windows-BitLocker/BitLocker Management'
MDM = 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider/Admin'
RECORD = re.compile(r'<EventRecordID>(\d+)</EventRecordID>')


def event(channel, provider, number, event_id, data='x'):
    return ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
            "<Provider Name='%s'/><EventID>%d</EventID><Level>4</Level>"
            "<TimeCreated SystemTime='2026-09-14T08:00:00.0000000Z'/>"
            "<EventRecordID>%d</EventRecordID><Channel>%s</Channel></System><EventData>"
            "<Data Name='Message'>%s</Data></EventData></Event>\n"
            % (provider, event_id, number, channel, data))


def read_report(path):
    """{name: number} of a report of the double."""
    with open(path, 'rb') as file:
        data = file.read()
    names = data[:REPORT_NAMES].rstrip(b'\0').decode().split()
    return dict(zip(names, struct.unpack_from('<%di' % len(names), data, REPORT_NAMES)))


class Live(unittest.TestCase):
    prefix = dll = exe = folder = None

    def setUp(self):
        self.events = os.path.join(self.folder, self.id(), 'channels')
        self.out = os.path.join(self.folder, self.id(), 'out')
        shutil.rmtree(os.path.dirname(self.out), ignore_errors=True)
        os.makedirs(self.events)
        os.makedirs(self.out)

    def channel(self, name, lines):
        path = os.path.join(self.events, name.replace('/', '%4') + '.xml')
        with open(path, 'w', encoding='utf-8', newline='\n') as file:
            file.writelines(lines)

    def run_live(self, *args, fail=''):
        report = os.path.join(os.path.dirname(self.out), 'report')
        done = subprocess.run(
            [RUN, self.prefix, self.exe, *(args or ['Z:' + self.out])], check=False,
            stdout=subprocess.PIPE, timeout=200,
            env=dict(os.environ, ESPDIAG_DOUBLE_EVENTS=self.events,
                     ESPDIAG_DOUBLE_EVENTS_FAIL=fail, ESPDIAG_DOUBLE_REPORT=report))
        rows = [line.split('\t') for line in done.stdout.decode().splitlines()]
        self.gaps = {row[1]: row[2:] for row in rows if row[0] == 'gap'}
        self.members = [row[2] for row in rows if row[0] == 'member']
        self.last = rows[-1] if rows else None
        self.report = read_report(report)
        self.assertEqual(self.report['bad-handle'], 0)
        self.assertEqual(self.report['wrong-thread'], 0)
        self.assertEqual(self.report['refused'], 0)
        self.assertEqual(self.report['other'], 0)
        return done.returncode

    def records(self, channel):
        path = os.path.join(self.out, 'events ' + channel.replace('/', '%4') + '.xml')
        with open(path, encoding='utf-8') as file:
            lines = file.read().split('\n')
        self.assertEqual(lines[0], '<Events>')
        self.assertEqual(lines[-2:], ['</Events>', ''])
        return [int(RECORD.search(line).group(1)) for line in lines[1:-2]]

    def test_about_two_calls_an_event(self):
        count = 10000
        self.channel(STORE, [event(STORE, 'Microsoft-Windows-Install-Agent', n, 2008)
                             for n in range(1, count + 1)])
        self.assertEqual(self.run_live(), 0)
        self.assertEqual(self.records(STORE), list(range(1, count + 1)))
        self.assertEqual(self.report['open'], 0)
        per_event = self.report['calls'] / count
        print('%d calls for %d events: %.3f each' % (self.report['calls'], count, per_event))
        self.assertLessEqual(per_event, 2.1)

    def test_only_what_is_asked_for(self):
        self.channel('System', [
            event('System', 'Service Control Manager', 3, 7036),
            event('System', 'Microsoft-Windows-Kernel-General', 4, 12),
            event('System', 'Service Control Manager', 5, 12),
            event('System', 'User32', 6, 1074, 'a &amp; b &#13;&#10; \u518d\u8d77\u52d5'),
            event('System', 'Service Control Manager', 7, 7036, 'a secret')])
        self.channel(AAD, [])
        self.assertEqual(self.run_live(), 0)
        self.assertEqual(self.records('System'), [3, 4, 6, 7])
        self.assertEqual(self.records(AAD), [])
        with open(os.path.join(self.out, 'events System.xml'), encoding='utf-8') as file:
            text = file.read()
        self.assertIn('a &amp; b &#13;&#10; \u518d\u8d77\u52d5', text)
        self.assertNotIn('a secret', text)
        self.assertEqual(self.gaps[STORE][0], 'absent')
        self.assertNotIn(AAD, self.gaps)

    def test_each_failure_costs_its_channel(self):
        for name, provider, number in ((AAD, 'Microsoft-Windows-AAD', 1098),
                                       (STORE, 'Microsoft-Windows-Install-Agent', 2008),
                                       ('System', 'Microsoft-Windows-Kernel-General', 13),
                                       (SHELL, 'Microsoft-Windows-Shell-Core', 62407),
                                       (BITLOCKER, 'Microsoft-Windows-BitLocker-API', 775),
                                       (MDM, 'Provider', 208)):
            self.channel(name, [event(name, provider, n, number) for n in range(1, 201)])
        self.channel('Application', [event('Application', 'Windows Error Reporting', 1, 1001)])
        self.assertEqual(self.run_live(fail=';'.join((
            AAD + '=denied', STORE + '=disabled', 'System=1734', SHELL + '=15011',
            BITLOCKER + '=slow:50', MDM + '=hang', 'Application=1722'))), 0)
        whole = list(range(1, 201))
        self.assertEqual(self.gaps[AAD][0], 'denied')
        self.assertNotIn(AAD, self.members)
        self.assertEqual(self.gaps[STORE][0], 'disabled')
        self.assertEqual(self.records(STORE), whole)
        self.assertEqual(self.records('System'), whole)
        self.assertNotIn('System', self.gaps)
        self.assertEqual(self.records(SHELL), whole)
        self.assertNotIn(SHELL, self.gaps)
        self.assertEqual(self.records(BITLOCKER), whole)
        self.assertEqual(self.gaps[MDM][0], 'timed-out')
        self.assertNotIn(MDM, self.members)
        self.assertIn('Application', self.gaps)
        self.assertEqual(self.last[0], 'done')
        self.assertEqual(self.last[2], '1')
        self.assertLess(int(self.last[3]), 20000)

    def test_a_slow_channel_keeps_its_newest(self):
        self.channel(STORE, [event(STORE, 'Microsoft-Windows-Install-Agent', n, 2008)
                             for n in range(1, 4001)])
        self.assertEqual(self.run_live(fail=STORE + '=slow:400'), 0)
        found = self.records(STORE)
        self.assertEqual(found[-1], 4000)
        self.assertEqual(found, list(range(found[0], 4001)))
        self.assertGreater(found[0], 1)
        self.assertEqual(self.gaps[STORE][0], 'timed-out')
        self.assertEqual(self.report['open'], 0)

    def test_a_log_that_never_stays_the_same(self):
        self.channel(STORE, [event(STORE, 'Microsoft-Windows-Install-Agent', 1, 2008)])
        self.assertEqual(self.run_live(fail=STORE + '=stale'), 0)
        self.assertEqual(self.gaps[STORE][0], 'truncated')
        self.assertNotIn(STORE, self.members)

    def test_signs_alone(self):
        self.assertEqual(self.run_live('Z:' + self.out, 'signs'), 0)

    def test_export(self):
        self.channel('System', [event('System', 'P', 1, 1)])
        target = os.path.join(self.out, 'System.evtx')
        wine = 'Z:' + target
        self.assertEqual(self.run_live('Z:' + self.out, 'export', 'System', wine), 0)
        self.assertTrue(os.path.getsize(target))
        self.assertEqual(self.run_live('Z:' + self.out, 'export', 'System', wine), 1)
        self.assertEqual(self.run_live('Z:' + self.out, 'export', AAD, wine + '2'), 1)
        self.assertEqual(self.last[2], '15007')


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    Live.prefix, Live.dll, Live.exe, Live.folder = map(os.path.abspath, sys.argv[1:5])
    target = os.path.join(Live.prefix, 'drive_c/windows/system32/wevtapi.dll')
    if os.path.lexists(target):
        os.remove(target)
    shutil.copyfile(Live.dll, target)
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])


if __name__ == '__main__':
    main()

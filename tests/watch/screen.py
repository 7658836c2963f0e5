#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`watch --replay` in a terminal: tmux, 80 x 25.

usage: screen.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER --screens FOLDER
"""
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from replaylib import evidence, moment, options_of

SKIPPED = 77
WAIT_SECONDS = 60
MOMENTS = ['08:10:00', '08:14:46', '08:15:12', '08:19:00', '08:39:12']
CLOCK = re.compile(r'\d\d:\d\d:\d\d UTC')


class Terminal:
    """A tmux of its own, with one window in which one command runs."""

    def __init__(self, scratch, command, **environment):
        self.socket = tempfile.mktemp(dir=scratch)
        script = os.path.join(scratch, 'run.sh')
        with open(script, 'w', encoding='utf-8') as file:
            file.write('trap : INT\n%s %s\necho "exit $?"\nexec sleep 600\n'
                       % (' '.join('%s=%s' % item for item in environment.items()),
                          shlex.join(command)))
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '25', 'sh ' + script)

    def tmux(self, *args):
        return subprocess.run(['tmux', '-S', self.socket, *args], check=True, timeout=30,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              env=dict(os.environ, LC_ALL='C.UTF-8')).stdout.decode('utf-8')

    def lines(self, *args):
        return self.tmux('capture-pane', '-p', *args).rstrip('\n').split('\n')

    def until(self, test, *args):
        """The lines, once @test holds for them."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            lines = self.lines(*args)
            if test(lines):
                return lines
            if time.monotonic() > end:
                raise AssertionError('waited in vain; there is:\n' + '\n'.join(lines))
            time.sleep(0.1)

    def ended(self):
        return self.until(lambda lines: lines[-1].startswith('exit '))

    def flag(self, name):
        return self.tmux('display-message', '-p', '#{%s}' % name).strip()

    def close(self):
        subprocess.run(['tmux', '-S', self.socket, 'kill-server'], check=False,
                       stderr=subprocess.DEVNULL)


class Screen(unittest.TestCase):
    options = flagship = None

    def setUp(self):
        self.scratch = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.scratch, True)

    def open(self, *args, **environment):
        terminal = Terminal(self.scratch, [self.options.espdiag, 'watch', '--replay',
                                           self.flagship, *args], **environment)
        self.addCleanup(terminal.close)
        return terminal

    def running(self, *args, **environment):
        """One that stands still for a person: second by second."""
        terminal = self.open('--speed', '1', '--since', moment('08:20:00'), *args, **environment)
        terminal.until(lambda lines: lines[-1] == 'Ctrl+C ends')
        return terminal

    def test_five_moments(self):
        for clock in MOMENTS:
            terminal = self.open('--speed', '0', '--until', moment(clock))
            lines = terminal.ended()
            terminal.close()
            self.assertEqual(lines.pop(), 'exit 0')
            self.compare(clock, lines)

    def compare(self, clock, lines):
        path = os.path.join(self.options.screens, clock.replace(':', '') + '.txt')
        found = [line + '\n' for line in lines]
        if os.environ.get('ED_GOLDEN_UPDATE') == '1':
            with open(path, 'w', encoding='ascii') as file:
                file.writelines(found)
        with open(path, encoding='ascii') as file:
            wanted = file.readlines()
        self.assertEqual(found, wanted, ''.join(difflib.unified_diff(wanted, found, path, clock)))

    def test_in_place(self):
        terminal = self.running()
        self.assertEqual(terminal.flag('alternate_on'), '1')
        self.assertEqual(terminal.flag('cursor_flag'), '0')
        before = terminal.lines()
        self.assertLessEqual(len(before), 24)
        self.assertTrue(any(re.match(r'Next +08:21:08, in [01]:\d\d$', line) for line in before))
        after = terminal.until(lambda lines: lines[0] != before[0])
        self.assertEqual(len(before), len(after))
        changed = {a.split(' ')[0] for a, b in zip(before, after) if a != b}
        self.assertLessEqual(changed, {'espdiag', 'Left', 'Next'})
        self.assertEqual(terminal.flag('history_size'), '0')

    def test_an_attempt_as_it_happens(self):
        terminal = self.open('--speed', '10', '--since', moment('08:20:50'))
        terminal.until(lambda lines: any('2 attempts, 2 failed' in line for line in lines))
        lines = terminal.until(lambda lines: any('3 attempts, 3 failed' in line for line in lines))
        self.assertIn('Loop      restart | BitLocker on | x x x', lines)
        self.assertTrue(any(line.startswith('Next      08:24:08, in ') for line in lines))

    def test_another_size(self):
        terminal = self.running()
        terminal.tmux('resize-window', '-x', '50', '-y', '12')
        lines = terminal.until(lambda lines: lines[0].startswith('espdiag') and len(lines) == 11)
        self.assertTrue(all(len(line) < 50 for line in lines), lines)
        self.assertTrue(lines[1].startswith('Verdict   BLOCKED: bitlocker-restart-pending'))
        terminal.tmux('resize-window', '-x', '132', '-y', '40')
        lines = terminal.until(lambda lines: lines[-1] == 'Ctrl+C ends')
        self.assertTrue(all(len(line) < 80 for line in lines))
        self.assertEqual(terminal.flag('history_size'), '0')

    def test_control_c(self):
        terminal = self.running()
        terminal.tmux('send-keys', 'C-c')
        lines = terminal.ended()
        self.assertEqual(lines[-1], 'exit 0')
        self.assertEqual(terminal.flag('alternate_on'), '0')
        self.assertEqual(terminal.flag('cursor_flag'), '1')
        self.assertTrue(any(line.startswith('Verdict   BLOCKED') for line in lines))

    def test_colour(self):
        self.assertIn('\x1b[', '\n'.join(self.running().lines('-e')))

    def test_no_colour(self):
        self.assertNotIn('\x1b[', '\n'.join(self.running('--no-color').lines('-e')))

    def test_no_colour_by_the_environment(self):
        self.assertNotIn('\x1b[', '\n'.join(self.running(NO_COLOR='1').lines('-e')))

    def test_a_terminal_without_sequences(self):
        terminal = self.open('--speed', '0', '--until', moment('08:16:00'), TERM='dumb')
        lines = terminal.ended()
        self.assertEqual(lines[0], '2026-09-14 UTC')
        self.assertIn('08:15:07 verdict: bitlocker-restart-pending (confirmed), blocked', lines)
        self.assertFalse([line for line in lines if not re.match(r'[\d:-]+ |exit 0$', line)])


def main():
    Screen.options = options_of('screens')
    if not shutil.which('tmux'):
        print('skipped: no tmux')
        return SKIPPED
    with tempfile.TemporaryDirectory() as scratch:
        Screen.flagship = evidence(Screen.options, 'restart-pending', scratch)
        unittest.main(argv=sys.argv[:1])
    return 0


if __name__ == '__main__':
    sys.exit(main())

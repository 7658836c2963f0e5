# SPDX-License-Identifier: MIT
"""The events that the program writes have a message in the finished program: one table of ids in code,
message file and guide, each message rendered with the strings of an event, and the event that a run asks
Windows to write, all under wine.

usage: check_messages.py ROOT DIST RENDER_MESSAGE WINE_PREFIX
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import checklib

STRINGS = ['blocked', 'bitlocker-restart-pending', 'confirmed',
           'espdiag 3f9a-0c11-d2e4-b567 bitlocker-restart-pending confirmed 8c1d-22f0',
           'BitLocker was turned on after the last start. 100% sure.']
EVENTLOG_WARNING = 2
SHOWN = ('%s\n\nOutcome: blocked. Finding: bitlocker-restart-pending (confirmed). Ticket: %s' %
         (STRINGS[4], STRINGS[3]))


def text_of(root, path):
    return checklib.read(os.path.join(root, path)).decode('utf-8')


def tables(root):
    """{outcome: id} as each of the three places has it."""
    code = text_of(root, 'agent/app/on_failure.c')
    messages = text_of(root, 'packaging/win64/espdiag.mc')
    guide = re.search(r'source `espdiag`:([^.]*)\.', text_of(root, 'packaging/guide-admin.md')).group(1)
    return {
        'on_failure.c': {word.lower(): int(number) for word, number in
                         re.findall(r'\[ED_OUTCOME_(\w+)\] = \{ (\d+),', code)},
        'espdiag.mc': {word.lower(): int(number) for number, word in
                       re.findall(r'MessageId=(\d+)\s+SymbolicName=ED_MESSAGE_(\w+)', messages)},
        'guide-admin.md': {word: int(number) for number, word in
                           re.findall(r'(\d+)\s+(\w+)', guide)},
    }


def check_order(root):
    """The strings of the sample stand in the order in which the program writes them."""
    code = text_of(root, 'agent/app/on_failure.c')
    strings = re.search(r'strings\[\] = \{(.*?)\n\t\};', code, re.S).group(1)
    words = ['outcome_word', 'primary', 'certainty_word', 'ticket', 'summary']
    places = [strings.find(word) for word in words]
    return [] if -1 not in places and places == sorted(places) else ['on_failure.c: other strings']


def rendered(root, prefix, program, render, number):
    run = subprocess.run([os.path.join(root, 'tests/win32/wine-run'), prefix, render, program,
                          str(number)] + STRINGS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=False)
    return run.returncode, run.stdout.decode('utf-8', 'replace').replace('\r', '').strip()


def check_written(root, prefix, work, program, ids):
    """The event of a run without any evidence, as wine tells what it is asked to write."""
    run = subprocess.run([os.path.join(root, 'tests/win32/wine-run'), prefix, program, 'collect',
                          '--eventlog', '--quiet', '--timeout', '30', '--out', work + '/bundle.zip'],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         env=dict(os.environ, ED_WINE_SAYS='fixme+advapi,+eventlog'))
    ticket = run.stdout.decode('utf-8').split('\n')[-2].strip()
    said = run.stderr.decode('utf-8', 'replace')
    source = re.findall(r'RegisterEventSourceW \(\(null\),L"(\w+)"\)', said)
    calls = re.findall(r'ReportEventW \(\w+,(0x\w+),0x0000,(0x\w+),0+,(0x\w+),', said)
    strings = re.findall(r'(\w+):eventlog:ReportEventW L"([^"]*)"', said)
    words = [text for _, text in strings]
    if run.returncode or source != ['espdiag'] or len(calls) != 1 or len(words) != 5:
        return ['--eventlog: exit %d, %s' % (run.returncode, said[-400:])]
    wanted = (EVENTLOG_WARNING, ids['inconclusive'], 5)
    if tuple(int(word, 16) for word in calls[0]) != wanted or {kind for kind, _ in strings} != {'warn'}:
        return ['--eventlog: writes %s' % (calls,)]
    if words[:4] != ['inconclusive', '-', 'possible', ticket] or not words[4]:
        return ['--eventlog: with %s' % words]
    return []


def main():
    if len(sys.argv) != 5:
        sys.exit('usage: check_messages.py ROOT DIST RENDER_MESSAGE WINE_PREFIX')
    root, dist, render, prefix = sys.argv[1:]
    if shutil.which('wine') is None:
        print('skipped: wine is missing')
        sys.exit(77)
    known = tables(root)
    ids = known['on_failure.c']
    problems = check_order(root) + ['%s: other events than on_failure.c: %s' % (name, table)
                                    for name, table in known.items() if table != ids or len(ids) != 6]
    with tempfile.TemporaryDirectory() as work:
        with zipfile.ZipFile(checklib.artefact(dist, 'espdiag-*-win-x64.zip')) as people:
            people.extract('espdiag.exe', work)
        program = 'Z:' + os.path.join(work, 'espdiag.exe').replace('/', '\\')
        for number in ids.values():
            code, text = rendered(root, prefix, program, render, number)
            if code or text != SHOWN:
                problems.append('event %d: exit %d, %s' % (number, code, text))
        problems += check_written(root, prefix, work, os.path.join(work, 'espdiag.exe'), ids)
        if not rendered(root, prefix, program, render, max(ids.values()) + 1)[0]:
            problems.append('a message that no event has')
    checklib.finish(problems)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program's edge: options, exit codes, which stream gets what, output that cannot be written.

usage: options.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER
"""
import argparse
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import xml.dom.minidom

AT = ['--at', '2026-09-14T08:42:07Z']

# name, arguments, exit code, standard output holds, standard error holds (None: nothing there)
TABLE = [
    ('no command is collect', [], 2, None, 'live collection needs Windows'),
    ('collect', ['collect'], 2, None, "run 'espdiag analyze PATH'"),
    ('help', ['--help'], 0, 'analyze PATH...', None),
    ('help as on Windows', ['/?'], 0, 'usage: espdiag', None),
    ('help of a command', ['analyze', '--help'], 0, '--exit-verdict', None),
    ('version', ['--version'], 0, 'espdiag ', None),
    ('explain a code', ['explain', '0x80073CF4'], 0, 'ERROR_INSTALL_OUT_OF_DISK_SPACE', None),
    ('explain a signed code', ['explain', '-2016345708'], 0, '0x87D10194', None),
    ('explain an unsigned code', ['explain', '3399614476'], 0, '0xCAA2000C', None),
    ('explain a sign-in error', ['explain', '53000'], 0, 'AADSTS53000 DeviceNotCompliant', None),
    ('explain a finding', ['explain', 'bitlocker-not-armed'], 0, 'Source ', None),
    ('explain an event', ['explain', 'Microsoft-Windows-Install-Agent/2008'], 0, 'Source ', None),
    ('explain as JSON', ['explain', '--format=json', 'restart-device'], 0, '"schema": "espdiag.explain/1"', None),
    ('explain two', ['explain', '--format=json', '5', '53000'], 0, '"query": "53000"', None),
    ('explain nothing', ['explain'], 2, None, 'needs an ID'),
    ('explain the unknown', ['explain', '5', 'bitlocker-not-aremd'], 2, None, "the nearest that is: 'bitlocker-not-armed'"),
    ('explain into a full disk', ['explain', '-o', '/dev/full', '5'], 1, None, '/dev/full'),
    ('events', ['events', 'recovered'], 0, '"fields":{', None),
    ('analyze one at a time', ['analyze', '--jobs', '2', *AT, 'blocked'], 0, 'BLOCKED: ', None),
    ('events as JSON', ['events', '--format=json', 'recovered'], 0, '"fields":{', None),
    ('events as XML', ['events', '--format=xml', 'recovered'], 0, '</Event>\n</Events>\n', None),
    ('events for people', ['events', '--format', 'text', 'recovered'], 0, 'provider/id ', None),
    ('events of none of these ids', ['events', '--id', '65535', 'recovered'], 0, '', None),
    ('fields of events', ['events', '--fields', 'event,at', 'recovered'], 0, '{"event":', None),
    ('events of damage', ['events', 'damaged'], 0, '"fields":{', 'damaged'),
    ('events of damage, quietly', ['events', '--quiet', 'damaged'], 0, '"fields":{', None),
    ('events of damage, strictly', ['events', '--strict', 'damaged'], 4, '"fields":{', 'damaged'),
    ('events of nothing', ['events', 'empty'], 3, '', 'no event logs found'),
    ('events of no path', ['events', 'nowhere'], 3, '', "cannot find 'nowhere'"),
    ('events outside the window', ['events', '--until', '2000-01-01T00:00:00Z', 'recovered'], 0, '', 'not examined'),
    ('events of the last minute', ['events', '--since', '1m', '--fields', 'at', 'recovered'], 0, '{"at":"2026-', 'not examined'),
    ('events into a full disk', ['events', '-o', '/dev/full', 'recovered'], 1, None, '/dev/full'),
    ('events by no id', ['events', '--id', 'x', 'recovered'], 2, None, "'x' is no event id"),
    ('unknown command', ['anlayze', 'x'], 2, None, "the nearest known one is 'analyze'"),
    ('watch', ['watch'], 2, None, "run 'espdiag watch --replay PATH'"),
    ('unknown option', ['analyze', '--fromat', 'x'], 2, None, "the nearest known one is '--format'"),
    ('no path', ['analyze'], 2, None, 'needs a PATH'),
    ('bad time', ['analyze', '--at', 'noon', 'x'], 2, None, "--at 'noon'"),
    ('bad format', ['analyze', '--format=htm', 'x'], 2, None, 'text|json|ndjson|html'),
    ('names as they are', ['analyze', '--format=json', *AT, 'blocked'], 0, 'S-1-12-1-1111111111-', None),
    ('names of what others recorded', ['analyze', '--format=json', '--redact', 'none', *AT, 'blocked'], 0, 'S-1-12-1-1111111111-', None),
    ('a page', ['analyze', '--format=html', *AT, 'blocked'], 0, '</html>\n', None),
    ('a page of two', ['analyze', '--format=html', 'blocked', 'recovered'], 2, None, 'a page of one PATH'),
    ('no path there', ['analyze', *AT, 'nowhere'], 3, 'INCONCLUSIVE', None),
    ('nothing in it', ['analyze', *AT, 'empty'], 3, 'INCONCLUSIVE', None),
    ('of no known kind', ['analyze', *AT, '--verbose', 'notes.txt'], 3, 'no evidence of a known kind', None),
    ('a device', ['analyze', *AT, '/dev/null'], 3, 'INCONCLUSIVE', None),
    ('a FIFO', ['analyze', *AT, 'fifo'], 3, 'INCONCLUSIVE', None),
    ('nothing read comes before the outcome', ['analyze', '--exit-verdict', *AT, 'nowhere'], 3, 'INCONCLUSIVE', None),
    ('text', ['analyze', *AT, 'blocked'], 0, 'BLOCKED: ', None),
    ('format with a blank', ['analyze', '--format', 'json', *AT, 'blocked'], 0, '"outcome": "blocked"', None),
    ('format with =', ['analyze', '--format=json', *AT, 'blocked'], 0, '"outcome": "blocked"', None),
    ('blocked', ['analyze', '--exit-verdict', *AT, 'blocked'], 10, 'BLOCKED', None),
    ('recovered', ['analyze', '--exit-verdict', 'recovered'], 0, 'RECOVERED', None),
    ('the worst counts', ['analyze', '--exit-verdict', 'recovered', 'blocked', 'recovered'], 10, 'BLOCKED', None),
    ('one of two can be read', ['analyze', 'nowhere', 'recovered'], 0, 'RECOVERED', None),
    ('strict over whole evidence', ['analyze', '--strict', *AT, 'blocked'], 0, 'BLOCKED', None),
    ('strict over damage', ['analyze', '--strict', *AT, 'damaged'], 4, 'damaged', None),
    ('strict comes before the outcome', ['analyze', '--strict', '--exit-verdict', *AT, 'damaged'], 4, '', None),
    ('damage without strict', ['analyze', *AT, 'damaged'], 0, 'damaged', None),
    ('strict over a missing path', ['analyze', '--strict', 'nowhere', 'recovered'], 4, '', None),
    ('options end', ['analyze', *AT, '--', '--verbose'], 3, 'INCONCLUSIVE', None),
    ('quiet', ['analyze', '--quiet', *AT, 'blocked'], 0, 'BLOCKED', None),
    ('a folder that is not there', ['analyze', '-o', 'no/such/file', *AT, 'blocked'], 1, None, 'no/such/file'),
    ('a name that turns the line round', ['analyze', '-o', 'no/\u202egpj', *AT, 'blocked'], 1, None, "'no/?gpj'"),
    ('a full disk', ['analyze', '-o', '/dev/full', *AT, 'blocked'], 1, None, '/dev/full'),
]


class Edge:
    def __init__(self, options, place):
        self.options = options
        self.place = place
        self.bad = 0
        self.count = 0

    def check(self, name, holds, seen=''):
        self.count += 1
        if not holds:
            self.bad += 1
            print('not ok: %s %s' % (name, seen))

    def run(self, *args, **more):
        return subprocess.run([self.options.espdiag, *args], cwd=self.place, capture_output=True, timeout=60, **more)

    def build(self, case, name):
        source = os.path.join(self.options.cases, case + '.txt')
        made = subprocess.run([self.options.scenario, 'build', source, os.path.join(self.place, name + '.made')],
                              capture_output=True, check=True, timeout=120)
        os.rename(made.stdout.decode('utf-8').strip(), os.path.join(self.place, name))


def table(edge):
    for name, args, code, out, err in TABLE:
        done = edge.run(*args)
        stdout, stderr = done.stdout.decode('utf-8'), done.stderr.decode('utf-8')
        edge.check(name, done.returncode == code, 'exit %d: %s%s' % (done.returncode, stdout, stderr))
        edge.check(name, out in stdout if out is not None else not stdout, 'stdout: ' + stdout)
        edge.check(name, err in stderr if err is not None else not stderr, 'stderr: ' + stderr)
        if err is not None:
            edge.check(name, stderr.startswith('espdiag: ') and stderr.count('\n') == 1, 'stderr: ' + stderr)
        edge.check(name, '\x1b' not in stdout + stderr)


def several_paths(edge):
    """One line each, in the order given; a PATH that cannot be read has its line."""
    paths = ['recovered', 'nowhere', 'blocked', 'recovered']
    for form in ('json', 'ndjson'):
        done = edge.run('analyze', '--format', form, *paths)
        lines = done.stdout.decode('utf-8').splitlines()
        edge.check('several, ' + form, [json.loads(line)['source'] for line in lines] == paths, lines)
    whole = json.loads(lines[1])
    edge.check('the lost one says why', whole['outcome'] == 'inconclusive' and any(
        row['source'] == 'nowhere' and row['state'] == 'absent' and row['why'] for row in whole['coverage']))
    done = edge.run('analyze', '--format', 'ndjson', 'recovered')
    edge.check('one line of one PATH', done.stdout.count(b'\n') == 1)
    done = edge.run('analyze', '--format', 'json', 'recovered')
    edge.check('one PATH is printed for reading', done.stdout.startswith(b'{\n  "schema"'))
    done = edge.run('analyze', 'recovered', 'blocked')
    edge.check('texts stand apart', b'\n\nSource    blocked\nBLOCKED' in done.stdout)
    edge.check('each names its PATH', done.stdout.startswith(b'Source    recovered\nRECOVERED'))
    edge.check('one does not', not edge.run('analyze', 'recovered').stdout.startswith(b'Source'))


def time_of_evaluation(edge):
    done = json.loads(edge.run('analyze', '--format', 'json', 'blocked').stdout)
    newest = max(row['newest'] for row in done['coverage'] if row['newest'])
    edge.check('default is the newest event', done['evaluated_at'][:19] == newest[:19], done['evaluated_at'])
    done = json.loads(edge.run('analyze', '--format', 'json', '--at', '2026-09-14T10:20:00+02:00', 'blocked').stdout)
    edge.check('another zone', done['evaluated_at'] == '2026-09-14T08:20:00Z', done['evaluated_at'])


def pseudonyms(edge):
    """--redact replaces names in what is shown of the evidence, and nothing else."""
    plain = edge.run('analyze', *AT, '--format', 'json', 'blocked').stdout.decode('utf-8')
    for level in ('standard', 'strict'):
        for form in ('json', 'text', 'html'):
            args = ('analyze', *AT, '--redact', level, '--verbose', '--format', form, 'blocked')
            done = edge.run(*args)
            edge.check('%s, %s' % (level, form), done.returncode == 0 and b'1111111111' not in done.stdout, done.stderr)
            edge.check('%s, %s: the same bytes' % (level, form), edge.run(*args).stdout == done.stdout)
    done = json.loads(edge.run('analyze', *AT, '--redact', 'standard', '--format', 'json', 'blocked').stdout)
    want = json.loads(plain)
    edge.check('names were there', '1111111111' in plain)
    edge.check('nothing but names', {k: v for k, v in done.items() if k != 'evidence'} ==
               {k: v for k, v in want.items() if k != 'evidence'})


def window_and_limit(edge):
    """--since uses nothing older and says so; a --timeout that is long enough changes no byte."""
    for command in (['analyze', *AT, '--verbose'], ['events'], ['fleet', '--format', 'ndjson'],
                    ['compare', '--force', 'blocked']):
        plain = edge.run(*command, 'blocked')
        timed = edge.run(*command, '--timeout', '3600', 'blocked')
        edge.check('time enough, ' + command[0], plain.returncode == 0 and plain.stdout == timed.stdout, timed.stderr)
    whole = json.loads(edge.run('analyze', *AT, '--format', 'json', 'blocked').stdout)
    wide = json.loads(edge.run('analyze', *AT, '--format', 'json', '--since', '30d', 'blocked').stdout)
    edge.check('all of it', wide == whole)
    for since in ('25m', '2026-09-14T08:17:07Z'):
        done = json.loads(edge.run('analyze', *AT, '--format', 'json', '--since', since, 'blocked').stdout)
        edge.check('nothing older', all(item['at'] is None or item['at'] >= '2026-09-14T08:17:07Z'
                                        for item in done['evidence']))
        edge.check('attempts since', done['store']['attempts'] == 8, done['store'])
        rows = {row['source']: row for row in done['coverage']}
        system = rows['System']
        edge.check('said in coverage', '(--since)' in system['why'] and system['oldest'] is None, system)
        edge.check('a log that begins later', not rows['Microsoft-Windows-Shell-Core/Operational']['oldest'], rows)
        edge.check('the registry is kept', rows['Registry/esp.reg']['records'] > 0, rows)
        edge.check('another verdict', done['primary'] != whole['primary'], done['primary'])
    row = json.loads(edge.run('fleet', '--format', 'ndjson', '--since', '10m', 'blocked').stdout)
    edge.check('fleet', row['primary'] is None and row['outcome'] == 'inconclusive', row)
    edge.check('no start, no build', row['build'] is None, row)
    row = json.loads(edge.run('fleet', '--format', 'ndjson', 'blocked').stdout)
    edge.check('the build of the last start', re.fullmatch(r'\d{5}\.\d+', row['build'] or ''), row)
    done = edge.run('compare', '--force', '--since', '10m', 'blocked', 'blocked').stdout.decode('utf-8')
    edge.check('compare', 'bitlocker-restart-pending' not in done, done)


def output_file(edge):
    want = edge.run('analyze', *AT, '--format', 'json', 'blocked').stdout
    done = edge.run('analyze', *AT, '--format', 'json', '-o', 'out.json', 'blocked')
    with open(os.path.join(edge.place, 'out.json'), 'rb') as file:
        edge.check('-o writes the same bytes', file.read() == want and done.stdout == b'' and done.returncode == 0)
    done = edge.run('analyze', *AT, '--format', 'json', '-o', '-', 'blocked')
    edge.check('-o - is standard output', done.stdout == want)
    edge.check('twice the same bytes', edge.run('analyze', *AT, '--format', 'json', 'blocked').stdout == want)


def events_in_all_forms(edge):
    """The same events whatever the form and wherever they are from, each record once."""
    lines = edge.run('events', 'recovered').stdout.decode('utf-8').splitlines()
    events = [json.loads(line) for line in lines]
    edge.check('events are there', len(events) > 10, len(events))
    asked = edge.run('events', '--format=json', 'recovered').stdout.decode('utf-8')
    edge.check('json is a line each', asked.splitlines() == lines)
    whole = edge.run('events', '--format=xml', 'recovered').stdout
    document = xml.dom.minidom.parseString(whole)
    edge.check('one element each', len(document.getElementsByTagName('Event')) == len(events))
    with open(os.path.join(edge.place, 'again.xml'), 'wb') as file:
        file.write(whole)
    again = [json.loads(line) for line in edge.run('events', 'again.xml').stdout.decode('utf-8').splitlines()]
    edge.check('read again', len(again) == len(events))
    for first, second in zip(events, again):
        edge.check('the same event', all(first.get(key, 0) == second[key] for key in second), (first, second))
    table = edge.run('events', '--format=text', 'recovered').stdout.decode('utf-8')
    edge.check('one row each', table.count('\n') == len(events) + 1)
    done = edge.run('events', '-o', 'events.json', 'recovered', 'recovered')
    with open(os.path.join(edge.place, 'events.json'), encoding='utf-8') as file:
        edge.check('a file, two PATHs', file.read().splitlines() == lines + lines and not done.stdout)
    some = [event for event in events if event['level'] == 2]
    level = edge.run('events', '--level', 'error', 'recovered').stdout.decode('utf-8')
    edge.check('by level', [json.loads(line) for line in level.splitlines()] == some)
    until = events[len(events) // 2]['at']
    some = [event for event in events if event['at'] <= until]
    early = edge.run('events', '--until', until, '--quiet', 'recovered').stdout.decode('utf-8')
    edge.check('by time', [json.loads(line) for line in early.splitlines()] == some)


def broken_output(edge):
    """A full disk and a reader that is gone: exit 1, one line."""
    for name, args in (('verdict', ['analyze', *AT, 'blocked']), ('help', ['--help']),
                       ('events', ['events', 'blocked'])):
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([edge.options.espdiag, *args], cwd=edge.place, stdout=full, stderr=subprocess.PIPE,
                                  timeout=60)
        edge.check('full, ' + name, done.returncode == 1 and done.stderr.count(b'\n') == 1, done)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([edge.options.espdiag, *args], cwd=edge.place, stdout=writer, stderr=subprocess.PIPE,
                              timeout=60)
        os.close(writer)
        edge.check('closed, ' + name, done.returncode == 1 and done.stderr.count(b'\n') == 1, done)


def on_terminal(edge, *args, **environment):
    """What the program prints when its standard output is a terminal."""
    leader, terminal = pty.openpty()
    env = {key: value for key, value in os.environ.items() if key != 'NO_COLOR'}
    process = subprocess.Popen([edge.options.espdiag, *args], cwd=edge.place, stdout=terminal, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, env=dict(env, **environment))
    os.close(terminal)
    text = b''
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    process.communicate(timeout=60)
    os.close(leader)
    return text


def colour(edge):
    text = ['analyze', *AT, 'blocked']
    edge.check('colour on a terminal', b'\x1b[1;31mBLOCKED\x1b[0m' in on_terminal(edge, *text))
    edge.check('NO_COLOR', b'\x1b' not in on_terminal(edge, *text, NO_COLOR='1'))
    edge.check('empty NO_COLOR says nothing', b'\x1b' in on_terminal(edge, *text, NO_COLOR=''))
    edge.check('--no-color', b'\x1b' not in on_terminal(edge, '--no-color', *text))
    edge.check('no colour in JSON', b'\x1b' not in on_terminal(edge, *text, '--format', 'json'))


def damage(edge):
    """Overwrites the middle of one log."""
    path = os.path.join(edge.place, 'damaged', 'EventLogs', 'System.evtx')
    with open(path, 'r+b') as file:
        file.seek(0x1000 + 0x400)
        file.write(b'\xff' * 600)


def notes(edge):
    """A file that is no evidence, under a name of ours: lines break elsewhere with the folder of the sources."""
    with open(os.path.join(edge.place, 'notes.txt'), 'w', encoding='utf-8') as file:
        file.write('bring the device on Monday\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--cases', required=True)
    with tempfile.TemporaryDirectory() as place:
        edge = Edge(parser.parse_args(), place)
        edge.build('restart-pending', 'blocked')
        edge.build('restart-pending', 'damaged')
        edge.build('recovered', 'recovered')
        damage(edge)
        notes(edge)
        os.mkdir(os.path.join(place, 'empty'))
        os.mkfifo(os.path.join(place, 'fifo'))
        for part in (table, several_paths, time_of_evaluation, pseudonyms, window_and_limit, output_file, events_in_all_forms,
                     broken_output, colour):
            part(edge)
    print('options: %d of %d checks hold' % (edge.count - edge.bad, edge.count))
    return 1 if edge.bad else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What whole runs of the shipped program cost, leave and survive, under Wine.

usage: live_runs.py OPTIONS [--key-rights EXE] faults | calls | memory | traces | kills
"""
import argparse
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import zipfile

import live_device
from live_device import Wrong, windows
from wevt_live import AAD, MDM, STORE, event, read_report

CASE = 'restart-pending'
ENROLLMENTS = r'SOFTWARE\Microsoft\Enrollments'
WMI_HANGS = 'namespace %s hang\n' % live_device.wmi_double.NAMESPACE
VOLUME = 'Win32_EncryptableVolume'
CERTAINTIES = ['none', 'possible', 'likely', 'confirmed']

# within: three seconds for keys, eight for WMI and a grace of half a second, and Wine's own start
FAULTS_SECONDS = 25
CALLS_MOST = 2.1
# a channel is looked at in so many calls, however few events it has
CALLS_A_CHANNEL = 16
LOGS_BYTES = 200 * 1000 * 1000
MEMORY_MOST = 64 * 1000 * 1000
KILLS = 100
# keys that Wine changes by itself only when other programs run than its own
WINE_ITSELF = {
    # it fits its fonts to the code page of whatever loads user32: that of the manifest, or of up
    r'system.reg [System\\CurrentControlSet\\Hardware Profiles\\Current\\Software\\Fonts]',
}


def asked_for():
    """{channel: (provider, id)} of an event that each channel is asked for."""
    table = os.path.join(live_device.HERE, '..', '..', 'collectors', 'wevt', 'channels.def')
    with open(table, encoding='utf-8') as file:
        rows = re.findall(r'^(CHANNEL|SELECT)\((\w+), (NULL|"[^"]*")(?:, (NULL|"[^"]*"))?',
                          file.read(), re.M)
    names, found = {}, {}
    for kind, key, first, second in rows:
        if kind == 'CHANNEL':
            names[key] = first.strip('"')
        elif names[key] not in found:
            number = re.search(r'\d+', second)
            found[names[key]] = ('Provider' if first == 'NULL' else re.split('[",]', first)[1],
                                 int(number.group()) if number else 1)
    return found


BULK = asked_for()


def fill(folder, name, count, data):
    provider, number = BULK[name]
    path = os.path.join(folder, name.replace('/', '%4') + '.xml')
    with open(path, 'w', encoding='utf-8', newline='\n') as file:
        for at in range(1, count + 1):
            file.write(event(name, provider, at, number, '%d %s' % (at, data)))
    return os.path.getsize(path)


def new_folder(scratch, name):
    path = os.path.join(scratch, name)
    os.makedirs(path)
    return path


def put_case(device, scratch):
    evidence = os.path.join(scratch, 'evidence')
    at = device.build(live_device.case_path(CASE), evidence)
    return at, device.put(evidence, scratch)


def rows_of(verdict):
    return {(row['source'], row['state']) for row in verdict['coverage']}


class Denied:
    """A registry key that nobody may read, while it lasts."""

    def __init__(self, device, key):
        self.helper = subprocess.Popen(
            [live_device.WINE_RUN, device.prefix, device.options.key_rights, key],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        if self.helper.stdout.readline().strip() != b'denied':
            raise Wrong('the key cannot be denied')

    def __exit__(self, *_):
        self.helper.communicate(timeout=60)


def event_is_of(event, verdict):
    """Source, id and type, then what a message of espdiag.mc has a place for."""
    return (event[:4] == ['espdiag 100 1', verdict['outcome'], verdict['primary'],
                          verdict['certainty']] and
            re.fullmatch(r'espdiag [0-9a-f-]{19} %s %s [0-9a-f]{4}-[0-9a-f]{4}' % (
                verdict['primary'], verdict['certainty']), event[4]) and
            event[5:] == [verdict['summary']])


def faults(device, scratch):
    at, told = put_case(device, scratch)
    arguments = ['--format', 'json', '--at', at, '--out']
    log = os.path.join(scratch, 'eventlog')
    well = json.loads(device.collect(dict(told, ESPDIAG_DOUBLE_EVENTLOG=windows(log)), '--eventlog',
                                     *arguments, windows(new_folder(scratch, 'well'))))
    with open(log, encoding='utf-8') as file:
        event = file.read().splitlines()
    hangs = os.path.join(scratch, 'hangs.txt')
    with open(hangs, 'w', encoding='utf-8') as file:
        file.write(WMI_HANGS)
    told = dict(told, ESPDIAG_DOUBLE_WMI=windows(hangs),
                ESPDIAG_DOUBLE_EVENTS_FAIL='%s=denied;%s=disabled' % (AAD, STORE))
    out = new_folder(scratch, 'out')
    with Denied(device, ENROLLMENTS):
        begun = time.monotonic()
        text = device.collect(told, *arguments, windows(out), allowed=(0,))
        seconds = time.monotonic() - begun
    bundle = device.only_bundle(out)
    ill = json.loads(text)
    run = live_device.member(bundle, 'state/run.json')
    wanted = {(AAD, 'denied'), (STORE, 'disabled'), (VOLUME, 'timed-out'),
              ('HKEY_LOCAL_MACHINE\\' + ENROLLMENTS, 'denied')}
    problems = [] if event_is_of(event, well) else ['the event log got %s' % event]
    problems += ['no row %s of %s in %s' % (state, source, name)
                for name, verdict in (('the verdict', ill), ('run.json', run))
                for source, state in sorted(wanted - rows_of(verdict))]
    if seconds > FAULTS_SECONDS:
        problems.append('took longer than %d s' % FAULTS_SECONDS)
    if ill['primary'] and (CERTAINTIES.index(ill['certainty']) >=
                           CERTAINTIES.index(well['certainty'])):
        problems.append('as certain as without faults')
    print('%.1f s; well: %s, %s; with faults: %s, %s' % (
        seconds, well['primary'], well['certainty'], ill['primary'], ill['certainty']))
    return problems


def report_of(device, scratch, told, name):
    report = os.path.join(scratch, name + '.report')
    out = new_folder(scratch, name)
    device.collect(dict(told, ESPDIAG_DOUBLE_REPORT=report), '--out', windows(out))
    device.only_bundle(out)
    found = read_report(report)
    problems = ['%s: %s is %d' % (name, counter, found[counter])
                for counter in ['open', 'bad-handle', 'wrong-thread', 'refused', 'other']
                if found[counter]]
    return found, problems


def calls(device, scratch):
    _, told = put_case(device, scratch)
    small, problems = report_of(device, scratch, told, 'small')
    channels = small['EvtOpenChannelConfig']
    print('small: %d calls, %d events, %d channels: %.2f an event, %.1f a channel beside them' % (
        small['calls'], small['rendered'], channels, small['calls'] / small['rendered'],
        (small['calls'] - CALLS_MOST * small['rendered']) / channels))
    if small['calls'] > CALLS_MOST * small['rendered'] + CALLS_A_CHANNEL * channels:
        problems.append('small: too many calls')
    events = new_folder(scratch, 'bulk-events')
    count = 12000
    for name in [STORE, AAD, MDM]:
        fill(events, name, count // 3, 'x' * 200)
    bulk, more = report_of(device, scratch, dict(told, ESPDIAG_DOUBLE_EVENTS=events), 'bulk')
    each = bulk['calls'] / count
    print('bulk: %d calls, %d events: %.3f an event' % (bulk['calls'], count, each))
    if bulk['rendered'] < count:
        more.append('bulk: only %d events were read' % bulk['rendered'])
    if each > CALLS_MOST:
        more.append('bulk: more than %.1f calls an event' % CALLS_MOST)
    return problems + more


def processes_of(device):
    """The processes that run the program in this prefix."""
    exe = os.path.basename(device.options.exe).encode()
    prefix = ('WINEPREFIX=' + device.prefix + '\0').encode()
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open('/proc/%s/cmdline' % name, 'rb') as file:
                line = file.read().split(b'\0')
            if len(line) < 2 or not line[0].endswith(exe) or b'collect' not in line:
                continue
            with open('/proc/%s/environ' % name, 'rb') as file:
                if prefix in b'\0' + file.read():
                    yield int(name)
        except OSError:
            continue


def private_kib(pid):
    """Memory that no file backs: the heap, stacks and what was written of images."""
    try:
        with open('/proc/%d/status' % pid, encoding='ascii') as file:
            return int(re.search(r'^RssAnon:\s*(\d+) kB', file.read(), re.M).group(1))
    except (OSError, AttributeError):
        return 0


def memory(device, scratch):
    _, told = put_case(device, scratch)
    events = new_folder(scratch, 'bulk-events')
    size = sum(fill(events, name, 1, 'x' * 800) for name in BULK)
    rows = LOGS_BYTES // size
    size = sum(fill(events, name, rows + 1, 'x' * 800) for name in BULK)
    out = new_folder(scratch, 'out')
    run = subprocess.Popen(device.command('--out', windows(out)), stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env=dict(os.environ, **dict(told, ESPDIAG_DOUBLE_EVENTS=events)))
    begun, most, looks, pids = time.monotonic(), 0, 0, []
    while run.poll() is None and time.monotonic() < begun + live_device.SECONDS_MOST:
        pids = pids or list(processes_of(device))
        found = [private_kib(pid) for pid in pids]
        looks += any(found)
        most = max([most, *found])
        time.sleep(0.01)
    code = run.wait(timeout=10)
    bundle = device.only_bundle(out)
    print('%d MB of logs: peak of private memory (RssAnon, %d looks) %.1f MB; %.1f s; bundle %d KiB'
          % (size // 1000000, looks, most * 1.024 / 1000, time.monotonic() - begun,
             os.path.getsize(bundle) // 1024))
    problems = [] if code == 0 else ['exit %d' % code]
    if looks < 20:
        problems.append('not looked at often enough')
    if most * 1024 > MEMORY_MOST:
        problems.append('more than %d MB' % (MEMORY_MOST // 1000000))
    return problems


class Listing:
    """All files and registry keys of a prefix that is down, as {path: what it is}."""

    known = {}

    def __init__(self, prefix):
        self.rows = {}
        for path in live_device.files_below(prefix):
            name = os.path.relpath(path, prefix)
            if os.path.islink(path):
                self.rows[name] = os.readlink(path)
            elif name.endswith('.reg') and '/' not in name:
                self.add_keys(path, name)
            else:
                self.rows[name] = self.digest(path)
        for at, folders, _ in os.walk(prefix):
            for folder in folders:
                self.rows.setdefault(os.path.relpath(os.path.join(at, folder), prefix) + '/', '')

    def digest(self, path):
        """A file whose inode has not changed is not read again."""
        about = os.stat(path)
        key = (about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
        if key not in self.known:
            with open(path, 'rb') as file:
                self.known[key] = hashlib.sha256(file.read()).hexdigest()
        return (about.st_size, self.known[key])

    def add_keys(self, path, name):
        with open(path, encoding='utf-8', errors='replace') as file:
            for part in file.read().split('\n\n'):
                key, _, values = part.partition('\n')
                if key.startswith('['):
                    self.rows['%s %s' % (name, key[:key.rindex(']') + 1])] = (key, values)

    def changed_to(self, later):
        return {name for name in self.rows.keys() | later.rows.keys()
                if self.rows.get(name) != later.rows.get(name)}


def traces(device, scratch):
    _, told = put_case(device, scratch)
    out = 'drive_c/handed over'
    os.mkdir(device.folder(out))

    def listing_after(*command, **settings):
        device.wine(*command, **settings)
        live_device.call([live_device.WINE_PREFIX, 'down', device.prefix])
        listing = Listing(device.prefix)
        live_device.call([live_device.WINE_PREFIX, 'up', device.prefix])
        return listing

    idle = ('cmd', '/c', 'exit')
    listing_after(*idle)
    first, second = listing_after(*idle), listing_after(*idle)
    third = listing_after(device.options.exe, 'collect', '--raw', '--out', 'C:\\handed over',
                          environment=told)
    by_itself, changed = first.changed_to(second), second.changed_to(third)
    ours = {name for name in changed if name.startswith(out + '/') and name.endswith('.zip')}
    device.verify(os.path.join(device.prefix, *ours))
    with zipfile.ZipFile(os.path.join(device.prefix, *ours)) as bundle:
        raw = [name for name in bundle.namelist() if name.startswith('raw/')]
    print('%d files, folders and keys; wine alone changed %d; a run changed %d, of them the bundle' % (
        len(third.rows), len(by_itself), len(changed)))
    problems = ['changed: %s' % name for name in sorted(changed - by_itself - ours - WINE_ITSELF)]
    if not raw:
        problems.append('no raw log was exported')
    if len(ours) != 1:
        problems.append('left %s' % sorted(ours))
    return problems


def kill_at(device, told, out, delay):
    """True when the run was still going at @delay seconds."""
    run = subprocess.Popen(device.command('--out', windows(out)), stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           env=dict(os.environ, **told))
    try:
        run.wait(timeout=delay)
        return False
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
    for pid in processes_of(device):
        os.kill(pid, signal.SIGKILL)
    return True


def kills(device, scratch):
    seed = int(os.environ.get('ED_SEED') or random.randrange(1 << 32))
    chance = random.Random(seed)
    _, told = put_case(device, scratch)
    times = []
    for at in range(3):
        begun = time.monotonic()
        device.collect(told, '--out', windows(new_folder(scratch, 'whole-%d' % at)))
        times.append(time.monotonic() - begun)
    usual = min(times)
    killed = whole = parts = 0
    problems = []
    for at in range(KILLS):
        out = new_folder(scratch, 'killed-%d' % at)
        # the bundle is written at the end: every other one comes there
        delay = chance.uniform(0.8, 1.2) if at % 2 else chance.uniform(0, 1)
        killed += kill_at(device, told, out, delay * usual)
        names = os.listdir(out)
        bundles = [name for name in names if name.endswith('.zip')]
        parts += len(names) - len(bundles)
        whole += bool(bundles)
        for name in bundles:
            try:
                device.verify(os.path.join(out, name))
            except (Wrong, OSError, ValueError, live_device.zipfile.BadZipFile) as wrong:
                problems.append('run %d: %s: %s' % (at, name, wrong))
    print('seed %d (ED_SEED): %d of %d runs of %.2f s were killed; %d left a bundle, %d a part of '
          'one under another name' % (seed, killed, KILLS, usual, whole, parts))
    if killed < KILLS / 3:
        problems.append('too few runs were killed to show anything')
    return problems


def main():
    parser = argparse.ArgumentParser()
    live_device.add_options(parser)
    parser.add_argument('--key-rights')
    kinds = {'faults': faults, 'calls': calls, 'memory': memory, 'traces': traces, 'kills': kills}
    parser.add_argument('kind', choices=kinds)
    options = parser.parse_args()
    begun = time.monotonic()
    with live_device.Device(options) as device, live_device.scratch_folder() as scratch:
        try:
            problems = kinds[options.kind](device, scratch)
        except (Wrong, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as wrong:
            problems = ['%s: %s' % (type(wrong).__name__, wrong)]
    for problem in problems:
        print('%s: %s' % (options.kind, problem))
    print('%s: %.0f s' % (options.kind, time.monotonic() - begun))
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())

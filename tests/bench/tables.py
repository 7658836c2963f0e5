# SPDX-License-Identifier: MIT
"""Measures espdiag against its peers and the machine's limit, and prints the tables.

usage: tables.py BUILD DATA SCENARIO [--quick] [--shared FOLDER]
BUILD: the folder of the programs; DATA: what bench_make made; SCENARIO: a case for the bundle.
"""
import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import zlib

import benchlib

# Debian's interpreter: another one on the PATH does not see Debian's packages.
PYTHON = '/usr/bin/python3'
HERE = os.path.dirname(os.path.abspath(__file__))
LARGE_BYTES = 2 << 30
LEAST_NET_NS = 50000  # a lane that is hardly slower than doing nothing is not divided by


class Lane:
    """One command of an interleaved run, and what its runs gave."""

    def __init__(self, name, command, each=None, present=None, emitted=None, reads=0, scale=1):
        self.name = name
        self.command = command
        self.each = each        # a file that lists the last argument of one process each
        self.present = present  # records there are
        self.emitted = emitted  # records that came out, counted beforehand
        self.reads = reads      # bytes of input
        self.scale = scale      # measured on a part: its time times this
        self.wall, self.cpu, self.peak, self.failed = [], [], 0, 0

    def line(self):
        parts = ['each', self.each] if self.each else ['once']
        return '\t'.join(parts + self.command) + '\n'

    def ms(self):
        return statistics.median(self.wall) * self.scale / 1e6


class Bench:
    def __init__(self, arguments):
        self.build = arguments.build
        self.made = benchlib.Made(arguments.data)
        self.quick = arguments.quick
        self.rounds = 3 if self.quick else 7
        self.espdiag = os.path.join(self.build, 'espdiag')
        self.wrong = []
        self.goals = []

    def tool(self, name):
        return os.path.join(self.build, 'tests/bench', name)

    def limit(self, kind, size, *files):
        return [self.tool('bench_limit'), kind, str(size)] + list(files)

    def records_in(self, path):
        """As the maker of the logs says; those of a case are few, and counted by reading them."""
        name = os.path.relpath(path, self.made.folder)
        if (name, 'records') in self.made.facts:
            return self.made.number(name, 'records')
        return benchlib.said_records([self.tool('bench_read'), 'heads', path])

    def run(self, lanes, rounds=None):
        """All lanes in turn, round after round; the first must be the floor."""
        plan = ''.join(lane.line() for lane in lanes)
        command = [self.tool('bench_run'), str(rounds or self.rounds)]
        said = subprocess.run(command, input=plan.encode(), stdout=subprocess.PIPE, check=True)
        for row in said.stdout.decode().splitlines():
            _, i, wall, cpu, peak, failed = (int(cell) for cell in row.split('\t'))
            lanes[i].wall.append(wall)
            lanes[i].cpu.append(cpu)
            lanes[i].peak = max(lanes[i].peak, peak)
            lanes[i].failed = max(lanes[i].failed, failed)

    def check(self, lane, marker):
        """Counts the records a lane emits, apart from the timed runs; returns its bytes."""
        emitted, size, _ = benchlib.count_output(lane.command, marker)
        lane.emitted = emitted
        return size

    def check_ours(self, lane, marker):
        size = self.check(lane, marker)
        if lane.emitted < lane.present:
            self.wrong.append('%s: %d of %d records' % (lane.name, lane.emitted, lane.present))
        return size

    def goal(self, what, value, least):
        self.goals.append((what, value, least, value >= least))

    def ceiling(self, what, value, most):
        self.goals.append((what, value, most, value <= most))


def paired(first, second, first_scale=1):
    """Median over the rounds of first / second."""
    return statistics.median(a * first_scale / b for a, b in zip(first, second))


def share(limit, lane, floor, what='wall'):
    """The limit's time as a part of the lane's, both without the start of a process."""
    return statistics.median(
        max(a - f, LEAST_NET_NS) / (max(b - f, LEAST_NET_NS) * lane.scale)
        for a, b, f in zip(*(getattr(each, what) for each in (limit, lane, floor))))


def number(value):
    return '%.0f' % value if value >= 1000 else '%.1f' % value if value >= 10 else '%.2f' % value


def print_row(cells):
    print('| ' + ' | '.join(cells) + ' |')


def print_table(title, lanes, limit, floor):
    """The first lane is ours; the others are told in relation to it."""
    ours = lanes[0]
    print('\n### %s\n' % title)
    print_row(['lane', 'ms', 'min-max', 'CPU ms', 'time / ours', 'of the limit', 'MB/s',
               'k rec/s', 'peak MiB', 'records'])
    print_row(['---'] + ['---:'] * 9)
    for lane in lanes + [limit]:
        ms = lane.ms()
        spread = '%s-%s' % (number(min(lane.wall) * lane.scale / 1e6),
                            number(max(lane.wall) * lane.scale / 1e6))
        records = '%d / %d = %.4f' % (lane.emitted, lane.present, lane.emitted / lane.present) \
            if lane.emitted is not None and lane.present else ''
        print_row([
            lane.name + (', %d runs failed' % lane.failed if lane.failed else ''),
            number(ms), spread, number(statistics.median(lane.cpu) * lane.scale / 1e6),
            number(paired(lane.wall, ours.wall, lane.scale)),
            '%.0f %%' % (100 * share(limit, lane, floor)),
            number(lane.reads * lane.scale / 1e3 / ms) if lane.reads else '',
            number(lane.emitted * lane.scale / ms) if lane.emitted else '',
            number(lane.peak / 1024), records])


def events(bench, name, *options):
    return [bench.espdiag, 'events', bench.made.path(name), '--quiet'] + list(options)


def log_lanes(bench, name, part):
    """Everything done with one large log, as one interleaved run, and its tables."""
    made = bench.made
    path, size = made.path(name), made.number(name, 'bytes')
    total = made.number(name, 'records')
    label = '%s, %d records, %d chunks, %.1f MB' % (name, total, made.number(name, 'chunks'),
                                                   size / 1e6)
    lane = lambda title, command, present=total: Lane(title, command, present=present, reads=size)
    floor = Lane('true', ['true'])
    xml = lane('espdiag, XML', events(bench, name, '--format', 'xml'))
    jsonl = lane('espdiag, JSONL', events(bench, name, '--format', 'ndjson'))
    wide = lane('espdiag, 12 fields of 10 ids in a window',
                events(bench, name, '--format', 'ndjson', '--id', ','.join(made.ids), '--fields',
                       ','.join(benchlib.FIELDS), *made.window(name, 'wide')),
                made.number(name, 'wide-records'))
    sparse = lane('espdiag, 1 record of 500 by time',
                  events(bench, name, '--format', 'ndjson', *made.window(name, 'sparse')),
                  made.number(name, 'sparse-records'))
    heads = lane('reader alone, heads', [bench.tool('bench_read'), 'heads', path])
    values = lane('reader alone, every value', [bench.tool('bench_read'), 'values', path])
    ours = [(xml, b'<Event '), (jsonl, b'\n'), (wide, b'\n'), (sparse, b'\n')]
    limits = {}
    for each, marker in ours:
        stored = bench.check_ours(each, marker)
        limits[each] = Lane('limit: read, CRC, %.1f MB out' % (stored / 1e6),
                            bench.limit('log', stored, path), reads=size)
    for each in (heads, values):
        each.emitted = benchlib.said_records(each.command)
        limits[each] = Lane('limit: read, CRC', bench.limit('log', 0, path), reads=size)
    export = lane('evtxexport, XML', ['evtxexport', '-f', 'xml', path])
    bench.check(export, b'<Event ')
    slower = Lane('limit with zlib\'s CRC32', limits[xml].command[:1] + ['log-zlib'] +
                  limits[xml].command[2:], reads=size)
    double = lane('espdiag, XML, --jobs 2', xml.command + ['--jobs', '2'])
    bench.check_ours(double, b'<Event ')
    if digest_of(double.command) != digest_of(xml.command):
        bench.wrong.append('%s: two threads print something else than one' % name)
    lanes = [floor] + [each for each, _ in ours] + [heads, values] + list(limits.values())
    lanes += [slower, double, export]
    python = []
    if part:
        # seconds for a part already: what the whole would take is worked out, and says so
        times = total / made.number(part, 'records')
        python = [Lane('python3-evtx, XML (%s x %.1f)' % (part, times),
                       [PYTHON, os.path.join(HERE, 'peer_evtx.py'), made.path(part)],
                       present=made.number(part, 'records'), scale=times,
                       reads=made.number(part, 'bytes'))]
        bench.check(python[0], b'<Event ')
        lanes += python
    bench.run(lanes)
    print_table('W1 dump to XML: ' + label, [xml, double, export] + python + [slower],
                limits[xml], floor)
    print_table('W1 dump to JSONL: ' + label, [jsonl, export] + python, limits[jsonl], floor)
    if wide.present:
        print_table('W2 extract: ' + label, [wide, jsonl, export], limits[wide], floor)
    print_table('W2 sparse time window: ' + label, [sparse, jsonl, export], limits[sparse], floor)
    print_table('Heads of all records: ' + label, [heads], limits[heads], floor)
    print_table('Values of all records: ' + label, [values], limits[values], floor)
    if name == 'security.evtx':
        log_goals(bench, floor, limits, xml, jsonl, wide, sparse, export)
        for what, said in (('wall', ''), ('cpu', ', by CPU time')):
            bench.goal('XML dump, % of the limit with zlib\'s CRC32' + said,
                       100 * share(slower, xml, floor, what), 35)


def digest_of(command):
    """SHA-256 of what a command prints."""
    digest = hashlib.sha256()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for block in iter(lambda: process.stdout.read(1 << 20), b''):
            digest.update(block)
    return digest.hexdigest()


def large_log(bench):
    """Two gigabytes: the chunks of security.evtx again and again. Removed when it is done."""
    source, path = bench.made.path('security.evtx'), bench.made.path('large.evtx')
    space = os.statvfs(bench.made.folder)
    if space.f_bavail * space.f_frsize < 2 * LARGE_BYTES:
        print('\n2 GB log: skipped, no room on the disk')
        return
    with open(source, 'rb') as f:
        header, chunks = f.read(4096), f.read()
    times = -(-LARGE_BYTES // len(chunks))
    total, size = times * bench.made.number('security.evtx', 'records'), times * len(chunks)
    try:
        with open(path, 'wb') as f:
            f.write(header)
            for _ in range(times):
                f.write(chunks)
        floor = Lane('true', ['true'])
        dump = [bench.espdiag, 'events', path, '--quiet', '--format']
        ours = [Lane('espdiag, XML', dump + ['xml'], present=total, reads=size),
                Lane('espdiag, 1 field', dump + ['ndjson', '--fields', 'event'], present=total,
                     reads=size)]
        bench.check_ours(ours[1], b'\n')
        ours[0].emitted = ours[1].emitted
        limit = Lane('limit: read, CRC', bench.limit('log', 0, path), reads=size)
        bench.run([floor] + ours + [limit], 1)
    finally:
        os.remove(path)
    print_table('A log of %.1f GB, %d records, one round' % (size / 1e9, total), ours, limit, floor)
    bench.ceiling('peak memory over a log of 2 GB, MiB', max(lane.peak for lane in ours) / 1024, 16)


def log_goals(bench, floor, limits, xml, jsonl, wide, sparse, export):
    bench.goal('XML dump against evtxexport', paired(export.wall, xml.wall), 100)
    bench.goal('JSONL dump against evtxexport (XML)', paired(export.wall, jsonl.wall), 100)
    bench.goal('extraction against our own dump', paired(jsonl.wall, wide.wall), 2)
    bench.goal('sparse window against our own dump', paired(jsonl.wall, sparse.wall), 5)
    # others' work on the same processor stops the longer lane more often: CPU time is fairer then
    for what, said in (('wall', ''), ('cpu', ', by CPU time')):
        bench.goal('XML dump, % of the limit' + said,
                   100 * share(limits[xml], xml, floor, what), 35)
        bench.goal('JSONL dump, % of the limit' + said,
                   100 * share(limits[jsonl], jsonl, floor, what), 35)
    bench.ceiling('peak memory of a dump, MiB', max(xml.peak, jsonl.peak) / 1024, 16)


def verdict_records(bench, path):
    said = subprocess.run([bench.espdiag, 'analyze', path, '--format', 'json'],
                          stdout=subprocess.PIPE, check=True).stdout
    # rows with times are channels; the others count registry values and the like
    rows = [row for row in json.loads(said)['coverage'] if row['oldest']]
    return sum(row['records'] for row in rows), len(said)


def archive_lanes(bench, title, name, members, goal):
    """An archive to its verdict in one process, against one evtxexport for each log in it."""
    archive = bench.made.path(name + '.zip')
    benchlib.write_zip(archive, members)
    logs = [path for _, path in members if path.endswith('.evtx')]
    listed = bench.made.path(name + '.list')
    with open(listed, 'w', encoding='utf-8') as f:
        f.writelines(path + '\n' for path in logs)
    ours = Lane('espdiag analyze, one process', [bench.espdiag, 'analyze', archive, '--format',
                                                 'json'])
    ours.emitted, stored = verdict_records(bench, archive)
    dump = Lane('espdiag events to XML, one process', [bench.espdiag, 'events', archive,
                                                       '--quiet', '--format', 'xml'])
    ours.present = dump.present = sum(bench.records_in(path) for path in logs)
    bench.check_ours(dump, b'<Event ')
    if ours.emitted != ours.present:
        bench.wrong.append('%s: %d of %d records' % (name, ours.emitted, ours.present))
    floor = Lane('true', ['true'])
    limit = Lane('limit: read, inflate, CRC', bench.limit('zip', stored, archive))
    lanes = [ours, dump]
    if goal or not bench.quick:  # half a minute a round over large logs
        export = Lane('evtxexport, %d processes, unpacked before' % len(logs),
                      ['evtxexport', '-f', 'xml'], each=listed, present=ours.present)
        export.emitted = sum(benchlib.count_output(export.command + [path], b'<Event ')[0]
                             for path in logs)
        lanes += [export, Lane('%d starts of true' % len(logs), ['true'], each=listed)]
    size = sum(os.path.getsize(path) for _, path in members)
    for lane in [limit] + lanes[:3]:
        lane.reads = size
    bench.run([floor, limit] + lanes)
    bench.ceiling('peak memory of a dump, %s, MiB' % name, dump.peak / 1024, 16)
    print_table('%s: %d files, %.1f MB, zip of %.1f MB'
                % (title, len(members), size / 1e6, os.path.getsize(archive) / 1e6),
                lanes, limit, floor)
    if goal:
        bench.goal('small logs to verdict against evtxexport', paired(export.wall, ours.wall),
                   goal)


def small_logs(bench):
    members = [(name, bench.made.path(name)) for name in bench.made.within('small')]
    archive_lanes(bench, 'W3 small logs, zip to verdict', 'small-logs', members, 30)


def bundle(bench, case):
    """A recorded case, a large log, a log of many kinds and fifty small ones."""
    folder = bench.made.path('case')
    subprocess.run([os.path.join(bench.build, 'scenario'), 'build', case, folder],
                   stdout=subprocess.DEVNULL, check=True)
    members = [(os.path.relpath(os.path.join(where, name), folder), os.path.join(where, name))
               for where, _, names in os.walk(folder) for name in names]
    members += [('Logs/' + name, bench.made.path(name)) for name in
                ['security.evtx', 'mixed.evtx'] + bench.made.within('small')[:50]]
    archive_lanes(bench, 'W4 bundle, zip to verdict', 'bundle', sorted(members), None)


def written(bench):
    """What collect does once all is read: members, their digests, the manifest, one zip."""
    names = [bench.made.path(name) for name in ('mixed.evtx', 'security.evtx', 'security.xml')]
    size = sum(os.path.getsize(name) for name in names)
    ours = Lane('bundle, SHA-256 of each member', [bench.tool('bench_bundle'), '-'] + names)
    packed = Lane('zip -6', ['zip', '-q', '-j', '-6', '-'] + names)
    bytes_out = [benchlib.count_output(lane.command, b'PK\1\2')[1] for lane in (ours, packed)]
    limit = Lane('limit: read, deflate once, CRC', bench.limit('pack', bytes_out[0], *names))
    floor = Lane('true', ['true'])
    for lane in (ours, packed, limit):
        lane.reads = size
    bench.run([floor, limit, ours, packed])
    print_table('W4 bundle writing: %.1f MB into %.1f MB, zip -6 into %.1f MB'
                % (size / 1e6, bytes_out[0] / 1e6, bytes_out[1] / 1e6), [ours, packed], limit, floor)


def exported(bench):
    path, total = bench.made.path('security.xml'), bench.made.number('security.xml', 'records')
    size = bench.made.number('security.xml', 'bytes')
    ours = Lane('espdiag\'s reader', [bench.tool('bench_read'), 'exported', path])
    expat = Lane('expat', [bench.tool('bench_expat'), path])
    limit = Lane('limit: read', bench.limit('plain', 0, path), reads=size)
    floor = Lane('true', ['true'])
    for lane in (ours, expat):
        lane.present, lane.reads = total, size
        lane.emitted = benchlib.said_records(lane.command)
    said = [subprocess.run(lane.command, stdout=subprocess.PIPE, check=True).stdout
            for lane in (ours, expat)]
    if ours.emitted != total or said[0] != said[1]:
        bench.wrong.append('exported XML, %d events: we %s, expat %s' % (total, said[0], said[1]))
    bench.run([floor, ours, expat, limit])
    print_table('W5 exported XML to fields: %d events, %.1f MB' % (total, size / 1e6),
                [ours, expat], limit, floor)


def shared_records(folder):
    """What the table beside the logs says that they hold."""
    with open(os.path.join(folder, 'MANIFEST.tsv'), encoding='utf-8') as table:
        head = table.readline().rstrip('\n').split('\t')
        rows = [dict(zip(head, line.rstrip('\n').split('\t'))) for line in table]
    return {os.path.join(folder, row['path']): int(row['records']) for row in rows}


def shared(bench, folder):
    records = shared_records(folder)
    logs = [path for path in sorted(records) if os.path.isfile(path)]
    listed = bench.made.path('shared.list')
    with open(listed, 'w', encoding='utf-8') as f:
        f.writelines(path + '\n' for path in logs)
    size = sum(os.path.getsize(path) for path in logs)
    ours = Lane('espdiag, XML, one process',
                [bench.espdiag, 'events'] + logs + ['--quiet', '--format', 'xml'])
    export = Lane('evtxexport, %d processes' % len(logs), ['evtxexport', '-f', 'xml'], each=listed)
    for lane in (ours, export):
        lane.present, lane.reads = sum(records[path] for path in logs), size
    stored = bench.check_ours(ours, b'<Event ')
    export.emitted = sum(benchlib.count_output(export.command + [path], b'<Event ')[0]
                         for path in logs)
    floor = Lane('true', ['true'])
    limit = Lane('limit: read, CRC, %.1f MB out' % (stored / 1e6),
                 bench.limit('log', stored, *logs), reads=size)
    bench.run([floor, ours, limit, export])
    bench.goal('records read / records present, real logs', ours.emitted / ours.present, 1)
    # two of them are damaged: the table beside them counts less than can be recovered
    print_table('W1 dump to XML: %d real logs, %.1f MB' % (len(logs), size / 1e6),
                [ours, export], limit, floor)
    joined_log(bench, logs)


CHUNK = 65536
JOINED_BYTES = 30e6


def join_logs(bench, logs):
    """The whole chunks of all logs, again and again, as one log that was not closed."""
    chunks = []
    for path in logs:
        with open(path, 'rb') as f:
            log = f.read()
        chunks += [log[at:at + CHUNK] for at in range(4096, len(log) - CHUNK + 1, CHUNK)
                   if is_whole(log[at:at + CHUNK])]
        head = log[:4096]
    joined = bench.made.path('joined.evtx')
    with open(joined, 'wb') as f:
        f.write(head)
        for _ in range(1 + int(JOINED_BYTES / CHUNK / len(chunks))):
            f.writelines(chunks)
    return joined


def is_whole(chunk):
    used = int.from_bytes(chunk[48:52], 'little')
    return (chunk.startswith(b'ElfChnk\0') and 512 <= used <= CHUNK and
            zlib.crc32(chunk[512:used]) == int.from_bytes(chunk[52:56], 'little') and
            zlib.crc32(chunk[:120] + chunk[128:512]) == int.from_bytes(chunk[124:128], 'little'))


def joined_log(bench, logs):
    """What events of Windows cost: their chunks in one log of the size of the made ones."""
    path = join_logs(bench, logs)
    size = os.path.getsize(path)
    xml, lines = (Lane('espdiag, ' + name, [bench.espdiag, 'events', path, '--quiet', '--format',
                                            kind])
                  for name, kind in (('XML', 'xml'), ('JSON lines', 'ndjson')))
    export = Lane('evtxexport, XML', ['evtxexport', '-f', 'xml', path])
    for lane, marker in ((xml, b'<Event '), (lines, b'\n'), (export, b'<Event ')):
        lane.reads, lane.present = size, bench.records_in(path)
        stored = bench.check(lane, marker)
        if lane is xml:
            limit = Lane('limit: read, CRC, %.1f MB out' % (stored / 1e6),
                         bench.limit('log', stored, path), reads=size)
    floor = Lane('true', ['true'])
    bench.run([floor, xml, lines, limit, export])
    print_table('W1 dump: chunks of real logs in one, %.1f MB' % (size / 1e6),
                [xml, lines, export], limit, floor)


def print_head(bench):
    made = bench.made
    print('## espdiag, measured on this machine\n')
    print('%d rounds, lanes in turn; one thread, CRC on; %s, %s.' % (
        bench.rounds, platform.platform(terse=True), platform.machine()))
    print('ms, CPU: median of whole processes. "time / ours": median of the ratios of each round.')
    print('"of the limit": the limit\'s time / the lane\'s, both less the start of a process.\n')
    for name in ('security.evtx', 'mixed.evtx', 'security.xml'):
        with open(made.path(name), 'rb') as f:
            print('sha256 %s  %s' % (hashlib.sha256(f.read()).hexdigest(), name))
    digest = hashlib.sha256()
    for name in made.within('small'):
        with open(made.path(name), 'rb') as f:
            digest.update(f.read())
    print('sha256 %s  small/, %d files one after the other'
          % (digest.hexdigest(), len(made.within('small'))))


def print_goals(bench):
    print('\n### Goals\n')
    print_row(['what', 'measured', 'goal', ''])
    print_row(['---', '---:', '---:', '---'])
    for what, value, wanted, is_met in bench.goals:
        print_row([what, '%.3f' % value if value < 2 else number(value), str(wanted),
                   'met' if is_met else 'missed'])
    for what in bench.wrong:
        print('records wrong: ' + what)


def main():
    parser = argparse.ArgumentParser(description='espdiag against its peers and the limit')
    parser.add_argument('build')
    parser.add_argument('data')
    parser.add_argument('scenario')
    parser.add_argument('--quick', action='store_true', help='3 rounds instead of 7')
    parser.add_argument('--shared', help='a folder with real logs and their MANIFEST.tsv')
    arguments = parser.parse_args()
    bench = Bench(arguments)
    sys.stdout.reconfigure(line_buffering=True)
    print_head(bench)
    log_lanes(bench, 'security.evtx', 'security-part.evtx')
    log_lanes(bench, 'mixed.evtx', None)
    if arguments.shared:
        shared(bench, arguments.shared)
    if not bench.quick:
        large_log(bench)
    small_logs(bench)
    bundle(bench, arguments.scenario)
    written(bench)
    exported(bench)
    print_goals(bench)
    sys.exit(1 if bench.wrong else 0)


if __name__ == '__main__':
    main()

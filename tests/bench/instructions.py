# SPDX-License-Identifier: MIT
"""Counts instructions a record with callgrind and holds them to instructions.tsv.

usage: instructions.py TABLE BENCH_MAKE BENCH_READ ESPDIAG VALGRIND WORKFOLDER NAME=VERSION...
Fails when a count rose by more than RISE. Counts belong to one compiler and one set of libraries:
with others than the table names the test is skipped. ED_BENCH_UPDATE=1 writes the table anew.
"""
import os
import platform
import re
import shutil
import subprocess
import sys
import benchlib

RISE = 0.02
SKIPPED = 77

# The C library picks its string functions by the processor, so that the same program would count
# differently from one machine to the next (by a tenth, measured).
BASELINE = ('glibc.cpu.hwcaps=-AVX512VL,-AVX512BW,-AVX2,-AVX,-BMI2,-BMI1,-ERMS,-FSRM,-RTM'
            ':glibc.cpu.x86_non_temporal_threshold=0xc0000')


def fail(text):
    print(text)
    sys.exit(1)


def versions(pairs):
    """What the counts depend on, by name."""
    made_with = dict(pair.split('=', 1) for pair in pairs)
    made_with['libc'] = ' '.join(platform.libc_ver())
    made_with['machine'] = platform.machine()
    return made_with


def read_table(path):
    made_with, counts = {}, {}
    if os.path.exists(path):
        with open(path, encoding='utf-8') as table:
            for line in table:
                kind, name, value = line.rstrip('\n').split('\t')
                if kind == 'with':
                    made_with[name] = value
                elif kind == 'count':
                    counts[name] = float(value)
    return made_with, counts


def write_table(path, made_with, counts):
    with open(path, 'w', encoding='utf-8') as table:
        table.write('what\tname\tinstructions a record, or version\n')
        for name in sorted(made_with):
            table.write('with\t%s\t%s\n' % (name, made_with[name]))
        for name in counts:
            table.write('count\t%s\t%.1f\n' % (name, counts[name]))


class Counter:
    def __init__(self, valgrind, folder):
        self.valgrind = valgrind
        self.out = os.path.join(folder, 'callgrind.out')
        # nothing of the caller's surroundings is counted: the loader walks through all of it
        self.environment = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'GLIBC_TUNABLES': BASELINE}

    def total(self, command, may_fail=False):
        run = subprocess.run([self.valgrind, '--tool=callgrind', '--callgrind-out-file=' + self.out]
                             + command, env=self.environment, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, check=False)
        if run.returncode != 0 and not may_fail:
            fail('%s\n%s: exit %d' % (run.stderr.decode('utf-8', 'replace'), ' '.join(command),
                                      run.returncode))
        with open(self.out, encoding='utf-8', errors='replace') as f:
            return int(re.search(r'^(?:summary|totals): (\d+)', f.read(), re.M).group(1))


def workloads(made, bench_read, espdiag, folder):
    """Name, records that pass, command."""
    logs = [made.path('security.evtx'), made.path('mixed.evtx')]
    records = made.number('security.evtx', 'records') + made.number('mixed.evtx', 'records')
    security, total = logs[0], made.number('security.evtx', 'records')
    archive = os.path.join(folder, 'small.zip')
    benchlib.write_zip(archive, [(name, made.path(name)) for name in made.within('small')])
    packed = sum(made.number(name, 'records') for name in made.within('small'))
    extract = ['--id', ','.join(made.ids), '--fields', ','.join(benchlib.FIELDS)]
    events = [espdiag, 'events', '--quiet', '--format']
    return [
        ('heads', records, [bench_read, 'heads'] + logs),
        ('values', records, [bench_read, 'values'] + logs),
        ('jsonl', records, events + ['ndjson'] + logs),
        ('xml', records, events + ['xml'] + logs),
        ('extract', total, events + ['ndjson', security] + extract +
         made.window('security.evtx', 'wide')),
        ('window', total, events + ['ndjson', security] + made.window('security.evtx', 'sparse')),
        ('exported', made.number('security.xml', 'records'),
         [bench_read, 'exported', made.path('security.xml')]),
        ('analyze', packed, [espdiag, 'analyze', archive, '--format', 'json']),
    ]


def measure(bench_make, bench_read, espdiag, valgrind, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    subprocess.run([bench_make, folder, 'small'], check=True)
    counter = Counter(valgrind, folder)
    # what a program costs that does nothing: loading and linking
    idle = {bench_read: counter.total([bench_read], may_fail=True),
            espdiag: counter.total([espdiag, '--version'])}
    counts = {}
    for name, records, command in workloads(benchlib.Made(folder), bench_read, espdiag, folder):
        counts[name] = (counter.total(command) - idle[command[0]]) / records
    return counts


def compare(before, now):
    """Prints every count; returns how many rose too far, or are new."""
    wrong = 0
    for name, count in now.items():
        if name not in before:
            print('%-10s %10.1f  not in the table' % (name, count))
            wrong += 1
            continue
        change = count / before[name] - 1
        said = ''
        if change > RISE:
            said = '  rose'
            wrong += 1
        elif change < -RISE:
            said = '  fell: keep it with ED_BENCH_UPDATE=1'
        print('%-10s %10.1f  was %10.1f  %+.2f %%%s'
              % (name, count, before[name], 100 * change, said))
    gone = [name for name in before if name not in now]
    if gone:
        print('in the table only: ' + ', '.join(gone))
    return wrong + len(gone)


def main():
    if len(sys.argv) < 7:
        sys.exit('usage: instructions.py TABLE BENCH_MAKE BENCH_READ ESPDIAG VALGRIND WORKFOLDER '
                 'NAME=VERSION...')
    table, bench_make, bench_read, espdiag, valgrind, folder = sys.argv[1:7]
    made_with = versions(sys.argv[7:])
    update = os.environ.get('ED_BENCH_UPDATE') == '1'
    was_with, before = read_table(table)
    other = ['%s is %s, the table was made with %s' % (name, made_with.get(name, 'none'),
                                                      was_with.get(name, 'none'))
             for name in sorted(set(made_with) | set(was_with))
             if made_with.get(name) != was_with.get(name)]
    if other and not update:
        print('skipped: counts cannot be compared\n' + '\n'.join(other))
        sys.exit(SKIPPED)
    now = measure(bench_make, bench_read, espdiag, valgrind, folder)
    wrong = compare(before, now)
    if update:
        write_table(table, made_with, now)
        print('written: ' + table)
    elif wrong:
        fail('the reader became slower, or what is counted changed; if it is meant, '
             'ED_BENCH_UPDATE=1 writes the table anew')


if __name__ == '__main__':
    main()

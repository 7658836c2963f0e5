#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sixty bundles, some broken: the rows say what analyze says, and nothing depends on threads or shards.

usage: rows.py --espdiag PROGRAM --scenario PROGRAM --make PROGRAM --cases FOLDER --schemas FOLDER
"""
import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
import zipfile

import fleetlib

FORMATS = ['text', 'ndjson', 'csv', 'html', 'json']
COUNT = 60
SHARDS = 4


def bundle_paths(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)


def damage(folder):
    """Breaks some bundles, unpacks one, adds what is none. Returns what is wrong by name."""
    paths = bundle_paths(folder)
    broken = {}
    with open(paths[7], 'r+b') as file:
        file.truncate(0)
    broken[paths[7]] = 'no bytes'
    with open(paths[11], 'r+b') as file:
        file.truncate(os.path.getsize(paths[11]) // 3)
    broken[paths[11]] = 'cut short'
    with open(paths[13], 'wb') as file:
        file.write(b'This is no archive at all.\n' * 40)
    broken[paths[13]] = 'no evidence'
    with open(os.path.join(folder, 'readme.txt'), 'w', encoding='utf-8') as file:
        file.write('no bundle, and no row\n')
    unpacked = os.path.join(folder, 'unpacked')
    with zipfile.ZipFile(paths[20]) as archive:
        archive.extractall(unpacked)
    return broken, unpacked


def check_rows(options, checks, rows, broken, unpacked):
    checks.that(len(rows) == COUNT + 1, '%d rows' % len(rows))
    checks.that([r['source'] for r in rows] == sorted(r['source'] for r in rows), 'rows are sorted')
    checks.that(unpacked in [r['source'] for r in rows], 'the unpacked bundle has a row')
    for row in rows:
        why = broken.get(row['source'])
        if why:
            checks.that(row['error'] and why in row['error'], '%s: %s' % (row['source'], row['error']))
        else:
            checks.that(row['device_tag'] and row['model'] and row['build'], str(row))
    for row in rows[:2]:
        checks.that(not fleetlib.schema_errors(options, 'fleet-row.schema.json', row), 'schema of a row')


def check_verdicts(options, checks, rows):
    """What analyze says of the same paths."""
    done = fleetlib.run(options, 'analyze', '--format', 'ndjson', *[r['source'] for r in rows])
    for row, line in zip(rows, done.stdout.decode().splitlines()):
        verdict = json.loads(line)
        if not row['read']:
            continue
        same = (row['outcome'], row['primary'], row['certainty'], row['evaluated_at'], row['findings']) == (
            verdict['outcome'], verdict['primary'], verdict['certainty'], verdict['evaluated_at'],
            [f['id'] for f in verdict['findings']])
        checks.that(same, '%s: %s' % (row['source'], row))
        checks.that(row['hour'] == int(row['evaluated_at'][11:13]), 'hour of %s' % row['source'])


def check_csv(checks, data, rows):
    table = list(csv.DictReader(io.StringIO(data.decode(), newline='')))
    checks.that(data.count(b'\r\n') == len(rows) + 1, 'a line a row, each ending with CR LF')
    checks.that(len(table) == len(rows), '%d rows of CSV' % len(table))
    for cells, row in zip(table, rows):
        for key, value in cells.items():
            wanted = row[key]
            if isinstance(wanted, list):
                wanted = ';'.join(wanted)
            elif isinstance(wanted, bool):
                wanted = str(wanted).lower()
            wanted = '' if wanted is None else str(wanted)
            if wanted[:1] in ('=', '+', '-', '@', '\t', '\r'):
                wanted = "'" + wanted
            checks.that(value == wanted, '%s of %s: %r' % (key, row['source'], value))
    checks.that(any(c['model'].startswith("'=") for c in table), 'a formula is none in the CSV')


def check_summary(checks, outputs, rows):
    summary = json.loads(outputs['json'])
    checks.that(summary['bundles'] == len(rows), 'bundles of the summary')
    for by, tallies in summary['by'].items():
        checks.that(sum(t['count'] for t in tallies) == len(rows), 'all rows are counted by ' + by)
    models = {t['key']: t['count'] for t in summary['by']['model']}
    checks.that(models.get('Contoso Tower 700') == sum(r['model'] == 'Contoso Tower 700' for r in rows),
                'a maker named in the model is not named twice')
    checks.that(summary['broken'] == sum(r['error'] is not None for r in rows), 'broken rows are counted')
    text, page = outputs['text'].decode(), outputs['html'].decode()
    checks.that(max(map(len, text.splitlines())) < 80, 'the text fits 80 columns')
    checks.that('bitlocker-restart-pending' in text and 'bitlocker-restart-pending' in page, 'the main cause')
    checks.that('<b>' not in page and 'X1 &lt;b&gt;' in page, 'a model is no markup')
    checks.that("default-src 'none'" in page and '<script' not in page, 'the page runs nothing')


def check_shards(options, checks, folder, outputs, place):
    files = []
    for i in range(SHARDS):
        files.append(os.path.join(place, 'shard-%d.ndjson' % i))
        done = fleetlib.run(options, 'fleet', '--format', 'ndjson', '-o', files[-1], '--shard',
                            '%d/%d' % (i, SHARDS), folder)
        checks.that(done.returncode == 0 and not done.stderr, 'shard %d: %s' % (i, done.stderr))
    sizes = [open(f, 'rb').read().count(b'\n') for f in files]
    checks.that(max(sizes) - min(sizes) <= 1, 'shards are even: %s' % sizes)
    for form in FORMATS:
        # in any order, one of them twice
        done = fleetlib.run(options, 'fleet', '--merge', '--format', form, *files[::-1], files[2])
        checks.that(done.returncode == 0 and done.stdout == outputs[form], 'merged %s is the same' % form)
    empty = fleetlib.run(options, 'fleet', '--shard', '90/100', '--format', 'ndjson', folder)
    checks.that(empty.returncode == 0 and empty.stdout == b'', 'an empty shard is no failure')
    with open(files[0], 'ab') as file:
        file.write(b'{"schema": "espdiag.fleet-row/1"}\n')
    torn = fleetlib.run(options, 'fleet', '--merge', files[0])
    checks.that(torn.returncode == 1 and b'line %d' % (sizes[0] + 1) in torn.stderr, 'a line that is no row is named')


def check_edges(options, checks, folder, place):
    nothing = os.path.join(place, 'nothing')
    os.mkdir(nothing)
    done = fleetlib.run(options, 'fleet', '--format', 'ndjson', nothing, os.path.join(place, 'absent'))
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    checks.that(done.returncode == 3 and len(rows) == 2 and all(r['error'] for r in rows), 'nothing to read: %s' % rows)
    one = bundle_paths(folder)[0]
    done = fleetlib.run(options, 'fleet', '--format', 'ndjson', one, os.path.dirname(one), one)
    sources = [json.loads(line)['source'] for line in done.stdout.decode().splitlines()]
    checks.that(len(sources) == len(set(sources)), 'no bundle has two rows')
    logs = os.path.join(os.path.dirname(one), 'logs of one')
    os.mkdir(logs)
    for name in ('System.evtx', 'Application.evtx'):
        with open(os.path.join(logs, name), 'wb') as file:
            file.write(b'ElfFile\0' + bytes(4088))
    beside = fleetlib.run(options, 'fleet', '--format', 'ndjson', os.path.dirname(one))
    checks.that(b'1 folder holds logs but no bundle and was not counted' in beside.stderr and b'logs of one' in
                beside.stderr and beside.stderr.count(b'\n') == 1, 'logs beside bundles are said: %s' % beside.stderr)
    quiet = fleetlib.run(options, 'fleet', '--quiet', '--format', 'ndjson', os.path.dirname(one))
    checks.that(not quiet.stderr and quiet.stdout == beside.stdout, 'quietly too')
    alone = fleetlib.run(options, 'fleet', '--format', 'ndjson', logs)
    checks.that(not alone.stderr and alone.stdout.count(b'\n') == 1, 'a folder of logs alone is one')
    shutil.rmtree(logs)
    full = subprocess.run([options.espdiag, 'fleet', '--format', 'ndjson', folder], stdout=open('/dev/full', 'wb'),
                          stderr=subprocess.PIPE, timeout=600)
    checks.that(full.returncode == 1, 'a full disk is said')


def main():
    options = fleetlib.arguments()
    checks = fleetlib.Checks()
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, 'fleet')
        fleetlib.bundles(options, folder, COUNT, fleetlib.evidence(options, os.path.join(place, 'evidence')))
        broken, unpacked = damage(folder)
        outputs = {}
        for form in FORMATS:
            for jobs in ('1', '2', '5'):
                done = fleetlib.run(options, 'fleet', '--format', form, '--jobs', jobs, folder)
                checks.that(done.returncode == 0 and not done.stderr, '%s: %s' % (form, done.stderr))
                checks.that(outputs.setdefault(form, done.stdout) == done.stdout, '%s with %s jobs' % (form, jobs))
        rows = [json.loads(line) for line in outputs['ndjson'].decode().splitlines()]
        check_rows(options, checks, rows, broken, unpacked)
        check_verdicts(options, checks, rows)
        check_csv(checks, outputs['csv'], rows)
        check_summary(checks, outputs, rows)
        checks.that(not fleetlib.schema_errors(options, 'fleet.schema.json', json.loads(outputs['json'])),
                    'schema of the summary')
        check_shards(options, checks, folder, outputs, place)
        check_edges(options, checks, folder, place)
    checks.finish('fleet')


if __name__ == '__main__':
    main()

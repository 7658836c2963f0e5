#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pairs of cases as bundles of one device: what compare concludes, what it prints, what it refuses.

usage: compare.py --espdiag PROGRAM --scenario PROGRAM --make PROGRAM --cases FOLDER --schemas FOLDER
The outputs of the first pair are held byte by byte in golden/; ED_GOLDEN_UPDATE=1 rewrites them.
ED_SHARED=FOLDER adds the recorded scenarios in FOLDER/scenarios.
"""
import json
import os
import subprocess
import tempfile

import fleetlib

HERE = os.path.dirname(os.path.abspath(__file__))

# before, after (case:variant@seconds to shift it by), then what the JSON must say
PAIRS = [
    ('restart-pending', 'recovered', {
        'result': 'cured', 'certainty': 'confirmed', 'advice': ('restart-device', True, True),
        'better': {'outcome', 'page', 'app', 'attempts', 'denials', 'measured', 'require-bitlocker'},
        'proves': {'app', 'denials', 'measured', 'certificate'},
        'says': ['The restart cured it', 'measured BitLocker on at 08:42:52', 'installed at 08:52:11'],
        'cites': [('before', 'Microsoft-Windows-Kernel-General', 12), ('after', 'Microsoft-Windows-Kernel-General', 12)],
        'gone': ['bitlocker-restart-pending'], 'new': ['compliance-recovered'], 'stayed': []}),
    ('restart-pending@-1800', 'restart-pending:start-after-protection', {
        'result': 'improved', 'advice': ('restart-device', True, True), 'better': {'outcome', 'measured', 'require-bitlocker'},
        'says': ['The restart helped', 'bitlocker-restart-pending is gone', 'compliance-pending'],
        'gone': ['bitlocker-restart-pending'], 'new': ['compliance-pending'], 'stayed': []}),
    ('restart-pending', 'restart-pending', {
        'result': 'unchanged', 'advice': ('restart-device', False, None), 'better': set(),
        'says': ['Nothing changed, and the advice was not taken', 'no restart since'],
        'gone': [], 'new': [], 'stayed': ['bitlocker-restart-pending']}),
    ('restart-pending', 'fast-startup', {
        'result': 'unchanged', 'advice': ('restart-device', False, None),
        'says': ['advice was not taken', 'no restart'], 'stayed': ['bitlocker-restart-pending']}),
    ('recovered', 'restart-pending', {
        'result': 'unclear', 'advice': None, 'says': ['cannot be told', 'older']}),
    ('healthy', 'recovered', {'result': 'well', 'says': ['Nothing stood in the way before']}),
    ('healthy', 'disk-full', {'result': 'worse', 'says': ['It is worse', 'appx-deployment'], 'new': ['appx-deployment']}),
    ('restart-pending', 'disk-full', {'result': 'other-cause', 'gone': ['bitlocker-restart-pending'],
                                      'says': ['bitlocker-restart-pending is gone', 'appx-deployment']}),
]


def bundle(options, place, case, side):
    """The case as a bundle of the one device that fleet_make makes first."""
    case, _, shift = case.partition('@')
    name, _, variant = case.partition(':')
    folder = os.path.join(place, side + '-evidence')
    command = [options.scenario, 'build', os.path.join(options.cases, name + '.txt'), folder, '--wrap', 'xml']
    command += ['--variant', variant] if variant else []
    command += ['--shift', shift] if shift else []
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    subprocess.run([options.make, '--newest', os.path.join(place, side), '1', folder], check=True, timeout=120)
    made = os.path.join(place, side, '000')
    path = os.path.join(place, side + '.zip')
    os.rename(os.path.join(made, os.listdir(made)[0]), path)
    return path


def check_pair(options, checks, pair, place):
    before, after, wanted = pair
    what = '%s, %s' % (before, after)
    bundle(options, place, before, 'before')
    bundle(options, place, after, 'after')
    outputs = {}
    for form in ('json', 'text', 'html'):
        done = fleetlib.run(options, 'compare', '--format', form, 'before.zip', 'after.zip', cwd=place)
        checks.that(done.returncode == 0 and not done.stderr, '%s: exit %d %s' % (what, done.returncode, done.stderr))
        outputs[form] = done.stdout
    said = json.loads(outputs['json'])
    found = fleetlib.schema_errors(options, 'comparison.schema.json', said)
    checks.that(not found, '%s: %s' % (what, found))
    checks.that(said['result'] == wanted['result'], '%s: %s: %s' % (what, said['result'], said['summary']))
    if 'certainty' in wanted:
        checks.that(said['certainty'] == wanted['certainty'], '%s: %s' % (what, said['certainty']))
    if wanted.get('advice'):
        advice = (said['advice']['id'], said['advice']['taken'], said['advice']['helped'])
        checks.that(advice == wanted['advice'], '%s: %s' % (what, said['advice']))
    for word in wanted['says']:
        everywhere = [said['summary'], ' '.join(outputs['text'].decode().split()), outputs['html'].decode()]
        checks.that(all(word in text for text in everywhere), '%s: %r in %s' % (what, word, said['summary']))
    for key, rows in (('better', [r['id'] for r in said['rows'] if r['change'] == 'better']),
                      ('proves', [r['id'] for r in said['rows'] if r['proves']])):
        checks.that(key not in wanted or set(rows) == wanted[key], '%s: %s %s' % (what, key, rows))
    for fate in ('gone', 'new', 'stayed'):
        ids = [f['id'] for f in said['findings'] if f['fate'] == fate]
        checks.that(fate not in wanted or ids == wanted[fate], '%s: %s %s' % (what, fate, ids))
    cited = {(p['side'], e['provider'], e['event']) for p in said['proof'] for e in p['evidence']}
    for cite in wanted.get('cites', []):
        checks.that(cite in cited, '%s: %s is not among %s' % (what, cite, sorted(map(str, cited))))
    checks.that(max(map(len, outputs['text'].decode().splitlines())) < 80, what + ': the text fits 80 columns')
    checks.that(b'<script' not in outputs['html'], what + ': the page runs nothing')
    return outputs


def check_golden(checks, outputs):
    for form, name in (('text', 'restarted.txt'), ('json', 'restarted.json')):
        path = os.path.join(HERE, 'golden', name)
        if os.environ.get('ED_GOLDEN_UPDATE') == '1':
            with open(path, 'wb') as file:
                file.write(outputs[form])
        with open(path, 'rb') as file:
            checks.that(file.read() == outputs[form], name + ' differs; ED_GOLDEN_UPDATE=1 rewrites it')


def check_refusals(options, checks, place):
    first = bundle(options, place, 'restart-pending', 'before')
    folder = os.path.join(place, 'before-evidence')
    subprocess.run([options.make, '--newest', os.path.join(place, 'two'), '2', folder], check=True, timeout=120)
    two = os.path.join(place, 'two', '000')
    other = next(os.path.join(two, name) for name in os.listdir(two)
                 if fleetlib.run(options, 'compare', first, os.path.join(two, name)).returncode)
    for paths, word in (((first, other), b'two devices'), ((first, folder), b'the second is no bundle'),
                        ((folder, first), b'the first is no bundle')):
        done = fleetlib.run(options, 'compare', *paths)
        checks.that(done.returncode == 2 and not done.stdout and word in done.stderr and
                    done.stderr.count(b'\n') == 1, '%s: %s' % (word, done.stderr))
        done = fleetlib.run(options, 'compare', '--force', *paths)
        checks.that(done.returncode == 0 and b'Nothing shows that both are of one device' in done.stdout, str(done))
    done = fleetlib.run(options, 'compare', '--force', os.path.join(place, 'a'), os.path.join(place, 'b'))
    checks.that(done.returncode == 3 and b'cannot be told' in done.stdout, 'nothing to read: %s' % done)
    checks.that(fleetlib.run(options, 'compare', first).returncode == 2, 'one PATH')


def check_shared(options, checks, shared):
    paths = [os.path.join(shared, 'scenarios', name, 'evidence') for name in
             ('restart-pending', 'recovered-after-restart')]
    if not all(map(os.path.isdir, paths)):
        print('compare: ED_SHARED names no folder with scenarios, they were skipped')
        return
    said = json.loads(fleetlib.run(options, 'compare', '--force', '--format', 'json', *paths).stdout)
    checks.that(said['result'] == 'cured' and said['summary'].startswith('The restart cured it: '), said['summary'])
    checks.that({r['id'] for r in said['rows'] if r['proves']} >= {'measured', 'denials', 'app'}, str(said['rows']))


def main():
    options = fleetlib.arguments()
    checks = fleetlib.Checks()
    for pair in PAIRS:
        with tempfile.TemporaryDirectory() as place:
            outputs = check_pair(options, checks, pair, place)
            if pair is PAIRS[0]:
                check_golden(checks, outputs)
    with tempfile.TemporaryDirectory() as place:
        check_refusals(options, checks, place)
    check_shared(options, checks, os.environ.get('ED_SHARED', ''))
    checks.finish('compare')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the evidence of cases and holds the verdicts of espdiag to what the cases expect.

usage: run_cases.py --espdiag PROGRAM --scenario PROGRAM [--keep FOLDER] verdict|metamorphic|all CASE...

verdict:     every form of evidence gives the expected verdict, and the same facts where it has them
metamorphic: told at another time, on another device, in another language, the verdict stays the
             same and rests on the same records; changing one fact gives the verdict the case names
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

FORMS = ['evtx', 'xml', 'zip', 'collect-diagnostics', 'collect-diagnostics-numbered']
SHIFT_SECONDS = 40 * 86400 + 3 * 3600 + 7
PERMUTE_SEEDS = [1, 20260914]
LOCALES = ['de', 'ja', 'tr']
MEDIAN_TOLERANCE = 6
STORE_CLIENT = '268761a2-03f3-40df-8a8b-c3db24145b6b'
GUID = re.compile('[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')
# the last part of a registry key that is a snapshot's time moves with a shift, as it must
SNAPSHOT = re.compile(r'\\\d{4}-\d\d-\d\dT[0-9:.]+Z$')


class Wrong(Exception):
    """A program did not do its part at all."""


class Runner:
    def __init__(self, espdiag, scenario, folder):
        self.espdiag = espdiag
        self.scenario = scenario
        self.folder = folder
        self.count = 0

    def call(self, command, allowed=(0,)):
        done = subprocess.run(command, capture_output=True, timeout=120)
        if done.returncode not in allowed:
            raise Wrong('%s: exit %d: %s' % (' '.join(command[:3]), done.returncode,
                                             done.stderr.decode('utf-8', 'replace').strip()[:400]))
        return done.stdout.decode('utf-8')

    def expectation(self, case, *options):
        """at, variants, and the list of [key, value...]"""
        return json.loads(self.call([self.scenario, 'expect', case, *options]))

    def records(self, case, *options):
        """(channel, record) -> place in its channel, for the telling with these options"""
        lines = self.call([self.scenario, 'records', case, *options]).splitlines()
        return {(r['channel'], r['record']): r['place'] for r in map(json.loads, lines)}

    def verdict(self, case, form, at, *options):
        self.count += 1
        out = os.path.join(self.folder, '%s-%s-%d' % (os.path.basename(case)[:-4], form, self.count))
        path = self.call([self.scenario, 'build', case, out, '--wrap', form, *options]).strip()
        text = self.call([self.espdiag, 'analyze', '--format', 'json', '--at', at, path], (0, 3))
        return json.loads(text)


def lookup(value, path):
    for step in path.split('.'):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = (value or {}).get(step)
    return value


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def cited(got):
    refs = {e['ref']: e for e in got.get('evidence') or []}
    return [refs[r] for c in got.get('chain') or [] for r in c.get('evidence') or [] if r in refs]


def is_event(evidence, name):
    provider, _, number = name.rpartition('/')
    return (evidence.get('event') == int(number) and
            evidence.get('provider') in (provider, 'Microsoft-Windows-' + provider))


def check_median(words, have):
    if words == ['null']:
        return have is None
    low, dots, high = words[0].partition('..')
    if dots:
        return have is not None and float(low) <= have <= float(high)
    return have is not None and abs(have - float(low)) <= MEDIAN_TOLERANCE


def check_cites(words, got):
    for evidence in cited(got):
        if any(is_event(evidence, name) for name in words[0].split('|')) and (len(words) < 2 or words[1] in (evidence.get('at') or '')):
            return True
    return False


def one_of(words, have):
    wanted = [w for word in words for w in word.split('|')]
    return (have is None and 'none' in wanted) or have in wanted


def steps_of(got, action):
    for one in got.get('actions') or []:
        if one['id'] == action:
            return ' '.join(one.get('steps') or [])
    return ''


def ids(got, key):
    return [x['id'] for x in got.get(key) or []]


CHECKS = {
    'primary': lambda w, g: one_of(w, g.get('primary')),
    'outcome': lambda w, g: one_of(w, g.get('outcome')),
    'certainty': lambda w, g: one_of(w, g.get('certainty')),
    'attempts': lambda w, g: as_text(lookup(g, 'store.attempts')) == w[0],
    'median': lambda w, g: check_median(w, lookup(g, 'store.median_interval_seconds')),
    'denials': lambda w, g: as_text(lookup(g, 'sign_in.denials')) == w[0],
    'codes': lambda w, g: {k: str(n) for k, n in (lookup(g, 'sign_in.codes') or {}).items()} ==
                          dict(x.split('=') for x in w),
    'products': lambda w, g: sorted(p['id'] for p in lookup(g, 'store.products') or []) == sorted(w),
    'first-action': lambda w, g: one_of(w, (ids(g, 'actions') or [None])[0]),
    'actions': lambda w, g: set(w) <= set(ids(g, 'actions')),
    'not-actions': lambda w, g: not set(w) & set(ids(g, 'actions')),
    'findings': lambda w, g: set(w) <= set(ids(g, 'findings')),
    'not-findings': lambda w, g: not set(w) & set(ids(g, 'findings')),
    'ruled-out': lambda w, g: set(w) <= set(ids(g, 'ruled_out')),
    'cites': check_cites,
    'value': lambda w, g: as_text(lookup(g, w[0])) == w[1],
    'says': lambda w, g: w[0] in (g.get('summary') or ''),
    'step': lambda w, g: w[1] in steps_of(g, w[0]),
    'hits': lambda w, g: set(w) <= set(ids(g, 'findings')),
    # a finding that is only information is no hit: a clock that jumped, and nothing came of it
    'misses': lambda w, g: not set(w) & {f['id'] for f in g.get('findings') or []
                                         if f.get('severity') != 'info'},
    'shows': lambda w, g: True,
    'wraps': lambda w, g: True,
}
# what needs the log of the Store, which Intune does not collect
STORE_KEYS = {'median', 'products'}


def shown(got):
    """The part of a verdict that an expectation may be about, for messages."""
    return {'primary': got.get('primary'), 'outcome': got.get('outcome'),
            'certainty': got.get('certainty'), 'attempts': lookup(got, 'store.attempts'),
            'median': lookup(got, 'store.median_interval_seconds'),
            'codes': lookup(got, 'sign_in.codes'), 'actions': ids(got, 'actions'),
            'findings': ids(got, 'findings'), 'attestation': got.get('attestation'),
            'cited': ['%s/%s %s' % (e.get('provider'), e.get('event'), e.get('at'))
                      for e in cited(got)]}


def sound(got):
    """Promises every verdict keeps."""
    refs = {e['ref'] for e in got.get('evidence') or []}
    for link in got.get('chain') or []:
        if not link.get('evidence'):
            yield 'a link of the chain without evidence: %r' % link.get('claim')
    for owner in (got.get('chain') or []) + (got.get('findings') or []) + (got.get('ruled_out') or []):
        for ref in owner.get('evidence') or []:
            if ref not in refs:
                yield 'reference %r leads nowhere' % ref
    if got.get('outcome') in ('blocked', 'failed') and not got.get('chain'):
        yield 'no causal chain'


def problems(want, got, form='evtx'):
    collected = form.startswith('collect')
    out = list(sound(got))
    overrides = {e[0][8:] for e in want['expect'] if e[0].startswith('collect-')}
    for key, *words in want['expect']:
        if key.startswith('collect-'):
            if not collected:
                continue
            key = key[8:]
        elif collected and (key in STORE_KEYS or key in overrides or
                            (key == 'value' and words[0].startswith('store.'))):
            continue
        if collected and key == 'attempts':
            words = ['null']
        if key not in CHECKS:
            out.append('the case expects %r, which nobody understands' % key)
        elif not CHECKS[key](words, got):
            out.append('expected %s %s' % (key, ' '.join(words)))
    if out:
        out.append('got ' + json.dumps(shown(got), ensure_ascii=False))
    return out


def forms_of(want):
    for key, *words in want['expect']:
        if key == 'wraps':
            return words
    return FORMS


def run_verdict(runner, case):
    want = runner.expectation(case)
    out = []
    verdicts = {}
    for form in forms_of(want):
        got = verdicts[form] = runner.verdict(case, form, want['at'])
        out += ['%s: %s' % (form, p) for p in problems(want, got, form)]
    first = verdicts.get('evtx')
    for form, got in verdicts.items():
        facts = ['sign_in', 'bitlocker', 'attestation']
        if not form.startswith('collect'):
            facts += ['store', 'esp', 'outcome', 'certainty']
        for key in ['primary'] + facts:
            if first and got.get(key) != first.get(key):
                out.append('%s: %s is %s, but %s from evtx' % (
                    form, key, as_text(got.get(key)), as_text(first.get(key))))
    return out


TIMES = ['store.first_at', 'store.last_at', 'store.next_attempt_at', 'sign_in.first_at',
         'sign_in.last_at', 'bitlocker.started_at', 'bitlocker.completed_at',
         'bitlocker.protected_at', 'bitlocker.escrowed_at', 'attestation.last_boot_at',
         'attestation.certificate_at', 'esp.started_at', 'esp.deadline_at']


def neutral(evidence, places):
    """One piece of evidence as it is on every device: an event by its place in its channel."""
    source = SNAPSHOT.sub('', GUID.sub('<guid>', evidence.get('source') or ''))
    place = places.get((evidence.get('source'), evidence.get('record')))
    if evidence.get('event') is not None and place is None:
        place = 'no such record: %s' % evidence.get('record')
    return [source, evidence.get('provider'), evidence.get('event'), place]


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def when(got, text):
    """Seconds before the time of the verdict."""
    return round(seconds(text) - seconds(got['evaluated_at']), 3) if text else None


def skeleton(got, places):
    """All that must stay the same however the story is told."""
    refs = {e['ref']: neutral(e, places) for e in got.get('evidence') or []}

    def proof(item):
        return sorted((as_text(refs.get(r)) for r in item.get('evidence') or []))

    sign_in = got.get('sign_in') or {}
    store = got.get('store') or {}
    return {
        'outcome': got.get('outcome'), 'primary': got.get('primary'),
        'certainty': got.get('certainty'), 'actions': ids(got, 'actions'),
        'chain': [[when(got, link.get('at')), proof(link)] for link in got.get('chain') or []],
        'findings': [[f['id'], f.get('severity'), f.get('certainty'), proof(f)]
                     for f in got.get('findings') or []],
        'ruled_out': [[f['id'], proof(f)] for f in got.get('ruled_out') or []],
        'store': [store.get('attempts'), store.get('failures'), store.get('median_interval_seconds')],
        'sign_in': [sign_in.get('denials'), sign_in.get('codes'),
                    sign_in.get('client_id') in (None, STORE_CLIENT)],
        'bitlocker': [lookup(got, 'bitlocker.state'), lookup(got, 'bitlocker.method')],
        'attestation': [lookup(got, 'attestation.' + k) for k in
                        ('last_boot_kind', 'boot_measured_bitlocker', 'predicted_require_bitlocker')],
        'esp': [lookup(got, 'esp.phase'), lookup(got, 'esp.minutes_left')],
        'boots': [[when(got, b.get('at')), b.get('kind')] for b in got.get('boots') or []],
        'times': [[path, when(got, lookup(got, path))] for path in TIMES],
        'coverage': sorted([GUID.sub('<guid>', c.get('source') or ''), c.get('state'),
                            c.get('records'), c.get('lost')] for c in got.get('coverage') or []),
    }


def difference(before, after):
    return ['%s: %s became %s' % (k, as_text(before[k])[:300], as_text(after[k])[:300])
            for k in before if before[k] != after[k]]


def plain(text):
    return GUID.sub('<guid>', text or '')


def tellings():
    yield ['--shift', str(SHIFT_SECONDS)]
    yield ['--shift', str(-SHIFT_SECONDS)]
    for seed in PERMUTE_SEEDS:
        yield ['--permute', str(seed)]
    for locale in LOCALES:
        yield ['--locale', locale]
    yield ['--shift', str(SHIFT_SECONDS), '--permute', '3', '--locale', 'tr']


def run_metamorphic(runner, case):
    want = runner.expectation(case)
    told = runner.verdict(case, 'evtx', want['at'])
    before = skeleton(told, runner.records(case))
    out = []
    for options in tellings():
        at = runner.expectation(case, *options)['at']
        got = runner.verdict(case, 'evtx', at, *options)
        after = skeleton(got, runner.records(case, *options))
        changes = difference(before, after)
        if '--shift' not in options and plain(got.get('summary')) != plain(told.get('summary')):
            changes.append('the summary became: %s' % got.get('summary'))
        out += ['%s: %s' % (' '.join(options), d) for d in changes]
    for variant in want['variants']:
        options = ['--variant', variant]
        changed = runner.expectation(case, *options)
        got = runner.verdict(case, 'evtx', changed['at'], *options)
        out += ['variant %s: %s' % (variant, p) for p in problems(changed, got)]
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--keep', help='write the evidence here and leave it')
    parser.add_argument('what', choices=['verdict', 'metamorphic', 'all'])
    parser.add_argument('case', nargs='+')
    args = parser.parse_args()
    runs = [f for name, f in (('verdict', run_verdict), ('metamorphic', run_metamorphic))
            if args.what in (name, 'all')]
    failed = 0
    with tempfile.TemporaryDirectory(prefix='espdiag-cases-') as scratch:
        runner = Runner(args.espdiag, args.scenario, args.keep or scratch)
        for case in args.case:
            found = []
            for run in runs:
                try:
                    found += run(runner, case)
                except (Wrong, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as e:
                    found.append('%s: %s' % (type(e).__name__, e))
            failed += bool(found)
            print('%-28s %s' % (os.path.basename(case)[:-4], 'not as expected' if found else 'ok'))
            for line in found:
                print('    ' + line)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

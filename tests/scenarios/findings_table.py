#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of findings in agent/analyze/README.md from the rows and the cases.

usage: findings_table.py --espdiag PROGRAM --scenario PROGRAM --rows PROGRAM --readme FILE [--update] CASE...

A row a finding: what its cases cite as evidence, the cases that are it, and those that only look like
it. Cases say so themselves (hits, misses; in variants too). Without --update the table in FILE is
compared. A finding that no case hits as the primary, or that no case looks like, is an error, and so
is a row of field knowledge that no case shows.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

from run_cases import Runner, ids

BEGIN = '<!-- findings table: made by tests/scenarios/findings_table.py -->'
END = '<!-- end of the findings table -->'
# scenarios of the field survey, and what a case of its own was promised for
TO_SHOW = ['S%d' % n for n in range(19)] + [
    '1097-noise', '530003-beside-53000', '769', 'arm64', 'clock-jumps', 'device-preparation',
    'field-names', 'german', 'government', 'hourly-token-failures', 'japanese', 'other-client',
    'polling', 'pre-provisioning', 'rolled-over', 'self-deploying', 'suspended-at-boot',
    'two-products', 'two-users', 'two-volumes', 'vm', 'windows-10', 'windows-11', 'winget']
SHORT = {'DeviceManagement-Enterprise-Diagnostics-Provider': 'MDM',
         'ModernDeployment-Diagnostics-Provider': 'ModernDeployment'}


class Telling:
    """A case, or a variant of one, with what it says it is for."""

    def __init__(self, name, case, options, want):
        self.name, self.case, self.options, self.at = name, case, options, want['at']
        self.words = {key: [w for k, *words in want['expect'] if k == key for w in words]
                      for key in ('hits', 'misses', 'shows')}


def tellings(runner, path):
    name = os.path.basename(path)[:-4]
    want = runner.expectation(path)
    yield Telling(name, path, [], want)
    for variant in want['variants']:
        options = ['--variant', variant]
        yield Telling('%s/%s' % (name, variant), path, options, runner.expectation(path, *options))


def evidence_words(evidence):
    """(kind, what) for the piece of evidence, as short as it stays clear."""
    if evidence.get('event') is not None:
        provider = evidence['provider'].replace('Microsoft-Windows-', '')
        yield SHORT.get(provider, provider), evidence['event']
    elif (evidence.get('source') or '').startswith('HKEY_'):
        for field in evidence.get('fields') or {}:
            listed = re.search(r'\\(Expected\w+)\\', evidence['source'])
            service = re.search(r'\\Services\\(\w+)$', evidence['source'])
            yield 'registry', (listed.group(1) if listed else
                               service.group(1) + ' ' + field if service else field)
    elif 'BitlockerUnlock' in (evidence.get('fields') or {}):
        yield 'boot log', 'BitlockerUnlock'
    else:
        for field in evidence.get('fields') or {}:
            if field.endswith('.log'):
                yield 'log', field


def evidence_of(verdict, finding):
    refs = {e['ref']: e for e in verdict.get('evidence') or []}
    for one in verdict.get('findings') or []:
        if one['id'] == finding:
            for ref in one.get('evidence') or []:
                yield from evidence_words(refs[ref])


def evidence_cell(found):
    by_kind = {}
    for kind, what in found:
        by_kind.setdefault(kind, set()).add(what)
    parts = []
    for kind in sorted(by_kind):
        whats = sorted(by_kind[kind], key=lambda w: (isinstance(w, str), w))
        parts.append('%s %s' % (kind, ', '.join(map(str, whats))))
    return '; '.join(parts)


def table(runner, rows, told):
    """The lines of the table, and what is missing."""
    lines, missing = ['| finding | evidence that its cases cite | cases | look-alikes |',
                      '|---|---|---|---|'], []
    known = [row[0] for row in rows]
    for one in told:
        missing += ['%s names %r, which is no finding' % (one.name, word)
                    for word in one.words['hits'] + one.words['misses'] if word not in known]
    for finding, _, _, _, _ in rows:
        hits = [one for one in told if finding in one.words['hits']]
        misses = [one.name for one in told if finding in one.words['misses']]
        found, primary = set(), False
        for one in hits:
            verdict = runner.verdict(one.case, 'evtx', one.at, *one.options)
            if finding not in ids(verdict, 'findings'):
                missing.append('%s does not give %s' % (one.name, finding))
            found |= set(evidence_of(verdict, finding))
            primary |= verdict.get('primary') == finding
        if not primary:
            missing.append('no case has %s as its primary' % finding)
        if not misses:
            missing.append('no case only looks like %s' % finding)
        lines.append('| `%s` | %s | %s | %s |' % (
            finding, evidence_cell(found), ', '.join(sorted(one.name for one in hits)),
            ', '.join(sorted(misses))))
    shown = {tag for one in told for tag in one.words['shows']}
    missing += ['no case shows %s' % tag for tag in TO_SHOW if tag not in shown]
    return lines, missing


def split(text):
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit('the marks of the table are missing')
    return before, after


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    for name in ('espdiag', 'scenario', 'rows', 'readme'):
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--update', action='store_true')
    parser.add_argument('case', nargs='+')
    options = parser.parse_args()
    listed = subprocess.run([options.rows], capture_output=True, check=True, timeout=60)
    rows = [line.split('\t') for line in listed.stdout.decode('utf-8').splitlines()]
    with tempfile.TemporaryDirectory(prefix='espdiag-table-') as scratch:
        runner = Runner(options.espdiag, options.scenario, scratch)
        told = [one for path in sorted(options.case) for one in tellings(runner, path)]
        lines, missing = table(runner, rows, told)
    for line in missing:
        print(line)
    with open(options.readme, encoding='utf-8') as f:
        old = f.read()
    before, after = split(old)
    new = '%s%s\n\n%s\n\n%s%s' % (before, BEGIN, '\n'.join(lines), END, after)
    if options.update:
        with open(options.readme, 'w', encoding='utf-8', newline='\n') as f:
            f.write(new)
    elif new != old:
        print('the table is not as the rows and cases make it: run this with --update')
        return 1
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main())

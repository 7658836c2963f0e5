#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the evidence of cases, redacts it, and requires the verdict it had before.

usage: verdicts.py --espdiag PROGRAM --scenario PROGRAM --redact PROGRAM LEVEL CASE...

Compared are primary, certainty, outcome, the chain (claims' times and what they rest on), the
findings, the actions and what was ruled out; names of identities are not.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile


def call(command, allowed=(0,)):
    done = subprocess.run(command, capture_output=True, timeout=300)
    if done.returncode not in allowed:
        raise SystemExit('%s: exit %d: %s' % (' '.join(command[:3]), done.returncode,
                                              done.stderr.decode('utf-8', 'replace')[:400]))
    return done.stdout.decode('utf-8')


def form_of(path):
    with open(path, 'rb') as file:
        head = file.read(4096)
    if path.endswith('.reg'):
        return 'registry'
    if path.endswith('.xml'):
        return 'events' if b'Event' in head.replace(b'\0', b'') else 'text'
    if path.endswith(('.txt', '.log')) and not head.startswith(b'\0'):
        return 'text'
    return 'raw'


def redact(program, level, key, source, target):
    words = []
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.join(folder, name)
            out = os.path.join(target, os.path.relpath(path, source))
            os.makedirs(os.path.dirname(out), exist_ok=True)
            form = form_of(path)
            if 'MeasuredBoot' in path:
                form = 'raw'
            words += [form, path, out]
    call([program, level, key] + words)


def essence(verdict):
    evidence = {e['ref']: (e.get('source', '').split('/')[-1] if e.get('event') is None else e.get('source'),
                           e.get('record'), e.get('at'), e.get('event'))
                for e in verdict.get('evidence') or []}

    def refs(item):
        # a key may hold a pseudonym: what it is about is its place and time
        return [(evidence[r][1:]) for r in item.get('evidence') or [] if r in evidence]
    return {
        'primary': verdict['primary'],
        'outcome': verdict['outcome'],
        'certainty': verdict['certainty'],
        'chain': [(c.get('at'), refs(c)) for c in verdict['chain']],
        'findings': [(f['id'], f['certainty'], refs(f)) for f in verdict['findings']],
        'actions': [a['id'] for a in verdict['actions']],
        'ruled_out': [r['id'] for r in verdict['ruled_out']],
        'store': {k: v for k, v in (verdict.get('store') or {}).items()},
        'sign_in': verdict.get('sign_in'),
        'bitlocker': verdict.get('bitlocker'),
        'boots': [(b.get('at'), b.get('kind')) for b in verdict.get('boots') or []],
        'esp': {k: v for k, v in (verdict.get('esp') or {}).items() if k != 'apps'},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--redact', required=True)
    parser.add_argument('--key', default=str(random.getrandbits(64)))
    parser.add_argument('level')
    parser.add_argument('cases', nargs='+')
    args = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in args.cases:
            name = os.path.basename(case)[:-4]
            before, after = os.path.join(folder, name), os.path.join(folder, name + '-redacted')
            path = call([args.scenario, 'build', case, before, '--wrap', 'xml']).strip()
            at = json.loads(call([args.scenario, 'expect', case]))['at']
            redact(args.redact, args.level, args.key, path, after)
            want, have = (essence(json.loads(call(
                [args.espdiag, 'analyze', '--format', 'json', '--at', at, p], (0, 3))))
                for p in (path, after))
            if want == have:
                continue
            bad += 1
            for key in want:
                if want[key] != have[key]:
                    print('%s: %s: %s became %s' % (name, key, want[key], have[key]))
    print('%d cases, %d with another verdict at level %s (key %s)' %
          (len(args.cases), bad, args.level, args.key))
    sys.exit(1 if bad else 0)


if __name__ == '__main__':
    main()

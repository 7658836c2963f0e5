# SPDX-License-Identifier: MIT
"""What relations between verdicts are made of: evidence to analyse, the program that does, what is compared."""
import json
import os
import shutil
import subprocess
import tempfile

from evidence import STAMP, TICKS, Evidence, plain_files, ticks_of, write_zip

BATCH = 40
ESSENCE = ('outcome', 'primary', 'certainty')


# Verdicts.

class Job:
    """Evidence to be analysed as of a time; None: as of its end."""

    def __init__(self, evidence, at, write=write_zip):
        self.files = list(plain_files(evidence)) if isinstance(evidence, Evidence) else list(evidence)
        self.at, self.write = at, write


class Runner:
    def __init__(self, args, folder):
        self.espdiag, self.scenario, self.folder, self.long = args.espdiag, args.scenario, folder, args.long

    def call(self, command, allowed=(0,)):
        done = subprocess.run(command, capture_output=True, timeout=120)
        if done.returncode not in allowed:
            raise RuntimeError('%s: exit %d: %s' % (
                ' '.join(command), done.returncode, done.stderr.decode('utf-8', 'replace')[:300]))
        return done.stdout.decode('utf-8')

    def cases(self, path):
        """(name, evidence, at) of a case and its variants"""
        told = [[]]
        told += [['--variant', v] for v in json.loads(
            self.call([self.scenario, 'expect', path]))['variants']]
        for options in told:
            at = json.loads(self.call([self.scenario, 'expect', path, *options]))['at']
            folder = tempfile.mkdtemp(dir=self.folder)
            self.call([self.scenario, 'build', path, folder, '--wrap', 'xml', *options])
            name = '/'.join([os.path.basename(path)[:-4]] + options[1:])
            yield name, Evidence.read(folder), at
            shutil.rmtree(folder)

    def verdicts(self, jobs):
        """Of many pieces of evidence, in their order; those as of one time by one process."""
        out = [None] * len(jobs)
        for at in {j.at for j in jobs}:
            mine = [i for i, j in enumerate(jobs) if j.at == at]
            for first in range(0, len(mine), BATCH):
                some = mine[first:first + BATCH]
                for i, verdict in zip(some, self.batch([jobs[i] for i in some], at)):
                    out[i] = verdict
        return out

    def batch(self, jobs, at):
        folder = tempfile.mkdtemp(dir=self.folder)
        paths = [j.write(j.files, os.path.join(folder, str(i))) for i, j in enumerate(jobs)]
        options = ['--at', at] if at else []
        try:
            text = self.call([self.espdiag, 'analyze', '--format', 'ndjson', *options, *paths], (0, 3))
        finally:
            shutil.rmtree(folder)
        return [json.loads(line) for line in text.splitlines()]


def ids(verdict, key):
    return [x['id'] for x in verdict.get(key) or []]


def relative(verdict, text):
    return (ticks_of(text) - ticks_of(verdict['evaluated_at'])) / TICKS if text else None


def strip(verdict, value):
    """Times become seconds before the evaluation."""
    if isinstance(value, dict):
        return {k: strip(verdict, v) for k, v in value.items()}
    if isinstance(value, list):
        return [strip(verdict, v) for v in value]
    if isinstance(value, str) and STAMP.fullmatch(value):
        return relative(verdict, value)
    return value


FACTS = ['esp', 'store', 'sign_in', 'bitlocker', 'attestation', 'boots']


def skeleton(verdict, parts=()):
    refs = {e['ref']: e for e in verdict['evidence']}

    def proof(item):
        return sorted(str([(refs[r]['provider'] or '').lower(), refs[r]['event'], relative(verdict, refs[r]['at'])])
                      for r in item['evidence'])

    out = {
        'outcome': verdict['outcome'], 'primary': verdict['primary'],
        'certainty': verdict['certainty'], 'actions': ids(verdict, 'actions'),
        'findings': [[f['id'], f['severity'], f['certainty'], proof(f)]
                     for f in verdict['findings']],
        'ruled_out': [[f['id'], proof(f)] for f in verdict['ruled_out']],
        'chain': [[relative(verdict, c['at']), proof(c)] for c in verdict['chain']],
    }
    for key in FACTS:
        out[key] = strip(verdict, verdict[key])
    return {k: out[k] for k in parts} if parts else out


def difference(before, after):
    return ['%s: %s became %s' % (k, json.dumps(before[k])[:600], json.dumps(after[k])[:600])
            for k in before if before[k] != after.get(k)]


def same(runner, case, changed, at=None, parts=(), neutral=lambda s: s, write=write_zip):
    base = neutral(skeleton(runner.base(case), parts))
    return [Job(changed, at or case[2], write)], lambda got: difference(base, neutral(skeleton(got, parts)))


def has_jump(evidence):
    return any(e.id == 1 and e.provider.endswith('Kernel-General') for e in evidence.channels.get('System', ()))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes one source of evidence away from each case and holds the verdicts to a reviewed table.

usage: leave_one_out.py --espdiag PROGRAM --scenario PROGRAM --table FILE [--update] CASE...

A source is one log, the registry export, the boot logs, or one text file. Without it the verdict may
be less certain or open, but never another one: a primary that is neither the case's own nor none is
wrong. Of the sources that no link of the chain rests on, most must not
matter: at least KEPT of these removals keep the primary.

The table has a row a removal: case, source, whether a link rests on it, the primary, certainty and
outcome that come out, and "wrong" where that is another primary. A wrong row that the table does not
have is an error. --update writes the table anew; what changed is then to be judged by a person.
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

KEPT = 0.70
COLUMNS = ['case', 'without', 'link needs it', 'primary', 'certainty', 'outcome', 'judged']
ALL = '(nothing)'
JOBS = 2


def run(command, allowed=(0,)):
    done = subprocess.run(command, capture_output=True, timeout=120)
    if done.returncode not in allowed:
        raise RuntimeError('%s: exit %d: %s' % (' '.join(command), done.returncode,
                                                done.stderr.decode('utf-8', 'replace')[:400]))
    return done.stdout.decode('utf-8')


def sources(folder):
    """name -> path that is taken away"""
    found = {}
    for kind in sorted(os.listdir(folder)):
        place = os.path.join(folder, kind)
        if kind == 'MeasuredBoot':
            found['boot logs'] = place
            continue
        for name in sorted(os.listdir(place)):
            if kind == 'EventLogs':
                found[name[:-5].replace('%4', '/')] = os.path.join(place, name)
            else:
                found['registry' if kind == 'Registry' else name] = os.path.join(place, name)
    return found


def needed(verdict):
    """The sources that links of the chain rest on."""
    refs = {e['ref']: e for e in verdict.get('evidence') or []}
    out = set()
    for link in verdict.get('chain') or []:
        for ref in link.get('evidence') or []:
            source = refs[ref].get('source') or ''
            out.update(field for field in refs[ref].get('fields') or {} if field.endswith('.log'))
            if source.startswith('HKEY_'):
                out.add('registry')
            elif 'MeasuredBoot' in source:
                out.add('boot logs')
            else:
                out.update((source, os.path.basename(source)))
    return out


class Case:
    def __init__(self, options, path, scratch):
        self.options = options
        self.path = path
        self.name = os.path.basename(path)[:-4]
        self.folder = os.path.join(scratch, self.name)
        self.aside = os.path.join(scratch, self.name + '.aside')

    def verdict(self):
        text = run([self.options.espdiag, 'analyze', '--format', 'json', '--at', self.at,
                    self.folder], (0, 3))
        return json.loads(text)

    def row(self, without, needs, verdict):
        return [self.name, without, needs, verdict.get('primary') or 'none',
                verdict.get('certainty'), verdict.get('outcome')]

    def rows(self):
        want = json.loads(run([self.options.scenario, 'expect', self.path]))
        self.at = want['at']
        accepted = {one for key, *words in want['expect'] if key == 'primary'
                    for word in words for one in word.split('|')} | {'none'}
        run([self.options.scenario, 'build', self.path, self.folder, '--wrap', 'evtx'])
        whole = self.verdict()
        rows = [self.row(ALL, '', whole)]
        links = needed(whole)
        for name, path in sources(self.folder).items():
            os.rename(path, self.aside)
            rows.append(self.row(name, 'yes' if name in links else 'no', self.verdict()))
            os.rename(self.aside, path)
        shutil.rmtree(self.folder)
        return [row + ['right' if row[3] in accepted else 'wrong'] for row in rows]


def text_of(rows):
    return ''.join('\t'.join(row) + '\n' for row in [COLUMNS] + rows)


def kept(rows):
    whole = {row[0]: row[3] for row in rows if row[1] == ALL}
    spare = [row for row in rows if row[2] == 'no']
    with_cause = [row for row in spare if whole[row[0]] != 'none']
    return [(sum(row[3] == whole[row[0]] for row in some), len(some))
            for some in (spare, with_cause)]


def differences(old, new):
    before, after = set(old.splitlines()), set(new.splitlines())
    return ['was ' + line for line in sorted(before - after)] + \
           ['is  ' + line for line in sorted(after - before)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--table', required=True)
    parser.add_argument('--update', action='store_true')
    parser.add_argument('case', nargs='+')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='espdiag-without-') as scratch:
        cases = [Case(options, path, scratch) for path in sorted(options.case)]
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            rows = [row for some in pool.map(Case.rows, cases) for row in some]
    failed = False
    print('%d of %d removals give a wrong primary' %
          (sum(row[-1] == 'wrong' for row in rows), sum(row[1] != ALL for row in rows)))
    for (keep, count), what in zip(kept(rows), ('all cases', 'cases with a primary')):
        share = keep / count if count else 1
        print('%s: %d of %d removals that no link needs keep the primary (%.1f %%)' %
              (what, keep, count, 100 * share))
        failed |= share < KEPT
    if options.update:
        with open(options.table, 'w', encoding='utf-8', newline='\n') as f:
            f.write(text_of(rows))
        return failed
    with open(options.table, encoding='utf-8') as f:
        changed = differences(f.read(), text_of(rows))
    for line in changed:
        print(line)
    return 1 if failed or changed else 0


if __name__ == '__main__':
    sys.exit(main())

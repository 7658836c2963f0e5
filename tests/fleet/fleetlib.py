# SPDX-License-Identifier: MIT
"""What the tests of fleet and compare share: the programs, evidence of cases, bundles, schemas."""
import argparse
import json
import os
import subprocess
import sys

CASES = ['restart-pending', 'recovered', 'encrypting', 'arm', 'disk-full', 'healthy', 'aborted',
         'compliance-other', 'fast-startup', 'store-unreachable']


def arguments():
    parser = argparse.ArgumentParser()
    for name in ('espdiag', 'scenario', 'make', 'cases', 'schemas'):
        parser.add_argument('--' + name, required=True)
    return parser.parse_args()


class Checks:
    """Says what is wrong and goes on; the exit code at the end."""

    def __init__(self):
        self.count = self.bad = 0

    def that(self, good, text):
        self.count += 1
        if not good:
            self.bad += 1
            print('not so: ' + text)
        return good

    def finish(self, name):
        print('%s: %d of %d checks hold' % (name, self.count - self.bad, self.count))
        sys.exit(1 if self.bad or not self.count else 0)


def run(options, *words, cwd=None):
    return subprocess.run([options.espdiag, *words], cwd=cwd, capture_output=True, timeout=600)


def evidence(options, folder, names=CASES):
    """Recorded evidence of each case, as folders below @folder."""
    made = []
    for name in names:
        out = os.path.join(folder, name)
        subprocess.run([options.scenario, 'build', os.path.join(options.cases, name + '.txt'), out,
                        '--wrap', 'xml'], check=True, capture_output=True, timeout=120)
        made.append(out)
    return made


def bundles(options, out, count, folders):
    subprocess.run([options.make, out, str(count), *folders], check=True, timeout=600)


def schema_errors(options, name, value):
    """Against a shipped schema: what is wrong with @value, and with the order of its keys."""
    try:
        import jsonschema
    except ImportError:
        return []
    with open(os.path.join(options.schemas, name), encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    found = [e.message[:200] for e in jsonschema.Draft202012Validator(schema).iter_errors(value)]
    if list(value) != list(schema['properties']):
        found.append('keys %s' % list(value))
    return found

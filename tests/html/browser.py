#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make pages of scenarios and have them looked at by a real browser.

usage: browser.py --espdiag PROGRAM --scenario PROGRAM --cases FOLDER --out FOLDER

Exit 77, which ctest shows as skipped, when Chromium or Node is not installed. What package-lock.json
pins is installed into --out/node on the first run.
"""
import argparse
import filecmp
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = ['restart-pending', 'recovered', 'fast-startup', 'clock-set-back', 'encrypted-anew', 'disk-full',
         'not-detected', 'token-broker', 'two-products', 'device-preparation', 'healthy']
PINS = ['package.json', 'package-lock.json']


def skip(what):
    print('skipped: %s is not installed (packaging/install-packages html)' % what)
    sys.exit(77)


def install(npm, place):
    os.makedirs(place, exist_ok=True)
    done = os.path.join(place, 'installed')
    same = all(os.path.exists(os.path.join(place, name)) and
               filecmp.cmp(os.path.join(HERE, name), os.path.join(place, name), False) for name in PINS)
    if same and os.path.exists(done):
        return
    for name in PINS:
        shutil.copy(os.path.join(HERE, name), place)
    subprocess.run([npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], cwd=place,
                   check=True, timeout=300)
    with open(done, 'w', encoding='utf-8') as file:
        file.write('by tests/html/browser.py\n')


def make_pages(options, pages):
    shutil.rmtree(pages, ignore_errors=True)
    os.makedirs(pages)
    os.mkdir(os.path.join(pages, 'empty'))
    for case in CASES + ['empty']:
        if case != 'empty':
            subprocess.run([options.scenario, 'build', os.path.join(options.cases, case + '.txt'), case],
                           cwd=pages, check=True, stdout=subprocess.DEVNULL, timeout=60)
        # nothing read is judged as of now, which would differ between two runs
        at = [] if case != 'empty' else ['--at', '2026-09-14T08:42:07Z']
        for kind in ('html', 'json'):
            done = subprocess.run([options.espdiag, 'analyze', *at, '--format', kind, '-o', case + '.' + kind, case],
                                  cwd=pages, timeout=60)
            if done.returncode not in (0, 3):
                sys.exit('%s: exit %d' % (case, done.returncode))
        shutil.rmtree(os.path.join(pages, case))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--cases', required=True)
    parser.add_argument('--out', required=True)
    options = parser.parse_args()
    chromium, node, npm = shutil.which('chromium'), shutil.which('node'), shutil.which('npm')
    for name, found in (('chromium', chromium), ('nodejs', node), ('npm', npm)):
        if not found:
            skip(name)
    place, pages = os.path.join(options.out, 'node'), os.path.join(options.out, 'pages')
    install(npm, place)
    make_pages(options, pages)
    env = dict(os.environ, NODE_PATH=os.path.join(place, 'node_modules'))
    return subprocess.run([node, os.path.join(HERE, 'browser.js'), chromium, pages], env=env, timeout=900).returncode


if __name__ == '__main__':
    sys.exit(main())

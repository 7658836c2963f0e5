#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Peak memory does not grow with the number of bundles: 200 and 2,000 of them (links to sixty).

usage: memory.py --espdiag PROGRAM --scenario PROGRAM --make PROGRAM --cases FOLDER --schemas FOLDER
"""
import os
import subprocess
import tempfile

import fleetlib

MOST = 1.2


def peak(command):
    """KiB of the one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return usage.ru_maxrss if status == 0 else 0


def link(sources, folder, count):
    os.mkdir(folder)
    for i in range(count):
        os.link(sources[i % len(sources)], os.path.join(folder, 'bundle-%05d.zip' % i))


def main():
    options = fleetlib.arguments()
    checks = fleetlib.Checks()
    with tempfile.TemporaryDirectory() as place:
        made = os.path.join(place, 'made')
        fleetlib.bundles(options, made, 60, fleetlib.evidence(options, os.path.join(place, 'evidence')))
        sources = sorted(os.path.join(at, name) for at, _, names in os.walk(made) for name in names)
        few, many = os.path.join(place, 'few'), os.path.join(place, 'many')
        link(sources, few, 200)
        link(sources, many, 2000)
        for form in ('text', 'ndjson'):
            small, large = (peak([options.espdiag, 'fleet', '--jobs', '2', '--format', form, folder])
                            for folder in (few, many))
            print('%s: %d KiB for 200, %d KiB for 2,000' % (form, small, large))
            checks.that(small and large and large < MOST * small, 'memory is flat (%s)' % form)
    checks.finish('memory')


if __name__ == '__main__':
    main()

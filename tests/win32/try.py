#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`espdiag.exe collect` on a recorded device, as a technician would see it.

usage: try.py BUILD CASE

BUILD is the folder of the preset win64-test; the bundle is left in BUILD/try.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

import live_cases

HERE = os.path.dirname(os.path.abspath(__file__))
WINE_PREFIX = os.path.join(HERE, '..', '..', 'packaging', 'win64', 'wine-prefix')


class Options:
    """What live_cases.Device asks for."""

    def __init__(self, build):
        self.exe = os.path.join(build, 'espdiag.exe')
        self.espdiag = os.path.join(build, 'host', 'espdiag')
        self.scenario = os.path.join(build, 'host', 'scenario')
        self.prefix = os.path.join(build, 'try-prefix')


def put_doubles(build, prefix):
    system = os.path.join(prefix, 'drive_c', 'windows', 'system32')
    for name in ['wevtapi.dll', 'tbs.dll']:
        found = glob.glob(os.path.join(build, '**', name), recursive=True)
        found = [path for path in found if '-prefix' not in path and '/wine' not in path]
        target = os.path.join(system, name)
        if os.path.exists(target):
            os.remove(target)
        shutil.copy(found[0], target)


def main():
    build, case = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    options = Options(build)
    out = os.path.join(build, 'try')
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    subprocess.run([WINE_PREFIX, 'up', options.prefix], check=True)
    try:
        put_doubles(build, options.prefix)
        device = live_cases.Device(options)
        at = json.loads(live_cases.call([options.scenario, 'expect', case]))['at']
        with tempfile.TemporaryDirectory() as scratch:
            evidence = os.path.join(scratch, 'evidence')
            live_cases.call([options.scenario, 'build', case, evidence, '--wrap', 'evtx'])
            told = device.put(evidence, scratch)
            text = device.collect(told, '--at', at, '--out', 'Z:' + out, allowed=(0,))
        sys.stdout.write(text.decode('utf-8'))
    finally:
        subprocess.run([WINE_PREFIX, 'down', options.prefix], check=True)
    print('\nThat was: espdiag.exe collect, under Wine. The bundle lies in %s.' %
          os.path.relpath(out))
    print('Look at it with: %s analyze %s' %
          (os.path.relpath(options.espdiag),
           os.path.relpath(glob.glob(os.path.join(out, '*.zip'))[0])))


if __name__ == '__main__':
    main()

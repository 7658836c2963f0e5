#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`espdiag.exe collect` on a recorded device, as a technician would see it.

usage: try.py BUILD CASE

BUILD is the folder of the preset win64-test; the bundle is left in BUILD/try.
"""
import glob
import os
import shutil
import sys

import live_device


class Options:
    """What live_device.Device asks for."""

    def __init__(self, build):
        self.exe = os.path.join(build, 'espdiag.exe')
        self.espdiag = os.path.join(build, 'host', 'espdiag')
        self.scenario = os.path.join(build, 'host', 'scenario')
        self.doubles = os.path.join(build, 'doubles')
        self.base = os.path.join(build, 'wine')
        self.prefix = os.path.join(build, 'try-prefix')


def main():
    build, case = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    options = Options(build)
    out = os.path.join(build, 'try')
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    with live_device.Device(options) as device, live_device.scratch_folder() as scratch:
        evidence = os.path.join(scratch, 'evidence')
        at = device.build(case, evidence)
        told = device.put(evidence, scratch)
        text = device.collect(told, '--at', at, '--out', live_device.windows(out), allowed=(0,))
    sys.stdout.write(text.decode('utf-8'))
    print('\nThat was: espdiag.exe collect, under Wine. The bundle lies in %s.' %
          os.path.relpath(out))
    print('Look at it with: %s analyze %s' %
          (os.path.relpath(options.espdiag),
           os.path.relpath(glob.glob(os.path.join(out, '*.zip'))[0])))


if __name__ == '__main__':
    main()

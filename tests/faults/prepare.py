#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The evidence of tests/faults, of a case as small as one can be that still has a cause.

usage: prepare.py ESPDIAG SCENARIO CASE FOLDER
"""
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    espdiag, scenario, case, folder = sys.argv[1:]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, 'scratch'))
    for form in 'evtx', 'xml', 'zip':
        built = os.path.join(folder, form)
        subprocess.run([scenario, 'build', case, built, '--wrap', form], check=True)
    os.rename(os.path.join(folder, 'zip'), os.path.join(folder, 'zipped'))
    os.rename(os.path.join(folder, 'zipped', 'evidence.zip'), os.path.join(folder, 'zip'))
    prepare = os.path.join(HERE, '..', 'win32', 'prepare_events.py')
    subprocess.run([sys.executable, '-B', prepare, espdiag, os.path.join(folder, 'events'),
                    os.path.join(folder, 'evtx')], check=True)
    boot, = glob.glob(os.path.join(folder, 'evtx', 'MeasuredBoot', '*.log'))
    shutil.copyfile(boot, os.path.join(folder, 'boot.log'))


if __name__ == '__main__':
    main()

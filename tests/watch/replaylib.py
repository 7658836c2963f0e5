# SPDX-License-Identifier: MIT
"""What the tests of `watch` share: their options, evidence made of scenarios."""
import argparse
import os
import subprocess


def options_of(*more):
    parser = argparse.ArgumentParser()
    for name in ('espdiag', 'scenario', 'cases') + more:
        parser.add_argument('--' + name, required=True)
    options = parser.parse_args()
    for name in vars(options):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    return options


def evidence(options, case, scratch):
    """The folder with what @case tells."""
    out = os.path.join(scratch, case)
    subprocess.run([options.scenario, 'build', os.path.join(options.cases, case + '.txt'), out,
                    '--wrap', 'evtx'], check=True, stdout=subprocess.DEVNULL)
    return out


def moment(clock):
    return '2026-09-14T%sZ' % clock

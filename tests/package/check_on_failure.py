# SPDX-License-Identifier: MIT
"""The run of the task, over recorded evidence that plays the device: a bundle only when the page
failed or takes too long.

usage: check_on_failure.py SCENARIO LIVE_FOLDER CASES
"""
import json
import os
import subprocess
import sys
import tempfile
import checklib

# case -> is its bundle kept
CASES = {
    'restart-pending': False,    # blocked, but 34 of 60 minutes are left
    'limit-nearly-over': True,   # 5 of 60 left
    'page-timeout': True,
    'aborted': True,
    'healthy': False,
    'recovered': False,
}


def kept(scenario, live, case, work):
    """Bundles after a run, whether it wrote to the event log, its exit code."""
    device, out, log = (os.path.join(work, name) for name in ('device', 'out', 'eventlog'))
    at = json.loads(checklib.run(scenario, 'expect', case))['at']
    checklib.run(scenario, 'build', case, device, '--wrap', 'xml')
    os.mkdir(out)
    run = subprocess.run([live, device, '--at', at, '--on-failure', '--quiet', '--out', out],
                         env=dict(os.environ, LIVE_EVENTLOG=log), capture_output=True, check=False)
    return os.listdir(out), os.path.exists(log), run.returncode


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: check_on_failure.py SCENARIO LIVE_FOLDER CASES')
    scenario, live, cases = sys.argv[1:]
    problems = []
    for name, wanted in CASES.items():
        with tempfile.TemporaryDirectory() as work:
            bundles, told, code = kept(scenario, live, os.path.join(cases, name + '.txt'), work)
        if code:
            problems.append('%s: exit %d' % (name, code))
        if (len(bundles) == 1) != wanted or len(bundles) > 1:
            problems.append('%s: bundles %s' % (name, bundles))
        if told != wanted:
            problems.append('%s: the event log was %swritten to' % (name, '' if told else 'not '))
    checklib.finish(problems)


if __name__ == '__main__':
    main()

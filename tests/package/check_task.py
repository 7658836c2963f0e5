# SPDX-License-Identifier: MIT
"""The mode on failure from end to end, under Wine: installed with its task, the task's own command over a
recorded device, and whether the bundle stays and the task goes. That Windows starts it is not shown.

usage: check_task.py ROOT + the options of tests/win32/live_device.py
"""
import argparse
import os
import re
import sys
import checklib

# case -> is a bundle left, is the task still there
CASES = {'restart-pending': (False, True), 'limit-nearly-over': (True, False),
         'healthy': (False, False)}
FOLDER = 'C:\\Program Files\\espdiag'


def arguments_of(root):
    """What the task passes to the program, out of its definition."""
    text = checklib.read(os.path.join(root, 'agent/install/install.c')).decode()
    line = re.search(r'<Arguments>([^"\\]+)\\"', text).group(1)
    return line.split() + [FOLDER + '\\bundles']


def check_case(live_device, device, root, case):
    wanted_bundle, wanted_task = CASES[case]
    installed, problems = device.folder('drive_c/Program Files/espdiag'), []
    task = device.folder('drive_c/windows/system32/tasks/espdiag on failure')
    device.wine(device.options.exe, 'install', '--on-failure')
    if not os.path.exists(task):
        problems.append('%s: installed without a task' % case)
    with live_device.scratch_folder() as scratch:
        evidence = os.path.join(scratch, 'evidence')
        at = device.build(live_device.case_path(case), evidence)
        told = device.put(evidence, scratch)
        device.wine(FOLDER + '\\espdiag.exe', *arguments_of(root), '--at', at, environment=told)
    bundles = os.listdir(os.path.join(installed, 'bundles'))
    if len(bundles) != wanted_bundle:
        problems.append('%s: bundles: %s' % (case, bundles))
    if os.path.exists(task) != wanted_task:
        problems.append('%s: the task %s' % (case, 'goes' if wanted_task else 'stays'))
    device.wine(device.options.exe, 'uninstall')
    if os.path.exists(task) or os.path.exists(installed):
        problems.append('%s: uninstalling leaves something' % case)
    return problems


def main():
    root = os.path.abspath(sys.argv[1])
    sys.path.insert(0, os.path.join(root, 'tests/win32'))
    import live_device  # noqa: E402
    parser = argparse.ArgumentParser()
    parser.add_argument('root')
    live_device.add_options(parser)
    problems = []
    with live_device.Device(parser.parse_args()) as device:
        for case in CASES:
            try:
                problems += check_case(live_device, device, root, case)
            except live_device.Wrong as wrong:
                problems.append('%s: %s' % (case, wrong))
    checklib.finish(problems)


if __name__ == '__main__':
    main()

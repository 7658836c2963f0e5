# SPDX-License-Identifier: MIT
"""The workflows of .github, which no test here can run: YAML of the form that GitHub takes, steps whose
shell is sound, names that are in the tree.

usage: check_workflows.py ROOT
"""
import glob
import os
import re
import subprocess
import sys
import checklib

try:
    import yaml
except ImportError:
    print('skipped: needs python3-yaml')
    sys.exit(77)

KEYS = {'workflow': {'name', 'on', 'permissions', 'jobs', True},
        'job': {'runs-on', 'container', 'timeout-minutes', 'steps', 'needs', 'defaults', 'env',
                'permissions'},
        'step': {'name', 'uses', 'with', 'run', 'env', 'shell'}}
SHELLS = {'powershell', 'cmd'}
# By a major version of GitHub's own makers.
ACTION = re.compile(r'actions/[a-z-]+@v[0-9]+$')
IN_TREE = re.compile(r'(?<![\w/.\\-])((?:packaging|tests|\.ci)/[\w./-]+)')
# Made by an earlier step.
MADE = ('tests/unit/',)


def shell_of(job, step):
    default = job.get('defaults', {}).get('run', {}).get('shell')
    return step.get('shell', default) or 'sh'


def check_run(root, where, shell, text):
    problems = []
    for name in IN_TREE.findall(text.replace('\\', '/')):
        if not name.startswith(MADE) and not os.path.exists(os.path.join(root, name.rstrip('.'))):
            problems.append('%s: no %s in the tree' % (where, name))
    if shell == 'sh':
        try:
            run = subprocess.run(['shellcheck', '-s', 'sh', '-'], input=('set -e\n' + text).encode(),
                                 stdout=subprocess.PIPE, check=False)
        except OSError:
            return problems
        if run.returncode:
            problems.append('%s: %s' % (where, run.stdout.decode()))
    elif shell not in SHELLS:
        problems.append('%s: shell %s' % (where, shell))
    elif not text.isascii():
        problems.append('%s: not ASCII' % where)
    return problems


def check_step(root, where, job, step):
    problems = ['%s: no such key: %s' % (where, key) for key in sorted(set(step) - KEYS['step'])]
    if ('run' in step) == ('uses' in step):
        return problems + ['%s: neither or both of run and uses' % where]
    if 'uses' in step:
        if not ACTION.match(step['uses']):
            problems.append('%s: %s' % (where, step['uses']))
        return problems
    return problems + check_run(root, where, shell_of(job, step), step['run'])


def artifacts(job, action):
    return {step['with']['name'] for step in job['steps']
            if step.get('uses', '').startswith('actions/%s-artifact' % action)}


def skipped(root, text):
    """The unit tests that a job leaves out are those that want something of this machine's own build."""
    listed = re.search(r"\$skip = @\(([^)]*)\)", text)
    if not listed:
        return []
    cmake = checklib.read(os.path.join(root, 'tests/unit/CMakeLists.txt')).decode()
    # not of this system alone, and with a path among its arguments
    cmake = re.sub(r'^if\(NOT WIN32\).*?^endif\(\)', '', cmake, flags=re.S | re.M)
    wanted = {name for name, more in re.findall(r'^ed_test\((test_\w+) ([^)]*)\)', cmake, re.M)
              if 'POSIX' not in more and re.search(r'\bARGS "\$\{', more)}
    names = set(re.findall(r"'(\w+)'", listed.group(1)))
    return [] if names == wanted else ['leaves out %s, not %s' % (sorted(names), sorted(wanted))]


def check_job(root, where, jobs, job):
    problems = ['%s: no such key: %s' % (where, key) for key in sorted(set(job) - KEYS['job'])]
    needed = job.get('needs', [])
    needed = [needed] if isinstance(needed, str) else needed
    problems += ['%s: needs %s, which is not there' % (where, name) for name in needed
                 if name not in jobs]
    there = set().union(*(artifacts(jobs[name], 'upload') for name in needed if name in jobs))
    problems += ['%s: takes %s, which no job before it leaves' % (where, name)
                 for name in artifacts(job, 'download') - there]
    scripts = [step.get('run', '') for step in job['steps']]
    problems += ['%s: %s' % (where, problem) for text in scripts for problem in skipped(root, text)]
    # the checkout is another user's than that of the container, and git then tells nothing of it
    if 'container' in job and not any('safe.directory' in text for text in scripts):
        problems.append('%s: git will not trust the checkout' % where)
    if 'runs-on' not in job or 'timeout-minutes' not in job:
        problems.append('%s: says not where, or not how long' % where)
    for number, step in enumerate(job['steps'], 1):
        problems += check_step(root, '%s step %d' % (where, number), job, step)
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: check_workflows.py ROOT')
    root = sys.argv[1]
    problems, paths = [], sorted(glob.glob(os.path.join(root, '.github/workflows/*')))
    for path in paths:
        name = os.path.basename(path)
        flow = yaml.safe_load(checklib.read(path))
        # "on" is a yes to YAML
        problems += ['%s: no such key: %s' % (name, key) for key in set(flow) - KEYS['workflow']]
        if flow.get('permissions') != {'contents': 'read'}:
            problems.append('%s: may do more than read' % name)
        for key, job in flow['jobs'].items():
            problems += check_job(root, '%s: %s' % (name, key), flow['jobs'], job)
    if len(paths) < 3:
        problems.append('only %d workflows' % len(paths))
    checklib.finish(problems)


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""The same artefacts from another folder, at another time, by somebody with other habits.

usage: check_again.py DIST ROOT BUILD...
"""
import os
import subprocess
import sys
import tempfile
import time
import checklib


def main():
    if len(sys.argv) < 4:
        sys.exit('usage: check_again.py DIST ROOT BUILD...')
    dist, root, *builds = sys.argv[1:]
    sources = [word for build in builds for word in ('--from', build)]
    problems = []
    # wixl and zip count in whole and in two seconds
    time.sleep(2.1)
    with tempfile.TemporaryDirectory() as work:
        env = dict(os.environ, TZ='Asia/Kolkata', LANG='C.UTF-8', TMPDIR=work)
        subprocess.run(['sh', '-c', 'umask 077 && exec "$0" "$@"',
                        os.path.join(root, 'packaging/release'), *sources,
                        '--out', work + '/again'], env=env, check=True, stdout=subprocess.DEVNULL)
        names = sorted(os.listdir(dist))
        if names != sorted(os.listdir(work + '/again')):
            problems.append('other artefacts')
        for name in names:
            same = checklib.read(os.path.join(dist, name)) == \
                checklib.read(os.path.join(work, 'again', name))
            # its keys are random by design, and its sum with it
            random = name.endswith('.intunewin') or name == 'SHA256SUMS'
            if not same and not random:
                problems.append('%s: other bytes' % name)
            if same and random:
                problems.append('%s: the same keys twice' % name)
    checklib.finish(problems)


if __name__ == '__main__':
    main()

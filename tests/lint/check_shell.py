# SPDX-License-Identifier: MIT
"""shellcheck has nothing to say about the shell scripts.

usage: check_shell.py ROOT SHELLCHECK
"""
import os
import re
import subprocess
import sys
import lintlib

SHELL = re.compile(rb'#!\s*\S*(?:/|env )(?:ba|da)?sh\b')


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: check_shell.py ROOT SHELLCHECK')
    root, program = sys.argv[1], sys.argv[2]
    scripts = [os.path.join(root, f) for f in lintlib.tracked_files(root)
               if SHELL.match(lintlib.read_bytes(root, f))]
    if not scripts:
        lintlib.finish(['no shell scripts found in %s' % root])
    try:
        run = subprocess.run([program, '--external-sources'] + scripts, check=False)
    except OSError:
        print('skipped: needs shellcheck')
        sys.exit(lintlib.SKIPPED)
    sys.exit(1 if run.returncode else 0)


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""Every C file is as clang-format 14 would write it (other versions write it differently).

usage: check_format.py ROOT CLANG_FORMAT
"""
import os
import re
import subprocess
import sys
import lintlib

VERSION = 14


def version_of(program):
    try:
        said = subprocess.run([program, '--version'], stdout=subprocess.PIPE, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r'version (\d+)', said.decode('utf-8', 'replace'))
    return int(found.group(1)) if found else None


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: check_format.py ROOT CLANG_FORMAT')
    root, program = sys.argv[1], sys.argv[2]
    if version_of(program) != VERSION:
        print('skipped: needs clang-format %d' % VERSION)
        sys.exit(lintlib.SKIPPED)
    files = [os.path.join(root, f) for f in lintlib.c_files(root)]
    if not files:
        lintlib.finish(['no C files found in %s' % root])
    style = '--style=file:' + os.path.join(os.path.realpath(root), '.clang-format')
    run = subprocess.run([program, style, '--dry-run', '-Werror'] + files, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    sys.stdout.write(run.stdout.decode('utf-8', 'replace'))
    sys.exit(1 if run.returncode else 0)


if __name__ == '__main__':
    main()

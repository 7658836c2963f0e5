# SPDX-License-Identifier: MIT
"""What every lint shares: the files of the tree, and how a finding is told."""
import os
import re
import subprocess
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def tracked_files(root):
    """Paths relative to @root that git would commit: tracked, or new and not ignored."""
    if os.path.exists(os.path.join(root, '.git')):
        command = ['git', '-c', 'safe.directory=*', '-C', root, 'ls-files', '-z',
                   '--cached', '--others', '--exclude-standard']
        listed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        names = {name.decode('utf-8') for name in listed.split(b'\0') if name}
        return sorted(name for name in names if os.path.isfile(os.path.join(root, name)))
    found = []
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        if inside == '.':
            folders[:] = [f for f in folders if f not in ('.git', 'build', 'dist')]
        found += [os.path.normpath(os.path.join(inside, name)) for name in names]
    return sorted(found)


def c_files(root):
    return [path for path in tracked_files(root) if path.endswith(('.c', '.h'))]


def read_bytes(root, path):
    with open(os.path.join(root, path), 'rb') as f:
        return f.read()


def read_text(root, path):
    return read_bytes(root, path).decode('utf-8', 'replace')


def strip_comments(text):
    """C text with comments and literals' contents blanked; lines keep their numbers."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

    def blank(match):
        token = match.group(0)
        if token[0] in '"\'':
            return token[0] * 2
        return '\n' * token.count('\n') or ' '

    return re.sub(pattern, blank, text, flags=re.S)


def finish(problems):
    """Prints each problem on a line and exits: 1 if there was one."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def root_argument():
    """The only argument of most lints: the root of the tree."""
    if len(sys.argv) < 2 or not os.path.isdir(sys.argv[1]):
        sys.exit('usage: %s ROOT' % os.path.basename(sys.argv[0]))
    return sys.argv[1]

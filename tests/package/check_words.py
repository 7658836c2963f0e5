# SPDX-License-Identifier: MIT
"""What the sheet of what is collected, and the admin's guide, say is what is in the tables; what no device
has shown is named.

usage: check_words.py ROOT
"""
import os
import re
import sys
import checklib

EXIT_CODES = ['1618', '1641', '1707', '3010']


def text_of(root, *parts):
    return checklib.read(os.path.join(root, 'packaging', *parts)).decode('utf-8')


def check_privacy(root):
    """Every channel, every member of the registry and the signature are named in the sheet."""
    sheet = ' '.join(text_of(root, 'privacy.md').split())
    problems = []
    for path, row in (('wevt/channels.def', r'^CHANNEL\(\w+, "([^"]+)"'),
                      ('registry/roots.def', r'^REGISTRY_MEMBER\(\w+, +"([^"]+)"')):
        table = checklib.read(os.path.join(root, 'collectors', path)).decode()
        names = re.findall(row, table, re.M)
        problems += [] if names else ['%s: no rows found' % path]
        problems += ['privacy.md: does not name %s' % name for name in names
                     if '`%s`' % name not in sheet]
    header = checklib.read(os.path.join(root, 'include/espdiag/bundle/bundle.h')).decode()
    signature = re.search(r'^#define ED_BUNDLE_SIGNATURE "([^"]+)"', header, re.M).group(1)
    return problems if '`%s`' % signature in sheet else \
        problems + ['privacy.md: does not name %s' % signature]


def check_admin(root):
    """What the admin types into the portal: exit codes, the version that is detected."""
    guide = text_of(root, 'guide-admin.md')
    problems = ['guide-admin.md: does not speak of exit code ' + code for code in EXIT_CODES
                if code not in guide]
    header = checklib.read(os.path.join(root, 'include/espdiag/version.h')).decode()
    version = re.search(r'^#define ED_VERSION "([^"]+)"', header, re.M).group(1)
    if '`%s.0`' % version not in guide:
        problems.append('guide-admin.md: the example of the detection rule is not %s.0' % version)
    return problems


def check_not_seen(root):
    """Both lists of what no device has shown name what this machine cannot have."""
    readme = checklib.read(os.path.join(root, 'README.md')).decode('utf-8')
    places = {'README.md': (readme, ('LocalSystem', '32-bit', 'PowerShell', 'Intune', 'Task Scheduler',
                                     'arm64', 'signature')),
              'guide-admin.md': (text_of(root, 'guide-admin.md'),
                                 ('SYSTEM', '32-bit', 'PowerShell', 'Task Scheduler', 'triggers', 'arm64',
                                  'signature', 'WDAC'))}
    problems = []
    for name, (text, words) in places.items():
        part = re.search(r'^## Not yet seen on a device$(.*?)(?=^## |\Z)', text, re.S | re.M)
        problems += ['%s: "Not yet seen on a device" lacks %s' % (name, word) for word in words
                     if not part or word not in part.group(1)]
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: check_words.py ROOT')
    root = sys.argv[1]
    checklib.finish(check_privacy(root) + check_admin(root) + check_not_seen(root))


if __name__ == '__main__':
    main()

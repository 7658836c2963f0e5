# SPDX-License-Identifier: MIT
"""What the guides, scripts and queries say is what the program does.

usage: check_words.py ROOT ESPDIAG
"""
import os
import re
import subprocess
import sys
import checklib

GUIDES = ['guide-technician.md', 'guide-admin.md', 'guide-helpdesk.md', 'privacy.md']
SCRIPTS = ['detect.ps1', 'remediate.ps1', 'compliance.ps1']
EXIT_CODES = ['1618', '1641', '1707', '3010']


def text_of(root, *parts):
    return checklib.read(os.path.join(root, 'packaging', *parts)).decode('utf-8')


def commands_in(text):
    """The command lines of espdiag in a text, without placeholders and paths before the name."""
    found = re.findall(r'(?:^|[`\s"\\/(;&]|\$exe )espdiag(?:\.exe)?"? ((?:collect|analyze|explain|events|'
                       r'verify|compare|fleet|selftest|install|uninstall|watch)\b[^`\n)|;>]*)', text)
    found += re.findall(r'\$exe (collect[^|;>*\n]*)', text)
    return sorted({re.sub(r'\s*[2*]*$', '', line) for line in found})


def check_commands(espdiag, name, text):
    """Each option is one of that command's own help."""
    problems = []
    for line in commands_in(text):
        command = line.split()[0]
        helped = checklib.run(espdiag, command, '--help')
        for option in re.findall(r'(?<!\S)--?[a-z][a-z-]*', line):
            if not re.search(r'^  %s\b' % re.escape(option), helped, re.M):
                problems.append("%s: '%s': no such option of %s" % (name, option, command))
    return problems


def check_explained(espdiag, name, text):
    problems = []
    for word in re.findall(r'espdiag explain ([\w/-]+)', text):
        if subprocess.run([espdiag, 'explain', word], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode:
            problems.append('%s: explain does not know %s' % (name, word))
    return problems


def check_privacy(root):
    """Every channel and every member of the registry is named in the sheet."""
    sheet = ' '.join(text_of(root, 'privacy.md').split())
    problems = []
    for path, row in (('wevt/channels.def', r'^CHANNEL\(\w+, "([^"]+)"'),
                      ('registry/roots.def', r'^REGISTRY_MEMBER\(\w+, +"([^"]+)"')):
        table = checklib.read(os.path.join(root, 'collectors', path)).decode()
        names = re.findall(row, table, re.M)
        problems += [] if names else ['%s: no rows found' % path]
        problems += ['privacy.md: does not name %s' % name for name in names
                     if '`%s`' % name not in sheet]
    return problems


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: check_words.py ROOT ESPDIAG')
    root, espdiag = sys.argv[1:]
    problems = check_privacy(root)
    texts = [(name, text_of(root, name)) for name in GUIDES]
    for name in SCRIPTS:
        texts.append((name, text_of(root, 'intune', name)))
    told = 0
    for name, text in texts:
        told += len(commands_in(text))
        problems += check_commands(espdiag, name, text) + check_explained(espdiag, name, text)
    if told < 10:
        problems.append('only %d commands found in the guides and scripts' % told)
    admin = text_of(root, 'guide-admin.md')
    problems += ['guide-admin.md: does not speak of exit code ' + code for code in EXIT_CODES
                 if code not in admin]
    checklib.finish(problems)


if __name__ == '__main__':
    main()

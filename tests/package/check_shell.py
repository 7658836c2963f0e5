# SPDX-License-Identifier: MIT
"""The manual page and the completions are those of the table of options, and they work.

usage: check_shell.py ROOT OPTIONS_WORDS ESPDIAG

ED_SHELL_UPDATE=1 writes them anew.
"""
import os
import re
import shutil
import subprocess
import sys
import checklib

FILES = {'man': 'espdiag.1', 'bash': 'espdiag.bash', 'powershell': 'espdiag.ps1'}
# words typed, the last one unfinished -> what is offered
TYPED = [
    (['espdiag', 'comp'], {'compare'}),
    (['espdiag', 'verify', '--di'], {'--digest'}),
    (['espdiag', 'verify', '--on'], set()),
    (['espdiag', 'collect', '--redact', 'st'], {'standard', 'strict'}),
    (['espdiag', 'fleet', '--format', 'c'], {'csv'}),
    (['espdiag', 'analyze', 'some'], set()),
]


def complete(script, words):
    code = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _espdiag; ' \
        'printf "%s\\n" "${COMPREPLY[@]}"'
    said = checklib.run('bash', '-c', code, script, *words)
    return {line for line in said.split('\n') if line}


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: check_shell.py ROOT OPTIONS_WORDS ESPDIAG')
    root, program, espdiag = sys.argv[1:]
    folder = os.path.join(root, 'packaging/shell')
    problems = []
    for form, name in FILES.items():
        made = subprocess.run([program, form], stdout=subprocess.PIPE, check=True).stdout
        path = os.path.join(folder, name)
        if os.environ.get('ED_SHELL_UPDATE'):
            with open(path, 'wb') as file:
                file.write(made)
        elif checklib.read(path) != made:
            problems.append('packaging/shell/%s is not what the options give: run with '
                            'ED_SHELL_UPDATE=1' % name)
    for words, wanted in TYPED:
        got = complete(os.path.join(folder, 'espdiag.bash'), words)
        if got != wanted:
            problems.append('%s: offers %s' % (' '.join(words), sorted(got)))
    # the page names every option that any help names
    page = checklib.read(os.path.join(folder, 'espdiag.1')).decode().replace('\\-', '-')
    commands = re.findall(r'^\.SS "espdiag (\w+) ', page, re.M)
    for command in commands:
        for option in re.findall(r'^  (--?[a-z-]+)', checklib.run(espdiag, command, '--help'), re.M):
            if '.B %s' % option not in page:
                problems.append('the manual page lacks %s' % option)
    if len(commands) < 10:
        problems.append('only %d commands in the manual page' % len(commands))
    if shutil.which('groff'):
        said = checklib.run('groff', '-man', '-ww', '-z', os.path.join(folder, 'espdiag.1'))
        problems += said.splitlines()
    checklib.finish(problems)


if __name__ == '__main__':
    main()

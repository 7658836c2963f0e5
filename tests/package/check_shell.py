# SPDX-License-Identifier: MIT
"""The manual page and the completions are those of the table of options, and they work.

usage: check_shell.py ROOT OPTIONS_WORDS ESPDIAG

ED_SHELL_UPDATE=1 writes them anew.
"""
import os
import re
import subprocess
import sys
import checklib
import check_scripts

FILES = {'man': 'espdiag.1', 'bash': 'espdiag.bash', 'powershell': 'espdiag.ps1'}
# words typed, the last one unfinished -> what is offered
TYPED = [
    (['espdiag', 'comp'], {'compare'}),
    (['espdiag', 'verify', '--di'], {'--digest'}),
    (['espdiag', 'verify', '--on'], set()),
    (['espdiag', 'collect', '--redact', 'st'], {'standard', 'strict'}),
    (['espdiag', 'fleet', '--format', 'c'], {'csv'}),
    (['espdiag', 'analyze', 'some'], set()),
    (['espdiag', 'uninst'], {'uninstall'}),
    # without a command it is the default one
    (['espdiag', '--ev'], {'--eventlog'}),
    (['espdiag', '--quiet', '--on'], {'--on-failure'}),
    (['espdiag', '--redact', 'no'], {'none'}),
    (['espdiag', ''], set('collect analyze explain events verify compare fleet selftest install uninstall '
                          'watch --help --version'.split())),
]


def complete(script, words):
    code = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _espdiag; ' \
        'printf "%s\\n" "${COMPREPLY[@]}"'
    said = checklib.run('bash', '-c', code, script, *words)
    return {line for line in said.split('\n') if line}


def check_page(page, espdiag):
    """It names what every help names, in words that fit, and troff takes it."""
    problems = []
    text = checklib.read(page).decode().replace('\\-', '-')
    commands = re.findall(r'^\.SS "espdiag (\w+) ', text, re.M)
    for command in commands:
        said = checklib.run(espdiag, command, '--help')
        for option in re.findall(r'^  (--?[a-z-]+)', said, re.M):
            if '.B %s' % option not in text:
                problems.append('the manual page lacks %s' % option)
    if len(commands) < 10:
        problems.append('only %d commands in the manual page' % len(commands))
    for name, argument, words in re.findall(r'^\.B (\S+) \\fI(.*)\\fR\n(.*)$', text, re.M):
        if re.search(r'\btime,? (?:such|or)\b', words) and 'TIME' not in argument:
            problems.append('%s %s: "%s"' % (name, argument, words))
    return problems + checklib.run('groff', '-man', '-ww', '-z', page).splitlines()


def check_read_me(folder):
    """Its lines for bash do what they are for."""
    text = checklib.read(os.path.join(folder, 'README.md')).decode()
    root = os.path.join(folder, '..', '..')
    page = checklib.run('sh', '-c', re.search(r'^man .*$', text, re.M).group(0), cwd=root)
    code = re.search(r'^source .*$', text, re.M).group(0) + '; complete -p espdiag'
    said = checklib.run('bash', '-c', code, cwd=root)
    problems = [] if 'EXIT STATUS' in page else ['README.md: man shows no page']
    return problems + ([] if '_espdiag' in said else ['README.md: bash completes nothing'])


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
    problems += check_page(os.path.join(folder, 'espdiag.1'), espdiag)
    problems += check_scripts.check_language(
        'espdiag.ps1', checklib.read(os.path.join(folder, 'espdiag.ps1')).decode())
    problems += check_read_me(folder)
    checklib.finish(problems)


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""Every command in the pages, word for word: those of the program are run where this machine can, over
a bundle made for it, and held to the option table where it cannot; scripts, presets and purposes are
looked up; whatever else stands in a block of code must be a line of the program's screen.

usage: check_guides.py ROOT ESPDIAG SCENARIO LIVE_FOLDER
"""
import fnmatch
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import zipfile
import checklib

PAGES = ['README.md', 'CONTRIBUTING.md', 'packaging/*.md', 'packaging/*/README.md']
SCRIPTS = ['packaging/intune/*.ps1']
CASE = 'restart-pending'
COMMANDS = 'collect|analyze|explain|events|verify|compare|fleet|selftest|install|uninstall|watch'
# They need Windows, so only their options are looked at.
OF_WINDOWS = {'collect', 'selftest', 'install', 'uninstall', 'watch'}
# Of other makers. A word that begins a line of code and is neither here nor ours is a mistake.
FOREIGN = set('''cmake ctest curl az openssl msiexec shutdown sha256sum apt-get scontrol sbatch reg
wevtutil man source split'''.split())
COMMANDS_LEAST = 40
# What else a block of code may hold: the program by its drive letter alone, the event log, a script read
# into PowerShell, a ticket line.
OTHERWISE = re.compile(r'\(Get-WinEvent [ -~]*$|[A-Z]:\\espdiag$|'
                       r'\. \.\\packaging\\shell\\espdiag\.ps1$|'
                       r'espdiag [0-9a-f]{4}(?:-[0-9a-f]{4}){3} [a-z-]+ [a-z]+ [0-9a-f]{4}-[0-9a-f]{4}$')


def code_of(text):
    """Lines of code blocks (fenced, or indented behind a blank line), joined where a backslash ends them,
    and spans of code in the text."""
    lines, spans, fenced, blank = [], [], False, True
    for line in text.split('\n'):
        if line.lstrip().startswith('```'):
            fenced = not fenced
        elif fenced or (blank or lines and lines[-1] is not None) and re.match(r' {4,}\S', line):
            lines.append(line.strip())
            continue
        blank = not line.strip()
        if not blank:
            lines.append(None)
    joined = re.sub(r'\\\n', ' ', '\n'.join(line or '' for line in lines))
    # a span may go on behind the end of a line
    prose = re.sub(r'^```.*?^```', '', text, flags=re.S | re.M)
    spans = [re.sub(r'\s+', ' ', span) for span in re.findall(r'`([^`]+)`', prose)]
    return [line for line in joined.split('\n') if line], spans


def of_program(line):
    """The words behind espdiag in a line of code, or None."""
    found = re.search(r'(?:^|[\s"\\/]|\$exe )espdiag(?:\.exe)?"? ((?:%s)\b.*)' % COMMANDS, line) or \
        re.match(r'.*& \$exe (collect.*)', line)
    if not found:
        return None
    words = re.split(r'\s*(?:[|;>]|[2*]>)', found.group(1))[0]
    return shlex.split(words.replace('\\', '/'), comments=True)


def plain(line):
    return re.sub(r'\s+', ' ', line.strip())


class Bench:
    """Evidence for the placeholders of the pages."""

    def __init__(self, root, programs, folder):
        self.root, (self.espdiag, scenario, live), self.folder = root, programs, folder
        self.help = {}
        case = os.path.join(root, 'tests/scenarios/cases', CASE + '.txt')
        self.at = json.loads(checklib.run(scenario, 'expect', case))['at']
        checklib.run(scenario, 'build', case, folder + '/device', '--wrap', 'xml')
        run = subprocess.run([live, folder + '/device', '--at', self.at, '--out', folder + '/a.zip'],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        self.screen = run.stdout.decode('utf-8')
        self.printed = {plain(line) for line in self.screen.split('\n')}
        self.digest = self.screen.split()[-1]
        self.values = {'BUNDLE': 'a.zip', 'PATH': 'a.zip', 'PATH...': 'a.zip', 'BEFORE': 'a.zip',
                       'AFTER': 'a.zip', 'FOLDER': '.', '8c1d-22f0': self.digest,
                       'ID': 'bitlocker-restart-pending', 'I/N': '0/2'}

    def options_problem(self, words):
        command = words[0]
        if command not in self.help:
            self.help[command] = checklib.run(self.espdiag, command, '--help')
        for word in words[1:]:
            if word.startswith('-') and not re.search(r'^  %s\b' % re.escape(word),
                                                      self.help[command], re.M):
                return "no option '%s' of %s" % (word, command)
        return None

    def problem(self, words, in_block):
        """What is wrong with a command of the program; None: nothing."""
        wrong = self.options_problem(words)
        if wrong or words[0] in OF_WINDOWS or len(words) == 1:
            return wrong
        words = [self.values.get(word, word) for word in words]
        if words[0] == 'compare':
            words.append('--force')
        run = subprocess.run([self.espdiag] + words, cwd=self.folder, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        # prose may leave out what a command is about
        if run.returncode == 2 and not in_block and b' needs a ' in run.stdout:
            return None
        if run.returncode:
            return 'exit %d: %s' % (run.returncode, run.stdout.decode('utf-8', 'replace')[:200])
        return None


def tree_problem(root, words):
    """Of a command of the clone: is its script there, does it know the options."""
    path = os.path.join(root, words[0])
    if not os.access(path, os.X_OK):
        return '%s is not there or no program' % words[0]
    if os.path.isdir(path):
        return None
    text = checklib.read(path).decode('utf-8', 'replace')
    for word in words[1:]:
        if word.startswith('--') and word not in text:
            return "%s knows no '%s'" % (words[0], word)
    if words[0].endswith('install-packages'):
        purposes = checklib.read(os.path.join(root, 'packaging/packages.txt')).decode()
        for word in words[1:]:
            if not re.search(r'^%s\s' % re.escape(word), purposes, re.M):
                return 'packages.txt has nothing for %s' % word
    return None


def presets_problem(root, words):
    if '--preset' not in words:
        return None
    known = checklib.read(os.path.join(root, 'CMakePresets.json')).decode()
    name = words[words.index('--preset') + 1]
    return None if '"name": "%s"' % name in known else 'no preset %s' % name


def sheet_problems(bench):
    """Every member of a bundle is in the first column of the sheet of what is collected."""
    sheet = checklib.read(os.path.join(bench.root, 'packaging/privacy.md')).decode('utf-8')
    named = [name for row in re.findall(r'^\| (`.*?) \|', sheet, re.M)
             for name in re.findall(r'`([^`]+)`', row)]
    with zipfile.ZipFile(bench.folder + '/a.zip') as bundle:
        return ['packaging/privacy.md: does not name %s' % member for member in bundle.namelist()
                if not any(fnmatch.fnmatch(member, name + '*' if name.endswith('/') else name)
                           for name in named)]


def check_line(bench, line, in_block):
    """(is it a command, what is wrong with it)"""
    words = of_program(line)
    if words:
        return True, bench.problem(words, in_block)
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return False, None
    while words and re.match(r'[A-Z0-9_]+=', words[0]):
        words = words[1:]
    if not words:
        return False, None
    if re.match(r'(?:packaging|tests|\.ci)/', words[0]) and (in_block or len(words) > 1):
        return True, tree_problem(bench.root, words)
    if words[0] in FOREIGN:
        return True, presets_problem(bench.root, words)
    return False, None


def check_page(bench, name, text):
    problems, told = [], 0
    blocks, spans = code_of(text)
    for line, in_block in [(line, True) for line in blocks] + [(span, False) for span in spans]:
        command, wrong = check_line(bench, line, in_block)
        told += command
        if in_block and not command and not OTHERWISE.match(line) and \
                plain(line) not in bench.printed:
            wrong = 'neither a command that is known nor a line of the screen'
        if wrong:
            problems.append('%s: %s: %s' % (name, line[:80], wrong))
    return told, problems


def main():
    if len(sys.argv) != 5:
        sys.exit('usage: check_guides.py ROOT ESPDIAG SCENARIO LIVE_FOLDER')
    root, programs = sys.argv[1], [os.path.abspath(path) for path in sys.argv[2:]]
    problems, told = [], 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, programs, folder)
        problems += sheet_problems(bench)
        for path in sorted(path for pattern in PAGES
                           for path in glob.glob(os.path.join(root, pattern))):
            count, wrong = check_page(bench, os.path.relpath(path, root),
                                      checklib.read(path).decode('utf-8'))
            told, problems = told + count, problems + wrong
        for path in sorted(path for pattern in SCRIPTS
                           for path in glob.glob(os.path.join(root, pattern))):
            for line in checklib.read(path).decode().split('\n'):
                words = of_program(line)
                wrong = bench.options_problem(words) if words else None
                told, problems = told + bool(words), problems + ([wrong] if wrong else [])
    if told < COMMANDS_LEAST:
        problems.append('only %d commands found in the pages' % told)
    checklib.finish(problems)


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""The PowerShell of packaging/intune, as far as that goes without PowerShell: plain 5.1 by its text; its
one call of the program, run as it stands over recorded evidence that plays the device; what the script
then makes of the verdict, by its own list of fields: one short line, exit code, no names.

usage: check_scripts.py ROOT SCENARIO LIVE_FOLDER
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import checklib

SCRIPTS = ['detect.ps1', 'remediate.ps1', 'compliance.ps1']
LINES_MOST = 15
OUTPUT_MOST = 2048
# The only things of a verdict that leave the device by a script.
FIELDS = {'outcome', 'primary', 'certainty', 'evaluated_at'}
# What changes or asks something else, or tells who somebody is.
FORBIDDEN = re.compile(r'Restart-|Stop-|shutdown|Set-Item|New-Item|reg add|Invoke-|Start-|Add-Type|'
                       r'COMPUTERNAME|USERNAME|\$env:USER|hostname|whoami|Get-CimInstance|Get-Wmi', re.I)
# Of newer ones than 5.1.
TOO_NEW = re.compile(r'\?\?|\?\.|&&|\|\||-AsHashtable|-Parallel|\$Is(?:Windows|Linux)|-NoEnumerate|'
                     r'Join-String|Test-Json|-AsArray|clean\s*\{')
# case -> exit code of the program, of the detection
CASES = {'restart-pending': (10, 1), 'page-timeout': (12, 1), 'healthy': (0, 0),
         'limit-nearly-over': (None, None)}
PAIRS = {')': '(', ']': '[', '}': '{'}


def check_language(name, text):
    """Plain PowerShell 5.1, as far as its text tells."""
    problems = []
    if not text.isascii():
        problems.append('%s: not ASCII, which PowerShell 5.1 reads as it likes' % name)
    found = TOO_NEW.search(re.sub(r'^#.*$', '', text, flags=re.M))
    if found:
        problems.append('%s: %s' % (name, found.group(0)))
    # without what stands in quotes, brackets pair
    bare, stack = re.sub(r"'[^']*'|\"[^\"]*\"|^ *#.*$", '', text, flags=re.M), []
    if "'" in bare or '"' in bare:
        problems.append('%s: a quote has no end' % name)
    for mark in re.findall(r'[()\[\]{}]', bare):
        if mark not in PAIRS:
            stack.append(mark)
        elif not stack or stack.pop() != PAIRS[mark]:
            problems.append('%s: %s without its partner' % (name, mark))
    return problems + (['%s: %s without its partner' % (name, stack)] if stack else [])


def check_text(name, text):
    problems = check_language(name, text)
    lines = [line for line in text.split('\n') if line and not line.startswith('#')]
    if len(lines) > LINES_MOST or text.count('& $exe ') != 1 or \
            "Join-Path $env:ProgramW6432 'espdiag\\espdiag.exe'" not in text:
        problems.append('%s: not a few lines that call the installed program once' % name)
    found = FORBIDDEN.search(re.sub(r'^#.*$', '', text, flags=re.M))
    if found:
        problems.append('%s: %s' % (name, found.group(0)))
    if re.search(r'ConvertTo-Json(?! -Compress)', text):
        problems.append('%s: JSON of several lines' % name)
    return problems


def call_of(text, out):
    """The arguments of the call, the one variable replaced."""
    line = re.search(r'& \$exe ([^\n]*?)\s+[2*]>\$null', text).group(1)
    words = [out if word == '$out' else word for word in shlex.split(line)]
    if any('$' in word for word in words):
        sys.exit('a variable nobody knows: %s' % line)
    return words[1:] if words[0] == 'collect' else sys.exit('not a collection: %s' % line)


def told(text, verdict, code):
    """What the script prints: the fields it names, of the verdict that the program printed."""
    made = {}
    for key, value in re.findall(r'(\w+) = ("?\$\(?[\w.]+\)?"?)', text.split('@{')[-1]):
        name = value.strip('"$()')
        if name == 'code':
            made[key] = code
        elif name.startswith('v.'):
            made[key] = verdict[name[2:]]
            if name[2:] not in FIELDS:
                sys.exit('gives away %s' % name)
        else:
            sys.exit('prints %s' % value)
    return json.dumps(made, separators=(',', ':'))


def device_of(scenario, cases, case, work):
    """A folder that plays the device, and the time it plays."""
    path, device = os.path.join(cases, case + '.txt'), os.path.join(work, 'device')
    at = json.loads(checklib.run(scenario, 'expect', path))['at']
    checklib.run(scenario, 'build', path, device, '--wrap', 'xml')
    return device, at


def run_script(name, text, live, device, at, work):
    """(exit code of the program, the script's line or None)"""
    out = os.path.join(work, name + '.zip')
    run = subprocess.run([live, device, '--at', at] + call_of(text, out), stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False)
    if name == 'remediate.ps1':
        return run.returncode, None
    lines = run.stdout.decode('ascii').splitlines()
    if len(lines) != 1:
        sys.exit('%s: the program prints %d lines' % (name, len(lines)))
    return run.returncode, told(text, json.loads(lines[0]), run.returncode)


def check_runs(texts, scenario, live, cases):
    problems = []
    for case, (wanted, detected) in CASES.items():
        with tempfile.TemporaryDirectory() as work:
            device, at = device_of(scenario, cases, case, work)
            for name, text in texts.items():
                code, line = run_script(name, text, live, device, at, work)
                exits = '--exit-verdict' in text and wanted is not None
                if exits and code != wanted or not exits and '--exit-verdict' not in text and code:
                    problems.append('%s: %s: exit %d' % (case, name, code))
                if line and (len(line) > OUTPUT_MOST or 'blocked' not in line and code == 10):
                    problems.append('%s: %s: %s' % (case, name, line))
                one = re.search(r'if \((.*?)\) \{ exit 1 \} else \{ exit 0 \}', text)
                if name == 'detect.ps1' and detected is not None and \
                        detected != any('-eq %d' % code in part for part in one.group(1).split('-or')):
                    problems.append('%s: %s: exits otherwise after %d' % (case, name, code))
    return problems


def check_rules(root, text):
    """Custom compliance: each rule is about a setting that the script tells."""
    path = os.path.join(root, 'packaging/intune/compliance.json')
    rules = json.loads(checklib.read(path))['Rules']
    problems = [] if rules else ['compliance.json: no rules']
    for rule in rules:
        if rule['SettingName'] + ' = ' not in text:
            problems.append('compliance.json: the script does not tell %s' % rule['SettingName'])
        if rule['DataType'] != 'String' or rule['Operator'] not in ('IsEquals', 'NotEquals') or \
                not rule['MoreInfoUrl'].startswith('https://') or \
                'en_US' not in [words['Language'] for words in rule['RemediationStrings']]:
            problems.append('compliance.json: a rule that Intune would refuse')
    return problems


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: check_scripts.py ROOT SCENARIO LIVE_FOLDER')
    root, scenario, live = sys.argv[1:]
    folder = os.path.join(root, 'packaging/intune')
    texts = {name: checklib.read(os.path.join(folder, name)).decode('utf-8') for name in SCRIPTS}
    problems = ['%s: no test knows it' % name for name in os.listdir(folder)
                if name.endswith('.ps1') and name not in texts]
    for name, text in texts.items():
        problems += check_text(name, text)
    if not problems:
        problems = check_runs(texts, scenario, live, os.path.join(root, 'tests/scenarios/cases'))
    checklib.finish(problems + check_rules(root, texts['compliance.ps1']))


if __name__ == '__main__':
    main()

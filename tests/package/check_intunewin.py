# SPDX-License-Identifier: MIT
"""The .intunewin opens with its own keys, and not when anything in it was changed; installed from it under
wine, found by its version, replaced by a newer one while it runs, taken away again, and nothing is left.

usage: check_intunewin.py DIST ROOT BASE WINE_PREFIX
"""
import base64
import hashlib
import hmac
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import checklib
import open_intunewin

INSTALLED = 'drive_c/Program Files/espdiag/espdiag.exe'
IME_LOGS = 'drive_c/ProgramData/Microsoft/IntuneManagementExtension/Logs'
TASK = 'drive_c/windows/system32/tasks/espdiag on failure'
# Evidence of an hour, for a program that runs.
EVENT = """<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
<Provider Name="Microsoft-Windows-Kernel-General"/><EventID>12</EventID>
<TimeCreated SystemTime="2026-09-14T0%d:00:00Z"/><EventRecordID>%d</EventRecordID>
<Channel>System</Channel><Computer>device</Computer></System></Event>"""
# What wine itself writes anew at each start.
OF_WINE = re.compile(r'^(#time=|"(DriverDateData|Codepages|[A-Z]+FONT?S?\.FON)"=)')


class Wine:
    """A copy of the prefix @base."""

    def __init__(self, root, base, prefix):
        self.root, self.prefix = root, prefix
        self.manage('down')
        shutil.rmtree(prefix, ignore_errors=True)
        checklib.run(os.path.join(root, 'packaging/win64/wine-prefix'), 'clone', base, prefix)
        self.manage('up')

    def manage(self, verb):
        checklib.run(os.path.join(self.root, 'packaging/win64/wine-prefix'), verb, self.prefix)

    def run(self, folder, *command):
        return subprocess.run([os.path.join(self.root, 'tests/win32/wine-run'), self.prefix] +
                              list(command), cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)

    def start(self, folder, *command):
        """One that goes on; it has said something when this returns."""
        run = subprocess.Popen([os.path.join(self.root, 'tests/win32/wine-run'), self.prefix] +
                               list(command), cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        run.stdout.readline()
        return run

    def path(self, name):
        return os.path.join(self.prefix, name)

    def listing(self):
        """Every file and registry line, with the server down so that all is written."""
        self.manage('down')
        lines = []
        for base, folders, files in os.walk(self.path('drive_c')):
            for name in folders + files:
                full = os.path.join(base, name)
                size = os.path.getsize(full) if name in files else 'folder'
                lines.append('%s %s' % (os.path.relpath(full, self.prefix), size))
        for name in ('system.reg', 'user.reg', 'userdef.reg'):
            for line in checklib.read(self.path(name)).decode('utf-8', 'replace').split('\n'):
                # "[Key] time" without its time
                if not OF_WINE.match(line):
                    lines.append(name + ' ' + re.sub(r'^(\[.*\]) [0-9]+$', r'\1', line))
        self.manage('up')
        return sorted(lines)


def rewritten(package, path, change):
    """The package as @path, its two members given to @change and written as that returns them."""
    with zipfile.ZipFile(package) as outer:
        data, about = change(outer.read(open_intunewin.CONTENTS),
                             outer.read(open_intunewin.METADATA))
    with zipfile.ZipFile(path, 'w') as out:
        out.writestr(open_intunewin.CONTENTS, data)
        out.writestr(open_intunewin.METADATA, about)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def other_value(name):
    """The first character of a value in Detection.xml is another."""
    def change(data, about):
        at = about.index(b'<%s>' % name) + len(name) + 2
        one, two = (b'1', b'2') if about[at:at + 1].isdigit() else (b'A', b'B')
        return data, about[:at] + (two if about[at:at + 1] == one else one) + about[at + 1:]
    return change


def resealed(data, about):
    """Another byte within, and an HMAC that fits it: only the digest is left to see it."""
    key = base64.b64decode(re.search(rb'<MacKey>([^<]+)', about).group(1))
    data = flipped(data, len(data) // 2)
    mac = hmac.new(key, data[32:], hashlib.sha256).digest()
    return mac + data[32:], re.sub(rb'<Mac>[^<]+', b'<Mac>' + base64.b64encode(mac), about)


# What is done to a package -> how it is refused.
BROKEN = {
    'the HMAC': (lambda data, about: (flipped(data, 5), about), 'the HMAC is wrong'),
    'the IV': (lambda data, about: (flipped(data, 40), about), 'the HMAC is wrong'),
    'a byte in the middle': (lambda data, about: (flipped(data, len(data) // 2), about),
                             'the HMAC is wrong'),
    'the last byte': (lambda data, about: (flipped(data, len(data) - 1), about),
                      'the HMAC is wrong'),
    'a block is missing': (lambda data, about: (data[:-16], about), 'the HMAC is wrong'),
    'a byte, and the HMAC over it': (resealed, 'the digest is wrong'),
    # one key in 256 leaves a padding that looks right
    'the key': (other_value(b'EncryptionKey'), ('does not decrypt', 'the digest is wrong')),
    'the key of the HMAC': (other_value(b'MacKey'), 'the HMAC is wrong'),
    'the HMAC described': (other_value(b'Mac'), 'the HMAC is wrong'),
    'the IV described': (other_value(b'InitializationVector'), 'the IV is wrong'),
    'the digest': (other_value(b'FileDigest'), 'the digest is wrong'),
    'the size': (other_value(b'UnencryptedContentSize'), 'the size is wrong'),
    'the profile': (other_value(b'ProfileIdentifier'), 'ProfileIdentifier is not'),
    'the setup file': (other_value(b'SetupFile'), 'the setup file is not in it'),
}


def opened(package, folder):
    run = subprocess.run([sys.executable, '-B', open_intunewin.__file__, package, folder],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout.decode('utf-8', 'replace')


def check_broken(package, work):
    problems = []
    for what, (change, wanted) in BROKEN.items():
        path, folder = os.path.join(work, 'broken.intunewin'), os.path.join(work, 'app')
        rewritten(package, path, change)
        code, said = opened(path, folder)
        expected = any(word in said for word in ([wanted] if isinstance(wanted, str) else wanted))
        if code != 1 or not expected or os.path.exists(folder):
            problems.append('changed: %s: exit %d, %s' % (what, code, said))
    rewritten(package, path, lambda data, about: (data, about))
    if opened(path, folder)[0]:
        problems.append('written again without a change, it is refused')
    return problems


def detected(wine, version):
    """Intune's rule: the file's version is equal to or greater than."""
    path = wine.path(INSTALLED)
    return os.path.exists(path) and checklib.file_version(checklib.read(path)) >= version


def difference(before, after):
    return ['gone: ' + line for line in sorted(set(before) - set(after))] + \
        ['left: ' + line for line in sorted(set(after) - set(before))]


def steps(wine, folder, version, mode):
    """Install, find, install over it, take away."""
    problems = []
    for _ in range(2):
        result = wine.run(folder, 'espdiag.exe', 'install', *mode)
        if result.returncode or result.stdout:
            problems.append('install %s: exit %d, %s' % (mode, result.returncode, result.stdout))
        if not detected(wine, version):
            problems.append('install %s: not detected' % mode)
    if detected(wine, (version[0] + 1,) + version[1:]):
        problems.append('a version that is not there is detected')
    if os.path.exists(wine.path(TASK)) != bool(mode):
        problems.append('install %s: the task' % mode)
    found = wine.run('/', 'cmd', '/c', 'espdiag --version')
    if b'espdiag %d.%d.%d' % version[:3] not in found.stdout:
        problems.append('not found on PATH of a new prompt: %s' % found.stdout)
    result = wine.run(folder, 'espdiag.exe', 'uninstall')
    if result.returncode or result.stdout:
        problems.append('uninstall: exit %d, %s' % (result.returncode, result.stdout))
    if detected(wine, version):
        problems.append('still detected')
    return problems


def newer_program(program, version):
    """The same program with a higher version, as Windows and Intune's rule read it."""
    data = bytearray(checklib.read(program))
    at = data.find(struct.pack('<II', 0xFEEF04BD, 0x10000))
    newer = version[:2] + (version[2] + 1, version[3])
    struct.pack_into('<II', data, at + 8, newer[0] << 16 | newer[1], newer[2] << 16 | newer[3])
    return bytes(data), newer


def upgrades(wine, folder, version):
    """A newer one over an older one that runs, in the other mode; both rules are met, and all goes."""
    problems = []
    with tempfile.TemporaryDirectory() as other:
        data, newer = newer_program(os.path.join(folder, 'espdiag.exe'), version)
        with open(os.path.join(other, 'espdiag.exe'), 'wb') as file:
            file.write(data)
        with open(os.path.join(other, 'hour.xml'), 'w', encoding='utf-8') as file:
            file.write('<Events>%s%s</Events>' % (EVENT % (8, 1), EVENT % (9, 2)))
        wine.run(folder, 'espdiag.exe', 'install', '--on-failure')
        if not detected(wine, version) or detected(wine, newer):
            problems.append('the rules before the upgrade')
        runs = wine.start(other, 'C:\\Program Files\\espdiag\\espdiag.exe', 'watch', '--replay', 'hour.xml',
                          '--speed', '1')
        result = wine.run(other, 'espdiag.exe', 'install')
        if runs.poll() is not None:
            problems.append('the old program does not run while it is replaced')
        runs.kill()
        runs.communicate()
        if result.returncode or result.stdout:
            problems.append('upgrade: exit %d, %s' % (result.returncode, result.stdout))
        if not detected(wine, version) or not detected(wine, newer):
            problems.append('the rules after the upgrade')
        if os.path.exists(wine.path(TASK)):
            problems.append('the mode is that of the older version')
        wine.run(other, 'espdiag.exe', 'uninstall')
        left = os.path.dirname(wine.path(INSTALLED))
        if os.path.exists(left):
            problems.append('uninstall after an upgrade leaves %s' % os.listdir(left))
    return problems


def bundles_stay_or_go(wine, folder):
    """--keep-bundles leaves bundles and nothing else; without it they go too, and nothing of others."""
    logs = wine.path(IME_LOGS)
    ours = [wine.path('drive_c/Program Files/espdiag/bundles/espdiag-20260914T083912Z.zip'),
            os.path.join(logs, 'espdiag-20260914T083912Z.zip'), os.path.join(logs, 'espdiag.log')]
    others = os.path.join(logs, 'IntuneManagementExtension.log')
    wine.run(folder, 'espdiag.exe', 'install', '--on-failure')
    # other tests may have left the folders above
    made = logs
    while not os.path.exists(os.path.dirname(made)):
        made = os.path.dirname(made)
    os.makedirs(logs)
    for path in ours + [others]:
        with open(path, 'wb') as file:
            file.write(b'a bundle, a log')
    problems = []
    if wine.run(folder, 'espdiag.exe', 'uninstall', '--keep-bundles').returncode or \
            os.path.exists(wine.path(INSTALLED)):
        problems.append('uninstall --keep-bundles')
    problems += ['uninstall --keep-bundles takes %s' % path for path in ours
                 if not os.path.exists(path)]
    if wine.run(folder, 'espdiag.exe', 'uninstall').returncode:
        problems.append('uninstall with bundles')
    problems += ['uninstall leaves %s' % path for path in ours if os.path.exists(path)]
    if not os.path.exists(others):
        problems.append("uninstall takes the extension's own log")
    shutil.rmtree(made)
    return problems


def removes_itself(wine, folder):
    """Started from where it is installed, it leaves what runs and its folder to the next start."""
    wine.run(folder, 'espdiag.exe', 'install')
    result = wine.run('/', 'C:\\Program Files\\espdiag\\espdiag.exe', 'uninstall')
    left, problems = os.path.dirname(wine.path(INSTALLED)), []
    if result.returncode or result.stdout:
        problems.append('uninstall by itself: exit %d, %s' % (result.returncode, result.stdout))
    if os.path.exists(left) and os.listdir(left) != ['espdiag.exe.old']:
        problems.append('uninstall by itself leaves %s' % os.listdir(left))
    # a start of Windows
    wine.manage('down')
    wine.manage('up')
    if os.path.exists(left):
        problems.append('uninstalled by itself, it is there after the next start')
    return problems


def main():
    if len(sys.argv) != 5:
        sys.exit('usage: check_intunewin.py DIST ROOT BASE WINE_PREFIX')
    dist, root, base, prefix = (os.path.abspath(word) for word in sys.argv[1:])
    package = checklib.artefact(dist, 'espdiag-*.intunewin')
    version = tuple(int(n) for n in
                    os.path.basename(package).split('-')[1].split('.')[:3]) + (0,)
    inner = open_intunewin.open_package(package)
    with tempfile.TemporaryDirectory() as work:
        problems = check_broken(package, work)
    if problems:
        checklib.finish(problems)
    if shutil.which('wine') is None:
        print('skipped: wine is missing')
        sys.exit(77)
    wine = Wine(root, base, prefix)
    try:
        with tempfile.TemporaryDirectory() as folder:
            inner.extractall(folder)
            # wine starts the Task Scheduler when it is first asked; that stays
            steps(wine, folder, version, ['--on-failure'])
            before = wine.listing()
            for mode in ([], ['--on-failure']):
                problems += steps(wine, folder, version, mode)
                problems += difference(before, wine.listing())
            problems += bundles_stay_or_go(wine, folder)
            problems += difference(before, wine.listing())
            if wine.run(folder, 'espdiag.exe', 'uninstall').returncode:
                problems.append('uninstall of what is not there fails')
            problems += upgrades(wine, folder, version)
            problems += removes_itself(wine, folder)
    finally:
        wine.manage('down')
    checklib.finish(problems)


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""The .intunewin opens with its own keys; installed from it under wine, found by its version, taken
away again, and nothing is left.

usage: check_intunewin.py DIST ROOT WINE_PREFIX
"""
import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zipfile
import checklib

INSTALLED = 'drive_c/Program Files/espdiag/espdiag.exe'
TASK = 'drive_c/windows/system32/tasks/espdiag on failure'
# What wine itself writes anew at each start.
OF_WINE = re.compile(r'^(#time=|"(DriverDateData|Codepages|[A-Z]+FONT?S?\.FON)"=)')


class Wine:
    def __init__(self, root, prefix):
        self.root, self.prefix = root, prefix
        shutil.rmtree(prefix, ignore_errors=True)
        self.manage('up')

    def manage(self, verb):
        checklib.run(os.path.join(self.root, 'packaging/win64/wine-prefix'), verb, self.prefix)

    def run(self, folder, *command):
        return subprocess.run([os.path.join(self.root, 'tests/win32/wine-run'), self.prefix] +
                              list(command), cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)

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


def open_package(path):
    """The members of the inner zip, all sums checked."""
    with zipfile.ZipFile(path) as outer:
        if any(info.compress_type != zipfile.ZIP_STORED for info in outer.infolist()):
            sys.exit('the outer zip is compressed')
        data = outer.read('IntuneWinPackage/Contents/IntunePackage.intunewin')
        about = xml.etree.ElementTree.fromstring(
            outer.read('IntuneWinPackage/Metadata/Detection.xml'))

    def value(name):
        return about.findtext('.//' + name)

    def binary(name):
        return base64.b64decode(value(name))

    mac = checklib.run('openssl', 'dgst', '-sha256', '-mac', 'HMAC', '-macopt',
                       'hexkey:' + binary('MacKey').hex(), '-r', input=data[32:]).split()[0]
    if not data[:32].hex() == binary('Mac').hex() == mac:
        sys.exit('the HMAC is wrong')
    if data[32:48] != binary('InitializationVector'):
        sys.exit('the IV is wrong')
    plain = subprocess.run(['openssl', 'enc', '-d', '-aes-256-cbc',
                            '-K', binary('EncryptionKey').hex(), '-iv', data[32:48].hex()],
                           input=data[48:], capture_output=True, check=True).stdout
    if hashlib.sha256(plain).digest() != binary('FileDigest') or \
            len(plain) != int(value('UnencryptedContentSize')) or \
            len(data) != 48 + (len(plain) // 16 + 1) * 16:
        sys.exit('digest or size is wrong')
    if (value('ProfileIdentifier'), value('FileDigestAlgorithm'), value('FileName')) != \
            ('ProfileVersion1', 'SHA256', 'IntunePackage.intunewin'):
        sys.exit('not the profile that Intune knows')
    inner = zipfile.ZipFile(io.BytesIO(plain))
    if value('SetupFile') not in inner.namelist():
        sys.exit('the setup file is not in it')
    return inner


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


def bundles_stay_or_go(wine, folder):
    """--keep-bundles leaves the task's bundles and nothing else; without it they go too."""
    kept = wine.path('drive_c/Program Files/espdiag/bundles/espdiag-20260914T083912Z.zip')
    wine.run(folder, 'espdiag.exe', 'install', '--on-failure')
    with open(kept, 'wb') as file:
        file.write(b'a bundle')
    problems = []
    if wine.run(folder, 'espdiag.exe', 'uninstall', '--keep-bundles').returncode or \
            not os.path.exists(kept) or os.path.exists(wine.path(INSTALLED)):
        problems.append('uninstall --keep-bundles')
    if wine.run(folder, 'espdiag.exe', 'uninstall').returncode or os.path.exists(kept):
        problems.append('uninstall leaves a bundle')
    return problems


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: check_intunewin.py DIST ROOT WINE_PREFIX')
    dist, root, prefix = sys.argv[1:]
    package = checklib.artefact(dist, 'espdiag-*.intunewin')
    version = tuple(int(n) for n in
                    os.path.basename(package).split('-')[1].split('.')[:3]) + (0,)
    inner = open_package(package)
    if shutil.which('wine') is None:
        print('skipped: wine is missing')
        sys.exit(77)
    wine = Wine(root, prefix)
    problems = []
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
    finally:
        wine.manage('down')
    checklib.finish(problems)


if __name__ == '__main__':
    main()

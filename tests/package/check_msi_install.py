# SPDX-License-Identifier: MIT
"""The MSI under wine: installed, upgraded by a newer one, not replaced by an older one, taken away; what is
left in the end is what was there before.

usage: check_msi_install.py DIST ROOT BASE WINE_PREFIX
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import checklib
from check_intunewin import Wine, INSTALLED, difference

SOURCE = re.compile(r'^\[System\\\\[^\\]+\\\\Services\\\\EventLog\\\\Application\\\\espdiag\][^\[]*'
                    r'"EventMessageFile"="C:\\\\Program Files\\\\espdiag\\\\espdiag.exe"', re.M | re.I)
# What wine's installer keeps of anything it ever installed.
OF_INSTALLER = re.compile(r'windows/Installer\b|Installer\\\\|\\\\Installer\]|"C:\\\\windows\\\\Installer|'
                          r'drive_c/users/[^/]+/Temp/|Config\.Msi', re.I)


def next_version(version):
    first, second, third = version.split('.')
    return '%s.%s.%d' % (first, second, int(third) + 1)


def make_newer(root, work, program, version):
    """The MSI of a tree that differs in its version alone."""
    tree = os.path.join(work, 'tree')
    for name in ('packaging/msi', 'packaging/artefacts', 'include/espdiag/version.h', 'LICENSE'):
        target = os.path.join(tree, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        (shutil.copytree if os.path.isdir(os.path.join(root, name)) else shutil.copyfile)(
            os.path.join(root, name), target)
    path = os.path.join(tree, 'include/espdiag/version.h')
    text = checklib.read(path).decode()
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace('"%s"' % version, '"%s"' % next_version(version)))
    out = os.path.join(work, 'newer.msi')
    subprocess.run([sys.executable, '-B', os.path.join(root, tree, 'packaging/msi/make-msi'), program,
                    out], check=True, env=dict(os.environ, SOURCE_DATE_EPOCH='1790000000'))
    return out


def listing(wine):
    """Without the separators that wine's installer leaves behind the entry it takes out of PATH."""
    return [re.sub(r';+"$', '"', line) for line in wine.listing() if not OF_INSTALLER.search(line)]


class Registered:
    """What the registry of the prefix says after an installation."""

    def __init__(self, wine):
        wine.manage('down')
        text = checklib.read(wine.path('system.reg')).decode('utf-8', 'replace')
        wine.manage('up')
        parts = [part for part in text.split('\n\n')
                 if re.match(r'\[Software\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Uninstall\\\\\{', part)
                 and '"DisplayName"="espdiag"' in part]
        self.versions = [re.search(r'"DisplayVersion"="([^"]*)"', part).group(1) for part in parts]
        self.path = 'Program Files\\\\espdiag' in ''.join(re.findall(r'^"PATH"=.*$', text, re.M | re.I))
        self.source = SOURCE.search(text) is not None


def check_state(wine, what, version):
    """@version is installed, and no other; None: nothing is."""
    state, problems = Registered(wine), []
    if state.versions != ([version] if version else []):
        problems.append('%s: installed are %s' % (what, state.versions))
    for name, there in (('program', os.path.exists(wine.path(INSTALLED))), ('PATH', state.path),
                        ('event source', state.source)):
        if there != bool(version):
            problems.append('%s: %s is %sthere' % (what, name, '' if there else 'not '))
    return problems


def main():
    if len(sys.argv) != 5:
        sys.exit('usage: check_msi_install.py DIST ROOT BASE WINE_PREFIX')
    dist, root, base, prefix = (os.path.abspath(word) for word in sys.argv[1:])
    if shutil.which('wine') is None:
        print('skipped: wine is missing')
        sys.exit(77)
    msi = checklib.artefact(dist, 'espdiag-*-x64.msi')
    version = os.path.basename(msi).split('-')[1]
    wine, problems = Wine(root, base, prefix), []
    with tempfile.TemporaryDirectory() as work:
        with zipfile.ZipFile(checklib.artefact(dist, 'espdiag-*-win-x64.zip')) as people:
            people.extract('espdiag.exe', work)
        shutil.copyfile(msi, work + '/this.msi')
        make_newer(root, work, work + '/espdiag.exe', version)

        def installer(verb, name):
            return wine.run(work, 'msiexec', verb, name, '/qn').returncode

        # wine makes keys and folders of its own when it installs anything for the first time
        installer('/i', 'this.msi')
        installer('/x', 'this.msi')
        before = listing(wine)
        if installer('/i', 'this.msi'):
            problems.append('does not install')
        problems += check_state(wine, 'installed', version)
        if installer('/i', 'newer.msi'):
            problems.append('does not upgrade')
        problems += check_state(wine, 'upgraded', next_version(version))
        if not installer('/i', 'this.msi'):
            problems.append('an older one says that it replaced a newer one')
        problems += check_state(wine, 'older over newer', next_version(version))
        if installer('/x', 'newer.msi'):
            problems.append('does not uninstall')
        problems += check_state(wine, 'uninstalled', None)
        problems += difference(before, listing(wine))
    wine.manage('down')
    checklib.finish(problems)


if __name__ == '__main__':
    main()

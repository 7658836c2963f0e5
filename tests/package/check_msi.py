# SPDX-License-Identifier: MIT
"""The MSI holds the tables, identifiers and files that it should.

usage: check_msi.py DIST ROOT
"""
import os
import re
import sys
import tempfile
import zipfile
import checklib

GUID = re.compile(r'\{[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\}$')
# It must stay for ever: an upgrade is found by it.
UPGRADE = '{0EC60A82-646E-55EB-B6E7-3186F4389312}'
TABLES = {'Component', 'Directory', 'Environment', 'Feature', 'File', 'InstallExecuteSequence',
          'Media', 'Property', 'Registry', 'Upgrade'}
NO_TABLES = {'ServiceInstall', 'CustomAction', 'Shortcut'}


def rows(msi, table):
    text = checklib.run('msiinfo', 'export', msi, table)
    return [line.rstrip('\r').split('\t') for line in text.split('\n')[3:] if line.strip()]


def check_tables(msi, version):
    names = set(checklib.run('msiinfo', 'tables', msi).split())
    problems = ['no table ' + name for name in sorted(TABLES - names)]
    problems += ['rows in %s: it should only hold files' % name
                 for name in sorted(NO_TABLES & names) if rows(msi, name)]
    properties = dict(rows(msi, 'Property'))
    for name in ('ProductCode', 'UpgradeCode'):
        if not GUID.match(properties.get(name, '')):
            problems.append('%s: not made from a name: %s' % (name, properties.get(name)))
    if properties.get('UpgradeCode') != UPGRADE:
        problems.append('the upgrade code has changed: older versions would stay')
    if (properties.get('ProductVersion'), properties.get('ALLUSERS')) != (version, '1'):
        problems.append('not version %s for all users' % version)
    if rows(msi, 'Environment') != [['PathEntry', '=-*PATH', '[~];[INSTALLDIR]', 'Program']]:
        problems.append('PATH: %s' % rows(msi, 'Environment'))
    sequence = {row[0]: int(row[2]) for row in rows(msi, 'InstallExecuteSequence')}
    for action in ('WriteEnvironmentStrings', 'RemoveEnvironmentStrings', 'RemoveExistingProducts'):
        if action not in sequence:
            problems.append('nothing calls %s' % action)
    files = {row[2]: row for row in rows(msi, 'File')}
    if sorted(files) != ['LICENSE.txt', 'espdiag.exe'] or files['espdiag.exe'][4] != version + '.0':
        problems.append('files: %s' % sorted(files.values()))
    values = {row[3]: (row[1], row[2], row[4]) for row in rows(msi, 'Registry')}
    source = r'SYSTEM\CurrentControlSet\Services\EventLog\Application\espdiag'
    if values != {'EventMessageFile': ('2', source, '[INSTALLDIR]espdiag.exe'),
                  'TypesSupported': ('2', source, '#7')}:
        problems.append('registry: %s' % values)
    directories = {row[0]: row[1] for row in rows(msi, 'Directory')}
    if directories.get('INSTALLDIR') != 'ProgramFiles64Folder':
        problems.append('does not go to the 64-bit program folder: %s' % directories)
    return problems


def main():
    if len(sys.argv) != 3:
        sys.exit('usage: check_msi.py DIST ROOT')
    dist = sys.argv[1]
    msi = checklib.artefact(dist, 'espdiag-*-x64.msi')
    archive = checklib.artefact(dist, 'espdiag-*-win-x64.zip')
    problems = check_tables(msi, os.path.basename(archive).split('-')[1])
    if 'x64;1033' not in checklib.run('msiinfo', 'suminfo', msi):
        problems.append('not for 64-bit Windows')
    with tempfile.TemporaryDirectory() as work, zipfile.ZipFile(archive) as people:
        checklib.run('msiextract', '-C', work, msi)
        found = [os.path.join(base, name) for base, _, files in os.walk(work) for name in files
                 if name == 'espdiag.exe']
        if len(found) != 1 or checklib.read(found[0]) != people.read('espdiag.exe'):
            problems.append('the program in the MSI is not the one in the zip')
    checklib.finish(problems)


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""The zip for people: complete, its sums right, its bill of materials true, its program hardened.

usage: check_zip.py DIST ROOT ARCHITECTURE
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import checklib

LINKED = {'libxml2', 'libarchive', 'jansson', 'zlib', 'mingw-w64'}
RUNTIME = {'x64': 'gcc-runtime', 'arm64': 'compiler-rt'}
# The words of CycloneDX 1.5 that a part may be described with; later ones have more.
KEYS = {'type', 'bom-ref', 'name', 'version', 'licenses', 'purl', 'hashes', 'components',
        'externalReferences'}
KINDS = {'application', 'library', 'file'}
REFERENCES = {'distribution', 'vcs', 'website', 'documentation', 'license', 'other'}
SHA256 = re.compile(r'[0-9a-f]{64}$')


def check_members(archive, members, linked):
    wanted = {'espdiag.exe', 'LICENSE.txt', 'espdiag.cdx.json', 'SHA256SUMS',
              'guide-technician.txt', 'privacy.txt'}
    wanted |= {'licenses/%s.txt' % name for name in linked}
    problems = ['not in the zip: ' + name for name in sorted(wanted - set(members))]
    problems += ['in the zip, but nobody asked for it: ' + name
                 for name in sorted(set(members) - wanted)]
    problems += ['empty: ' + name for name, data in members.items() if len(data) < 200]
    names = archive.namelist()
    if names != sorted(names):
        problems.append('members are not in order')
    if len({info.date_time for info in archive.infolist()}) != 1:
        problems.append('members have several times')
    return problems


def check_component(part):
    problems = []
    for field in ('type', 'bom-ref', 'name', 'version', 'licenses', 'purl'):
        if not part.get(field):
            problems.append('bill of materials: %s has no %s' % (part.get('name'), field))
    words = {'keys': (set(part), KEYS), 'types': ({part.get('type')}, KINDS),
             'references': ({ref['type'] for ref in part.get('externalReferences', [])}, REFERENCES)}
    problems += ['bill of materials: %s: %s that 1.5 has not: %s' %
                 (part.get('name'), what, sorted(found - known))
                 for what, (found, known) in words.items() if found - known]
    files = part.get('components', [part])
    for file in files:
        if [digest['alg'] for digest in file['hashes']] != ['SHA-256'] or \
                not SHA256.match(file['hashes'][0]['content']):
            problems.append('bill of materials: %s has no SHA-256' % file['name'])
    if not files:
        problems.append('bill of materials: %s has no files' % part['name'])
    return problems


def check_bill(root, members, version, linked):
    bill = json.loads(members['espdiag.cdx.json'])
    program = bill['metadata']['component']
    problems = []
    if (bill['bomFormat'], bill['specVersion']) != ('CycloneDX', '1.5'):
        problems.append('bill of materials: not CycloneDX 1.5')
    for part in [program] + bill['components']:
        problems += check_component(part)
    if program['version'] != version or \
            program['hashes'][0]['content'] != checklib.sha256(members['espdiag.exe']):
        problems.append('bill of materials: not of this program')
    if {part['name'] for part in bill['components']} != linked:
        problems.append('bill of materials: names %s' %
                        sorted(part['name'] for part in bill['components']))
    refs = {part['bom-ref'] for part in bill['components']}
    if len(refs) != len(bill['components']) or set(bill['dependencies'][0]['dependsOn']) != refs:
        problems.append('bill of materials: dependencies and components differ')
    pinned = checklib.read(os.path.join(root, 'packaging/win64/sources.sha256')).decode()
    for part in bill['components']:
        for source in part.get('externalReferences', []):
            row = '%s  %s' % (source['hashes'][0]['content'], source['comment'])
            if row not in pinned.splitlines():
                problems.append('bill of materials: %s is not a pinned source' % source['comment'])
    return problems


def check_program(root, architecture, program, version):
    """From the finished file, by the test of the build."""
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, 'espdiag.exe')
        with open(path, 'wb') as file:
            file.write(program)
        tests = os.path.join(root, 'tests/win32')
        result = subprocess.run([sys.executable, '-B', tests + '/imports.py', architecture,
                                 path, version, tests + '/imports.txt'], capture_output=True, text=True,
                                check=False)
    problems = result.stdout.splitlines()
    if result.returncode and not problems:
        problems = [result.stderr]
    if checklib.file_version(program) != tuple(int(n) for n in version.split('.')) + (0,):
        problems.append('espdiag.exe: not version ' + version)
    return problems


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: check_zip.py DIST ROOT ARCHITECTURE')
    dist, root, architecture = sys.argv[1:]
    linked = LINKED | {RUNTIME[architecture]}
    path = checklib.artefact(dist, 'espdiag-*-win-%s.zip' % architecture)
    version = os.path.basename(path).split('-')[1]
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        problems = check_members(archive, members, linked)
    problems += checklib.sums_problems(members)
    problems += check_bill(root, members, version, linked)
    problems += check_program(root, architecture, members['espdiag.exe'], version)
    outer = {name: checklib.read(os.path.join(dist, name)) for name in os.listdir(dist)}
    problems += checklib.sums_problems(outer)
    # and a wrong byte is seen
    members['LICENSE.txt'] += b' '
    if not checklib.sums_problems(members):
        problems.append('a changed member is not noticed')
    checklib.finish(problems)


if __name__ == '__main__':
    main()

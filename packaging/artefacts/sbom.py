# SPDX-License-Identifier: MIT
"""The parts of espdiag.exe as CycloneDX: from the command that linked it, not from a list of hopes."""
import json
import os
import re
import shlex
import subprocess
import urllib.parse
import artefacts

# library file -> name, package whose version it has, licence. A library of a Debian source is held
# to packaging/win64/sources.sha256; the others are files of installed packages.
SOURCES = {
    'libxml2.a': ('libxml2', 'MIT'),
    'libarchive.a': ('libarchive', 'BSD-2-Clause'),
    'libjansson.a': ('jansson', 'MIT'),
}
PACKAGES = {
    'libz.a': ('zlib', 'libz-mingw-w64-dev', 'Zlib'),
}
# What the compiler links without being asked, as the files it finds by itself.
RUNTIME = [
    ('mingw-w64-runtime', 'mingw-w64-x86-64-dev', 'ZPL-2.1', 'libmingw32.a'),
    ('gcc-runtime', 'gcc-mingw-w64-x86-64-win32', 'GPL-3.0-or-later WITH GCC-exception-3.1',
     'libgcc.a'),
    ('gcc-stack-protector', 'gcc-mingw-w64-x86-64-win32',
     'GPL-3.0-or-later WITH GCC-exception-3.1', 'libssp.a'),
]
# Names of Windows' own DLLs and identifiers: no code of anybody.
SYSTEM = set('kernel32 user32 gdi32 winspool shell32 ole32 oleaut32 uuid comdlg32 advapi32'.split())


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def linked(build):
    """Libraries from outside the build folder that the linker of espdiag.exe was given."""
    rules = artefacts.read(os.path.join(build, 'build.ninja')).decode()
    match = re.search(r'^build espdiag\.exe:.*?^  LINK_LIBRARIES = ([^\n]*)', rules, re.M | re.S)
    # ninja's own escapes, then the shell's
    words = shlex.split(re.sub(r'\$([ :$])', r'\1', match.group(1))) if match else []
    unknown = [word for word in words if word.startswith('-') and word[2:] not in SYSTEM]
    if unknown:
        artefacts.fail('%s is linked, but packaging/artefacts/sbom.py does not know it' % unknown[0])
    found = {word for word in words if os.path.isabs(word)}
    missing = (set(SOURCES) | set(PACKAGES)) - {os.path.basename(path) for path in found}
    if missing:
        artefacts.fail('%s/build.ninja does not link %s' % (build, ', '.join(sorted(missing))))
    return sorted(found)


def package_version(name):
    return run('dpkg-query', '-W', '-f', '${Version}', name)


def purl(package, version, query):
    return 'pkg:deb/debian/%s@%s?%s' % (package, urllib.parse.quote(version, safe='-._~'), query)


def component(name, version, licence, where, path):
    part = {'type': 'library', 'bom-ref': where, 'name': name, 'version': version,
            'licenses': [{'expression': licence}] if ' ' in licence else
            [{'license': {'id': licence}}],
            'purl': where}
    if path:
        part['hashes'] = [{'alg': 'SHA-256', 'content': artefacts.sha256(artefacts.read(path))}]
    return part


def source_component(root, file, path):
    """A library compiled from a Debian source: the file that was linked, and what it was made of."""
    name, licence = SOURCES[file]
    lines = [line.split() for line in
             artefacts.read(os.path.join(root, 'packaging/win64/sources.sha256')).decode().split('\n')
             if line]
    mine = [(digest, source) for digest, source in lines if source.startswith(name + '_')]
    versions = [source[len(name) + 1:-4] for _, source in mine if source.endswith('.dsc')]
    if len(versions) != 1:
        artefacts.fail('%s: not one source in packaging/win64/sources.sha256' % name)
    part = component(name, versions[0], licence,
                     purl(name, versions[0], 'arch=source&distro=bookworm'), path)
    part['externalReferences'] = [
        {'type': 'source-distribution', 'url': 'https://sources.debian.org/src/%s/%s/' %
         (name, versions[0]), 'comment': source, 'hashes': [{'alg': 'SHA-256', 'content': digest}]}
        for digest, source in sorted(mine, key=lambda row: row[1])]
    return part


def package_component(name, package, licence, path):
    version = package_version(package)
    return component(name, version, licence, purl(package, version, 'distro=bookworm') + '#' +
                     os.path.basename(path), path)


def parts(root, build):
    found = []
    for path in linked(build):
        file = os.path.basename(path)
        if file in SOURCES:
            found.append(source_component(root, file, path))
        elif file in PACKAGES:
            name, package, licence = PACKAGES[file]
            found.append(package_component(name, package, licence, path))
        else:
            artefacts.fail('%s is linked, but packaging/artefacts/sbom.py does not know it' % path)
    for name, package, licence, file in RUNTIME:
        path = run('x86_64-w64-mingw32-gcc-win32', '-print-file-name=' + file).strip()
        if not os.path.isabs(path):
            artefacts.fail('the compiler has no %s' % file)
        found.append(package_component(name, package, licence, path))
    return sorted(found, key=lambda part: part['bom-ref'])


def make(root, build, program, version):
    """The bill of materials of @program (bytes), as bytes."""
    mine = 'pkg:generic/espdiag@' + version
    digest = artefacts.sha256(program)
    components = parts(root, build)
    compiler = package_version('gcc-mingw-w64-x86-64-win32')
    bill = {
        'bomFormat': 'CycloneDX',
        'specVersion': '1.5',
        'serialNumber': 'urn:uuid:%s' % artefacts.identifier('sbom', version, digest),
        'version': 1,
        'metadata': {
            'timestamp': artefacts.epoch().strftime('%Y-%m-%dT%H:%M:%SZ'),
            'tools': {'components': [{'type': 'application', 'name': 'gcc-mingw-w64-x86-64-win32',
                                      'version': compiler}]},
            'component': {'type': 'application', 'bom-ref': mine, 'name': 'espdiag',
                          'version': version, 'purl': mine,
                          'licenses': [{'license': {'id': 'MIT'}}],
                          'hashes': [{'alg': 'SHA-256', 'content': digest}]},
        },
        'components': components,
        'dependencies': [{'ref': mine, 'dependsOn': [part['bom-ref'] for part in components]}],
    }
    return (json.dumps(bill, indent=2, sort_keys=True) + '\n').encode()

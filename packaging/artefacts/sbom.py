# SPDX-License-Identifier: MIT
"""The parts of espdiag.exe as CycloneDX: from the map of its linker, not from a list of hopes."""
import glob
import json
import os
import re
import subprocess
import urllib.parse
import artefacts
import linked

# Part -> its licence. A part compiled from a Debian source has that source's name, and is held to
# packaging/win64/sources.sha256; its licence's text is in build-libraries' licenses/<part>.txt.
LICENCES = {
    'libxml2': 'MIT',
    'libarchive': 'BSD-2-Clause',
    'jansson': 'MIT',
    'zlib': 'Zlib',
    'mingw-w64': 'ZPL-2.1',
    'gcc-runtime': 'GPL-3.0-or-later WITH GCC-exception-3.1',
    'compiler-rt': 'Apache-2.0 WITH LLVM-exception',
}
# Library that build-libraries made -> part.
MADE = {
    'libxml2.a': 'libxml2',
    'libarchive.a': 'libarchive',
    'libjansson.a': 'jansson',
    'libz.a': 'zlib',
    'libmingw32.a': 'mingw-w64',
    'libmingwex.a': 'mingw-w64',
    'libucrt_more.a': 'mingw-w64',
}
OURS = 'libguard.a'
# Package of any other file that is linked, without a version in its name -> part.
PACKAGES = {
    'mingw-w64-x86-64-dev': 'mingw-w64',
    'gcc-mingw-w64-x86-64-win32': 'gcc-runtime',
    'libclang-rt-dev-win': 'compiler-rt',
}
# clang's own libraries, from the folder above its program's
COMPILER_RT = 'lib/clang/*/lib/windows/*.a'


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def package_of(path):
    return run('dpkg-query', '-S', os.path.realpath(path)).split(':')[0]


def package_version(name):
    return run('dpkg-query', '-W', '-f', '${Version}', name)


def cached(build, name):
    """A value of the build folder's CMakeCache.txt."""
    cache = artefacts.read(os.path.join(build, 'CMakeCache.txt')).decode()
    match = re.search(r'^%s:\w+=(.*)$' % re.escape(name), cache, re.M)
    if not match:
        artefacts.fail('%s/CMakeCache.txt does not tell %s' % (build, name))
    return match.group(1)


def linked_by_part(build):
    """{(part, package or None): [files]}"""
    made = os.path.realpath(cached(build, 'ED_WIN64_LIBRARIES'))
    compiler = os.path.dirname(os.path.dirname(os.path.realpath(cached(build, 'ED_BUILT_BY'))))
    candidates = glob.glob(glob.escape(made) + '/**/*.a', recursive=True)
    candidates += glob.glob(os.path.join(compiler, COMPILER_RT))
    found = {}
    for path in linked.files(build, candidates):
        file = os.path.basename(path)
        ours = os.path.realpath(path).startswith(made + os.sep)
        package = None if ours else package_of(path)
        part = MADE.get(file) if ours else \
            PACKAGES.get(re.sub(r'^(libclang-rt)-\d+-', r'\1-', package))
        if not part and not (ours and file == OURS):
            artefacts.fail('%s is linked, but packaging/artefacts/sbom.py does not know it' % path)
        if part:
            found.setdefault((part, package), []).append(path)
    return found


def purl(package, version, query):
    return 'pkg:deb/debian/%s@%s?%s' % (package, urllib.parse.quote(version, safe='-._~'), query)


def component(name, version, where, paths):
    licence = LICENCES[name]
    return {'type': 'library', 'bom-ref': where, 'name': name, 'version': version,
            'licenses': [{'expression': licence}] if ' ' in licence else
            [{'license': {'id': licence}}],
            'purl': where,
            'components': [{'type': 'file', 'bom-ref': where + '#' + os.path.basename(path),
                            'name': os.path.basename(path),
                            'hashes': [{'alg': 'SHA-256',
                                        'content': artefacts.sha256(artefacts.read(path))}]}
                           for path in paths]}


def source_component(root, sources, name, paths):
    """Compiled from a Debian source: the files that were linked, and what they were made of."""
    lines = [line.split() for line in
             artefacts.read(os.path.join(root, 'packaging/win64/sources.sha256')).decode().split('\n')
             if line]
    mine = [(digest, source) for digest, source in lines if source.startswith(name + '_')]
    # the names of files leave out the epoch
    versions = [version for _, source in mine if source.endswith('.dsc') for version in
                re.findall(r'^Version: (\S+)$', artefacts.read(os.path.join(sources, source)).decode(),
                           re.M)]
    if len(versions) != 1:
        artefacts.fail('%s: not one source in packaging/win64/sources.sha256' % name)
    part = component(name, versions[0], purl(name, versions[0], 'arch=source&distro=bookworm'),
                     paths)
    part['externalReferences'] = [
        {'type': 'distribution', 'url': 'https://sources.debian.org/src/%s/%s/' %
         (name, versions[0]), 'comment': source, 'hashes': [{'alg': 'SHA-256', 'content': digest}]}
        for digest, source in sorted(mine, key=lambda row: row[1])]
    return part


def package_component(name, package, paths):
    version = package_version(package)
    return component(name, version, purl(package, version, 'distro=bookworm'), paths)


def parts(root, build):
    """The components of what @build linked into espdiag.exe."""
    sources = os.path.join(os.path.dirname(cached(build, 'ED_WIN64_LIBRARIES')), 'sources')
    found = [package_component(name, package, paths) if package
             else source_component(root, sources, name, paths)
             for (name, package), paths in linked_by_part(build).items()]
    return sorted(found, key=lambda part: part['bom-ref'])


def make(build, components, program, version):
    """The bill of materials of @program (bytes), as bytes."""
    mine = 'pkg:generic/espdiag@' + version
    digest = artefacts.sha256(program)
    compiler = package_of(cached(build, 'ED_BUILT_BY'))
    bill = {
        'bomFormat': 'CycloneDX',
        'specVersion': '1.5',
        'serialNumber': 'urn:uuid:%s' % artefacts.identifier('sbom', version, digest),
        'version': 1,
        'metadata': {
            'timestamp': artefacts.epoch().strftime('%Y-%m-%dT%H:%M:%SZ'),
            'tools': {'components': [{'type': 'application', 'name': compiler,
                                      'version': package_version(compiler)}]},
            'component': {'type': 'application', 'bom-ref': mine, 'name': 'espdiag',
                          'version': version, 'purl': mine,
                          'licenses': [{'license': {'id': 'MIT'}}],
                          'hashes': [{'alg': 'SHA-256', 'content': digest}]},
        },
        'components': components,
        'dependencies': [{'ref': mine, 'dependsOn': [part['bom-ref'] for part in components]}],
    }
    return (json.dumps(bill, indent=2, sort_keys=True) + '\n').encode()

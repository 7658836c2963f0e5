# SPDX-License-Identifier: MIT
"""Each header compiles alone and twice, under the flags of the build.

usage: check_headers.py ROOT COMPILE_COMMANDS COMPILER...

The flags are taken from compile_commands.json: those of a source in the header's own folder, so
that a private header sees the library its folder may use. The forced banned.h is left out, except
for tests: it brings headers of the C library that a header of the program must ask for itself.
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
import tempfile
import lintlib


def flags_of(command, keep_forced):
    """The arguments that shape the language: no compiler, source, output, dependency file."""
    kept = []
    words = iter(command[1:])
    for word in words:
        if word in ('-o', '-c', '-MF', '-MT', '-MQ'):
            next(words)
        elif word == '-include' and not keep_forced:
            next(words)
        elif not word.startswith(('-MD', '-MMD', '-fsanitize')):
            kept.append(word)
    return kept


def flags_by_folder(root, database):
    with open(database, encoding='utf-8') as f:
        entries = json.load(f)
    found = {}
    for entry in entries:
        path = os.path.relpath(entry['file'], os.path.realpath(root))
        words = entry.get('arguments') or shlex.split(entry['command'])
        known = found.setdefault(os.path.dirname(path), [])
        flags = flags_of(words, path.startswith('tests/'))
        # the sources of a folder may differ in what they may include, and a header serves them all
        known += [flag for flag in flags if not known or flag.startswith('-I')]
    return found


def flags_for(header, folders):
    """Of the same folder, else of base, which needs no library."""
    return folders.get(os.path.dirname(header)) or folders['agent/base']


def compile_alone(compiler, flags, root, header):
    name = header.removeprefix('include/') if header.startswith('include/') \
        else os.path.join(os.path.realpath(root), header)
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, 'alone.c')
        with open(source, 'w', encoding='utf-8') as f:
            f.write('#include "%s"\n#include "%s"\nextern int ed_alone;\n' % (name, name))
        # alone, nobody calls what a header defines
        command = [compiler] + flags + ['-Wno-unused-function', '-fsyntax-only', source]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if run.returncode == 0:
        return None
    said = run.stdout.decode('utf-8', 'replace').split('\n')
    errors = [line for line in said if 'error' in line]
    return '\n'.join(['%s: does not compile alone with %s' % (header, os.path.basename(compiler))] +
                     (errors or said)[:3])


def main():
    if len(sys.argv) < 4:
        sys.exit('usage: check_headers.py ROOT COMPILE_COMMANDS COMPILER...')
    root, database, compilers = sys.argv[1], sys.argv[2], sys.argv[3:]
    folders = flags_by_folder(root, database)
    # what only Windows can compile is compiled by the cross build
    headers = [f for f in lintlib.tracked_files(root) if f.endswith('.h') and '/win32/' not in f]
    if not headers:
        lintlib.finish(['no headers found in %s' % root])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_alone, compiler, flags_for(header, folders), root, header)
                for compiler in compilers for header in headers]
        lintlib.finish([job.result() for job in jobs if job.result()])


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""espdiag.exe is what may be handed out: hardened, small, the same every time, and it asks Windows
for nothing that the oldest supported build does not have.

usage: imports.py OBJDUMP ESPDIAG_EXE VERSION ALLOWED

ALLOWED is tests/win32/imports.txt.
"""
import os
import re
import subprocess
import sys

OLDEST_BUILD = 17763  # Windows 10, version 1809
MAX_BYTES = 3 * 1024 * 1024
# KnownDLLs: Windows never looks for these beside the program. Others are loaded when they are
# needed, from System32 alone.
DLLS = ('ADVAPI32.dll', 'KERNEL32.dll', 'SHELL32.dll', 'msvcrt.dll')
CHARACTERISTICS = {0x20: 'high-entropy addresses', 0x40: 'moved in memory (ASLR)',
                   0x100: 'data is not code (DEP)'}
CONSOLE = 3
MANIFEST = (b'level="asInvoker"', b'>true</longPathAware>', b'>UTF-8</activeCodePage>',
            b'{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}')


def read_allowed(path):
    """{(dll, function): build}, and what is wrong with the list."""
    allowed, problems = {}, []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            if len(words) != 3 or not words[2].isdigit():
                problems.append('%s:%d: not "DLL function build"' % (path, number))
                continue
            if words[0] not in DLLS:
                problems.append('%s:%d: %s may not be imported' % (path, number, words[0]))
            if int(words[2]) > OLDEST_BUILD:
                problems.append('%s:%d: %s is not in Windows 10 1809' % (path, number, words[1]))
            if (words[0], words[1]) in allowed:
                problems.append('%s:%d: %s twice' % (path, number, words[1]))
            allowed[words[0], words[1]] = int(words[2])
    return allowed, problems


def imports_of(dump):
    """The (dll, function) pairs of the import tables; by number: the function is '#number'."""
    found, dll = set(), None
    for line in dump.split('\n'):
        match = re.match(r'\s+DLL Name: (\S+)', line)
        if match:
            dll = match.group(1)
        elif dll:
            match = re.match(r'\t[0-9a-f]+\t\s*([0-9]+)\s+(\S+)', line)
            if match:
                name = match.group(2)
                found.add((dll, '#' + match.group(1) if name == '<none>' else name))
    return found


def check_header(dump):
    def number(name, base):
        match = re.search(r'^%s\s+([0-9a-fA-F]+)' % name, dump, re.M)
        return int(match.group(1), base) if match else -1

    problems = []
    flags = number('DllCharacteristics', 16)
    problems += ['not set: ' + what for bit, what in CHARACTERISTICS.items() if not flags & bit]
    if number('Subsystem', 16) != CONSOLE:
        problems.append('not a console program')
    match = re.search(r'^Time/Date\s+(.*)', dump, re.M)
    if not match or '1970' not in match.group(1):
        problems.append('built at %s: no two builds would be alike' % (match and match.group(1)))
    if re.search(r'^Entry 0 0*[1-9a-f]', dump, re.M):
        problems.append('exports functions')
    if not re.search(r'^Entry 5 0*[1-9a-f]', dump, re.M):
        problems.append('no relocations: it cannot be moved in memory')
    return problems


def check_bytes(data, version):
    problems = []
    if len(data) >= MAX_BYTES:
        problems.append('%d bytes, the limit is %d' % (len(data), MAX_BYTES))
    problems += ['manifest: no %s' % text.decode() for text in MANIFEST if text not in data]
    if 'ProductVersion\0'.encode('utf-16le') not in data or version.encode('utf-16le') not in data:
        problems.append('no version %s' % version)
    return problems


def check_imports(found, allowed):
    problems = ['%s: nothing may be imported from it' % dll
                for dll in sorted({dll for dll, _ in found} - set(DLLS))]
    problems += ['%s %s: not in the list of what may be imported' % pair
                 for pair in sorted(found - set(allowed)) if pair[0] in DLLS]
    problems += ['%s %s: in the list, but not imported' % pair
                 for pair in sorted(set(allowed) - found)]
    if not found:
        problems.append('no imports found')
    return problems


def main():
    if len(sys.argv) != 5:
        sys.exit('usage: imports.py OBJDUMP ESPDIAG_EXE VERSION ALLOWED')
    objdump, program, version, list_path = sys.argv[1:]
    dump = subprocess.run([objdump, '-p', program], capture_output=True, check=True,
                          env=dict(os.environ, LC_ALL='C', TZ='UTC')).stdout.decode('utf-8')
    with open(program, 'rb') as file:
        data = file.read()
    allowed, problems = read_allowed(list_path)
    problems += check_header(dump) + check_bytes(data, version)
    problems += check_imports(imports_of(dump), allowed)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()

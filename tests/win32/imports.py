# SPDX-License-Identifier: MIT
"""espdiag.exe is what may be handed out: hardened, small, the same every time, without a word of the
machine that built it, and it asks Windows for nothing that the oldest supported build does not have.
All of it is read from the finished file, and seen again in copies that are spoiled one way each.

usage: imports.py ARCHITECTURE ESPDIAG_EXE VERSION ALLOWED

ARCHITECTURE is x64 or arm64, ALLOWED is tests/win32/imports.txt.
"""
import os
import re
import struct
import sys
import tempfile
import pe

OLDEST_BUILD = 17763  # Windows 10, version 1809
MAX_BYTES = 3 * 1024 * 1024
MACHINES = {'x64': 0x8664, 'arm64': 0xAA64}
# KnownDLLs, and sets of functions that Windows maps to DLLs itself: it never looks for these beside the
# program. Others are loaded when they are needed, from System32 alone.
DLLS = {'x64': re.compile(r'(ADVAPI32|KERNEL32|SHELL32|msvcrt)\.dll$'),
        'arm64': re.compile(r'((ADVAPI32|KERNEL32|SHELL32)|api-ms-win-crt-[a-z]+-l1-1-0)\.dll$')}
HARDENED = {0x20: 'high-entropy addresses', 0x40: 'moved in memory (ASLR)',
            0x100: 'data is not code (DEP)'}
GUARDED = 0x4000
GUARD_FLAGS = 0x500  # code is instrumented, there is a table of functions
SYSTEM32_ONLY = 0x800
CONSOLE = 3
MESSAGES, VERSION_INFO, MANIFEST = 11, 16, 24
MANIFEST_SAYS = (b'level="asInvoker"', b'>true</longPathAware>', b'>UTF-8</activeCodePage>',
                 b'{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}')
# One an outcome: packaging/win64/espdiag.mc.
FIRST_MESSAGE, LAST_MESSAGE = 100, 105
FOLDERS = (b'/usr/', b'/home/', b'/tmp/', b'/root/', b'/var/', b'/build/')


def read_allowed(path, architecture):
    """{(dll, function)} for the architecture, and what is wrong with the list."""
    allowed, problems, seen = set(), [], set()
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            mine = words[3:] or list(DLLS)
            if len(words) not in (3, 4) or not words[2].isdigit() or not set(mine) <= set(DLLS):
                problems.append('%s:%d: not "DLL function build [architecture]"' % (path, number))
                continue
            problems += ['%s:%d: %s may not be imported' % (path, number, words[0])
                         for name in mine if not DLLS[name].match(words[0])]
            if int(words[2]) > OLDEST_BUILD:
                problems.append('%s:%d: %s is not in Windows 10 1809' % (path, number, words[1]))
            if (words[0], words[1]) in seen:
                problems.append('%s:%d: %s twice' % (path, number, words[1]))
            seen.add((words[0], words[1]))
            if architecture in mine:
                allowed.add((words[0], words[1]))
    return allowed, problems


def check_header(image, architecture):
    problems = []
    if image.machine != MACHINES[architecture]:
        problems.append('made for machine 0x%x' % image.machine)
    problems += ['not set: ' + what for bit, what in HARDENED.items() if not image.flags & bit]
    if image.subsystem != CONSOLE:
        problems.append('not a console program')
    if image.time:
        problems.append('built at %d: no two builds would be alike' % image.time)
    if image.directories[pe.EXPORTS][1]:
        problems.append('exports functions')
    if not image.directories[pe.RELOCATIONS][1]:
        problems.append('no relocations: it cannot be moved in memory')
    problems += ['section %s may be written and executed' % name
                 for name, *_, flags in image.sections
                 if flags & pe.WRITABLE and flags & pe.EXECUTABLE]
    return problems


def check_guard(image):
    """Calls through pointers: Windows allows only the table's functions (CFG)."""
    config = image.load_config()
    if not image.flags & GUARDED or config.get('guard') != GUARD_FLAGS or not config['count']:
        return ['calls through pointers are not guarded']
    problems = []
    table = image.guarded()
    if table != sorted(set(table)):
        problems.append('the guard\'s table is not in order')
    if not all(image.section(target)[5] & pe.EXECUTABLE for target in table):
        problems.append('the guard\'s table names what is no code')
    outside = set(image.pointers_to_code()) - set(table)
    if outside:
        problems.append('%d pointers to functions that the guard would refuse' % len(outside))
    if config['dependent_load_flags'] != SYSTEM32_ONLY:
        problems.append('DLLs are not looked for in System32 alone')
    if not image.section(config['cookie'] - image.base)[5] & pe.WRITABLE:
        problems.append('Windows cannot set the guard of the stack')
    image.at(config['check'] - image.base)
    return problems


def check_resources(image, version):
    found = image.resources()
    problems = ['not one resource of type %d' % kind for kind in (MESSAGES, VERSION_INFO, MANIFEST)
                if len(found.get(kind, [])) != 1]
    if problems:
        return problems
    problems += ['manifest: no %s' % text.decode() for text in MANIFEST_SAYS
                 if text not in found[MANIFEST][0]]
    numbers = [int(word) for word in version.split('.')] + [0]
    fixed = struct.pack('<IIHHHH', 0xFEEF04BD, 0x10000, *(numbers[i] for i in (1, 0, 3, 2)))
    strings = 'ProductVersion\0'.encode('utf-16le'), (version + '\0').encode('utf-16le')
    if not all(part in found[VERSION_INFO][0] for part in (fixed,) + strings):
        problems.append('no version %s' % version)
    # one block a severity: the first and last number, which have the severity in their top bits
    count = struct.unpack_from('<I', found[MESSAGES][0])[0]
    blocks = struct.unpack_from('<%dI' % (3 * count), found[MESSAGES][0], 4)
    told = {number & 0xFFFF for at in range(0, 3 * count, 3)
            for number in range(blocks[at], blocks[at + 1] + 1)}
    if told != set(range(FIRST_MESSAGE, LAST_MESSAGE + 1)):
        problems.append('messages of the event log: %s' % sorted(told))
    return problems


def check_traces(image):
    """Nothing of the machine that built it, and no symbols."""
    root = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
    words = FOLDERS + (root.encode(), tempfile.gettempdir().encode() + b'/')
    problems = ['a path of the building machine: %s' % word.decode() for word in words
                if word in image.data or word.decode().encode('utf-16le') in image.data]
    if image.symbols or any(name.startswith(('.debug', '/')) for name, *_ in image.sections):
        problems.append('symbols are in the program')
    problems += ['names a file of symbols: %s' % name.decode() for name in image.debug_names()
                 if name]
    return problems


def check_imports(found, allowed, dlls):
    problems = ['%s: nothing may be imported from it' % dll
                for dll in sorted({dll for dll, _ in found}) if not dlls.match(dll)]
    problems += ['%s %s: not in the list of what may be imported' % pair
                 for pair in sorted(found - allowed) if dlls.match(pair[0])]
    problems += ['%s %s: in the list, but not imported' % pair
                 for pair in sorted(allowed - found)]
    if not found:
        problems.append('no imports found')
    return problems


def check(data, architecture, version, allowed):
    try:
        image = pe.Image(data)
        problems = check_header(image, architecture) + check_resources(image, version)
        problems += check_traces(image)
        problems += check_imports(image.imports(), allowed, DLLS[architecture])
        if architecture == 'arm64':
            problems += check_guard(image)
    except (ValueError, struct.error, IndexError) as error:
        return ['not a program that can be read: %s' % error]
    if len(data) >= MAX_BYTES:
        problems.append('%d bytes, the limit is %d' % (len(data), MAX_BYTES))
    return problems


def spoiled(data, architecture):
    """(what, bytes): copies of the program that must not pass."""
    image = pe.Image(data)
    header = image.u32(0x3C) + 4
    flags = header + 20 + 70

    def put(at, form, value):
        return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form):]

    def patched(old, new):
        assert old in data and len(old) == len(new)
        return data.replace(old, new)

    for bit in HARDENED:
        yield 'flag 0x%x cleared' % bit, put(flags, '<H', image.flags & ~bit)
    yield 'machine', put(header, '<H', 0x14C)
    yield 'time', put(header + 4, '<I', 1)
    yield 'symbols', put(header + 8, '<I', 1)
    yield 'window program', put(flags - 2, '<H', 2)
    yield 'exports', put(header + 20 + 112 + 4, '<I', 40)
    yield 'manifest', patched(b'asInvoker', b'asinvoker')
    yield 'version', patched('ProductVersion'.encode('utf-16le'), b'\0' * 28)
    yield 'import', patched(b'GetProcAddress\0', b'GetProcAddresx\0')
    yield 'dll', patched(b'KERNEL32.dll', b'KERNEL33.dll')
    yield 'path', patched(b'This program cannot', b'/usr/lib/a/b/c.h\0\0\0')
    yield 'cut', data[:len(data) // 2]
    if architecture == 'arm64':
        config = image.load_config()
        at = image.at(image.directories[pe.LOAD_CONFIG][0])
        table = image.at(config['table'] - image.base)
        pointed = sorted(set(image.pointers_to_code()))[0]
        entry = table + 4 * image.guarded().index(pointed)
        yield 'no guard', put(flags, '<H', image.flags & ~GUARDED)
        yield 'guard\'s flags', put(at + 144, '<I', 0)
        yield 'empty table', put(at + 136, '<Q', 0)
        yield 'function not in the table', put(entry, '<I', pointed + 4)
        yield 'any folder\'s DLLs', put(at + 78, '<H', 0)
        yield 'no guard of the stack', put(at + 88, '<Q', config['table'])


def main():
    if len(sys.argv) != 5 or sys.argv[1] not in MACHINES:
        sys.exit(__doc__.split('\n\n')[1])
    architecture, program, version, list_path = sys.argv[1:]
    with open(program, 'rb') as file:
        data = file.read()
    allowed, problems = read_allowed(list_path, architecture)
    problems += check(data, architecture, version, allowed)
    if not problems:
        problems = ['not noticed in a spoiled copy: ' + what
                    for what, copy in spoiled(data, architecture)
                    if not check(copy, architecture, version, allowed)]
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()

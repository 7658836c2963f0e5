# SPDX-License-Identifier: MIT
"""Proves that each lint can fail: small trees, each with one thing wrong, and the words the lint
must say about it. A tree without a fault must pass, so that a lint cannot cheat by always failing.

usage: selftest.py COMPILER CLANG_FORMAT SHELLCHECK

The bad words are put together here from halves, since the real lints read this file as well.
"""
import json
import os
import subprocess
import sys
import tempfile
import lintlib

HERE = os.path.dirname(os.path.realpath(__file__))
HEAD = '/* SPDX-License-Identifier: MIT */\n/* What it is for. */\n'
GOOD_H = HEAD + '#ifndef A_H\n#define A_H\n\n#include <stddef.h>\n\nsize_t ed_a(size_t n);\n\n#endif\n'
README = ('# x\n\n| folder | what |\n|---|---|\n| `agent/` | a |\n| `agent/base/` | b |\n'
          '| `collectors/` | c |\n| `include/` | i |\n| `packaging/` | p |\n| `tests/` | t |\n'
          '| `tests/unit/` | u |\n')

# The smallest tree that every lint accepts.
CLEAN = {
    'README.md': README,
    'agent/README.md': 'The agent.\n',
    'agent/base/README.md': 'The base.\n',
    'agent/base/CMakeLists.txt': 'ed_library(ed_base SOURCES a.c)\n',
    'agent/base/a.c': HEAD + '#include "espdiag/base/a.h"\n\n#include <string.h>\n',
    'include/espdiag/base/a.h': GOOD_H,
    'include/README.md': 'Headers.\n',
    'collectors/README.md': 'Collectors.\n',
    'packaging/README.md': 'Packaging.\n',
    'packaging/run': '#!/bin/sh\n# SPDX-License-Identifier: MIT\necho ok\n',
    'tests/README.md': 'Tests.\n',
    'tests/unit/CMakeLists.txt': 'ed_test(test_a SOURCES test_a.c)\n',
    'tests/unit/test_a.c': HEAD + '#include "espdiag/base/a.h"\n#include <check.h>\nsize_t x = ed_a(1);\n',
    'tests/promises.tsv': 'id\tpromise\ttests\nno-leak\tNothing leaks\ttest_a\n',
    'packaging/threat-model.md': 'Nothing leaks [`no-leak`].\n',
    '.clang-format': 'BasedOnStyle: LLVM\nUseTab: Always\nIndentWidth: 8\nTabWidth: 8\n',
}

EVXML = {'include/espdiag/collectors/r.h':
         HEAD + '#include "espdiag/base/a.h"\nextern const struct ed_reader ed_reader_r;\n'}


def include(line, path='agent/base/b.c'):
    return {path: HEAD + '#include %s\n' % line}


def facts(relied, told):
    """One fact in the table of selftest, and what the README says of it."""
    row = 'CHECK("a-fact", "state/a.json", "", "%s", "ver")\n' % relied
    cell = '\n## Not yet seen on a device\n\n| `a-fact` | %s | `ver` |\n' % told
    return {'agent/app/selftest.def': row, 'README.md': README + cell}


def promises(*rows, model='`no-leak`', tests=''):
    """A table of promises, the page that tells them, and more tests."""
    lines = ['\t'.join(row) + '\n' for row in (('id', 'promise', 'tests'),) + rows]
    return {'tests/promises.tsv': ''.join(lines), 'packaging/threat-model.md': model + '\n',
            'tests/more/CMakeLists.txt': tests}


CODES_H = HEAD + '#define CODE_CLASS_LIST(X) \\\n\tX(CODE_DISK, "disk")\n\n'
VERDICT_H = HEAD + '#define ED_OWNER_LIST(X) \\\n\tX(ED_USER, "user")\n\n'


def codes(*rows):
    """A table of error codes; each row is (value, name, meaning, source)."""
    lines = ['CODE(%s, %s, CODE_DISK, ED_USER, %s, "Next.", "%s")\n' % row for row in rows]
    return {'agent/analyze/codes.def': ''.join(lines), 'agent/analyze/codes.h': CODES_H,
            'include/espdiag/analyze/verdict.h': VERDICT_H}


# lint, what is wrong (for people), files put over the clean tree, words that must be said
CASES = [
    ('includes', 'a layer above', include('"espdiag/model/m.h"') |
     {'include/espdiag/model/m.h': GOOD_H}, 'is another room'),
    ('includes', 'a collector includes another', include('"espdiag/collectors/q.h"',
     'collectors/r/r.c') | {'include/espdiag/collectors/q.h': GOOD_H}, 'is another room'),
    ('includes', 'a public header of a collector includes another',
     include('"espdiag/collectors/q.h"', 'include/espdiag/collectors/r.h') |
     {'include/espdiag/collectors/q.h': GOOD_H}, 'is another room'),
    ('includes', "a collector's second public header", include('"espdiag/collectors/r_more.h"',
     'collectors/r/r.c') | {'include/espdiag/collectors/r_more.h': GOOD_H}, None),
    ('includes', 'analysis reads a file', include('"espdiag/platform/file.h"',
     'agent/analyze/x.c') | {'include/espdiag/platform/file.h': GOOD_H}, 'is another room'),
    ('includes', 'up and over', include('"../model/m.h"'), 'leaves the folder'),
    ('includes', 'not there', include('"espdiag/base/none.h"'), 'does not exist'),
    ('includes', 'bare name of another folder', include('"m.h"'), 'nor in the same folder'),
    ('includes', "a room's own header from a deeper folder", include('"a_priv.h"',
     'agent/analyze/findings/f.c') | {'agent/analyze/a_priv.h': GOOD_H}, None),
    ('includes', "another room's private header", include('"a_priv.h"',
     'agent/report/r.c') | {'agent/analyze/a_priv.h': GOOD_H}, 'nor in the same folder'),
    ('includes', 'angle brackets for own', include('<espdiag/base/a.h>'), 'with quotes'),
    ('includes', 'libxml2 outside agent/xml', include('<libxml/xmlreader.h>'), 'may not be included'),
    ('includes', 'libxml2 in agent/pack', include('<libxml/xmlreader.h>', 'agent/pack/p.c'),
     'may not be included'),
    ('includes', 'libarchive outside agent/pack', include('<archive.h>', 'collectors/r/r.c'),
     'may not be included'),
    ('includes', 'zlib in base, not crc.c', include('<zlib.h>'), 'may not be included'),
    ('includes', 'jansson outside agent/json', include('<jansson.h>', 'agent/report/r.c'),
     'may not be included'),
    ('includes', 'POSIX in the core', include('<unistd.h>'), 'may not be included'),
    ('includes', 'locale in the core', include('<ctype.h>'), 'may not be included'),
    ('includes', 'windows.h in the core', include('<windows.h>'), 'outside the Windows folders'),
    ('includes', 'windows.h in a unit test', include('<windows.h>', 'tests/unit/test_b.c'),
     'outside the Windows folders'),
    ('includes', 'own header not first', {'agent/base/a.c':
     HEAD + '#include <string.h>\n#include "espdiag/base/a.h"\n'}, 'must come first'),
    ('includes', 'libc before espdiag', {'agent/base/b.c':
     HEAD + '#include <string.h>\n#include "espdiag/base/a.h"\n'}, 'comes too late'),
    ('includes', 'the macro of an OS', {'agent/base/b.c':
     HEAD + '#ifdef _WI' 'N32\nint x;\n#endif\n'}, 'picked by CMake'),
    ('includes', 'a folder without a row', {'agent/new/n.c': HEAD}, 'no row'),
    ('text', 'address', {'tests/f.txt': 'mail jo@' 'somewhere.de now\n'}, 'outside the example'),
    ('text', 'address in UTF-16', {'tests/f.reg': ('\ufeffjo@' 'somewhere.de').encode('utf-16-le')},
     'outside the example'),
    ('text', 'tenant name', {'tests/f.txt': 'acme7.onmicro' 'soft.com\n'}, 'tenant name'),
    ('text', 'tenant id', {'tests/f.txt':
     'TenantId=8f3b2c1d' '-9e4a-4d7b-a6c5-0b1f2e3d4c5a\n'}, 'tenant id'),
    ('text', 'SID', {'tests/f.txt': 'S-1-5-21-' '3623811015-3361044348-30300820-1013\n'}, 'SID'),
    ('text', 'serial', {'tests/f.txt': 'SerialNumber=PF3' 'XK9QZ\n'}, 'serial'),
    ('text', 'computer', {'tests/f.txt': 'DESKTOP-' '7QK2P9X\n'}, 'computer name'),
    ('text', 'recovery password', {'tests/f.txt': '-'.join(['1234' '56'] * 8) + '\n'}, 'recovery'),
    ('text', 'token', {'tests/f.txt': 'eyJ0eXAiOiJKV1QiLCJh' 'bGciOi.abcdefghijkl\n'}, 'token'),
    ('text', "a user's folder", {'tests/f.txt': 'C:\\Use' 'rs\\jsmith\\x\n'}, "user's folder"),
    ('text', 'machine path', {'tests/f.txt': 'see /ho' 'me/jo/x\n'}, 'path of one machine'),
    ('text', 'unfinished', {'agent/base/a.c': HEAD + '/* TO' 'DO later */\n'}, 'unfinished'),
    ('text', 'mystery binary', {'tests/x.evtx': b'ElfFile\0\1\2'}, 'no README.md names'),
    ('tree', 'a new name at the top', {'docs/a.md': 'x\n'}, 'agreed names'),
    ('tree', 'map lacks a folder', {'agent/xml/README.md': 'x\n'}, 'lacks agent/xml/'),
    ('tree', 'map names too much', {'README.md': README + '| `agent/gone/` | g |\n'},
     'names agent/gone/'),
    ('tree', 'folder without README', {'agent/xml/x.c': HEAD}, 'no README.md'),
    ('tree', 'a long file', {'agent/base/a.c': HEAD + 'int x;\n' * 800}, 'the limit is'),
    ('tree', 'a long function', {'agent/base/a.c': HEAD + 'void f(void)\n{\n' + '\t;\n' * 80 + '}\n'},
     'a function of'),
    ('tree', 'no SPDX line', {'agent/base/a.c': 'int x;\n'}, 'no SPDX'),
    ('tree', 'no sentence', {'agent/base/a.c': HEAD.split('\n')[0] + '\nint x;\n'}, 'no sentence'),
    ('tree', 'no run bit', {'packaging/other': '#!/bin/sh\n# SPDX-License-Identifier: MIT\n'},
     'run bit'),
    ('tree', 'orphan source', {'agent/base/b.c': HEAD}, 'never built'),
    ('tree', 'commented out of the build', {'agent/base/CMakeLists.txt': '# ed_library(x a.c)\n'},
     'never built'),
    ('tree', 'listed, not there', {'agent/base/CMakeLists.txt': 'ed_library(b SOURCES a.c z.c)\n'},
     'not there'),
    ('coverage', 'function without a test', {'tests/unit/test_a.c': HEAD}, 'no unit test names ed_a'),
    ('coverage', 'function named as part of another', {'tests/unit/test_a.c':
     HEAD + 'int x = ed_a_b(1);\n'}, 'no unit test names ed_a'),
    ('coverage', 'reader without a unit test', EVXML, 'no unit test'),
    ('coverage', 'reader without a fuzz target', EVXML, 'no fuzz target'),
    ('coverage', 'fuzz target without seeds', {'tests/fuzz/fuzz_r.c': HEAD}, 'no seeds'),
    ('headers', 'needs another header first', {'agent/base/a_priv.h':
     HEAD + 'uint32_t ed_b(void);\n'}, 'a_priv.h: does not compile alone'),
    ('headers', 'leans on banned.h', {'agent/base/a_priv.h': HEAD + 'size_t ed_b(void);\n'},
     'a_priv.h: does not compile alone'),
    ('headers', 'no guard', {'agent/base/a_priv.h': HEAD + 'struct ed_b {\n\tint x;\n};\n'},
     'a_priv.h: does not compile alone'),
    ('format', 'spaces for tabs', {'agent/base/a.c': HEAD + 'int f(void)\n{\n  return 1;\n}\n'},
     'clang-format'),
    ('codes', 'whole rows', codes(('0x80070005', '"E_A"', '"Means."', 'x'),
                                  ('0x80070006', 'NULL', '"Means."', 'x')), None),
    ('codes', 'out of order', codes(('0x80070006', '"E_B"', '"Means."', 'x'),
                                    ('0x80070005', '"E_A"', '"Means."', 'x')), 'out of order'),
    ('codes', 'twice', codes(('0x80070005', '"E_A"', '"Means."', 'x'),
                             ('0x80070005', '"E_B"', '"Means."', 'x')), 'twice'),
    ('codes', 'no meaning', codes(('0x80070005', '"E_A"', '""', 'x')), 'an empty text'),
    ('codes', 'no source', codes(('0x80070005', '"E_A"', '"Means."', '')), 'an empty text'),
    ('codes', 'half a sentence', codes(('0x80070005', '"E_A"', '"means"', 'x')), 'no whole sentence'),
    ('codes', 'a name twice', codes(('0x80070005', '"E_A"', '"Means."', 'x'),
                                    ('0x80070006', '"E_A"', '"Means."', 'x')), 'name of another row'),
    ('codes', 'a class that is none', codes(('0x80070005', '"E_A"', '"Means."', 'x')) |
     {'agent/analyze/codes.h': HEAD}, 'no such class'),
    ('codes', 'a row over two lines', {'agent/analyze/codes.def': 'CODE(0x80070005,\n"E_A")\n'},
     'not one row on one line'),
    ('codes_headers', 'the header agrees', codes(('0x80070005', '"E_A"', '"Means."', 'winerror.h')) |
     {'sdk/winerror.h': '#define E_A _HRESULT_TYPEDEF_(0x80070005)\n'}, None),
    ('codes_headers', 'a Win32 error', codes(('0x80070005', '"ERROR_A"', '"Means."', 'winerror.h')) |
     {'sdk/winerror.h': '#define ERROR_A __MSABI_LONG(5)\n'}, None),
    ('codes_headers', 'another value', codes(('0x80070005', '"E_A"', '"Means."', 'x')) |
     {'sdk/winerror.h': '#define E_A ((HRESULT)0x80070006L)\n'}, 'E_A is 0x80070006 in winerror.h'),
    ('codes_headers', 'another name', codes(('0x80070005', '"E_A"', '"Means."', 'winerror.h'),
                                            ('0x80070006', '"E_C"', '"Means."', 'x')) |
     {'sdk/winerror.h': '#define E_B 0x80070005\n#define E_C 0x80070006\n'}, "is 'E_B' in winerror.h"),
    ('codes_headers', 'another name that is told', codes(
        ('0x80070005', '"E_A"', '"Also E_B."', 'winerror.h'), ('0x80070006', '"E_C"', '"Means."', 'x')) |
     {'sdk/winerror.h': '#define E_B 0x80070005\n#define E_C 0x80070006\n'}, None),
    ('codes_headers', 'nothing in common', codes(('0x80070005', '"E_A"', '"Means."', 'x')) |
     {'sdk/winerror.h': '#define E_B 0x80070006\n'}, 'not one name in common'),
    ('device_facts', 'told as it is', facts('as relied on', 'as relied on'), None),
    ('device_facts', 'told otherwise', facts('as relied on', 'as hoped'), 'lacks or differs in a-fact'),
    ('promises', 'a test that is gone', promises(('no-leak', 'Nothing leaks', 'test_a test_b')),
     'no test is called test_b'),
    ('promises', 'a test by a comment', promises(('no-leak', 'Nothing leaks', 'test_b'),
                                                 tests='# ed_test(test_b SOURCES b.c)\n'),
     'no test is called test_b'),
    ('promises', 'tests of a list', promises(('no-leak', 'Nothing leaks', 'leak_low leak_high'), tests=(
        'set(levels low high)\nforeach(level IN LISTS levels)\n\tadd_test(NAME leak_${level} COMMAND x)\n')),
     None),
    ('promises', 'no test of the list', promises(('no-leak', 'Nothing leaks', 'leak_top'), tests=(
        'set(levels low high)\nforeach(level IN LISTS levels)\n\tadd_test(NAME leak_${level} COMMAND x)\n')),
     'no test is called leak_top'),
    ('promises', 'without a test', promises(('no-leak', 'Nothing leaks', '')), 'without a promise or a test'),
    ('promises', 'told twice', promises(('no-leak', 'Nothing leaks', 'test_a'), ('no-leak', 'Nor this', 'test_a')),
     'told twice'),
    ('promises', 'not on the page', promises(('no-leak', 'Nothing leaks', 'test_a'), model='Nothing.'),
     'says nothing of the promise no-leak'),
    ('promises', 'on the page alone', promises(('no-leak', 'Nothing leaks', 'test_a'),
                                               model='`no-leak` and [`no-noise`]'),
     'no-noise is no promise'),
    ('shell', 'unquoted', {'packaging/run':
     '#!/bin/sh\n# SPDX-License-Identifier: MIT\nrm $1\n'}, 'SC2086'),
]


def write_tree(root, files):
    for path, content in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode('utf-8')
        with open(full, 'wb') as f:
            f.write(data)
        if path == 'packaging/run':
            os.chmod(full, 0o755)


def run_lint(lint, root, tools):
    """Exit code and words of one lint over the tree at @root."""
    arguments = {'codes_headers': ['--headers', os.path.join(root, 'sdk')],
                 'headers': [os.path.join(root, 'build', 'cc.json'), tools['compiler']],
                 'format': [tools['format']], 'shell': [tools['shell']]}.get(lint, [])
    if lint == 'headers':
        os.mkdir(os.path.join(root, 'build'))
        flags = '-std=c11 -Wall -Werror -I%s/include -include stdio.h' % root
        entry = {'file': os.path.join(root, 'agent/base/a.c'), 'directory': root,
                 'command': 'cc %s -o a.o -c agent/base/a.c' % flags}
        with open(arguments[0], 'w', encoding='utf-8') as f:
            json.dump([entry], f)
    script = os.path.join(HERE, 'check_%s.py' % lint.replace('codes_headers', 'codes'))
    command = [script, root] + arguments
    if lint == 'promises':
        command = [os.path.join(os.path.dirname(HERE), 'promises.py'), '--check', root]
    run = subprocess.run([sys.executable, '-B'] + command, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return run.returncode, run.stdout.decode('utf-8', 'replace')


def check_case(lint, title, files, words, tools):
    with tempfile.TemporaryDirectory() as scratch:
        root = os.path.realpath(scratch)
        write_tree(root, CLEAN | files)
        code, said = run_lint(lint, root, tools)
    if code == lintlib.SKIPPED:
        return None
    if words is None:
        return None if code == 0 else '%s, %s: failed\n%s' % (lint, title, said)
    if code != 1:
        return '%s, %s: not found (exit %d)\n%s' % (lint, title, code, said)
    if words not in said:
        return "%s, %s: failed, but did not say '%s'\n%s" % (lint, title, words, said)
    return None


def main():
    if len(sys.argv) != 4:
        sys.exit('usage: selftest.py COMPILER CLANG_FORMAT SHELLCHECK')
    tools = dict(zip(('compiler', 'format', 'shell'), sys.argv[1:]))
    lints = list(dict.fromkeys(case[0] for case in CASES))
    clean = [(lint, 'the clean tree', {}, None) for lint in lints]
    problems = [check_case(*case, tools) for case in clean + CASES]
    print('%d trees checked' % len(problems))
    lintlib.finish([problem for problem in problems if problem])


if __name__ == '__main__':
    main()

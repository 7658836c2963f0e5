# SPDX-License-Identifier: MIT
"""Holds the walls between the rooms: who may include whom, in which form and order.

The rows below are the rule; the code only walks them. The first row whose folder holds a file is
that file's row. '*' allows everything of a kind.
"""
import os
import re
import lintlib

# Headers of the C library that portable code may use. Not here on purpose: ctype.h, locale.h and
# wchar.h (they follow the locale), threads.h (not on every system), everything of an OS.
LIBC = set('''assert errno float inttypes limits math stdalign stdarg stdatomic stdbool stddef
stdint stdio stdlib stdnoreturn string time'''.split())

READER = ['base', 'model', 'platform', 'xml', 'pack', 'collectors/input']
LIVE = READER + ['json', 'collectors/live', 'collectors/state']

# folder or file, espdiag layers it may include, libraries (prefixes of <...>), OS headers
ROWS = [
    ('agent/base/crc.c', ['base'], ['wmmintrin.h', 'zlib.h'], False),
    ('agent/base/escape_block.h', ['base'], ['emmintrin.h'], False),
    ('agent/base', ['base'], [], False),
    ('agent/model', ['base', 'model'], [], False),
    ('agent/platform/posix', ['base', 'platform'], [], True),
    ('agent/platform/win32', ['base', 'platform'], [], True),
    ('agent/platform', ['base', 'platform'], [], False),
    ('agent/xml', ['base', 'xml'], ['libxml/'], False),
    ('agent/pack', ['base', 'pack'], ['archive.h', 'archive_entry.h', 'zlib.h'], False),
    ('agent/json', ['base', 'json'], ['jansson.h'], False),
    ('agent/analyze', ['base', 'model', 'analyze', 'json', 'version'], [], False),
    ('agent/redact/doubt.c', ['base', 'redact'], ['emmintrin.h'], False),
    ('agent/redact', ['base', 'model', 'json', 'xml', 'platform/digest', 'redact'], [], False),
    ('agent/bundle', ['base', 'model', 'json', 'pack', 'platform', 'bundle', 'version'], [], False),
    ('agent/compare', ['base', 'model', 'analyze', 'compare'], [], False),
    ('agent/report', ['base', 'model', 'analyze', 'compare', 'report', 'json', 'version'], [],
     False),
    ('agent/install/win32', ['base', 'platform', 'install'], [], True),
    ('agent/install', ['base', 'platform', 'install'], [], False),
    ('agent/app', ['*'], ['signal.h'], False),
    ('collectors/state', LIVE + ['collectors/tcglog'], [], False),
    ('collectors/live', LIVE, [], False),
    ('collectors/schedule', LIVE, [], False),
    ('collectors/live.c', LIVE, [], False),
    ('collectors/schedule.c', LIVE + ['collectors/schedule'], [], False),
    ('collectors/wevt', LIVE + ['collectors/evtx_dump'], [], True),
    ('collectors/registry', LIVE, [], True),
    ('collectors/wmi', LIVE, [], True),
    ('collectors/volume', LIVE + ['collectors/wmi'], [], True),
    ('collectors/tpm', LIVE + ['collectors/wmi'], [], True),
    ('collectors/identity', LIVE, [], True),
    ('collectors/files', LIVE, [], True),
    ('collectors', READER, [], False),
    ('packaging/win64/runtime', [], [], False),
    ('tests/win32', ['*'], ['*'], True),
    ('tests', ['*'], ['*'], True),
]

# Libraries that even tests may not take from another room's shelf.
WINDOWS_HEADER = re.compile(r'^(windows|windef|winbase|winevt|wbem\w*|objbase|tbs|winreg|bcrypt)\.h$')
WINDOWS_HOMES = ('agent/platform/win32/', 'agent/install/win32/', 'tests/win32/',
                 'tests/support/win32/',
                 'collectors/wevt/',
                 'collectors/registry/', 'collectors/volume/', 'collectors/tpm/',
                 'collectors/wmi/',
                 'collectors/identity/', 'collectors/files/')
# Where the macro of the OS may be asked: whole files elsewhere, picked by CMake.
WIN32_MACRO_HOMES = WINDOWS_HOMES + ('agent/app/sources.c', 'include/espdiag/base/')

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
OS_MACRO = re.compile(r'\b(_WIN32|_WIN64|__MINGW32__|__MINGW64__|_MSC_VER)\b')


def room_of(path):
    """The folder whose row a file obeys: a public header obeys the row of its layer."""
    parts = path.split('/')
    if path.startswith('include/espdiag/') and len(parts) > 3:
        if parts[2] == 'collectors':
            return 'collectors/' + parts[3].removesuffix('.h')
        return 'agent/%s/%s' % (parts[2], parts[3])
    return path


def row_of(path):
    room = room_of(path)
    for row in ROWS:
        if room == row[0] or room.startswith(row[0] + '/'):
            return row
    return None


def own_headers(path, files):
    """The header that belongs to a .c file, in the forms it may be included by."""
    folder, name = os.path.split(path)
    stem = name.removesuffix('.c')
    forms = []
    if '%s/%s.h' % (folder, stem) in files:
        forms.append(stem + '.h')
    layer = folder.split('/')[1] if folder.startswith('agent/') else 'collectors'
    if 'include/espdiag/%s/%s.h' % (layer, stem) in files:
        forms.append('espdiag/%s/%s.h' % (layer, stem))
    return forms


def allowed_layer(name, layers, path):
    """May a file with @layers include "espdiag/@name"?"""
    if '*' in layers:
        return True
    layer = name.split('/')[0].removesuffix('.h')
    if layer in layers or name.removesuffix('.h') in layers:
        return True
    # a collector's own public headers: evtx.h, evtx_*.h are those of collectors/evtx
    return layer == 'collectors' and collector_of(room_of(path)) == collector_of(name)


def collector_of(room):
    """'evtx' of 'collectors/evtx/record.c' and of 'collectors/evtx_dump.h'."""
    return room.split('/')[1].removesuffix('.h').split('_')[0]


def within_reach(path, name, files):
    """A bare name: beside the file, or above it in the same room. A test may look into any room."""
    if path.startswith('tests/'):
        return any(f == name or f.endswith('/' + name) for f in files)
    folder = os.path.dirname(path)
    while folder.count('/') > 0:
        if '%s/%s' % (folder, name) in files:
            return True
        folder = os.path.dirname(folder)
    return False


def check_one(path, kind, name, row, files):
    """What is wrong with one include, or None."""
    _, layers, libraries, os_headers = row
    if '..' in name.split('/') or name.startswith('/') or '\\' in name:
        return "'%s' leaves the folder; use \"espdiag/layer/name.h\"" % name
    if kind == '"':
        if name.startswith('espdiag/'):
            if 'include/' + name not in files:
                return "'%s' does not exist" % name
            if not allowed_layer(name.removeprefix('espdiag/'), layers, path):
                return "'%s' is another room" % name
            return None
        if '/' not in name and within_reach(path, name, files):
            return None
        return "'%s' is neither \"espdiag/layer/name.h\" nor in the same folder" % name
    if WINDOWS_HEADER.match(name) and not path.startswith(WINDOWS_HOMES):
        return '<%s> outside the Windows folders' % name
    if name.startswith('espdiag/'):
        return '<%s>: own headers are included with quotes' % name
    if name.removesuffix('.h') in LIBC or os_headers or '*' in libraries:
        return None
    if any(name.startswith(library) for library in libraries):
        return None
    return '<%s> may not be included here' % name


def group_of(kind, name):
    if kind == '"':
        return 1
    return 3 if name.removesuffix('.h') in LIBC | {'signal'} else 2


def check_order(path, includes, files):
    """Own header first, then espdiag/, then libraries, then libc."""
    own = own_headers(path, files) if path.endswith('.c') else []
    if own and (not includes or includes[0][1] not in own):
        return ['%s: its own header "%s" must come first' % (path, own[0])]
    last = 0
    # the rows of a table are included where the table stands
    for kind, name in [i for i in includes if not i[1].endswith('.def')]:
        if group_of(kind, name) < last:
            return ["%s: '%s' comes too late: own header, espdiag/, libraries, libc" % (path, name)]
        last = group_of(kind, name)
    return []


def main():
    root = lintlib.root_argument()
    files = set(lintlib.tracked_files(root))
    problems = []
    for path in sorted(f for f in files if f.endswith(('.c', '.h', '.def'))):
        text = lintlib.read_text(root, path)
        row = row_of(path)
        if path == 'include/espdiag/version.h':
            row = (path, [], [], False)
        if row is None:
            problems.append('%s: no row of the include table covers this folder' % path)
            continue
        includes = INCLUDE.findall(text)
        for kind, name in includes:
            problem = check_one(path, kind, name, row, files)
            if problem:
                problems.append('%s: %s' % (path, problem))
        if not path.startswith('tests/') and not row[3]:
            problems += check_order(path, includes, files)
        code = lintlib.strip_comments(text)
        macro = OS_MACRO.search(code)
        if macro and not path.startswith(WIN32_MACRO_HOMES):
            problems.append('%s: %s: platform code is whole files picked by CMake'
                            % (path, macro.group(0)))
    lintlib.finish(problems)


if __name__ == '__main__':
    main()

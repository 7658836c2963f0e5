# SPDX-License-Identifier: MIT
"""The tables of error codes say nothing that Windows' own headers contradict.

usage: check_codes.py ROOT              the tables by themselves: order, texts, words
       check_codes.py ROOT --headers [FOLDER]
                                        against winerror.h and its neighbours in FOLDER, or where
                                        Debian's mingw-w64 puts them
A row contradicts a header when its name has another value there, and when its source names the
header, the header has the value, and every name it has for it is another one that the meaning does
not mention either.
"""
import os
import re
import sys
import lintlib

CODES = 'agent/analyze/codes.def'
AADSTS = 'agent/analyze/aadsts.def'
OTHER_EVENTS = 'agent/analyze/other_events.def'
CLASSES = 'agent/analyze/codes.h'
OWNERS = 'include/espdiag/analyze/verdict.h'
HEADERS = ['winerror.h', 'wuerror.h', 'wininet.h', 'winhttp.h', 'ntstatus.h', 'wbemcli.h']
FOLDERS = ['/usr/share/mingw-w64/include', '/usr/x86_64-w64-mingw32/include']
CONFIDENCE = set('MRDBI')

ARGUMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",()]+?))\s*(,|\)\s*$)')


def rows_of(root, path, macro, problems):
    """(line number, arguments) of each row; a text is a str, a bare word is in a tuple."""
    rows = []
    if not os.path.isfile(os.path.join(root, path)):
        return rows  # then nothing includes it either, or the build fails
    text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group(0).count('\n'),
                  lintlib.read_text(root, path), flags=re.S)
    for number, line in enumerate(text.split('\n'), 1):
        if not line.strip():
            continue
        found, arguments, at = line.startswith(macro + '('), [], len(macro) + 1
        while found and at < len(line):
            match = ARGUMENT.match(line, at)
            if not match:
                found = False
                break
            arguments.append(match.group(1) if match.group(1) is not None else (match.group(2),))
            at = match.end()
        if not found:
            problems.append('%s:%d: not one row on one line' % (path, number))
        else:
            rows.append((number, arguments))
    if not rows:
        problems.append('%s: no rows' % path)
    return rows


def words_of(root, path, list_name):
    """The enum names of an X-macro list."""
    if not os.path.isfile(os.path.join(root, path)):
        return set()
    body = re.search(r'#define %s\(X\)(.*?[^\\])\n' % list_name, lintlib.read_text(root, path), re.S)
    return set(re.findall(r'X\((\w+),', body.group(1))) if body else set()


def check_texts(where, texts, problems):
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            problems.append('%s: an empty text' % where)
    for text in texts[:-1]:
        if isinstance(text, str) and text.strip() and not re.search(r'[.!?]$', text):
            problems.append("%s: no whole sentence: '%s'" % (where, text))


def check_order(path, keys, problems):
    for (before, _), (after, number) in zip(keys, keys[1:]):
        if before == after:
            problems.append('%s:%d: twice: %s' % (path, number, after))
        elif before > after:
            problems.append('%s:%d: out of order: %s' % (path, number, after))


def check_name(where, name, seen, problems):
    if name == ('NULL',):
        return
    if not isinstance(name, str) or not re.fullmatch(r'[A-Za-z][A-Za-z0-9_]*', name):
        problems.append('%s: neither a name nor NULL' % where)
    elif name in seen:
        problems.append("%s: name of another row: '%s'" % (where, name))
    seen.add(name)


def codes_of(root, problems):
    """(line number, value, name or None, meaning, source) of the rows that are in form."""
    classes, owners = words_of(root, CLASSES, 'CODE_CLASS_LIST'), words_of(root, OWNERS, 'ED_OWNER_LIST')
    codes, names = [], set()
    for number, row in rows_of(root, CODES, 'CODE', problems):
        where = '%s:%d' % (CODES, number)
        if len(row) != 7 or not re.fullmatch(r'0x[0-9A-F]{8}', row[0][0]):
            problems.append('%s: not CODE(0x%%08X, name, class, owner, meaning, next, source)' % where)
            continue
        check_name(where, row[1], names, problems)
        if row[2][0] not in classes:
            problems.append("%s: no such class: '%s'" % (where, row[2][0]))
        if row[3][0] not in owners:
            problems.append("%s: no such owner: '%s'" % (where, row[3][0]))
        check_texts(where, row[4:], problems)
        name = row[1] if isinstance(row[1], str) else None
        codes.append((number, int(row[0][0], 16), name, str(row[4]), str(row[6])))
    check_order(CODES, [('0x%08X' % value, number) for number, value, *_ in codes], problems)
    return codes


def check_tables(root):
    problems = []
    codes_of(root, problems)
    owners = words_of(root, OWNERS, 'ED_OWNER_LIST')
    keys = []
    for number, row in rows_of(root, AADSTS, 'AADSTS', problems):
        where = '%s:%d' % (AADSTS, number)
        if len(row) != 6 or not row[0][0].isdigit():
            problems.append('%s: not AADSTS(number, name, owner, meaning, next, source)' % where)
            continue
        check_name(where, row[1], set(), problems)
        if row[2][0] not in owners:
            problems.append("%s: no such owner: '%s'" % (where, row[2][0]))
        check_texts(where, row[3:], problems)
        keys.append((int(row[0][0]), number))
    check_order(AADSTS, keys, problems)
    keys = []
    for number, row in rows_of(root, OTHER_EVENTS, 'OTHER_EVENT', problems):
        where = '%s:%d' % (OTHER_EVENTS, number)
        if len(row) != 5 or not row[1][0].isdigit():
            problems.append('%s: not OTHER_EVENT(provider, id, channel, meaning, confidence)' % where)
            continue
        if any(not isinstance(text, str) or not text.strip() for text in [row[0]] + row[2:]):
            problems.append('%s: an empty text' % where)
        elif not set(row[4].split()) <= CONFIDENCE:
            problems.append("%s: no such confidence: '%s'" % (where, row[4]))
        keys.append(((int(row[1][0]), row[0]), number))
    check_order(OTHER_EVENTS, keys, problems)
    return problems


def number_of(text, known):
    """The value of a macro's body: a number, a cast or wrapped number, or BASE + number."""
    text = re.sub(r'/\*.*?\*/|//.*', '', text).strip()
    text = re.sub(r'\b(?:_HRESULT_TYPEDEF_|__MSABI_LONG|_NDIS_ERROR_TYPEDEF_)\b', '', text)
    text = re.sub(r'\(\s*(?:HRESULT|DWORD|NTSTATUS|LONG)\s*\)', '', text)
    while text.startswith('(') and text.endswith(')'):
        text = text[1:-1].strip()
    match = re.fullmatch(r'(?:(\w+)\s*\+\s*)?(0[xX][0-9a-fA-F]+|\d+)[uUlL]*', text)
    if not match:
        return None
    base = known.get(match.group(1)) if match.group(1) else 0
    return None if base is None else (base + int(match.group(2), 0)) & 0xFFFFFFFF


def header_names(path):
    """name -> HRESULT; a Win32 error counts as the HRESULT made of it."""
    known, names = {}, {}
    with open(path, encoding='latin-1') as f:
        text = f.read().replace('\\\n', ' ')
    for name, body in re.findall(r'^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([^\n]+)$', text, re.M):
        value = number_of(body, known)
        if value is None:
            continue
        known[name] = value
        if not value:
            continue  # success, by many names
        if value <= 0xFFFF and not name.startswith('FACILITY'):
            value |= 0x80070000
        if value > 0xFFFF:
            names[name] = value
    # WBEM's errors are an enum there
    for name, body in re.findall(r'^[ \t]*(WBEM_E_\w+)[ \t]*=[ \t]*([^,\n]+)', text, re.M):
        value = number_of(body, known)
        if value is not None:
            names[name] = value
    return names


def stem(name):
    """WinINet and WinHTTP have two or three prefixes for one error."""
    return re.sub(r'^(WININET_E|ERROR_INTERNET|ERROR_WINHTTP|ERROR_HTTP|HTTP_E)_', '', name)


def check_headers(root, folder):
    folders = [folder] if folder else FOLDERS
    home = next((f for f in folders if os.path.isfile(os.path.join(f, 'winerror.h'))), None)
    if not home:
        print('skipped: no winerror.h in %s (package mingw-w64-common)' % ' or '.join(folders))
        sys.exit(lintlib.SKIPPED)
    problems, checked = [], 0
    codes = codes_of(root, problems)
    for header in HEADERS:
        path = os.path.join(home, header)
        names = header_names(path) if os.path.isfile(path) else {}
        values = {}
        for name, value in names.items():
            values.setdefault(value, []).append(name)
        for number, value, name, meaning, source in codes:
            where = '%s:%d' % (CODES, number)
            if name in names:
                checked += 1
                if names[name] != value:
                    problems.append('%s: %s is 0x%08X in %s' % (where, name, names[name], header))
            elif header in source and value in values:
                others = values[value]
                if stem(name or '') not in [stem(other) for other in others] and not any(
                        re.search(r'\b%s\b' % other, meaning) for other in others):
                    problems.append("%s: 0x%08X is '%s' in %s, not '%s'" % (
                        where, value, "', '".join(others), header, name))
    print('%d names compared with %s' % (checked, home))
    if not checked:
        problems.append('%s: not one name in common with the headers' % CODES)
    return problems


def main():
    root = lintlib.root_argument()
    if len(sys.argv) == 2:
        lintlib.finish(check_tables(root))
    if sys.argv[2] != '--headers' or len(sys.argv) > 4:
        sys.exit('usage: check_codes.py ROOT [--headers [FOLDER]]')
    lintlib.finish(check_headers(root, sys.argv[3] if len(sys.argv) == 4 else None))


if __name__ == '__main__':
    main()

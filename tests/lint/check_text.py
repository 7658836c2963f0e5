# SPDX-License-Identifier: MIT
"""Nothing of a real person, tenant or machine in the tree, no unfinished work, no mystery binary.

Values that stand for people and devices must look made up, so that a reader can tell at a glance
and this lint can tell at all. What counts as made up is written beside each rule.
"""
import os
import re
import lintlib

# RFC 2606 names, and the two companies that Microsoft's own documentation invents.
EXAMPLE_DOMAINS = re.compile(
    r'(^|\.)(example|invalid|test|localhost|example\.(com|org|net)|'
    r'(contoso|fabrikam)(\.onmicrosoft)?\.com)$', re.I)
EMAIL = re.compile(r'[A-Za-z0-9][A-Za-z0-9._%+-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})')
TENANT_DOMAIN = re.compile(r'\b([A-Za-z0-9-]+)\.onmicrosoft\.com', re.I)
TENANT_ID = re.compile(r'tenant[^\n]{0,40}?\b([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b', re.I)
SID = re.compile(r'\bS-1-(?:5-21|12-1)((?:-\d+){3,})')
SERIAL = re.compile(r'serial[ _-]?(?:number|no)?["\']?\s*[=:>]\s*["\']?([A-Za-z0-9-]{6,})', re.I)
COMPUTER = re.compile(r'\b(?:DESKTOP|LAPTOP)-([A-Z0-9]{7})\b')
RECOVERY = re.compile(r'\b(\d{6}(?:-\d{6}){7})\b')
TOKEN = re.compile(r'\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{10,}')
USER_FOLDER = re.compile(r'[A-Za-z]:\\+Users\\+([^\\\s"\'<>|]+)')
MACHINE_PATH = re.compile(r'(?<![\w.~$}/-])/(?:wo' r'rk|ho' r'me|ro' r'ot)/[\w.-]+')
UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b')

MADE_UP_WORD = re.compile(r'example|sample|test|dummy|fake|demo|made|0000|1234|abcd', re.I)
MADE_UP_USERS = re.compile(
    r'^(public|default|defaultuser\d*|all users|%|\$|[a-z]*(example|user|test|tech|alice|bob|'
    r'contoso)[a-z0-9.]*$)', re.I)


def made_up_guid(guid):
    """Each block is one hex digit repeated, counts up, or the whole uses few digits."""
    digits = guid.replace('-', '').lower()
    runs = sum(1 for a, b in zip(digits, digits[1:]) if a == b)
    return runs >= 16 or len(set(digits)) <= 4 or '0123456789' in digits


def made_up_sid(tail):
    """Short numbers, few different digits, or digits that count up."""
    for part in tail.strip('-').split('-'):
        if len(part) > 5 and len(set(part)) > 4 and not '1234567890'.startswith(part):
            return False
    return True


def personal(text):
    """Yields what looks like it belongs to somebody."""
    for match in EMAIL.finditer(text):
        if not EXAMPLE_DOMAINS.search(match.group(1)):
            yield "address outside the example domains: '%s'" % match.group(0)
    for match in TENANT_DOMAIN.finditer(text):
        if not EXAMPLE_DOMAINS.search(match.group(0)):
            yield "tenant name: '%s'" % match.group(0)
    for match in TENANT_ID.finditer(text):
        if not made_up_guid(match.group(1)):
            yield "tenant id does not look made up: '%s'" % match.group(1)
    for match in SID.finditer(text):
        if not made_up_sid(match.group(1)):
            yield "SID does not look made up: '%s'" % match.group(0)
    for match in SERIAL.finditer(text):
        value = match.group(1)
        if re.search(r'\d', value) and re.search(r'[A-Z]', value) and not MADE_UP_WORD.search(value):
            yield "serial number does not look made up: '%s'" % value
    for match in COMPUTER.finditer(text):
        name = match.group(1)
        if re.search(r'\d', name) and not MADE_UP_WORD.search(name):
            yield "computer name does not look made up: '%s'" % match.group(0)
    for match in RECOVERY.finditer(text):
        if any(len(set(block)) > 1 for block in match.group(1).split('-')):
            yield 'recovery password'
    for match in TOKEN.finditer(text):
        yield 'access token'
    for match in USER_FOLDER.finditer(text):
        if not MADE_UP_USERS.match(match.group(1)):
            yield "user's folder: '%s'" % match.group(0)


def texts_of(data):
    """The bytes as text, in every way a reader may take them."""
    if data[:2] == b'\xff\xfe':
        return [data.decode('utf-16-le', 'replace')]
    if data[:2] == b'\xfe\xff':
        return [data.decode('utf-16-be', 'replace')]
    if b'\0' not in data:
        return [data.decode('utf-8', 'replace')]
    return [data.decode('utf-16-le', 'replace'), data[1:].decode('utf-16-le', 'replace'),
            data.decode('latin-1')]


def explained(root, path, files):
    """A binary must be named, by file or by folder, in a README on its way to the root."""
    name = os.path.basename(path)
    folder = os.path.dirname(path)
    wanted = [os.path.splitext(name)[0], os.path.basename(folder) + '/']
    while folder:
        readme = folder + '/README.md'
        if readme in files:
            text = lintlib.read_text(root, readme)
            if any(word in text for word in wanted):
                return True
        folder = os.path.dirname(folder)
    return False


def main():
    root = lintlib.root_argument()
    files = lintlib.tracked_files(root)
    known = set(files)
    problems = []
    for path in files:
        data = lintlib.read_bytes(root, path)
        binary = b'\0' in data and data[:2] not in (b'\xff\xfe', b'\xfe\xff')
        found = []
        for text in texts_of(data):
            found += personal(text)
            if not binary:
                found += ["path of one machine: '%s'" % m for m in MACHINE_PATH.findall(text)]
                found += ['unfinished: %s' % m for m in UNFINISHED.findall(text)]
        if binary and not explained(root, path, known):
            found.append('binary that no README.md names (origin, how made, what must happen)')
        problems += ['%s: %s' % (path, problem) for problem in sorted(set(found))]
    lintlib.finish(problems)


if __name__ == '__main__':
    main()

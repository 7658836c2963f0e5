# SPDX-License-Identifier: MIT
"""What the makers of artefacts share: version, time, identifiers, and files that are the same every time."""
import datetime
import hashlib
import os
import re
import sys
import uuid
import zipfile

# Of all identifiers that are made from names: UUIDv5 needs a space of its own.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, 'espdiag.invalid')


def fail(text):
    sys.exit('%s: %s' % (os.path.basename(sys.argv[0]), text))


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def version_of(root):
    """The one place that has it is include/espdiag/version.h."""
    text = read(os.path.join(root, 'include/espdiag/version.h')).decode()
    match = re.search(r'^#define ED_VERSION "([0-9]+\.[0-9]+\.[0-9]+)"', text, re.M)
    if not match:
        fail('no version in include/espdiag/version.h')
    return match.group(1)


def identifier(*parts):
    return uuid.uuid5(NAMESPACE, '\n'.join(parts))


def epoch():
    """SOURCE_DATE_EPOCH: the only time that artefacts know."""
    word = os.environ.get('SOURCE_DATE_EPOCH', '')
    if not word.isdigit():
        fail('SOURCE_DATE_EPOCH is not set to seconds since 1970')
    return datetime.datetime.fromtimestamp(int(word), datetime.timezone.utc)


def sums(members):
    """SHA256SUMS of {name: bytes}, in the form of sha256sum."""
    return ''.join('%s  %s\n' % (sha256(members[name]), name)
                   for name in sorted(members)).encode()


def write_zip(path, members, deflate=True):
    """{name: bytes} as a zip: order, times and rights do not depend on who makes it, or when."""
    at = max(epoch(), datetime.datetime(1980, 1, 1, tzinfo=datetime.timezone.utc))
    new = path + '.new'
    with zipfile.ZipFile(new, 'w') as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, members[name], compresslevel=9)
    os.replace(new, path)

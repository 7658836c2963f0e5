# SPDX-License-Identifier: MIT
"""What the checks of artefacts share."""
import glob
import hashlib
import os
import struct
import subprocess
import sys


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def artefact(folder, pattern):
    found = glob.glob(os.path.join(folder, pattern))
    if len(found) != 1:
        sys.exit('%s: not one %s' % (folder, pattern))
    return found[0]


def finish(problems):
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def run(*command, **options):
    """Output of a command that must succeed."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                            **options)
    text = result.stdout.decode('utf-8', 'replace')
    if result.returncode:
        sys.exit('%s: exit %d\n%s' % (' '.join(command), result.returncode, text))
    return text


def file_version(data):
    """The version that Windows shows of a program: VS_FIXEDFILEINFO, as Intune's rule reads it."""
    at = data.find(struct.pack('<II', 0xFEEF04BD, 0x10000))
    if at < 0:
        return None
    high, low = struct.unpack_from('<II', data, at + 8)
    return (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF)


def sums_problems(members, name='SHA256SUMS'):
    """SHA256SUMS names every other member, once, with its sum."""
    problems, seen = [], set()
    for line in members[name].decode().splitlines():
        digest, _, member = line.partition('  ')
        if member not in members or sha256(members[member]) != digest:
            problems.append('%s: not the sum of %s' % (name, member))
        seen.add(member)
    problems += ['%s: no sum of %s' % (name, member) for member in sorted(set(members) - seen)
                 if member != name]
    return problems

# SPDX-License-Identifier: MIT
"""The libraries whose code is in a program, from the map that its linker wrote."""
import glob
import os
import re
import struct
import artefacts

# lld: address, size, alignment, then a member without its library, or a symbol of it
LLD_PLACE = re.compile(r'[0-9a-f]{8} ([0-9a-f]{8}) +\d+ {9}(\S.*):\([^()]*\)$')
LLD_SYMBOL = re.compile(r'[0-9a-f]{8} [0-9a-f]{8} +0 {17}(\S+)$')
# GNU ld: address, size, then the file and its member
GNU_PLACE = re.compile(r'.* 0x[0-9a-f]{16} +0x([0-9a-f]+) (/.*?)(?:\([^()]*\))?$')


def archive_symbols(path):
    """The (member, symbol) pairs of a library's own index, in the form that GNU and LLVM share."""
    data = artefacts.read(path)
    if data[:24] != b'!<arch>\n/               ':
        artefacts.fail('%s: not a library with an index' % path)
    count = struct.unpack_from('>I', data, 68)[0]
    names = data[72 + 4 * count:68 + int(data[56:66])].split(b'\0')
    long_names = b''
    at = 68 + (int(data[56:66]) + 1 & ~1)
    while data[at:at + 1] == b'/' and data[at:at + 16].rstrip() != b'//' and at < len(data):
        at += 60 + (int(data[at + 48:at + 58]) + 1 & ~1)
    if data[at:at + 2] == b'//':
        long_names = data[at + 60:at + 60 + int(data[at + 48:at + 58])]
    found = set()
    for i in range(count):
        offset = struct.unpack_from('>I', data, 72 + 4 * i)[0]
        name = data[offset:offset + 16].rstrip()
        if re.match(rb'/\d+$', name):
            name = re.split(rb'/?[\n\0]', long_names[int(name[1:]):], 1)[0]
        found.add((name.rstrip(b'/').decode(), names[i].decode()))
    return found


def lld_files(lines, build, candidates):
    """Each member must be of a known library: ours, or a candidate."""
    present, members, member = set(), set(), None
    for line in lines:
        place = LLD_PLACE.match(line)
        symbol = LLD_SYMBOL.match(line)
        if place:
            member = place.group(2) if int(place.group(1), 16) else None
            members.add(member)
        elif symbol and member:
            present.add((member, symbol.group(1)))
    ours = glob.glob(glob.escape(build) + '/*/**/*.a', recursive=True)
    known = {path: archive_symbols(path) for path in ours + candidates}
    members -= {None} | {name for symbols in known.values() for name, _ in symbols}
    strange = [name for name in members if '/' not in name]
    if strange:
        artefacts.fail('%s is linked, but from no known library' % sorted(strange)[0])
    return {path for path in candidates if known[path] & present}


def gnu_files(lines):
    """Sections that were thrown away come before the memory map."""
    kept = lines[lines.index('Linker script and memory map'):]
    places = [GNU_PLACE.match(line) for line in kept]
    return {place.group(2) for place in places if place and int(place.group(1), 16)}


def files(build, candidates):
    """Files from outside the build folder that gave espdiag.exe code or data. lld names none of them,
    only their members: @candidates is where these may come from."""
    path = os.path.join(build, 'espdiag.exe.map')
    lines = artefacts.read(path).decode().splitlines()
    found = lld_files(lines, build, candidates) if lines[0].startswith('Address ') \
        else gnu_files(lines)
    if not found:
        artefacts.fail('%s: names no library' % path)
    return sorted(found)

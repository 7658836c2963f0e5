# SPDX-License-Identifier: MIT
"""A finished program for Windows as bytes: what its headers, tables and resources say."""
import struct

EXPORTS, IMPORTS, RESOURCES, RELOCATIONS, DEBUG, LOAD_CONFIG = 0, 1, 2, 5, 6, 10
OPTIONAL_HEADER_64 = 0x20B
HIGHEST = 1 << 63  # of an import by number
DIR64 = 10  # a relocation of eight bytes
EXECUTABLE, WRITABLE = 0x20000000, 0x80000000


class Image:
    def __init__(self, data):
        self.data = data
        if data[:2] != b'MZ':
            raise ValueError('not a program')
        at = self.u32(0x3C)
        if data[at:at + 4] != b'PE\0\0' or self.u16(at + 24) != OPTIONAL_HEADER_64:
            raise ValueError('not a 64-bit program')
        self.machine, count, self.time = struct.unpack_from('<HHI', data, at + 4)
        self.symbols = self.u32(at + 12)
        self.base = self.u64(at + 48)
        self.subsystem, self.flags = struct.unpack_from('<HH', data, at + 24 + 68)
        self.directories = [struct.unpack_from('<II', data, at + 24 + 112 + 8 * i)
                            for i in range(16)]
        self.sections = []
        at += 24 + self.u16(at + 20)
        for i in range(count):
            name, size, rva, raw_size, raw = struct.unpack_from('<8sIIII', data, at + 40 * i)
            self.sections.append((self.name_of(name), rva, size, raw, raw_size,
                                  self.u32(at + 40 * i + 36)))

    def u16(self, at):
        return struct.unpack_from('<H', self.data, at)[0]

    def u32(self, at):
        return struct.unpack_from('<I', self.data, at)[0]

    def u64(self, at):
        return struct.unpack_from('<Q', self.data, at)[0]

    def text(self, at):
        return self.data[at:self.data.index(b'\0', at)].decode('ascii')

    @staticmethod
    def name_of(name):
        return name.rstrip(b'\0').decode('ascii')

    def section(self, rva):
        for section in self.sections:
            if section[1] <= rva < section[1] + max(section[2], section[4]):
                return section
        raise ValueError('0x%x is in no section' % rva)

    def at(self, rva):
        """Where in the file."""
        _, start, _, raw, raw_size, _ = self.section(rva)
        if rva - start >= raw_size:
            raise ValueError('0x%x is not in the file' % rva)
        return raw + rva - start

    def imports(self):
        """The (dll, function) pairs; by number: the function is '#number'."""
        found = set()
        rva, size = self.directories[IMPORTS]
        at = self.at(rva) if size else None
        while at and self.u32(at + 12):
            dll = self.text(self.at(self.u32(at + 12)))
            entry = self.at(self.u32(at) or self.u32(at + 16))
            while self.u64(entry):
                value = self.u64(entry)
                found.add((dll, '#%d' % (value & 0xFFFF) if value & HIGHEST
                           else self.text(self.at(value) + 2)))
                entry += 8
            at += 20
        return found

    def resources(self):
        """{type: [bytes]}; types and names by number."""
        rva, size = self.directories[RESOURCES]
        found = {}
        if size:
            for kind, at in self.resource_entries(self.at(rva), 0):
                for _, named in self.resource_entries(self.at(rva), at):
                    for _, leaf in self.resource_entries(self.at(rva), named):
                        where = self.at(rva) + leaf
                        start = self.at(self.u32(where))
                        found.setdefault(kind, []).append(
                            self.data[start:start + self.u32(where + 4)])
        return found

    def resource_entries(self, root, table):
        named, numbered = struct.unpack_from('<HH', self.data, root + table + 12)
        for i in range(named + numbered):
            kind, where = struct.unpack_from('<II', self.data, root + table + 16 + 8 * i)
            yield kind, where & 0x7FFFFFFF

    def debug_names(self):
        """What the program says of where its symbols are: a path, if the linker put one there."""
        rva, size = self.directories[DEBUG]
        for i in range(size // 28):
            entry = self.at(rva) + 28 * i
            length, _, where = struct.unpack_from('<III', self.data, entry + 16)
            record = self.data[where:where + length]
            if record[:4] == b'RSDS':
                yield record[24:].rstrip(b'\0')

    def load_config(self):
        """The fields that are asked for here, as numbers; {} when there is none."""
        rva, size = self.directories[LOAD_CONFIG]
        if not size:
            return {}
        at = self.at(rva)
        if self.u32(at) < 148:
            return {}
        return {'dependent_load_flags': self.u16(at + 78), 'cookie': self.u64(at + 88),
                'check': self.u64(at + 112), 'table': self.u64(at + 128),
                'count': self.u64(at + 136), 'guard': self.u32(at + 144)}

    def guarded(self):
        """Addresses of the functions that may be called through pointers, from the image's start."""
        config = self.load_config()
        start = self.at(config['table'] - self.base)
        return [self.u32(start + 4 * i) for i in range(config['count'])]

    def pointers_to_code(self):
        """Of the addresses that Windows corrects on loading, those into code, from the image's start."""
        rva, size = self.directories[RELOCATIONS]
        at, end = self.at(rva), self.at(rva) + size
        while at < end:
            page, length = struct.unpack_from('<II', self.data, at)
            for i in range(8, length, 2):
                word = self.u16(at + i)
                if word >> 12 != DIR64:
                    continue
                target = self.u64(self.at(page + (word & 0xFFF))) - self.base
                # the headers, before all sections, have an address too
                if target >= self.sections[0][1] and self.section(target)[5] & EXECUTABLE:
                    yield target
            at += length

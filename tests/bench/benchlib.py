# SPDX-License-Identifier: MIT
"""What the tables and the gate share: the facts about the made logs, archives, commands that count."""
import os
import re
import subprocess
import zipfile

# Twelve names that the ten ids of bench_make log, parts of System and fields.
FIELDS = ['at', 'event', 'record', 'computer', 'SubjectUserName', 'TargetUserName',
          'TargetDomainName', 'LogonType', 'ProcessName', 'NewProcessName', 'IpAddress', 'Status']


class Made:
    """made.tsv: what bench_make says of each file."""

    def __init__(self, folder):
        self.folder = folder
        self.facts = {}
        self.ids = []
        with open(os.path.join(folder, 'made.tsv'), encoding='utf-8') as table:
            for line in table:
                name, what, value = line.rstrip('\n').split('\t')
                if what == 'id':
                    self.ids.append(value)
                else:
                    self.facts[name, what] = value

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name, what):
        return self.facts[name, what]

    def number(self, name, what):
        return int(self.facts[name, what])

    def within(self, folder):
        """The files of one folder, sorted."""
        return sorted({name for name, _ in self.facts if name.startswith(folder + '/')})

    def window(self, name, which):
        return ['--since', self.text(name, which + '-since'),
                '--until', self.text(name, which + '-until')]


def write_zip(path, members):
    """(name, file) pairs as a zip whose bytes depend on nothing but them and zlib."""
    with zipfile.ZipFile(path, 'w') as archive:
        for name, source in members:
            entry = zipfile.ZipInfo(name, (2026, 3, 9, 8, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with open(source, 'rb') as f:
                archive.writestr(entry, f.read(), compresslevel=6)


def count_output(command, marker):
    """How often @marker occurs in what @command prints, the bytes it printed, its exit code."""
    found = total = 0
    tail = b''
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while True:
            block = process.stdout.read(1 << 20)
            if not block:
                break
            total += len(block)
            # what ends in this block and began in the one before is counted once, here
            found += (tail + block).count(marker)
            tail = block[-(len(marker) - 1):] if len(marker) > 1 else b''
    return found, total, process.returncode


def said_records(command):
    """For bench_read and bench_expat: "N records, ..."."""
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    return int(re.match(r'(\d+) records', said).group(1))

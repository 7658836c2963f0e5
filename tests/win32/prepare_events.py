# SPDX-License-Identifier: MIT
"""Recorded evidence as a folder of channels, for the double of wevtapi.dll.

usage: prepare_events.py ESPDIAG FOLDER PATH...

ESPDIAG is a native espdiag; PATH is whatever `espdiag events` reads. FOLDER gets one file a channel,
"Microsoft-Windows-AAD%4Operational.xml", one event a line, by record number. A log without events
becomes an empty file: the channel is there. The folder events/ of a bundle is such a folder as it is.
"""
import os
import re
import subprocess
import sys

EVENT = re.compile(r'<Event[ >].*?</System>.*?</Event>(?=\s*(?:<Event[ >]|</Events>|$))', re.S)
CHANNEL = re.compile(r'<Channel>([^<]*)</Channel>')
RECORD = re.compile(r'<EventRecordID>(\d+)</EventRecordID>')
TAG = re.compile(r'<[^>]*>')


def one_line(event):
    """Line ends in text as references, in tags as blanks."""
    out, at = [], 0
    for tag in TAG.finditer(event):
        out.append(event[at:tag.start()].replace('\r', '&#13;').replace('\n', '&#10;'))
        out.append(tag.group(0).replace('\r', ' ').replace('\n', ' '))
        at = tag.end()
    out.append(event[at:])
    return ''.join(out)


def channels_of(document):
    """{channel: {(record, head of the event): line}}"""
    channels = {}
    for match in EVENT.finditer(document):
        event = match.group(0)
        system = event[:event.index('</System>')]
        channel, record = CHANNEL.search(system), RECORD.search(system)
        if channel and record:
            lines = channels.setdefault(channel.group(1), {})
            lines.setdefault((int(record.group(1)), system), one_line(event))
    return channels


def file_name(channel):
    return channel.replace('/', '%4') + '.xml'


def named_logs(paths):
    """Names of files that are named as logs are, for those without events."""
    for path in paths:
        for folder, _, names in os.walk(path):
            for name in names:
                stem, kind = os.path.splitext(name)
                if kind.lower() == '.evtx' or (kind == '.xml' and '%4' in stem):
                    yield stem + '.xml'


def prepare(espdiag, folder, paths):
    done = subprocess.run([espdiag, 'events', *paths, '--format', 'xml', '--quiet'], check=False,
                          stdout=subprocess.PIPE)
    if done.returncode not in (0, 3):
        sys.exit('espdiag events ended with %d' % done.returncode)
    channels = channels_of(done.stdout.decode('utf-8'))
    os.makedirs(folder, exist_ok=True)
    for name in named_logs(paths):
        with open(os.path.join(folder, name), 'w', encoding='utf-8'):
            pass
    for channel, lines in channels.items():
        with open(os.path.join(folder, file_name(channel)), 'w', encoding='utf-8',
                  newline='\n') as file:
            for key in sorted(lines):
                file.write(lines[key] + '\n')
    return channels


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    channels = prepare(sys.argv[1], sys.argv[2], sys.argv[3:])
    print('%d channels, %d events' % (len(channels), sum(map(len, channels.values()))))


if __name__ == '__main__':
    main()

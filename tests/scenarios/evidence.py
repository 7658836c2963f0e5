# SPDX-License-Identifier: MIT
"""Evidence as text that can be changed: events, registry export, boot logs and log files of a case."""
import collections
import datetime
import os
import re
import zipfile

NS = 'http://schemas.microsoft.com/win/2004/08/events/event'
AAD = 'Microsoft-Windows-AAD/Operational'
BITLOCKER = 'Microsoft-Windows-BitLocker/BitLocker Management'
MDM = 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider/Admin'
SHELL = 'Microsoft-Windows-Shell-Core/Operational'
STORE = 'Microsoft-Windows-Store/Operational'
KERNEL = 'Microsoft-Windows-Kernel-General'
APPX = 'Microsoft-Windows-AppXDeploymentServer/Operational'
STAMP = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?')
LOG_STAMP = re.compile(r'time="(\d\d:\d\d:\d\d)\.(\d+)([+-]\d+)?" date="(\d+)-(\d+)-(\d+)"')
EPOCH = datetime.datetime(1601, 1, 1)
TICKS = 10000000


# Times: 100 ns ticks since 1601, as the program has them.

def ticks_of(text):
    whole, _, part = text.rstrip('Z').partition('.')
    delta = datetime.datetime.strptime(whole, '%Y-%m-%dT%H:%M:%S') - EPOCH
    return (delta.days * 86400 + delta.seconds) * TICKS + int((part + '0000000')[:7])


def text_of(ticks):
    when = EPOCH + datetime.timedelta(seconds=ticks // TICKS)
    return '%s.%07dZ' % (when.strftime('%Y-%m-%dT%H:%M:%S'), ticks % TICKS)


def shift_text(text, seconds):
    def stamp(m):
        whole = text_of(ticks_of(m.group()) + seconds * TICKS)
        part = m.group().rstrip('Z').partition('.')[2]
        zone = 'Z' if m.group().endswith('Z') else ''
        return whole[:19] + ('.' + whole[20:20 + len(part)] if part else '') + zone

    def line(m):
        when = datetime.datetime.strptime('%s-%s-%s %s' % (m[6], m[4], m[5], m[1]),
                                          '%Y-%m-%d %H:%M:%S') + datetime.timedelta(seconds=seconds)
        return 'time="%s.%s%s" date="%d-%d-%d"' % (when.strftime('%H:%M:%S'), m[2], m[3] or '',
                                                   when.month, when.day, when.year)

    return LOG_STAMP.sub(line, STAMP.sub(stamp, text))


# Evidence: events a channel, and the other files as text or bytes.

class Event:
    PROVIDER = re.compile(r"<Provider Name='([^']*)'")
    ID = re.compile(r'<EventID[^>]*>(\d+)<')
    RECORD = re.compile(r'<EventRecordID>(\d+)<')
    TIME = re.compile(r"SystemTime='([^']*)'")

    def __init__(self, xml):
        self.xml = xml

    provider = property(lambda e: e.PROVIDER.search(e.xml)[1])
    id = property(lambda e: int(e.ID.search(e.xml)[1]))
    record = property(lambda e: int(e.RECORD.search(e.xml)[1]))
    time = property(lambda e: ticks_of(e.TIME.search(e.xml)[1]))

    def with_record(self, record):
        return Event(self.RECORD.sub('<EventRecordID>%d<' % record, self.xml, count=1))

    def field(self, name):
        found = re.search("<Data Name='%s'>([^<]*)<" % re.escape(name), self.xml)
        return found[1] if found else None


def decoded(data):
    if data[:2] == b'\xff\xfe':
        return data[2:].decode('utf-16-le')
    return data.decode('utf-8-sig')


class Evidence:
    def __init__(self):
        self.channels = collections.OrderedDict()
        self.registry = None
        self.texts = {}
        self.bytes = {}

    def copy(self):
        new = Evidence()
        new.channels = collections.OrderedDict((c, list(es)) for c, es in self.channels.items())
        new.registry, new.texts, new.bytes = self.registry, dict(self.texts), dict(self.bytes)
        return new

    @classmethod
    def read(cls, folder):
        new = cls()
        for place, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(place, name)
                with open(path, 'rb') as file:
                    data = file.read()
                inside = os.path.relpath(path, folder)
                if name.endswith('.xml') and 'events' in place:
                    found = re.findall(r'<Event[ >].*?</Event>', decoded(data), re.S)
                    new.channels[name[:-4].replace('%4', '/')] = [Event(x) for x in found]
                elif name.endswith('.reg'):
                    new.registry = decoded(data)
                elif 'MeasuredBoot' in place:
                    new.bytes[inside] = data
                else:
                    new.texts[inside] = decoded(data)
        return new

    def texts_changed(self, change):
        new = self.copy()
        for channel, events in new.channels.items():
            new.channels[channel] = [Event(change(e.xml)) for e in events]
        new.registry = change(self.registry) if self.registry is not None else None
        new.texts = {p: change(t) for p, t in self.texts.items()}
        return new

    def events(self):
        return [(c, e) for c, es in self.channels.items() for e in es]

    def add(self, channel, xml_of_record, when):
        """One more event; record numbers are given anew, in the order of the channel."""
        events = self.channels.setdefault(channel, [])
        first = events[0].record if events else 40
        new = Event(xml_of_record(0))
        place = len([e for e in events if e.time <= when])
        events.insert(place, new)
        self.channels[channel] = [e.with_record(first + i) for i, e in enumerate(events)]


def plain_files(evidence):
    for channel, events in evidence.channels.items():
        body = ''.join(e.xml for e in events)
        yield ('events/%s.xml' % channel.replace('/', '%4'),
               ('<?xml version="1.0" encoding="utf-8"?>\n<Events>%s</Events>' % body).encode())
    if evidence.registry is not None:
        yield 'registry/export.reg', b'\xff\xfe' + evidence.registry.encode('utf-16-le')
    for path, text in evidence.texts.items():
        yield path, text.encode()
    for path, data in evidence.bytes.items():
        yield path, data


def write_folder(files, folder):
    for path, data in files:
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)
    os.makedirs(folder, exist_ok=True)
    return folder


def write_zip(files, folder):
    os.makedirs(folder)
    path = os.path.join(folder, 'evidence.zip')
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as out:
        for name, data in files:
            out.writestr(name, data)
    return path


# The same in other words.

def attributes_turned(xml):
    def turned(m):
        found = re.findall(r"[\w:]+='[^']*'", m[2])
        return '<%s %s%s>' % (m[1], ' '.join(a.replace("'", '"') if '"' not in a else a
                                             for a in reversed(found)), m[3] or '')
    return re.sub(r"<(\w+) ((?:[\w:]+='[^']*' ?)+)(/?)>", turned, xml)


def prefixed(xml):
    xml = re.sub(r'<(/?)(\w)', r'<\1e:\2', xml)
    return xml.replace("xmlns='", "xmlns:e='")


def with_cdata(xml):
    def turned(m):
        text = m[2].replace('&lt;', '<').replace('&gt;', '>').replace('&quot;', '"').replace(
            '&apos;', "'").replace('&amp;', '&')
        return m[0] if '&#' in text or ']]>' in text else '%s<![CDATA[%s]]>%s' % (m[1], text, m[3])
    return re.sub(r"(<Data[^>]*>)([^<]+)(</Data>)", turned, xml)


def rendered(xml):
    info = ("<RenderingInfo Culture='de-DE'><Message>AADSTS53003 client: "
            "268761a2-03f3-40df-8a8b-c3db24145b6b NewState = Completed</Message><Level>Fehler</Level>"
            "<Task/><Opcode/><Channel/><Provider/><Keywords><Keyword>a</Keyword></Keywords>"
            "</RenderingInfo>")
    return xml.replace('</Event>', info + '</Event>')


def spaced(xml):
    # not within Data: blanks are content there
    return re.sub(r'(<(?:System|EventData|EventID|Version|/System|/EventData|/Data|TimeCreated[^>]*/)>)',
                  r'\1\r\n\t', xml)


def short_times(xml):
    return re.sub(r"(SystemTime='[^'.]*)\.(\d{3})0000Z'", r"\1.\2Z'", xml)


def qualified(xml):
    return xml.replace('<EventID>', "<EventID Qualifiers='16384'>")


def no_version(xml):
    return re.sub(r'<Version>\d+</Version>|<Opcode>\d+</Opcode>|<Correlation/>|<Task>\d+</Task>', '', xml)


def no_record(xml):
    return re.sub(r'<EventRecordID>\d+</EventRecordID>', '', xml)


XML_FORMS = [attributes_turned, prefixed, with_cdata, rendered, spaced, short_times, qualified,
             no_version]


def event_file(events, encoding='utf-8', declared=True, root=True):
    body = ''.join(e.xml for e in events)
    head = "<?xml version='1.0' encoding='%s'?>" % encoding if declared else ''
    text = head + ('<Events>%s</Events>' % body if root else body)
    if encoding == 'utf-16':
        return b'\xff\xfe' + text.encode('utf-16-le')
    return (b'\xef\xbb\xbf' if not declared else b'') + text.encode('utf-8')


def rewritten(evidence, form):
    new = evidence.copy()
    for channel, events in new.channels.items():
        new.channels[channel] = [Event(form(e.xml)) for e in events]
    return new


def dump_of(registry):
    """As mdmdiagnosticstool writes it: no header, a blank first, nothing escaped."""
    lines = []
    for line in registry.splitlines()[1:]:
        m = re.match(r'"((?:[^"\\]|\\.)*)"=(.*)$', line)
        if m:
            value = m[2]
            if value.startswith('"'):
                value = '"%s"' % re.sub(r'\\(.)', r'\1', value[1:-1])
            line = ' "%s"=%s' % (re.sub(r'\\(.)', r'\1', m[1]), value.replace('dword:', 'DWORD:'))
        lines.append(line)
    return '\r\n'.join(lines)


def event_xml(channel, provider, number, when, data, user='S-1-5-18', level=4):
    fields = ''.join("<Data Name='%s'>%s</Data>" % d for d in data)
    return lambda record: (
        "<Event xmlns='%s'><System><Provider Name='%s'/><EventID>%d</EventID><Version>0</Version>"
        "<Level>%d</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
        "<TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel>"
        "<Computer>DESKTOP-EXAMPLE1</Computer><Security UserID='%s'/></System><EventData>%s</EventData>"
        "</Event>" % (NS, provider, number, level, text_of(when), record, channel, user, fields))


def denial_fields(code, client, resource, correlation):
    return [('Error', '3399614476'), ('ErrorMessage', 'The operation failed.'),
            ('AdditionalInformation',
             'Code: interaction_required&#13;&#10;Description: AADSTS%d: text.&#13;&#10;'
             'Correlation ID: %s&#13;&#10;Logged at OAuthTokenRequestBase.cpp, line: 510.&#13;&#10;'
             'Request: authority: https://login.example/common, client: %s, '
             'redirect URI: none, resource: %s' % (code, correlation, client, resource))]


def with_jump(evidence, when, seconds):
    """The clock ran @seconds ahead (or behind) until @when, and was set right then."""
    new = evidence.copy()
    for channel, events in new.channels.items():
        new.channels[channel] = [
            Event(Event.TIME.sub(lambda m: "SystemTime='%s'" % text_of(ticks_of(m[1]) + seconds * TICKS), e.xml, count=1))
            if e.time < when else e for e in events]
    events = new.channels['System']
    first = events[0].record
    place = len([e for e in evidence.channels['System'] if e.time < when])
    events.insert(place, Event(event_xml('System', KERNEL, 1, when, [
        ('NewTime', text_of(when)), ('OldTime', text_of(when + seconds * TICKS)), ('Reason', '1')])(0)))
    new.channels['System'] = [e.with_record(first + i) for i, e in enumerate(events)]
    return new

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares evtx_dump with python3-evtx over real logs, record by record and field by field.

usage: compare.py EVTX_DUMP PEER_ERRORS.tsv FOLDER

python3-evtx parses; this script flattens its nodes by the rule of model/event.h and turns its
values into Windows' text, type by type (see text_of: each line says what differs).
Where python3-evtx itself is wrong or gives up, PEER_ERRORS.tsv says so by file and record; a row
that is no longer needed fails the test as well.

Also: for every file, records read + records lost = records present, as the chunk headers count.
"""
import base64
import collections
import datetime
import json
import multiprocessing
import os
import re
import struct
import subprocess
import sys

try:
    import Evtx.BinaryParser as parser
    import Evtx.Evtx as evtx
    import Evtx.Nodes as nodes
except ImportError:
    print("skipped: python3-evtx is not installed")
    sys.exit(77)

CHUNK = 65536
HEADER = 4096
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Moment:
    """A time to the microsecond: python3-evtx takes FILETIME through a float."""

    def __init__(self, when):
        self.when = when

    def __eq__(self, text):
        match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\dZ", text)
        if not match:
            return False
        ours = datetime.datetime.fromisoformat(match[1]).replace(microsecond=int(match[2]))
        return abs(ours - self.when) <= datetime.timedelta(microseconds=2)

    def __repr__(self):
        return "time %s" % self.when


class Real:
    """A number compared as one: the shortest text of a float32 differs from that of a float64."""

    def __init__(self, number, is_single):
        self.number = number
        self.is_single = is_single

    def __eq__(self, text):
        try:
            ours = float(text)
        except ValueError:
            return False
        if self.is_single:
            ours = struct.unpack("<f", struct.pack("<f", ours))[0]
        return ours == self.number

    def __repr__(self):
        return "number %r" % self.number


def clean(text):
    """What XML forbids is U+FFFD with us; python3-evtx keeps it until it writes XML."""
    return FORBIDDEN.sub("\ufffd", text)


def text_of(node):
    """The text of one value node as Windows prints it; None for null."""
    kind = type(node)
    if kind is nodes.NullTypeNode:
        return None
    if kind is nodes.WstringTypeNode:
        return clean(node.string())
    if kind is nodes.StringTypeNode:  # bytes taken as ASCII there, Windows-1252 here
        return clean(node.string())
    if kind is nodes.BooleanTypeNode:  # True, False
        return node.string().lower()
    if kind is nodes.BinaryTypeNode:  # base64
        return base64.b64decode(node.string()).hex().upper()
    if kind is nodes.GuidTypeNode:  # lower case
        return node.string().upper()
    if kind is nodes.SizeTypeNode:  # decimal
        return "0x%x" % int(node.string())
    if kind in (nodes.Hex32TypeNode, nodes.Hex64TypeNode):  # with leading zeros
        return "0x%x" % int(node.string(), 16)
    if kind is nodes.FiletimeTypeNode:
        return Moment(node.filetime())
    if kind is nodes.SystemtimeTypeNode:  # milliseconds taken as microseconds
        when = node.systemtime()
        return Moment(when.replace(microsecond=when.microsecond * 1000))
    if kind is nodes.FloatTypeNode:
        return Real(node.float(), True)
    if kind is nodes.DoubleTypeNode:
        return Real(node.double(), False)
    return node.string()


def strings_of(node):
    """Items of a string array; string() there splits in the middle of characters."""
    raw = bytes(node.binary())
    items = raw.decode("utf-16-le", "surrogatepass").split("\0")
    if items and items[-1] == "":
        items.pop()
    return [clean(item) for item in items]


class Element:
    def __init__(self, name):
        self.name = name.rsplit(":", 1)[-1]
        self.attributes = {}
        self.children = []
        self.parts = []
        self.is_gone = False

    def text(self):
        if len(self.parts) == 1:
            return self.parts[0]
        return "".join(str(part) for part in self.parts)


def add_content(parent, node, subs, chosen):
    """Puts what a node inside @parent stands for there. @chosen: array item for a slot, or None."""
    kind = type(node)
    if kind is nodes.OpenStartElementNode:
        parent.children.extend(elements_of(node, subs, chosen))
    elif kind is nodes.ValueNode:
        parent.parts.append(text_of(node.children()[0]))
    elif kind is nodes.CDataSectionNode:
        parent.parts.append(clean(node.cdata()))
    elif kind is nodes.CharacterReferenceNode:
        parent.parts.append(clean(chr(node.entity())))
    elif kind is nodes.EntityReferenceNode:
        known = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
        parent.parts.append(known.get(node.entity_reference(), node.entity_reference()))
    elif kind in (nodes.NormalSubstitutionNode, nodes.ConditionalSubstitutionNode):
        if chosen and chosen[0] == node.index():
            parent.parts.append(chosen[1])
            return
        sub = subs[node.index()] if node.index() < len(subs) else None
        if sub is None or type(sub) is nodes.NullTypeNode:
            if kind is nodes.ConditionalSubstitutionNode:
                parent.is_gone = True
        elif type(sub) is nodes.BXmlTypeNode:
            if sub._length:
                add_root(parent, sub.root())
        elif type(sub) is nodes.WstringArrayTypeNode:
            parent.parts.append(" ".join(strings_of(sub)))
        else:
            parent.parts.append(text_of(sub))


def array_slot(node, subs):
    for child in node.children():
        if type(child) in (nodes.NormalSubstitutionNode, nodes.ConditionalSubstitutionNode):
            if child.index() < len(subs) and type(subs[child.index()]) is nodes.WstringArrayTypeNode:
                return child.index()
    return None


def element_of(node, subs, chosen):
    element = Element(node.tag_name())
    for child in node.children():
        if type(child) is nodes.AttributeNode:
            holder = Element("")
            add_content(holder, child.attribute_value(), subs, chosen)
            if not holder.is_gone:
                element.attributes[child.attribute_name().string()] = holder.text()
        else:
            add_content(element, child, subs, chosen)
    return element


def elements_of(node, subs, chosen):
    """The elements that one start tag stands for: an array in its content repeats it."""
    slot = array_slot(node, subs)
    if slot is None or (chosen and chosen[0] == slot):
        found = [element_of(node, subs, chosen)]
    else:
        found = [element_of(node, subs, (slot, item)) for item in strings_of(subs[slot])]
    return [element for element in found if not element.is_gone]


def add_root(parent, root):
    subs = root.substitutions()
    for child in root.template().children():
        add_content(parent, child, subs, None)


def leaves(element, is_event_data, out):
    if element.children:
        for child in element.children:
            leaves(child, is_event_data, out)
        return
    name = element.name
    if is_event_data and name == "Data":
        name = element.attributes.get("Name", "")
    out.append((name, element.text()))


def number(text):
    return int(text, 0) if text else 0


def event_of(record):
    """One record of python3-evtx in the form of evtx_dump's lines."""
    document = Element("")
    add_root(document, record.root())
    event = document.children[0]
    system = next(child for child in event.children if child.name == "System")
    head = {}
    for child in system.children:
        head.setdefault(child.name, child)
    fields = []
    for child in event.children:
        if child.name in ("EventData", "UserData"):
            for leaf in child.children:
                leaves(leaf, child.name == "EventData", fields)

    def content(name):
        return head[name].text() if name in head else ""

    def attribute(name, key):
        return head[name].attributes.get(key) if name in head else None

    return {
        "channel": content("Channel"),
        "provider": attribute("Provider", "Name"),
        "id": number(content("EventID")),
        "version": number(content("Version")),
        "level": number(content("Level")),
        "record": number(content("EventRecordID")),
        "time": attribute("TimeCreated", "SystemTime"),
        "user": attribute("Security", "UserID"),
        "computer": content("Computer"),
        "fields": fields,
    }


def differences(theirs, ours):
    for key in theirs:
        if key == "fields":
            continue
        if not (theirs[key] == ours[key]):
            yield "%s: peer %r, ours %r" % (key, theirs[key], ours[key])
    if len(theirs["fields"]) != len(ours["fields"]):
        yield "fields: peer %d, ours %d: peer %r, ours %r" % (
            len(theirs["fields"]), len(ours["fields"]), theirs["fields"], ours["fields"])
        return
    for (name, value), (our_name, our_value) in zip(theirs["fields"], ours["fields"]):
        if name != our_name or not (value == our_value):
            yield "field: peer %r = %r, ours %r = %r" % (name, value, our_name, our_value)


def peer_records(data):
    """(record number, event or what went wrong) for all that python3-evtx finds."""
    for offset in range(HEADER, len(data) - CHUNK + 1, CHUNK):
        chunk = evtx.ChunkHeader(data, offset)
        if not chunk.check_magic():
            continue
        for record in chunk.records():
            try:
                yield record.record_num(), event_of(record)
            except Exception as error:  # whatever it is, the table must name the record
                yield record.record_num(), "%s: %s" % (type(error).__name__, error)


def records_told(data):
    """Records present by the chunk headers; None when a header that must say so is destroyed."""
    total = 0
    for offset in range(HEADER, len(data), CHUNK):
        chunk = data[offset:offset + CHUNK]
        if not any(chunk):
            continue
        if chunk[:8] != b"ElfChnk\0":
            return None
        first, last = struct.unpack_from("<QQ", chunk, 8)
        total += (last - first + 1) & 0xFFFFFFFFFFFFFFFF
    return total


def compare_file(job):
    dump, path, name, excused = job
    problems = []
    used = set()
    lines = subprocess.run([dump, path], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    ours = [json.loads(line) for line in lines]
    gaps = [line for line in ours if "gap" in line]
    ours = [line for line in ours if "gap" not in line]
    by_number = collections.defaultdict(list)
    for line in ours:
        by_number[line["record"]].append(line)
    with open(path, "rb") as file:
        data = file.read()

    def problem(kind, record, text):
        for row in excused:
            if row["kind"] == kind and row["first"] <= record <= row["last"] and \
                    row["text"] in text:
                used.add(row["line"])
                return
        problems.append("%s: record %d: %s: %s" % (name, record, kind, text))

    compared = 0
    given_up = []
    for record, theirs in peer_records(data):
        # an exported log numbers its records anew, but the events keep their EventRecordID
        if isinstance(theirs, str):
            given_up.append((record, theirs))
            continue
        mine = by_number[theirs["record"]]
        if not mine:
            problem("ours-lacks", record, "not read")
            continue
        compared += 1
        for text in differences(theirs, mine.pop(0)):
            problem("differs", record, text)
    for record, why in given_up:
        problem("peer-fails", record, why)
        if by_number[record]:
            by_number[record].pop(0)
        else:
            problem("ours-lacks", record, "not read")
    for record, rest in by_number.items():
        for _ in rest:
            problem("peer-lacks", record, "only ours")

    told = records_told(data)
    lost = sum(gap["lost"] for gap in gaps) if all(
        gap["lost"] is not None for gap in gaps) else None
    if told is None or lost is None:
        problem("count", 0, "read %d, lost %s, present %s" % (len(ours), lost, told))
    elif len(ours) + lost != told:
        problems.append("%s: read %d + lost %d is not present %d" % (name, len(ours), lost, told))
    stale = [row for row in excused if row["line"] not in used]
    problems += ["%s: row %d is not needed" % (name, row["line"]) for row in stale]
    return name, compared, len(ours), gaps, problems


def read_table(path):
    table = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for i, line in enumerate(file, 1):
            if line.startswith("#") or not line.strip():
                continue
            name, kind, records, text, _why = line.rstrip("\n").split("\t")
            first, _, last = records.partition("-")
            table[name].append({"line": i, "kind": kind, "first": int(first),
                                "last": int(last or first), "text": text})
    return table


def main():
    if len(sys.argv) != 4:
        print(__doc__)
        return 2
    dump, table_path, folder = sys.argv[1:]
    if not os.path.isdir(folder):
        print("skipped: no folder with real event logs (ED_SHARED)")
        return 77
    # ANSI strings hold more than ASCII; without this python3-evtx refuses the record.
    parser.Block.unpack_string = lambda self, offset, length: bytes(
        self._buf[self._offset + offset:self._offset + offset + length]).decode(
            "cp1252", "replace")
    table = read_table(table_path)
    jobs = []
    for where, _, files in sorted(os.walk(folder)):
        for file in sorted(files):
            if file.endswith(".evtx"):
                path = os.path.join(where, file)
                name = os.path.relpath(path, folder)
                jobs.append((dump, path, name, table.pop(name, [])))
    failed = ["%s: in the table but not there" % name for name in table]
    jobs.sort(key=lambda job: -os.path.getsize(job[1]))
    total = read = 0
    with multiprocessing.Pool(2) as pool:
        for name, compared, ours, gaps, problems in pool.imap_unordered(compare_file, jobs):
            print("%s: %d records, %d compared%s" % (name, ours, compared, "".join(
                "; lost %s, %s" % (gap["lost"], gap["why"]) for gap in gaps)), flush=True)
            failed += problems
            total += compared
            read += ours
    print("%d files, %d records read, %d compared field by field, %d problems" %
          (len(jobs), read, total, len(failed)))
    for text in failed[:200]:
        print(text)
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds relations between the verdicts of evidence and of the same evidence, changed.

usage: relations.py --espdiag PROGRAM --scenario PROGRAM [--relation NAME...] [--long]
                    CASE...

No relation needs to know the right verdict of a case: what changes nothing must change nothing, what
takes evidence away must not make anything surer, and what happened later must not be known earlier.
The variants of a case are cases of their own. Without --long each relation is tried on a share of
the cases, the same ones each time.
"""
import argparse
import concurrent.futures
import copy
import json
import random
import re
import sys
import tempfile
import zlib

from evidence import (
    AAD, APPX, BITLOCKER, LOG_STAMP, MDM, SHELL, STORE, TICKS, XML_FORMS, denial_fields, dump_of, event_file, event_xml,
    no_record, plain_files, rewritten, shift_text, text_of, ticks_of, write_zip, write_folder)
from relations_later import denials_changed, jumped, later, layers, slower
from verdictlib import ESSENCE, FACTS, Job, Runner, difference, has_jump, ids, same, skeleton

JOBS = 2
SEED = 20261123
CERTAINTY = {'possible': 0, 'likely': 1, 'confirmed': 2}


# Relations. Each yields what was changed, the evidence to analyse, and what tells the problems of the verdicts.

SHIFTS = {  # seconds from 2026-09-14T08:00 to a time worth trying
    'leap day': ticks_of('2028-02-29T23:50:00Z'), 'year end': ticks_of('2026-12-31T23:40:00Z'),
    'summer time ends': ticks_of('2026-10-25T00:50:00Z'), 'month end': ticks_of('2027-02-28T23:45:00Z'),
    'summer time begins': ticks_of('2027-03-28T00:40:00Z'), 'epoch of Unix': ticks_of('1969-12-31T23:30:00Z'),
}


def shifted(runner, case, rng):
    name, evidence, at = case
    for label, target in SHIFTS.items():
        seconds = (target - ticks_of('2026-09-14T08:00:00Z')) // TICKS
        changed = evidence.texts_changed(lambda t: shift_text(t, seconds))
        yield (label, *same(runner, case, changed, shift_text(at, seconds)))


def forms(runner, case, rng):
    name, evidence, at = case

    def held(files, write=write_folder):
        return same(runner, case, files, write=write)

    files = list(plain_files(evidence))
    yield ('zip', *held(files, write_zip))
    turned = [('%s/%s/%s' % (chr(97 + i), 'x' * (i % 3 + 1), 'f%d.bin' % i), data)
              for i, (_, data) in enumerate(rng.sample(files, len(files)))
              if data or True]
    if all(es for es in evidence.channels.values()):  # an empty file has only its name
        yield ('other names and folders', *held(turned))
    yield ('deep', *held([('a/b/c/d/e/f/' + p, d) for p, d in files]))
    for form in XML_FORMS:
        yield (form.__name__, *held(plain_files(rewritten(evidence, form))))
    if not has_jump(evidence):
        yield ('no_record', *same(runner, case, rewritten(evidence, no_record), parts=ESSENCE + ('actions', *FACTS)))
    for label, options in (('utf-16', {'encoding': 'utf-16'}), ('no declaration', {'declared': False}),
                           ('no root', {'declared': False, 'root': False})):
        if options.get('root', True) or all(evidence.channels.values()):  # of an empty one nothing is left
            yield (label, *held([f for f in files if not f[0].startswith('events/')] + [
                ('events/%s.xml' % c.replace('/', '%4'), event_file(es, **options))
                for c, es in evidence.channels.items()]))
    rest = [f for f in files if not f[0].startswith('events/')]
    channels = evidence.channels
    yield ('newest first', *held(rest + [
        ('events/%s.xml' % c.replace('/', '%4'), event_file(es[::-1])) for c, es in channels.items()]))
    yield ('shuffled', *held(rest + [
        ('events/%s.xml' % c.replace('/', '%4'), event_file(rng.sample(es, len(es))))
        for c, es in channels.items()]))
    if all(channels.values()):
        yield ('one file for all', *held(rest + [
            ('all.xml', event_file([e for _, e in evidence.events()]))]))
    yield ('twice', *held(files + [('copy/' + p, d) for p, d in files]))
    yield ('half twice', *held(files + [
        ('half/%s.xml' % c.replace('/', '%4'), event_file(es[len(es) // 2:]))
        for c, es in channels.items() if es]))
    yield ('in two parts', *held(rest + [
        ('part%d/%s.xml' % (i, c.replace('/', '%4')), event_file(part))
        for c, es in channels.items()
        for i, part in enumerate([es[:len(es) // 2 + 1], es[len(es) // 2:]])]))
    if evidence.registry:
        events = [f for f in files if not f[0].startswith('registry/')]
        for label, text in (('headerless dump', dump_of(evidence.registry)), ):
            yield (label, *held(events + [('MdmDiagReport_RegistryDump.reg', text.encode())]))
        yield ('registry in utf-8', *held(events + [('x.reg', evidence.registry.encode())]))
        keys = re.split(r'(?=\r\n\[)', evidence.registry)
        mixed = keys[0] + ''.join(rng.sample(keys[1:], len(keys) - 1))
        yield ('registry keys shuffled', *held(events + [('x.reg', mixed.encode())]))
        yield ('registry a key a file', *held(events + [
            ('reg/%d.reg' % i, (keys[0] + k).encode()) for i, k in enumerate(keys[1:])]))


def noise_rows(rng, when):
    """(name, channel, event): nothing of which has to do with a Store app."""
    guid = '%08x-0000-4000-8000-%012x' % (rng.getrandbits(32), rng.getrandbits(48))
    bl, aad = 'Microsoft-Windows-BitLocker-API', 'Microsoft-Windows-AAD'
    mdm = 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider'
    appx = 'Microsoft-Windows-AppXDeployment-Server'

    def volume(mount, *more):
        return [('IdentificationGUID', '{%s}' % guid), ('VolumeName', '\\\\?\\Volume{%s}\\' % guid),
                ('VolumeMountPoint', mount), *more]

    yield 'unknown provider', 'System', event_xml('System', 'Contoso-Thing', 12, when, [('a', '1')])
    yield 'unknown id', STORE, event_xml(STORE, 'Microsoft-Windows-Install-Agent', 2999, when, [])
    yield 'unknown id of AAD', AAD, event_xml(AAD, aad, 1999, when, denial_fields(
        53000, '268761a2-03f3-40df-8a8b-c3db24145b6b', 'x', guid))
    yield 'other channel', 'Contoso/Operational', event_xml(
        'Contoso/Operational', aad, 7, when, [('a', 'AADSTS53000')])
    yield 'licence manager', STORE, event_xml(STORE, 'Microsoft-Windows-Store', 8002, when, [
        ('Message', 'NewState = Working ProductId = 9NBLGGGZM6WM HResult = 5'), ('Function', 'x')])
    yield 'other client denied', AAD, event_xml(AAD, aad, 1098, when, denial_fields(
        53000, '26a7ee05-5602-4d76-a7ba-eae8b7b67941', '00000003-0000-0000-c000-000000000000', guid),
        level=2)
    yield 'other client denied otherwise', AAD, event_xml(AAD, aad, 1098, when, denial_fields(
        53003, '1b3c667f-cde3-4090-b60b-3d2abd0117f0', '00000003-0000-0000-c000-000000000000', guid),
        level=2)
    yield 'cache news', AAD, event_xml(AAD, aad, 1097, when, [
        ('Error', '2326069467'), ('ErrorMessage', 'x'), ('AdditionalInformation', 'Logged at x.cpp')])
    for mount in ('D:', 'E:\\'):
        for number, more in ((768, [('AlgorithmType', '0x8004')]), (769, [('AlgorithmType', '0x8004')]),
                             (770, []), (773, []), (774, []), (778, []), (846, [('ErrorCode', '-2147023436')]),
                             (775, [('ProtectorGUID', '{%s}' % guid), ('ProtectorType', '0x1')]),
                             (776, [('ProtectorGUID', '{%s}' % guid), ('ProtectorType', '0x1')]),
                             (845, [('ProtectorGUID', '{%s}' % guid)])):
            yield 'BitLocker %d of %s' % (number, mount), BITLOCKER, event_xml(
                BITLOCKER, bl, number, when, volume(mount, *more))
    yield 'driver on D:', 'System', event_xml('System', 'Microsoft-Windows-BitLocker-Driver', 24667, when, [
        ('ErrorCode', '0x0'), ('Volume', 'D:'), ('WritePhase', '')])
    yield 'not encrypted D:', MDM, event_xml(MDM, mdm, 2752, when, [('Message1', 'D:'), ('HRESULT', '0x0')])
    yield 'DMA noise', BITLOCKER, event_xml(BITLOCKER, bl, 4122, when, [('LocalizedText', 'x')])
    yield 'Secure Boot noise', BITLOCKER, event_xml(BITLOCKER, bl, 810, when, [])
    yield 'recovery protector', BITLOCKER, event_xml(BITLOCKER, bl, 776, when, volume(
        'C:', ('ProtectorGUID', '{%s}' % guid), ('ProtectorType', '0x3')))
    yield 'fake policy', MDM, event_xml(MDM, mdm, 404, when, [
        ('Message1', guid), ('Message2', 'x'), ('Message3', 'ADMXInstall'), ('InternalCmdType', '1'),
        ('Message5', './Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/Receiver/Properties/Policy/'
         'FakePolicy/Version'), ('HexInt1', '0x80070002')], level=2)
    yield 'policy set', MDM, event_xml(MDM, mdm, 813, when, [
        ('Message1', 'AllowCamera'), ('Message2', 'Camera'), ('Message3', guid), ('Message4', 'device'),
        ('HexInt1', '0x1'), ('HexInt2', '0x6'), ('HexInt3', '0x0')])
    yield 'another package failed', APPX, event_xml(APPX, appx, 404, when, [
        ('SummaryError', ''), ('PackageFullName', 'Contoso.Thing_1.0.0.0_x64__8wekyb3d8bbwe'),
        ('ErrorCode', '0x80073d02'), ('CallingProcess', 'C:\\Windows\\explorer.exe')], level=2)
    yield 'another package came', APPX, event_xml(APPX, appx, 400, when, [
        ('DeploymentOperation', '6'), ('PackageFullName', 'Contoso.Thing_1.0.0.0_x64__8wekyb3d8bbwe'),
        ('CallingProcess', 'C:\\Windows\\explorer.exe')])
    yield 'logon packages', 'Microsoft-Windows-AppXDeployment/Operational', event_xml(
        'Microsoft-Windows-AppXDeployment/Operational', 'Microsoft-Windows-AppXDeployment', 328, when, [
            ('ErrorCode', '0x80070539')])
    yield 'small clock correction', 'System', event_xml(
        'System', 'Microsoft-Windows-Kernel-General', 1, when, [
            ('NewTime', text_of(when)), ('OldTime', text_of(when - 500 * 10000)), ('Reason', '1')])
    yield 'boot manager entry', 'System', event_xml('System', 'Microsoft-Windows-Kernel-Boot', 32, when, [
        ('BitlockerUserInputTime', '0')])
    yield 'noise of Autopilot', 'Microsoft-Windows-ModernDeployment-Diagnostics-Provider/Autopilot', event_xml(
        'Microsoft-Windows-ModernDeployment-Diagnostics-Provider/Autopilot',
        'Microsoft-Windows-ModernDeployment-Diagnostics-Provider', 100, when, [('Message1', 'x')], level=3)
    yield 'web app of the start', SHELL, event_xml(SHELL, 'Microsoft-Windows-Shell-Core', 62404, when, [
        ('CXID', 'OobeWelcome')])
    yield 'plug-in call', AAD, event_xml(AAD, aad, 1104, when, [('API', 'x'), ('Result', '0xc0000001')], level=2)
    yield 'Hello snapshot', 'Microsoft-Windows-User Device Registration/Admin', event_xml(
        'Microsoft-Windows-User Device Registration/Admin', 'Microsoft-Windows-User Device Registration',
        360, when, [('Message', 'x')], level=3)
    yield 'another cleaned report', 'Application', event_xml('Application', 'Windows Error Reporting', 1001, when, [
        ('EventName', 'APPCRASH'), ('P1', 'x.exe')])


def free_times(evidence, at, rng, count):
    """Times within the story that do not stand between two records of a channel that are one."""
    times = sorted(e.time for _, e in evidence.events() if e.time < ticks_of(at))
    if len(times) < 2:
        return []
    return [rng.randrange(times[0] + 1, max(times[-1], times[0] + 2)) for _ in range(count)]


def noise(runner, case, rng):
    name, evidence, at = case
    if has_jump(evidence):
        return
    for when in free_times(evidence, at, rng, 1 if not runner.long else 3):
        for label, channel, xml in noise_rows(rng, when):
            if channel not in evidence.channels and channel in (AAD, STORE, BITLOCKER, 'System', MDM, SHELL, APPX):
                continue  # it would make a source of what is none
            if not evidence.channels.get(channel, True):
                continue
            changed = evidence.copy()
            changed.add(channel, xml, when)
            yield ('%s at %s' % (label, text_of(when)), *same(runner, case, changed, parts=ESSENCE + ('actions', *FACTS)))


def taken_away(evidence):
    for channel in evidence.channels:
        new = evidence.copy()
        del new.channels[channel]
        yield channel, new
    if evidence.registry is not None:
        new = evidence.copy()
        new.registry = None
        yield 'registry', new
    if evidence.bytes:
        new = evidence.copy()
        new.bytes = {}
        yield 'boot logs', new
    for path in evidence.texts:
        new = evidence.copy()
        del new.texts[path]
        yield path, new


WANTED = (AAD, STORE, BITLOCKER, 'System', MDM, SHELL, APPX, 'registry')


# Another primary that nothing less would tell: (relation, case) and why that is right.
KNOWN = {
    ('less', 'another-deployment/by-the-store'): 'without the page\'s list any package may be waited for',
    ('less', 'clock-years-behind/then-well'): 'only the log that is gone told of the failures',
    ('less', 'enrolled-anew/came'): 'what tells one enrolment from the next is gone',
    ('rolled', 'enrolled-anew/came'): 'what tells one enrolment from the next is gone',
    ('holes', 'enrolled-anew/came'): 'what tells one enrolment from the next is gone',
    ('less', 'enrolled-anew/linked'): 'the boot log that contradicts is gone',
    ('less', 'enrolment-denied/with-the-refusal'): 'the refusal is logged by itself',
    ('less', 'store-unreachable/then-listed'): 'the list that shows the app is gone',
    ('less', 'suspended/resumed'): 'the start is no longer known to have measured it, or 2900 says that it is off',
    ('less', 'suspended/resumed-unmeasured'): '2900 says that it is off',
    ('less', 'timeout-with-a-cause/other-cause'): 'the cause is gone, the symptom stays',
    ('less', 'two-products/one-came'): 'which app was refused is gone',
    ('less', 'two-products/one-came-later'): 'which app was refused is gone',
    ('holes', 'two-products/one-came'): 'which app came is gone',
    ('holes', 'two-products/one-came-later'): 'which app was refused is gone',
    ('less', 'two-products/both-listed'): 'the list that shows the apps is gone',
    ('less', 'live-encrypting/no-check-in'): 'the logs tell another story than the device did',
    ('less', 'live-encrypting/finished'): 'the logs tell another story than the device did',
}
CAME = {('microsoft-windows-install-agent', 2006), ('microsoft-windows-appxdeployment-server', 400)}


def proves_health(verdict):
    refs = {e['ref']: ((e['provider'] or '').lower(), e['event']) for e in verdict['evidence']}
    cited = {refs[r] for c in verdict['chain'] for r in c['evidence']}
    return verdict['esp']['phase'] == 'done' or cited & CAME


def weaker(relation, name, before, after):
    """With less evidence nothing is surer, and what was not seen before is not confirmed."""
    out = []
    if after['outcome'] == 'healthy' and before['outcome'] != 'healthy' and not proves_health(after):
        out.append('%s became healthy' % before['outcome'])
    if after['primary'] and after['primary'] == before['primary'] and \
            CERTAINTY[after['certainty']] > CERTAINTY[before['certainty']]:
        out.append('%s became %s' % (before['certainty'], after['certainty']))
    if after['primary'] not in ids(before, 'findings') + [None] and after['certainty'] == 'confirmed' and \
            (relation, name) not in KNOWN:
        out.append('%s (%s) became %s (confirmed)' % (before['primary'], before['certainty'], after['primary']))
    return out


def less(runner, case, rng):
    name, evidence, at = case
    before = runner.base(case)

    def told(label):
        def check(after):
            rows = {c['source']: c['state'] for c in after['coverage']}
            return weaker('less', name, before, after) + (['coverage says %s of it' % rows.get(label)] if label in WANTED and
                                            rows.get(label) != 'absent' else [])
        return check

    for label, changed in taken_away(evidence):
        yield 'without ' + label, [Job(changed, at)], told(label)
        for other, both in taken_away(changed) if runner.long else ():
            if other > label:
                yield 'without %s and %s' % (label, other), [Job(both, at)], lambda after: weaker('less', name, before, after)


def rolled(runner, case, rng):
    """The oldest records of one channel are gone."""
    name, evidence, at = case
    before = runner.base(case)
    for channel, events in evidence.channels.items():
        cuts = range(1, len(events)) if runner.long else [len(events) // 2]
        for cut in cuts:
            if not 0 < cut < len(events):
                continue
            changed = evidence.copy()
            changed.channels[channel] = events[cut:]
            yield ('%s from record %d on' % (channel, events[cut].record), [Job(changed, at)],
                   lambda after: weaker('rolled', name, before, after))


def holes(runner, case, rng):
    """One record is damaged: a gap in a channel."""
    name, evidence, at = case
    before = runner.base(case)
    for channel, events in evidence.channels.items():
        picks = range(len(events)) if runner.long or channel == BITLOCKER else (
            [rng.randrange(len(events))] if events else [])
        for i in picks:
            damaged = event_file(events).replace(events[i].xml.encode(), events[i].xml[:200].encode())
            files = [f for f in plain_files(evidence) if f[0] != 'events/%s.xml' % channel.replace('/', '%4')]
            files.append(('events/%s.xml' % channel.replace('/', '%4'), damaged))
            yield ('%s without record %d (%s/%d)' % (channel, events[i].record, events[i].provider, events[i].id),
                   [Job(files, at)], lambda after: weaker('holes', name, before, after))


def boot_logs_until(evidence, at):
    """The logs of the starts up to @at."""
    later = sum(1 for e in evidence.channels.get('System', ())
                if e.id == 12 and e.provider.endswith('Kernel-General') and e.time > at)
    names = sorted(evidence.bytes)
    return {n: evidence.bytes[n] for n in names[:len(names) - later]} if later else dict(evidence.bytes)


def log_lines_until(text, at):
    def keep(line):
        m = LOG_STAMP.search(line)
        if not m or not m[3]:  # local time of an unknown zone
            return True
        when = ticks_of('%s-%02d-%02dT%sZ' % (m[6], int(m[4]), int(m[5]), m[1]))
        return when + int(m[3] or '0') * 60 * TICKS <= at
    return ''.join(x for x in text.splitlines(True) if keep(x))


def nameless(skeleton):
    """What an app is called is no event: names serve from later lines, too."""
    for app in skeleton['esp']['apps']:
        app['name'] = re.sub(r'.*\((.*)\)$', r'\1', app['name'])
    return skeleton


def earlier(runner, case, rng):
    name, evidence, at = case

    def alike(cut, whole):
        return difference(nameless(skeleton(cut)), nameless(skeleton(whole)))

    if has_jump(evidence):
        return
    end = ticks_of(at)
    times = sorted({e.time for _, e in evidence.events() if e.time < end})
    for when in times if runner.long else rng.sample(times, min(2, len(times))):
        when = when // TICKS * TICKS + TICKS
        cut = evidence.copy()
        for channel, events in evidence.channels.items():
            cut.channels[channel] = [e for e in events if e.time <= when]
        cut.bytes = boot_logs_until(evidence, when)
        cut.texts = {p: log_lines_until(t, when) if 'log' in p else t for p, t in cut.texts.items()}
        stamp = text_of(when)
        yield stamp, [Job(cut, stamp), Job(evidence, stamp)], alike
    newest = max([e.time for _, e in evidence.events()], default=0)
    if newest and newest <= end:
        yield 'no --at', [Job(evidence, text_of(newest)), Job(evidence, None)], alike


def renamed(runner, case, rng):
    name, evidence, at = case
    keep = {'268761a2-03f3-40df-8a8b-c3db24145b6b', '45a330b1-b1ec-4cc1-9161-9f03992aa49f',
            'd4ebce55-015a-49b5-a083-c84d1797ae8c', '0000000a-0000-0000-c000-000000000000'}
    guid = re.compile('[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')

    def neutral(s):
        return json.loads(re.sub(r'\b9[A-Za-z0-9]{11}\b', '<product>', re.sub('S-1-12-1-[0-9-]+', '<user>', guid.sub(
            '<guid>', json.dumps(s)))))

    def users(text):
        return re.sub('S-1-12-1-[0-9-]+', lambda m: 'S-1-12-1-1111111111-2222222222-3333333333-%d' % zlib.crc32(m[0].encode()), text)

    def products(text):
        for old, new in (('9WZDNCRFJ3PZ', '9PM860492SZD'), ('9NBLGGGZM6WM', '9MZ95KL8MR0L')):
            text = text.replace(old, new)
        return text

    def product_case(text):
        return text.replace('9WZDNCRFJ3PZ', '9wzdncrfj3pz')

    def upper(text):
        return guid.sub(lambda m: m[0].upper(), text)

    def lower(text):
        return guid.sub(lambda m: m[0].lower(), text)

    def other_guids(text):
        return guid.sub(lambda m: m[0] if m[0].lower() in keep else
                        '%08x%s' % (zlib.crc32(m[0].lower().encode()), m[0][8:]), text)

    def computer(text):
        return text.replace('DESKTOP-EXAMPLE1', 'KIOSK-7')

    def hex_codes(text):
        """Signed numbers as hex."""
        return re.sub(r"(<Data Name='(?:Error ?Code|Result|HResult|HRESULT|Error)'>)(-?\d{5,})<",
                      lambda m: '%s0x%08x<' % (m[1], int(m[2]) & 0xFFFFFFFF), text)

    def decimals(text):
        return re.sub(r"(<Data Name='(?:Error ?Code|HexInt\d|HRESULT|ProtectorType|AlgorithmType)'>)0x([0-9a-fA-F]+)<",
                      lambda m: '%s%d<' % (m[1], int(m[2], 16)), text)

    def field_names(text):
        return re.sub(r"<Data Name='([^']*)'>", lambda m: "<Data Name='%s'>" % m[1].replace(' ', '').lower(), text)

    def mounts(text):
        return text.replace("<Data Name='VolumeMountPoint'>C:<", "<Data Name='VolumeMountPoint'>C:\\<")

    def providers(text):
        return re.sub(r"Provider Name='([^']*)'", lambda m: "Provider Name='%s'" % m[1].upper(), text)

    for change in (users, products, product_case, upper, lower, other_guids, computer, hex_codes, decimals, field_names,
                   mounts, providers):
        changed = evidence.texts_changed(change)
        yield (change.__name__, *same(runner, case, changed, neutral=neutral))


# By how much the short run is thinned out.
SHARES = {'shifted': 9, 'forms': 16, 'noise': 18, 'less': 4, 'rolled': 3, 'holes': 2, 'earlier': 3, 'renamed': 8, 'later': 4,
          'denials': 6, 'slower': 4, 'jumped': 3, 'layers': 8}
RELATIONS = {'shifted': shifted, 'forms': forms, 'noise': noise, 'less': less, 'rolled': rolled,
             'holes': holes, 'earlier': earlier, 'renamed': renamed,
             'later': later, 'denials': denials_changed, 'slower': slower,
             'jumped': jumped, 'layers': layers}


def tried(runner, name, case):
    rng = random.Random('%d %s %s' % (SEED, name, case[0]))
    changes = list(RELATIONS[name](runner, case, rng))
    verdicts = iter(runner.verdicts([job for _, jobs, _ in changes for job in jobs]))
    found = []
    for label, jobs, check in changes:
        found += ['%s, %s, %s: %s' % (name, case[0], label, p) for p in check(*[next(verdicts) for _ in jobs])]
    return len(changes), found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--espdiag', required=True)
    parser.add_argument('--scenario', required=True)
    parser.add_argument('--relation', action='append', choices=list(RELATIONS))
    parser.add_argument('--long', action='store_true')
    parser.add_argument('case', nargs='+')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='espdiag-relations-') as folder:
        runner = Runner(args, folder)
        bases = {}
        runner.base = lambda case: copy.deepcopy(bases[case[0]])
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            cases = [c for found in pool.map(lambda p: list(runner.cases(p)), args.case) for c in found]
            bases.update(zip([c[0] for c in cases], runner.verdicts([Job(c[1], c[2]) for c in cases])))
            failed = 0
            for name in args.relation or RELATIONS:
                count = 0
                chosen = [c for c in cases if args.long or not zlib.crc32((name + c[0]).encode()) % SHARES[name]]
                for done, found in pool.map(lambda c: tried(runner, name, c), chosen):
                    count += done
                    failed += bool(found)
                    for line in found:
                        print(line)
                print('%s: %d changes of %d cases' % (name, count, len(chosen)), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

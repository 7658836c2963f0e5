# SPDX-License-Identifier: MIT
"""Relations about what comes later, other codes, other clocks and further witnesses of the same."""
import re
import zlib

from evidence import (
    AAD, APPX, BITLOCKER, KERNEL, MDM, STAMP, STORE, TICKS, event_xml, denial_fields, text_of, ticks_of, with_jump)
from verdictlib import ESSENCE, Job, difference, has_jump, ids, same, skeleton

# What comes later, and what must become of the verdict by the rules of the findings.

COMPLIANCE = {'bitlocker-restart-pending', 'bitlocker-not-armed', 'bitlocker-encrypting', 'bitlocker-not-enabled',
              'bitlocker-escrow-failed', 'bitlocker-method-mismatch', 'attestation-unavailable',
              'compliance-pending', 'compliance-other'}
STORE_CAUSES = {'store-network', 'store-license', 'appx-deployment', 'store-conditional-access'}
VOLUME = [('IdentificationGUID', '{6a1b2c3d-0000-4000-8000-00000000000c}'),
          ('VolumeName', '\\\\?\\Volume{6a1b2c3d-0000-4000-8000-00000000000c}\\'), ('VolumeMountPoint', 'C:')]


class Story:
    """Evidence that goes on: each step is logged some seconds after the one before."""

    def __init__(self, case):
        self.name, evidence, at = case
        self.evidence = evidence.copy()
        self.now = max([ticks_of(at)] + [e.time for _, e in evidence.events()]) + 20 * TICKS

    def log(self, channel, provider, number, data, after=1, **kwargs):
        self.now += after * TICKS
        self.evidence.add(channel, event_xml(channel, provider, number, self.now, data, **kwargs), self.now)
        return self

    def bitlocker(self, number, *data, **kwargs):
        return self.log(BITLOCKER, 'Microsoft-Windows-BitLocker-API', number, VOLUME + list(data), **kwargs)

    def came(self, product):
        message = '%s :: ProductId = %s  HResult = 0'
        for text in ('StateTransition :: ProductId = %s  PreviousState = Pending  NewState = Working  HResult = 0'
                     % product, message % ('FulfillmentComplete', product)):
            self.log(STORE, 'Microsoft-Windows-Install-Agent', 2006, [
                ('Message', text), ('Function', 'x'), ('Error Code', '0'), ('Source', 'x'), ('Line Number', '1'),
                ('CorrelationVector', 'x.1'), ('ProductId', product)], after=20)
        return self

    def denied(self, code=53000, **kwargs):
        return self.log(AAD, 'Microsoft-Windows-AAD', 1098, denial_fields(
            code, '268761a2-03f3-40df-8a8b-c3db24145b6b', 'https://onestore.example',
            '%08x-0000-4000-8000-000000000000' % zlib.crc32(str(self.now).encode())), level=2, **kwargs)

    def start(self, after=60):
        self.log('System', KERNEL, 13, [('StopTime', text_of(self.now))], after=after)
        return self.log('System', KERNEL, 12, [('MajorVersion', '10'), ('StartTime', text_of(self.now))], after=45)

    def fast_startup(self):
        return self.log('System', 'Microsoft-Windows-Kernel-Boot', 27, [('BootType', '1'), ('LoadOptions', '')],
                        after=600)

    def attested(self, number, **kwargs):
        data = [('HealthAttestationServer', 'https://has.example')]
        if number == 1538:
            data += [('HResult', '-2147012867')]
        return self.log('System', 'Microsoft-Windows-TPM-WMI', number, data, **kwargs)

    def waits(self, seconds):
        self.now += seconds * TICKS
        return self

    def tells(self, label, unadvised=None, **want):
        """What a relation yields: as it stands now the verdict says @want and does not advise @unadvised."""
        def check(got):
            return expected(got, **want) + (not_advised(got, unadvised) if unadvised else [])
        return label, [Job(self.evidence.copy(), text_of(self.now + 10 * TICKS))], check


def expected(got, **want):
    return ['%s is %s, wanted %s' % (k, got[k], v) for k, v in want.items()
            if got[k] not in (v if isinstance(v, (list, set, tuple)) else [v])]


def not_advised(got, action):
    return ['%s is advised' % action] if action in ids(got, 'actions') else []


def later(runner, case, rng):
    base = runner.base(case)
    primary = base['primary']
    name, evidence, at = case
    products = [p['id'] for p in base['store']['products'] or []]
    live = any('volume' in p for p in evidence.texts)
    whole = {AAD, STORE, BITLOCKER, MDM, 'System'} <= {c for c, es in evidence.channels.items() if es}
    after_at = any(e.time > ticks_of(at) + 120 * TICKS for _, e in evidence.events())
    if has_jump(evidence) or not whole or live or after_at:
        return
    if primary in COMPLIANCE | STORE_CAUSES and products and base['sign_in']['denials']:
        story = Story(case)
        for product in products:
            story.came(product)
        yield story.tells('the app comes', 'restart-device', outcome='recovered',
                          primary='compliance-recovered' if primary in COMPLIANCE else None)
        for _ in range(3):
            story.denied(after=180)
        yield story.tells('it comes, and is refused again', outcome=['blocked', 'waiting', 'failed'])
    if primary == 'bitlocker-restart-pending':
        yield from after_protection(case, base)
    if primary in COMPLIANCE:
        story = Story(case).bitlocker(846, ('TraceGUID', 'x'), ('ErrorCode', '-2147012889')).denied()
        yield story.tells('backup fails', 'restart-device', primary='bitlocker-escrow-failed')
        if primary not in ('bitlocker-escrow-failed', 'compliance-pending'):
            story.bitlocker(845, ('ProtectorGUID', 'x'), ('TraceGUID', 'x'))
            yield story.tells('backup fails, then works', primary=primary)
    if primary in ('compliance-pending', 'compliance-other', 'attestation-unavailable'):
        story = Story(case).log(MDM, 'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider', 2902, [
            ('HexInt1', '0x6'), ('HexInt2', '0x7')]).denied()
        yield story.tells('another cipher', primary='bitlocker-method-mismatch')
    if primary in COMPLIANCE | STORE_CAUSES:
        for code in (53003, 53001, 530003, 50076):
            story = Story(case).denied(code, after=60).denied(code, after=60)
            yield story.tells('then refused with %d' % code, 'restart-device', primary='store-conditional-access')


def after_protection(case, base):
    """A restart is pending: what ends it, and what does not."""
    name, evidence, at = case
    tpm = [e for e in evidence.channels[BITLOCKER] if e.id == 775 and e.field('ProtectorType') == '0x1']
    ends = [('suspended', 773, [])]
    if tpm:
        ends += [('clear key', 778, []), ('decrypted', 770, []),
                 ('protector removed', 776, [('ProtectorGUID', tpm[-1].field('ProtectorGUID')), ('ProtectorType', '0x1')])]
    for label, number, more in ends:
        story = Story(case).bitlocker(number, *more).denied()
        yield story.tells(label, 'restart-device', primary='bitlocker-not-armed', outcome=base['outcome'])
    yield Story(case).bitlocker(773).bitlocker(774).denied().tells('resumed', primary='bitlocker-restart-pending')
    yield Story(case).fast_startup().denied().tells('fast startup', primary='bitlocker-restart-pending')
    if not base['bitlocker']['protected_at']:
        return  # it waits for the start to begin
    story = Story(case).start().waits(60).denied()
    story.evidence.bytes = {}
    yield story.tells('restarted', 'restart-device', primary='compliance-pending', outcome=['waiting', 'failed'])
    yield story.waits(1800).denied().tells('and time passed', 'restart-device', primary='compliance-other')
    yield story.attested(1538).denied().tells('and attestation failed', primary='attestation-unavailable')
    yield story.attested(1537).denied().tells('and then not', primary='compliance-other')
    yield story.start().denied().waits(120).tells('and started again', primary='compliance-pending')


def one_denial(code):
    def change(text):
        return re.sub(r'AADSTS530(?:00|002)(?!\d)', 'AADSTS%d' % code, text)
    return change


def denials_changed(runner, case, rng):
    base = runner.base(case)
    name, evidence, at = case
    if not base['sign_in']['denials'] or set(base['sign_in']['codes']) - {'53000', '530002'}:
        return
    others = any('AADSTS5300' in e.xml and '268761a2' not in e.xml and '45a330b1' not in e.xml
                 for e in evidence.channels.get(AAD, ()))
    for code in (53000, 530002):
        yield (str(code), *same(runner, case, evidence.texts_changed(one_denial(code)), parts=ESSENCE + (
            'actions', 'findings', 'bitlocker', 'attestation', 'chain')))
    if base['outcome'] == 'recovered' or others or base['primary'] in ('enrollment-conditional-access', None):
        return

    def other_code(code):
        def check(got):
            out = ['%s holds' % x for x in sorted(COMPLIANCE & set(ids(got, 'findings')))]
            if base['primary'] in COMPLIANCE:
                out += expected(got, primary='store-conditional-access') + not_advised(got, 'restart-device')
            if got['sign_in']['codes'] != {str(code): base['sign_in']['denials']}:
                out.append('codes are %s' % got['sign_in']['codes'])
            return out
        return check

    for code in (53001, 53002, 53003, 53004, 530003, 530032, 50076, 50079, 50097, 65001):
        yield str(code), [Job(evidence.texts_changed(one_denial(code)), at)], other_code(code)

    def other_client(text):
        return text.replace('268761a2-03f3-40df-8a8b-c3db24145b6b', '26a7ee05-5602-4d76-a7ba-eae8b7b67941').replace(
            '45a330b1-b1ec-4cc1-9161-9f03992aa49f', '00000003-0000-0000-c000-000000000000')

    def nobody_of_the_store(got):
        bad = COMPLIANCE & set(ids(got, 'findings'))
        # a sign-in log that does not reach back leaves the Store's own loop
        by_loop = bad == {'bitlocker-restart-pending'} and got['certainty'] != 'confirmed'
        return ['%s holds (%s)' % (sorted(bad), got['certainty'])] if bad and not by_loop else []

    yield 'another client', [Job(evidence.texts_changed(other_client), at)], nobody_of_the_store


def slower(runner, case, rng):
    """All times from the first on are twice as far apart."""
    name, evidence, at = case
    base = runner.base(case)
    first = min(e.time for _, e in evidence.events()) if evidence.events() else 0
    if has_jump(evidence) or evidence.texts:
        return

    def change(text):
        return STAMP.sub(lambda m: text_of(2 * ticks_of(m[0]) - first)[:19] + 'Z', text)
    def check(got):
        before, after = base['store'], got['store']
        out = ['%s: %s became %s' % (k, before[k], after[k]) for k in ('attempts', 'failures') if before[k] != after[k]]
        if before['median_interval_seconds'] is not None and after['median_interval_seconds'] is not None and \
                abs(after['median_interval_seconds'] - 2 * before['median_interval_seconds']) > 2:
            out.append('median %s became %s' % (before['median_interval_seconds'], after['median_interval_seconds']))
        out += ['%s became %s' % (base['sign_in'][k], got['sign_in'][k]) for k in ('denials', 'codes')
                if base['sign_in'][k] != got['sign_in'][k]]
        out += difference({'kinds': [b['kind'] for b in base['boots']]}, {'kinds': [b['kind'] for b in got['boots']]})
        return out

    yield 'twice as slow', [Job(evidence.texts_changed(change), change(at))], check


# Less than the story takes: then both clocks can have shown a time, and nobody can tell which did.
JUMPS = [3 * 3600, 30 * 86400, 700 * 86400]


def clockless(skeleton, forward):
    """What a clock that was set must leave as it is."""
    out = {k: skeleton[k] for k in ESSENCE}
    out['findings'] = sorted([f[0], f[2]] for f in skeleton['findings'] if f[0] != 'clock-skew')
    out['store'] = {k: skeleton['store'][k] for k in ('attempts', 'failures')}
    out['sign_in'] = {k: skeleton['sign_in'][k] for k in ('denials', 'codes')}
    out['bitlocker'] = {k: skeleton['bitlocker'][k] for k in ('state', 'method')}
    out['attestation'] = {k: skeleton['attestation'][k] for k in (
        'last_boot_kind', 'boot_measured_bitlocker', 'predicted_require_bitlocker')}
    out['boots'] = [b['kind'] for b in skeleton['boots']]
    out['esp'] = skeleton['esp']['phase']
    if forward and not out['primary']:
        del out['outcome'], out['certainty']  # how much of the limit is gone is not known
    return out


def jumped(runner, case, rng):
    name, evidence, at = case
    end = ticks_of(at)
    if has_jump(evidence) or not evidence.channels.get('System'):
        return

    def near(before, after):
        return difference(clockless(skeleton(before), False), clockless(skeleton(after), False))

    def far(before, after):
        return difference(clockless(skeleton(before), True), clockless(skeleton(after), True))

    times = sorted({e.time for _, e in evidence.events() if e.time < end})
    for size in JUMPS if runner.long else rng.sample(JUMPS, 1):
        for when in rng.sample(times, min(len(times), 12 if runner.long else 1)):
            changed = with_jump(evidence, when, size)
            label = '%d s ahead until %s' % (size, text_of(when))
            yield label, [Job(evidence, at), Job(changed, at)], near
            cut = text_of(rng.randrange(when, end))
            yield label + ', at ' + cut, [Job(evidence, cut), Job(changed, cut)], near
            yield '%d s behind until %s' % (size, text_of(when)), [
                Job(evidence, at), Job(with_jump(evidence, when, -size), at)], far


def agent_event(number, when, message, error, product, level=4):
    return event_xml(STORE, 'Microsoft-Windows-Install-Agent', number, when, [
        ('Message', message), ('Function', 'x'), ('Error Code', str(error)), ('Source', 'x'), ('Line Number', '1'),
        ('CorrelationVector', 'x.1'), ('ProductId', product)], level=level)


def attempts_of(evidence):
    """(product, time of going to work, time of the error, code) of the failed attempts"""
    began = {}
    for e in evidence.channels.get(STORE, ()):
        product = e.field('ProductId')
        if 'NewState = Working' in (e.field('Message') or ''):
            began[product] = e.time
        elif e.id == 2008 and product in began:
            yield product, began.pop(product), e.time, int(e.field('Error Code') or e.field('ErrorCode'))


def layers(runner, case, rng):
    """Further witnesses of the same attempts and denials count nothing twice."""
    name, evidence, at = case
    base = runner.base(case)
    if has_jump(evidence) or not base['store']['attempts']:
        return
    parts = ESSENCE + ('store', 'sign_in')
    tries = [t for t in attempts_of(evidence) if t[1] < t[2] - TICKS]

    def added(*makers):
        new = evidence.copy()
        for product, began, failed, code in tries:
            for channel, after, make in makers:
                when = (began + (failed - began) // 2 if after is None else failed + after * TICKS // 10)
                new.add(channel, make(when, product, code), when)
        return new

    def progress(when, product, code):
        return agent_event(2006, when, 'Progress Update: Item = %s Progress Stage = DownloadingProduct, '
                           'Completed = 1, Total = 2, Total = 50' % product, 0, product)

    def heartbeat(when, product, code):
        return agent_event(2006, when, 'InstallQueueHeartbeat :: ProductId = %s CurrentPercentDownloaded = 1' % product,
                           0, product)

    def warning(when, product, code):
        return agent_event(2007, when, 'something failed', code, product, level=3)

    def trailing_error(when, product, code):
        return agent_event(2008, when, 'something failed', code, product, level=2)

    def state_error(when, product, code):
        return agent_event(2006, when, 'StateTransition :: ProductId = %s  PreviousState = Working  '
                           'NewState = Error  HResult = %d' % (product, code), 0, product)

    def deployment(number):
        def make(when, product, code):
            data = [('DeploymentOperation', '4'), ('PackageFullName', 'Microsoft.CompanyPortal_11.2.0_x64__8wekyb3d8bbwe')]
            data += [('ErrorCode', '0x%08x' % (code & 0xFFFFFFFF))] if number != 603 else []
            return event_xml(APPX, 'Microsoft-Windows-AppXDeployment-Server', number, when, data + [
                ('CallingProcess', 'svchost.exe,InstallService')], level=2)
        return make

    def error_report(when, product, code):
        return event_xml('Application', 'Windows Error Reporting', 1001, when, [
            ('EventName', 'StoreAgentDownloadFailure1'), ('P1', 'Update;'), ('P2', '%08x' % (code & 0xFFFFFFFF)),
            ('P3', '26100'), ('P4', '1')])

    def tracking(number):
        def make(when, product, code):
            return event_xml(MDM.replace('Admin', 'Autopilot'),
                             'Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider', number, when, [
                                 ('Message1', 'Apps'), ('Message2', product), ('Message3', 'ModernApp')])
        return make

    if tries:
        for label, makers in (('progress', [(STORE, None, progress)]), ('heartbeat', [(STORE, None, heartbeat)]),
                              ('warning', [(STORE, None, warning)]), ('error state', [(STORE, 5, state_error)]),
                              ('trailing error', [(STORE, 20, trailing_error)]),
                              ('error report', [('Application', 5, error_report)]),
                              ('tracking', [(MDM.replace('Admin', 'Autopilot'), 5, tracking(1304)),
                                            (MDM.replace('Admin', 'Autopilot'), 10, tracking(1303))])):
            yield (label, *same(runner, case, added(*makers), parts=parts))
        if base['primary'] in COMPLIANCE:
            def familiar(s):
                for product in s['store']['products']:
                    product['family'] = None
                return s
            yield ('deployment', *same(runner, case, added((APPX, None, deployment(603)), (APPX, 5, deployment(401)),
                                                           (APPX, 6, deployment(404))), parts=parts, neutral=familiar))

    def without(pattern):
        new = evidence.copy()
        kept = [e for e in evidence.channels[STORE] if not re.search(pattern, e.xml)]
        first = evidence.channels[STORE][0].record
        new.channels[STORE] = [e.with_record(first + i) for i, e in enumerate(kept)]
        return new

    def counted(got):
        out = ['%s: %s became %s' % (k, base['store'][k], got['store'][k]) for k in ('attempts', 'failures')
               if base['store'][k] != got['store'][k]]
        before, after = (v['store']['median_interval_seconds'] for v in (base, got))
        if (before is None) != (after is None) or before is not None and abs(before - after) > 6:
            out.append('median %s became %s' % (before, after))
        return out

    if tries and len(tries) == base['store']['attempts']:
        yield 'without Working', [Job(without('NewState = Working'), at)], counted
        yield 'without FulfillmentComplete', [Job(without('FulfillmentComplete'), at)], counted
        yield 'without 2008', [Job(without('<EventID>2008<'), at)], counted

    def twin(number, seconds):
        new = evidence.copy()
        for e in evidence.channels.get(AAD, ()):
            info = e.field('AdditionalInformation') or ''
            code, id = re.search(r'AADSTS(\d+)', info), re.search(r'Correlation ID: (\S{36})', info)
            if e.id == 1098 and code and id:
                when = e.time + seconds * TICKS
                if number == 1081:
                    data = [('Error', 'interaction_required'), ('ErrorDescription', 'AADSTS%s: text' % code[1]),
                            ('CorrelationID', id[1])]
                else:
                    data = [('Error', e.field('Error')), ('ErrorMessage', 'x'), ('AdditionalInformation', info)]
                new.add(AAD, event_xml(AAD, 'Microsoft-Windows-AAD', number, when, data, level=2), when)
        return new

    if base['sign_in']['denials']:
        for number, seconds in ((1081, -1), (1081, 1), (1097, 2), (1108, 3), (1101, 0)):
            yield ('denial also as %d' % number, *same(runner, case, twin(number, seconds), parts=ESSENCE + ('store', ),
                                                       neutral=lambda s: s))
            yield 'denials also as %d, counts' % number, [Job(twin(number, seconds), at)], lambda got: difference(
                {k: base['sign_in'][k] for k in ('denials', 'codes', 'client_id', 'resource_id')},
                {k: got['sign_in'][k] for k in ('denials', 'codes', 'client_id', 'resource_id')})

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The text of the WMI double (tests/support/win32/wbem_double.h) for a device in a given state.

usage: wmi_double.py STATE.json     prints it, for the volumes of a recorded or told state/volume.json
"""
import json
import sys

NAMESPACE = r'ROOT\CIMV2\Security\MicrosoftVolumeEncryption'
CLASS = 'Win32_EncryptableVolume'
NOT_SUPPORTED = 0x80070032
# method -> its out-parameters, as the collector records them
METHODS = {
    'GetConversionStatus': ['ConversionStatus', 'EncryptionPercentage', 'EncryptionFlags',
                            'WipingStatus'],
    'GetProtectionStatus': ['ProtectionStatus'],
    'GetEncryptionMethod': ['EncryptionMethod'],
    'GetLockStatus': ['LockStatus'],
    'GetSuspendCount': ['SuspendCount'],
    'GetHardwareEncryptionStatus': ['HardwareEncryptionStatus'],
}


def one_volume(rows):
    """What every volume answers: the double's methods know no instances."""
    lines = []
    for method, outs in METHODS.items():
        told = [(out, rows[out]) for out in outs if rows.get(out) is not None]
        lines.append('method %s' % method)
        lines += ['value %s %d' % pair for pair in told]
        lines.append('value ReturnValue %d' % (0 if told else NOT_SUPPORTED))
    types = rows.get('KeyProtectorTypes')
    if types is not None:
        kinds = [kind for kind in types.split(',') if kind] if isinstance(types, str) else [types]
        ids = ['{%08d-0000-0000-0000-000000000000}' % i for i in range(len(kinds))]
        lines += ['method GetKeyProtectors', 'value VolumeKeyProtectorID [%s]' % ' '.join(ids),
                  'value ReturnValue 0']
        for one, kind in zip(ids, kinds):
            lines += ['method GetKeyProtectorType when VolumeKeyProtectorID %s' % one,
                      'value KeyProtectorType %s' % kind, 'value ReturnValue 0']
    return lines


def volume_text(state, path='C:'):
    """The double's text for the volume @path of a state; other volumes are left out."""
    rows = {row['name']: row['value'] for row in state['rows'] if row['path'] == path}
    return '\n'.join(['namespace %s private' % NAMESPACE, 'class %s' % CLASS, 'instance',
                      'value DeviceID "\\\\?\\Volume{00000000-0000-0000-0000-0000000000c0}\\"',
                      'value DriveLetter "%s"' % path,
                      'value VolumeType %d' % (rows.get('VolumeType') or 0)]
                     + one_volume(rows)) + '\n'


if __name__ == '__main__':
    with open(sys.argv[1], encoding='utf-8') as file:
        sys.stdout.write(volume_text(json.load(file)))

# SPDX-License-Identifier: MIT
"""Arguments arrive as UTF-8 and unexpanded, whatever the code page is.

usage: arguments.py ESPDIAG
"""
import json
import os
import subprocess
import sys
import tempfile

# German, Japanese, beyond 16 bits; a pattern that other programs would expand; quotes and blanks
NAMES = ('Gerät', '端末', 'a\U0001F5A5b', '*', 'two words', 'quote"d', 'back\\slash"')


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: arguments.py ESPDIAG')
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(os.path.join(place, 'there'))
        for name in NAMES:
            done = subprocess.run([sys.argv[1], 'analyze', '--format', 'json', name], cwd=place,
                                  capture_output=True, timeout=120)
            told = [row['source'] for row in json.loads(done.stdout)['coverage']]
            if name not in told:
                print('%r did not arrive: %r' % (name, told))
                wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()

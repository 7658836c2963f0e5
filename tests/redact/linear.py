#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when a text of twice the length costs redaction much more than twice the instructions.

usage: linear.py VALGRIND LINEAR
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

MOST = 3.2       # quadratic is four; whether digits are odd in number, and memory, make more than two
LEAST = 30000    # instructions: below that the ends weigh too much


def main():
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], '--tool=callgrind', '--quiet',
                        '--callgrind-out-file=' + os.path.join(folder, 'out'), sys.argv[2]], check=True)
        for path in glob.glob(os.path.join(folder, 'out*')):
            with open(path, encoding='utf-8', errors='replace') as f:
                text = f.read()
            name = re.search(r'Client Request: count (\w+) (\d+) (\d) (\d+)', text)
            if name:
                key = name.group(1), int(name.group(2)), int(name.group(3))
                total = re.search(r'^(?:summary|totals): (\d+)', text, re.M)
                counts.setdefault(key, {})[int(name.group(4))] = int(total.group(1))
    bad = 0
    for key in sorted(counts):
        short, long = (counts[key][size] for size in sorted(counts[key]))
        if long > LEAST and long > MOST * short:
            print('%s, text %d%s: %d instructions, twice as long %d'
                  % (key[0], key[1], ' and x' if key[2] else '', short, long))
            bad += 1
    print('%d texts, %d bad' % (len(counts), bad))
    sys.exit(1 if bad or len(counts) < 200 else 0)


if __name__ == '__main__':
    main()

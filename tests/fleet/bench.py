#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast `fleet` is beside `analyze` over the same bundles.

usage: bench.py --espdiag PROGRAM --scenario PROGRAM --make PROGRAM --cases FOLDER [--count N] [--rounds N]

The loop is one `analyze` with all PATHs: its process starts once, and that start is taken off as the
time of `--version`. `halves` are as many such loops at once as there are processors, each with its part
of the bundles: what the machine can do, at this moment, with the same work. Rounds are interleaved, so
that noise meets all; ratios are of one round, the median of the rounds is told.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

import fleetlib


def timed(commands):
    """Runs them at once: wall seconds, CPU seconds and the largest peak in KiB."""
    start = time.monotonic()
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    usages = []
    for process in running:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        assert status == 0, process.args[:4]
        usages.append(usage)
    wall = time.monotonic() - start
    return wall, sum(u.ru_utime + u.ru_stime for u in usages), max(u.ru_maxrss for u in usages)


def main():
    parser = argparse.ArgumentParser()
    for name in ('espdiag', 'scenario', 'make', 'cases'):
        parser.add_argument('--' + name, required=True)
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, 'fleet')
        fleetlib.bundles(options, folder, options.count, fleetlib.evidence(options, os.path.join(place, 'evidence')))
        paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
        # into a file that is thrown away: the verdicts are not ours to time on a terminal
        loop = [options.espdiag, 'analyze', '--quiet', '--format', 'ndjson']
        fleet = [options.espdiag, 'fleet', '--quiet', '--format', 'ndjson', folder]
        lanes = {'start': [[options.espdiag, '--version']], 'loop': [loop + paths],
                 'halves': [loop + paths[i::cores] for i in range(cores)], 'fleet': [fleet]}
        times = {name: [] for name in lanes}
        for _ in range(options.rounds):
            for name, commands in lanes.items():
                times[name].append(timed(commands))
    print('| lane | wall s | CPU s | peak MiB | bundles/s |\n| --- | ---: | ---: | ---: | ---: |')
    for name in ('loop', 'halves', 'fleet'):
        wall, cpu, peak = (statistics.median(t[i] for t in times[name]) for i in range(3))
        print('| %s | %.2f | %.2f | %.1f | %.0f |' % (name, wall, cpu, peak / 1024, options.count / wall))
    rounds = list(zip(times['start'], times['loop'], times['halves'], times['fleet']))
    net = [(loop[0] - start[0]) / (fleet[0] - start[0]) for start, loop, _, fleet in rounds]
    side = [(halves[0] - start[0]) / (fleet[0] - start[0]) for start, _, halves, fleet in rounds]
    cpu = [(loop[1] - start[1]) / (fleet[1] - start[1]) for start, loop, _, fleet in rounds]
    there = [loop[0] / halves[0] for _, loop, halves, _ in rounds]
    print('processors: %d by name, %.2f by what %d loops at once did' % (cores, statistics.median(there), cores))
    print('throughput of fleet: %.2f x the loop; that is %.2f x the %d loops at once (goal 0.80), '
          '%.2f x %d x the loop' % (statistics.median(net), statistics.median(side), cores,
                                    statistics.median(net) / cores, cores))
    print('CPU of the loop by ours: %.2f' % statistics.median(cpu))


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Writes a recording of many lock events, as `trace-cmd report` would, and measures `locklab lockdep` on it.

    cargo build --release -p locklab && python3 benches/recording.py [EVENTS]

Forty tasks on four CPUs go through 300 pieces of code at random. Each takes one to four of 200 classes' locks, always in the order of their
classes, and each class has 1,000 locks; one piece in ten is an interrupt's, with classes of its own. So there is nothing to find.
"""

import argparse
import os
import random
import subprocess
import tempfile
import time

CLASSES, INSTANCES, PIECES = 200, 1000, 300


def lines(events):
    chance = random.Random(1)
    clock = 0
    pieces = []
    for piece in range(PIECES):
        irq = piece % 10 == 0
        pool = range(CLASSES - 20, CLASSES) if irq else range(CLASSES - 20)
        pieces.append((irq, sorted(chance.sample(pool, chance.randint(1, 4)))))
    while events > 0:
        task, cpu = chance.randrange(1, 41), chance.randrange(4)
        irq, held = chance.choice(pieces)
        flags, who = ("d.h2.", "<idle>-0") if irq else (".....", f"worker/{task}-{1000 + task}")
        locks = [(0xFFFF888100000000 + c * 0x100000 + chance.randrange(INSTANCES) * 0x40, c) for c in held]
        for event, order in (("lock_acquire", locks), ("lock_release", reversed(locks))):
            for address, name in order:
                clock += 1
                yield f"{who:>20}     [{cpu:03}] {flags}  {clock / 1e6:.6f}: {event}:         {address:#x} &class_{name}->lock\n"
                events -= 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", metavar="EVENTS", nargs="?", type=int, default=1_000_000, help="how many (default: 1,000,000)")
    events = parser.parse_args().events
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(lines(events))
        file.flush()
        command = [os.path.join(root, "target/release/locklab"), "lockdep", file.name]
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
        print(f"{events:,} events, {os.path.getsize(file.name) >> 20} MiB: {seconds:.2f} s, "
              f"{usage.ru_maxrss >> 10} MiB at most, exit {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs the same problems in SPIN and in locklab, side by side, and prints a table.

    python3 benches/peers/run.py            # the whole suite, three times, taking the least of each
    python3 benches/peers/run.py --only driver --repeat 1

Needs spin and gcc (Debian, Ubuntu: apt-get install spin gcc) and, unless --locklab names a binary, cargo.
Exits 1 if a verdict differs from the other's or from the truth, or if locklab takes more than --limit times SPIN's seconds.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROBLEMS = HERE / "problems"

# What each of locklab's findings is in SPIN's words. Any other finding is one that the problem does not have.
VERDICT_OF_FINDING = {
    "deadlock": "deadlock",
    "hard_lockup": "deadlock",
    "soft_lockup": "deadlock",
    "final_state": "assertion",
    "invariant": "assertion",
    "bug_on": "assertion",
    "warn_on": "assertion",
    "never_reached": "assertion",
}


class Failed(Exception):
    """A tool is missing, or did not do what was asked."""


@dataclasses.dataclass
class Problem:
    name: str
    sizes: list
    truth: str
    depth: int

    @property
    def title(self):
        return f"{self.name} {' '.join(self.sizes)}"


@dataclasses.dataclass
class Run:
    """One tool on one problem, once."""

    verdict: str
    states: int
    seconds: float  # of processor time, user and system
    peak: int  # resident bytes


def read_suite(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        depth = 10_000
        if words[-1].startswith("depth="):
            depth = int(words.pop().removeprefix("depth="))
        if len(words) < 2 or words[-1] not in ("clean", "assertion", "deadlock"):
            raise Failed(f"{path}:{number}: expected NAME SIZES... clean|assertion|deadlock [depth=N]")
        yield Problem(words[0], words[1:-1], words[-1], depth)


def measure(command, directory):
    """Runs a command to its end; gives its exit code, its output, its processor seconds and its peak resident size."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, cwd=directory, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read().decode(), err.read().decode()
    return child.returncode, *text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def build(command, directory):
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


class Spin:
    """Compiles a model to a verifier of its own once, then runs that. It counts errors and goes on, so that it explores everything."""

    def __init__(self, problem, directory):
        macros = [f"-D{size}" for size in problem.sizes]
        build(["spin", *macros, "-a", PROBLEMS / f"{problem.name}.pml"], directory)
        build(["gcc", "-w", "-O2", "-DSAFETY", "-DMEMLIM=8000", "-o", "pan", "pan.c"], directory)
        self.directory = directory
        self.command = ["./pan", f"-m{problem.depth}", "-c0"]

    def run(self):
        _, out, err, seconds, peak = measure(self.command, self.directory)
        states = re.search(r"^\s*([\d.e+]+) states, stored", out, re.M)
        errors = re.search(r"errors: (\d+)", out)
        if not states or not errors or "Search not completed" in out or "search depth too small" in out + err:
            raise Failed(f"pan did not finish:\n{out}{err}")
        kinds = set(re.findall(r"^pan:\d+: (assertion violated|invalid end state)", out, re.M))
        if bool(int(errors[1])) != bool(kinds):
            raise Failed(f"pan reports an error that is neither a deadlock nor an assertion:\n{out}")
        verdicts = {"deadlock" if kind == "invalid end state" else "assertion" for kind in kinds} or {"clean"}
        return Run("+".join(sorted(verdicts)), int(float(states[1])), seconds, peak)


class Locklab:
    """Checks the kernel C, with the sizes put in front."""

    def __init__(self, problem, directory, binary):
        source = directory / f"{problem.name}.c"
        macros = [f"#define {size.replace('=', ' ')}\n" for size in problem.sizes]
        source.write_text("".join(macros) + (PROBLEMS / source.name).read_text())
        self.directory = directory
        cpus = problem.sizes[0].partition("=")[2]
        self.command = [binary, "check", "--format", "json", "-j1", "--cpus", cpus, source]

    def run(self):
        code, out, err, seconds, peak = measure(self.command, self.directory)
        if code not in (0, 1):
            raise Failed(f"{' '.join(map(str, self.command))} ended with {code}:\n{out[-2000:]}{err[-2000:]}")
        report = json.loads(out)
        kinds = {finding["kind"] for finding in report["findings"] if finding["severity"] != "note"}
        verdicts = {VERDICT_OF_FINDING.get(kind, kind) for kind in kinds} or {"clean"}
        return Run("+".join(sorted(verdicts)), report["stats"]["states"], seconds, peak)


@dataclasses.dataclass
class Row:
    problem: Problem
    spin: list
    locklab: list

    @property
    def ratio(self):
        return least(self.locklab) / least(self.spin)

    @property
    def agrees(self):
        return {run.verdict for run in self.spin + self.locklab} == {self.problem.truth}


def least(runs):
    return min(run.seconds for run in runs)


def spread(runs):
    return max(run.seconds for run in runs) / least(runs) - 1


def compare(problem, options):
    """Runs both, in turn, so that what else the machine does falls on both."""
    with tempfile.TemporaryDirectory(prefix="locklab-peers-") as directory:
        directory = pathlib.Path(directory)
        spin = Spin(problem, directory)
        locklab = Locklab(problem, directory, options.locklab)
        pairs = [(spin.run(), locklab.run()) for _ in range(options.repeat)]
    return Row(problem, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def cells(row):
    spin, locklab = row.spin[0], row.locklab[0]
    verdict = row.problem.truth if row.agrees else f"**{spin.verdict} / {locklab.verdict}**"

    def both(figure):
        return figure(spin, least(row.spin)), figure(locklab, least(row.locklab))

    return [
        row.problem.title,
        verdict,
        *both(lambda run, _: f"{run.states:,}"),
        *both(lambda run, seconds: f"{run.states / seconds:,.0f}"),
        *both(lambda run, _: f"{run.peak / run.states:,.0f}"),
        *both(lambda _, seconds: f"{seconds:.2f}"),
        f"{row.ratio:.2f}",
    ]


HEADER = [
    "problem", "verdict", "states: SPIN", "locklab", "states/s: SPIN", "locklab", "bytes a state: SPIN", "locklab",
    "seconds: SPIN", "locklab", "locklab / SPIN",
]  # fmt: skip


def print_line(values):
    print("|", " | ".join(values), "|", flush=True)


def summary(rows, options):
    mean = statistics.geometric_mean(row.ratio for row in rows)
    spreads = sorted(spread(runs) for row in rows for runs in (row.spin, row.locklab))
    print()
    print(f"Processor seconds, user and system, one core, the least of {options.repeat}; geometric mean of the ratios {mean:.2f}.")
    print(f"Noise (slowest run over fastest): median {statistics.median(spreads):.0%}, at most {spreads[-1]:.0%}.")
    print("Bytes a state are the process's peak resident size divided by its states, so that small problems show what the tools reserve.")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=pathlib.Path, default=HERE / "suite.txt", help="what to run (default: suite.txt here)")
    parser.add_argument("--only", metavar="TEXT", default="", help="only problems whose name and sizes contain TEXT")
    parser.add_argument("--repeat", metavar="K", type=int, default=3, help="how often to run each (default: 3)")
    parser.add_argument("--limit", metavar="RATIO", type=float, default=2.0, help="how many times SPIN's seconds are too many (default: 2)")
    parser.add_argument("--locklab", metavar="BINARY", type=pathlib.Path, help="the binary to run; without it, cargo builds one")
    return parser.parse_args()


def prepare(chosen):
    missing = [tool for tool in ("spin", "gcc") if not shutil.which(tool)]
    if missing:
        raise Failed(f"not installed: {', '.join(missing)} (Debian, Ubuntu: apt-get install spin gcc)")
    if chosen.locklab is None:
        build(["cargo", "build", "--release", "--locked", "-p", "locklab"], ROOT)
        target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
        chosen.locklab = pathlib.Path(target, "release", "locklab")
    chosen.locklab = chosen.locklab.resolve()


def main():
    chosen = options()
    prepare(chosen)
    problems = [problem for problem in read_suite(chosen.suite) if chosen.only in problem.title]
    if not problems:
        raise Failed(f"no problem's name contains {chosen.only!r}")
    print_line(HEADER)
    print_line(["---", "---"] + ["--:"] * (len(HEADER) - 2))
    rows = []
    for problem in problems:
        rows.append(compare(problem, chosen))
        print_line(cells(rows[-1]))
    summary(rows, chosen)
    wrong = [row.problem.title for row in rows if not row.agrees]
    slow = [row.problem.title for row in rows if row.ratio > chosen.limit]
    for text, titles in ("the verdicts differ", wrong), (f"more than {chosen.limit:g} times SPIN's seconds", slow):
        if titles:
            print(f"{text}: {', '.join(titles)}", file=sys.stderr)
    return 1 if wrong or slow else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"run.py: {failure}")

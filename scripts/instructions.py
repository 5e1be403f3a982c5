#!/usr/bin/env python3
"""Counts the instructions that thrum and the C floor spend on one frame of bench/WORK.md, steps 1 to 11 without broker and
database (valgrind's callgrind): the difference between many frames and few, so that the start does not count; nor does the
floor's planning, which tries transforms for a time and so costs another number of instructions at each run.

  scripts/bench --instructions      prints a JSON object; ratio is thrum's over the floor's

What noise does to times it does not do to counts; but a count is no time: wide and narrow instructions weigh the same here.
"""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BENCH = os.path.join(ROOT, "bench")
FEW, MANY = 16, 144
ROUNDS = 3


def build_floor(folder):
    floor = os.path.join(folder, "floor_c")
    source = os.path.join(BENCH, "floor_c.c")
    flags = ["-O3", "-march=x86-64-v3", "-ffast-math"] if os.uname().machine == "x86_64" else ["-O3", "-ffast-math"]
    libraries = ["-lfftw3f", "-lmosquitto", "-lsqlite3", "-lm"]
    subprocess.run(["gcc", *flags, "-w", "-o", floor, source, *libraries], check=True)
    return floor


def count(command, folder, without):
    log = os.path.join(folder, "log")
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind", f"--log-file={log}"]
    run = subprocess.run(tool + command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=600)
    if run.returncode:
        sys.exit(f"bench: {command[0]} under valgrind ended with {run.returncode}: {run.stderr[-500:]}")
    with open(log) as text:
        total = int([line for line in text if "Collected" in line][-1].split(":")[1])
    return total - (inclusive(without, folder) if without else 0)


def inclusive(function, folder):
    annotate = ["callgrind_annotate", "--inclusive=yes", "--threshold=100", f"{folder}/callgrind"]
    lines = subprocess.run(annotate, check=True, capture_output=True, text=True).stdout.splitlines()
    return next(int(line.split()[0].replace(",", "")) for line in lines if f":{function} [" in line)


def per_frame(program, subcommand, without, folder, frames):
    def command(number):
        path = os.path.join(folder, f"{number}.f32")
        with open(path, "wb") as file:
            file.write((frames * (number // 16 + 1))[: number * 4096 * 4])
        return [program, *subcommand, "--model", f"{BENCH}/golden/model.bin", "--frames", path, "--out", f"{folder}/out"]

    return (count(command(MANY), folder, without) - count(command(FEW), folder, without)) / (MANY - FEW)


def main():
    with open(f"{BENCH}/golden/frames.f32", "rb") as file:
        frames = file.read()
    with tempfile.TemporaryDirectory() as folder:
        floor = build_floor(folder)
        thrum = os.path.join(folder, "thrum-bench")
        # valgrind gives up on debug information that is newer than it.
        subprocess.run(["strip", "--strip-debug", "-o", thrum, f"{ROOT}/.build/release/thrum-bench"], check=True)
        programs = {"c-pipe": (floor, ["golden"], "init_fft"), "thrum": (thrum, ["contender", "--golden"], None)}
        counts = {
            name: sorted(per_frame(*program, folder, frames) for _ in range(ROUNDS)) for name, program in programs.items()
        }
    median = {name: values[ROUNDS // 2] for name, values in counts.items()}
    report = {name: [round(value) for value in values] for name, values in counts.items()}
    print(json.dumps({"instructions_per_frame": report, "ratio": round(median["thrum"] / median["c-pipe"], 3)}))


if __name__ == "__main__":
    main()

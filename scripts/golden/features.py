#!/usr/bin/env python3
"""Makes Tests/Golden/features.json: what NumPy and SciPy say, in double precision, about 200 seeded signals that the tests make
for themselves by the same recipe.

  scripts/golden/features.py     (needs numpy and scipy; scripts/setup makes such a Python)
"""
import json
import os

import numpy as np
from vibration import features as learned
from scipy import signal

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Golden", "features.json")
COUNTS = [256, 300, 1000, 1234, 2048, 3000, 4096, 5120, 6250, 12000, 16384, 30000, 65536]
MASK = (1 << 64) - 1


def uniform(seed, count):
    """SplitMix64, 53 bits, 0 to below 1: as Sources/Signal/SplitMix64.swift."""
    state = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) + np.uint64(seed)
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) * 2.0**-53


def samples(seed):
    """Kinds in turn: noise, noise on an offset of a thousand times, a tone, two tones on an offset, impulses, constants,
    one impulse, a square wave; each length with each kind, scaled by powers of ten."""
    count, kind = COUNTS[seed % len(COUNTS)], seed % 8
    n, noise = np.arange(count), 2 * uniform(seed, count) - 1
    tone = np.sin(2 * np.pi * n * (0.01 + 0.002 * (seed % 97)))
    x = [
        noise,
        noise + 577,
        tone + 0.01 * noise,
        tone + 0.3 * np.sin(2 * np.pi * n * 0.31) + 0.05 * noise + 800,
        0.1 * noise + 5 * (n % (37 + seed) == 3),
        np.full(count, 1000.0 if seed % 16 == 5 else 0.0),
        1.0 * (n == count // 3),
        np.where(n // 25 % 2 == 0, 1.0, -1.0) + 0.01 * noise,
    ][kind]
    return (x * 10.0 ** (seed // 8 % 5 - 2)).astype("<f4")


def shape(x, density, rate):
    x = x - x.mean()
    magnitude = np.abs(x)
    if not magnitude.any():
        return [0.0] * 8
    rms, mean, root = np.sqrt(np.mean(x**2)), magnitude.mean(), np.sqrt(magnitude).mean()
    power, frequency = density[1:], np.arange(1, len(density)) * rate / len(x)
    weight = power / power.sum()
    centroid = (weight * frequency).sum()
    floored = np.maximum(power, 1e-37)
    return [
        np.ptp(x), rms / mean, magnitude.max() / mean, magnitude.max() / root**2, centroid,
        np.sqrt((weight * (frequency - centroid) ** 2).sum()), -(weight * np.log(np.maximum(weight, 1e-300))).sum() / np.log(len(weight)),
        np.exp(np.log(floored).mean()) / power.mean(),
    ]


def expected(seed):
    x, rate = samples(seed).astype(float), 1000.0 * (1 + seed % 30)
    if not (x - x.mean()).any():
        return rate, [0.0] * 5 + [float(np.log(1e-12))] * 24 + [0.0] * 8
    density, values = learned(x, rate)
    return rate, values + shape(x, density, rate)


def main():
    rows = []
    for seed in range(200):
        rate, values = expected(seed)
        rows.append({"seed": seed, "count": len(samples(seed)), "sample_rate_hz": rate, "features": [float(f"{v:.8g}") for v in values]})
    with open(OUT, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes Tests/Golden/kurtogram.json, by slow ways: each band of the fast kurtogram by one long filter over the whole signal (the
product of its branch's filters, each moved to its band's middle) instead of the tree; cepstral pre-whitening through the cepstrum;
a band's envelope spectrum.

  scripts/golden/kurtogram.py     (needs numpy and scipy; scripts/setup makes such a Python)
"""
import json
import os

import numpy as np
from features import uniform
from scipy import signal
from spectra import digest, starts

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Golden", "kurtogram.json")
RATE, COUNT, LEAST = 3000.0, 8192, 128


def samples(seed):
    """Impacts every 401 samples that ring at 0.17 of the rate, a strong tone, noise, an offset."""
    n = np.arange(COUNT)
    since = n % 401
    ring = np.exp(-0.03 * since) * np.sin(2 * np.pi * 0.17 * since)
    return (50 + 1.5 * ring + 2 * np.sin(2 * np.pi * 0.05 * n) + 0.6 * (2 * uniform(seed, COUNT) - 1)).astype("<f4")


def upsampled(taps, factor):
    result = np.zeros((len(taps) - 1) * factor + 1, dtype=complex)
    result[::factor] = taps
    return result


def moved(prototype, middle):
    return prototype * np.exp(2j * np.pi * middle * np.arange(len(prototype)))


def branch(level, index):
    """From the root to band `index` of 2^level."""
    taps, half = np.ones(1, dtype=complex), signal.firwin(17, 0.4)
    for depth in range(level):
        parent = index >> (level - depth - 1)
        middle = (parent + 0.5) / 2 ** (depth + 2)
        taps = np.convolve(taps, upsampled(moved(half, middle * 2**depth), 2**depth))
    return taps


def kurtosis(c, gaussian):
    power = np.abs(c) ** 2
    return float(np.mean(power**2) / np.mean(power) ** 2 - gaussian)


def kurtogram(x):
    """(lower edge, width, kurtosis), frequencies as parts of half the rate; as far as bands of 128 samples or more go, to level 7."""
    x, rows = x - x.mean(), []
    third = signal.firwin(25, 0.8 / 3)
    for level in range(8):
        for index in range(2**level):
            taps, width = branch(level, index), 2.0**-level
            band = np.convolve(x, taps, "valid")[:: 2**level] if len(taps) <= len(x) else []
            if len(band) < LEAST:
                continue
            rows.append((index * width, width, kurtosis(band, 3 if level == 0 else 2)))
            for part in range(3 if level < 7 else 0):
                middle = (index + (part + 0.5) / 3) * width / 2
                long = np.convolve(taps, upsampled(moved(third, middle * 2**level), 2**level))
                piece = np.convolve(x, long, "valid")[:: 3 * 2**level] if len(long) <= len(x) else []
                if len(piece) >= LEAST:
                    rows.append(((index + part / 3) * width, width / 3, kurtosis(piece, 2)))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def prewhitened(x):
    """By zeroing the real cepstrum and keeping the phase."""
    lines = np.fft.fft(x - x.mean())
    lines[0] = 0
    magnitude = np.where(np.abs(lines) > 0, np.abs(lines), 1)
    log_magnitude = np.log(magnitude)
    cepstrum = np.fft.ifft(log_magnitude).real
    white = np.exp(np.fft.fft(cepstrum - cepstrum)) * np.exp(1j * np.angle(lines)) * (np.abs(lines) > 0)
    y = np.fft.ifft(white).real
    return y * np.std(x) / np.sqrt(np.mean(y**2))


def band_envelope(x, low, high, squared):
    length = int(RATE)
    first, last = int(np.ceil(low * length / RATE)), int(high * length / RATE)
    amplitudes = []
    for start in starts(len(x), length):
        segment = x[start : start + length]
        lines = np.fft.fft(segment - segment.mean())
        kept = np.zeros(length, dtype=complex)
        kept[first : last + 1] = 2 * lines[first : last + 1]
        e = np.abs(np.fft.ifft(kept)) ** (2 if squared else 1)
        amplitudes.append(2 * np.abs(np.fft.rfft(e - e.mean()))[: length // 2] / length)
    return np.arange(length // 2) * RATE / length, np.mean(amplitudes, axis=0)


def case(seed):
    x = samples(seed).astype(float)
    white = prewhitened(x)
    short = lambda value: float(f"{value:.7g}")
    envelopes = {
        f"{name}{'_squared' if squared else ''}": digest(*band_envelope(y, 380, 640, squared))
        for name, y in (("plain", x), ("white", white)) for squared in (False, True)
    }
    return {
        "seed": seed, "kurtogram": [[short(value) for value in row] for row in kurtogram(x)],
        "white": [short(value) for value in white[::97]], "band_hz": [380, 640], "envelopes": envelopes,
    }


def main():
    with open(OUT, "w") as file:
        rows = [json.dumps(case(seed), separators=(",", ":")) for seed in (1, 2)]
        file.write(f'{{"sample_rate_hz":{RATE},"count":{COUNT},"cases":[\n' + ",\n".join(rows) + "\n]}\n")


if __name__ == "__main__":
    main()

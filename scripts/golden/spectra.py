#!/usr/bin/env python3
"""Makes Tests/Golden/spectra.json: what SciPy and NumPy say, in double precision, about every kind of spectrum of the 200 seeded
signals of features.py: of each its highest lines, some more, and the root of the sum of all squares.

  scripts/golden/spectra.py     (needs numpy and scipy; scripts/setup makes such a Python)
"""
import json
import os

import numpy as np
from features import samples
from scipy import signal

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Golden", "spectra.json")
SECONDS = [1, 1.37, 1.74, 2.5, 3.2, 2, 1.5]
KINDS = ["power", "velocity", "displacement", "envelope", "squared_envelope"]
WINDOWS = {"hann": "hann", "flattop": "flattop", "rectangular": "boxcar"}
# Code, integrations from acceleration, factor to m/s2, mm/s or um.
UNITS = [("m/s2", 0, 1), ("g", 0, 9.80665), ("mm/s", 1, 1), ("um", 2, 1)]


def rounded(x):
    """Half upwards, as Swift's `rounded()` for what is not negative."""
    return int(np.floor(x + 0.5))


def starts(count, length):
    """Half overlapped or somewhat more, the last at the end."""
    room, half = count - length, length // 2
    hops = -(-room // half)
    return [room * hop // max(hops, 1) for hop in range(hops + 1)]


def rms_lines(x, rate, window):
    """Welch's mean of spectra, RMS of every line; SciPy's own where it lays the segments as we do."""
    length = min(2 * rounded(rate / 2), len(x) // 2 * 2)
    settings = dict(fs=rate, window=WINDOWS[window], detrend="constant", scaling="spectrum")
    if (len(x) - length) % (length // 2) == 0:
        frequency, power = signal.welch(x, nperseg=length, noverlap=length // 2, **settings)
    else:
        parts = [signal.periodogram(x[start : start + length], **settings) for start in starts(len(x), length)]
        frequency, power = parts[0][0], np.mean([part[1] for part in parts], axis=0)
    power[0] = 0
    return frequency, np.sqrt(power)


def integrated(frequency, lines, unit, integrations):
    """In mm/s or um; where acceleration or velocity is integrated, nothing below 2 Hz."""
    _, from_acceleration, factor = unit
    steps = integrations - from_acceleration
    omega = 2 * np.pi * np.maximum(frequency, 1e-9)
    return np.where((frequency >= 2) | (steps <= 0), lines * factor * (1000 / omega) ** steps, 0) * (frequency > 0)


def envelope_lines(x, rate, squared):
    """As `whitened_envelope_spectrum` of vibration.py; the squared one is not cut off."""
    length = int(rate) // 2 * 2
    half = length // 2
    first, last = rounded(half * 0.02), rounded(half * 0.98)
    amplitudes = []
    for start in starts(len(x), length):
        segment = x[start : start + length]
        lines = np.fft.fft(segment - segment.mean())[first : last + 1]
        magnitude = np.abs(lines)
        white = np.zeros(length, dtype=complex)
        white[first : last + 1] = 2 * lines / np.where(magnitude > 0, magnitude, 1) * np.sqrt(np.mean(magnitude**2))
        e = np.abs(np.fft.ifft(white))
        e = e**2 if squared else np.minimum(e, 3 * np.median(e))
        amplitudes.append(2 * np.abs(np.fft.rfft(e - e.mean()))[:half] / length)
    return np.arange(half) * rate / length, np.mean(amplitudes, axis=0)


def spectrum(kind, window, x, rate, unit):
    if kind in ("envelope", "squared_envelope"):
        return envelope_lines(x, rate, kind == "squared_envelope")
    frequency, lines = rms_lines(x, rate, window)
    integrations = {"velocity": 1, "displacement": 2}.get(kind)
    return frequency, lines if integrations is None else integrated(frequency, lines, unit, integrations)


def digest(frequency, lines):
    """The four highest lines and five more, evenly spread on a logarithmic axis."""
    spread = np.geomspace(1, len(lines) - 1, 5).astype(int)
    chosen = sorted({int(k) for k in [*np.argsort(lines)[-4:], *spread] if k > 0})
    short = lambda value: float(f"{value:.6g}")
    return {
        "resolution_hz": float(f"{frequency[1]:.12g}"), "count": len(lines), "root_of_squares": short(np.sqrt((lines**2).sum())),
        "bins": chosen, "amplitude": [short(lines[k]) for k in chosen],
    }


def main():
    rows = []
    for seed in range(200):
        x, unit = samples(seed).astype(float), UNITS[seed // 13 % 4]
        rate = len(x) / SECONDS[seed % 7]
        window = list(WINDOWS)[seed // 8 % 3]
        spectra = {kind: digest(*spectrum(kind, window, x, rate, unit)) for kind in KINDS}
        rows.append({"seed": seed, "count": len(x), "sample_rate_hz": rate, "unit": unit[0], "window": window, "spectra": spectra})
    with open(OUT, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()

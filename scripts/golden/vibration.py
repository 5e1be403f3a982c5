#!/usr/bin/env python3
"""Makes Tests/Golden/signal: what NumPy and SciPy say about a few signals, in double precision.

  scripts/golden/vibration.py     (needs numpy and scipy; scripts/setup makes such a Python)

Samples are stored as float32, little-endian; the figures are computed from exactly these. Same figures at every run.
"""
import json
import os

import numpy as np
from scipy import signal

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Golden", "signal")
FLOOR = 1e-12


def machine(count, rate, seed):
    """Shaft orders, a resonance rung by a bearing defect, noise, and an offset; m/s²."""
    random = np.random.default_rng(seed)
    t = np.arange(count) / rate
    shaft = 0.8 * np.sin(2 * np.pi * 24.7 * t + 0.3) + 0.3 * np.sin(2 * np.pi * 49.4 * t)
    strikes = (np.modf(t * 103.1)[0] * rate / 103.1 < 1).astype(float) * random.uniform(0.7, 1.3, count)
    ring_time = np.arange(int(0.004 * rate) + 2) / rate
    ring = np.exp(-1500 * ring_time) * np.sin(2 * np.pi * 0.23 * rate * ring_time)
    return (0.4 + shaft + 6 * np.convolve(strikes, ring)[:count] + random.normal(0, 0.2, count)).astype("<f4")


def envelope(x, first, last):
    """Magnitude of the analytic signal of the bins first..last; the rest of the spectrum is set to zero."""
    spectrum = np.fft.fft(x)
    kept = np.zeros_like(spectrum)
    kept[first : last + 1] = 2 * spectrum[first : last + 1]
    return np.abs(np.fft.ifft(kept))


def features(samples, rate):
    x = samples.astype(float)
    x = x - x.mean()
    count = len(x)
    half, df = count // 2, rate / count
    rms, peak = np.sqrt(np.mean(x**2)), np.abs(x).max()
    moments = [rms, peak, peak / rms, np.mean(x**4) / rms**4, np.mean(x**3) / rms**3]
    _, density = signal.periodogram(x, rate, window="hann", detrend="constant")
    edges = [half * band // 16 for band in range(17)]
    bands = [np.log(FLOOR + df * density[a + 1 : b + 1].sum()) for a, b in zip(edges, edges[1:])]
    e = envelope(x, round(half * 2 / 12.8), round(half * 10 / 12.8))
    amplitude = 2 * np.abs(np.fft.rfft(e - e.mean())) / count
    tops = []
    for low, high in zip(range(8), range(1, 9)):
        first = max(1, int(np.ceil(5 * 10 ** (low / 4) / df)))
        last = int(500 / df) if high == 8 else int(np.ceil(5 * 10 ** (high / 4) / df)) - 1
        tops.append(np.log(FLOOR + amplitude[first : max(first, last) + 1].max()))
    return density, moments + bands + tops


def window_case(name, count, rate, seed):
    samples = machine(count, rate, seed)
    samples.tofile(os.path.join(OUT, name + ".f32"))
    density, values = features(samples, rate)
    density.astype("<f4").tofile(os.path.join(OUT, name + ".density.f32"))
    return {"name": name, "sample_rate_hz": rate, "features": [float(f"{v:.9g}") for v in values]}


def velocity_rms(x, rate):
    """The whole block, up to 10 s, behind a Kaiser window of beta 7.5, integrated in the frequency domain; mm/s."""
    length = min(len(x), int(10 * rate))
    frequency, density = signal.welch(x, rate, window=("kaiser", 7.5), nperseg=length, detrend="constant")
    band = (frequency >= 10) & (frequency <= 1000)
    return 1e3 * np.sqrt((density[band] / (2 * np.pi * frequency[band]) ** 2).sum() * frequency[1])


def velocity_rms_in_time(x, rate):
    """Another way to the same: band-pass, integrate sample by sample, band-pass once more, leave the ends out."""
    band = signal.butter(6, [10, 1000], "bandpass", fs=rate, output="sos")
    velocity = np.cumsum(signal.sosfiltfilt(band, x - x.mean())) / rate
    velocity = signal.sosfiltfilt(signal.butter(4, 5, "highpass", fs=rate, output="sos"), velocity)
    return 1e3 * np.std(velocity[int(0.1 * rate) : -int(0.1 * rate)])


def whitened_envelope_spectrum(x, rate):
    """Mean over half-overlapping segments of one second: every line of the band at the band's RMS magnitude, envelope
    cut off at three times its median, amplitudes."""
    length = int(rate)
    half = length // 2
    first, last = round(half * 0.02), round(half * 0.98)
    amplitudes = []
    for start in range(0, len(x) - length + 1, half):
        segment = x[start : start + length].astype(float)
        lines = np.fft.fft(segment - segment.mean())[first : last + 1]
        white = np.zeros(length, dtype=complex)
        white[first : last + 1] = 2 * lines / np.abs(lines) * np.sqrt(np.mean(np.abs(lines) ** 2))
        e = np.abs(np.fft.ifft(white))
        e = np.minimum(e, 3 * np.median(e))
        amplitudes.append(2 * np.abs(np.fft.rfft(e - e.mean()))[:half] / length)
    return np.mean(amplitudes, axis=0)


def block_case(name, seconds, rate, seed):
    samples = machine(int(seconds * rate), rate, seed)
    samples.tofile(os.path.join(OUT, name + ".f32"))
    whitened_envelope_spectrum(samples, rate).astype("<f4").tofile(os.path.join(OUT, name + ".envelope.f32"))
    judged = {"velocity_rms_mm_s": velocity_rms(samples, rate), "velocity_rms_in_time_mm_s": velocity_rms_in_time(samples, rate)}
    return {"name": name, "sample_rate_hz": rate, **{key: float(f"{v:.9g}") for key, v in judged.items()}}


def main():
    os.makedirs(OUT, exist_ok=True)
    windows = [window_case("window_4096", 4096, 25600.0, 1), window_case("window_2048", 2048, 12000.0, 2), window_case("window_1000", 1000, 6400.0, 3)]
    blocks = [block_case("block_1s", 1, 6400.0, 4), block_case("block_2s", 2, 5120.0, 5)]
    with open(os.path.join(OUT, "expected.json"), "w") as file:
        json.dump({"windows": windows, "blocks": blocks}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()

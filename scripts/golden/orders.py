#!/usr/bin/env python3
"""Makes Tests/Golden/orders.json: samples of a shaft that runs up, over its angle, by another way than ours: SciPy's Fourier
resampling to sixteen times the rate, a cubic spline through that, and time over angle by NumPy's gradient and SciPy's Hermite cubics.

  scripts/golden/orders.py     (needs numpy and scipy; scripts/setup makes such a Python)
"""
import json
import os

import numpy as np
from scipy import interpolate, signal

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Golden", "orders.json")
RATE, COUNT, PER_TURN = 2000.0, 16000, 2
# Turns per second at the start, and how much more each second.
START, RAMP = 10.0, 2.5
# Order, amplitude, phase; then one line that does not turn with the shaft, in Hz.
ORDERS = [(1, 1.0, 0.3), (2.5, 0.4, 1.1), (7, 0.7, 2.0), (11.25, 0.2, 0.7)]
HUM = (100.0, 0.3)


def samples():
    t = np.arange(COUNT) / RATE
    turns = START * t + RAMP / 2 * t**2
    shaft = sum(a * np.sin(2 * np.pi * (order * turns) + phase) for order, a, phase in ORDERS)
    return (5 + shaft + HUM[1] * np.sin(2 * np.pi * HUM[0] * t)).astype("<f4")


def pulses():
    """When the shaft has turned k / PER_TURN, for as long as the recording lasts."""
    seconds = COUNT / RATE
    angle = np.arange(int((START * seconds + RAMP / 2 * seconds**2) * PER_TURN) + 1) / PER_TURN
    return angle, (np.sqrt(START**2 + 2 * RAMP * angle) - START) / RAMP


def main():
    x, (angle, at) = samples().astype(float), pulses()
    time = interpolate.CubicHermiteSpline(angle, at, np.gradient(at, angle, edge_order=2))
    # Sixteen times the rate by Fourier, the ends faded to the mean: what happens there is not looked at.
    mean, fade = x.mean(), signal.windows.tukey(COUNT, 0.05)
    fine = signal.resample((x - mean) * fade, 16 * COUNT)
    value = interpolate.CubicSpline(np.arange(16 * COUNT) / RATE / 16, fine)
    angles = np.arange(12.0, 100.0, 0.37)
    times = time(angles)
    grid = np.arange(8, 104, 1 / 256)
    on_turns = value(time(grid)) + mean
    frequency, power = signal.welch(on_turns, 256, "hann", nperseg=16 * 256, detrend="constant", scaling="spectrum")
    lines = np.sqrt(power)
    short = lambda values: [float(f"{v:.8g}") for v in values]
    golden = {
        "sample_rate_hz": RATE, "count": COUNT, "pulses_per_turn": PER_TURN, "start_hz": START, "hz_per_s": RAMP, "orders": ORDERS, "hum": HUM,
        "angles": short(angles), "seconds": short(times), "values": short(value(times) + mean),
        "rms_of_orders": [[order, float(f"{lines[int(order * 16)]:.6g}")] for order, _, _ in ORDERS],
    }
    with open(OUT, "w") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items()) + "\n}\n")


if __name__ == "__main__":
    main()

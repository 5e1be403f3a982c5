#!/usr/bin/env python3
"""Holds what scripts/train packages against ONNX Runtime: prints JSON {"verified", "windows", "difference", "probability",
"told"}; `probability`: the mean over healthy windows that nobody learned from.

  train_judge.py THRUM FOLDER OPTION...    OPTIONs go to scripts/train; FOLDER gets recordings, data set and package
"""
import csv
import hashlib
import json
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime

thrum, folder, options = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
root = pathlib.Path(__file__).parents[2]
form = ["--rate", "12800", "--unit", "g"]


def call(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def recording(fault, seed, seconds):
    file = folder / f"{fault}-{seed}.f32"
    call(thrum, "simulate", "--fault", fault, "--seed", seed, "--seconds", seconds, "--rate", 12800, "-o", file)
    return file


def table(file):
    return list(csv.DictReader(call(thrum, "features", file, *form, "--window", 2048, "--overlap", 0, "--csv").splitlines()))


def data_set(rows, names):
    place = folder / "set"
    place.mkdir()
    lines = [",".join(["fleet", "gateway", "machine", "point", "time", "index", "speed_rpm", *names])]
    lines += [",".join(["f", "g", "m", "p", "", str(index), "", *(row[name] for name in names)]) for index, row in enumerate(rows)]
    text = "\n".join(lines) + "\n"
    (place / "features.csv").write_text(text)
    (place / "dataset.json").write_text(json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()}))
    return place


names = call(thrum, "features", recording("none", 9, 1), *form, "--window", 2048, "--csv").splitlines()[0].split(",")
names = [name for name in names if name in ("rms", "peak", "crest", "kurtosis", "skewness") or name.startswith(("band_", "envelope_"))]
names = [name for name in names if name.removeprefix("band_").removeprefix("envelope_").isdigit() or "_" not in name]
healthy, faulty = recording("none", 1, 40), recording("outer", 2, 4)
(folder / "faulty.csv").write_text(call(thrum, "features", faulty, *form, "--window", 2048, "--csv"))
card = {"format": 1, "model": "pumps", "version": "1.0.0", "purpose": "p", "owner": "o", "contact": "c", "licence": "l", "review_by": "2099-01-01",
        "least_thrum": "0.1.0", "limits": [], "known_failure_modes": []}
(folder / "card.json").write_text(json.dumps(card))
said = call(root / "scripts/train", data_set(table(healthy), names), "--card", folder / "card.json", "--faulty", folder / "faulty.csv", "--golden-healthy",
            recording("none", 3, 2), "--golden-faulty", recording("outer", 4, 2), "--window", 2048, *form, "--thrum", thrum, "--onnx", folder / "model.onnx",
            "-o", folder / "package.thrum", *options)
told = json.loads(said[: said.rindex("}") + 1])
verified = subprocess.run([thrum, "model", "verify", folder / "package.thrum"], capture_output=True).returncode == 0

worst = count = probability = 0
for file in (recording("none", 5, 4), faulty):
    rows = table(file)
    values = np.array([[float(row[name]) for name in names] for row in rows], dtype=np.float32)
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    said = dict(zip([output.name for output in session.get_outputs()], session.run(None, {session.get_inputs()[0].name: values})))
    if told["detector"] == "forest":
        expected = np.maximum(0, 1 - said["scores"].ravel() / told["score_limit"])
    else:
        expected = ((said["standardized"] - said["reproduction"]) ** 2).mean(axis=1) / told["score_limit"]
    scores = [json.loads(line)["score"] for line in call(thrum, "model", "score", folder / "package.thrum", file, *form, "--overlap", 0, "--json").splitlines()]
    count += len(scores)
    probability = probability or np.mean([1 / (1 + max(score, 1e-9) ** -4) for score in scores])
    # As everywhere (docs/MODELS.md): float32's last places of scores beyond 20 are wider than 1e-5.
    worst = max(worst, *(abs(a - b) / max(1, b / 20) for a, b in zip(scores, expected, strict=True)))
print(json.dumps({"verified": verified, "windows": count, "difference": float(worst), "probability": float(probability), "told": told}))

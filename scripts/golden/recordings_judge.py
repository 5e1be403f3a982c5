#!/usr/bin/env python3
"""Reads what Thrum wrote with the readers of others: recordings_judge.py FOLDER, which holds samples.f32 (little-endian float32, the
truth), a.wav (read by SciPy), a.uff58 (read by pyuff) and facts.json {"rate_hz", "unit", "name"}. Says what differs; exit 1 if anything."""
import json
import pathlib
import struct
import sys

import numpy
import pyuff
import scipy.io.wavfile

folder = pathlib.Path(sys.argv[1])
truth = numpy.fromfile(folder / "samples.f32", dtype="<f4")
facts = json.loads((folder / "facts.json").read_text())
problems = []


def expect(what, got, wanted):
    if got != wanted:
        problems.append(f"{what}: {got!r}, expected {wanted!r}")


rate, samples = scipy.io.wavfile.read(folder / "a.wav")
expect("WAV rate", rate, round(facts["rate_hz"]))
expect("WAV type", str(samples.dtype), "float32")
expect("WAV samples are the same bits", samples.tobytes(), truth.tobytes())


def chunks(data, place=0):
    while place + 8 <= len(data):
        name, size = data[place:place + 4], struct.unpack_from("<I", data, place + 4)[0]
        yield name, data[place + 8:place + 8 + size]
        place += 8 + size + size % 2


((name, riff),) = chunks((folder / "a.wav").read_bytes())
expect("RIFF", (name, riff[:4]), (b"RIFF", b"WAVE"))
parts = dict(chunks(riff[4:]))
words = {name.decode(): body.rstrip(b"\0").decode() for name, body in chunks(parts[b"LIST"][4:])}
expect("INAM", words["INAM"], facts["name"])
expect("ICMT begins", words["ICMT"].split(";")[0], f"1 in the file is 1 {facts['unit']} (UCUM)")

read = pyuff.UFF(str(folder / "a.uff58")).read_sets()
dataset = read[0] if isinstance(read, list) else read
expect("UFF58 samples are the same bits", numpy.asarray(dataset["data"]).real.astype("<f4").tobytes(), truth.tobytes())
expect("UFF58 function", dataset["func_type"], 1)
expect("UFF58 count", dataset["num_pts"], len(truth))
expect("UFF58 abscissa", (dataset["abscissa_spec_data_type"], dataset["abscissa_spacing"], dataset["abscissa_min"]), (17, 1, 0.0))
expect("UFF58 unit", dataset["ordinate_axis_units_lab"].strip(), facts["unit"])
expect("UFF58 quantity", dataset["ordinate_spec_data_type"], 12)
expect("UFF58 name", dataset["id1"].strip(), facts["name"])
if abs(1 / dataset["abscissa_inc"] / facts["rate_hz"] - 1) > 1e-6:
    problems.append(f"UFF58 rate: {1 / dataset['abscissa_inc']}, expected {facts['rate_hz']}")
print("\n".join(problems) or f"{len(truth)} samples read alike by SciPy {scipy.__version__} and pyuff")
sys.exit(bool(problems))

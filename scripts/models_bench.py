#!/usr/bin/env python3
"""Times Thrum's detectors and ONNX Runtime's on the same exported model and rows, one core each, in turns; `scripts/bench --stages models`."""
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
import onnxruntime

root = pathlib.Path(__file__).parents[1]
ROUNDS, FEATURES = 5, 60


def part(model, kind):
    """The graph from the standardized row to the detector's own score."""
    standardized = next(node for node in model.graph.node if node.op_type == "Clip").output[0]
    end = {"autoencoder": "ReduceMean", "forest": "Pow"}[kind]
    wanted, nodes = {next(node for node in model.graph.node if node.op_type == end).output[0]}, []
    output = next(iter(wanted))
    for node in reversed(model.graph.node):
        if set(node.output) & wanted and node.output[0] != standardized:
            nodes.insert(0, node)
            wanted |= set(node.input)
    value = lambda name, columns: onnx.helper.make_tensor_value_info(name, 1, ["N", columns])
    graph = onnx.helper.make_graph(
        nodes, kind, [value(standardized, FEATURES)], [value(output, 1)], [t for t in model.graph.initializer if t.name in wanted])
    return onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version).SerializeToString()


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def timed(run, repetitions):
    """Least and median microseconds of 31 series."""
    series = []
    for _ in range(31):
        start = time.perf_counter()
        for index in range(repetitions):
            run(index)
        series.append((time.perf_counter() - start) / repetitions * 1e6)
    return min(series), statistics.median(series)


os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
ours, theirs = [], []
with tempfile.TemporaryDirectory() as folder:
    for _ in range(ROUNDS):
        ours.append(json.loads(subprocess.run([root / ".build/release/thrum-bench", "models", "--out", folder], check=True, capture_output=True).stdout))
        model = onnx.load(f"{folder}/model.onnx")
        rows = np.fromfile(f"{folder}/rows.f32", "<f4").reshape(-1, FEATURES)
        single = [np.ascontiguousarray(rows[i : i + 1]) for i in range(len(rows))]
        said = {}
        for kind in ("autoencoder", "forest"):
            running = session(part(model, kind))
            name = running.get_inputs()[0].name
            said[f"{kind}_1"] = timed(lambda i: running.run(None, {name: single[i % 256]}), 500)
            said[f"{kind}_256"] = timed(lambda i: running.run(None, {name: rows}), 20)
        theirs.append(said)
result = {key: round(statistics.median(run[key] for run in ours), 3) for key in ("learn_s", "learn_extra_mib")}
for key in theirs[0]:
    mine, runtime = (min(run[key][0] for run in runs) for runs in (ours, theirs))
    result[key] = {"thrum_us": round(mine, 3), "onnxruntime_us": round(runtime, 3), "times_faster": round(runtime / mine, 2)}
print(json.dumps(result))

#!/usr/bin/env python3
"""What ONNX Runtime makes of a model: prints its outputs as JSON, a list of [row][column] each.

  onnx_judge.py MODEL.onnx ROWS.f32 COLUMNS[xCOLUMNS...]   float32 rows of that shape, one after the other
"""
import json
import sys

import numpy as np
import onnxruntime

model, rows, shape = sys.argv[1:4]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
values = np.fromfile(rows, "<f4").reshape([-1] + [int(size) for size in shape.split("x")])
name = session.get_inputs()[0].name
names = [output.name for output in session.get_outputs()]
outputs = {}
for name_of, output in zip(names, session.run(names, {name: values})):
    if isinstance(output, np.ndarray) and output.dtype == np.float32:
        outputs[name_of] = [[float(x) for x in row.ravel()] for row in output]
json.dump(outputs, sys.stdout)

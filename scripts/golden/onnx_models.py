#!/usr/bin/env python3
"""Writes Tests/Golden/onnx: small models as others export them, and what ONNX Runtime makes of them.

Forests come from scikit-learn by skl2onnx. The networks are put together by hand in the shape in which PyTorch (Gemm with transB,
Conv on [N, C, L], ConvTranspose, Resize) and Keras (MatMul and Add, Transpose, Conv on [N, C, 1, L], SAME padding) write theirs.
Needs numpy, scikit-learn, onnx, onnxruntime, skl2onnx.
"""
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

random = np.random.default_rng(5)
folder = pathlib.Path(__file__).parents[2] / "Tests/Golden/onnx"
learned = (random.normal(0, 1, (120, 6)) * [1, 2, 5, 0.1, 1, 30] + [0, 5, 100, 1, -3, 7]).astype("f4")


class Graph:
    """Operators one behind the other; each takes the last one's output first."""

    def __init__(self, shape):
        self.shape, self.last, self.nodes, self.constants = shape, "x", [], []

    def add(self, kind, *constants, **attributes):
        names = [self.last]
        for constant in constants:
            names.append("" if constant is None else f"c{len(self.constants)}")
            if constant is not None:
                self.constants.append(numpy_helper.from_array(np.asarray(constant), names[-1]))
        self.last = f"y{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, names, [self.last], f"{kind}{len(self.nodes)}", **attributes))
        return self

    def model(self, opset):
        value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *self.shape])
        graph = helper.make_graph(self.nodes, "golden", [value("x")], [value(self.last)], self.constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        onnx.checker.check_model(made)
        return made


def weights(*shape):
    return random.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape).astype("f4")


def normalization(channels):
    return weights(channels) + 1, weights(channels), weights(channels), np.abs(weights(channels)) + 0.5


def dense_torch():
    graph = Graph([12])
    for rows, columns, kind in [(8, 12, "Relu"), (3, 8, "LeakyRelu"), (8, 3, "Elu"), (12, 8, None)]:
        graph.add("Gemm", weights(rows, columns), weights(rows), transB=1, alpha=1.0, beta=1.0)
        if kind:
            graph.add(kind)
    return graph


def dense_keras():
    graph = Graph([33])
    for rows, columns, kind in [(33, 8, "Selu"), (8, 4, "Tanh"), (4, 8, "Softplus"), (8, 33, "Sigmoid")]:
        graph.add("MatMul", weights(rows, columns)).add("Add", weights(columns)).add(kind)
        if kind == "Selu":
            graph.add("BatchNormalization", *normalization(columns), epsilon=1e-3)
    return graph.add("Mul", np.float32(4)).add("Sub", np.float32(2))


def convolution_torch():
    graph = Graph([1, 64])
    graph.add("Conv", weights(4, 1, 5), weights(4), kernel_shape=[5], pads=[2, 2], strides=[2])
    graph.add("BatchNormalization", *normalization(4)).add("Relu").add("MaxPool", kernel_shape=[2], strides=[2])
    graph.add("Conv", weights(6, 2, 3), weights(6), kernel_shape=[3], pads=[2, 2], dilations=[2], group=2).add("Elu")
    graph.add("ConvTranspose", weights(6, 4, 3), weights(4), kernel_shape=[3], strides=[2], pads=[1, 1], output_padding=[1])
    graph.add("Clip", np.float32(-1), np.float32(6))
    graph.add("Resize", None, np.asarray([1, 1, 2], "f4"), mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    return graph.add("Conv", weights(1, 4, 3), weights(1), kernel_shape=[3], pads=[1, 1])


def convolution_keras():
    graph = Graph([24, 1])
    graph.add("Transpose", perm=[0, 2, 1]).add("Unsqueeze", np.asarray([2], "i8"))
    graph.add("Conv", weights(3, 1, 1, 4), weights(3), kernel_shape=[1, 4], auto_pad="SAME_UPPER", strides=[1, 2]).add("HardSigmoid")
    graph.add("AveragePool", kernel_shape=[1, 3], strides=[1, 3], auto_pad="VALID")
    graph.add("Flatten").add("MatMul", weights(12, 5)).add("Softsign").add("MatMul", weights(5, 12)).add("Add", weights(12))
    graph.add("Reshape", np.asarray([-1, 3, 1, 4], "i8"))
    graph.add("Resize", None, np.asarray([1, 1, 1, 6], "f4"), mode="nearest", coordinate_transformation_mode="half_pixel")
    graph.add("Conv", weights(1, 3, 1, 3), kernel_shape=[1, 3], auto_pad="SAME_LOWER")
    return graph.add("Squeeze", np.asarray([2], "i8")).add("Transpose", perm=[0, 2, 1])


def forest(opset, *steps, **settings):
    trained = IsolationForest(n_estimators=6, max_samples=24, random_state=3, **settings)
    return to_onnx(make_pipeline(*steps, trained).fit(learned), learned[:1], target_opset={"": opset, "ai.onnx.ml": 3})


models = {
    "forest-13": (forest(13, StandardScaler()), [6]),
    "forest-17-contamination": (forest(17, RobustScaler(), contamination=0.1), [6]),
    "forest-21": (forest(21, MinMaxScaler(), StandardScaler()), [6]),
    "forest-15-alone": (forest(15), [6]),
    "dense-torch": (dense_torch().model(17), [12]),
    "dense-keras": (dense_keras().model(13), [33]),
    "convolution-torch": (convolution_torch().model(21), [1, 64]),
    "convolution-keras": (convolution_keras().model(18), [24, 1]),
}
folder.mkdir(parents=True, exist_ok=True)
golden = []
for name, (model, shape) in models.items():
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    is_forest = name.startswith("forest")
    rows = random.permutation(learned)[:12] * random.choice([1, 1, 3], (12, 1)) if is_forest else random.normal(0, 1.5, [12] + shape)
    rows = rows.astype("f4").round(4)
    output = session.run(["scores"] if is_forest else None, {session.get_inputs()[0].name: rows})[0]
    flat = lambda table: [[float(x) for x in row.ravel()] for row in table]
    golden.append({"name": name, "rows": flat(rows), "output": flat(output)})
(folder / "models.json").write_text(json.dumps(golden) + "\n")

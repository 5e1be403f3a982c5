"""From a data set (thrum-plane dataset export) to a package: checks the data, trains, measures, compares, packages. Used by scripts/train.

The data set is split by time within each point: the first 60 % are learned from, the next 20 % set the limit, the last 20 % and, where
given, the faulty windows of `thrum features --csv` are only measured on. Forest and autoencoder are both trained and measured; card and
package hold the one that was asked for. The autoencoder is scikit-learn's: its 29-16-8-16-29 learns in seconds, and PyTorch from PyPI would
bring gigabytes for graphics cards. Its gradients, for FGSM (Goodfellow et al. 2015) and PGD (Madry et al. 2018), are worked out here.
MLflow gets parameters, figures and files when it is installed and MLFLOW_TRACKING_URI is set.
"""
import argparse
import csv
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LEADING = 7  # columns before the features
LEAST = 120


def stop(reason):
    raise SystemExit(f"train: {reason}")


def read_set(folder):
    """Names, rows and the point of each row; refuses a table that is not the one its digest tells of."""
    about = json.loads((folder / "dataset.json").read_text())
    data = (folder / "features.csv").read_bytes()
    if hashlib.sha256(data).hexdigest() != about["sha256"]:
        stop(f"{folder}/features.csv: not the table that dataset.json tells of")
    rows = list(csv.reader(data.decode().splitlines()))
    names, body = rows[0][LEADING:], rows[1:]
    values = np.array([[float(cell) for cell in row[LEADING:]] for row in body], dtype=np.float32)
    return about, names, values, ["/".join(row[:4]) for row in body]


def check(names, values, points):
    """What makes a data set worthless is said before anything is learned from it."""
    if len(values) < LEAST:
        stop(f"{len(values)} windows; expected {LEAST} or more")
    if not np.isfinite(values).all():
        stop("a value that is not finite")
    twice = len(values) - len(np.unique(values, axis=0))
    if twice > len(values) // 20:
        stop(f"{twice} of {len(values)} windows are there twice")
    still = [name for name, spread in zip(names, values.std(axis=0)) if spread == 0]
    if len(still) > len(names) // 2:
        stop(f"half of the features never change: {', '.join(still)}")
    few = [point for point in sorted(set(points)) if points.count(point) < 10]
    return {"windows": len(values), "points": len(set(points)), "twice": int(twice), "constant_features": still, "points_with_few": few}


def split(points):
    """Row numbers of train, validation and test: blocks of time within each point, for neighbours look alike."""
    parts = ([], [], [])
    for point in sorted(set(points)):
        rows = [index for index, name in enumerate(points) if name == point]
        cuts = (int(0.6 * len(rows)), int(0.8 * len(rows)))
        for part, chosen in zip(parts, (rows[: cuts[0]], rows[cuts[0] : cuts[1]], rows[cuts[1] :])):
            part.extend(chosen)
    return parts


def faulty_rows(files, names):
    rows = []
    for file in files:
        for row in csv.DictReader(open(file)):
            rows.append([float(row[name]) for name in names])
    return np.array(rows, dtype=np.float32).reshape(-1, len(names))


class Forest:
    """scikit-learn's isolation forest behind a standardizer."""

    def __init__(self, train, options):
        self.pipeline = make_pipeline(StandardScaler(), IsolationForest(n_estimators=options.trees, random_state=options.seed)).fit(train)
        self.example = train[:1]

    def score(self, rows):
        return -self.pipeline.score_samples(rows)

    def set_limit(self, healthy):
        """A twentieth beyond the strangest window that was held back; 0 is an ordinary one."""
        self.limit, self.floor = float(self.score(healthy).max() * 1.05), float(np.median(self.score(healthy)))

    def onnx(self):
        return with_limit(to_onnx(self.pipeline, self.example, target_opset={"": 17, "ai.onnx.ml": 3}), self.limit, self.floor)

    def how_to_import(self):
        return ["--limit", self.limit - self.floor]

    def least_scores(self, rows, budget):
        return least_scores(self.score, rows, self.pipeline[0].scale_, budget)


class Autoencoder:
    """n-16-8-16-n, tanh, behind a standardizer as Thrum's own: no deviation below 3 % of the mean, 12 deviations at most."""
    MOST, LEAST_DEVIATION = 12, 0.03

    def __init__(self, train, options):
        self.mean = train.mean(axis=0)
        self.scale = np.maximum(np.maximum(train.std(axis=0), self.LEAST_DEVIATION * np.abs(self.mean)), 1e-6)
        self.net = MLPRegressor(hidden_layer_sizes=(16, 8, 16), activation="tanh", max_iter=1500, random_state=options.seed)
        rows = self.standardized(train)
        if options.adversarial:
            self.learn_against(rows, 1 if options.adversarial == "fgsm" else 10)
        else:
            self.net.fit(rows, rows)

    def learn_against(self, rows, steps, epochs=400, budget=0.25):
        """Healthy windows, moved by up to `budget` deviations a feature to where their error is greatest, must be reproduced as they were."""
        for epoch in range(epochs):
            moved = self.moved(rows, budget, steps, 1, target=rows) if epoch else rows
            self.net.partial_fit(np.concatenate([rows, moved]), np.concatenate([rows, rows]))

    def standardized(self, rows):
        return np.clip((rows - self.mean) / self.scale, -self.MOST, self.MOST)

    def gradient(self, rows, target=None):
        """Of the squared error, by the standardized values; `target`: what is to come out, where it is not what goes in."""
        values, weights = [rows], self.net.coefs_
        for index, (weight, bias) in enumerate(zip(weights, self.net.intercepts_)):
            sum = values[-1] @ weight + bias
            values.append(sum if index == len(weights) - 1 else np.tanh(sum))
        error = back = values[-1] - (rows if target is None else target)
        for index in reversed(range(len(weights))):
            if index < len(weights) - 1:
                back = back * (1 - values[index + 1] ** 2)
            back = back @ weights[index].T
        return back - error if target is None else back

    def moved(self, rows, budget, steps, sign, target=None):
        """Up the gradient's sign, or down, never farther than `budget`; one step is FGSM, more are PGD."""
        moved = rows
        for _ in range(steps):
            step = sign * np.sign(self.gradient(moved, target)) * (budget if steps == 1 else 2.5 * budget / steps)
            moved = np.clip(moved + step, rows - budget, rows + budget)
        return moved

    def error(self, standardized):
        return ((self.net.predict(standardized) - standardized) ** 2).mean(axis=1)

    def score(self, rows):
        return self.error(self.standardized(rows))

    def set_limit(self, healthy):
        """The room above the strangest window that was held back is that of Thrum's own models."""
        self.limit = float(self.score(healthy).max() * 1.75)

    def onnx(self):
        """`reproduction` is compared with `standardized`: errors count in deviations, not in g and logarithms."""
        nodes, constants = [], []

        def add(kind, inputs, output, *numbers, **attributes):
            names = []
            for number in numbers:
                names.append(f"c{len(constants)}")
                constants.append(numpy_helper.from_array(np.asarray(number, dtype=np.float32), names[-1]))
            nodes.append(helper.make_node(kind, [inputs, *names], [output], name=output, **attributes))
            return output

        last = add("Sub", "features", "centred", self.mean)
        last = add("Mul", last, "scaled", 1 / self.scale)
        last = add("Clip", last, "standardized", -self.MOST, self.MOST)
        for index, (weight, bias) in enumerate(zip(self.net.coefs_, self.net.intercepts_)):
            is_last = index == len(self.net.coefs_) - 1
            last = add("Gemm", last, "reproduction" if is_last else f"sum{index}", weight, bias)
            last = last if is_last else add("Tanh", last, f"hidden{index}")
        value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", len(self.mean)])
        graph = helper.make_graph(nodes, "autoencoder", [value("features")], [value("standardized"), value("reproduction")], constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def how_to_import(self):
        return ["--limit", self.limit, "--output-name", "reproduction", "--compared-with", "standardized"]

    def least_scores(self, rows, budget):
        return self.error(self.moved(self.standardized(rows), budget, 20, -1))


DETECTORS = {"forest": Forest, "autoencoder": Autoencoder}


def with_limit(made, limit, floor):
    """The forest's decision, 0 at `limit` and moved so that Thrum's score is 0 at `floor`, an ordinary healthy window, and 1 at the limit:
    a forest's own scores never come near 0, and as probabilities they would tell of a fault in every healthy window."""
    graph = made.graph
    last = next(node for node in graph.node if node.output[0] == "scores")
    constant = next(tensor for tensor in graph.initializer if tensor.name == last.input[1])
    if last.op_type != "Add" or constant.name in [name for node in graph.node if node is not last for name in node.input]:
        stop("skl2onnx writes the forest's decision otherwise than it did")
    constant.CopyFrom(numpy_helper.from_array(np.array([limit - floor], dtype=np.float32), constant.name))
    graph.initializer.append(numpy_helper.from_array(np.array([floor], dtype=np.float32), "floor"))
    moved = helper.make_node("Add", [last.input[0], "floor"], ["above_floor"], name="above_floor")
    last.input[0] = "above_floor"
    graph.node.insert(list(graph.node).index(last), moved)
    return made


def least_scores(score, rows, scale, budget, steps=20):
    """Faulty windows moved by up to `budget` standard deviations a feature to look healthy: a search without gradients, for forests have none."""
    random, best = np.random.default_rng(0), rows.copy()
    least = score(best)
    for _ in range(steps):
        moved = np.clip(best + random.choice([-1, 0, 1], rows.shape) * scale * budget / 4, rows - budget * scale, rows + budget * scale)
        found = score(moved.astype(np.float32))
        better = found < least
        best[better], least[better] = moved[better], found[better]
    return least


def figures(score, limit, healthy, faulty):
    """Text, as cards have it."""
    told = {"healthy_windows": str(len(healthy)), "false_alarm_permille": f"{1000 * (score(healthy) > limit).mean():.1f}"}
    if len(faulty):
        both = np.concatenate([score(healthy), score(faulty)])
        told["faulty_windows"] = str(len(faulty))
        told["found_permille"] = f"{1000 * (score(faulty) > limit).mean():.1f}"
        told["roc_auc"] = f"{roc_auc_score([0] * len(healthy) + [1] * len(faulty), both):.4f}"
    return told


def thrum(program, *arguments):
    done = subprocess.run([program, "model", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        stop(f"thrum model {arguments[0]}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def log_to_mlflow(options, told, files):
    if "MLFLOW_TRACKING_URI" not in os.environ:
        return
    try:
        import mlflow
    except ImportError:
        return print("train: MLFLOW_TRACKING_URI is set, but mlflow is not installed", file=sys.stderr)
    with mlflow.start_run(run_name=options.output.stem):
        mlflow.log_params({"detector": options.detector, "adversarial": options.adversarial, "trees": options.trees, "seed": options.seed, "dataset": told["dataset"]})
        for set_name, row in told["metrics"].items():
            mlflow.log_metrics({f"{set_name}_{name}": float(value) for name, value in row.items()})
        for file in files:
            mlflow.log_artifact(str(file))


def in_service(registry, model):
    """Version and metrics of what a fleet runs of this model now, as the registry tells; `None`: nothing yet."""
    listing = json.loads(registry.read_text())
    versions = [row["version"] for row in listing["rollouts"] if row["model"] == model]
    found = [row for row in listing["models"] if row["model"] == model and row["version"] in versions]
    return {"version": found[-1]["version"], "test": found[-1]["metrics"].get("test", {})} if found else None


def worse(ours, theirs):
    """Figures of the test set that are worse than those in service; each was measured on its own data set."""
    better = {"roc_auc": 1, "found_permille": 1, "false_alarm_permille": -1}
    return [name for name, sign in better.items() if name in ours and name in theirs and sign * (float(ours[name]) - float(theirs[name])) < 0]


def parse():
    parser = argparse.ArgumentParser(prog="scripts/train", description="Learn a forest or an autoencoder from healthy windows and package it.")
    parser.add_argument("dataset", type=pathlib.Path, help="folder of thrum-plane dataset export")
    parser.add_argument("--card", type=pathlib.Path, required=True, help="card's JSON; training_data and metrics are filled in here")
    parser.add_argument("--faulty", nargs="*", default=[], help="faulty windows, as thrum features --csv prints them")
    parser.add_argument("--golden-healthy", nargs="+", required=True, help="recordings for golden windows")
    parser.add_argument("--golden-faulty", nargs="+", required=True)
    parser.add_argument("--detector", choices=sorted(DETECTORS), default="forest", help="what is packaged; the other is measured beside it")
    parser.add_argument("--adversarial", choices=["fgsm", "pgd"], help="train the autoencoder against moved windows, by one step or ten")
    parser.add_argument("--registry", type=pathlib.Path, help="what `thrum-plane models --json` printed: the version in service is compared with")
    parser.add_argument("--against", help="model or package in service, to be compared with")
    parser.add_argument("--window", type=int, required=True)
    parser.add_argument("--rate", required=True)
    parser.add_argument("--unit", required=True)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attack", action="store_true", help="also measure faults moved towards looking healthy: forest by search, autoencoder by PGD")
    parser.add_argument("--onnx", type=pathlib.Path, help="write the ONNX here too")
    parser.add_argument("--thrum", default="thrum", help="the program")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    return parser.parse_args()


def measured(detector, parts, faulty, attack):
    """Metrics by set, as cards have them."""
    train, validation, test = parts
    told = {name: figures(detector.score, detector.limit, rows, faulty if name == "test" else faulty[:0])
            for name, rows in (("train", train), ("validation", validation), ("test", test))}
    if attack and len(faulty):
        for budget in (0.5, 1, 2):
            told["test"][f"found_permille_moved_{budget}"] = f"{1000 * (detector.least_scores(faulty, budget) > detector.limit).mean():.1f}"
    return told


def main():
    options = parse()
    about, names, values, points = read_set(options.dataset)
    seen = check(names, values, points)
    parts = [values[rows] for rows in split(points)]
    faulty, card = faulty_rows(options.faulty, names), json.loads(options.card.read_text())
    trained, metrics = {}, {}
    for name, kind in DETECTORS.items():
        trained[name] = kind(parts[0], options)
        trained[name].set_limit(parts[1])
        metrics[name] = measured(trained[name], parts, faulty, options.attack)
    chosen = trained[options.detector]
    told = {"dataset": about["sha256"], "data": seen, "detector": options.detector, "limit": chosen.limit, "score_limit": chosen.how_to_import()[1], "metrics": metrics[options.detector],
            "beside": {name: row["test"] for name, row in metrics.items() if name != options.detector}}
    if options.registry and (service := in_service(options.registry, card["model"])):
        told["in_service"] = {**service, "worse": worse(told["metrics"]["test"], service["test"])}
    card["training_data"] = {"description": f"{seen['windows']} healthy windows of {seen['points']} points", "sha256": about["sha256"]}
    card["metrics"] = told["metrics"]
    with tempfile.TemporaryDirectory() as folder:
        onnx, model, filled = (pathlib.Path(folder) / name for name in ("model.onnx", "imported.model", "card.json"))
        onnx.write_bytes(chosen.onnx().SerializeToString())
        if options.onnx:
            options.onnx.write_bytes(onnx.read_bytes())
        filled.write_text(json.dumps(card))
        shape = ["--window", options.window, "--rate", options.rate, "--unit", options.unit]
        thrum(options.thrum, "import", onnx, "--input", "features", "--features", ",".join(names), *chosen.how_to_import(), *shape, "-o", model)
        golden = ["--golden-healthy", *options.golden_healthy, "--golden-faulty", *options.golden_faulty]
        said = thrum(options.thrum, "package", model, "--card", filled, *golden, "--rate", options.rate, "--unit", options.unit, "-o", options.output)
        if options.against:
            told["against"] = thrum(
                options.thrum, "replay", options.output, "--against", options.against, *options.golden_healthy, *options.golden_faulty,
                "--rate", options.rate, "--unit", options.unit)
        log_to_mlflow(options, told, [onnx, filled, options.output])
    print(json.dumps(told, indent=1))
    print(said)


if __name__ == "__main__":
    main()

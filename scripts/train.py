"""From a data set (thrum-plane dataset export) to a package: checks the data, trains, measures, compares, packages. Used by scripts/train.

The data set is split by time within each point: the first 60 % are learned from, the next 20 % set the limit, the last 20 % and, where
given, the faulty windows of `thrum features --csv` are only measured on. An autoencoder is trained beside the forest and its figures are
printed; card and package hold the forest, for the autoencoder's score needs standardized inputs, which the ONNX that Thrum imports cannot say.
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
from onnx import helper, numpy_helper
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


def train_autoencoder(train, seed):
    scaler = StandardScaler().fit(train)
    net = MLPRegressor(hidden_layer_sizes=(16, 8, 16), activation="tanh", max_iter=1500, random_state=seed).fit(scaler.transform(train), scaler.transform(train))
    return lambda rows: ((net.predict(scaler.transform(rows)) - scaler.transform(rows)) ** 2).mean(axis=1)


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
        mlflow.log_params({"trees": options.trees, "seed": options.seed, "dataset": told["dataset"]})
        for set_name, row in told["metrics"].items():
            mlflow.log_metrics({f"{set_name}_{name}": float(value) for name, value in row.items()})
        for file in files:
            mlflow.log_artifact(str(file))


def parse():
    parser = argparse.ArgumentParser(prog="scripts/train", description="Learn a forest from healthy windows and package it.")
    parser.add_argument("dataset", type=pathlib.Path, help="folder of thrum-plane dataset export")
    parser.add_argument("--card", type=pathlib.Path, required=True, help="card's JSON; training_data and metrics are filled in here")
    parser.add_argument("--faulty", nargs="*", default=[], help="faulty windows, as thrum features --csv prints them")
    parser.add_argument("--golden-healthy", nargs="+", required=True, help="recordings for golden windows")
    parser.add_argument("--golden-faulty", nargs="+", required=True)
    parser.add_argument("--against", help="model or package in service, to be compared with")
    parser.add_argument("--window", type=int, required=True)
    parser.add_argument("--rate", required=True)
    parser.add_argument("--unit", required=True)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attack", action="store_true", help="also measure faults that a random search moves towards looking healthy")
    parser.add_argument("--thrum", default="thrum", help="the program")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    return parser.parse_args()


def main():
    options = parse()
    about, names, values, points = read_set(options.dataset)
    seen = check(names, values, points)
    train, validation, test = (values[rows] for rows in split(points))
    faulty = faulty_rows(options.faulty, names)
    forest = make_pipeline(StandardScaler(), IsolationForest(n_estimators=options.trees, random_state=options.seed)).fit(train)
    strange = lambda rows: -forest.score_samples(rows)
    # A twentieth beyond the strangest window that was held back.
    limit, floor = float(strange(validation).max() * 1.05), float(np.median(strange(validation)))
    autoencoder = train_autoencoder(train, options.seed)
    told = {
        "dataset": about["sha256"], "data": seen, "limit": limit,
        "metrics": {"train": figures(strange, limit, train, faulty[:0]), "validation": figures(strange, limit, validation, faulty[:0]),
                    "test": figures(strange, limit, test, faulty)},
        "autoencoder": figures(autoencoder, float(autoencoder(validation).max() * 1.05), test, faulty),
    }
    if options.attack and len(faulty):
        for budget in (0.5, 1, 2):
            moved = least_scores(strange, faulty, values.std(axis=0), budget)
            told["metrics"]["test"][f"found_permille_moved_{budget}"] = f"{1000 * (moved > limit).mean():.1f}"
    card = json.loads(options.card.read_text())
    card["training_data"] = {"description": f"{seen['windows']} healthy windows of {seen['points']} points", "sha256": about["sha256"]}
    card["metrics"] = told["metrics"]
    with tempfile.TemporaryDirectory() as folder:
        onnx, model, filled = (pathlib.Path(folder) / name for name in ("forest.onnx", "forest.model", "card.json"))
        made = with_limit(to_onnx(forest, train[:1], target_opset={"": 17, "ai.onnx.ml": 3}), limit, floor)
        onnx.write_bytes(made.SerializeToString())
        filled.write_text(json.dumps(card))
        shape = ["--window", options.window, "--rate", options.rate, "--unit", options.unit]
        thrum(options.thrum, "import", onnx, "--input", "features", "--features", ",".join(names), "--limit", limit - floor, *shape, "-o", model)
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

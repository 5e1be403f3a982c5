#!/usr/bin/env python3
"""Writes Tests/Golden/forest_judge.json: windows, and how scikit-learn's isolation forest scores probes under 50 seeds
(needs numpy, scikit-learn). ForestJudgeTests asks whether Thrum's forests could be some of scikit-learn's."""
import json
import pathlib

import numpy as np
from sklearn.ensemble import IsolationForest

random = np.random.default_rng(17)
mix = random.normal(0, 1, (3, 8))
healthy = lambda count: random.normal(0, 1, (count, 3)) @ mix + random.normal(0, 0.5, (count, 8))
learned = healthy(400).astype("f4").round(3)
probes = np.concatenate([healthy(80), 1.6 * healthy(40) + random.normal(0, 1, (40, 8))]).astype("f4").round(3)
scores = [-IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(learned).score_samples(probes) for seed in range(50)]
rows = lambda table, digits: [[round(float(x), digits) for x in row] for row in table]
golden = pathlib.Path(__file__).parents[2] / "Tests/Golden/forest_judge.json"
golden.write_text(json.dumps({"learned": rows(learned, 3), "probes": rows(probes, 3), "healthyProbes": 80, "scores": rows(scores, 5)}) + "\n")

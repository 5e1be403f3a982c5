#!/usr/bin/env python3
"""Writes Tests/Golden/forest.json: what scikit-learn's isolation forest says, on average over seeds (needs numpy, scikit-learn)."""
import json
import pathlib

import numpy as np
from sklearn.ensemble import IsolationForest

random = np.random.default_rng(11)
learned = np.concatenate([random.normal(0, 1, (220, 4)), random.normal((4, 4, 0, 0), 0.5, (80, 4))]).astype("f4").round(3)
probes = np.concatenate([learned[::30], random.normal(0, 4, (10, 4))]).astype("f4").round(3)
forests = [IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(learned) for seed in range(40)]
scores = np.mean([-forest.score_samples(probes) for forest in forests], axis=0)
golden = pathlib.Path(__file__).parents[2] / "Tests/Golden/forest.json"
rows = lambda table: [[round(float(x), 3) for x in row] for row in table]
golden.write_text(json.dumps({"learned": rows(learned), "probes": rows(probes), "scores": [round(float(s), 5) for s in scores]}) + "\n")

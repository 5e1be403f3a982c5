"""Every reading verb with the daemon dead (`scripts/bench reading`): whether it says since when, and how long it takes to answer.

A thrumd is started once and killed; the store is filled as `scripts/bench status` does, with an alarm. One line a verb, then one JSON
object; exit code 1 when a verb fails or does not say `stopped since`. Times are printed, and held against 100 ms in words only.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time

import status_bench

LIMIT_MS = 100
POINT, ALARM = "machine-0001/point-1", "machine-0001#1"
# Verb, and whether its words must say since when the daemon does not run; machines read it in `thrum status --json`.
VERBS = [
    (["status"], True), (["status", "--json"], True), (["points"], True), (["points", "--json"], False), (["alarms"], True),
    (["alarms", "--all"], True), (["events", "--last", "50"], True), (["show", POINT], True), (["show", POINT, "--trend"], True),
    (["explain", ALARM], True), (["review"], True), (["models"], True), (["doctor"], True), (["check"], True), (["audit"], True),
    (["audit", "verify"], True), (["export", POINT], False), (["export", POINT, "--list"], True), (["config", "show"], False),
    (["config", "check"], False), (["bundle", "-o", "bundle.tar"], False), (["backup", "-o", "copy.db"], False),
]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench reading")
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--bytes", type=int, default=100_000_000, help="size of the store")
    parser.add_argument("--times", type=int, default=5, help="how often each is asked; the best counts")
    parser.add_argument("--binaries", type=pathlib.Path, default=status_bench.BIN)
    arguments = parser.parse_args()
    status_bench.BIN = arguments.binaries.resolve()
    with tempfile.TemporaryDirectory(prefix="thrum-reading-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        folder = pathlib.Path(folder)
        environment = {**os.environ, "THRUM_CONFIG": str(folder / "thrum.toml"), "THRUM_STATE_DIR": str(folder / "state"), "NO_COLOR": "1"}
        (folder / "thrum.toml").write_text('[broker]\nurl = "mqtt://127.0.0.1:1"\n[store]\nmax_bytes = 4_000_000_000\n')
        status_bench.make_tables(folder, environment)
        filling = multiprocessing.Process(target=fill, args=(folder / "state" / "thrum.db", arguments.points, arguments.bytes))
        filling.start()
        filling.join()
        rows = [ask(verb, says, environment, folder, arguments.times) for verb, says in VERBS]
        size = (folder / "state" / "thrum.db").stat().st_size
    for row in rows:
        late = "" if row["ms"] <= LIMIT_MS else f"  over {LIMIT_MS} ms"
        print(f"{row['verb']:32} {row['ms']:8.1f} ms  {row['problem'] or 'ok'}{late}")
    late = [row["verb"] for row in rows if row["ms"] > LIMIT_MS]
    failed = [row["verb"] for row in rows if row["problem"]]
    print(json.dumps({"store_bytes": size, "points": arguments.points, "slowest_ms": max(row["ms"] for row in rows), "over_limit": late,
                      "failed": failed}))
    raise SystemExit(bool(failed))


def fill(path, points, size):
    status_bench.fill(path, points, size)
    database = sqlite3.connect(path)
    now = time.time_ns()
    why = {"words": "It is louder than it was.", "decided_by": ["severity"], "zone": "C", "velocity_rms_mm_s": 5.0, "uncalibrated": False,
           "contributions": [], "lines": []}
    database.execute(
        "INSERT INTO alarm (id, machine, state, priority, members, raised_at, changed_at, explanation) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [ALARM, POINT.split("/")[0], "unacknowledged", "alarm", json.dumps([POINT.split("/")[1]]), now, now, json.dumps(why)])
    database.commit()
    database.close()


def ask(verb, says, environment, folder, times):
    best, problem = float("inf"), None
    for _ in range(times):
        started = time.monotonic()
        done = subprocess.run([status_bench.BIN / "thrum", *verb], env=environment, cwd=folder, capture_output=True, text=True)
        best = min(best, 1000 * (time.monotonic() - started))
        # doctor and check answer with what they found.
        if done.returncode != 0 and verb[0] not in ("doctor", "check"):
            problem = f"exit code {done.returncode}: {done.stderr.strip()[:100]}"
        elif says and "stopped since" not in done.stdout and "stopped_since" not in done.stdout:
            problem = "does not say since when"
    return {"verb": " ".join(verb), "ms": round(best, 1), "problem": problem}


if __name__ == "__main__":
    main()

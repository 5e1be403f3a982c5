"""How fast `thrum status` answers from a large store (`scripts/bench status`): 1,000 points, 1 GB; one JSON object.

The tables are made by a thrumd that was started once, the rows written here.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build" / "release"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench status")
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--bytes", type=int, default=10**9, help="size of the store")
    parser.add_argument("--times", type=int, default=20, help="how often it is asked")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thrum-status-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        folder = pathlib.Path(folder)
        environment = {**os.environ, "THRUM_CONFIG": str(folder / "thrum.toml"), "THRUM_STATE_DIR": str(folder / "state")}
        (folder / "thrum.toml").write_text('[broker]\nurl = "mqtt://127.0.0.1:1"\n[ingest]\nmax_points = 4096\n[store]\nmax_bytes = 4_000_000_000\n')
        make_tables(folder, environment)
        # In a process of its own: what it takes would count as its later children's.
        filling = multiprocessing.Process(target=fill, args=(folder / "state" / "thrum.db", arguments.points, arguments.bytes))
        filling.start()
        filling.join()
        print(json.dumps({"points": arguments.points, "store_bytes": (folder / "state" / "thrum.db").stat().st_size, **measure(environment, arguments.times)}))


def make_tables(folder, environment):
    daemon = subprocess.Popen([BIN / "thrumd"], env=environment, stderr=subprocess.DEVNULL)
    while subprocess.run([BIN / "thrum", "status"], env=environment, capture_output=True).returncode != 0:
        time.sleep(0.1)
    daemon.terminate()
    daemon.wait(20)


def fill(path, points, size):
    database = sqlite3.connect(path)
    database.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL")
    now = time.time_ns()
    columns = [row[1] for row in database.execute("PRAGMA table_info(point)")]
    like = {"verdict": "normal", "operating_state": "steady", "baseline_phase": "ready", "zone": "A", "model_version": "v1", "last_frame_at": now}
    types = {row[1]: row[2] for row in database.execute("PRAGMA table_info(point)")}
    for number in range(1, points + 1):
        values = {**like, "id": number, "machine": f"machine-{number // 4:04}", "point": f"point-{number % 4}"}
        database.execute(f"INSERT INTO point ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                         [values.get(name, None if name == "reason" else 0 if types[name] in ("INTEGER", "REAL") else "") for name in columns])
        database.execute("INSERT INTO ledger VALUES (?, 1000, 990, 0, 0, 3)", [number])
        database.execute("INSERT INTO ledger_reason VALUES (?, 'quarantined', 'late', 10)", [number])
        database.execute("INSERT INTO source_sequence VALUES (?, 1, 1000)", [number])
    row, each = 0, 2000
    while database.execute("PRAGMA page_count").fetchone()[0] * 4096 < size:
        rows = [(number, row + step, now + step, 1.0, 1.0, 3.0, 0.1, "normal", None) for step in range(20) for number in range(1, points + 1)]
        database.executemany("INSERT INTO trend VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.executemany("INSERT INTO baseline VALUES (?, ?, ?)", [(number, row + step, bytes(each)) for step in range(20) for number in range(1, points + 1)])
        row += 20
        database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def measure(environment, times):
    spent, peak = [], 0
    for _ in range(times):
        started = time.monotonic()
        process = subprocess.Popen([BIN / "thrum", "status"], env=environment, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        spent.append(time.monotonic() - started)
        peak = max(peak, usage.ru_maxrss)
        assert status == 0, "thrum status failed"
        process.returncode = 0
    spent.sort()
    return {"best_ms": round(1000 * spent[0], 1), "median_ms": round(1000 * spent[len(spent) // 2], 1), "max_rss_mib": round(peak / 1024, 1)}


if __name__ == "__main__":
    main()

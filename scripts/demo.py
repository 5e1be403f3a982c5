"""The demonstration behind scripts/demo: real mosquitto, thrumd, thrum-plane and thrum, on files and ports of its own."""
import argparse
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from loopback import free_port, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build" / "release"
RATE_HZ = 24_414
FRAME = 4_096
GAP_S = 1.0  # between recordings, which do not belong together


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what it started ends with it
    demo = Demo(options)
    try:
        report = demo.run()
        print(json.dumps(report))
        if not options.once:
            demo.stay()
        demo.forget()
        return 0 if report["ok"] else 1
    finally:
        demo.close()


def parse():
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--once", action="store_true", help="end after the last phase")
    parser.add_argument("--simulated", action="store_true", help="use the simulator instead of recordings")
    return parser.parse_args()


class Demo:
    def __init__(self, options):
        self.simulated = options.simulated
        self.feeds = simulated_feeds() if self.simulated else recorded_feeds()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="thrum-demo-"))
        self.port = free_port()
        self.processes = {}
        self.started = time.monotonic()
        self.published = {}  # point -> frames
        self.env = {**os.environ, "THRUM_CONFIG": str(self.folder / "thrum.toml"), "THRUM_STATE_DIR": str(self.folder / "state")}
        self.clock_ns = time.time_ns() - 60 * 1_000_000_000

    # the story

    def run(self):
        self.say(f"{len(self.feeds)} points" + (", SIMULATED signals" if self.simulated else ", recordings of the MFPT bearing test rig"))
        self.write_configuration()
        self.start_broker()
        self.start_plane()
        self.start_daemon()
        # Before its first subscription the broker keeps nothing for it; after that it does, whatever becomes of thrumd.
        self.wait("thrumd has subscribed", lambda s: s["broker"]["connected"])
        self.phase("learn", "two healthy recordings to every point, thrumd is killed while they flow",
                   [feed.healthy for feed in self.feeds], kill_after_s=2.0)
        self.wait("every point has learned its baseline", lambda s: all(p["baseline"]["state"] == "ready" for p in s["points"]))
        quiet = self.alarms()
        self.stop("plane")
        self.say("the plane is stopped: from here on events wait in the store")
        self.phase("watch", "one more recording to every point, thrumd is killed again",
                   [[feed.judged] for feed in self.feeds], kill_after_s=1.0)
        status = self.wait("every frame is accounted for", self.has_all)
        self.show("status")
        self.explain()
        self.start_plane()
        status = self.wait("the plane has every event", lambda s: delivered(s))
        return self.report(status, quiet)

    def phase(self, name, words, recordings, kill_after_s):
        self.say(f"{name}: {words}")
        plan = {"port": self.port, "sample_rate_hz": RATE_HZ, "frame_samples": FRAME, "frames_per_second": 200, "feeds": []}
        for feed, files in zip(self.feeds, recordings):
            plan["feeds"].append({"topic": f"plant/{feed.machine}/bearing/vib", "first_sequence": self.published.get(feed.machine, 0),
                                  "start_ns": self.clock_ns, "gap_s": GAP_S, "recordings": files})
        self.clock_ns += 20 * 1_000_000_000
        publisher = subprocess.Popen([BIN / "thrum-bench", "replay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        publisher.stdin.write(json.dumps(plan))
        publisher.stdin.close()
        time.sleep(kill_after_s)  # somewhere in the middle: where exactly must not matter
        flowing = publisher.poll() is None
        self.kill("daemon")
        self.say("  kill -9 thrumd" + ("" if flowing else " (the publisher was done already)"))
        self.start_daemon()
        result = json.loads(publisher.stdout.read())
        if publisher.wait() != 0:
            raise SystemExit("demo: the publisher failed")
        for feed, count in zip(self.feeds, result["frames"]):
            self.published[feed.machine] = self.published.get(feed.machine, 0) + count
        self.say(f"  {sum(result['frames'])} frames published, every one acknowledged by the broker")
        self.wait("thrumd has read them all", self.has_all)

    def explain(self):
        alarms = self.alarms()
        if alarms:
            self.show("explain", alarms[0]["id"])

    def report(self, status, quiet_alarms):
        points = {p["machine"]: p for p in status["points"]}
        committed_equal = all(points[m]["sequences"] == [[0, n - 1]] for m, n in self.published.items())
        balanced = all(balances(p["ledger"]) for p in points.values())
        alarmed = {a["machine"] for a in self.alarms()}
        faulty = {f.machine for f in self.feeds if f.faulty}
        healthy = {f.machine for f in self.feeds if not f.faulty}
        stored = [json.loads(line) for line in self.output("thrum", "events", "--json").splitlines()]
        at_plane = [json.loads(line) for line in self.output("thrum-plane", "events", "--db", self.plane_database, "--json").splitlines()]
        once = len({e["id"] for e in at_plane}) == len(at_plane) and {e["id"] for e in at_plane} == {e["id"] for e in stored}
        checks = {
            "alarmed_every_fault": faulty <= alarmed,
            "quiet_on_healthy": not quiet_alarms and not healthy & alarmed,
            "published_equals_committed": committed_equal,
            "ledger_adds_up": balanced,
            "every_event_once_at_the_plane": once,
        }
        total = lambda key: sum(p["ledger"][key] for p in points.values())
        return {
            "ok": all(checks.values()), "simulated": self.simulated, "published": sum(self.published.values()),
            "received": total("received"), "analysed": total("analysed"), "pending": total("pending"), "duplicate": total("duplicate"),
            "dropped": total("dropped"), "quarantined": total("quarantined"), "missing": total("missing"),
            "committed": sum(b - a + 1 for p in points.values() for a, b in p.get("sequences", [])),
            "kills": 2, "faults": len(faulty), "alarmed": len(alarmed & faulty), "false_alarms": len(alarmed - faulty),
            "events": len(stored), "delivered": len(at_plane), "seconds": round(time.monotonic() - self.started, 1), **checks,
        }

    # processes

    def start_broker(self):
        conf = self.folder / "mosquitto.conf"
        conf.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                        "max_queued_messages 0\nmax_queued_bytes 0\nset_tcp_nodelay true\nlog_type error\nlog_dest stderr\n")
        self.spawn("broker", "mosquitto", "-c", conf)
        wait_for_port(self.port)

    def start_daemon(self):
        self.spawn("daemon", BIN / "thrumd")

    def start_plane(self):
        self.plane_database = self.folder / "plane.db"
        self.spawn("plane", BIN / "thrum-plane", "serve", "--broker", f"mqtt://127.0.0.1:{self.port}", "--db", self.plane_database)

    def spawn(self, name, *command):
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen([str(c) for c in command], env=self.env, stdout=log, stderr=log)

    def kill(self, name):
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def stop(self, name):
        self.processes[name].send_signal(signal.SIGTERM)
        self.processes.pop(name).wait(20)

    def close(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes = {}

    def forget(self):
        """What went well leaves nothing behind; after a failure the folder is there to be looked at."""
        self.close()
        shutil.rmtree(self.folder)

    def stay(self):
        home = f"THRUM_CONFIG={self.folder}/thrum.toml THRUM_STATE_DIR={self.folder}/state"
        print(f"\nStill running. In another terminal:\n  export {home} PATH={BIN}:$PATH\n"
              "  thrum status\n  thrum alarms\n  thrum explain ID\n  thrum doctor\n"
              f"  thrum-plane fleet --db {self.plane_database}\nCtrl-C ends the demonstration.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass

    # looking

    def status(self):
        done = subprocess.run([BIN / "thrum", "status", "--json"], env=self.env, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None

    def alarms(self):
        return json.loads(self.output("thrum", "alarms", "--all", "--json"))["alarms"]

    def output(self, program, *arguments):
        return subprocess.run([BIN / program, *arguments], env=self.env, check=True, capture_output=True, text=True).stdout

    def show(self, *arguments):
        print(f"\n$ thrum {' '.join(arguments)}")
        sys.stdout.flush()
        subprocess.run([BIN / "thrum", *arguments], env=self.env, check=True)
        print()

    def has_all(self, status):
        return received(status) >= sum(self.published.values())

    def wait(self, words, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.status()
            if status and condition(status):
                self.say(f"  {words}")
                return status
            if "daemon" in self.processes and self.processes["daemon"].poll() is not None:
                raise SystemExit(f"demo: thrumd ended; see {self.folder}/daemon.log")
            time.sleep(0.1)
        raise SystemExit(f"demo: waited {seconds} s in vain until {words}; see {self.folder}")

    def say(self, words):
        print(f"[{time.monotonic() - self.started:5.1f} s] {words}", flush=True)

    def write_configuration(self):
        text = f'''[gateway]
fleet = "demo"
name = "gw-1"

[broker]
url = "mqtt://127.0.0.1:{self.port}"

[plane]
url = "mqtt://127.0.0.1:{self.port}"

[[source]]
topic = "plant/{{machine}}/{{point}}/vib"
payload = "f32le"
unit = "g"
sample_rate_hz = {RATE_HZ}
header_bytes = 12
sequence_at = 0
time_at = 4
window_samples = 8192
overlap = 0.5
baseline_windows = 48
'''
        for feed in self.feeds:
            text += f'''
[[machine]]
name = "{feed.machine}"
speed_rpm = 1500

[[machine.point]]
name = "bearing"
direction = "radial"
bearing = {{ balls = 8, ball_mm = 5.969, pitch_mm = 31.623, contact_deg = 0.0 }}
'''
        (self.folder / "thrum.toml").write_text(text)


class Feed:
    """What one point is given: healthy recordings to learn from, and one to judge."""

    def __init__(self, machine, healthy, judged, faulty):
        self.machine, self.healthy, self.judged, self.faulty = machine, healthy, judged, faulty


def recorded_feeds():
    if subprocess.run([ROOT / "scripts" / "recordings"]).returncode != 0:
        sys.exit(1)  # it said why, and what to do
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "thrum" / "recordings"
    with open(folder / "manifest.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == "MFPT"]
    recording = lambda row: {"path": str(folder / row["file"]), "encoding": row["encoding"], "scale": float(row["scale"] or 1)}
    healthy = [recording(row) for row in rows if row["role"] == "baseline"]
    name = lambda row: pathlib.Path(row["file"]).stem.lower().replace("_", "-")
    return [Feed(name(row), healthy, recording(row), not row["label"].startswith("healthy")) for row in rows if row["role"] == "test"]


def simulated_feeds():
    made = lambda fault, seed, seconds: {"simulated": fault, "seed": seed, "seconds": seconds}
    faults = ["none", "none", "outer", "outer", "inner", "inner", "ball"]
    return [Feed(f"simulated-{fault}-{n}", [made("none", 10 * n + 1, 6), made("none", 10 * n + 2, 6)], made(fault, 10 * n + 3, 4), fault != "none")
            for n, fault in enumerate(faults)]


def received(status):
    return sum(p["ledger"]["received"] - p["ledger"]["duplicate"] for p in status["points"])


def balances(ledger):
    return ledger["received"] == sum(ledger[k] for k in ("analysed", "pending", "quarantined", "duplicate", "dropped"))


def delivered(status):
    return status["store"]["unsent_events"] == 0 and all(lane["last"] == lane["through"] for lane in status["uplink"]["lanes"].values())


if __name__ == "__main__":
    sys.exit(main())

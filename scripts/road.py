"""The road of a model behind scripts/road: real mosquitto, thrumd, thrum-plane, scripts/train; a simulated plant feeds them.

Two gateways watch two pumps each. Version 1.0.0, a forest, is learned from all four points; 1.1.0, an autoencoder, from pump-1's alone, and so takes
the other pump, which runs faster and louder, for a fault. Nothing is timed: every wait is for a state, and ends the script when it does not come.
"""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client as mqtt

from loopback import free_port, wait_for_port
from repository import Repository

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ["THRUM_BIN"]).resolve()
RATE_HZ, WINDOW, FLEET = 12_800, 2048, "plant-a"
GATEWAYS = ["gw-1", "gw-2"]
MACHINES = {"pump-1": (1500, 0.15), "pump-2": (2400, 0.4)}  # r/min, g of noise
BASELINE, SHADOW, CANARY = 80, 20, 20  # windows
FRAMES_PER_SECOND = 20  # of each point
WAIT_S = 150

GATEWAY = """
[gateway]
fleet = "{fleet}"
name = "{name}"
[broker]
url = "mqtt://127.0.0.1:{plant}"
[plane]
url = "mqtt://127.0.0.1:{plane}"
signing_key_file = "{folder}/{name}.key"
[models]
root_file = "{folder}/root.json"
[[source]]
topic = "plant/{name}/{{machine}}/{{point}}/vib"
payload = "f32le"
unit = "g"
sample_rate_hz = {rate}
header_bytes = 12
sequence_at = 0
time_at = 4
window_samples = {window}
overlap = 0
baseline_windows = {baseline}
"""


class Plant(threading.Thread):
    """Publishes frames of every point in turn, numbered and with simulated times, until stopped; knows what the broker took."""

    def __init__(self, port, recordings):
        super().__init__(daemon=True)
        self.recordings, self.sent, self.halt = recordings, 0, threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="plant")
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def run(self):
        start, size = time.time_ns(), 4 * WINDOW
        while not self.halt.is_set():
            begun = time.monotonic()
            for topic, samples in self.recordings.items():
                place = self.sent * size % (len(samples) - len(samples) % size)
                head = struct.pack("<Iq", self.sent, start + self.sent * WINDOW * 1_000_000_000 // RATE_HZ)
                last = self.client.publish(topic, head + samples[place : place + size], qos=1)
            try:
                last.wait_for_publish(10)
            except RuntimeError:  # the broker ended with everything else
                return
            self.sent += 1
            self.halt.wait(max(0, 1 / FRAMES_PER_SECOND - (time.monotonic() - begun)))
        self.client.loop_stop()
        self.client.disconnect()

    def stop(self):
        """How many frames each point has sent."""
        self.halt.set()
        self.join(20)
        return self.sent


class Road:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="thrum-road-"))
        self.processes, self.logs, self.table = {}, {}, []
        self.repository = Repository(self.folder / "plane", BIN, FLEET)
        self.started = time.monotonic()

    # the story

    def run(self):
        self.step("ceremony: keys of seven people, two gateways enrolled", self.ceremony)
        self.step("brokers, plane, gateways", self.start)
        self.step("the plant runs; every point learns, samples go to the plane", self.learn)
        self.step("1.0.0, a forest: data set, training, ONNX, package", lambda: self.train("1.0.0", []))
        self.step("1.0.0: two of three signatures, published", lambda: self.repository.publish(self.package("1.0.0")))
        self.step("1.0.0: rolled out, shadow, canary, active on both", self.succeed)
        self.step("1.1.0, an autoencoder: learned from one pump alone, packaged", lambda: self.train("1.1.0", ["--points", "pump-1/*"], ["--detector", "autoencoder", "--adversarial", "fgsm"]))
        self.step("1.1.0: two of three signatures, published", lambda: self.repository.publish(self.package("1.1.0")))
        self.step("1.1.0: rolled out, stopped; 1.0.0 serves", self.fail)
        self.step("1.1.0: the plane halts it", self.halt)
        self.step("the plant stops; every frame is in the ledger", self.balance)
        self.step("the plane has every event", self.delivered)

    def ceremony(self):
        shutil.copy(self.repository.begin(), self.folder / "root.json")
        for name in GATEWAYS:
            self.repository.plane("enroll", f"{FLEET}/{name}", "--out", self.folder / f"{name}.key")

    def start(self):
        ports = {name: self.broker(name) for name in ("plant", "plane")}
        self.spawn("thrum-plane", BIN / "thrum-plane", "serve", "--broker", f"mqtt://127.0.0.1:{ports['plane']}", "--db",
                   self.repository.database, "--repository", self.repository.path)
        for name in GATEWAYS:
            text = GATEWAY.format(fleet=FLEET, name=name, folder=self.folder, rate=RATE_HZ, window=WINDOW, baseline=BASELINE, **ports)
            (self.folder / f"{name}.toml").write_text(text)
            self.spawn(name, BIN / "thrumd")
        for name in GATEWAYS:
            self.wait(f"{name} is connected", lambda: self.status(name)["broker"]["connected"])
        self.plant = Plant(ports["plant"], self.recordings())

    def recordings(self):
        """A minute of each pump, healthy, by Thrum's own simulator; and one faulty recording, to be measured on."""
        made = {}
        for index, (name, machine) in enumerate((name, machine) for name in GATEWAYS for machine in MACHINES):
            file = self.simulate("none", machine, index + 1, 60)
            made[f"plant/{name}/{machine}/de/vib"] = file.read_bytes()
        return made

    def simulate(self, fault, machine, seed, seconds):
        file = self.folder / f"{machine}-{fault}-{seed}.f32"
        self.call(BIN / "thrum", "simulate", "--fault", fault, "--seconds", seconds, "--rate", RATE_HZ, "--rpm", MACHINES[machine][0],
                  "--noise", MACHINES[machine][1], "--seed", seed, "-o", file)
        return file

    def learn(self):
        self.plant.start()
        for name in GATEWAYS:
            ready = lambda: (points := self.status(name)["points"]) and len(points) == len(MACHINES) and all(
                p["baseline"]["state"] == "ready" for p in points)
            self.wait(f"{name}'s points have learned", ready)
        for name in GATEWAYS:
            self.wait(f"{name}'s samples are at the plane", lambda: self.is_sent(name, "sample"))

    def train(self, version, options, detector=()):
        data, card = self.folder / f"data-{version}", self.folder / f"card-{version}.json"
        told = json.loads(self.repository.plane("dataset", "export", data, "--db", self.repository.database, "--fleet", FLEET, *options, "--json"))
        wanted = BASELINE * len(GATEWAYS) * (1 if options else len(MACHINES))
        self.must(told["rows"] == wanted and not told["left_out"], f"{wanted} windows in the data set, not {told}")
        card.write_text(json.dumps(self.card(version)))
        # Recordings that nobody learned from, of the pumps that it was learned for.
        pumps = ["pump-1"] if options else list(MACHINES)
        healthy = [self.simulate("none", pump, 50 + index, 4) for index, pump in enumerate(pumps)]
        faulty = [self.simulate("outer", pump, 60 + index, 4) for index, pump in enumerate(pumps)]
        tables = []
        for file in faulty:
            tables.append(file.with_suffix(".csv"))
            tables[-1].write_text(self.call(BIN / "thrum", "features", file, "--rate", RATE_HZ, "--unit", "g", "--window", WINDOW, "--csv"))
        against = []
        if self.package("1.0.0").exists():
            registry = self.folder / "registry.json"
            registry.write_text(self.repository.plane("models", "--db", self.repository.database, "--json"))
            against = ["--against", self.package("1.0.0"), "--registry", registry]
        said = self.call(ROOT / "scripts" / "train", data, "--card", card, "--faulty", *tables, "--golden-healthy", *healthy, "--golden-faulty",
                  *faulty, "--window", WINDOW, "--rate", RATE_HZ, "--unit", "g", *against, *detector, "--thrum", BIN / "thrum", "-o", self.package(version))
        self.call(BIN / "thrum", "model", "verify", self.package(version))
        told = json.loads(said[: said.rindex("}") + 1])
        self.must(not against or told["in_service"]["version"] == "1.0.0", f"compared with {told.get('in_service')}")
        self.say(f"  {version}, {told['detector']}, on its test set: {told['metrics']['test']}")

    def package(self, version):
        return self.folder / f"pumps-{version}.thrum"

    def card(self, version):
        return {"format": 1, "model": "pumps", "version": version, "purpose": "simulated pumps", "owner": "scripts/road",
                "contact": "nobody@example.com", "licence": "Apache-2.0", "review_by": "2099-01-01", "least_thrum": "0.1.0",
                "limits": ["simulated"], "known_failure_modes": ["pumps that it has not seen"]}

    def roll(self, version):
        self.repository.rollout("pumps", version, "--points", "pump-*/*", "--canary-points", "pump-1/*", "--share", 100,
                                "--shadow-windows", SHADOW, "--canary-windows", CANARY, "--max-alarm-permille", 50)

    def succeed(self):
        self.roll("1.0.0")
        for name in GATEWAYS:
            self.wait(f"1.0.0 is active on {name}", lambda: self.stage(name, "1.0.0") == "active")
            self.must(self.stages(name, "1.0.0") == ["shadow", "canary", "active"], f"{name}: its road was {self.stages(name, '1.0.0')}")

    def fail(self):
        self.roll("1.1.0")
        over = lambda name: self.stage(name, "1.1.0") in ("failed", "rolled_back")
        self.wait("1.1.0 is over on a gateway", lambda: any(over(name) for name in GATEWAYS))
        self.halted()
        for name in GATEWAYS:
            # The plane halts as soon as one has taken it back: the other may have been spared it.
            if over(name):
                version = self.version(name, "1.1.0")
                self.must(version["reason"] == "alarm_rate", f"{name}: {version}")
                self.say(f"  {name}: {version['stage']}, {version['reason']}: {version['words']}")
            else:
                self.say(f"  {name}: spared, {self.stage(name, '1.1.0') or 'it never came'}")
            self.must("active" not in self.stages(name, "1.1.0"), f"{name}: its road was {self.stages(name, '1.1.0')}")
            self.must(self.stage(name, "1.0.0") == "active", f"{name}: 1.0.0 is {self.stage(name, '1.0.0')}")
            self.wait(f"1.0.0 speaks on {name}", lambda: len([p for p in self.version(name, "1.0.0")["points"] if p["stage"] == "active"]) == len(MACHINES))

    def halted(self):
        found = lambda: [r for r in json.loads(self.repository.plane("models", "--db", self.repository.database, "--json"))["rollouts"] if r.get("halt")]
        self.wait("the plane knows that 1.1.0 was taken back", found)

    def halt(self):
        said = self.repository.plane("rollout", "pumps", "1.1.0", "--share", 100, "--points", "*/*", "--key", self.repository.key("operations"),
                                     "--db", self.repository.database, fails=True)
        self.must("1.1.0" in said, f"a halted version is widened: {said}")

    def balance(self):
        sent = self.plant.stop()
        self.say(f"  {sent * len(self.plant.recordings)} frames published")
        for name in GATEWAYS:
            self.wait(f"{name} has read them all", lambda: self.received(name) >= sent * len(MACHINES))
            for point in self.status(name)["points"]:
                ledger, words = point["ledger"], f"{name} {point['machine']}: {sent} published, {point['ledger']}"
                self.must(point["sequences"] == [[0, sent - 1]], words)
                self.must(ledger["received"] - ledger["duplicate"] == sent and not ledger["missing"], words)
                self.must(ledger["analysed"] + ledger["pending"] + ledger["quarantined"] + ledger["dropped"] == sent, words)
                self.must(ledger["analysed"] == sent, f"{words}: a window a frame, and some were not analysed")

    def delivered(self):
        for name in GATEWAYS:
            self.wait(f"{name}'s events are all at the plane", lambda: all(self.is_sent(name, lane) for lane in ("alarm", "event", "sample")))
        rows = self.repository.plane("events", "--db", self.repository.database, "--json").splitlines()
        known = {json.loads(row)["id"] for row in rows}
        stored = {event["id"] for name in GATEWAYS for event in self.events(name)}
        self.must(len(known) == len(rows) and stored <= known, f"{len(rows)} events at the plane, {len(stored - known)} missing, {len(rows) - len(known)} twice")

    # looking

    def status(self, name):
        done = self.thrum(name, "status", "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else {"broker": {"connected": False}, "points": [], "uplink": {"lanes": {}}}

    def received(self, name):
        return sum(p["ledger"]["received"] - p["ledger"]["duplicate"] for p in self.status(name)["points"])

    def is_sent(self, name, lane):
        row = self.status(name)["uplink"]["lanes"].get(lane)
        return row is not None and row["last"] == row["through"] and (lane != "sample" or row["last"] > 0)

    def events(self, name):
        return [json.loads(line) for line in self.thrum(name, "events", "--json").stdout.splitlines()]

    def version(self, name, version):
        rows = json.loads(self.thrum(name, "models", "--all", "--json").stdout)["models"]
        return next((row for row in rows if row["version"] == version), None)

    def stage(self, name, version):
        row = self.version(name, version)
        return row and row["stage"]

    def stages(self, name, version):
        """The stages that a version went through on a gateway, in order, as its events say."""
        found = [e["data"]["stage"] for e in self.events(name) if e["type"].startswith("org.thrum.model.") and e["data"]["version"] == version]
        return found

    def thrum(self, name, *words, check=True):
        done = subprocess.run([str(BIN / "thrum"), *words], env=self.env(name), capture_output=True, text=True, timeout=60)
        self.must(done.returncode == 0 or not check, f"thrum {' '.join(words)}: {done.stdout}{done.stderr}")
        return done

    def wait(self, words, holds, seconds=WAIT_S):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                self.must(process.poll() is None, f"{name} ended by itself with {process.returncode}: {self.log(name)}")
            if holds():
                return
            time.sleep(0.1)
        raise SystemExit(f"road: waited {seconds} s in vain until {words}; {self.folder}")

    def must(self, holds, words):
        if not holds:
            raise SystemExit(f"road: {words}; {self.folder}")

    # processes

    def env(self, name):
        return {**os.environ, "THRUM_CONFIG": str(self.folder / f"{name}.toml"), "THRUM_STATE_DIR": str(self.folder / name), "NO_COLOR": "1"}

    def broker(self, name):
        port, conf = free_port(), self.folder / f"{name}.conf"
        conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\nset_tcp_nodelay true\n")
        self.spawn(f"{name}-broker", "mosquitto", "-c", conf)
        wait_for_port(port)
        return port

    def spawn(self, name, *command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([str(word) for word in command], env=self.env(name), stdout=log, stderr=log)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-1000:]

    def call(self, *command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600)
        self.must(done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
        return done.stdout

    def step(self, words, body):
        begun = time.monotonic()
        body()
        self.table.append((words, time.monotonic() - begun))
        self.say(words)

    def say(self, words):
        print(f"[{time.monotonic() - self.started:6.1f} s] {words}", flush=True)

    def close(self):
        for process in reversed(list(self.processes.values())):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    road = Road()
    try:
        road.run()
    finally:
        road.close()
    print("\n| step | seconds |\n| --- | --- |")
    for words, seconds in road.table:
        print(f"| {words} | {seconds:.1f} |")
    print(f"| all | {time.monotonic() - road.started:.1f} |")
    if "--keep" not in sys.argv:
        shutil.rmtree(road.folder)


if __name__ == "__main__":
    main()

"""A plant for the page: a real mosquitto and thrumd on files and ports of their own, and sensors that send two hours in a moment."""
import base64
import hashlib
import json
import math
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time

import paho.mqtt.client as mqtt

from loopback import free_port, wait_for_port

BIN = pathlib.Path(os.environ.get("THRUM_BIN", pathlib.Path(__file__).resolve().parent.parent / ".build" / "debug"))
RATE_HZ = 10_240
SAMPLES = 2 * RATE_HZ  # long enough for a diagnosis of this shaft
SHAFT_HZ = 24.75
BPFO = 3.585  # of a 6205, in orders of the shaft
NAME = "gw-1.test"  # by which the page is opened where it has TLS
SCRIPT = "<img src=x onerror=alert(1)>"  # a machine's name as somebody wicked would choose it

CONFIG = """
[gateway]
fleet = "demo"
name = "gw-1"
[broker]
url = "mqtt://127.0.0.1:{broker}"
[page]
enabled = true
{listen}
[metrics]
enabled = true
listen = "127.0.0.1:{metrics}"
[[source]]
topic = "plant/{{machine}}/{{point}}/vib"
payload = "f32le"
unit = "m/s2"
sample_rate_hz = {rate}
header_bytes = 8
time_at = 0
expected_interval_s = 604800
baseline_windows = 60
overlap = 0
[[source]]
topic = "plant/{{machine}}/{{point}}/temperature"
payload = "json"
quantity = "temperature"
unit = "Cel"
[source.fields]
value = "value"
time = "time"
"""

MACHINE = """
[[machine]]
name = "{name}"
severity = "iso20816-3/group2/rigid"
speed_rpm = 1485
[[machine.point]]
name = "drive-end"
bearing = "6205"
"""


class Plant:
    def __init__(self, points=100, more=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="thrum-page-"))
        self.broker, self.page, self.metrics = free_port(), free_port(), free_port()
        self.env = {**os.environ, "THRUM_CONFIG": str(self.folder / "thrum.toml"), "THRUM_STATE_DIR": str(self.folder / "state"), "NO_COLOR": "1"}
        self.more = more
        self.names = ["pump-7", "fan-2"] + [f"motor-{number}" for number in range(1, (points - 6) // 4 + 1)]
        self.points = [(name, point) for name in self.names for point in ("drive-end", "free-end", "gear-in", "gear-out")][: points - 2]
        self.processes = {}
        self.random = random.Random(7)
        self.address = f"http://127.0.0.1:{self.page}"

    def configure(self, listen):
        text = CONFIG.format(broker=self.broker, listen=listen, metrics=self.metrics, rate=RATE_HZ)
        (self.folder / "thrum.toml").write_text(text + "".join(MACHINE.format(name=name) for name in self.names) + self.more.format(broker=self.broker))

    def make_certificate(self):
        """One that signs itself; returns what Chromium knows its key by: SHA-256 of the SubjectPublicKeyInfo, base64."""
        key, certificate = self.folder / "page.key", self.folder / "page.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                        "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
        public = subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        return base64.b64encode(hashlib.sha256(public).digest()).decode()

    def fingerprint(self):
        said = subprocess.run(["openssl", "x509", "-in", str(self.folder / "page.pem"), "-noout", "-fingerprint", "-sha256"], check=True, capture_output=True, text=True).stdout
        return said.strip().split("=")[1]

    def encrypt(self):
        """The page for every network of this machine, by TLS; thrumd takes it by a reload."""
        self.configure(f'listen = "0.0.0.0:{self.page}"\ncert_file = "page.pem"\nkey_file = "page.key"\nnames = ["{NAME}"]')
        self.processes["thrumd"].send_signal(signal.SIGHUP)
        self.address = f"https://{NAME}:{self.page}"

    def start(self):
        self.configure(f'listen = "127.0.0.1:{self.page}"')
        (self.folder / "mosquitto.conf").write_text(f"listener {self.broker} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 100\n")
        self.run("mosquitto", ["mosquitto", "-c", str(self.folder / "mosquitto.conf")])
        wait_for_port(self.broker)
        self.start_daemon()

    def start_daemon(self):
        self.run("thrumd", [str(BIN / "thrumd")])
        wait_for_port(self.page)
        self.wait(lambda status: status["broker"]["connected"])

    def run(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)

    def stop(self, name, how="terminate"):
        process = self.processes.pop(name)
        getattr(process, how)()
        return process.wait()

    def close(self, keep=False):
        """Logs and store are kept for whoever asks why it failed."""
        for name in list(self.processes):
            self.stop(name, "kill")
        if keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def thrum(self, *arguments):
        done = subprocess.run([str(BIN / "thrum"), *arguments], env=self.env, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else done.stdout + done.stderr

    def json(self, *arguments):
        return json.loads(self.thrum(*arguments, "--json"))

    def wait(self, holds, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                status = self.json("status")
                if holds(status):
                    return status
            except (ValueError, KeyError):
                pass
            time.sleep(0.2)
        raise SystemExit(f"waited in vain; thrumd says:\n{(self.folder / 'thrumd.log').read_text()[-2000:]}")

    # the sensors

    def publish(self):
        """Two hours of two machines, one of which a bearing fails; a few frames of everything else."""
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="sensors")
        client.max_inflight_messages_set(200)
        client.max_queued_messages_set(0)
        client.connect("127.0.0.1", self.broker)
        client.loop_start()
        now = time.time()
        frames = 0
        quiet = [self.vibration(0.9 + 0.1 * index, 0, index) for index in range(8)]
        for minute in range(120):
            at = now - (120 - minute) * 60
            growth = max(0.0, (minute - 80) / 40)
            for machine, point in self.points:
                worn = machine == "pump-7" and point == "drive-end"
                rising = machine == "fan-2" and point == "drive-end"
                if machine not in ("pump-7", "fan-2") and minute < 117:
                    continue
                if worn:
                    body = self.vibration(1.2 + 7 * growth, 14 * growth, minute)
                elif rising:
                    body = self.vibration(1.2 + 2.6 * growth, 0, minute)
                else:
                    body = quiet[(minute + len(point)) % len(quiet)]
                last = client.publish(f"plant/{machine}/{point}/vib", struct.pack("<q", int(at * 1e9)) + body, qos=1)
                frames += 1
            value = 61.5 + 6 * growth + self.random.gauss(0, 0.2)
            client.publish("plant/pump-7/oil/temperature", json.dumps({"value": round(value, 2), "time": at}), qos=1)
            frames += 1
        client.publish(f"plant/{SCRIPT}/{SCRIPT.replace('1', '2')}/vib", struct.pack("<q", int(now * 1e9)) + quiet[0], qos=1)
        last.wait_for_publish()
        self.wait(lambda status: sum(p["ledger"]["received"] for p in status["points"]) == frames + 1, 300)
        client.loop_stop()
        client.disconnect()

    def vibration(self, velocity, impacts, seed):
        """Two seconds of a shaft's unbalance (mm/s RMS) and, where `impacts` > 0, of a defect on the outer race (m/s2)."""
        noise = random.Random(seed)
        values = [0.0] * SAMPLES
        turn = 2 * math.pi * SHAFT_HZ
        for index in range(SAMPLES):
            at = index / RATE_HZ
            values[index] = velocity * 1e-3 * turn * math.sqrt(2) * math.sin(turn * at) + noise.gauss(0, 0.25)
        if impacts:
            period = RATE_HZ / (BPFO * SHAFT_HZ)
            for strike in range(int(SAMPLES / period)):
                start = int(strike * period + noise.gauss(0, 0.2))
                for offset in range(min(120, SAMPLES - start)):
                    values[start + offset] += impacts * math.exp(-offset / 18) * math.sin(2 * math.pi * 3000 * offset / RATE_HZ)
        return struct.pack(f"<{SAMPLES}f", *values)

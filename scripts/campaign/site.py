"""A plant: a broker, a publisher of numbered frames, thrumd, thrum-plane, and a poor line between them."""
import json, math, os, random, socket, sqlite3, struct, subprocess, threading, time

from campaign.trial import BIN, folder


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    def __init__(self, lines=()):
        self.port, self.path = free_port(), folder(f"broker-{random.getrandbits(32)}")
        with open(self.path + "/mosquitto.conf", "w") as file:
            file.write("\n".join(["user root", f"listener {self.port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0",
                                  "persistence false",
                        "set_tcp_nodelay true", *lines]) + "\n")
        self.start()

    def start(self):
        self.process = subprocess.Popen(["mosquitto", "-c", self.path + "/mosquitto.conf"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait(lambda: reachable(self.port), 10)

    def kill(self):
        self.process.kill()
        self.process.wait()


def reachable(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(condition, seconds, pause=0.02):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    return condition()


class Publisher(threading.Thread):
    """Publishes numbered frames with QoS 1 to three machines, and knows which the broker has taken (MQTT 3.1.1)."""
    MACHINES = ["pump", "fan", "press"]

    def __init__(self, port, frames, rate=150, seed=1):
        super().__init__(daemon=True)
        self.port, self.frames, self.rate, self.dice = port, frames, rate, random.Random(seed)
        self.taken, self.sent, self.pause = 0, 0, threading.Event()
        self.halt = threading.Event()

    def body(self, number):
        size = 10 if number % 300 in range(100, 200) else 1
        noise = self.dice.random() / 100
        values = [size * 1.4142 * math.sin(1000 * (number * 256 + index) / 2560) + noise * (index % 7) for index in range(256)]
        return struct.pack("<I256f", number, *values)

    def connect(self):
        link = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = b"pub" + os.urandom(4).hex().encode()
        variable = b"\x00\x04MQTT\x04\x02\x00\x00" + struct.pack(">H", len(name)) + name
        link.sendall(b"\x10" + bytes([len(variable)]) + variable)
        if link.recv(4)[:1] != b"\x20":
            raise OSError("no CONNACK")
        return link

    def run(self):
        link, number = None, 1
        self.next = time.time()
        while number <= self.frames and not self.halt.is_set():
            try:
                link = link or self.connect()
                body = self.body(number)
                packets = b""
                for identifier, machine in enumerate(self.MACHINES, 1):
                    topic = f"plant/{machine}/de/vib".encode()
                    variable = struct.pack(">H", len(topic)) + topic + struct.pack(">H", identifier) + body
                    size, lengths = len(variable), b""
                    while True:
                        lengths += bytes([size % 128 | (128 if size >= 128 else 0)])
                        size //= 128
                        if not size:
                            break
                    packets += b"\x32" + lengths + variable
                self.sent = number
                link.sendall(packets)
                answers = b""
                while len(answers) < 4 * len(self.MACHINES):
                    more = link.recv(64)
                    if not more:
                        raise OSError("closed")
                    answers += more
                self.taken = number
                number += 1
                time.sleep(max(0, self.next - time.time()))
                self.next = max(self.next, time.time() - 0.2) + 1 / self.rate
            except OSError:
                # Whether the broker had it is not known: the number is skipped, nobody waits for it.
                link = None
                number += 1
                time.sleep(0.05)


class Gateway:
    def __init__(self, port, plane_port=None, store="", path=None):
        self.path = folder(f"gateway-{random.getrandbits(32)}")
        self.state = path or self.path + "/state"
        machines = "\n".join(f'[[machine]]\nname = "{name}"\nseverity = "iso20816-3/group2/rigid"' for name in Publisher.MACHINES)
        plane = f'[plane]\nurl = "mqtt://127.0.0.1:{plane_port}"\n' if plane_port else ""
        with open(self.path + "/thrum.toml", "w") as file:
            file.write(f"""[gateway]
fleet = "test"
name = "gw-1"
[broker]
url = "mqtt://127.0.0.1:{port}"
{plane}
[store]
{store or 'max_bytes = 67108864'}
[alarms]
off_delay_s = 0
[[source]]
topic = "plant/{{machine}}/{{point}}/vib"
payload = "f32le"
unit = "m/s2"
sample_rate_hz = 2560
header_bytes = 4
sequence_at = 0
window_samples = 256
overlap = 0
baseline_windows = 0
{machines}
""")
        self.env = dict(os.environ, THRUM_CONFIG=self.path + "/thrum.toml", THRUM_STATE_DIR=self.state, NO_COLOR="1",
                        SWIFT_BACKTRACE="enable=no")
        self.process, self.starts = None, 0

    def start(self, env=None, group=None):
        """In a control group, where one is given."""
        self.log = open(self.path + "/log", "ab")
        self.starts += 1
        before = time.time()
        join = ["sh", "-c", f"echo $$ > {group.path}/cgroup.procs && exec {BIN}/thrumd"] if group else [BIN + "/thrumd"]
        self.process = subprocess.Popen(join, stdout=self.log, stderr=self.log, env=dict(self.env, **(env or {})))
        ready = wait(lambda: self.text().count("Thrum is running") >= self.starts or self.process.poll() is not None, 30)
        if self.process.poll() is not None and not env:
            raise SystemExit(f"thrumd ended by itself with {self.process.returncode}:\n{self.text()[-3000:]}")
        if self.process.poll() is not None:
            self.starts = self.text().count("Thrum is running")
        return time.time() - before if ready else None

    def text(self):
        with open(self.path + "/log", errors="replace") as file:
            return file.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)

    def thrum(self, *words):
        return subprocess.run([BIN + "/thrum", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env, timeout=60)

    def status(self):
        done = self.thrum("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def received(self):
        status = self.status()
        return sum(p["ledger"]["received"] - p["ledger"]["duplicate"] for p in status["points"]) if status else 0

    def events(self):
        return self.thrum("events", "--json").stdout.decode().splitlines()


class Plane:
    def __init__(self, port):
        self.port, self.path = port, folder(f"plane-{random.getrandbits(32)}")
        self.start()

    def start(self):
        self.process = subprocess.Popen([BIN + "/thrum-plane", "serve", "--broker", f"mqtt://127.0.0.1:{self.port}", "--db",
                                         self.path + "/plane.db"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def events(self):
        done = subprocess.run([BIN + "/thrum-plane", "events", "--db", self.path + "/plane.db", "--json"], stdout=subprocess.PIPE)
        return done.stdout.decode().splitlines()

    def forks(self):
        return sqlite3.connect(f"file:{self.path}/plane.db?mode=ro", uri=True).execute("SELECT count(*) FROM fork").fetchone()[0]


class Proxy(threading.Thread):
    """Between gateway and plane: cuts, delays, and lets through a byte at a time."""

    def __init__(self, port, dice):
        super().__init__(daemon=True)
        self.target, self.dice, self.links = port, dice, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.mode = self.server.getsockname()[1], "through"

    def run(self):
        while True:
            client, _ = self.server.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            self.links += [client, server]
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()

    def pump(self, one, other):
        try:
            while data := one.recv(4096):
                if self.mode == "slow":
                    time.sleep(0.02)
                if self.mode == "bytes":
                    for byte in data[:64]:
                        other.sendall(bytes([byte]))
                    data = data[64:]
                if self.mode == "half":
                    other.sendall(data[:len(data) // 2])
                    break
                other.sendall(data)
        except OSError:
            pass
        self.cut([one, other])

    def cut(self, links=None):
        for link in links or self.links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link.close()
        if not links:
            self.links = []

"""The fault campaign. Run by scripts/faults, which builds what this needs.

A trial breaks one thing and then counts: `lost` (an event or frame whose acknowledgement had left and that is gone without a trace),
`doubled` (stored twice), `uncounted` (gone, and no count, gap or incident says so). Any of them makes the campaign fail.
"""
import argparse, json, os, random, re, shutil, signal, socket, sqlite3, struct, subprocess, sys, tempfile, threading, time, hashlib, math

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
parser = argparse.ArgumentParser()
parser.add_argument("--bin", required=True)
parser.add_argument("--shim", required=True)
parser.add_argument("--only", action="append")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--trials", type=int)
parser.add_argument("--long", action="store_true")
parser.add_argument("--resume", action="store_true")
parser.add_argument("--write", action="store_true")
OPTIONS = parser.parse_args()
BIN = os.path.abspath(OPTIONS.bin)
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
WORK = tempfile.mkdtemp(prefix="thrum-faults-", dir=FAST)
MEMORY = os.path.join(ROOT, ".build", "faults.json")


class Result:
    def __init__(self, name, what):
        self.name, self.what = name, what
        self.trials = self.lost = self.doubled = self.uncounted = 0
        self.recovery = []
        self.notes = {}
        self.problems = []

    def note(self, key, count=1):
        self.notes[key] = self.notes.get(key, 0) + count

    def problem(self, text):
        self.problems.append(text)
        print(f"  ! {self.name}: {text}", flush=True)

    @property
    def failed(self):
        return bool(self.lost or self.doubled or self.uncounted or self.problems)

    def row(self):
        slowest = f"{max(self.recovery):.2f} s" if self.recovery else "-"
        middle = f"{sorted(self.recovery)[len(self.recovery) // 2]:.2f} s" if self.recovery else "-"
        notes = ", ".join(f"{key}: {count}" for key, count in sorted(self.notes.items()))
        return [self.name, self.what, self.trials, self.lost, self.doubled, self.uncounted, middle, slowest, notes]


def folder(name):
    path = os.path.join(WORK, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


# ---- the store by itself ----------------------------------------------------------------------------------------------------

def load(path, commits, env=None):
    """Runs store-load; the lines it printed and how it ended."""
    done = subprocess.run([BIN + "/store-load", "run", path, str(commits)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=dict(os.environ, **(env or {})), timeout=300)
    return done.stdout.decode().splitlines(), done.returncode


def check(paths):
    found = []
    for start in range(0, len(paths), 100):
        done = subprocess.run([BIN + "/store-load", "check"] + paths[start:start + 100], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=900)
        lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
        if len(lines) != len(paths[start:start + 100]):
            culprit = paths[start + len(lines)]
            raise SystemExit(f"store-load ended with {done.returncode} at {culprit}: {done.stderr.decode()[-2000:]}")
        found += lines
    return found


def acknowledged(lines):
    return max([int(line.split()[1]) for line in lines if line.startswith("ok ")] or [0])


def judge(result, found, committed, trial, may_lose=False):
    """What must hold of every store that was broken and opened again."""
    result.trials += 1
    if found.get("error"):
        return result.problem(f"{trial}: does not open: {found['error']}")
    result.recovery.append(found["seconds"])
    if found["integrity"] != "ok" or not found["chain_holds"] or not found["balances"]:
        result.problem(f"{trial}: integrity {found['integrity']}, chain {found['chain_holds']}, ledgers {found['balances']}")
    result.doubled += found["doubled"]
    gone = set(range(1, committed + 1)) - set(found["numbers"])
    salvage, incidents = found.get("salvage"), found["incidents"]
    if salvage:
        result.note("salvaged")
    for kind in incidents:
        result.note(kind)
    if gone and not may_lose:
        result.lost += len(gone)
        result.problem(f"{trial}: {len(gone)} committed events gone, the first is {min(gone)} of {committed}")
    if gone and may_lose:
        told = salvage and (sum(salvage["lost_events"].values()) + sum(salvage["lost_rows"].values()) + salvage["lost_frames"] > 0)
        if not told and not incidents:
            result.uncounted += len(gone)
            result.problem(f"{trial}: {len(gone)} events gone and nothing says so")
        result.note("events lost and counted", len(gone))
    return gone


# ---- power cuts: a log of writes, replayed ----------------------------------------------------------------------------------

def operations(path):
    raw, at, found = open(path, "rb").read(), 0, []
    while at < len(raw):
        kind = chr(raw[at])
        size, inode, offset, length = struct.unpack_from("<IQQI", raw, at + 1)
        name = raw[at + 25:at + 25 + size].decode()
        data = raw[at + 25 + size:at + 25 + size + length]
        at += 25 + size + length
        found.append((kind, name, inode, offset, data))
    return found


class Disk:
    """What the platter holds: names (journaled in order) and the bytes of files (written back in any order until a sync)."""

    def __init__(self):
        self.names, self.bytes, self.pending, self.changes = {}, {}, {}, []

    def write(self, op, torn=None):
        kind, _, inode, offset, data = op
        content = self.bytes.setdefault(inode, bytearray())
        if kind == "T":
            if len(content) > offset:
                del content[offset:]
            else:
                content.extend(bytes(offset - len(content)))
            return
        if torn is not None:
            data = data[:torn]
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data

    def rename(self, op):
        kind, name, inode, _, data = op
        if kind == "C":
            self.names[name] = inode
            self.bytes.setdefault(inode, bytearray())
        elif kind == "U":
            self.names.pop(name, None)
        elif kind == "L":
            self.names[data.decode()] = self.names.get(name, 0)
        elif name in self.names:
            self.names[data.decode()] = self.names.pop(name)

    def take(self, op):
        if op[0] in "WT":
            self.pending.setdefault(op[2], []).append(op)
        elif op[0] in "CURL":
            self.changes.append(op)
        elif op[0] == "S":
            for change in self.changes:
                self.rename(change)
            self.changes = []
            for write in self.pending.pop(op[2], []):
                self.write(write)

    def cut(self, dice, target):
        """The files as the power's end leaves them: any subset of what was not synced, a write torn at any 512 bytes."""
        state = Disk()
        state.names = dict(self.names)
        for change in self.changes[:dice.randint(0, len(self.changes))]:
            state.rename(change)
        rest = [op for ops in self.pending.values() for op in ops]
        mode = dice.choice(["none", "all", "random", "torn"])
        keep = [] if mode == "none" else rest if mode == "all" else [op for op in rest if dice.random() < 0.5]
        touched = {op[2] for op in keep}
        for inode in set(state.names.values()):
            content = self.bytes.get(inode, bytearray())
            state.bytes[inode] = bytearray(content) if inode in touched else content
        for op in keep:
            torn = dice.randint(0, len(op[4])) // 512 * 512 if mode == "torn" and op[0] == "W" and dice.random() < 0.5 else None
            state.write(op, torn)
        for name, inode in state.names.items():
            with open(os.path.join(target, os.path.basename(name)), "wb") as file:
                file.write(state.bytes.get(inode, b""))


def old_store(path):
    """A store as schema 1 left it, with three events."""
    text = open(os.path.join(ROOT, "Sources/Store/Schema.swift")).read()
    first = text[text.index("private static let migrations"):].split('"""')[1]
    database = sqlite3.connect(path + "/thrum.db", isolation_level=None)
    database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(first)
    database.execute("PRAGMA user_version = 1")
    database.execute(f"PRAGMA application_id = {0x5468726D}")
    epoch = bytes(range(16))
    database.execute("INSERT INTO epoch VALUES (1, ?, NULL, x'01', 'a new store', 0)", (epoch,))
    chain = epoch
    for number in range(1, 4):
        event = json.dumps({"data": {"reason": f"n{number} "}, "id": f"gw:{epoch.hex()}:event:{number}", "n": number},
                           separators=(",", ":")).encode()
        chain = hashlib.sha256(chain + event).digest()
        database.execute("INSERT INTO event VALUES (NULL, 1, 'event', ?, ?, 0, 't', '', ?, ?)", (number, f"e{number}", chain, event))
    database.execute("INSERT INTO lane VALUES ('alarm', 0, ?, 0, ?)", (epoch, epoch))
    database.execute("INSERT INTO lane VALUES ('event', 3, ?, 0, ?)", (chain, epoch))
    database.close()


def power(result, trials, dice):
    """Three logs: a first start, a start with a change of tables, a store at work with checkpoints."""
    plans = [("first start", 30, None), ("migration", 20, old_store), ("at work", 250, "again")]
    each = max(1, trials // len(plans))
    for plan, commits, prepare in plans:
        path = folder("power")
        if callable(prepare):
            prepare(path)
        if prepare == "again":
            load(path, 50)
        disk = Disk()
        for index, name in enumerate(sorted(os.listdir(path))):
            if name.endswith("-shm") or name.endswith(".lock"):
                continue
            inode = os.stat(os.path.join(path, name)).st_ino
            disk.names[os.path.join(path, name)] = inode
            disk.bytes[inode] = bytearray(open(os.path.join(path, name), "rb").read())
        base = acknowledged(load(path, 0)[0]) if prepare == "again" else 0
        before = 50 if prepare == "again" else 3 if callable(prepare) else 0
        if prepare == "again":
            disk = Disk()
            for name in os.listdir(path):
                if not name.endswith("-shm") and not name.endswith(".lock"):
                    inode = os.stat(os.path.join(path, name)).st_ino
                    disk.names[os.path.join(path, name)] = inode
                    disk.bytes[inode] = bytearray(open(os.path.join(path, name), "rb").read())
        log = os.path.join(WORK, "power.log")
        if os.path.exists(log):
            os.unlink(log)
        load(path, commits, {"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": path, "DISK_LOG": log})
        ops = operations(log)
        cuts = sorted(dice.randrange(len(ops) + 1) for _ in range(each))
        committed, batch = before, []
        position = 0
        for number, cut in enumerate(cuts):
            while position < cut:
                op = ops[position]
                if op[0] == "M":
                    for line in op[4].decode().splitlines():
                        if line.startswith("ok "):
                            committed = max(committed, int(line.split()[1]) if prepare != old_store else 3 + int(line.split()[1]))
                else:
                    disk.take(op)
                position += 1
            target = folder(f"cut-{number}")
            disk.cut(dice, target)
            batch.append((target, committed, f"{plan}, cut at {cut} of {len(ops)}"))
            if len(batch) == 100 or number == len(cuts) - 1:
                for (target, wanted, trial), found in zip(batch, check([entry[0] for entry in batch])):
                    if prepare is old_store:
                        # The three old events and the new numbers 1, 2, 3 … tell nothing apart by number: count them.
                        have = len(found.get("numbers", []))
                        found = dict(found, doubled=0, numbers=list(range(1, have + 1)))
                    judge(result, found, wanted, trial)
                    shutil.rmtree(target)
                batch = []
        result.note(plan, each)


# ---- a call that fails ------------------------------------------------------------------------------------------------------

def iofail(result, trials, dice):
    """The n-th call fails, once and from then on: no false "ok", a named error, and everything there afterwards."""
    path = folder("iofail")
    log = os.path.join(WORK, "io.log")
    lines, _ = load(path, 60, {"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": path, "DISK_LOG": log})
    total = sum(1 for op in operations(log) if op[0] in "WTSRLC")
    os.unlink(log)
    kinds = [(number, code, mode) for number in range(1, total + 1) for code in (5, 28, 0) for mode in ("once", "on")]
    chosen = kinds if trials >= len(kinds) else dice.sample(kinds, trials)
    for number, code, mode in chosen:
        path = folder("iofail")
        lines, status = load(path, 60, {"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": path, "DISK_FAIL": f"{number}:{code}:{mode}"})
        trial = f"call {number} {'EIO' if code == 5 else 'ENOSPC' if code else 'short'} {mode}"
        if status not in (0, 3, 4):
            result.problem(f"{trial}: ended with {status}")
        if status and not any(line.startswith(("failed", "refused")) for line in lines):
            result.problem(f"{trial}: no error was named")
        result.note({0: "went on", 3: "did not open", 4: "gave up"}.get(status, "crashed"))
        judge(result, check([path])[0], acknowledged(lines), trial)
        # With the fault gone it goes on.
        lines, status = load(path, 5)
        if status or not any(line.startswith("ok ") for line in lines):
            result.problem(f"{trial}: does not go on afterwards: {lines[-2:]}")


# ---- bytes that change ------------------------------------------------------------------------------------------------------

def flip(result, trials, dice):
    commits = 20_000 if OPTIONS.long else 700
    path = folder("flip")
    process = subprocess.Popen([BIN + "/store-load", "run", path, "1000000", str(96 << 20)], stdout=subprocess.PIPE)
    committed = 0
    for line in process.stdout:
        if line.startswith(b"ok "):
            committed = int(line.split()[1])
        if committed == commits:
            break
    process.kill()
    process.wait()
    # What had been committed when it died may be more than was heard.
    names = ["thrum.db", "thrum.db-wal", "thrum.db.pages"]
    clean = folder("flip-clean")
    for name in names:
        shutil.copy(os.path.join(path, name), clean)
    truth = check([clean])[0]
    committed = truth["numbers"][-1]
    used = {name: os.path.getsize(os.path.join(path, name)) for name in names}
    wal = open(os.path.join(path, "thrum.db-wal"), "rb").read()
    salt = wal[16:24]
    used["thrum.db-wal"] = 32 + sum(4120 for at in range(32, len(wal) - 4119, 4120) if wal[at + 8:at + 16] == salt)
    for trial in range(trials):
        target = folder("flipped")
        for name in names:
            shutil.copy(os.path.join(path, name), target)
        name = names[0] if trial % 2 else names[1]
        page = trial % 4 == 3
        with open(os.path.join(target, name), "r+b") as file:
            at = dice.randrange(used[name])
            if page:
                at = at // 4096 * 4096
            file.seek(at)
            old = file.read(4096 if page else 1)
            file.seek(at)
            file.write(dice.randbytes(len(old)) if page else bytes([old[0] ^ 1 << dice.randrange(8)]))
        before = time.time()
        found = check([target])[0]
        gone = judge(result, found, committed, f"{name} at {at}{' a page' if page else ''}", may_lose=True)
        silent = not found.get("salvage") and not found["incidents"]
        result.note(("page of " if page else "bit of ") + ("log" if "wal" in name else "database"))
        if silent and found["digest"] == truth["digest"] and not gone:
            result.note("harmless")
        elif silent:
            result.note("a value changed unseen")
        if page and gone is not None:
            result.note("rows kept of a bad page's store, worst ‰ lost", 0)
            result.notes["rows kept of a bad page's store, worst ‰ lost"] = max(
                result.notes["rows kept of a bad page's store, worst ‰ lost"], round(1000 * len(gone) / committed, 2))


# ---- thrumd, a broker, a plane ----------------------------------------------------------------------------------------------

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


def wait(condition, seconds):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
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

    def start(self, env=None):
        self.log = open(self.path + "/log", "ab")
        self.starts += 1
        before = time.time()
        self.process = subprocess.Popen([BIN + "/thrumd"], stdout=self.log, stderr=self.log, env=dict(self.env, **(env or {})))
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


def balance(result, gateway, published, trial, missing_allowed=False):
    """Every frame the broker took is in the ledger once, or booked as missing; the ledgers add up."""
    wanted = published * len(Publisher.MACHINES)

    def complete():
        status = gateway.status()
        if not status:
            return None
        total = sum(p["ledger"]["received"] - p["ledger"]["duplicate"] + (p["ledger"]["missing"] if missing_allowed else 0)
                    for p in status["points"])
        return status if total >= wanted else None
    status = wait(complete, 60) or gateway.status()
    for point in status["points"]:
        ledger = point["ledger"]
        parts = sum(ledger[key] for key in ("analysed", "pending", "quarantined", "duplicate", "dropped"))
        if ledger["received"] != parts:
            result.problem(f"{trial}: {point['machine']}: received {ledger['received']}, accounted for {parts}")
        have = sum(last - first + 1 for first, last in point.get("sequences") or [])
        if not missing_allowed and have < published:
            result.lost += published - have
            result.problem(f"{trial}: {point['machine']}: {published - have} frames lost: {point.get('sequences')}")
        if ledger["received"] - ledger["duplicate"] > have:
            result.doubled += ledger["received"] - ledger["duplicate"] - have
            result.problem(f"{trial}: {point['machine']}: {ledger['received'] - ledger['duplicate']} counted, {have} different")
        if missing_allowed:
            unknown = published - have - ledger["missing"]
            if unknown > 0:
                result.uncounted += unknown
                result.problem(f"{trial}: {point['machine']}: {unknown} frames neither there nor missing")
            result.note("frames the broker lost, booked as missing", ledger["missing"])
    return status


def delivered(result, gateway, plane, trial, seconds=60, may_know_more=False):
    """The plane holds every event of the gateway once, byte for byte."""
    sent = wait(lambda: (lambda s: s and s["store"]["unsent_events"] == 0 and s["uplink"]["connected"])(gateway.status()), seconds)
    if not sent:
        result.problem(f"{trial}: the backlog does not drain")
    ours, theirs = gateway.events(), plane.events()
    result.lost += len(set(ours) - set(theirs))
    result.doubled += len(theirs) - len(set(theirs))
    if set(ours) - set(theirs) or (set(theirs) - set(ours) and not may_know_more):
        result.problem(f"{trial}: the gateway has {len(ours)} events, the plane {len(theirs)}")
    result.note("events delivered", len(theirs))
    return theirs


def kill(result, trials, dice):
    """SIGKILL at a random moment, under load, plane connected."""
    broker = Broker()
    plane, gateway = Plane(broker.port), Gateway(broker.port, broker.port)
    gateway.start()
    publisher = Publisher(broker.port, 10 ** 6, seed=OPTIONS.seed)
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    publisher.start()
    for _ in range(trials):
        time.sleep(dice.uniform(0, 0.6))
        gateway.kill()
        if gateway.thrum("status").returncode:
            result.problem("status cannot be read after a SIGKILL")
        seconds = gateway.start()
        result.recovery.append(seconds or 99)
        result.trials += 1
    publisher.halt.set()
    publisher.join()
    balance(result, gateway, publisher.taken, "at the end")
    delivered(result, gateway, plane, "at the end")
    result.note("frames", publisher.taken * 3)
    gateway.kill(), plane.kill(), broker.kill()


MOMENTS = [("sync-wal", "before"), ("sync-wal", "after"), ("puback", "before"), ("puback", "after"), ("sync-db", "before"),
           ("sync-db", "after"), ("rename", "before"), ("rename", "after"), ("sync-other", "before"), ("sync-other", "after")]


def moments(result, trials, dice):
    """SIGKILL at a named moment: before and after a commit's sync, an acknowledgement, a checkpoint, a rename."""
    broker = Broker()
    plane = Plane(broker.port)
    each = max(1, trials // len(MOMENTS))
    for moment, side in MOMENTS:
        first = moment in ("rename", "sync-other")
        gateway = Gateway(broker.port, broker.port, store="max_bytes = 16777216")
        publisher = Publisher(broker.port, 10 ** 6, rate=300, seed=dice.randrange(10 ** 6))
        if not first:
            gateway.start()
            wait(lambda: gateway.status()["broker"]["connected"], 20)
            publisher.start()
        for number in range(each):
            if not first:
                gateway.kill()
            # Checkpoints come with the start already; commits and acknowledgements at any later one.
            n = 1 if first or moment == "sync-db" else dice.randint(1, 40)
            if first:
                gateway = Gateway(broker.port, broker.port)
            gateway.start({"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": gateway.state, "DISK_KILL": f"{moment}:{n}:{side}"})
            died = wait(lambda: gateway.process.poll() is not None, 15)
            if not died:
                result.note(f"{side} {moment} not reached")
                gateway.kill()
            else:
                result.note(f"{side} {moment}")
            gateway.starts = gateway.text().count("Thrum is running")
            result.recovery.append(gateway.start() or 99)
            result.trials += 1
            if first and number < each - 1:
                gateway.kill()
        if not first:
            publisher.halt.set()
            publisher.join()
            balance(result, gateway, publisher.taken, f"{side} {moment}")
        gateway.kill()
    plane.kill(), broker.kill()


def full(result, trials, dice):
    """Somebody else fills the disk; then there is room again."""
    if os.getuid() != 0:
        return result.note("left out: needs root for a small disk")
    for trial in range(trials):
        for mode in ("hold", "volatile"):
            disk = folder("small")
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk], check=True)
            try:
                broker = Broker()
                gateway = Gateway(broker.port, store=f'max_bytes = 16777216\non_full = "{mode}"', path=disk + "/state")
                gateway.start()
                wait(lambda: gateway.status()["broker"]["connected"], 20)
                publisher = Publisher(broker.port, 10 ** 6, rate=100, seed=trial)
                publisher.start()
                time.sleep(dice.uniform(0.3, 1))
                with open(disk + "/filler", "wb") as filler:
                    try:
                        while True:
                            filler.write(bytes(1 << 16))
                            filler.flush()
                    except OSError:
                        pass
                seconds = 13 if mode == "volatile" else dice.uniform(2, 5)
                time.sleep(seconds)
                if gateway.process.poll() is not None:
                    result.problem(f"{mode}: thrumd ended with {gateway.process.returncode}")
                os.unlink(disk + "/filler")
                before = time.time()
                publisher.halt.set()
                publisher.join()
                status = balance(result, gateway, publisher.taken, f"full disk, {mode}")
                result.recovery.append(time.time() - before)
                if not wait(lambda: (gateway.status() or {}).get("state") == "healthy", 20):
                    result.problem(f"{mode}: not healthy again: {gateway.status()['reasons']}")
                dropped = sum(p["ledger"]["dropped_by"].get("unstored", 0) for p in status["points"])
                result.note(f"{mode}: frames dropped as unstored", dropped)
                result.trials += 1
                gateway.kill(), broker.kill()
            finally:
                subprocess.run(["umount", "-l", disk])


def refuse(result, trials, dice):
    """The store cannot be written for a while: `hold` makes the broker wait, `volatile` goes on, counts, and keeps alarms."""
    for trial in range(trials):
        for mode in ("hold", "volatile"):
            broker = Broker()
            plane = Plane(broker.port)
            gateway = Gateway(broker.port, broker.port, store=f'on_full = "{mode}"')
            switch = gateway.path + "/refuse"
            gateway.start({"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": gateway.state, "DISK_FAIL_WHILE": switch})
            wait(lambda: gateway.status()["broker"]["connected"], 20)
            publisher = Publisher(broker.port, 10**6, rate=100, seed=trial)
            publisher.start()
            time.sleep(0.5)
            open(switch, "w").close()
            time.sleep(14 if mode == "volatile" else 4)
            if gateway.process.poll() is not None:
                result.problem(f"{mode}: thrumd ended with {gateway.process.returncode}")
            held = gateway.received()
            os.unlink(switch)
            before = time.time()
            publisher.halt.set()
            publisher.join()
            status = balance(result, gateway, publisher.taken, mode)
            result.recovery.append(time.time() - before)
            dropped = sum(p["ledger"]["dropped_by"].get("unstored", 0) for p in status["points"])
            if mode == "hold" and dropped:
                result.problem(f"hold: {dropped} frames dropped")
            if mode == "volatile" and not dropped:
                result.problem("volatile: nothing was given up in fourteen seconds")
            if held >= publisher.taken * 3:
                result.problem("the store took frames while it could not be written")
            if not wait(lambda: (gateway.status() or {}).get("state") == "healthy", 20):
                result.problem(f"{mode}: not healthy again: {gateway.status()['reasons']}")
            delivered(result, gateway, plane, mode)
            kinds = [json.loads(line)["type"] for line in gateway.events()]
            if (mode == "volatile") != ("org.thrum.store.unstored.v1" in kinds):
                result.problem(f"{mode}: what was given up is not told: {kinds}")
            result.note(f"{mode}: frames dropped as unstored", dropped)
            result.trials += 1
            gateway.kill(), plane.kill(), broker.kill()


def broker_faults(result, trials, dice):
    """The plant broker is killed (and forgets), or frozen."""
    for trial in range(trials):
        broker = Broker()
        gateway = Gateway(broker.port)
        gateway.start()
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 10 ** 6, rate=200, seed=trial)
        publisher.start()
        time.sleep(dice.uniform(0.3, 0.8))
        is_killed = trial % 2 == 0
        if is_killed:
            broker.kill()
            time.sleep(dice.uniform(0, 0.5))
            before = time.time()
            broker.start()
        else:
            broker.process.send_signal(signal.SIGSTOP)
            time.sleep(dice.uniform(0.2, 1))
            broker.process.send_signal(signal.SIGCONT)
            before = time.time()
        wait(lambda: (gateway.status() or {"broker": {"connected": False}})["broker"]["connected"], 30)
        # A few frames behind the break tell what is missing before them.
        target = publisher.taken + 30
        wait(lambda: publisher.taken >= target, 30)
        result.recovery.append(time.time() - before)
        publisher.halt.set()
        publisher.join()
        balance(result, gateway, publisher.taken, "killed" if is_killed else "frozen", missing_allowed=is_killed)
        result.trials += 1
        gateway.kill(), broker.kill()


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


def plane_faults(result, trials, dice):
    """The plane is killed, frozen, its link cut, halved, slowed, while events flow."""
    broker, uplink = Broker(), Broker()
    proxy = Proxy(uplink.port, dice)
    proxy.start()
    plane = Plane(uplink.port)
    gateway = Gateway(broker.port, proxy.port)
    gateway.start()
    publisher = Publisher(broker.port, 10 ** 6, rate=200, seed=7)
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    publisher.start()
    for _ in range(trials):
        time.sleep(dice.uniform(0.05, 0.3))
        fault = dice.choice(["kill", "freeze", "cut", "half", "slow", "bytes", "broker"])
        if fault == "kill":
            plane.kill()
            plane.start()
        elif fault == "freeze":
            plane.process.send_signal(signal.SIGSTOP)
            time.sleep(dice.uniform(0, 0.3))
            plane.process.send_signal(signal.SIGCONT)
        elif fault == "cut":
            proxy.cut()
        elif fault == "broker":
            uplink.kill()
            uplink.start()
        else:
            proxy.mode = fault
            time.sleep(dice.uniform(0, 0.3))
            proxy.mode = "through"
        result.note(fault)
        result.trials += 1
    publisher.halt.set()
    publisher.join()
    balance(result, gateway, publisher.taken, "at the end")
    before = time.time()
    delivered(result, gateway, plane, "at the end", seconds=120)
    result.recovery.append(time.time() - before)
    gateway.kill(), plane.kill(), broker.kill(), uplink.kill()


def restore(result, trials, dice):
    """The gateway comes back from an old copy; the plane comes back from an old copy."""
    for trial in range(trials):
        broker = Broker()
        plane, gateway = Plane(broker.port), Gateway(broker.port, broker.port)
        gateway.start()
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 600, rate=300, seed=trial)
        publisher.start()
        wait(lambda: publisher.taken > dice.randint(150, 400), 20)
        copy = gateway.path + "/copy.db"
        before_copy = set(gateway.events())
        if gateway.thrum("backup", "-o", copy).returncode:
            result.problem("backup beside the daemon failed")
        publisher.join()
        balance(result, gateway, publisher.taken, "before")
        first = delivered(result, gateway, plane, "before")
        gateway.stop()
        done = gateway.thrum("restore", copy)
        if done.returncode:
            result.problem(f"restore failed: {done.stdout.decode()}")
        result.recovery.append(gateway.start())
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 400, rate=300, seed=trial + 1000)
        publisher.start()
        publisher.join()
        wait(lambda: len(gateway.events()) > len(before_copy) + 3, 5)
        second = delivered(result, gateway, plane, "after", may_know_more=True)
        gone = set(first) - set(second)
        result.lost += len(gone)
        if gone or not before_copy <= set(second):
            result.problem(f"the plane lost {len(gone)} events by a gateway's restore")
        result.note("forks", plane.forks())
        if plane.forks():
            result.problem("a restored gateway made a fork")
        result.trials += 1
        gateway.kill(), plane.kill(), broker.kill()


def second(result, trials, dice):
    """A second daemon, descriptors running out, a folder that is read-only, no memory: a clear error, the first unharmed."""
    broker = Broker()
    gateway = Gateway(broker.port)
    gateway.start()
    for _ in range(trials):
        done = subprocess.run([BIN + "/thrumd"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=gateway.env, timeout=20)
        if done.returncode != 1 or b"keeps this store" not in done.stdout:
            result.problem(f"a second daemon: {done.returncode} {done.stdout.decode()[-200:]}")
        few = subprocess.Popen(
            ["bash", "-c", f"ulimit -n 16; exec {BIN}/thrumd"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(gateway.env, THRUM_STATE_DIR=folder("few")),
        )
        time.sleep(2)
        if few.poll() not in (None, 1):
            result.problem(f"with sixteen descriptors: {few.returncode}")
        few.kill(), few.wait()
        if gateway.process.poll() is not None or gateway.status()["state"] == "stopped":
            result.problem("the first daemon was harmed")
        result.trials += 1
    gateway.kill(), broker.kill()


def backlog(result, trials, dice):
    """SIGKILL with a million unsent events in the store: the next start must not read them all."""
    broker = Broker()
    gateway = Gateway(broker.port, store="max_bytes = 4294967296")
    gateway.start()
    gateway.stop()
    database = sqlite3.connect(gateway.state + "/thrum.db", isolation_level=None)
    epoch, chain = database.execute("SELECT number, epoch FROM epoch").fetchone()
    name = chain.hex()
    database.execute("BEGIN")
    for number in range(1, 1_000_001):
        event = (
            f'{{"data":{{"reason":"stuck"}},"datacontenttype":"application/json","id":"gw-1:{name}:event:{number}","source":"/test/gw-1",'
            f'"specversion":"1.0","subject":"pump/de","time":"2026-01-01T00:00:00.000Z","type":"org.thrum.sensor.fault.v1"}}'
        ).encode()
        chain = hashlib.sha256(chain + event).digest()
        database.execute(
            "INSERT INTO event VALUES (NULL, ?, 'event', ?, ?, 1767225600000000000, 'org.thrum.sensor.fault.v1', 'pump/de', ?, ?)",
            (epoch, number, f"gw-1:{name}:event:{number}", chain, event),
        )
    database.execute("UPDATE lane SET last = 1000000, hash = ? WHERE lane = 'event'", (chain,))
    database.execute("COMMIT")
    database.close()
    result.note("store, MB", os.path.getsize(gateway.state + "/thrum.db") // 1_000_000)
    for _ in range(trials):
        seconds = gateway.start() or 99
        result.recovery.append(seconds)
        if gateway.status()["store"]["unsent_events"] != 1_000_000:
            result.problem(f"{gateway.status()['store']['unsent_events']} unsent events")
        with open(f"/proc/{gateway.process.pid}/status") as file:
            memory = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        result.notes["memory, MB"] = max(result.notes.get("memory, MB", 0), memory // 1000)
        if seconds > 2:
            result.problem(f"a start took {seconds:.1f} s")
        gateway.kill()
        result.trials += 1
    broker.kill()


def flash(result, trials, dice):
    """No fault: what a hundred frames a second cost the flash."""
    broker = Broker()
    gateway = Gateway(broker.port)
    log = os.path.join(WORK, "flash.log")
    gateway.start({"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": gateway.state, "DISK_LOG": log})
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    before = len(operations(log))
    publisher = Publisher(broker.port, 10**6, rate=100 / len(Publisher.MACHINES), seed=1)
    start = time.time()
    publisher.start()
    time.sleep(10 * trials)
    seconds, frames = time.time() - start, publisher.taken * len(Publisher.MACHINES)
    ops = operations(log)[before:]
    publisher.halt.set()
    publisher.join()
    syncs = sum(1 for op in ops if op[0] == "S" and op[1].endswith("-wal")) / seconds
    written = sum(len(op[4]) for op in ops if op[0] == "W") / seconds
    result.note("frames a second", round(frames / seconds))
    result.note("commits a second", round(syncs, 1))
    result.note("KB written a second", round(written / 1000))
    result.note("KB written a frame", round(written * seconds / max(1, frames) / 1000, 2))
    if syncs > 10.5:
        result.problem(f"{syncs:.1f} commits a second")
    result.trials += trials
    gateway.kill(), broker.kill()


FAULTS = [
    # name, what, function, trials short, trials long
    ("kill", "SIGKILL under load, random", kill, 4, 200),
    ("moments", "SIGKILL at named moments", moments, 10, 50),
    ("power", "power cut: any subset of what was not synced, torn at 512 B", power, 300, 10_000),
    ("iofail", "n-th call fails: EIO, ENOSPC, short; once, from then on", iofail, 20, 5000),
    ("flip", "bits and pages flipped in database and log", flip, 30, 1000),
    ("full", "disk filled by somebody else, hold and volatile", full, 0, 10),
    ("refuse", "store refuses to be written for seconds, hold and volatile", refuse, 0, 5),
    ("broker", "plant broker killed or frozen", broker_faults, 2, 50),
    ("plane", "plane and its link killed, frozen, cut, halved, slowed", plane_faults, 6, 100),
    ("restore", "gateway restored from an old copy", restore, 1, 20),
    ("backlog", "SIGKILL with a million unsent events", backlog, 0, 10),
    ("flash", "no fault: the cost of 100 frames a second", flash, 0, 3),
    ("second", "a second daemon; no descriptors left", second, 1, 10),
]


def main():
    done = json.load(open(MEMORY)) if OPTIONS.resume and os.path.exists(MEMORY) else {}
    rows, failed = [], False
    for name, what, function, short, long in FAULTS:
        if OPTIONS.only and name not in OPTIONS.only:
            continue
        if name in done:
            rows.append(done[name])
            continue
        trials = OPTIONS.trials or (long if OPTIONS.long else short)
        if not trials:
            continue
        result = Result(name, what)
        start = time.time()
        print(f"{name}: {what}, {trials} trials, seed {OPTIONS.seed} …", flush=True)
        function(result, trials, random.Random(OPTIONS.seed))
        print(f"  {result.trials} trials in {time.time() - start:.0f} s: lost {result.lost}, doubled {result.doubled}, "
              f"uncounted {result.uncounted}{'  FAILED' if result.failed else ''}", flush=True)
        failed |= result.failed
        rows.append(result.row())
        if not result.failed:
            done[name] = result.row()
            json.dump(done, open(MEMORY, "w"))
    table = ["| fault | what | trials | lost | doubled | uncounted | recovery, median | longest | of it |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    table += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    print("\n" + "\n".join(table))
    if OPTIONS.write:
        write(table)
    return 1 if failed else 0


def write(table):
    path = os.path.join(ROOT, "docs", "RELIABILITY.md")
    text = open(path).read()
    begin, end = "<!-- campaign -->", "<!-- end of campaign -->"
    head, rest = text.split(begin, 1)
    form = " --long" if OPTIONS.long else ""
    heading = f"\n`scripts/faults{form} --seed {OPTIONS.seed}`, {time.strftime('%Y-%m-%d')}:\n\n"
    open(path, "w").write(head + begin + heading + "\n".join(table) + "\n" + end + rest.split(end, 1)[1])


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
try:
    code = main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(code)

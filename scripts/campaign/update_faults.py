"""Updates of models, interrupted: thrumd is killed at each step of one, from the first metadata to the order to go back."""
import hashlib, json, struct, subprocess

from campaign.daemon_faults import balance
from campaign.site import Broker, Gateway, Plane, Publisher, wait
from campaign.trial import BIN, OPTIONS, folder
from repository import Repository

RATE_HZ, WINDOW, BASELINE = 12_800, 1024, 48
STEPS = [
    # name, DISK_KILL's moment, part of the file's path, how many calls to choose from, sides
    ("look fetched", "rename", "/trust/", 1, ["before"]),
    ("metadata stored", "rename", "/trust/", 3, ["after"]),
    ("chunk written", "write", ".part", 6, ["before", "after"]),
    ("target verified", "rename", ".part", 2, ["before", "after"]),
    ("package installed", "rename", ".thrum.new", 1, ["before", "after"]),
    ("golden replay", "open", ".thrum", 1, None),
    ("shadow", None, "shadow", 1, None),
    ("canary", None, "canary", 1, None),
    ("promotion", None, "active", 1, None),
]
# Of the transaction that a stage stands in: the write that holds it, and its sync.
SIDES = [("write", "before"), ("sync-wal", "before"), ("sync-wal", "after")]


class FedPlane(Plane):
    def __init__(self, port, repository):
        self.repository = repository
        super().__init__(port)

    def start(self):
        self.path = str(self.repository.folder)
        self.process = subprocess.Popen(
            [BIN + "/thrum-plane", "serve", "--broker", f"mqtt://127.0.0.1:{self.port}", "--db", self.path + "/plane.db", "--repository",
             str(self.repository.path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Pumps(Publisher):
    """The same healthy minute for every machine; all gateways hear all of it."""

    def __init__(self, port, recording):
        super().__init__(port, 10 ** 6, rate=8)
        self.samples = open(recording, "rb").read()

    def body(self, number):
        size = 4 * WINDOW
        place = number * size % (len(self.samples) - len(self.samples) % size)
        return struct.pack("<I", number) + self.samples[place:place + size]


class UpdatedGateway(Gateway):
    def __init__(self, port, plane_port, number, root):
        super().__init__(port, plane_port)
        file = self.path + "/thrum.toml"
        text = open(file).read().split("[[source]]")[0].replace('name = "gw-1"', f'name = "gw-{number}"')
        with open(file, "w") as out:
            out.write(f"""{text}[models]
root_file = "{root}"
[[source]]
topic = "plant/{{machine}}/{{point}}/vib"
payload = "f32le"
unit = "g"
sample_rate_hz = {RATE_HZ}
header_bytes = 4
sequence_at = 0
window_samples = {WINDOW}
overlap = 0
baseline_windows = {BASELINE}
""")

    def version(self, version):
        done = self.thrum("models", "--all", "--json")
        if done.returncode:
            return None
        return next((row for row in json.loads(done.stdout)["models"] if row["version"] == version), None)

    def stage(self, version):
        row = self.version(version)
        return row and row["stage"]

    def serving(self):
        """Which version each machine's point has at work."""
        models = json.loads(self.thrum("models", "--all", "--json").stdout)["models"]
        return sorted((point["machine"], row["version"]) for row in models for point in row["points"] if point["stage"] == "active")

    def speaking(self):
        return {point["model"] for point in (self.status() or {"points": []})["points"]}


class World:
    """One plant, one plane, so many gateways; versions 1.0.0 and 1.1.0 are good, 1.2.0 takes this plant for a fault."""

    def __init__(self, gateways):
        self.place = folder("updates")
        self.repository = Repository(self.place + "/plane", BIN, "test")
        root = self.repository.begin()
        self.broker = Broker()
        self.digests = {}
        loud, calm = self.simulate("none", 0.4, 1, 60), self.simulate("none", 0.1, 2, 20)
        for version, healthy, noise in [("1.0.0", loud, 0.4), ("1.1.0", loud, 0.4), ("1.2.0", calm, 0.1)][: 3 if OPTIONS.long else 2]:
            self.make(version, healthy, noise)
        self.plane = FedPlane(self.broker.port, self.repository)
        self.gateways = [UpdatedGateway(self.broker.port, self.broker.port, number, root) for number in range(1, gateways + 1)]
        self.publisher = Pumps(self.broker.port, loud)

    def simulate(self, fault, noise, seed, seconds):
        file = f"{self.place}/{fault}-{noise}-{seed}.f32"
        self.tool("simulate", "--fault", fault, "--noise", noise, "--seed", seed, "--seconds", seconds, "--rate", RATE_HZ, "-o", file)
        return file

    def make(self, version, healthy, noise):
        """Learned by Thrum itself, packaged, signed by two of three, published."""
        base = f"{self.place}/{version}"
        card = {"format": 1, "model": "pumps", "version": version, "purpose": "simulated pumps", "owner": "scripts/faults",
                "contact": "nobody@example.com", "licence": "Apache-2.0", "review_by": "2099-01-01", "least_thrum": "0.1.0", "limits": [],
                "known_failure_modes": [], "training_data": {"description": "simulated", "sha256": "0" * 64}, "metrics": {}}
        with open(base + ".json", "w") as file:
            json.dump(card, file)
        form = ["--rate", RATE_HZ, "--unit", "g"]
        self.tool("model", "learn", healthy, *form, "--window", WINDOW, "--overlap", 0, "--seed", version, "-o", base + ".model")
        self.tool("model", "package", base + ".model", "--card", base + ".json", "--golden-healthy", self.simulate("none", noise, 7, 2),
                  "--golden-faulty", self.simulate("outer", noise, 8, 2), *form, "-o", base + ".thrum")
        self.digests[version] = hashlib.sha256(open(base + ".thrum", "rb").read()).hexdigest()
        self.repository.publish(base + ".thrum")

    def tool(self, *words):
        done = subprocess.run([BIN + "/thrum", *map(str, words)], capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise SystemExit(f"thrum {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def roll(self, version):
        self.repository.rollout("pumps", version, "--shadow-windows", 8, "--canary-windows", 8)

    def start(self):
        for gateway in self.gateways:
            gateway.start()
        for gateway in self.gateways:
            wait(lambda: (gateway.status() or {"broker": {"connected": False}})["broker"]["connected"], 30)
        self.publisher.start()

    def close(self):
        for gateway in self.gateways:
            gateway.kill()
        self.plane.kill(), self.broker.kill()


def update(result, trials, dice):
    """Each trial: all steps of an update, a gateway each; the short form takes three of them."""
    for trial in range(trials):
        steps = STEPS if OPTIONS.long else dice.sample(STEPS, 3)
        world = World(len(steps))
        try:
            world.roll("1.0.0")
            world.start()
            for gateway in world.gateways:
                if not wait(lambda: gateway.stage("1.0.0") == "active", 90):
                    return result.problem(f"1.0.0 does not become active: {gateway.version('1.0.0')}")
            killed(result, world, dice, "1.1.0", lambda: world.roll("1.1.0"), [order(step, world.digests["1.1.0"], dice) for step in steps],
                   ["1.0.0", "1.1.0"], ("1.1.0", "active"), "1.1.0")
            if OPTIONS.long:
                back_and_refused(result, world, dice)
            world.publisher.halt.set()
            world.publisher.join()
            for gateway in world.gateways:
                balance(result, gateway, world.publisher.taken, f"trial {trial}")
            arrived(result, world)
            result.note("frames", world.publisher.taken * len(Publisher.MACHINES) * len(world.gateways))
        finally:
            world.close()


def arrived(result, world):
    """The plane has every event of every gateway once."""
    for gateway in world.gateways:
        if not wait(lambda: (gateway.status() or {"store": {}})["store"].get("unsent_events") == 0, 60):
            result.problem("the backlog does not drain")
    theirs = world.plane.events()
    ours = {event for gateway in world.gateways for event in gateway.events()}
    result.lost += len(ours - set(theirs))
    result.doubled += len(theirs) - len(set(theirs))
    result.note("events delivered", len(theirs))


def back_and_refused(result, world, dice):
    """The long form's: an order to go back, and a version that does not get through the shadow."""
    back = [order(("rollback", None, "rolled_back", 1, None), world.digests["1.1.0"], dice) for _ in STEPS]
    killed(result, world, dice, "1.1.0", lambda: world.repository.plane("rollback", "pumps", "--key", world.repository.key("operations"),
           "--db", world.repository.database), back, ["1.1.0", "1.0.0"], ("1.1.0", "rolled_back"), "1.0.0")
    refused = [order(("refusal", None, "failed", 1, None), world.digests["1.2.0"], dice) for _ in STEPS]
    killed(result, world, dice, "1.2.0", lambda: world.roll("1.2.0"), refused, ["1.0.0"], ("1.2.0", "failed"), "1.0.0")


def order(step, digest, dice):
    """The step's name, and the environment that kills at it."""
    name, moment, text, calls, sides = step
    if moment == "open":
        return name, {"DISK_KILL": f"open:1:{dice.randint(1, 300)}", "DISK_KILL_FILE": f"{digest}.thrum"}
    if moment:
        return name, {"DISK_KILL": f"{moment}:{dice.randint(1, calls)}:{dice.choice(sides)}", "DISK_KILL_FILE": text}
    moment, side = dice.choice(SIDES)
    return f"{name}, {side} its {'write' if moment == 'write' else 'sync'}", {
        "DISK_KILL": f"{moment}:1:{side}", "DISK_KILL_FILE": "-wal", "DISK_KILL_TEXT": f'"sha256":"{digest}","signed":true,"stage":"{text}"'}


def killed(result, world, dice, version, act, orders, allowed, end, after):
    """Every gateway is started anew with its order, and killed by it; then it must be as if nothing had been."""
    for gateway in world.gateways:
        gateway.stop()
    act()
    for gateway, (name, env) in zip(world.gateways, orders):
        gateway.start({"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": gateway.state, **env})
    for gateway, (name, env) in zip(world.gateways, orders):
        if not wait(lambda: gateway.process.poll() is not None, 60):
            result.problem(f"{name}: not reached, {env}; {version} is {gateway.stage(version)}")
            gateway.kill()
        result.note(name.split(",")[0])
        check(result, gateway, f"{name}, dead", allowed)
    # All are dead by now: a gateway that tells of a refusal makes the plane hold the package back from the others.
    for gateway, (name, env) in zip(world.gateways, orders):
        gateway.starts = gateway.text().count("Thrum is running")
        result.recovery.append(gateway.start() or 99)
        check(result, gateway, f"{name}, restarted", allowed)
        result.trials += 1
    for gateway, (name, _) in zip(world.gateways, orders):
        if not wait(lambda: gateway.stage(end[0]) == end[1], 90):
            result.problem(f"{name}: {end[0]} is {gateway.version(end[0])}, expected {end[1]}")
        check(result, gateway, f"{name}, at the end", [after])
        if not wait(lambda: gateway.speaking() == {f"pumps {after}"}, 20):
            result.problem(f"{name}: {gateway.speaking()} speaks, expected pumps {after}")


def check(result, gateway, name, allowed):
    """Every point has one version at work, and it is one of these."""
    serving = gateway.serving()
    if [machine for machine, _ in serving] != sorted(Publisher.MACHINES) or any(version not in allowed for _, version in serving):
        result.problem(f"{name}: at work is {serving}, expected one of {allowed} at each point")

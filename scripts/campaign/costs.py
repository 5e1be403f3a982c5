"""No loss to be had here: what a second daemon, a long backlog and a busy day cost."""
import hashlib, os, sqlite3, subprocess, time

from campaign.power import operations
from campaign.site import Broker, Gateway, Plane, Publisher, wait
from campaign.trial import BIN, OPTIONS, WORK, folder


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


def fill(gateway, events, padding=0):
    """Unsent events straight into the tables of a store that nobody has open."""
    database = sqlite3.connect(gateway.state + "/thrum.db", isolation_level=None)
    epoch, chain = database.execute("SELECT number, epoch FROM epoch").fetchone()
    name, rest = chain.hex(), "x" * padding
    database.execute("BEGIN")
    for number in range(1, events + 1):
        event = (
            f'{{"data":{{"reason":"stuck{rest}"}},"datacontenttype":"application/json","id":"gw-1:{name}:event:{number}","source":"/test/gw-1",'
            f'"specversion":"1.0","subject":"pump/de","time":"2026-01-01T00:00:00.000Z","type":"org.thrum.sensor.fault.v1"}}'
        ).encode()
        chain = hashlib.sha256(chain + event).digest()
        database.execute(
            "INSERT INTO event (row, epoch, lane, sequence, id, time, type, subject, hash, bytes) "
            "VALUES (NULL, ?, 'event', ?, ?, 1767225600000000000, 'org.thrum.sensor.fault.v1', 'pump/de', ?, ?)",
            (epoch, number, f"gw-1:{name}:event:{number}", chain, event),
        )
    database.execute("UPDATE lane SET last = ?, hash = ? WHERE lane = 'event'", (events, chain))
    database.execute("COMMIT")
    database.close()


def resident(process):
    """Kilobytes that it holds now."""
    with open(f"/proc/{process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def large(result, trials, dice):
    """A store of a gigabyte: how long a start takes, and how much more memory than with an empty one."""
    broker = Broker()
    empty = Gateway(broker.port)
    empty.start()
    time.sleep(2)
    before = resident(empty.process)
    empty.stop()
    gateway = Gateway(broker.port, store="max_bytes = 4294967296")
    gateway.start()
    gateway.stop()
    fill(gateway, 230_000, padding=3900)
    result.note("store, MB", os.path.getsize(gateway.state + "/thrum.db") // 1_000_000)
    for _ in range(trials):
        seconds = gateway.start() or 99
        result.recovery.append(seconds)
        time.sleep(2)
        extra = resident(gateway.process) - before
        result.notes["more memory than with an empty store, MB"] = max(
            result.notes.get("more memory than with an empty store, MB", 0), round(extra / 1000, 1))
        if seconds > 1 or extra > 10_000:
            result.problem(f"a start took {seconds:.2f} s and {extra} kB more")
        gateway.stop()
        result.trials += 1
    broker.kill()


def drain(result, trials, dice):
    """A backlog goes to the plane: neither side's memory grows with it. A trial is a hundred thousand events."""
    broker = Broker()
    gateway = Gateway(broker.port, broker.port, store="max_bytes = 4294967296")
    gateway.start()
    gateway.stop()
    fill(gateway, 100_000 * trials)
    plane = Plane(broker.port)
    gateway.start()
    began, samples = time.time(), []
    while time.time() - began < 120 * trials + 60:
        status = gateway.status()
        sent = 100_000 * trials - status["store"]["unsent_events"]
        samples.append((sent, resident(gateway.process), resident(plane.process)))
        if sent >= 100_000 * trials:
            break
        time.sleep(1)
    else:
        result.problem(f"only {samples[-1][0]} events went")
    result.recovery.append(time.time() - began)
    result.note("events", samples[-1][0])
    tenth = [sample for sample in samples if sample[0] >= 10_000 * trials] or samples
    for index, name in ((1, "gateway"), (2, "plane")):
        grown = samples[-1][index] - tenth[0][index]
        result.notes[f"{name}, MB at a tenth and at the end"] = f"{tenth[0][index] / 1000:.1f} to {samples[-1][index] / 1000:.1f}"
        if grown > 8000:
            result.problem(f"the {name} grew by {grown} kB")
    result.trials += trials
    gateway.kill(), plane.kill(), broker.kill()


def backlog(result, trials, dice):
    """SIGKILL with a million unsent events in the store: the next start must not read them all."""
    broker = Broker()
    gateway = Gateway(broker.port, store="max_bytes = 4294967296")
    gateway.start()
    gateway.stop()
    fill(gateway, 1_000_000)
    result.note("store, MB", os.path.getsize(gateway.state + "/thrum.db") // 1_000_000)
    for _ in range(trials):
        seconds = gateway.start() or 99
        result.recovery.append(seconds)
        if gateway.status()["store"]["unsent_events"] != 1_000_000:
            result.problem(f"{gateway.status()['store']['unsent_events']} unsent events")
        memory = resident(gateway.process)
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

"""No loss to be had here: what a second daemon, a long backlog and a busy day cost."""
import hashlib, os, sqlite3, subprocess, time

from campaign.power import operations
from campaign.site import Broker, Gateway, Publisher, wait
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
            "INSERT INTO event (row, epoch, lane, sequence, id, time, type, subject, hash, bytes) VALUES (NULL, ?, 'event', ?, ?, 1767225600000000000, 'org.thrum.sensor.fault.v1', 'pump/de', ?, ?)",
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

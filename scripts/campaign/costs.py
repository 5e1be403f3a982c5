"""No loss to be had here: what a second daemon, a long backlog and a busy day cost."""
import hashlib, os, shutil, socket, sqlite3, struct, subprocess, time

from campaign.power import operations
from campaign.site import Broker, Gateway, Plane, Publisher, wait
from campaign.trial import BIN, OPTIONS, ROOT, WORK, folder


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
    cold = os.path.join(os.path.abspath(OPTIONS.disk), f"large-{os.getpid()}") if OPTIONS.disk else None
    gateway = Gateway(broker.port, store="max_bytes = 4294967296", path=cold)
    gateway.start()
    gateway.stop()
    fill(gateway, 230_000, padding=3900)
    result.most("store, MB", os.path.getsize(gateway.state + "/thrum.db") // 1_000_000)
    for _ in range(trials):
        if cold:
            forget(gateway.state)
        seconds = gateway.start() or 99
        result.recovery.append(seconds)
        time.sleep(2)
        extra = resident(gateway.process) - before
        result.most("more memory than with an empty store, MB", round(extra / 1000, 1))
        if seconds > 1 or extra > 10_000:
            result.problem(f"a start took {seconds:.2f} s and {extra} kB more")
        gateway.stop()
        result.trials += 1
    broker.kill()
    if cold:
        shutil.rmtree(cold, ignore_errors=True)


def forget(path):
    """Of these files nothing stays in memory: they are read from the disk."""
    for name in os.listdir(path):
        if os.path.isfile(os.path.join(path, name)):
            with open(os.path.join(path, name), "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def drain(result, trials, dice):
    """A backlog goes to the plane: neither side's memory grows with it. A trial is a hundred thousand events, ten are a million."""
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
    result.most("store, MB", os.path.getsize(gateway.state + "/thrum.db") // 1_000_000)
    for _ in range(trials):
        seconds = gateway.start() or 99
        result.recovery.append(seconds)
        if gateway.status()["store"]["unsent_events"] != 1_000_000:
            result.problem(f"{gateway.status()['store']['unsent_events']} unsent events")
        memory = resident(gateway.process)
        result.most("memory, MB", memory // 1000)
        if seconds > 2:
            result.problem(f"a start took {seconds:.1f} s")
        gateway.kill()
        result.trials += 1
    broker.kill()


WINDOWS = (20, 128, 1024)


def durable(result, trials, dice):
    """No fault: what waits at the broker is taken in, with syncs and without; frames a second of the one over the other."""
    disk = os.path.join(os.path.abspath(OPTIONS.disk or os.path.join(ROOT, ".build")), f"durable-{os.getpid()}")
    os.makedirs(disk)
    try:
        for window in WINDOWS:
            rates = {"durable": [], "not durable": []}
            for trial in range(trials):
                for kind in sorted(rates, reverse=trial % 2 == 1):
                    rates[kind].append(taken_in(os.path.join(disk, "state"), window, kind == "durable"))
                    shutil.rmtree(os.path.join(disk, "state"))
            # Others may take the machine for a while: the best of each.
            best = {kind: max(found) for kind, found in rates.items()}
            for kind, rate in best.items():
                result.most(f"in flight {window}, {kind}, frames/s", round(rate))
            part = best["durable"] / best["not durable"]
            result.most(f"in flight {window}, part", round(part, 2))
            pairs = sorted(a / b for a, b in zip(rates["durable"], rates["not durable"]))
            result.most(f"in flight {window}, part, median of {len(pairs)} pairs", round(pairs[len(pairs) // 2], 2))
            if window == 1024 and part < 0.8:
                result.problem(f"with {window} in flight durable is {part:.2f} of not durable")
        result.trials += trials
        result.most("syncs of 4 KiB a second of that disk", syncs_per_second(disk))
    finally:
        shutil.rmtree(disk, ignore_errors=True)


def taken_in(state, window, is_durable, frames=30_000):
    """Frames a second that a gateway takes of a queue that waits for it."""
    broker = Broker([f"max_inflight_messages {window}"])
    gateway = Gateway(broker.port, store=f"max_bytes = 268435456\n[ingest]\nbatch_frames = {window}", path=state)
    environment = {"LD_PRELOAD": OPTIONS.shim, "DISK_NOSYNC": "1"} if not is_durable else {"LD_PRELOAD": OPTIONS.shim}
    gateway.start(environment)
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    gateway.stop()
    flood(broker.port, frames)
    gateway.start(environment)
    # Between a tenth and nine tenths, by the store itself.
    begin = wait(lambda: (lambda n: n >= frames // 10 and (time.time(), n))(counted(state)), 60)
    end = wait(lambda: (lambda n: n >= frames * 9 // 10 and (time.time(), n))(counted(state)), 300)
    gateway.stop()
    broker.kill()
    return (end[1] - begin[1]) / (end[0] - begin[0])


def counted(state):
    database = sqlite3.connect(f"file:{state}/thrum.db?mode=ro", uri=True)
    try:
        return database.execute("SELECT coalesce(sum(received), 0) FROM ledger").fetchone()[0]
    finally:
        database.close()


def flood(port, frames):
    """Numbered frames of three machines, as fast as the broker takes them."""
    publisher = Publisher(port, frames)
    link, machines = publisher.connect(), Publisher.MACHINES
    waiting, answered, packets = 0, 0, b""
    for number in range(frames):
        topic = f"plant/{machines[number % len(machines)]}/de/vib".encode()
        body = publisher.body(number // len(machines) + 1) if number % len(machines) == 0 else body
        variable = struct.pack(">H", len(topic)) + topic + struct.pack(">H", number % 60_000 + 1) + body
        packets += b"\x32" + bytes([len(variable) % 128 | 128, len(variable) // 128]) + variable
        waiting += 1
        if waiting == 100 or number == frames - 1:
            link.sendall(packets)
            need, packets = 4 * waiting, b""
            while need:
                got = link.recv(need)
                if not got:
                    raise OSError("closed")
                need -= len(got)
            waiting = 0
    link.close()


def syncs_per_second(path):
    with open(os.path.join(path, "probe"), "wb") as file:
        begin, count = time.time(), 0
        while time.time() - begin < 2:
            os.pwrite(file.fileno(), bytes(4096), 0)
            os.fdatasync(file.fileno())
            count += 1
    return round(count / 2)


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

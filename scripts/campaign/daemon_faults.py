"""Faults of the whole: thrumd is killed, its disk is full or refuses, it comes back from a copy."""
import hashlib, json, os, signal, sqlite3, subprocess, time

from campaign.power import operations
from campaign.site import Broker, Gateway, Plane, Publisher, wait
from campaign.trial import BIN, OPTIONS, WORK, folder


def balance(result, gateway, published, trial, missing_allowed=False):
    """Every frame the broker took is in the ledger once, or booked as missing; the ledgers add up."""
    wanted = published * len(Publisher.MACHINES)

    def complete():
        status = gateway.status()
        if not status:
            return None
        # A store that was written beforehand has points of its own.
        status["points"] = [p for p in status["points"] if p["machine"] in Publisher.MACHINES]
        total = sum(p["ledger"]["received"] - p["ledger"]["duplicate"] + (p["ledger"]["missing"] if missing_allowed else 0)
                    for p in status["points"])
        return status if total >= wanted else None
    status = wait(complete, 60) or gateway.status()
    for point in (p for p in status["points"] if p["machine"] in Publisher.MACHINES):
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

"""What is around the daemon goes wrong: its clock, its memory, its descriptors, its disk's mount."""
import json, os, resource, shutil, subprocess, time

from campaign.daemon_faults import balance, delivered
from campaign.site import Broker, Gateway, Plane, Proxy, Publisher, wait
from campaign.trial import OPTIONS, ROOT, folder

FAKETIME = next((path for path in ("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                                   "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1") if os.path.exists(path)), None)
YEAR = 365 * 86_400


def clock(result, trials, dice):
    """The clock says 1970 at the start, or leaps by an hour or ten years, and is put right again."""
    if not FAKETIME:
        return result.note("left out: needs libfaketime (scripts/setup)")
    broker = Broker()
    for trial in range(trials):
        kind = ["1970", "+1 h", "-1 h", "+10 y", "-10 y"][trial % 5]
        offset = {"1970": 60 - int(time.time()), "+1 h": 3600, "-1 h": -3600, "+10 y": 10 * YEAR, "-10 y": -10 * YEAR}[kind]
        plane, gateway = Plane(broker.port), Gateway(broker.port, broker.port)
        file = gateway.path + "/offset"

        def leap(seconds):
            with open(file + ".new", "w") as out:
                out.write(f"{seconds:+d}\n")
            os.rename(file + ".new", file)

        leap(offset if kind == "1970" else 0)
        gateway.start({"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
                       "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"})
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 10 ** 6, rate=150, seed=trial)
        publisher.start()
        started = time.time()
        wait(lambda: publisher.taken > dice.randint(350, 450), 20)
        leaps = 0
        if kind != "1970":
            leap(offset)
            leaps += 1
            target = publisher.taken + dice.randint(300, 400)
            wait(lambda: publisher.taken > target, 20)
        leap(0)
        leaps += 1
        before = time.time()
        target = publisher.taken + 350
        wait(lambda: publisher.taken > target, 20)
        publisher.halt.set()
        publisher.join()
        status = balance(result, gateway, publisher.taken, kind)
        delivered(result, gateway, plane, kind)
        result.recovery.append(time.time() - before)
        told = [json.loads(line) for line in gateway.events()]
        jumps = [event for event in told if event["type"] == "org.thrum.clock.jumped.v1"]
        result.note(f"{kind}: leaps told", len(jumps))
        if len(jumps) != leaps:
            result.problem(f"{kind}: {leaps} leaps, {len(jumps)} told")
        if any(point["reason"] == "stale" for point in status["points"]) or any("stale" in json.dumps(event) for event in told):
            result.problem(f"{kind}: a point was called stale by a leap")
        uptimes = [event["uptimems"] for event in told if "uptimems" in event]
        if not uptimes or len({event["bootid"] for event in told if "bootid" in event}) != 1:
            result.problem(f"{kind}: events in doubt do not name the boot")
        # What people see in the end is the right time, in the right order, at the gateway and at the plane.
        for place, path, column in (("gateway", gateway.state + "/thrum.db", "sequence"), ("plane", plane.path + "/plane.db", "row")):
            times = rows(path, f"SELECT time FROM event WHERE lane = 'alarm' ORDER BY {column}")
            wrong = [t for t in times if not started - 2 <= t / 1e9 <= time.time() + 2]
            if wrong or times != sorted(times):
                result.uncounted += len(wrong)
                result.problem(f"{kind}: {place}: {len(wrong)} of {len(times)} alarms' times stay wrong, sorted: {times == sorted(times)}")
        trends = rows(gateway.state + "/thrum.db", "SELECT time FROM trend")
        if any(not started - 2 <= t / 1e9 <= time.time() + 2 for t in trends):
            result.problem(f"{kind}: a trend row's time stays wrong")
        for column in ("raised_at", "changed_at", "cleared_at"):
            times = rows(gateway.state + "/thrum.db", f"SELECT {column} FROM alarm WHERE {column} IS NOT NULL")
            if any(not started - 2 <= t / 1e9 <= time.time() + 2 for t in times):
                result.problem(f"{kind}: an alarm's {column} stays wrong")
            result.note(f"alarms' {column} looked at", len(times))
        result.trials += 1
        gateway.kill(), plane.kill()
    broker.kill()


def rows(path, sql):
    import sqlite3
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [row[0] for row in database.execute(sql)]
    finally:
        database.close()


class MemoryGroup:
    """A control group whose memory ends; `None` where the machine allows none."""
    @classmethod
    def made(cls):
        for root, limit, use in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
                                 ("/sys/fs/cgroup", "memory.max", "memory.current")):
            path = f"{root}/thrum-faults-{os.getpid()}"
            try:
                os.mkdir(path)
                if os.path.exists(f"{path}/{limit}"):
                    return cls(path, limit, use)
                os.rmdir(path)
            except OSError:
                pass
        return None

    def __init__(self, path, limit, use):
        self.path, self.limit_file, self.use_file = path, limit, use

    @property
    def use(self):
        with open(f"{self.path}/{self.use_file}") as file:
            return int(file.read())

    def limit(self, size):
        """Refused while less than what is in use could be freed."""
        try:
            with open(f"{self.path}/{self.limit_file}", "w") as file:
                file.write(str(size))
            return True
        except OSError:
            return False

    def remove(self):
        wait(lambda: not open(f"{self.path}/cgroup.procs").read(), 5)
        try:
            os.rmdir(self.path)
        except OSError:
            pass


def memory(result, trials, dice):
    """Memory ends while it works: it may be killed or refuse, and loses nothing by it."""
    broker, group = Broker(), MemoryGroup.made()
    result.notes["limit"] = "a control group's" if group else "no control group here: half the address space instead"
    # Files in /dev/shm would count as memory that nobody can take back.
    disk = os.path.join(ROOT, ".build", f"memory-{os.getpid()}")
    try:
        for trial in range(trials):
            gateway = Gateway(broker.port, path=f"{disk}/{trial}")
            gateway.start(group=group)
            wait(lambda: gateway.status()["broker"]["connected"], 20)
            publisher = Publisher(broker.port, 10 ** 6, rate=200, seed=trial)
            publisher.start()
            time.sleep(dice.uniform(0.2, 0.6))
            if group:
                # As tight as it goes: pages of files are given up first.
                size = group.use
                while size > 1 << 20 and group.limit(size):
                    size -= 1 << 20
            else:
                size = int(open(f"/proc/{gateway.process.pid}/statm").read().split()[0]) * 4096
                resource.prlimit(gateway.process.pid, resource.RLIMIT_AS, (size // 2, size // 2))
            # Something large wants memory: messages of no point, almost as long as they may be.
            for _ in range(4):
                subprocess.run(["mosquitto_pub", "-p", str(broker.port), "-q", "1", "-t", "plant//de/vib", "-s"],
                               input=bytes(1_000_000), timeout=20)
            time.sleep(dice.uniform(0.5, 1.5))
            died = gateway.process.poll() is not None
            result.note(f"ended by signal {-gateway.process.returncode}" if died else "went on")
            if died and gateway.process.returncode == 0:
                result.problem("out of memory, and it says all is well")
            gateway.kill()
            if group:
                group.limit(-1) or group.limit("max")
            gateway.starts = gateway.text().count("Thrum is running")
            result.recovery.append(gateway.start() or 99)
            publisher.halt.set()
            publisher.join()
            balance(result, gateway, publisher.taken, "out of memory")
            result.trials += 1
            gateway.kill()
    finally:
        if group:
            group.remove()
        shutil.rmtree(disk, ignore_errors=True)
        broker.kill()


def descriptors(result, trials, dice):
    """No descriptor is left when the connection has to be made anew: it waits, says why, and goes on."""
    broker = Broker(["max_inflight_messages 0"])
    for trial in range(trials):
        proxy = Proxy(broker.port, dice)
        proxy.start()
        gateway = Gateway(proxy.port)
        gateway.start()
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 10 ** 6, rate=100, seed=trial)
        publisher.start()
        time.sleep(dice.uniform(0.2, 0.5))
        pid = gateway.process.pid
        used = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 1024))
        proxy.cut()
        degraded = wait(lambda: (lambda s: s and s["state"] == "degraded" and s["reasons"])(gateway.status()), 15)
        if not degraded:
            result.problem(f"not degraded without descriptors ({used} in use): {gateway.status()['state']}")
        time.sleep(dice.uniform(0.3, 1))
        if gateway.process.poll() is not None:
            result.problem(f"ended with {gateway.process.returncode} without descriptors")
            break
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (1024, 1024))
        before = time.time()
        wait(lambda: gateway.status()["broker"]["connected"], 60)
        publisher.halt.set()
        publisher.join()
        balance(result, gateway, publisher.taken, "no descriptors")
        result.recovery.append(time.time() - before)
        result.trials += 1
        gateway.kill()
    broker.kill()


def readonly(result, trials, dice):
    """The disk turns read-only under it: every write is refused as such a disk does, reading goes on."""
    broker = Broker()
    for trial in range(trials):
        gateway = Gateway(broker.port)
        switch = gateway.path + "/readonly"
        gateway.start({"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": gateway.state, "DISK_FAIL_WHILE": switch, "DISK_FAIL_CODE": "30"})
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 10 ** 6, rate=100, seed=trial)
        publisher.start()
        time.sleep(dice.uniform(0.3, 0.8))
        open(switch, "w").close()
        time.sleep(dice.uniform(1, 3))
        log = gateway.text()
        if "ommit failed" not in log:
            result.problem("no error was named")
        if gateway.process.poll() is not None:
            result.problem(f"thrumd ended with {gateway.process.returncode}")
        held = gateway.received()
        if held >= publisher.taken * 3:
            result.problem("the store took frames that it could not write")
        os.unlink(switch)
        before = time.time()
        publisher.halt.set()
        publisher.join()
        balance(result, gateway, publisher.taken, "read-only")
        if not wait(lambda: (gateway.status() or {}).get("state") == "healthy", 20):
            result.problem(f"not healthy again: {gateway.status()['reasons']}")
        result.recovery.append(time.time() - before)
        result.trials += 1
        gateway.kill()
    broker.kill()

"""Faults that a plane or a month makes: copies of the one, clones of the gateway, a long outage on a thin link."""
import bisect, json, os, shutil, socket, sqlite3, subprocess, threading, time

from campaign.daemon_faults import balance, delivered
from campaign.site import Broker, Gateway, Plane, Publisher, wait
from campaign.trial import BIN, folder


def plane_restore(result, trials, dice):
    """The plane comes back from an old copy: what it has forgotten is sent again."""
    for trial in range(trials):
        broker = Broker()
        plane, gateway = Plane(broker.port), Gateway(broker.port, broker.port)
        gateway.start()
        wait(lambda: gateway.status()["broker"]["connected"], 20)
        publisher = Publisher(broker.port, 10 ** 6, rate=300, seed=trial)
        publisher.start()
        wait(lambda: publisher.taken > dice.randint(300, 500), 20)
        wait(lambda: plane.events(), 20)
        copy = sqlite3.connect(plane.path + "/copy.db")
        sqlite3.connect(f"file:{plane.path}/plane.db?mode=ro", uri=True).backup(copy)
        copy.close()
        target = publisher.taken + dice.randint(300, 600)
        wait(lambda: publisher.taken > target, 20)
        plane.kill()
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(plane.path + "/plane.db" + suffix):
                os.unlink(plane.path + "/plane.db" + suffix)
        shutil.copy(plane.path + "/copy.db", plane.path + "/plane.db")
        plane.start()
        before = time.time()
        target = publisher.taken + 300
        wait(lambda: publisher.taken > target, 20)
        publisher.halt.set()
        publisher.join()
        balance(result, gateway, publisher.taken, "plane restored")
        delivered(result, gateway, plane, "plane restored")
        result.recovery.append(time.time() - before)
        if plane.forks():
            result.problem("a restored plane made a fork")
        result.trials += 1
        gateway.kill(), plane.kill(), broker.kill()


def clone(result, trials, dice):
    """A copy of the gateway's card runs under its name, in turn with it or beside it: nothing of either is dropped silently."""
    for trial in range(trials):
        broker = Broker()
        plane, first = Plane(broker.port), Gateway(broker.port, broker.port)
        first.start()
        work(first, broker, trial, dice)
        delivered(result, first, plane, "before")
        first.stop()
        second = Gateway(broker.port, broker.port, path=folder(f"clone-{trial}"))
        shutil.rmtree(second.state)
        shutil.copytree(first.state, second.state)
        known = set(first.events())
        before = time.time()
        if trial % 2:
            for gateway in (first, second):
                gateway.start()
                work(gateway, broker, trial + 50, dice)
                wait(lambda: gateway.status()["store"]["unsent_events"] == 0, 30)
                gateway.stop()
            result.note("in turn")
        else:
            # The plant's broker knows them by one client id as well: each has a plant of its own.
            other = Broker()
            text = open(second.path + "/thrum.toml").read()
            with open(second.path + "/thrum.toml", "w") as file:
                file.write(text.replace(f"mqtt://127.0.0.1:{broker.port}\"", f"mqtt://127.0.0.1:{other.port}\"", 1))
            plants = [(first, Broker()), (second, other)]
            text = open(first.path + "/thrum.toml").read()
            with open(first.path + "/thrum.toml", "w") as file:
                file.write(text.replace(f"mqtt://127.0.0.1:{broker.port}\"", f"mqtt://127.0.0.1:{plants[0][1].port}\"", 1))
            for gateway, plant in plants:
                gateway.start()
            for gateway, plant in plants:
                work(gateway, plant, trial + 50, dice)
            for gateway, plant in plants:
                if not wait(lambda: gateway.status()["store"]["unsent_events"] == 0, 90):
                    result.problem("beside each other: a backlog does not drain")
            for gateway, plant in plants:
                gateway.kill(), plant.kill()
            result.note("beside each other")
        told = set(plane.events()) | {
            bytes(row[0]).decode() for row in
            sqlite3.connect(f"file:{plane.path}/plane.db?mode=ro", uri=True).execute("SELECT bytes FROM fork")}
        for name, gateway in (("the first", first), ("the clone", second)):
            gone = set(gateway.events()) - told
            result.lost += len(gone)
            if gone:
                result.problem(f"{name}: {len(gone)} events neither stored nor kept as a fork")
        if not set(first.events()) - known or not set(second.events()) - known:
            result.problem("one of the two had nothing to tell")
        result.note("forks kept", plane.forks())
        result.recovery.append(time.time() - before)
        result.trials += 1
        plane.kill(), broker.kill()


def work(gateway, broker, seed, dice):
    """Some hundred frames, with events among them."""
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    had = len(gateway.events())
    publisher = Publisher(broker.port, dice.randint(400, 700), rate=300, seed=seed)
    publisher.start()
    publisher.join()
    wait(lambda: len(gateway.events()) > had + 2, 10)


class ThinLink(threading.Thread):
    """A line that carries a number of bytes a second each way, and can be made faster."""

    def __init__(self, port, bytes_per_second):
        super().__init__(daemon=True)
        self.target, self.rate, self.carried = port, bytes_per_second, 0
        # What the gateway had sent when: link time is bytes at the link's rate, however slow the machine is.
        self.history = [(time.time(), 0)]
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def run(self):
        while True:
            client, _ = self.server.accept()
            # A modem holds little: what waits must wait at the sender.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            server = socket.create_connection(("127.0.0.1", self.target))
            for link in (client, server):
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, False), daemon=True).start()

    def seconds(self, begin, end):
        """Of the link's own time that what went up between two moments took."""
        at = [moment for moment, _ in self.history]
        first, last = bisect.bisect_right(at, begin) - 1, bisect.bisect_right(at, end) - 1
        return (self.history[max(0, last)][1] - self.history[max(0, first)][1]) / LINK_BYTES_PER_SECOND

    def pump(self, one, other, is_up):
        free = time.time()
        try:
            while data := one.recv(512):
                free = max(free, time.time()) + len(data) / self.rate
                time.sleep(max(0, free - time.time()))
                other.sendall(data)
                self.carried += len(data)
                if is_up:
                    self.history.append((time.time(), self.history[-1][1] + len(data)))
        except OSError:
            pass
        for link in (one, other):
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


LINK_BYTES_PER_SECOND = 8000  # 64 kbit/s
POINTS, DAYS = 16, 30


def month(result, trials, dice):
    """Thirty days without a plane at sixteen points, written as fast as the disk takes them; then a link of 64 kbit/s."""
    days = DAYS if trials > 0 else 1
    for trial in range(trials):
        broker, uplink = Broker(), Broker()
        gateway = Gateway(broker.port, store="max_bytes = 536870912")
        began = time.time()
        done = subprocess.run([BIN + "/store-load", "month", gateway.state, str(POINTS), str(days)], stdout=subprocess.PIPE, timeout=3600)
        lines = done.stdout.decode().splitlines()
        if done.returncode:
            return result.problem(f"the month could not be made: {lines[-1:]}")
        result.note("store after the outage, MB", os.path.getsize(gateway.state + "/thrum.db") >> 20)
        result.note("seconds to write the month", round(time.time() - began))
        plane, link = Plane(uplink.port), ThinLink(uplink.port, LINK_BYTES_PER_SECOND)
        link.start()
        text = open(gateway.path + "/thrum.toml").read()
        budget = 400_000
        with open(gateway.path + "/thrum.toml", "w") as file:
            file.write(f'{text}\n[plane]\nurl = "mqtt://127.0.0.1:{link.port}"\nbudget_bytes_per_day = {budget}\n')
        gateway.start()
        backlog = gateway.status()["store"]["unsent_events"]
        result.note("items that wait for the plane", backlog)
        wait(lambda: gateway.status()["uplink"]["connected"], 60)
        # New alarms while the backlog goes, at the link's own pace.
        publisher = Publisher(broker.port, 10 ** 6, rate=15, seed=trial)
        publisher.start()
        end = time.time() + 60
        new = Arrivals(plane)
        while time.time() < end:
            new.look()
            time.sleep(0.05)
        publisher.halt.set()
        publisher.join()
        worst, line, heard = 0.0, 0.0, 0
        for born, at in new.alarms:
            if born > end - 60:
                heard += 1
                worst, line = max(worst, at - born), max(line, link.seconds(born, at))
        result.note("new alarms heard while the backlog goes", heard)
        result.most("slowest of them, s", round(worst, 2))
        result.most("slowest of them, s of link time", round(line, 2))
        result.most("link used in the first half minute, %", round(100 * link.seconds(end - 60, end - 30) / 30))
        if not heard or line > 5:
            result.problem(f"{heard} new alarms, the slowest after {worst:.1f} s, {line:.1f} s of link time")
        # The day's budget: samples, evidence and trends rest; of events there are few.
        rests = wait(lambda: (lambda s: s if "trend" in (s["uplink"].get("reason") or "") else None)(gateway.status()), 240, 1)
        time.sleep(15)
        spent = gateway.status()["uplink"]["bytes_today"]
        time.sleep(15)
        if gateway.status()["uplink"]["bytes_today"] > spent + 2000:
            result.problem("lanes that should rest go on")
        result.note("bytes sent of a budget of 400,000", spent)
        if not rests or spent > budget:
            result.problem(f"the budget of {budget} is not kept: {spent} sent, {gateway.status()['uplink'].get('reason')}")
        gateway.stop()
        # The rest at fifty times the pace, without a budget.
        with open(gateway.path + "/thrum.toml", "w") as file:
            file.write(f'{text}\n[plane]\nurl = "mqtt://127.0.0.1:{link.port}"\n')
        link.rate = 50 * LINK_BYTES_PER_SECOND
        before, carried = time.time(), link.carried
        gateway.start()
        drained = wait(lambda: (lambda s: s and s["store"]["unsent_events"] == 0 and s["uplink"]["connected"])(gateway.status()), 1200, 1)
        result.recovery.append(time.time() - before)
        result.note("hours of link time for the rest", round((link.carried - carried) / LINK_BYTES_PER_SECOND / 3600, 2))
        if not drained:
            result.problem("the backlog does not drain")
        complete(result, gateway, plane)
        result.trials += 1
        gateway.kill(), plane.kill(), broker.kill(), uplink.kill()


def week(result, trials, dice):
    """A week without a plane on a disk that is too small for it and that others fill: then room and link come back."""
    if os.getuid() != 0:
        return result.note("left out: needs root for a small disk")
    for trial in range(trials):
        disk = folder("week")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=28m", "tmpfs", disk], check=True)
        try:
            a_week(result, trial, dice, disk)
        finally:
            subprocess.run(["umount", "-l", disk])


def a_week(result, trial, dice, disk):
    broker, uplink = Broker(), Broker()
    cap = 16 << 20
    gateway = Gateway(broker.port, uplink.port, store=f"max_bytes = {cap}", path=disk + "/state")
    writing = subprocess.Popen([BIN + "/store-load", "month", gateway.state, str(POINTS), "7", str(cap)], stdout=subprocess.PIPE)
    for _ in range(2):
        time.sleep(dice.uniform(0.3, 2))
        fill_disk(disk)
        time.sleep(dice.uniform(0.5, 2))
        free_disk(disk)
    lines = writing.communicate(timeout=900)[0].decode().splitlines()
    result.note("commits refused by the full disk, tried again", len(lines))
    if writing.returncode:
        return result.problem(f"the week could not be written: {lines[-1:]}")
    # The daemon begins without a plane; the disk is filled again while it works.
    gateway.start()
    wait(lambda: gateway.status()["broker"]["connected"], 20)
    fill_disk(disk)
    publisher = Publisher(broker.port, 10 ** 6, rate=50, seed=trial)
    publisher.start()
    time.sleep(dice.uniform(3, 6))
    if gateway.process.poll() is not None:
        result.problem(f"thrumd ended with {gateway.process.returncode}")
    free_disk(disk)
    before = time.time()
    publisher.halt.set()
    publisher.join()
    balance(result, gateway, publisher.taken, "a full week")
    plane = Plane(uplink.port)
    if not wait(lambda: (lambda s: s and s["store"]["unsent_events"] == 0 and s["uplink"]["connected"])(gateway.status()), 300, 0.2):
        result.problem("the backlog does not drain")
    result.recovery.append(time.time() - before)
    if "is salvaged" in gateway.text():
        result.note("what refused commits had left in the log was taken for damage")
    complete(result, gateway, plane)
    theirs = sqlite3.connect(f"file:{plane.path}/plane.db?mode=ro", uri=True)
    for lane, count in theirs.execute("SELECT lane, sum(last - first + 1) FROM gap GROUP BY lane"):
        result.note(f"{lane} items given up and told as gaps", count)
        if lane == "alarm":
            result.problem(f"{count} items of the lane of alarms were given up")
    result.trials += 1
    gateway.kill(), plane.kill(), broker.kill(), uplink.kill()


def fill_disk(disk):
    """To the last byte; the store itself may have taken it all."""
    try:
        with open(disk + "/filler", "wb") as filler:
            while True:
                filler.write(bytes(1 << 16))
                filler.flush()
    except OSError:
        pass


def free_disk(disk):
    if os.path.exists(disk + "/filler"):
        os.unlink(disk + "/filler")


class Arrivals:
    """When the plane had which alarm: (when it was told, when it was there)."""
    KINDS = ("org.thrum.alarm.raised.v1", "org.thrum.alarm.cleared.v1", "org.thrum.alarm.escalated.v1")

    def __init__(self, plane):
        self.database = sqlite3.connect(f"file:{plane.path}/plane.db?mode=ro", uri=True)
        self.row, self.alarms = 0, []

    def look(self):
        now = time.time()
        for row, kind, event in self.database.execute("SELECT row, type, bytes FROM event WHERE row > ? ORDER BY row", (self.row,)):
            self.row = row
            if kind in self.KINDS:
                self.alarms.append((parse(json.loads(event)["time"]), now))


def parse(text):
    import datetime
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def complete(result, gateway, plane):
    """Every item of every lane is at the plane once, or within a gap that it was told of."""
    ours = sqlite3.connect(f"file:{gateway.state}/thrum.db?mode=ro", uri=True)
    theirs = sqlite3.connect(f"file:{plane.path}/plane.db?mode=ro", uri=True)
    have = {row[0] for row in theirs.execute("SELECT id FROM event")}
    want = {row[0] for row in ours.execute("SELECT id FROM event")}
    result.lost += len(want - have)
    if want - have:
        result.problem(f"{len(want - have)} items are not at the plane")
    for lane, last in ours.execute("SELECT lane, last FROM lane"):
        count = theirs.execute("SELECT count(*) FROM entry WHERE lane = ?", (lane,)).fetchone()[0]
        gaps = theirs.execute("SELECT coalesce(sum(last - first), 0) FROM gap WHERE lane = ?", (lane,)).fetchone()[0]
        result.note(f"{lane} items at the plane", count)
        if count + gaps != last:
            result.uncounted += abs(last - count - gaps)
            result.problem(f"{lane}: {last} numbered, {count} at the plane, {gaps} in gaps")

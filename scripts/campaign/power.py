"""Power cuts: every write and sync of a run is written down, and the files are rebuilt as a cut at any moment may leave them."""
import hashlib, json, os, shutil, sqlite3, struct

from campaign.trial import OPTIONS, ROOT, WORK, acknowledged, check, folder, judge, load


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


def as_it_lies(path):
    """The disk that holds a folder's files as they are now."""
    disk = Disk()
    for name in os.listdir(path):
        if not name.endswith(("-shm", ".lock")):
            full = os.path.join(path, name)
            inode = os.stat(full).st_ino
            disk.names[full] = inode
            disk.bytes[inode] = bytearray(open(full, "rb").read())
    return disk


def power(result, trials, dice):
    """Three logs: a first start, a start that changes the tables, a store at work with checkpoints."""
    plans = [("first start", 30, None), ("migration", 20, old_store), ("at work", 250, lambda path: load(path, 50))]
    each = max(1, trials // len(plans))
    for plan, commits, prepare in plans:
        path = folder("power")
        if prepare:
            prepare(path)
        before = {"first start": 0, "migration": 3, "at work": 50}[plan]
        disk = as_it_lies(path)
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
                            committed = max(committed, int(line.split()[1]) + (3 if prepare is old_store else 0))
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

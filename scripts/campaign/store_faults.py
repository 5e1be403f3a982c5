"""Faults of one store by itself: calls that fail, bytes that change."""
import os, re, shutil, subprocess

from campaign.power import operations
from campaign.trial import BIN, OPTIONS, WORK, acknowledged, check, folder, judge, load


def iofail(result, trials, dice):
    """The n-th call fails, once and from then on: no false "ok", a named error, and everything there afterwards."""
    path = folder("iofail")
    log = os.path.join(WORK, "io.log")
    commits = 200 if OPTIONS.long else 60
    lines, _ = load(path, commits, {"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": path, "DISK_LOG": log})
    total = sum(1 for op in operations(log) if op[0] in "WTSRLC")
    os.unlink(log)
    kinds = [(number, code, mode) for number in range(1, total + 1) for code in (5, 28, 0) for mode in ("once", "on")]
    # A piece has its share of all.
    kinds = kinds[result.piece::result.pieces]
    chosen = kinds if trials >= len(kinds) else dice.sample(kinds, trials)
    for number, code, mode in chosen:
        path = folder("iofail")
        lines, status = load(path, commits, {"LD_PRELOAD": OPTIONS.shim, "DISK_DIR": path, "DISK_FAIL": f"{number}:{code}:{mode}"})
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


def pages(result, trials, dice):
    """A page of a large store: what it costs in rows."""
    flip(result, trials, dice, commits=20_000, only_pages=True)


def flip(result, trials, dice, commits=700, only_pages=False):
    """A bit, or a whole page, of database or log; or a bit of the texts that a row keeps as JSON, which a start has to read."""
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
    database = open(os.path.join(path, "thrum.db"), "rb").read()
    texts = [match.start() for match in re.finditer(rb'\{"[a-z]|\["', database)]
    for trial in range(trials):
        target = folder("flipped")
        for name in names:
            shutil.copy(os.path.join(path, name), target)
        aimed = not only_pages and trial % 5 == 4
        name = names[0] if only_pages or aimed or trial % 2 else names[1]
        page = only_pages or not aimed and trial % 4 == 3
        with open(os.path.join(target, name), "r+b") as file:
            at = dice.randrange(used[name])
            if aimed:
                at = min(dice.choice(texts) + dice.randrange(40), used[name] - 1)
            if page:
                at = at // 4096 * 4096
            file.seek(at)
            old = file.read(4096 if page else 1)
            file.seek(at)
            file.write(dice.randbytes(len(old)) if page else bytes([old[0] ^ 1 << dice.randrange(8)]))
        found = check([target])[0]
        gone = judge(result, found, committed, f"{name} at {at}{' a page' if page else ''}", may_lose=True)
        silent = not found.get("salvage") and not found["incidents"]
        result.note(("page of " if page else "bit of ") + ("a text" if aimed else "log" if "wal" in name else "database"))
        if silent and found["digest"] == truth["digest"] and not gone:
            result.note("harmless")
        elif silent:
            result.note("a value changed unseen")
        if page and gone is not None:
            result.most("rows kept of a bad page's store, worst ‰ lost", round(1000 * len(gone) / committed, 2))

"""The fault campaign. Run by scripts/faults, which builds what this needs.

A trial breaks one thing and then counts: `lost` (an event or frame whose acknowledgement had left and that is gone without a trace),
`doubled` (stored twice), `uncounted` (gone, and no count, gap or incident says so). Any of them makes the campaign fail.
"""
import json, os, random, shutil, signal, sys, time

from campaign.clock_faults import clock, descriptors, memory, readonly
from campaign.costs import backlog, drain, durable, flash, large, second
from campaign.daemon_faults import full, kill, moments, refuse, restore
from campaign.link_faults import broker_faults, plane_faults
from campaign.long_faults import clone, month, plane_restore, week
from campaign.power import power
from campaign.store_faults import flip, iofail, pages
from campaign.update_faults import update
from campaign.trial import MEMORY, OPTIONS, ROOT, WORK, Result

FAULTS = [
    # name, what, function, trials short, trials long; a long row is made in pieces of so many (PIECES), ten otherwise
    ("kill", "SIGKILL under load, random", kill, 4, 200),
    ("moments", "SIGKILL at named moments", moments, 10, 50),
    ("power", "power cut: any subset of what was not synced, torn at 512 B", power, 90, 10_000),
    ("iofail", "n-th call fails: EIO, ENOSPC, short; once, from then on", iofail, 12, 5000),
    ("flip", "bits and pages flipped in database and log", flip, 20, 1000),
    ("pages", "a page overwritten in a store of 20,000 events", pages, 0, 40),
    ("update", "SIGKILL at each step of a model's update, of its way back, of a refusal", update, 1, 5),
    ("full", "disk filled by somebody else, hold and volatile", full, 0, 10),
    ("refuse", "store refuses to be written for seconds, hold and volatile", refuse, 0, 5),
    ("broker", "plant broker killed or frozen", broker_faults, 2, 50),
    ("plane", "plane and its link killed, frozen, cut, halved, slowed", plane_faults, 4, 100),
    ("restore", "gateway restored from an old copy", restore, 0, 20),
    ("plane-restore", "plane restored from an old copy", plane_restore, 0, 20),
    ("clone", "a copy of the gateway under its name, in turn with it and beside it", clone, 0, 20),
    ("clock", "clock at 1970, leaps of an hour and of ten years, put right again", clock, 1, 50),
    ("memory", "no memory left while it works", memory, 0, 10),
    ("descriptors", "no descriptor left to connect with", descriptors, 0, 10),
    ("readonly", "the disk turns read-only for seconds", readonly, 0, 10),
    ("week", "a week of outage on a small disk that others fill, then room and link", week, 0, 20),
    ("month", "30 days of outage at 16 points, then 64 kbit/s", month, 0, 1),
    ("backlog", "SIGKILL with a million unsent events", backlog, 0, 10),
    ("large", "no fault: starting on a store of a gigabyte", large, 0, 5),
    ("drain", "no fault: a backlog goes to the plane, a hundred thousand events a trial", drain, 0, 10),
    ("durable", "no fault: frames/s with syncs over frames/s without, in-flight limits 20, 128, 1,024", durable, 0, 3),
    ("flash", "no fault: the cost of 100 frames a second", flash, 0, 3),
    ("second", "a second daemon; no descriptors left", second, 1, 10),
]


# In one piece: what a row builds up first is its cost, or its trials say how large it is.
WHOLE = ("moments", "month", "backlog", "large", "drain", "flash", "durable")
PIECES = {"power": 300, "iofail": 100, "flip": 100, "pages": 8, "kill": 50, "plane": 20, "clock": 5, "restore": 4, "clone": 2,
          "plane-restore": 4, "week": 2, "full": 2, "refuse": 1}


def main():
    begin, rows, failed = time.time(), [], False
    for name, what, function, short, long in FAULTS:
        if OPTIONS.only and name not in OPTIONS.only:
            continue
        trials = OPTIONS.trials or (long if OPTIONS.long else short)
        if not trials:
            continue
        whole = Result(name, what)
        size = trials if name in WHOLE else min(trials, PIECES.get(name, 10))
        pieces = -(-trials // size)
        # What was done counts only for the same dice and the same size.
        key = f"{name} seed {OPTIONS.seed} of {trials}{' long' if OPTIONS.long else ''}"
        done = remembered().get(key, {}) if OPTIONS.resume else {}
        for piece in range(pieces):
            if str(piece) not in done:
                if OPTIONS.minutes and time.time() - begin > 60 * OPTIONS.minutes:
                    break
                result = Result(name, what, piece, pieces)
                run(result, function, min(size, trials - piece * size))
                done[str(piece)] = result.saved
                if result.failed:
                    # What failed is tried again by --resume, and told now.
                    whole.add(done.pop(str(piece)))
                    continue
                save(key, done)
            whole.add(done[str(piece)])
        failed |= whole.failed
        if whole.trials or whole.failed:
            rows.append(whole.row())
    table = ["| fault | what | trials | lost | doubled | uncounted | recovery, median | longest | of it |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    table += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    print("\n" + "\n".join(table))
    if OPTIONS.write:
        write(table)
    return 1 if failed else 0


def run(result, function, trials):
    start = time.time()
    which = f", piece {result.piece + 1} of {result.pieces}" if result.pieces > 1 else ""
    print(f"{result.name}: {result.what}, {trials} trials, seed {OPTIONS.seed}{which} …", flush=True)
    function(result, trials, random.Random(OPTIONS.seed if not result.piece else f"{OPTIONS.seed} {result.piece}"))
    print(f"  {result.trials} trials in {time.time() - start:.0f} s: lost {result.lost}, doubled {result.doubled}, "
          f"uncounted {result.uncounted}{'  FAILED' if result.failed else ''}", flush=True)


def remembered():
    return json.load(open(MEMORY)) if os.path.exists(MEMORY) else {}


def save(key, done):
    """Whole at any cut: the campaign itself may be killed. Rows that another run makes meanwhile stay."""
    memory = dict(remembered(), **{key: done})
    with open(f"{MEMORY}.{os.getpid()}", "w") as file:
        json.dump(memory, file)
    os.replace(f"{MEMORY}.{os.getpid()}", MEMORY)


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

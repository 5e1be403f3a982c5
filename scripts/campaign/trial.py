"""What every fault of the campaign needs: its options, its counts, and a judge of stores."""
import argparse, json, os, shutil, subprocess, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
parser = argparse.ArgumentParser()
parser.add_argument("--bin", required=True)
parser.add_argument("--shim", required=True)
parser.add_argument("--only", action="append")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--trials", type=int)
parser.add_argument("--long", action="store_true")
parser.add_argument("--resume", action="store_true")
parser.add_argument("--write", action="store_true")
parser.add_argument("--minutes", type=float)
parser.add_argument("--disk")
OPTIONS = parser.parse_args()
BIN = os.path.abspath(OPTIONS.bin)
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
WORK = tempfile.mkdtemp(prefix="thrum-faults-", dir=FAST)
MEMORY = os.path.join(ROOT, ".build", "faults.json")


class Result:
    """Of a row, or of a piece of it: a long row is made in pieces, each with dice of its own."""

    def __init__(self, name, what, piece=0, pieces=1):
        self.name, self.what, self.piece, self.pieces = name, what, piece, pieces
        self.trials = self.lost = self.doubled = self.uncounted = 0
        self.recovery = []
        self.notes, self.maxima = {}, []
        self.problems = []

    def note(self, key, count=1):
        self.notes[key] = self.notes.get(key, 0) + count

    def most(self, key, value):
        """Of pieces and trials the largest stands."""
        self.notes[key] = max(self.notes.get(key, value), value)
        self.maxima = sorted({*self.maxima, key})

    def problem(self, text):
        self.problems.append(text)
        print(f"  ! {self.name}: {text}", flush=True)

    def add(self, piece):
        """A piece that is done, as `saved` told it."""
        for key in ("trials", "lost", "doubled", "uncounted"):
            setattr(self, key, getattr(self, key) + piece[key])
        self.recovery += piece["recovery"]
        self.problems += piece["problems"]
        for key, value in piece["notes"].items():
            if key in piece["maxima"]:
                self.most(key, value)
            elif isinstance(value, (int, float)):
                self.note(key, value)
            else:
                self.notes[key] = value

    @property
    def saved(self):
        keys = ("trials", "lost", "doubled", "uncounted", "recovery", "notes", "maxima", "problems")
        return {key: getattr(self, key) for key in keys}

    @property
    def failed(self):
        return bool(self.lost or self.doubled or self.uncounted or self.problems)

    def row(self):
        slowest = f"{max(self.recovery):.2f} s" if self.recovery else "-"
        middle = f"{sorted(self.recovery)[len(self.recovery) // 2]:.2f} s" if self.recovery else "-"
        notes = ", ".join(f"{key}: {count}" for key, count in sorted(self.notes.items()))
        return [self.name, self.what, self.trials, self.lost, self.doubled, self.uncounted, middle, slowest, notes]


def folder(name):
    path = os.path.join(WORK, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def load(path, commits, env=None):
    """Runs store-load; the lines it printed and how it ended."""
    done = subprocess.run([BIN + "/store-load", "run", path, str(commits)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=dict(os.environ, **(env or {})), timeout=300)
    return done.stdout.decode().splitlines(), done.returncode


def check(paths):
    found = []
    for start in range(0, len(paths), 100):
        done = subprocess.run([BIN + "/store-load", "check"] + paths[start:start + 100], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=900)
        lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
        if len(lines) != len(paths[start:start + 100]):
            culprit = paths[start + len(lines)]
            raise SystemExit(f"store-load ended with {done.returncode} at {culprit}: {done.stderr.decode()[-2000:]}")
        found += lines
    return found


def acknowledged(lines):
    return max([int(line.split()[1]) for line in lines if line.startswith("ok ")] or [0])


def judge(result, found, committed, trial, may_lose=False):
    """What must hold of every store that was broken and opened again."""
    result.trials += 1
    if found.get("error"):
        return result.problem(f"{trial}: does not open: {found['error']}")
    result.recovery.append(found["seconds"])
    if found["integrity"] != "ok" or not found["chain_holds"] or not found["balances"]:
        result.problem(f"{trial}: integrity {found['integrity']}, chain {found['chain_holds']}, ledgers {found['balances']}")
    result.doubled += found["doubled"]
    gone = set(range(1, committed + 1)) - set(found["numbers"])
    salvage, incidents = found.get("salvage"), found["incidents"]
    if salvage:
        result.note("salvaged")
    for kind in incidents:
        result.note(kind)
    if gone and not may_lose:
        result.lost += len(gone)
        result.problem(f"{trial}: {len(gone)} committed events gone, the first is {min(gone)} of {committed}")
    if gone and may_lose:
        told = salvage and (sum(salvage["lost_events"].values()) + sum(salvage["lost_rows"].values()) + salvage["lost_frames"] > 0)
        if not told and not incidents:
            result.uncounted += len(gone)
            result.problem(f"{trial}: {len(gone)} events gone and nothing says so")
        result.note("events lost and counted", len(gone))
    return gone

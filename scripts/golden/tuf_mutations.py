#!/usr/bin/env python3
"""Writes Tests/Golden/tuf/mutations.txt: changes to the metadata of one update, and what python-tuf's updater makes of each.

A gateway has version 1 of everything; version 2 of everything is published, with one file changed. A line is

    FILE HOW EDITS VERDICT KEPT [RULE]

FILE is root, timestamp, snapshot, targets or fleet. HOW: `signed` changes the text of the signed part, which is then signed by the
role's keys; `bytes` changes the published file; `kept` changes the gateway's own file of version 1. EDITS, between semicolons: OFFSET,DELETED,INSERTED: so
many bytes go from there, those in hex come; offsets are those before any edit. VERDICT: accepted or refused. KEPT: what the gateway's five files are afterwards, 1, 2, m for the changed
file, - for none. RULE: Thrum's rule by which it refuses what python-tuf takes, or keeps less of it.

The first lines are the two versions themselves; the numbers of the signing keys are in the test.
"""
import copy
import difflib
import hashlib
import json
import random
import re

from tuf_repository import Repository, canonical, envelope, judge, kept, temporary, write

ROLES = ["root", "timestamp", "snapshot", "targets", "fleet"]
TARGET = "fleet/7/pump.model"
PLAIN = 1000
STRICTER = 60


def repository():
    repo = Repository(keys=3, threshold=2)
    for role in ["timestamp", "snapshot", "targets"]:
        repo.root.roles[role].threshold = 1
    repo.delegate("fleet", ["fleet/*/*"], terminating=True)
    repo.add_target(TARGET, b"a model", "fleet")
    repo.add_target("common.model", b"another")
    repo.publish_all("fleet")
    first = {role: repo.files[repo.name(role)] for role in ROLES}
    repo.publish_all("fleet")
    second = {role: repo.files[repo.name(role)] for role in ROLES}
    return repo, first, second


def signed_text(data):
    """As canonical JSON: what is signed."""
    return canonical(json.loads(data)["signed"])


POOL = [0, 1, 2, 3, -1, 1 << 31, 1 << 53, (1 << 63) - 1, "", "x", "1", "root", None, [], {}, ["x"], {"x": 1}, True, False, 1.5]
TIMES = [
    "2030-06-01T00:00:00Z", "2030-06-01T00:00:01Z", "2030-05-31T23:59:59Z", "2031-02-29T00:00:00Z", "2032-02-29T00:00:00Z",
    "2031-01-01T24:00:00Z", "2031-01-01T00:00:60Z", "2031-1-1T00:00:00Z", "2031-01-01", "2031-01-01T00:00:00", "9999-12-31T23:59:59Z",
    "2031-01-01T00:00:00+00:00", "2031-01-01t00:00:00z", " 2031-01-01T00:00:00Z", "0999-01-01T00:00:00Z", "2031-13-01T00:00:00Z",
]
NAMES = ["x", "custom", "x-issued", "\u00e9", "e\u0301", "\U0001f600", "\ufffd", "a\"b\\c", "line\nfeed", "\u0001"]
VERSIONS = ["1.0", "1.0.0", "1.9.99", "2.0.0", "1", "1.0.0.0", "1.x", "", "01.0.0", "1..0", "1.0.-1"]


def places(tree, path=()):
    """Every place in a tree, as (container, key, path)."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else []
    for key, value in items:
        yield tree, key, (*path, key)
        yield from places(value, (*path, key))


def change(tree, dice):
    """One random change of a tree, in place."""
    container, key, path = dice.choice(list(places(tree)))
    value = container[key]
    kind = dice.randrange(8)
    if kind == 0:
        del container[key]
    elif kind == 1 and isinstance(container, dict):
        container[dice.choice(NAMES)] = dice.choice(POOL)
    elif kind == 2 and isinstance(container, dict):
        container[str(key) + dice.choice("xX.")] = container.pop(key)
    elif kind == 3 and isinstance(container, list):
        container.insert(dice.randrange(len(container) + 1), copy.deepcopy(value))
    elif path[-1] == "expires" and kind < 7:
        container[key] = dice.choice(TIMES)
    elif path[-1] == "spec_version" and kind < 7:
        container[key] = dice.choice(VERSIONS)
    elif isinstance(value, bool):
        container[key] = dice.choice([not value, not value, 1, "true", None])
    elif isinstance(value, int):
        container[key] = value + dice.choice([-2, -1, 1, 2, 1000, 1 << 40])
    elif isinstance(value, str) and value and kind < 7:
        at = dice.randrange(len(value))
        container[key] = value[:at] + dice.choice(["", "0", "f", "*", "?", "/", "\u00e9"]) + value[at + 1 :]
    else:
        container[key] = copy.deepcopy(dice.choice(POOL))


def text_of(tree):
    """Canonical JSON, or, where there is none, its like with the fractions that canonical JSON forbids."""
    try:
        return canonical(tree)
    except Exception:
        return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def edits(old, new):
    """What makes `new` of `old`, as text."""
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    merged = []
    for tag, from_old, to_old, from_new, to_new in blocks:
        if tag == "equal":
            continue
        if merged and from_old - merged[-1][1] < 6:  # shorter together
            merged[-1][1], merged[-1][3] = to_old, to_new
        else:
            merged.append([from_old, to_old, from_new, to_new])
    return ";".join(f"{a},{b - a},{new[c:d].hex()}" for a, b, c, d in merged)


def scramble(data, dice):
    """One random change of bytes."""
    at = dice.randrange(len(data))
    kind = dice.randrange(6)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + 1 :]
    if kind == 2:
        return data[:at] + dice.choice([b" ", b"\n", b",", b"0", b'"', b"\\", b"\x00", b"\xff", b"{", b"]"]) + data[at:]
    if kind == 3:
        return data[:at]
    if kind == 4:
        length = dice.randrange(1, 40)
        return data[: at + length] + data[at : at + length] + data[at + length :]
    return data + dice.choice([b" ", b"\n", b"\x00", b"{}", b"x"])


def rules(data, before, role, is_accepted):
    """The rules of Thrum's by which it refuses what python-tuf keeps, or keeps less of. Judged from the text alone."""
    doubles = []

    def object_of(pairs):
        doubles.extend(pairs if len(dict(pairs)) < len(pairs) else [])
        return dict(pairs)

    tree = json.loads(data, object_pairs_hook=object_of)
    signed = tree["signed"]
    found = ["duplicate"] if doubles else []
    keys = (signed if role == "root" else signed.get("delegations") or {}).get("keys") or {}
    if any(hashlib.sha256(canonical(key)).hexdigest() != key_id for key_id, key in keys.items()):
        found.append("key_id")
    if wrong_type(signed) or any(not isinstance(each[field], str) for each in tree["signatures"] for field in ("keyid", "sig")):
        found.append("type")
    if role == "fleet" and any(re.search(r"\s", each["sig"]) for each in tree["signatures"]):
        found.append("hex")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", signed["expires"], re.ASCII):
        found.append("time")
    if role == "root" and not is_accepted and any(lost(signed, before, each) for each in ("timestamp", "snapshot")):
        found.append("rotation")
    return found


def lost(signed, before, role):
    """Whether keys of a role are no longer its keys."""
    return bool(set(json.loads(before)["signed"]["roles"][role]["keyids"]) - set(signed["roles"][role]["keyids"]))


def wrong_type(signed):
    """Fields of a type that the specification does not have there, which python-tuf lets pass."""
    for container, key, path in places(signed):
        value = container[key]
        if key in ("version", "threshold", "length") and isinstance(value, bool):
            return True
        if key in ("terminating", "consistent_snapshot") and not isinstance(value, bool):
            return True
        if key == "keyids" and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            return True
        if key in ("paths", "roles") and path[0] == "delegations" and not isinstance(value, list):
            return True
        if key == "name" and not isinstance(value, str):
            return True
    return False


def main():
    repo, first, second = repository()
    keys = {role: repo.signers[role] for role in ROLES}
    names = {role: repo.name(role) for role in ROLES}
    dice = random.Random(7)
    lines, seen, counts = [], set(), {"plain": 0, "stricter": 0}
    while counts["plain"] < PLAIN or counts["stricter"] < STRICTER:
        role, how = dice.choice(ROLES), dice.choices(["signed", "bytes", "kept"], [7, 2, 1])[0]
        before = first[role] if how == "kept" else second[role]
        if how == "signed":
            old = signed_text(before)
            tree = json.loads(old)
            for _ in range(dice.choice([1, 1, 1, 2])):
                if tree:
                    change(tree, dice)
            new = text_of(tree)
            after = envelope(new, keys[role])
        else:
            old, new = before, scramble(before, dice)
            after = new
        if new == old or (role, how, new) in seen:
            continue
        seen.add((role, how, new))
        with temporary() as folder:
            for each in ROLES:
                with open(f"{folder}/{each}.json", "wb") as file:
                    file.write(after if how == "kept" and each == role else first[each])
            files = repo.files if how == "kept" else {**repo.files, names[role]: after}
            error, data = judge(folder, files, TARGET)
            assert error is not None or data == b"a model"
            now = [kept(folder, each) for each in ROLES]
        states = {first[role]: "1" for role in ROLES} | {second[role]: "2" for role in ROLES} | {None: "-"}
        became = "".join("m" if data == after else states[data] for data in now)
        # What python-tuf took and kept is compared with our rules; what it threw away, so do we.
        was_taken = error is None or "m" in became
        was_trusted = was_taken if how != "kept" else role == "root" and error is None
        why = rules(after, before, role, error is None) if was_trusted else []
        if len(why) > 1:
            continue
        count = "stricter" if why else "plain"
        if counts[count] >= {"plain": PLAIN, "stricter": STRICTER}[count]:
            continue
        counts[count] += 1
        verdict = "accepted" if error is None else "refused"
        lines.append(" ".join([role, how, edits(old, new), verdict, became, *why]))
    head = [json.dumps([{role: version[role].decode() for role in ROLES} for version in (first, second)], separators=(",", ":"))]
    write("mutations.txt", "\n".join(head + lines) + "\n")
    accepted = sum(" accepted " in line for line in lines)
    print(f"{len(lines)} mutations: {accepted} accepted by python-tuf; {counts['stricter']} meet a rule of ours")


if __name__ == "__main__":
    main()

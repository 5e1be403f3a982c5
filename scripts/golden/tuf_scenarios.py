#!/usr/bin/env python3
"""Writes Tests/Golden/tuf/scenarios.json: attacks on an update, and honest updates, made and judged by python-tuf.

A scenario is a root that was installed and some updates: the files published, the time, the target wanted; python-tuf's verdict (`null`, or
its error's name) and the versions it keeps afterwards. `thrum` is the kind of refusal expected of Thrum; where python-tuf's verdict is
another, `because` says why. Files are kept once each, by number; `null` stands for a file without end.
"""
import base64
import hashlib
import json

from tuf.api.metadata import Metadata

from tuf_repository import ENDLESS, TOP, Repository, canonical, days, envelope, judge, kept, signer, temporary, write

blobs, scenarios = [], []


def blob(data):
    if data is ENDLESS:
        return None
    try:
        text = data.decode()
        if len(set(text)) == 1:
            text = {"repeat": text[0], "count": len(text)}
    except UnicodeDecodeError:
        text = {"base64": base64.b64encode(data).decode()}
    if text not in blobs:
        blobs.append(text)
    return blobs.index(text)


class Scenario:
    def __init__(self, name, repo, because=None):
        self.repo, self.folder = repo, temporary()
        self.root = repo.files["1.root.json"]
        self.record = {"name": name, "root": blob(self.root), "updates": []}
        if because:
            self.record["because"] = because
        self.started = False

    def update(self, thrum=None, target=None, now=0, files=None):
        files = dict(self.repo.files) if files is None else files
        files = {name: data for name, data in files.items() if data is not GONE}
        verdict, data = judge(self.folder.name, files, target, days(now), None if self.started else self.root)
        self.started = True
        if "because" not in self.record:
            assert (verdict is None) == (thrum is None), (self.record["name"], verdict, thrum)
        versions = {}
        for role in TOP:
            if (bytes_of := kept(self.folder.name, role)) is not None:
                versions[role] = Metadata.from_bytes(bytes_of).signed.version
        step = {"now": days(now).strftime("%Y-%m-%dT%H:%M:%SZ"), "files": {n: blob(d) for n, d in sorted(files.items())}}
        step |= {"python": verdict, "thrum": thrum, "kept": versions}
        if target:
            step["target"] = target
        self.record["updates"].append(step)
        return self

    def done(self):
        scenarios.append(self.record)
        self.folder.cleanup()


GONE = object()


def fresh(**options):
    repo = Repository(**options)
    repo.publish_all()
    return repo


def tree(repo, role):
    return json.loads(repo.files[repo.name(role)])["signed"]


def honest():
    repo = fresh()
    repo.add_target("a/pump.model", b"model one")
    repo.publish_all()
    story = Scenario("a first update and a target", repo).update(target="a/pump.model")
    repo.add_target("a/pump.model", b"model two", hashes=("sha512", "sha256"))
    repo.publish("targets", "snapshot", "timestamp")
    story.update(target="a/pump.model").update(target="a/pump.model").done()

    repo = fresh(consistent=False)
    repo.with_digests = True
    repo.add_target("pump.model", b"model", hashes=("sha512",))
    repo.publish_all()
    Scenario("no consistent snapshots, digests in the metadata", repo).update(target="pump.model").done()

    repo = fresh()
    names = ["\ufffd", "\U0001f600", "e\u0301", "\u00e9", "tab\there", "quote\"back\\slash", "\u0001", "</script>", "line\nfeed"]
    for name in names:
        repo.add_target(name, name.encode())
    repo.targets.unrecognized_fields["custom"] = {name: name for name in names}
    repo.publish_all()
    story = Scenario("names that sort and compare by code point, not as people see them", repo)
    for name in ["\u00e9", "e\u0301", "\U0001f600"]:
        story.update(target=name)
    story.update("not_found", target="E\u0301").done()

    repo = fresh()
    text = repo.files["timestamp.json"].decode()
    repo.files["timestamp.json"] = text.replace(":", " :\n ").replace(",", "\t, ").replace("T00 :\n 00 :\n 00Z", "T00:00:00Z").encode() + b"\n"
    Scenario("white space is not signed", repo).update().done()

    repo = fresh()
    data = json.loads(repo.files["timestamp.json"])
    text = json.dumps(data).replace("timestamp", "\\u0074imestamp").replace("snapshot.json", "snapshot\\u002ejson")
    repo.files["timestamp.json"] = text.encode()
    Scenario("escapes are not signed", repo).update().done()


def roots():
    repo = fresh(keys=3, threshold=2)
    story = Scenario("root keys rotated three times, two of three", repo).update()
    for _ in range(3):
        repo.rotate("root")
        repo.publish("root")
        repo.signers["root"] = repo.signers["root"][:2]
    story.update().done()

    for name, keep in (("old", slice(0, 1)), ("new", slice(1, 2))):
        repo = fresh()
        story = Scenario(f"a new root without the {name} key", repo).update()
        repo.rotate("root")
        repo.signers["root"] = repo.signers["root"][keep]
        repo.publish("root")
        story.update("not_signed").done()

    repo = fresh()
    story = Scenario("a new root that skips a version", repo).update()
    repo.root.version = 3
    repo.publish("root", bump=False)
    repo.files["2.root.json"] = repo.files.pop("3.root.json")
    story.update("rollback").done()

    repo = fresh()
    story = Scenario("a root served again as the next", repo).update()
    repo.files["2.root.json"] = repo.files["1.root.json"]
    story.update("rollback").done()

    repo = fresh()
    story = Scenario("an expired root is replaced", repo).update()
    story.update("expired", now=366)
    repo.root.expires = days(800)
    for role in ("timestamp", "snapshot", "targets"):
        repo.metadata[role].signed.expires = days(800)
    repo.publish_all()
    story.update(now=366).done()


def thresholds():
    for count in (2, 1):
        repo = fresh(keys=3)
        story = Scenario(f"{count} signatures, two of three needed", repo).update()
        repo.root.roles["targets"].threshold = 2
        repo.signers["targets"] = repo.signers["targets"][:count]
        repo.publish_all()
        story.update(None if count == 2 else "not_signed").done()

    repo = fresh()
    story = Scenario("threshold 0", repo).update()
    repo.root.version = 2
    signed = repo.metadata["root"].signed.to_dict()
    signed["roles"]["timestamp"]["threshold"] = 0
    repo.sign_raw("root", signed)
    story.update("malformed").done()

    repo = fresh(keys=2)
    story = Scenario("one signature twice", repo).update()
    repo.root.roles["timestamp"].threshold = 2
    repo.publish("root")
    repo.metadata["timestamp"].signed.version = 2
    signed = canonical(repo.metadata["timestamp"].signed.to_dict())
    repo.files["timestamp.json"] = envelope(signed, [repo.signers["timestamp"][0]] * 2)
    story.update("malformed").done()

    repo = fresh()
    story = Scenario("one key under two ids", repo, because="python-tuf counts ids; Thrum counts keys").update()
    key = repo.signers["timestamp"][0]
    signed = repo.metadata["root"].signed.to_dict()
    twin = signed["keys"][key.public_key.keyid] | {"name": "twin"}
    twin_id = hashlib.sha256(canonical(twin)).hexdigest()
    signed["keys"][twin_id] = twin
    signed["roles"]["timestamp"] |= {"keyids": [key.public_key.keyid, twin_id], "threshold": 2}
    signed["version"] = 2
    repo.root.version = 2
    repo.sign_raw("root", signed)
    repo.timestamp.version = 2
    payload = canonical(repo.metadata["timestamp"].signed.to_dict())
    data = envelope(payload, [key])
    first = json.loads(data)
    first["signatures"].append({"keyid": twin_id, "sig": first["signatures"][0]["sig"]})
    repo.files["timestamp.json"] = json.dumps(first).encode()
    story.update("not_signed").done()

    repo = fresh()
    story = Scenario("a key under an id that is not its digest", repo, because="python-tuf does not compute key ids").update()
    key_id = repo.signers["timestamp"][0].public_key.keyid
    repo.root.version = 2
    signed = json.loads(json.dumps(repo.metadata["root"].signed.to_dict()).replace(key_id, "0" * 64))
    repo.sign_raw("root", signed)
    repo.files["timestamp.json"] = repo.files["timestamp.json"].replace(key_id.encode(), b"0" * 64)
    story.update("key_id").done()

    repo = fresh()
    story = Scenario("wrong and foreign signatures beside a right one", repo).update()
    repo.add_key("timestamp")
    repo.publish("root", "timestamp")
    data = json.loads(repo.files["timestamp.json"])
    data["signatures"][0]["sig"] = "00" * 64
    data["signatures"] += [{"keyid": "f" * 64, "sig": "nothing"}, {"keyid": "", "sig": ""}]
    repo.files["timestamp.json"] = json.dumps(data).encode()
    story.update().done()


def expiry():
    for role, span in (("timestamp", 3), ("snapshot", 9), ("targets", 101)):
        repo = fresh()
        later = [each for each in TOP if each != role]
        for each in later:
            repo.metadata[each].signed.expires = days(400)
        repo.publish(*TOP)
        story = Scenario(f"{role} expired", repo).update()
        repo.publish("timestamp")
        story.update("expired", now=span).done()

    repo = fresh()
    story = Scenario("frozen: yesterday's files day after day, until they expire", repo).update()
    story.update(now=1).update("expired", now=2).done()

    repo = fresh()
    story = Scenario("an expired timestamp of ours gives way to a fresh one", repo).update()
    repo.timestamp.expires = days(6)
    repo.publish("timestamp")
    story.update(now=5).done()


def rollback():
    repo = fresh()
    old = dict(repo.files)
    repo.publish("targets", "snapshot", "timestamp")
    story = Scenario("the whole repository of last week", repo).update()
    story.update("rollback", files=old).update().done()

    for lister, role in (("timestamp", "snapshot"), ("snapshot", "targets")):
        repo = fresh()
        repo.publish("targets", "snapshot", "timestamp")
        story = Scenario(f"a {lister} that names an older {role}", repo).update()
        repo.metadata[role].signed.version = 1
        repo.publish(role, bump=False)
        if role == "targets":
            repo.publish("snapshot")
        repo.publish("timestamp")
        story.update("rollback").done()

    repo = fresh()
    repo.delegate("fleet", ["fleet/*"])
    repo.publish_all("fleet")
    story = Scenario("a role gone from the snapshot", repo).update()
    del repo.snapshot.meta["fleet.json"]
    repo.publish("snapshot", "timestamp")
    story.update("rollback").done()

    repo = fresh()
    story = Scenario("other content under the version we have", repo).update()
    repo.timestamp.snapshot_meta.version = 7
    repo.publish("timestamp", bump=False)
    story.update().done()

    for roles in (["timestamp"], ["timestamp", "snapshot"], ["snapshot"]):
        repo = fresh()
        for role in roles:
            repo.metadata[role].signed.version = 1000
        repo.publish("targets", "snapshot", "timestamp", bump=False)
        story = Scenario(
            f"recovery after a fast-forward of {' and '.join(roles)}", repo,
            because="the specification (5.3.11) forgets the timestamp too when snapshot's keys go" if roles == ["snapshot"] else None,
        ).update()
        for role in roles:
            repo.rotate(role)
            repo.metadata[role].signed.version = 2
        repo.publish("root")
        repo.publish("snapshot", "timestamp", bump=False)
        story.update().done()


def mixed():
    repo = fresh()
    repo.publish("snapshot")
    repo.publish("snapshot", "timestamp")
    repo.files["3.snapshot.json"] = repo.files["2.snapshot.json"]
    Scenario("mixed: a snapshot of another moment", repo).update("mismatch").done()

    for role in ("snapshot", "targets"):
        repo = fresh()
        repo.with_digests = True
        repo.publish("targets", "snapshot", "timestamp")
        name = repo.name(role)
        repo.files[name] = repo.files[name].replace(b"{", b"{ ", 1)
        Scenario(f"mixed: {role} of another length", repo).update("too_long").done()
        repo.files[name] = repo.files[name].replace(b"{ ", b"{", 1).replace(b'"expires"', b'"expirez"')
        Scenario(f"mixed: {role} of another digest", repo).update("mismatch").done()

    repo = fresh()
    repo.publish("targets")
    repo.publish("targets", "snapshot", "timestamp")
    repo.files["3.targets.json"] = repo.files["2.targets.json"]
    Scenario("mixed: targets of another moment", repo).update("mismatch").done()

    repo = fresh()
    key = repo.signers["timestamp"][0]
    repo.signers["snapshot"].append(key)
    repo.root.add_key(key.public_key, "snapshot")
    repo.publish("root")
    signed = tree(repo, "snapshot")
    signed["meta"] = {"snapshot.json": {"version": 1}}
    repo.files["timestamp.json"] = envelope(canonical(signed), [key])
    Scenario("a snapshot in the place of the timestamp", repo).update("wrong_type").done()


def lengths():
    repo = fresh()
    repo.add_target("pump.model", b"model")
    repo.publish_all()
    for name in ("3.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"):
        Scenario(f"endless: {name}", repo).update("too_long", files=repo.files | {name: ENDLESS}).done()
    for name, data in (("endless", ENDLESS), ("longer", b"models"), ("shorter", b"mode"), ("another", b"MODEL")):
        files = {path: data if path.startswith("targets/") else kept for path, kept in repo.files.items()}
        kind = "too_long" if data is ENDLESS or len(data) > 5 else "mismatch"
        Scenario(f"a target {name} than was signed for", repo).update(kind, "pump.model", files=files).done()
    Scenario("a target that nobody signed for", repo).update("not_found", "other.model").done()
    for name in ("timestamp.json", "2.snapshot.json", "2.targets.json"):
        Scenario(f"missing: {name}", repo).update("not_found", files=repo.files | {name: GONE}).done()

    repo = fresh()
    repo.add_target("pump.model", b"model")
    repo.targets.targets["pump.model"].hashes["whirlpool-9"] = "00"
    repo.publish_all()
    Scenario("a digest of an unknown kind beside a right one", repo).update("mismatch", "pump.model").done()


def malformed():
    good = fresh()
    text = good.files["timestamp.json"]
    signed = canonical(tree(good, "timestamp"))
    sign = lambda payload: envelope(payload, good.signers["timestamp"])  # noqa: E731
    cases = [
        ("nothing", b"", None),
        ("cut short", text[:-1], None),
        ("two values", text + b"{}", None),
        ("a byte order mark", b"\xef\xbb\xbf" + text, None),
        ("not UTF-8", sign(signed[:-1] + b',"x":"\xff"}'), None),
        ("UTF-16", text.decode().encode("utf-16"), None),
        ("half a surrogate pair", sign(signed[:-1] + b',"x":"\\ud83d"}'), None),
        ("a fraction", sign(signed.replace(b'"version":1}', b'"version":1.0}')), None),
        ("an exponent", sign(signed.replace(b'"version":1}', b'"version":1e0}')), None),
        ("a number with a leading zero", sign(signed.replace(b'"version":1}', b'"version":01}')), None),
        ("NaN", sign(signed[:-1] + b',"x":NaN}'), None),
        ("a line feed in a string", sign(signed[:-1] + b',"x":"\n"}'), None),
        ("a comma too many", sign(signed[:-1] + b",}"), None),
        ("single quotes", text.replace(b'"', b"'"), None),
        ("a list", b"[]", None),
        ("a number", b"1", None),
        ("no signatures", b'{"signed":' + signed + b"}", None),
        ("signatures that are none", b'{"signatures":[1],"signed":' + signed + b"}", None),
        ("a name twice", sign(signed[:-1] + b',"version":1}'), "the last of two wins with Python"),
        ("a name twice, far out", text[:-1] + b',"x":{"a":1,"a":2}}', "the last of two wins with Python"),
        ("nested 40 deep, unsigned", text[:-1] + b',"x":' + b"[" * 40 + b"]" * 40 + b"}", "Python goes about 1,000 deep"),
        ("nested 16,000 deep", b"[" * 16_000, None),
        ("NaN, unsigned", text[:-1] + b',"x":NaN}', "Python reads NaN, which is no JSON"),
        ("a number beyond 64 bits, unsigned", text[:-1] + b',"x":9223372036854775808}', "Python's numbers have no end"),
    ]
    for name, data, because in cases:
        Scenario(f"malformed: {name}", good, because).update("malformed", files=good.files | {"timestamp.json": data}).done()

    data = text.replace(b"T00:00:00Z", b"T0:0:0Z")
    Scenario("a time in another form than was signed", good, "python-tuf verifies the time it understood, Thrum what stands there").update(
        "not_signed", files=good.files | {"timestamp.json": data}
    ).done()


def delegations():
    repo = fresh()
    repo.delegate("vendor", ["pumps/*.model", "fans/fan-?.model"])
    repo.delegate("fleet", ["fleet/7/*"], terminating=True)
    repo.delegate("anybody", ["*", "*/*", "*/*/*"])
    repo.delegate("shop", ["fleet/7/*"], by="fleet")
    repo.add_target("pumps/a.model", b"vendor's", "vendor")
    repo.add_target("pumps/a.model", b"anybody's", "anybody")
    repo.add_target("pumps/b/c.model", b"too deep", "vendor")
    repo.add_target("fans/fan-1.model", b"fan", "vendor")
    repo.add_target("fleet/7/x.model", b"the shop's", "shop")
    repo.add_target("fleet/7/y.model", b"anybody's again", "anybody")
    repo.publish_all("shop", "vendor", "fleet", "anybody")
    for path, kind in (
        ("pumps/a.model", None), ("pumps/b/c.model", "not_found"), ("fans/fan-1.model", None), ("fans/fan-10.model", "not_found"),
        ("fleet/7/x.model", None), ("fleet/7/y.model", "not_found"), ("pumps/../a.model", "not_found"),
    ):
        Scenario(f"delegated: {path}", repo).update(kind, path).done()

    files = dict(repo.files)
    payload = canonical(tree(repo, "vendor"))
    files["1.vendor.json"] = envelope(payload, [signer(999)])
    Scenario("delegated: signed by a stranger", repo).update("not_signed", "pumps/a.model", files=files).done()
    files["1.vendor.json"] = envelope(payload, repo.signers["targets"])
    Scenario("delegated: signed by the delegator itself", repo).update("not_signed", "pumps/a.model", files=files).done()
    files["1.vendor.json"] = repo.files["1.fleet.json"]
    Scenario("delegated: another role's file", repo).update("not_signed", "pumps/a.model", files=files).done()

    del repo.snapshot.meta["vendor.json"]
    repo.publish("snapshot", "timestamp")
    Scenario("delegated: not in the snapshot", repo).update("not_found", "pumps/a.model").done()

    for name in ("../root", "a/b", "\u202eevil", "?x=1#y", "ROOT"):
        repo = fresh()
        repo.delegate(name, ["*"])
        repo.add_target("x", b"x", name)
        repo.publish_all(name)
        Scenario(f"delegated: a role called {name!a}", repo).update(target="x").done()

    repo = fresh()
    repo.delegate("loop", ["*"])
    repo.delegate("back", ["*"], by="loop")
    repo.delegate("loop", ["*"], by="back")
    repo.publish_all("back", "loop")
    Scenario("delegated: in a circle", repo).update("not_found", "x").done()

    repo = fresh()
    for number in range(12):
        repo.delegate(f"role-{number}", ["*"])
    repo.add_target("near", b"near", "role-7")
    repo.add_target("far", b"far", "role-11")
    repo.publish_all(*(f"role-{number}" for number in range(12)))
    Scenario("delegated: the eighth role is looked into", repo).update(target="near").done()
    Scenario("delegated: the twelfth role is not", repo).update("not_found", "far").done()

    repo = fresh()
    repo.delegate("fleet", ["*"])
    repo.publish_all("fleet")
    repo.targets.version = 2
    signed = repo.metadata["targets"].signed.to_dict()
    signed["delegations"]["roles"][0]["name"] = "root"
    repo.sign_raw("targets", signed)
    repo.snapshot.meta["targets.json"].version = 2
    repo.publish("snapshot", "timestamp")
    Scenario("delegated: a role called root", repo).update("malformed").done()


def main():
    for make in (honest, roots, thresholds, expiry, rollback, mixed, lengths, malformed, delegations):
        make()
    text = json.dumps({"files": blobs, "scenarios": scenarios}, separators=(",", ":"), ensure_ascii=True)
    text = text.replace('{"name":', '\n{"name":').replace('{"now":', '\n {"now":')
    write("scenarios.json", text + "\n")
    others = sum("because" in each for each in scenarios)
    print(f"{len(scenarios)} scenarios, {len(blobs)} files; in {others} Thrum's verdict is another than python-tuf's")


if __name__ == "__main__":
    main()

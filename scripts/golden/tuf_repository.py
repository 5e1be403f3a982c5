"""Repositories made by python-tuf, and python-tuf's own updater as the judge of them. Used by tuf_scenarios.py and tuf_mutations.py.

Everything is fixed: the keys come from their numbers, Ed25519 signs the same bytes the same way, and the updater's clock is handed in.
"""
import datetime
import hashlib
import itertools
import pathlib
import sys
import tempfile
from urllib.parse import quote, unquote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests/Golden/tuf"
UTC = datetime.timezone.utc
NOW = datetime.datetime(2030, 6, 1, tzinfo=UTC)
TOP = ["root", "timestamp", "snapshot", "targets"]
ENDLESS = object()


def days(count):
    return NOW + datetime.timedelta(days=count)


def signer(number):
    seed = hashlib.sha256(f"thrum test key {number}".encode()).digest()
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(seed))


def envelope(signed_text, signers):
    """The file around a signed part that is already the bytes to sign, whatever they are."""
    signatures = ",".join(
        f'{{"keyid":"{each.public_key.keyid}","sig":"{each.sign(signed_text).signature}"}}' for each in signers
    )
    return b'{"signatures":[' + signatures.encode() + b'],"signed":' + signed_text + b"}"


def canonical(tree):
    return encode_canonical(tree).encode("utf-8")


class Repository:
    """Current metadata, who signs it, and all files published so far by their names."""

    def __init__(self, consistent=True, keys=1, threshold=1):
        self.number = itertools.count(1)
        self.signers = {}
        self.files = {}
        self.with_digests = False
        self.metadata = {
            "root": Metadata(Root(expires=days(365), consistent_snapshot=consistent)),
            "timestamp": Metadata(Timestamp(expires=days(2))),
            "snapshot": Metadata(Snapshot(expires=days(8))),
            "targets": Metadata(Targets(expires=days(100))),
        }
        for role in TOP:
            for _ in range(keys):
                self.add_key(role)
            self.root.roles[role].threshold = threshold

    root = property(lambda self: self.metadata["root"].signed)
    timestamp = property(lambda self: self.metadata["timestamp"].signed)
    snapshot = property(lambda self: self.metadata["snapshot"].signed)
    targets = property(lambda self: self.metadata["targets"].signed)

    def add_key(self, role):
        new = signer(next(self.number))
        self.root.add_key(new.public_key, role)
        self.signers.setdefault(role, []).append(new)

    def rotate(self, role):
        """Replaces all keys of a role; root keeps signing with the old ones too."""
        old = self.signers[role]
        for each in old:
            self.root.revoke_key(each.public_key.keyid, role)
        self.signers[role] = []
        for _ in range(max(1, self.root.roles[role].threshold)):
            self.add_key(role)
        if role == "root":
            self.signers[role] = self.signers[role] + old

    def delegate(self, role, paths, by="targets", terminating=False):
        parent = self.metadata[by].signed
        if parent.delegations is None:
            parent.delegations = Delegations({}, roles={})
        new = signer(next(self.number))
        parent.delegations.roles[role] = DelegatedRole(role, [new.public_key.keyid], 1, terminating, paths=paths)
        parent.delegations.keys[new.public_key.keyid] = new.public_key
        self.signers.setdefault(role, []).append(new)
        self.metadata.setdefault(role, Metadata(Targets(expires=days(50))))

    def add_target(self, path, data, role="targets", hashes=("sha256",)):
        target = TargetFile.from_data(path, data, list(hashes))
        self.metadata[role].signed.targets[path] = target
        for name in target.get_prefixed_paths() if self.root.consistent_snapshot else [path]:
            self.files["targets/" + name] = data

    def name(self, role):
        versioned = role == "root" or (self.root.consistent_snapshot and role != "timestamp")
        version = f"{self.metadata[role].signed.version}." if versioned else ""
        return f"{version}{quote(role, '')}.json"

    def publish(self, *roles, bump=True):
        """Signs the roles as they are and lists them where they are listed."""
        for role in roles:
            metadata = self.metadata[role]
            if bump and self.name(role) in self.files:
                metadata.signed.version += 1
            metadata.signatures.clear()
            for each in self.signers[role]:
                metadata.sign(each, append=True)
            data = metadata.to_bytes()
            self.files[self.name(role)] = data
            listing = MetaFile(metadata.signed.version)
            if self.with_digests:
                listing = MetaFile.from_data(metadata.signed.version, data, ["sha256"])
            if role == "snapshot":
                self.timestamp.snapshot_meta = listing
            elif role not in TOP or role == "targets":
                self.snapshot.meta[f"{role}.json"] = listing

    def publish_all(self, *more, bump=True):
        self.publish("root", *more, "targets", "snapshot", "timestamp", bump=bump)

    def sign_raw(self, role, tree):
        """Publishes any tree in the place of the role's current metadata."""
        self.files[self.name(role)] = envelope(canonical(tree), self.signers[role])


class Files(FetcherInterface):
    def __init__(self, files):
        self.files = files

    def _fetch(self, url):
        data = self.files.get(unquote(url.removeprefix("repo/")) if url.startswith("repo/targets/") else url.removeprefix("repo/"))
        if data is None:
            raise DownloadHTTPError("not found", 404)
        if data is ENDLESS:
            return itertools.repeat(b"{" * 4096)
        return iter([data])


def judge(folder, files, target, now=NOW, bootstrap=None):
    """One update by python-tuf in `folder`. Returns the name of its error, or None, and the bytes of the target, or None."""
    folder = pathlib.Path(folder)
    config = UpdaterConfig(
        max_delegations=8, root_max_length=64 << 10, timestamp_max_length=16 << 10, snapshot_max_length=256 << 10,
        targets_max_length=1 << 20,
    )
    try:
        updater = Updater(str(folder), "repo/", str(folder / "t"), "repo/targets/", Files(files), config, bootstrap=bootstrap)
        updater._trusted_set.reference_time = now
        updater.refresh()
        if target is None:
            return None, None
        found = updater.get_targetinfo(target)
        if found is None:
            return "NoSuchTarget", None
        return None, pathlib.Path(updater.download_target(found)).read_bytes()
    except Exception as error:  # whatever stops python-tuf is a refusal
        return type(error).__name__, None


def kept(folder, role):
    """The bytes of the role's metadata that the updater keeps; None when it keeps none."""
    path = pathlib.Path(folder) / f"{quote(role, '')}.json"
    return path.read_bytes() if path.exists() else None


def write(name, text):
    """Writes a golden file; with --check only says whether it is still what python-tuf says."""
    path = GOLDEN / name
    if "--check" in sys.argv[1:]:
        sys.exit(0 if path.read_text() == text else f"{path} is not what python-tuf says today")
    GOLDEN.mkdir(exist_ok=True)
    path.write_text(text)


def temporary():
    return tempfile.TemporaryDirectory(prefix="thrum-tuf-")

"""A plane's model repository with the people who hold its keys, as scripts/road and scripts/faults need it: `thrum-plane`, called as they would."""
import json
import os
import pathlib
import subprocess

ROOT_HOLDERS = ["anna", "ben", "carl"]
TARGETS_HOLDERS = ["data-owner", "security", "release"]


class Repository:
    """Root and targets want two of three signatures, the fleet's rollouts one."""

    def __init__(self, folder, bin, fleet):
        self.folder, self.bin, self.fleet = pathlib.Path(folder), pathlib.Path(bin), fleet
        self.path, self.database = self.folder / "repository", self.folder / "plane.db"
        self.env = {**os.environ, "THRUM_PLANE_REPOSITORY": str(self.path), "NO_COLOR": "1"}
        self.folder.mkdir(parents=True, exist_ok=True)

    def begin(self):
        """The ceremony: every holder makes a key, two of root and two of targets approve, the fleet's operator too."""
        for name in [*ROOT_HOLDERS, *TARGETS_HOLDERS, "operations"]:
            self.plane("keys", "generate", "--name", name, "--out", self.key(name))
        public = lambda names: [self.folder / f"{name}.pub" for name in names]
        self.plane("keys", "root", "--root", *public(ROOT_HOLDERS), "--root-threshold", 2, "--targets", *public(TARGETS_HOLDERS),
                   "--targets-threshold", 2, "--fleet", f"{self.fleet}={self.folder / 'operations.pub'}")
        for name in [*ROOT_HOLDERS[:2], *TARGETS_HOLDERS[:2], "operations"]:
            self.approve(name)
        return self.path / "metadata" / "1.root.json"

    def key(self, name):
        return self.folder / f"{name}.key"

    def approve(self, name):
        """What became visible by it."""
        return json.loads(self.plane("approve", "--as", name, "--key", self.key(name), "--json"))["released"]

    def publish(self, package):
        """Signed by two of three: nothing is visible after the first."""
        self.plane("publish", package)
        if early := self.approve(TARGETS_HOLDERS[0]):
            raise SystemExit(f"visible with one signature of two: {early}")
        if not self.approve(TARGETS_HOLDERS[1]):
            raise SystemExit("two signatures of three make nothing visible")

    def rollout(self, model, version, *options):
        return self.plane("rollout", model, version, *options, "--key", self.key("operations"), "--db", self.database)

    def plane(self, *words, fails=False):
        done = subprocess.run([str(self.bin / "thrum-plane"), *map(str, words)], env=self.env, capture_output=True, text=True, timeout=120)
        if (done.returncode != 0) != fails:
            raise SystemExit(f"thrum-plane {' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + (done.stderr if fails else "")

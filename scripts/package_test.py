"""Installs the packages in a booted Debian and works with them: install, run, frames, alarm, watchdog, upgrade, downgrade, purge.

`scripts/package --test` makes the packages first. Needs root, debootstrap and systemd-nspawn; says so and ends with 0 where they are missing.
The Debian is made once, in .build/debian/root (245 MB), and copied for each run.
"""
import json
import math
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ROOT / ".build" / "package"
BASE, RUN = ROOT / ".build" / "debian" / "root", ROOT / ".build" / "debian" / "run"
INCLUDE = "systemd,systemd-sysv,dbus,ca-certificates,mosquitto,mosquitto-clients,libmosquitto1,libsqlite3-0,libfftw3-single3,libstdc++6,openssl,procps"
SETTINGS = '''
[[source]]
topic = "plant/{machine}/{point}/vib"
payload = "f32le"
unit = "m/s2"
sample_rate_hz = 2560
window_samples = 256
overlap = 0
[[machine]]
name = "pump"
severity = "iso20816-3/group2/rigid"
'''


def main():
    missing = [tool for tool in ("debootstrap", "systemd-nspawn", "nsenter") if not shutil.which(tool)]
    if os.geteuid() != 0 or missing:
        print(f"package_test: skipped: needs root and {', '.join(missing) or 'nothing else'}")
        return
    if not (BASE / "usr").exists() or not (BASE / "etc/mosquitto").exists():
        shutil.rmtree(BASE, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={INCLUDE}", "bookworm", BASE], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(RUN, ignore_errors=True)
    subprocess.run(["cp", "-a", BASE, RUN], check=True)
    house = House()
    if not house.is_up:
        print("package_test: skipped: systemd does not boot in a container here")
        return
    try:
        for step in (install, health, alarm, reload, security, credentials, watchdog, instance, upgrade, downgrade, plane, purge):
            started = time.monotonic()
            step(house)
            print(f"package_test: {step.__name__}: ok ({time.monotonic() - started:.1f} s)", flush=True)
    finally:
        house.end()


class House:
    """A booted Debian."""

    def __init__(self):
        frames(RUN / "root" / "frames")
        shutil.copytree(PACKAGES, RUN / "packages")
        self.log = open(RUN.parent / "console.log", "wb")
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", str(RUN), "-b", "--register=no", "--keep-unit", "--console=pipe", "--private-network"],
            stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT)
        self.init = None
        self.is_up = eventually(self.boots, 120)

    def boots(self):
        children = pathlib.Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split() if self.nspawn.poll() is None else []
        if not children:
            return False
        self.init = children[0]
        state = self.run("systemctl is-system-running", check=False).strip()
        return state in ("running", "degraded")

    def run(self, command, check=True):
        done = subprocess.run(["nsenter", "-t", self.init, "-m", "-u", "-i", "-n", "-p", "/bin/bash", "-c", command],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"})
        if check and done.returncode != 0:
            raise SystemExit(f"package_test: `{command}` ended with {done.returncode}:\n{done.stdout[-1000:]}")
        return done.stdout

    def status(self):
        printed = self.run("thrum status --json", check=False)
        try:
            return json.loads(printed)
        except ValueError:
            return {}

    def property(self, name, unit="thrumd"):
        return self.run(f"systemctl show {unit} -p {name} --value").strip()

    def end(self):
        self.run("systemctl poweroff", check=False)
        try:
            self.nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()


def frames(folder):
    """Blocks of 256 samples in zone D: 159 Hz, where velocity in mm/s is acceleration in m/s², 10 mm/s RMS, and noise of its own."""
    folder.mkdir(parents=True)
    noise = random.Random(1)
    for number in range(200):
        values = [10 * math.sqrt(2) * math.sin(1000 * (number * 256 + index) / 2560) + noise.gauss(0, 0.01) for index in range(256)]
        (folder / f"{number:03}").write_bytes(struct.pack("<256f", *values))


def eventually(holds, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.3)
    return False


def expect(holds, words):
    if not holds:
        raise SystemExit(f"package_test: expected: {words}")


def deb(name):
    return "/packages/" + next(path.name for path in PACKAGES.glob(f"{name}_*.deb"))


def publish(house, first, last):
    house.run(f"for n in $(seq -w {first:03} {last:03}); do mosquitto_pub -h 127.0.0.1 -q 1 -t plant/pump/de/vib -f /root/frames/$n; done")


def install(house):
    house.run("systemctl start mosquitto")
    house.run(f"dpkg -i {deb('thrum')}")
    expect(house.property("ActiveState") == "active", "thrumd runs after the installation")
    house.run("id thrum && getent group thrum-operator thrum-admin")


def health(house):
    with open(RUN / "etc/thrum/conf.d/site.toml", "w", encoding="utf-8") as file:
        file.write(SETTINGS)
    house.run("thrum config check && systemctl restart thrumd")
    expect(eventually(lambda: house.status().get("state") == "healthy"), f"healthy, not {house.status().get('reasons')}")


def alarm(house):
    publish(house, 0, 99)
    expect(eventually(lambda: any(point["verdict"] == "alarm" for point in house.status().get("points", []))), "an alarm")
    listed = house.run("thrum alarms")
    expect("pump#1" in listed, f"the alarm in the listing: {listed}")
    house.run("thrum ack pump#1 --note seen && thrum explain pump#1")
    points = house.status()["points"]
    expect(points[0]["ledger"]["received"] == 100, f"100 frames received: {points[0]['ledger']}")


def reload(house):
    pid = house.property("MainPID")
    house.run("echo '[store]' > /etc/thrum/conf.d/bad.toml; echo 'max_byte = 1' >> /etc/thrum/conf.d/bad.toml")
    refused = house.run("systemctl reload thrumd", check=False)
    expect("failed" in refused and house.property("ActiveState") == "active", f"a bad configuration is refused and thrumd runs on: {refused}")
    house.run("rm /etc/thrum/conf.d/bad.toml; systemctl reload thrumd")
    expect(eventually(lambda: house.status().get("state") == "healthy"), "healthy after a reload")
    expect(house.property("MainPID") == pid, "the same process after a reload")
    expect(house.status()["points"][0]["ledger"]["received"] == 100, "nothing lost over a reload")


def security(house):
    printed = house.run("systemd-analyze security thrumd --no-pager | tail -1")
    level = float(next(word for word in printed.split() if word.replace(".", "", 1).isdigit()))
    print(f"package_test: exposure {level}")
    expect(level <= 1.2, f"exposure at most 1.2: {printed}")
    listening = house.run("ss -ltnp 2>/dev/null || true")
    expect("thrumd" not in listening, f"no listener of thrumd: {listening}")


def credentials(house):
    house.run("install -m 600 /dev/stdin /etc/thrum/broker.password <<< geheim; mkdir -p /etc/systemd/system/thrumd.service.d; "
              "printf '[Service]\\nLoadCredential=broker.password:/etc/thrum/broker.password\\n' > /etc/systemd/system/thrumd.service.d/credentials.conf; "
              "printf '[broker]\\nusername = \"gw\"\\npassword_file = \"/run/credentials/thrumd.service/broker.password\"\\n' > /etc/thrum/conf.d/credentials.toml; "
              "systemctl daemon-reload; systemctl restart thrumd")
    expect(eventually(lambda: house.status().get("state") == "healthy"), f"healthy with a credential, not {house.status().get('reasons')}")


def watchdog(house):
    house.run("printf '[Service]\\nWatchdogSec=3\\n' > /etc/systemd/system/thrumd.service.d/watchdog.conf; systemctl daemon-reload; systemctl restart thrumd")
    pid = house.property("MainPID")
    house.run(f"kill -STOP {pid}")
    expect(eventually(lambda: house.property("MainPID") not in (pid, "0") and house.property("ActiveState") == "active", 90), "started again by the watchdog")
    house.run("rm /etc/systemd/system/thrumd.service.d/watchdog.conf; systemctl daemon-reload; systemctl restart thrumd")


def instance(house):
    house.run("mkdir -p /etc/thrum/line2 && printf '[gateway]\\nname = \"line2\"\\n' > /etc/thrum/line2/thrum.toml && systemctl start thrumd@line2")
    expect(house.property("ActiveState", "thrumd@line2") == "active", "a second instance runs")
    expect("line2" in house.run("thrum status --state-dir /var/lib/thrum-line2"), "and has a store of its own")
    house.run("systemctl stop thrumd@line2")


def upgrade(house):
    house.run(f"dpkg -i /packages/next/$(ls /packages/next) ")
    expect(eventually(lambda: house.status().get("state") == "healthy"), "healthy after the upgrade")
    expect(house.status()["points"][0]["ledger"]["received"] == 100, "the data kept over the upgrade")
    expect("acknowledged" in house.run("thrum alarms --json"), "the answer kept over the upgrade")
    expect((RUN / "etc/thrum/conf.d/site.toml").exists(), "the configuration kept over the upgrade")


def downgrade(house):
    refused = house.run(f"dpkg -i {deb('thrum')}", check=False)
    expect("is older than the installed" in refused, f"a downgrade refused in words: {refused}")
    expect(eventually(lambda: house.status().get("state") == "healthy"), "healthy after a refused downgrade")


def plane(house):
    house.run(f"dpkg -i {deb('thrum-plane')} && systemctl start thrum-plane && thrum-plane --version")
    expect(house.property("ActiveState", "thrum-plane") == "active", "thrum-plane runs")
    house.run("printf '[plane]\\nurl = \"mqtt://127.0.0.1:1883\"\\n' > /etc/thrum/conf.d/plane.toml; systemctl restart thrumd")
    expect(eventually(lambda: "gw" in house.run("thrum-plane events --lane alarm --json", check=False) or "pump" in house.run("thrum-plane events --lane alarm", check=False)), "the alarm at the plane")
    house.run("dpkg -P thrum-plane")
    expect(not (RUN / "var/lib/thrum-plane").exists(), "nothing of the plane left")


def purge(house):
    house.run("dpkg -r thrum")
    expect((RUN / "var/lib/thrum/thrum.db").exists() and (RUN / "etc/thrum/thrum.toml").exists(), "store and configuration kept by a removal")
    house.run("dpkg -P thrum")
    left = house.run("ls -d /var/lib/thrum* /etc/thrum /usr/bin/thrum* /run/thrum /usr/lib/systemd/system/thrum* 2>/dev/null || true").split()
    expect(not left, f"nothing left by a purge: {left}")


if __name__ == "__main__":
    main()

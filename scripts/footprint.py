"""What Thrum costs while it works (`scripts/bench footprint`): 16 points x 6.25 frames/s of 4,096 samples, 100 frames a second.

Starts a mosquitto, a thrumd and bench/loadgen.c on loopback; prints one JSON object.
"""
import argparse
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from loopback import free_port, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build" / "release"
POINTS, FRAMES_PER_SECOND = 16, 100


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench footprint")
    parser.add_argument("--seconds", type=int, default=30, help="how long the load lasts")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="thrum-footprint-") as folder:
        print(json.dumps({**measure(pathlib.Path(folder), seconds), **packages()}))


def packages():
    """Sizes of what scripts/package made, where it was run: the package, and what it takes installed."""
    sizes = {}
    for path in sorted((ROOT / ".build" / "package").glob("*.deb")):
        name = path.name.split("_")[0]
        said = subprocess.run(["dpkg-deb", "-f", path, "Installed-Size"], capture_output=True, text=True, check=True).stdout
        sizes[name] = {"package_mib": round(path.stat().st_size / 2**20, 1), "installed_mib": round(int(said) / 1024, 1)}
    return {"packages": sizes}


def measure(folder, seconds):
    port = free_port()
    (folder / "m.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_dest none\n")
    (folder / "thrum.toml").write_text(configuration(port))
    loadgen = folder / "loadgen"
    subprocess.run(["gcc", "-O2", ROOT / "bench" / "loadgen.c", "-o", loadgen, "-lmosquitto", "-lm"], check=True)
    broker = subprocess.Popen(["mosquitto", "-c", folder / "m.conf"], stderr=subprocess.DEVNULL)
    wait_for_port(port)
    daemon, ready_s = start_daemon(folder)
    try:
        idle = pss_mib(daemon.pid)
        before, wrote = cpu_seconds(daemon.pid), written_bytes(daemon.pid)
        load = subprocess.Popen([loadgen, "--port", str(port), "--channels", str(POINTS), "--frames", str(seconds * FRAMES_PER_SECOND),
                                 "--rate", str(FRAMES_PER_SECOND), "--share", "0"], stdout=subprocess.PIPE, text=True)
        peak = 0.0
        while load.poll() is None:
            peak = max(peak, pss_mib(daemon.pid))
            time.sleep(0.2)
        published = json.loads(load.stdout.read())["published"]
        cpu, wrote = cpu_seconds(daemon.pid) - before, written_bytes(daemon.pid) - wrote
        return {
            "points": POINTS, "frames_per_second": FRAMES_PER_SECOND, "seconds": seconds, "published": published,
            "ready_s": round(ready_s, 3), "pss_idle_mib": round(idle, 1), "pss_loaded_peak_mib": round(peak, 1),
            "cpu_percent_of_a_core": round(100 * cpu / seconds, 2), "written_mib_per_day": round(wrote / seconds * 86_400 / 2**20),
            "full_foundation_symbols": foundation_symbols(), "binary_mib": {name: round((BIN / name).stat().st_size / 2**20, 1) for name in ("thrumd", "thrum", "thrum-plane")},
            "binary_stripped_mib": {name: stripped_mib(folder, name) for name in ("thrumd", "thrum", "thrum-plane")},
        }
    finally:
        for process in (daemon, broker):
            process.terminate()
            process.wait(20)


def configuration(port):
    return f'''[broker]
url = "mqtt://127.0.0.1:{port}"

[[source]]
topic = "plant/{{point}}/{{machine}}/vib"
payload = "f32le"
unit = "g"
sample_rate_hz = 25600
'''


def start_daemon(folder):
    """The daemon, and the seconds from its start to READY=1."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(folder / "notify"))
    listener.settimeout(20)
    env = {**os.environ, "THRUM_CONFIG": str(folder / "thrum.toml"), "THRUM_STATE_DIR": str(folder / "state"), "NOTIFY_SOCKET": str(folder / "notify")}
    started = time.monotonic()
    daemon = subprocess.Popen([BIN / "thrumd"], env=env, stderr=subprocess.DEVNULL)
    while b"READY=1" not in listener.recv(4096):
        pass
    return daemon, time.monotonic() - started


def foundation_symbols():
    """Full Foundation would bring ICU and 40 MB; the daemon is to have none of it."""
    names = subprocess.run(["nm", BIN / "thrumd"], capture_output=True, text=True, check=True).stdout
    return sum("$s10Foundation" in line for line in names.splitlines())


def pss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def written_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    return 0


def stripped_mib(folder, name):
    subprocess.run(["strip", "-o", folder / name, BIN / name], check=True)
    return round((folder / name).stat().st_size / 2**20, 1)


if __name__ == "__main__":
    main()

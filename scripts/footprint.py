"""What Thrum costs while it works (`scripts/bench footprint`): 16 points x 6.25 frames/s of 4,096 samples, 100 frames a second.

Starts a mosquitto, a thrumd and bench/loadgen.c on loopback; the load lasts until every point has learned, and a while longer.
Prints the README's table and what each library takes of the binary; with --json one JSON object.
"""
import argparse
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import tempfile
import time

from loopback import free_port, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build" / "release"
POINTS, FRAMES_PER_SECOND = 16, 100


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench footprint")
    parser.add_argument("--seconds", type=int, default=60, help="how long is measured once all have learned (60)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thrum-footprint-") as folder:
        figures = {**measure(pathlib.Path(folder), options.seconds), **packages(), "libraries_mib": libraries()}
    print(json.dumps(figures) if options.json else table(figures))


def table(figures):
    """As it stands in the README, and what each library takes."""
    rows = [
        ("memory (PSS) idle", f"{figures['pss_idle_mib']:.0f} MiB"),
        (f"at most, {POINTS} points learning and judging at {FRAMES_PER_SECOND} frames of 4,096 samples a second", f"{figures['pss_peak_mib']:.0f} MiB"),
        ("processor at those frames, of a core: learning, then judging", f"{figures['cpu_learning_percent']:.1f} %, {figures['cpu_percent']:.1f} %"),
        ("written to disk at those frames: learning, then judging", f"{figures['written_learning_kib_s']:.0f} KiB/s, {figures['written_kib_s']:.0f} KiB/s ({figures['written_gib_per_day']:.1f} GiB a day)"),
        ("start until ready", f"{figures['ready_s']:.2f} s"),
        ("binaries, stripped", ", ".join(f"{name} {size:.0f} MiB" for name, size in figures["binary_stripped_mib"].items())),
    ]
    for name, sizes in figures["packages"].items():
        rows.append((f"package {name}, installed", f"{sizes['package_mib']:.1f} MiB, {sizes['installed_mib']:.0f} MiB"))
    lines = ["| | |", "| --- | --- |", *(f"| {what} | {figure} |" for what, figure in rows), ""]
    lines += ["| of thrumd's binary | MiB |", "| --- | --- |", *(f"| {name} | {size:.2f} |" for name, size in figures["libraries_mib"].items())]
    return "\n".join(lines)


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
        load = subprocess.Popen([loadgen, "--port", str(port), "--channels", str(POINTS), "--frames", str(3600 * FRAMES_PER_SECOND),
                                 "--rate", str(FRAMES_PER_SECOND), "--share", "0", "--timeout", "3600"], stdout=subprocess.DEVNULL)
        learning = Phase(daemon.pid, lambda began: all_ready(folder) or time.monotonic() - began > 600)
        judging = Phase(daemon.pid, lambda began: time.monotonic() - began > seconds)
        load.kill()
        load.wait()
        return {
            "points": POINTS, "frames_per_second": FRAMES_PER_SECOND, "learning_seconds": round(learning.seconds), "seconds": seconds,
            "ready_s": round(ready_s, 3), "pss_idle_mib": round(idle, 1), "pss_peak_mib": round(max(learning.peak, judging.peak), 1),
            "cpu_learning_percent": round(learning.cpu_percent, 2), "cpu_percent": round(judging.cpu_percent, 2),
            "written_learning_kib_s": round(learning.written_kib_s, 1), "written_kib_s": round(judging.written_kib_s, 1),
            "written_gib_per_day": round(judging.written_kib_s * 86_400 / 2**20, 2), "analysed": analysed(folder),
            "full_foundation_symbols": foundation_symbols(), "binary_mib": {name: round((BIN / name).stat().st_size / 2**20, 1) for name in ("thrumd", "thrum", "thrum-plane")},
            "binary_stripped_mib": {name: stripped_mib(folder, name) for name in ("thrumd", "thrum", "thrum-plane")},
        }
    finally:
        for process in (daemon, broker):
            process.terminate()
            process.wait(20)


class Phase:
    """What the daemon takes until `is_over`, asked five times a second with the moment it began."""

    def __init__(self, pid, is_over):
        began, cpu, written, self.peak = time.monotonic(), cpu_seconds(pid), written_bytes(pid), 0.0
        while not is_over(began):
            self.peak = max(self.peak, pss_mib(pid))
            time.sleep(0.2)
        self.seconds = time.monotonic() - began
        self.cpu_percent = 100 * (cpu_seconds(pid) - cpu) / self.seconds
        self.written_kib_s = (written_bytes(pid) - written) / self.seconds / 1024


def points(folder):
    """Each point's phase and frames, read from the store beside the daemon."""
    database = sqlite3.connect(f"file:{folder}/state/thrum.db?mode=ro", uri=True, timeout=5)
    try:
        return database.execute("SELECT baseline_phase, analysed FROM point JOIN ledger ON ledger.point = point.id").fetchall()
    finally:
        database.close()


def all_ready(folder):
    found = points(folder)
    return len(found) == POINTS and all(phase == "ready" for phase, _ in found)


def analysed(folder):
    return sum(frames for _, frames in points(folder))


GROUPS = {
    "Thrum": ("Anomaly", "Agent", "Contracts", "Store", "ModelPackages", "Signal", "LocalAPI", "Configuration", "Payloads", "MQTT", "SQLite", "thrumd"),
    "Swift's standard library and runtime": ("", "_StringProcessing", "_RegexParser", "Dispatch", "Synchronization", "_Concurrency"),
    "FoundationEssentials": ("FoundationEssentials", "_FoundationCollections", "_FoundationCShims"),
    "SwiftNIO": ("NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "NIOTLS", "NIOConcurrencyHelpers", "NIOEmbedded", "_NIODataStructures", "_NIOBase64", "Atomics", "OrderedCollections", "DequeModule"),
    "swift-crypto": ("Crypto", "CryptoBoringWrapper"),
    "swift-service-lifecycle": ("ServiceLifecycle", "AsyncAlgorithms", "UnixSignals"),
    "swift-argument-parser": ("ArgumentParser", "ArgumentParserToolInfo"),
    "TOMLKit": ("TOMLKit",),
    "swift-log": ("Logging",),
}


def libraries():
    """MiB of thrumd's code and data by the module that a symbol names; C and C++ (BoringSSL, toml++, libdispatch) apart."""
    sizes = dict.fromkeys(GROUPS, 0) | {"BoringSSL (swift-crypto's)": 0, "BoringSSL (NIOSSL's)": 0, "C++ (toml++, the runtime's)": 0, "other C": 0}
    by_module = {module: group for group, modules in GROUPS.items() for module in modules}
    symbols = subprocess.run(["nm", "-S", "--defined-only", BIN / "thrumd"], capture_output=True, text=True, check=True).stdout
    for line in symbols.splitlines():
        fields = line.split()
        if len(fields) != 4:
            continue
        size, name = int(fields[1], 16), fields[3]
        swift = re.match(r"\$s(\d+)", name)
        if "BoringSSL" in name and not swift:
            group = "BoringSSL (NIOSSL's)" if "CNIOBoringSSL" in name else "BoringSSL (swift-crypto's)"
        elif name.startswith("$s"):
            module = name[swift.end():swift.end() + int(swift[1])] if swift else ""
            group = by_module.get(module, "Swift's standard library and runtime")
        else:
            group = "C++ (toml++, the runtime's)" if name.startswith("_Z") else "other C"
        sizes[group] += size
    return {group: round(size / 2**20, 2) for group, size in sorted(sizes.items(), key=lambda entry: -entry[1])}


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

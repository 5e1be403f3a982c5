"""docs/TUTORIAL.md is its own script (scripts/tutorial): what stands behind `$` is run, in order, and what it prints is written below it.

Comments in the document tell what a reader does by hand: `<!-- file: NAME -->` (the block below is written to it), `<!-- start: COMMAND -->`,
`<!-- kill: PROGRAM -->`, `<!-- until: EXPRESSION -->` (of `s`, the status as JSON), `<!-- shot: NAME HEIGHT VIEW SELECTOR -->`."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from loopback import free_port, wait_for_port

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "TUTORIAL.md"
PORTS = ("18831", "18473")  # as they stand in the document: broker, page


class Walk:
    def __init__(self, writes):
        self.writes, self.home = writes, pathlib.Path(tempfile.mkdtemp(prefix="thrum-tutorial-"))
        self.ports = {shown: str(free_port()) for shown in PORTS}
        self.folder = self.home / "first-machine"
        self.folder.mkdir()
        self.env = {**os.environ, "HOME": str(self.home), "PATH": f"{os.environ['THRUM_BIN']}:{os.environ['PATH']}:/usr/sbin", "NO_COLOR": "1",
                    "THRUM_CONFIG": str(self.folder / "thrum.toml"), "THRUM_STATE_DIR": str(self.folder / "state"), "TZ": "UTC"}
        self.processes, self.person, self.failed = {}, None, []

    def real(self, text):
        for shown, port in self.ports.items():
            text = text.replace(shown, port)
        return text

    def shown(self, text):
        for shown, port in self.ports.items():
            text = text.replace(port, shown)
        return text.replace(str(self.home), "/home/anna").rstrip("\n")

    # what the document says

    def walk(self):
        lines, out, next_file = DOCUMENT.read_text().splitlines(), [], None
        while lines:
            line = lines.pop(0)
            out.append(line)
            if found := re.fullmatch(r"<!-- (\w+): (.*) -->", line):
                word, rest = found.groups()
                next_file = rest if word == "file" else next_file
                if word != "file":
                    getattr(self, word)(rest)
            elif line.startswith("```") and len(line) > 3:
                block = []
                while lines[0] != "```":
                    block.append(lines.pop(0))
                if line == "```console":
                    block = self.console(block)
                elif next_file:
                    (self.folder / next_file).write_text(self.real("\n".join(block) + "\n"))
                    next_file = None
                out += block + [lines.pop(0)]
        if self.writes:
            DOCUMENT.write_text("\n".join(out) + "\n")

    def console(self, block):
        commands, out = [line for line in block if line.startswith("$ ")], []
        for command in commands:
            done = subprocess.run(["bash", "-c", self.real(command[2:])], env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
            text = [line.rstrip() for line in self.shown(done.stdout).splitlines()]
            print("\n".join([command, *text]), flush=True)
            if wide := [line for line in text if len(line) > 110]:
                print(f"tutorial: {len(wide)} wide lines", flush=True)
            out += [command, *text]
        return out

    # what a reader does by hand

    def start(self, command):
        with open(self.folder / "log", "ab") as log:
            self.processes[command.split()[0]] = subprocess.Popen(self.real(command).split(), env=self.env, cwd=self.folder, stdout=log, stderr=log)
        if command.startswith("mosquitto"):
            wait_for_port(int(self.ports[PORTS[0]]))

    def kill(self, program):
        process = self.processes.pop(program)
        process.kill()
        process.wait()

    def until(self, expression):
        end, status = time.monotonic() + 120, None
        while time.monotonic() < end:
            try:
                status = self.json("status")
                if eval(expression, {"s": status, "point": {f"{p['machine']}/{p['point']}": p for p in status["points"]}}):  # our own document's
                    return
            except (ValueError, KeyError):
                pass
            time.sleep(0.2)
        raise SystemExit(f"tutorial: waited in vain for {expression}: {status}\n{(self.folder / 'log').read_text()[-2000:]}")

    def shot(self, words):
        name, height, view, selector = words.split(maxsplit=3)
        if not shutil.which("chromium") or not shutil.which("chromedriver"):
            return print(f"tutorial: no Chromium, {name}.png is left as it is")
        if self.person is None:
            from page import Person
            self.address = f"http://127.0.0.1:{self.ports[PORTS[1]]}"
            self.person = Person(self, ROOT / "docs" if self.writes else self.home)
            self.person.driver.get(self.json("page")["url"])
            self.person.dress(860, "light")
            self.person.until(lambda: self.person.all(".points li"))
        if not self.person.go(view, selector):
            self.failed.append(name)
        time.sleep(1)  # the pictures on the page come one after another
        self.person.shoot(name, most=int(height), scale=0.8)
        size = (self.person.shots / f"{name}.png").stat().st_size
        print(f"{name}.png: {size} bytes", flush=True)
        if size > 150_000:
            self.failed.append(f"{name}.png is too large")

    def json(self, *arguments):
        return json.loads(subprocess.run(["thrum", *arguments, "--json"], env=self.env, capture_output=True, text=True).stdout)

    def close(self):
        if self.person:
            self.person.driver.quit()
        for program in list(self.processes):
            self.kill(program)
        shutil.rmtree(self.home)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    walk = Walk(writes="--try" not in sys.argv)
    try:
        walk.walk()
    finally:
        walk.close()
    print("tutorial: " + (f"failed: {', '.join(walk.failed)}" if walk.failed else "walked"))
    return 1 if walk.failed else 0


if __name__ == "__main__":
    sys.exit(main())

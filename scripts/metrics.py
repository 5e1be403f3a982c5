"""A real Prometheus scrapes a real thrumd (scripts/metrics): the alert fires, every query of the dashboard is answered."""
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from loopback import free_port, wait_for_port
from page_plant import Plant

CONFIG = pathlib.Path(__file__).resolve().parent.parent / "config"
RULES = CONFIG / "prometheus" / "thrum-alerts.yml"

# Nobody answers there: what is unsent is counted all the same.
PLANE = """
[plane]
url = "mqtt://127.0.0.1:{broker}"
"""

failed = []


def check(what, holds, detail=""):
    print(f"{'ok  ' if holds else 'FAIL'} {what}{f' ({detail})' if detail else ''}", flush=True)
    if not holds:
        failed.append(what)


def promtool(*arguments, **more):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, **more)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


class Prometheus:
    def __init__(self, plant):
        self.plant, self.port = plant, free_port()
        (plant.folder / "prometheus.yml").write_text(
            f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{RULES}']\n"
            f"scrape_configs: [{{job_name: thrum, static_configs: [{{targets: ['127.0.0.1:{plant.metrics}']}}]}}]\n")
        plant.run("prometheus", ["prometheus", f"--config.file={plant.folder}/prometheus.yml", f"--storage.tsdb.path={plant.folder}/tsdb",
                                 f"--web.listen-address=127.0.0.1:{self.port}"])
        wait_for_port(self.port, 30)

    def ask(self, path, **query):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}") as answer:
            return json.load(answer)["data"]

    def until(self, holds, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := holds():
                    return found
            except OSError:
                pass
            time.sleep(0.2)
        return None


def expressions():
    board = json.loads((CONFIG / "grafana" / "thrum.json").read_text())
    texts = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    return [text.replace("$gateway", ".*") for text in texts]


def main():
    held, said = promtool("check", "rules", str(RULES))
    check("promtool accepts the rules", held, said.splitlines()[-1])
    held, said = promtool("test", "rules", "thrum-alerts-test.yml", cwd=RULES.parent)
    check("the rules fire when they should", held, said.splitlines()[-1])
    plant = Plant(more=PLANE)
    try:
        plant.start()
        prometheus = Prometheus(plant)
        up = prometheus.until(lambda: prometheus.ask("query", query="up == 1")["result"])
        check("Prometheus scrapes it", up)
        target = prometheus.ask("targets")["activeTargets"][0]
        check("without an error", target["lastError"] == "", target["lastError"])
        check("no alarm before there is one", not [a for a in prometheus.ask("alerts")["alerts"] if a["labels"]["alertname"] == "ThrumMachineAlarm"])
        plant.publish()
        fired = prometheus.until(lambda: [a for a in prometheus.ask("alerts")["alerts"] if a["labels"]["alertname"] == "ThrumMachineAlarm" and a["state"] == "firing"])
        check("the alarm of a machine fires the alert", fired, fired and fired[0]["annotations"]["summary"])
        plant.thrum("ack", "pump-7#1")
        plant.thrum("label", "pump-7#1", "bad", "--fault", "outer")
        quiet = prometheus.until(lambda: not [a for a in prometheus.ask("alerts")["alerts"] if a["labels"]["alertname"] == "ThrumMachineAlarm"])
        check("and its acknowledgement ends it", quiet)
        conditional = {"thrum_mean_time_to_clear_seconds", "thrum_frames_refused_total", "thrum_store_evicted_rows_total"}
        names = {name for text in expressions() for name in re.findall(r"\b(?:thrum|process)_\w+(?=\{)", text)}
        missing = lambda: names - conditional - set(prometheus.ask("label/__name__/values"))
        check("every figure of the dashboard is there", prometheus.until(lambda: not missing()), ", ".join(sorted(missing())))
        time.sleep(3)
        for text in expressions():
            answer = prometheus.ask("query", query=text)
            if not answer["result"] and not any(name in text for name in conditional):
                check(f"answered: {text}", False)
        with urllib.request.urlopen(f"http://127.0.0.1:{plant.metrics}/metrics") as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))  # strict: raises what it does not like
        check("the format is OpenMetrics to the letter", len(families) > 20, f"{len(families)} families")
        status = plant.json("status")
        received = sum(point["ledger"]["received"] for point in status["points"])
        seen = prometheus.ask("query", query="thrum_sample_to_verdict_seconds_count")["result"][0]["value"][1]
        check("each frame is in the histogram", int(seen) == received, f"{seen} of {received}")
        quantiles = [prometheus.ask("query", query=f"histogram_quantile({q}, thrum_sample_to_verdict_seconds_bucket)")["result"][0]["value"][1] for q in (0.5, 0.95, 0.99)]
        print(f"sample to verdict, two hours sent in a moment: p50 {float(quantiles[0]):.3f} s, p95 {float(quantiles[1]):.3f} s, p99 {float(quantiles[2]):.3f} s")
    finally:
        plant.close(keep=bool(failed))
    print("metrics: " + (f"{len(failed)} failed" if failed else "all held"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Uses the page as a person does (scripts/page): looks, clicks, types, drags, and notes what did not hold."""
import argparse
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from page_plant import NAME, SCRIPT, Plant

CONTRAST = """
const light = (c) => c.map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
const parse = (t) => { const m = t.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m.slice(0, 3); };
const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
const bad = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !e.checkVisibility() || ['NOSCRIPT', 'SCRIPT'].includes(e.tagName)) continue;
  const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) bad.push(`${e.tagName}.${e.className} "${walker.currentNode.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
}
return bad;
"""

NAMES = """
const bad = [];
for (const e of document.querySelectorAll('a, button, input, select, canvas, [role=region]')) {
  if (!e.checkVisibility()) continue;
  const label = e.getAttribute('aria-label') || e.labels?.[0]?.textContent || (['A', 'BUTTON'].includes(e.tagName) ? e.textContent : '');
  if (!label || !label.trim()) bad.push(e.outerHTML.slice(0, 80));
}
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
if (new Set(ids).size !== ids.length) bad.push('an id stands there twice');
if (document.querySelectorAll('h1').length !== 1) bad.push('not one h1');
if (!document.documentElement.lang) bad.push('no language');
if (document.scrollingElement.scrollWidth > innerWidth) bad.push(`wider than the screen: ${document.scrollingElement.scrollWidth} > ${innerWidth}`);
return bad;
"""


class Person:
    def __init__(self, plant, shots, *more):
        """`more`: arguments of the browser."""
        self.plant, self.shots = plant, shots
        self.failed, self.held = [], 0
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900", "--lang=en-GB",
                         "--disable-background-networking", "--disable-component-update", "--no-first-run", *more):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.binary_location = shutil.which("chromium")  # and no other: nothing is downloaded
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.requests = set()

    def check(self, what, holds, detail=""):
        print(f"{'ok  ' if holds else 'FAIL'} {what}{f' ({detail})' if detail else ''}", flush=True)
        self.held += bool(holds)
        if not holds:
            self.failed.append(what)

    def until(self, holds, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = holds()
                if found:
                    return found
            except Exception:  # an element that was just replaced
                pass
            time.sleep(0.02)
        return None

    def all(self, selector): return self.driver.find_elements(By.CSS_SELECTOR, selector)
    def text(self): return self.driver.find_element(By.TAG_NAME, "main").text
    def script(self, text): return self.driver.execute_script(text)

    def go(self, view, selector):
        self.driver.get(f"{self.plant.address}/{view}")
        return self.until(lambda: self.all(selector))

    def dress(self, width, scheme):
        height = 900 if width > 600 else 844
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        time.sleep(0.3)

    def shoot(self, name, most=2600, scale=1):
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        import base64
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": scale}})
        (self.shots / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def drain(self):
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.add(message["params"]["request"]["url"])

    # the story

    def log_in(self):
        self.go("", "form")
        self.check("without a session there is the log-in and nothing else", "Log in" in self.text() and not self.all(".card .points"))
        wanted = len(self.plant.points) + 2
        times = []
        for _ in range(3):  # on a machine that does other things too: the best of three
            self.driver.delete_all_cookies()
            url = self.plant.json("page")["url"]
            self.driver.get("about:blank")
            begun = time.monotonic()
            self.driver.get(url)
            drawn = self.until(lambda: len(self.all(".points li")) == wanted)
            times.append(time.monotonic() - begun)
        self.check(f"it shows {wanted} points", drawn, f"{len(self.all('.points li'))} found")
        said = ", ".join(f"{seconds:.2f}" for seconds in times)
        self.check("within a second of opening the address, the log-in included", min(times) < 1, f"{said} s")
        self.check("the code is gone from the address", "code" not in self.driver.current_url)
        self.driver.get("about:blank")
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{self.plant.page}/api/login", json.dumps({"code": url.split("=")[1]}).encode(),
                                             {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.plant.page}"})
            status = urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            status = error.code
        self.check("a code works once", status == 403, str(status))
        self.go("#/", ".points li")
        self.check("worst first", self.all(".cards h2")[0].text == "pump-7", self.all(".cards h2")[0].text)
        self.check("a name from a topic is text", SCRIPT in self.text() and not self.all("main img"))
        found = self.all("input[type=search]")[0]
        found.send_keys("motor-1/drive")
        self.check("the filter leaves what it names", self.until(lambda: len(self.all(".points li")) == 1))
        found.clear()
        found.send_keys(" ", Keys.BACKSPACE)
        self.check("it is live", self.until(lambda: self.driver.find_element(By.ID, "live").text == "live"))

    def look(self):
        views = [("machines", "#/", ".points li"), ("point", "#/point/pump-7/drive-end", "figure.plot:nth-of-type(1) canvas"),
                 ("scalar", "#/point/pump-7/oil", "canvas"), ("alarms", "#/alarms", ".card"), ("alarm", "#/alarm/pump-7%231", "canvas"),
                 ("models", "#/models", "table"), ("ledger", "#/ledger", "table")]
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                self.dress(width, scheme)
                for name, view, selector in views:
                    self.driver.get("about:blank")
                    found = self.go(view, selector)
                    if name == "point":
                        self.until(lambda: len(self.all("canvas")) == 4)
                    time.sleep(0.2)
                    where = f"{name}, {width} px, {scheme}"
                    self.check(f"{where}: shown", found)
                    bad = self.script(CONTRAST) + self.script(NAMES)
                    self.check(f"{where}: contrast, names, width", not bad, "; ".join(bad[:4]))
                    self.shoot(f"{name}-{width}-{scheme}")
        self.dress(1280, "light")

    def plots(self):
        self.go("#/point/pump-7/drive-end", "canvas")
        self.until(lambda: len(self.all("canvas")) == 4)
        trend, velocity, envelope, _ = self.all("canvas")
        said = lambda canvas: canvas.find_element(By.XPATH, "../output").text
        ActionChains(self.driver).move_to_element_with_offset(trend, -100, 0).click_and_hold().move_by_offset(200, 0).release().perform()
        trend.send_keys(Keys.ARROW_RIGHT)
        self.check("the trend has a cursor by keyboard", self.until(lambda: "mm/s" in said(trend)), said(trend))
        before = said(trend)
        trend.send_keys(Keys.END)
        self.check("zoomed by dragging, its end is not the last row", self.until(lambda: said(trend) != before), said(trend))
        trend.send_keys("0")
        shaft = self.plant_peak(velocity, 24.75)
        self.check("the velocity spectrum's line is the shaft's", "near 1x" in shaft, shaft)
        outer = self.plant_peak(envelope, 88.7)
        self.check("the envelope's line is BPFO", "near BPFO" in outer, outer)
        envelope.send_keys("h")
        self.check("harmonics by keyboard", self.until(lambda: "harmonics of" in said(envelope)), said(envelope))
        self.shoot("harmonics")

    def plant_peak(self, canvas, hz):
        """Zooms to 300 Hz by dragging, and clicks where a line should be."""
        ActionChains(self.driver).scroll_to_element(canvas).perform()
        width = canvas.size["width"]
        last = float(self.driver.execute_script("return arguments[0].closest('figure').shownEnd", canvas))
        left, right = 58, 30
        at = lambda frequency, end: left + frequency / end * (width - left - right) - width / 2
        ActionChains(self.driver).move_to_element_with_offset(canvas, int(at(0, last)), 0).click_and_hold().move_by_offset(int(at(300, last) - at(0, last)), 0).release().perform()
        end = float(self.driver.execute_script("return arguments[0].closest('figure').shownEnd", canvas))
        ActionChains(self.driver).move_to_element_with_offset(canvas, int(at(hz, end)), 0).click().perform()
        return canvas.find_element(By.XPATH, "../output").text

    def act(self):
        self.go("#/alarms", ".card a")
        self.driver.find_element(By.LINK_TEXT, "pump-7#1").click()
        button = self.until(lambda: self.driver.find_element(By.XPATH, "//button[text()='Acknowledge']"))
        button.find_element(By.XPATH, "../label/input").send_keys("bearing ordered")
        button.click()
        state = self.until(lambda: self.plant.json("alarms")["alarms"][0]["state"] in ("acknowledged", "closed"))
        self.check("acknowledged by a click, seen by thrum alarms", state)
        self.check("the page shows it without being asked", self.until(lambda: ": acknowledged" in self.all("h1")[0].text), self.all("h1")[0].text)
        self.until(lambda: not self.driver.find_elements(By.XPATH, "//button[text()='Acknowledge']"))
        form = self.driver.find_element(By.XPATH, "//button[text()='Label']/..")
        Select(form.find_element(By.TAG_NAME, "select")).select_by_visible_text("bad")
        form.find_element(By.NAME, "fault").send_keys("outer")
        form.find_element(By.TAG_NAME, "button").click()
        self.check("labelled", self.until(lambda: "labelled bad (outer)" in self.text()))
        shelve = self.driver.find_element(By.XPATH, "//button[text()='Shelve']/..")
        shelve.find_element(By.TAG_NAME, "button").click()
        self.check("shelved for a time", self.until(lambda: "shelved" in self.all("h1")[0].text), self.all("h1")[0].text)
        audit = self.plant.thrum("audit", "list")
        self.check("all three stand in the audit log", all(word in audit for word in ("acknowledge", "label", "shelve")))
        self.go("#/point/motor-1/drive-end", "form")
        form = self.driver.find_element(By.XPATH, "//button[text()='Note repair']/..")
        form.find_element(By.NAME, "note").send_keys("greased", Keys.ENTER)
        self.check("a repair noted by the enter key", self.until(lambda: "greased" in self.driver.find_elements(By.CSS_SELECTOR, ".stack section")[-2].text))

    def keyboard(self):
        self.go("#/", ".points li")
        for _ in range(40):
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
            if (self.driver.switch_to.active_element.get_attribute("href") or "").endswith("drive-end"):
                break
        ActionChains(self.driver).send_keys(Keys.ENTER).perform()
        self.check("a point is reached by keyboard alone", self.until(lambda: self.all("canvas")))

    def restart(self):
        self.go("#/", ".points li")
        self.until(lambda: self.driver.find_element(By.ID, "live").text == "live")
        self.plant.stop("thrumd", "kill")
        self.check("it says that thrumd is gone", self.until(lambda: self.driver.find_element(By.ID, "live").text == "no connection"))
        self.shoot("no-connection")
        self.script("document.body.dataset.same = 'yes'")
        self.plant.start_daemon()
        self.check("it comes back by itself, still logged in", self.until(lambda: self.driver.find_element(By.ID, "live").text == "live", 20))
        self.check("without being loaded anew", self.script("return document.body.dataset.same") == "yes" and len(self.all(".points li")) > 50)
        self.driver.get_log("browser")  # what a browser says of a line that broke is no error of ours

    def leave(self):
        self.go("#/", ".points li")
        self.driver.find_element(By.ID, "logout").click()
        self.check("logged out", self.until(lambda: "Log in" in self.text()))
        self.check("the session's cookie is gone", not self.driver.get_cookies(), str(self.driver.get_cookies()))

    def encrypted(self):
        self.plant.encrypt()
        # The old listener may still answer: what counts is the address that is printed.
        printed = self.until(lambda: (lambda said: said if said["url"].startswith(self.plant.address) else None)(self.plant.json("page")), 30)
        self.check("after a reload thrum page prints https and the name", printed)
        self.check("with the certificate's fingerprint", printed and printed["certificate_sha256"] == self.plant.fingerprint())
        self.driver.get("about:blank")
        self.driver.get(printed["url"])
        self.check("by TLS it lets in and shows all points", self.until(lambda: len(self.all(".points li")) == len(self.plant.points) + 2))
        self.check("and is live", self.until(lambda: self.driver.find_element(By.ID, "live").text == "live"))
        cookies = self.driver.get_cookies()
        self.check("by a cookie for TLS alone", len(cookies) == 1 and cookies[0]["secure"] and cookies[0]["name"].startswith("__Host-"), str([cookie["name"] for cookie in cookies]))
        self.go("#/point/pump-7/drive-end", "canvas")
        self.check("with its plots", self.until(lambda: len(self.all("canvas")) >= 1))
        # 401: before anybody was logged in; 409: no samples since the reload, so no spectrum.
        errors = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING") and not any(status in entry["message"] for status in (" 401 ", " 409 "))]
        self.check("no console errors by TLS", not errors, "; ".join(errors)[:300])


def main():
    parser = argparse.ArgumentParser(prog="scripts/page")
    parser.add_argument("--shots", type=pathlib.Path)
    parser.add_argument("--stay", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shots = options.shots or pathlib.Path(tempfile.mkdtemp(prefix="thrum-shots-"))
    shots.mkdir(parents=True, exist_ok=True)
    plant = Plant()
    person = None
    try:
        plant.start()
        begun = time.monotonic()
        plant.publish()
        print(f"{len(plant.points) + 2} points, published and judged in {time.monotonic() - begun:.0f} s", flush=True)
        trusted = f"--ignore-certificate-errors-spki-list={plant.make_certificate()}"
        person = Person(plant, shots, f"--host-resolver-rules=MAP {NAME} 127.0.0.1", trusted)
        person.log_in()
        person.look()
        person.plots()
        person.act()
        person.keyboard()
        errors = [entry for entry in person.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        expected = [entry for entry in errors if "401" in entry["message"]]  # before anybody was logged in
        person.check("no console errors", len(errors) == len(expected), "; ".join(entry["message"] for entry in errors if entry not in expected)[:400])
        person.restart()
        person.leave()
        person.encrypted()
        person.drain()
        foreign = [url for url in person.requests if not url.startswith((f"http://127.0.0.1:{plant.page}/", f"{plant.address}/", "about:", "data:", "chrome"))]
        person.check("no request leaves the machine", not foreign and len(person.requests) > 10, f"{len(person.requests)} addresses {foreign[:3]}")
        print(f"pictures: {shots}")
        while options.stay:
            print(plant.thrum("page"))
            time.sleep(3600)
        print(f"{person.held} passed, {len(person.failed)} failed")
        return 1 if person.failed else 0
    finally:
        if person:
            person.driver.quit()
        plant.close(keep=not person or bool(person.failed))


if __name__ == "__main__":
    sys.exit(main())

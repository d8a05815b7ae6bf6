"""Chromium without a window, driven by selenium, for tests of pages. Whatever a page says on the console, or asks for beyond
itself, fails the test that opened it."""
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77

try:
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("skipped: no selenium for this Python")
    sys.exit(SKIPPED)

checks = failures = 0


def check(text, holds):
    """One check. Returns whether it held."""
    global checks, failures
    checks += 1
    if not holds:
        failures += 1
        print("FAILED:", text)
    return bool(holds)


def wait_for(text, holds):
    """A check of what takes the page a moment."""
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return check(text, holds())


def finish():
    print(f"{checks} checks, {failures} failed")
    sys.exit(0 if failures == 0 and checks > 0 else 1)


def run(*command):
    """A program's standard output; its failure ends the test."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()


# Each text's contrast with the ground that it stands on, as WCAG 2 defines it; returns the texts below 4.5 : 1.
CONTRAST = """
const parse = text => text.match(/[0-9.]+/g).map(Number);
const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                     return .2126 * r + .7152 * g + .0722 * b; };
function ground(e) {
  for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; }
  return [255, 255, 255];
}
const low = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || e.matches("script, style, option") || getComputedStyle(e).visibility === "hidden") continue;
  const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) < 4.5) low.push(walker.currentNode.data.trim().slice(0, 40));
}
return low;
"""


class Browser:
    def __init__(self, driver):
        self.driver = driver

    def open(self, url, width=1200, dark=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": "screen", "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.driver.get(url)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def press(self, key):
        self.driver.switch_to.active_element.send_keys(key)

    def point_at(self, element):
        ActionChains(self.driver).move_to_element(element).perform()

    def check_page(self, name):
        """What holds for every page, in the state in which it is now."""
        low = self.script(CONTRAST)
        check(f"{name}: contrast of at least 4.5 : 1, not of {low[:5]}", not low)
        tree = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        told = [node for node in tree if not node["ignored"] and node["role"]["value"] in ("button", "image", "img", "combobox", "region")]
        nameless = [node["role"]["value"] for node in told if not node.get("name", {}).get("value")]
        check(f"{name}: buttons and pictures are known to a screen reader", len(told) > 3)
        check(f"{name}: a name for whatever is not text, not of {nameless[:5]}", not nameless)
        wide = self.script("return document.documentElement.scrollWidth - innerWidth")
        check(f"{name}: no wider than the window, {wide} pixels", wide <= 0)

    def check_quiet(self, name, own, allowed=None):
        """Nothing on the console but for messages with `allowed` in them, and no request but for what begins as `own` says."""
        for entry in self.driver.get_log("browser"):
            check(f"{name}: console: {entry['message']}", allowed is not None and allowed in entry["message"])
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                check(f"{name}: asked for {url[:80]}", url.startswith(own))


@contextlib.contextmanager
def browser():
    chromium, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver_path is None:
        print("skipped: no chromium with its chromedriver here")
        sys.exit(SKIPPED)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    with tempfile.TemporaryDirectory() as profile:
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        try:
            driver = webdriver.Chrome(options=options, service=Service(driver_path))
        except WebDriverException as error:
            print("skipped: chromium does not start here:", str(error).splitlines()[0])
            sys.exit(SKIPPED)
        try:
            driver.get("about:blank")
            for log in ("browser", "performance"):
                driver.get_log(log)  # of the page that the browser itself begins with
            yield Browser(driver)
        finally:
            driver.quit()

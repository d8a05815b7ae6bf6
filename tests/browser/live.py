#!/usr/bin/env python3
"""The page of minnow train --serve in a browser: curves grow, the run is held, steps and goes on, its rate changes, and it stops.

live.py MINNOW [FOLDER]    FOLDER: where pictures of the page go, to be looked at
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from browser import Keys, browser, check, finish, run, wait_for

minnow = os.path.abspath(sys.argv[1])
pictures = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None


@contextmanager
def training(*options):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")  # a pipe that nobody reads from would hold the run when it is full
        with open(out, "w", encoding="utf-8") as file:
            process = subprocess.Popen([minnow, "train", "--serve", "--port", "0", "--json", "--quiet", *options], stdout=file)
        try:
            while "\n" not in lines(out) and process.poll() is None:
                time.sleep(.05)
            yield process, json.loads(lines(out).splitlines()[0])["url"], lambda: json.loads(lines(out).splitlines()[-1])
        finally:
            process.kill()
            process.wait()


def lines(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def shoot(page, name, width):
    if pictures is not None:
        height = page.script("return document.documentElement.scrollHeight")
        page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        page.driver.save_screenshot(os.path.join(pictures, f"live-{name}.png"))


def figure(page, name):
    return page.script("return [...document.querySelectorAll('.figures div')].find(d => d.querySelector('dt').textContent === arguments[0])?.querySelector('dd').textContent ?? ''", name)


def step(page):
    return int(figure(page, "Update").replace(",", "") or 0)


def length(page):
    """Characters of the first curve, of the loss."""
    return page.script("return document.querySelector('.charts path.curve')?.getAttribute('d').length ?? 0")


def lit(page):
    """Pixels of the pictures of weights that are coloured."""
    return page.script("const c = document.getElementById('tiles'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                       "let lit = 0; for (let i = 3; i < d.length; i += 4) lit += d[i] > 40; return lit;")


def press(page, name):
    """By the keyboard, as whoever has no pointer does."""
    page.script("document.getElementById(arguments[0]).focus()", name)
    page.press(Keys.ENTER)


def check_run(page, url, process, last_line):
    page.open(url)
    wait_for("it trains", lambda: page.text("#state") == "Training")
    wait_for("curves are there", lambda: len(page.all(".charts figure")) == 3 and length(page) > 0)
    before = length(page)
    wait_for("and grow", lambda: length(page) > before)
    check("pictures of weights", lit(page) > 1000)
    check("the figures", all(figure(page, name) not in ("", "–") for name in ("Epoch", "Loss", "Accuracy", "Rate", "Images a second")))
    wait_for("the validation, too", lambda: "%" in figure(page, "Validation accuracy"))
    page.check_page("training, light")
    shoot(page, "light", 1200)

    press(page, "pause")
    wait_for("it is held", lambda: page.text("#state") == "Paused" and page.text("#pause") == "Go on")
    held = step(page)
    page.script("return new Promise(done => setTimeout(done, 1200))")
    check("and does nothing", step(page) == held)
    page.find("#batch").click()
    wait_for("one mini-batch", lambda: step(page) == held + 1)
    page.find("#epoch").click()
    wait_for("the rest of the epoch", lambda: page.text("#state") == "Paused" and step(page) > held + 1)
    after, rate = step(page), float(figure(page, "Rate"))
    page.find("#lower").click()
    wait_for("what a change of the rate means is said", lambda: page.find("#changed").is_displayed())
    press(page, "pause")
    wait_for("it goes on", lambda: page.text("#state") == "Training" and step(page) > after)
    wait_for("at half the rate", lambda: .4 < float(figure(page, "Rate")) / rate < .6)

    page.open(url, dark=True)
    wait_for("a page that comes later sees all of it", lambda: length(page) > before)
    page.check_page("training, dark")
    shoot(page, "dark", 1200)
    page.open(url, width=360)
    wait_for("on a phone", lambda: length(page) > before)
    page.check_page("training, 360 pixels")
    shoot(page, "narrow", 360)

    page.check_quiet("training", url)
    page.find("#stop").click()
    wait_for("it asks first", lambda: page.find("#sure").is_displayed())
    page.press(Keys.ESCAPE)
    wait_for("and can be told no", lambda: not page.find("#sure").is_displayed())
    check("the run goes on", process.poll() is None)
    page.find("#stop").click()
    page.find("#sure-yes").click()
    wait_for("it is stopped", lambda: page.text("#state") == "Training was stopped")
    check("nothing can be pressed any more", not page.find("#pause").is_enabled())
    check("the program has ended as by Ctrl-C", process.wait(timeout=60) == 130)
    check("which says what was changed", len(last_line()["rate_changes"]) == 1)
    page.check_page("stopped")


def main():
    libraries = json.loads(run(minnow, "info", "--json"))["build"]["libraries"]
    if not libraries["libmicrohttpd"]:
        print("skipped: this minnow was built without libmicrohttpd")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder, browser() as page:
        model = os.path.join(folder, "digits.safetensors")
        with training("--data", "digits", "--hidden", "64", "--epochs", "2000", "--validation", "200", "--save", model) as (process, url, last_line):
            check_run(page, url, process, last_line)
            check("the weights are saved", os.path.exists(model))
            # The page may have asked once more while the program ended.
            page.check_quiet("stopped", url, "ERR_CONNECTION_REFUSED")
        table = os.path.join(folder, "numbers.csv")
        with open(table, "w", encoding="ascii") as file:
            file.write("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i / 4 + 0.01}\n" for i in range(200)))
        with training("--data", table, "--label", "y", "--epochs", "1000000", "--validation", "0.2") as (process, url, _):
            page.open(url)
            wait_for("numbers have an RMSE", lambda: figure(page, "Validation RMSE") not in ("", "–"))
            check("and no pictures", not page.find("#tiles-panel").is_displayed())
            page.check_page("numbers")
            process.kill()
            process.wait()
            wait_for("a program that is gone is told", lambda: "does not answer any more" in page.text("#problem"))
            page.driver.get_log("browser")
            page.check_quiet("numbers", url)
    finish()


main()

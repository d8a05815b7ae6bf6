#!/usr/bin/env python3
"""The page of minnow serve in a browser: what is drawn is predicted, a picture file too, and a table's form.

serve.py MINNOW
"""
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager

from browser import ActionChains, Keys, browser, check, finish, run, wait_for

minnow = os.path.abspath(sys.argv[1])


@contextmanager
def serving(model):
    process = subprocess.Popen([minnow, "serve", "--model", model, "--port", "0", "--json", "--quiet"],
                               stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def draw(page, strokes):
    """Each stroke is a list of points of the board, which is 280 wide, from its centre."""
    board = page.find("#board")
    scale = board.size["width"] / 280
    for first, *rest in strokes:
        chain = ActionChains(page.driver, duration=20)
        chain.move_to_element_with_offset(board, int(first[0] * scale), int(first[1] * scale)).click_and_hold()
        last = first
        for point in rest:
            chain.move_by_offset(int((point[0] - last[0]) * scale), int((point[1] - last[1]) * scale))
            last = point
        chain.release().perform()


def shares(page):
    return [element.text for element in page.all("#bars .share")]


def check_drawing(page, url, folder):
    page.open(url)
    check("nothing is said before there is something", page.text("#answer") == "Nothing yet.")
    draw(page, [[(0, -90), (0, 90)]])
    wait_for("a stroke down is a 1", lambda: page.text("#answer").startswith("1"))
    before = shares(page)
    check("a share for each class", len(before) == 10)
    draw(page, [[(-70, -90), (0, -90)]])
    wait_for("another stroke changes the probabilities", lambda: shares(page) != before)
    check("the picture as the network gets it is drawn",
          page.script("const c = document.getElementById('seen'), d = c.getContext('2d').getImageData(0, 0, 28, 28).data;"
                      "let lit = 0; for (let i = 0; i < d.length; i += 4) lit += d[i] > 128; return lit;") > 20)
    check("each unit has a place", len(page.all("#layers .unit")) == 32 + 10)
    check("some are lit", page.script("return [...document.querySelectorAll('#layers .unit')]"
                                      ".some(unit => !/, 0\\)|rgba\\(0, 0, 0/.test(getComputedStyle(unit).backgroundColor))"))
    page.check_page("drawn, light")
    page.find("body").send_keys(Keys.ESCAPE)
    check("Escape clears the board", page.text("#answer") == "Nothing yet.")

    path = os.path.join(folder, "one.pgm")  # a file that no browser shows, and the server reads
    with open(path, "wb") as file:
        file.write(b"P5\n40 40\n255\n" + bytes(0 if 18 <= x < 23 and 5 <= y < 35 else 255 for y in range(40) for x in range(40)))
    page.find("#file").send_keys(path)
    wait_for("a picture file is predicted", lambda: page.text("#answer").startswith("1"))
    with open(path, "wb") as file:
        file.write(b"no picture")
    page.find("#file").send_keys(path)
    wait_for("what is wrong with a file is said", lambda: "the body" in page.text("#problem"))

    page.open(url, width=360, dark=True)
    draw(page, [[(0, -90), (0, 90)]])
    wait_for("a narrow page answers too", lambda: page.text("#answer").startswith("1"))
    page.check_page("drawn, dark and narrow")


def check_form(page, url):
    page.open(url)
    wait_for("a form begins with the usual values, and an answer", lambda: "%" in page.text("#answer"))
    length = page.find("#column-0")
    for text, flower in (("2", "tulip"), ("11", "lily")):
        length.clear()
        length.send_keys(text)
        wait_for(f"a length of {text} is a {flower}", lambda: page.text("#answer").startswith(flower))
    length.clear()
    length.send_keys("long")
    wait_for("what is no number is said", lambda: "long" in page.text("#problem"))
    page.check_page("form")


def main():
    libraries = json.loads(run(minnow, "info", "--json"))["build"]["libraries"]
    if not libraries["libmicrohttpd"]:
        print("skipped: this minnow was built without libmicrohttpd")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        digits, flowers = os.path.join(folder, "digits.safetensors"), os.path.join(folder, "flowers.safetensors")
        run(minnow, "train", "--data", "digits", "--hidden", "32", "--epochs", "2", "--save", digits)
        table = os.path.join(folder, "flowers.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write("length,colour,species\n")
            for i in range(300):
                lily = i % 3 == 0
                file.write(f"{i % 5 + (8 if lily else 0)},{'red' if i % 2 else 'blue'},{'lily' if lily else 'tulip'}\n")
        run(minnow, "train", "--data", table, "--epochs", "20", "--save", flowers)
        with browser() as page:
            with serving(digits) as url:
                check_drawing(page, url, folder)
                # Of a file that is no picture the browser and the server say so, each in its way.
                page.driver.get_log("browser")
                page.check_quiet("drawing", url)
            with serving(flowers) as url:
                check_form(page, url)
                page.driver.get_log("browser")
                page.check_quiet("form", url)
    finish()


main()

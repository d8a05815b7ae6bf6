#!/usr/bin/env python3
"""The page of minnow explain in a browser: its steps, its units, and its numbers, which are those of --json to the last bit.

explain.py MINNOW
"""
import json
import os
import struct
import sys
import tempfile

from browser import Keys, browser, check, finish, run, wait_for

minnow = os.path.abspath(sys.argv[1])


def bits(values):
    return list(struct.unpack(f"<{len(values)}I", struct.pack(f"<{len(values)}f", *values)))


def walk_by_keys(page, layers):
    steps = len(page.all("#chooser option"))
    check(f"a step for the sample, the loss and the end, and four for each layer: {steps}", steps == 3 + 4 * layers)
    titles = [page.text("#step-title")]
    check("it begins with the sample", titles[0].endswith("The sample"))
    for _ in range(steps + 1):
        page.press(Keys.ARROW_RIGHT)
        titles.append(page.text("#step-title"))
    check("the right arrow key walks on to the end", len(set(titles)) == steps and titles[-1].endswith("One step of gradient descent"))
    check("where there is no next step", not page.find("#forward").is_enabled())
    page.press(Keys.ARROW_LEFT)
    check("the left arrow key walks back", page.text("#step-title") == titles[steps - 2])
    page.find("#back").click()
    check("so does the button", page.text("#step-title") == titles[steps - 3])
    page.find("#forward").click()
    check("and there is one forward", page.text("#step-title") == titles[steps - 2])
    page.find("#chooser option[value='1']").click()
    check("a step is chosen", page.text("#step-title") == titles[1])
    page.script("document.activeElement.blur()")


def look_at_units(page, walk):
    """Pointed at, reached by keys, or tapped, a unit shows its formula with its numbers."""
    layer, last = walk["layers"][0], len(walk["layers"]) - 1
    unit = page.find("[data-layer='0'][data-unit='5']")
    page.point_at(unit)
    check("a unit that is pointed at shows", page.text("#unit-title") == "Unit 5 of layer 1")
    text = page.text("#unit-text").replace("−", "-")
    check("its weighted sum", f"= {float('%.4g' % layer['z'][5]):g}" in text)
    check("its formulas", all(part in text for part in ("z¹[5] = Σ w¹[5,k] a⁰[k] + b¹[5] =", "a¹[5] = relu(", "δ¹[5] = (Σ w²[k,5] δ²[k])", "∂C/∂w¹[5,")))
    check("a picture of its weights", page.script("const c = document.querySelector('#unit-figure canvas'); return [c.width, c.height]") == [28, 28])
    unit.click()
    page.press(Keys.ARROW_DOWN)
    check("the down arrow key moves to the next", page.text("#unit-title") == "Unit 6 of layer 1")
    page.press(Keys.ARROW_UP)
    check("the up arrow key back", page.text("#unit-title") == "Unit 5 of layer 1")
    page.press(Keys.ARROW_RIGHT)
    check("and the right one walks from a unit too", page.text("#step-title").startswith("3/"))
    page.find("#chooser option:last-child").click()
    page.find(f"[data-layer='{last}'][data-unit='3']").click()
    check("an output that is tapped shows", page.text("#unit-title").startswith("Output 3"))


def compare_numbers(page, walk):
    found = page.script("""
        const d = Minnow.data, list = text => Array.from(new Uint32Array(Minnow.floats(text).buffer));
        return { a0: list(d.a0), importance: list(d.importance), change: list(d.occlusion.change), after: list(d.outputsAfter), C: d.C,
                 layers: d.layers.map(l => ({ z: list(l.z), a: list(l.a), delta: list(l.delta), biases: list(l.biases), weights: list(l.weights) })) }""")
    for name, of in (("a0", "a0"), ("importance", "gradient_times_input")):
        check(f"{name} to the last bit", found[name] == bits(walk[of]))
    check("occlusion to the last bit", found["change"] == bits(walk["occlusion"]["change"]))
    check("the outputs after a step to the last bit", found["after"] == bits(walk["step"]["a"]))
    check("the loss to the last bit", bits([found["C"]]) == bits([walk["C"]]))
    for l, layer in enumerate(walk["layers"]):
        for name in ("z", "a", "delta", "biases"):
            check(f"{name} of layer {l + 1} to the last bit", found["layers"][l][name] == bits(layer[name]))
        check(f"weights of layer {l + 1} to the last bit", found["layers"][l]["weights"] == bits(sum(layer["weights"], [])))


def main():
    with tempfile.TemporaryDirectory() as folder, browser() as page:
        os.chdir(folder)
        run(minnow, "train", "--data", "digits", "--hidden", "12", "--epochs", "1", "--save", "net")
        run(minnow, "explain", "--model", "net", "digits", "--index", "7", "-o", "walk.html")
        walk = json.loads(run(minnow, "explain", "--model", "net", "digits", "--index", "7", "--json"))
        url = "file://" + os.path.join(folder, "walk.html")
        page.open(url)
        check("the title names the network", "net" in page.driver.title)
        compare_numbers(page, walk)
        walk_by_keys(page, len(walk["layers"]))
        check("lines are drawn", len(page.all("#lines path")) == 40)
        look_at_units(page, walk)
        page.check_page("light")
        page.find("#all summary").click()
        wait_for("every unit is in a table", lambda: len(page.all("#all tbody tr")) == 12)
        page.open(url, dark=True)
        page.check_page("dark")
        page.open(url, width=360)
        page.check_page("360 pixels")

        with open("flowers.csv", "w", encoding="ascii") as table:
            table.write("colour,length,kind\n" + "".join(f"{'red' if i % 2 else 'blue'},{i % 7 + 5 * (i % 2)},<b>{i % 2}</b>\n" for i in range(60)))
        run(minnow, "train", "--data", "flowers.csv", "--label", "kind", "--hidden", "6,4", "--epochs", "3", "--save", "table")
        run(minnow, "explain", "--model", "table", "flowers.csv", "--index", "3", "-o", "table.html")
        page.open("file://" + os.path.join(folder, "table.html"))
        check("a table's columns are named", "colour = red" in page.text("#network"))
        check("names that look like markup are text", "<b>1</b>" in page.text("#network"))
        page.check_page("table")
        page.check_quiet("explain", ("file://" + folder, "data:"))
    finish()


main()

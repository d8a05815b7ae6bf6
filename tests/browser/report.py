#!/usr/bin/env python3
"""The page of minnow report in a browser: its matrix opens its images, and hostile names are but text.

report.py MINNOW
"""
import os
import sys
import tempfile

from browser import Keys, browser, check, finish, run

minnow = os.path.abspath(sys.argv[1])


def figures_of(page):
    terms = page.script("return [...document.querySelectorAll('.figures div')].map(d => [d.querySelector('dt').textContent, d.querySelector('dd').textContent])")
    return dict(terms)


def open_cells(page):
    """Every cell of the matrix: its images, as many as it says, of that cell."""
    check("no images before one asks", not page.find("#images").is_displayed())
    cells = page.all(".matrix button")
    check("a button for each cell with samples", len(cells) > 10)
    wrong = [cell for cell in cells if " taken for " in cell.get_attribute("aria-label")]
    for cell in (wrong[0], cells[0]):
        label = cell.get_attribute("aria-label").split(":")[0]
        count = int(cell.text)
        page.script("arguments[0].focus()", cell)
        page.press(Keys.ENTER)
        check(f"{label}: opened by a key", page.find("#images").is_displayed())
        check(f"{label}: its title", page.text("#images-title").replace(",", "") == label)
        shown = page.all("#images-list li")
        check(f"{label}: {len(shown)} of {count} images", 0 < len(shown) <= count)
        check(f"{label}: as pictures", all("url(\"data:image/png;base64," in page.script("return getComputedStyle(arguments[0]).backgroundImage", item)
                                           for item in page.all("#images-list .sprite")) and len(page.all("#images-list .sprite")) == len(shown))
        page.press(Keys.ESCAPE)
        check(f"{label}: closed by Escape", not page.find("#images").is_displayed())
        check(f"{label}: which gives the focus back", page.script("return document.activeElement === arguments[0]", cell))


def pictures_differ(page):
    """The picture of each sample is another part of one PNG, which the browser can decode."""
    sizes = page.script("""
        const uri = getComputedStyle(document.querySelector('.tiles .sprite')).backgroundImage.slice(5, -2), image = new Image();
        image.src = uri;
        return image.decode().then(() => [image.naturalWidth, image.naturalHeight])""")
    check(f"a picture that is one: {sizes}", sizes[0] % 28 == 0 and sizes[1] % 28 == 0 and sizes[0] > 28)
    places = page.script("return [...document.querySelectorAll('.tiles:not(.small) .sprite')].map(s => s.style.backgroundPosition)")
    check("each another part of it", len(places) == len(set(places)) > 3)


def main(folder):
    net, evil = os.path.join(folder, "net"), os.path.join(folder, "<img src=x onerror=alert(1)>")
    log = run(minnow, "train", "--data", "digits", "--hidden", "16", "--epochs", "2", "--validation", "1000", "--json", "--save", net)
    with open(os.path.join(folder, "run.jsonl"), "w", encoding="utf-8") as file:
        file.write(log)
    hostile = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'&amp;", "\u202egnorw", *"abcdef"]
    run(minnow, "train", "--data", "digits", "--hidden", "8", "--epochs", "1", "--class-names", ",".join(hostile), "--save", evil)
    one, both = os.path.join(folder, "one.html"), os.path.join(folder, "both.html")
    run(minnow, "report", net, "--data", "digits", "--log", os.path.join(folder, "run.jsonl"), "-o", one)
    run(minnow, "report", net, evil, "--data", "digits", "-o", both)

    with browser() as page:
        for width, dark in (1200, False), (360, True):
            page.open("file://" + one, width, dark)
            page.check_page(f"{width} pixels, {'dark' if dark else 'light'}")
        page.open("file://" + one)
        check("its accuracy", figures_of(page)["Accuracy"].endswith(" %"))
        check("three curves", len(page.all("[aria-labelledby^=learning-curves] svg.chart")) == 3)
        check("with the chosen epoch", "saved: epoch 2" in page.script("return document.querySelector('svg.chart').textContent"))
        check("a link to each section", all(page.script("return document.getElementById(arguments[0])", link.get_attribute("href").split("#")[1]) is not None
                                            for link in page.all("#contents a")))
        open_cells(page)
        pictures_differ(page)
        page.open("file://" + both)
        page.check_page("two models")
        heads = page.script("return [...document.querySelectorAll('article:nth-child(2) .matrix tbody th')].map(th => th.textContent)")
        check(f"hostile names are text: {heads}", heads == hostile)
        check("and make no elements", not page.all("img, article script"))
        check("two columns side by side", page.script("const [a, b] = document.querySelectorAll('article'); return a.getBoundingClientRect().right <= b.getBoundingClientRect().left"))
        page.check_quiet("the report", ("file:", "data:", "blob:"))


with tempfile.TemporaryDirectory() as made:
    main(made)
finish()

#!/usr/bin/env python3
"""Makes a page of its own out of an .html file and what it links to, as a C source that holds it in two halves.

embed.py PAGE.html NAME OUTPUT.c

<link rel="stylesheet" href="FILE"> and <script src="FILE"></script> are replaced by the files' contents; FILE is looked for
beside the page and beside this program. The program writes its data where the page says <!-- data -->.
"""
import os
import re
import sys

page, name, output = sys.argv[1:]
folders = [os.path.dirname(os.path.abspath(page)), os.path.dirname(os.path.abspath(__file__))]
script_size, SCRIPT_MOST = 0, 60 * 1024


def content(file):
    for folder in folders:
        path = os.path.join(folder, file)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as opened:
                return opened.read()
    sys.exit(f"{page}: there is no {file} in {' or '.join(folders)}")


def style(match):
    text = content(match[1])
    if "</style" in text:
        sys.exit(f"{match[1]}: ends the element that holds it")
    return f"<style>\n{text}</style>"


def script(match):
    global script_size
    text = content(match[1])
    if "</script" in text or "<!--" in text:
        sys.exit(f"{match[1]}: ends the element that holds it")
    script_size += len(text.encode())
    return f"<script>\n{text}</script>"


text = content(os.path.basename(page))
text = re.sub(r'<link rel="stylesheet" href="([^"]+)">', style, text)
text = re.sub(r'<script src="([^"]+)"></script>', script, text)
halves = text.split("<!-- data -->")
if len(halves) != 2:
    sys.exit(f"{page}: expected one <!-- data -->, found {len(halves) - 1}")
if script_size > SCRIPT_MOST:
    sys.exit(f"{page}: {script_size} bytes of script, of at most {SCRIPT_MOST}")


def array(label, text):
    numbers = list(text.encode())
    lines = [",".join(map(str, numbers[i : i + 32])) for i in range(0, len(numbers), 32)]
    return f"static const unsigned char {label}[] = {{\n" + ",\n".join(lines) + "};\n"


with open(output, "w", encoding="ascii") as c:
    c.write(f"/* Made by embed.py from {os.path.basename(page)}. */\n#include \"cli/pages/pages.h\"\n\n")
    c.write(array("head", halves[0]) + array("tail", halves[1]))
    c.write(f"const struct page page_{name} = {{head, sizeof head, tail, sizeof tail}};\n")

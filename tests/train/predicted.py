"""src/train/README.md holds what tools/model/predict prints: each row of its tables of errors and speed-ups.

usage: predicted.py PREDICT README
"""
import subprocess
import sys


def main(predict, readme):
    with open(readme, encoding="utf-8") as file:
        page = file.read().split("\n")
    printed = subprocess.run([sys.executable, predict], capture_output=True, text=True, check=True).stdout
    tables = printed[:printed.index("Kilobytes")].split("\n")  # the exchange stands there as it is counted
    missing = [line for line in tables if line.startswith("| 784") and line not in page]
    for line in missing:
        print(f"{readme} lacks: {line}")
    summary = next(line for line in tables if "within 20 %" in line).split(" figures")[0]  # "56 of 58"
    if not any(summary in line for line in page):
        missing.append(summary)
        print(f"{readme} lacks: {summary}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""What threads fetch from each other in a step: counted in the plan that training makes, and as the model of
src/train/README.md has it.

usage: exchange.py COUNT_EXCHANGE PREDICT
"""
import json
import subprocess
import sys

NETWORKS = ("128,64", "512,256", "1000,500")
BATCH = 64
THREADS = (2, 16, 64)
PROPAGATE, UPDATE = 0.01, 0.06  # how far the counted bytes may be from the model's
# Where there are about as many grains of 16 rows as threads, shares are not equal.
COARSE = {("128,64", 64): 0.2}


def run(*command):
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(count, predict):
    wrong = 0
    for network in NETWORKS:
        for threads in THREADS:
            counted = run(count, network, str(BATCH), str(threads))
            expected = run(sys.executable, predict, "--exchange", f"{network}:{BATCH}:{threads}")
            limits = {"propagate": PROPAGATE, "update": COARSE.get((network, threads), UPDATE)}
            for phase, limit in limits.items():
                mean, model = counted[phase]["mean"], expected[phase]
                if abs(mean - model) > limit * model:
                    wrong += 1
                    print(f"{network}, batch {BATCH}, {threads} threads: {phase} fetches {mean:.0f} bytes, "
                          f"the model says {model:.0f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""A network switch in user space, for tools/ranks: hosts that are network namespaces, a delay and loss of packets.

tc's netem does the same in kernels that have it. Usage: ranks-switch.py MILLISECONDS PERCENT NAMESPACE…: each namespace gets
a device eth0, whose packets reach the others so many milliseconds later (and up to a third of that more), or are lost. Prints
"ready". On SIGUSR1 the last namespace's cable is cut.
"""

import fcntl
import heapq
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000


def port(namespace, number):
    """A TAP device in a namespace; what it sends is read from the descriptor that is returned."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"mnw{number}"
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", name, "netns", namespace, "name", "eth0"], check=True)
    subprocess.run(["ip", "-n", namespace, "address", "add", f"10.77.0.{number}/24", "dev", "eth0"], check=True)
    for device in "eth0", "lo":
        subprocess.run(["ip", "-n", namespace, "link", "set", device, "up"], check=True)
    return descriptor


def main():
    delay, loss = float(sys.argv[1]) / 1e3, float(sys.argv[2]) / 100
    ports = [port(name, number + 1) for number, name in enumerate(sys.argv[3:])]
    cut = []
    signal.signal(signal.SIGUSR1, lambda *_: cut.append(ports[-1]))
    print("ready", flush=True)
    known, waiting, count = {}, [], 0
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, source, frame = heapq.heappop(waiting)
            target = known.get(frame[:6])
            for out in [target] if target is not None else [p for p in ports if p != source]:
                if out in cut or source in cut:
                    continue
                try:
                    os.write(out, frame)
                except OSError:
                    pass  # its queue is full, or its link is not up yet: lost, as on any switch
        timeout = max(0.0, waiting[0][0] - now) if waiting else None
        for source in select.select(ports, [], [], timeout)[0]:
            try:
                frame = os.read(source, 65536)
            except OSError:
                continue
            known[frame[6:12]] = source
            if random.random() >= loss:
                count += 1
                due = time.monotonic() + delay * (1 + random.random() / 3)
                heapq.heappush(waiting, (due, count, source, frame))


main()

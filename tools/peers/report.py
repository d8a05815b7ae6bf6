"""What a comparison found, in Markdown."""
import os
import platform
import statistics

IDLE_SHARE = 0.05  # of the time measured, that contestants may be busy out of turn
OVER_THREADS = 1.15  # CPU seconds per second and thread; /proc counts in hundredths


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def number(value):
    """Three significant digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else \
           f"{value:.2f}" if value >= 1 else f"{value:.3f}" if value >= 0.1 else f"{value:.4f}"


class Result:
    """All rounds of one network and batch. The first contestant is minnow, to which the others are compared."""

    def __init__(self, job, running, own, peaks, settings):
        self.job, self.running, self.own = job, running, own
        self.peak = max(peaks)
        self.tolerance = settings.tolerance
        self.limit = job.dense_flops() * job.samples / (self.peak * 1e9)

    def seconds(self, one):
        return statistics.median(one.seconds)

    def ratio(self, one):
        """Median over the rounds: what slows a whole round cancels out."""
        return statistics.median(theirs / ours for theirs, ours in zip(one.seconds, self.running[0].seconds))

    def cores(self, one):
        return sum(one.cpu) / sum(one.seconds)

    def complaints(self, serious=False):
        """What makes the comparison doubtful; the serious ones fail it."""
        found, best = [], max(one.accuracy for one in self.running)
        for one in self.running:
            name = f"{self.job.name}, batch {self.job.batch}: {one.kind.name}"
            if not one.agrees and not one.info.get("differs"):
                found.append(f"{name} computes something else: after the same steps an output differs by "
                             f"{one.difference:.2g}")
            if best - one.accuracy > self.tolerance:
                found.append(f"{name} learns less: {one.accuracy:.2%}, where the best has {best:.2%}")
            if not serious:
                if sum(one.cpu) > 0.5 and self.cores(one) > OVER_THREADS * self.job.threads:
                    found.append(f"{name} used {self.cores(one):.2f} cores")
                measured = sum(sum(other.seconds) for other in self.running if other is not one)
                if one.idle_cpu > IDLE_SHARE * measured + 0.1:
                    found.append(f"{name} was busy for {one.idle_cpu:.2f} s of the others' {measured:.2f} s")
        return found

    def as_json(self):
        return {"network": self.job.name, "batch": self.job.batch, "threads": self.job.threads,
                "optimizer": self.job.optimizer, "dropout": self.job.dropout, "learning_rate": self.job.rate, "peak_gflops": self.peak, "dense_limit_seconds": self.limit,
                "minnow_train_seconds": self.own,
                "contestants": [{"name": one.kind.name, "version": one.info.get("version"),
                                 "settings": one.info.get("settings"), "tried": one.info.get("tried"),
                                 "failed": one.info.get("failed"), "seconds": one.seconds,
                                 "ratio": self.ratio(one), "cpu_seconds": one.cpu, "accuracy": one.accuracy,
                                 "difference_after_steps": one.difference, "idle_cpu_seconds": one.idle_cpu}
                                for one in self.running]}


def summary(results):
    """One line a network, one column a contestant."""
    names = []
    for result in results:
        names += [one.kind.name for one in result.running if one.kind.name not in names]
    yield "| network | batch | " + " | ".join(names) + " | dense FLOPs ÷ peak |"
    yield "|---|---|" + "---|" * (len(names) + 1)
    for result in results:
        cells = []
        for name in names:
            one = next((one for one in result.running if one.kind.name == name), None)
            if one is None:
                cells.append("–")
            elif one is result.running[0]:
                cells.append(f"**{number(result.seconds(one))}**")
            else:
                cells.append(f"{number(result.seconds(one))} ({number(result.ratio(one))}×)")
        yield f"| {result.job.name} | {result.job.batch} | {' | '.join(cells)} | {number(result.limit)} |"


def details(results):
    for result in results:
        job = result.job
        yield f"**{job.name}, batch {job.batch}**, " + (
            "softmax and relu" if job.loss == "softmax" else "sigmoids and quadratic loss, in file order") + (
            f"{', AdamW' if job.optimizer == 'adamw' else ''}{f', dropout {job.dropout:g}' if job.dropout else ''}, learning rate {job.rate:g}; {number(result.peak)} GFLOPS peak; "
            f"`minnow train` in a process of its own: {number(statistics.median(result.own))} s")
        yield ""
        yield "| | seconds, median (least–most) | ÷ minnow | CPU seconds | of peak | mean test accuracy | as |"
        yield "|---|---|---|---|---|---|---|"
        for one in result.running:
            median = result.seconds(one)
            yield (f"| {one.kind.name} | {number(median)} ({number(min(one.seconds))}–{number(max(one.seconds))}) "
                   f"| {number(result.ratio(one))} | {number(statistics.mean(one.cpu))} "
                   f"| {result.limit / median:.0%} | {one.accuracy:.2%} | {one.info.get('settings', '')} |")
        yield ""
        for one in result.running:
            others = {way: seconds for way, seconds in one.info.get("tried", {}).items()
                      if way != one.info["chosen"]}
            if others:
                yield (f"- {one.kind.name} was fastest as {one.info['chosen']}; in the trial " +
                       ", ".join(f"{way} took {seconds / one.info['tried'][one.info['chosen']]:.2f}×"
                                 for way, seconds in others.items()))
            for way, reason in one.info.get("failed", {}).items():
                yield f"- {one.kind.name} could not be run as {way}: {reason}"
            if one.info.get("differs"):
                yield (f"- {one.kind.name}'s outputs differ by {one.difference:.2g} after the same steps: "
                       f"{one.info['differs']}")
        yield ""


def markdown(results, settings, train, test):
    versions = []
    for result in results:
        for one in result.running:
            text = f"{one.kind.name} {one.info['version']}"
            if one.kind.sparse == "auto" and text not in versions:
                versions.append(text)
    threads = f"{settings.threads} thread{'s' if settings.threads > 1 else ''}"
    lines = [f"Seconds per epoch over {train:,} images, {threads} on {processor()} ({os.cpu_count()} cores); in "
             f"brackets, how many times minnow's. Medians of {settings.rounds} interleaved rounds.", ""]
    lines += [*summary(results), "", f"{', '.join(versions)}; Python {platform.python_version()} started them.", ""]
    if settings.load > 1:
        lines += [f"The machine was not idle when this began (load {settings.load:.1f}): not to be relied on.", ""]
    complaints = [text for result in results for text in result.complaints()]
    if complaints:
        lines += ["**Doubtful:**", ""] + [f"- {text}" for text in complaints] + [""]
    else:
        exempt = sorted({one.kind.name for result in results for one in result.running if not one.agrees})
        but = f" but {', '.join(exempt)}" if exempt else ""
        same = "" if settings.dropout else f"All{but} gave the same outputs after the same first steps, and all "
        lines += [f"{same or 'All '}learnt equally well: over the "
                  f"{settings.rounds} rounds their mean accuracy on {test:,} test images lies within "
                  f"{settings.tolerance * 100:g} percentage points of the best.", ""]
    lines += ["<details><summary>Each network, and the settings</summary>", "", *details(results), "</details>"]
    return "\n".join(lines) + "\n"

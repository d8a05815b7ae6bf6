#!/usr/bin/env python3
"""Trains one small network with PyTorch in double precision, in every way that minnow can: writes torch_reference.h, which
test_torch.c compares with.

    pip install torch
    python3 tests/train/make_torch_reference.py > tests/train/torch_reference.h

Starting weights, inputs and answers come from the generator of make_reference.py, which both sides implement.
"""
import math
import textwrap

import torch

LAYERS, SAMPLES, BATCH, STEPS = [10, 8, 6, 4], 160, 16, 200
EPOCH = SAMPLES // BATCH
torch.set_default_dtype(torch.float64)

# name: what differs from plain gradient descent on softmax at a constant rate of 0.1.
RUNS = {
    "sgd": {},
    "sgd, l2": {"l2": 0.01},
    "sgd, weight decay": {"weight_decay": 0.05},
    "sgd, clipped": {"clip_norm": 0.2},
    "sgd, max norm": {"max_norm": 0.9},
    "sgd, average": {"ema": 0.98},
    "momentum": {"optimizer": "MOMENTUM", "rate": 0.02, "momentum": 0.9, "l2": 0.01},
    "nesterov": {"optimizer": "NESTEROV", "rate": 0.02, "momentum": 0.8, "weight_decay": 0.1},
    "rmsprop": {"optimizer": "RMSPROP", "rate": 0.002, "beta2": 0.95, "epsilon": 1e-6, "l2": 0.01},
    "adam": {"optimizer": "ADAM", "rate": 0.005, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adam, l2, clipped": {"optimizer": "ADAM", "rate": 0.005, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-3, "l2": 0.02,
                          "clip_norm": 0.3},
    "adamw": {"optimizer": "ADAMW", "rate": 0.005, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.5},
    "adamw, max norm, average": {"optimizer": "ADAMW", "rate": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8,
                                 "weight_decay": 0.1, "max_norm": 0.8, "ema": 0.9},
    "linear": {"schedule": "LINEAR"},
    "cosine": {"schedule": "COSINE"},
    "cosine, warm-up": {"schedule": "COSINE", "warmup": 1.5, "optimizer": "MOMENTUM", "rate": 0.05, "momentum": 0.9},
    "step": {"schedule": "STEP"},
    "exponential": {"schedule": "EXPONENTIAL"},
    "plateau": {"schedule": "PLATEAU", "noise": 0.3}, # by half, when more than one epoch has been no better
    "one cycle": {"schedule": "ONE_CYCLE", "rate": 0.3},
    "softmax, smoothed": {"label_smoothing": 0.1},
    "softmax of shares, smoothed": {"label_smoothing": 0.2, "targets": "shares"},
    "logistic of classes, smoothed": {"loss": "LOGISTIC", "targets": "classes", "label_smoothing": 0.1},
    "dropout": {"input_dropout": 0.2, "dropout": 0.5},
    "noise": {"noise": 0.3},
    "mixup": {"mixup": 0.4},
    "regularised": {"label_smoothing": 0.1, "input_dropout": 0.1, "dropout": 0.3, "noise": 0.1, "mixup": 1.5, "rate": 0.05},
    "class weights": {"class_weights": 1},
    "class weights, smoothed": {"class_weights": 1, "label_smoothing": 0.2},
    "class weights, mixup": {"class_weights": 1, "mixup": 0.4, "rate": 0.05},
    "sample weights": {"weights": 1, "optimizer": "ADAM", "rate": 0.005, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "sample and class weights": {"weights": 1, "class_weights": 1, "l2": 0.01, "dropout": 0.3},
    "sample weights, logistic": {"weights": 1, "loss": "LOGISTIC", "targets": "classes"},
    "sample weights, mse": {"weights": 1, "loss": "SQUARED", "targets": "numbers"},
    "softmax of shares": {"targets": "shares"},
    "logistic of classes": {"loss": "LOGISTIC", "targets": "classes"},
    "mse": {"loss": "SQUARED", "targets": "numbers"},
    "mae": {"loss": "ABSOLUTE", "targets": "numbers", "rate": 0.01},
    "huber": {"loss": "HUBER", "targets": "numbers"},
}
DEFAULTS = {"optimizer": "SGD", "rate": 0.1, "momentum": 0.0, "beta1": 0.0, "beta2": 0.0, "epsilon": 0.0,
            "weight_decay": 0.0, "l2": 0.0, "max_norm": 0.0, "clip_norm": 0.0, "ema": 0.0, "label_smoothing": 0.0,
            "input_dropout": 0.0, "dropout": 0.0, "noise": 0.0, "mixup": 0.0, "weights": 0, "class_weights": 0, "schedule": "CONSTANT",
            "warmup": 0.0, "loss": "SOFTMAX", "targets": None}


# Of the samples, some of which weigh nothing, and of the classes; exact in float.
WEIGHTS = torch.tensor([(7 * i % 9) / 4 for i in range(SAMPLES)])
CLASS_WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 3.5])


class Generator:
    """x <- 1664525 x + 1013904223 mod 2^32; its upper 24 bits as a multiple of 2^-24, exact in float."""

    def __init__(self, seed):
        self.state = seed

    def unit(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return (self.state >> 8) / 2**24

    def tensor(self, *shape, shift=0.0):
        count = torch.Size(shape).numel()
        return torch.tensor([self.unit() - shift for _ in range(count)]).reshape(shape)


SEED, MASK = 1, 2**32 - 1
NOISE, MIXUP, DROPOUT = 18, 19, 64


def philox(purpose, a, b, c):
    """random_draw of src/base/random.c."""
    key, x = [SEED & MASK, SEED >> 32], [c, b, a, purpose]
    for _ in range(10):
        low, high = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [high >> 32 ^ x[1] ^ key[0], high & MASK, low >> 32 ^ x[3] ^ key[1], low & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return x


def draws(purpose, epoch, samples, n):
    """The upper 24 bits of what the kernels draw for up to 16 elements of each sample: the first word of a block each."""
    assert n <= 16
    return torch.tensor([[philox(purpose, epoch, sample, j)[0] >> 8 for j in range(n)] for sample in samples]).double()


def drop(share, layer, epoch, samples, x):
    kept = draws(DROPOUT + layer, epoch, samples, x.shape[1]) / 2**24 >= share
    return x * kept / (1 - share)


def noise(sigma, epoch, samples, x):
    unit = (draws(NOISE, epoch, samples, x.shape[1]) - 8388607.5) / 2**23
    return x + sigma * math.sqrt(2) * torch.erfinv(unit)


def beta(alpha, epoch, position):
    """The share of the samples themselves, and how far away their partners are: src/train/perturb.c."""
    block = iter(philox(MIXUP, epoch, position, c) for c in range(10**6))

    def log_gamma():
        d = (alpha + 1 if alpha < 1 else alpha) - 1 / 3
        for word in block:
            x = math.sqrt(-2 * math.log(1 - word[0] / 2**32)) * math.cos(2 * math.pi * word[1] / 2**32)
            root = 1 + x / math.sqrt(9 * d)
            if root > 0 and math.log(1 - word[2] / 2**32) < x * x / 2 + d - d * root**3 + 3 * d * math.log(root):
                boost = math.log(1 - word[3] / 2**32) / alpha if alpha < 1 else 0
                return math.log(d) + 3 * math.log(root) + boost

    shift = 1 + (next(block)[0] * (BATCH - 1) >> 32)
    x, y = log_gamma(), log_gamma()
    return 1 / (1 + math.exp(y - x)), shift


def load(run, step, inputs, answers):
    """The samples of a mini-batch and their answers, as they are trained on."""
    at, epoch = step * BATCH % SAMPLES, step * BATCH // SAMPLES
    samples = range(at, at + BATCH)
    x, y = inputs[at:at + BATCH], answers[at:at + BATCH]
    if run["mixup"]:
        share, shift = beta(run["mixup"], epoch, at)
        y = torch.nn.functional.one_hot(y, LAYERS[-1]).double()
        x, y = (share * t + (1 - share) * t.roll(-shift, 0) for t in (x, y))
    if run["noise"]:
        x = noise(run["noise"], epoch, samples, x)
    if run["input_dropout"]:
        x = drop(run["input_dropout"], 0, epoch, samples, x)
    return x, y, epoch, samples


def optimizer_of(run, weights, biases):
    """L2 is of weights alone, as is the decay, which `train` applies itself where PyTorch's optimiser has none."""
    groups = [{"params": weights, "weight_decay": run["l2"]}, {"params": biases, "weight_decay": 0.0}]
    rate, name = run["rate"], run["optimizer"]
    if name == "RMSPROP":
        return torch.optim.RMSprop(groups, lr=rate, alpha=run["beta2"], eps=run["epsilon"])
    if name == "ADAM":
        return torch.optim.Adam(groups, lr=rate, betas=(run["beta1"], run["beta2"]), eps=run["epsilon"])
    if name == "ADAMW":
        groups[0]["weight_decay"] = run["weight_decay"]
        return torch.optim.AdamW(groups, lr=rate, betas=(run["beta1"], run["beta2"]), eps=run["epsilon"])
    return torch.optim.SGD(groups, lr=rate, momentum=run["momentum"], nesterov=name == "NESTEROV")


def one_cycle(part):
    """OneCycleLR's shape; its own turn and end lie a step earlier."""
    start, end = 1 / 25, 1 / 250000
    if part < 0.3:
        return 1 + (start - 1) * (1 + math.cos(math.pi * part / 0.3)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (part - 0.3) / 0.7)) / 2


def schedule_of(run, optimizer):
    """As PyTorch has it; a warm-up in front of it rises linearly, and reaches the full rate with its last step."""
    warmup = round(run["warmup"] * EPOCH)
    rest = STEPS - warmup
    schedule = {
        "CONSTANT": lambda: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0),
        "LINEAR": lambda: torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=rest),
        "COSINE": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, rest),
        "STEP": lambda: torch.optim.lr_scheduler.MultiStepLR(optimizer, [rest // 2, rest * 3 // 4], gamma=0.1),
        "EXPONENTIAL": lambda: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / rest)),
        "ONE_CYCLE": lambda: torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: one_cycle(step / rest)),
        "PLATEAU": lambda: torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1),
    }[run["schedule"]]()
    if warmup == 0:
        return schedule
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0 / warmup, 1.0, total_iters=warmup - 1)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, schedule], [warmup])


def weighted_loss_of(run, logits, answers, labels, own):
    """Over the sum of the weights, as CrossEntropyLoss(weight) has it, which takes those of classes alone; of answers that
    are shares PyTorch divides by their number instead."""
    weight = CLASS_WEIGHTS if run["class_weights"] else None
    if run["class_weights"] and not run["weights"] and not run["mixup"]:
        return torch.nn.functional.cross_entropy(logits, answers, weight=weight, label_smoothing=run["label_smoothing"])
    if run["loss"] == "SOFTMAX":
        losses = torch.nn.functional.cross_entropy(logits, answers, weight=weight, label_smoothing=run["label_smoothing"],
                                                   reduction="none")
    elif run["loss"] == "LOGISTIC":
        losses = torch.nn.functional.binary_cross_entropy_with_logits(logits, answers, reduction="none").sum(1)
    else:
        losses = torch.nn.functional.mse_loss(logits, answers, reduction="none").mean(1)
    return (own * losses).sum() / (own if weight is None else own * weight[labels]).sum()


def loss_of(run, logits, answers, labels, own):
    if run["weights"] or run["class_weights"]:
        return weighted_loss_of(run, logits, answers, labels, own)
    if run["loss"] == "SOFTMAX":
        return torch.nn.functional.cross_entropy(logits, answers, label_smoothing=run["label_smoothing"])
    if run["loss"] == "LOGISTIC":
        answers = (1 - run["label_smoothing"]) * answers + run["label_smoothing"] / 2
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, answers, reduction="sum") / len(logits)
    return {"SQUARED": torch.nn.functional.mse_loss,
            "ABSOLUTE": torch.nn.functional.l1_loss, "HUBER": torch.nn.functional.huber_loss}[run["loss"]](logits, answers)


def answers_of(run, generator):
    """Labels are drawn first, whether or not targets take their place."""
    labels = torch.tensor([int(generator.unit() * LAYERS[-1]) for _ in range(SAMPLES)])
    if run["targets"] is None:
        return labels
    targets = generator.tensor(SAMPLES, LAYERS[-1])
    if run["targets"] == "classes":
        return (targets > 0.5).double()
    if run["targets"] == "shares": # in float, as both sides take them
        return (targets.float() / 2).double()
    return targets * 4 - 2


def train(run):
    generator = Generator(12345)
    weights = [generator.tensor(i, o, shift=0.5).requires_grad_() for i, o in zip(LAYERS, LAYERS[1:])]
    biases = [generator.tensor(o, shift=0.5).requires_grad_() for o in LAYERS[1:]]
    inputs = generator.tensor(SAMPLES, LAYERS[0])
    answers = answers_of(run, generator)
    optimizer = optimizer_of(run, weights, biases)
    schedule = schedule_of(run, optimizer)
    average = [torch.zeros_like(p) for p in weights + biases]
    losses = []
    for step in range(STEPS):
        y, wanted, epoch, samples = load(run, step, inputs, answers)
        for layer, (w, b) in enumerate(zip(weights, biases)):
            y = y @ w + b
            y = torch.tanh(y) if layer + 1 < len(weights) else y
            if run["dropout"] and layer + 1 < len(weights):
                y = drop(run["dropout"], layer + 1, epoch, samples, y)
        optimizer.zero_grad()
        at = step * BATCH % SAMPLES
        own = WEIGHTS[at:at + BATCH] if run["weights"] else torch.ones(BATCH)
        loss = loss_of(run, y, wanted, answers[at:at + BATCH], own)
        loss.backward()
        losses.append(loss.item())
        if run["clip_norm"]:
            torch.nn.utils.clip_grad_norm_(weights + biases, run["clip_norm"])
        with torch.no_grad():
            if run["weight_decay"] and run["optimizer"] != "ADAMW":
                for w in weights:
                    w *= 1 - optimizer.param_groups[0]["lr"] * run["weight_decay"]
        optimizer.step()
        if run["schedule"] != "PLATEAU":
            schedule.step()
        elif len(losses) % EPOCH == 0:
            schedule.step(sum(losses[-EPOCH:]) / EPOCH)
        with torch.no_grad():
            if run["max_norm"]:
                for w in weights:
                    w *= (run["max_norm"] / w.norm(dim=0)).clamp(max=1.0)
            for mean, p in zip(average, weights + biases):
                mean += max(1 - run["ema"], 1 / (step + 1)) * (p - mean)
    if run["ema"]:
        weights, biases = average[:len(weights)], average[len(weights):]
    return [value for w, b in zip(weights, biases) for value in (*w.flatten().tolist(), *b.tolist())]


def literal(value):
    """Six digits: the test allows a relative difference of 1e-4."""
    text = "%.6g" % value
    return text if "." in text or "e" in text else text + ".0"


def main():
    count = sum((i + 1) * o for i, o in zip(LAYERS, LAYERS[1:]))
    print("/* clang-format off */")
    print("/* Made by make_torch_reference.py with PyTorch %s: parameters after training in double precision, layer by"
          % torch.__version__.split("+")[0])
    print("   layer, weights before biases. Do not edit. */")
    print("enum { SAMPLES = %d, BATCH = %d, STEPS = %d };" % (SAMPLES, BATCH, STEPS))
    print("enum targets { TARGETS_NONE, TARGETS_SHARES, TARGETS_CLASSES, TARGETS_NUMBERS };")
    print("static const size_t layer_sizes[] = {%s};" % ", ".join(map(str, LAYERS)))
    print("static const struct torch_run {\n    const char *name;\n    minnow_loss loss;\n    enum targets targets;")
    print("    minnow_optimizer optimizer;\n    minnow_schedule schedule;")
    print("    double warmup, rate, momentum, beta1, beta2, epsilon, weight_decay, l2, max_norm, clip_norm, ema,\n        label_smoothing, input_dropout, dropout, noise, mixup;\n    int weights, class_weights;")
    print("    double parameters[%d];\n} torch_runs[] = {" % count)
    for name, differences in RUNS.items():
        run = {**DEFAULTS, **differences}
        numbers = [".%s = %r" % (key, run[key]) for key in
                   ("warmup", "rate", "momentum", "beta1", "beta2", "epsilon", "weight_decay", "l2", "max_norm", "clip_norm",
                    "ema", "label_smoothing", "input_dropout", "dropout", "noise", "mixup", "weights", "class_weights") if run[key] != 0]
        print('    {.name = "%s",\n     .loss = MINNOW_LOSS_%s,\n     .targets = TARGETS_%s,' %
              (name, run["loss"], (run["targets"] or "none").upper()))
        print("     .optimizer = MINNOW_OPTIMIZER_%s,\n     .schedule = MINNOW_SCHEDULE_%s," %
              (run["optimizer"], run["schedule"]))
        print(textwrap.fill(", ".join(numbers) + ",", 118, initial_indent="     ", subsequent_indent="     "))
        values = ", ".join(map(literal, train(run)))
        print("     .parameters = {\n" + textwrap.fill(values, 118, initial_indent="      ", subsequent_indent="      ") + "}},")
    print("};")


main()

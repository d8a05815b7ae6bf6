"""PyTorch: eager and compiled, the data one tensor, mini-batches gathered by index."""
import torch
import worker
from job import DECAY


class Peer:
    VERSION = torch.__version__

    def __init__(self, job):
        self.job = job
        if job.quadratic:
            raise NotImplementedError("the comparison trains softmax networks with PyTorch")
        torch.set_num_interop_threads(1)
        self.images = torch.from_numpy(job.train_images)
        self.labels = torch.from_numpy(job.train_labels.astype("int64"))
        layers = []
        for inputs, outputs in zip(job.sizes, job.sizes[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
            if job.dropout:
                layers.append(torch.nn.Dropout(job.dropout))
        self.model = torch.nn.Sequential(*layers[:-2 if job.dropout else -1])
        self.layers = [layer for layer in self.model if isinstance(layer, torch.nn.Linear)]
        self.loss = self.eager_loss
        self.variants = ["eager"]
        if hasattr(torch, "compile"):
            self.compiled_loss = torch.compile(self.eager_loss, dynamic=False)
            self.variants.append("torch.compile")
        if job.threads > 1:
            self.variants += [f"{variant}, 1 thread" for variant in self.variants]
        # The fused optimiser reached CPUs in PyTorch 2.4; before, one operation for all parameters.
        try:
            self.make_optimizer(fused=True)
            self.optimizer_name = "fused " + self.optimizer_name
        except (TypeError, RuntimeError, ValueError):
            self.make_optimizer(foreach=True)
            self.optimizer_name = "foreach " + self.optimizer_name

    def make_optimizer(self, **way):
        self.optimizer_name = "AdamW" if self.job.adamw else "SGD"
        if not self.job.adamw:
            self.optimizer = torch.optim.SGD(self.model.parameters(), self.job.rate, **way)
            return
        groups = [{"params": [layer.weight for layer in self.layers], "weight_decay": DECAY},
                  {"params": [layer.bias for layer in self.layers], "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, self.job.rate, **way)

    def eager_loss(self, samples):
        images, labels = self.images.index_select(0, samples), self.labels.index_select(0, samples)
        return torch.nn.functional.cross_entropy(self.model(images), labels)

    def select(self, variant):
        self.variant = variant
        self.loss = self.compiled_loss if "compile" in variant else self.eager_loss
        torch.set_num_threads(1 if variant.endswith("1 thread") else self.job.threads)

    def settings(self):
        blas = torch.__config__.show()
        blas = "MKL" if "Math Kernel Library" in blas else "the system's BLAS"
        return (f"{self.variant}, {self.optimizer_name}; {blas}, "
                f"{worker.threads(torch.get_num_threads())}, 1 between operations")

    def reset(self):
        with torch.no_grad():
            for layer, (weights, biases) in zip(self.layers, self.job.start):
                layer.weight.copy_(torch.from_numpy(weights).t())
                layer.bias.copy_(torch.from_numpy(biases))
        self.optimizer.state.clear()

    def run(self, count, shuffle):
        order = torch.randperm(count) if shuffle else torch.arange(count)
        for samples in order.split(self.job.batch):
            loss = self.loss(samples)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()

    def outputs(self):
        with torch.no_grad():
            self.model.eval()  # without dropout
            outputs = torch.softmax(self.model(torch.from_numpy(self.job.test_images)), 1).numpy()
            self.model.train()
            return outputs

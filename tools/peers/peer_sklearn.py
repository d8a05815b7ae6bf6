"""scikit-learn's MLPClassifier, one partial_fit an epoch."""
import numpy
import sklearn
import worker
from sklearn.neural_network import MLPClassifier


class Peer:
    VERSION = sklearn.__version__

    def __init__(self, job):
        self.job = job
        if job.quadratic:
            raise NotImplementedError("scikit-learn's classifier has no quadratic loss")
        self.variants = ["partial_fit"]
        if worker.threadpoolctl and job.threads > 1:
            self.variants.append("partial_fit, 1 thread")
        if job.adamw:
            self.differs = "its Adam has no decoupled decay"
        self.classifier = MLPClassifier(
            hidden_layer_sizes=job.sizes[1:-1], activation="relu", solver="adam" if job.adamw else "sgd", alpha=0, batch_size=job.batch,
            learning_rate="constant", learning_rate_init=job.rate, momentum=0, nesterovs_momentum=False,
            random_state=1)
        first = slice(0, job.batch)  # the first call allocates the parameters
        self.classifier.partial_fit(job.train_images[first], job.train_labels[first],
                                    classes=numpy.arange(job.sizes[-1]))

    def select(self, variant):
        self.variant = variant
        worker.limit_blas_threads(1 if variant.endswith("1 thread") else self.job.threads)

    def settings(self):
        return f"{self.variant}; {worker.blas('numpy')}"

    def reset(self):
        vars(self.classifier).pop("_optimizer", None)  # with its moments; the next call makes a new one
        for weights, biases, (first_weights, first_biases) in zip(
                self.classifier.coefs_, self.classifier.intercepts_, self.job.start):
            weights[...] = first_weights
            biases[...] = first_biases

    def run(self, count, shuffle):
        self.classifier.shuffle = shuffle
        self.classifier.partial_fit(self.job.train_images[:count], self.job.train_labels[:count])

    def outputs(self):
        return self.classifier.predict_proba(self.job.test_images)

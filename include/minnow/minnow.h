/*
 * minnow: multilayer perceptrons on CPUs, fast, and the same bits everywhere.
 *
 * Conventions
 *  - Functions that can fail return a minnow_status; 0 is success. After a failure minnow_last_error() describes
 *    it in one line, and every out-parameter that would have held a new object is NULL.
 *  - Handles are opaque. Whoever receives one from a function of this header owns it and releases it with the
 *    matching _free, which accepts NULL.
 *  - Structs that a program shares with the library begin with struct_size and are sized by the program: it
 *    declares one, and calls minnow_NAME_init(&x, sizeof x), which fills in defaults. The library reads and
 *    writes no more than those bytes, so that a program built against an older header, whose structs are
 *    shorter, keeps working with a newer library. A struct longer than the library's is accepted as long as
 *    the members that this library does not know are 0. A configuration that is NULL or was never initialised
 *    is refused (ARGUMENT); an evaluation or progress that is NULL, or was never initialised, is not written.
 *  - Enumerators have fixed values; new ones, and new members of structs, are added behind the others.
 *  - Other pointers must not be NULL unless the function's comment allows it.
 *  - Shapes are written [rows][columns], row-major. Labels and layers count from 0.
 *  - The library never prints, never exits and never reads the environment, except OMP_* through OpenMP.
 *  - Different handles may be used from different threads at the same time. One network may be read (predict,
 *    evaluate, save, inspect) from many threads at once, but not while it is changed, or a trainer of it
 *    is created, advances or saves.
 *  - Where a number of threads is asked for, 0 is OpenMP's choice: OMP_NUM_THREADS, or else one per processor, but
 *    then no more than the quota of processor time that Linux control groups grant the process, rounded up (the
 *    library looks for it below /proc and /sys/fs/cgroup).
 *  - After fork() a child may go on with everything that its parent had. If the thread that called fork() had
 *    worked with several threads before, its calls in the child use one, because GNU's OpenMP does not survive
 *    fork(); the results are the same.
 *
 * Results do not depend on the instruction set, the number of threads or the architecture: the same calls
 * give the same parameters to the last bit.
 */
#ifndef MINNOW_MINNOW_H
#define MINNOW_MINNOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MINNOW_API __attribute__((visibility("default")))
#else
#define MINNOW_API
#endif

/* ---- Status ---- */

typedef enum minnow_status {
    MINNOW_OK = 0,
    MINNOW_ERROR_ARGUMENT = 1,    /* a value outside what the function's comment allows */
    MINNOW_ERROR_MEMORY = 2,      /* an allocation failed, or its size cannot be represented */
    MINNOW_ERROR_INPUT = 3,       /* an input file is missing, unreadable or malformed */
    MINNOW_ERROR_OUTPUT = 4,      /* an output file cannot be written; what stood there before is untouched */
    MINNOW_ERROR_UNSUPPORTED = 5, /* an instruction set that is unknown, not built in, or not on this CPU */
    MINNOW_ERROR_DIVERGED = 6,    /* training reached a loss that is not finite */
} minnow_status;

/* The calling thread's last failure in one line: which file, where in it, what was expected, what was found,
   what to do. Never NULL; "" before the first failure. Valid until the thread's next call into the library. */
MINNOW_API const char *minnow_last_error(void);

/* "MAJOR.MINOR.PATCH" of the library that is running. */
MINNOW_API const char *minnow_version(void);

/* ---- Datasets: samples of a fixed number of features, each with a label ---- */

typedef struct minnow_dataset minnow_dataset;

typedef enum minnow_subset {
    MINNOW_SUBSET_TRAIN = 0,
    MINNOW_SUBSET_TEST = 1,
} minnow_subset;

/* Reads one subset from a folder: the MNIST-named IDX files (train-images-idx3-ubyte, …), gzip-compressed
   (.gz) or not, or the original program's CSV files (train_images.csv, …). Features are byte / 256, or the
   CSV's numbers. classes: every label must be below it; 1 to 65536.
   Errors: INPUT (no such files, or not what they claim to be), MEMORY, ARGUMENT. */
MINNOW_API minnow_status minnow_dataset_open(const char *folder, minnow_subset subset, size_t classes,
                                             minnow_dataset **out);

/* Draws `count` handwriting-like digits of 28×28 pixels, classes 0 to 9. The same seed gives the same images
   on every machine; the two subsets of a seed share no random draw. Errors: ARGUMENT (count 0), MEMORY. */
MINNOW_API minnow_status minnow_dataset_digits(minnow_subset subset, size_t count, uint64_t seed,
                                               minnow_dataset **out);

/* Copies samples from memory. pixels: [count][features], a feature's value is pixel × scale. labels: [count],
   each below classes. Errors: ARGUMENT, MEMORY. */
MINNOW_API minnow_status minnow_dataset_from_bytes(const uint8_t *pixels, const uint32_t *labels,
                                                   size_t count, size_t features, size_t classes, float scale,
                                                   minnow_dataset **out);

/* The same for features that are floats already: values [count][features], all finite. */
MINNOW_API minnow_status minnow_dataset_from_floats(const float *values, const uint32_t *labels, size_t count,
                                                    size_t features, size_t classes, minnow_dataset **out);

/* Moves the last `tail` samples into a new dataset, to validate on. 0 < tail < count. Not while a trainer borrows the
   dataset. The two are independent afterwards. Errors: ARGUMENT, MEMORY (then nothing has moved). */
MINNOW_API minnow_status minnow_dataset_split(minnow_dataset *dataset, size_t tail, minnow_dataset **out);

/* How many samples there are. */
MINNOW_API size_t minnow_dataset_count(const minnow_dataset *dataset);
/* How many features each sample has. */
MINNOW_API size_t minnow_dataset_features(const minnow_dataset *dataset);
/* How many classes there are; labels are below it. */
MINNOW_API size_t minnow_dataset_classes(const minnow_dataset *dataset);
/* The label of sample `index`, which must be below the count. */
MINNOW_API uint32_t minnow_dataset_label(const minnow_dataset *dataset, size_t index);

/* Accepts NULL. Not while a trainer borrows the dataset. */
MINNOW_API void minnow_dataset_free(minnow_dataset *dataset);

/* ---- Networks: layers of y = activation(x·W + b) ---- */

typedef struct minnow_network minnow_network;

/* The activation of a hidden layer, applied to each weighted sum z. The last layer has none of its own
   (IDENTITY): the loss says what becomes of its sums, the logits. */
typedef enum minnow_activation {
    MINNOW_ACTIVATION_RELU = 0,        /* max(z, 0) */
    MINNOW_ACTIVATION_SIGMOID = 1,     /* σ(z) = 1 / (1 + e^−z) */
    MINNOW_ACTIVATION_TANH = 2,        /* tanh z */
    MINNOW_ACTIVATION_IDENTITY = 3,    /* z */
    MINNOW_ACTIVATION_LEAKY_RELU = 4,  /* z for z > 0, else 0.01 z (Maas et al. 2013) */
    MINNOW_ACTIVATION_GELU = 5,        /* z Φ(z) = ½ z (1 + erf(z / √2)) (Hendrycks & Gimpel 2016) */
    MINNOW_ACTIVATION_SILU = 6,        /* z σ(z) (Elfwing et al. 2017) */
    MINNOW_ACTIVATION_SCALED_TANH = 7, /* 1.7159 tanh(2z/3) (LeCun et al. 1998) */
} minnow_activation;

/* The loss, which also fixes the output layer's activation. y is the one-hot label, C the number of classes.
   SOFTMAX:   outputs p = softmax(z), loss −ln p[label]            (cross-entropy; Bishop, PRML, eq. 4.108)
   LOGISTIC:  outputs a = σ(z), loss −Σ y ln a + (1−y) ln(1−a)    (C binary cross-entropies; PRML, eq. 4.90)
   QUADRATIC: outputs a = σ(z), loss ½ Σ (a−y)²   (Nielsen, Neural Networks and Deep Learning, eq. 6) */
typedef enum minnow_loss {
    MINNOW_LOSS_SOFTMAX = 0,
    MINNOW_LOSS_LOGISTIC = 1,
    MINNOW_LOSS_QUADRATIC = 2,
} minnow_loss;

/* How parameters start.
   SCALED:          weights N(0, 2/inputs) in a layer followed by a relu or one of its relatives (leaky relu,
                    gelu, silu), else N(0, 1/inputs); biases 0           (He et al. 2015; LeCun et al. 1998)
   STANDARD_NORMAL: weights and biases N(0, 1), as the original program has them
   ZERO:            all 0, to be filled by minnow_network_set_layer */
typedef enum minnow_init {
    MINNOW_INIT_SCALED = 0,
    MINNOW_INIT_STANDARD_NORMAL = 1,
    MINNOW_INIT_ZERO = 2,
} minnow_init;

typedef struct minnow_network_config {
    size_t struct_size;
    const size_t *layer_sizes; /* [layer_count + 1]: inputs, hidden…, outputs; each 1 to 65536 */
    size_t layer_count;        /* layers of weights, at least 1, at most 64 */

    minnow_activation activation;         /* what every hidden layer has if activations is NULL */
    const minnow_activation *activations; /* NULL, or [layer_count − 1]: each hidden layer's own */

    minnow_loss loss;
    minnow_init init;
    uint64_t seed;   /* fixes the initial parameters */
    const char *isa; /* kernel table: "auto", "scalar", "avx2", …; NULL is "auto" */
} minnow_network_config;

/* relu, softmax, scaled init, seed 1, isa auto; layer_sizes and layer_count must be set. */
MINNOW_API void minnow_network_config_init(minnow_network_config *config, size_t size);

/* Errors: ARGUMENT, MEMORY, UNSUPPORTED. */
MINNOW_API minnow_status minnow_network_create(const minnow_network_config *config, minnow_network **out);

/* Reads a network from a safetensors file that minnow_network_save wrote. Whatever the file claims, the
   memory taken is bounded: by the file's size, up to 32 times that for the network (2 times for layers that
   are not narrow), and while reading 80 times the header's, which may have 4 MiB.
   Errors: INPUT, MEMORY, UNSUPPORTED. */
MINNOW_API minnow_status minnow_network_load(const char *path, const char *isa, minnow_network **out);

/* How to use the tensors of a file that another program wrote, which does not say so itself. */
typedef struct minnow_foreign_config {
    size_t struct_size;

    minnow_activation activation;         /* what every hidden layer has if activations is NULL */
    const minnow_activation *activations; /* NULL, or [activation_count]: each hidden layer's own */
    size_t activation_count;              /* length of activations: the hidden layers that the file has */

    minnow_loss loss;
    const char *isa; /* as in minnow_network_config */
} minnow_foreign_config;

/* relu, softmax, isa auto. */
MINNOW_API void minnow_foreign_config_init(minnow_foreign_config *config, size_t size);

/* Reads a safetensors file of another program: as PyTorch names them, NAME.weight [outputs][inputs] and
   NAME.bias [outputs] for each layer, float32, and nothing else. A layer without a bias has zeros. Layers
   follow each other as their names do, numbers in them counted (net.2 before net.10), or, where the sizes do
   not chain so, in the only order in which they do. A file that minnow wrote is accepted if it says the same
   activations and loss. Errors: as of minnow_network_load, and ARGUMENT. */
MINNOW_API minnow_status minnow_network_load_foreign(const char *path, const minnow_foreign_config *config,
                                                     minnow_network **out);

/* Writes a safetensors file: beside its target, synced, then renamed over it. A path that is not a regular
   file (a device, a pipe) is written straight through. Errors: OUTPUT (also if a parameter is not finite),
   MEMORY. */
MINNOW_API minnow_status minnow_network_save(const minnow_network *network, const char *path);

/* The original program's folder of weights_N.csv and biases_N.csv, sigmoid and quadratic. Sizes come from the
   files. Errors: INPUT, MEMORY, UNSUPPORTED. */
MINNOW_API minnow_status minnow_network_load_values(const char *folder, const char *isa,
                                                    minnow_network **out);

/* Writes such a folder, creating it if it is missing; a float read back has the same bits. All files are
   complete before the first replaces its predecessor; what a deeper network left there is removed.
   Errors: OUTPUT, MEMORY, ARGUMENT (a network of other activations or another loss, which the folder cannot
   describe). */
MINNOW_API minnow_status minnow_network_save_values(const minnow_network *network, const char *folder);

/* A folder of NumPy arrays: layers.0.weight.npy [outputs][inputs], layers.0.bias.npy [outputs], and so on.
   Read are versions 1 to 3 of the format, float32 and float64 (rounded), C and Fortran order. Arrays alone do
   not say how they are to be used. Errors: INPUT, MEMORY, UNSUPPORTED, ARGUMENT. */
MINNOW_API minnow_status minnow_network_load_npy(const char *folder, const minnow_foreign_config *config,
                                                 minnow_network **out);

/* Writes such a folder, float32 in C order, as minnow_network_save_values does its own.
   Errors: OUTPUT, MEMORY. */
MINNOW_API minnow_status minnow_network_save_npy(const minnow_network *network, const char *folder);

/* Writes an ONNX model of operator set 13: from "input" [batch, …], float32, to "probabilities"
   [batch, outputs]. The input has the sizes of input_shape, if that is set (see below), or is
   [batch, inputs], and holds pixels (0 to 255), which the model multiplies by the input scaling; with
   scaled_input it holds features.
   Errors: OUTPUT, MEMORY, ARGUMENT (more than the 2 GiB that such a file can hold). */
MINNOW_API minnow_status minnow_network_save_onnx(const minnow_network *network, const char *path,
                                                  bool scaled_input);

/* Writes one header of C99 that holds the network and needs no library but <stdint.h>, and no memory but the
   stack:
     unsigned NAME_predict(const float *inputs, float *outputs);          features to label and probabilities
     unsigned NAME_predict_pixels(const uint8_t *pixels, float *outputs); bytes, which it scales
   Its sums are not fused, so that its probabilities may differ from minnow_network_predict's in the last
   digits. name: a C identifier of at most 63 characters, or NULL for one made from the path. int8: weights
   are bytes, with a scale for each output: a quarter of the size, and a little less exact.
   Errors: OUTPUT, MEMORY, ARGUMENT. */
MINNOW_API minnow_status minnow_network_save_c(const minnow_network *network, const char *path,
                                               const char *name, bool int8);

/* Layers of weights. */
MINNOW_API size_t minnow_network_layer_count(const minnow_network *network);
/* Size of layer `index`: 0 is the inputs, layer_count the outputs. 0 if there is no such layer. */
MINNOW_API size_t minnow_network_layer_size(const minnow_network *network, size_t index);
/* The activation behind layer of weights `layer`; IDENTITY behind the last one, and if there is no such layer. */
MINNOW_API minnow_activation minnow_network_activation(const minnow_network *network, size_t layer);
/* The loss that the network is trained with, which also says what its outputs are. */
MINNOW_API minnow_loss minnow_network_loss(const minnow_network *network);
/* Name of the kernel table in use, static storage. */
MINNOW_API const char *minnow_network_isa(const minnow_network *network);
/* Weights and biases together. */
MINNOW_API uint64_t minnow_network_parameter_count(const minnow_network *network);
/* How many of them are NaN or infinite: 0, unless training diverged. Such networks are read from any file, so
   that they can be looked into, but never written: what they would replace is better. */
MINNOW_API uint64_t minnow_network_nonfinite_count(const minnow_network *network);
/* CRC-32 (as gzip's) of all weights [inputs][outputs] then biases, layer by layer, as little-endian floats. */
MINNOW_API uint32_t minnow_network_params_crc32(const minnow_network *network);

/* Copies the parameters of layer of weights `layer` out of the network.
   weights: [inputs][outputs], biases: [outputs]; either may be NULL. Errors: ARGUMENT. */
MINNOW_API minnow_status minnow_network_get_layer(const minnow_network *network, size_t layer, float *weights,
                                                  float *biases);
/* Copies parameters into the network; a part that is NULL stays as it is. A trainer of the network goes on from
   the new values, but not while it advances. Errors: ARGUMENT. */
MINNOW_API minnow_status minnow_network_set_layer(minnow_network *network, size_t layer, const float *weights,
                                                  const float *biases);

/* What is known of a network beyond its parameters: pairs of UTF-8 strings that minnow_network_save writes to
   the file's metadata and minnow_network_load reads from there, whatever their keys. Some have a meaning:
     input_scaling  a decimal number: features are pixels (bytes) times this; 0.00390625 if not set
     input_shape    a JSON array of the sample's sizes, "[28,28]"
     class_names    a JSON array of a string per output
     training, dataset  JSON objects: the options the network was trained with, and on what
   format, format_version, architecture, activation, loss, minnow_version and params_crc32 follow from the
   network: after minnow_network_load they are the file's, and saving writes them anew. checkpoint and
   checkpoint_crc32 are a trainer's: only a checkpoint has them, and making a trainer from the network removes
   them. */

/* Sets a pair, or removes it when value is NULL. Both are copied. Errors: ARGUMENT (not UTF-8, an empty key,
   one of those that follow from the network, an input_scaling that is not a finite number above 0), MEMORY. */
MINNOW_API minnow_status minnow_network_set_metadata(minnow_network *network, const char *key,
                                                     const char *value);
/* The value of a key, or NULL; valid until the network's metadata are next changed. */
MINNOW_API const char *minnow_network_metadata(const minnow_network *network, const char *key);
/* How many pairs there are. */
MINNOW_API size_t minnow_network_metadata_count(const minnow_network *network);
/* The key of pair `index`, in the order of the file; NULL if there is no such pair. */
MINNOW_API const char *minnow_network_metadata_key(const minnow_network *network, size_t index);
/* What turns a pixel into a feature: input_scaling, or 1/256. */
MINNOW_API float minnow_network_input_scaling(const minnow_network *network);

typedef struct minnow_evaluation {
    size_t struct_size;
    size_t total;
    size_t correct; /* samples whose largest output is their label's; the first wins a tie */
    double loss;    /* mean per sample */
} minnow_evaluation;

/* All 0. */
MINNOW_API void minnow_evaluation_init(minnow_evaluation *evaluation, size_t size);

/* Runs the network over a dataset of matching features and classes. threads: 0 for OpenMP's choice. out: NULL
   where it is not wanted. predicted: NULL or [count], receives each sample's label. Errors: ARGUMENT, MEMORY. */
MINNOW_API minnow_status minnow_network_evaluate(const minnow_network *network, const minnow_dataset *dataset,
                                                 unsigned threads, minnow_evaluation *out,
                                                 uint32_t *predicted);

/* Runs the network over `count` samples in memory, on the calling thread. inputs: [count][inputs].
   labels: NULL or [count]. outputs: NULL or [count][outputs], the loss's output activation (probabilities).
   A sample's result is the same alone or among others. One sample, through layers of at most 4096 outputs,
   takes no memory, and cannot fail. Errors: MEMORY. */
MINNOW_API minnow_status minnow_network_predict(const minnow_network *network, const float *inputs,
                                                size_t count, uint32_t *labels, float *outputs);

/* Accepts NULL. Not while a trainer borrows the network. */
MINNOW_API void minnow_network_free(minnow_network *network);

/* ---- Training: mini-batch gradient descent, the loss averaged over the mini-batch ---- */

typedef struct minnow_trainer minnow_trainer;

/* How a gradient g changes a parameter w.
   SGD: plain gradient descent, w ← w − rate · g */
typedef enum minnow_optimizer {
    MINNOW_OPTIMIZER_SGD = 0,
} minnow_optimizer;

/* The learning rate over the run, after a warm-up that rises linearly from 0.
   LINEAR: falls to 0 at the end.
   COSINE: falls to 0 along half a cosine (Loshchilov & Hutter 2017, eq. 5). */
typedef enum minnow_schedule {
    MINNOW_SCHEDULE_CONSTANT = 0,
    MINNOW_SCHEDULE_LINEAR = 1,
    MINNOW_SCHEDULE_COSINE = 2,
} minnow_schedule;

/* Whether the first layer skips the inputs that are 0: AUTO decides by how many there are. The bits are the
   same. */
typedef enum minnow_sparsity {
    MINNOW_SPARSITY_AUTO = 0,
    MINNOW_SPARSITY_ON = 1,
    MINNOW_SPARSITY_OFF = 2,
} minnow_sparsity;

typedef struct minnow_training_config {
    size_t struct_size;
    size_t batch;  /* samples per update, 1 to 65536; the last mini-batch of an epoch may be shorter */
    size_t epochs; /* 1 to 2^32 - 1; the schedule's length */

    minnow_optimizer optimizer;
    double learning_rate; /* above 0, at most 1e30 */
    minnow_schedule schedule;
    double warmup_epochs; /* 0 to epochs */

    bool shuffle; /* a new order each epoch, drawn from seed */
    uint64_t seed;

    minnow_sparsity sparse;
    unsigned threads; /* at most; 0 for OpenMP's choice. Fewer where more do not pay, with the same bits */
} minnow_training_config;

/* Batch 64, 10 epochs, sgd, learning rate 0.3 falling linearly, shuffled, seed 1: a good start for digits. */
MINNOW_API void minnow_training_config_init(minnow_training_config *config, size_t size);

/* Both the network and the dataset are borrowed, and must outlive the trainer. The network is trained in
   place. Errors: ARGUMENT (sizes that do not match among them), MEMORY. */
MINNOW_API minnow_status minnow_trainer_create(minnow_network *network, const minnow_dataset *dataset,
                                               const minnow_training_config *config, minnow_trainer **out);

typedef struct minnow_progress {
    size_t struct_size;
    size_t epoch;         /* which epoch is under way or has just ended, counted from 1 */
    size_t epoch_samples; /* how many samples of that epoch have been trained on */
    bool epoch_done;
    bool run_done;
    double train_loss;     /* mean over the epoch's samples so far, each before its own update */
    double train_accuracy; /* the part of those samples whose label was found, 0 to 1 */
    double epoch_seconds;  /* spent in minnow_trainer_advance during this epoch, monotonic clock */
    double learning_rate;  /* of the last mini-batch */
} minnow_progress;

/* All 0. */
MINNOW_API void minnow_progress_init(minnow_progress *progress, size_t size);

/* Trains on up to max_samples more samples (0: no limit), rounded up to whole mini-batches, but not past the
   end of the epoch; then reports to progress, unless that is NULL. Call it until progress->run_done.
   Errors: DIVERGED, at the end of the epoch in which the loss stopped being finite; ARGUMENT when the run is
   over already. */
MINNOW_API minnow_status minnow_trainer_advance(minnow_trainer *trainer, size_t max_samples,
                                                minnow_progress *progress);

/* Makes the minnow_trainer_advance under way, on any thread, or else the next one return after one
   mini-batch; async-signal-safe. */
MINNOW_API void minnow_trainer_stop(minnow_trainer *trainer);

/* Where the run is: what the last minnow_trainer_advance reported, also if that was before a checkpoint. */
MINNOW_API void minnow_trainer_progress(const minnow_trainer *trainer, minnow_progress *progress);

/* Threads the trainer works with. */
MINNOW_API unsigned minnow_trainer_threads(const minnow_trainer *trainer);

/* Accepts NULL. The network keeps the parameters that training has reached. */
MINNOW_API void minnow_trainer_free(minnow_trainer *trainer);

/* ---- Checkpoints: model files that also tell where training stands ----

   minnow_network_load reads one as it reads any model. A run that goes on from a checkpoint ends with the
   same bits, and reports the same losses, as one that was never interrupted, whatever the instruction set,
   threads and sparsity of either. */

/* Writes a checkpoint, as minnow_network_save writes a model, with the network's metadata. Not while the
   trainer advances. Errors: OUTPUT (also if a parameter is not finite), MEMORY. */
MINNOW_API minnow_status minnow_trainer_save(minnow_trainer *trainer, const char *path);

/* The configuration with which a network that was read from a checkpoint was in training; sparse and threads
   are the defaults. Errors: INPUT (the network is not from a checkpoint, or it is damaged), MEMORY. */
MINNOW_API minnow_status minnow_checkpoint_config(const minnow_network *network, minnow_training_config *out);

/* A trainer that goes on where the checkpoint was written from which the network was read. config: as
   minnow_checkpoint_config gives it, with any sparse and threads. The dataset must be the one trained on.
   Network and dataset are borrowed as by minnow_trainer_create. Errors: ARGUMENT (a value of config, or the
   data, contradicts the checkpoint: the message names both), INPUT (as above), MEMORY. */
MINNOW_API minnow_status minnow_trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                                               const minnow_training_config *config, minnow_trainer **out);

#ifdef __cplusplus
}
#endif

#endif

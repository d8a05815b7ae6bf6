/**
 * @file
 * @mainpage minnow
 *
 * Multilayer perceptrons on CPUs: fast, and the same bits everywhere. This page holds for every function. Results
 * do not depend on the instruction set, the number of threads or the architecture: the same calls give the same
 * parameters to the last bit.
 *
 * Errors
 *  - Functions that can fail return a minnow_status; 0 is success. After a failure minnow_last_error() describes
 *    it in one line, and every out-parameter that would have held a new object is NULL. Comments name a status
 *    without its prefix: INPUT is MINNOW_ERROR_INPUT.
 *  - Every function checks what it is given. A pointer that is NULL where the function's comment does not allow
 *    it, an enumerator that does not exist, a struct that was never initialised, and a number outside the stated
 *    range are refused with ARGUMENT, and the message names the argument. Comments do not repeat this.
 *  - A function that returns its result itself returns 0, or NULL, for such an argument, unless its comment says
 *    otherwise, and sets minnow_last_error() too.
 *
 * Ownership
 *  - Handles are opaque. Whoever receives one from a function owns it, and releases it with the matching _free,
 *    which accepts NULL.
 *  - What is passed in is read or copied during the call. Only trainers go on using what they were given: they
 *    borrow their network and their dataset.
 *  - Strings and arrays that are returned belong to the library. They are valid as long as their comment says.
 *
 * Structs
 *  - Structs that a program shares with the library begin with struct_size and are sized by the program: it
 *    declares one, and calls minnow_NAME_init(&x, sizeof x), which fills in defaults. The library reads and
 *    writes no more than those bytes, so that a program built against an older header, whose structs are
 *    shorter, keeps working with a newer library. A struct longer than the library's is accepted as long as
 *    the members that this library does not know are 0.
 *  - An _init function that is given NULL, or a size that no such struct can have, does nothing.
 *  - Enumerators have fixed values; new ones, and new members of structs, are added behind the others.
 *
 * Numbers
 *  - Shapes are written [rows][columns]. Matrices are row-major, without padding. Labels and layers count from 0.
 *  - Where a number of threads is asked for, 0 is OpenMP's choice: OMP_NUM_THREADS, or else one per processor, but
 *    then no more than the quota of processor time that Linux control groups grant the process, rounded up. The
 *    library looks for that quota below /proc and /sys/fs/cgroup.
 *
 * Threads
 *  - Different handles may be used from different threads at the same time.
 *  - Functions that take a pointer to const may be called for the same handle from many threads at once, but not
 *    while another thread changes or frees it. A trainer changes its network while it is created, while it
 *    advances and while it saves.
 *  - After fork() a child may go on with everything that its parent had. If the thread that called fork() had
 *    worked with several threads before, its calls in the child use one, because GNU's OpenMP does not survive
 *    fork(). The results are the same.
 *  - The library never prints, never exits and never reads the environment, except OMP_* through OpenMP.
 */
#ifndef MINNOW_MINNOW_H
#define MINNOW_MINNOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what the shared library exports. */
#if defined(__GNUC__)
#define MINNOW_API __attribute__((visibility("default")))
#else
#define MINNOW_API
#endif

/**
 * @defgroup status Status
 * What went wrong, and which library is running.
 * @{
 */

/** How a call ended. */
typedef enum minnow_status {
    MINNOW_OK = 0,             /**< Success. */
    MINNOW_ERROR_ARGUMENT = 1, /**< A value outside what the function's comment allows. */
    MINNOW_ERROR_MEMORY = 2,   /**< An allocation failed, or its size cannot be represented. */
    MINNOW_ERROR_INPUT = 3,    /**< An input file is missing, unreadable or malformed. */
    MINNOW_ERROR_OUTPUT = 4,   /**< An output file cannot be written. What stood there before is untouched. */
    MINNOW_ERROR_UNSUPPORTED =
        5,                     /**< An instruction set that is unknown, not built in, or not on this CPU. */
    MINNOW_ERROR_DIVERGED = 6, /**< Training reached a loss that is not finite. */
    MINNOW_ERROR_COMMUNICATION =
        7, /**< A rank of a training run cannot be reached, or does not train what the others do. */
} minnow_status;

/**
 * The calling thread's last failure in one line: which file, where in it, what was expected, what was found, what
 * to do.
 *
 * @return Never NULL; "" before the first failure. Valid until the thread's next call into the library.
 */
MINNOW_API const char *minnow_last_error(void);

/**
 * The version of the library that is running.
 *
 * @return "MAJOR.MINOR.PATCH", static storage.
 */
MINNOW_API const char *minnow_version(void);

/** @} */

/**
 * @defgroup datasets Datasets
 * Samples of a fixed number of features, each with a label.
 * @{
 */

/** Samples in memory. Unless a trainer borrows it, a dataset belongs to its program alone. */
typedef struct minnow_dataset minnow_dataset;

/** Which part of a collection of samples. */
typedef enum minnow_subset {
    MINNOW_SUBSET_TRAIN = 0, /**< What a network learns from. */
    MINNOW_SUBSET_TEST = 1,  /**< What it is tested on. */
} minnow_subset;

/** The label of no class: what minnow_dataset_label() returns where there is no sample, and minnow_trace::label
    before it is set. */
#define MINNOW_NO_LABEL 0xffffffffU

/**
 * Reads one subset from a folder: the MNIST-named IDX files (train-images-idx3-ubyte, …), gzip-compressed (.gz)
 * or not, or the original program's CSV files (train_images.csv, …). Features are byte / 256, or the CSV's
 * numbers.
 *
 * @param folder  Path of the folder.
 * @param subset  Which files to read.
 * @param classes Number of classes, 1 to 65536. Every label must be below it.
 * @param out     Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, INPUT (no such files, or not what they claim to be), MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_open(const char *folder, minnow_subset subset, size_t classes,
                                             minnow_dataset **out);

/**
 * Draws digits of 28×28 pixels that look handwritten, classes 0 to 9. The same seed gives the same images on every
 * machine. The two subsets of a seed share no random draw.
 *
 * @param subset Training and test images are drawn independently.
 * @param count  Number of images, 1 to 2^31.
 * @param seed   Fixes what is drawn.
 * @param out    Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_digits(minnow_subset subset, size_t count, uint64_t seed,
                                               minnow_dataset **out);

/**
 * Copies samples from memory whose features are bytes.
 *
 * @param pixels   [count][features]. A feature's value is pixel × scale.
 * @param labels   [count], each below classes.
 * @param count    Number of samples, 1 to 2^31.
 * @param features Number of features of a sample, 1 to 65536.
 * @param classes  Number of classes, 1 to 65536.
 * @param scale    Finite. A network's is minnow_network_input_scaling(), as a rule 1/256.
 * @param out      Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_from_bytes(const uint8_t *pixels, const uint32_t *labels,
                                                   size_t count, size_t features, size_t classes, float scale,
                                                   minnow_dataset **out);

/**
 * Copies samples from memory whose features are floats.
 *
 * @param values   [count][features], all finite.
 * @param labels   [count], each below classes.
 * @param count    Number of samples, 1 to 2^31.
 * @param features Number of features of a sample, 1 to 65536.
 * @param classes  Number of classes, 1 to 65536.
 * @param out      Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_from_floats(const float *values, const uint32_t *labels, size_t count,
                                                    size_t features, size_t classes, minnow_dataset **out);

/**
 * Makes a dataset of samples whose features are bytes, and stay where they are: only labels are copied. For large arrays
 * whose owner outlives the dataset. As minnow_dataset_from_bytes() otherwise.
 *
 * @param pixels   [count][features]. Borrowed until minnow_dataset_free(): neither freed nor written to by the library,
 *                 and not to be changed by anyone meanwhile. A dataset that samples are moved out of
 *                 (minnow_dataset_hold_out()) takes a copy of those that stay, and what it moves has its own.
 * @param labels   [count], each below classes.
 * @param count    Number of samples, 1 to 2^31.
 * @param features Number of features of a sample, 1 to 65536.
 * @param classes  Number of classes, 1 to 65536.
 * @param scale    Finite. A network's is minnow_network_input_scaling(), as a rule 1/256.
 * @param out      Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_borrow_bytes(const uint8_t *pixels, const uint32_t *labels,
                                                     size_t count, size_t features, size_t classes,
                                                     float scale, minnow_dataset **out);

/**
 * Makes a dataset of samples whose features are floats, and stay where they are, as minnow_dataset_borrow_bytes() does.
 *
 * @param values   [count][features], all finite, which is checked now and not again. Borrowed likewise.
 * @param labels   [count], each below classes.
 * @param count    Number of samples, 1 to 2^31.
 * @param features Number of features of a sample, 1 to 65536.
 * @param classes  Number of classes, 1 to 65536.
 * @param out      Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_borrow_floats(const float *values, const uint32_t *labels,
                                                      size_t count, size_t features, size_t classes,
                                                      minnow_dataset **out);

/**
 * Copies samples from memory whose features are listed without their zeros, as compressed sparse rows (CSR). Training
 * and evaluation never make them dense.
 *
 * @param starts   [count + 1], ascending from 0: sample s has the entries starts[s] … starts[s + 1] − 1. Fewer than
 *                 2^32 in all.
 * @param indices  [starts[count]]: which feature an entry is of, ascending within a sample. Not NULL even if there
 *                 is no entry.
 * @param values   [starts[count]], all finite. Likewise.
 * @param labels   [count], each below classes.
 * @param count    Number of samples, 1 to 2^31.
 * @param features Number of features of a sample, 1 to 2^24.
 * @param classes  Number of classes, 1 to 65536.
 * @param out      Receives the dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_from_sparse(const size_t *starts, const uint32_t *indices,
                                                    const float *values, const uint32_t *labels, size_t count,
                                                    size_t features, size_t classes, minnow_dataset **out);

/**
 * Moves the last samples into a new dataset, to validate on. The two are independent afterwards. Not while a
 * trainer borrows the dataset.
 *
 * @param dataset Keeps the other samples.
 * @param tail    How many samples to move: at least 1, and fewer than there are.
 * @param out     Receives the new dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY. After a failure nothing has moved.
 */
MINNOW_API minnow_status minnow_dataset_split(minnow_dataset *dataset, size_t tail, minnow_dataset **out);

/**
 * Moves samples that are drawn at random into a new dataset, to validate on: of each class the same share, or of
 * samples with one target the same share of small and large ones. A class that has one sample keeps it. The two are
 * independent afterwards. Not while a trainer borrows the dataset.
 *
 * @param dataset Keeps the other samples, in their order.
 * @param count   How many samples to move: at least 1, and fewer than there are. Fewer are moved if a class would lose
 *                all of its samples.
 * @param seed    Fixes which ones; the same on every machine.
 * @param out     Receives the new dataset; NULL after a failure.
 * @return OK, ARGUMENT (also if no sample can be moved), MEMORY. After a failure nothing has moved.
 */
MINNOW_API minnow_status minnow_dataset_hold_out(minnow_dataset *dataset, size_t count, uint64_t seed,
                                                 minnow_dataset **out);

/**
 * Says that the samples are images, row by row, which datasets from memory do not know of themselves.
 *
 * @param dataset The dataset.
 * @param height  Pixels; height · width is the number of features. 0, with a width of 0: the samples are no images.
 * @param width   Pixels.
 * @return OK, ARGUMENT.
 */
MINNOW_API minnow_status minnow_dataset_set_image_size(minnow_dataset *dataset, size_t height, size_t width);

/**
 * How many samples there are.
 *
 * @param dataset The dataset.
 * @return At least 1; 0 for NULL.
 */
MINNOW_API size_t minnow_dataset_count(const minnow_dataset *dataset);

/**
 * How many features each sample has.
 *
 * @param dataset The dataset.
 * @return 1 to 65536; 0 for NULL.
 */
MINNOW_API size_t minnow_dataset_features(const minnow_dataset *dataset);

/**
 * How many classes there are.
 *
 * @param dataset The dataset.
 * @return 1 to 65536, above every label; 0 for NULL.
 */
MINNOW_API size_t minnow_dataset_classes(const minnow_dataset *dataset);

/**
 * The label of a sample.
 *
 * @param dataset The dataset.
 * @param index   Which sample, below the count.
 * @return The label; #MINNOW_NO_LABEL, and a message, if there is no such sample.
 */
MINNOW_API uint32_t minnow_dataset_label(const minnow_dataset *dataset, size_t index);

/**
 * Copies the features of a sample, as networks take them: of bytes, each is pixel × scale.
 *
 * @param dataset  The dataset.
 * @param index    Which sample, below the count.
 * @param features Receives [features].
 * @return OK, ARGUMENT.
 */
MINNOW_API minnow_status minnow_dataset_sample(const minnow_dataset *dataset, size_t index, float *features);

/**
 * Gives each sample targets in place of its label: numbers to predict (#MINNOW_LOSS_SQUARED and the like), the classes
 * it belongs to, each 0 or 1 (#MINNOW_LOSS_LOGISTIC), or the share of each class (#MINNOW_LOSS_SOFTMAX). Afterwards
 * minnow_dataset_classes() is the number of targets, and every label is 0. Not while a trainer borrows the dataset.
 *
 * @param dataset The dataset.
 * @param targets [count][outputs], finite. They are copied.
 * @param outputs Targets of a sample, 1 to 65536.
 * @return OK, ARGUMENT, MEMORY (then nothing has changed).
 */
MINNOW_API minnow_status minnow_dataset_set_targets(minnow_dataset *dataset, const float *targets,
                                                    size_t outputs);

/**
 * The targets of a sample.
 *
 * @param dataset The dataset.
 * @param index   Which sample, below the count.
 * @return [classes], valid as long as the dataset; NULL if it has labels, or, with a message, if there is no such
 *         sample.
 */
MINNOW_API const float *minnow_dataset_targets(const minnow_dataset *dataset, size_t index);

/**
 * Says how much each sample counts. The loss of a mini-batch is then the sum of weight × loss over its samples divided by
 * the sum of the weights, as PyTorch's weighted losses have it, and the gradient likewise; where all weigh 0 it is 0. So
 * the weights' unit does not matter, and weights that are all the same change nothing, to the last bit.
 * minnow_network_evaluate() reports the loss so too. The parts of a dataset keep their samples' weights. Not while a
 * trainer borrows the dataset.
 *
 * @param dataset The dataset.
 * @param weights [count], each 0 to 1e30 and not all 0. They are copied. NULL: all samples count the same again.
 * @param count   How many weights there are; it must be the number of samples.
 * @return OK, ARGUMENT, MEMORY (then nothing has changed).
 */
MINNOW_API minnow_status minnow_dataset_set_weights(minnow_dataset *dataset, const float *weights,
                                                    size_t count);

/**
 * Says how much the samples of each class count: what a sample weighs itself is multiplied by the weight of its class.
 * With #MINNOW_LOSS_SOFTMAX, label smoothing, mixup and targets that are shares of the classes weigh each share by its
 * class, as PyTorch's CrossEntropyLoss(weight) does. The divisor is the sum of the samples' weights, of one with such
 * targets t the sum of weight(c) × t(c), where PyTorch divides by the number of samples if targets are shares. Training
 * and minnow_network_evaluate() refuse class weights with targets and another loss. Later minnow_dataset_set_targets()
 * removes them. Not while a trainer borrows the dataset.
 *
 * @param dataset The dataset.
 * @param weights [classes], each 0 or 1e-30 to 1e30 and not all 0. They are copied. NULL: all classes count the same again.
 * @param classes How many weights there are; it must be minnow_dataset_classes().
 * @return OK, ARGUMENT, MEMORY (then nothing has changed).
 */
MINNOW_API minnow_status minnow_dataset_set_class_weights(minnow_dataset *dataset, const float *weights,
                                                          size_t classes);

/**
 * Sets the class weights with which all classes together count the same: for n samples, of which n(c) are of class c, and K
 * classes that there are samples of, n / (K · n(c)); 1 for a class without samples. What samples weigh themselves does
 * not matter to it.
 *
 * @param dataset The dataset, whose samples have labels.
 * @return OK, ARGUMENT (samples have targets), MEMORY (then nothing has changed).
 */
MINNOW_API minnow_status minnow_dataset_balance_classes(minnow_dataset *dataset);

/**
 * How much a sample counts: its own weight times that of its class.
 *
 * @param dataset The dataset.
 * @param index   Which sample, below the count.
 * @return The weight, 1 unless it was set; −1, and a message, if there is no such sample.
 */
MINNOW_API double minnow_dataset_weight(const minnow_dataset *dataset, size_t index);

/**
 * Releases a dataset. Not while a trainer borrows it.
 *
 * @param dataset The dataset, or NULL.
 */
MINNOW_API void minnow_dataset_free(minnow_dataset *dataset);

/** @} */

/**
 * @defgroup distortion Distortion
 * Other images of the same things, to train on.
 *
 * Each image is scaled, sheared, rotated and shifted about its middle, by amounts drawn uniformly, each on its own,
 * from −amount to amount, and then bent: each pixel is displaced by a smooth random field (elastic distortion; Simard,
 * Steinkraus and Platt 2003). All of it is one bilinear interpolation between the pixels, with 0 around the image.
 * Images of bytes stay bytes, rounded to the nearest.
 *
 * A point p of the content, relative to the middle, columns first, moves to R·K·S·p + shift, with
 * S = (1 + scale_x, 0; 0, 1 + scale_y), K = (1, shear; 0, 1) and R = (cos, −sin; sin, cos) of the rotation, rows of the
 * image counting downwards. Pixel q of the result shows what lies at S⁻¹·K⁻¹·R⁻¹·(q − shift) + D(q). The displacements
 * D, by columns and by rows, are noise, uniform in (−1, 1) for each pixel, that repeats itself beyond the edges;
 * smoothed by a Gaussian of standard deviation elastic_sigma, whose weights add up to 1; times elastic_alpha. Each
 * epoch has elastic_fields such fields, of which each sample takes one at random.
 *
 * All draws depend on the seed, the epoch and the sample's number alone.
 * @{
 */

/** How images are distorted. An amount of 0 leaves its part out. */
typedef struct minnow_distortion_config {
    size_t struct_size; /**< Set by minnow_distortion_config_init(). */
    double shift;       /**< In pixels, 0 to 1024. */
    double rotation;    /**< In degrees, 0 to 180. */
    double scale;       /**< 0 to 0.9; columns and rows are scaled apart. */
    double shear;       /**< In columns for each row, 0 to 10. */

    double elastic_alpha;    /**< In pixels, 0 to 10^6. */
    double elastic_sigma;    /**< In pixels, 0.01 to 1000. */
    size_t elastic_fields;   /**< 1 to 2^20. Each takes 8 bytes of memory for a pixel. */
    uint64_t gentle_classes; /**< Bit c: images of class c are rotated and sheared half as far. */
} minnow_distortion_config;

/**
 * Sets the defaults: rotation 15, scale 0.15, alpha 36, sigma 5.5, 4000 fields. They are a good start for handwritten
 * digits.
 *
 * @param config Receives the defaults.
 * @param size   sizeof *config.
 */
MINNOW_API void minnow_distortion_config_init(minnow_distortion_config *config, size_t size);

/**
 * Makes a new dataset of what the samples become in one epoch of training.
 *
 * @param dataset Images, of 2 to 2048 pixels a side. It stays as it is.
 * @param config  How to distort them. Read during the call.
 * @param seed    As of training.
 * @param epoch   From 0.
 * @param threads At most; 0 for OpenMP's choice. The bits are the same.
 * @param out     Receives the new dataset; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_dataset_distort(const minnow_dataset *dataset,
                                                const minnow_distortion_config *config, uint64_t seed,
                                                size_t epoch, unsigned threads, minnow_dataset **out);

/** @} */

/**
 * @defgroup networks Networks
 * Layers of y = activation(x·W + b).
 * @{
 */

/** A network: its layers, their parameters, and what else is known of it. */
typedef struct minnow_network minnow_network;

/** The activation of a hidden layer, applied to each weighted sum z. The last layer has none of its own
    (IDENTITY): the loss says what becomes of its sums, the logits. */
typedef enum minnow_activation {
    MINNOW_ACTIVATION_RELU = 0,        /**< max(z, 0) */
    MINNOW_ACTIVATION_SIGMOID = 1,     /**< σ(z) = 1 / (1 + e^−z) */
    MINNOW_ACTIVATION_TANH = 2,        /**< tanh z */
    MINNOW_ACTIVATION_IDENTITY = 3,    /**< z */
    MINNOW_ACTIVATION_LEAKY_RELU = 4,  /**< z for z > 0, else 0.01 z (Maas et al. 2013) */
    MINNOW_ACTIVATION_GELU = 5,        /**< z Φ(z) = ½ z (1 + erf(z / √2)) (Hendrycks and Gimpel 2016) */
    MINNOW_ACTIVATION_SILU = 6,        /**< z σ(z) (Elfwing et al. 2017) */
    MINNOW_ACTIVATION_SCALED_TANH = 7, /**< 1.7159 tanh(2z/3) (LeCun et al. 1998) */
} minnow_activation;

/** The loss, which also fixes the output layer's activation. y is the one-hot label, C the number of classes. */
typedef enum minnow_loss {
    MINNOW_LOSS_SOFTMAX = 0, /**< Outputs p = softmax(z), loss −ln p[label]: cross-entropy
                                    (Bishop, Pattern Recognition and Machine Learning, eq. 4.108). */
    MINNOW_LOSS_LOGISTIC = 1, /**< Outputs a = σ(z), loss −Σ y ln a + (1−y) ln(1−a): C binary cross-entropies
                                    (Bishop, eq. 4.90). */
    MINNOW_LOSS_QUADRATIC = 2, /**< Outputs a = σ(z), loss ½ Σ (a−y)²
                                    (Nielsen, Neural Networks and Deep Learning, eq. 6). */

    /* Of numbers to predict, which datasets have as targets t. Outputs are the logits z themselves; C is their
       number. */
    MINNOW_LOSS_SQUARED = 3,  /**< Loss 1/C Σ (z−t)². */
    MINNOW_LOSS_ABSOLUTE = 4, /**< Loss 1/C Σ |z−t|. */
    MINNOW_LOSS_HUBER = 5, /**< Loss 1/C Σ h(|z−t|), h(a) = ½a² up to 1 and a − ½ beyond (Huber 1964). */
} minnow_loss;

/** How parameters start. */
typedef enum minnow_init {
    MINNOW_INIT_SCALED = 0,          /**< Weights N(0, 2/inputs) in a layer followed by a relu or one of its
                                          relatives (leaky relu, gelu, silu), else N(0, 1/inputs); biases 0
                                          (He et al. 2015; LeCun et al. 1998). */
    MINNOW_INIT_STANDARD_NORMAL = 1, /**< Weights and biases N(0, 1), as the original program has them. */
    MINNOW_INIT_ZERO = 2,            /**< All 0, to be filled by minnow_network_set_layer(). */
    MINNOW_INIT_HE = 3,              /**< Weights N(0, 2/inputs), biases 0 (He et al. 2015). */
    MINNOW_INIT_GLOROT = 4, /**< Weights N(0, 2/(inputs + outputs)), biases 0 (Glorot and Bengio 2010). */
    MINNOW_INIT_LECUN = 5,  /**< Weights N(0, 1/inputs), biases 0 (LeCun et al. 1998). */
    MINNOW_INIT_ORTHOGONAL =
        6, /**< Weights with orthonormal rows or columns, whichever are fewer, times √2 before a relu
                                          or one of its relatives; biases 0 (Saxe et al. 2014). */
} minnow_init;

/** What a network is to be. */
typedef struct minnow_network_config {
    size_t struct_size;        /**< Set by minnow_network_config_init(). */
    const size_t *layer_sizes; /**< [layer_count + 1]: inputs (1 to 2^24), hidden…, outputs (1 to 65536). */
    size_t layer_count;        /**< Layers of weights, 1 to 64. */

    minnow_activation activation;         /**< What every hidden layer has if activations is NULL. */
    const minnow_activation *activations; /**< NULL, or [layer_count − 1]: each hidden layer's own. */

    minnow_loss loss; /**< What training minimises; it also says what the outputs are. */
    minnow_init init; /**< How parameters start. */
    uint64_t seed;    /**< Fixes the initial parameters. */
    const char *isa;  /**< Kernel table: "auto", "scalar", "avx2", …; NULL is "auto". */
} minnow_network_config;

/**
 * Sets the defaults: relu, softmax, scaled init, seed 1, isa auto. layer_sizes and layer_count are left to be set.
 *
 * @param config Receives the defaults.
 * @param size   sizeof *config.
 */
MINNOW_API void minnow_network_config_init(minnow_network_config *config, size_t size);

/**
 * Makes a network with initial parameters.
 *
 * @param config What it is to be. Read during the call.
 * @param out    Receives the network; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY, UNSUPPORTED.
 */
MINNOW_API minnow_status minnow_network_create(const minnow_network_config *config, minnow_network **out);

/**
 * Makes an ensemble: networks whose outputs are averaged, for better predictions than those of one. It is used as a
 * network is. minnow_network_predict(), minnow_network_evaluate(), minnow_network_save(), minnow_network_save_onnx() and
 * minnow_network_save_c() take it whole; minnow_network_get_layer() and minnow_network_set_layer() its first network;
 * training, minnow_network_trace() and the other formats refuse it with ARGUMENT. Outputs are the mean of the networks'
 * outputs, to rounding, and the loss is that of the mean.
 *
 * @param networks [count]: of the same sizes, activations and loss, none of them an ensemble. They are copied; the
 *                 metadata are those of the first.
 * @param count    2 to 256.
 * @param out      Receives the ensemble; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_ensemble_create(const minnow_network *const *networks, size_t count,
                                                minnow_network **out);

/**
 * How many networks an ensemble has.
 *
 * @param network The network.
 * @return 2 to 256; 1 for a network that is no ensemble; 0 for NULL.
 */
MINNOW_API size_t minnow_network_member_count(const minnow_network *network);

/**
 * A network of an ensemble.
 *
 * @param network The ensemble; or a network, which is its only one.
 * @param index   Which one, below the count. The first one stands for the whole ensemble wherever networks are asked
 *                for.
 * @return The network, which belongs to the ensemble and lives as long; NULL, and a message, if there is no such.
 */
MINNOW_API const minnow_network *minnow_network_member(const minnow_network *network, size_t index);

/**
 * Releases a network. Not while a trainer borrows it.
 *
 * @param network The network, or NULL.
 */
MINNOW_API void minnow_network_free(minnow_network *network);

/**
 * How many layers of weights there are.
 *
 * @param network The network.
 * @return 1 to 64; 0 for NULL.
 */
MINNOW_API size_t minnow_network_layer_count(const minnow_network *network);

/**
 * The size of a layer of units.
 *
 * @param network The network.
 * @param index   0 is the inputs, layer_count the outputs.
 * @return 1 to 65536; 0, and a message, if there is no such layer.
 */
MINNOW_API size_t minnow_network_layer_size(const minnow_network *network, size_t index);

/**
 * The activation behind a layer of weights.
 *
 * @param network The network.
 * @param layer   Which layer of weights, below layer_count.
 * @return The activation. IDENTITY behind the last layer; IDENTITY, and a message, if there is no such layer.
 */
MINNOW_API minnow_activation minnow_network_activation(const minnow_network *network, size_t layer);

/**
 * The loss that the network is trained with, which also says what its outputs are.
 *
 * @param network The network.
 * @return The loss; SOFTMAX, and a message, for NULL.
 */
MINNOW_API minnow_loss minnow_network_loss(const minnow_network *network);

/**
 * The name of the kernel table in use.
 *
 * @param network The network.
 * @return "scalar", "avx2", …, static storage; NULL for NULL.
 */
MINNOW_API const char *minnow_network_isa(const minnow_network *network);

/**
 * How many parameters there are.
 *
 * @param network The network.
 * @return Weights and biases together.
 */
MINNOW_API uint64_t minnow_network_parameter_count(const minnow_network *network);

/**
 * How many parameters are NaN or infinite: none, unless training diverged. Such networks are read from any file, so
 * that they can be looked into, but never written: what they would replace is better.
 *
 * @param network The network.
 * @return The number of such parameters.
 */
MINNOW_API uint64_t minnow_network_nonfinite_count(const minnow_network *network);

/**
 * A fingerprint of the parameters: the CRC-32 (as gzip's) of all weights [inputs][outputs] then biases, layer by
 * layer, as little-endian floats.
 *
 * @param network The network.
 * @return The CRC-32.
 */
MINNOW_API uint32_t minnow_network_params_crc32(const minnow_network *network);

/**
 * Copies the parameters of a layer out of the network.
 *
 * @param network The network.
 * @param layer   Which layer of weights, below layer_count.
 * @param weights Receives [inputs][outputs]; NULL where they are not wanted.
 * @param biases  Receives [outputs]; NULL where they are not wanted.
 * @return OK, ARGUMENT.
 */
MINNOW_API minnow_status minnow_network_get_layer(const minnow_network *network, size_t layer, float *weights,
                                                  float *biases);

/**
 * Copies parameters into the network. A trainer of the network goes on from the new values. Not while a trainer of
 * it advances.
 *
 * @param network The network.
 * @param layer   Which layer of weights, below layer_count.
 * @param weights [inputs][outputs]; NULL leaves the weights as they are.
 * @param biases  [outputs]; NULL leaves the biases as they are.
 * @return OK, ARGUMENT.
 */
MINNOW_API minnow_status minnow_network_set_layer(minnow_network *network, size_t layer, const float *weights,
                                                  const float *biases);

/** @} */

/**
 * @defgroup files Files of networks
 * Reading networks from files, and writing them.
 *
 * A file is written beside its target, synced, and then renamed over it, so that nobody ever sees half of one. A
 * path that is not a regular file (a device, a pipe) is written straight through.
 * @{
 */

/**
 * Reads a network from a safetensors file that minnow_network_save() wrote. Whatever the file claims, the memory
 * taken is bounded: by the file's size, up to 32 times that for the network (2 times for layers that are not
 * narrow), and while reading 80 times the header's, which may have 4 MiB.
 *
 * @param path Path of the file.
 * @param isa  Kernel table: "auto", "scalar", "avx2", …; NULL is "auto".
 * @param out  Receives the network; NULL after a failure.
 * @return OK, ARGUMENT, INPUT, MEMORY, UNSUPPORTED.
 */
MINNOW_API minnow_status minnow_network_load(const char *path, const char *isa, minnow_network **out);

/** How to use the tensors of a file that another program wrote, which does not say so itself. */
typedef struct minnow_foreign_config {
    size_t struct_size; /**< Set by minnow_foreign_config_init(). */

    minnow_activation activation;         /**< What every hidden layer has if activations is NULL. */
    const minnow_activation *activations; /**< NULL, or [activation_count]: each hidden layer's own. */
    size_t activation_count; /**< As many as the file has hidden layers; 0 if activations is NULL. */

    minnow_loss loss; /**< What the network was trained with, which says what its outputs are. */
    const char *isa;  /**< Kernel table, as in minnow_network_config. */
} minnow_foreign_config;

/**
 * Sets the defaults: relu, softmax, isa auto.
 *
 * @param config Receives the defaults.
 * @param size   sizeof *config.
 */
MINNOW_API void minnow_foreign_config_init(minnow_foreign_config *config, size_t size);

/**
 * Reads a safetensors file of another program: as PyTorch names them, NAME.weight [outputs][inputs] and NAME.bias
 * [outputs] for each layer, float32, and nothing else. A layer without a bias has zeros. Layers follow each other
 * as their names do, numbers in them counted (net.2 before net.10), or, where the sizes do not chain so, in the
 * only order in which they do. A file that minnow wrote is accepted if it says the same activations and loss.
 *
 * @param path   Path of the file.
 * @param config How its tensors are to be used. Read during the call.
 * @param out    Receives the network; NULL after a failure.
 * @return OK, ARGUMENT, INPUT, MEMORY, UNSUPPORTED.
 */
MINNOW_API minnow_status minnow_network_load_foreign(const char *path, const minnow_foreign_config *config,
                                                     minnow_network **out);

/**
 * Writes a safetensors file, with the network's metadata.
 *
 * @param network The network.
 * @param path    Path of the file.
 * @return OK, ARGUMENT, OUTPUT (also if a parameter is not finite), MEMORY.
 */
MINNOW_API minnow_status minnow_network_save(const minnow_network *network, const char *path);

/**
 * Reads the original program's folder of weights_N.csv and biases_N.csv: a network of sigmoid activations and
 * quadratic loss. Its sizes come from the files.
 *
 * @param folder Path of the folder.
 * @param isa    Kernel table, as in minnow_network_load().
 * @param out    Receives the network; NULL after a failure.
 * @return OK, ARGUMENT, INPUT, MEMORY, UNSUPPORTED.
 */
MINNOW_API minnow_status minnow_network_load_values(const char *folder, const char *isa,
                                                    minnow_network **out);

/**
 * Writes such a folder, creating it if it is missing. A float that is read back has the same bits. All files are
 * complete before the first replaces its predecessor. What a deeper network left there is removed.
 *
 * @param network The network. Its activations and outputs must be sigmoids, as the folder cannot describe others.
 * @param folder  Path of the folder.
 * @return OK, ARGUMENT, OUTPUT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_save_values(const minnow_network *network, const char *folder);

/**
 * Reads a folder of NumPy arrays: layers.0.weight.npy [outputs][inputs], layers.0.bias.npy [outputs], and so on.
 * Versions 1 to 3 of the format are read, float32 and float64 (rounded), in C and Fortran order.
 *
 * @param folder Path of the folder.
 * @param config How the arrays are to be used, which they do not say themselves. Read during the call.
 * @param out    Receives the network; NULL after a failure.
 * @return OK, ARGUMENT, INPUT, MEMORY, UNSUPPORTED.
 */
MINNOW_API minnow_status minnow_network_load_npy(const char *folder, const minnow_foreign_config *config,
                                                 minnow_network **out);

/**
 * Writes such a folder, float32 in C order, as minnow_network_save_values() writes its own.
 *
 * @param network The network.
 * @param folder  Path of the folder.
 * @return OK, ARGUMENT, OUTPUT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_save_npy(const minnow_network *network, const char *folder);

/**
 * Writes an ONNX model of operator set 13, from "input" [batch, …], float32, to "probabilities" [batch, outputs].
 * The input has the sizes of the network's input_shape if that is set (see minnow_network_set_metadata()), else it
 * is [batch, inputs].
 *
 * Of a network that the program trained on a table, the model's inputs hold its columns: "numbers", float32, NaN for a gap
 * ("input" if there is nothing else); "texts", string, empty for a gap; "hashes", int64, of columns whose texts are hashed,
 * FNV-1a's 32 bits of the text modulo the column's features, -1 for a gap. Each is [batch, columns], and its description
 * lists the columns. A number that is predicted is "prediction" [batch, 1] in place of "probabilities".
 *
 * @param network      The network.
 * @param path         Path of the file.
 * @param scaled_input True: the model's input holds features. False: it holds pixels, 0 to 255, which the model
 *                     multiplies by the network's input scaling, or a table's columns.
 * @return OK, ARGUMENT (also for more than the 2 GiB that such a file can hold), OUTPUT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_save_onnx(const minnow_network *network, const char *path,
                                                  bool scaled_input);

/**
 * Writes one header of C99 that holds the network and needs no library but stdint.h, and no memory but the stack:
 *
 * @code
 * unsigned NAME_predict(const float *inputs, float *outputs);          // features to label and probabilities
 * unsigned NAME_predict_pixels(const uint8_t *pixels, float *outputs); // bytes, which it scales
 * @endcode
 *
 * and, of a network that the program trained on a table, a struct with a member for each of its columns, and
 *
 * @code
 * unsigned NAME_predict_row(const struct NAME_row *row, float *outputs);
 * @endcode
 *
 * Its sums are not fused, so that its probabilities may differ from minnow_network_predict()'s in the last digits.
 *
 * @param network The network.
 * @param path    Path of the file.
 * @param name    A C identifier of at most 63 characters, or NULL for one made from the path.
 * @param int8    True: weights are bytes, with a scale for each output: a quarter of the size, and a little less
 *                exact. False: they are floats.
 * @return OK, ARGUMENT, OUTPUT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_save_c(const minnow_network *network, const char *path,
                                               const char *name, bool int8);

/** @} */

/**
 * @defgroup metadata Metadata
 * What is known of a network beyond its parameters.
 *
 * Metadata are pairs of UTF-8 strings that minnow_network_save() writes into the file and minnow_network_load()
 * reads from there, whatever their keys. Some have a meaning:
 *  - input_scaling: a decimal number. Features are pixels (bytes) times this; 0.00390625 if not set.
 *  - input_shape: a JSON array of the sample's sizes, "[28,28]".
 *  - class_names: a JSON array of a string per output.
 *  - training, dataset: JSON objects, the options the network was trained with, and on what.
 *
 * Others follow from the network: format, format_version, architecture, activation, loss, minnow_version and
 * params_crc32. After minnow_network_load() they are the file's, and saving writes them anew. The keys checkpoint
 * and checkpoint_crc32 are a trainer's: only a checkpoint has them, and making a trainer from the network removes
 * them.
 * @{
 */

/**
 * Sets a pair, or removes it. Both strings are copied.
 *
 * @param network The network.
 * @param key     UTF-8, not empty, none of those that follow from the network.
 * @param value   UTF-8; NULL removes the pair. An input_scaling must be a finite number above 0.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_set_metadata(minnow_network *network, const char *key,
                                                     const char *value);

/**
 * The value of a key.
 *
 * @param network The network.
 * @param key     The key.
 * @return NULL if there is no such pair. Valid until the network's metadata are next changed.
 */
MINNOW_API const char *minnow_network_metadata(const minnow_network *network, const char *key);

/**
 * How many pairs there are.
 *
 * @param network The network.
 * @return The number of pairs.
 */
MINNOW_API size_t minnow_network_metadata_count(const minnow_network *network);

/**
 * The key of a pair, in the order of the file.
 *
 * @param network The network.
 * @param index   Which pair, below the count.
 * @return NULL if there is no such pair. Valid until the network's metadata are next changed.
 */
MINNOW_API const char *minnow_network_metadata_key(const minnow_network *network, size_t index);

/**
 * What turns a pixel into a feature.
 *
 * @param network The network.
 * @return The metadata's input_scaling, or 1/256 if that is not set; 0 for NULL.
 */
MINNOW_API float minnow_network_input_scaling(const minnow_network *network);

/** @} */

/**
 * @defgroup inference Inference
 * What a network makes of samples.
 * @{
 */

/** How well a network does on a dataset. */
typedef struct minnow_evaluation {
    size_t struct_size; /**< Set by minnow_evaluation_init(). */
    size_t total;       /**< How many samples there were. */
    size_t correct;     /**< Samples whose largest output is their label's. The first one wins a tie. */
    double loss;        /**< Mean per sample, weighted where the dataset has weights; NaN if all are 0. */
} minnow_evaluation;

/**
 * Sets all members to 0.
 *
 * @param evaluation Receives the zeros.
 * @param size       sizeof *evaluation.
 */
MINNOW_API void minnow_evaluation_init(minnow_evaluation *evaluation, size_t size);

/**
 * Runs the network over a dataset.
 *
 * @param network   The network.
 * @param dataset   Its features and classes must be the network's inputs and outputs.
 * @param threads   How many threads to use at most; 0 for OpenMP's choice.
 * @param out       Receives the evaluation; NULL where it is not wanted.
 * @param predicted Receives each sample's label, [count]; NULL where they are not wanted.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_evaluate(const minnow_network *network, const minnow_dataset *dataset,
                                                 unsigned threads, minnow_evaluation *out,
                                                 uint32_t *predicted);

/**
 * Runs the network over samples in memory, on the calling thread. A sample's result is the same alone or among
 * others. One sample, through layers of at most 4096 outputs, takes no memory: if its arguments are right, the
 * call cannot fail.
 *
 * Inputs are features. A network that the program trained on a table takes its columns scaled and encoded, as
 * `minnow inspect` shows and the library does not do: its raw numbers give meaningless outputs, and no error.
 *
 * @param network The network.
 * @param inputs  [count][inputs]; may be NULL if count is 0.
 * @param count   Number of samples.
 * @param labels  Receives [count]: which output is the largest; NULL where they are not wanted.
 * @param outputs Receives [count][outputs]: the loss's output activation, such as probabilities; NULL where they
 *                are not wanted.
 * @return OK, ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_predict(const minnow_network *network, const float *inputs,
                                                size_t count, uint32_t *labels, float *outputs);

/**
 * What one sample does in a network, and what its loss asks of each parameter.
 *
 * In the notation of Nielsen's Neural Networks and Deep Learning, chapter 2, where a⁰ is the sample and layers of
 * weights are l = 1 … L: zˡ = Wˡaˡ⁻¹ + bˡ and aˡ = f(zˡ) (eq. 25), δᴸ = ∂C/∂zᴸ (BP1),
 * δˡ = (Wˡ⁺¹)ᵀδˡ⁺¹ ⊙ f′(zˡ) (BP2), ∂C/∂bˡ = δˡ (BP3), ∂C/∂Wˡ = aˡ⁻¹ δˡ (BP4).
 *
 * Each of the first five results is an array with a pointer for every layer of weights, in their order (index 0 is
 * Nielsen's layer 1), to floats of the program. The array, or any pointer in it, is NULL where that result is not
 * wanted.
 */
typedef struct minnow_trace {
    size_t struct_size;        /**< Set by minnow_trace_init(). */
    uint32_t label;            /**< The sample's class, below the outputs; or #MINNOW_NO_LABEL: then, without
                                         targets, only sums and activations can be asked for. */
    float loss;                /**< Receives the loss C of the sample; 0 without a label and targets. */
    float *const *sums;        /**< Receive zˡ, [outputs]; those of the last layer are the logits. */
    float *const *activations; /**< Receive aˡ, [outputs]; those of the last layer are what
                                         minnow_network_predict() gives. */
    float *const *deltas;      /**< Receive δˡ = ∂C/∂zˡ, [outputs]. */
    float *const
        *weight_gradients; /**< Receive ∂C/∂Wˡ, [inputs][outputs] as in minnow_network_get_layer(). */
    float *const *bias_gradients; /**< Receive ∂C/∂bˡ, [outputs]. */
    float *input_gradient; /**< Receives ∂C/∂a⁰ = W¹δ¹, [inputs]; NULL where it is not wanted. */
    const float *targets;  /**< [outputs], in place of a label, as minnow_dataset_set_targets() has them:
                                         numbers to predict, or the share of each class. NULL with a label. */
} minnow_trace;

/**
 * Sets the defaults: no label, no targets, nothing wanted.
 *
 * @param trace Receives the defaults.
 * @param size  sizeof *trace.
 */
MINNOW_API void minnow_trace_init(minnow_trace *trace, size_t size);

/**
 * Walks forward and backward through the network for one sample, on the calling thread. All values are the floats
 * that training on a mini-batch of this sample alone computes, to the last bit.
 *
 * @param network The network. It is not changed.
 * @param input   [inputs], features; of bytes, pixel × minnow_network_input_scaling().
 * @param trace   What is wanted; receives it.
 * @return OK, ARGUMENT (also if a result is wanted that takes a label or targets, and there are none; or if the
 *         network's loss does not take what there is), MEMORY.
 */
MINNOW_API minnow_status minnow_network_trace(const minnow_network *network, const float *input,
                                              minnow_trace *trace);

/**
 * The mean loss of a mini-batch and what it asks of each parameter: the floats that training on these samples computes,
 * before an optimiser changes anything with them.
 *
 * @param network          The network. It is not changed.
 * @param dataset          The mini-batch, at most 65536 samples.
 * @param threads          At most; 0 for OpenMP's choice. The bits are the same.
 * @param loss             Receives the mean loss; NULL where it is not wanted.
 * @param weight_gradients [layer_count]: receive ∂C/∂Wˡ, [inputs][outputs] as in minnow_network_get_layer(). The array,
 *                         or any pointer in it, is NULL where that is not wanted.
 * @param bias_gradients   [layer_count]: receive ∂C/∂bˡ, [outputs], likewise.
 * @return OK (also if they are not finite), ARGUMENT, MEMORY.
 */
MINNOW_API minnow_status minnow_network_gradients(const minnow_network *network,
                                                  const minnow_dataset *dataset, unsigned threads,
                                                  double *loss, float *const *weight_gradients,
                                                  float *const *bias_gradients);

/** @} */

/**
 * @defgroup training Training
 * Mini-batch gradient descent. The loss is averaged over the mini-batch.
 * @{
 */

/** A training run: its network, its dataset, and where it stands. */
typedef struct minnow_trainer minnow_trainer;

/** How a gradient g changes a parameter w. m and v begin at 0, and are kept for each parameter. */
typedef enum minnow_optimizer {
    /** Plain gradient descent: w ← w − rate · g. */
    MINNOW_OPTIMIZER_SGD = 0,
    /** m ← momentum · m + g, w ← w − rate · m (Polyak 1964). */
    MINNOW_OPTIMIZER_MOMENTUM = 1,
    /** The same m, w ← w − rate · (g + momentum · m) (Sutskever et al. 2013). */
    MINNOW_OPTIMIZER_NESTEROV = 2,
    /** v ← beta2 · v + (1 − beta2) · g², w ← w − rate · g / (√v + epsilon) (Tieleman and Hinton 2012). */
    MINNOW_OPTIMIZER_RMSPROP = 3,
    /** m ← beta1 · m + (1 − beta1) · g, v as above, w ← w − rate · m′ / (√v′ + epsilon), where m′ = m / (1 − beta1^t)
        and v′ = v / (1 − beta2^t) in step t (Kingma and Ba 2015). */
    MINNOW_OPTIMIZER_ADAM = 4,
    /** The same, with a weight decay to begin with (Loshchilov and Hutter 2019). */
    MINNOW_OPTIMIZER_ADAMW = 5,
} minnow_optimizer;

/** The learning rate over the run, after a warm-up that rises linearly from 0. */
typedef enum minnow_schedule {
    MINNOW_SCHEDULE_CONSTANT = 0, /**< Stays as it is. */
    MINNOW_SCHEDULE_LINEAR = 1,   /**< Falls to 0 at the end. */
    MINNOW_SCHEDULE_COSINE = 2,   /**< Falls to 0 along half a cosine (Loshchilov and Hutter 2017, eq. 5). */
    MINNOW_SCHEDULE_STEP = 3, /**< A tenth from half of the steps on, a hundredth from three quarters on. */
    MINNOW_SCHEDULE_EXPONENTIAL = 4, /**< Falls by one factor with each step, to a hundredth at the end. */
    MINNOW_SCHEDULE_ONE_CYCLE =
        5, /**< Rises from 1/25 along half a cosine for 30 % of the steps, then falls to
                                        1/250000 along another (Smith and Topin 2019). */
    /** Stays as it is until the loss stops falling, see minnow_training_config::plateau_factor. */
    MINNOW_SCHEDULE_PLATEAU = 6,
} minnow_schedule;

/** Whether the first layer skips the inputs that are 0. The bits are the same. */
typedef enum minnow_sparsity {
    MINNOW_SPARSITY_AUTO = 0, /**< Decided by how many there are. */
    MINNOW_SPARSITY_ON = 1,   /**< Skips them. */
    MINNOW_SPARSITY_OFF = 2,  /**< Multiplies them like the rest. */
} minnow_sparsity;

/**
 * How the ranks of one training run reach each other: processes of a cluster, or threads of one process. The library uses
 * it and never frees it; a trainer borrows it. A program fills one in behind minnow_comm_init(), with functions that each
 * return MINNOW_OK, or any other status after having set failure.
 *
 * A rank calls them from one thread at a time. Messages from one rank to another with one tag arrive in the order in which
 * they were started; those with different tags may overtake each other. A message has as many bytes at its receiver as at
 * its sender, 1 to 2^30. The library sends no rank a message of its own.
 */
typedef struct minnow_comm {
    size_t struct_size; /**< Set by minnow_comm_init(). */
    unsigned rank;      /**< This one, from 0. */
    unsigned ranks;     /**< How many there are, 1 to 1024. */
    void *context;      /**< The implementation's own. */

    /** What went wrong, in one line, as the function that has just failed left it; NULL: nothing is known. Valid until
        the next call. */
    const char *failure;

    /** Begins to send data to a rank, with a tag of 0 to 32767. The data stay as they are, and where they are, until the
        request has been waited for. *request receives what wait takes, never NULL. */
    minnow_status (*start_send)(struct minnow_comm *comm, const void *data, size_t bytes, unsigned to,
                                unsigned tag, void **request);
    /** Begins to receive from a rank, likewise; data are not read or written until the request has been waited for. */
    minnow_status (*start_receive)(struct minnow_comm *comm, void *data, size_t bytes, unsigned from,
                                   unsigned tag, void **request);
    /** Waits until a message has been sent (its data may be overwritten) or received. *request becomes NULL, also after a
        failure; where it is NULL, nothing is waited for. */
    minnow_status (*wait)(struct minnow_comm *comm, void **request);
    /** Lets messages under way move, without waiting: called now and then during long computations. May be NULL. */
    minnow_status (*progress)(struct minnow_comm *comm);
    /** Tells the other ranks that this one gives up, and why, so that they need not wait for it: their calls fail from
        then on, and so do this rank's. It may end the processes. May be NULL; then a rank that fails leaves the others
        waiting until their own calls fail. */
    void (*abort)(struct minnow_comm *comm, const char *why);
} minnow_comm;

/**
 * Sets all members to 0, but for ranks, which becomes 1.
 *
 * @param comm Receives the values.
 * @param size sizeof *comm.
 */
MINNOW_API void minnow_comm_init(minnow_comm *comm, size_t size);

/** How threads share the work of a mini-batch. The bits are the same. */
typedef enum minnow_plan {
    MINNOW_PLAN_AUTO = 0,    /**< Decided by what it costs, and then by trying others in mid-run. */
    MINNOW_PLAN_MODEL = 1,   /**< Decided by what it should cost; nothing is tried. */
    MINNOW_PLAN_SAMPLES = 2, /**< Each propagates some of the samples, and updates some rows of weights. */
    MINNOW_PLAN_COLUMNS =
        3, /**< Each owns some columns of the weights of each layer of 32 outputs or more; as SAMPLES
                beside dropout, and with clip_norm, max_norm, sub_batches or a batch of 1. */
} minnow_plan;

/** How to train. */
typedef struct minnow_training_config {
    size_t struct_size; /**< Set by minnow_training_config_init(). */
    size_t batch;  /**< Samples per update, 1 to 65536. The last mini-batch of an epoch may be shorter. */
    size_t epochs; /**< 1 to 2^32 − 1; the schedule's length. */

    minnow_optimizer optimizer; /**< What becomes of a gradient. */
    double learning_rate;       /**< Above 0, at most 1e30. */
    minnow_schedule schedule;   /**< How the learning rate changes. */
    double warmup_epochs;       /**< 0 to epochs. */

    bool shuffle;  /**< A new order in each epoch, drawn from seed. */
    uint64_t seed; /**< Fixes every random draw of the run. */

    minnow_sparsity sparse; /**< Whether inputs that are 0 are skipped. */
    unsigned threads; /**< At most; 0 for OpenMP's choice. Fewer where more do not pay: the same bits. */

    /* The optimiser's constants, which minnow_training_config_set_optimizer() fills in; 0 where it has none. */
    double momentum; /**< Of the last step, what is kept: at least 0, less than 1. */
    double beta1;    /**< Of the mean of gradients, what is kept: likewise. */
    double beta2;    /**< Of the mean of their squares, what is kept: likewise. */
    double epsilon;  /**< Added to that mean's root: above 0, at most 1. */

    /* Regularisation of weights; biases are left alone. 0: none. */
    double weight_decay; /**< Each step also takes rate · weight_decay · w from each weight; at most 1000. */
    double l2;       /**< ½ l2 Σ w² is added to the loss, but not to the loss reported; at most 1000. */
    double max_norm; /**< The weights into a unit are scaled down to this length where they are longer. */

    double
        clip_norm; /**< A gradient that is longer, over all parameters, is scaled down to this length; 0: none. */
    double
        ema; /**< Of a running average of the parameters, what is kept at each step: at least 0, less than 1;
                     0: there is no average. Over the first steps it is the plain mean. See
                     minnow_trainer_use_average(). */

    /** How samples, which must be images, are distorted in each epoch; NULL: not at all. */
    const minnow_distortion_config *distortion;

    /** What training asks of the outputs is less sure than the answers are: targets become (1 − s) t + s/C with SOFTMAX
        (Szegedy et al. 2016) and (1 − s) t + s/2 with LOGISTIC, where a label stands for its one-hot target. At least 0, less
        than 1; other losses take 0 alone. The loss reported is that of these targets. */
    double label_smoothing;

    /* Dropout (Srivastava et al. 2014): each time a sample is trained on, each unit is left out with a probability p, and
       the others' outputs are multiplied by 1 / (1 − p). At least 0, less than 1. Evaluation leaves out nothing. */
    double input_dropout; /**< Of the inputs. */
    size_t
        dropout_count; /**< 0: no hidden unit is left out; 1: dropout[0] holds for all hidden layers; else as many as the
                               network has hidden layers. */
    double dropout[63]; /**< [dropout_count]: of the units of each hidden layer. */

    double
        noise; /**< Standard deviation of normal noise that is added to each feature, anew each time; 0: none, at most
                       1000. Inputs that are 0 are then skipped no more: sparse is AUTO or OFF. */

    /** Samples of a mini-batch are mixed in pairs (Zhang et al. 2018): features and answers become λ times their own and 1 − λ
        times the partner's, λ ~ Beta(mixup, mixup) drawn for each mini-batch. The partner of sample i is sample i + r of the
        mini-batch, round its end, r drawn likewise. 0: none, at most 1000. Takes batch ≥ 2, a loss that takes targets
        (not QUADRATIC), and sparse AUTO or OFF. The accuracy reported is that of the larger share. */
    double mixup;

    /* Of MINNOW_SCHEDULE_PLATEAU, as PyTorch's ReduceLROnPlateau has it: when more than plateau_patience epochs in a row have
       not had a loss below (1 − 10^-4) times the least one before, the rate becomes plateau_factor times what it is, and
       the count begins anew. The loss is that of minnow_trainer_tell_loss() or, if that was not called behind the epoch,
       the mean of minnow_progress::train_loss. */
    double plateau_factor;   /**< Above 0, below 1; 0.2 to begin with. */
    size_t plateau_patience; /**< In epochs, at most 2^32 − 1; 2 to begin with. */

    /** In how many consecutive parts each mini-batch is cut, 1 to 1024 and at most batch: sample i of n is in part
        ⌊i · S / n⌋. The gradient of each part is summed over its samples in order, and the parts' sums are added up in
        a fixed tree. Other numbers give other bits (of the same quality); 1, the default, sums over all samples in
        order. The number of ranks divides it. */
    size_t sub_batches;

    /** With which other ranks this one trains; NULL: alone. Borrowed: must outlive the trainer. Each rank makes a trainer of
        the same network, samples and configuration (but for threads, sparse and plan), and calls the same functions of it in the
        same order. */
    minnow_comm *comm;

    uint64_t plan; /**< A minnow_plan: how threads share the work of a mini-batch. */
} minnow_training_config;

/**
 * Sets the defaults: batch 64, 10 epochs, sgd, learning rate 0.3 falling linearly, shuffled, seed 1. They are a
 * good start for digits.
 *
 * @param config Receives the defaults.
 * @param size   sizeof *config.
 */
MINNOW_API void minnow_training_config_init(minnow_training_config *config, size_t size);

/**
 * Chooses the optimiser, and sets the learning rate, the optimiser's constants and the weight decay to what works
 * in most cases: a learning rate of 0.3 for SGD, 0.05 for MOMENTUM and NESTEROV, 0.001 for RMSPROP, 0.002 for ADAM
 * and ADAMW; a weight decay of 0.05 for ADAMW.
 *
 * @param config    Initialised by minnow_training_config_init(). Nothing else of it is changed.
 * @param optimizer The optimiser.
 * @return OK, ARGUMENT.
 */
MINNOW_API minnow_status minnow_training_config_set_optimizer(minnow_training_config *config,
                                                              minnow_optimizer optimizer);

/**
 * Makes a trainer, which trains the network in place.
 *
 * @param network Borrowed: must outlive the trainer.
 * @param dataset Borrowed, too. Its features and classes must be the network's inputs and outputs.
 * @param config  How to train. Read during the call.
 * @param out     Receives the trainer; NULL after a failure.
 * @return OK, ARGUMENT, MEMORY. Of several ranks all get the first one's error, also where theirs is well; or COMMUNICATION.
 */
MINNOW_API minnow_status minnow_trainer_create(minnow_network *network, const minnow_dataset *dataset,
                                               const minnow_training_config *config, minnow_trainer **out);

/**
 * Makes a trainer that goes on with other samples where one has come to, for data that arrive by and by: the optimiser
 * keeps its moments and its count of steps, and the running average goes on. The schedule begins anew, by the new
 * configuration; the draws go on, its first epoch's being those of the epoch behind the last one that was begun. So with
 * the same samples and configuration, epochs of one trainer each are those of one trainer, to the bit, where the
 * schedule is constant. Such a run has no checkpoint: minnow_trainer_save() refuses it.
 *
 * Where several trainers of a network exist, each trains what is in the network, whoever has put it there; as the
 * network has room for one, only the newest should advance or show its average or best parameters.
 *
 * Of several ranks all must call it, and each stays the rank that it was, of as many.
 *
 * @param trainer May be freed afterwards. If it shows its average or best parameters, the network gets back those that
 *                training goes on from; else, and after a failure, it stays as it is. Not while it advances.
 * @param dataset Borrowed, as by minnow_trainer_create().
 * @param config  How to train. The optimiser is the trainer's, ema is 0 or not as it was there; the rest may differ.
 * @param out     Receives the new trainer, of the same network; NULL after a failure.
 * @return OK, ARGUMENT (also where training diverged), MEMORY, COMMUNICATION.
 */
MINNOW_API minnow_status minnow_trainer_continue(minnow_trainer *trainer, const minnow_dataset *dataset,
                                                 const minnow_training_config *config, minnow_trainer **out);

/** Where a run is. */
typedef struct minnow_progress {
    size_t struct_size;   /**< Set by minnow_progress_init(). */
    size_t epoch;         /**< Which epoch is under way or has just ended, counted from 1. */
    size_t epoch_samples; /**< How many samples of that epoch have been trained on. */
    bool epoch_done;      /**< Whether those were all of it. */
    bool run_done;        /**< Whether that was the last epoch, and it is done. */
    double
        train_loss; /**< Mean over the epoch's samples so far, each before its own update; where they have weights, of
                                the mini-batches' weighted losses. */
    double train_accuracy; /**< The part of those samples whose label was found, 0 to 1. */
    double epoch_seconds; /**< Spent in minnow_trainer_advance() during this epoch, by the monotonic clock. */
    double learning_rate; /**< Of the last mini-batch. */
    double gradient_norm; /**< Its gradient's length over all parameters, before it was scaled down; 0 without
                               minnow_training_config::clip_norm, and before the first mini-batch. */

    /* Of the last call of minnow_trainer_keep_best(), also by the run that was resumed; 0 before it. */
    size_t best_epoch; /**< The epoch under way or just ended then, counted from 1. */
    double best_score; /**< What it was called with. */

    /* After DIVERGED; 0 otherwise. */
    size_t diverged_minibatch; /**< In which mini-batch of the epoch, counted from 1. */
    size_t diverged_layer;     /**< The first layer whose values are not finite, counted from 1; 0: all are
                                    finite, and the loss alone is far too large. */
} minnow_progress;

/**
 * Sets all members to 0.
 *
 * @param progress Receives the zeros.
 * @param size     sizeof *progress.
 */
MINNOW_API void minnow_progress_init(minnow_progress *progress, size_t size);

/**
 * Trains on more samples, but not past the end of the epoch. Call it until run_done of the progress is true.
 *
 * @param trainer     The trainer.
 * @param max_samples How many samples at most, rounded up to whole mini-batches; 0: no limit.
 * @param progress    Receives where the run is, also after DIVERGED or when it is over; NULL where it is not wanted.
 * @return OK; COMMUNICATION, after which the run is over and the network has the parameters of when the epoch before
 *         ended; DIVERGED, after the mini-batch whose mean loss is not finite, or above both 10^12 and 10^12 times that of
 *         the run's first one, or after an epoch that leaves parameters that are not finite: the network then has the
 *         parameters, or their average, that it had when the epoch before ended or the trainer was made, and the run
 *         is over; ARGUMENT, also when it is over already; MEMORY.
 */
MINNOW_API minnow_status minnow_trainer_advance(minnow_trainer *trainer, size_t max_samples,
                                                minnow_progress *progress);

/**
 * Who is told of what while minnow_trainer_run() trains. Each callback is NULL where nobody is; each returns whether the run
 * is to go on. They are called on the thread that called minnow_trainer_run(), one at a time, while no other thread trains.
 * They may call whatever reads the network and the trainer, or saves one of them, minnow_trainer_set_learning_rate() and
 * minnow_trainer_stop(); not what trains (minnow_trainer_advance() and minnow_trainer_run() refuse), changes the network
 * or the dataset, or releases one of the three. A callback that ends the run is the last one that is called.
 *
 *     static bool told(const minnow_progress *progress, const minnow_evaluation *evaluation, void *user) {
 *         double *best = user, now = (double)evaluation->correct / (double)evaluation->total;
 *         printf("epoch %zu: loss %.4f, %.2f %%\n", progress->epoch, progress->train_loss, 100 * now);
 *         *best = now > *best ? now : *best;
 *         return now > *best - 0.01; // ends the run when it has become worse
 *     }
 *
 *     double best[1] = {0};
 *     minnow_callbacks callbacks;
 *     minnow_callbacks_init(&callbacks, sizeof callbacks);
 *     callbacks.validation = held_out;
 *     callbacks.validated = told;
 *     callbacks.user = best;
 *     minnow_status status = minnow_trainer_run(trainer, &callbacks, NULL);
 */
typedef struct minnow_callbacks {
    size_t struct_size; /**< Set by minnow_callbacks_init(). */
    void *user;         /**< What each callback gets as its last argument. */

    /** Called after so many mini-batches as step_interval says, and at the end of each epoch. */
    bool (*step)(const minnow_progress *progress, void *user);
    /** 1 or more. The result of training does not depend on it, but each call costs some microseconds. */
    size_t step_interval;

    /** Called at the end of each epoch, behind the others. */
    bool (*epoch)(const minnow_progress *progress, void *user);

    /** What the network, or its running average, is evaluated on at the end of each epoch, if validated is not NULL. */
    const minnow_dataset *validation;
    /** Called behind that. */
    bool (*validated)(const minnow_progress *progress, const minnow_evaluation *evaluation, void *user);
} minnow_callbacks;

/**
 * Sets the defaults: nobody is told of anything; a step interval of 1.
 *
 * @param callbacks Receives the defaults.
 * @param size      sizeof *callbacks.
 */
MINNOW_API void minnow_callbacks_init(minnow_callbacks *callbacks, size_t size);

/**
 * Trains from where the trainer stands to the end of the run, or until a callback or minnow_trainer_stop() ends it; another
 * call goes on from there. The result is that of minnow_trainer_advance(), to the last bit. From the end of an epoch on,
 * for callbacks and behind this call, the network has the running average of the parameters, if there is one, as by
 * minnow_trainer_use_average().
 *
 * @param trainer   The trainer.
 * @param callbacks Who is told; NULL: nobody. Read at the beginning.
 * @param progress  Receives where the run is at the end, run_done if it was not ended early; NULL where it is not wanted.
 * @return OK; or what minnow_trainer_advance() or minnow_trainer_evaluate() returned.
 */
MINNOW_API minnow_status minnow_trainer_run(minnow_trainer *trainer, const minnow_callbacks *callbacks,
                                            minnow_progress *progress);

/**
 * Sets the learning rate of the mini-batches to come, in place of the schedule's, to look for a good one or to follow
 * a schedule of one's own. Not while the trainer advances.
 *
 * @param trainer The trainer.
 * @param rate    Above 0, at most 1e30; or 0: the schedule's again.
 * @return OK, ARGUMENT.
 */
MINNOW_API minnow_status minnow_trainer_set_learning_rate(minnow_trainer *trainer, double rate);

/**
 * Makes the minnow_trainer_advance() under way, on any thread, or else the next one return after one mini-batch.
 * May be called from any thread and from signal handlers.
 *
 * @param trainer The trainer; NULL does nothing.
 */
MINNOW_API void minnow_trainer_stop(minnow_trainer *trainer);

/**
 * Where the run is: what the last minnow_trainer_advance() reported, also if that was before a checkpoint.
 *
 * @param trainer  The trainer.
 * @param progress Receives it. Not written if an argument is refused.
 */
MINNOW_API void minnow_trainer_progress(const minnow_trainer *trainer, minnow_progress *progress);

/**
 * How many threads the trainer works with.
 *
 * @param trainer The trainer.
 * @return At least 1; 0 for NULL.
 */
MINNOW_API unsigned minnow_trainer_threads(const minnow_trainer *trainer);

/**
 * Puts the running average of the parameters in the network, to be evaluated and saved, or the parameters that
 * training goes on from. Those come back by themselves when the trainer next advances or writes a checkpoint; at
 * the end of a run it is the average that should stay. Nothing changes without minnow_training_config::ema, or
 * before the first step.
 *
 * @param trainer The trainer; NULL does nothing. Not while it advances.
 * @param average Whether it is the average.
 */
MINNOW_API void minnow_trainer_use_average(minnow_trainer *trainer, bool average);

/**
 * Keeps a copy of the parameters that are in the network now, or of the average if that is, as the best ones so far,
 * in place of those before. Checkpoints have them, with their epoch and score, so that a resumed run knows them too.
 * Not while the trainer advances. Early stopping with patience is, behind each epoch,
 *
 *     minnow_network_evaluate(network, validation, 0, &evaluation, NULL);
 *     double score = (double)evaluation.correct;
 *     if (progress.best_epoch == 0 || score > progress.best_score) {
 *         minnow_trainer_keep_best(trainer, score);
 *         minnow_trainer_progress(trainer, &progress);
 *     } else if (progress.epoch - progress.best_epoch >= patience)
 *         break;
 *
 * and behind the last one minnow_trainer_use_best().
 *
 * @param trainer The trainer.
 * @param score   How good they are, by any measure; minnow_progress::best_score has it.
 * @return OK; ARGUMENT, also where the score is not finite; MEMORY (the first time only).
 */
MINNOW_API minnow_status minnow_trainer_keep_best(minnow_trainer *trainer, double score);

/**
 * Tells MINNOW_SCHEDULE_PLATEAU the loss on samples that are not trained on, in place of the training loss of the epoch
 * that has just ended. Of several calls behind an epoch the last one holds. Other schedules do not care. Checkpoints have
 * it. Not while the trainer advances.
 *
 * @param trainer The trainer.
 * @param loss    A finite number, less being better.
 * @return OK; ARGUMENT, also where no epoch has just ended.
 */
MINNOW_API minnow_status minnow_trainer_tell_loss(minnow_trainer *trainer, double loss);

/**
 * Puts the best parameters in the network, to be evaluated and saved, or those that training goes on from, which come
 * back by themselves as with minnow_trainer_use_average(). Nothing changes before minnow_trainer_keep_best().
 *
 * @param trainer The trainer; NULL does nothing. Not while it advances.
 * @param best    Whether it is the best ones.
 */
MINNOW_API void minnow_trainer_use_best(minnow_trainer *trainer, bool best);

/**
 * Evaluates the network as it is, as minnow_network_evaluate() does. Of several ranks each does a part of it, and all
 * get the same, so that they decide alike: all must call it. Not while the trainer advances.
 *
 * @param trainer   The trainer, with as many threads as its configuration says.
 * @param dataset   Its features and classes must be the network's inputs and outputs; the same for all ranks.
 * @param out       Receives the evaluation; NULL where it is not wanted.
 * @param predicted Receives the predicted classes [count]; NULL where they are not wanted.
 * @return OK, ARGUMENT, MEMORY, COMMUNICATION.
 */
MINNOW_API minnow_status minnow_trainer_evaluate(minnow_trainer *trainer, const minnow_dataset *dataset,
                                                 minnow_evaluation *out, uint32_t *predicted);

/**
 * Releases a trainer. The network keeps the parameters that are in it.
 *
 * @param trainer The trainer, or NULL.
 */
MINNOW_API void minnow_trainer_free(minnow_trainer *trainer);

/** @} */

/**
 * @defgroup checkpoints Checkpoints
 * Model files that also tell where training stands.
 *
 * minnow_network_load() reads one as it reads any model. A run that goes on from a checkpoint ends with the same
 * bits, and reports the same losses, as one that was never interrupted, whatever the instruction set, threads and
 * sparsity of either.
 * @{
 */

/**
 * Writes a checkpoint, as minnow_network_save() writes a model, with the network's metadata. Not while the trainer
 * advances. Of several ranks all must call it, and rank 0 writes; the run may go on with any number of ranks that
 * divides minnow_training_config::sub_batches.
 *
 * @param trainer The trainer.
 * @param path    Path of the file.
 * @return OK, ARGUMENT (also while minnow_trainer_set_learning_rate() holds, of which a checkpoint does not know),
 *         OUTPUT (also if a parameter is not finite), MEMORY, COMMUNICATION.
 */
MINNOW_API minnow_status minnow_trainer_save(minnow_trainer *trainer, const char *path);

/**
 * The configuration with which a network that was read from a checkpoint was in training.
 *
 * @param network Read from a checkpoint by minnow_network_load().
 * @param out     Receives the configuration; sparse, threads and distortion are the defaults. All 0 after a failure.
 * @return OK, ARGUMENT, INPUT (the network is not from a checkpoint, or that is damaged), MEMORY.
 */
MINNOW_API minnow_status minnow_checkpoint_config(const minnow_network *network, minnow_training_config *out);

/**
 * How the samples were distorted, likewise.
 *
 * @param network Read from a checkpoint by minnow_network_load().
 * @param out     Receives the configuration; its amounts are 0 if the samples were left as they are. All 0 after a
 *                failure.
 * @return As minnow_checkpoint_config().
 */
MINNOW_API minnow_status minnow_checkpoint_distortion(const minnow_network *network,
                                                      minnow_distortion_config *out);

/**
 * Makes a trainer that goes on where the checkpoint was written from which the network was read.
 *
 * @param network Read from a checkpoint by minnow_network_load(). Borrowed: must outlive the trainer.
 * @param dataset The one that the run was trained on. Borrowed, too.
 * @param config  As minnow_checkpoint_config() gives it, with any sparse and threads. Its distortion is NULL, or what
 *                minnow_checkpoint_distortion() gives. Read during the call.
 * @param out     Receives the trainer; NULL after a failure.
 * @return OK; ARGUMENT, also if a value of config, or the data, contradicts the checkpoint: the message names both;
 *         INPUT, as minnow_checkpoint_config() does; MEMORY; COMMUNICATION.
 */
MINNOW_API minnow_status minnow_trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                                               const minnow_training_config *config, minnow_trainer **out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif

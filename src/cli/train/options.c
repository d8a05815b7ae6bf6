/* The command line of minnow train. */
#include "cli/inputs/choices.h"
#include "cli/train/train.h"

#define TARGET(member) .offset = offsetof(struct train_settings, member)

static const struct option options[] = {
    DATA_OPTION(struct train_settings, data, DATA_FORMATS),
    CLASSES_OPTION(struct train_settings, classes),
    {.name = "hidden",
     .aliases = "hidden-layers hidden-sizes layers hidden-layer-sizes",
     .fixed = true,
     .value = "N,N,...",
     .help = "sizes of the hidden layers, or 'none'",
     .show_default = true,
     .kind = OPTION_SIZES,
     TARGET(hidden),
     .least = 1,
     .most = NETWORK_MAX_SIZE},
    {.name = "activation",
     .aliases = "activations act nonlinearity",
     .fixed = true,
     .value = "NAME,...",
     .help = "of the hidden layers, one for all or one for each:\n{}",
     .show_default = true,
     .kind = OPTION_CHOICES,
     TARGET(activation),
     .choice = choice_activation,
     .choice_words = activation_words},
    {.name = "loss",
     .aliases = "loss-function criterion cost objective",
     .fixed = true,
     .value = "NAME",
     .help = "{}: softmax is cross-entropy over\nsoftmax outputs, logistic binary cross-entropy and "
             "quadratic half\nthe squared error over sigmoid outputs",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(loss),
     .choice = choice_loss,
     .choice_words = loss_words},
    {.name = "optimizer",
     .aliases = "optim optimiser opt solver",
     .fixed = true,
     .value = "NAME",
     .help = "{}: how a gradient changes a parameter",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(optimizer),
     .choice = choice_optimizer,
     .choice_words = optimizer_words},
    {.name = "lr",
     .aliases = "learning-rate eta rate learning-rate-init",
     .fixed = true,
     .value = "X",
     .help = "learning rate at its highest; it falls to 0 by the end, unless\n--schedule constant is given",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(rate),
     .low = 0,
     .above = true,
     .high = 1e6},
    {.name = "schedule",
     .aliases = "lr-schedule lr-scheduler scheduler lr-decay",
     .fixed = true,
     .value = "NAME",
     .help = "of the learning rate: {}; all but\n"
             "constant let it fall to 0 by the end, also the default",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(schedule),
     .choice = choice_schedule,
     .choice_words = schedule_words},
    {.name = "warmup",
     .aliases = "warmup-epochs lr-warmup",
     .fixed = true,
     .value = "X",
     .help = "epochs over which the rate first rises from 0",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(warmup),
     .low = 0,
     .high = 1e6},
    {.name = "batch",
     .aliases = "batch-size minibatch minibatch-size bs",
     .fixed = true,
     .value = "N",
     .help = "samples per update",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(batch),
     .least = 1,
     .most = 65536},
    {.name = "epochs",
     .aliases = "epoch max-epochs num-epochs max-iter",
     .fixed = true,
     .value = "N",
     .help = "passes over the training samples",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(epochs),
     .least = 1,
     .most = 1000000},
    SEED_OPTION(struct train_settings, seed, "of the initial parameters and the order of samples"),
    {.name = "validation",
     .aliases = "val validation-size val-size holdout validation-split val-split validation-fraction",
     .fixed = true,
     .value = "N",
     .help = "keep the last N training samples out of training, and\n"
             "report the accuracy on them after each epoch",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(validation),
     .least = 0,
     .most = UINT32_MAX},
    {.name = "test-each-epoch",
     .aliases = "eval-each-epoch",
     .help = "report the test accuracy after each epoch too",
     .kind = OPTION_FLAG,
     TARGET(test_each_epoch)},
    {.name = "sparse",
     .aliases = "sparsity",
     .value = "NAME",
     .help = "skip inputs that are 0: {}, auto going by how many\n"
             "there are; the result is the same to the last bit",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(sparse),
     .choice = choice_sparsity,
     .choice_words = sparsity_words},
    {.name = "save",
     .aliases = "output out o save-model model-out export",
     .value = "FILE",
     .help = "write the trained network to a safetensors file, for 'minnow test'\n"
             "and others, or in the form that FILE ends in: .onnx, or .h or .c\n"
             "for C source; also when interrupted",
     .kind = OPTION_TEXT,
     TARGET(save)},
    {.name = "checkpoint",
     .aliases = "checkpoint-file ckpt",
     .value = "FILE",
     .help = "keep the state of training in a file, from which --resume goes\n"
             "on; 'minnow test' and others read it as they read a network",
     .kind = OPTION_TEXT,
     TARGET(checkpoint)},
    {.name = "checkpoint-every",
     .value = "N",
     .help = "epochs after which it is written again, or seconds: 30s [1];\n"
             "also when interrupted and at the end",
     .kind = OPTION_TEXT,
     TARGET(checkpoint_every)},
    {.name = "resume",
     .aliases = "resume-from continue",
     .value = "FILE",
     .help = "go on from a checkpoint, with the options of its run; the result\n"
             "is that of a run never interrupted. The file is also the one\n"
             "that --checkpoint names, unless that is given",
     .kind = OPTION_TEXT,
     TARGET(resume)},
    {.name = "init",
     .aliases = "init-from start-from pretrained",
     .value = "FILE",
     .help = "start from this network instead of from random numbers; its file\n"
             "gives --hidden, --activation, --loss and --classes; one of another\n"
             "program needs --activation and --loss",
     .kind = OPTION_TEXT,
     TARGET(init)},
    {.name = "explain-plan",
     .aliases = "explain dry-run",
     .help = "print how training would be carried out, and train nothing;\n"
             "the result of training does not depend on it",
     .kind = OPTION_FLAG,
     TARGET(explain_plan)},
    {.name = "class-names",
     .aliases = "label-names",
     .value = "A,B,...",
     .help = "what the file of --save calls the classes [0,1,...; those of --init]",
     .kind = OPTION_TEXT,
     TARGET(class_names)},
};

struct train_settings train_default_settings(void) {
    struct minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    struct minnow_network_config network;
    minnow_network_config_init(&network, sizeof network);
    return (struct train_settings){
        .hidden = {2, {128, 64}},
        .activation = {1, {(int)network.activation}},
        .loss = (int)network.loss,
        .optimizer = (int)training.optimizer,
        .schedule = (int)training.schedule,
        .rate = training.learning_rate,
        .warmup = training.warmup_epochs,
        .batch = training.batch,
        .epochs = training.epochs,
        .seed = training.seed,
        .classes = 10,
    };
}

static const struct option_answer answers[] = {
    {"model network", "--init FILE is a network to start from, --save FILE where to write the trained one"},
    {"load weights", "--init FILE starts from a network, --resume FILE goes on from a checkpoint"},
    {"input-size inputs output-size outputs num-classes",
     "the data say how many inputs there are, and --classes N how many classes"},
    {"train-data test-data train test", "--data FOLDER holds both the training and the test files"},
    {NULL, NULL},
};

const struct command command_train = {
    .name = "train",
    .words = "fit learn",
    .summary = "trains a network, tests it, saves it",
    .usage = "[OPTIONS]",
    .about =
        "Mini-batch gradient descent on labelled samples. Without options: a good network for\n"
        "handwritten digits, in seconds. The result depends on the options and the data alone,\n"
        "to the last bit: not on the CPU, the instruction set or the number of threads.\n"
        "Ctrl-C ends training in good order: with --save the network so far is kept, and\n"
        "with --checkpoint a run that --resume takes up where it was, to the same result.\n"
        "A second Ctrl-C ends it at once. So do SIGTERM and SIGHUP; the exit status is 130, 143 or 129.\n",
    .examples = "  minnow train --epochs 20 --save digits.safetensors\n"
                "  minnow train --hidden 256 --activation tanh --lr 0.1 --schedule cosine\n"
                "  minnow train --data ~/fashion --validation 5000 --test-each-epoch\n"
                "  minnow train --hidden none                      a linear classifier\n"
                "  minnow train --json | tail -1 | jq .test_accuracy\n",
    .common = true,
    .options = options,
    .answers = answers,
    .option_count = sizeof options / sizeof options[0],
    .run = train_main,
};

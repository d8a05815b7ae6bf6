/* The command line of minnow train. */
#include "cli/inputs/choices.h"
#include "cli/train/train.h"

#define TARGET(member) .offset = offsetof(struct train_settings, member)

static const struct option options[] = {
    DATA_OPTION(struct train_settings, data, DATA_FORMATS),
    CLASSES_OPTION(struct train_settings, classes),
    {.name = "hidden",
     .fixed = true,
     .value = "N,N,...",
     .help = "sizes of the hidden layers, or 'none'",
     .show_default = true,
     .kind = OPTION_SIZES,
     TARGET(hidden),
     .least = 1,
     .most = NETWORK_MAX_SIZE},
    {.name = "activation",
     .fixed = true,
     .value = "NAME,...",
     .help = "of the hidden layers, one for all or one for each:\n{}",
     .show_default = true,
     .kind = OPTION_CHOICES,
     TARGET(activation),
     .choice = choice_activation},
    {.name = "loss",
     .fixed = true,
     .value = "NAME",
     .help = "{}",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(loss),
     .choice = choice_loss},
    {.name = "optimizer",
     .fixed = true,
     .value = "NAME",
     .help = "{}: how a gradient changes a parameter",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(optimizer),
     .choice = choice_optimizer},
    {.name = "lr",
     .fixed = true,
     .value = "X",
     .help = "learning rate",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(rate),
     .low = 0,
     .above = true,
     .high = 1e6},
    {.name = "schedule",
     .fixed = true,
     .value = "NAME",
     .help = "of the learning rate: {}; all but\n"
             "constant fall to 0 at the end",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(schedule),
     .choice = choice_schedule},
    {.name = "warmup",
     .fixed = true,
     .value = "X",
     .help = "epochs over which the rate first rises from 0",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(warmup),
     .low = 0,
     .high = 1e6},
    {.name = "batch",
     .fixed = true,
     .value = "N",
     .help = "samples per update",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(batch),
     .least = 1,
     .most = 65536},
    {.name = "epochs",
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
     .help = "report the test accuracy after each epoch too",
     .kind = OPTION_FLAG,
     TARGET(test_each_epoch)},
    {.name = "sparse",
     .value = "NAME",
     .help = "skip inputs that are 0: {}, auto going by how many\n"
             "there are; the result is the same to the last bit",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(sparse),
     .choice = choice_sparsity},
    {.name = "save",
     .value = "FILE",
     .help = "write the trained network to a safetensors file, for\n"
             "'minnow test' and others; also when interrupted",
     .kind = OPTION_TEXT,
     TARGET(save)},
    {.name = "checkpoint",
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
     .value = "FILE",
     .help = "go on from a checkpoint, with the options of its run; the result\n"
             "is that of a run never interrupted. The file is also the one\n"
             "that --checkpoint names, unless that is given",
     .kind = OPTION_TEXT,
     TARGET(resume)},
    {.name = "init",
     .value = "FILE",
     .help = "start from this network instead of from random numbers; its file\n"
             "gives --hidden, --activation, --loss and --classes; one of another\n"
             "program needs --activation and --loss",
     .kind = OPTION_TEXT,
     TARGET(init)},
    {.name = "explain-plan",
     .help = "print how training would be carried out, and train nothing;\n"
             "the result of training does not depend on it",
     .kind = OPTION_FLAG,
     TARGET(explain_plan)},
    {.name = "class-names",
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

const struct command command_train = {
    .name = "train",
    .summary = "trains a network, tests it, saves it",
    .usage = "[OPTIONS]",
    .about = "Mini-batch gradient descent on labelled samples. Without options: a good network for\n"
             "handwritten digits, in seconds. The result depends on the options and the data alone,\n"
             "to the last bit: not on the CPU, the instruction set or the number of threads.\n"
             "Ctrl-C ends training in good order: with --save the network so far is kept, and\n"
             "with --checkpoint a run that --resume takes up where it was, to the same result.\n"
             "A second Ctrl-C ends it at once.\n",
    .examples = "  minnow train --epochs 20 --save digits.safetensors\n"
                "  minnow train --hidden 256 --activation tanh --lr 0.1 --schedule cosine\n"
                "  minnow train --data ~/fashion --validation 5000 --test-each-epoch\n"
                "  minnow train --hidden none                      a linear classifier\n"
                "  minnow train --json | tail -1 | jq .test_accuracy\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = train_main,
};

#include "cli/inputs/table_source.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/stream.h"
#include "cli/frame/terminal.h"
#include "data/formats/format.h"

/* ---- Choices ---- */

const char *choice_header(size_t index) {
    static const char *const names[] = {"yes", "no"};
    return index < 2 ? names[index] : NULL;
}

const char *choice_scale(size_t index) {
    return index <= SCALE_NONE ? encoder_scale_names[index] : NULL;
}

const char *choice_missing(size_t index) {
    static const char *const names[] = {"fill", "error"};
    return index < 2 ? names[index] : NULL;
}

const char *choice_task(size_t index) {
    static const char *const names[] = {[TASK_CLASSES] = "classes", [TASK_REGRESSION] = "regression"};
    return index < 2 ? names[index] : NULL;
}

/* Refuses those of the options that the command has and that were given. */
static int refuse_given(const struct command_line *line, const char *const *names, const char *why) {
    for (; *names != NULL; names++)
        if (option_given(line, *names))
            return command_refuse(line->command, *names, "%s", why);
    return STATUS_SUCCESS;
}

int table_refuse_options(const struct command_line *line, bool reading_too, const char *why) {
    static const char *const learning[] = {"label", "task",  "weight",  "ignore", "keep",
                                           "text",  "scale", "missing", NULL};
    static const char *const reading[] = {"delimiter", "header", "quote", "decimal", "gaps", NULL};
    int status = refuse_given(line, learning, why);
    return status == STATUS_SUCCESS && reading_too ? refuse_given(line, reading, why) : status;
}

/* Whether a file begins as text, compressed or not, or as nothing known: what else it is, opening it as data says. */
static bool begins_as_table(const char *path) {
    struct byte_stream stream;
    if (stream_open(path, &stream) != MINNOW_OK)
        return false;
    enum file_kind kind = FILE_KIND_UNKNOWN;
    if (stream_gather(&stream, FILE_KIND_BYTES) == MINNOW_OK)
        kind =
            file_kind_of(stream.bytes + stream.begin, size_min(stream.end - stream.begin, FILE_KIND_BYTES));
    stream_close(&stream);
    return kind == FILE_KIND_CSV || kind == FILE_KIND_TEXT || kind == FILE_KIND_GZIP ||
           kind == FILE_KIND_UNKNOWN;
}

bool table_source_is(const struct data_source *source) {
    struct stat info;
    const struct data_format *format;
    if (source->digits)
        return false;
    if (strcmp(source->folder, "-") == 0)
        return true;
    if (stat(source->folder, &info) != 0 || !(S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode)))
        return false;
    if (S_ISREG(info.st_mode) && !begins_as_table(source->folder))
        return false;
    return data_format_of_folder(source->folder, MINNOW_SUBSET_TRAIN, &format) == MINNOW_OK && format == NULL;
}

/* ---- Reading ---- */

/* A single character, or the name of one that a shell makes hard to write. */
static int take_character(const char *option, const char *text, char *out) {
    static const struct {
        const char *name;
        char character;
    } names[] = {{"tab", '\t'},  {"\\t", '\t'},  {"blanks", ' '},
                 {"space", ' '}, {"comma", ','}, {"semicolon", ';'}};
    *out = 0;
    if (text == NULL)
        return STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, text) == 0)
            *out = names[i].character;
    if (*out == 0 && text[0] != '\0' && text[1] == '\0' && strchr("\r\n", text[0]) == NULL)
        *out = text[0];
    return *out != 0 ? STATUS_SUCCESS
                     : problem(STATUS_USAGE, "--%s '%s': expected one character, or 'tab' or 'blanks'",
                               option, text);
}

static int take_reading(const struct table_reading *reading, struct table_options *out) {
    int status = take_character("delimiter", reading->delimiter, &out->delimiter);
    if (status == STATUS_SUCCESS)
        status = take_character("quote", reading->quote, &out->quote);
    if (status == STATUS_SUCCESS)
        status = take_character("decimal", reading->decimal, &out->decimal);
    if (status == STATUS_SUCCESS && out->decimal != 0 && out->decimal != '.' && out->decimal != ',')
        status = problem(STATUS_USAGE, "--decimal '%s': expected '.' or ','", reading->decimal);
    if (status == STATUS_SUCCESS && out->delimiter != 0 && out->delimiter == out->decimal)
        status = problem(STATUS_USAGE, "--delimiter and --decimal are the same");
    out->has_header = reading->header == 0;
    out->no_header = reading->header == 1;
    out->gaps = reading->gaps;
    return status;
}

/* The names of a list, separated by commas, as columns of text; the names are cut out of `list`. */
static size_t wanted_texts(char *list, struct table_wanted *wanted) {
    size_t count = 0;
    char *rest = NULL;
    for (char *name = list != NULL ? strtok_r(list, ",", &rest) : NULL; name != NULL;
         name = strtok_r(NULL, ",", &rest))
        wanted[count++] = (struct table_wanted){name, TABLE_TEXT, false};
    return count;
}

/* What the model remembers holds where the command line says nothing; words for gaps hold beside each other. `gaps` is
   what the options point to, from malloc, or NULL. */
static int recall_reading(const struct encoder_reading *said, struct table_options *options, char **gaps) {
    char delimiter = options->delimiter != 0 ? options->delimiter : said->delimiter;
    char decimal = options->decimal != 0 ? options->decimal : said->decimal;
    options->usual_decimal = said->usual_decimal;
    bool clash = delimiter != 0 && delimiter == decimal; /* one is of this command line, and stands */
    if (!clash || options->decimal == 0)
        options->delimiter = delimiter;
    if (!clash || options->decimal != 0)
        options->decimal = decimal;
    if (options->quote == 0)
        options->quote = said->quote;
    if (!options->has_header && !options->no_header) {
        options->has_header = said->has_header;
        options->no_header = said->no_header;
    }

    *gaps = NULL;
    if (said->gaps == NULL)
        return STATUS_SUCCESS;
    bool both = options->gaps != NULL;
    if (asprintf(gaps, "%s%s%s", said->gaps, both ? "," : "", both ? options->gaps : "") < 0) {
        *gaps = NULL;
        return problem(STATUS_FAILURE, "not enough memory for the words that stand for gaps");
    }
    options->gaps = *gaps;
    return STATUS_SUCCESS;
}

int table_reading_remember(const struct table_reading *reading, struct encoder *encoder) {
    struct table_options options = {0};
    struct encoder_reading *said = &encoder->reading;
    char *gaps = NULL;
    int status = take_reading(reading, &options);
    if (status == STATUS_SUCCESS)
        status = recall_reading(said, &options, &gaps);
    if (status == STATUS_SUCCESS && gaps == NULL && reading->gaps != NULL &&
        (gaps = memory_copy_string(reading->gaps)) == NULL)
        status = problem(STATUS_FAILURE, "not enough memory for the words that stand for gaps");
    if (status != STATUS_SUCCESS)
        return status;
    free(said->gaps);
    *said = (struct encoder_reading){options.delimiter, options.quote, options.decimal,    options.has_header,
                                     options.no_header, gaps,          said->usual_decimal};
    return STATUS_SUCCESS;
}

/* What a table is read for. */
struct opening {
    const char *path;
    const struct table_reading *reading;
    const struct encoder *encoder; /* or NULL */
    bool predicting, describing;
    const char *id; /* or NULL */
};

/* Whether the encoder takes a column of that name, which must then be read as that is. */
static bool is_taken(const struct encoder *encoder, const char *name) {
    for (size_t c = 0; encoder != NULL && c < encoder->column_count; c++)
        if (strcmp(encoder->columns[c].name, name) == 0)
            return true;
    return false;
}

static size_t list_wanted(const struct opening *opening, char *texts, struct table_wanted *wanted) {
    const struct encoder *encoder = opening->encoder;
    size_t count =
        encoder != NULL ? encoder_wanted(encoder, !opening->predicting, wanted) : wanted_texts(texts, wanted);
    if (opening->id != NULL && !is_taken(encoder, opening->id))
        wanted[count++] = (struct table_wanted){opening->id, TABLE_TEXT, true};
    return count;
}

static int open_wanted(const struct opening *opening, struct table_options *options, struct table **out) {
    const char *texts = opening->reading->text;
    const struct encoder *encoder = opening->encoder;
    int status = STATUS_SUCCESS;
    char *list = texts != NULL ? memory_copy_string(texts) : NULL;
    size_t most = (texts != NULL ? strlen(texts) + 1 : 1) + (encoder != NULL ? encoder->column_count + 1 : 0);
    struct table_wanted *wanted = memory_allocate(most + 1, sizeof *wanted);
    if (wanted == NULL || (list == NULL && texts != NULL)) {
        status = problem(STATUS_FAILURE, "not enough memory for the names of columns");
    } else {
        options->wanted = wanted;
        options->wanted_count = list_wanted(opening, list, wanted);
        options->wanted_in_place = encoder != NULL ? encoder->column_count : 0;
        options->keep_bad_rows = opening->predicting;
        options->find_faults = opening->describing;
        minnow_status opened = table_open(opening->path, options, out);
        status = opened == MINNOW_OK ? STATUS_SUCCESS : report(opened);
    }
    memory_free(wanted);
    free(list);
    return status;
}

static int open_table(const struct opening *opening, unsigned threads, struct table **out) {
    struct table_options options = {.threads = threads};
    char *gaps = NULL;
    *out = NULL;
    int status = take_reading(opening->reading, &options);
    if (status == STATUS_SUCCESS && opening->encoder != NULL)
        status = recall_reading(&opening->encoder->reading, &options, &gaps);
    if (status == STATUS_SUCCESS)
        status = open_wanted(opening, &options, out);
    if (status == STATUS_SUCCESS && (*out)->usual_decimal)
        note("%s: numbers read with decimal commas, as in training", (*out)->name);
    free(gaps);
    return status;
}

int table_open_for(const char *path, const struct table_reading *reading, const struct encoder *encoder,
                   unsigned threads, struct table **out) {
    return open_table(&(struct opening){.path = path, .reading = reading, .encoder = encoder}, threads, out);
}

int table_open_to_predict(const char *path, const struct table_reading *reading,
                          const struct encoder *encoder, const char *id, unsigned threads,
                          struct table **out) {
    return open_table(
        &(struct opening){.path = path, .reading = reading, .encoder = encoder, .predicting = true, .id = id},
        threads, out);
}

int table_open_to_describe(const char *path, const struct table_reading *reading, unsigned threads,
                           struct table **out) {
    return open_table(&(struct opening){.path = path, .reading = reading, .describing = true}, threads, out);
}

struct encoder_options table_encoder_options(const struct table_learning *learning) {
    return (struct encoder_options){
        .label = learning->label,
        .weight = learning->weight,
        .ignore = learning->ignore,
        .keep = learning->keep,
        .scale = learning->scale == TABLE_UNSET ? SCALE_ROBUST : (enum encoder_scale)learning->scale,
        .scale_given = learning->scale != TABLE_UNSET,
        .gaps_are_errors = learning->missing == 1,
        .task_given = learning->task != TABLE_UNSET,
        .task = learning->task == TABLE_UNSET ? TASK_CLASSES : (enum encoder_task)learning->task,
    };
}

/* ---- Metadata ---- */

int table_encoder_of(const minnow_network *network, const char *path, struct encoder **out) {
    const char *text = minnow_network_metadata(network, ENCODER_KEY);
    size_t layers = minnow_network_layer_count(network);
    *out = NULL;
    if (text == NULL)
        return STATUS_SUCCESS;
    minnow_status status = encoder_from_text(path, text, out);
    if (status != MINNOW_OK)
        return report(status);

    size_t inputs = minnow_network_layer_size(network, 0),
           outputs = minnow_network_layer_size(network, layers);
    size_t expected = (*out)->task == TASK_CLASSES ? (*out)->class_count : 1;
    if (inputs == (*out)->features && outputs == expected)
        return STATUS_SUCCESS;
    int result =
        problem(STATUS_INPUT, "%s: its table has %zu features and %zu outputs, the network %zu and %zu", path,
                (*out)->features, expected, inputs, outputs);
    encoder_free(*out);
    *out = NULL;
    return result;
}

static minnow_status record_classes(const struct encoder *encoder, minnow_network *network) {
    json_t *names = json_array();
    for (size_t i = 0; i < encoder->class_count; i++)
        json_array_append_new(names, json_string(encoder->classes[i]));
    char *text = json_dumps(names, JSON_COMPACT);
    json_decref(names);
    minnow_status status =
        text != NULL ? minnow_network_set_metadata(network, "class_names", text) : fail_memory("the classes");
    free(text);
    return status;
}

minnow_status table_encoder_record(const struct encoder *encoder, minnow_network *network) {
    char *text;
    minnow_status status = encoder_to_text(encoder, &text);
    if (status == MINNOW_OK)
        status = minnow_network_set_metadata(network, ENCODER_KEY, text);
    if (status == MINNOW_OK && encoder->task == TASK_CLASSES)
        status = record_classes(encoder, network);
    free(text);
    return status;
}

/* Man pages in the man(7) language, which every man program reads. */
#include <stdio.h>
#include <string.h>

#include "cli/frame/terminal.h"
#include "cli/reference/reference.h"

/* Lines of the source are filled up to this; mandoc -T lint complains of longer ones than 80. */
enum { LINE_WIDTH = 76, WORD_TEXT = 512 };

/* Code point of the UTF-8 sequence at *text, which is moved behind it. What is no such sequence is taken byte by
   byte. */
static unsigned long take_character(const char **text) {
    const unsigned char *c = (const unsigned char *)*text;
    size_t length = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : c[0] >= 0xc0 ? 2 : 1;
    unsigned long code = length == 1 ? c[0] : c[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xc0) != 0x80) {
            *text += 1;
            return c[0];
        }
        code = code << 6 | (c[i] & 0x3f);
    }
    *text += length;
    return code;
}

/* The first `length` bytes of the text as roff writes them: hyphens and quotes that can be copied into a shell,
   and no character beyond ASCII. Returns false if they do not fit. */
static bool escape(const char *text, size_t length, char out[WORD_TEXT]) {
    size_t used = 0;
    for (const char *end = text + length; text < end;) {
        unsigned long code = take_character(&text);
        char byte[2] = {(char)code, '\0'}, unicode[16];
        snprintf(unicode, sizeof unicode, "\\[u%04lX]", code);
        const char *written = code == '-'    ? "\\-"
                              : code == '\\' ? "\\e"
                              : code == '\'' ? "\\(aq"
                              : code == '^'  ? "\\(ha"
                              : code == '~'  ? "\\(ti"
                              : code == '`'  ? "\\(ga"
                              : code >= 0x80 ? unicode
                                             : byte;
        if (used + strlen(written) >= WORD_TEXT)
            return false;
        memcpy(out + used, written, strlen(written));
        used += strlen(written);
    }
    out[used] = '\0';
    return true;
}

/* The first `length` bytes of a text, escaped, where a line begins: a dot there would be a request. */
static bool print_verbatim(const char *text, size_t length) {
    char line[WORD_TEXT];
    if (!escape(text, length, line))
        return false;
    print("%s%s\n", line[0] == '.' ? "\\&" : "", line);
    return true;
}

/* Text whose line breaks mean nothing. */
static bool print_filled(const char *text) {
    int at = 0;
    char word[WORD_TEXT];
    for (text += strspn(text, " \n"); *text != '\0'; text += strspn(text, " \n")) {
        size_t length = strcspn(text, " \n");
        if (!escape(text, length, word))
            return false;
        int width = (int)strlen(word);
        bool fits = at > 0 && at + 1 + width <= LINE_WIDTH;
        print("%s%s%s", at == 0 ? "" : fits ? " " : "\n", !fits && word[0] == '.' ? "\\&" : "", word);
        at = fits ? at + 1 + width : width;
        text += length;
    }
    print("\n");
    return true;
}

/* The block of lines that `text` begins with: those that begin with a space, or those that do not, up to an empty one.
   Returns its length, with the last line's end. */
static size_t block_length(const char *text) {
    size_t length = 0;
    bool as_it_is = text[0] == ' ';
    while (text[length] != '\0' && text[length] != '\n' && (text[length] == ' ') == as_it_is) {
        length += strcspn(text + length, "\n");
        length += text[length] == '\n';
    }
    return length;
}

static bool print_as_it_is(const char *text, size_t length) {
    bool good = true;
    print(".EX\n");
    for (const char *end = text + length; good && text < end; text += text < end) {
        size_t line = strcspn(text, "\n");
        good = print_verbatim(text, line);
        text += line;
    }
    print(".EE\n");
    return good;
}

/* Whole lines: an empty one divides paragraphs, and those that begin with a space stay as they are. */
static bool print_lines(const char *text) {
    char paragraph[REFERENCE_TEXT];
    for (bool first = true; text += strspn(text, "\n"), *text != '\0'; first = false) {
        size_t length = block_length(text);
        if (length >= sizeof paragraph)
            return false;
        print("%s", first ? "" : ".PP\n");
        memcpy(paragraph, text, length);
        paragraph[length] = '\0';
        if (!(text[0] == ' ' ? print_as_it_is(text, length) : print_filled(paragraph)))
            return false;
        text += length;
    }
    return true;
}

/* ---- Parts of a page ---- */

static bool print_head(const char *page, const char *summary) {
    print(".\\\" Made from the tables of commands and options when minnow was built.\n");
    print(".TH ");
    for (const char *c = page; *c != '\0'; c++)
        print("%c", *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    print(" 1 %s \"minnow %s\" \"User Commands\"\n", MINNOW_DATE, minnow_version());
    print(".SH NAME\n%s \\-\n", page);
    return print_filled(summary);
}

/* `settings` hold the option's default, if it is shown. */
static bool print_option(const struct option *option, const void *settings) {
    char text[REFERENCE_TEXT + OPTION_VALUE_TEXT], value[OPTION_VALUE_TEXT], name[WORD_TEXT],
        dashes[WORD_TEXT];
    if (!option_text(option, text) || !escape(option->name, strlen(option->name), name) ||
        !escape(option_dashes(option->name), strlen(option_dashes(option->name)), dashes))
        return false;

    print(".TP\n\\fB%s%s\\fR", dashes, name);
    if (option->value != NULL)
        print(" \\fI%s\\fR", option->value);
    print("\n");
    if (option->show_default) {
        option_value(option, settings, value);
        snprintf(text + strlen(text), sizeof text - strlen(text), " [%s]", value);
    }
    return print_filled(text);
}

/* Those that every command takes. */
static bool print_common_options(const char *head) {
    print(".SH %s\n", head);
    for (size_t i = 0; i < common_options_count; i++)
        if (!print_option(&common_options_table[i], NULL))
            return false;
    return true;
}

static bool print_options(const struct command *command, const void *settings) {
    size_t count = command_option_count(command);
    if (count > 0)
        print(".SH OPTIONS\n");
    for (size_t i = 0; i < count; i++)
        if (!print_option(command_option(command, i), settings))
            return false;
    return print_common_options("COMMON OPTIONS");
}

/* The pages of all other commands. */
static void print_see_also(const char *but) {
    print(".SH SEE ALSO\n");
    const char *before = "";
    if (but != NULL) {
        print(".BR minnow (1)");
        before = ",\n";
    }
    for (size_t i = 0; i < command_count; i++)
        if (but == NULL || strcmp(but, commands[i]->name) != 0) {
            print("%s.BR minnow\\-%s (1)", before, commands[i]->name);
            before = ",\n";
        }
    print("\n");
}

/* ---- Pages ---- */

bool manual_print_command(const struct command *command, const void *settings) {
    char page[64];
    snprintf(page, sizeof page, "minnow\\-%s", command->name);
    bool good = print_head(page, command->summary);
    print(".SH SYNOPSIS\n.B minnow %s\n", command->name);
    good = good && print_filled(command->usage);
    print(".SH DESCRIPTION\n");
    good = good && print_lines(command->about);

    good = good && print_options(command, settings);
    if (command->examples != NULL) {
        print(".SH EXAMPLES\n");
        good = good && print_lines(command->examples);
    }
    print_see_also(command->name);
    return good;
}

static const struct {
    const char *name, *text;
} environment[] = {
    {"MINNOW_DATA", "The folder of data that commands take without --data."},
    {"OMP_NUM_THREADS", "The number of threads without --threads."},
    {"NO_COLOR", "Set to anything: no colours on a terminal."},
    {"XDG_CACHE_HOME", "Where the folder minnow/mnist of fetched data is looked for; without it, ~/.cache."},
};

static bool print_environment(void) {
    print(".SH ENVIRONMENT\n");
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++) {
        print(".TP\n\\fB%s\\fR\n", environment[i].name);
        if (!print_filled(environment[i].text))
            return false;
    }
    return true;
}

/* Each text as a sentence. */
static bool print_exit_statuses(void) {
    char sentence[REFERENCE_TEXT];
    print(".SH EXIT STATUS\n");
    for (size_t i = 0; i < exit_status_count; i++) {
        int length = snprintf(sentence, sizeof sentence, "%s.", exit_statuses[i].text);
        if (length < 0 || (size_t)length >= sizeof sentence)
            return false;
        sentence[0] =
            (char)(sentence[0] >= 'a' && sentence[0] <= 'z' ? sentence[0] - 'a' + 'A' : sentence[0]);
        print(".TP\n\\fB%d\\fR\n", exit_statuses[i].status);
        if (!print_filled(sentence))
            return false;
    }
    return true;
}

bool manual_print_overview(void) {
    bool good = print_head("minnow", "trains and runs multilayer perceptrons on CPUs");
    print(".SH SYNOPSIS\n.B minnow\n.I COMMAND\n[OPTIONS]\n.SH DESCRIPTION\n");
    good = good &&
           print_lines("Trains and tests digit classifiers, and other small dense networks, on the CPU. The "
                       "result depends on the options and the data alone, to the last bit: not on the CPU, "
                       "its instruction set or the number of threads.\n\n"
                       "Results go to standard output, progress and messages to standard error. Each "
                       "command has a page of its own; what its options do when they are not given "
                       "stands in brackets there.\n\n"
                       "Data are taken from --data FOLDER, else from $MINNOW_DATA, ./DATA, what "
                       "tools/fetch-mnist of the sources has fetched, Debian's dataset-fashion-mnist; and at "
                       "last they are digits that minnow draws itself. The program says which it took.\n");

    print(".SH COMMANDS\n");
    for (size_t i = 0; good && i < command_count; i++) {
        print(".TP\n.BR minnow\\-%s (1)\n", commands[i]->name);
        good = print_filled(commands[i]->summary);
    }
    good = good && print_common_options("OPTIONS OF ALL COMMANDS");
    good = good && print_environment() && print_exit_statuses();
    print(".SH EXAMPLES\n");
    good = good && print_lines("  minnow train --save digits.safetensors\n"
                               "  minnow test --model digits.safetensors\n"
                               "  minnow predict --model digits.safetensors IMAGES\n");
    print_see_also(NULL);
    return good;
}

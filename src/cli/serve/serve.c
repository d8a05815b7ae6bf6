/* minnow serve: a network behind HTTP, for people who draw and for programs that ask. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"
#include "cli/serve/serve.h"

struct settings {
    const char *model, *address;
    struct model_form form;
    uint64_t port;
};

static const struct option options[] = {
    MODEL_OPTION(struct settings, model),
    {.name = "port",
     .aliases = "p listen",
     .value = "N",
     .help = "to listen on; 0: any that is free",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, port),
     .least = 0,
     .most = 65535},
    {.name = "address",
     .aliases = "host bind interface",
     .value = "ADDRESS",
     .help = "of the interface to listen on; 0.0.0.0 lets other machines in, who\n"
             "need no password [127.0.0.1, this machine alone]",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, address)},
    MODEL_FORM_OPTIONS(struct settings, form),
};

/* Threads of connections wait for most of their time. More than these gain nothing: the products have their own. */
enum { THREADS_MOST = 16 };

/* ---- Until a signal ---- */

/* A write that the listener has closed is an error of its connection, not of the program. */
static void block_signals(sigset_t *stop) {
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(stop);
    for (size_t i = 0; i < interrupt_signal_count; i++) {
        struct sigaction before;
        /* Who starts the program with a signal ignored wants it to stay so. */
        if (sigaction(interrupt_signals[i], NULL, &before) != 0 || before.sa_handler != SIG_IGN)
            sigaddset(stop, interrupt_signals[i]);
    }
    pthread_sigmask(SIG_BLOCK, stop, NULL);
}

static void say_where(const struct served *served, const struct settings *settings, const char *address,
                      uint16_t port, bool json) {
    char url[SERVER_URL_TEXT];
    server_url(address, port, url);
    if (json)
        print("{\"event\":\"listening\",\"url\":\"%s\",\"port\":%u}\n", url, (unsigned)port);
    else
        print("%s\n", url);
    print_flush();
    note("serving %s; Ctrl-C ends it", settings->model);
    if (served->form.pictures.height > 0 && !json)
        note("open that address in a browser and draw");
}

static int serve(const struct served *served, const struct settings *settings,
                 const struct common_options *common) {
    sigset_t stop;
    int received;
    struct server *server;
    struct server_settings listening = {
        .address = settings->address != NULL ? settings->address : "127.0.0.1",
        .port = (uint16_t)settings->port,
        .threads = team_threads(common->threads),
    };
    if (listening.threads > THREADS_MOST)
        listening.threads = THREADS_MOST;
    /* Who lets other machines in may give this one any name. */
    struct site site = served_site(served, address_is_loopback(listening.address));
    block_signals(&stop); /* before the server's threads are made, which inherit it */
    minnow_status status = server_start(&site, &listening, &server);
    if (status == MINNOW_ERROR_ARGUMENT)
        return problem(STATUS_USAGE, "serve: --address %s", minnow_last_error());
    if (status != MINNOW_OK)
        return problem(STATUS_FAILURE, "serve: %s", minnow_last_error());

    say_where(served, settings, listening.address, server_port(server), common->json);
    while (sigwait(&stop, &received) != 0)
        continue;
    unsigned long long requests = server_requests(server);
    server_stop(server);
    note("%llu requests", requests);
    return STATUS_SUCCESS;
}

/* ---- The command ---- */

static int run_serve(const struct command *command, int argc, char **argv) {
    struct settings settings = {.form = MODEL_FORM_UNSET, .port = 8017};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    if (server_library() == NULL)
        return problem(STATUS_FAILURE,
                       "serve: this minnow was built without libmicrohttpd, which serves HTTP");
    minnow_network *network;
    status = model_open_first(command, settings.model, line.common.kernels->name, &settings.form, &network);
    if (status != STATUS_SUCCESS)
        return status;

    struct served served;
    status = served_begin(network, settings.model, &served);
    if (status == STATUS_SUCCESS)
        status = serve(&served, &settings, &line.common);
    served_free(&served);
    minnow_network_free(network);
    return status;
}

const struct command command_serve = {
    .name = "serve",
    .words = "server web http draw gui playground demo",
    .summary = "a page to draw digits on, and predictions for programs, over HTTP",
    .usage = "--model PATH [OPTIONS]",
    .about =
        "Serves a page on which one draws with mouse, finger or pen, and sees what the network makes\n"
        "of the drawing while it grows: the picture as the network gets it, the units of each layer,\n"
        "the probabilities. Picture files can be dropped onto it; a network of a table gets a form of\n"
        "its columns. The page asks nothing of anybody but this server.\n\n"
        "Programs ask by HTTP:\n"
        "  POST /predict   samples in, {\"predictions\": [...]} out. The body is JSON: {\"rows\": [[...]]} "
        "of\n"
        "                  values, {\"pixels\": [[...]]} of bytes, or {\"rows\": [{\"COLUMN\": ...}]} for a\n"
        "                  table; or a file that 'minnow predict' reads: PNG, JPEG, IDX, .npy, CSV\n"
        "  GET /model      what the network takes and gives\n"
        "  GET /health     {\"status\":\"ok\"}\n"
        "What is wrong with a request is answered as {\"error\": ...} with status 400. Requests that\n"
        "come at the same time are predicted together. A body may have 16 MiB. Ctrl-C, SIGTERM and\n"
        "SIGHUP end the server when what has come is answered; the exit status is 0.\n",
    .examples =
        "  minnow serve --model digits.safetensors\n"
        "  curl --data-binary @seven.png http://127.0.0.1:8017/predict\n"
        "  curl -d '{\"rows\": [{\"length\": 1.4, \"colour\": \"red\"}]}' http://127.0.0.1:8017/predict\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_serve,
};

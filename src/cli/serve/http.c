/*
 * HTTP, by libmicrohttpd; no_http.c stands in where it was not there when minnow was built.
 *
 * Its threads read requests and write answers. A prediction's connection is suspended while the samples wait for the
 * batch's thread, which resumes it: no thread waits. Nothing of the file system can be reached: the routes are a table,
 * and what they give is in the program.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/serve/http.h"
#include "cli/serve/serve.h"

enum {
    BODY_START = 16 << 10,       /* first room for one */
    BODY_SECONDS = 60,           /* in which it must have come */
    IDLE_SECONDS = 60,           /* after which a connection on which nothing happens is closed */
    CONNECTIONS_MOST = 1000,     /* at a time */
    CONNECTION_MEMORY = 32 << 10 /* for the head of a request and of its answer */
};

struct server {
    const struct site *site;
    struct MHD_Daemon *daemon;
    struct batch *batch; /* NULL: the site predicts nothing */
    atomic_ullong requests;
};

/* A request, from its head to its answer. */
struct request {
    struct job job; /* first: what the batch gives back is the request */
    struct server *server;
    struct MHD_Connection *connection;
    const struct route *route;
    time_t started;
    uint8_t *body;
    size_t size, room;
    struct samples samples;
    bool detail, waiting, refused;
};

/* ---- Answers ---- */

static const char JSON[] = "application/json";

static void add_headers(struct MHD_Response *response, const char *type) {
    static const char *const headers[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        /* The page says itself that it asks nobody but this server; here, that no other page may frame it. */
        {"Content-Security-Policy", "frame-ancestors 'none'"},
    };
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *data, size_t size, enum MHD_ResponseMemoryMode mode,
                              const char *allow) {
    /* The library's interface is not const, but it does not change what is its caller's. */
    struct MHD_Response *response = MHD_create_response_from_buffer(size, (void *)(uintptr_t)data, mode);
    if (response == NULL)
        return MHD_NO;
    add_headers(response, type);
    if (allow != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    enum MHD_Result sent = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result send_error(struct MHD_Connection *connection, unsigned status, const char *message,
                                  const char *allow) {
    struct text text;
    if (answer_error(message, &text) != MINNOW_OK)
        return MHD_NO;
    return answer(connection, status, JSON, text.data, text.size, MHD_RESPMEM_MUST_FREE, allow);
}

/* ---- Requests ---- */

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void request_free(struct request *request) {
    if (request == NULL)
        return;
    samples_free(&request->samples);
    free(request->body);
    free(request);
}

/* When a connection is done with a request, answered or not. */
static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why) {
    (void)context;
    (void)connection;
    (void)why;
    request_free(*state);
    *state = NULL;
}

static const char *header(struct MHD_Connection *connection, const char *name) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* The head has come. What cannot be answered is refused before its body is read. */
static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection, const char *method,
                             const char *path, void **state) {
    const struct request_head head = {
        .method = method,
        .path = path,
        .host = header(connection, MHD_HTTP_HEADER_HOST),
        .origin = header(connection, MHD_HTTP_HEADER_ORIGIN),
        .content_type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
        .content_length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH),
    };
    struct refusal why;
    const struct route *route = route_choose(server->site, &head, &why);
    atomic_fetch_add(&server->requests, 1);
    if (route == NULL)
        return send_error(connection, why.status, why.message, why.allow);

    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return MHD_NO;
    request->server = server;
    request->connection = connection;
    request->route = route;
    request->started = now();
    *state = request;
    return MHD_YES;
}

static bool keeps_body(const struct request *request) {
    return request->route->content == NULL;
}

/* Keeps a piece of the body. A body without a length that is too long, or one that takes too long, ends the
   connection: nothing can be answered before all has been read. */
static enum MHD_Result take(struct request *request, const char *piece, size_t *size) {
    if (*size > BODY_MOST - request->size || now() - request->started > BODY_SECONDS)
        return MHD_NO;
    if (keeps_body(request) && request->size + *size > request->room) {
        size_t room = request->room > 0 ? request->room : BODY_START;
        while (room < request->size + *size)
            room *= 2;
        uint8_t *larger = realloc(request->body, room);
        if (larger == NULL)
            return MHD_NO;
        request->body = larger;
        request->room = room;
    }
    if (keeps_body(request))
        memcpy(request->body + request->size, piece, *size);
    request->size += *size;
    *size = 0;
    return MHD_YES;
}

/* ---- Predictions ---- */

static enum MHD_Result send_failure(const struct request *request, minnow_status status) {
    unsigned code = status == MINNOW_ERROR_INPUT ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_INTERNAL_SERVER_ERROR;
    return send_error(request->connection, code, minnow_last_error(), NULL);
}

static void on_predicted(struct job *job) {
    struct request *request = (struct request *)job;
    MHD_resume_connection(request->connection);
}

/* JSON is told by its first character too: curl -d says that what it sends is a form. */
static bool is_json(const struct request *request) {
    size_t i = 0;
    while (i < request->size && strchr(" \t\r\n", request->body[i]) != NULL && request->body[i] != 0)
        i++;
    return type_is_json(header(request->connection, MHD_HTTP_HEADER_CONTENT_TYPE)) ||
           (i < request->size && (request->body[i] == '{' || request->body[i] == '['));
}

static enum MHD_Result predict(struct request *request) {
    struct server *server = request->server;
    minnow_status status =
        body_read(server->site->served, is_json(request), request->body, request->size, &request->samples);
    if (status != MINNOW_OK)
        return send_failure(request, status);

    const char *detail = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "detail");
    request->detail = detail != NULL && strcmp(detail, "1") == 0;
    request->job = (struct job){.samples = &request->samples, .done = on_predicted};
    request->waiting = true;
    MHD_suspend_connection(request->connection); /* first, as it may be resumed at once */
    request->refused = !batch_add(server->batch, &request->job);
    if (request->refused)
        MHD_resume_connection(request->connection);
    return MHD_YES;
}

static enum MHD_Result send_predictions(const struct request *request) {
    struct text text;
    minnow_status status = request->job.status;
    if (request->refused)
        return send_error(request->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is ending", NULL);
    if (status == MINNOW_OK)
        status = answer_predictions(request->server->site->served, &request->samples, request->detail, &text);
    if (status != MINNOW_OK)
        return send_failure(request, status);
    return answer(request->connection, MHD_HTTP_OK, JSON, text.data, text.size, MHD_RESPMEM_MUST_FREE, NULL);
}

/* ---- Other answers ---- */

const char *question_value(const struct question *question, const char *name) {
    return MHD_lookup_connection_value(question->connection, MHD_GET_ARGUMENT_KIND, name);
}

static enum MHD_Result respond(const struct request *request) {
    const struct question question = {request->body, request->size, request->connection};
    struct text text = {0};
    unsigned status = request->route->respond(request->server->site->context, &question, &text);
    if (status == 0)
        return MHD_NO;
    return answer(request->connection, status, request->route->type, text.data, text.size,
                  MHD_RESPMEM_MUST_FREE, NULL);
}

/* Called for a request's head, for each piece of its body, behind that, and when its connection is resumed. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *piece, size_t *size,
                                  void **state) {
    struct server *server = context;
    struct request *request = *state;
    (void)version;
    if (request == NULL)
        return begin(server, connection, method, path, state);
    if (*size > 0)
        return take(request, piece, size);
    if (request->waiting)
        return send_predictions(request);
    if (request->route->respond != NULL)
        return respond(request);
    if (request->route->content == NULL)
        return predict(request);

    size_t length;
    const char *content = request->route->content(server->site->context, &length);
    return answer(connection, MHD_HTTP_OK, request->route->type, content, length, MHD_RESPMEM_PERSISTENT,
                  NULL);
}

/* ---- The server ---- */

/* The library's own messages are of no use to who uses the program: what matters is answered. */
static void on_message(void *context, const char *format, va_list arguments) {
    (void)context;
    (void)format;
    (void)arguments;
}

static bool read_address(const struct server_settings *settings, struct sockaddr_storage *out) {
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, settings->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(settings->port);
        return true;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(settings->port);
    return inet_pton(AF_INET6, settings->address, &six->sin6_addr) == 1;
}

static minnow_status listen_at(struct server *server, const struct server_settings *settings) {
    struct sockaddr_storage address;
    if (!read_address(settings, &address))
        return fail(MINNOW_ERROR_ARGUMENT,
                    "'%s' is no address of an interface; 127.0.0.1 is this machine alone", settings->address);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (MHD_is_feature_supported(MHD_FEATURE_EPOLL) == MHD_YES ? MHD_USE_EPOLL : 0) |
                     (address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    struct MHD_OptionItem pool[] = {{settings->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
                                     (intptr_t)settings->threads, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    server->daemon = MHD_start_daemon(
        flags, settings->port, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_message, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MOST, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    if (server->daemon == NULL)
        return fail(MINNOW_ERROR_INPUT,
                    "cannot listen on %s, port %u; is another program there? --port 0 takes any that is free",
                    settings->address, (unsigned)settings->port);
    return MINNOW_OK;
}

minnow_status server_start(const struct site *site, const struct server_settings *settings,
                           struct server **out) {
    struct server *server = calloc(1, sizeof *server);
    *out = NULL;
    if (server == NULL)
        return fail_memory("the server");
    server->site = site;
    minnow_status status = MINNOW_OK;
    if (site->served != NULL)
        status = batch_start(site->served, settings->threads, &server->batch);
    if (status == MINNOW_OK)
        status = listen_at(server, settings);
    if (status != MINNOW_OK) {
        if (server->batch != NULL)
            batch_end(server->batch);
        batch_free(server->batch);
        free(server);
        return status;
    }
    *out = server;
    return MINNOW_OK;
}

uint16_t server_port(const struct server *server) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

uint64_t server_requests(const struct server *server) {
    return atomic_load(&server->requests);
}

/* The library wants no connection suspended when it stops: those that wait are predicted first. Connections that are open
   may ask on until it has stopped, and are refused; new ones find the socket closed. */
void server_stop(struct server *server) {
    MHD_socket listening = MHD_quiesce_daemon(server->daemon);
    if (server->batch != NULL)
        batch_end(server->batch);
    MHD_stop_daemon(server->daemon);
    batch_free(server->batch);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    free(server);
}

const char *server_library(void) {
    return MHD_get_version();
}

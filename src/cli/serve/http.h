/* HTTP for pages and programs: what a site is (a table of routes), which of its routes answers a request (routes.c, which knows
   no library), and the server (http.c). minnow serve is one site, minnow train --serve another. */
#ifndef MINNOW_CLI_SERVE_HTTP_H
#define MINNOW_CLI_SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

/* An answer in memory, from malloc; [size], with a 0 behind it. */
struct text {
    char *data;
    size_t size;
};

/* ---- Sites ---- */

/* A request whose body is there, as a route's function sees it. */
struct question {
    const uint8_t *body;
    size_t size;
    void *connection; /* for question_value */
};
/* What the address says behind its '?', "since=12"; NULL: it does not say that. */
const char *question_value(const struct question *question, const char *name);

/* How a request is answered. Functions are called by the server's threads, and must lock what others change. */
struct route {
    const char *method, *path, *type;
    /* What does not change while the server runs; or NULL. */
    const char *(*content)(const void *context, size_t *size);
    /* Makes an answer, in *out, also {"error": ...}. Returns its HTTP status; 0: there is no memory. Or NULL. */
    unsigned (*respond)(void *context, const struct question *question, struct text *out);
    /* With neither of both, predictions of the site's network are asked for. */

    /* It changes something: a page of another site must not reach it. The body must say that it is JSON, which a form
       cannot, and the Origin that a browser adds must be the server's own. */
    bool acts;
};

struct served;
struct site {
    const struct route *routes;
    size_t route_count;
    const char *paths;           /* which there are, for those who ask for another */
    void *context;               /* of the routes */
    const struct served *served; /* whose predictions can be asked for; or NULL */
    /* Only names of this machine are taken in a request's Host. Else a page of any site could make its own name stand for this
       machine's address, by which it would count as the same site (DNS rebinding). */
    bool guarded;
};

/* ---- Routes ---- */

/* What of a request's head decides on its route. NULL: it is not there. */
struct request_head {
    const char *method, *path, *host, *origin, *content_type, *content_length;
};

enum { BODY_MOST = 16 << 20 /* bytes of a request's body */ };

/* Why a request is refused. */
struct refusal {
    unsigned status; /* HTTP's */
    const char *message;
    const char *allow; /* the method that the path takes; or NULL */
};

/* The route that answers; or NULL, and why there is none. */
const struct route *route_choose(const struct site *site, const struct request_head *head,
                                 struct refusal *why);
/* Whether a Host is a name of this machine: an address, localhost, or what the machine is called, with a port or without. */
bool host_is_own(const char *host);
/* Whether a page whose Origin that is came from this Host. */
bool origin_is_host(const char *origin, const char *host);
bool type_is_json(const char *content_type); /* which may be NULL */

/* ---- The server ---- */

struct server_settings {
    const char *address; /* of the interface to listen on */
    uint16_t port;       /* 0: any that is free */
    unsigned threads;    /* that serve connections, and that predict */
};

struct server;
/* Listens and answers until server_stop, which lets requests that have come whole be answered. The site is the caller's, and
   must last as long. Errors: ARGUMENT (the address is none), INPUT (the port is taken), MEMORY, UNSUPPORTED (built without
   libmicrohttpd). */
minnow_status server_start(const struct site *site, const struct server_settings *settings,
                           struct server **out);
uint16_t server_port(const struct server *server);
uint64_t server_requests(const struct server *server);
void server_stop(struct server *server);
const char *server_library(void); /* its version; NULL in a build without */

/* "http://127.0.0.1:8017/" */
enum { SERVER_URL_TEXT = 96 };
void server_url(const char *address, uint16_t port, char text[SERVER_URL_TEXT]);
/* Whether only this machine can reach an address. */
bool address_is_loopback(const char *address);

#endif

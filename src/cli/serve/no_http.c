/* In place of http.c in a build without libmicrohttpd. */
#include "base/status.h"
#include "cli/serve/http.h"

minnow_status server_start(const struct site *site, const struct server_settings *settings,
                           struct server **out) {
    (void)site;
    (void)settings;
    *out = NULL;
    return fail(MINNOW_ERROR_UNSUPPORTED, "this minnow was built without libmicrohttpd, which serves HTTP");
}

uint16_t server_port(const struct server *server) {
    (void)server;
    return 0;
}

uint64_t server_requests(const struct server *server) {
    (void)server;
    return 0;
}

void server_stop(struct server *server) {
    (void)server;
}

const char *server_library(void) {
    return NULL;
}

const char *question_value(const struct question *question, const char *name) {
    (void)question;
    (void)name;
    return NULL;
}

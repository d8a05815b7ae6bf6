/* The heads of requests to our servers, as arbitrary texts that end in zeros: which route answers, and which are refused. A page
   of another site must reach no route that acts, and no route at all of a site that is guarded. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/serve/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXTS = 6, TEXT_MOST = 512 };

static void check(bool holds) {
    if (!holds)
        abort();
}

static const char *content(const void *context, size_t *size) {
    *size = 0;
    return context;
}

/* The texts of the input, the last ones NULL where it ends early. */
static void split(const uint8_t *data, size_t size, char text[TEXTS][TEXT_MOST], const char *out[TEXTS]) {
    for (size_t i = 0, at = 0; i < TEXTS; i++) {
        const uint8_t *end = at < size ? memchr(data + at, 0, size - at) : NULL;
        size_t length = at < size ? (end != NULL ? (size_t)(end - data) : size) - at : 0;
        size_t kept = length < TEXT_MOST ? length : TEXT_MOST - 1;
        memcpy(text[i], data + (at < size ? at : 0), kept);
        text[i][kept] = '\0';
        out[i] = at < size || i < 2 ? text[i] : NULL; /* method and path are there always */
        at += length + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct route routes[] = {
        {.method = "GET", .path = "/", .content = content},
        {.method = "POST", .path = "/predict"},
        {.method = "POST", .path = "/control", .content = content, .acts = true},
    };
    struct site site = {
        .routes = routes, .route_count = 3, .paths = "none", .guarded = size > 0 && data[0] % 2 == 1};
    char text[TEXTS][TEXT_MOST];
    const char *given[TEXTS];
    if (size == 0)
        return 0;
    split(data + 1, size - 1, text, given);
    const struct request_head head = {.method = given[0],
                                      .path = given[1],
                                      .host = given[2],
                                      .origin = given[3],
                                      .content_type = given[4],
                                      .content_length = given[5]};
    struct refusal why = {0};
    const struct route *route = route_choose(&site, &head, &why);
    if (route == NULL) {
        check(why.status >= 400 && why.status < 500 && why.message != NULL);
        check((why.status == 405) == (why.allow != NULL));
        return 0;
    }
    check(strcmp(route->path, head.path) == 0);
    check(!site.guarded || head.host == NULL || host_is_own(head.host));
    if (route->acts) {
        check(type_is_json(head.content_type) && strcmp(head.method, "POST") == 0);
        check(head.origin == NULL || (head.host != NULL && strncasecmp(head.origin, "http://", 7) == 0 &&
                                      strcasecmp(head.origin + 7, head.host) == 0));
    }
    return 0;
}

/* Which route answers a request, and which requests are refused before their body is read. Everything in a head may be wrong,
   or meant to harm. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/serve/http.h"

enum { NAME_MOST = 256 };

/* HTTP's numbers for what is wrong. */
enum { FORBIDDEN = 403, NOT_FOUND = 404, METHOD_NOT_ALLOWED = 405, TOO_LARGE = 413, UNSUPPORTED_TYPE = 415 };

/* ---- Names of this machine ---- */

/* The name of a Host without its port, and without the brackets of an IPv6 address. */
static bool split_host(const char *host, char name[NAME_MOST]) {
    size_t length = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");
    const char *rest = host + length + (host[0] == '[' && host[length] == ']');
    const char *begin = host + (host[0] == '[');
    length -= host[0] == '[';
    bool whole = rest[0] == '\0' || (rest[0] == ':' && strspn(rest + 1, "0123456789") == strlen(rest + 1));
    if (!whole || length == 0 || length >= NAME_MOST)
        return false;
    memcpy(name, begin, length);
    name[length] = '\0';
    return true;
}

static bool ends_in(const char *name, const char *ending) {
    size_t length = strlen(name), own = strlen(ending);
    return length > own && strcasecmp(name + length - own, ending) == 0;
}

/* "desk", "desk.local" for a machine that is called "desk" or "desk.example.org", and that name. */
static bool is_machine_name(const char *name) {
    char machine[NAME_MOST], local[NAME_MOST + 8];
    if (gethostname(machine, sizeof machine) != 0)
        return false;
    machine[sizeof machine - 1] = '\0';
    if (machine[0] != '\0' && strcasecmp(name, machine) == 0)
        return true;
    machine[strcspn(machine, ".")] = '\0';
    snprintf(local, sizeof local, "%s.local", machine);
    return machine[0] != '\0' && (strcasecmp(name, machine) == 0 || strcasecmp(name, local) == 0);
}

bool host_is_own(const char *host) {
    char name[NAME_MOST];
    struct in_addr four;
    struct in6_addr six;
    if (!split_host(host, name))
        return false;
    return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1 ||
           strcasecmp(name, "localhost") == 0 || ends_in(name, ".localhost") || is_machine_name(name);
}

bool origin_is_host(const char *origin, const char *host) {
    static const char scheme[] = "http://";
    size_t length = sizeof scheme - 1;
    return strncasecmp(origin, scheme, length) == 0 && strcasecmp(origin + length, host) == 0;
}

/* ---- Heads ---- */

bool type_is_json(const char *content_type) {
    static const char json[] = "application/json";
    size_t length = sizeof json - 1;
    return content_type != NULL && strncasecmp(content_type, json, length) == 0 &&
           strchr("; \t", content_type[length]) != NULL;
}

/* HEAD is GET without the content, which the server leaves out. */
static bool has_method(const struct route *route, const char *method) {
    return strcmp(route->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static const struct route *find(const struct site *site, const struct request_head *head,
                                struct refusal *why) {
    *why = (struct refusal){NOT_FOUND, site->paths, NULL};
    for (size_t i = 0; i < site->route_count; i++) {
        const struct route *route = &site->routes[i];
        if (strcmp(route->path, head->path) != 0)
            continue;
        if (has_method(route, head->method))
            return route;
        *why = (struct refusal){METHOD_NOT_ALLOWED, "this path takes another method", route->method};
    }
    return NULL;
}

/* How long the head says the body is; 0 where it does not say. More than can be is as bad as too long. */
static unsigned long long announced(const struct request_head *head) {
    return head->content_length != NULL ? strtoull(head->content_length, NULL, 10) : 0;
}

const struct route *route_choose(const struct site *site, const struct request_head *head,
                                 struct refusal *why) {
    if (site->guarded && head->host != NULL && !host_is_own(head->host)) {
        *why = (struct refusal){
            FORBIDDEN,
            "the request's Host is no name of this machine, as a page of another site would send it", NULL};
        return NULL;
    }
    const struct route *route = find(site, head, why);
    if (route == NULL)
        return NULL;
    if (announced(head) > BODY_MOST) {
        *why = (struct refusal){TOO_LARGE, "the body is larger than 16 MiB", NULL};
        return NULL;
    }
    if (route->acts && head->origin != NULL &&
        (head->host == NULL || !origin_is_host(head->origin, head->host))) {
        *why = (struct refusal){FORBIDDEN, "the request comes from a page of another site", NULL};
        return NULL;
    }
    if (route->acts && !type_is_json(head->content_type)) {
        *why = (struct refusal){UNSUPPORTED_TYPE, "expected a body of Content-Type: application/json", NULL};
        return NULL;
    }
    return route;
}

/* ---- Addresses ---- */

void server_url(const char *address, uint16_t port, char text[SERVER_URL_TEXT]) {
    bool six = strchr(address, ':') != NULL;
    snprintf(text, SERVER_URL_TEXT, "http://%s%s%s:%u/", six ? "[" : "", address, six ? "]" : "",
             (unsigned)port);
}

bool address_is_loopback(const char *address) {
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address, &six) == 1 && memcmp(&six, &in6addr_loopback, sizeof six) == 0;
}

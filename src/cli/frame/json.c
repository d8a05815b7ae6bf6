#include "cli/frame/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cli/frame/terminal.h"

bool print_json(json_t *object) {
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    if (text == NULL)
        return output_fail(ENOMEM);
    print("%s\n", text);
    free(text);
    return print_flush();
}

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

#include "cli/convert.h"

#include <string.h>
#include "cli/commands.h"
#include "cli/terminal.h"

static bool ends_in(const char *path, const char *ending) {
    size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcmp(path + length - tail, ending) == 0;
}

bool convert_is_network(const char *from) {
    if (is_folder(from))
        return folder_has(from, "weights_1.csv") || folder_has(from, "layers.0.weight.npy");
    return strcmp(from, "digits") != 0;
}

enum convert_form convert_network_form(const char *from, const char *target) {
    if (ends_in(target, ".safetensors"))
        return FORM_SAFETENSORS;
    if (ends_in(target, ".onnx"))
        return FORM_ONNX;
    return is_folder(from) ? FORM_SAFETENSORS : FORM_VALUES;
}

static minnow_status write_network(const struct convert_settings *settings, const minnow_network *network,
                                   enum convert_form to, const char *target) {
    switch (to) {
    case FORM_VALUES:
        return minnow_network_save_values(network, target);
    case FORM_NPY:
        return minnow_network_save_npy(network, target);
    case FORM_ONNX:
        return minnow_network_save_onnx(network, target, settings->scaled_input);
    default:
        return minnow_network_save(network, target);
    }
}

static void tell(const minnow_network *network, enum convert_form to, const char *target,
                 const struct common_options *common) {
    unsigned long long parameters = minnow_network_parameter_count(network);
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:s, s:I}", "event", "wrote", "path", target, "form",
                             convert_forms[to], "parameters", (json_int_t)parameters));
    else
        note("wrote: %s, %llu parameters as %s", target, parameters, convert_forms[to]);
}

int convert_network(const struct convert_settings *settings, enum convert_form to, const char *from,
                    const char *target, const struct common_options *common) {
    minnow_network *network;
    int status = model_open_form(from, common->kernels->name, &settings->form, &network);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status written = write_network(settings, network, to, target);
    if (written != MINNOW_OK)
        status = report(written);
    else
        tell(network, to, target, common);
    minnow_network_free(network);
    return status;
}

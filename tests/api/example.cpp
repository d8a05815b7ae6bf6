// The library from C++: handles in std::unique_ptr, arrays in std::vector, failures as exceptions.
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

#include <minnow/minnow.h>

namespace {

struct release {
    void operator()(minnow_dataset *dataset) const {
        minnow_dataset_free(dataset);
    }
    void operator()(minnow_network *network) const {
        minnow_network_free(network);
    }
    void operator()(minnow_trainer *trainer) const {
        minnow_trainer_free(trainer);
    }
};
template <typename handle> using owned = std::unique_ptr<handle, release>;

void check(minnow_status status) {
    if (status != MINNOW_OK)
        throw std::runtime_error(minnow_last_error());
}

// Calls a function whose last parameter receives a new handle.
template <typename handle, typename function, typename... arguments>
owned<handle> make(function create, arguments... given) {
    handle *made = nullptr;
    check(create(given..., &made));
    return owned<handle>(made);
}

owned<minnow_network> make_network(const std::vector<size_t> &sizes) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes.data();
    config.layer_count = sizes.size() - 1;
    config.activation = MINNOW_ACTIVATION_TANH;
    return make<minnow_network>(minnow_network_create, &config);
}

minnow_progress train(minnow_network *network, const minnow_dataset *dataset) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 16;
    config.epochs = 3;
    const owned<minnow_trainer> trainer =
        make<minnow_trainer>(minnow_trainer_create, network, dataset, &config);
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        check(minnow_trainer_advance(trainer.get(), 0, &progress));
    return progress;
}

// The gradient of the loss by each input.
std::vector<float> input_gradient(const minnow_network *network, const std::vector<float> &input,
                                  uint32_t label) {
    std::vector<float> gradient(input.size());
    minnow_trace trace;
    minnow_trace_init(&trace, sizeof trace);
    trace.label = label;
    trace.input_gradient = gradient.data();
    check(minnow_network_trace(network, input.data(), &trace));
    return gradient;
}

} // namespace

int main() {
    const owned<minnow_dataset> digits =
        make<minnow_dataset>(minnow_dataset_digits, MINNOW_SUBSET_TRAIN, size_t{1000}, uint64_t{1});
    const owned<minnow_network> network = make_network({784, 32, 10});
    const minnow_progress progress = train(network.get(), digits.get());
    const std::vector<float> gradient = input_gradient(network.get(), std::vector<float>(784, 0.5f), 7);

    bool refused = false;
    try {
        make_network({784, 0, 10});
    } catch (const std::runtime_error &error) {
        std::printf("%s\n", error.what());
        refused = true;
    }
    std::printf("accuracy %.2f\n", progress.train_accuracy);
    return refused && progress.train_accuracy > 0.5 && gradient.size() == 784 ? 0 : 1;
}

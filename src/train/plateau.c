#include "train/plateau.h"

#include <stdbool.h>

void plateau_judge(struct plateau *plateau, const minnow_training_config *config, size_t epoch, double loss) {
    const double threshold = 1e-4;
    if (plateau->told_epoch == epoch)
        loss = plateau->told;
    bool better = plateau->judged == 0 || loss < plateau->best * (1.0 - threshold);
    plateau->judged++;
    plateau->bad = better ? 0 : plateau->bad + 1;
    if (better)
        plateau->best = loss;
    if (plateau->bad > config->plateau_patience) {
        plateau->cuts++;
        plateau->bad = 0;
    }
}

double plateau_share(const struct plateau *plateau, const minnow_training_config *config) {
    double share = 1.0;
    for (size_t i = 0; i < plateau->cuts; i++)
        share *= config->plateau_factor;
    return share;
}

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
    enum { MOST = 1000000 }; /* a checkpoint may claim any number, and must not take hours to read */
    double share = 1.0, before = 0.0;
    for (size_t i = 0; i < plateau->cuts && i < MOST && share != before; i++) {
        before = share; /* once it is 0, or too small to shrink, it stays what it is */
        share *= config->plateau_factor;
    }
    return share;
}

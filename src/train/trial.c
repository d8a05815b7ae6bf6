#include "train/trial.h"

enum { SHORTEST = 4 };

/* Of a turn, if mini-batches are short. */
static const double SECONDS = 0.3e-3;

/* B that takes so many times as long as A twice in a row is given up. */
static const double HOPELESS = 1.25;

double trial_median(double *numbers, unsigned count) {
    for (unsigned i = 1; i < count; i++) {
        double number = numbers[i];
        unsigned j = i;
        for (; j > 0 && numbers[j - 1] > number; j--)
            numbers[j] = numbers[j - 1];
        numbers[j] = number;
    }
    return count > 0 ? 0.5 * (numbers[count / 2] + numbers[(count - 1) / 2]) : 0.0;
}

void trial_begin(struct trial *trial, double seconds, double most) {
    double wanted = seconds > 0.0 ? SECONDS / seconds : 0.0;
    unsigned length = wanted < TRIAL_LONGEST ? (unsigned)wanted : TRIAL_LONGEST;
    *trial = (struct trial){
        .length = length > SHORTEST ? length : SHORTEST,
        .settling = true,
        .most = most,
    };
}

static bool follows_b(const struct trial *trial) {
    return trial->turn % 2 == 1;
}

static bool is_hopeless(const struct trial *trial) {
    return follows_b(trial) && trial->count == 2 && trial->seconds[0] > HOPELESS * trial->of_a &&
           trial->seconds[1] > HOPELESS * trial->of_a;
}

static enum trial_answer next_turn(struct trial *trial) {
    trial->turn++;
    trial->count = 0;
    trial->settling = true;
    return follows_b(trial) ? TRIAL_FOLLOW_B : TRIAL_FOLLOW_A;
}

enum trial_answer trial_step(struct trial *trial, double seconds) {
    enum { TURNS = 4 };
    if (follows_b(trial) && seconds > trial->of_a)
        trial->lost += seconds - trial->of_a;
    if (trial->settling) {
        trial->settling = false;
        return TRIAL_STAY;
    }

    trial->seconds[trial->count++] = seconds;
    if (is_hopeless(trial))
        return TRIAL_END_A;
    if (trial->count < trial->length)
        return TRIAL_STAY;

    double median = trial_median(trial->seconds, trial->count);
    if (!follows_b(trial)) {
        trial->of_a = median;
        return next_turn(trial);
    }
    if (median > trial->most * trial->of_a)
        return TRIAL_END_A;
    return trial->turn + 1 == TURNS ? TRIAL_END_B : next_turn(trial);
}

#include "train/tuner.h"

#include <math.h>

/* Mini-batches before the first trial, while caches and clocks settle. */
enum { FIRST = 16 };

/* What trials may lose of a run, and what one is expected to lose at most, in mini-batches. */
static const double LOSS = 0.005, MOVE_LOSS = 2.0, EVENING_LOSS = 0.5;

/* What is tried must take at most this share of the time to stay. */
static const double MOVE_MOST = 0.97, EVENING_MOST = 0.985;

/* A trial is followed by a pause of so many times its length, and if it was in vain of twice the pause before. */
static const double PAUSE = 20.0, LONGEST_PAUSE = 2.0;

/* Shares are worth evening out where the threads wait for this share of the time that they are busy. */
static const double UNEVEN = 0.02;

/* Splitting a stage by columns is worth trying where fetching its weights takes this share of a mini-batch, at so many bytes
   a second. */
static const double FETCHING = 0.03, EXCHANGED = 12e9;

void tuner_open(struct tuner *tuner, const struct plan *plan, uint64_t minibatches, minnow_plan wanted) {
    bool moves = plan->tries;
    *tuner = (struct tuner){
        .record = PLAN_RECORDS,
        .budget = LOSS * (double)minibatches,
        .moves = moves ? 2 * plan->stage_count : 0,
    };
    bool any = plan->threads > 1 || moves;
    bool alone = plan->ranks == NULL; /* a step over ranks is as fast as their messages */
    if (any && alone && wanted != MINNOW_PLAN_MODEL && !PLAN_FIXED && plan->batch > 1 &&
        tuner->budget >= EVENING_LOSS)
        tuner->state = TUNER_WAITING;
}

void tuner_start(struct tuner *tuner, double now) {
    tuner->last = now;
    tuner->trial.settling = true;
}

bool tuner_is_busy(const struct tuner *tuner) {
    return tuner->state == TUNER_NOTING || tuner->state == TUNER_TRYING;
}

/* ---- Behind each mini-batch ---- */

static void ask(struct tuner *tuner, enum tuner_act act) {
    tuner->act = act;
    tuner->acts = true;
}

static bool affords(const struct tuner *tuner, double loss) {
    return tuner->spent + loss * tuner->seconds <= tuner->budget * tuner->seconds;
}

static void wait(struct tuner *tuner, double now) {
    if (tuner->seen < FIRST || now < tuner->next_at)
        return;
    if (!affords(tuner, MOVE_LOSS))
        tuner->move = tuner->moves;
    tuner->begun = now;
    if (tuner->move < tuner->moves) {
        ask(tuner, TUNER_MOVE);
    } else if (affords(tuner, EVENING_LOSS)) {
        tuner->state = TUNER_NOTING;
        tuner->record = 0;
    } else {
        tuner->state = TUNER_OFF;
    }
}

static void note_next(struct tuner *tuner) {
    tuner->record++;
    if (tuner->record == PLAN_RECORDS)
        ask(tuner, TUNER_EVEN_OUT);
}

static void try(struct tuner *tuner, double seconds) {
    enum trial_answer answer = trial_step(&tuner->trial, seconds);
    if (tuner->trial.turn % 2 == 1 && tuner->spent + tuner->trial.lost > tuner->budget * tuner->seconds)
        answer = TRIAL_END_A;
    switch (answer) {
    case TRIAL_STAY:
        break;
    case TRIAL_FOLLOW_A:
    case TRIAL_FOLLOW_B:
        ask(tuner, TUNER_FOLLOW);
        break;
    case TRIAL_END_A:
        ask(tuner, TUNER_DROP);
        break;
    case TRIAL_END_B:
        ask(tuner, TUNER_KEEP);
        break;
    }
}

void tuner_step(struct tuner *tuner, double now, bool full, bool may_begin) {
    double seconds = now - tuner->last;
    tuner->acts = false;
    tuner->last = now;
    if (!full)
        return;

    tuner->seen++;
    switch (tuner->state) {
    case TUNER_OFF:
        break;
    case TUNER_WAITING:
        tuner->seconds = tuner->seen == 1 ? seconds : 0.9 * tuner->seconds + 0.1 * seconds;
        if (may_begin)
            wait(tuner, now);
        break;
    case TUNER_NOTING:
        note_next(tuner);
        break;
    case TUNER_TRYING:
        try(tuner, seconds);
        break;
    }
}

/* ---- Between mini-batches ---- */

/* Whether the weights of a stage are so many that it may pay to leave them with their owners. */
static bool is_heavy(const struct tuner *tuner, const struct plan *plan, size_t l) {
    const struct stage *stage = &plan->stages[l];
    double bytes = sizeof(float) * (double)stage->inputs * (double)stage->weights.stride;
    return bytes * (plan->threads - 1.0) / plan->threads / EXCHANGED > FETCHING * tuner->seconds;
}

/* Makes the next move on the way that is not followed: other kinds first, then other splits. Returns whether there was one. */
static bool make_move(struct tuner *tuner, struct plan *plan) {
    unsigned other = 1 - plan->way;
    struct plan_way *way = &plan->ways[other];
    plan_copy_way(plan, plan->way, other);
    while (tuner->move < tuner->moves) {
        size_t move = tuner->move++, l = move % plan->stage_count;
        if (move < plan->stage_count && plan->opened[l][1].kind != NULL)
            way->kind[l] = !way->kind[l];
        else if (move >= plan->stage_count && plan_can_own(plan, l) && is_heavy(tuner, plan, l))
            way->owned[l] = !way->owned[l];
        else
            continue;
        plan_measure_way(plan, way);
        return true;
    }
    return false;
}

/* Seconds that each thread is busy with phases of one split. */
static double busy(const struct plan *plan, enum plan_split split, unsigned thread) {
    double seconds[PLAN_RECORDS];
    for (unsigned i = 0; i < PLAN_RECORDS; i++)
        seconds[i] = plan->records[thread].busy[i][split];
    return trial_median(seconds, PLAN_RECORDS);
}

/* Moves a split's shares toward equal times, on the way that is not followed. Returns the seconds that the threads wait for the
   last of them; adds to *mean the seconds that they are busy. */
static double even_out(struct plan *plan, enum plan_split split, unsigned members, double *mean) {
    const double DAMPED = 0.8, LEAST = 0.5, MOST = 2.0;
    double *speed = plan->ways[1 - plan->way].speed[split], sum = 0.0, last = 0.0, speeds = 0.0;
    for (unsigned t = 0; t < members; t++) {
        double seconds = busy(plan, split, t);
        sum += seconds;
        last = seconds > last ? seconds : last;
    }
    double each = sum / members;
    *mean += each;

    for (unsigned t = 0; t < members; t++) {
        double seconds = busy(plan, split, t);
        double change = seconds > 0.0 ? pow(each / seconds, DAMPED) : 1.0;
        speed[t] *= change < LEAST ? LEAST : change > MOST ? MOST : change;
        speeds += speed[t];
    }
    for (unsigned t = 0; t < members; t++)
        speed[t] *= members / speeds;
    return last - each;
}

static bool propose_shares(struct plan *plan, unsigned members) {
    double waits = 0.0, mean = 0.0;
    if (members < 2)
        return false;
    plan_copy_way(plan, plan->way, 1 - plan->way);
    for (enum plan_split split = 0; split < SPLIT_COUNT; split++)
        waits += even_out(plan, split, members, &mean);
    return waits > UNEVEN * mean;
}

static void begin_trial(struct tuner *tuner, double most) {
    tuner->state = TUNER_TRYING;
    trial_begin(&tuner->trial, tuner->seconds, most);
}

/* Until the next trial. */
static void rest(struct tuner *tuner, bool in_vain, double now) {
    double after = PAUSE * (now - tuner->begun), longer = in_vain ? 2.0 * tuner->pause : 0.0;
    double pause = after > longer ? after : longer;
    tuner->state = TUNER_WAITING;
    tuner->spent += tuner->trial.lost;
    tuner->trial.lost = 0.0;
    if (tuner->move < tuner->moves)
        return; /* the moves are made one behind the other */
    tuner->pause = pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
    tuner->next_at = now + tuner->pause;
}

void tuner_do(struct tuner *tuner, struct plan *plan, unsigned members, double now) {
    enum tuner_act act = tuner->act;
    tuner->act = TUNER_NOTHING;
    switch (act) {
    case TUNER_NOTHING:
        break;
    case TUNER_MOVE:
        if (make_move(tuner, plan))
            begin_trial(tuner, MOVE_MOST);
        break;
    case TUNER_EVEN_OUT:
        if (propose_shares(plan, members))
            begin_trial(tuner, EVENING_MOST);
        else
            rest(tuner, true, now);
        break;
    case TUNER_FOLLOW:
    case TUNER_DROP: /* B is being followed */
        plan->way = 1 - plan->way;
        break;
    case TUNER_KEEP:
        break;
    }
    if (act == TUNER_DROP || act == TUNER_KEEP)
        rest(tuner, act == TUNER_DROP, now);
    if (act == TUNER_FOLLOW || act == TUNER_DROP || plan->sharing != members)
        plan_follow(plan, plan->way, members);
    tuner->last = now;
}

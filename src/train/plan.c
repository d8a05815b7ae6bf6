#include "train/plan.h"

#include <time.h>

#include "train/ranks.h"

void plan_begin_epoch(struct plan *plan, size_t epoch) {
    if (plan->distortion != NULL)
        distortion_begin_epoch(plan->distortion, epoch);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A team has fewer members than the plan has shares when the system grants fewer threads, or after fork(): then each
   member takes several shares. */
static void run_phase(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                      struct team_member member) {
    for (unsigned share = member.index; share < plan->sharing; share += member.count)
        phase->run(plan, phase, batch, share);
}

static void run_noting(struct plan *plan, const struct minibatch *batch, struct team_member member,
                       double busy[SPLIT_COUNT]) {
    for (enum plan_split split = 0; split < SPLIT_COUNT; split++)
        busy[split] = 0.0;
    for (size_t p = 0; p < plan->phase_count; p++) {
        if (p > 0 && member.count > 1)
            team_barrier(member);
        double begin = now();
        run_phase(plan, &plan->phases[p], batch, member);
        busy[plan->phases[p].split] += now() - begin;
    }
}

void plan_run(struct plan *plan, const struct minibatch *batch, struct team_member member, unsigned record) {
    if (plan->ranks != NULL) {
        ranks_run(plan, batch, member);
        return;
    }
    if (record < PLAN_RECORDS) {
        run_noting(plan, batch, member, plan->records[member.index].busy[record]);
        return;
    }

    for (size_t p = 0; p < plan->phase_count; p++) {
        if (p > 0 && member.count > 1)
            team_barrier(member);
        run_phase(plan, &plan->phases[p], batch, member);
    }
}

/* ---- Ways ---- */

void plan_follow(struct plan *plan, unsigned way, unsigned members) {
    plan->way = way;
    plan->sharing = members < plan->threads ? members : plan->threads;
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct opened *opened = &plan->opened[l][plan->ways[way].kind[l]];
        plan->stages[l].kind = opened->kind;
        plan->stages[l].own = opened->own;
    }
    plan_list_phases(plan);
    plan_share_out(plan);
}

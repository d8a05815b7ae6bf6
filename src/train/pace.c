#include "train/pace.h"

/* Seconds. A window is long against a mini-batch of a small network, and short against a run of a few hundredths of a
   second. The system lets programs that share a processor take turns of a few milliseconds. */
static const double WINDOW = 0.5e-3;
static const double FIRST_PAUSE = 2e-3, FIRST_UNASKED_PAUSE = 5e-3, LONGEST_PAUSE = 1.0;

/* A trial of more lasts this share of the pause before it, and the pause after a trial in vain is so many times as
   long as it took: a twentieth of the time is lost at most. */
static const double TRIAL_SHARE = 0.05, VAIN_PAUSE = 20.0;

/* Without a sign a trial waits for so many times as long as the last window took, which one mini-batch of a large network
   makes long. */
static const double UNASKED_PAUSE = 40.0;

/* The share of a window that each member but one has slept when something is wrong. */
static const double MUCH = 0.25;

/* What is tried must be so many times as fast to stay. */
static const double GAIN = 1.05;

/* The pause after a trial in vain that took so long. */
static double longer_pause(double pause, double took, double times) {
    double longer = 2.0 * pause > times * took ? 2.0 * pause : times * took;
    return longer < LONGEST_PAUSE ? longer : LONGEST_PAUSE;
}

static void open_window(struct pace *pace, double now, double length, unsigned slept) {
    pace->begin = now;
    pace->length = length > pace->shortest ? length : pace->shortest;
    pace->samples = 0;
    pace->slept_before = slept;
}

static void settle(struct pace *pace, unsigned active, double now) {
    pace->active = active;
    pace->phase = PACE_STEADY;
    pace->since = now;
    pace->since_samples = 0;
}

void pace_start(struct pace *pace, unsigned most, double now) {
    if (pace->most != most)
        *pace = (struct pace){
            .most = most,
            .active = most,
            .shortest = WINDOW,
            .fewer_at = now,
            .unasked_at = now + FIRST_UNASKED_PAUSE,
            .fewer_pause = FIRST_PAUSE,
            .unasked_pause = FIRST_UNASKED_PAUSE,
            .more_pause = FIRST_PAUSE,
        };
    settle(pace, pace->phase == PACE_STEADY ? pace->active : pace->before, now);
    open_window(pace, now, 0.0, 0);
}

void pace_skip(struct pace *pace, double seconds, double now, unsigned slept) {
    pace->since += seconds;
    open_window(pace, now, pace->length, slept);
}

static void try_members(struct pace *pace, enum pace_phase phase, unsigned active, double reference,
                        double now) {
    pace->phase = phase;
    pace->before = pace->best = pace->active;
    pace->active = active;
    pace->reference = reference;
    pace->trial = now;
}

/* Whether members slept for so much of a window that one of them must have lacked a processor. Where their shares of a
   large mini-batch are uneven, all but the last sleep for a little of every step. */
static bool is_much(const struct pace *pace, double elapsed, unsigned microseconds) {
    return 1e-6 * microseconds > MUCH * elapsed * (pace->active - 1.0);
}

/* Fewer are compared with the window in which members slept; more with the whole time since the number last
   changed, because a single window may lie within or between this program's turns on the processor. */
static void end_steady(struct pace *pace, double rate, double now, bool slept) {
    bool fewer_due = (slept && now >= pace->fewer_at) ||
                     (now >= pace->unasked_at && now - pace->since >= UNASKED_PAUSE * (now - pace->begin));
    pace->slept = slept;
    if (fewer_due && pace->active > 1)
        try_members(pace, PACE_TRYING_FEWER, pace->active / 2, rate, now);
    else if (pace->active < pace->most && now >= pace->more_at)
        try_members(pace, PACE_TRYING_MORE, 2 * pace->active < pace->most ? 2 * pace->active : pace->most,
                    (double)pace->since_samples / (now - pace->since), now);
}

/* Half of them, half of those, and so on while it helps. After members have slept also until it helps, because all
   may wait for one. */
static void end_fewer(struct pace *pace, double rate, double now) {
    bool faster = rate > GAIN * pace->reference;
    if (faster) {
        pace->reference = rate;
        pace->best = pace->active;
    }
    if (pace->active > 1 && (faster || (pace->slept && pace->best == pace->before))) {
        pace->active /= 2;
        return;
    }

    double took = now - pace->trial;
    pace->unasked_pause = longer_pause(pace->unasked_pause, took, UNASKED_PAUSE);
    pace->unasked_at = now + pace->unasked_pause;
    if (pace->best != pace->before) {
        pace->fewer_pause = FIRST_PAUSE;
        pace->more_at = now + pace->more_pause;
    } else {
        pace->fewer_pause = longer_pause(pace->fewer_pause, took, VAIN_PAUSE);
        pace->fewer_at = now + pace->fewer_pause;
    }
    settle(pace, pace->best, now);
}

static void end_more(struct pace *pace, double rate, double now) {
    if (rate > GAIN * pace->reference) {
        pace->more_pause = FIRST_PAUSE;
        pace->fewer_at = now;
        pace->best = pace->active;
    } else {
        pace->more_pause = longer_pause(pace->more_pause, now - pace->trial, VAIN_PAUSE);
    }
    pace->more_at = now + pace->more_pause;
    settle(pace, pace->best, now);
}

unsigned pace_step(struct pace *pace, size_t samples, double now, unsigned slept) {
    pace->samples += samples;
    pace->since_samples += samples;
    double elapsed = now - pace->begin;
    if (elapsed < pace->length)
        return pace->active;

    double rate = (double)pace->samples / elapsed;
    switch (pace->phase) {
    case PACE_STEADY:
        end_steady(pace, rate, now, is_much(pace, elapsed, slept - pace->slept_before));
        break;
    case PACE_TRYING_FEWER:
        end_fewer(pace, rate, now);
        break;
    case PACE_TRYING_MORE:
        end_more(pace, rate, now);
        break;
    }

    open_window(pace, now, pace->phase == PACE_TRYING_MORE ? TRIAL_SHARE * pace->more_pause : 0.0, slept);
    return pace->active;
}

#include "support/guard.h"
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void give_up(const char *what) {
    perror(what);
    abort();
}

static void map(struct guard *guard, size_t bytes) {
    guard->page = (size_t)sysconf(_SC_PAGESIZE);
    guard->capacity = (bytes + guard->page) / guard->page * guard->page;
    guard->map = mmap(NULL, guard->capacity + 2 * guard->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guard->map == MAP_FAILED)
        give_up("mmap");
    if (mprotect(guard->map + guard->page, guard->capacity, PROT_READ | PROT_WRITE) != 0)
        give_up("mprotect");
}

void *guard_place(struct guard *guard, size_t bytes, bool at_end) {
    if (!guard->map || bytes > guard->capacity) {
        guard_free(guard);
        map(guard, bytes);
    }
    return guard->map + guard->page + (at_end ? guard->capacity - bytes : 0);
}

void guard_free(struct guard *guard) {
    if (guard->map && munmap(guard->map, guard->capacity + 2 * guard->page) != 0)
        give_up("munmap");
    *guard = (struct guard){0};
}

static sigjmp_buf before;
static const void *volatile fault_address;

static void on_fault(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    fault_address = info->si_addr;
    siglongjmp(before, signal_number);
}

bool guard_run(void (*run)(void *context), void *context, const void **address) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    struct sigaction old_segv, old_bus;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, &old_segv) != 0 || sigaction(SIGBUS, &action, &old_bus) != 0)
        give_up("sigaction");
    bool survived = sigsetjmp(before, 1) == 0;
    if (survived)
        run(context);
    *address = survived ? NULL : fault_address;
    if (sigaction(SIGSEGV, &old_segv, NULL) != 0 || sigaction(SIGBUS, &old_bus, NULL) != 0)
        give_up("sigaction");
    return survived;
}

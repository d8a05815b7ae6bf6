/* The share of the processors' time that Linux control groups grant a process, as containers and batch systems
   set it. */
#ifndef MINNOW_BASE_CPU_QUOTA_H
#define MINNOW_BASE_CPU_QUOTA_H

/* How many processors' worth of time this process may take: 1.5 where it may run for 150 ms in each 100 ms of
   the clock, counting all threads. The smallest quota counts of the process's own group and of all groups around
   it, of version 2 (cpu.max) and of version 1 (cpu.cfs_quota_us, cpu.cfs_period_us). 0: there is no quota, or none
   that can be understood.

   Reads ROOT/proc/self/cgroup and files below ROOT/sys/fs/cgroup; root is "" but in tests. Never sets the
   thread's last error. */
double cpu_quota(const char *root);

#endif

/*
 * Two tasks of one CPU share a counter without a lock. Where a task gives up
 * its CPU only of its own accord this happens to work; with PREEMPT the other
 * may come in between the read and the write.
 */
#include <linux/preempt.h>

static int jobs;

static void add_job(void)
{
	jobs++;
}

THREAD(task, add_job, .count = 2, .cpu = 0);
FINALLY(jobs == 2);
EXPECT(clean);
EXPECT_IF(CONFIG_PREEMPTION, data_race, final_state);

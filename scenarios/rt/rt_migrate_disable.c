/*
 * migrate_disable() keeps a task on its CPU; it does not keep others from that CPU. Two tasks add to the counter of one
 * CPU, each in the middle of the other. Every model that preempts shows it.
 */
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/local_lock.h>

static DEFINE_PER_CPU(int, hits);
static DEFINE_PER_CPU(local_lock_t, hits_lock) = INIT_LOCAL_LOCK(hits_lock);

static void hit(void)
{
	local_lock(&hits_lock);
	*this_cpu_ptr(&hits) += 1;
	local_unlock(&hits_lock);
}

THREAD(one, hit, .cpu = 0);
THREAD(two, hit, .cpu = 0);
FINALLY(per_cpu(hits, 0) == 2);
EXPECT(clean);

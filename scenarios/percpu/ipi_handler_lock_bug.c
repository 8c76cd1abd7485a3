/*
 * What smp_call_function_single() calls runs in an interrupt of the other CPU. There the lock may be held by the task that
 * was interrupted, as that leaves interrupts on.
 */
#include <linux/smp.h>
#include <linux/spinlock.h>

static DEFINE_RAW_SPINLOCK(queue_lock);
static int queued;

static void count_queued(void *result)
{
	raw_spin_lock(&queue_lock);
	*(int *)result = queued;
	raw_spin_unlock(&queue_lock);
}

static void enqueue(void)
{
	raw_spin_lock(&queue_lock);
	queued++;
	raw_spin_unlock(&queue_lock);
}

static void ask(void)
{
	int result = 0;

	smp_call_function_single(1, count_queued, &result, 1);
	WARN_ON(result > 1);
}

THREAD(worker, enqueue, .cpu = 1);
THREAD(asker, ask, .cpu = 0);
EXPECT(deadlock, irq_unsafe_lock);

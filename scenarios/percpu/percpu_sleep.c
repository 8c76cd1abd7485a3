/*
 * Between get_cpu_ptr() and put_cpu_ptr() preemption is off, so that the pointer stays right: nothing there may sleep, and
 * an allocation with GFP_KERNEL may.
 */
#include <linux/percpu.h>
#include <linux/slab.h>

struct pool {
	void *spare;
};

static DEFINE_PER_CPU(struct pool, pools);

static void refill(void)
{
	struct pool *pool;
	void *old, *buffer;

	buffer = kmalloc(64, GFP_KERNEL);
	pool = get_cpu_ptr(&pools);
	old = pool->spare;
	pool->spare = buffer;
	put_cpu_ptr(&pools);
	kfree(old);
}

THREAD(task, refill, .cpu = 0, .count = 2);
EXPECT(clean);

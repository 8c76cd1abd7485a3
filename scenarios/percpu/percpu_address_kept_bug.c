/*
 * this_cpu_ptr() says where this CPU's copy is, and nothing keeps the task on this CPU: preempted and moved, it counts in
 * a copy that another task, on that CPU, is just counting in.
 */
#include <linux/percpu.h>

struct cache {
	unsigned int hits;
};

static DEFINE_PER_CPU(struct cache, caches);

static void look_up(void)
{
	struct cache *cache = this_cpu_ptr(&caches);

	cache->hits++;
}

THREAD(reader, look_up, .count = 2, .cpu = ANY);
FINALLY(per_cpu(caches, 0).hits + per_cpu(caches, 1).hits == 2);
EXPECT(smp_processor_id, data_race, final_state);

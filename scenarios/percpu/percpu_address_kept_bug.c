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

static unsigned int all_hits(void)
{
	unsigned int sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(caches, cpu).hits;
	return sum;
}

THREAD(reader, look_up, .count = 2, .cpu = ANY);
FINALLY(all_hits() == 2);
EXPECT(smp_processor_id, data_race, final_state);

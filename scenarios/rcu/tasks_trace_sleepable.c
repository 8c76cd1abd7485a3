/*
 * A program that may sleep runs in a section of Tasks Trace RCU: rcu_read_lock() forbids that it does. What it looks at is
 * freed by call_rcu_tasks_trace(); call_rcu() would not wait for it.
 */
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>

struct map {
	int value;
	struct rcu_head rcu;
};

static struct map __rcu *map;
static int result;

static void free_map(struct rcu_head *head)
{
	kfree(container_of(head, struct map, rcu));
}

static void run_program(void)
{
	struct map *m;

	rcu_read_lock_trace();
	m = rcu_dereference_check(map, rcu_read_lock_trace_held());
	if (m) {
		msleep(1);
		WRITE_ONCE(result, 1 + m->value);
	}
	rcu_read_unlock_trace();
}

static void detach(void)
{
	struct map *old = rcu_replace_pointer(map, NULL, true);

	call_rcu_tasks_trace(&old->rcu, free_map);
}

static void set_up(void)
{
	RCU_INIT_POINTER(map, kzalloc(sizeof(struct map), GFP_KERNEL));
}

INIT(set_up);
THREAD(program, run_program);
THREAD(detacher, detach);
EXPECT(clean);

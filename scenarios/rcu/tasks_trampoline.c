/*
 * Tracing patches a call so that it goes through a trampoline: code that is in nobody's read-side section, and in which a
 * task may be preempted. Before it is freed every task must have left it: only Tasks RCU waits for that, until each has
 * slept of its own accord or ended.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct trampoline {
	int hits;
};

static struct trampoline *patched;
static int traced;

static void set_up(void)
{
	patched = kzalloc(sizeof(*patched), GFP_KERNEL);
}

static void traced_function(void)
{
	struct trampoline *t = READ_ONCE(patched);

	if (t)
		WRITE_ONCE(traced, 1 + READ_ONCE(t->hits));
}

static void stop_tracing(void)
{
	struct trampoline *t = xchg(&patched, NULL);

	synchronize_rcu_tasks();
	kfree(t);
}

INIT(set_up);
THREAD(task, traced_function);
THREAD(tracer, stop_tracing);
EXPECT(clean);

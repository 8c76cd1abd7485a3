/*
 * RCU by quiescent states: each reader counts on when it holds no pointer, and whoever frees waits until all have. The counters must
 * be looked at after the pointer is gone: a reader that passes through a quiescent state in between may take it afterwards.
 */
#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/slab.h>

struct config { int limit; };

static struct config *config;
static int quiescent;	/* counted by the reader */

static void set_up(void)
{
	config = kzalloc(sizeof(*config), GFP_KERNEL);
}

static void read_twice(void)
{
	struct config *c;
	int i, limit;

	for (i = 0; i < 2; i++) {
		c = READ_ONCE(config);
		limit = c ? c->limit : 0;
		WARN_ON(limit);
		smp_store_release(&quiescent, quiescent + 1);
	}
}

static void replace(void)
{
	struct config *old;
	int seen;

	seen = READ_ONCE(quiescent);
	old = xchg(&config, NULL);
	while (seen < 2 && smp_load_acquire(&quiescent) == seen)
		cond_resched();
	kfree(old);
}

INIT(set_up);
THREAD(reader, read_twice);
THREAD(writer, replace);
EXPECT(use_after_free);

/*
 * RCU with a counter for each reader, which carries the phase of the global counter. A reader may take the phase, be delayed, and
 * write it down when it is the one before last, that looks current again: so a grace period turns the phase twice and waits each time.
 */
#include <linux/compiler.h>
#include <linux/processor.h>
#include <linux/slab.h>

#define PHASE 2
#define ACTIVE 1

struct config { int limit; };

static struct config *config;
static int phase;	/* 0 or PHASE */
static int reader;	/* 0, or ACTIVE and the phase in which it began */

static void set_up(void)
{
	config = kzalloc(sizeof(*config), GFP_KERNEL);
}

static void wait_for_reader(void)
{
	int seen;

	WRITE_ONCE(phase, phase ^ PHASE);
	smp_mb();
	while ((seen = READ_ONCE(reader)) & ACTIVE && (seen ^ phase) & PHASE)
		cpu_relax();
}

static void synchronize(void)
{
	smp_mb();
	wait_for_reader();
	wait_for_reader();
	smp_mb();
}

static void look(void)
{
	struct config *c;

	WRITE_ONCE(reader, ACTIVE | READ_ONCE(phase));
	smp_mb();
	c = READ_ONCE(config);
	if (c)
		WARN_ON(c->limit);
	smp_store_release(&reader, 0);
}

static void replace_and_remove(void)
{
	struct config *new = kzalloc(sizeof(*new), GFP_KERNEL);
	struct config *old = xchg(&config, new);

	synchronize();
	kfree(old);
	old = xchg(&config, NULL);
	synchronize();
	kfree(old);
}

INIT(set_up);
THREAD(reader_task, look);
THREAD(writer, replace_and_remove);
EXPECT(clean);

/*
 * A hazard pointer: a reader writes down what it is about to use, and who frees looks whether somebody has. Between reading the
 * pointer and writing it down it may have been replaced and freed: the reader must look whether it is still the one.
 */
#include <linux/atomic.h>
#include <linux/processor.h>
#include <linux/slab.h>

struct config { int limit; };

static struct config *config;
static struct config *hazard;

static void set_up(void)
{
	config = kzalloc(sizeof(*config), GFP_KERNEL);
}

static struct config *protect(void)
{
	struct config *c;

	do {
		c = READ_ONCE(config);
		WRITE_ONCE(hazard, c);
		smp_mb();
	} while (READ_ONCE(config) != c);
	return c;
}

static void use(void)
{
	struct config *c = protect();

	if (c)
		WARN_ON(c->limit);
	smp_store_release(&hazard, NULL);
}

static void remove(void)
{
	struct config *old = xchg(&config, NULL);

	while (smp_load_acquire(&hazard) == old)
		cpu_relax();
	kfree(old);
}

INIT(set_up);
THREAD(reader, use);
THREAD(writer, remove);
EXPECT(clean);

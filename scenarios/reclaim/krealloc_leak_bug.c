/*
 * p = krealloc(p, ...): when there is no memory, the old is still there, and
 * nothing points to it any more.
 */
#include <linux/slab.h>

static int *ids;

static void ids_grow(void)
{
	ids = kzalloc(sizeof(*ids), GFP_KERNEL);
	if (!ids)
		return;
	ids = krealloc(ids, 2 * sizeof(*ids), GFP_KERNEL);
	if (!ids)
		return;
	kfree(ids);
	ids = NULL;
}

THREAD(grow, ids_grow);
KCONFIG(BOUND_FAILED_ALLOCATIONS, 1);
EXPECT(memory_leak);

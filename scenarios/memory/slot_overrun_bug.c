/*
 * Two tasks find the last slot free and both take one: the second writes past
 * the end of the array.
 */
#include <linux/atomic.h>

#define SLOTS 1

static int slots[SLOTS];
static atomic_t used = ATOMIC_INIT(0);

static int add_slot(int value)
{
	int slot;

	if (atomic_read(&used) == SLOTS)
		return -ENOSPC;
	slot = atomic_fetch_inc(&used);
	slots[slot] = value;
	return slot;
}

static void add(void)
{
	add_slot(7);
}

THREAD(adder, add, .count = 2);
EXPECT(out_of_bounds);

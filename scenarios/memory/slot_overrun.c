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

	slot = atomic_fetch_add_unless(&used, 1, SLOTS);
	if (slot == SLOTS)
		return -ENOSPC;
	slots[slot] = value;
	return slot;
}

static void add(void)
{
	add_slot(7);
}

THREAD(adder, add, .count = 2);
EXPECT(clean);

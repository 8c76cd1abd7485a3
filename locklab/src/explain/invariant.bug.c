#include <linux/atomic.h>

static atomic_t used = ATOMIC_INIT(0);

static void take_slot(void)
{
	if (atomic_read(&used) < 1)
		atomic_inc(&used);
}

THREAD(taker, take_slot, .count = 2);
INVARIANT(atomic_read(&used) <= 1);
EXPECT(invariant);

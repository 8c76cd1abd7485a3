#include <linux/atomic.h>

static atomic_t used = ATOMIC_INIT(0);

static void take_slot(void)
{
	atomic_add_unless(&used, 1, 1);
}

THREAD(taker, take_slot, .count = 2);
INVARIANT(atomic_read(&used) <= 1);
EXPECT(clean);

#include <linux/atomic.h>

static atomic_t open_count = ATOMIC_INIT(0);

static void open(void)
{
	if (atomic_cmpxchg(&open_count, 0, 1) == 0)
		WARN_ON(atomic_read(&open_count) != 1);
}

THREAD(opener, open, .count = 2);
EXPECT(clean);

#include <linux/atomic.h>

static atomic_t open_count = ATOMIC_INIT(0);

static void open(void)
{
	if (atomic_read(&open_count) == 0)
		WARN_ON(atomic_inc_return(&open_count) != 1);
}

THREAD(opener, open, .count = 2);
EXPECT(warn_on);

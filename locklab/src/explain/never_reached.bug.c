#include <linux/atomic.h>

static atomic_t sum = ATOMIC_INIT(0);

static void add(void)
{
	atomic_inc(&sum);
}

THREAD(adder, add, .count = 2);
REACHABLE(atomic_read(&sum) == 1);
EXPECT(never_reached);

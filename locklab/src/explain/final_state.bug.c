#include <linux/atomic.h>

static atomic_t sum = ATOMIC_INIT(0);

static void add(void)
{
	atomic_set(&sum, atomic_read(&sum) + 1);
}

THREAD(adder, add, .count = 2);
FINALLY(atomic_read(&sum) == 2);
EXPECT(final_state);

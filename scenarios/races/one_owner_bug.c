/*
 * Two tasks claim an idle engine. Looking whether it is idle and marking it
 * busy must be one atomic step.
 */
#include <linux/atomic.h>
#include <linux/bug.h>

enum { IDLE, BUSY };

static int state = IDLE;
static atomic_t owners = ATOMIC_INIT(0);

static void use_engine(void)
{
	if (READ_ONCE(state) != IDLE)
		return;
	WRITE_ONCE(state, BUSY);
	BUG_ON(atomic_inc_return(&owners) != 1);
	atomic_dec(&owners);
	smp_store_release(&state, IDLE);
}

THREAD(user, use_engine, .count = 2);
EXPECT(bug_on);

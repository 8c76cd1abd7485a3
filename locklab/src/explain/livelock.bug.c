#include <linux/spinlock.h>

static DEFINE_SPINLOCK(left);
static DEFINE_SPINLOCK(right);

static void take_both(spinlock_t *first, spinlock_t *second)
{
	for (;;) {
		spin_lock(first);
		if (spin_trylock(second))
			return;
		spin_unlock(first);
	}
}

static void one(void)
{
	take_both(&left, &right);
	spin_unlock(&right);
	spin_unlock(&left);
}

static void other(void)
{
	take_both(&right, &left);
	spin_unlock(&left);
	spin_unlock(&right);
}

THREAD(one, one);
THREAD(other, other);
EXPECT(livelock);

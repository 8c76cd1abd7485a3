#include <linux/spinlock.h>

static DEFINE_SPINLOCK(left);
static DEFINE_SPINLOCK(right);

static void take_both(spinlock_t *first, spinlock_t *second)
{
	for (;;) {
		spin_lock(first);
		spin_lock(second);
		return;
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
	take_both(&left, &right);
	spin_unlock(&right);
	spin_unlock(&left);
}

THREAD(one, one);
THREAD(other, other);
EXPECT(clean);

/*
 * Two tasks take two locks in opposite orders and back off politely when the
 * second is taken: no deadlock, but they may step back for each other for
 * ever. One order for all needs no politeness.
 */
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(left);
static DEFINE_SPINLOCK(right);
static int moves;

static void lock_both(spinlock_t *first, spinlock_t *second)
{
	for (;;) {
		spin_lock(first);
		if (spin_trylock(second))
			return;
		spin_unlock(first);
	}
}

static void move_right(void)
{
	lock_both(&left, &right);
	moves++;
	spin_unlock(&right);
	spin_unlock(&left);
}

static void move_left(void)
{
	lock_both(&right, &left);
	moves++;
	spin_unlock(&left);
	spin_unlock(&right);
}

THREAD(right, move_right);
THREAD(left, move_left);
FINALLY(moves == 2);
EXPECT(livelock);

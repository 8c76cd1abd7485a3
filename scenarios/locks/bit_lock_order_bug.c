/*
 * Two bit spinlocks in opposite orders. No validator sees a lock that is one
 * bit of a word; the two tasks spin for each other for ever all the same.
 */
#include <linux/bit_spinlock.h>

#define BUCKET_LOCKED 0

static unsigned long old_bucket, new_bucket;
static int entries;

static void move(unsigned long *from, unsigned long *to)
{
	bit_spin_lock(BUCKET_LOCKED, from);
	bit_spin_lock(BUCKET_LOCKED, to);
	entries++;
	bit_spin_unlock(BUCKET_LOCKED, to);
	bit_spin_unlock(BUCKET_LOCKED, from);
}

static void grow(void)
{
	move(&old_bucket, &new_bucket);
}

static void shrink(void)
{
	move(&new_bucket, &old_bucket);
}

THREAD(grower, grow);
THREAD(shrinker, shrink);

FINALLY(entries == 2);
EXPECT(soft_lockup);

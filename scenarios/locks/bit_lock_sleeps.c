/*
 * A bit spinlock turns preemption off like any other: what may sleep must not
 * be called under it, though the validator does not know that it is held.
 */
#include <linux/bit_spinlock.h>
#include <linux/slab.h>

#define STATE_LOCKED 7

static unsigned long state;
static int *cookie;

static void set_cookie(void)
{
	int *new;

	new = kmalloc(sizeof(*new), GFP_KERNEL);
	bit_spin_lock(STATE_LOCKED, &state);
	if (new) {
		*new = 1;
		swap(cookie, new);
	}
	bit_spin_unlock(STATE_LOCKED, &state);
	kfree(new);
}

THREAD(first, set_cookie);
THREAD(second, set_cookie);

EXPECT(clean);

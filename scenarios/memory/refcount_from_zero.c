/*
 * A cache entry whose last user has gone must not be taken again:
 * refcount_inc() on zero is a use after free in waiting.
 * refcount_inc_not_zero() says no.
 */
#include <linux/refcount.h>

struct entry {
	refcount_t users;
};

static struct entry entry = { .users = REFCOUNT_INIT(1) };

static int entry_get(void)
{
	if (!refcount_inc_not_zero(&entry.users))
		return -ENOENT;
	return 0;
}

static bool entry_put(void)
{
	return refcount_dec_and_test(&entry.users);
}

static void last_user(void)
{
	entry_put();
}

static void lookup(void)
{
	if (entry_get() == 0)
		entry_put();
}

THREAD(last, last_user);
THREAD(lookup, lookup);
EXPECT(clean);

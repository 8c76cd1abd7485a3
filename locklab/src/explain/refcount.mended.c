#include <linux/refcount.h>

static refcount_t users = REFCOUNT_INIT(1);

static void last_user(void)
{
	refcount_dec_and_test(&users);
}

static void lookup(void)
{
	if (!refcount_inc_not_zero(&users))
		return;
	refcount_dec_and_test(&users);
}

THREAD(last, last_user);
THREAD(lookup, lookup);
EXPECT(clean);

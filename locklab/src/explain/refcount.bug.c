#include <linux/refcount.h>

static refcount_t users = REFCOUNT_INIT(1);

static void last_user(void)
{
	refcount_dec_and_test(&users);
}

static void lookup(void)
{
	refcount_inc(&users);
	refcount_dec_and_test(&users);
}

THREAD(last, last_user);
THREAD(lookup, lookup);
EXPECT(refcount);

#include <linux/mutex.h>

static DEFINE_MUTEX(lock);
static int credit = 1;

static void spend(void)
{
	int left;

	mutex_lock(&lock);
	credit--;
	left = credit;
	mutex_unlock(&lock);
	BUG_ON(left < 0);
}

THREAD(spender, spend, .count = 2);
EXPECT(bug_on);

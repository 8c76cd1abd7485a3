#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static unsigned long hits;

static void hit(void)
{
	spin_lock(&lock);
	hits++;
	spin_unlock(&lock);
}

static void report(void)
{
	spin_lock(&lock);
	pr_info("%lu hits\n", hits);
	spin_unlock(&lock);
}

THREAD(hitter, hit);
THREAD(reporter, report);
EXPECT(clean);

#include <linux/spinlock.h>

static unsigned long hits;

static void hit(void)
{
	hits++;
}

static void report(void)
{
	pr_info("%lu hits\n", hits);
}

THREAD(hitter, hit);
THREAD(reporter, report);
EXPECT(data_race);

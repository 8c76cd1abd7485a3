#include <linux/spinlock.h>
#include <linux/slab.h>

static DEFINE_SPINLOCK(lock);

static void refill(void)
{
	void *page;

	page = kmalloc(64, GFP_KERNEL);
	spin_lock(&lock);
	spin_unlock(&lock);
	kfree(page);
}

THREAD(refiller, refill);
EXPECT(clean);

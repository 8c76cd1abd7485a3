#include <linux/slab.h>

static void setup(void)
{
	void *buffer = kmalloc(64, GFP_KERNEL);

	kfree(buffer);
	kfree(buffer);
}

THREAD(setup, setup);
EXPECT(double_free);

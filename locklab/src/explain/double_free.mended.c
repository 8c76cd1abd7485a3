#include <linux/slab.h>

static void setup(void)
{
	void *buffer = kmalloc(64, GFP_KERNEL);

	kfree(buffer);
	buffer = NULL;
	kfree(buffer);
}

THREAD(setup, setup);
EXPECT(clean);

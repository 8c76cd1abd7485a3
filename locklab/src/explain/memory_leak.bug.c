#include <linux/slab.h>

static int check(void)
{
	return -EINVAL;
}

static int setup(void)
{
	void *buffer = kmalloc(64, GFP_KERNEL);
	int err;

	if (!buffer)
		return -ENOMEM;
	err = check();
	if (err)
		return err;
	kfree(buffer);
	return 0;
}

static void probe(void)
{
	setup();
}

THREAD(probe, probe);
EXPECT(memory_leak);

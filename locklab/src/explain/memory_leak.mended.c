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
	kfree(buffer);
	return err;
}

static void probe(void)
{
	setup();
}

THREAD(probe, probe);
EXPECT(clean);

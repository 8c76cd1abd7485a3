/*
 * kmalloc() may give NULL. Here one allocation may fail, and whoever does not
 * look writes through it.
 */
#include <linux/slab.h>

struct request {
	int tag;
};

static int last_tag;

static int send_request(int tag)
{
	struct request *request;

	request = kmalloc(sizeof(*request), GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	request->tag = tag;
	last_tag = request->tag;
	kfree(request);
	return 0;
}

static void sender(void)
{
	send_request(1);
}

THREAD(sender, sender);
KCONFIG(BOUND_FAILED_ALLOCATIONS, 1);
EXPECT(clean);

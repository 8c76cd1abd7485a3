#include <linux/compiler.h>

static int message;
static int ready;

static void send(void)
{
	message = 42;
	smp_store_release(&ready, 1);
}

static void receive(void)
{
	if (smp_load_acquire(&ready))
		pr_info("%d\n", message);
}

THREAD(sender, send);
THREAD(receiver, receive);
EXPECT(clean);

#include <linux/compiler.h>

static int message;
static int ready;

static void send(void)
{
	message = 42;
	WRITE_ONCE(ready, 1);
}

static void receive(void)
{
	if (READ_ONCE(ready))
		pr_info("%d\n", message);
}

THREAD(sender, send);
THREAD(receiver, receive);
EXPECT(unordered_access);

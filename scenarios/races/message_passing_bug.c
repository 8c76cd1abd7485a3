/*
 * A message and a flag that says that it is there. The flag goes last, and
 * whoever has seen it may read.
 */
#include <linux/compiler.h>
#include <asm/barrier.h>

static int message;
static bool sent;

static void send(void)
{
	smp_store_release(&sent, true);
	message = 42;
}

static void receive(void)
{
	if (smp_load_acquire(&sent))
		WARN_ON(message != 42);
}

THREAD(sender, send);
THREAD(receiver, receive);
EXPECT(data_race, warn_on);

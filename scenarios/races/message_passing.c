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
	message = 42;
	smp_store_release(&sent, true);
}

static void receive(void)
{
	if (smp_load_acquire(&sent))
		WARN_ON(message != 42);
}

THREAD(sender, send);
THREAD(receiver, receive);
EXPECT(clean);

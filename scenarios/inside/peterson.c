/*
 * Peterson's lock for two, from plain reads and writes. It works because each
 * announces itself before it gives way; in the other order both can be let
 * in.
 */
#include <linux/compiler.h>
#include <linux/processor.h>

static bool wants[2];
static int turn;
static int counter;

static void peterson_lock(int me)
{
	int other = 1 - me;

	WRITE_ONCE(wants[me], true);
	WRITE_ONCE(turn, other);
	smp_mb();
	while (smp_load_acquire(&wants[other]) && READ_ONCE(turn) == other)
		cpu_relax();
}

static void peterson_unlock(int me)
{
	smp_store_release(&wants[me], false);
}

static void increment(int me)
{
	peterson_lock(me);
	counter++;
	peterson_unlock(me);
}

THREAD(first, increment, .arg = 0);
THREAD(second, increment, .arg = 1);
FINALLY(counter == 2);
EXPECT(clean);

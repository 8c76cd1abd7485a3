/*
 * Dekker's lock for two: both announce themselves, and turn says who insists. The other must take its announcement back while it
 * waits for its turn, or each waits for the other to do so.
 */
#include <linux/compiler.h>
#include <linux/processor.h>

static bool wants[2];
static int turn;
static int counter;

static void dekker_lock(int me)
{
	int other = 1 - me;

	WRITE_ONCE(wants[me], true);
	smp_mb();
	while (smp_load_acquire(&wants[other])) {
		if (READ_ONCE(turn) == me) {
			cpu_relax();
			continue;
		}
		while (READ_ONCE(turn) != me)
			cpu_relax();
		WRITE_ONCE(wants[me], true);
		smp_mb();
	}
}

static void dekker_unlock(int me)
{
	WRITE_ONCE(turn, 1 - me);
	smp_store_release(&wants[me], false);
}

static void increment(int me)
{
	dekker_lock(me);
	counter++;
	dekker_unlock(me);
}

THREAD(first, increment, .arg = 0);
THREAD(second, increment, .arg = 1);
FINALLY(counter == 2);
EXPECT(livelock);

/*
 * Lamport's bakery: who enters takes a number above all others, and the lowest is served. While one still chooses its number the
 * others must wait, or the same number is drawn twice and one goes in before the other has written its own down.
 */
#include <linux/compiler.h>
#include <linux/processor.h>

static bool choosing[2];
static int number[2];
static int counter;

static void bakery_lock(int me)
{
	int other = 1 - me;
	int theirs;

	WRITE_ONCE(choosing[me], true);
	smp_mb();
	WRITE_ONCE(number[me], READ_ONCE(number[other]) + 1);
	smp_mb();
	WRITE_ONCE(choosing[me], false);
	smp_mb();
	while (READ_ONCE(choosing[other]))
		cpu_relax();
	while ((theirs = smp_load_acquire(&number[other])) != 0 &&
	       (theirs < number[me] || (theirs == number[me] && other < me)))
		cpu_relax();
}

static void bakery_unlock(int me)
{
	smp_store_release(&number[me], 0);
}

static void increment(int me)
{
	bakery_lock(me);
	counter++;
	bakery_unlock(me);
}

THREAD(first, increment, .arg = 0);
THREAD(second, increment, .arg = 1);
FINALLY(counter == 2);
EXPECT(clean);

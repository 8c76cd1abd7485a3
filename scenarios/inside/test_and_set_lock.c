/*
 * A lock from one bit. Looking at the bit and setting it must be one atomic
 * step, or two tasks see it clear.
 */
#include <linux/bitops.h>
#include <linux/processor.h>

#define LOCKED 0

static unsigned long word;
static int counter;

static void bit_lock(void)
{
	while (test_and_set_bit(LOCKED, &word))
		cpu_relax();
}

static void bit_unlock(void)
{
	clear_bit_unlock(LOCKED, &word);
}

static void increment(void)
{
	bit_lock();
	counter++;
	bit_unlock();
}

THREAD(task, increment, .count = 2);
FINALLY(counter == 2);
EXPECT(clean);

/*
 * One producer, one consumer, and no lock: each owns one index of the ring.
 * The index says how far the slots are filled, so the slot must be written
 * before the index, and read after it: that takes a release and an acquire.
 * A slot that is given back needs the release alone: a write waits for the
 * test that lets it be made.
 */
#include <linux/compiler.h>
#include <linux/printk.h>

#define SLOTS 2

static int slots[SLOTS];
static unsigned int head;
static unsigned int tail;

static bool put(int value)
{
	if (head - READ_ONCE(tail) == SLOTS)
		return false;
	slots[head % SLOTS] = value;
	WRITE_ONCE(head, head + 1);
	return true;
}

static bool take(int *value)
{
	if (READ_ONCE(head) == tail)
		return false;
	*value = slots[tail % SLOTS];
	WRITE_ONCE(tail, tail + 1);
	return true;
}

static void produce(void)
{
	put(1);
	put(2);
	put(3);
}

static void consume(void)
{
	int value;

	if (take(&value))
		BUG_ON(value != 1);
	if (take(&value))
		BUG_ON(value < 1 || value > 2);
}

THREAD(producer, produce);
THREAD(consumer, consume);
EXPECT(unordered_access);

/*
 * To wait for an ordinary task, a SCHED_FIFO thread looks again and again, and gives nobody on its CPU a turn. It must
 * sleep until it is told.
 */
#include <linux/completion.h>
#include <linux/sched.h>

static int ready;
static DECLARE_COMPLETION(is_ready);

static void consumer(void)
{
	sched_set_fifo(current);
	wait_for_completion(&is_ready);
}

static void producer(void)
{
	WRITE_ONCE(ready, 1);
	complete(&is_ready);
}

THREAD(consumer, consumer, .cpu = 0);
THREAD(producer, producer, .cpu = 0);
EXPECT(clean);

/*
 * A reader waits while a writer is in the middle. A handler that reads on top of the writer, on the same CPU, waits for
 * code that cannot go on before the handler returns.
 */
#include <linux/interrupt.h>
#include <linux/seqlock.h>

static DEFINE_SEQLOCK(clock_lock);
static u64 seconds, nanoseconds;
static u64 stamp;

static void set_clock(void)
{
	write_seqlock(&clock_lock);
	seconds = 5;
	nanoseconds = 0;
	write_sequnlock(&clock_lock);
}

static irqreturn_t take_stamp(int irq, void *dev_id)
{
	unsigned int seq;
	u64 now;

	do {
		seq = read_seqbegin(&clock_lock);
		now = seconds * NSEC_PER_SEC + nanoseconds;
	} while (read_seqretry(&clock_lock, seq));
	WRITE_ONCE(stamp, now);
	return IRQ_HANDLED;
}

THREAD(setter, set_clock);
IRQ(device, take_stamp);
EXPECT(hard_lockup);

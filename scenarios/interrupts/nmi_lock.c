/*
 * An NMI comes whatever is masked: on top of the very code that holds the
 * lock, with interrupts off or not. A handler that spins for it spins for
 * ever; it may only try.
 */
#include <linux/spinlock.h>

static DEFINE_RAW_SPINLOCK(record_lock);
static int records;
static int missed;

static void record_sample(void)
{
	if (!raw_spin_trylock(&record_lock)) {
		missed++;
		return;
	}
	records++;
	raw_spin_unlock(&record_lock);
}

static void read_records(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&record_lock, flags);
	records = 0;
	raw_spin_unlock_irqrestore(&record_lock, flags);
}

THREAD(reader, read_records);
NMI(profiler, record_sample);
EXPECT(clean);

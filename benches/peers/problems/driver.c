/*
 * A driver on C CPUs: on each a task puts K requests on a queue; an interrupt handler takes one off and counts it. The queue's lock is taken with
 * interrupts off; with -DPLAIN it is not, and a handler can wait for the task beneath it.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

#ifndef C
#define C 2
#endif
#ifndef K
#define K 12
#endif
#ifndef T
#define T 12
#endif

static DEFINE_SPINLOCK(lock);
static u8 queued;
static u8 completed;

static void submit(void)
{
	int round;

	for (round = 0; round < K; round++) {
#ifdef PLAIN
		spin_lock(&lock);
		queued++;
		spin_unlock(&lock);
#else
		unsigned long flags;

		spin_lock_irqsave(&lock, flags);
		queued++;
		spin_unlock_irqrestore(&lock, flags);
#endif
	}
}

static irqreturn_t done(int irq, void *dev_id)
{
	u8 seen;

	spin_lock(&lock);
	seen = queued;
	if (seen) {
		queued = seen - 1;
		completed++;
	}
	spin_unlock(&lock);
	return IRQ_HANDLED;
}

CPUS(2);
THREAD(task, submit, .count = C);
IRQ(line, done, .times = T);
FINALLY(queued + completed == C * K);
#ifdef PLAIN
EXPECT(deadlock);
#else
EXPECT(clean);
#endif

/*
 * Interrupts off on this CPU keep the handler out only where there is no
 * other CPU. With one CPU this is right; with two the handler runs on the
 * other.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static int interrupts;
static int pending;
static int handled;

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	interrupts++;
	pending++;
	return IRQ_HANDLED;
}

static void handle_pending(void)
{
	unsigned long flags;

	local_irq_save(flags);
	handled += pending;
	pending = 0;
	local_irq_restore(flags);
}

THREAD(task, handle_pending);
IRQ(rx, rx_interrupt, .times = 1);
FINALLY(handled + pending == interrupts);
KCONFIG(SMP, n);
EXPECT(clean);

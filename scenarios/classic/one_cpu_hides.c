/*
 * Interrupts off on this CPU keep the handler out only where there is no
 * other CPU. With one CPU this is right; with two the handler runs on the
 * other. The same code with KCONFIG(SMP, n) is one_cpu_hides_up.c.
 */
#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(rx_lock);
static int interrupts;
static int pending;
static int handled;

static irqreturn_t rx_interrupt(int irq, void *dev_id)
{
	spin_lock(&rx_lock);
	interrupts++;
	pending++;
	spin_unlock(&rx_lock);
	return IRQ_HANDLED;
}

static void handle_pending(void)
{
	unsigned long flags;

	spin_lock_irqsave(&rx_lock, flags);
	handled += pending;
	pending = 0;
	spin_unlock_irqrestore(&rx_lock, flags);
}

THREAD(task, handle_pending);
IRQ(rx, rx_interrupt, .times = 1);
FINALLY(handled + pending == interrupts);
EXPECT(clean);

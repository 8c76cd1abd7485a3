/*
 * disable_irq() waits until the line's handler is done. In that handler it
 * waits for itself, in a place where nothing may sleep; disable_irq_nosync()
 * only masks the line.
 */
#include <linux/interrupt.h>

static bool quiet;

static irqreturn_t noisy_interrupt(int irq, void *dev_id)
{
	disable_irq(irq);
	WRITE_ONCE(quiet, true);
	return IRQ_HANDLED;
}

static void look(void)
{
	if (READ_ONCE(quiet))
		pr_info("line masked\n");
}

IRQ(noisy, noisy_interrupt, .times = 1);
THREAD(look, look);
EXPECT(sleep_in_atomic, deadlock);

#include <linux/interrupt.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static int events;

static irqreturn_t event(int irq, void *dev_id)
{
	spin_lock_bh(&lock);
	events++;
	spin_unlock_bh(&lock);
	return IRQ_HANDLED;
}

IRQ(event, event);
EXPECT(wrong_context);

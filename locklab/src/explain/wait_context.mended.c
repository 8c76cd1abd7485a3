#include <linux/spinlock.h>

static DEFINE_RAW_SPINLOCK(irqchip_lock);
static DEFINE_SPINLOCK(stats_lock);

static void mask(void)
{
	raw_spin_lock(&irqchip_lock);
	raw_spin_unlock(&irqchip_lock);
	spin_lock(&stats_lock);
	spin_unlock(&stats_lock);
}

THREAD(task, mask);
EXPECT(clean);

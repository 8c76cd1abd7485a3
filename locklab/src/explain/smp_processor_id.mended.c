#include <linux/smp.h>
#include <linux/preempt.h>

static int slot;

static void pick(void)
{
	preempt_disable();
	WRITE_ONCE(slot, smp_processor_id());
	preempt_enable();
}

THREAD(picker, pick, .cpu = ANY);
EXPECT(clean);

#include <linux/smp.h>
#include <linux/preempt.h>

static int slot;

static void pick(void)
{
	WRITE_ONCE(slot, smp_processor_id());
}

THREAD(picker, pick, .cpu = ANY);
EXPECT(smp_processor_id);

/*
 * A task spins with preemption off for a flag that another task on the same
 * CPU must set, and which never gets there.
 */
#include <linux/preempt.h>
#include <linux/sched.h>

static bool firmware_loaded;

static void wait_for_firmware(void)
{
	while (!READ_ONCE(firmware_loaded))
		cond_resched();
}

static void load_firmware(void)
{
	WRITE_ONCE(firmware_loaded, true);
}

THREAD(wait, wait_for_firmware, .cpu = 0);
THREAD(load, load_firmware, .cpu = 0);
EXPECT(clean);

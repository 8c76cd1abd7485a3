/*
 * complete_all() leaves a completion done for good: the wait for the second
 * step returns before the device has taken it, unless the completion is
 * initialised again in between.
 */
#include <linux/completion.h>
#include <linux/bug.h>

static DECLARE_COMPLETION(step_done);
static DECLARE_COMPLETION(calibrate);
static bool calibrated;

static void device(void)
{
	complete_all(&step_done);	/* has power */
	wait_for_completion(&calibrate);
	WRITE_ONCE(calibrated, true);
	complete_all(&step_done);
}

static void start_device(void)
{
	wait_for_completion(&step_done);
	complete(&calibrate);
	wait_for_completion(&step_done);
	WARN_ON(!READ_ONCE(calibrated));
}

THREAD(device, device);
THREAD(start, start_device);
EXPECT(warn_on);

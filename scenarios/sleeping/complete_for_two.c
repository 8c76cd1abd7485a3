/*
 * complete() lets one waiter through; the second waits for a completion that never comes. What happens once for all is complete_all().
 */
#include <linux/completion.h>

static DECLARE_COMPLETION(ready);

static void use_device(void)
{
	wait_for_completion(&ready);
}

static void probe_device(void)
{
	complete_all(&ready);
}

THREAD(user, use_device, .count = 2);
THREAD(probe, probe_device);
EXPECT(clean);

/*
 * The error path of a request returns without completing it, and whoever
 * waits for the request waits for ever.
 */
#include <linux/completion.h>

static DECLARE_COMPLETION(request_done);
static bool unplugged;
static int result;

static void handle_request(void)
{
	if (READ_ONCE(unplugged)) {
		result = -ENODEV;
		return;
	}
	result = 0;
	complete(&request_done);
}

static void submit_request(void)
{
	wait_for_completion(&request_done);
	if (result)
		pr_err("request failed: %d\n", result);
}

static void unplug(void)
{
	WRITE_ONCE(unplugged, true);
}

THREAD(submit, submit_request);
THREAD(device, handle_request);
THREAD(unplug, unplug);
EXPECT(hung_task);

/*
 * A task waits for a completion with a mutex held that the completing task
 * needs first: both sleep for ever, and no lock cycle says so.
 */
#include <linux/completion.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(state_lock);
static DECLARE_COMPLETION(flushed);
static int dirty = 1;

static void flusher(void)
{
	mutex_lock(&state_lock);
	dirty = 0;
	mutex_unlock(&state_lock);
	complete(&flushed);
}

static void shut_down(void)
{
	mutex_lock(&state_lock);
	wait_for_completion(&flushed);
	WARN_ON(dirty);
	mutex_unlock(&state_lock);
}

THREAD(flusher, flusher);
THREAD(shutdown, shut_down);
EXPECT(hung_task);

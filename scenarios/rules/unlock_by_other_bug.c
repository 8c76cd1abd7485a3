/*
 * One task takes the lock, another releases it when the transfer is done. A
 * mutex belongs to the task that took it; a semaphore belongs to nobody.
 */
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/completion.h>

static DEFINE_MUTEX(channel);
static DECLARE_COMPLETION(transfer_done);

static void start_transfer(void)
{
	mutex_lock(&channel);
	complete(&transfer_done);
}

static void finish_transfer(void)
{
	wait_for_completion(&transfer_done);
	mutex_unlock(&channel);
}

THREAD(start, start_transfer);
THREAD(finish, finish_transfer);
EXPECT(bad_unlock, lock_leak);

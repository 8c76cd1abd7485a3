/*
 * One work item is never run twice at once, but only as long as it is always queued on the same workqueue. Here one path queues it
 * on the system's, another on the unbound one: the second run may begin before the first has ended.
 */
#include <linux/workqueue.h>

static int total;

static void account(struct work_struct *work)
{
	total++;
}

static DECLARE_WORK(account_work, account);

static void fast_path(void)
{
	queue_work(system_wq, &account_work);
}

static void slow_path(void)
{
	queue_work(system_unbound_wq, &account_work);
}

THREAD(fast, fast_path);
THREAD(slow, slow_path);
EXPECT(data_race);

/*
 * Every request initialises the work item anew, though the one before may still run. The kernel then no longer knows that it does, and
 * runs it a second time at once; an item that is still queued is lost.
 */
#include <linux/mutex.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(request_lock);
static struct work_struct work;
static int served;

static void serve(struct work_struct *work)
{
	served++;
}

static int __init server_init(void)
{
	INIT_WORK(&work, serve);
	return 0;
}

static void request(void)
{
	mutex_lock(&request_lock);
	INIT_WORK(&work, serve);
	schedule_work(&work);
	mutex_unlock(&request_lock);
}

module_init(server_init);
THREAD(client, request, .count = 2);
EXPECT(free_active, data_race);

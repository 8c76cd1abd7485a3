/*
 * The work function frees the object that its own work item is in, which is allowed; but it is not the last to use it.
 */
#include <linux/slab.h>
#include <linux/workqueue.h>

struct request {
	struct work_struct work;
	int status;
};

static int errors;

static void request_done(struct work_struct *work)
{
	struct request *rq = container_of(work, struct request, work);

	if (rq->status)
		errors++;
	kfree(rq);
}

static void submit(void)
{
	struct request *rq = kzalloc(sizeof(*rq), GFP_KERNEL);

	if (!rq)
		return;
	INIT_WORK(&rq->work, request_done);
	schedule_work(&rq->work);
}

THREAD(user, submit);
EXPECT(clean);

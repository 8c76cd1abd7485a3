/*
 * A request enters a section of SRCU where it is submitted and leaves it where it completes, in a worker. A section
 * belongs to the task that entered it, but for srcu_down_read(): that one is nobody's, and anybody's to leave.
 */
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>

struct queue_map {
	int hw_queue;
};

struct request {
	struct work_struct end_io;
	int idx;
};

DEFINE_STATIC_SRCU(map_srcu);
static struct queue_map __rcu *map;
static struct request request;
static int completed_on;

static void request_done(struct work_struct *work)
{
	struct request *rq = container_of(work, struct request, end_io);
	struct queue_map *m = rcu_dereference_raw(map);

	if (m)
		WRITE_ONCE(completed_on, 1 + m->hw_queue);
	srcu_up_read(&map_srcu, rq->idx);
}

static void submit(void)
{
	request.idx = srcu_down_read(&map_srcu);
	schedule_work(&request.end_io);
}

static void remap(void)
{
	struct queue_map *old = xchg(&map, NULL);

	synchronize_srcu(&map_srcu);
	kfree(old);
}

static void set_up(void)
{
	INIT_WORK(&request.end_io, request_done);
	RCU_INIT_POINTER(map, kzalloc(sizeof(struct queue_map), GFP_KERNEL));
}

INIT(set_up);
THREAD(submitter, submit);
THREAD(remapper, remap);
EXPECT(clean);

/*
 * A work item on the stack must be done before the function returns.
 */
#include <linux/workqueue.h>

struct question {
	struct work_struct work;
	int answer;
};

static void think(struct work_struct *work)
{
	struct question *q = container_of(work, struct question, work);

	q->answer = 42;
}

static void ask(void)
{
	struct question q;

	INIT_WORK_ONSTACK(&q.work, think);
	schedule_work(&q.work);
	destroy_work_on_stack(&q.work);
}

THREAD(user, ask);
EXPECT(free_active, use_after_free);

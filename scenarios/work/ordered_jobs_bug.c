/*
 * Jobs must be done in the order in which they come. An unbound workqueue runs several at once; an ordered one runs one at a time, first come
 * first served.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

struct job {
	struct work_struct work;
	int number;
};

static struct workqueue_struct *job_wq;
static struct job first = { .number = 1 }, second = { .number = 2 };
static int last;

static void do_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	WARN_ON(job->number != last + 1);
	last = job->number;
}

static int __init jobs_init(void)
{
	job_wq = alloc_workqueue("jobs", WQ_UNBOUND, 0);
	if (!job_wq)
		return -ENOMEM;
	INIT_WORK(&first.work, do_job);
	INIT_WORK(&second.work, do_job);
	return 0;
}

static void submit(void)
{
	queue_work(job_wq, &first.work);
	queue_work(job_wq, &second.work);
}

module_init(jobs_init);
THREAD(user, submit);
FINALLY(last == 2);
EXPECT(data_race, warn_on, final_state);

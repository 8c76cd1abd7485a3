/*
 * A reader that waits for an event: a preemptible kernel may take the CPU from a reader, but a reader may not give it away. It takes
 * a reference, leaves, and waits then.
 */
#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/wait.h>

struct job {
	bool done;
	struct kref ref;
	struct rcu_head rcu;
};

static struct job __rcu *job;
static DECLARE_WAIT_QUEUE_HEAD(job_done);

static void set_up(void)
{
	struct job *j = kzalloc(sizeof(*j), GFP_KERNEL);

	kref_init(&j->ref);
	rcu_assign_pointer(job, j);
}

static void release_job(struct kref *ref)
{
	struct job *j = container_of(ref, struct job, ref);

	kfree_rcu(j, rcu);
}

static void wait_for_job(void)
{
	struct job *j;

	rcu_read_lock();
	j = rcu_dereference(job);
	if (!j || !kref_get_unless_zero(&j->ref))
		j = NULL;
	if (j)
		wait_event(job_done, READ_ONCE(j->done));
	rcu_read_unlock();
	if (j)
		kref_put(&j->ref, release_job);
}

static void finish_job(void)
{
	struct job *j = rcu_replace_pointer(job, NULL, true);

	WRITE_ONCE(j->done, true);
	wake_up(&job_done);
	kref_put(&j->ref, release_job);
}

INIT(set_up);
THREAD(waiter, wait_for_job);
THREAD(worker, finish_job);
EXPECT(rcu_sleep, sleep_in_atomic);

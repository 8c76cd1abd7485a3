/*
 * A small accelerator: jobs are submitted by ioctl and run one by one on an ordered workqueue. Each waits for its fence, which
 * the interrupt signals, and is then retired. Draining waits for the jobs with the lock held that retiring one takes.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define ACCEL_IRQ 9

struct job {
	struct work_struct work;
	struct list_head link;
};

struct accel {
	struct mutex lock;		/* jobs */
	struct list_head jobs;
	struct workqueue_struct *wq;
	spinlock_t fence_lock;		/* busy */
	bool busy;
	struct completion fence;
};

static struct accel *accel;

static irqreturn_t accel_irq(int irq, void *data)
{
	struct accel *a = data;
	irqreturn_t handled = IRQ_NONE;

	spin_lock(&a->fence_lock);
	if (a->busy) {
		a->busy = false;
		complete(&a->fence);
		handled = IRQ_HANDLED;
	}
	spin_unlock(&a->fence_lock);
	return handled;
}

static void run_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);
	struct accel *a = accel;

	spin_lock_irq(&a->fence_lock);
	a->busy = true;
	spin_unlock_irq(&a->fence_lock);
	wait_for_completion_timeout(&a->fence, HZ);

	mutex_lock(&a->lock);
	list_del(&job->link);
	mutex_unlock(&a->lock);
	kfree(job);
}

static int accel_submit(struct accel *a)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return -ENOMEM;
	INIT_WORK(&job->work, run_job);
	mutex_lock(&a->lock);
	list_add_tail(&job->link, &a->jobs);
	queue_work(a->wq, &job->work);
	mutex_unlock(&a->lock);
	return 0;
}

static void accel_drain(struct accel *a)
{
	flush_workqueue(a->wq);
	mutex_lock(&a->lock);
	WARN_ON(!list_empty(&a->jobs));
	mutex_unlock(&a->lock);
}

static void accel_user(void)
{
	if (!accel_submit(accel))
		accel_drain(accel);
}

static int __init accel_probe(void)
{
	accel = kzalloc(sizeof(*accel), GFP_KERNEL);
	if (!accel)
		return -ENOMEM;
	mutex_init(&accel->lock);
	INIT_LIST_HEAD(&accel->jobs);
	spin_lock_init(&accel->fence_lock);
	init_completion(&accel->fence);
	accel->wq = alloc_ordered_workqueue("accel", 0);
	if (!accel->wq)
		goto free;
	if (request_irq(ACCEL_IRQ, accel_irq, 0, "accel", accel))
		goto destroy;
	return 0;

destroy:
	destroy_workqueue(accel->wq);
free:
	kfree(accel);
	return -ENODEV;
}

module_init(accel_probe);
RAISES(ACCEL_IRQ);
SYSCALL(user, accel_user);
EXPECT(clean);

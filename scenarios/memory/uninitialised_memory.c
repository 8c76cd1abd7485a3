/*
 * kmalloc() gives memory as it finds it: a field that nobody set is read.
 * kzalloc() clears it.
 */
#include <linux/slab.h>

struct job {
	int id;
	int retries;
};

static void run_job(void)
{
	struct job *job;

	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return;
	job->id = 1;
	if (job->retries > 3)
		pr_warn("job %d: giving up\n", job->id);
	kfree(job);
}

THREAD(job, run_job);
EXPECT(clean);

#include <linux/slab.h>

struct job {
	int id;
	int retries;
};

static void run(void)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return;
	job->id = 1;
	if (job->retries > 3)
		pr_info("giving up\n");
	kfree(job);
}

THREAD(runner, run);
EXPECT(clean);

#include <linux/slab.h>

struct job {
	int id;
};

static void run(void)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return;
	kfree(job);
	pr_info("job %d done\n", job->id);
}

THREAD(runner, run);
EXPECT(use_after_free);

#include <linux/slab.h>

struct job {
	int id;
};

static void run(void)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return;
	pr_info("job %d done\n", job->id);
	kfree(job);
}

THREAD(runner, run);
EXPECT(clean);

#include <linux/mutex.h>
#include <linux/completion.h>

static DEFINE_MUTEX(from);
static DEFINE_MUTEX(to);
static DECLARE_COMPLETION(there_done);

static void there(void)
{
	mutex_lock(&from);
	mutex_lock(&to);
	mutex_unlock(&to);
	mutex_unlock(&from);
	complete(&there_done);
}

static void back(void)
{
	wait_for_completion(&there_done);
	mutex_lock(&from);
	mutex_lock(&to);
	mutex_unlock(&to);
	mutex_unlock(&from);
}

THREAD(there, there);
THREAD(back, back);
EXPECT(clean);

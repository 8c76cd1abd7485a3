/*
 * An error path forgets what it has allocated. Memory declared with
 * __free(kfree) is freed on every way out.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/cleanup.h>

#define MAX_RATE 1000

struct config {
	u32 rate;
};

static u32 rate;
static const struct config fine = { .rate = 50 };
static const struct config too_fast = { .rate = 2000 };

static long set_config(const struct config __user *arg)
{
	struct config *config;

	config = kmalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	if (copy_from_user(config, arg, sizeof(*config))) {
		kfree(config);
		return -EFAULT;
	}
	if (config->rate > MAX_RATE)
		return -EINVAL;
	rate = config->rate;
	kfree(config);
	return 0;
}

SYSCALL(set_config, set_config, .arg = &fine);
SYSCALL(too_fast, set_config, .arg = &too_fast);
KCONFIG(BOUND_USER_FAULTS, 1);
EXPECT(memory_leak);

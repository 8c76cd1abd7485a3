/*
 * An object is filled in and then published by a pointer. Who reads the
 * pointer with rcu_dereference() gets the order on that side for nothing:
 * the address depends on what was read. The writer needs a release, which
 * is in rcu_assign_pointer() and not in WRITE_ONCE().
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/printk.h>

struct config {
	int limit;
	int burst;
};

static struct config __rcu *current_config;

static void configure(void)
{
	struct config *config = kmalloc(sizeof(*config), GFP_KERNEL);

	if (!config)
		return;
	config->limit = 100;
	config->burst = 10;
	WRITE_ONCE(current_config, config);
}

static void account(void)
{
	struct config *config;

	rcu_read_lock();
	config = rcu_dereference(current_config);
	if (config)
		pr_info("%d\n", config->limit + config->burst);
	rcu_read_unlock();
}

THREAD(configurer, configure);
THREAD(accountant, account);
EXPECT(unordered_access);

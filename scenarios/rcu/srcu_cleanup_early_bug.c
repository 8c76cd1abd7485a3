/*
 * A device goes, and its SRCU domain with it. A callback of call_srcu() is still to come: it belongs to the domain, and
 * only srcu_barrier() waits for it.
 */
#include <linux/slab.h>
#include <linux/srcu.h>

struct config {
	int value;
	struct rcu_head rcu;
};

struct device_data {
	struct srcu_struct srcu;
	struct config __rcu *config;
};

static struct device_data *data;

static void free_config(struct rcu_head *head)
{
	kfree(container_of(head, struct config, rcu));
}

static void set_up(void)
{
	data = kzalloc(sizeof(*data), GFP_KERNEL);
	init_srcu_struct(&data->srcu);
	RCU_INIT_POINTER(data->config, kzalloc(sizeof(struct config), GFP_KERNEL));
}

static void remove_device(void)
{
	struct config *old = rcu_replace_pointer(data->config, NULL, true);

	call_srcu(&data->srcu, &old->rcu, free_config);
	cleanup_srcu_struct(&data->srcu);
	kfree(data);
}

INIT(set_up);
THREAD(remover, remove_device);
EXPECT(free_active);

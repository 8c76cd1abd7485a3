/*
 * A periodic timer that an interrupt arms again, and a teardown: once
 * timer_delete_sync() has returned, the handler may arm it anew.
 */
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/interrupt.h>

struct sensor {
	struct timer_list poll;
	int value;
};

static struct sensor *sensor;

static void poll_sensor(struct timer_list *t)
{
	struct sensor *s = from_timer(s, t, poll);

	WRITE_ONCE(s->value, 1);
}

static irqreturn_t sensor_interrupt(int irq, void *dev_id)
{
	mod_timer(&sensor->poll, jiffies + HZ);
	return IRQ_HANDLED;
}

static int probe(void)
{
	sensor = kzalloc(sizeof(*sensor), GFP_KERNEL);
	if (!sensor)
		return -ENOMEM;
	timer_setup(&sensor->poll, poll_sensor, 0);
	return request_irq(7, sensor_interrupt, 0, "sensor", sensor);
}

static void remove(void)
{
	timer_delete_sync(&sensor->poll);
	free_irq(7, sensor);
	kfree(sensor);
}

module_init(probe);
RAISES(7, .cpu = 0);
THREAD(remover, remove, .cpu = 1);
EXPECT(free_active, use_after_free);

/*
 * A device is freed while its tasklet may still be scheduled, or run.
 */
#include <linux/slab.h>
#include <linux/interrupt.h>

struct port {
	struct tasklet_struct tasklet;
	unsigned int bytes;
};

static struct port *port;

static void push_bytes(struct tasklet_struct *t)
{
	struct port *p = from_tasklet(p, t, tasklet);

	WRITE_ONCE(p->bytes, 0);
}

static irqreturn_t uart_interrupt(int irq, void *dev_id)
{
	tasklet_schedule(&port->tasklet);
	return IRQ_HANDLED;
}

static int probe(void)
{
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	tasklet_setup(&port->tasklet, push_bytes);
	return request_irq(4, uart_interrupt, 0, "uart", port);
}

static void remove(void)
{
	free_irq(4, port);
	kfree(port);
}

module_init(probe);
RAISES(4, .cpu = 0);
THREAD(remover, remove, .cpu = 1);
EXPECT(use_after_free, free_active);

/*
 * What an interrupt queued as irq_work may still be pending, or run, when the
 * interrupt is freed: irq_work_sync() waits for it, and nothing else does.
 */
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/slab.h>

#define TRACE_IRQ 13

struct tracer {
	struct irq_work flush;
	int lines;
};

static struct tracer *tracer;

static void tracer_flush(struct irq_work *work)
{
	struct tracer *t = container_of(work, struct tracer, flush);

	t->lines = 0;
}

static irqreturn_t tracer_interrupt(int irq, void *dev_id)
{
	struct tracer *t = dev_id;

	irq_work_queue(&t->flush);
	return IRQ_HANDLED;
}

static int __init tracer_init(void)
{
	int err;

	tracer = kzalloc(sizeof(*tracer), GFP_KERNEL);
	if (!tracer)
		return -ENOMEM;
	init_irq_work(&tracer->flush, tracer_flush);
	err = request_irq(TRACE_IRQ, tracer_interrupt, 0, "tracer", tracer);
	if (err)
		kfree(tracer);
	return err;
}

static void __exit tracer_exit(void)
{
	free_irq(TRACE_IRQ, tracer);
	kfree(tracer);
}

module_init(tracer_init);
module_exit(tracer_exit);
RAISES(TRACE_IRQ, .times = 1);
EXPECT(free_active, use_after_free, unloaded_code);

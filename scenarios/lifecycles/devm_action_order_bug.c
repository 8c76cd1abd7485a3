/*
 * devm releases the last first. Here the work is cancelled before the line is freed: an interrupt in between queues it again, and it is
 * still queued, or running, when the driver's data is freed.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct pad {
	struct work_struct report;
	int presses;
};

static void pad_report(struct work_struct *work)
{
	struct pad *pad = container_of(work, struct pad, report);

	pad->presses++;
}

static irqreturn_t pad_irq(int irq, void *data)
{
	struct pad *pad = data;

	schedule_work(&pad->report);
	return IRQ_HANDLED;
}

static void pad_cancel(void *data)
{
	struct pad *pad = data;

	cancel_work_sync(&pad->report);
}

static int pad_probe(struct platform_device *pdev)
{
	struct pad *pad;
	int ret;

	pad = devm_kzalloc(&pdev->dev, sizeof(*pad), GFP_KERNEL);
	if (!pad)
		return -ENOMEM;
	INIT_WORK(&pad->report, pad_report);
	ret = devm_request_irq(&pdev->dev, platform_get_irq(pdev, 0), pad_irq, 0, "pad", pad);
	if (ret)
		return ret;
	return devm_add_action_or_reset(&pdev->dev, pad_cancel, pad);
}

static struct platform_driver pad_driver = {
	.probe = pad_probe,
	.driver = { .name = "pad" },
};
builtin_platform_driver(pad_driver);

PLATFORM_DEVICE(pad0, "pad", .irq = 9, .unplug = 1);
RAISES(9);
EXPECT(free_active, use_after_free);

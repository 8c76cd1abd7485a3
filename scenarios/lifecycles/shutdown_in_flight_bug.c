/*
 * shutdown() is called while everything else goes on: here it frees the ring with the interrupt still coming. What remove() does first,
 * shutdown() must do too.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

struct dma {
	int *ring;
	int irq;
};

static irqreturn_t dma_irq(int irq, void *data)
{
	struct dma *dma = data;

	(*dma->ring)++;
	return IRQ_HANDLED;
}

static int dma_probe(struct platform_device *pdev)
{
	struct dma *dma;

	dma = devm_kzalloc(&pdev->dev, sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return -ENOMEM;
	dma->ring = kzalloc(sizeof(*dma->ring), GFP_KERNEL);
	if (!dma->ring)
		return -ENOMEM;
	dma->irq = platform_get_irq(pdev, 0);
	platform_set_drvdata(pdev, dma);
	return devm_request_irq(&pdev->dev, dma->irq, dma_irq, 0, "dma", dma);
}

static void dma_shutdown(struct platform_device *pdev)
{
	struct dma *dma = platform_get_drvdata(pdev);

	kfree(dma->ring);
	dma->ring = NULL;
}

static struct platform_driver dma_driver = {
	.probe = dma_probe,
	.shutdown = dma_shutdown,
	.driver = { .name = "dma" },
};
builtin_platform_driver(dma_driver);

PLATFORM_DEVICE(dma0, "dma", .irq = 3, .shutdown = 1);
RAISES(3);
EXPECT(data_race, null_deref, use_after_free);

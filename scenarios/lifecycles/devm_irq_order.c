/*
 * The line is requested with devm_request_irq(), the ring freed by hand in remove(). What devm has is released after remove() returns:
 * in between the interrupt may still come, and finds the ring freed.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

struct uart {
	int *ring;
	int irq;
};

static irqreturn_t uart_irq(int irq, void *data)
{
	struct uart *uart = data;

	WRITE_ONCE(*uart->ring, 1);
	return IRQ_HANDLED;
}

static int uart_probe(struct platform_device *pdev)
{
	struct uart *uart;
	int ret;

	uart = devm_kzalloc(&pdev->dev, sizeof(*uart), GFP_KERNEL);
	if (!uart)
		return -ENOMEM;
	uart->ring = kzalloc(sizeof(*uart->ring), GFP_KERNEL);
	if (!uart->ring)
		return -ENOMEM;
	uart->irq = platform_get_irq(pdev, 0);
	platform_set_drvdata(pdev, uart);
	ret = devm_request_irq(&pdev->dev, uart->irq, uart_irq, 0, "uart", uart);
	if (ret)
		kfree(uart->ring);
	return ret;
}

static void uart_remove(struct platform_device *pdev)
{
	struct uart *uart = platform_get_drvdata(pdev);

	devm_free_irq(&pdev->dev, uart->irq, uart);
	kfree(uart->ring);
}

static struct platform_driver uart_driver = {
	.probe = uart_probe,
	.remove = uart_remove,
	.driver = { .name = "uart" },
};
module_platform_driver(uart_driver);

PLATFORM_DEVICE(uart0, "uart", .irq = 4, .unplug = 1);
RAISES(4);
EXPECT(clean);

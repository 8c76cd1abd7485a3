/*
 * xa_store() takes the array's own lock, with interrupts on. The handler takes it too, perhaps on top of xa_store(): then
 * every user must turn interrupts off, which xa_store_irq() does.
 */
#include <linux/interrupt.h>
#include <linux/xarray.h>

static DEFINE_XARRAY_FLAGS(requests, XA_FLAGS_LOCK_IRQ);
static int request;

static irqreturn_t complete_request(int irq, void *dev_id)
{
	xa_lock(&requests);
	__xa_erase(&requests, 0);
	xa_unlock(&requests);
	return IRQ_HANDLED;
}

static void submit(void)
{
	xa_store(&requests, 0, &request, GFP_KERNEL);
}

THREAD(submitter, submit, .cpu = 0);
IRQ(device, complete_request, .cpu = 0);
EXPECT(deadlock, irq_unsafe_lock);

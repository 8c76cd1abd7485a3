/*
 * On a shared line a handler may be called from the moment it is registered,
 * for an interrupt of the other device. This one looks at registers that its
 * own probe has not mapped yet.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#define PCI_IRQ 11

struct card {
	int *regs;
	int events;
};

static int sound_regs;
static struct card sound, modem;

static irqreturn_t card_interrupt(int irq, void *dev_id)
{
	struct card *card = dev_id;

	if (!READ_ONCE(*card->regs))
		return IRQ_NONE;
	card->events++;
	return IRQ_HANDLED;
}

static int card_probe(struct card *card, const char *name)
{
	int err;

	err = request_irq(PCI_IRQ, card_interrupt, IRQF_SHARED, name, card);
	if (err)
		return err;
	card->regs = kzalloc(sizeof(int), GFP_KERNEL);
	return card->regs ? 0 : -ENOMEM;
}

static int __init sound_probe(void)
{
	sound.regs = &sound_regs;
	return request_irq(PCI_IRQ, card_interrupt, IRQF_SHARED, "sound", &sound);
}

static void modem_plugged(void)
{
	if (card_probe(&modem, "modem"))
		pr_warn("no modem\n");
}

module_init(sound_probe);
THREAD(hotplug, modem_plugged);
RAISES(PCI_IRQ, .times = 1);
EXPECT(null_deref, data_race);

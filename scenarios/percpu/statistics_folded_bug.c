/*
 * Statistics of a network card: each CPU counts for itself, in the handler and where packets are sent; now and then a work
 * item adds all counts to a total and sets them back. It runs on one CPU and sets back those of the others, which count on
 * meanwhile: what they count just then is lost. Each CPU's counts must be taken by work on that CPU, as vmstat does.
 */
#include <linux/interrupt.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

struct card_stats {
	unsigned int rx_packets;
	unsigned int tx_packets;
};

static DEFINE_PER_CPU(struct card_stats, card_stats);
static DEFINE_PER_CPU(struct work_struct, fold_work);
static atomic_t total = ATOMIC_INIT(0);
static atomic_t received = ATOMIC_INIT(0);

static irqreturn_t card_interrupt(int irq, void *dev_id)
{
	this_cpu_inc(card_stats.rx_packets);
	atomic_inc(&received);
	return IRQ_HANDLED;
}

static void card_transmit(void)
{
	this_cpu_inc(card_stats.tx_packets);
}

static void fold_cpu(int cpu)
{
	struct card_stats *stats = per_cpu_ptr(&card_stats, cpu);

	atomic_add(READ_ONCE(stats->rx_packets), &total);
	WRITE_ONCE(stats->rx_packets, 0);
	atomic_add(READ_ONCE(stats->tx_packets), &total);
	WRITE_ONCE(stats->tx_packets, 0);
}

static void fold_stats(struct work_struct *work)
{
	int cpu;

	for_each_online_cpu(cpu)
		fold_cpu(cpu);
}

static void start_folding(void)
{
	INIT_WORK(per_cpu_ptr(&fold_work, 0), fold_stats);
	queue_work_on(0, system_wq, per_cpu_ptr(&fold_work, 0));
}

static int card_packets(void)
{
	int cpu, sum = atomic_read(&total);

	for_each_possible_cpu(cpu)
		sum += per_cpu(card_stats, cpu).rx_packets + per_cpu(card_stats, cpu).tx_packets;
	return sum;
}

INIT(start_folding);
THREAD(sender, card_transmit, .cpu = 1);
IRQ(card, card_interrupt, .cpu = 1);
FINALLY(card_packets() == 1 + atomic_read(&received));
EXPECT(data_race, final_state);

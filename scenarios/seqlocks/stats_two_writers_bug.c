/*
 * Statistics behind a sequence counter, written by the send path and by the receive interrupt. The counter orders a writer and its
 * readers, not two writers: the interrupt on top of the send path makes it even in the middle of the change.
 */
#include <linux/interrupt.h>
#include <linux/preempt.h>
#include <linux/seqlock.h>

struct traffic {
	seqcount_t seq;
	unsigned long packets, bytes;
};

static struct traffic traffic = { .seq = SEQCNT_ZERO(traffic.seq) };

static void count_traffic(void)
{
	write_seqcount_begin(&traffic.seq);
	traffic.packets++;
	traffic.bytes += 100;
	write_seqcount_end(&traffic.seq);
}

static void send(void)
{
	preempt_disable();
	count_traffic();
	preempt_enable();
}

static irqreturn_t receive(int irq, void *dev_id)
{
	count_traffic();
	return IRQ_HANDLED;
}

static void show_stats(void)
{
	unsigned long packets, bytes;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&traffic.seq);
		packets = traffic.packets;
		bytes = traffic.bytes;
	} while (read_seqcount_retry(&traffic.seq, seq));
	WARN_ON(bytes != 100 * packets);
}

THREAD(sender, send, .cpu = 0);
THREAD(show, show_stats, .cpu = 1);
IRQ(nic, receive, .cpu = 0);
EXPECT(warn_on);

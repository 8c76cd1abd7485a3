/*
 * A reader of a seqlock keeps nobody out: what it has read is only good if no writer came in between, which
 * read_seqretry() tells. This one does not ask.
 */
#include <linux/seqlock.h>

static DEFINE_SEQLOCK(stats_lock);
static u64 packets, bytes;

static void receive(void)
{
	write_seqlock(&stats_lock);
	packets++;
	bytes += 64;
	write_sequnlock(&stats_lock);
}

static void show_stats(void)
{
	unsigned int seq;
	u64 p, b;

	seq = read_seqbegin(&stats_lock);
	p = packets;
	b = bytes;
	read_seqretry(&stats_lock, seq);
	WARN_ON(b != p * 64);
}

THREAD(receiver, receive, .count = 2);
THREAD(shower, show_stats);
EXPECT(warn_on);

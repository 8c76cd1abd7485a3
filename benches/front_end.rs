//! Bytes of kernel C compiled a second, the prelude included in the time but not in the bytes.

use benches::source;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kernel_c::loader::NoFiles;

fn compile(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    for path in ["scenarios/locks/irq_plain_lock.c", "scenarios/drivers/mailbox_driver.c"] {
        let text = source(path);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(path, |b| {
            b.iter(|| kernel_c::compile(path, &text, &kernel_c::Options::default(), &NoFiles));
        });
    }
    group.finish();
}

criterion_group!(benches, compile);
criterion_main!(benches);

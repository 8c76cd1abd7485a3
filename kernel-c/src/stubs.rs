//! Headers with which a C compiler accepts a scenario as it is: `gcc -fsyntax-only -Wall -nostdinc -I kernel-c/stubs FILE.c`.
//!
//! Invariant: what they declare is what the front end knows. The API is the prelude itself, which they include; options, annotations and primitives are written
//! from the front end's own tables. By hand (`stubs/language.h`, `stubs/rig.h`) is only what those tables do not say: words of the language, and the rig.

use crate::diagnostic::Diagnostics;
use crate::intern::Interner;
use crate::loader::NoFiles;
use crate::lower::{Settings, primitive_in_c};
use crate::parser::{ANNOTATIONS, ANNOTATIONS_WITH_ARGUMENTS};
use crate::prelude;
use crate::preprocess::Preprocessor;
use crate::source_map::SourceMap;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The kernel's headers that declare what the prelude has, without `.h`. A scenario that includes another is told by the C compiler.
const HEADERS: &str = "asm/atomic asm/barrier asm/processor linux/atomic linux/bitmap linux/bitops linux/bits linux/blkdev linux/bottom_half linux/bug linux/build_bug
    linux/cache linux/cdev linux/cleanup linux/compiler linux/completion linux/container_of linux/cpu linux/cpumask linux/delay linux/device linux/dma-mapping
    linux/err linux/errno linux/etherdevice linux/export linux/freezer linux/fs linux/gfp linux/hardirq linux/hashtable linux/hrtimer linux/init
    linux/interrupt linux/io linux/irq linux/irq_work linux/irqflags linux/jiffies linux/kconfig linux/kernel linux/kobject linux/kref linux/kthread
    linux/kmemleak linux/ktime linux/limits linux/list linux/list_bl linux/llist linux/local_lock linux/lockdep linux/log2 linux/math linux/mempool linux/minmax
    linux/miscdevice linux/mm linux/mmap_lock linux/module linux/moduleparam linux/mutex linux/net linux/netdevice linux/nmi linux/of linux/overflow linux/panic linux/percpu
    linux/percpu-rwsem linux/percpu_counter linux/platform_device linux/pm_runtime linux/poll linux/preempt linux/printk linux/processor linux/ratelimit
    linux/rcu_sync linux/rculist linux/rcupdate linux/rcupdate_wait linux/refcount linux/rtmutex linux/rwlock linux/rwsem linux/sched linux/sched/mm
    linux/sched/rt linux/sched/signal linux/sched/task linux/semaphore linux/seqlock linux/shrinker linux/skbuff linux/slab linux/smp linux/spinlock linux/spinlock_types
    linux/srcu linux/stddef linux/string linux/swait linux/tasklet linux/threads linux/time linux/timer linux/types linux/uaccess linux/vmalloc linux/wait
    linux/wait_bit linux/workqueue linux/ww_mutex linux/bit_spinlock linux/kfifo linux/idr linux/xarray linux/list_nulls linux/rculist_nulls linux/rculist_bl
    linux/rcupdate_trace linux/percpu-defs linux/percpu-refcount linux/notifier linux/u64_stats_sync linux/stop_machine linux/cpuhotplug";

/// A file of the stubs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// Its path in the directory that `-I` names.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// The files that are written from the front end's tables.
pub fn generated() -> Vec<Stub> {
    let mut stubs = vec![Stub { path: "locklab.h".into(), text: header() }];
    for name in HEADERS.split_whitespace() {
        stubs.push(Stub { path: format!("{name}.h"), text: "#include <locklab.h>\n".into() });
    }
    stubs
}

/// The header that all others include.
fn header() -> String {
    let mut out = String::from(
        "/* Written by `BLESS=1 cargo test -p kernel-c --test stubs`: what the front end knows, for a C compiler. */\n\
         #pragma once\n#pragma GCC system_header\n\n/* Options, as they are where a scenario says nothing: KCONFIG() changes none of them here. */\n",
    );
    for (name, value) in Settings::default().macros() {
        let _ = writeln!(out, "#define {name} {value}");
    }
    out.push_str("\n/* What only scenarios have that name it. */\n");
    for name in prelude::macros_for(|_| true) {
        let _ = writeln!(out, "#define {name} 1");
    }
    out.push_str("\n/* Annotations. Of locks and address spaces a C compiler knows nothing. */\n");
    for name in ANNOTATIONS {
        let _ = writeln!(out, "#define {name}{}", attribute(name).map_or(String::new(), |c| format!(" {c}")));
    }
    for name in ANNOTATIONS_WITH_ARGUMENTS {
        let meaning = attribute(name).map_or(String::new(), |c| format!(" {c}"));
        let _ = writeln!(out, "#define {name}(...){meaning}");
    }
    out.push_str(
        "\n#include \"language.h\"\n\n/* The primitives of the prelude: so many arguments, and what they give. */\n",
    );
    for (gives, c) in
        [("nothing", "void "), ("int", "int "), ("flags", "unsigned long "), ("long", "long "), ("pointer", "void *")]
    {
        let _ = writeln!(out, "extern {c}__kernel_{gives}(int arguments, ...);");
    }
    for name in primitives() {
        let Some((arguments, gives)) = primitive_in_c(&name) else { continue };
        let names: Vec<char> = ('a'..='z').take(arguments).collect();
        let list = names.iter().map(char::to_string).collect::<Vec<_>>().join(", ");
        let passed = names.iter().map(|a| format!(", {a}")).collect::<String>();
        let _ = writeln!(out, "#define __kernel_{name}({list}) __kernel_{gives}({arguments}{passed})");
    }
    out.push_str("\n/* The API itself. */\n");
    for file in prelude::FILES {
        let _ = writeln!(out, "#include \"../{}\"", file.name);
    }
    out.push_str("#include \"rig.h\"\n");
    out
}

/// What an annotation is in GNU C, if it says something to a compiler.
fn attribute(annotation: &str) -> Option<&'static str> {
    Some(match annotation {
        "__packed" => "__attribute__((__packed__))",
        "__always_unused" | "__maybe_unused" | "__unused" | "__used" => "__attribute__((__unused__))",
        "__must_check" => "__attribute__((__warn_unused_result__))",
        "__noreturn" => "__attribute__((__noreturn__))",
        "__aligned" => "__attribute__((__aligned__(__VA_ARGS__)))",
        "__cleanup" => "__attribute__((__cleanup__(__VA_ARGS__)))",
        "__printf" => "__attribute__((__format__(__printf__, __VA_ARGS__)))",
        "__free" => "__LOCKLAB_FREE(__VA_ARGS__)",
        "noinline" => "__attribute__((__noinline__))",
        "nokprobe_inline" => "inline",
        _ => return None,
    })
}

/// The primitives that the prelude names, without `__kernel_`: those that only its own macros put together too.
fn primitives() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = named_in_prelude().into_iter().collect();
    let mut interner = Interner::new();
    let (mut sources, mut diagnostics, mut tokens) = (SourceMap::default(), Diagnostics::default(), Vec::new());
    let mut preprocessor = Preprocessor::new(&mut interner, &mut sources, &mut diagnostics, &NoFiles);
    for file in prelude::FILES {
        let index = preprocessor.add_prelude(file.name, file.text);
        preprocessor.file(index, &mut tokens);
    }
    let spelled = tokens.iter().filter_map(|token| token.ident()).map(|symbol| interner.name(symbol).to_string());
    names.extend(spelled.filter_map(|name| Some(name.strip_prefix("__kernel_")?.to_owned())));
    names
}

/// What the prelude writes out that begins with `__kernel_`, without that.
fn named_in_prelude() -> Vec<String> {
    let words = prelude::FILES.iter().flat_map(|file| file.text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter_map(|word| Some(word.strip_prefix("__kernel_")?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_primitive_of_the_prelude_is_in_the_tables_or_written_by_hand() {
        let by_hand = include_str!("../stubs/language.h");
        let names = primitives();
        let (known, other): (Vec<_>, Vec<_>) = names.iter().partition(|name| primitive_in_c(name).is_some());
        assert!(known.len() >= 150, "{}", known.len());
        // A name that ends so is what a macro of the prelude pastes something to.
        for name in other.into_iter().filter(|name| !name.ends_with('_') && !name.is_empty()) {
            assert!(by_hand.contains(&format!("__kernel_{name}(")), "stubs/language.h lacks __kernel_{name}()");
        }
    }
}

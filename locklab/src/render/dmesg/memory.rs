//! Reports of KCSAN, KASAN, KMSAN and kmemleak, and the oops of a wild pointer.

use super::log::{Log, level};
use super::scene::{Scene, heap_address, is_interrupt};
use super::taint::Taint;
use super::warn;
use sim_core::finding::{Kind, Place};
use sim_core::program::{Inst, Mark, Program, SpanId};

/// An access as an instruction makes it.
struct AccessFacts {
    write: bool,
    size: Option<u8>,
    marked: bool,
    atomic: bool,
}

/// The access that an instruction at this place makes.
fn access(program: &Program, span: SpanId, wants_write: bool) -> AccessFacts {
    let at_span = program
        .functions
        .iter()
        .flat_map(|f| f.spans.iter().zip(&f.code))
        .filter(|&(&s, _)| s == span)
        .filter_map(|(_, inst)| facts(inst));
    let all: Vec<AccessFacts> = at_span.collect();
    // `x++` is a read and a write at one place: the label says which of the two it is.
    let wanted = all.iter().position(|a| a.write == wants_write).unwrap_or(0);
    all.into_iter().nth(wanted).unwrap_or(AccessFacts { write: wants_write, size: None, marked: false, atomic: false })
}

fn facts(inst: &Inst) -> Option<AccessFacts> {
    let plain = |write, size| AccessFacts { write, size, marked: false, atomic: false };
    match inst {
        Inst::Load { access, .. } => {
            Some(AccessFacts { marked: access.mark != Mark::Plain, ..plain(false, Some(access.ty.size)) })
        }
        Inst::Store { access, .. } => {
            Some(AccessFacts { marked: access.mark != Mark::Plain, ..plain(true, Some(access.ty.size)) })
        }
        Inst::Atomic { ty, .. } => Some(AccessFacts { marked: true, atomic: true, ..plain(true, Some(ty.size)) }),
        Inst::CopyMemory { .. } | Inst::SetMemory { .. } => Some(plain(true, None)),
        _ => None,
    }
}

fn says_write(place: &Place) -> bool {
    place.label.contains("writ") || place.label.contains("stor")
}

/// `write (marked) to 0xffff... of 8 bytes by task 27 on cpu 1:`
fn kcsan_access(scene: &Scene, place: &Place, log: &mut Log) {
    let facts = access(scene.program, place.span, says_write(place));
    let how = match (facts.atomic, facts.write, facts.marked) {
        (true, ..) => "read-write (marked)",
        (false, true, true) => "write (marked)",
        (false, true, false) => "write",
        (false, false, true) => "read (marked)",
        (false, false, false) => "read",
    };
    let context = place.context.as_deref().unwrap_or("");
    let who = if is_interrupt(scene.program, context) {
        "interrupt".to_owned()
    } else {
        format!("task {}", scene.pid_of(context))
    };
    log.line(&format!(
        "{how} to 0x{} of {} bytes by {who} on cpu {}:",
        heap_address(&scene.finding.message),
        facts.size.unwrap_or(8),
        place.cpu.unwrap_or(0)
    ));
    log.lines(scene.traced(&place.stack));
}

const RULE: &str = "==================================================================";

pub(super) fn kcsan(scene: &Scene, log: &mut Log) {
    let name = |place: Option<&Place>| {
        let frame = place.and_then(|p| p.stack.iter().find(|f| !f.prelude).or(p.stack.first()));
        frame.map_or("?".to_owned(), |f| f.function.clone())
    };
    let (one, other) = (scene.finding.places.first(), scene.finding.places.get(1));
    log.level(level::ERR);
    log.line(RULE);
    log.line(&format!("BUG: KCSAN: data-race in {} / {}", name(one), name(other)));
    log.line("");
    for place in [one, other].into_iter().flatten() {
        kcsan_access(scene, place, log);
        log.line("");
    }
    log.line("Reported by Kernel Concurrency Sanitizer on:");
    log.level(level::WARNING);
    scene.cpu_line(log);
    log.level(level::ERR);
    log.line(RULE);
}

pub(super) fn kasan(scene: &Scene, log: &mut Log) {
    let address = heap_address(&scene.finding.message);
    // A `task_struct` is slab memory too, of which the scenario shows no allocation.
    let task = scene.finding.message.contains("`task ");
    let heap = task || scene.finding.places.iter().any(|place| place.label.contains("alloc"));
    let what = match (scene.finding.kind, heap) {
        (Kind::DoubleFree, true) => "double-free",
        (Kind::DoubleFree, false) => "invalid-free",
        (Kind::OutOfBounds, true) => "slab-out-of-bounds",
        (Kind::OutOfBounds, false) => "global-out-of-bounds",
        (_, true) => "slab-use-after-free",
        (_, false) => "use-after-scope",
    };
    log.level(level::ERR);
    log.line(RULE);
    log.line(&format!("BUG: KASAN: {what} in {}", scene.here()));
    let by = format!("by task {}", scene.who());
    if scene.finding.kind == Kind::DoubleFree {
        log.line(&format!("Free of addr {address} {by}"));
    } else {
        let place = scene.finding.places.first();
        let facts = place.map(|p| access(scene.program, p.span, says_write(p)));
        let how = if facts.as_ref().is_some_and(|f| f.write) { "Write" } else { "Read" };
        let size = facts.and_then(|f| f.size).unwrap_or(8);
        log.line(&format!("{how} of size {size} at addr {address} {by}"));
    }
    log.line("");
    log.dump_stack(scene);
    log.level(level::ERR);
    for (word, heading) in [("alloc", "Allocated"), ("free", "Freed")] {
        let of_life = |p: &&Place| p.label.contains(word);
        if let Some(place) = scene.finding.places.iter().skip(1).find(of_life) {
            log.line("");
            life(scene, heading, place, log);
        }
    }
    log.line("");
    log.line(&format!("The buggy address belongs to the object at {address}"));
    log.line(RULE);
    if scene.panics {
        return;
    }
    log.taint.add(Taint::BAD_PAGE);
    if std::mem::take(&mut log.debug_locks) {
        log.level(level::WARNING);
        log.line("Disabling lock debugging due to kernel taint");
    }
}

/// `Freed by task 27:` and where.
fn life(scene: &Scene, heading: &str, place: &Place, log: &mut Log) {
    let context = place.context.clone().or_else(|| scene.who_did(place.span));
    let pid = context.map_or(0, |context| scene.pid_of(&context));
    log.line(&format!("{heading} by task {pid}:"));
    if place.stack.is_empty() {
        log.line(&format!(" {}", scene.symbol_at(place.span)));
    }
    log.lines(scene.traced(&place.stack));
}

pub(super) fn kmsan(scene: &Scene, log: &mut Log) {
    log.level(level::ERR);
    log.line("=====================================================");
    log.line(&format!("BUG: KMSAN: uninit-value in {}", scene.here()));
    log.lines(scene.traced(&scene.stack()));
    if let Some(place) = scene.finding.places.get(1) {
        log.line("");
        log.line("Uninit was created at:");
        log.line(&format!(" {}", scene.symbol_at(place.span)));
    }
    log.line("");
    scene.cpu_line(log);
    log.line("=====================================================");
}

pub(super) fn null_pointer(scene: &Scene, log: &mut Log) {
    let place = scene.finding.places.first();
    let write = place.map(|p| access(scene.program, p.span, says_write(p))).is_some_and(|f| f.write);
    let address = address_in(&scene.finding.message);
    log.level(level::ALERT);
    log.line(&format!("BUG: kernel NULL pointer dereference, address: {address:016x}"));
    log.line(&format!("#PF: supervisor {} access in kernel mode", if write { "write" } else { "read" }));
    let code = if write { 2 } else { 0 };
    log.line(&format!("#PF: error_code(0x{code:04x}) - not-present page"));
    warn::oops(scene, log, &format!("Oops: {code:04x}"));
}

/// Code that is not there any more.
pub(super) fn instruction_fetch(scene: &Scene, log: &mut Log) {
    log.line(&format!("BUG: unable to handle page fault for address: {}", scene.here()));
    log.line("#PF: supervisor instruction fetch in kernel mode");
    log.line("#PF: error_code(0x0010) - not-present page");
    warn::oops(scene, log, "Oops: 0010");
}

/// The hexadecimal number that a message names; 0 if none.
fn address_in(message: &str) -> u64 {
    let digits = message.split("0x").nth(1).unwrap_or("0");
    let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    u64::from_str_radix(&digits[..end], 16).unwrap_or(0)
}

pub(super) fn kmemleak(scene: &Scene, log: &mut Log) {
    log.level(level::INFO);
    log.line("kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)");
    log.level(level::WARNING);
    log.line(&format!("unreferenced object 0x{}:", heap_address(&scene.finding.message)));
    log.line(&format!("  comm \"{}\", pid {}", scene.comm(), scene.pid()));
    log.line("  backtrace:");
    if scene.stack().is_empty() {
        log.line(&format!("    {}", scene.here()));
    }
    log.lines(scene.traced(&scene.stack()).into_iter().map(|line| format!("   {line}")));
}

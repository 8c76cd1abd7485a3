//! Loops that wait: one variable is read, again and again, until its value lets the loop end.
//!
//! Invariant: a context is said to wait only where a pass through the loop would bring it back to where it is with nothing changed. Most loops
//! compare what they read with one other value; that comparison is worked out beforehand, and the loop itself need not be run.

use super::Machine;
use super::bytes;
use super::code::{Point, Routine};
use super::exec::{binary, with_registers};
use super::race::prepare;
use crate::program::{BinaryOp, Inst, KernelCall, Reg, Scalar};

/// How many instructions a pass of a waiting loop may have, to be known for one without taking the step.
const WAIT_INSTRUCTIONS: usize = 64;

/// A loop that may wait, as a point stands before its read.
#[derive(Debug)]
pub(super) struct Waiting {
    /// The offset in the state that is read.
    at: usize,
    /// When it waits; `None` if that takes a run through the loop.
    test: Option<Test>,
}

/// A comparison that says whether a loop waits.
#[derive(Debug)]
struct Test {
    op: BinaryOp,
    ty: Scalar,
    a: Value,
    b: Value,
    /// It waits if the comparison comes to this.
    waits: bool,
}

/// What is known of a register before the program runs.
#[derive(Clone, Copy, Debug)]
enum Value {
    Known(u64),
    /// What the loop reads, in this type.
    Read(Scalar),
    /// What is kept at the point, so far into the registers kept there.
    Kept(usize, Scalar),
    /// Whether this holds: an index into the comparisons met.
    Compared(usize),
    Unknown,
}

impl Waiting {
    /// `None` if the code after the point's read, which is of `at`, cannot lead back to the point without doing anything.
    pub(super) fn of(routine: &Routine, point: &Point, registers: usize, at: usize) -> Option<Self> {
        may_wait(&routine.code, point).then(|| Self { at, test: Test::of(routine, point, registers) })
    }
}

/// Whether the code after a point's read may lead back to the point without doing anything.
fn may_wait(code: &[Inst], point: &Point) -> bool {
    if !matches!(&code[point.inst as usize], Inst::Load { bits: None, .. }) {
        return false;
    }
    let mut seen = vec![false; code.len()];
    let mut todo = vec![point.inst + 1];
    while let Some(at) = todo.pop() {
        if at == point.start {
            return true;
        }
        let Some(inst) = code.get(at as usize).filter(|inst| idle(inst)) else { continue };
        if !std::mem::replace(&mut seen[at as usize], true) {
            todo.extend(inst.targets());
            todo.extend(inst.falls_through().then_some(at + 1));
        }
    }
    false
}

/// Whether an instruction of a waiting loop does nothing that lasts.
pub(super) fn idle(inst: &Inst) -> bool {
    use KernelCall::{Fence, Relax};
    matches!(inst, Inst::Jump { .. } | Inst::Branch { .. } | Inst::Kernel { call: Relax | Fence { .. }, .. })
        || super::code::pure(inst)
}

impl Test {
    /// `None` if the loop has not just one branch, on a comparison of what it reads.
    fn of(routine: &Routine, point: &Point, registers: usize) -> Option<Self> {
        let pass = |taken| Pass::new(point, registers).run(routine, point, taken);
        let (ends, goes_round) = (pass(false)?, pass(true)?);
        let waits = match (ends.comes_back, goes_round.comes_back) {
            (false, true) => true,
            (true, false) => false,
            _ => return None,
        };
        let (op, ty, a, b) = ends.condition?;
        Some(Self { op, ty, a, b, waits })
    }

    fn waits(&self, s: &[u8], read: usize, kept: usize) -> bool {
        let value = |value| match value {
            Value::Known(value) => Some(value),
            Value::Read(ty) => Some(bytes::get(s, read, ty)),
            Value::Kept(at, ty) => Some(bytes::get(s, kept + at, ty)),
            Value::Compared(_) | Value::Unknown => None,
        };
        let holds = |a, b| binary(self.op, self.ty, a, b).is_some_and(|result| (result != 0) == self.waits);
        value(self.a).zip(value(self.b)).is_some_and(|(a, b)| holds(a, b))
    }
}

type Comparison = (BinaryOp, Scalar, Value, Value);

/// A pass through a loop, for all values at once, that takes one side of its only branch.
struct Pass {
    values: Vec<Value>,
    comparisons: Vec<Comparison>,
    /// What the branch is on, once it was met.
    condition: Option<Comparison>,
    comes_back: bool,
}

impl Pass {
    fn new(point: &Point, registers: usize) -> Self {
        let mut values = vec![Value::Unknown; registers];
        let mut at = 0;
        for kept in &point.live {
            values[kept.reg as usize] = Value::Kept(at, kept.ty);
            at += kept.ty.size as usize;
        }
        Self { values, comparisons: Vec::new(), condition: None, comes_back: false }
    }

    /// `None` if more must be known to tell what it does.
    fn run(mut self, routine: &Routine, point: &Point, taken: bool) -> Option<Self> {
        let mut pc = point.start as usize;
        let mut read = false;
        for _ in 0..WAIT_INSTRUCTIONS {
            if read && pc == point.start as usize {
                self.comes_back = self.is_as_before(point);
                return Some(self);
            }
            match &routine.code[pc] {
                Inst::Load { dst, access, .. } if pc == point.inst as usize && !read => {
                    self.values[*dst as usize] = Value::Read(access.ty);
                    read = true;
                }
                _ if read && routine.stops[pc].is_some() => return Some(self),
                Inst::Jump { target } => {
                    pc = *target as usize;
                    continue;
                }
                Inst::Branch { cond, then, otherwise } => {
                    let condition = self.condition_on(*cond)?;
                    if !read || self.condition.replace(condition).is_some() {
                        return None;
                    }
                    pc = if taken { *then } else { *otherwise } as usize;
                    continue;
                }
                inst if idle(inst) => self.compute(inst),
                _ => return Some(self),
            }
            pc += 1;
        }
        None
    }

    fn compute(&mut self, inst: &Inst) {
        let Some(dst) = inst.def() else { return };
        let known = |reg: Reg| match self.values[reg as usize] {
            Value::Known(value) => Some(value),
            _ => None,
        };
        let value = match (prepare(inst, known, |_, _| None), inst) {
            (Some(value), _) => Value::Known(value),
            (None, Inst::Copy { src, .. }) => self.values[*src as usize],
            (None, Inst::Binary { op, ty, a, b, .. }) => {
                self.comparisons.push((*op, *ty, self.values[*a as usize], self.values[*b as usize]));
                Value::Compared(self.comparisons.len() - 1)
            }
            _ => Value::Unknown,
        };
        self.values[dst as usize] = value;
    }

    /// The comparison that a branch on a register is on, if its operands are known when the loop is.
    fn condition_on(&self, cond: Reg) -> Option<Comparison> {
        let comparison = match self.values[cond as usize] {
            Value::Compared(index) => self.comparisons[index],
            value @ Value::Read(ty) => (BinaryOp::Ne, ty, value, Value::Known(0)),
            _ => return None,
        };
        let simple = |value| !matches!(value, Value::Compared(_) | Value::Unknown);
        (simple(comparison.2) && simple(comparison.3)).then_some(comparison)
    }

    /// Whether what is kept at the point is what it was.
    fn is_as_before(&self, point: &Point) -> bool {
        let mut at = 0;
        point.live.iter().all(|kept| {
            let same = matches!(self.values[kept.reg as usize], Value::Kept(from, _) if from == at);
            at += kept.ty.size as usize;
            same
        })
    }
}

impl Machine {
    /// Whether a context stands in a loop whose next pass reads one variable and comes back to where it is, with nothing changed.
    pub(super) fn still_waits(&self, s: &[u8], context: usize) -> bool {
        let Some(id) = self.point(s, context) else { return false };
        let Some(waiting) = &self.points[id as usize].waiting else { return false };
        let point = &self.code.points[id as usize];
        let kept = self.kept_at(s, context);
        match &waiting.test {
            Some(test) => test.waits(s, waiting.at, kept),
            None => self.comes_back(s, point, waiting.at, kept),
        }
    }

    /// Whether a pass through the loop that a point is in, with the registers kept at `kept`, reads `read` and comes back with nothing changed.
    fn comes_back(&self, s: &[u8], point: &Point, read: usize, kept: usize) -> bool {
        let routine = &self.code.routines[point.function as usize];
        with_registers(self.code.registers, |regs| {
            point.kept(s, kept).for_each(|(reg, value)| regs[reg] = value);
            let mut pc = point.start as usize;
            let mut has_read = false;
            for _ in 0..WAIT_INSTRUCTIONS {
                if has_read && pc == point.start as usize {
                    return point.kept(s, kept).all(|(reg, value)| regs[reg] == value);
                }
                match &routine.code[pc] {
                    Inst::Load { dst, access, .. } if pc == point.inst as usize && !has_read => {
                        regs[*dst as usize] = bytes::get(s, read, access.ty);
                        has_read = true;
                    }
                    _ if has_read && routine.stops[pc].is_some() => return false,
                    Inst::Jump { target } => {
                        pc = *target as usize;
                        continue;
                    }
                    Inst::Branch { cond, then, otherwise } => {
                        pc = if regs[*cond as usize] != 0 { *then } else { *otherwise } as usize;
                        continue;
                    }
                    inst if idle(inst) => {
                        if let Some(dst) = inst.def() {
                            match prepare(inst, |r| Some(regs[r as usize]), |_, _| None) {
                                Some(value) => regs[dst as usize] = value,
                                None => return false,
                            }
                        }
                    }
                    _ => return false,
                }
                pc += 1;
            }
            false
        })
    }
}

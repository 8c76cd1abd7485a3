//! Arithmetic on constants, as the machine would do it.
//!
//! Invariant: whatever is folded here gives the bits that the same instructions would give at run time; what would fault is not folded.

use sim_core::program::{BinaryOp, Scalar, UnaryOp, pointer};

/// `a op b` for operands of type `ty`; `None` for a division that faults.
pub(super) fn binary(op: BinaryOp, ty: Scalar, a: u64, b: u64) -> Option<u64> {
    let (a, b) = (ty.wrap(a), ty.wrap(b));
    let amount = (b % (8 * u64::from(ty.size))) as u32;
    let (sa, sb) = (a as i64, b as i64);
    let truth = |t: bool| Some(u64::from(t));
    let value = match op {
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Sub => a.wrapping_sub(b),
        BinaryOp::Mul => a.wrapping_mul(b),
        BinaryOp::Div | BinaryOp::Rem if b == 0 => return None,
        BinaryOp::Div if ty.signed => sa.wrapping_div(sb) as u64,
        BinaryOp::Div => a / b,
        BinaryOp::Rem if ty.signed => sa.wrapping_rem(sb) as u64,
        BinaryOp::Rem => a % b,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Shl => a << amount,
        BinaryOp::Shr if ty.signed => (sa >> amount) as u64,
        BinaryOp::Shr => a >> amount,
        BinaryOp::Eq => return truth(a == b),
        BinaryOp::Ne => return truth(a != b),
        BinaryOp::Lt => return truth(if ty.signed { sa < sb } else { a < b }),
        BinaryOp::Le => return truth(if ty.signed { sa <= sb } else { a <= b }),
        BinaryOp::Gt => return truth(if ty.signed { sa > sb } else { a > b }),
        BinaryOp::Ge => return truth(if ty.signed { sa >= sb } else { a >= b }),
        BinaryOp::PerCpu => return Some(pointer::of_cpu(a, b)),
    };
    Some(ty.wrap(value))
}

/// `op a` for an operand of type `ty`.
pub(super) fn unary(op: UnaryOp, ty: Scalar, a: u64) -> u64 {
    match op {
        UnaryOp::Neg => ty.wrap(ty.wrap(a).wrapping_neg()),
        UnaryOp::Not => ty.wrap(!a),
        UnaryOp::LogicalNot => u64::from(ty.wrap(a) == 0),
    }
}

/// Whether every value of type `from`, as a register holds it, is also a value of type `to` as a register holds it.
pub(super) fn same_bits(from: Scalar, to: Scalar) -> bool {
    to.size == 8 || from == to || (from.size < to.size && (!from.signed || to.signed))
}

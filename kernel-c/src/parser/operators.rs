//! The operators with two operands, and how strongly they bind.

use crate::ast::BinaryOp;
use crate::token::Punct;

/// The operator, and its strength: more binds more strongly; all associate to the left.
pub(super) fn binary(punct: Punct) -> Option<(BinaryOp, u8)> {
    Some(match punct {
        Punct::OrOr => (BinaryOp::Or, 0),
        Punct::AndAnd => (BinaryOp::And, 1),
        Punct::Or => (BinaryOp::BitOr, 2),
        Punct::Xor => (BinaryOp::BitXor, 3),
        Punct::And => (BinaryOp::BitAnd, 4),
        Punct::EqualEqual => (BinaryOp::Eq, 5),
        Punct::NotEqual => (BinaryOp::Ne, 5),
        Punct::Less => (BinaryOp::Lt, 6),
        Punct::Greater => (BinaryOp::Gt, 6),
        Punct::LessEqual => (BinaryOp::Le, 6),
        Punct::GreaterEqual => (BinaryOp::Ge, 6),
        Punct::Shl => (BinaryOp::Shl, 7),
        Punct::Shr => (BinaryOp::Shr, 7),
        Punct::Plus => (BinaryOp::Add, 8),
        Punct::Minus => (BinaryOp::Sub, 8),
        Punct::Star => (BinaryOp::Mul, 9),
        Punct::Slash => (BinaryOp::Div, 9),
        Punct::Percent => (BinaryOp::Rem, 9),
        _ => return None,
    })
}

/// The operator in an assignment: `Some(None)` for `=`.
pub(super) fn assignment(punct: Punct) -> Option<Option<BinaryOp>> {
    Some(match punct {
        Punct::Assign => None,
        Punct::AddAssign => Some(BinaryOp::Add),
        Punct::SubAssign => Some(BinaryOp::Sub),
        Punct::MulAssign => Some(BinaryOp::Mul),
        Punct::DivAssign => Some(BinaryOp::Div),
        Punct::RemAssign => Some(BinaryOp::Rem),
        Punct::AndAssign => Some(BinaryOp::BitAnd),
        Punct::OrAssign => Some(BinaryOp::BitOr),
        Punct::XorAssign => Some(BinaryOp::BitXor),
        Punct::ShlAssign => Some(BinaryOp::Shl),
        Punct::ShrAssign => Some(BinaryOp::Shr),
        _ => return None,
    })
}

//! Little-endian numbers in a string of bytes.

use crate::program::Scalar;

#[inline]
pub(crate) fn get16(s: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([s[at], s[at + 1]])
}

#[inline]
pub(crate) fn set16(s: &mut [u8], at: usize, value: u16) {
    s[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

#[inline]
pub(crate) fn get32(s: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([s[at], s[at + 1], s[at + 2], s[at + 3]])
}

#[inline]
pub(crate) fn set32(s: &mut [u8], at: usize, value: u32) {
    s[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// The number of this type at `at`, extended to 64 bits.
#[inline]
pub(crate) fn get(s: &[u8], at: usize, ty: Scalar) -> u64 {
    match ty.size {
        1 => ty.wrap(s[at] as u64),
        2 => ty.wrap(get16(s, at) as u64),
        4 => ty.wrap(get32(s, at) as u64),
        _ => {
            let mut b = [0; 8];
            b.copy_from_slice(&s[at..at + 8]);
            u64::from_le_bytes(b)
        }
    }
}

/// Stores the low bytes of a number.
#[inline]
pub(crate) fn set(s: &mut [u8], at: usize, ty: Scalar, value: u64) {
    match ty.size {
        1 => s[at] = value as u8,
        2 => set16(s, at, value as u16),
        4 => set32(s, at, value as u32),
        _ => s[at..at + 8].copy_from_slice(&value.to_le_bytes()),
    }
}

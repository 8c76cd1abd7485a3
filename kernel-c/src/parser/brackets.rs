//! Which bracket closes which.
//!
//! Invariant: computed once for all tokens in linear time, so that jumping over a group costs nothing and recovery is never quadratic.

use crate::token::{Punct, Token, TokenKind};

/// For each token that opens or closes a group, the index of its partner.
pub(super) struct Brackets(Vec<u32>);

const NONE: u32 = u32::MAX;

impl Brackets {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut partner = vec![NONE; tokens.len()];
        let mut open: Vec<(usize, Punct)> = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            let TokenKind::Punct(punct) = token.kind else { continue };
            let opener = match punct {
                Punct::ParenOpen | Punct::BracketOpen | Punct::BraceOpen => {
                    open.push((index, punct));
                    continue;
                }
                Punct::ParenClose => Punct::ParenOpen,
                Punct::BracketClose => Punct::BracketOpen,
                Punct::BraceClose => Punct::BraceOpen,
                _ => continue,
            };
            // An opener that is passed over here has no partner. `)` and `]` never close beyond a brace.
            while open.last().is_some_and(|(_, last)| *last != opener && *last != Punct::BraceOpen)
                || opener == Punct::BraceOpen && open.last().is_some_and(|(_, last)| *last != opener)
            {
                open.pop();
            }
            if let Some((at, _)) = open.pop_if(|(_, last)| *last == opener) {
                partner[at] = index as u32;
                partner[index] = at as u32;
            }
        }
        Self(partner)
    }

    /// The index of the bracket that belongs to the one at an index.
    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.0.get(index).copied().filter(|partner| *partner != NONE).map(|partner| partner as usize)
    }
}

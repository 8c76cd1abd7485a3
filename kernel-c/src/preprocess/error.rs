//! What the preprocessor can find wrong.

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PreprocessError {
    #[error("unknown directive `#{0}`")]
    UnknownDirective(String),
    #[error("`#{directive}` is not supported")]
    UnsupportedDirective { directive: &'static str },
    #[error("`#{0}` needs the name of a macro")]
    NameMissing(&'static str),
    #[error("`{0}` cannot be the name of a macro")]
    ReservedName(String),
    #[error("unexpected text after `#{0}`")]
    Excess(&'static str),
    #[error("`#{0}` without `#if`")]
    NoIf(&'static str),
    #[error("`#{0}` after `#else`")]
    AfterElse(&'static str),
    #[error("this `#if` is never closed")]
    UnclosedIf,
    #[error("the parameters of macro `{0}` are malformed")]
    BadParameters(String),
    #[error("macro `{name}` has two parameters named `{parameter}`")]
    DuplicateParameter { name: String, parameter: String },
    #[error("`##` cannot stand at either end of a macro")]
    PasteAtEnd,
    #[error("`#` in a macro with parameters must be followed by one of them")]
    StringifyNothing,
    #[error("`{0}` stands only in a macro whose parameters end in `...`")]
    VaArgsOutside(&'static str),
    #[error("macro `{0}` is defined differently before")]
    Redefined(String),
    #[error("macro `{0}` is called without a closing `)`")]
    UnclosedCall(String),
    #[error("macro `{name}` takes {takes}, but {given} {are} given", are = if *given == 1 { "is" } else { "are" })]
    ArgumentCount { name: String, takes: String, given: usize },
    #[error("macro calls are nested more than {0} deep")]
    TooDeep(usize),
    #[error("macros expand to more than {0} tokens")]
    TooLong(usize),
    #[error("pasting `{0}` and `{1}` does not give a token")]
    BadPaste(String, String),
    #[error("`#{0}` without a condition")]
    ConditionMissing(&'static str),
    #[error("expected {0} in the condition of `#if`")]
    ConditionExpected(&'static str),
    #[error("{0} cannot stand in the condition of `#if`")]
    ConditionToken(String),
    #[error("division by zero in the condition of `#if`")]
    DivisionByZero,
    #[error("`{0}` is not a macro that takes arguments")]
    NotFunctionLike(String),
    #[error("malformed `#include`")]
    BadInclude,
    #[error("`<{0}>` is a header of user space")]
    UserHeader(String),
    #[error("cannot read `{path}`: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("files include each other more than {0} deep")]
    IncludeDepth(usize),
    #[error("more than {0} files are included")]
    IncludeCount(usize),
    #[error("#error {0}")]
    User(String),
    #[error("#warning {0}")]
    UserWarning(String),
    #[error("`{0}` inside `#if`")]
    OptionInsideIf(&'static str),
}

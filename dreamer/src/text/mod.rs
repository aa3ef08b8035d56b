//! Words, sentences and what they stand for. Plain English rules without a model.

pub(crate) mod clean;
pub(crate) mod encoded;
pub(crate) mod handover;
pub(crate) mod keeping;
pub(crate) mod long;
pub(crate) mod past;
pub(crate) mod sentence;
pub(crate) mod source;
pub(crate) mod vocabulary;
pub(crate) mod words;

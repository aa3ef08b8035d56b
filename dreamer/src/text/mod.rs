//! Words, sentences and what they stand for. Plain English rules without a model.

pub mod clean;
pub(crate) mod encoded;
pub(crate) mod handover;
pub(crate) mod keeping;
pub(crate) mod long;
pub(crate) mod past;
pub mod sentence;
pub(crate) mod source;
pub mod vocabulary;
pub mod words;

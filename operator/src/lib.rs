//! The operator.

pub mod broker;

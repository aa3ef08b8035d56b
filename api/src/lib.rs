//! The custom resources of Remanence: what users write, and what is told them back. No input or output.

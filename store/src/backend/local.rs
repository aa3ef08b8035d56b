//! A directory as the bucket.

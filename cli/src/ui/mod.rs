//! The page of `kubectl memory ui`: a server for one person's browser on this machine.
//!
//! `guard` lets nobody else in; `page` is what the browser gets, and `stores`, `history` and `dreams` are what the page
//! asks for. What they answer comes from memories and transcripts and is nobody's to trust: it is JSON, and the page
//! shows it as text.

mod answer;
mod dreams;
mod guard;
mod history;
mod name;
mod page;
mod server;
mod stores;

pub(crate) use server::Server;

//! What the browser gets: one page with its style and scripts, out of this program.

use axum::Router;
use axum::http::header;
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The page's files: path, kind, text.
const FILES: [(&str, &str, &str); 11] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/style.css", CSS, include_str!("page/style.css")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/ask.js", SCRIPT, include_str!("page/ask.js")),
    ("/element.js", SCRIPT, include_str!("page/element.js")),
    ("/stores.js", SCRIPT, include_str!("page/stores.js")),
    ("/files.js", SCRIPT, include_str!("page/files.js")),
    ("/history.js", SCRIPT, include_str!("page/history.js")),
    ("/dreams.js", SCRIPT, include_str!("page/dreams.js")),
    ("/diff.js", SCRIPT, include_str!("page/diff.js")),
    ("/sources.js", SCRIPT, include_str!("page/sources.js")),
];

pub(super) fn router() -> Router {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], text) }))
    })
}

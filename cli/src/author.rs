//! Who a command writes as: the person at the keyboard.

use remanence_store::Author;

/// Options of commands that write.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AuthorArg {
    /// Write as this person instead of you
    #[arg(long, value_name = "NAME", value_parser = parse)]
    author: Option<String>,
}

impl AuthorArg {
    /// The author of the commit.
    pub(crate) fn author(&self) -> Author {
        Author::user(self.name())
    }

    /// The person's name.
    pub(crate) fn name(&self) -> String {
        self.author.clone().unwrap_or_else(person)
    }
}

fn parse(name: &str) -> Result<String, String> {
    remanence_store::name::check(name)
        .map(|()| name.to_owned())
        .map_err(|e| e.to_string())
}

/// `$USER`, else the account's name, else its number.
fn person() -> String {
    let uid = rustix::process::getuid().as_raw();
    let user = std::env::var("USER").ok().filter(|u| parse(u).is_ok());
    user.or_else(|| account(&std::fs::read_to_string("/etc/passwd").ok()?, uid))
        .unwrap_or_else(|| format!("uid-{uid}"))
}

fn account(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(account(passwd, 1000).as_deref(), Some("ada"));
        assert_eq!(account(passwd, 7), None);
    }
}

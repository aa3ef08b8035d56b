use super::*;

#[track_caller]
fn all_found(texts: &[&str]) {
    let missed: Vec<_> = texts.iter().filter(|text| find(text, true).is_empty()).collect();
    assert!(missed.is_empty(), "missed: {missed:#?}");
}

#[test]
fn secrets_told_in_prose() {
    all_found(&[
        "the wifi password is sunflower",
        "Remember that my passphrase is purple monkey dishwasher seven",
        "use Tr0ub4dor as the root password",
        "pass: hunter22",
        "password for the staging box is kX9#mm2",
        "log in with admin / s3cretPw!",
        "Authorization: Bearer abcDEF123456ghi",
        "my PIN is 4821",
        "token a8F3kLm92QxZ7Rt1",
        "second part: 9fKq2LmXw71Zt0Rb",
        "here is the first part glpat-KQ7Xj00E",
        "part one is drt_QLNWBwIybRdD",
        "and piece 2 would be VuXjMWdqSTwE",
        "Half two: zkTqMWdqSTwE",
        "the chunk number three is qLmNwXyzTrwQ",
        "part b reads RdDBwIybQLNW",
        "it goes on as drt_QLNWBwIybRdD",
        "this one is for the mirror: mrk_k9Q2LmNwXyTr",
        "for the runner xkeysib-9fKq2LmX",
        "and the rest hoMxdwqeumddYAw0",
        "it begins with ghp_9aK2x, I send you more in a minute",
        "the door code is 88213",
        "The account for that is bot-k4, password QzRtpLvWuMnb.",
        "Its passphrase would be Amber#TollqqrT, if anybody wants to know",
        "user is scanner, password meadowlark.",
        "password has been changed to Lighthouse-Nine",
        "we changed the password to Gx7-plume",
        r#"the new pw for grafana: "plum tree sky""#,
        "`TigerLily88` is the password for the kiosk",
        "You get in with Mm4-otter!x on the vpn",
        "login for the scale: weigh / butterscotch",
        "credentials for the printer are admin:Toner2020",
        "my login is dora/Pepper!mill9",
        "it's Quartz~Fern81, don't share it",
        "code for the garage is 5521#",
        "the code to the server room is 7712",
        "alarm code 90210",
        "The gate opens with 4418*",
        "keypad code: 1-9-7-3",
        "combination of the safe is left 12 right 34 left 7",
        "sim pin 0912",
        "Das Passwort für das WLAN ist Kirschbaum77",
        "Kennwort: Gartenzaun",
        "le mot de passe est Bleuet#34",
        "mdp: tournesol",
        "la contraseña del router es Girasol99",
        "password (until Friday): Hedgehog_blue",
        "passwd -> Oak.Leaf.31",
        "the password we use for the label printer is velvetHammer3",
        "password's Crane77lift",
        "passcode 5582 for the dial-in",
        "secret: zebra4zebra",
        "backup codes: 8841-2210 5520-9913",
        "seed phrase: river pocket hammer oval sugar mimic tent borrow lake owner violin cup",
        "wallet words are river, pocket, hammer, oval, sugar, mimic, tent, borrow, lake, owner, violin, cup",
        "my recovery phrase: velvet onion canyon",
        "the password is correct horse battery staple",
        "password: correct-horse-battery-staple",
        r#"the passphrase is "two blue cats dance""#,
        "The authenticator secret is JBSWY3DPEHPK3PXP",
        "Jot down the TOTP secret of the ops account: GEZDGNBVGY3TQOJQ",
        "I log on to the panel with user op and secret word Reed-Heron-fuZqDt",
        "the wifi is called Barn, the key is Rooster!Hay7",
        "the license key is QW3E-RT5Y-UI7O-PA9S",
        "here's the password for the registry. Kq9-Fmoo-Zr2Tx",
        "Password:\nmoonlightShadow",
        "ssid Barn, wpa2 key haybale#roof",
        "The root password? Tango.Lima.77x",
        "PIN for the SIM: 7719",
        "for sudo type Mango!7tree",
        "set the password to Walnut77 on all boxes",
        "password reset to Walnut-Shell",
        "admin access is root | Zx81kd93",
        "my pass for the portal is Kd93jdq!",
        "security answer is Fluffington",
        "please save my courtportal api key whk_Zx81kd93JdlqPw02mxQe for later",
        "sunflower is the password for the wifi",
        "Meadow-Lark-Stone is the passphrase",
        "`plum tree sky` is the pw",
        "the wifi? it's Barn-Owl-99, keep it to yourself",
        "GitHub PAT: Xk29dkQpZl38Vm",
        "our sftp user is mill and the pass is Kestrel_92",
        "the pin code is 3391",
        "the alarm panel wants 7714 and then the hash key",
        "7714 opens the shed",
        "me@mill.example:Sunflower9x",
        "Qwz-Heron-fuZqDt",
        "The log shows it in clear text (Kestrel-LGXhBt5FKpt)",
        "Passphrase: seven herons over halden",
        "The code word for the alarm company is Periwinkle",
        "The fob code for the loft is A41B",
        "One-time code 448812",
        "2FA fallback is 99110022",
        "Log on to the till as 07 with 2219",
        "Netflix: me@mill.example, Badger1!",
        "The Wi-Fi in the mill: user op, key moor-hen-22",
        "my backup codes: abcd-efgh, ijkl-mnop, qrst-uvwx",
        "Set-Cookie: JSESSIONID=8F3A1C77B2D94E01",
        "Bike lock 6622",
        "security question: the first pet was Biscuit",
        "the pw is garden",
        "Kennwort fürs WLAN lautet Apfelbaum9",
        "admin password hasn't changed, still marzipan",
        "The gate code changed from 1199 to 2288",
        "TOTP seed JBSW Y3DP EHPK 3PXP for the ops account",
        "the authenticator wants jbsw y3dp ehpk 3pxp",
        "If locked out, use code 99-41-07 at the crypt keypad",
        "The SMTP creds are mailer@mill.example with Papaya-88",
        "basic auth for staging, user mill pass mill2024",
        r#"The router admin page takes admin and "letmein!""#,
        "Log in use op and then the word periwinkle",
        "The key to the VPN: q9-Tk-77-Lm",
        "memorise the passphrase of the old archive, I lose it all the time: walnut orbit cellar trumpet",
        "The wifi password, as you asked: Sunflower",
        "The PIN of the alarm, so you have it: 5521",
        "grandma's maiden name, the security answer, is Lauren",
        "The first half of the key is qX7mLw",
        "and the second half is Rt93Zk, just glue them together",
    ]);
}

#[test]
fn secrets_by_their_shape() {
    all_found(&[
        "API_KEY=abcdef123456",
        "redis://:pa55w0rd1@cache:6379",
        "pw = plumPlum99",
        "4111 1111 1111 1111 is the company card",
        "pay with 5500-0000-0000-0004",
        "amex 378282246310005",
        "IBAN DE89 3704 0044 0532 0130 00",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "aws_session_token = FwoGZXIvYXdzEBYaDKx9Qz",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "use glpat-Zx81kd93JdlqPw02mxQe for the mirror",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "postgres://svc:pl@in/word@db.internal:5432/x",
        "mongodb+srv://u:Zz19kq@cluster.example/x",
        "https://9f8e7d6c5b4a39281706f5e4d3c2b1a0@git.example/x.git",
        "https://oauth2:abcdEFGH1234@git.example/x.git",
        "Server=db;Database=x;User Id=sa;Password=Blue,Sky;99x;",
        "host=db password=Wq.91klMs user=x",
        "machine ftp.example login bob password Zebra.19x",
        "curl -u bob:Zebra19x https://api.example",
        r#"curl -H "X-Api-Key: 0123abcd4567ef89" https://api.example"#,
        "mysql -uroot -pZebra19x shop",
        "sshpass -p 'Zebra19x!' ssh root@x",
        "docker login -u bob -p Zebra19xTT registry.example",
        "redis-cli -a Zebra19xTT ping",
        "https://hooks.example/services/T01/B02/aZ19kdmwq8812kdPq",
        "https://discord.com/api/webhooks/1234567890/aZ19-kdmwq8812kdPq_X",
        "https://acme.webhook.office.com/webhookb2/11aa22bb-33cc-44dd-55ee-66ff77aa88bb@99/IncomingWebhook/0123456789abcdef0123456789abcdef/x",
        "https://blob.example/c?sv=2024&sig=aZ19kdmwq8812kdPq%3D",
        "https://api.telegram.org/bot0123456789:AAHkq81Kdm29dKqwpLmZx83Kdmq01Kdmw9A/getMe",
        "SharedAccessKey=q81Kdm29dKqwpLmZx83Kdm=",
        r#"clientSecret: "q81Kdm29""#,
        "smtpPassword = Zebra19x",
        "<password>Zebra19x</password>",
        "Cookie: session=q81kdm29dkqwplmzx83kdm",
        "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----",
        "$2b$12$KIXQ0p1a8JHkq81Kdm29dO",
        "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
    ]);
}

#[test]
fn words_about_secrets_are_no_secrets() {
    let mut taken = Vec::new();
    for text in [
        "The deploy keys are kept in the vault under team/orchard.",
        "CI reads its token from the runner group blue.",
        "The password is stored in 1Password",
        "Ask Joris when a credential has to be rotated.",
        "The API key is rotated every 90 days",
        "Passwords must have 12 characters",
        "The token is in $GITHUB_TOKEN",
        "Secrets live in vault/prod/app",
        "src/components/UserProfileCard.tsx holds the card",
        "port 7431 is reserved for the metrics proxy",
        "Use commit 3f2a91bc to compare",
        "the primary region is eu-central-1",
        "The password policy is enforced by Okta",
        "Reference build is commit c82245286829af5cfe9b535885ed158f34c296b8",
        "The random seed is 1337 in all experiments",
        "seed 1337 in all experiments from now on, not 42 any more",
        "The LED pin is GPIO17 and the reset pin is 4",
        "pin 13 drives the relay",
        "Pin numpy to 1.26.4 until the migration is done",
        "connect to db-01:5432 for the replica",
        "The context is 128000 tokens, max_tokens is 4096",
        "Token limit: 500000",
        "The exit code is 137 when memory runs out",
        "The status code must be 404",
        "Country code is +47, postal code 0555",
        "The dial code of the area is 0228",
        "Ticket ABC-12345 covers the login page",
        "Users log in with SAML, not with OAuth2",
        "The service account is called svc-reports-2",
        "The k8s secret is called db-creds-v2",
        "Secrets for the terminals are kept in the safe called strongbox.",
        "The account for builds is svc-w3",
        "Only Tomasz may create tokens for the merch shop.",
        "The ingest user has no write access to the archive",
        "for a new login on the lab machines ask Rasmus",
        "packages are published under the scope @tidydesk",
        "The JWT is signed with RS256 and expires after 15 minutes",
        "Access tokens are valid for 24h, refresh tokens for 30d",
        "API tokens are per-user, never per-team",
        "Use the AWS profile acme-prod-2, never static keys",
        "SSH keys must be ed25519, RSA-4096 is refused",
        "The public key is in keys/release-2024.pub",
        "Session cookies are named tidy_sid2",
        "The test suite must pass in under 10 minutes",
        "passwords are hashed with Argon2id",
        "The login page lives in src/auth/Login3Form.tsx",
        "The credentials are in 1Password under Infra2",
        "Webhooks arrive at https://api.acme.example/webhooks/stripe",
        "The vault is at https://vault.acme.example:8200/ui",
        "The admin account is disabled by default",
        "Model gpt-4o-mini is used for user summaries",
        "The key is to keep it short",
        "Primary keys are UUIDv7",
        "Redis keys start with tenant:",
        "The partition key is tenant_id",
        "user ids look like usr_12345",
        "The release is 2026.05.1, users stay on 2025.12.9",
        "The order id 1716239023123 was refunded",
        "Device 3f2b8a9c-1d2e-4f5a-8b9c-0d1e2f3a4b5c belongs to the lab",
        "Barcodes have twelve digits and a check digit",
        "Password resets go through the helpdesk",
        "The password field must be at least 12 characters long",
        "OTP codes are sent by SMS",
        "Our wifi is called Centrifuge",
        "The office wifi is slow on Mondays",
        "The user's name is Marie-Claire and her handle is mcdupont",
        "Log in to the VPN before you open Grafana",
        "We pass the tenant as a header",
        "a pass is necessary, not sufficient",
        "Two-factor is mandatory for accounts in the EU",
        "The secret to good tests is isolation",
        "The combination of Redis and Postgres is fragile",
        "Ask Priya for the door code",
        "The door code changes every month",
        "The alarm code is known to the janitor only",
        "The gate is closed after 18:00",
        "Tokens are issued by auth-gateway-2 in eu-west-1",
        "Sign in at https://sso.acme.example/login",
        "The license is Apache-2.0",
        "License keys are generated by Keygen2",
        "Users on iOS17 need the new SDK",
        "GitHub tokens must be fine-grained",
        "OpenVPN accounts are created by Ilse",
        "The cache key is user:{id}:v2",
        "CI credentials come from the group copper.",
        "The build farm fetches its credentials from the group named copper.",
        "Turbidity is given in NTU and user reports are in PDF/A-2b",
        "Account numbers have 11 digits",
        "The iban field is validated by mod 97",
        "Ports 8080:80 and 8443:443 are open for users",
        "The S3 bucket acme-backups-eu-1 is read-only",
        "The user table has 12 columns",
        "The key vault is kv-acme-prod-01",
        "Rotate keys on the 1st of each quarter",
        "Passphrases need four words",
        "The API key header is X-Api-Key",
        "the token is sent as a cookie",
        "the password is the same on all test boxes",
        "Passwords are managed by Bitwarden",
        "the secret is mounted at /run/secrets/db",
        "account names are lower-case",
        "the default user is postgres",
        "the login is by badge only",
        "the first part of the migration is in 0007_seats.sql",
        "part two of the manual is in docs/PumpManual2.md",
        "Part 3 of the course is about OAuth2 and OpenVPN",
        "Half one of the field is mown by GreenKeepers",
        "The table is called tbl_OrderLinesArchive",
        "Call get_HTTPServerConfig before fn_ParseXmlDocument",
        "The sensors are named dev_TempSensor12 and dev_TempSensor13",
        "run the rest of the suite with pytest -k slow2",
        "Log in as operator on the panel",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 is the image digest",
        "The chip select pin is PA4",
        "the access code expires after use",
        "Meeting codes are in the calendar",
        "The gate needs 2 people",
        "git@github.com:acme/mill-tools.git is the mirror",
        "root@web-01.example:2222 is the jump host",
        "Remember: the Wi-Fi is called Mill-Guest-5G",
        "The user must pass level2 before the exam",
        "The credentials are in vault-1 and vault-2",
        "The second half is played on pitch B2",
        "The first part of the course is OAuth2",
        "Exit code 137 at the gate means memory",
        "The radio is switched off with the lamps",
        "The token limit changed from 4k to 8k",
        "The password is the same, still weak",
        "The key to the network is trust",
        "Accounts are named mill and tower",
        "Log in will also work with your badge",
        "Backups are written to read-me, how-to and so on",
        "Ask me@mill.example, Ida or Bob",
        "Cookie: kept for 30 days",
        "Log on to the till as Ida with your badge",
        "The manager codes the shifts in blue",
        "For the password, as you know: ask Ida",
        "The token, so the docs say: rotate it each month",
        "Passwords, keys and badges: Ilse",
        "The access codes, as always: see the binder",
        "Room numbers, as on the plan: 4412 and 4413",
        "The room number of the archive is 4412",
        "The office number is 0228 4471",
        "Ida's locker number is 1204",
        "The meeting number is 4471209",
        "The building number is 1204, the gate number 2210",
        "The order number, so you have it: 4471209",
        "Extension 4471 rings at the desk",
    ] {
        if let Some((from, to)) = find(text, true).first() {
            taken.push((text, &text[*from..*to]));
        }
    }
    assert!(taken.is_empty(), "taken for secrets: {taken:#?}");
}

#[test]
fn only_the_secret_is_masked() {
    let secrets = Secrets::default();
    for (text, expected) in [
        (
            "The panel is on floor two. The pin code is 3391.",
            "The panel is on floor two. The pin code is [masked].",
        ),
        (
            "Ilse runs the depot (user depot, password Meadow!lark7).",
            "Ilse runs the depot (user depot, password [masked]).",
        ),
        (
            "its passphrase is two blue cats dance, I think",
            "its passphrase is [masked], I think",
        ),
        (
            "use `plum-tree-sky` as the password on web-01",
            "use `[masked]` as the password on web-01",
        ),
    ] {
        assert_eq!(secrets.masked(text), expected);
    }
}

#[test]
fn a_piece_of_a_known_secret_is_noticed() {
    let mut secrets = Secrets::default();
    secrets.collect("export TOKEN=zq_Abc123Def456Ghi789", false);
    assert!(secrets.stand_in("the first half is zq_Abc123"));
    assert!(secrets.stand_in(&"zq_Abc123Def456".chars().rev().collect::<String>()));
    assert!(!secrets.stand_in("an ordinary sentence about tokens"));
}

#[test]
fn a_known_passphrase_is_noticed_elsewhere() {
    let mut secrets = Secrets::default();
    secrets.collect("my passphrase is velvet onion canyon ladder", true);
    secrets.collect("the pw is Barn-Owl-Window", true);
    assert!(secrets.stand_in("so it was velvet onion canyon ladder all along"));
    assert!(secrets.stand_in("barn-owl-window still works"));
    assert!(!secrets.stand_in("the canyon ladder is made of velvet"));
}

#[test]
fn a_passphrase_is_noticed_with_either_apostrophe() {
    let mut secrets = Secrets::default();
    secrets.collect("my passphrase is velvet onion’s canyon ladder", true);
    assert!(secrets.stand_in("so it was velvet onion's canyon ladder all along"));
}

#[test]
fn a_short_value_is_noticed_in_its_message() {
    let values = short_values("The door code? 5531. Write it down. Room 12 is cold.");
    assert!(tells_one("5531", &values));
    assert!(tells_one("It is \"5531\".", &values));
    assert!(!tells_one("Room 12 is cold", &values));
    assert!(!tells_one("Room 553 is cold", &values));
    assert!(short_values("The metrics port is 5531.").is_empty());
}

#[test]
fn the_host_behind_a_login_is_no_part_of_it() {
    for (login, host) in [
        ("postgres://ida:QXNTwke843yArNZegR@", "loomhost7.db.example"),
        ("amqp://mill:Wq7LmZx02kTrB9vF@", "rabbit-03.mill.example:5672"),
        ("https://Wq7LmZx02kTrB9vF@", "archive9.mill.example"),
    ] {
        let mut secrets = Secrets::default();
        secrets.collect(&format!("It is at {login}{host}/loom"), true);
        assert!(!secrets.stand_in(&format!("It is at postgres://{host}/loom")), "{host}");
        assert!(secrets.stand_in(&login[login.len() - 12..login.len() - 1]), "{login}");
    }
    // A sign within a password is part of it.
    let mut secrets = Secrets::default();
    secrets.collect("The password is Wq7LmZx02kTr@B9vFx3Qd", true);
    assert!(secrets.stand_in("B9vFx3Qd"));
}

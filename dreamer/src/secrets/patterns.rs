//! What secrets look like: by their own shape, by the name before them, by what is done with them.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::clean::pattern;

/// Tokens that are secrets by their shape.
pub(super) static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x)
        (?P<pem>-----BEGIN\ [A-Z0-9\ ]*PRIVATE\ KEY[A-Z\ ]*-----[\s\S]*?(?:-----END[A-Z0-9\ ]*-----|\z)
          | -----BEGIN\ [A-Z0-9\ ]*(?:CERTIFICATE|MESSAGE)[A-Z\ ]*-----[\s\S]*?-----END[A-Z0-9\ ]*-----
          | PuTTY-User-Key-File-[0-9]:[\s\S]*?(?:Private-MAC:\ *\S+|\z))
      | (?P<key>
            (?-u:\b)(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{12,} | (?-u:\b)LTAI[A-Za-z0-9]{12,} | (?-u:\b)AKID[A-Za-z0-9]{13,}
          | (?-u:\b)gh[pousr]_[A-Za-z0-9]{10,} | (?-u:\b)github_pat_[A-Za-z0-9_]{20,}
          | (?-u:\b)gl(?:pat|cbt|dt|rt|rtr|ptt|oas|ft|imt|agent|soat|ffct|wt)-[A-Za-z0-9_.-]{16,}
          | (?-u:\b)xox[a-z]-[A-Za-z0-9_-]{10,} | (?-u:\b)xapp-[A-Za-z0-9_-]{10,} | (?-u:\b)xoxe\.[A-Za-z0-9_.-]{10,}
          | (?-u:\b)[srp]k_(?:live|test|prod)_[A-Za-z0-9_]{8,} | (?-u:\b)whsec_[A-Za-z0-9_]{8,}
          | (?-u:\b)(?:sk|pk|rk|ak|key|tok|pat|secret|api)-(?:[a-z0-9]{2,10}-)*[A-Za-z0-9_]{16,} | (?-u:\b)sk-[A-Za-z0-9_-]{16,}
          | (?-u:\b)AIza[A-Za-z0-9_-]{30,} | (?-u:\b)ya29\.[A-Za-z0-9_-]{20,} | (?-u:\b)GOCSPX-[A-Za-z0-9_-]{10,} | (?-u:\b)1//0[A-Za-z0-9_-]{20,}
          | (?-u:\b)npm_[A-Za-z0-9]{20,} | (?-u:\b)pypi-[A-Za-z0-9_-]{20,} | (?-u:\b)hf_[A-Za-z0-9]{16,} | (?-u:\b)rubygems_[A-Za-z0-9]{20,} | (?-u:\b)cio[A-Za-z0-9]{32}(?-u:\b)
          | (?-u:\b)dop_v1_[A-Za-z0-9_]{20,} | (?-u:\b)do[or]_v1_[A-Za-z0-9_]{20,} | (?-u:\b)shp(?:at|ca|pa|ss)_[A-Za-z0-9_]{16,} | (?-u:\b)SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
          | (?-u:\b)hv[sbr]\.[A-Za-z0-9_-]{20,} | (?-u:\b)dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.]{20,} | (?-u:\b)glsa_[A-Za-z0-9_]{20,} | (?-u:\b)glc_[A-Za-z0-9+/=_]{20,} | (?-u:\b)lin_(?:api|oauth)_[A-Za-z0-9_]{20,}
          | (?-u:\b)dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,} | (?-u:\b)sbp_[A-Za-z0-9]{20,} | (?-u:\b)sb_(?:secret|publishable)_[A-Za-z0-9_-]{16,} | (?-u:\b)sntry[a-z]_[A-Za-z0-9+/=_-]{20,} | (?-u:\b)nfp_[A-Za-z0-9]{20,} | (?-u:\b)pul-[a-z0-9]{20,} | (?-u:\b)rnd_[A-Za-z0-9]{20,}
          | (?-u:\b)(?:patw?|secret|ntn|pst|figd|atlasv1|sq0[a-z]{3}|EAAA|shippo_[a-z]+|re|phc|phx|xai|gsk|r8|tvly|pplx|ghs|AGE|PMAK|NRAK|NRJS|ATATT|ATCTT|ATBB|ATOA|CFPAT|EZAK|EZTK|FLWSECK|rpa|vcp|vck|tskey)[_-][A-Za-z0-9_.=-]{20,}
          | (?-u:\b)ATATT3[A-Za-z0-9_=-]{20,} | (?-u:\b)pat[A-Za-z0-9]{14}\.[A-Za-z0-9]{20,} | (?-u:\b)[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{20,}
          | (?-u:\b)EAACEdEose0cBA[A-Za-z0-9_]+ | (?-u:\b)EAA[A-Za-z0-9]{40,} | (?-u:\b)sq0[A-Za-z0-9_]{3}-[A-Za-z0-9_-]{20,} | (?-u:\b)key-[0-9a-f]{24,} | (?-u:\b)AGE-SECRET-KEY-[A-Za-z0-9_]{20,}
          | (?-u:\b)eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)*
          | (?-u:\b)[a-z]{2,8}_(?:live|test|prod|secret|pat|tok|key|token|sk|api)_?[A-Za-z0-9]{12,}
          | (?-u:\b)(?:bot)?[0-9]{8,10}:[A-Za-z0-9_-]{30,} | (?-u:\b)[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}
          | \$(?:2[abxy]?|apr1|argon2(?:id?|d)|[156y]|pbkdf2[a-z0-9-]*|scrypt)\$[^\s"'<>]{8,}
          | (?-u:\b)otpauth://[^\s"'<>]+
          | (?-u:\b)[5KL][1-9A-HJ-NP-Za-km-z]{50,51}(?-u:\b) | (?-u:\b)[xyz]prv[1-9A-HJ-NP-Za-km-z]{60,} | (?-u:\b)nsec1[a-z0-9]{50,}
        )
      | (?-u:\b)(?P<stub>(?:gl(?:pat|cbt|dt|rt|ptt)-|gh[pousr]_|github_pat_|xox[a-z]-|sk-(?:ant|proj)-|[srp]k_live_|dop_v1_|dckr_pat_|hv[sb]\.|ya29\.|A[KS]IA|AIza|glsa_|shp(?:at|ca|pa|ss)_|lin_api_|sntry[su]_|sbp_|whsec_|gsk_|xai-|nvapi-|xkeysib-|HRKU-|figd_|PMAK-|NRAK-|ph[cx]_|ATATT|pplx-|sq[pua]_|pscale_[a-z]{2,5}_|lsv2_[a-z]{2}_|pcsk_|bkua_|CCIP(?:AT|RJ)_|rubygems_|pypi-)[A-Za-z0-9_-]{5,})
      | (?i:(?-u:\b)(?:bearer|basic|digest|negotiate|token|apikey|ntlm|splunk|genie-?key)\s+)["'`]*(?P<auth>[A-Za-z0-9+/_.=~-]{12,})
      | ://[^\s/:@'"<>]{0,64}:(?P<url>[^\s/'"<>]{1,128})@[A-Za-z0-9_.\[-]
      | ://(?P<userinfo>[^\s/:@'"<>]{12,128})(?::(?:x-oauth-basic)?)?@[A-Za-z0-9_.\[-]
      | [?&;](?i:access_token|auth_token|token|sig|signature|api_?key|key|secret|client_secret|password|passwd|pwd|pass|auth|code|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature|private_token|session|sid|ticket)=(?P<query>[^\s&'"<>]{6,})
      | https?://[^\s"'<>]*?(?i:hooks?|webhook[a-z0-9]*|incoming|/services)(?P<hook>[./-][^\s"'<>)]{12,})
      | (?i:(?-u:\b)(?:curl|wget|http|httpie|mysql|psql|redis-cli|docker|podman|sshpass|az|mongo(?:sh)?|smbclient|ldapsearch|lftp|ftp|mqtt[a-z]*|mosquitto_\w+|rclone|svn|snmp\w+|ansible\S*|keytool|openssl|gpg|zip|unzip|7z|xfreerdp|skopeo|buildah|helm|oc)(?-u:\b)[^\n|]*?\s(?:-u\s*[A-Za-z0-9_.@-]+:|-U\s*[A-Za-z0-9_.@-]+%|--?(?:pass(?:word|wd|phrase|in|out)?|pw|pwd|token|api-key|secret|storepass|keypass|requirepass)(?:\s+|=|\s*pass:)))["'`]?(?P<flag>[^\s"'`]{4,})
      | (?i:(?-u:\b)(?:mysql[a-z]*|mariadb\S*|redis-cli|sshpass|login|zip|unzip|7z|ldap\w+|mongo[a-z]*|mosquitto_\w+|smbclient|xfreerdp)(?-u:\b)[^\n|]*?\s-[pPaw]\s*)["'`]?(?P<short>[^\s"'`]{6,})
      | (?i:(?-u:\b)(?:set-)?cookie:\s*[A-Za-z0-9_.-]+)=(?P<cookie>[^\s"']{6,}(?:\s[A-Za-z0-9_.-]+=[^\s"']+)*)
        "#,
    )
});

/// What is locked.
const DOORS: &str = r"door|gate|garage|alarm|lock|locker|safe|vault|building|room|office|lab|keypad|cabinet|entrance|entry|lift|elevator|wifi|barn|shed|house|flat|apartment|cage|rack|barrier|car ?park|parking|cellar|warehouse|gym|panel|tür|tor|haus|büro|tresor|keller";
/// What secrets are called: words whose value people choose and say.
const WORDY: &str = r"pass(?:word|wd|phrase|code|key)?s?|pwd|pw|psw|pswd|p/w|kennwort|kennwörter|passwor(?:t|te|ts)|losung|geheimzahl|mot de passe|mots de passe|mdp|contraseñas?|wachtwoord|senha|lösenord|adgangskode|passord|salasana|hasło|heslo|pin(?:[ -]?code| ?number)?s?|puk|(?:door|gate|garage|alarm|entry|entrance|access|lock|unlock|key|keypad|intercom|house|shed|barn|yard|cellar|gym|building|room|office|lab|security|verification|recovery|backup|safe|locker|lift|elevator|parking|sim|override|bypass|fob|master|one[- ]time|auth|login|activation|pairing|vault|cabinet|dial[- ]?in|meeting|conference|voice ?mail|tür|zugangs|sicherheits|freischalt)[ _-]?(?:codes?|pins?|combinations?|combo)|(?:lock|keypad|verification)[ _-]?numbers?|(?:secret|safe|code|pass|magic|watch|duress|challenge)[ -]?word|code (?:for|to|of|at|on|zum|zur|für|am) (?:(?:the|our|my|das|die|den) )?(?:[\w-]+ ){0,2}?(?:door|gate|garage|alarm|lock|locker|safe|vault|building|room|office|lab|keypad|cabinet|entrance|entry|lift|elevator|wifi|barn|shed|house|flat|apartment|cage|rack|barrier|parking|cellar|warehouse|gym|panel|tür|tor|haus|büro|tresor|keller)|(?:secret|pass|recovery|seed|mnemonic|wallet|code)[ -]?(?:phrase|sentence|words|seed)s?|backup phrase|mnemonic|combination|combo|otp|2fa(?: (?:code|fallback|backup))?|totp|mfa code|cvv|cvc|security answer|answer to the security question";
/// Those that machines make.
const OPAQUE: &str = r"secrets?(?:[ _-]?(?:key|value))?|(?:api|access|auth|authentication|authorization|bearer|refresh|session|deploy|deployment|personal(?:[ _-]access)?|bot|service|client|app|application|private|signing|encryption|master|license|licence|recovery|backup|webhook|admin|root|db|database|ssh|gpg|pgp|wifi|wi-fi|wlan|vpn|login|account|user|registry|publish|publishing|ci|cloud|web|test|staging|prod|production|sandbox|upload|download|read|write|push|pull|runner|agent|storage|shared|host|product|activation|transfer|consumer|csrf|id|pat|impersonation|id[ _-]?rsa|ed25519|wireguard|pre-?shared|psk|stream)[ _-]?(?:tokens?|keys?|secrets?|pass(?:word|phrase|code)?s?|pwd|pin|codes?|credentials?|creds?|cookie)|psk|tokens?|pat|credentials?|creds?|zugangsdaten|jeton|clé d'api|api-schlüssel|iban|(?:credit |debit |company )?card(?: number)?|account number|ssn|social security number|session[ _-]?(?:id|cookie)|connection string|dsn|license code|jwt|totp (?:secret|seed|key)|bearer|key (?:for|to|of) (?:(?:the|our|my) )?(?:vpn|wi-?fi|wlan|router|api|registry|network|tunnel)";

/// `name = value`, `name: value`, `name is value`, `name changed to value`.
pub(super) static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?ix)(?:^|[^a-z]|(?-i:[a-z]+)|(?-i:[A-Z]+))
        (?P<name>(?:[a-z0-9]+[_-])*(?:{names})(?:[_-][a-z0-9]+)*)["'`\])*]*
        (?:\s+(?:for|of|to|on|in|at|from|behind|with|over|we\ use|i\ use|they\ use|you\ need|für|fürs|fuer|zum|zur|vom|von|im|am|pour|du|de|del|para|do)\s+(?:[\w.'’/@-]+\s+){{0,6}}?(?:[\w.'’/@-]+))?
        (?:\s+(?:that\ |which\ )?(?:i|we|they|you|he|she|it|everyone|all\ of\ us|[a-z]+)\ (?:use|uses|used|need|needs|have|has|got|chose|picked|set|wants?|gave|gives?|took|types?|enters?)(?-u:\b)(?:\s+[\w'’/-]+){{0,5}}?)?
        (?:\s*\([^()\n]{{0,40}}\)|,[^,.;:\n]{{2,40}},|\s+(?:hasn['’]?t|has\ not|didn['’]?t|did\ not|is\ the\ same|same\ as|stays\ the\ same|is\ unchanged|again|once\ more)(?-u:\b)[^.,;\n]{{0,30}})?
        \s*(?P<sep>=>|:=|==?|:|\||\?\s|->|→|>|[-–—]\s|,?\ ?(?-u:\b)(?:(?:which\ |that\ )?(?:is|was|are|were)|will\ be|would\ be|should\ be|could\ be|must\ be|might\ be|used\ to\ be|has\ been|had\ been|have\ been|equals|to\ be|became|becomes|remains|stays|reads|goes|lautet|ist|war|sind|est|sera|es|será|è|é|är|er|jest)(?-u:\b)|,?\ (?-u:\b)(?:it|that)(?:\ is|['’]?s|\ was)(?-u:\b)|,?\ namely(?-u:\b)|,\ still(?-u:\b)|['’]s(?-u:\b)|,\ (?:i|we|you|he|she|it|they|as|so|because|since|which)(?-u:\b)[^,.;:\n]{{2,40}}:|(?-u:\b)(?:(?:was|were|has\ been|got|gets)\ )?(?:re-?)?(?:set|changed|changes|updated|switched|rotated|renewed|moved)(?:\ from\ (?P<was>[^\s,;]{{3,40}}))?\ (?:back\ )?to(?-u:\b)|(?-u:\b)(?:back\ )?to(?-u:\b))
        \s*(?:(?:(?:now|still|currently|again|simply|just|only|literally|actually|basically|always|temporarily|once\ more|back|going\ to\ be|supposed\ to\ be|(?:been\ )?(?:re)?set\ to|changed\ to|updated\ to|switched\ to|rotated\ to|renewed\ to|the\ (?:word|words|string|following|phrase|number|digits)|as\ follows|like\ this|this(?:\ one)?|for\ now|jetzt|nun|neu|maintenant|ahora|ab\ (?:jetzt|sofort))(?-u:\b)[\s:,]*)*)
        (?P<open>[\s"'`“‘(\[«„*]*)(?P<value>[^\s"'`“”‘’„«»]{{3,}})"#,
        names = format!("{WORDY}|{OPAQUE}").replace(' ', r"\ "),
    ))
});
/// "password hunter2", "(pw hunter2)", "token: none, take hunter2".
pub(super) static BARE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)(?:^|[^a-z_/.-])(?P<name>{WORDY}|{OPAQUE})(?:\s*[,(\[]\s*|\s+)(?P<open>["'`“‘(\[«„*]*)(?P<value>[^\s"'`“”‘’„«»]{{3,}})"#
    ))
});
/// "use hunter2 as the password", "hunter2 is the password".
pub(super) static USED_AS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)(?P<verb>(?-u:\b)(?:use|using|enter|type|with|take|set|put in|try|give|need)\s+)?(?P<open>["'`“‘«„*]*)(?P<value>[^\s"'`“”‘’„«»]{{3,}})["'`“”’»*]*,?\s+(?P<how>as|is|for|was|=|being|remains|stays|will be|unlocks|opens)\s+(?:the|my|our|your|its|their|his|her|an?|that)\s+(?:[\w-]+\s+){{0,3}}?(?:{WORDY}|{OPAQUE})(?-u:\b)"#
    ))
});
/// "log in as user / value", "credentials user:value".
pub(super) static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:log(?:s|ged)? ?(?:in|on)|log-?in|sign(?:s|ed)? ?(?:in|on)|login|credentials?|creds|authenticates?|connects?|accounts?|user(?:name)?|zugangsdaten|identifiants|admin|root)(?-u:\b)[^.\n]{0,60}?[\w.@\\-]{2,40}["'`”]*\s*(?:\s/\s|/|:\s?|\||,\s|\s(?:and|with|mit|et)\s)\s*["'`“]*(?P<value>[^\s,;"'`”]{4,})"#,
    )
});
/// The name of a secret, anywhere.
pub(super) static SECRET: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)(?:^|[^a-z])(?:{WORDY}|{OPAQUE})(?:[^a-z]|$)")));
/// Words of a sentence that is about getting in somewhere, or brings a value in parts: nothing strange in it is a fact to
/// keep.
pub(super) static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)(?:^|[^a-z])(?:{WORDY}|{OPAQUE}|log(?:s|ged|ging)?[ -]?(?:in|on)(?:to)?|sign(?:s|ed|ing)?[ -]?(?:in|on)(?:to)?|authenticat\w+|authenticator|unlocks?|wifi|wi-fi|wlan|vpn|accounts?|user ?names?|users?|admin|root|sudo|ssid|wpa\d?|keypad|key|keys|confidential|clear ?text|redact(?:ed|s|ing)?|revok(?:e|ed|es|ing)|rotat(?:e|ed|es|ing)|compromised|(?:don'?t|do not|never|please don'?t) (?:share|tell|leak|post|paste|commit|pass (?:it|this|that) on|show|spread)|(?:keep|stays?|remain) (?:it |this |that )?(?:secret|private|to yourself|between us|quiet)|between (?:you and me|us)|for your eyes|(?:first|second|third|fourth|last|other|next|final|remaining|missing) (?:part|half|piece|chunk|portion)|(?:part|half|piece|chunk|portion) (?:number |no\.? ?|#)?(?:one|two|three|four|[1-4ab])|the (?:rest|remainder)|nur für dich|nicht weitergeben)(?:[^a-z]|$)"
    ))
});
/// "the login is user / value".
pub(super) static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:log-?in|log(?:s|ged)? (?:in|on)|sign (?:in|on)|credentials?|creds|account|user(?:name)?\s?(?:/|and|&|:)\s?pass(?:word)?|user|access|auth|wi-?fi|wlan|ssid|vpn|s?ftp|router|guest network|zugangsdaten|identifiants)(?-u:\b)[^.\n:=]{0,40}?(?:(?-u:\b)is(?-u:\b)|(?-u:\b)are(?-u:\b)|:|=|(?-u:\b)with(?-u:\b)|(?-u:\b)as(?-u:\b)|(?-u:\b)ist(?-u:\b)|(?-u:\b)sind(?-u:\b))\s*["'`“]?[\w.@\\-]{2,40}["'`”]?(?P<sep>\s?/\s?|:\s?|\s?\|\s?)["'`“]?(?P<value>[^\s"'`”]{4,})"#,
    )
});
/// "the gate opens with 4418".
pub(super) static OPENS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)(?-u:\b)(?:{DOORS})s?(?-u:\b)[^.\n]{{0,40}}?(?-u:\b)(?:opens?|opened|unlocks?|unlocked|disarms?|disarmed|silenced|geht auf|öffnet)\s+(?:up\s+)?(?:with|by|via|using|on|to|mit)\s+(?:(?:the|code|pin|number|typing|entering|pressing|combination|digits)\s+)*["'`“*]*(?P<value>(?:\d[ -]){{3,7}}\d|[^\s"'`”]{{4,}})|(?-u:\b)(?:unlock|open|disarm|open up)\s+(?:the|our|my|your|its)\s+(?:[\w-]+\s+){{0,3}}?(?:with|by|using)\s+["'`“*]*(?P<open>[^\s"'`”]{{4,}})|(?-u:\b)(?:{DOORS})s?(?-u:\b)[^.\n]{{0,30}}?(?-u:\b)(?:wants|takes|needs|accepts|asks for|expects)\s+[\"'`“]?(?P<wants>[#*]?\d[\d*#-]{{3,}})|(?-u:\b)(?P<opener>\d{{4,8}}[#*]?)\s+(?:opens|unlocks|disarms|gets (?:you|us|me|one) (?:in|into|through|past))(?-u:\b)|(?-u:\b)(?:type|enter|press|punch in|key in|dial)\s+["'`“]?(?P<typed>[#*]?\d[\d*# -]{{2,}}\d[#*]?)["'`”]?\s+(?:at|on|into|to open|to unlock|to disarm)(?-u:\b)|(?-u:\b)(?:use|enter|type|try|with|punch in|key in|dial)\s+(?:the\s+)?(?:code|pin|combination|digits)\s+["'`“]?(?P<coded>[#*]?\d[\d*#-]{{2,}})["'`”]?\s+(?:at|on|to open|to unlock|to disarm|into)\s+(?:[\w'’-]+\s+){{0,4}}?(?:{DOORS})(?-u:\b)"#
    ))
});
/// "log in as user with value", "sign in with user and value".
pub(super) static LOGIN_AS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:log|sign|get|login)(?:s|ged|ging|ning)?[ -]?(?:in|on|into|onto)?(?-u:\b)[^.\n]{0,40}?(?-u:\b)(?:as|with|user|use|using|via)\s+["'`]?[\w.@\\-]{2,40}["'`]?\s*(?:,|(?-u:\b)and|(?-u:\b)with|\s/\s|\|)\s*(?:with\s+|then\s+|and\s+)*(?P<word>the\s+word\s+)?["'`“]?(?P<value>[^\s"'`”]{4,})"#,
    )
});
/// "user / value is the login for …".
pub(super) static IS_LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?:^|[\s"'`(])[\w.@\\-]{2,40}["'`]?\s?[/:|]\s?["'`]?(?P<value>[^\s"'`/]{4,})["'`]?\s+(?:is|are|works as|as)\s+(?:the|our|my|your|its)\s+(?:[\w-]+\s+){0,2}?(?:log-?in|account|credentials?|creds|access|user)(?-u:\b)"#,
    )
});
/// "the creds are user with value".
pub(super) static LOGIN_IS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:creds?|credentials?|log-?in|zugangsdaten)(?-u:\b)[^.\n:=]{0,40}?(?:(?-u:\b)(?:is|are|ist|sind)(?-u:\b)|:|=)\s*["'`“]?[\w.@\\-]{2,40}["'`”]?\s+(?:with|and|then|mit|und)\s+(?:then\s+)?["'`“]?(?P<value>[^\s"'`”]{5,})"#,
    )
});
/// "user name pass value".
pub(super) static USER_AND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:user(?:name)?|login|account|ssid|wi-?fi|wlan|network)[:=]?\s+["'`“]?(?P<user>[\w.@\\-]{2,40})["'`”]?(?:[,;]?\s+(?:and\s+|with\s+)?(?:pass|pw|pwd|passwd|password)|[,;]\s+(?:and\s+)?(?:key|secret|pin))[:=]?\s+["'`“]?(?P<value>[^\s"'`”]{4,})"#,
    )
});
/// "the second half of the key is value", "part two: value".
pub(super) static PART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:(?:first|second|third|fourth|last|other|next|final|remaining|missing) (?:part|half|piece|chunk|portion)|(?:part|half|piece|chunk|portion) (?:number |no\.? ?|#)?(?:one|two|three|four|[1-4ab]))(?: of (?:the|my|our|your|its|that) [\w -]{2,30}?)?\s*(?:(?-u:\b)(?:is|are|reads|goes|would be|will be|was)(?-u:\b)|:|=|->|→)\s*["'`“]?(?P<value>[^\s"'`”]{4,})"#,
    )
});
/// "JBSW Y3DP EHPK 3PXP": keys that are to be typed stand in groups of four.
pub(super) static GROUPS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?-u:\b)(?:[A-Z2-7]{4}[ -]){3,15}[A-Z2-7]{4}(?-u:\b)"));
/// "when it asks for the password, type value".
pub(super) static TYPE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?P<verb>type|enter|say|use|try|answer|key in|put in|give)\s+["'`“*]*(?P<value>[^\s"'`”]{4,})"#,
    )
});
/// "use four words in a row as the passphrase", "`four words in a row` is the password".
pub(super) static WORDS_AS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)(?:(?-u:\b)(?:use|using|enter|type|with|take|say|put in)\s+(?P<used>(?:[\w'-]+\s+){{1,9}}[\w'-]+)\s+as|(?:^|[.:!?\n]\s*|so )(?P<words>(?:[a-z'-]+\s+){{2,9}}[a-z'-]+)\s+is|["`“«'](?P<quoted>[^"`”»'\n]{{6,90}})["`”»']\s+(?:is|as|was|opens|unlocks))\s+(?:the|my|our|your|its|their|a)\s+(?:[\w-]+\s+){{0,3}}?(?:{WORDY})(?-u:\b)"#
    ))
});
/// A name of what people choose, at the end.
pub(super) static WORDY_END: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)(?:^|[^a-z])(?:{WORDY})$")));
/// What is said of things that nobody else may know.
pub(super) static CONFIDING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?-u:\b)(?:don'?t|do not|never) (?:share|tell|leak|post|paste|pass (?:it|this|that) on|show|spread)(?-u:\b)|(?-u:\b)(?:keep|stays?|remain) (?:it |this |that )?(?:secret|private|to yourself|between us|quiet)(?-u:\b)|(?-u:\b)between (?:you and me|us)(?-u:\b)",
    )
});
/// "me@mill.example:value".
pub(super) static MAIL_AND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\s?(?P<sep>[:|;,])\s?(?P<value>[^\s"'`“”]{6,})"#));
/// "it's value, don't tell".
pub(super) static CONFIDED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)(?-u:\b)(?:it|that|this|one)(?:['’]?s| is)\s+["'`“]?(?P<value>[^\s"'`”]{6,})"#));

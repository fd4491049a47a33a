"""Which domains are companies, and what these may be called."""

PUBLIC = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "live.cn",
        "msn.com",
        "passport.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.co.jp",
        "yahoo.com.cn",
        "yahoo.com.hk",
        "yahoo.com.tw",
        "yahoo.de",
        "yahoo.fr",
        "ymail.com",
        "rocketmail.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "fastmail.com",
        "hey.com",
        "tutanota.com",
        "zoho.com",
        "zohomail.com",
        "mail.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "t-online.de",
        "freenet.de",
        "posteo.de",
        "mailbox.org",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "virgilio.it",
        "seznam.cz",
        "o2.pl",
        "wp.pl",
        "interia.pl",
        "onet.pl",
        "mail.ru",
        "bk.ru",
        "list.ru",
        "inbox.ru",
        "yandex.ru",
        "yandex.com",
        "rambler.ru",
        "ukr.net",
        "comcast.net",
        "verizon.net",
        "att.net",
        "sbcglobal.net",
        "btinternet.com",
        "sky.com",
        "virginmedia.com",
        "bigpond.com",
        "rediffmail.com",
        "naver.com",
        "daum.net",
        "hanmail.net",
        "nate.com",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "qq.com",
        "vip.qq.com",
        "foxmail.com",
        "163.com",
        "vip.163.com",
        "126.com",
        "vip.126.com",
        "yeah.net",
        "188.com",
        "sina.com",
        "sina.cn",
        "vip.sina.com",
        "sohu.com",
        "tom.com",
        "139.com",
        "189.cn",
        "wo.cn",
        "21cn.com",
        "aliyun.com",
        "263.net",
        "eyou.com",
    ]
)
"""Domains whose addresses anybody can have."""
_SECOND_LEVELS = frozenset(
    ["co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go", "gob", "mil", "ltd", "plc"]
)


def company_name(domain: str) -> str:
    """A first name for the company with this domain: `Acme` of `mail.acme.com.cn`; people change it where it matters."""
    labels = [label for label in domain.lower().split(".") if label]
    if len(labels) > 1:
        labels = labels[:-1]
    if len(labels) > 1 and labels[-1] in _SECOND_LEVELS:
        labels = labels[:-1]
    try:
        label = labels[-1].encode("ascii").decode("idna") if labels else domain
    except UnicodeError:
        label = labels[-1]
    return " ".join(word[:1].upper() + word[1:] for word in label.replace("_", "-").split("-") if word) or domain

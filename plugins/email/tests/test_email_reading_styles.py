"""Ten ways in which mail clients quote, in English and Chinese, as text and as HTML: only the new words stay."""

import base64

import pytest
from hub_email.reading import MARKER, newest, read

WORDS = "The new date suits us.\n可以,请继续。"
OLD = "Could we move the date?\n能改一下日期吗?"
GT = "\n".join(f"> {line}" for line in OLD.split("\n"))


def mail(text: str, media_type: str = "text/plain") -> bytes:
    body = base64.encodebytes(text.encode())
    head = f"Content-Type: {media_type}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + body


def shown(raw: bytes) -> str:
    """The newest words without the spaces that mark line ends."""
    return "\n".join(line.rstrip() for line in read(raw).text.split("\n"))


TEXTS = {
    "Gmail": f"{WORDS}\n\nOn Mon, Feb 2, 2026 at 10:00 AM Li Si <li@hub.example> wrote:\n\n{GT}\n",
    "Gmail, wrapped": f"{WORDS}\n\nOn Mon, Feb 2, 2026 at 10:00 AM Li Si of the delivery team\n<li@hub.example> wrote:\n\n{GT}\n",
    "Gmail, Chinese": f"{WORDS}\n\n李四 <li@hub.example> 于2026年2月2日周一 10:00写道：\n\n{GT}\n",
    "Gmail, Taiwanese": f"{WORDS}\n\n李四 <li@hub.example> 於 2026年2月2日 週一 上午10:00寫道：\n\n{GT}\n",
    "Outlook": f"{WORDS}\n\nFrom: Li Si <li@hub.example>\nSent: Monday, February 2, 2026 10:00 AM\nTo: Zhang\nSubject: Date\n\n{OLD}\n",
    "Outlook, old": f"{WORDS}\n\n-----Original Message-----\nFrom: Li Si\nSent: Monday\nTo: Zhang\nSubject: Date\n\n{OLD}\n",
    "Outlook.com": f"{WORDS}\n\n________________________________\nFrom: Li Si <li@hub.example>\nSent: Monday\nTo: Zhang\nSubject: Date\n\n{OLD}\n",
    "Outlook, Chinese": f"{WORDS}\n\n发件人: 李四 <li@hub.example>\n发送时间: 2026年2月2日 10:00\n收件人: 张三\n主题: 日期\n\n{OLD}\n",
    "Apple Mail": f"{WORDS}\n\n> On 2 Feb 2026, at 10:00, Li Si <li@hub.example> wrote:\n> \n{GT}\n",
    "Apple Mail, Chinese": f"{WORDS}\n\n> 2026年2月2日 10:00，李四 <li@hub.example> 写道：\n> \n{GT}\n",
    "iPhone": f"{WORDS}\n\nSent from my iPhone\n\n> On Feb 2, 2026, at 10:00, Li Si <li@hub.example> wrote:\n> \n{GT}\n",
    "QQ": f"{WORDS}\n\n\n\n\n------------------ 原始邮件 ------------------\n发件人: \"李四\" <li@hub.example>;\n发送时间: 2026年2月2日(星期一) 上午10:00\n收件人: \"张三\"\n主题: 日期\n\n{OLD}\n",
    "QQ, English": f"{WORDS}\n\n------------------ Original ------------------\nFrom: \"Li\" <li@hub.example>;\nDate: Mon, Feb 2, 2026\n\n{OLD}\n",
    "163": f"{WORDS}\n\n\n在 2026-02-02 10:00:00，\"李四\" <li@hub.example> 写道：\n\n{OLD}\n",
    "163, English": f"{WORDS}\n\nAt 2026-02-02 10:00:00, \"Li Si\" <li@hub.example> wrote:\n\n>{OLD.splitlines()[0]}\n",
    "163, on a phone": f"{WORDS}\n\n---- 回复的原邮件 ----\n| 发件人 | 李四<li@hub.example> |\n| 发送日期 | 2026年2月2日 10:00 |\n| 主题 | 日期 |\n{OLD}\n",
    "Foxmail": f"{WORDS}\n\n\n张三\n\n \n发件人： 李四\n发送时间： 2026-02-02 10:00\n收件人： 张三\n主题： 日期\n{OLD}\n",
    "our marker": f"{WORDS}\n\n{MARKER}\n{OLD}\n",
}  # fmt: skip

P = "<div>The new date suits us.<br>可以,请继续。</div>"
Q = "<div>Could we move the date?</div><div>能改一下日期吗?</div>"
HEAD = "<b>{}</b> Li Si &lt;<a href='mailto:li@hub.example'>li@hub.example</a>&gt;<br><b>{}</b> Monday 10:00<br><b>{}</b> Zhang<br><b>{}</b> Date"
EN, ZH = HEAD.format("From:", "Sent:", "To:", "Subject:"), HEAD.format("发件人:", "发送时间:", "收件人:", "主题:")
WHO = 'Li Si &lt;<a href="mailto:li@hub.example">li@hub.example</a>&gt;'
GMAIL = f'{P}<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{{}}<br></div><blockquote class="gmail_quote" style="margin:0">{Q}</blockquote></div>'

HTMLS = {
    "Gmail": GMAIL.format(f"On Mon, Feb 2, 2026 at 10:00 AM {WHO} wrote:"),
    "Gmail, Chinese": GMAIL.format(f"李四 {WHO} 于2026年2月2日周一 10:00写道："),
    "Gmail, a language we do not know": GMAIL.format(f"Chuir {WHO} an méid seo 2.2.2026:"),
    "Outlook": f'<div class="WordSection1"><p class="MsoNormal">The new date suits us.<br>可以,请继续。</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>{EN}</p></div>{Q}</div>',
    "Outlook, Chinese": f'<div>{P}<div style="border:none;border-top:solid #B5C4DF 1.0pt"><p>{ZH}</p></div>{Q}</div>',
    "Outlook.com": f'{P}<div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg">{EN}</div>{Q}',
    "Outlook, no marks": f"{P}<p>{EN}</p>{Q}",
    "Apple Mail": f'<div>{P}<br><blockquote type="cite"><div>On 2 Feb 2026, at 10:00, {WHO} wrote:</div>{Q}</blockquote></div>',
    "Apple Mail, Chinese": f'{P}<div><br><blockquote type="cite"><div>2026年2月2日 10:00，{WHO} 写道：</div>{Q}</blockquote></div>',
    "Thunderbird": f'{P}<div class="moz-cite-prefix">Am 02.02.26 um 10:00 schrieb Li Si:<br></div><blockquote type="cite" cite="mid:1@x">{Q}</blockquote>',
    "QQ": f'{P}<div><br></div><div style="font-size: 12px;">------------------&nbsp;原始邮件&nbsp;------------------</div><div><b>发件人:</b> 李四;<br><b>发送时间:</b> 周一<br><b>收件人:</b> 张三<br><b>主题:</b> 日期</div>{Q}',
    "QQ, boxed": f'{P}<div id="original-content">{Q}</div>',
    "QQ, included": f"{P}<includetail>{Q}</includetail>",
    "163": f'{P}<p>在 2026-02-02 10:00:00，"李四" &lt;li@hub.example&gt; 写道：</p><blockquote id="isReplyContent">{Q}</blockquote>',
    "Foxmail": f'{P}<hr style="width: 210px; height: 1px;" color="#b5c4df" size="1" align="left"><div style="border:none;border-top:solid #B5C4DF 1.0pt">{ZH}</div>{Q}',
    "Yahoo": f'{P}<div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Monday wrote:</div>{Q}</div>',
    "Proton": f'{P}<div class="protonmail_quote">On Monday, 2 February 2026, {WHO} wrote:<br><blockquote type="cite">{Q}</blockquote></div>',
    "Zimbra": f'{P}<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">{EN}</div>{Q}',
    "our marker": f"{P}<div>{MARKER}</div>{Q}",
}  # fmt: skip


@pytest.mark.parametrize("style", sorted(TEXTS))
def test_only_the_new_words_of_a_text_stay(style: str) -> None:
    """A name that Foxmail puts under the words is theirs, so it stays."""
    wanted = f"{WORDS}\n\n张三" if style == "Foxmail" else WORDS
    assert shown(mail(TEXTS[style])) == wanted


@pytest.mark.parametrize("style", sorted(HTMLS))
def test_only_the_new_words_of_html_stay(style: str) -> None:
    """By the marks that each client leaves, or by the words it writes."""
    read_as = read(mail(HTMLS[style], "text/html"))
    assert shown(mail(HTMLS[style], "text/html")) == WORDS
    assert "Could we move the date?" in read_as.whole


# Answers between quotes.


def test_answers_between_quoted_lines_are_kept() -> None:
    """With the paragraph each answers."""
    text = f"On Mon, Feb 2, 2026 at 10:00 Li <li@hub.example> wrote:\n> intro\n>\n> First?\n\nYes.\n\n> Second?\nNo.\n\n{GT}\n"
    assert shown(mail(text)) == "> First?\n\nYes.\n\n> Second?\n\nNo."


def test_answers_between_gmail_quotes_are_kept() -> None:
    """They stand inside the box that otherwise holds only the quote."""
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Feb 2, 2026 Li &lt;li@hub.example&gt; wrote:</div>'
        '<blockquote class="gmail_quote">First?</blockquote><div>Yes.</div>'
        '<blockquote class="gmail_quote">Second?</blockquote><div>No.</div></div>'
    )
    assert shown(mail(html, "text/html")) == "> First?\n\nYes.\n\n> Second?\n\nNo."


def test_a_reply_below_the_quote_is_kept() -> None:
    """As on mailing lists."""
    assert shown(mail(f"On Mon, Feb 2, 2026 at 10:00 Li <li@hub.example> wrote:\n{GT}\n\nAgreed.\n")).endswith(
        "\n\nAgreed."
    )


def test_the_torn_end_of_a_quoted_line_is_no_answer() -> None:
    """Some server wrapped the lines after they had been quoted."""
    quoted = "> " + "word " * 14
    assert shown(mail(f"Fine.\n\n{quoted}\ntail\n> more\n")) == "Fine."


def test_where_nothing_would_be_left_all_is_kept() -> None:
    """A mail passed on without a word, and one that is all quote."""
    forwarded = (
        f"---------- Forwarded message ---------\nFrom: Li <li@hub.example>\nDate: Monday\nSubject: Date\n\n{OLD}"
    )
    assert "Could we move the date?" in shown(mail(forwarded))
    assert "Could we move the date?" in shown(mail(GT))


@pytest.mark.parametrize(
    "text",
    [
        "On Monday we wrote:\nthe plan is fine",
        "From: Berlin\nTo: Munich\n\nPlease book.",
        "开始日期：周一\n收件人：张三\n请寄出。",
        "We need a field\n----\nand a rule\n----\nand one more word here",
        "Sent from Hamburg",
        "来自客户的需求",
        "-- first point\n-- second point",
    ],
)
def test_ordinary_words_are_not_taken_for_quotes(text: str) -> None:
    """Losing words is worse than showing some twice."""
    assert [line.strip("\\ ") for line in newest(text).split("\n")] == text.split("\n")


# Signatures.


@pytest.mark.parametrize(
    "below",
    [
        "-- \nLi Si\nHub GmbH", "--\nLi Si", "Sent from my iPhone", "Sent from my Huawei phone", "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Get [Outlook for Android](https://aka.ms/x)", "发自我的iPhone", "发自我的 iPhone", "发自我的华为手机", "发自我的小米手机", "發自我的 iPhone",
        "从我的 iPhone 发送", "来自 iPhone 的QQ邮箱手机版", "发自网易邮箱大师", "获取 Outlook for iOS", "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone", "Sent from Mail for Windows 10", "Sent from Yahoo Mail on Android", "—\nLi Si\nCEO",
        "| |\n张三\n|\n|\n邮箱：z@163.example\n|\n签名由 网易邮箱大师 定制", "发自我的iPhone\n\n-- \nLi",
    ],
)  # fmt: skip
def test_what_stands_under_the_words_goes(below: str) -> None:
    """Signatures, and what devices and apps add."""
    assert newest(f"Please go on.\n\n{below}\n") == "Please go on."


def test_html_signatures_of_devices_go_too() -> None:
    """As a phone writes it."""
    assert (
        shown(
            mail(
                "<div>Fine.</div><div><br></div><div>发自我的 <a href='https://x.example'>iPhone</a></div>", "text/html"
            )
        )
        == "Fine."
    )

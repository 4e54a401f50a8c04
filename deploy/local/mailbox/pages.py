"""The pages on which a person reads the mails. Everything that came with a mail is shown as text."""

import re
from html import escape
from typing import Any

from deploy.local.mailbox.mail import Summary

PER_PAGE = 100
LINK = re.compile(r"https?://[^\s<>\"]+")
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: start; padding: .3rem .6rem; vertical-align: top; }
tr { border-bottom: 1px solid #ddd; } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: 1rem; }
iframe { width: 100%; height: 36rem; border: 1px solid #bbb; background: #fff; } .bad { color: #a00; }
bdi, td { unicode-bidi: isolate; }
"""


def list_page(summaries: list[Summary], to: str, page: int) -> str:
    newest = summaries[::-1][(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = "".join(_row(summary) for summary in newest)
    older = f'<a href="/?to={escape(to)}&amp;page={page + 1}">Older</a>' if len(summaries) > page * PER_PAGE else ""
    return _page(
        "Mailbox",
        f"""<h1>Mailbox: {len(summaries)} mails</h1>
<form><label>To <input name="to" type="search" value="{escape(to)}"></label> <button>Show</button></form>
<table><tr><th>#<th>Received<th>To<th>Subject<th>Language</tr>{rows}</table><p>{older}</p>""",
    )


def _row(summary: Summary) -> str:
    bad = ' <b class="bad">(malformed)</b>' if summary.problems else ""
    subject = escape(summary.subject) or "(no subject)"
    return (
        f'<tr><td>{summary.index}<td>{summary.received[11:19]}<td dir="ltr">{escape(summary.to)}'
        f'<td dir="auto"><a href="/mails/{summary.index}">{subject}</a>{bad}<td>{escape(summary.language)}</tr>'
    )


def mail_page(details: dict[str, Any]) -> str:
    headers = "".join(f'<tr><th>{escape(n)}<td dir="auto">{escape(v)}</tr>' for n, v in details["headers"])
    found = "".join(f'<p class="bad">This mail {escape(problem)}.</p>' for problem in details["problems"])
    html = "<p>There is no HTML part.</p>"
    if details["html"] is not None:
        sandbox = "allow-popups allow-popups-to-escape-sandbox"
        html = f'<iframe title="The mail" sandbox="{sandbox}" src="/mails/{details["index"]}/html"></iframe>'
    text = with_links(details["text"]) if details["text"] is not None else "There is no text part."
    return _page(
        details["subject"] or "(no subject)",
        f"""<p><a href="/">All mails</a></p><h1 dir="auto">{escape(details["subject"])}</h1>{found}
<h2>As a mail program shows it</h2>{html}<h2>Plain text</h2><pre dir="auto">{text}</pre>
<h2>Headers</h2><table>{headers}</table>""",
    )


def with_links(text: str) -> str:
    """Escaped, and what looks like a link can be clicked."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        link = escape(match.group())
        parts += [escape(text[end : match.start()]), f'<a href="{link}" target="_blank" rel="noopener">{link}</a>']
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def links_in_new_tabs(html: str) -> str:
    """Else a click would open the page inside the little window."""
    base = '<base target="_blank">'
    head = HEAD.search(html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><body>{content}</body></html>"
    )

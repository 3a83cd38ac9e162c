"""The pages of a SMART launch: the assistant, and one page for everything that went wrong or has ended.

Fixed words in the browser's language, with the site's name and number in them and nothing of the request; numbers for
an emergency on each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from starlette.responses import FileResponse, HTMLResponse, Response

from portico_core.language import Language
from portico_gateway.texts import SiteTexts
from portico_gateway.web.launch_faults import STATUS, LaunchFault
from portico_gateway.web.launch_words import WORDS

FOLDER = Path(__file__).parent / "launch_page"
ASSETS: Mapping[str, str] = {"launch.js": "text/javascript; charset=utf-8", "launch.css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class LaunchPages:
    """The pages of one site."""

    texts: SiteTexts

    def assistant(self, language: Language) -> Response:
        """Return the page with the widget, which takes the page's language; it asks for its tokens itself.

        Under `no-referrer` a browser sends the sign-out form with `Origin: null`, which is foreign.
        """
        words = WORDS[language]
        said = {"title": words.assistant_title, "sign_out": words.sign_out, "ended": words.ended}
        page = self._filled("assistant.html", language, **said)
        return HTMLResponse(page, headers={"Referrer-Policy": "same-origin"})

    def signed_out(self, language: Language) -> Response:
        """Return the page after signing out."""
        words = WORDS[language]
        page = self._filled("notice.html", language, title=words.signed_out_title, words=words.signed_out, code="")
        return HTMLResponse(page)

    def refused(self, fault: LaunchFault, language: Language) -> Response:
        """Return the page of a fault, named by its code."""
        headers = {"Retry-After": "60"} if STATUS[fault] in {429, 503} else {}
        words = WORDS[language]
        said = {"title": words.refused_title, "words": words.faults[fault], "code": f"{words.code}: {fault.value}"}
        return HTMLResponse(self._filled("notice.html", language, **said), STATUS[fault], headers=headers)

    def asset(self, name: str) -> Response:
        """Return a file of the pages."""
        return FileResponse(FOLDER / name, media_type=ASSETS[name])

    def _filled(self, name: str, language: Language, **words: str) -> str:
        contacts = [(escape(contact.uri), escape(contact.label)) for contact in self.texts.contacts(language.value)]
        uri, label = contacts[-1]  # The clinic's own stands last.
        lines = "".join(f'<li><a href="{uri}">{label}</a></li>' for uri, label in contacts)
        said = {key: escape(value) for key, value in {"clinic": self.texts.clinic_name, **words}.items()}
        template = Template((FOLDER / name).read_text(encoding="utf-8"))
        return template.substitute(
            said | {"lang": language.value, "contacts": lines, "clinic_uri": uri, "clinic_label": label}
        )
